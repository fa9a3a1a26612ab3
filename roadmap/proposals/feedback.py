"""What became of what one said, for the person who holds the receipt, and per consultation.

Computed from the receipt's own response alone; nothing is stored about who looks.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from roadmap.models import (
    Candidate,
    Dependency,
    EvidenceLink,
    EvidenceRule,
    Milestone,
    Proposal,
    ProposalPoint,
    Roadmap,
)
from roadmap.proposals.kinds import Verdict
from roadmap.proposals.listing import follow
from roadmap.proposals.outcomes import Outcome, list_outcomes, newest_changes
from roadmap.proposals.reading import Point, read_points
from surveys.consultations import get_questionnaire
from surveys.models import Consultation, Response
from surveys.problems import is_blank
from surveys.questionnaire import Question


class Standing(StrEnum):
    """How far a point is; whether it waits for the second person is nobody else's business."""

    NOT_READ = "not_read"  # it is read once the consultation has closed
    NOT_DECIDED = "not_decided"
    IN_WORK = "in_work"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class OwnPoint:
    """One's own point and what became of it; ``outcome`` where that is public.

    Where the point was merged with others, ``outcome`` is of the proposal that it went to.
    """

    question: Question
    point: Point
    standing: Standing
    number: int | None = None
    roadmap: str | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """A question one answered, what it speaks for, and what changed there in the newest edition."""

    question: Question
    roadmap: str
    subjects: tuple[str, ...]
    edition: str | None
    changes: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class YouSaid:
    """A consultation's part in a roadmap: what was decided, and how many proposals are in work."""

    roadmap: Roadmap
    outcomes: tuple[Outcome, ...]
    in_work: int

    @property
    def by_decision(self) -> dict[Verdict, int]:
        counts = Counter(each.decision for each in self.outcomes)
        return {verdict: counts[verdict] for verdict in Verdict if counts[verdict]}


def points_of_response(session: Session, *, response: Response) -> list[OwnPoint]:
    """What the response asks for, in the order it was asked, each with what became of it.

    Empty where the consultation speaks for no roadmap.
    """
    rows = session.execute(
        select(ProposalPoint.question, ProposalPoint.entry, Proposal)
        .join(Proposal, Proposal.id == ProposalPoint.proposal_id)
        .where(ProposalPoint.response_id == response.id)
    ).all()
    if not rows and not roadmaps_of(session, response.consultation_id):
        return []
    placed: dict[tuple[str, str], list[Proposal]] = {}
    for question_code, entry, proposal in rows:
        placed.setdefault((question_code, entry), []).append(proposal)
    proposals = [proposal for _question, _entry, proposal in rows]
    public: dict[UUID, Outcome] = {}
    into: dict[UUID, UUID] = {}
    slugs: dict[UUID, str] = {}
    for roadmap_id in {proposal.roadmap_id for proposal in proposals}:
        roadmap = session.get_one(Roadmap, roadmap_id)
        slugs[roadmap_id] = roadmap.slug
        looked_at = {each.id for each in proposals if each.roadmap_id == roadmap_id}
        while looked_at:
            outcomes = list_outcomes(session, roadmap=roadmap, proposals=looked_at)
            public |= {each.id: each for each in outcomes}
            # Only merges that are public lead on.
            merged = [each.id for each in outcomes if each.decision is Verdict.MERGED]
            steps = session.execute(
                select(Proposal.id, Proposal.merged_into_id).where(Proposal.id.in_(merged))
            )
            into |= {child: parent for child, parent in steps if parent is not None}
            looked_at = {into[child] for child in merged if child in into} - public.keys()
    found = []
    for question in get_questionnaire(session, version_id=response.version_id).questions:
        for point in read_points(question, response.answers.get(question.code)):
            own = placed.get((question.code, point.entry))
            if own is None:
                found.append(OwnPoint(question, point, Standing.NOT_READ))
                continue
            # One for each roadmap that the consultation speaks for.
            for proposal in sorted(own, key=lambda each: slugs[each.roadmap_id]):
                end = session.get_one(Proposal, follow(proposal.id, into))
                outcome = public.get(end.id)
                if outcome is not None and outcome.decision in (Verdict.MERGED, Verdict.SPLIT):
                    outcome = None
                standing = Standing.DECIDED if outcome else Standing.IN_WORK
                if outcome is None and end.state == Verdict.OPEN:
                    standing = Standing.NOT_DECIDED
                slug = slugs[proposal.roadmap_id]
                found.append(OwnPoint(question, point, standing, end.number, slug, outcome))
    return found


