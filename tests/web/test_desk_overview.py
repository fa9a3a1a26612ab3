"""The desk leads a secretariat officer from an empty list to a published, dated consultation."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.clock import utc_now
from core.text import LocalizedText
from stakeholders.permissions import Role
from surveys.consultations import add_version, create_consultation, publish_version
from surveys.making.building import begin_draft_version
from surveys.making.editing import Document, new_document


@pytest.fixture
def desk(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(Role.SECRETARIAT)


def asking(languages: list[str]) -> Document:
    document = new_document(title=dict.fromkeys(languages, "T"), languages=languages)
    document["sections"][0]["title"] = {languages[0]: "S"}
    return document


def test_an_empty_desk_leads_to_a_new_consultation(desk: FlaskClient) -> None:
    page = desk.get("/desk/consultations/").text
    assert "There is no consultation yet." in page
    assert 'href="/desk/new-consultation"' in page
    assert "flask surveys" not in page


def test_the_overview_says_where_everything_stands(desk: FlaskClient, web_session: Session) -> None:
    consultation = create_consultation(
        web_session, slug="overview", title=LocalizedText({"en": "Overview"}, "en"),
        actor=OPERATOR, now=utc_now(),
    )  # fmt: skip
    web_session.commit()
    page = desk.get("/desk/consultations/overview").text
    assert "Nothing is asked yet" in page
    assert "Publish the questionnaire first" in page
    assert 'href="/desk/new-consultation"' in desk.get("/desk/consultations/").text

    version = add_version(
        web_session, consultation=consultation, definition=asking(["en", "fr"]), actor=OPERATOR,
        now=utc_now(),
    )  # fmt: skip
    web_session.commit()
    page = desk.get("/desk/consultations/overview").text
    assert "Version 1 is in the making" in page
    assert "français 50 %" in page.casefold()
    assert 'href="/desk/consultations/overview/questionnaire/publish"' in page

    publish_version(
        web_session, consultation=consultation, version=version, actor=OPERATOR, now=utc_now()
    )
    web_session.commit()
    page = desk.get("/desk/consultations/overview").text
    assert "Version 1 is published and frozen" in page
    for leads_to in ("questionnaire/", "settings", "quotas/", "embed", "marks/"):
        assert f'href="/desk/consultations/overview/{leads_to}"' in page, leads_to
    assert re.search(r'href="[^"]*overview/results', page)

    begin_draft_version(web_session, consultation=consultation, actor=OPERATOR, now=utc_now())
    web_session.commit()
    page = desk.get("/desk/consultations/overview").text
    assert "Version 1 is published; version 2 is in the making" in page
