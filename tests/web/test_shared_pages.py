"""Pages rendered once for many: nothing of one respondent ever reaches another."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.questionnaire_factory import open_consultation
from tests.web.conftest import token_in

BASE = "/consultations/networks/answer"


@pytest.fixture
def caching_app(app: Flask, web_session: Session) -> Flask:
    """The application as it is in production: pages are kept for a while."""
    open_consultation(web_session, datetime.now(UTC))
    web_session.commit()
    app.config["WAYMARK_PAGE_CACHE_SECONDS"] = 60
    return app


def begin(app: Flask) -> FlaskClient:
    client = app.test_client()
    profile = {"respondent_type": "eu_citizen", "country": "PT", "action": "next"}
    assert client.post(f"{BASE}/about-you", data=profile).status_code == 303
    return client


def own_left_out(page: str) -> str:
    """A page without the token, and without the name a browser knows its draft by."""
    return re.sub(r'data-draft="[0-9a-f]{16}"', "", page.replace(token_in(page), ""))


def test_two_respondents_get_the_same_page_but_tokens_of_their_own(caching_app: Flask) -> None:
    one, other = begin(caching_app), begin(caching_app)
    first, second = (client.get(f"{BASE}/section/views").text for client in (one, other))
    assert token_in(first) != token_in(second)
    assert own_left_out(first) == own_left_out(second)
    answers = {"Q1": "no", "asked": "Q1", "action": "next", "csrf_token": token_in(second)}
    assert other.post(f"{BASE}/section/views", data=answers).status_code == 303
    assert one.post(f"{BASE}/section/views", data=answers).status_code == 403


def test_what_one_answered_is_shown_to_nobody_else(caching_app: Flask) -> None:
    one, other = begin(caching_app), begin(caching_app)
    token = token_in(one.get(f"{BASE}/section/views").text)
    answers = {"Q1": "no", "asked": "Q1", "action": "next", "csrf_token": token}
    one.post(f"{BASE}/section/views", data=answers)
    assert 'value="no" checked' in one.get(f"{BASE}/section/views").text
    assert 'value="no" checked' not in other.get(f"{BASE}/section/views").text


def test_the_page_follows_the_language(caching_app: Flask) -> None:
    client = begin(caching_app)
    assert '<html lang="en"' in client.get(f"{BASE}/section/views").text
    client.get(f"{BASE}/section/views?lang=fr")
    assert '<html lang="fr"' in client.get(f"{BASE}/section/views").text


def test_an_answer_that_opens_questions_changes_the_page(caching_app: Flask) -> None:
    client = begin(caching_app)
    page = client.get(f"{BASE}/section/views").text
    assert "Why is it urgent?" not in page
    answers = {
        "Q1": "yes", "asked": "Q1", "action": "next", "csrf_token": token_in(page),
    }  # fmt: skip
    client.post(f"{BASE}/section/views", data=answers)
    assert "Why is it urgent?" in client.get(f"{BASE}/section/views").text
