"""What submitting a response costs the database, over HTTP and with the settings of production."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from app import create_app
from app.config import Settings
from core.db import Base, Database
from core.ids import random_uuid
from surveys.models import Response
from surveys.proof_of_work import solve_challenge
from tests.conftest import import_all_models
from tests.questionnaire_factory import open_consultation
from tests.services import Postgres

BASE = "/consultations/networks/answer"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def production(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Flask]:
    """The application as it is started in production, with an open consultation."""
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database(f"cost_{random_uuid().hex[:12]}")
        settings = settings.model_copy(update={"database_url": url})
    app = create_app(settings)
    database: Database = app.extensions["waymark.database"]
    if request.param == "postgres":
        import_all_models()
        Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        open_consultation(session, datetime.now(UTC))
    yield app
    database.close()


@pytest.fixture
def at_review(production: Flask) -> Callable[[], tuple[FlaskClient, dict[str, str]]]:
    """A browser that stands before the last button, and the fields of its form."""

    def walk() -> tuple[FlaskClient, dict[str, str]]:
        client = production.test_client()
        fill(client, "about-you", respondent_type="eu_citizen", country="PT")
        fill(client, "section/views", Q1="no")
        fill(client, "section/detail", **{"Q4.r1": "2"})
        fields = hidden_fields(client.get(f"{BASE}/review").text)
        fields["proof_solution"] = solve_challenge(fields["proof_challenge"])
        return client, {"publication": "anonymous", "consent": "yes"} | fields

    return walk


def hidden_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))


def fill(client: FlaskClient, step: str, **fields: str) -> TestResponse:
    page = client.get(f"{BASE}/{step}")
    answer = client.post(f"{BASE}/{step}", data=hidden_fields(page.text) | fields)
    assert answer.status_code == 303, answer.text
    return answer


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Every statement sent meanwhile, by reading and by writing sessions, BEGIN included."""
    database: Database = app.extensions["waymark.database"]
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    def begin(_: Any) -> None:
        if database.engine.dialect.name == "postgresql":  # on SQLite it is sent as a statement
            sent.append("BEGIN")

    engines = {database.engine, database.new_read_session.kw["bind"]}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    event.listen(database.engine, "begin", begin)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    event.remove(database.engine, "begin", begin)


def responses(app: Flask) -> int:
    with app.extensions["waymark.database"].reading() as session:
        return session.scalar(select(func.count()).select_from(Response)) or 0


def test_submitting_takes_at_most_six_statements(
    production: Flask, at_review: Callable[[], tuple[FlaskClient, dict[str, str]]]
) -> None:
    client, fields = at_review()
    with statements(production) as sent:
        answer = client.post(f"{BASE}/review", data=fields)
    assert answer.status_code == 303, answer.text
    assert responses(production) == 1
    assert len(sent) <= 6, sent
    assert not [statement for statement in sent if statement.startswith("UPDATE")]


def test_sending_it_again_writes_nothing(
    production: Flask, at_review: Callable[[], tuple[FlaskClient, dict[str, str]]]
) -> None:
    client, fields = at_review()
    first = client.post(f"{BASE}/review", data=fields)
    with statements(production) as sent:
        second = client.post(f"{BASE}/review", data=fields)
    assert second.headers["Location"] == first.headers["Location"]
    assert len(sent) <= 6, sent
    assert not [statement for statement in sent if statement.startswith("INSERT")]
    assert responses(production) == 1
