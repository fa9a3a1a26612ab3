"""Invitations and reminders through a real mail server, in its good and its bad hours."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.jobs import run_round
from app.journey import credential_key
from core.audit import OPERATOR
from core.db import Base
from core.models import AuditEntry, OutboxMessage
from stakeholders.permissions import Role
from surveys.inviting.delivery_reports import read_reports
from surveys.inviting.invitation_lists import Invitee
from surveys.inviting.invitation_register import note_reports
from surveys.inviting.invitations import note_answers
from surveys.inviting.mailing import invite_people, remind
from surveys.models import Consultation, Draft, Invitation, Response
from tests.questionnaire_factory import open_consultation
from tests.services import free_port
from tests.unit.surveys.test_delivery_reports import report
from tests.web.test_answering import send

ADA = Invitee(2, "ada@example.eu", "Ada Horn", "Node", "fr")
BO = Invitee(3, "bo@example.eu")


class MailServer:
    """Answers each address as it is told, and keeps what it takes."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.replies: dict[str, str] = {}
        self.taken: list[Message] = []
        self.controller: Controller | None = None

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        reply = self.replies.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content)
        self.taken.append(message)
        return self.replies.get("DATA", "250 OK")

    def start(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None


@pytest.fixture
def server() -> Iterator[MailServer]:
    server = MailServer(free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def app(settings: Settings, server: MailServer) -> Iterator[Flask]:
    address = f"smtp://127.0.0.1:{server.port}"
    app = create_app(settings.model_copy(update={"smtp_url": address}), testing=True)
    yield app
    app.extensions["waymark.database"].close()


@pytest.fixture
def invite(app: Flask, web_session: Session) -> Callable[..., Consultation]:
    """A poll, to which these people are invited."""

    def invite(*invitees: Invitee, **options: Any) -> Consultation:
        now = datetime.now(UTC)
        poll = open_consultation(
            web_session, now, slug="poll", kind="targeted", asks_profile=False, **options
        )
        with app.app_context():
            invite_people(
                web_session, consultation=poll, invitees=invitees or (ADA, BO),
                key=credential_key(), actor=OPERATOR, now=now,
            )  # fmt: skip
        web_session.commit()
        return poll

    return invite


def work(app: Flask, minutes: int = 0) -> None:
    with app.app_context():
        run_round(datetime.now(UTC) + timedelta(minutes=minutes))


def people(session: Session) -> dict[str, Invitation]:
    rows = session.scalars(select(Invitation).execution_options(populate_existing=True)).all()
    session.commit()
    return {row.email or "": row for row in rows}


def waiting(session: Session) -> list[OutboxMessage]:
    rows = list(
        session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.topic == "email.invitation")
            .execution_options(populate_existing=True)
        )
    )
    session.commit()
    return rows


def text_of(message: Message) -> str:
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def link_in(message: Message) -> str:
    return re.findall(r"http://127\.0\.0\.1:8000(/consultations/\S+/invitation/\S+)",
                      text_of(message))[0]  # fmt: skip


def test_a_letter_in_the_persons_language_with_a_way_out(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session
) -> None:
    invite()
    assert all(
        message.payload.keys() == {"invitation", "number"} for message in waiting(web_session)
    )
    work(app)
    by_address = {message["To"]: message for message in server.taken}
    french, english = by_address["ada@example.eu"], by_address["bo@example.eu"]
    assert text_of(french).startswith("Bonjour Ada Horn,")
    assert "Les réseaux de demain" in text_of(french)
    assert text_of(english).startswith("Dear Sir or Madam,")
    assert french["Content-Language"] == "fr"
    assert french.get_content_type() == "text/plain"
    assert french["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<http://\S+/decline/\S+>", french["List-Unsubscribe"])
    assert "(Brussels time)" in text_of(english)
    assert "heure locale\N{NO-BREAK SPACE}: Bruxelles" in text_of(french)
    found = people(web_session)
    assert all(person.invited_on is not None for person in found.values())
    token = link_in(french).rpartition("/")[2]
    assert token not in {person.token_hash for person in found.values()}
    # Nothing of it stays behind.
    assert waiting(web_session) == []


