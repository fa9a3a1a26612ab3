"""`flask demo`: build the demonstration, and say who can sign in to it."""

import sys
from collections.abc import Callable
from typing import Any

import click
from flask import current_app
from tqdm import tqdm

from app import jobs
from app.cli.output import CommandGroup, emit, json_option, note
from app.config import Settings
from app.database import get_database, operator_session
from app.demo import accounts
from app.demo.build import build_demonstration
from app.demo.errors import NotADemonstration
from app.demo.serving import serve_until_stopped
from app.journey import credential_key
from core.clock import utc_now
from core.instance import is_demonstration

demo_group = CommandGroup("demo", help="The demonstration.")


@demo_group.command("build")
@json_option
def build(as_json: bool) -> None:
    """Build the demonstration in an empty database. Safe to run again."""
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    with _Progress() as progress:
        done = build_demonstration(
            get_database(),
            instance_folder=settings.instance,
            credential_key=credential_key(),
            now=utc_now(),
            announce=progress.announce,
        )
        # What the worker would do: render the editions' documents, seal the audit log.
        finished = progress.announce("documents, audit log", 1)
        jobs.run_round()
        finished(1)
    note("The demonstration is ready." if done else "The demonstration was there already.")
    document = {"built": done} | _sign_in_document(settings)
    emit(document, as_json=as_json, text=_as_text(document))


@demo_group.command("accounts")
@json_option
def show_accounts(as_json: bool) -> None:
    """Say who can sign in, and with which password."""
    document = _sign_in_document(current_app.config["WAYMARK_SETTINGS"])
    emit(document, as_json=as_json, text=_as_text(document))


@demo_group.command("serve")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def serve(port: int) -> None:
    """Serve the demonstration on this machine, with a worker beside it, until Ctrl-C."""
    document = _sign_in_document(current_app.config["WAYMARK_SETTINGS"])
    address = f"http://127.0.0.1:{port}"

    def say() -> None:
        click.echo(_as_text(document))
        click.echo(f"\n  {address}\n\nStop it with Ctrl-C.")

    serve_until_stopped(port, when_ready=say)


def _sign_in_document(settings: Settings) -> dict[str, Any]:
    """``{"password", "accounts": [{"role", "email", "name", "delegation"}]}``."""
    with operator_session() as session:
        if not is_demonstration(session):
            raise NotADemonstration
        password = accounts.password_of(settings.instance)
        if password is None:
            note("The password of these accounts is not known here; they get a new one.")
            password = accounts.new_password(settings.instance)
            accounts.change_passwords(session, password=password, now=utc_now())
    return {
        "password": password,
        "accounts": [
            {
                "role": account.role.value,
                "email": account.email,
                "name": account.name,
                "delegation": account.delegation,
            }
            for account in accounts.all_accounts()
        ],
    }


def _as_text(document: dict[str, Any]) -> str:
    """A person per role; the 27 delegates in one line."""
    people = [entry for entry in document["accounts"] if entry["delegation"] is None]
    delegates = [entry for entry in document["accounts"] if entry["delegation"] is not None]
    lines = ["Who can sign in (all accounts and responses are simulated):", ""]
    lines += [f"  {entry['role']:<14} {entry['email']}" for entry in people]
    lines += [f"  {'delegate':<14} {delegates[0]['email']} … {delegates[-1]['email']}"]
    lines += ["", f"  password       {document['password']}   (the same for all of them)"]
    return "\n".join(lines)


class _Progress:
    """A bar per stage on a terminal; elsewhere a line per stage would only be noise."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_details: object) -> None:
        self._close()

    def announce(self, name: str, size: int) -> Callable[[int], None]:
        self._close()
        self._bar = tqdm(
            total=size, desc=f"{name:<36}", file=sys.stderr, disable=not sys.stderr.isatty(),
            bar_format="{desc} {bar:30} {n_fmt}/{total_fmt}",
        )  # fmt: skip
        return self._advance

    def _advance(self, steps: int) -> None:
        if self._bar is not None:
            self._bar.update(steps)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
