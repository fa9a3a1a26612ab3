"""A program that uses the API, for tests: a token for an account, requests in JSON."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from app.bearer import token_key
from core.audit import OPERATOR
from stakeholders.accounts import create_account, find_account_by_email
from stakeholders.api_tokens import create_token
from stakeholders.permissions import SCOPES, Role
from surveys.consultations import get_consultation
from tests.web.conftest import PASSWORD

API = "/api/v1"


def make_token(app: Flask, session: Session, *scopes: str, role: Role = Role.SECRETARIAT) -> str:
    """A token of a (new) account with ``role``; without scopes, with all that the role allows."""
    now = datetime.now(UTC)
    address = f"programs-{role.value}@example.org"
    account = find_account_by_email(session, email=address) or create_account(
        session, email=address, display_name="Programs", password=PASSWORD, roles=[role],
        actor=OPERATOR, now=now,
    )  # fmt: skip
    with app.app_context():
        made = create_token(
            session, account=account, name="test", scopes=scopes or list(SCOPES),
            expires_at=now + timedelta(days=1), key=token_key(), actor=OPERATOR, now=now,
        )  # fmt: skip
    session.commit()
    return made.secret


class Program:
    """Sends JSON with a token, or with the code of a draft."""

    def __init__(self, client: FlaskClient, token: str = "", draft: str = "") -> None:
        self.client = client
        self.headers: dict[str, str] = {}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        if draft:
            self.headers["Waymark-Draft"] = draft

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.send("GET", path, **headers)

    def send(self, method: str, path: str, document: Any = ..., **headers: str) -> TestResponse:
        """``headers``: with underscores, ``If_Match=…``."""
        options: dict[str, Any] = {}
        if document is not ...:
            body = document if isinstance(document, bytes | str) else json.dumps(document)
            options = {"data": body, "content_type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(API + path, method=method, headers=self.headers | named, **options)


def problem_in(answer: TestResponse, status: int) -> dict[str, Any]:
    """The problem document, which has to be one."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem: dict[str, Any] = answer.json
    assert problem["status"] == status
    assert problem["type"] == f"urn:waymark:error:{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    return problem


def close_now(session: Session, slug: str) -> None:
    """Let the consultation have closed a minute ago."""
    session.expire_all()
    consultation = get_consultation(session, slug=slug)
    consultation.closes_at = datetime.now(UTC) - timedelta(minutes=1)
    session.commit()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The application behind a real server, and the address of its API."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    app.config["WAYMARK_SETTINGS"] = app.config["WAYMARK_SETTINGS"].model_copy(
        update={"public_url": address}
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address + API
    server.shutdown()
    thread.join()
    server.server_close()
