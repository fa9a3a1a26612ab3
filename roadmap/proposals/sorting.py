"""Use cases of putting proposals in order before deciding: what belongs together, what it is.

The machine's groups are suggestions. A person confirms one, moves points elsewhere, gives a
proposal the secretariat's own words, or writes one that came in another way (a vote, a meeting).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.text import LocalizedText, clean_text
from roadmap.errors import InvalidDisposition
from roadmap.models import Proposal, ProposalPoint, Roadmap
from roadmap.proposals.dispositions import clean_section, lock_proposals
from roadmap.proposals.kinds import ProposalKind, Verdict
from roadmap.writing.recording import lock_roadmap

MAX_TITLE = 300
MAX_BODY = 4_000
_CHUNK = 500


def confirm_groups(
    session: Session, *, roadmap: Roadmap, proposals: Sequence[int], actor: Actor, now: datetime
) -> int:
    """Say that the points of each of these belong together; returns how many proposals changed."""
    changed = 0
    for proposal in lock_proposals(session, roadmap, proposals, None):
        number = proposal.number
        touched = session.execute(
            update(ProposalPoint)
            .where(ProposalPoint.proposal_id == proposal.id, ProposalPoint.confirmed.is_(False))
            .values(confirmed=True)
            .returning(ProposalPoint.id)
        ).all()
        if not touched and proposal.confirmed_at is not None:
            continue
        proposal.confirmed_at = now
        changed += 1
        _record(session, roadmap, "proposal.grouped", number, actor, now, {"points": len(touched)})
    session.flush()
    return changed


def move_points(
    session: Session,
    *,
    roadmap: Roadmap,
    proposal: int,
    points: Collection[UUID],
    to: int,
    actor: Actor,
    now: datetime,
) -> int:
    """Let points of one open proposal be points of another one; returns how many."""
    if proposal == to:
        raise InvalidDisposition(where="to", reason="expected another proposal")
    rows = {each.number: each for each in lock_proposals(session, roadmap, [proposal, to], None)}
    source, target = rows[proposal], rows[to]
    for each in (source, target):
        if each.state != Verdict.OPEN:
            raise InvalidDisposition(
                where=f"P{each.number}", reason="it was decided; undo that before points are moved"
            )
    ordered = sorted(set(points))
    moved = 0
    for start in range(0, len(ordered), _CHUNK):
        moved += len(
            session.execute(
                update(ProposalPoint)
                .where(
                    ProposalPoint.id.in_(ordered[start : start + _CHUNK]),
                    ProposalPoint.proposal_id == source.id,
                )
                .values(proposal_id=target.id, confirmed=True)
                .returning(ProposalPoint.id)
            ).all()
        )
    if moved != len(ordered) or not moved:
        raise InvalidDisposition(where="points", reason=f"expected points of P{proposal}")
    _record(
        session, roadmap, "proposal.points_moved", proposal, actor, now,
        {"to": f"P{to}", "points": moved},
    )  # fmt: skip
    return moved


def describe_proposal(
    session: Session,
    *,
    roadmap: Roadmap,
    proposal: int,
    title: Mapping[str, str],
    body: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> Proposal:
    """Give an open proposal the secretariat's title and summary: what everybody reads of it.

    Once it is decided they stand, because the second person confirms them with the decision.
    """
    (row,) = lock_proposals(session, roadmap, [proposal], None)
    if row.state != Verdict.OPEN:
        raise InvalidDisposition(
            where=f"P{proposal}", reason="it was decided; undo that before its words are changed"
        )
    row.title, row.body = _clean(title, "title", MAX_TITLE), _clean(body, "body", MAX_BODY)
    # It is part of the edition's document.
    roadmap.mark_changed()
    _record(session, roadmap, "proposal.described", proposal, actor, now, {})
    session.flush()
    return row


def write_proposal(
    session: Session,
    *,
    roadmap: Roadmap,
    kind: str,
    title: Mapping[str, str],
    actor: Actor,
    now: datetime,
    subject: str = "",
    body: Mapping[str, str] | None = None,
) -> Proposal:
    """A proposal that came in no response: from a vote, a meeting, a letter."""
    if kind not in {each.value for each in ProposalKind}:
        raise InvalidDisposition(
            where="kind", reason=f"expected one of {', '.join(each.value for each in ProposalKind)}"
        )
    text = _clean(title, "title", MAX_TITLE)
    if not text:
        raise InvalidDisposition(where="title", reason="expected a title in one language at least")
    lock_roadmap(session, roadmap)
    last = session.scalar(
        select(func.max(Proposal.number)).where(Proposal.roadmap_id == roadmap.id)
    )
    proposal = Proposal(
        roadmap_id=roadmap.id, number=(last or 0) + 1, kind=kind,
        subject=clean_section(session, roadmap, subject), title=text,
        body=_clean(body or {}, "body", MAX_BODY), wanted={}, evidence=[],
        state=Verdict.OPEN.value, confirmed_at=now, account_id=actor.account_id, created_at=now,
    )  # fmt: skip
    session.add(proposal)
    session.flush()
    _record(session, roadmap, "proposal.written", proposal.number, actor, now, {"kind": kind})
    return proposal


def _clean(texts: Mapping[str, str], where: str, maximum: int) -> LocalizedText:
    cleaned = {
        language: clean_text(text.strip(), where=where, maximum=maximum)
        for language, text in texts.items()
    }
    return LocalizedText({language: text for language, text in cleaned.items() if text})


def _record(
    session: Session,
    roadmap: Roadmap,
    name: str,
    number: int,
    actor: Actor,
    now: datetime,
    data: dict[str, Any],
) -> None:
    audit.record_event(
        session, name=name, actor=actor, now=now, subject=f"roadmap:{roadmap.slug}:P{number}",
        data=data,
    )  # fmt: skip
