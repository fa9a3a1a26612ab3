"""`kill -9` at any moment, under load, and the polite ways to end a server."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.db import Database
from loadtests.respondent import Browser, Form, Respondent
from tests.conftest import ROOT
from tests.integration.faults.conftest import SLUG, Site

BACKGROUND = f"/consultations/{SLUG}/answer/about-you"
# How long the loop kills for each database; `python loadtests/kill_loop.py` does it for longer.
SECONDS = os.environ.get("KILL_SECONDS", "8")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def test_nothing_confirmed_is_lost_when_the_server_is_killed(
    database: str, new_site: Callable[..., Site]
) -> None:
    site = new_site(database, slug="load")
    outcome = subprocess.run(
        [sys.executable, ROOT / "loadtests" / "kill_loop.py", "--seconds", SECONDS, "--seed", "11",
         "--instance", site.instance, "--database", database, "--workers", "1", "--json"],
        capture_output=True, text=True, check=False, timeout=280,
        env=os.environ | {"DATABASE_URL": site.database_url},
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr + outcome.stdout
    report = json.loads(outcome.stdout)
    assert report["faults"] == []
    assert sum(report["kills"].values()) >= 2
    assert report["receipts"] == report["responses"] > 0


@pytest.fixture
def served(new_site: Callable[..., Site]) -> Iterator[Site]:
    site = new_site("sqlite")
    site.start()
    yield site
    site.stop()


def test_a_server_can_be_started_right_after_the_master_was_killed(
    served: Site, person: Callable[..., Respondent]
) -> None:
    """Its workers do not keep the port, even while people go on over kept connections."""
    enough = threading.Event()

    def keep_asking() -> None:
        browser = Browser(served.address)
        while not enough.is_set():
            try:
                browser.ask("/consultations/")
            except Exception:
                time.sleep(0.05)
        browser.close()

    readers = [threading.Thread(target=keep_asking) for _ in range(4)]
    for reader in readers:
        reader.start()
    time.sleep(0.5)
    assert served.process is not None
    served.process.kill()
    served.process.wait()
    try:
        served.start()
        time.sleep(3.5)  # what was left of the killed one has ended meanwhile
        assert served.process.poll() is None, served.log.read_text()[-2000:]
        person(served.address).go()
    finally:
        enough.set()
        for reader in readers:
            reader.join()


def begun_form(site: Site) -> tuple[socket.socket, bytes]:
    """A connection that has sent half of the first form, and the other half."""
    browser = Browser(site.address)
    form = Form(browser.ask(BACKGROUND).text)
    browser.close()
    fields = form.filled_in({"respondent_type": ["eu_citizen"], "country": ["PT"]})
    body = "&".join(f"{name}={value}" for name, value in fields).encode()
    head = (
        f"POST {BACKGROUND} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    connection = socket.create_connection(("127.0.0.1", site.port), timeout=20)
    connection.sendall(head + body[:10])
    return connection, body[10:]


def test_a_polite_end_answers_what_is_under_way(served: Site) -> None:
    """One form is half sent and another waits for the database when the server is told to end."""
    half, rest = begun_form(served)
    waiting, remaining = begun_form(served)
    database = Database(served.database_url)
    assert served.process is not None
    with half, waiting:
        with database.transaction():  # writers wait
            waiting.sendall(remaining)
            time.sleep(0.3)
            served.process.send_signal(signal.SIGTERM)
            time.sleep(1)
            assert served.process.poll() is None
        half.sendall(rest)
        for connection in (half, waiting):
            assert connection.recv(65536).startswith(b"HTTP/1.1 303")
    assert served.process.wait(20) == 0
    database.close()
    assert served.count("drafts") == 2


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """No test here can cut the power; what is needed to survive it is asked of the databases."""
    database = Database(f"sqlite:///{tmp_path / 'durable.sqlite'}")
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    database.close()
