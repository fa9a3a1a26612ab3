"""A questionnaire made in the browser, and looked at on the way."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser
SCREENS = pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])


@SCREENS
def test_from_nothing_to_a_published_questionnaire(
    sign_in_as: Callable[..., Page],
    check_accessible: Callable[[Page], None],
    screen: dict[str, int],
) -> None:
    page = sign_in_as("secretariat", viewport=screen)
    name = f"built-{screen['width']}"
    page.goto("/desk/new-consultation")
    page.get_by_label("Title", exact=False).first.fill(f"Built on {screen['width']}")
    page.get_by_label("Short name").fill(name)
    page.get_by_role("button", name="Create the consultation").click()
    page.get_by_role("button", name="Begin a questionnaire").click()
    base = f"/desk/consultations/{name}/questionnaire"

    page.goto(f"{base}/sections/section_1")
    page.get_by_label("Title", exact=False).first.fill("About you")
    check_accessible(page)
    page.get_by_role("button", name="Save the section").click()
    check_accessible(page)  # the outline says what is missing

    page.get_by_label("Type of the new question").select_option("single_choice")
    page.get_by_role("button", name="Add a question").click()
    page.locator("#title").fill("Are you a member?")
    for line, (code, label) in enumerate((("yes", "Yes"), ("no", "No"))):
        page.locator(f"[name=options-{line}-code]").fill(code)
        page.locator(f"[name=options-{line}-label]").fill(label)
    check_accessible(page)
    page.get_by_role("button", name="Save and go back").click()

    page.get_by_label("Type of the new question").select_option("year")
    page.get_by_role("button", name="Add a question").click()
    page.locator("#title").fill("Since when?")
    page.get_by_label("If all of these apply").check()
    page.get_by_label("Question of condition 1").select_option("Q1")
    page.get_by_label("Value of condition 1").select_option("yes")
    check_accessible(page)
    page.get_by_role("button", name="Save the question").click()
    expect(page.get_by_label("Value of condition 1")).to_have_value("yes")

    page.goto(f"{base}/preview")
    expect(page.get_by_text("Since when?")).to_have_count(0)
    page.get_by_text("Yes", exact=True).click()
    expect(page.get_by_text("Since when?")).to_be_visible()
    check_accessible(page)

    for address in ("translations/", "versions", "blocks", "settings", "publish"):
        page.goto(f"{base}/{address}")
        check_accessible(page)
    page.get_by_role("button", name="Publish version 1").click()
    expect(page.get_by_text("Version 1 is published and frozen.")).to_be_visible()
    check_accessible(page)
