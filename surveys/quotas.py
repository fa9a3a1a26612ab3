"""Use cases about quotas: how many responses are wanted, of everybody or of some.

A place is taken by one statement that two can never win together; which quotas a response counts
in is decided by ``surveys.quota_conditions``. The quota without a condition is for everybody: when
its last place is taken, the consultation closes.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.text import LocalizedText, clean_text
from surveys.errors import (
    ConsultationFull,
    InvalidConsultation,
    InvalidQuestionnaire,
    QuotaFull,
    QuotaNotFound,
)
from surveys.models import Consultation, QuestionnaireVersion, Quota, Response
from surveys.quota_conditions import PROFILE_VALUES, QuotaConditions, problems_of

MAXIMUM_QUOTAS = 50
MAXIMUM_PLACES = 100_000_000
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
# Who acts when a consultation closes because it is full: nobody.
_INSTANCE = Actor(account_id=None, role="instance")


@dataclass(frozen=True, slots=True)
class QuotaStanding:
    """A quota as the desk shows it. ``problems``: why its condition no longer fits, in words."""

    code: str
    name: LocalizedText
    condition: str
    places: int
    taken: int
    problems: tuple[str, ...]

    @property
    def free(self) -> int:
        return max(0, self.places - self.taken)


def take_places(
    session: Session,
    *,
    consultation: Consultation,
    version_id: UUID,
    language: str,
    profile: Mapping[str, Any],
    answers: Mapping[str, Any],
    now: datetime,
) -> None:
    """Take a place in every quota that a response counts in, or raise ``QuotaFull``.

    The caller then rolls back, and no place is taken. Closes the consultation with its last place
    (``filled_at`` is the day only: it must not tell when the last response came).
    """
    for quota in _counting(session, consultation.id, version_id, language, profile, answers):
        left = session.execute(
            update(Quota)
            .where(Quota.id == quota.id, Quota.taken < Quota.places)
            .values(taken=Quota.taken + 1)
            .returning(Quota.places - Quota.taken)
            .execution_options(synchronize_session=False)
        ).scalar_one_or_none()
        if left is None:
            if not quota.condition:
                raise ConsultationFull(slug=consultation.slug)
            raise QuotaFull
        if not quota.condition and left == 0:
            _close_full(session, consultation, now=now)


def free_places(session: Session, *, response: Response) -> None:
    """Give back the places that ``response`` took; to be called before it is deleted.

    A consultation that closed because it was full stays closed.
    """
    profile = {name: getattr(response, name) for name in PROFILE_VALUES}
    for quota in _counting(
        session, response.consultation_id, response.version_id, response.language or "", profile,
        response.answers,
    ):  # fmt: skip
        session.execute(
            update(Quota)
            .where(Quota.id == quota.id, Quota.taken > 0)
            .values(taken=Quota.taken - 1)
            .execution_options(synchronize_session=False)
        )


def set_quota(
    session: Session,
    *,
    consultation: Consultation,
    code: str,
    places: int,
    actor: Actor,
    now: datetime,
    name: LocalizedText | None = None,
    condition: str | None = None,
) -> Quota:
    """Create the quota ``code`` or change it; what is None stays as it is.

    Responses that are there already are counted. Raises ``InvalidConsultation`` naming the field.
    More places in the quota for everybody open a full consultation again, until its closing.
    """
    if not _CODE.fullmatch(code):
        raise InvalidConsultation(
            where="code", reason="expected letters, digits, hyphens and underscores, at most 64"
        )
    if not 1 <= places <= MAXIMUM_PLACES:
        raise InvalidConsultation(
            where="places", reason=f"expected a whole number from 1 to {MAXIMUM_PLACES:,}"
        )
    quota = _find(session, consultation, code)
    if quota is None:
        if len(list_quotas(session, consultation=consultation)) >= MAXIMUM_QUOTAS:
            raise InvalidConsultation(
                where="code", reason=f"there are {MAXIMUM_QUOTAS} quotas already, which is the most"
            )
        quota = Quota(
            consultation_id=consultation.id, code=code, name=LocalizedText({}), condition="",
            places=places, taken=0,
        )  # fmt: skip
    wanted = quota.condition if condition is None else condition.strip()
    _check_condition(session, consultation, code, wanted)
    quota.condition, quota.places = wanted, places
    if name is not None:
        quota.name = LocalizedText(
            {
                language: clean_text(text.strip(), where=f"name.{language}", maximum=200)
                for language, text in name.items()
                if text.strip()
            },
            name.fallback,
        )
    session.add(quota)
    session.flush()
    quota.taken = _count_responses(session, consultation, quota.condition)
    if not quota.condition:
        if quota.taken >= places:
            _close_full(session, consultation, now=now)
        elif consultation.filled_at is not None and consultation.reported_at is None:
            consultation.filled_at = None
            _record(session, consultation, "consultation.opened_again", {"places": places},
                    actor=actor, now=now)  # fmt: skip
    session.flush()
    _record(
        session, consultation, "quota.set",
        {"quota": code, "places": places, "taken": quota.taken, "condition": quota.condition},
        actor=actor, now=now,
    )  # fmt: skip
    return quota


def delete_quota(
    session: Session, *, consultation: Consultation, code: str, actor: Actor, now: datetime
) -> None:
    """Take a quota away. Raises ``QuotaNotFound``."""
    quota = _find(session, consultation, code)
    if quota is None:
        raise QuotaNotFound(code=code)
    if not quota.condition and consultation.filled_at and consultation.reported_at is None:
        consultation.filled_at = None
    session.delete(quota)
    session.flush()
    _record(session, consultation, "quota.deleted", {"quota": code}, actor=actor, now=now)


def list_quotas(session: Session, *, consultation: Consultation) -> list[QuotaStanding]:
    """All quotas, the one for everybody first."""
    quotas = session.scalars(
        select(Quota)
        .where(Quota.consultation_id == consultation.id)
        .order_by(Quota.condition != "", Quota.code)
        .execution_options(populate_existing=True)
    ).all()
    if not quotas:
        return []
    definition = _definition(session, consultation)
    return [
        QuotaStanding(
            quota.code, quota.name, quota.condition, quota.places, quota.taken,
            tuple(problems_of(quota.condition, definition)) if quota.condition else (),
        )
        for quota in quotas
    ]  # fmt: skip


def _counting(
    session: Session,
    consultation_id: UUID,
    version_id: UUID,
    language: str,
    profile: Mapping[str, Any],
    answers: Mapping[str, Any],
) -> list[Any]:
    """The quotas that a response counts in, always in the same order: nobody waits in a circle."""
    quotas = session.execute(
        select(Quota.id, Quota.condition)
        .where(Quota.consultation_id == consultation_id)
        .order_by(Quota.code)
    ).all()
    holds = _holding(session, version_id, [quota.condition for quota in quotas])
    known = {**profile, "language": language}
    applies = holds(known, answers) if quotas else []
    return [quota for quota, counts in zip(quotas, applies, strict=True) if counts]


# Made ready once: (version, conditions) → how to decide them.
_ready: OrderedDict[tuple[UUID, tuple[str, ...]], list[QuotaConditions | None]] = OrderedDict()
_READY_LIMIT = 64


def _holding(session: Session, version_id: UUID, conditions: list[str]) -> Any:
    """A function of profile and answers that says of each condition whether it holds.

    An empty condition always does; one that does not fit this version never does.
    """
    key = (version_id, tuple(conditions))
    ready = _ready.get(key)
    if ready is None:
        version = session.get_one(QuestionnaireVersion, version_id)
        ready = [_prepare(version.definition, condition) for condition in conditions]
        if version.published_at is not None:
            _ready[key] = ready
            while len(_ready) > _READY_LIMIT:
                _ready.popitem(last=False)

    def holds(profile: Mapping[str, Any], answers: Mapping[str, Any]) -> list[bool]:
        return [
            not condition or (prepared is not None and prepared.holding(profile, answers)[0])
            for condition, prepared in zip(conditions, ready, strict=True)
        ]

    return holds


def _prepare(definition: Mapping[str, Any], condition: str) -> QuotaConditions | None:
    if not condition:
        return None
    try:
        return QuotaConditions(definition, [condition])
    except InvalidQuestionnaire:
        return None


def _count_responses(session: Session, consultation: Consultation, condition: str) -> int:
    """How many of the responses that are there count in a quota with this condition."""
    mine = Response.consultation_id == consultation.id
    if not condition:
        return session.scalar(select(func.count()).select_from(Response).where(mine)) or 0
    names = ("respondent_type", "country", "organisation_size", "language")
    rows = session.execute(
        select(Response.version_id, Response.answers, *(getattr(Response, n) for n in names))
        .where(mine)
        .execution_options(yield_per=500)
    )
    count = 0
    deciders: dict[UUID, Any] = {}
    for row in rows:
        if row.version_id not in deciders:
            deciders[row.version_id] = _holding(session, row.version_id, [condition])
        profile = {name: getattr(row, name) for name in names}
        count += deciders[row.version_id](profile, row.answers)[0]
    return count


def _check_condition(
    session: Session, consultation: Consultation, code: str, condition: str
) -> None:
    if condition:
        clean_text(condition, where="condition")
        problems = problems_of(condition, _definition(session, consultation))
        if problems:
            raise InvalidConsultation(where="condition", reason="; ".join(problems[:5]))
        return
    other = session.scalar(
        select(Quota.code).where(
            Quota.consultation_id == consultation.id, Quota.condition == "", Quota.code != code
        )
    )
    if other is not None:
        raise InvalidConsultation(
            where="condition",
            reason=f"the quota {other} is for everybody already; expected a condition",
        )


def _definition(session: Session, consultation: Consultation) -> dict[str, Any] | None:
    """The questionnaire people answer; before that, the newest draft; None where there is none."""
    if consultation.current_version_id is not None:
        return session.get_one(QuestionnaireVersion, consultation.current_version_id).definition
    return session.scalar(
        select(QuestionnaireVersion.definition)
        .where(QuestionnaireVersion.consultation_id == consultation.id)
        .order_by(QuestionnaireVersion.number.desc())
        .limit(1)
    )


def _find(session: Session, consultation: Consultation, code: str) -> Quota | None:
    return session.scalar(
        select(Quota)
        .where(Quota.consultation_id == consultation.id, Quota.code == code)
        .execution_options(populate_existing=True)
    )


def _close_full(session: Session, consultation: Consultation, *, now: datetime) -> None:
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    closed = session.execute(
        update(Consultation)
        .where(Consultation.id == consultation.id, Consultation.filled_at.is_(None))
        .values(filled_at=day)
        .returning(Consultation.id)
    ).one_or_none()
    if closed is not None:
        _record(session, consultation, "consultation.filled", {}, actor=_INSTANCE, now=day)


def _record(
    session: Session, consultation: Consultation, name: str, data: dict[str, Any], *,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    audit.record_event(
        session, name=name, actor=actor, subject=f"consultation:{consultation.slug}", now=now,
        data=data,
    )  # fmt: skip
