"""Use cases about links: one question, or one answer to it, speaks for one subject.

What links and rules say is in ``roadmap.evidence.gathering``.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from roadmap.errors import (
    EvidenceExists,
    EvidenceNotFound,
    InvalidEvidence,
)
from roadmap.evidence.by_subject import Evidence, gather_evidence, priority_of
from roadmap.evidence.rules import rules_for
from roadmap.evidence.sources import links_of
from roadmap.models import EvidenceLink, Milestone, Roadmap
from surveys.consultations import get_questionnaire
from surveys.models import Consultation
from surveys.questionnaire import Question, Questionnaire, Row

__all__ = [
    "Evidence", "can_link", "dependency_subject", "find_asked", "gather_evidence", "link_evidence",
    "list_links", "priority_of", "unlink_evidence",
]  # fmt: skip

_COUNTED = frozenset({"single_choice", "multiple_choice", "matrix", "budget", "ranking", "points"})
_SEVERAL = frozenset({"multiple_choice", "budget", "ranking", "points"})


def dependency_subject(before: str, after: str) -> str:
    """How evidence names the dependencies from one milestone to another."""
    return f"{before}>{after}"


def link_evidence(
    session: Session,
    *,
    roadmap: Roadmap,
    subject: str,
    consultation: Consultation,
    question: str,
    actor: Actor,
    now: datetime,
    option: str = "",
    falling: bool = False,
    left_out: Sequence[str] = (),
) -> EvidenceLink:
    """Let a question, or one option of it, speak for a milestone or a dependency.

    ``subject``: a milestone's code or ``FROM>TO``. ``question``: a code, or ``question.row``.
    Without ``option`` the options are read as a scale, the first one lowest unless ``falling``,
    ``left_out`` aside. Raises ``InvalidEvidence`` and ``EvidenceExists``.
    """
    _check_subject(session, roadmap, subject)
    if consultation.current_version_id is None:
        raise InvalidEvidence(where="consultation", reason="has no published questionnaire")
    questionnaire = get_questionnaire(session, version_id=consultation.current_version_id)
    asked, _ = find_asked(questionnaire, question)
    codes = [entry.code for entry in asked.all_options]
    if option and option not in codes:
        raise InvalidEvidence(where="option", reason=f"expected one of {', '.join(codes)}")
    if not option:
        if asked.type in _SEVERAL or asked.cell == "multiple":
            raise InvalidEvidence(
                where="option", reason="expected one option: several choices are not a scale"
            )
        unknown = [code for code in left_out if code not in codes]
        if unknown:
            raise InvalidEvidence(
                where="left_out", reason=f"{', '.join(unknown)} is no option of {question}"
            )
        if len(codes) - len(set(left_out)) < 2:
            raise InvalidEvidence(where="left_out", reason="a scale needs two points or more")
    link = EvidenceLink(
        roadmap_id=roadmap.id,
        subject=subject,
        consultation_id=consultation.id,
        question=question,
        option=option,
        falling=falling,
        left_out=list(left_out),
        linked_at=now,
    )
    try:
        with session.begin_nested():
            session.add(link)
    except IntegrityError:
        raise EvidenceExists(subject=subject) from None
    roadmap.mark_changed()
    audit.record_event(
        session, name="evidence.linked", actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}:{subject}",
        data={"consultation": consultation.slug, "question": question, "option": option},
    )  # fmt: skip
    return link


def unlink_evidence(
    session: Session, *, roadmap: Roadmap, link_id: UUID, actor: Actor, now: datetime
) -> None:
    """Take a link back. Published editions keep what they showed."""
    link = session.get(EvidenceLink, link_id)
    if link is None or link.roadmap_id != roadmap.id:
        raise EvidenceNotFound
    session.delete(link)
    roadmap.mark_changed()
    audit.record_event(
        session, name="evidence.unlinked", actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}:{link.subject}", data={"question": link.question},
    )  # fmt: skip


def list_links(session: Session, *, roadmap: Roadmap) -> Sequence[EvidenceLink]:
    """All links of a roadmap by subject, in a stable order."""
    return links_of(session, roadmap)


def can_link(question: Question) -> bool:
    """Whether a question, or a row of it, has answers that one subject can be linked to."""
    return question.type in _COUNTED and question.cell not in ("number", "text")


def find_asked(questionnaire: Questionnaire, name: str) -> tuple[Question, Row | None]:
    """The question (and row) named ``Q3`` or ``Q3.r1``, if it is one that can be counted."""
    code, _, row_code = name.partition(".")
    question = questionnaire.by_code.get(code)
    if question is None:
        raise InvalidEvidence(where="question", reason=f"there is no question {code}")
    if not can_link(question):
        fits = bool(rules_for(question.type)) and question.type != "matrix"
        raise InvalidEvidence(
            where="question",
            reason=f"{code} is {question.type}: declare a rule for it instead"
            if fits
            else f"{code} has no options to count",
        )
    if question.type != "matrix":
        if row_code:
            raise InvalidEvidence(where="question", reason=f"{code} has no rows")
        return question, None
    row = question.find_row(row_code)
    if row is None:
        rows = ", ".join(f"{code}.{entry.code}" for entry in question.rows)
        raise InvalidEvidence(where="question", reason=f"expected a row, one of {rows}")
    return question, row


def _check_subject(session: Session, roadmap: Roadmap, subject: str) -> None:
    for code in subject.split(">"):
        known = session.scalar(
            select(Milestone.id).where(Milestone.roadmap_id == roadmap.id, Milestone.code == code)
        )
        if known is None:
            raise InvalidEvidence(where="subject", reason=f"there is no milestone {code!r}")
    if subject.count(">") > 1:
        raise InvalidEvidence(where="subject", reason="expected CODE or FROM>TO")
