"""The two applications under load, each behind gunicorn with the same settings."""

import contextlib
import http.cookiejar
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import psutil
import psycopg
from database import free_port
from respondent import Form

HERE = Path(__file__).resolve().parent
PROGRAMS = Path(sys.executable).parent
PASSWORD = "a long password for load tests"
# Raised so that one address may do what many people would: everything comes from this machine.
RAISED_LIMITS = {
    "WAYMARK_SAVING_LIMIT": "1000000 per minute",
    "WAYMARK_SUBMISSION_LIMIT": "1000000 per minute",
    "WAYMARK_SIGN_IN_LIMIT": "1000000 per minute",
    # The proof of work is asked for and checked, but short: people's browsers would each compute
    # their own, here one generator would for all.
    "WAYMARK_PROOF_BITS": "8",
    "WAYMARK_PROOF_BITS_MOST": "8",
}
OPENS, CLOSED = "2026-01-01", "2026-02-01"


class Served(NamedTuple):
    """A server that runs: where it answers, and its process."""

    address: str
    pid: int


def processor_seconds(pid: int) -> float:
    """What a process and its children, ended ones too, have used of the processors so far."""
    used = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                used += times.user + times.system
                # Of those that ended: gunicorn replaces its workers now and then.
                used += times.children_user + times.children_system
    return used


class Refused(RuntimeError):
    """A command or a page of the site did not do what was asked."""


@contextlib.contextmanager
def serving(
    application: str, *, folder: Path, environment: dict[str, str], workers: int, log: Path
) -> Iterator[Served]:
    """Serve ``application`` with our production settings, then stop it."""
    port = free_port()
    command = [
        PROGRAMS / "gunicorn", "-c", HERE.parent / "app" / "gunicorn_conf.py",
        "--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--chdir", folder, application,
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=HERE.parent, env=environment, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_answered(address, process, log)
        yield Served(address, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the group that was begun for it above
            process.wait()


def wait_until_answered(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when somebody answers there. Raises ``Refused``."""
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(address + "/healthz", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return  # it answers: the bare application has no such page
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise Refused(f"the server did not start: {log.read_text()[-2000:]}") from None
            time.sleep(0.1)


class Bare:
    """The bare application: its table, and how it is served."""

    def __init__(self, database: str, sizes: dict[str, int]) -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE response (id bigserial PRIMARY KEY, reference text NOT NULL,"
                " answers jsonb NOT NULL)"
            )
        self._environment = os.environ | {
            "BARE_DATABASE_URL": database,
            "BARE_SIZES": json.dumps(sizes),
        }

    def serve(self, scratch: Path, workers: int) -> contextlib.AbstractContextManager[Served]:
        instance = scratch / "bare"
        instance.mkdir()
        return serving(
            "bare:app", folder=HERE, workers=workers, log=scratch / "bare.log",
            environment=self._environment | {"WAYMARK_INSTANCE": str(instance)},
        )  # fmt: skip


class Site:
    """A temporary instance of ours: its commands, and how it is served.

    ``database``: an address of PostgreSQL; empty for SQLite in the instance's folder. ``instance``:
    the folder of one whose database is there already.
    """

    def __init__(self, database: str, scratch: Path, instance: Path | None = None) -> None:
        self._scratch = scratch
        self.instance = instance or scratch / "instance"
        self.instance.mkdir(exist_ok=True)
        self.database = database or f"sqlite:///{self.instance / 'waymark.sqlite'}"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")}
        self.environment = inherited | RAISED_LIMITS | {
            "WAYMARK_INSTANCE": str(self.instance), "DATABASE_URL": self.database,
            "FLASK_APP": "wsgi",
        }  # fmt: skip
        if instance is None:
            self.command("db", "upgrade")

    def serve(self, workers: int) -> contextlib.AbstractContextManager[Served]:
        return serving(
            "wsgi:app", folder=HERE.parent, workers=workers, log=self._scratch / "waymark.log",
            environment=self.environment,
        )  # fmt: skip

    def command(self, *words: str, **variables: str) -> str:
        """Run ``flask …``; returns what it printed. Raises ``Refused``."""
        outcome = subprocess.run(
            [PROGRAMS / "flask", *words], cwd=HERE.parent, env=self.environment | variables,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        if outcome.returncode:
            raise Refused(f"flask {' '.join(words)}: {outcome.stderr.strip()[-2000:]}")
        return outcome.stdout

    def open_consultation(self, slug: str, questionnaire: Path) -> None:
        self.command("surveys", "import", str(questionnaire), "--slug", slug)
        self.command("surveys", "publish", slug)
        self.command("surveys", "schedule", slug, "--opens", OPENS)

    def close_consultation(self, slug: str) -> None:
        self.command("surveys", "schedule", slug, "--opens", OPENS, "--closes", CLOSED)

    def count_responses(self, slug: str) -> int:
        return int(json.loads(self.command("surveys", "results", slug, "--json"))["responses"])

    def create_account(self, role: str, *, delegation: str = "") -> dict[str, str]:
        email = f"{role}{delegation.lower()}@example.org"
        words = ["accounts", "create", "--email", email, "--name", email, "--role", role]
        words += ["--delegation", delegation] if delegation else []
        self.command(*words, WAYMARK_NEW_PASSWORD=PASSWORD)
        return {"email": email, "password": PASSWORD, "delegation": delegation}


class Secretariat:
    """Somebody of the secretariat at their browser: motions are written on pages only."""

    def __init__(self, address: str, account: dict[str, str]) -> None:
        self._address = address
        cookies = http.cookiejar.CookieJar()
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        self._send("/sign-in", "/sign-in", email=account["email"], password=account["password"])

    def open_motion(self, slug: str) -> None:
        """Write a motion and open the vote on it."""
        self._send(
            "/desk/motions/new", "/desk/motions/new", slug=slug, title_en=f"Motion {slug}",
            text_en="The priorities of the roadmap are adopted.", rule="qualified",
            population_year="2025",
        )  # fmt: skip
        self._send(f"/desk/motions/{slug}/open", f"/desk/motions/{slug}/open")

    def _send(self, form_page: str, action: str, **fields: Any) -> None:
        try:
            with self._browser.open(self._address + form_page, timeout=30) as page:
                fields = dict(Form(page.read().decode()).fields) | fields
            request = urllib.request.Request(
                self._address + action, data=urlencode(fields).encode(),
                headers={"Sec-Fetch-Site": "same-origin"},
            )  # fmt: skip
            self._browser.open(request, timeout=30).close()
        except urllib.error.HTTPError as error:
            raise Refused(f"POST {action}: {error.code}") from error
