"""What a script adds to answering: saving on the way, questions that open, an order, no network."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import select

from surveys.models import Consultation, Draft
from tests.browser.conftest import PHONE, Demonstration
from tests.every_question import definition
from tests.questionnaire_factory import open_consultation

pytestmark = pytest.mark.browser

SLUG = "every-question"
PAGE = f"/consultations/{SLUG}/answer/section/all"
OpenContext = Callable[..., BrowserContext]


@pytest.fixture(scope="module", autouse=True)
def consultation(demonstration: Demonstration) -> Iterator[None]:
    database = demonstration.app.extensions["waymark.database"]
    with database.transaction() as session:
        known = session.scalar(select(Consultation.id).where(Consultation.slug == SLUG))
        if known is None:
            open_consultation(
                session, datetime.now(UTC), slug=SLUG, definition=definition(),
                asks_profile=False,
            )  # fmt: skip
    yield
    with database.transaction() as session:
        for draft in session.scalars(select(Draft)):
            session.delete(draft)


def answers(demonstration: Demonstration) -> list[dict[str, object]]:
    database = demonstration.app.extensions["waymark.database"]
    with database.reading() as session:
        slug = select(Consultation.id).where(Consultation.slug == SLUG).scalar_subquery()
        return list(session.scalars(select(Draft.answers).where(Draft.consultation_id == slug)))


def test_every_type_is_accessible_and_fits(
    open_context: OpenContext, check_accessible: Callable[[Page], None]
) -> None:
    for viewport in (None, PHONE, {"width": 320, "height": 640}):
        page = open_context(**({"viewport": viewport} if viewport else {})).new_page()
        page.goto(PAGE)
        page.evaluate(
            "document.querySelectorAll('main details').forEach((part) => { part.open = true; })"
        )
        check_accessible(page)


def test_what_is_typed_is_saved_and_questions_open_without_losing_the_focus(
    page: Page, demonstration: Demonstration
) -> None:
    page.goto(PAGE)
    page.get_by_label("In a word").fill("kept")
    number = page.get_by_label("How many?")
    number.fill("60")
    detail = page.get_by_label("In detail")
    detail.focus()
    detail.press_sequentially("I am still ty")
    expect(page.get_by_label("Why 60?")).to_be_visible()
    detail.press_sequentially("ping")
    expect(detail).to_be_focused()
    expect(detail).to_have_value("I am still typing")
    expect(page.locator("#further")).to_contain_text("1 further question")
    expect(page.locator("#q-CALC")).to_contain_text("You counted 60 sites.")
    expect(page.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)
    assert {"SHORT": "kept", "NUM": 60, "LONG": "I am still typing"} in answers(demonstration)
    number.fill("1")
    expect(page.get_by_label("Why 60?")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("In detail")).to_have_value("I am still typing")


def test_an_order_by_buttons_is_announced(page: Page) -> None:
    page.goto(PAGE)
    ranking = page.locator("[data-ranking]").first
    page.get_by_role("button", name="Move up: Cloud").click()
    page.get_by_role("button", name="Move up: Radio").click()
    page.get_by_role("button", name="Move up: Radio").click()
    status = page.locator("[data-ranking-status]").first
    expect(status).to_have_text("Radio: place 1 of 3.")
    names = [item.inner_text() for item in ranking.locator("label").all()]
    assert names == ["Radio", "Cloud", "Security"]
    expect(page.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)
    # The save changed nothing of what was made meanwhile: the focus, the buttons, what was said.
    expect(page.get_by_role("button", name="Move down: Radio")).to_be_focused()
    expect(status).to_have_text("Radio: place 1 of 3.")
    page.reload()
    expect(page.locator('[name="RANK.cloud"]')).to_have_value("2")


def test_sums_are_shown_at_once(page: Page) -> None:
    page.goto(PAGE)
    page.locator('[name="POINTS.radio"]').fill("7")
    expect(page.locator("#q-POINTS-sum")).to_have_text("Given: 7 of 10. Left: 3.")
    page.locator('[name="POINTS.cloud"]').fill("4")
    expect(page.locator("#q-POINTS-sum")).to_have_text("Given: 11 of 10. That is 1 too much.")
    page.get_by_label("A laboratory").check(force=True)
    expect(page.locator("#q-BUDGET-sum")).to_contain_text("Spent: 60 of 100 million euro")
    page.get_by_label("Radio", exact=True).first.check(force=True)
    page.get_by_label("None of these").check(force=True)
    expect(page.locator('[name="MANY"][value="radio"]')).not_to_be_checked()


def test_without_a_connection_words_stay_on_the_device_and_are_sent_after(
    open_context: OpenContext, demonstration: Demonstration
) -> None:
    context = open_context()
    page = context.new_page()
    page.goto(PAGE)
    page.get_by_label("In a word").fill("first")
    expect(page.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)
    context.set_offline(True)
    page.get_by_label("In a word").fill("second")
    expect(page.locator("[data-save-text]")).to_contain_text("kept on this device", timeout=8000)
    page.wait_for_timeout(2000)  # beyond the pause after which a save is tried
    expect(page.locator("[data-save-text]")).to_contain_text("kept on this device")
    assert any("second" in str(value) for value in page.evaluate("Object.values(localStorage)"))
    assert {"SHORT": "second"} not in answers(demonstration)
    context.set_offline(False)
    expect(page.locator("[data-save-text]")).to_contain_text("Saved", timeout=15000)
    assert {"SHORT": "second"} in answers(demonstration)
    assert page.evaluate("localStorage.length") == 0


def stop_saving(route: Route) -> None:
    if route.request.method == "POST":
        route.abort()
    else:
        route.continue_()


def test_words_kept_on_the_device_come_back_after_a_reload(open_context: OpenContext) -> None:
    context = open_context()
    page = context.new_page()
    page.goto(PAGE)
    page.get_by_label("In a word").fill("first")
    expect(page.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)
    page.route(
        "**/section/all",
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    page.get_by_label("In a word").fill("unsent")
    expect(page.locator("[data-save-text]")).to_contain_text("kept on this device", timeout=8000)
    page.unroute_all()
    page.reload()
    expect(page.get_by_label("In a word")).to_have_value("unsent")
    expect(page.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)
    assert page.evaluate("localStorage.length") == 0


def test_forgetting_on_this_device(open_context: OpenContext) -> None:
    context = open_context()
    page = context.new_page()
    page.goto(PAGE)
    page.get_by_label("In a word").fill("first")
    expect(page.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)
    context.set_offline(True)
    page.get_by_label("In a word").fill("secret")
    forget = page.get_by_role("button", name="Forget what is kept on this device")
    expect(forget).to_be_visible(timeout=8000)
    forget.click()
    assert page.evaluate("localStorage.length") == 0


def test_two_people_at_one_draft_see_both_answers(open_context: OpenContext) -> None:
    first = open_context().new_page()
    first.goto(PAGE)
    first.get_by_label("In a word").fill("ours")
    first.get_by_role("button", name="Save and continue later").click()
    code = first.locator(".wm-code").inner_text()
    second = open_context().new_page()
    second.goto(f"/consultations/{SLUG}/resume")
    second.get_by_label("Your code").fill(code)
    second.get_by_role("button", name="Continue").click()
    second.wait_for_url("**/section/all")
    first.goto(PAGE)
    first.get_by_label("In a word").fill("hers")
    expect(first.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)
    second.get_by_label("In a word").fill("his")
    conflict = second.locator("#q-SHORT-conflict")
    expect(conflict).to_contain_text("hers", timeout=8000)
    expect(second.get_by_label("In a word")).to_have_value("his")
    second.get_by_label("Keep mine").check(force=True)
    expect(conflict).to_have_count(0, timeout=8000)
    first.reload()
    expect(first.get_by_label("In a word")).to_have_value("his")


def test_what_is_typed_while_a_save_is_under_way_stays(page: Page) -> None:
    page.goto(PAGE)
    page.get_by_label("In a word").fill("begun")
    expect(page.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)

    def slowly(route: Route) -> None:
        answer = route.fetch()
        page.get_by_label("In a word").fill("first and second")
        page.get_by_label("In detail").fill("long and longer")
        page.get_by_label("How many?").focus()
        route.fulfill(response=answer)

    page.route("**/section/all", slowly, times=1)
    page.get_by_label("In a word").fill("first")
    page.get_by_label("In detail").fill("long")
    expect(page.get_by_label("In detail")).to_have_value("long and longer", timeout=8000)
    page.wait_for_timeout(3000)
    expect(page.get_by_label("In a word")).to_have_value("first and second")
    expect(page.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)
    page.reload()
    expect(page.get_by_label("In a word")).to_have_value("first and second")
    expect(page.get_by_label("In detail")).to_have_value("long and longer")


def test_words_are_saved_on_the_way_out_by_a_link(page: Page) -> None:
    page.goto(PAGE)
    page.get_by_label("In a word").fill("begun")
    expect(page.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)
    page.get_by_label("In a word").fill("left at once")
    page.get_by_role("link", name="Home").first.click()
    page.wait_for_timeout(500)
    page.goto(PAGE)
    expect(page.get_by_label("In a word")).to_have_value("left at once")


def test_the_choice_of_somebody_elses_answer_stands_and_the_focus_stays_at_the_question(
    open_context: OpenContext,
) -> None:
    context = open_context()
    first, second = context.new_page(), context.new_page()
    first.goto(PAGE)
    first.get_by_label("In a word").fill("ours")
    expect(first.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)
    second.goto(PAGE)
    first.locator('[name="RATE"][value="1"]').check(force=True)
    expect(first.locator("[data-save-text]")).to_contain_text("Saved", timeout=8000)
    first.wait_for_timeout(1000)
    second.locator('[name="RATE"][value="2"]').check(force=True)
    conflict = second.locator("#q-RATE-conflict")
    expect(conflict).to_be_visible(timeout=8000)
    theirs = second.locator("#q-RATE-theirs")
    theirs.focus()
    theirs.press("Space")
    expect(conflict).to_have_count(0, timeout=8000)
    expect(second.locator("#q-RATE")).to_be_focused()
    expect(second.locator('[name="RATE"][value="1"]')).to_be_checked()
    second.get_by_label("In a word").fill("and more")
    second.wait_for_timeout(3000)
    second.reload()
    expect(second.locator('[name="RATE"][value="1"]')).to_be_checked()
    expect(second.get_by_label("In a word")).to_have_value("and more")
