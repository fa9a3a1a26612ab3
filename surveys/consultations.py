"""Use cases about consultations and the versions of their questionnaires."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.ids import clean_slug
from core.text import LocalizedText
from surveys.definition import definition_hash, parse_definition
from surveys.errors import (
    ConsultationNotFound,
    ImpossibleConditions,
    InvalidConsultation,
    NothingPublished,
    VersionFrozen,
)
from surveys.language.satisfiability import impossible_conditions
from surveys.making.steps import take_step
from surveys.models import Consultation, QuestionnaireVersion
from surveys.phases import Phase, check_audience, phase_of, schedule_consultation
from surveys.questionnaire import Questionnaire

# The use cases about phases are in surveys.phases; both are found here.
__all__ = [
    "Phase", "add_version", "create_consultation", "definition_hash", "find_consultation",
    "get_consultation", "get_published_version", "get_questionnaire", "get_version",
    "list_consultations",
    "phase_of", "publish_version", "schedule_consultation",
]  # fmt: skip

# Built once: building a statement costs more than sending it.
_FIND_CONSULTATION = select(Consultation).where(Consultation.slug == bindparam("slug"))


def create_consultation(
    session: Session,
    *,
    slug: str,
    title: LocalizedText,
    actor: Actor,
    now: datetime,
    summary: LocalizedText | None = None,
    kind: str = "public",
    anonymity: str = "anonymous",
    anonymous_shows: Sequence[str] = ("type", "country"),
    asks_profile: bool = True,
    retained_until: date | None = None,
    source: str | None = None,
    simulated: bool = False,
) -> Consultation:
    """A new consultation in preparation, without a questionnaire yet.

    Raises ``InvalidConsultation`` for a slug in use or an unknown kind.
    """
    cleaned = clean_slug(slug)
    check_audience(kind, anonymity)
    if find_consultation(session, slug=cleaned) is not None:
        raise InvalidConsultation(where="slug", reason=f"{cleaned} is in use already")
    consultation = Consultation(
        slug=cleaned,
        kind=kind,
        title=title,
        summary=summary or LocalizedText({}),
        anonymity=anonymity,
        anonymous_shows=list(anonymous_shows),
        asks_profile=asks_profile,
        retained_until=retained_until,
        source=source,
        simulated=simulated,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(consultation)
    except IntegrityError:  # somebody else at the same moment
        raise InvalidConsultation(where="slug", reason=f"{cleaned} is in use already") from None
    audit.record_event(
        session, name="consultation.created", actor=actor, subject=f"consultation:{cleaned}",
        now=now, data={"kind": kind, "anonymity": anonymity},
    )  # fmt: skip
    return consultation


def add_version(
    session: Session,
    *,
    consultation: Consultation,
    definition: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> QuestionnaireVersion:
    """The next version of the questionnaire, a draft. Where there is one already, ``definition``
    becomes its state, as a step that can be undone; a published version is never changed.

    ``definition`` is a document that ``surveys.definition.parse_definition`` accepts.
    """
    sha256 = definition_hash(definition)
    latest = session.scalar(
        select(QuestionnaireVersion)
        .where(QuestionnaireVersion.consultation_id == consultation.id)
        .order_by(QuestionnaireVersion.number.desc())
        .limit(1)
    )
    if latest is not None and latest.published_at is None:
        version = latest
        take_step(session, version=version, document=definition, action="imported", now=now)
    else:
        version = QuestionnaireVersion(
            consultation_id=consultation.id,
            number=latest.number + 1 if latest else 1,
            definition=definition,
            sha256=sha256,
            created_at=now,
        )
        session.add(version)
    session.flush()
    audit.record_event(
        session, name="questionnaire.imported", actor=actor, now=now,
        subject=f"consultation:{consultation.slug}",
        data={"version": version.number, "sha256": sha256},
    )  # fmt: skip
    return version


def publish_version(
    session: Session,
    *,
    consultation: Consultation,
    version: QuestionnaireVersion,
    actor: Actor,
    now: datetime,
    anyway: bool = False,
) -> None:
    """Freeze ``version`` and make it the one people answer from now on.

    Drafts begun on an earlier version are finished on that version. Raises ``VersionFrozen``,
    ``InvalidQuestionnaire`` where it does not hold together, and ``ImpossibleConditions`` where a
    condition can never hold, unless it is to be published ``anyway``.
    """
    if version.published_at is not None:
        raise VersionFrozen(number=version.number)
    impossible = impossible_conditions(parse_definition(version.definition))
    if impossible and not anyway:
        raise ImpossibleConditions(impossible)
    version.published_at = now
    consultation.current_version_id = version.id
    session.flush()
    audit.record_event(
        session, name="questionnaire.published", actor=actor, now=now,
        subject=f"consultation:{consultation.slug}",
        data={"version": version.number, "sha256": version.sha256},
    )  # fmt: skip


def find_consultation(session: Session, *, slug: str) -> Consultation | None:
    return session.scalar(_FIND_CONSULTATION, {"slug": slug})


def get_consultation(session: Session, *, slug: str) -> Consultation:
    consultation = find_consultation(session, slug=slug)
    if consultation is None:
        raise ConsultationNotFound(slug=slug)
    return consultation


def get_published_version(session: Session, *, consultation: Consultation) -> QuestionnaireVersion:
    """The version people answer now. Raises ``NothingPublished``."""
    if consultation.current_version_id is None:
        raise NothingPublished(slug=consultation.slug)
    return session.get_one(QuestionnaireVersion, consultation.current_version_id)


def get_version(
    session: Session, *, consultation: Consultation, number: int | None = None
) -> QuestionnaireVersion:
    """The version ``number``, the newest unless said, drafts included. Raises ``NothingPublished``
    where there is none."""
    query = select(QuestionnaireVersion).where(
        QuestionnaireVersion.consultation_id == consultation.id
    )
    if number is not None:
        query = query.where(QuestionnaireVersion.number == number)
    version = session.scalar(query.order_by(QuestionnaireVersion.number.desc()).limit(1))
    if version is None:
        raise NothingPublished(slug=consultation.slug)
    return version


def list_consultations(session: Session) -> list[Consultation]:
    """All consultations, those that open last first, those in preparation at the end."""
    return list(
        session.scalars(
            select(Consultation).order_by(
                Consultation.opens_at.is_(None), Consultation.opens_at.desc(), Consultation.slug
            )
        )
    )


# Published versions never change, so what was parsed once is kept: version id → questionnaire.
_parsed: OrderedDict[UUID, Questionnaire] = OrderedDict()
_PARSED_LIMIT = 64


def get_questionnaire(session: Session, *, version_id: UUID) -> Questionnaire:
    """The questionnaire of a version; of a published one without a query when it is known."""
    known = _parsed.get(version_id)
    if known is not None:
        return known
    version = session.get_one(QuestionnaireVersion, version_id)
    questionnaire = parse_definition(version.definition)
    if version.published_at is not None:
        _parsed[version_id] = questionnaire
        while len(_parsed) > _PARSED_LIMIT:
            _parsed.popitem(last=False)
    return questionnaire
