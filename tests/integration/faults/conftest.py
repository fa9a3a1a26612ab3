"""A real server for each kind of database, and people who answer on it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core import schema
from core.db import Database
from core.ids import random_uuid
from loadtests.respondent import Browser, Page, Respondent
from tests.conftest import ROOT
from tests.questionnaire_factory import open_consultation
from tests.services import Postgres, free_port

SLUG = "networks"
QUESTIONNAIRE: dict[str, Any] = json.loads(
    (ROOT / "loadtests" / "questionnaire.json").read_text(encoding="utf-8")
)


class Site:
    """An instance with an open consultation, served by gunicorn with the settings of production.

    ``database_url``: empty for SQLite in the instance's folder. ``slug``: of the consultation.
    """

    def __init__(self, instance: Path, database_url: str = "", slug: str = SLUG) -> None:
        self.instance = instance
        self.database_url = database_url or f"sqlite:///{instance / 'waymark.sqlite'}"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = instance / "web.log"
        database = self.open_database()
        schema.upgrade(database.engine)
        with database.transaction() as session:
            open_consultation(session, datetime.now(UTC), slug=slug, definition=QUESTIONNAIRE)
        database.close()
        self.process: subprocess.Popen[bytes] | None = None

    def open_database(self) -> Database:
        return Database(self.database_url)

    def start(self, *words: str, **variables: str) -> None:
        program = Path(sys.executable).parent / "gunicorn"
        if not program.exists():
            pytest.skip("gunicorn is not beside the interpreter")
        environment = {
            "PATH": os.environ["PATH"], "WAYMARK_INSTANCE": str(self.instance),
            "DATABASE_URL": self.database_url, "WAYMARK_PROOF_BITS": "8",
            "WAYMARK_SUBMISSION_LIMIT": "1000000 per minute",
            "WAYMARK_SAVING_LIMIT": "1000000 per minute",
        } | variables  # fmt: skip
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [program, "-c", "app/gunicorn_conf.py", "--bind", f"127.0.0.1:{self.port}",
                 "--workers", "2", *words, "wsgi:app"],
                cwd=ROOT, env=environment, stdout=output, stderr=output,
            )  # fmt: skip
        self.wait()

    def wait(self, path: str = "/healthz", seconds: float = 60) -> None:
        """Until ``path`` is answered with success."""
        until = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(self.address + path, timeout=10).close()
                return
            except OSError:
                assert self.process is not None
                assert self.process.poll() is None, self.log.read_text()[-3000:]
                assert time.monotonic() < until, self.log.read_text()[-3000:]
                time.sleep(0.05)

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def rows(self, query: str) -> list[Any]:
        """What a query answers, asked past the application."""
        database = self.open_database()
        try:
            with database.reading() as session:
                return list(session.connection().exec_driver_sql(query).all())
        finally:
            database.close()

    def answers(self, reference: str) -> dict[str, Any]:
        """The answers stored with the response of this reference, which must be the only one."""
        [(found,)] = self.rows(f"SELECT answers FROM responses WHERE reference = '{reference}'")
        document: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
        return document

    def count(self, what: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {what}")[0][0])


def ask_once(site: Site, path: str) -> Page:
    """Over a connection of its own, so that any process may answer."""
    browser = Browser(site.address)
    try:
        return browser.ask(path)
    finally:
        browser.close()


@pytest.fixture(scope="module")
def new_site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Site]]:
    """``new_site("sqlite")`` or ``new_site("postgres")``: served when it is started."""
    made: list[Site] = []

    def make(kind: str, folder: Path | None = None, slug: str = SLUG) -> Site:
        url = ""
        if kind == "postgres":
            server: Postgres = request.getfixturevalue("postgres")
            url = server.new_database(f"faults_{random_uuid().hex[:12]}")
        made.append(Site(folder or tmp_path_factory.mktemp("site"), url, slug))
        return made[-1]

    yield make
    for site in made:
        site.stop()


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def site(request: pytest.FixtureRequest, new_site: Callable[..., Site]) -> Site:
    """A served site, shared by the tests of a module."""
    made = new_site(request.param)
    made.start()
    return made


@pytest.fixture
def person() -> Iterator[Callable[..., Respondent]]:
    """``person(address, seed)``: somebody at a browser; options as of ``Respondent``."""
    made: list[Respondent] = []

    def make(address: str, seed: int = 1, **options: Any) -> Respondent:
        made.append(Respondent(
            Browser(address, timeout=30), consultation=SLUG, questionnaire=QUESTIONNAIRE,
            seed=seed, **options,
        ))  # fmt: skip
        return made[-1]

    yield make
    for somebody in made:
        somebody.browser.close()