def counted_for(session: Session, *, response: Response) -> list[Counted]:
    """The counted questions that the response answered, and what each speaks for."""
    questionnaire = get_questionnaire(session, version_id=response.version_id)
    subjects: dict[tuple[UUID, str], set[str]] = {}
    links = session.execute(
        select(EvidenceLink.roadmap_id, EvidenceLink.question, EvidenceLink.subject).where(
            EvidenceLink.consultation_id == response.consultation_id
        )
    )
    for roadmap_id, name, subject in links:
        subjects.setdefault((roadmap_id, name.partition(".")[0]), set()).add(subject)
    rules = session.execute(
        select(EvidenceRule.roadmap_id, EvidenceRule.source).where(
            EvidenceRule.consultation_id == response.consultation_id,
            EvidenceRule.ended_at.is_(None),
        )
    )
    for roadmap_id, source in rules:
        question = questionnaire.by_code.get(source.partition(".")[0])
        if question is not None:
            named = {option.code for option in question.options} | question.dependency_codes
            known = named & _subjects(session, roadmap_id)
            subjects.setdefault((roadmap_id, question.code), set()).update(known)
    found = []
    for question in questionnaire.questions:
        if is_blank(response.answers.get(question.code)):
            continue
        for (roadmap_id, code), named in sorted(subjects.items(), key=lambda each: str(each[0])):
            if code != question.code or not named:
                continue
            roadmap = session.get_one(Roadmap, roadmap_id)
            newest = newest_changes(session, roadmap=roadmap)
            version, changes = newest if newest else (None, ())
            found.append(
                Counted(
                    question, roadmap.slug, tuple(sorted(named)), version,
                    tuple(change for change in changes if change.get("code") in named),
                )
            )  # fmt: skip
    return found


def what_we_did(session: Session, *, consultation: Consultation) -> list[YouSaid]:
    """Per roadmap: the public decisions about proposals made in ``consultation``."""
    found = []
    for roadmap in roadmaps_of(session, consultation.id):
        outcomes = tuple(
            each
            for each in list_outcomes(session, roadmap=roadmap)
            if consultation.slug in each.consultations
        )
        made = set(
            session.scalars(
                select(ProposalPoint.proposal_id)
                .join(Response, Response.id == ProposalPoint.response_id)
                .join(Proposal, Proposal.id == ProposalPoint.proposal_id)
                .where(
                    Response.consultation_id == consultation.id, Proposal.roadmap_id == roadmap.id
                )
                .distinct()
            )
        )
        in_work = len(made - {each.id for each in outcomes})
        found.append(YouSaid(roadmap, outcomes, in_work))
    return found


def roadmaps_of(session: Session, consultation_id: UUID) -> Sequence[Roadmap]:
    """Those the consultation is linked to, or in which proposals were made in it."""
    sources = (
        select(EvidenceLink.roadmap_id).where(EvidenceLink.consultation_id == consultation_id),
        select(EvidenceRule.roadmap_id).where(EvidenceRule.consultation_id == consultation_id),
        select(Candidate.roadmap_id).where(Candidate.consultation_id == consultation_id),
        select(Proposal.roadmap_id)
        .join(ProposalPoint, ProposalPoint.proposal_id == Proposal.id)
        .join(Response, Response.id == ProposalPoint.response_id)
        .where(Response.consultation_id == consultation_id),
    )
    return session.scalars(
        select(Roadmap)
        .where(or_(*(Roadmap.id.in_(source) for source in sources)))
        .order_by(Roadmap.slug)
    ).all()


def _subjects(session: Session, roadmap_id: UUID) -> set[str]:
    """The codes of the milestones, and FROM>TO of the dependencies."""
    codes = dict(
        session.execute(
            select(Milestone.id, Milestone.code).where(Milestone.roadmap_id == roadmap_id)
        ).all()
    )
    ends = session.execute(
        select(Dependency.from_id, Dependency.to_id).where(Dependency.roadmap_id == roadmap_id)
    )
    return {*codes.values(), *(f"{codes[start]}>{codes[end]}" for start, end in ends)}
