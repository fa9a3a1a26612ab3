"""`flask accounts`: create accounts, the first administrator included."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from app.bearer import token_key
from app.cli.output import CommandGroup, emit, json_option
from app.database import operator_session
from core.audit import OPERATOR
from core.clock import utc_now
from stakeholders.accounts import create_account, deactivate_account, find_account_by_email
from stakeholders.api_tokens import create_token, is_alive, list_tokens, revoke_token
from stakeholders.errors import AccountNotFound
from stakeholders.models import Account, ApiToken
from stakeholders.permissions import SCOPES, Role

accounts_group = CommandGroup("accounts", help="People who sign in.")


@accounts_group.command("create")
@click.option("--email", required=True)
@click.option("--name", "display_name", required=True)
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="May be given several times.",
)
@click.option("--delegation", help="The member state a delegate sits for (EU code).")
@click.option(
    "--password",
    envvar="WAYMARK_NEW_PASSWORD",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="Asked for when not given; or set WAYMARK_NEW_PASSWORD.",
)
@json_option
def create(
    email: str,
    display_name: str,
    roles: tuple[str, ...],
    delegation: str | None,
    password: str,
    as_json: bool,
) -> None:
    """Create an account. The first administrator is made here too."""
    with operator_session() as session:
        account = create_account(
            session,
            email=email,
            display_name=display_name,
            password=password,
            roles=[Role(role) for role in roles],
            delegation=delegation,
            actor=OPERATOR,
            now=utc_now(),
        )
        document = {"id": str(account.id), "email": account.email, "roles": sorted(roles)}
    emit(document, as_json=as_json, text=f"Created {document['email']} ({', '.join(roles)}).")


@accounts_group.command("deactivate")
@click.argument("email")
@json_option
def deactivate(email: str, as_json: bool) -> None:
    """Close an account: it can no longer sign in, and its sessions end at once."""
    with operator_session() as session:
        account = _get_account(session, email)
        deactivate_account(session, account=account, actor=OPERATOR, now=utc_now())
        document = {"id": str(account.id), "active": False}
    emit(document, as_json=as_json, text=f"{email} can no longer sign in.")


@accounts_group.group("token", cls=CommandGroup)
def token_group() -> None:
    """Tokens with which programs act for an account."""


@token_group.command("create")
@click.argument("email")
@click.option("--name", required=True, help="What it is for.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(list(SCOPES)),
    help="May be given several times; never more than the account may itself.",
)  # fmt: skip
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True)
@json_option
def create_account_token(
    email: str, name: str, scopes: tuple[str, ...], days: int, as_json: bool
) -> None:
    """Make a token for the account EMAIL and print it, once."""
    now = utc_now()
    with operator_session() as session:
        made = create_token(
            session, account=_get_account(session, email), name=name, scopes=scopes,
            expires_at=now + timedelta(days=days), key=token_key(), actor=OPERATOR, now=now,
        )  # fmt: skip
        document = _describe(made.token) | {"token": made.secret}
    emit(document, as_json=as_json, text=made.secret)


@token_group.command("list")
@click.argument("email")
@json_option
def list_account_tokens(email: str, as_json: bool) -> None:
    """List the tokens of the account EMAIL, the ended ones included."""
    with operator_session() as session:
        tokens = list_tokens(session, account=_get_account(session, email))
        entries = [_describe(token) for token in tokens]
    lines = [
        f"{entry['id']}  {'in use' if entry['in_use'] else 'ended '}  until "
        f"{entry['expires_at'][:10]}  {entry['name']}  ({', '.join(entry['scopes'])})"
        for entry in entries
    ]
    emit({"tokens": entries}, as_json=as_json, text="\n".join(lines) or "There is no token.")


@token_group.command("revoke")
@click.argument("email")
@click.argument("token_id", type=click.UUID)
@json_option
def revoke_account_token(email: str, token_id: UUID, as_json: bool) -> None:
    """End a token of the account EMAIL at once; TOKEN_ID is as listed."""
    with operator_session() as session:
        token = revoke_token(
            session, account_id=_get_account(session, email).id, token_id=token_id,
            actor=OPERATOR, now=utc_now(),
        )  # fmt: skip
        document = _describe(token)
    emit(document, as_json=as_json, text=f"“{document['name']}” is revoked.")


def _get_account(session: Session, email: str) -> Account:
    account = find_account_by_email(session, email=email)
    if account is None:
        raise AccountNotFound
    return account


def _describe(token: ApiToken) -> dict[str, Any]:
    """A token without its secret, JSON values."""
    return {
        "id": str(token.id),
        "name": token.name,
        "scopes": token.scopes,
        "expires_at": token.expires_at.isoformat(),
        "last_used_on": token.last_used_on.isoformat() if token.last_used_on else None,
        "in_use": is_alive(token, now=utc_now()),
    }
