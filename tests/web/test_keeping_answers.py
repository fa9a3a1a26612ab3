"""Coming back, sharing a draft, leaving a device: with a code, by e-mail, on paper."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.jobs import run_retention, run_round
from core.models import OutboxMessage
from surveys.models import Consultation, Draft
from tests.questionnaire_factory import open_consultation
from tests.web.test_answering import send
from tests.web.test_answering_types import Controls, answers_of_the_draft, send_from

BASE = "/consultations/networks"
PAGE = f"{BASE}/answer/section/detail"


@pytest.fixture
def consultation(web_session: Session) -> Consultation:
    consultation = open_consultation(web_session, datetime.now(UTC), asks_profile=False)
    web_session.commit()
    return consultation


@pytest.fixture
def two(app: Flask, consultation: Consultation) -> Callable[[], tuple[FlaskClient, FlaskClient]]:
    """Two people with one draft."""

    def two() -> tuple[FlaskClient, FlaskClient]:
        first, second = app.test_client(), app.test_client()
        send(first, f"{BASE}/answer/section/views", Q1="no", action="later")
        code = re.findall(r'wm-code">([^<]+)<', first.get(f"{BASE}/answer/saved").text)[0]
        assert send(second, f"{BASE}/resume", code=code).status_code == 303
        return first, second

    return two


def save(client: FlaskClient, page: str, **fields: Any) -> Any:
    return send_from(client, PAGE, page, **fields)


def test_different_questions_of_one_page_are_put_together(
    two: Callable[[], tuple[FlaskClient, FlaskClient]], web_session: Session
) -> None:
    first, second = two()
    his, hers = first.get(PAGE).text, second.get(PAGE).text
    assert save(first, his, Q5="7").status_code == 303
    assert save(second, hers, Q6="2030-01-01").status_code == 303
    assert answers_of_the_draft(web_session) == {"Q1": "no", "Q5": 7, "Q6": "2030-01-01"}


@pytest.mark.parametrize(("choice", "outcome"), [("mine", 9), ("theirs", 7)])
def test_of_two_answers_to_one_question_a_person_chooses(
    two: Callable[[], tuple[FlaskClient, FlaskClient]], web_session: Session, choice: str,
    outcome: int,
) -> None:  # fmt: skip
    first, second = two()
    his, hers = first.get(PAGE).text, second.get(PAGE).text
    save(first, his, Q5="7")
    both = save(second, hers, Q5="9")
    assert both.status_code == 422
    assert "Somebody else changed this answer" in both.text
    assert re.search(r"<blockquote[^>]*>7</blockquote>", both.text)
    assert ("Q5", "9") in Controls(both.text).sent
    assert answers_of_the_draft(web_session)["Q5"] == 7
    undecided = save(second, both.text)
    assert undecided.status_code == 422
    decided = save(second, undecided.text, **{"choose.Q5": choice})
    assert decided.status_code == 303
    assert answers_of_the_draft(web_session)["Q5"] == outcome


def test_a_third_change_meanwhile_is_shown_again(
    two: Callable[[], tuple[FlaskClient, FlaskClient]], web_session: Session
) -> None:
    first, second = two()
    his, hers = first.get(PAGE).text, second.get(PAGE).text
    save(first, his, Q5="7")
    both = save(second, hers, Q5="9")
    save(first, first.get(PAGE).text, Q5="8")
    again = save(second, both.text, **{"choose.Q5": "mine"})
    assert again.status_code == 422
    assert re.search(r"<blockquote[^>]*>8</blockquote>", again.text)


def test_the_code_by_e_mail_and_then_the_address_is_forgotten(
    app: Flask, client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    send(client, f"{BASE}/answer/section/views", Q1="no", action="later")
    page = client.get(f"{BASE}/answer/saved").text
    code = re.findall(r'wm-code">([^<]+)<', page)[0]
    token = re.findall(r'csrf_token" value="([^"]+)"', page)[-1]
    address = f"{BASE}/answer/saved/email"
    client.post(address, data={"csrf_token": token, "email": "nobody\nBcc: x@y.eu"})
    assert web_session.scalars(select(OutboxMessage)).all() == []
    web_session.rollback()
    client.post(address, data={"csrf_token": token, "email": "ana@example.eu"})
    with app.app_context():
        run_round()
    (letter,) = (app.config["WAYMARK_SETTINGS"].instance / "mail").glob("*.eml")
    message = message_from_bytes(letter.read_bytes(), policy=policy.default)
    assert message["To"] == "ana@example.eu"
    assert f"/consultations/networks/resume#{code}" in message.get_content()
    assert web_session.scalars(select(OutboxMessage)).all() == []


def test_a_letter_that_no_server_takes_is_forgotten_too(
    app: Flask,
    client: FlaskClient,
    consultation: Consultation,
    web_session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send(client, f"{BASE}/answer/section/views", Q1="no", action="later")
    page = client.get(f"{BASE}/answer/saved").text
    token = re.findall(r'csrf_token" value="([^"]+)"', page)[-1]
    client.post(f"{BASE}/answer/saved/email", data={"csrf_token": token, "email": "ana@example.eu"})
    (app.config["WAYMARK_SETTINGS"].instance / "mail").write_text("not a folder")
    start = datetime.now(UTC)
    with app.app_context():
        for hours in (0, 1, 2, 4, 8, 13, 18):
            at = start + timedelta(hours=hours)
            monkeypatch.setattr("app.resume_mail.utc_now", lambda at=at: at)
            run_round(at)
    assert web_session.scalars(select(OutboxMessage)).all() == []


def test_a_device_forgets_and_the_draft_stays(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    send(client, f"{BASE}/answer/section/views", Q1="no", action="later")
    page = client.get(f"{BASE}/answer/saved").text
    token = re.findall(r'csrf_token" value="([^"]+)"', page)[-1]
    done = client.post(f"{BASE}/answer/forget", data={"csrf_token": token})
    assert done.status_code == 303
    assert client.get_cookie("draft_networks", path=BASE) is None
    assert 'value="no" checked' not in client.get(f"{BASE}/answer/section/views").text
    assert len(web_session.scalars(select(Draft)).all()) == 1


def test_sharing_says_what_happens(client: FlaskClient, consultation: Consultation) -> None:
    assert client.get(f"{BASE}/answer/share").status_code == 404
    send(client, f"{BASE}/answer/section/views", Q1="no")
    page = client.get(f"{BASE}/answer/share").text
    code = re.findall(r'wm-code">([^<]+)<', page)[0]
    assert f"/resume#{code}" in page


def test_files_that_nobody_names_are_deleted_after_a_day(
    app: Flask, consultation: Consultation
) -> None:
    folder = app.config["WAYMARK_SETTINGS"].instance / "uploads" / "ab" / "cd"
    folder.mkdir(parents=True)
    stray = folder / ("abcd" + "0" * 60)
    stray.write_text("nobody's")
    with app.app_context():
        run_retention(datetime.now(UTC))
        assert stray.exists()
        run_retention(datetime.now(UTC) + timedelta(days=2))
    assert not stray.exists()
