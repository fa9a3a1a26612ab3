"""A browser for the run, a server with the demonstration, and what "accessible" means here."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from app.config import Settings
from app.demo import accounts as demo_accounts
from app.demo.build import build_demonstration
from app.jobs import run_round
from app.journey import credential_key
from core.clock import utc_now
from core.db import Base
from tests.conftest import import_all_models

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 740}
CONTRAST_OF_DRAWINGS = (Path(__file__).parent / "contrast.js").read_text()
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A running instance with the demonstration's content."""

    app: Flask
    address: str
    password: str

    def email(self, role: str) -> str:
        """Who can sign in with a role (the first delegate for "delegate")."""
        return next(person.email for person in demo_accounts.all_accounts() if person.role == role)


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """The demonstration, built once for the run and served by a thread of this process."""
    import_all_models()
    settings = Settings(instance=tmp_path_factory.mktemp("demonstration"), page_cache_seconds=0)
    app = create_app(settings, testing=True)
    database = app.extensions["waymark.database"]
    Base.metadata.create_all(database.engine)
    with app.app_context():
        build_demonstration(
            database,
            instance_folder=settings.instance,
            credential_key=credential_key(),
            now=utc_now(),
            announce=lambda _name, _size: lambda _steps: None,
        )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    password = demo_accounts.password_of(settings.instance)
    assert password is not None
    yield Demonstration(app, f"http://127.0.0.1:{server.server_port}", password)
    server.shutdown()
    thread.join()
    server.server_close()
    database.close()


@pytest.fixture
def render_documents(demonstration: Demonstration) -> Callable[[], None]:
    """Does once what the worker does every few seconds."""

    def render_documents() -> None:
        with demonstration.app.app_context():
            run_round()

    return render_documents


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole run."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium: the program `chromium` is not on this machine's PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_context(
    browser: Browser, demonstration: Demonstration
) -> Iterator[Callable[..., BrowserContext]]:
    """`open_context(width=…, java_script_enabled=False)`: a fresh person with a browser."""
    contexts: list[BrowserContext] = []

    def open_context(**options: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=demonstration.address,
            **{"viewport": DESKTOP, "locale": "en-GB", "reduced_motion": "reduce"} | options,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context

    yield open_context
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """A page of somebody who is not signed in, on a desktop."""
    return open_context().new_page()


@pytest.fixture
def sign_in_as(
    open_context: Callable[..., BrowserContext], demonstration: Demonstration
) -> Callable[..., Page]:
    """`sign_in_as("secretariat")` gives a page of somebody who has just signed in."""

    def sign_in_as(role: str, *, email: str | None = None, **options: Any) -> Page:
        page = open_context(**options).new_page()
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(email or demonstration.email(role))
        page.get_by_label("Password").fill(demonstration.password)
        page.locator("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/desk")
        return page

    return sign_in_as


@pytest.fixture
def picture_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where tests put what they saw; pytest keeps the folders of the last runs."""
    return tmp_path_factory.mktemp("pictures")


def assert_accessible(page: Page) -> None:
    """axe finds nothing wrong, and no contrast that it could not judge; nothing runs off the side.

    Text in drawings, whose contrast axe always leaves open, is judged by ``contrast.js``. Raises
    ``AssertionError`` that names rule, element and reason for each finding.
    """
    response = Axe().run(page, options={"resultTypes": ["violations", "incomplete"]}).response
    reports = [
        f"{finding['id']}: {node['target']} {node['failureSummary']}"
        for finding in response["violations"]
        for node in finding["nodes"]
    ]
    undecided = [
        node
        for finding in response["incomplete"]
        if finding["id"] == "color-contrast"
        for node in finding["nodes"]
    ]
    in_drawings = [node["target"][0] for node in undecided if _is_drawn(node)]
    reports += [
        f"color-contrast: {node['target']} {node['failureSummary']}"
        for node in undecided
        if not _is_drawn(node) and not _is_ornament(node)
    ]
    if in_drawings:
        reports += page.evaluate(CONTRAST_OF_DRAWINGS, in_drawings)
    assert not reports, f"{page.url}\n" + "\n".join(reports)
    wider = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wider <= 0, f"{page.url} is {wider} pixels wider than the screen"


def _is_drawn(node: dict[str, Any]) -> bool:
    return str(node["html"]).startswith(("<text", "<tspan"))


def _is_ornament(node: dict[str, Any]) -> bool:
    """A sign such as an arrow, hidden from screen readers: not text, so nothing to judge."""
    only_signs = any((check["data"] or {}).get("messageKey") == "nonBmp" for check in node["any"])
    return only_signs and 'aria-hidden="true"' in node["html"]


@pytest.fixture
def check_accessible() -> Callable[[Page], None]:
    return assert_accessible
