"""Opening a consultation asks the database nothing: what everyone sees is at hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app import create_app
from app.config import Settings
from core.db import Base, Database
from core.ids import random_uuid
from stakeholders.permissions import Role
from tests.conftest import import_all_models
from tests.questionnaire_factory import open_consultation
from tests.services import Postgres

BASE = "/consultations/networks"
OPENING = (
    "/", "/consultations/", BASE, f"{BASE}/answer", f"{BASE}/answer/about-you",
    f"{BASE}/answer/section/views",
)  # fmt: skip


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def production(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Flask]:
    """The application with the settings of production, and pages that stay warm for this test."""
    changes: dict[str, Any] = {"page_cache_seconds": 600}
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        changes["database_url"] = server.new_database(f"reading_{random_uuid().hex[:12]}")
    app = create_app(settings.model_copy(update=changes))
    database: Database = app.extensions["waymark.database"]
    if request.param == "postgres":
        import_all_models()
        Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        open_consultation(session, datetime.now(UTC))
    yield app
    database.close()


@contextmanager
def asked(app: Flask) -> Iterator[list[str]]:
    """Whatever is asked of the database meanwhile: statements, transactions, connections."""
    database: Database = app.extensions["waymark.database"]
    seen: list[str] = []

    def statement(_c: Any, _cursor: Any, words: str, *_: Any) -> None:
        seen.append(words)

    def checkout(*_: Any) -> None:
        seen.append("a connection")

    engines = (database.engine, database.new_read_session.kw["bind"])
    pools = {engine.pool for engine in engines}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", statement)
    for pool in pools:
        event.listen(pool, "checkout", checkout)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", statement)
    for pool in pools:
        event.remove(pool, "checkout", checkout)


def follow(client: FlaskClient, path: str, **options: Any) -> int:
    return client.get(path, follow_redirects=True, **options).status_code


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_an_anonymous_reader_costs_no_query(production: Flask, language: str) -> None:
    headers = {"Accept-Language": language}
    with asked(production) as cold:
        for path in OPENING:
            assert follow(production.test_client(), path, headers=headers) == 200
    assert cold, "nothing was counted at all"
    with asked(production) as warm:
        for path in OPENING:
            for _ in range(3):
                assert follow(production.test_client(), path, headers=headers) == 200
    assert warm == []


def test_looking_around_in_one_browser_costs_no_query(production: Flask) -> None:
    """Nothing that reading leaves in the browser makes somebody known."""
    for path in OPENING:
        follow(production.test_client(), path)
    client = production.test_client()
    with asked(production) as warm:
        for path in (*OPENING, *reversed(OPENING)):
            assert follow(client, path) == 200
    assert warm == []


def test_what_is_changed_is_seen_when_the_page_is_too_old(
    settings: Settings, sign_in: Callable[..., FlaskClient]
) -> None:
    """A second is enough to show it: the cache has an end, and staff see no cached page at all."""
    app = create_app(settings.model_copy(update={"page_cache_seconds": 0}))
    with asked(app) as first:
        assert app.test_client().get("/consultations/").status_code == 200
    with asked(app) as second:
        assert app.test_client().get("/consultations/").status_code == 200
    assert first
    assert second
    assert sign_in(Role.SECRETARIAT).get("/consultations/").headers["Cache-Control"] == (
        "private, no-store"
    )
    app.extensions["waymark.database"].close()
