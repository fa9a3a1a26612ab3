"""What every decision on proposals is made of: rows locked, words checked, one row written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.text import LocalizedText, clean_text
from roadmap.errors import InvalidDisposition, ProposalChanged, ProposalNotFound
from roadmap.models import Disposition, Milestone, Paragraph, Proposal, ProposalPoint, Roadmap
from roadmap.proposals.kinds import Verdict
from roadmap.proposals.listing import latest_dispositions
from roadmap.writing.recording import lock_roadmap

MAX_REASON = 2_000
Seen = Mapping[int, int]
"""By a proposal's number, the number of the newest decision about it that was seen (0: none)."""


def clean_reason(reason: Mapping[str, str]) -> LocalizedText:
    """The reason in the languages in which it says something; one at least."""
    texts = {
        language: text
        for language, given in reason.items()
        if (text := clean_text(given.strip(), where="reason", maximum=MAX_REASON))
    }
    if not texts:
        raise InvalidDisposition(
            where="reason", reason="expected why, in one language at least: everybody reads it"
        )
    return LocalizedText(texts)


def clean_section(session: Session, roadmap: Roadmap, section: str) -> str:
    """A milestone's, area's or paragraph's code, or FROM>TO, that the draft has."""
    text = clean_text(section.strip(), where="section", maximum=140)
    if not text:
        return ""
    known = {area.code for area in roadmap.areas}
    for table in (Milestone, Paragraph):
        known |= set(session.scalars(select(table.code).where(table.roadmap_id == roadmap.id)))
    if text not in known and not (text.count(">") == 1 and set(text.split(">")) <= known):
        raise InvalidDisposition(
            where="section",
            reason=f"the draft has no milestone, dependency, area or paragraph {text!r}",
        )
    return text


def find_numbered(session: Session, roadmap: Roadmap, number: int) -> Proposal:
    proposal = session.scalar(
        select(Proposal).where(Proposal.roadmap_id == roadmap.id, Proposal.number == number)
    )
    if proposal is None:
        raise ProposalNotFound(slug=roadmap.slug, number=f"P{number}")
    return proposal


def lock_proposals(
    session: Session, roadmap: Roadmap, numbers: Sequence[int], seen: Seen | None
) -> list[Proposal]:
    """The proposals in the order of their numbers, locked, none decided since it was seen.

    The roadmap is locked before them, as everywhere: who decides and who collects, or freezes an
    edition, take turns and never wait for each other.
    """
    if not numbers:
        raise InvalidDisposition(where="proposals", reason="expected one at least")
    lock_roadmap(session, roadmap)
    rows = {
        each.number: each
        for each in session.scalars(
            select(Proposal)
            .where(Proposal.roadmap_id == roadmap.id, Proposal.number.in_(set(numbers)))
            .order_by(Proposal.number)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    for number in numbers:
        if number not in rows:
            raise ProposalNotFound(slug=roadmap.slug, number=f"P{number}")
    if seen is not None:
        latest = latest_dispositions(session, proposals={each.id for each in rows.values()})
        for number, proposal in rows.items():
            newest = latest.get(proposal.id)
            if (newest.number if newest else 0) != seen.get(number, 0):
                raise ProposalChanged(number=f"P{number}")
    return list(rows.values())


def state_before(proposal: Proposal, actor: Actor, counts: Mapping[UUID, int]) -> dict[str, Any]:
    """What undoing needs; how many people it was decided about, and in which role."""
    into = proposal.merged_into_id
    return {
        "state": proposal.state, "merged_into": str(into) if into else None,
        "points": counts.get(proposal.id, 0), "by": actor.role,
    }  # fmt: skip


def dispose(
    session: Session,
    roadmap: Roadmap,
    proposal: Proposal,
    verdict: Verdict,
    reason: LocalizedText,
    section: str,
    before: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> Disposition:
    latest = latest_dispositions(session, proposals={proposal.id}).get(proposal.id)
    disposition = Disposition(
        proposal_id=proposal.id, number=latest.number + 1 if latest else 1, decision=verdict.value,
        reason=reason, section=section[:140], before=before, account_id=actor.account_id,
        decided_at=now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(disposition)
    except IntegrityError:  # somebody else at the same moment
        raise ProposalChanged(number=f"P{proposal.number}") from None
    proposal.state = verdict.value
    if proposal.confirmed_at is None:
        proposal.confirmed_at = now
        session.execute(
            update(ProposalPoint)
            .where(ProposalPoint.proposal_id == proposal.id, ProposalPoint.confirmed.is_(False))
            .values(confirmed=True)
        )
    # What is decided about proposals is part of the next edition, and of its review.
    roadmap.mark_changed()
    audit.record_event(
        session, name="proposal.undone" if "undoes" in before else "proposal.decided",
        actor=actor, now=now, subject=f"roadmap:{roadmap.slug}:P{proposal.number}",
        data={"decision": verdict.value, "number": disposition.number, "section": section},
    )  # fmt: skip
    session.flush()
    return disposition