def test_the_same_message_handled_twice_sends_one_letter(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session
) -> None:
    invite(ADA)
    (message,) = waiting(web_session)
    payload = dict(message.payload)
    work(app)
    web_session.add(OutboxMessage(topic="email.invitation", payload=payload,
                                  due_at=datetime.now(UTC), attempts=0))  # fmt: skip
    web_session.commit()
    work(app)
    assert len(server.taken) == 1
    assert waiting(web_session) == []


def test_a_server_that_is_busy_is_asked_again(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session
) -> None:
    invite(ADA)
    server.replies["ada@example.eu"] = "451 4.7.1 Greylisted, ada@example.eu, come back later"
    work(app)
    (message,) = waiting(web_session)
    assert message.attempts == 1
    assert message.last_error is not None
    assert "451" in message.last_error
    assert "ada@example.eu" not in message.last_error
    assert people(web_session)["ada@example.eu"].bounced_on is None
    server.replies.clear()
    work(app)
    assert server.taken == []  # not before its time
    work(app, minutes=5)
    assert [message["To"] for message in server.taken] == ["ada@example.eu"]


def test_a_refusal_for_good_is_a_bounce_and_is_shown(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session
) -> None:
    invite()
    server.replies["ada@example.eu"] = "550 5.1.1 No such user here"
    work(app)
    person = people(web_session)["ada@example.eu"]
    assert person.bounced_on is not None
    assert person.bounce == "550 5.1.1 No such user here"
    assert waiting(web_session) == []
    assert len(server.taken) == 1


def test_a_server_that_refuses_the_text_is_a_bounce_and_one_that_refuses_us_is_not(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session
) -> None:
    invite(ADA)
    server.replies["DATA"] = "554 5.7.1 Refused by policy"
    work(app)
    assert people(web_session)["ada@example.eu"].bounce == "554 5.7.1 Refused by policy"


def test_letters_wait_for_a_server_that_is_down(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session
) -> None:
    invite()
    server.stop()
    work(app)
    messages = waiting(web_session)
    assert len(messages) == 2
    assert {message.last_error for message in messages} <= {None, "ConnectionRefusedError"}
    server.start()
    work(app, minutes=5)
    assert len(server.taken) == 2
    assert waiting(web_session) == []


def test_invitations_to_what_is_announced_go_out_when_it_opens(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session
) -> None:
    poll = invite(ADA)
    poll.opens_at = datetime.now(UTC) + timedelta(hours=2)
    web_session.commit()
    work(app)  # it was moved after the letter was queued
    assert server.taken == []
    assert len(waiting(web_session)) == 1
    poll.opens_at = datetime.now(UTC) - timedelta(hours=2)
    web_session.commit()
    work(app, minutes=180)
    assert len(server.taken) == 1


