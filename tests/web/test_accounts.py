"""Signing in, signing out, a new password by e-mail, and who may do what."""

import email
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import Message
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import create_app, mail
from app.config import Settings
from app.jobs import run_round
from core.audit import OPERATOR
from core.outbox import MAX_ATTEMPTS
from stakeholders.accounts import create_account, deactivate_account, find_account_by_email
from stakeholders.permissions import Role
from tests.services import free_port

ADDRESS = "person@example.org"
PASSWORD = "correct horse battery"


@pytest.fixture
def person(web_session: Session, now: datetime) -> str:
    create_account(
        web_session, email=ADDRESS, display_name="A Person", password=PASSWORD,
        roles=[Role.CITIZEN], actor=OPERATOR, now=now,
    )  # fmt: skip
    web_session.commit()
    return ADDRESS


def token_of(page: str) -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]


def try_to_sign_in(client: FlaskClient, password: str = PASSWORD, **fields: str) -> object:
    page = client.get("/sign-in", query_string={"next": fields.get("next", "")}).text
    data = {"email": ADDRESS, "password": password, "csrf_token": token_of(page)} | fields
    return client.post("/sign-in", data=data)


def test_signing_in_and_out(client: FlaskClient, person: str) -> None:
    answer = try_to_sign_in(client)
    assert answer.headers["Location"] == "/desk"  # type: ignore[attr-defined]
    page = client.get("/account")
    assert "A Person" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    client.post("/sign-out", data={"csrf_token": token_of(page.text)})
    assert client.get("/account").status_code == 303


def test_a_wrong_password_and_an_unknown_address_look_the_same(
    client: FlaskClient, person: str
) -> None:
    wrong = try_to_sign_in(client, password="not the password")
    unknown = try_to_sign_in(client, email="nobody@example.org")
    for answer in (wrong, unknown):
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert "is not right" in answer.text  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/votes/?a=1", "/votes/?a=1"),
        ("https://elsewhere.example/", "/desk"),
        ("//elsewhere.example/", "/desk"),
        ("/\\elsewhere.example", "/desk"),
        ("javascript:alert(1)", "/desk"),
        ("/ok\r\nSet-Cookie: a=b", "/desk"),
    ],
)
def test_signing_in_leads_nowhere_else(
    client: FlaskClient, person: str, target: str, leads_to: str
) -> None:
    answer = try_to_sign_in(client, next=target)
    assert answer.headers["Location"] == leads_to  # type: ignore[attr-defined]


def test_a_deactivated_account_is_out_at_once(
    client: FlaskClient, person: str, web_session: Session, now: datetime
) -> None:
    try_to_sign_in(client)
    assert client.get("/account").status_code == 200
    account = find_account_by_email(web_session, email=person)
    assert account is not None
    deactivate_account(web_session, account=account, actor=OPERATOR, now=now)
    web_session.commit()
    assert client.get("/account").status_code == 303
    assert try_to_sign_in(client).status_code == 422  # type: ignore[attr-defined]


def ask_for_reset(app: Flask, client: FlaskClient, address: str) -> None:
    page = client.get("/password-reset").text
    answer = client.post("/password-reset", data={"email": address, "csrf_token": token_of(page)})
    assert "on its way" in answer.text
    with app.app_context():
        run_round()


def link_in(message: Message) -> str:
    body = message.get_payload(decode=True)
    assert isinstance(body, bytes)
    found = re.findall(r"http://\S+(/password-reset/\S+)", body.decode())
    return str(found[0])


