"""From a draft to a response: once, whole, and without a trace of who gave it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, inspect, select
from sqlalchemy.orm import Session

from core import audit
from core.db import Database
from core.models import AuditEntry, OutboxMessage
from surveys import codes
from surveys.consultations import add_version, publish_version
from surveys.drafts import begin_or_find_draft, save_profile, save_section
from surveys.errors import (
    AlreadySubmitted,
    DraftNotFound,
    InvalidAnswers,
    InvalidProfile,
    InvitationRefused,
    NotOpen,
    VersionFrozen,
)
from surveys.inviting.invitations import create_invitations, exchange_invitation
from surveys.models import Consultation, Draft, Invitation, Response
from surveys.responses import (
    find_response_by_receipt,
    leaf_of,
    submit_response,
)
from tests.questionnaire_factory import definition, open_consultation

KEY = b"k" * 32
CITIZEN = {"respondent_type": "eu_citizen", "country": "PT"}
ANSWERS = {
    "Q1": "yes",
    "Q2": "Because it takes ten years.",
    "Q3": ["c", "a"],
    "Q4": {"r1": "2"},
    "Q5": 12.5,
    "Q6": "2030-06-30",
}


def answer(
    session: Session,
    consultation: Consultation,
    now: datetime,
    answers: dict[str, Any] | None = None,
    code: str = "",
    profile: dict[str, str] | None = None,
) -> str:
    """A saved draft; returns its resume code."""
    code = code or codes.new_resume_code()
    draft = begin_or_find_draft(
        session, consultation=consultation, code=code, language="en", now=now, credential_key=KEY
    )
    save_profile(draft, profile=CITIZEN if profile is None else profile, now=now)
    given = ANSWERS if answers is None else answers
    saved = save_section(
        session, draft=draft, codes=given.keys(), given=given, language="en", now=now
    )
    assert not saved.problems
    session.flush()
    return code


def submit(session: Session, code: str, now: datetime, **changes: Any) -> Any:
    options: dict[str, Any] = {"publication": "anonymous", "consent": True, "language": "en"}
    return submit_response(session, code=code, now=now, **options | changes)


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_submission_is_one_row_with_its_profile_beside(session: Session, now: datetime) -> None:
    consultation = open_consultation(session, now)
    receipt = submit(session, answer(session, consultation, now), now)
    response = session.scalars(select(Response)).one()
    assert receipt.first
    assert response.reference == receipt.reference
    assert (response.respondent_type, response.country) == ("eu_citizen", "PT")
    assert response.answers == ANSWERS | {"Q3": ["a", "c"]}
    assert response.day == now.date()
    assert session.scalars(select(Draft)).all() == []


def test_a_submission_costs_at_most_six_statements(
    session: Session, database: Database, now: datetime
) -> None:
    code = answer(session, open_consultation(session, now), now)
    session.expunge_all()
    with counted_statements(database) as statements:
        submit(session, code, now)
    assert len(statements) <= 6, statements
    # No row that others update too: inserts, and the deletion of one's own draft.
    assert not [text for text in statements if text.startswith("UPDATE")]


def test_sending_the_same_draft_twice_gives_one_response(session: Session, now: datetime) -> None:
    code = answer(session, open_consultation(session, now), now)
    first, second = submit(session, code, now), submit(session, code, now)
    assert (second.reference, second.key) == (first.reference, first.key)
    assert not second.first
    assert session.scalar(select(func.count()).select_from(Response)) == 1


def test_a_code_that_was_submitted_begins_no_second_draft(session: Session, now: datetime) -> None:
    consultation = open_consultation(session, now)
    code = answer(session, consultation, now)
    submit(session, code, now)
    with pytest.raises(AlreadySubmitted):
        answer(session, consultation, now, code=code)


def test_nothing_in_the_database_leads_from_the_response_to_the_code(
    session: Session, now: datetime
) -> None:
    code = answer(session, open_consultation(session, now), now)
    receipt = submit(session, code, now)
    stored = [
        str(value)
        for table in (Response, AuditEntry, OutboxMessage)
        for row in session.scalars(select(table))
        for value in (getattr(row, column.key) for column in inspect(table).columns)
    ]
    assert not [value for value in stored if code in value or receipt.key in value]
    # Nor to the leaf, whose batch knows the minute.
    leaf_of_it = session.scalars(select(AuditEntry.leaf).where(AuditEntry.event.is_(None))).one()
    values = [
        getattr(session.scalars(select(Response)).one(), c.key) for c in inspect(Response).columns
    ]
    assert leaf_of_it not in values
    assert not [value for value in values if leaf_of_it.hex() in str(value)]
    # Only the day is kept, in the outbox too, and the leaf carries no time at all.
    message = session.scalars(select(OutboxMessage)).one()
    assert (message.due_at.hour, message.due_at.minute, message.due_at.second) == (0, 0, 0)
    leaf = session.scalars(select(AuditEntry).where(AuditEntry.event.is_(None))).one()
    response = session.scalars(select(Response)).one()
    assert response.id.version == message.id.version == leaf.id.version == 4


def test_the_receipt_proves_the_response_in_the_audit_log(session: Session, now: datetime) -> None:
    receipt = submit(session, answer(session, open_consultation(session, now), now), now)
    response = find_response_by_receipt(session, key=receipt.key)
    leaf = leaf_of(response, key=receipt.key)
    assert audit.is_recorded(session, leaf=leaf)
    audit.seal(session, now=now)
    assert audit.prove_inclusion(session, leaf=leaf).size >= 1
    response.answers = response.answers | {"Q1": "no"}
    assert not audit.is_recorded(session, leaf=leaf_of(response, key=receipt.key))


@pytest.mark.parametrize("days", [-2, 10, 400])
def test_outside_the_open_phase_nothing_is_accepted(
    session: Session, now: datetime, days: int
) -> None:
    consultation = open_consultation(session, now)
    code = answer(session, consultation, now)
    later = now + timedelta(days=days)
    with pytest.raises(NotOpen), session.begin_nested():
        submit(session, code, later)
    with pytest.raises(NotOpen):
        answer(session, consultation, later)
    assert session.scalars(select(Draft)).one().answers == ANSWERS


def test_an_unknown_code_is_refused(session: Session, now: datetime) -> None:
    open_consultation(session, now)
    with pytest.raises(DraftNotFound):
        submit(session, codes.new_resume_code(), now)


@pytest.mark.parametrize(
    "given",
    [
        {"Q1": "perhaps"},
        {"Q3": ["a", "nowhere"]},
        {"Q3": ["a", "b", "c"]},
        {"Q2": "bad \x00 character"},
        {"Q2": "half \ud800 a pair"},
        {"Q2": "x" * 2_000_000},
        {"Q4": {"r9": "1"}},
        {"Q4": "1"},
        {"Q5": 101},
        {"Q5": "many"},
        {"Q6": "2030-02-30"},
        {"Q9": "no such question"},
    ],
)
def test_an_answer_that_cannot_be_kept_is_named_and_the_rest_is_saved(
    session: Session, now: datetime, given: dict[str, Any]
) -> None:
    consultation = open_consultation(session, now)
    draft = begin_or_find_draft(
        session, consultation=consultation, code=codes.new_resume_code(), language="en", now=now,
        credential_key=KEY,
    )  # fmt: skip
    (bad,) = given
    good = {"Q1": "no", "Q5": 3} if bad != "Q5" else {"Q1": "no"}
    good = {code: value for code, value in good.items() if code != bad}
    saved = save_section(
        session, draft=draft, codes={*good, *given}, given=good | given, language="en", now=now
    )
    assert [problem.code.split(".")[0] for problem in saved.problems] == [bad]
    assert draft.answers == good


def test_what_is_missing_keeps_a_draft_from_being_submitted_and_the_draft_stays(
    session: Session, now: datetime
) -> None:
    consultation = open_consultation(session, now)
    code = answer(session, consultation, now, {"Q1": "yes"})
    with pytest.raises(InvalidAnswers) as refusal, session.begin_nested():
        submit(session, code, now)
    assert [problem.code for problem in refusal.value.problems] == ["Q2"]
    assert session.scalars(select(Draft)).one().answers == {"Q1": "yes"}


def test_a_required_question_that_is_not_shown_never_blocks(
    session: Session, now: datetime
) -> None:
    receipt = submit(
        session, answer(session, open_consultation(session, now), now, {"Q1": "no"}), now
    )
    assert receipt.first


def test_an_answer_that_became_unreachable_is_left_out(session: Session, now: datetime) -> None:
    consultation = open_consultation(session, now)
    code = answer(session, consultation, now, {"Q1": "no", "Q2": "Kept in the draft only."})
    submit(session, code, now)
    assert session.scalars(select(Response)).one().answers == {"Q1": "no"}


def test_background_and_consent_are_needed(session: Session, now: datetime) -> None:
    consultation = open_consultation(session, now)
    code = answer(session, consultation, now, profile={"respondent_type": "ngo"})
    with pytest.raises(InvalidProfile) as refusal, session.begin_nested():
        submit(session, code, now, consent=False, publication="loudly")
    assert refusal.value.problems == {
        "consent": "required", "publication": "required", "country": "required",
        "organisation_size": "required", "organisation_name": "required",
    }  # fmt: skip


def test_names_are_kept_only_when_the_participant_wants_to_be_named(
    session: Session, now: datetime
) -> None:
    consultation = open_consultation(session, now)
    submit(session, answer(session, consultation, now), now, first_name="Ada", surname="B")
    named = answer(session, consultation, now)
    submit(session, named, now, publication="named", first_name="Ada", surname="B")
    names = {(r.publication, r.first_name, r.surname) for r in session.scalars(select(Response))}
    assert names == {("anonymous", None, None), ("named", "Ada", "B")}


def test_whoever_began_on_a_version_finishes_on_it(session: Session, now: datetime) -> None:
    consultation = open_consultation(session, now)
    first = consultation.current_version_id
    code = answer(session, consultation, now)
    changed = definition()
    del changed["sections"][1]
    version = add_version(
        session, consultation=consultation, definition=changed, actor=audit.OPERATOR, now=now
    )
    publish_version(
        session, consultation=consultation, version=version, actor=audit.OPERATOR, now=now
    )
    submit(session, code, now)
    assert version.number == 2
    assert session.scalars(select(Response)).one().version_id == first


def test_a_published_version_is_frozen(session: Session, now: datetime) -> None:
    consultation = open_consultation(session, now)
    version = consultation.versions[0]
    with pytest.raises(VersionFrozen):
        publish_version(
            session, consultation=consultation, version=version, actor=audit.OPERATOR, now=now
        )


class TestTargetedPoll:
    """A poll among invited people."""

    @pytest.fixture
    def poll(self, session: Session, now: datetime) -> Consultation:
        return open_consultation(session, now, slug="poll", kind="targeted", asks_profile=False)

    def invite(self, session: Session, poll: Consultation, now: datetime) -> str:
        (token,) = create_invitations(
            session, consultation=poll, count=1, actor=audit.OPERATOR, now=now
        )
        return token

    def test_a_token_is_good_for_one_response(
        self, session: Session, poll: Consultation, now: datetime
    ) -> None:
        token = self.invite(session, poll, now)
        code = exchange_invitation(session, consultation=poll, token=token, key=KEY, now=now)
        submit(session, answer(session, poll, now, code=code), now)
        with pytest.raises(InvitationRefused):
            exchange_invitation(session, consultation=poll, token=token, key=KEY, now=now)
        with pytest.raises(AlreadySubmitted):
            answer(session, poll, now, code=code)

    def test_without_an_invitation_nobody_answers(
        self, session: Session, poll: Consultation, now: datetime
    ) -> None:
        with pytest.raises(InvitationRefused):
            answer(session, poll, now)
        with pytest.raises(InvitationRefused):
            answer(session, poll, now, code=codes.new_credential(b"another key", "poll"))
        with pytest.raises(InvitationRefused):
            answer(session, poll, now, code=codes.new_credential(KEY, "another-poll"))

    def test_a_guessed_token_is_refused(
        self, session: Session, poll: Consultation, now: datetime
    ) -> None:
        with pytest.raises(InvitationRefused):
            exchange_invitation(session, consultation=poll, token="guess", key=KEY, now=now)

    def test_the_token_is_stored_hashed_and_the_draft_does_not_know_it(
        self, session: Session, poll: Consultation, now: datetime
    ) -> None:
        token = self.invite(session, poll, now)
        code = exchange_invitation(session, consultation=poll, token=token, key=KEY, now=now)
        answer(session, poll, now, code=code)
        row = session.scalars(select(Invitation)).one()
        assert token not in row.token_hash
        assert row.used_on == now.date()
        draft = session.scalars(select(Draft)).one()
        assert (draft.invitation_id, draft.pseudonym, draft.account_id) == (None, None, None)
        assert "created_at" not in {c.key for c in inspect(Draft).columns}