def test_a_reminder_repeats_the_link_and_leaves_those_in_peace_who_need_none(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session
) -> None:
    cy, di, ed = (Invitee(n, f"{name}@example.eu") for n, name in enumerate(("cy", "di", "ed")))
    poll = invite(ADA, BO, cy, di, ed)
    server.replies["di@example.eu"] = "550 gone"
    work(app)
    links = {message["To"]: link_in(message) for message in server.taken}
    assert send(app.test_client(), links["bo@example.eu"]).status_code == 303  # type: ignore[attr-defined]
    letter = next(message for message in server.taken if message["To"] == "cy@example.eu")
    decline = letter["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    stranger = app.test_client()
    assert "Do not write to me again" in stranger.get(decline).text
    assert people(web_session)["cy@example.eu"].declined_on is None  # looking is not declining
    one_click = app.test_client().post(decline, data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    assert people(web_session)["cy@example.eu"].declined_on is not None
    server.taken.clear()
    now = datetime.now(UTC)
    assert remind(web_session, consultation=poll, actor=OPERATOR, now=now) == 2
    assert remind(web_session, consultation=poll, actor=OPERATOR, now=now) == 2  # pressed twice
    web_session.commit()
    work(app)
    assert sorted(message["To"] for message in server.taken) == ["ada@example.eu", "ed@example.eu"]
    assert {message["To"]: link_in(message) for message in server.taken}.items() <= links.items()
    assert server.taken[0]["Subject"]
    assert people(web_session)["ada@example.eu"].reminders == 1
    assert remind(web_session, consultation=poll, actor=OPERATOR, now=now) == 0  # today already
    assert remind(web_session, consultation=poll, actor=OPERATOR, now=now, again=True) == 2
    web_session.rollback()


def test_after_a_new_key_the_next_letter_carries_a_link_that_is_good(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session
) -> None:
    poll = invite(ADA)
    work(app)
    old = link_in(server.taken[0])
    app.config["SECRET_KEY"] = "another key, after the first one leaked"
    remind(web_session, consultation=poll, actor=OPERATOR, now=datetime.now(UTC))
    web_session.commit()
    work(app)
    assert "not valid" in app.test_client().get(old).text
    assert "Accept and begin" in app.test_client().get(link_in(server.taken[1])).text


def test_who_was_deleted_or_answered_meanwhile_is_not_written_to(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session
) -> None:
    invite()
    web_session.delete(people(web_session)["ada@example.eu"])
    bo = people(web_session)["bo@example.eu"]
    bo.used_on = datetime.now(UTC).date()
    web_session.commit()
    work(app)
    assert server.taken == []
    assert waiting(web_session) == []


def test_a_declined_letter_can_be_wished_for_again_and_a_guessed_link_is_refused(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session
) -> None:
    invite(ADA)
    work(app)
    address = server.taken[0]["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    client = app.test_client()
    assert "We do not write to you" in send(client, address, wish="stop").text  # type: ignore[attr-defined]
    send(client, address, wish="write")
    assert people(web_session)["ada@example.eu"].declined_on is None
    assert client.get(address[:-1] + "x").status_code == 403
    assert app.test_client().post(address[:-1] + "x").status_code == 403


def test_each_kind_of_bad_link_has_its_page(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session,
    client: FlaskClient,
) -> None:  # fmt: skip
    poll = invite(ADA)
    work(app)
    link = link_in(server.taken[0])
    assert "Accept and begin" in client.get(link).text
    assert "not valid" in client.get(link[:-1] + ("A" if link[-1] != "A" else "B")).text
    send(client, link)
    assert "used already" in app.test_client().get(link).text
    poll.closes_at = datetime.now(UTC) - timedelta(minutes=1)
    web_session.commit()
    assert "used already" in app.test_client().get(link).text
    people(web_session)["ada@example.eu"].used_on = None
    web_session.commit()
    assert "has expired" in app.test_client().get(link).text
    assert app.test_client().post(link).status_code == 409


def test_letters_that_come_back_later_mark_the_invitation(
    app: Flask, invite: Callable[..., Consultation], server: MailServer, web_session: Session,
    tmp_path: Path,
) -> None:  # fmt: skip
    invite()
    work(app)
    letter = next(message for message in server.taken if message["To"] == "ada@example.eu")
    returned = report(address="ada@example.eu").replace(
        re.findall(rb"Message-ID: (\S+)", report())[0], letter["Message-ID"].encode()
    )
    file = tmp_path / "bounce.eml"
    file.write_bytes(returned)
    result = app.test_cli_runner().invoke(args=["surveys", "bounces", str(file)])
    assert "1 invitations marked" in result.output
    found = people(web_session)
    assert found["ada@example.eu"].bounced_on is not None
    assert found["ada@example.eu"].bounce.startswith("5.1.1 550")  # type: ignore[union-attr]
    assert found["bo@example.eu"].bounced_on is None
    # Without our headers, by the address; what is not ours is counted and marks nobody.
    other = report(address="bo@example.eu") + b"\n"
    for data, marked in ((other, 1), (report(address="stranger@example.eu"), 0)):
        with app.app_context():
            noted = note_reports(
                web_session, reports=read_reports(data), key=credential_key(), actor=OPERATOR,
                now=datetime.now(UTC),
            )  # fmt: skip
        assert (noted.marked, noted.unknown) == (marked, 1 - marked)
    web_session.commit()


class TestPromises:
    """What each mode keeps, looked for in every table, the outbox and the audit log."""

    def answer(self, app: Flask, server: MailServer) -> None:
        work(app)
        for message in list(server.taken):
            client = app.test_client()
            assert send(client, link_in(message)).status_code == 303  # type: ignore[attr-defined]
            send(client, "/consultations/poll/answer/section/views", Q1="no")
            done = send(
                client, "/consultations/poll/answer/review", publication="anonymous", consent="yes"
            )
            assert done.status_code == 303, done.text  # type: ignore[attr-defined]
        work(app)

    def everything(self, session: Session) -> dict[str, str]:
        """All rows of every table but the invitations themselves, as text."""
        rows = {
            name: repr([tuple(row) for row in session.execute(table.select())])
            for name, table in Base.metadata.tables.items()
            if name != "invitations"
        }
        session.commit()
        return rows

    def test_an_anonymous_poll_joins_nothing(
        self, app: Flask, invite: Callable[..., Consultation], server: MailServer,
        web_session: Session,
    ) -> None:  # fmt: skip
        invite()
        self.answer(app, server)
        for person in people(web_session).values():
            assert person.used_on is not None
            assert person.answered_on is None
            for table, text in self.everything(web_session).items():
                for secret in (str(person.id), person.id.hex, person.email, person.token_hash):
                    assert secret not in text, (table, secret)
        for response in web_session.scalars(select(Response)).all():
            assert (response.account_id, response.invitation_id, response.pseudonym) == (None,) * 3

    def test_a_pseudonymous_poll_keeps_a_pseudonym_and_no_name(
        self, app: Flask, invite: Callable[..., Consultation], server: MailServer,
        web_session: Session,
    ) -> None:  # fmt: skip
        poll = invite(anonymity="pseudonymous")
        self.answer(app, server)
        found = people(web_session)
        assert all(person.answered_on is not None for person in found.values())
        responses = web_session.scalars(select(Response)).all()
        assert len({response.pseudonym for response in responses}) == 2
        assert {response.invitation_id for response in responses} == {None}
        everything = self.everything(web_session)
        for person in found.values():
            for table, text in everything.items():
                for secret in (str(person.id), person.id.hex, person.email, person.name):
                    assert secret is None or secret not in text, (table, secret)
        for table in ("audit_entries", "outbox_messages", "drafts"):
            assert not any(response.pseudonym in everything[table] for response in responses)  # type: ignore[operator]
        with app.app_context():
            assert note_answers(web_session, consultation_id=poll.id, key=credential_key()) == 0
        web_session.commit()

    def test_an_identified_poll_keeps_the_invitation_and_shows_it_to_staff(
        self, app: Flask, invite: Callable[..., Consultation], server: MailServer,
        web_session: Session, sign_in: Callable[..., FlaskClient],
    ) -> None:  # fmt: skip
        invite(anonymity="identified")
        self.answer(app, server)
        found = people(web_session)
        responses = web_session.scalars(select(Response)).all()
        web_session.commit()
        assert {r.invitation_id for r in responses} == {person.id for person in found.values()}
        assert all(person.answered_on is not None for person in found.values())
        events = self.everything(web_session)["audit_entries"]
        assert not any(str(person.id) in events for person in found.values())
        page = sign_in(Role.SECRETARIAT).get("/desk/consultations/poll/invitations/participants")
        assert "Ada Horn" in page.text
        assert responses[0].reference in page.text

    def test_the_draft_of_a_poll_that_is_not_anonymous_begins_with_the_invitation(
        self, app: Flask, invite: Callable[..., Consultation], server: MailServer,
        web_session: Session,
    ) -> None:  # fmt: skip
        invite(ADA, anonymity="pseudonymous")
        work(app)
        client = app.test_client()
        page = client.get(link_in(server.taken[0]))
        assert "carry a pseudonym, not your name" in page.text
        welcome = send(client, link_in(server.taken[0]))
        assert "carry a pseudonym" in client.get(welcome.headers["Location"]).text  # type: ignore[attr-defined]
        draft = web_session.scalars(select(Draft)).one()
        assert draft.pseudonym is not None
        assert draft.invitation_id is None
        assert web_session.scalars(select(AuditEntry)).all()
        web_session.commit()
