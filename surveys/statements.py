"""Use cases about statements: what participants add, what moderators decide, what is shown next.

A statement that a participant adds is stored with the day and nothing that leads to a draft, an
account or a response. It is shown to others, and can be judged, once a moderator has accepted it.
When one is rejected afterwards, the judgements people gave stay in their responses and in the
counts of the projection; results leave them out and say so (``surveys.results``).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.errors import InvalidInput
from core.ids import new_code
from core.text import LocalizedText, clean_text
from surveys.counting.projection import read_counts
from surveys.errors import (
    StatementExists,
    StatementNotFound,
    StatementQueueFull,
    StatementRefused,
    StatementsNotAsked,
    TooManyStatements,
)
from surveys.models import Consultation, Statement
from surveys.questionnaire import Option, Question
from surveys.statement_order import Judged, order_statements
from surveys.statement_text import ADDED_LENGTH, ADDED_PREFIX, clean_statement, comparable

Status = Literal["pending", "accepted", "rejected"]
STATUSES: tuple[Status, ...] = ("pending", "accepted", "rejected")

# How many may wait for a moderator, per question: a flood stops here.
MOST_PENDING = 2_000
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Moderated:
    """What a decision came to: the status each statement had before, by code, and the new one.

    Statements that were in the new status already are not among them.
    """

    before: Mapping[str, Status]
    status: Status


def add_statement(
    session: Session,
    *,
    consultation: Consultation,
    question: Question,
    text: str,
    language: str,
    already: int,
    now: datetime,
) -> Statement:
    """A statement of a participant's own, waiting for a moderator.

    ``already``: how many this participant has added to the question; the caller counts, since
    nothing stored says who. What says the same as one that waits is that one: sending twice adds
    one. Raises ``StatementsNotAsked``, ``TooManyStatements``, ``InvalidInput`` for the text (10 to
    280 characters), ``StatementExists`` and ``StatementRefused`` for what says the same as one
    that is asked or was rejected, and ``StatementQueueFull``. The caller limits the rate and has
    checked that the consultation is open.
    """
    if question.type != "statements" or not question.allow_own:
        raise StatementsNotAsked
    most = question.max_own or 0
    if already >= most:
        raise TooManyStatements(maximum=most)
    cleaned = clean_statement(text)
    same = comparable(cleaned)
    for option in question.options:
        if same in map(comparable, option.label.values()):
            raise StatementExists(existing=option.code, text=option.label.in_language(language))
    waiting = 0
    for known in _statements(session, consultation.id, question.code):
        waiting += known.status == "pending"
        if same not in map(comparable, known.text.values()):
            continue
        if known.status == "accepted":
            raise StatementExists(existing=known.code, text=known.text.in_language(language))
        if known.status == "rejected":
            raise StatementRefused(reason=known.reason or "")
        return known
    if waiting >= MOST_PENDING:
        raise StatementQueueFull
    return _new_statement(session, consultation, question.code, cleaned, language, now)


def list_accepted(session: Session, *, consultation_id: UUID) -> dict[str, tuple[Option, ...]]:
    """The added statements that people are asked about, by question: one query.

    In the order of their random codes, which says nothing about when each was added.
    """
    found: dict[str, list[Option]] = {}
    for question, code, text in session.execute(
        select(Statement.question, Statement.code, Statement.text)
        .where(Statement.consultation_id == consultation_id, Statement.status == "accepted")
        .order_by(Statement.code)
    ):
        found.setdefault(question, []).append(Option(code, text))
    return {question: tuple(options) for question, options in found.items()}


def accepted_codes(session: Session, *, consultation: Consultation) -> dict[str, frozenset[str]]:
    """The codes of added statements that an answer may name, by question code: one query.

    Those decided on in either way: what a moderator rejects after somebody judged it must not
    keep that person from submitting. Nobody else has ever seen the code of a rejected one.
    """
    found: dict[str, set[str]] = {}
    for question, code in session.execute(
        select(Statement.question, Statement.code).where(
            Statement.consultation_id == consultation.id, Statement.status != "pending"
        )
    ):
        found.setdefault(question, set()).add(code)
    return {question: frozenset(codes) for question, codes in found.items()}


def find_texts(
    session: Session, *, question: str, codes: Collection[str]
) -> dict[str, LocalizedText]:
    """The texts of those added statements that people have been asked about, by code: one query.

    Also of those rejected since: who judged one still reads what it said, in their own answers.
    """
    rows = session.execute(
        select(Statement.code, Statement.text).where(
            Statement.question == question,
            Statement.code.in_(codes),
            Statement.status != "pending",
        )
    )
    return {code: text for code, text in rows}  # noqa: C416 - rows are no plain tuples


def count_judgements(session: Session, *, consultation_id: UUID) -> dict[str, Judged]:
    """How submitted responses judged each statement, by ``question.code``; from the projection."""
    total = read_counts(session, consultation_id=consultation_id).total
    return {
        code: Judged(
            agree=count.options.get("agree", 0),
            disagree=count.options.get("disagree", 0),
            passed=count.options.get("pass", 0),
        )
        for code, count in total.questions.items()
        if not {"agree", "disagree", "pass"}.isdisjoint(count.options)
    }


def statements_for(
    question: Question,
    *,
    accepted: Sequence[Option],
    judgements: Mapping[str, Judged],
    seed: str,
    answered: Collection[str] = (),
) -> tuple[Option, ...]:
    """The statements one participant has not judged yet, the first to be shown first.

    ``accepted``: of ``list_accepted``, those of this question; ``judgements``: what
    ``count_judgements`` gives; both may be some seconds old. ``seed``: the hash of the
    participant's draft (``surveys.codes.draft_hash``), or anything that stays the same while there
    is none. ``answered``: codes to leave out, such as those judged, or hidden by a condition.
    """
    offered = {option.code: option for option in (*question.options, *accepted)}
    left = offered.keys() - set(answered)
    judged = {code: judgements.get(f"{question.code}.{code}", Judged()) for code in left}
    # The seed is bound to the question, so that one question's order says nothing of another's.
    order = order_statements(judged, seed=f"{seed}/{question.code}")
    return tuple(offered[code] for code in order)


def list_statements(
    session: Session,
    *,
    consultation_id: UUID,
    status: Status | None = None,
    question: str | None = None,
) -> list[Statement]:
    """Added statements for a moderator: by the day they came, then by code."""
    query = select(Statement).where(Statement.consultation_id == consultation_id)
    if status is not None:
        query = query.where(Statement.status == status)
    if question is not None:
        query = query.where(Statement.question == question)
    return list(session.scalars(query.order_by(Statement.proposed_on, Statement.code)))


def count_statements(session: Session) -> dict[UUID, dict[Status, int]]:
    """How many statements of each status every consultation has (those with any)."""
    found: dict[UUID, dict[Status, int]] = {}
    for consultation_id, status, count in session.execute(
        select(Statement.consultation_id, Statement.status, func.count()).group_by(
            Statement.consultation_id, Statement.status
        )
    ):
        counts = found.setdefault(consultation_id, dict.fromkeys(STATUSES, 0))
        counts |= {known: count for known in STATUSES if known == status}
    return found


def get_statement(session: Session, *, consultation: Consultation, code: str) -> Statement:
    """Raises ``StatementNotFound``."""
    (statement,) = _locked(session, consultation, [code])
    return statement


def moderate_statements(
    session: Session,
    *,
    consultation: Consultation,
    codes: Collection[str],
    decision: Status,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Moderated:
    """Accept or reject statements, or put them back into the queue ("pending").

    A rejection says why (``InvalidInput`` without a reason); participants who send the same again
    read it. Each change is an event in the audit log, without the text. All or nothing: raises
    ``StatementNotFound`` where one of ``codes`` is none.
    """
    if decision not in STATUSES:
        raise InvalidInput(where="decision", reason=f"expected {', '.join(STATUSES)}")
    words = clean_text(reason, where="reason", maximum=LONGEST_REASON).strip()
    if decision == "rejected" and not words:
        raise InvalidInput(where="reason", reason="say why, so that people can be told")
    before: dict[str, Status] = {}
    for statement in _locked(session, consultation, codes):
        if statement.status == decision:
            continue
        before[statement.code] = _status(statement)
        _decide(session, consultation, statement, decision, words, actor, now)
    return Moderated(before, decision)


def undo_moderation(
    session: Session, *, consultation: Consultation, done: Moderated, actor: Actor, now: datetime
) -> int:
    """Give the statements of ``done`` the status they had before, where nobody changed it since.

    Returns how many that were.
    """
    restored = 0
    for statement in _locked(session, consultation, done.before):
        if statement.status == done.status:
            before = done.before[statement.code]
            _decide(session, consultation, statement, before, "", actor, now)
            restored += 1
    return restored


def reword_statement(
    session: Session,
    *,
    consultation: Consultation,
    code: str,
    text: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Statement:
    """Accept a statement in other words: a new one, and the first is rejected for ``reason``.

    What people judged is never changed under them: judgements of the first stay with the first.
    """
    first = get_statement(session, consultation=consultation, code=code)
    language = first.text.fallback
    cleaned = clean_statement(text)
    if comparable(cleaned) == comparable(first.text.in_language(language)):
        raise InvalidInput(where="statement", reason="expected other words than before")
    moderate_statements(
        session, consultation=consultation, codes=[code], decision="rejected", reason=reason,
        actor=actor, now=now,
    )  # fmt: skip
    new = _new_statement(session, consultation, first.question, cleaned, language, now)
    new.proposed_on = first.proposed_on
    session.flush()
    _decide(session, consultation, new, "accepted", "", actor, now, rewords=code)
    return new


def delete_expired_statements(session: Session, *, now: datetime) -> int:
    """Delete what people proposed and nobody published, where the retention of the consultation
    has ended; returns how many.

    Accepted statements were put to everybody: they are part of what was asked, as the counts under
    them stay, too. What a moderator wrote about them is not.
    """
    expired = select(Consultation.id).where(Consultation.retained_until < now.date())
    mine = Statement.consultation_id.in_(expired)
    session.execute(update(Statement).where(mine).values(reason=None))
    deleted = session.scalars(
        delete(Statement).where(mine, Statement.status != "accepted").returning(Statement.id)
    )
    return len(deleted.all())


def _new_statement(
    session: Session,
    consultation: Consultation,
    question: str,
    text: str,
    language: str,
    now: datetime,
) -> Statement:
    statement = Statement(
        consultation_id=consultation.id,
        question=question,
        code=ADDED_PREFIX + new_code(ADDED_LENGTH).lower(),
        text=LocalizedText.of(text, language),
        status="pending",
        proposed_on=now.date(),
    )
    session.add(statement)
    session.flush()
    return statement


def _decide(
    session: Session,
    consultation: Consultation,
    statement: Statement,
    status: Status,
    reason: str,
    actor: Actor,
    now: datetime,
    **data: str,
) -> None:
    before = statement.status
    statement.status = status
    # Kept when it is accepted after all, so that undoing that knows it again.
    statement.reason = reason or statement.reason
    statement.decided_at = now if status != "pending" else None
    names = {"accepted": "accepted", "rejected": "rejected", "pending": "returned"}
    audit.record_event(
        session, name=f"statement.{names[status]}", actor=actor,
        subject=f"consultation:{consultation.slug}", now=now,
        data={"question": statement.question, "code": statement.code, "before": before, **data},
    )  # fmt: skip
    session.flush()


def _statements(session: Session, consultation_id: UUID, question: str) -> list[Statement]:
    return list(
        session.scalars(
            select(Statement).where(
                Statement.consultation_id == consultation_id, Statement.question == question
            )
        )
    )


def _locked(
    session: Session, consultation: Consultation, codes: Collection[str]
) -> list[Statement]:
    """The statements named, each once, locked in one order."""
    wanted = sorted(set(codes))
    found = list(
        session.scalars(
            select(Statement)
            .where(Statement.consultation_id == consultation.id, Statement.code.in_(wanted))
            .order_by(Statement.code)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    missing = set(wanted) - {statement.code for statement in found}
    if missing:
        raise StatementNotFound(name=min(missing)[:80])
    return found


def _status(statement: Statement) -> Status:
    return next(status for status in STATUSES if status == statement.status)
