"""Use cases about evidence: which question speaks for what, and what its results say.

Evidence is shown to everyone, so it rests on published counts only: small cells are hidden before
a score is computed (``surveys.counting.disclosure``, ``roadmap.evidence.scoring``).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any
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
from roadmap.evidence.scoring import Score, counts_of, priority, score_option, score_scale
from roadmap.models import EvidenceLink, Milestone, Roadmap
from surveys.consultations import get_questionnaire, phase_of
from surveys.models import Consultation
from surveys.questionnaire import Question, Questionnaire, Row
from surveys.results import get_public_results

Evidence = dict[str, Any]


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
        if asked.type == "multiple_choice" or asked.cell == "multiple":
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
    return session.scalars(
        select(EvidenceLink)
        .where(EvidenceLink.roadmap_id == roadmap.id)
        .order_by(EvidenceLink.subject, EvidenceLink.question, EvidenceLink.option, EvidenceLink.id)
    ).all()


def gather_evidence(
    session: Session, *, roadmap: Roadmap, now: datetime, subject: str | None = None
) -> dict[str, list[Evidence]]:
    """What the linked questions say, by subject (of one subject only, if given).

    Questions of a consultation that is still open say nothing yet: two states of its counts, one
    after the other, would give newcomers away.

    Each: consultation, question and option with their texts, ``answered``, ``counts``,
    ``by_group`` (respondent type), ``score``, ``n``, ``formula``, ``query``. Hidden numbers are
    None.
    """
    gathered: dict[str, list[Evidence]] = {}
    published: dict[UUID, Mapping[str, Any]] = {}
    for link in list_links(session, roadmap=roadmap):
        if subject is not None and link.subject != subject:
            continue
        consultation = session.get_one(Consultation, link.consultation_id)
        if not phase_of(consultation, now=now).is_closed:
            continue
        if consultation.id not in published:
            published[consultation.id] = get_public_results(
                session, consultation=consultation, by="respondent_type"
            )
        assert consultation.current_version_id is not None
        questionnaire = get_questionnaire(session, version_id=consultation.current_version_id)
        evidence = _read_evidence(link, consultation, questionnaire, published[consultation.id])
        if evidence is not None:
            gathered.setdefault(link.subject, []).append(evidence)
    return gathered


def priority_of(evidence: Sequence[Evidence]) -> dict[str, Any] | None:
    """The priority of a milestone from its evidence: ``{"score", "n", "formula"}``."""
    scores = [
        Score(Fraction(entry["value"]), entry["n"], "")
        for entry in evidence
        if entry["score"] is not None
    ]
    found = priority(scores)
    if found is None:
        return None
    return {"score": found.text, "n": found.n, "formula": found.formula}


def find_asked(questionnaire: Questionnaire, name: str) -> tuple[Question, Row | None]:
    """The question (and row) named ``Q3`` or ``Q3.r1``, if it is one that can be counted."""
    code, _, row_code = name.partition(".")
    question = questionnaire.by_code.get(code)
    if question is None:
        raise InvalidEvidence(where="question", reason=f"there is no question {code}")
    if not question.all_options or question.cell in ("number", "text"):
        raise InvalidEvidence(where="question", reason=f"{code} has no options to count")
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


def _read_evidence(
    link: EvidenceLink,
    consultation: Consultation,
    questionnaire: Questionnaire,
    published: Mapping[str, Any],
) -> Evidence | None:
    question, row = find_asked(questionnaire, link.question)
    entry = _entry(published["questions"], link.question)
    if entry is None:
        return None
    codes = [option.code for option in question.all_options]
    counts = counts_of(entry["options"], codes)
    option = question.find_option(link.option) if link.option else None
    if option is not None:
        score = score_option(counts, entry["answered"], option.code)
    else:
        score = score_scale(counts, falling=link.falling, left_out=link.left_out)
    title = dict(question.title)
    if row is not None:
        title = {
            language: f"{text} – {row.label.in_language(language)}"
            for language, text in title.items()
        }
    return {
        "consultation": consultation.slug,
        "question": link.question,
        "question_title": title,
        "option": link.option or None,
        "option_label": dict(option.label) if option else None,
        "answered": entry["answered"],
        "counts": _labelled(entry),
        "by_group": _groups(published, link.question),
        "score": score.text if score else None,
        "value": str(score.value) if score else None,
        "n": score.n if score else None,
        "formula": score.formula if score else None,
        "query": _describe_query(link, consultation),
    }


def _entry(questions: Sequence[Mapping[str, Any]], code: str) -> Mapping[str, Any] | None:
    return next((question for question in questions if question["code"] == code), None)


def _labelled(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"label": o["label"], "count": o["count"]} for o in entry["options"]]


def _groups(published: Mapping[str, Any], code: str) -> list[dict[str, Any]]:
    groups = []
    for value, results in sorted(published.get("by", {}).items()):
        entry = _entry(results["questions"], code)
        if entry is not None:
            groups.append(
                {"group": value, "answered": entry["answered"], "counts": _labelled(entry)}
            )
    return groups


def _describe_query(link: EvidenceLink, consultation: Consultation) -> str:
    query = f"{consultation.slug} / {link.question}"
    if link.option:
        return f"{query} = {link.option}"
    direction = "falling" if link.falling else "rising"
    without = f", without {', '.join(link.left_out)}" if link.left_out else ""
    return f"{query}, scale {direction}{without}"
