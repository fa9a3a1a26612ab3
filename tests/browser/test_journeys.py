"""Whole journeys in a real browser: a citizen with and without scripts, a delegate, the
secretariat."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser

CONSULTATION = "/consultations/edition-1-1-feedback"
ROADMAP = "/roadmaps/smart-networks-and-services"
OpenContext = Callable[..., BrowserContext]
Check = Callable[[Page], None]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_citizen_answers_on_a_phone_and_gets_a_receipt(
    open_context: OpenContext, check_accessible: Check, scripts: bool
) -> None:
    page = open_context(viewport=PHONE, java_script_enabled=scripts).new_page()

    def look() -> None:
        if scripts:  # axe is a script itself
            check_accessible(page)

    page.goto("/")
    page.get_by_role("link", name="Did we understand you?").click()
    page.get_by_role("link", name="Answer the questions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("About you")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_contain_text("I am answering as")
    look()
    page.get_by_label("EU citizen", exact=True).check(force=True)
    page.get_by_label("Country of origin").select_option(label="Ireland")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/section/changes")
    look()
    page.locator('input[name="G1"][value="no"]').check(force=True)
    for row in page.locator(".wm-matrix tbody tr").all():
        row.locator('input[value="3"]').check(force=True)
    page.get_by_label("What did we misunderstand?").fill("Nothing <b>much</b> & thank you.")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/section/voices")
    page.locator('input[name="G7.again"][value="agree"]').check(force=True)
    look()
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/answer/review")
    expect(page.locator("main")).to_contain_text("Nothing <b>much</b> & thank you.")
    page.get_by_role("button", name="Send my response").click()
    expect(page.get_by_role("alert").first).to_contain_text("Before you can send")
    look()
    page.get_by_label("Anonymously").check(force=True)
    page.get_by_label("I agree that my response").check(force=True)
    page.get_by_role("button", name="Send my response").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your receipt")
    look()
    receipt = page.url
    page.goto("/")
    page.goto(receipt)
    expect(page.locator("main")).to_contain_text("Nothing <b>much</b> & thank you.")


def test_answering_works_with_the_keyboard_alone(page: Page) -> None:
    page.goto(f"{CONSULTATION}/answer/about-you")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to main content")
    page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.locator(":focus").get_attribute("name") == "respondent_type":
            break
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Irel")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.locator(":focus").get_attribute("value") == "next":
            break
    page.locator('input[name="respondent_type"][value="eu_citizen"]').press("Space")
    page.locator(":focus").press("Enter")
    page.wait_for_url("**/section/changes")


def test_coming_back_with_the_code_on_another_device(open_context: OpenContext) -> None:
    first = open_context().new_page()
    first.goto(f"{CONSULTATION}/answer/about-you")
    first.get_by_label("EU citizen", exact=True).check(force=True)
    first.get_by_label("Country of origin").select_option("PT")
    first.get_by_role("button", name="Save and continue later").click()
    code = first.locator(".wm-code").inner_text()
    second = open_context(viewport=PHONE).new_page()
    second.goto(CONSULTATION)
    second.get_by_role("link", name="Continue with a code").click()
    second.get_by_label("Your code").fill(code.lower())
    second.get_by_role("button", name="Continue").click()
    second.wait_for_url("**/about-you")
    expect(second.get_by_label("EU citizen", exact=True)).to_be_checked()


def test_a_delegate_votes(sign_in_as: Callable[..., Page], check_accessible: Check) -> None:
    page = sign_in_as("delegate", email="delegate-fi@demo.example")
    page.goto("/votes/work-programme/ballot")
    check_accessible(page)
    page.get_by_label("Yes", exact=True).check(force=True)
    page.get_by_role("button", name="Check your ballot").click()
    expect(page.locator("main")).to_contain_text("Finland")
    check_accessible(page)
    page.get_by_role("button", name="Cast this ballot").click()
    expect(page.locator("main")).to_contain_text("Finland has voted: Yes")
    page.goto("/votes/work-programme/ballot")
    assert page.get_by_role("button", name="Check your ballot").count() == 0


def test_the_secretariat_links_evidence_publishes_and_the_pdf_downloads(
    sign_in_as: Callable[..., Page], check_accessible: Check, render_documents: Callable[[], None]
) -> None:
    page = sign_in_as("secretariat")
    page.goto("/desk" + ROADMAP + "/evidence/?consultation=networks-next&subject=RAD-01")
    check_accessible(page)
    page.get_by_label("3. The question, or one answer to it").select_option(index=1)
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("now speaks for RAD-01")
    desk = f"/desk{ROADMAP}/editions/"
    page.goto(desk)
    check_accessible(page)
    # Edition 1.2 is a public draft already; the evidence just linked is not in what was frozen.
    expect(page.locator("main")).to_contain_text("The draft has changed since this text was frozen")
    for button in ("Freeze again", "Make the draft public", "Approve this text"):
        page.get_by_role("button", name=button).click()
        check_accessible(page)
    second = sign_in_as("secretariat", email="second.secretariat@demo.example")
    second.goto(desk)
    second.get_by_role("button", name="Approve this text").click()
    page.goto(desk)
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url("**/editions/1.2")
    render_documents()
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF in English").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-1.7")
    assert download.value.suggested_filename == "smart-networks-and-services-1.2-en.pdf"
    check_accessible(page)
    page.goto(f"{ROADMAP}/editions/1.1/to/1.2")
    expect(page.locator("main")).to_contain_text("RAD-01")


def test_the_secretariat_opens_its_desk(
    sign_in_as: Callable[..., Page], check_accessible: Check
) -> None:
    page = sign_in_as("secretariat", viewport=PHONE)
    for address in (
        "/desk/consultations/",
        "/desk/consultations/expert-timing-poll",
        "/desk" + ROADMAP + "/evidence/",
        "/audit/",
    ):
        page.goto(address)
        check_accessible(page)
