"""What everybody may know of proposals: decisions that two people stand behind, with reasons.

Never the words of people, and never how few they were: see ``hidden_counts``.
"""

import json
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.text import LocalizedText
from roadmap.models import (
    Decision,
    Disposition,
    Edition,
    Paragraph,
    ParagraphVersion,
    Proposal,
    Roadmap,
)
from roadmap.proposals.kinds import FEW, TAKEN_UP, ProposalKind, Verdict, default_title
from roadmap.proposals.listing import consultations_of, count_people
from surveys.consultations import find_consultation
from surveys.results import read_results


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision that is public. ``title`` is the secretariat's and may be empty (``name`` is not).

    ``people``: how many were behind it when it was decided; None below ``FEW`` or where it would
    tell of others. ``into``: numbers of the proposals it was merged or split into. ``edition``: the
    first edition that says so.
    """

    id: UUID
    number: int
    kind: ProposalKind
    subject: str
    title: LocalizedText
    name: LocalizedText
    body: LocalizedText
    wanted: Mapping[str, Any]
    decision: Verdict
    reason: LocalizedText
    section: str
    people: int | None
    into: tuple[int, ...]
    consultations: tuple[str, ...]
    edition: str | None

    def as_document(self) -> dict[str, Any]:
        """As in an edition's document (``proposals``)."""
        return {
            "number": self.number, "kind": self.kind.value, "subject": self.subject,
            "title": self.name.as_dict(), "decision": self.decision.value,
            "reason": self.reason.as_dict(), "section": self.section, "points": self.people,
        }  # fmt: skip


def published_dispositions(
    session: Session, *, roadmap: Roadmap, proposals: Collection[UUID] | None = None
) -> dict[UUID, Disposition]:
    """The decision that is public about each proposal: the newest that was confirmed.

    Where that one was undone, none is until another is confirmed.
    """
    query = (
        select(Disposition)
        .join(Proposal, Proposal.id == Disposition.proposal_id)
        .where(Proposal.roadmap_id == roadmap.id, Disposition.confirmed_at.is_not(None))
        .order_by(Disposition.number)
    )
    if proposals is not None:
        query = query.where(Disposition.proposal_id.in_(proposals))
    newest = {each.proposal_id: each for each in session.scalars(query)}
    return {
        proposal_id: each
        for proposal_id, each in newest.items()
        if each.undone_at is None and each.decision != Verdict.OPEN
    }


def list_outcomes(
    session: Session, *, roadmap: Roadmap, proposals: Collection[UUID] | None = None
) -> list[Outcome]:
    """Every public decision about the roadmap's proposals, by number.

    Of ``proposals`` only, if given; it is then not told how many people were behind them: whether
    that may be told depends on all.
    """
    dispositions = published_dispositions(session, roadmap=roadmap, proposals=proposals)
    if not dispositions:
        return []
    query = select(Proposal).where(Proposal.roadmap_id == roadmap.id).order_by(Proposal.number)
    if proposals is not None:
        query = query.where(Proposal.id.in_(proposals))
    said = editions_saying(session, roadmap=roadmap)
    made_in = consultations_of(session, proposals=dispositions.keys())
    found = []
    for proposal in session.scalars(query):
        disposition = dispositions.get(proposal.id)
        if disposition is None:
            continue
        named = {str(each["query"]).partition(" / ")[0] for each in proposal.evidence}
        found.append(
            Outcome(
                id=proposal.id,
                number=proposal.number,
                kind=ProposalKind(proposal.kind),
                subject=proposal.subject,
                title=proposal.title,
                name=proposal.title
                or default_title(proposal.kind, proposal.subject, proposal.wanted),
                body=proposal.body,
                wanted=proposal.wanted,
                decision=Verdict(disposition.decision),
                reason=disposition.reason,
                section=disposition.section,
                people=_people(proposal, disposition) if proposals is None else None,
                into=_into(disposition),
                consultations=tuple(sorted(made_in.get(proposal.id, set()) | named)),
                edition=said.get((proposal.number, disposition.decision)),
            )
        )
    if proposals is not None:
        return found
    hidden = hidden_counts(session, found) | _telling_of_few(session, roadmap, found)
    return [replace(each, people=None) if each.id in hidden else each for each in found]


