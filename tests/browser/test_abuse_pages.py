"""What people see of the measures against abuse: with scripts hardly anything, without a wait."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import insert
from werkzeug.serving import make_server

from app import create_app
from app.config import Settings
from app.marks_report import make_report
from core.audit import OPERATOR
from core.clock import utc_now
from core.db import Base
from core.ids import random_uuid
from stakeholders.accounts import create_account
from stakeholders.permissions import Role
from surveys.counting.projection import rebuild
from surveys.models import Consultation, Response
from tests.conftest import import_all_models
from tests.questionnaire_factory import open_consultation

PHONE = {"width": 375, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
PASSWORD = "correct horse battery"
LETTER = "We ask for rural networks first, because people there have waited for many years."


@dataclass(frozen=True, slots=True)
class Site:
    app: Flask
    address: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An instance that asks for proofs, with an open consultation and a closed one."""
    import_all_models()
    settings = Settings(
        instance=tmp_path_factory.mktemp("abuse"), page_cache_seconds=0, proof_bits=12,
        saving_limit="6 per minute", proof_free_network=0,
    )  # fmt: skip
    app = create_app(settings)
    database = app.extensions["waymark.database"]
    Base.metadata.create_all(database.engine)
    now = utc_now()
    with database.transaction() as session:
        open_consultation(session, now, asks_profile=False)
        closed = open_consultation(session, now, slug="closed")
        answer(session, closed)
        rebuild(session, directory=settings.instance / "projection", consultation=closed,
                actor=OPERATOR, now=now)  # fmt: skip
        closed.closes_at = now - timedelta(hours=1)
        create_account(
            session, email="s@example.org", display_name="Secretary", password=PASSWORD,
            roles=[Role.SECRETARIAT], actor=OPERATOR, now=now,
        )  # fmt: skip
    with app.app_context():
        make_report(slug="closed", now=now)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(app, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()
    database.close()


def answer(session: Any, consultation: Consultation) -> None:
    """Responses with every mark."""
    rows = [({"Q1": "yes", "Q2": LETTER}, 300)] * 24
    rows += [({"Q1": "yes", "Q2": LETTER.replace("many", "ten")}, 240)] * 3
    rows += [({"Q1": "no", "Q3": ["a"]}, 360)] * 30 + [({"Q1": "no"}, 30)] * 4
    session.execute(
        insert(Response),
        [
            {
                "id": random_uuid(), "consultation_id": consultation.id,
                "version_id": consultation.current_version_id,
                "reference": random_uuid().hex[:24], "publication": "anonymous", "consents": {},
                "answers": answers, "seconds": seconds,
            }
            for answers, seconds in rows
        ],
    )  # fmt: skip


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """`visit(viewport=PHONE)`: a page of somebody new, not slowed by who was here before."""
    contexts: list[BrowserContext] = []

    def visit(**options: Any) -> Page:
        from app.limits import limiter

        limiter.storage.reset()
        context = browser.new_context(
            base_url=site.address,
            **{"viewport": DESKTOP, "locale": "en-GB", "reduced_motion": "reduce"} | options,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield visit
    for context in contexts:
        context.close()


def go_to_review(page: Page) -> None:
    """Answer what is required, up to the last page."""
    page.goto("/consultations/networks/answer/section/views")
    page.locator("[name=Q1][value=no]").check(force=True)
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/section/detail")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/review")


def fill_in(page: Page) -> None:
    page.locator("[name=publication][value=anonymous]").check(force=True)
    page.locator("[name=consent]").check(force=True)


def photograph(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"{name}.png", full_page=True)


@pytest.mark.browser
def test_with_a_script_nobody_notices(
    visit: Callable[..., Page], check_accessible: Callable[[Page], None], picture_folder: Path
) -> None:
    page = visit()
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if m.type == "error" else None)
    go_to_review(page)
    fill_in(page)
    expect(page.locator("[name=proof_solution]")).to_have_value(re.compile(r"^\d+(\.\d+){7}$"))
    expect(page.locator("[data-proof-status]")).to_have_text("")
    check_accessible(page)
    photograph(page, picture_folder, "review")
    page.get_by_role("button", name="Send my response").click()
    page.wait_for_url("**/receipts/**")
    assert [text for text in refused if "proof" in text or "orker" in text] == [], refused


@pytest.mark.browser
def test_who_sends_before_it_is_solved_waits_and_it_is_sent(
    visit: Callable[..., Page], site: Site, picture_folder: Path
) -> None:
    page = visit(viewport=PHONE)
    # The worker's file comes late, as over a slow line; the button is pressed before.
    page.route("**/proof.js", lambda route: (threading.Event().wait(0.2), route.continue_()))
    go_to_review(page)
    page.evaluate("document.querySelector('[data-proof]').value = ''")
    fill_in(page)
    page.get_by_role("button", name="Send my response").click()
    page.wait_for_url("**/receipts/**")


@pytest.mark.browser
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_without_a_script_the_page_says_how_long_to_wait(
    visit: Callable[..., Page], viewport: dict[str, int], picture_folder: Path
) -> None:
    page = visit(java_script_enabled=False, viewport=viewport)
    go_to_review(page)
    expect(page.get_by_text("a waiting time of 20 seconds")).to_be_visible()
    photograph(page, picture_folder, "review-without-script")
    fill_in(page)
    page.get_by_role("button", name="Send my response").click()
    expect(page.get_by_text("Not sent yet")).to_be_visible()
    expect(page.locator("[name=consent]")).to_be_checked()
    photograph(page, picture_folder, "too-early")


@pytest.mark.browser
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_who_is_over_the_limit_can_try_again_with_what_was_typed(
    visit: Callable[..., Page], check_accessible: Callable[[Page], None],
    viewport: dict[str, int], picture_folder: Path,
) -> None:  # fmt: skip
    page = visit(viewport=viewport)
    go_to_review(page)
    for _ in range(5):
        page.goto("/consultations/networks/answer/section/views")
        page.locator("[name=Q1][value=yes]").check(force=True)
        page.get_by_role("button", name="Next").click()
        page.wait_for_load_state()
        if page.get_by_role("heading", name="Please wait a moment").count():
            break
    expect(page.get_by_role("heading", name="Please wait a moment")).to_be_visible()
    check_accessible(page)
    photograph(page, picture_folder, "too-many")
    from app.limits import limiter

    limiter.storage.reset()
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url("**/consultations/networks/answer/**")
    expect(page.locator("[name=Q1][value=yes]")).to_be_checked()


@pytest.mark.browser
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_desk_shows_marks_and_everyone_reads_of_campaigns(
    visit: Callable[..., Page], check_accessible: Callable[[Page], None],
    viewport: dict[str, int], picture_folder: Path,
) -> None:  # fmt: skip
    page = visit(viewport=viewport)
    page.goto("/consultations/closed/results")
    expect(page.get_by_text("from at least 20 responses")).to_be_visible()
    expect(page.get_by_text(LETTER)).to_have_count(0)
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("s@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk")
    page.goto("/desk/consultations/networks/marks/")
    expect(page.get_by_role("button", name="Make the report")).to_be_visible()
    check_accessible(page)
    page.goto("/desk/consultations/closed/marks/")
    expect(page.get_by_text("27 responses", exact=True)).to_be_visible()
    page.locator("details.wm-details summary").first.click()
    check_accessible(page)
    photograph(page, picture_folder, "marks")
    page.get_by_role("button", name="Bring the report up to date").click()
    expect(page.get_by_text("The report is up to date.")).to_be_visible()
