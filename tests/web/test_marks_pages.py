"""The report on unusual responses: for whom, when, what the command prints, what everyone reads."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app.marks_report import find_report, make_due_reports, make_report
from core.audit import OPERATOR
from core.ids import random_uuid
from stakeholders.permissions import Role
from surveys.counting.projection import rebuild
from surveys.models import Consultation, Response
from tests.questionnaire_factory import open_consultation

PAGE = "/desk/consultations/networks/marks/"
LETTER = "Rural networks first: <b>people</b> there have waited for many years."


@pytest.fixture
def consultation(web_session: Session, app: Flask, tmp_path: Path, now: datetime) -> Consultation:
    """An open consultation; twelve of its seventeen responses hold the same letter."""
    consultation = open_consultation(web_session, now)
    answers: list[dict[str, Any]] = [{"Q1": "yes", "Q2": LETTER}] * 12 + [{"Q1": "no"}] * 5
    web_session.execute(
        insert(Response),
        [
            {
                "id": random_uuid(), "consultation_id": consultation.id,
                "version_id": consultation.current_version_id,
                "reference": random_uuid().hex[:24], "publication": "anonymous",
                "consents": {}, "answers": given,
            }
            for given in answers
        ],
    )  # fmt: skip
    folder = app.config["WAYMARK_SETTINGS"].instance / "projection"
    rebuild(web_session, directory=folder, consultation=consultation, actor=OPERATOR, now=now)
    web_session.commit()
    return consultation


def close(web_session: Session, consultation: Consultation, now: datetime) -> None:
    consultation.closes_at = now - timedelta(hours=2)
    web_session.commit()


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.DELEGATE, Role.ADMINISTRATOR])
def test_others_see_nothing(
    consultation: Consultation, sign_in: Callable[..., FlaskClient], role: Role
) -> None:
    client = sign_in(role, delegation="PT" if role is Role.DELEGATE else None)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE).status_code == 403


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.AUDITOR])
def test_staff_make_the_report_and_read_it(
    consultation: Consultation, sign_in: Callable[..., FlaskClient], role: Role
) -> None:
    client = sign_in(role)
    page = client.get(PAGE).text
    assert "There is no report yet." in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post(PAGE, data={"csrf_token": token}).status_code == 303
    page = client.get(PAGE).text
    assert "The report is up to date." in page
    assert "12 responses" in page
    assert "&lt;b&gt;people&lt;/b&gt;" in page
    assert "<b>people" not in page
    assert "Without marked (n = 5)" in page


def test_an_unknown_consultation_has_no_report(sign_in: Callable[..., FlaskClient]) -> None:
    assert sign_in(Role.SECRETARIAT).get("/desk/consultations/nowhere/marks/").status_code == 404


def test_the_words_go_when_the_response_goes(
    app: Flask, consultation: Consultation, web_session: Session, now: datetime,
    sign_in: Callable[..., FlaskClient],
) -> None:  # fmt: skip
    client = sign_in(Role.SECRETARIAT)
    with app.app_context():
        make_report(slug="networks", now=now)
        report = find_report(consultation)
    assert report is not None
    assert "waited for many years" not in json.dumps(report)
    web_session.execute(delete(Response))
    web_session.commit()
    page = client.get(PAGE).text
    assert "waited for many years" not in page
    assert "is gone" in page


def test_everyone_reads_of_campaigns_once_it_is_closed(
    app: Flask, client: FlaskClient, consultation: Consultation, web_session: Session, now: datetime
) -> None:
    sentence = "from at least 10 responses"
    with app.app_context():
        make_report(slug="networks", now=now)
    assert sentence not in client.get("/consultations/networks/results").text
    close(web_session, consultation, now)
    page = client.get("/consultations/networks/results").text
    assert sentence in page
    assert "none was left out" in page
    assert "Rural networks first" not in page


def test_the_worker_reports_once_after_closing(
    app: Flask, consultation: Consultation, web_session: Session, now: datetime
) -> None:
    later = now + timedelta(days=30)
    with app.app_context():
        assert make_due_reports(now) == 0
        make_report(slug="networks", now=now)
        # A report of before the closing does not count.
        assert make_due_reports(later) == 1
        assert make_due_reports(later) == 0


def test_the_command_prints_one_document(app: Flask, consultation: Consultation) -> None:
    result = app.test_cli_runner().invoke(args=["surveys", "marks", "networks", "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["slug"], document["responses"]) == ("networks", 17)
    assert document["marked"] == {"responses": 12, "share": 0.7059}
    (campaign,) = document["marks"]["identical_text"]["campaigns"]
    assert (campaign["responses"], campaign["identical"], campaign["wordings"]) == (12, 12, 1)
    assert campaign["sample"] == LETTER
    assert document["marks"]["speed"]["judged"] == 0
    text = app.test_cli_runner().invoke(args=["surveys", "marks", "networks"])
    assert "12 of 17 responses bear a mark; all of them count." in text.stdout


def test_the_command_refuses_what_is_not_there(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["surveys", "marks", "nowhere", "--json"])
    assert result.exit_code == 1
    assert result.stdout == ""


def test_a_damaged_report_is_none(app: Flask, consultation: Consultation, now: datetime) -> None:
    with app.app_context():
        make_report(slug="networks", now=now)
        folder = app.config["WAYMARK_SETTINGS"].instance / "marks"
        (path,) = folder.iterdir()
        path.write_text("{")
        assert find_report(consultation) is None
