"""Use case: turn what was said in closed consultations into proposals.

The words stay in the responses: a ``ProposalPoint`` leads to them. Points get random ids and are
written in the order of these, proposals are numbered by what they say, so that nothing tells in
which order responses came. Collecting again adds only what is new, and only to proposals that are
still open: what was decided was decided about those who had said it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, not_, or_, select
from sqlalchemy.orm import Session, aliased

from core import audit
from core.audit import Actor
from core.ids import random_uuid, uuid7
from core.text import LocalizedText
from roadmap.errors import ConsultationNotClosed
from roadmap.models import (
    Candidate,
    Decision,
    Disposition,
    EvidenceLink,
    EvidenceRule,
    ParagraphVersion,
    Proposal,
    ProposalPoint,
    Roadmap,
)
from roadmap.proposals.dates import collect_dates
from roadmap.proposals.grouping import Said, group_points
from roadmap.proposals.kinds import Verdict
from roadmap.proposals.reading import Point, key_of, read_points
from surveys.consultations import get_questionnaire, phase_of
from surveys.models import Consultation, Response

# Responses read, and rows written, at once.
_CHUNK = 1_000
_NO_TEXT = LocalizedText({})
_Place = tuple[UUID, str, str]
"""Where a point was made: response, question, entry."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting did. ``skipped`` are (consultation, why) of those that said nothing yet."""

    consultations: tuple[str, ...]
    points_added: int
    proposals_added: int
    proposals_removed: int
    skipped: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A point in a response; ``proposal`` is the open one it belongs to already, if it does."""

    place: _Place
    point: Point
    language: str
    proposal: UUID | None


def collect_proposals(
    session: Session,
    *,
    roadmap: Roadmap,
    actor: Actor,
    now: datetime,
    consultations: Sequence[Consultation] | None = None,
) -> Collected:
    """Collect from ``consultations``, or from all that are linked to the roadmap.

    Linked ones that are still open are skipped; one that was named raises
    ``ConsultationNotClosed``: what is said before everyone could speak is nobody's to weigh.
    Whoever shows counts brings the projection up to date first.
    """
    # One after the other: two at once would give the same number twice.
    session.execute(select(Roadmap.id).where(Roadmap.id == roadmap.id).with_for_update())
    chosen, skipped = [], []
    for consultation in consultations or linked_consultations(session, roadmap=roadmap):
        if phase_of(consultation, now=now).is_closed:
            chosen.append(consultation)
        elif consultations:
            raise ConsultationNotClosed(slug=consultation.slug)
        else:
            skipped.append((consultation.slug, "it has not closed"))
    removed = _remove_empty(session, roadmap)
    found = list(_find_points(session, roadmap, chosen))
    points, proposals = _keep(session, roadmap, found, now)
    proposals += collect_dates(session, roadmap=roadmap, consultations=chosen, now=now)
    session.flush()
    report = Collected(
        tuple(sorted(each.slug for each in chosen)), points, proposals, removed, tuple(skipped)
    )
    audit.record_event(
        session, name="proposals.collected", actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}",
        data={"consultations": list(report.consultations), "points": points,
              "proposals": proposals},
    )  # fmt: skip
    return report


def linked_consultations(session: Session, *, roadmap: Roadmap) -> list[Consultation]:
    """Those whose questions speak for the roadmap or that ask about its public draft, by slug."""
    sources = (
        select(EvidenceLink.consultation_id).where(EvidenceLink.roadmap_id == roadmap.id),
        select(EvidenceRule.consultation_id).where(
            EvidenceRule.roadmap_id == roadmap.id, EvidenceRule.ended_at.is_(None)
        ),
        select(Candidate.consultation_id).where(Candidate.roadmap_id == roadmap.id),
    )
    return list(
        session.scalars(
            select(Consultation)
            .where(or_(*(Consultation.id.in_(source) for source in sources)))
            .order_by(Consultation.slug)
        )
    )


def count_responses(session: Session, consultations: Sequence[Consultation]) -> int:
    """How many responses collecting from these has to read."""
    ids = [each.id for each in consultations]
    counting = select(func.count()).select_from(Response)
    return session.scalar(counting.where(Response.consultation_id.in_(ids))) or 0


def stands_empty() -> ColumnElement[bool]:
    """Whether nothing is left of a proposal: no point, no evidence, nothing a person did.

    This is how it vanishes when the last response behind it is erased.
    """
    other = aliased(Proposal)
    return and_(
        Proposal.state == Verdict.OPEN,
        Proposal.confirmed_at.is_(None),
        not_(exists().where(ProposalPoint.proposal_id == Proposal.id)),
        not_(exists().where(Disposition.proposal_id == Proposal.id)),
        not_(exists().where(Decision.proposal_id == Proposal.id)),
        not_(exists().where(ParagraphVersion.proposal_id == Proposal.id)),
        not_(exists().where(other.merged_into_id == Proposal.id)),
        not_(exists().where(other.split_from_id == Proposal.id)),
        Proposal.wanted["ask"].as_string().is_(None),
    )


def _remove_empty(session: Session, roadmap: Roadmap) -> int:
    gone = session.scalars(
        select(Proposal.id).where(Proposal.roadmap_id == roadmap.id, stands_empty())
    ).all()
    for start in range(0, len(gone), _CHUNK):
        session.execute(delete(Proposal).where(Proposal.id.in_(gone[start : start + _CHUNK])))
    return len(gone)


def _find_points(
    session: Session, roadmap: Roadmap, chosen: Collection[Consultation]
) -> Iterator[_Found]:
    """New points of the consultations chosen, and those that open proposals have already."""
    known: dict[_Place, UUID | None] = {}
    rows = session.execute(
        select(
            ProposalPoint.response_id, ProposalPoint.question, ProposalPoint.entry,
            Proposal.id, Proposal.state,
        )
        .join(Proposal)
        .where(Proposal.roadmap_id == roadmap.id)
    )  # fmt: skip
    for response_id, code, entry, proposal_id, state in rows:
        known[response_id, code, entry] = proposal_id if state == Verdict.OPEN else None
    wanted = {consultation.id for consultation in chosen}
    earlier = set(
        session.scalars(
            select(Response.consultation_id)
            .join(ProposalPoint, ProposalPoint.response_id == Response.id)
            .join(Proposal)
            .where(Proposal.roadmap_id == roadmap.id, Proposal.state == Verdict.OPEN)
            .distinct()
        )
    )
    answered = session.execute(
        select(
            Response.id, Response.consultation_id, Response.version_id, Response.language,
            Response.answers,
        )
        .where(Response.consultation_id.in_(wanted | earlier))
        .execution_options(yield_per=_CHUNK)
    )  # fmt: skip
    for response_id, consultation_id, version_id, language, answers in answered:
        for question in get_questionnaire(session, version_id=version_id).questions:
            for point in read_points(question, answers.get(question.code)):
                place = (response_id, question.code, point.entry)
                if place in known:
                    if (standing := known[place]) is not None:
                        yield _Found(place, point, language or "", standing)
                elif consultation_id in wanted:
                    yield _Found(place, point, language or "", None)


def _keep(
    session: Session, roadmap: Roadmap, found: Sequence[_Found], now: datetime
) -> tuple[int, int]:
    """Write what is new; returns how many points and proposals that was."""
    if all(each.proposal is not None for each in found):
        return 0, 0
    standing = _open_by_key(session, roadmap)
    numbers = dict(
        session.execute(
            select(Proposal.id, Proposal.number).where(Proposal.roadmap_id == roadmap.id)
        ).all()
    )
    number = max(numbers.values(), default=0)
    rows: list[dict[str, object]] = []
    proposals: list[dict[str, object]] = []
    groups = group_points(
        [Said(each.point.kind, each.point.key, each.point.text, each.language) for each in found]
    )
    for group in groups:
        members = [found[at] for at in group]
        fresh = [each for each in members if each.proposal is None]
        if not fresh:
            continue
        point = fresh[0].point
        # Of those it resembles the one that has most of them, then the oldest.
        counts = Counter(each.proposal for each in members if each.proposal is not None)
        target = min(counts, key=lambda each: (-counts[each], numbers[each]), default=None)
        if point.key is not None:
            target = standing.get(point.key)
        certain = point.key is not None
        if target is None:
            number += 1
            target = uuid7()
            proposals.append(
                {"id": target, "roadmap_id": roadmap.id, "number": number,
                 "kind": point.kind.value, "subject": point.subject, "title": _NO_TEXT,
                 "body": _NO_TEXT, "wanted": dict(point.wanted) if certain else {},
                 "evidence": [], "state": Verdict.OPEN.value, "created_at": now}
            )  # fmt: skip
            # One alone is no guess of the machine's.
            certain = certain or len(fresh) == 1
        for each in fresh:
            response_id, question, entry = each.place
            rows.append(
                {"id": random_uuid(), "proposal_id": target, "response_id": response_id,
                 "question": question, "entry": entry, "confirmed": certain}
            )  # fmt: skip
    rows.sort(key=lambda row: str(row["id"]))
    for table, new in ((Proposal, proposals), (ProposalPoint, rows)):
        for start in range(0, len(new), _CHUNK):
            session.execute(insert(table), new[start : start + _CHUNK])
    return len(rows), len(proposals)


def _open_by_key(session: Session, roadmap: Roadmap) -> Mapping[tuple[str, str, str], UUID]:
    """The open proposals for structured points; of several (after a split) the oldest."""
    found: dict[tuple[str, str, str], UUID] = {}
    rows = session.execute(
        select(Proposal.id, Proposal.kind, Proposal.subject, Proposal.wanted)
        .where(
            Proposal.roadmap_id == roadmap.id,
            Proposal.state == Verdict.OPEN,
            Proposal.subject != "",
        )
        .order_by(Proposal.number)
    )
    for proposal_id, kind, subject, wanted in rows:
        found.setdefault(key_of(kind, subject, wanted), proposal_id)
    return found
