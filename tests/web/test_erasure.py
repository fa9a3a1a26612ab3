"""Erased means erased: nothing that a person gave is left in database, files or logs.

Every secret begins with ``zq``, so one search of everything the instance keeps finds what was
forgotten: the tables by their rows, the folder by its bytes, standard error by its lines.
"""

import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import jobs
from app.jobs import run_retention, run_round
from app.journey import credential_key
from app.resume_mail import enqueue_resume_letter
from app.uploads import forget_arrival, store_upload, uploads_folder
from core import audit, outbox
from core.audit import OPERATOR
from core.db import Base
from core.models import AuditEntry, OutboxMessage
from core.text import LocalizedText
from stakeholders.permissions import Role
from surveys.drafts import find_draft, save_section
from surveys.inviting.invitation_lists import Invitee
from surveys.inviting.invitations import exchange_invitation
from surveys.inviting.mailing import invite_people, note_bounce
from surveys.inviting.tokens import invitation_token
from surveys.models import Consultation, Invitation, Response, Statement
from surveys.questionnaire import Question
from surveys.quotas import set_quota
from surveys.responses import submit_response
from surveys.statements import add_statement, moderate_statements
from tests.every_question import definition, question
from tests.questionnaire_factory import open_consultation
from tests.web.conftest import token_in
from tests.web.test_commands import done, run

SECRET = re.compile(rb"zq[a-z]+", re.IGNORECASE)
FILE = b"%PDF-1.7 zqinsidefile"
ASKED = definition(
    languages=["en"],
    title={"en": "T"},
    sections=[
        {"code": "s", "title": {"en": "S"}, "questions": [
            question("WHY", "long_text", "Why?", max_length=2000) | {"title": {"en": "Why?"}},
            question("F", "upload", "File") | {"title": {"en": "File"}, "accept": ["pdf"]},
            question("SAY", "statements", "Say", allow_own=True) | {
                "title": {"en": "Say"},
                "options": [{"code": "one", "label": {"en": "One"}}],
            },
        ]},
    ],
)  # fmt: skip
PERSON = Invitee(
    2, "zqaddress@example.eu", "Zqname Zqsurname", "Zqorganisation", "en", {"seat": "zqseat"}
)


@pytest.fixture
def poll(web_session: Session) -> Consultation:
    consultation = open_consultation(
        web_session, datetime.now(UTC), slug="poll", kind="targeted", anonymity="identified",
        definition=ASKED,
    )  # fmt: skip
    web_session.commit()
    return consultation