class TestResettingThePassword:
    """By a link that works once, within two hours, and ends every session."""

    def mails(self, app: Flask) -> list[Message]:
        folder = Path(app.config["WAYMARK_SETTINGS"].instance) / "mail"
        return [email.message_from_bytes(path.read_bytes()) for path in sorted(folder.glob("*"))]

    def test_the_link_sets_a_new_password_once(
        self, app: Flask, client: FlaskClient, person: str
    ) -> None:
        elsewhere = app.test_client()
        try_to_sign_in(elsewhere)
        ask_for_reset(app, client, person)
        (message,) = self.mails(app)
        assert message["To"] == person
        link = link_in(message)
        page = client.get(link).text
        short = client.post(link, data={"password": "short", "csrf_token": token_of(page)})
        assert short.status_code == 422
        data = {"password": "another long password", "csrf_token": token_of(page)}
        assert client.post(link, data=data).status_code == 303
        assert client.post(link, data=data).status_code == 422
        assert elsewhere.get("/account").status_code == 303
        assert try_to_sign_in(client).status_code == 422  # type: ignore[attr-defined]
        signed_in = try_to_sign_in(client, password="another long password")
        assert signed_in.status_code == 303  # type: ignore[attr-defined]

    def test_an_unknown_address_gets_the_same_page_and_no_mail(
        self, app: Flask, client: FlaskClient, person: str
    ) -> None:
        ask_for_reset(app, client, "nobody@example.org")
        assert self.mails(app) == []

    def test_a_guessed_link_is_refused(self, client: FlaskClient, person: str) -> None:
        page = client.get("/password-reset/guessed").text
        data = {"password": "another long password", "csrf_token": token_of(page)}
        assert client.post("/password-reset/guessed", data=data).status_code == 422


class TestDelivery:
    """E-mail goes through a real server, and waits while there is none."""

    @pytest.fixture
    def port(self) -> int:
        return free_port()

    @pytest.fixture
    def app(self, settings: Settings, port: int) -> Flask:
        return create_app(
            settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{port}"}), testing=True
        )

    def test_a_message_waits_for_the_server_and_arrives_once(
        self, app: Flask, client: FlaskClient, person: str, port: int, now: datetime
    ) -> None:
        received: list[Message] = []

        class Mailbox(MessageHandler):
            def handle_message(self, message: Message) -> None:
                received.append(message)

        ask_for_reset(app, client, person)  # no server yet: kept, to be tried again
        server = Controller(Mailbox(), hostname="127.0.0.1", port=port)
        server.start()
        try:
            with app.app_context():
                assert run_round()["delivered"] == 0  # not due before some minutes are over
                later = datetime.now(now.tzinfo) + timedelta(hours=1)
                assert run_round(later)["delivered"] == 1
                assert run_round(later)["delivered"] == 0
        finally:
            server.stop()
        assert [message["To"] for message in received] == [person]
        assert MAX_ATTEMPTS > 5


def test_an_address_cannot_smuggle_headers(settings: Settings) -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline|CR|LF"):
        mail.build_message(settings, to="a@example.org\nBcc: b@example.org", subject="s", body="b")


def test_rate_limits_stop_guessing(settings: Settings, person: str) -> None:
    limited = settings.model_copy(update={"sign_in_limit": "3 per minute"})
    app = create_app(limited, testing=False)
    client = app.test_client()
    answers = [
        try_to_sign_in(client, password="a wrong password").status_code  # type: ignore[attr-defined]
        for _ in range(5)
    ]
    assert answers == [422, 422, 422, 429, 429]
    other = {"REMOTE_ADDR": "192.0.2.9"}
    page = client.get("/sign-in").text
    data = {"email": ADDRESS, "password": "x", "csrf_token": token_of(page)}
    assert client.post("/sign-in", data=data, environ_base=other).status_code == 422
    app.extensions["waymark.database"].close()


def test_roles_say_what_the_work_area_offers(sign_in: Callable[..., FlaskClient]) -> None:
    assert "Audit log" in sign_in(Role.AUDITOR).get("/desk").text
    assert "Audit log" not in sign_in(Role.CITIZEN).get("/desk").text
    delegate = sign_in(Role.DELEGATE, delegation="GR")
    assert "Greece" in delegate.get("/account").text