def proposals_document(session: Session, roadmap: Roadmap) -> list[dict[str, Any]]:
    """The proposals of an edition's document: those with a confirmed decision, by number."""
    return [each.as_document() for each in list_outcomes(session, roadmap=roadmap)]


def proposals_behind(session: Session, roadmap: Roadmap) -> dict[str, list[int]]:
    """Subject (a milestone's or paragraph's code, FROM>TO) → numbers of the proposals behind it.

    Of proposals that were taken up, in a decision that is confirmed.
    """
    dispositions = {
        proposal_id: each
        for proposal_id, each in published_dispositions(session, roadmap=roadmap).items()
        if each.decision in TAKEN_UP
    }
    numbers = dict(
        session.execute(
            select(Proposal.id, Proposal.number).where(Proposal.roadmap_id == roadmap.id)
        ).all()
    )
    behind: dict[str, set[int]] = defaultdict(set)
    for proposal_id, disposition in dispositions.items():
        if disposition.section:
            behind[disposition.section].add(numbers[proposal_id])
    for changed in (
        select(Decision.subject, Decision.proposal_id).where(Decision.roadmap_id == roadmap.id),
        select(Paragraph.code, ParagraphVersion.proposal_id)
        .join(ParagraphVersion, ParagraphVersion.paragraph_id == Paragraph.id)
        .where(Paragraph.roadmap_id == roadmap.id),
    ):
        for subject, cause in session.execute(changed):
            if cause in dispositions:
                behind[subject].add(numbers[cause])
    return {subject: sorted(behind[subject]) for subject in sorted(behind)}


