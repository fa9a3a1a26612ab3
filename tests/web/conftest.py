"""The application behind a test client, with a database of its own for each test."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from core.audit import OPERATOR
from core.db import Base, Database
from stakeholders.accounts import create_account
from stakeholders.permissions import Role
from tests.conftest import import_all_models

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def empty_database_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table, copied for each test."""
    import_all_models()
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    database.close()
    return path


@pytest.fixture
def settings(tmp_path: Path, empty_database_file: Path) -> Settings:
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(empty_database_file, instance / "waymark.sqlite")
    return Settings(instance=instance)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    application = create_app(settings, testing=True)
    yield application
    application.extensions["waymark.database"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A person with a browser, not signed in."""
    return app.test_client()


@pytest.fixture
def web_session(app: Flask) -> Iterator[Session]:
    """A session on the application's database, for arranging and looking; commit what you add."""
    with app.extensions["waymark.database"].new_session() as session:
        yield session


@pytest.fixture
def sign_in(app: Flask, web_session: Session, now: datetime) -> Callable[..., FlaskClient]:
    """`sign_in(Role.SECRETARIAT)` gives a client of a new account with these roles."""

    def sign_in(*roles: Role, delegation: str | None = None) -> FlaskClient:
        label = "-".join([*roles, delegation or ""]).strip("-").lower()
        address = f"{label}@example.org"
        create_account(
            web_session, email=address, display_name=label.title(), password=PASSWORD,
            roles=roles, delegation=delegation, actor=OPERATOR, now=now,
        )  # fmt: skip
        web_session.commit()
        client = app.test_client()
        page = client.get("/sign-in")
        assert page.status_code == 200
        response = client.post(
            "/sign-in",
            data={"email": address, "password": PASSWORD, "csrf_token": token_in(page.text)},
        )
        assert response.status_code == 303, response.text
        return client

    return sign_in


def token_in(page: str) -> str:
    """The CSRF token of a page's form."""
    marker = 'name="csrf_token" value="'
    assert marker in page, "the page has no form token"
    return page.split(marker, 1)[1].split('"', 1)[0]