@pytest.fixture
def filled(app: Flask, web_session: Session, poll: Consultation) -> Consultation:
    """A poll in which everything that can be stored of people is stored."""
    session, now = web_session, datetime.now(UTC)
    with app.test_request_context():
        key = credential_key()
        people = [PERSON] + [
            Invitee(line, f"zqmany{'abcdefghijkl'[line]}@example.eu", "Zqmany")
            for line in range(3, 12)
        ]
        invite_people(session, consultation=poll, invitees=people, key=key, actor=OPERATOR, now=now)
        set_quota(session, consultation=poll, code="all", places=500, actor=OPERATOR, now=now)
        upload = Question(code="F", type="upload", title=LocalizedText.of("File"))
        invitations = session.scalars(select(Invitation)).all()
        note_bounce(session, invitation_id=_person(session).id, words="no zqmailbox", now=now)
        for at, invitation in enumerate(invitations):
            code = exchange_invitation(
                session, consultation=poll, token=invitation_token(key, invitation.id), key=key,
                now=now,
            )  # fmt: skip
            draft = find_draft(session, consultation=poll, code=code)
            assert draft is not None
            draft.profile = {
                "respondent_type": "ngo", "organisation_name": "Zqngo", "country": "FR",
                "organisation_size": "micro", "register_number": "123456789012-34",
                "scope": "national",
            }  # fmt: skip
            content = FILE + bytes([48 + at])
            sent = store_upload(BytesIO(content), name="zqfilename.pdf", question=upload)
            save_section(
                session, draft=draft, codes={"WHY", "F"}, language="en", now=now,
                given={"WHY": "the same zqcampaign in the words of everybody here", "F": [sent]},
            )  # fmt: skip
            session.flush()
            if at:
                submit_response(
                    session, code=code, publication="named", consent=True, language="en", now=now,
                    first_name="Zqfirst", surname="Zqlast", seconds=60,
                )  # fmt: skip
        asked = Question(
            code="SAY", type="statements", title=LocalizedText.of("Say"), allow_own=True, max_own=9
        )
        added = [
            add_statement(
                session, consultation=poll, question=asked, text=text, language="en", already=0,
                now=now,
            ).code
            for text in ("This waits, zqpending.", "This one not, zqrejected.", "Quite all right.")
        ]  # fmt: skip
        for code, decision in ((added[1], "rejected"), (added[2], "accepted")):
            moderate_statements(
                session,
                consultation=poll,
                codes=[code],
                decision=decision,
                actor=OPERATOR,
                now=now,
                reason="names zqsomebody",
            )  # type: ignore[arg-type]
        enqueue_resume_letter(
            session, to="zqresume@example.eu", slug="poll", title=poll.title, code="ZQCODE",
            language="en", now=now,
        )  # fmt: skip
        for message in session.scalars(select(OutboxMessage)):
            if message.topic in jobs.LETTERS_WITH_CODES:
                message.attempts = outbox.MAX_ATTEMPTS  # given up, for whatever reason
        session.commit()
        run_round()
    return poll


def _person(session: Session) -> Invitation:
    return session.scalars(select(Invitation).where(Invitation.email == PERSON.email)).one()


def kept(session: Session) -> list[str]:
    """Secrets in any row, with the table that has them."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            for secret in SECRET.findall(repr(tuple(row)).encode()):
                found.append(f"{table.name}: {secret.decode()}")
    session.rollback()
    return sorted(set(found))


def files_with_secrets(folder: Path) -> list[str]:
    # Letters are files here for want of a mail server; an operator has one.
    return sorted(
        {
            f"{path.relative_to(folder)}: {secret.decode()}"
            for path in folder.rglob("*")
            if path.is_file() and "mail" not in path.parts
            for secret in SECRET.findall(path.name.encode() + path.read_bytes())
        }
    )


def test_when_retention_ends_nothing_of_anybody_is_left(
    app: Flask, web_session: Session, filled: Consultation, capsys: pytest.CaptureFixture[str]
) -> None:
    folder: Path = app.config["WAYMARK_SETTINGS"].instance
    before = kept(web_session)
    for table in ("responses", "drafts", "invitations", "statements", "outbox_messages"):
        assert any(line.startswith(f"{table}:") for line in before), before
    assert any("uploads/" in line for line in files_with_secrets(folder))
    with app.test_request_context():
        later = datetime.now(UTC) + timedelta(days=30)
        filled.closes_at, filled.retained_until = later - timedelta(days=20), later.date()
        web_session.commit()
        run_round(later)  # makes the report on unusual responses
        assert list((folder / "marks").iterdir())
        run_retention(later)  # on the last day itself everything is still there
        assert len(web_session.scalars(select(Response)).all()) == 9
        web_session.rollback()
        done = run_retention(later + timedelta(days=1))
    assert done["responses"] == 9
    assert (done["drafts"], done["people"], done["statements"], done["files"]) == (1, 10, 2, 10)
    assert kept(web_session) == []
    web_session.close()
    with app.app_context():
        run_retention(later + timedelta(days=2))
    assert files_with_secrets(folder) == []
    assert not SECRET.search(capsys.readouterr().err.encode())
    # What was published stays, and who did all this is in the log, in numbers.
    events = [e["data"] for e in web_session.scalars(select(AuditEntry.event)) if e]
    assert {"drafts": 1, "responses": 9, "people": 10, "statements": 2} in events
    assert [s.text["en"] for s in web_session.scalars(select(Statement))] == ["Quite all right."]


def test_files_of_a_response_that_is_still_there_stay(
    app: Flask, web_session: Session, filled: Consultation
) -> None:
    with app.test_request_context():
        done = run_retention(datetime.now(UTC) + timedelta(days=10))
        assert done["files"] == 0
        assert len([p for p in uploads_folder().rglob("*") if p.is_file()]) == 10


def test_files_do_not_tell_when_they_came(
    app: Flask, web_session: Session, filled: Consultation
) -> None:
    """Neither the time of a file nor of a folder, nor, after the night, its inode's order."""

    def stats() -> dict[Path, os.stat_result]:
        return {path: path.stat() for path in [uploads_folder(), *uploads_folder().rglob("*")]}

    with app.app_context():
        came = stats()
        assert {s.st_mtime % 86_400 for s in came.values()} == {0}
        assert forget_arrival(now=datetime.now(UTC)) == 0  # the day is not over
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        assert forget_arrival(now=tomorrow) == 10
        files = {path: stat for path, stat in stats().items() if path.is_file()}
        assert all(stat.st_ino != came[path].st_ino for path, stat in files.items())
        assert all(path.read_bytes().startswith(FILE) for path in files)
        by_change = sorted(files, key=lambda path: files[path].st_ctime_ns)
        assert by_change == sorted(files)
        assert forget_arrival(now=tomorrow) == 0  # each once
        assert forget_arrival(now=tomorrow + timedelta(days=1)) == 0
        # The day is kept, for the job that deletes what nobody names.
        assert {date.fromtimestamp(s.st_mtime) for s in files.values()} == {
            datetime.now(UTC).date()
        }