def hidden_counts(session: Session, outcomes: Sequence[Outcome]) -> set[UUID]:
    """Those whose count must stay hidden although it is not small.

    A dispute or a stance that the published results hide is hidden here as well. And where exactly
    one count of a kind is hidden, the smallest of the others goes with it: with the number of all
    who answered, which is public, it could be worked out.
    """
    shown: dict[tuple[str, str, str], bool] = {}
    for slug in sorted({slug for each in outcomes for slug in each.consultations}):
        consultation = find_consultation(session, slug=slug)
        if consultation is None or consultation.current_version_id is None:
            continue
        results = read_results(session, consultation=consultation)
        entries = {
            entry.code: entry
            for entry in results.entries
            if entry.question.type in ("dependencies", "paragraph_comments")
        }
        if not entries:
            continue
        for each in results.public_document(codes=entries.keys())["questions"]:
            entry = entries[each["code"]]
            paragraph = each["code"].partition(".")[2]
            for option, counted in zip(entry.options, each["options"], strict=True):
                is_shown = counted["count"] is not None and each["answered"] is not None
                key = (
                    (ProposalKind.WORDING.value, paragraph, option.code)
                    if entry.question.type == "paragraph_comments"
                    else (ProposalKind.DROP_DEPENDENCY.value, option.code, "")
                )
                shown[key] = shown.get(key, True) and is_shown
    hidden = {
        each.id
        for each in outcomes
        if not shown.get((each.kind.value, each.subject, str(each.wanted.get("stance", ""))), True)
    }
    kinds: dict[ProposalKind, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        if each.kind is not ProposalKind.DATE and each.decision not in _COUNTED_ELSEWHERE:
            kinds[each.kind].append(each)
    for members in kinds.values():
        open_ones = [each for each in members if each.people is not None and each.id not in hidden]
        if len(members) - len(open_ones) == 1 and open_ones:
            hidden.add(min(open_ones, key=lambda each: (each.people or 0, each.number)).id)
    return hidden


def _telling_of_few(session: Session, roadmap: Roadmap, outcomes: Sequence[Outcome]) -> set[UUID]:
    """Those whose count, with one that was told before, would tell of fewer than ``FEW`` people.

    A proposal may have been decided twice, with a few people more or less; and of the parts of a
    proposal whose own count was told, the smallest is what the others leave.
    """
    now = {each.id: each.people for each in outcomes if each.people is not None}
    hidden: set[UUID] = set()
    told = session.execute(
        select(Disposition.proposal_id, Disposition.before, Disposition.decision)
        .join(Proposal, Proposal.id == Disposition.proposal_id)
        .where(Proposal.roadmap_id == roadmap.id, Disposition.confirmed_at.is_not(None))
    )
    for proposal_id, before, decision in told:
        earlier = int(before.get("points", 0))
        if proposal_id not in now or decision in _COUNTED_ELSEWHERE or earlier < FEW:
            continue
        if 0 < abs(earlier - (now[proposal_id] or 0)) < FEW:
            hidden.add(proposal_id)
    parts: dict[UUID, list[UUID]] = defaultdict(list)
    rows = session.execute(
        select(Proposal.split_from_id, Proposal.id).where(
            Proposal.roadmap_id == roadmap.id,
            Proposal.split_from_id.is_not(None),
            Proposal.state != Verdict.SPLIT,
        )
    )
    for whole, part in rows:
        if whole is not None:
            parts[whole].append(part)
    if parts:
        people = count_people(session, roadmap=roadmap)
        for family in parts.values():
            if any(people.get(part, 0) < FEW for part in family):
                hidden.update(family)
    return hidden


_Said = tuple[frozenset[tuple[int, str]], tuple[Mapping[str, Any], ...]]
# Editions never change, so what they say of proposals and changes is kept: edition id → both.
_known: OrderedDict[UUID, _Said] = OrderedDict()
_KNOWN_LIMIT = 64


def editions_saying(session: Session, *, roadmap: Roadmap) -> dict[tuple[int, str], str]:
    """(Number of a proposal, decision) → version of the first edition that says so."""
    found: dict[tuple[int, str], str] = {}
    rows = session.execute(
        select(Edition.id, Edition.version)
        .where(Edition.roadmap_id == roadmap.id, Edition.withdrawn_at.is_(None))
        .order_by(Edition.sequence)
    ).all()
    for edition_id, version in rows:
        for pair in _said_in(session, edition_id)[0]:
            found.setdefault(pair, version)
    return found


def newest_changes(
    session: Session, *, roadmap: Roadmap
) -> tuple[str, tuple[Mapping[str, Any], ...]] | None:
    """The version of the newest edition that holds, and what changed in it."""
    newest = session.execute(
        select(Edition.id, Edition.version)
        .where(Edition.roadmap_id == roadmap.id, Edition.withdrawn_at.is_(None))
        .order_by(Edition.sequence.desc())
        .limit(1)
    ).one_or_none()
    return None if newest is None else (newest.version, _said_in(session, newest.id)[1])


def _said_in(session: Session, edition_id: UUID) -> _Said:
    if edition_id in _known:
        _known.move_to_end(edition_id)
        return _known[edition_id]
    document = json.loads(session.scalar(select(Edition.document).filter_by(id=edition_id)) or "{}")
    said = (
        frozenset((each["number"], each["decision"]) for each in document.get("proposals", ())),
        tuple(document.get("changes", ())),
    )
    _known[edition_id] = said
    if len(_known) > _KNOWN_LIMIT:
        _known.popitem(last=False)
    return said


# Its people are counted with the proposals it went to: told twice, the difference tells of few.
_COUNTED_ELSEWHERE = frozenset({Verdict.MERGED, Verdict.SPLIT})


def _people(proposal: Proposal, disposition: Disposition) -> int | None:
    counted = [each["n"] for each in proposal.evidence if each.get("n")]
    if disposition.decision in _COUNTED_ELSEWHERE:
        return None
    people = max([int(disposition.before.get("points", 0)), *counted])
    return people if people >= FEW else None


def _into(disposition: Disposition) -> tuple[int, ...]:
    if disposition.decision == Verdict.MERGED:
        return (int(disposition.before["into"]),)
    return tuple(disposition.before.get("parts", ()))
