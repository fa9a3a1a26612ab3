"""axe on every type of page, wide and narrow."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser

ROADMAP = "/roadmaps/smart-networks-and-services"
FOR_EVERYONE = [
    "/",
    "/about",
    "/accessibility",
    "/privacy",
    "/sign-in",
    "/password-reset",
    "/nowhere",
    "/consultations/",
    "/consultations/edition-1-1-feedback",
    "/consultations/edition-1-1-feedback/answer",
    "/consultations/edition-1-1-feedback/resume",
    "/consultations/networks-next/results",
    "/consultations/expert-timing-poll/results",
    "/votes/",
    "/votes/adopt-priorities-1-1",
    "/votes/work-programme",
    "/calculator?rule=qualified&year=2025&yes=DE&yes=FR",
    "/network/",
    "/roadmaps/",
    ROADMAP,
    f"{ROADMAP}/graph",
    f"{ROADMAP}/milestones",
    f"{ROADMAP}/milestones/RAD-01",
    f"{ROADMAP}/timeline",
    f"{ROADMAP}/critical-path",
    f"{ROADMAP}/contradictions",
    f"{ROADMAP}/editions/",
    f"{ROADMAP}/editions/1.1",
    f"{ROADMAP}/editions/1.0/to/1.1",
    "/api",
]
FOR_ROLES = [
    ("secretariat", "/desk"),
    ("secretariat", "/account"),
    ("secretariat", "/account/tokens/"),
    ("secretariat", "/desk/consultations/"),
    ("secretariat", "/desk/new-consultation"),
    ("secretariat", "/desk/consultations/networks-next"),
    ("secretariat", "/desk/consultations/networks-next/settings"),
    ("secretariat", "/desk/consultations/networks-next/quotas/"),
    ("secretariat", "/desk/consultations/networks-next/embed"),
    ("secretariat", "/desk/consultations/networks-next/marks/"),
    ("secretariat", "/desk/consultations/networks-next/questionnaire/"),
    ("secretariat", "/desk/consultations/networks-next/questionnaire/preview"),
    ("secretariat", "/desk/consultations/networks-next/questionnaire/versions"),
    ("secretariat", "/desk/consultations/expert-timing-poll/invitations/"),
    ("moderator", "/desk/statements/"),
    ("secretariat", "/desk/motions/new"),
    ("secretariat", "/network/nodes"),
    ("secretariat", "/consultations/networks-next/results"),
    ("secretariat", f"/desk{ROADMAP}/editions/"),
    ("secretariat", ROADMAP),
    ("auditor", "/audit/"),
    ("delegate", "/votes/work-programme"),
]
SCREENS = pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])


@SCREENS
@pytest.mark.parametrize("address", FOR_EVERYONE)
def test_public_pages_are_accessible(
    open_context: Callable[..., BrowserContext],
    check_accessible: Callable[[Page], None],
    screen: dict[str, int],
    address: str,
) -> None:
    page = open_context(viewport=screen).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    response = page.goto(address)
    assert response is not None
    assert response.status == (404 if address == "/nowhere" else 200)
    # What the content security policy refuses is said on the console (axe itself is refused, too).
    assert [text for text in complaints if "Content Security Policy" in text] == []
    check_accessible(page)


@SCREENS
@pytest.mark.parametrize("role", sorted({role for role, _ in FOR_ROLES}))
def test_pages_of_those_who_work_here_are_accessible(
    sign_in_as: Callable[..., Page],
    check_accessible: Callable[[Page], None],
    screen: dict[str, int],
    role: str,
) -> None:
    page = sign_in_as(role, viewport=screen)
    for address in [address for reader, address in FOR_ROLES if reader == role]:
        response = page.goto(address)
        assert response is not None
        assert response.status == 200, address
        check_accessible(page)


@SCREENS
def test_a_page_in_french_is_accessible(
    open_context: Callable[..., BrowserContext],
    check_accessible: Callable[[Page], None],
    screen: dict[str, int],
) -> None:
    page = open_context(viewport=screen, locale="fr-FR").new_page()
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == "fr"
    check_accessible(page)


def test_the_keyboard_reaches_the_content_first(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_language_switch_opens_without_a_script(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto("/about")
    page.locator(".wm-languages summary").click()
    page.get_by_role("link", name="Français").click()
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.url.endswith("/about")