def test_a_person_is_erased_on_the_desk_without_a_trace(
    app: Flask, web_session: Session, filled: Consultation, sign_in: Callable[..., FlaskClient]
) -> None:
    desk = sign_in(Role.SECRETARIAT)
    web_session.expire_all()
    person = _person(web_session)
    address = f"/desk/consultations/poll/invitations/{person.id}"
    web_session.rollback()
    page = desk.get(address)
    assert page.status_code == 200, page.text
    form = {"csrf_token": token_in(page.text), "sure": "yes"}
    assert desk.post(f"{address}/erase", data=form).status_code == 303
    left = " ".join(kept(web_session)).lower()
    assert not any(word in left for word in ("zqaddress", "zqseat", "zqmailbox", "zqorganisation"))
    with app.app_context():
        run_retention()
    web_session.close()
    folder: Path = app.config["WAYMARK_SETTINGS"].instance
    assert "zqaddress" not in " ".join(files_with_secrets(folder)).lower()


def test_a_response_is_erased_on_request_after_the_closing(
    app: Flask, web_session: Session, filled: Consultation
) -> None:
    filled.closes_at = datetime.now(UTC) - timedelta(minutes=1)
    web_session.commit()
    response = web_session.scalars(select(Response)).first()
    assert response is not None
    reference = response.reference
    web_session.rollback()
    assert run(app, "surveys", "erase", "NONE-SUCH-0000").exit_code == 1
    assert done(app, "surveys", "erase", reference.lower()) == {"consultation": "poll", "erased": 1}
    assert done(app, "surveys", "results", "poll")["responses"] == 8
    assert len(web_session.scalars(select(Response)).all()) == 8
    events = [e for e in web_session.scalars(select(AuditEntry.event)) if e]
    (erased,) = [e for e in events if e["name"] == "response.erased"]
    assert reference not in str(erased)
    web_session.rollback()
    with app.app_context():
        run_retention(datetime.now(UTC) + timedelta(days=2))
        files = [path for path in uploads_folder().rglob("*") if path.is_file()]
    assert len(files) == 9
    with app.app_context():
        assert audit.verify(web_session).valid
