"""The frame every page has: languages, navigation, statements, and what the CSP asks of it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from stakeholders.permissions import Role
from tests.conftest import ROOT

TEMPLATES = sorted((ROOT / "app" / "templates").rglob("*.html"))
STATEMENTS = ["/about", "/accessibility", "/privacy"]
PAGES = ["/", "/sign-in", "/password-reset", *STATEMENTS]
# Names that ECL's markup uses and its sheets do not style.
UNSTYLED = {"ecl-skip-link__wrapper", "ecl-radio__text", "ecl-checkbox__text", "ecl-form"}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_a_title_one_main_heading_and_a_way_past_the_menu(
    client: FlaskClient, address: str
) -> None:
    page = client.get(address).text
    assert re.search(r"<title>[^<–]+ – Waymark</title>", page)
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert '<a href="#main" class="ecl-skip-link">' in page
    assert '<main id="main"' in page


@pytest.mark.parametrize("address", STATEMENTS)
def test_every_page_leads_to_the_statements(client: FlaskClient, address: str) -> None:
    assert f'href="{address}"' in client.get("/").text
    assert client.get(address).status_code == 200


def test_a_page_is_in_the_language_it_says(client: FlaskClient) -> None:
    english = client.get("/", headers={"Accept-Language": "en"}).text
    french = client.get("/", headers={"Accept-Language": "fr"}).text
    assert '<html lang="en"' in english
    assert "Privacy notice" in english
    assert '<html lang="fr"' in french
    assert "Privacy notice" not in french


def test_the_language_switch_names_each_language_in_itself(client: FlaskClient) -> None:
    page = client.get("/about").text
    assert re.search(r'href="\?lang=fr" lang="fr" hreflang="fr"[^>]*>Français<', page)
    assert re.search(r'href="\?lang=en" lang="en" hreflang="en" aria-current="true"', page)


def test_a_chosen_language_stays(client: FlaskClient) -> None:
    assert client.get("/about?lang=fr").status_code == 303
    assert '<html lang="fr"' in client.get("/privacy").text


def test_someone_who_is_signed_in_finds_the_work_area_and_the_way_out(
    sign_in: Callable[..., FlaskClient], client: FlaskClient
) -> None:
    assert 'href="/desk"' not in client.get("/").text
    page = sign_in(Role.SECRETARIAT).get("/desk").text
    assert 'href="/desk" aria-current="page"' in page
    assert 'action="/sign-out"' in page


def test_a_page_that_everyone_shares_holds_no_token(client: FlaskClient) -> None:
    for address in ("/", *STATEMENTS):
        response = client.get(address)
        assert "csrf_token" not in response.text
        assert "Set-Cookie" not in response.headers


def test_a_page_that_does_not_exist_says_so_and_leads_home(client: FlaskClient) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "This page does not exist" in response.text
    assert 'href="/"' in response.text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_templates_hold_no_script_style_or_address_of_another_host(template) -> None:  # type: ignore[no-untyped-def]
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"", text), "the CSP refuses these"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "the CSP refuses inline scripts"
    assert not re.search(r"(src|href)=\"(https?:)?//", text), "nothing comes from another host"


def test_templates_use_the_names_that_ecl_styles() -> None:
    sheets = (ROOT / "app" / "static" / "vendor").glob("ecl-preset-eu-*/styles/*.css")
    styled = set(re.findall(r"\.(ecl-[a-zA-Z0-9_-]+)", "".join(s.read_text() for s in sheets)))
    used: set[str] = set()
    for template in TEMPLATES:
        # Names that are put together by an expression are left out.
        for value in re.findall(
            r'class="([^"]*)"', re.sub(r"\{\{.*?\}\}", "{", template.read_text())
        ):
            used |= {name for name in value.split() if name.startswith("ecl-") and "{" not in name}
    assert used - styled - UNSTYLED == set()


def test_what_people_wrote_is_text_in_a_macro(app: Flask) -> None:
    source = (
        '{% from "ecl/table.html" import table %}{% from "ecl/form.html" import text_field %}'
        "{{ table(t, [t], [[t]]) }}{{ text_field('a', t, value=t, error=t, help=t) }}"
    )
    with app.test_request_context():
        page = render_template_string(source, t='"><script>alert(1)</script>')
    assert "<script>" not in page
