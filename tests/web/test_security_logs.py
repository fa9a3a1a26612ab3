"""Faults are logged so that they can be found, without a word of what people gave."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import jobs
from app.access import public
from app.database import write_session
from core.audit import OPERATOR
from core.db import Database
from core.models import OutboxMessage
from stakeholders.accounts import create_account, request_password_reset
from stakeholders.permissions import Role

SECRET = "what-i-really-think"


def fail_in_parser() -> str:
    try:
        return str(int(SECRET))
    except ValueError as error:
        raise RuntimeError(f"cannot read {SECRET}") from error


def fail_in_database() -> str:
    write_session().execute(
        text("INSERT INTO instance_facts (key, value) VALUES (:key, NULL)"), {"key": SECRET}
    )
    return ""


def logged(capsys: pytest.CaptureFixture[str]) -> tuple[str, list[dict[str, object]]]:
    output = "".join(capsys.readouterr())
    return output, [json.loads(line) for line in output.splitlines() if line.startswith("{")]


@pytest.fixture
def faulty(app: Flask) -> Flask:
    """The application with two routes that fail."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for view in (fail_in_parser, fail_in_database):
        app.add_url_rule(f"/{view.__name__}", view_func=public(view))
    return app


def test_a_fault_is_logged_with_its_place_and_without_its_words(
    faulty: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = faulty.test_client().get("/fail_in_parser")
    assert answer.status_code == 500
    assert SECRET not in answer.text
    output, lines = logged(capsys)
    fault = next(line for line in lines if line["event"] == "fault")
    assert str(fault["reference"]) in answer.text
    assert [link["kind"] for link in fault["exception"]] == ["RuntimeError", "ValueError"]
    assert "fail_in_parser" in fault["exception"][0]["where"][-1]
    assert SECRET not in output


def test_a_value_that_collides_in_the_database_is_a_refusal_and_stays_out_of_the_log(
    faulty: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = faulty.test_client().get("/fail_in_database")
    assert answer.status_code == 409
    assert "database.collision" in answer.text
    assert SECRET not in logged(capsys)[0]


def test_a_job_that_fails_is_logged_without_words_and_stops_no_other_job(
    app: Flask, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("app.jobs.audit.seal", fail)
    with app.app_context():
        done = jobs.run_round()
    assert done == {"delivered": 0, "failed": 1, "sealed": 0, "projected": 0}
    output, lines = logged(capsys)
    assert [line["step"] for line in lines if line["event"] == "step_failed"] == ["audit"]
    assert SECRET not in output


@pytest.mark.parametrize("reading", [False, True])
def test_errors_of_the_database_do_not_quote_what_was_sent(reading: bool) -> None:
    database = Database("sqlite://")
    maker = database.new_read_session if reading else database.new_session
    with maker() as session, pytest.raises(Exception) as caught:
        session.execute(text("SELECT :value FROM nowhere"), {"value": SECRET})
    assert SECRET not in str(caught.value)
    assert not isinstance(caught.value, IntegrityError)
    database.close()


def test_a_link_that_no_mail_server_took_in_time_is_forgotten(
    app: Flask, web_session: Session
) -> None:
    early = datetime.now(UTC) - timedelta(hours=3)
    create_account(
        web_session, email="a@example.org", display_name="A", password="a long enough one",
        roles=[Role.CITIZEN], actor=OPERATOR, now=early,
    )  # fmt: skip
    request_password_reset(
        web_session, email="a@example.org", link_prefix="", language="en", now=early
    )
    web_session.commit()
    with app.app_context():
        assert jobs.run_round()["delivered"] == 1
    assert web_session.scalars(select(OutboxMessage)).all() == []
    assert not (app.config["WAYMARK_SETTINGS"].instance / "mail").exists()
