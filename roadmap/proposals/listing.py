"""What is asked about proposals: which there are, who stands behind them, and in which words.

The words are read from the responses each time; they are for staff only.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from roadmap.errors import ProposalNotFound
from roadmap.models import Disposition, Proposal, ProposalPoint, Roadmap
from roadmap.proposals.collecting import stands_empty
from roadmap.proposals.kinds import Verdict, parse_number
from roadmap.proposals.reading import find_point
from surveys.consultations import get_questionnaire
from surveys.models import Consultation, Response
from surveys.questionnaire import Question

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Words:
    """A point as staff read it. ``text`` is empty where a person only ticked something."""

    point: UUID
    proposal: UUID
    consultation: str
    question: Question
    entry: str
    text: str
    language: str
    respondent_type: str | None
    country: str | None
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """Which proposals to list; what is empty does not limit.

    ``state`` is a verdict, ``to_confirm`` (decided, and waiting for a second person) or
    ``to_group`` (open, with points that only the machine put together).
    """

    kind: str = ""
    state: str = ""
    consultation: str = ""
    search: str = ""


def get_proposal(session: Session, *, roadmap: Roadmap, number: int) -> Proposal:
    proposal = session.scalar(
        select(Proposal).where(Proposal.roadmap_id == roadmap.id, Proposal.number == number)
    )
    if proposal is None:
        raise ProposalNotFound(slug=roadmap.slug, number=f"P{number}")
    return proposal


def list_proposals(
    session: Session,
    *,
    roadmap: Roadmap,
    filters: Filters = Filters(),
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[Proposal], int]:
    """The proposals that match, by number, and how many there are of them in all.

    What stands empty is left out: nobody is behind it any more.
    """
    wanted = and_(Proposal.roadmap_id == roadmap.id, not_(stands_empty()), *_conditions(filters))
    total = session.scalar(select(func.count()).select_from(Proposal).where(wanted)) or 0
    rows = session.scalars(
        select(Proposal).where(wanted).order_by(Proposal.number).limit(limit).offset(offset)
    )
    return list(rows), total


def count_states(session: Session, *, roadmap: Roadmap) -> dict[str, int]:
    """How many proposals are in each state; those merged into or split into others aside."""
    rows = session.execute(
        select(Proposal.state, func.count())
        .where(Proposal.roadmap_id == roadmap.id, not_(stands_empty()))
        .group_by(Proposal.state)
    )
    counts = dict(rows.all())
    return {state.value: counts.get(state.value, 0) for state in Verdict}


def count_people(
    session: Session, *, roadmap: Roadmap, proposals: Collection[UUID] | None = None
) -> dict[UUID, int]:
    """How many responses are behind each proposal, those merged into it included, each once."""
    into = merged_into(session, roadmap=roadmap)
    trees: dict[UUID, set[UUID]] = defaultdict(set)
    for child in into:
        trees[follow(child, into)].add(child)
    counting = select(
        ProposalPoint.proposal_id, func.count(ProposalPoint.response_id.distinct())
    ).group_by(ProposalPoint.proposal_id)
    counts: dict[UUID, int] = {}
    for part in _parts(proposals):
        query = counting
        if part is not None:
            query = query.where(ProposalPoint.proposal_id.in_(part))
        else:
            query = query.join(Proposal).where(Proposal.roadmap_id == roadmap.id)
        counts |= dict(session.execute(query).all())
    for root, children in trees.items():
        if proposals is None or root in proposals:
            counts[root] = (
                session.scalar(
                    select(func.count(ProposalPoint.response_id.distinct())).where(
                        ProposalPoint.proposal_id.in_([root, *sorted(children)])
                    )
                )
                or 0
            )
    return counts


def merged_into(session: Session, *, roadmap: Roadmap) -> dict[UUID, UUID]:
    """Where each merged proposal went."""
    rows = session.execute(
        select(Proposal.id, Proposal.merged_into_id).where(
            Proposal.roadmap_id == roadmap.id, Proposal.merged_into_id.is_not(None)
        )
    )
    return {child: parent for child, parent in rows if parent is not None}


def follow(proposal: UUID, into: Mapping[UUID, UUID]) -> UUID:
    """The end of a chain of merges."""
    seen = {proposal}
    while (following := into.get(proposal)) is not None and following not in seen:
        seen.add(following)
        proposal = following
    return proposal


def read_words(
    session: Session,
    *,
    proposals: Collection[UUID],
    most: int | None = None,
    offset: int = 0,
) -> list[Words]:
    """The points of these proposals in their own words; at most ``most`` of each.

    In the order of their random ids, which says nothing.
    """
    rank = (
        func.row_number()
        .over(partition_by=ProposalPoint.proposal_id, order_by=ProposalPoint.id)
        .label("rank")
    )
    found: list[Words] = []
    for part in _parts(proposals):
        ranked = (
            select(ProposalPoint.id, rank).where(ProposalPoint.proposal_id.in_(part or ()))
        ).subquery()
        query = (
            select(
                ProposalPoint, Response.version_id, Response.answers, Response.language,
                Response.respondent_type, Response.country, Consultation.slug,
            )
            .join(ranked, ranked.c.id == ProposalPoint.id)
            .join(Response, Response.id == ProposalPoint.response_id)
            .join(Consultation, Consultation.id == Response.consultation_id)
            .where(ranked.c.rank > offset)
            .order_by(ProposalPoint.proposal_id, ProposalPoint.id)
        )  # fmt: skip
        if most is not None:
            query = query.where(ranked.c.rank <= offset + most)
        for point, version_id, answers, language, respondent_type, country, slug in session.execute(
            query
        ):
            question = get_questionnaire(session, version_id=version_id).by_code[point.question]
            said = find_point(question, answers.get(point.question), point.entry)
            found.append(
                Words(
                    point.id, point.proposal_id, slug, question, point.entry,
                    said.text if said else "", language or "", respondent_type, country,
                    point.confirmed,
                )
            )  # fmt: skip
    return found


def consultations_of(session: Session, *, proposals: Collection[UUID]) -> dict[UUID, set[str]]:
    """The slugs of the consultations in which each proposal was made."""
    found: dict[UUID, set[str]] = defaultdict(set)
    for part in _parts(proposals):
        rows = session.execute(
            select(ProposalPoint.proposal_id, Consultation.slug)
            .join(Response, Response.id == ProposalPoint.response_id)
            .join(Consultation, Consultation.id == Response.consultation_id)
            .where(ProposalPoint.proposal_id.in_(part or ()))
            .distinct()
        )
        for proposal_id, slug in rows:
            found[proposal_id].add(slug)
    return found


def guessed_groups(session: Session, *, proposals: Collection[UUID]) -> set[UUID]:
    """Those with points that the machine found similar and no person confirmed."""
    found: set[UUID] = set()
    for part in _parts(proposals):
        found |= set(
            session.scalars(
                select(ProposalPoint.proposal_id)
                .where(
                    ProposalPoint.proposal_id.in_(part or ()), ProposalPoint.confirmed.is_(False)
                )
                .distinct()
            )
        )
    return found


def latest_dispositions(
    session: Session, *, proposals: Collection[UUID]
) -> dict[UUID, Disposition]:
    """The newest decision about each, undone or not."""
    found: dict[UUID, Disposition] = {}
    for part in _parts(proposals):
        rows = session.scalars(
            select(Disposition)
            .where(Disposition.proposal_id.in_(part or ()))
            .order_by(Disposition.number)
        )
        found |= {each.proposal_id: each for each in rows}
    return found


def history_of(session: Session, *, proposal: Proposal) -> Sequence[Disposition]:
    """All decisions about a proposal, the newest first."""
    return session.scalars(
        select(Disposition)
        .where(Disposition.proposal_id == proposal.id)
        .order_by(Disposition.number.desc())
    ).all()


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.kind:
        conditions.append(Proposal.kind == filters.kind)
    if filters.state == "to_confirm":
        conditions.append(waits_for_second())
    elif filters.state == "to_group":
        conditions += [
            Proposal.state == Verdict.OPEN,
            exists().where(
                ProposalPoint.proposal_id == Proposal.id, ProposalPoint.confirmed.is_(False)
            ),
        ]
    elif filters.state:
        conditions.append(Proposal.state == filters.state)
    if filters.consultation:
        in_points = (
            select(ProposalPoint.id)
            .join(Response, Response.id == ProposalPoint.response_id)
            .join(Consultation, Consultation.id == Response.consultation_id)
            .where(
                ProposalPoint.proposal_id == Proposal.id,
                Consultation.slug == filters.consultation,
            )
        )
        named = cast(Proposal.evidence, Text).contains(
            f'"{filters.consultation} / ', autoescape=True
        )
        conditions.append(or_(in_points.exists(), named))
    if filters.search.strip():
        conditions.append(_matches(filters.search.strip()))
    return conditions


def waits_for_second() -> ColumnElement[bool]:
    """Whether the newest decision about a proposal has not been confirmed by another person."""
    later = aliased(Disposition)
    return exists().where(
        Disposition.proposal_id == Proposal.id,
        not_(
            exists().where(
                later.proposal_id == Disposition.proposal_id, later.number > Disposition.number
            )
        ),
        Disposition.confirmed_at.is_(None),
        Disposition.undone_at.is_(None),
        Disposition.decision != Verdict.OPEN,
    )


def _matches(search: str) -> ColumnElement[bool]:
    """In the subject, in the secretariat's words, or the number itself."""
    texts = [
        func.lower(cast(column, Text)).contains(form.lower(), autoescape=True)
        for column in (Proposal.subject, Proposal.title, Proposal.body)
        # JSON as text may hold letters beyond ASCII as they are, or escaped.
        for form in {search, _escaped(search)}
    ]
    number = parse_number(search)
    return or_(*texts, *([Proposal.number == number] if number is not None else []))


def _escaped(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def _parts(ids: Iterable[UUID] | None) -> list[list[UUID] | None]:
    """``ids`` in parts that fit into a statement; all (None) where none are named."""
    if ids is None:
        return [None]
    ordered = sorted(ids)
    return [ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK)]
