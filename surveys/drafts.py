"""Use cases about answers on their way: begin, save section by section, find again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, inspect, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from surveys.codes import draft_hash, is_credential, receipt_hash, receipt_key
from surveys.consultations import get_questionnaire
from surveys.errors import AlreadySubmitted, DraftNotFound, InvitationRefused
from surveys.inviting.identities import identity_kept
from surveys.merging import merge
from surveys.models import Consultation, Draft, Response
from surveys.phases import require_open
from surveys.questionnaire import Questionnaire
from surveys.validation import Problem, validate

# Built once: building a statement costs more than sending it.
_FIND_DRAFT = select(Draft).where(Draft.code_hash == bindparam("code_hash"))
_LOCK_DRAFT = _FIND_DRAFT.with_for_update().execution_options(populate_existing=True)

_DRAFTS = cast(Table, Draft.__table__)
_SAVE_SECTION = (
    update(_DRAFTS)
    .where(_DRAFTS.c.code_hash == bindparam("of_draft"))
    .values({name: bindparam(name) for name in ("answers", "language", "saved_on")})
)


@dataclass(frozen=True, slots=True)
class SavedSection:
    """What saving a section came to: the draft as it is now, and what was not taken over.

    ``conflicts``: questions that somebody else changed since the page was made.
    """

    draft: Draft
    problems: tuple[Problem, ...]
    conflicts: tuple[str, ...] = ()


def begin_or_find_draft(
    session: Session,
    *,
    consultation: Consultation,
    code: str,
    language: str,
    now: datetime,
    credential_key: bytes,
    code_is_new: bool = True,
    account_id: UUID | None = None,
) -> Draft:
    """The draft under ``code``, locked for writing; a new one if there is none yet.

    ``code_is_new`` is False for a code that a browser brought along. In a public consultation
    nothing is begun under it: whoever slipped it in could read what is saved there.
    Raises ``NotOpen``, ``InvitationRefused`` when a targeted poll gets a code that no invitation
    was exchanged for, ``AlreadySubmitted``, and ``DraftNotFound``.
    """
    require_open(consultation, now=now)
    draft = session.scalar(_LOCK_DRAFT, {"code_hash": draft_hash(code)})
    if draft is not None and draft.consultation_id == consultation.id:
        return draft
    if consultation.kind == "targeted" and not is_credential(
        credential_key, consultation.slug, code
    ):
        raise InvitationRefused
    if draft is not None or (consultation.kind == "public" and not code_is_new):
        raise DraftNotFound
    submitted = select(Response.id).where(Response.receipt_hash == receipt_hash(receipt_key(code)))
    if session.scalar(submitted) is not None:
        raise AlreadySubmitted
    if consultation.kind == "targeted" and consultation.anonymity != "anonymous":
        raise InvitationRefused  # there the draft begins with the invitation, and was deleted since
    assert consultation.current_version_id is not None  # open consultations have a version
    draft = Draft(
        code_hash=draft_hash(code),
        consultation_id=consultation.id,
        version_id=consultation.current_version_id,
        language=language,
        profile={},
        answers={},
        **identity_kept(consultation, key=credential_key, account_id=account_id),
        saved_on=now.date(),
    )
    session.add(draft)
    return draft


def save_section(
    session: Session,
    *,
    draft: Draft,
    codes: Collection[str],
    given: Mapping[str, Any],
    language: str,
    now: datetime,
    read: Mapping[str, str] | None = None,
    asked: Collection[str] = (),
) -> SavedSection:
    """Replace the answers of the questions ``codes`` by ``given``.

    Answers that cannot be kept are named in ``problems``; what was saved for them before stays.
    Answers to questions outside ``codes`` are not touched. ``read`` and ``asked``: what the page
    was made with (``surveys.merging``); answers that somebody else changed meanwhile then stay as
    they are, and ``conflicts`` names the questions that both changed.
    """
    questionnaire = get_questionnaire(session, version_id=draft.version_id)
    conflicts: tuple[str, ...] = ()
    if read is not None:
        merged = merge(
            [question for question in questionnaire.questions if question.code in codes],
            stored=draft.answers, given=given, read=read, asked=asked,
        )  # fmt: skip
        codes, given, conflicts = merged.codes, merged.answers, merged.conflicts
    problems = validate(questionnaire, given, complete=False)
    refused = {_question_of(questionnaire, problem.code) for problem in problems}
    answers = {
        code: answer
        for code, answer in draft.answers.items()
        if code not in codes or code in refused
    }
    answers.update(
        (code, answer) for code, answer in given.items() if code in codes and code not in refused
    )
    _store(session, draft, {"answers": answers, "language": language, "saved_on": now.date()})
    return SavedSection(draft, tuple(problems), conflicts)


def save_profile(draft: Draft, *, profile: Mapping[str, str], now: datetime) -> None:
    """Replace the background answers by what ``surveys.profile.clean_profile`` kept."""
    draft.profile = dict(profile)
    draft.saved_on = now.date()


def find_draft(session: Session, *, consultation: Consultation, code: str) -> Draft | None:
    """The draft under ``code`` in this consultation, for reading."""
    draft = session.scalar(_FIND_DRAFT, {"code_hash": draft_hash(code)})
    if draft is None or draft.consultation_id != consultation.id:
        return None
    return draft


def delete_old_drafts(session: Session, *, now: datetime, days: int) -> int:
    """Delete drafts that nobody saved for ``days`` days, and those of consultations whose
    retention has ended; returns how many there were."""
    limit = (now - timedelta(days=days)).date()
    expired = select(Consultation.id).where(Consultation.retained_until < now.date())
    deleted = session.execute(
        delete(Draft)
        .where(or_(Draft.saved_on < limit, Draft.consultation_id.in_(expired)))
        .returning(Draft.code_hash)
    )
    return len(deleted.all())


def _store(session: Session, draft: Draft, values: dict[str, Any]) -> None:
    """Write ``values`` into the draft with one statement, past the bookkeeping of the ORM."""
    if inspect(draft).pending:  # not inserted yet: the insert will take them along
        for name, value in values.items():
            setattr(draft, name, value)
        return
    session.execute(_SAVE_SECTION, values | {"of_draft": draft.code_hash})
    for name, value in values.items():
        set_committed_value(draft, name, value)


def _question_of(questionnaire: Questionnaire, where: str) -> str:
    """The answer a problem at ``question``, ``question.row`` or ``question_other`` is about."""
    return where if where in questionnaire.by_other_code else where.partition(".")[0]
