"""The disk is full: what cannot be kept is refused whole, plainly, and goes on later."""

import contextlib
import errno
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app import create_app
from app.config import Settings
from app.documents import _store
from core import schema
from core.db import Database, is_out_of_space
from loadtests.ledger import Store, compare
from loadtests.respondent import Form, Page, Respondent
from tests.integration.faults.conftest import QUESTIONNAIRE, SLUG, Site, ask_once
from tests.questionnaire_factory import open_consultation
from tests.services import Postgres

BASE = f"/consultations/{SLUG}"
MEGABYTE = 1 << 20


class SmallDisk:
    """A file system of its own in memory, filled to the last byte and emptied again."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        folder.chmod(0o711)  # PostgreSQL may be somebody else
        self._ballast = folder / "ballast"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
            capture_output=True, check=False,
        )  # fmt: skip
        if mounted.returncode:
            pytest.skip("this account may not mount a small disk")

    def fill(self) -> None:
        with self._ballast.open("ab", buffering=0) as file:
            for size in (MEGABYTE, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)

    def free(self) -> None:
        self._ballast.unlink()

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False)


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], SmallDisk]]:
    # Not among the folders of the test runner, which keeps them to one account.
    with contextlib.ExitStack() as stack:

        def make(megabytes: int) -> SmallDisk:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="waymark-disk-"))
            disk = SmallDisk(Path(folder), megabytes)
            stack.callback(disk.unmount)
            return disk

        yield make


def assert_says_no_room(page: Page) -> None:
    assert page.status == 507, page.text[:800]
    assert int(page.retry_after) > 0
    assert "no room left" in page.text
    for word in ("Traceback", "sqlite", "psycopg", "Errno", "OSError"):
        assert word not in page.text


def workers_of(site: Site) -> list[int]:
    assert site.process is not None
    return sorted(child.pid for child in psutil.Process(site.process.pid).children())


def draft_pages(person: Respondent) -> list[str]:
    return [*person.pages, f"{BASE}/answer/review"]


def test_everything_of_an_instance_is_on_a_full_disk(
    small_disk: Callable[[int], SmallDisk],
    new_site: Callable[..., Site],
    person: Callable[..., Respondent],
) -> None:
    disk = small_disk(16)
    site = new_site("sqlite", disk.folder)
    site.start(WAYMARK_PAGE_CACHE_SECONDS="0")
    people = [person(site.address, seed, submits=False) for seed in range(3)]
    for somebody in people:
        somebody.go()
    before = workers_of(site)
    disk.fill()
    told = 0
    for somebody in people:
        for path in somebody.pages:
            for _ in range(40):  # the database has some room inside
                form = Form(somebody.browser.ask(path).text)  # reading needs none
                page = somebody.browser.ask(path, form.filled_in({"Q30": ["long " * 799]}))
                if page.status != 303:
                    assert_says_no_room(page)
                    told += 1
                    break
    assert told > 0
    # Pages that were not shown before need no room either, and no process dies of it.
    for path in (
        "/",
        "/roadmaps/",
        "/votes/",
        "/sign-in",
        "/privacy",
        f"{BASE}/resume",
        "/nowhere",
    ):
        assert ask_once(site, path).status in (200, 404), path
    assert ask_once(site, "/readyz").status == 503
    assert ask_once(site, "/healthz").status == 200
    submitting = people[0]
    review = submitting.browser.ask(f"{BASE}/answer/review")
    held = submitting.stored()
    submitting.patience = lambda: False
    with pytest.raises(Exception, match="507"):
        submitting.submit(review, Form(review.text))
    assert submitting.stored() == held
    assert site.count("responses") == site.count("audit_entries WHERE event IS NULL") == 0
    assert site.process is not None
    assert site.process.poll() is None
    assert workers_of(site) == before
    disk.free()
    assert ask_once(site, "/readyz").status == 200
    submitting.submit(review, Form(review.text))
    assert submitting.reference
    person(site.address, 9).go()
    assert site.count("responses") == site.count("audit_entries WHERE event IS NULL") == 2
    assert Store(site.database_url, site.instance).damage() == []


@pytest.mark.postgres
def test_the_database_has_no_room(
    small_disk: Callable[[int], SmallDisk],
    postgres: Postgres,
    tmp_path: Path,
    person: Callable[..., Respondent],
) -> None:
    disk = small_disk(32)
    disk.folder.chmod(0o711)
    place = disk.folder / "tables"
    place.mkdir()
    identity = postgres.identity or {"user": os.geteuid(), "group": os.getegid()}
    os.chown(place, identity["user"], identity["group"])
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
        connection.execute("CREATE DATABASE brimful TABLESPACE small")
    instance = tmp_path / "instance"
    instance.mkdir()
    site = Site(instance, postgres.dsn("brimful"))
    try:
        site.start()
        somebody = person(site.address, 1, submits=False)
        somebody.go()
        path = list(somebody.pages)[-1]

        def save() -> tuple[str, Page]:
            form = Form(somebody.browser.ask(path).text)
            words = os.urandom(1900).hex()  # does not compress to nothing
            return words, somebody.browser.ask(path, form.filled_in({"Q30": [words]}))

        words, page = save()
        assert page.status == 303
        disk.fill()
        while page.status == 303:  # the tables have some room inside
            saved = words
            words, page = save()
        assert_says_no_room(page)
        # What was confirmed last is still there, and what was refused can be sent again.
        assert Form(somebody.browser.ask(path).text).answers({"Q30"}) == {"Q30": [saved]}
        disk.free()
        again = Form(page.text)
        assert somebody.browser.ask(again.action, again.fields).status == 303
        assert Form(somebody.browser.ask(path).text).answers({"Q30"}) == {"Q30": [words]}
        other = person(site.address, 2)
        other.go()
        somebody.acknowledged["Q30"] = words
        assert compare([somebody, other], Store(postgres.dsn("brimful"), instance)) == []
    finally:
        site.stop()
        with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS brimful WITH (FORCE)")
            connection.execute("DROP TABLESPACE small")


@pytest.fixture
def full_database(tmp_path: Path) -> Iterator[tuple[Flask, Callable[[bool], None]]]:
    """The application in this process, and a switch that lets its SQLite file grow no more."""
    app = create_app(Settings(instance=tmp_path, proof_bits=8))
    database: Database = app.extensions["waymark.database"]
    schema.upgrade(database.engine)
    with database.transaction() as session:
        open_consultation(session, datetime.now(UTC), slug=SLUG, definition=QUESTIONNAIRE)

    most = 1 << 30

    @event.listens_for(database.engine, "checkout")
    def on_checkout(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {most}")

    def limit(is_full: bool) -> None:
        nonlocal most
        most = 1  # SQLite makes it as many as there are
        if not is_full:
            most = 1 << 30

    yield app, limit
    database.close()


def test_a_database_that_may_grow_no_more(
    full_database: tuple[Flask, Callable[[bool], None]],
) -> None:
    """The same without a disk of its own, which only root may mount."""
    app, is_full = full_database

    def save(client: FlaskClient, words: str) -> TestResponse:
        form = Form(client.get(f"{BASE}/answer/section/way").text)
        return client.post(
            f"{BASE}/answer/section/way",
            data=MultiDict(form.filled_in({"Q30": [words], "action": ["later"]})),
        )

    client = app.test_client()
    assert save(client, "The first words").status_code == 303
    is_full(True)
    for _ in range(40):
        client = app.test_client()
        answer = save(client, "more words " * 360)
        if answer.status_code != 303:
            break
    assert answer.status_code == 507
    assert int(answer.headers["Retry-After"]) > 0
    again = Form(answer.text)
    assert ("Q30", "more words " * 360) in [(name, value) for name, value in again.fields]
    is_full(False)
    assert client.post(again.action, data=MultiDict(again.fields)).status_code == 303


def test_a_document_that_finds_no_room_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space") as refused:
        _store(Settings(instance=tmp_path), b"%PDF-1.7")
    assert is_out_of_space(refused.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
