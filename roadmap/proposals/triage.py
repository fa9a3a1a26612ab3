"""Use cases of the secretariat's triage: decide, merge, split, undo, and the second person's yes.

Every decision is a ``Disposition`` with a number of its own per proposal; whoever decides carries
the number seen, and of two at once the second is told. All that is asked for in one call is done,
or nothing is. Whoever decides about a proposal confirms that its points belong together.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.text import LocalizedText
from roadmap.errors import (
    ConfirmedBySamePerson,
    InvalidDisposition,
    NothingToUndo,
)
from roadmap.models import (
    Decision,
    Disposition,
    ParagraphVersion,
    Proposal,
    ProposalPoint,
    Roadmap,
)
from roadmap.proposals.applying import (
    NEEDS_NO_FORM,
    Changes,
    apply_proposal,
    revert_proposal,
)
from roadmap.proposals.dispositions import (
    Seen,
    clean_reason,
    clean_section,
    dispose,
    find_numbered,
    lock_proposals,
    state_before,
)
from roadmap.proposals.kinds import BULK, TAKEN_UP, Verdict
from roadmap.proposals.listing import count_people, follow, latest_dispositions, merged_into


def decide(
    session: Session,
    *,
    roadmap: Roadmap,
    proposals: Sequence[int],
    decision: str,
    reason: LocalizedText,
    actor: Actor,
    now: datetime,
    section: str = "",
    seen: Seen | None = None,
    apply: bool = False,
    changes: Changes | None = None,
) -> list[Disposition]:
    """Decide the same about all ``proposals`` (numbers), for one reason.

    ``section``: where it went, a code; what is taken up went to its own subject unless said.
    ``apply``: change the draft at once as the proposals ask, with ``changes`` where one alone needs
    more said. Raises ``InvalidDisposition``, ``ProposalNotFound``, ``ProposalChanged``.
    """
    verdict = _verdict(decision, BULK)
    text = clean_reason(reason)
    place = clean_section(session, roadmap, section)
    if apply and verdict not in TAKEN_UP:
        raise InvalidDisposition(where="apply", reason="only what is accepted changes the draft")
    rows = lock_proposals(session, roadmap, proposals, seen)
    _check_not_applied(session, rows)
    if apply and len(rows) > 1 and any(each.kind not in NEEDS_NO_FORM for each in rows):
        raise InvalidDisposition(
            where="apply", reason="expected one proposal, or dependencies alone"
        )
    counts = count_people(session, roadmap=roadmap, proposals={each.id for each in rows})
    done = []
    for proposal in rows:
        if proposal.state in (Verdict.MERGED, Verdict.SPLIT):
            raise InvalidDisposition(
                where=f"P{proposal.number}",
                reason=f"it was {proposal.state}; undo that first, or decide where it went",
            )
        before = state_before(proposal, actor, counts)
        where = place or (proposal.subject if verdict in TAKEN_UP else "")
        if apply:
            before["applied"] = apply_proposal(
                session, roadmap=roadmap, proposal=proposal, changes=changes or {},
                reason=f"P{proposal.number}: {text.in_language('en')}"[:2_000],
                actor=actor, now=now,
            )  # fmt: skip
            if not place and before["applied"]["change"] == "milestone_added":
                where = before["applied"]["code"]
        done.append(dispose(session, roadmap, proposal, verdict, text, where, before, actor, now))
    return done


def merge_proposals(
    session: Session,
    *,
    roadmap: Roadmap,
    proposals: Sequence[int],
    into: int,
    reason: LocalizedText,
    actor: Actor,
    now: datetime,
    seen: Seen | None = None,
) -> list[Disposition]:
    """Let proposals be part of another one: what is decided about that holds for their points."""
    text = clean_reason(reason)
    rows = lock_proposals(session, roadmap, proposals, seen)
    _check_not_applied(session, rows)
    target = find_numbered(session, roadmap, into)
    into_by_id = merged_into(session, roadmap=roadmap)
    root = session.get_one(Proposal, follow(target.id, into_by_id))
    if root.state == Verdict.SPLIT:
        raise InvalidDisposition(where="into", reason=f"P{root.number} was split into others")
    counts = count_people(session, roadmap=roadmap, proposals={each.id for each in rows})
    done = []
    for proposal in rows:
        if proposal.id == root.id:
            raise InvalidDisposition(
                where="into", reason=f"P{proposal.number} cannot be merged into itself"
            )
        if proposal.state in (Verdict.MERGED, Verdict.SPLIT):
            raise InvalidDisposition(
                where=f"P{proposal.number}", reason=f"it was {proposal.state} already"
            )
        before = state_before(proposal, actor, counts) | {"into": root.number}
        disposition = dispose(
            session, roadmap, proposal, Verdict.MERGED, text, "", before, actor, now
        )
        proposal.merged_into_id = root.id
        done.append(disposition)
    session.flush()
    return done


def split_proposal(
    session: Session,
    *,
    roadmap: Roadmap,
    proposal: int,
    parts: Sequence[Collection[UUID]],
    reason: LocalizedText,
    actor: Actor,
    now: datetime,
    seen: Seen | None = None,
) -> list[Proposal]:
    """Make proposals of their own of parts of the points; what is left over is one as well."""
    text = clean_reason(reason)
    (row,) = lock_proposals(session, roadmap, [proposal], seen)
    if row.state != Verdict.OPEN:
        raise InvalidDisposition(where=f"P{proposal}", reason="only an open proposal can be split")
    own = set(session.scalars(select(ProposalPoint.id).where(ProposalPoint.proposal_id == row.id)))
    chosen = [set(part) for part in parts if part]
    together = set[UUID]().union(*chosen)
    if not together <= own or sum(map(len, chosen)) != len(together):
        raise InvalidDisposition(
            where="points", reason=f"expected points of P{proposal}, each in one part"
        )
    if rest := own - together:
        chosen.append(rest)
    if len(chosen) < 2:
        raise InvalidDisposition(where="points", reason="expected some of the points, not all")
    counts = count_people(session, roadmap=roadmap, proposals={row.id})
    before = state_before(row, actor, counts)
    made = []
    number = max(session.scalars(select(Proposal.number).where(Proposal.roadmap_id == roadmap.id)))
    for offset, points in enumerate(chosen, start=1):
        part = Proposal(
            roadmap_id=roadmap.id, number=number + offset, kind=row.kind, subject=row.subject,
            title=row.title, body=row.body, wanted=dict(row.wanted), evidence=list(row.evidence),
            state=Verdict.OPEN.value, split_from_id=row.id, confirmed_at=now,
            account_id=actor.account_id, created_at=now,
        )  # fmt: skip
        session.add(part)
        session.flush()
        _move(session, points, part)
        made.append(part)
    before["parts"] = [part.number for part in made]
    dispose(session, roadmap, row, Verdict.SPLIT, text, "", before, actor, now)
    return made


def undo(
    session: Session,
    *,
    roadmap: Roadmap,
    proposals: Sequence[int],
    actor: Actor,
    now: datetime,
    reason: LocalizedText | None = None,
    seen: Seen | None = None,
    keep_draft: bool = False,
) -> list[Disposition]:
    """Take the newest decision about each back: a new one that restores what was before.

    What the decision changed in the draft is taken back as well, unless ``keep_draft``. Raises
    ``NothingToUndo``, and ``DraftMovedOn`` where the draft was changed again since.
    """
    text = clean_reason(reason) if reason is not None and any(reason.values()) else None
    rows = lock_proposals(session, roadmap, proposals, seen)
    latest = latest_dispositions(session, proposals={each.id for each in rows})
    counts = count_people(session, roadmap=roadmap, proposals={each.id for each in rows})
    done = []
    for proposal in rows:
        name = f"P{proposal.number}"
        last = latest.get(proposal.id)
        if last is None:
            raise NothingToUndo(number=name, reason="nothing was decided yet.")
        if last.undone_at is not None or "undoes" in last.before:
            raise NothingToUndo(number=name, reason="the last step was an undo; decide anew.")
        if last.decision == Verdict.SPLIT:
            _rejoin(session, roadmap, proposal, name)
        applied = last.before.get("applied")
        if applied and not keep_draft:
            revert_proposal(
                session, roadmap=roadmap, proposal=proposal, applied=applied,
                reason=f"Undone: {name}", actor=actor, now=now,
            )  # fmt: skip
        last.undone_at = now
        before = state_before(proposal, actor, counts) | {"undoes": last.number}
        earlier = _restored(session, last)
        disposition = dispose(
            session, roadmap, proposal, Verdict(last.before["state"]),
            text or (earlier.reason if earlier else LocalizedText({})),
            earlier.section if earlier else "", before, actor, now,
        )  # fmt: skip
        into = last.before.get("merged_into")
        proposal.merged_into_id = UUID(into) if into else None
        done.append(disposition)
    session.flush()
    return done


def confirm(
    session: Session,
    *,
    roadmap: Roadmap,
    proposals: Sequence[int],
    actor: Actor,
    now: datetime,
    seen: Seen | None = None,
) -> list[Disposition]:
    """The second person's yes: from now on the decision is public, and part of the next edition.

    The operator at the command line is a person of its own. Raises ``ConfirmedBySamePerson``.
    """
    rows = lock_proposals(session, roadmap, proposals, seen)
    latest = latest_dispositions(session, proposals={each.id for each in rows})
    done = []
    for proposal in rows:
        name = f"P{proposal.number}"
        last = latest.get(proposal.id)
        if last is None or last.decision == Verdict.OPEN or last.undone_at is not None:
            raise InvalidDisposition(
                where=name, reason="nothing was decided that could be confirmed"
            )
        if last.confirmed_at is not None:
            raise InvalidDisposition(where=name, reason="it was confirmed already")
        # An account that is gone is nobody's any more; the operator leaves no account.
        by_operator = actor.account_id is None and last.before.get("by") == actor.role
        if by_operator or (last.account_id is not None and last.account_id == actor.account_id):
            raise ConfirmedBySamePerson(number=name)
        last.confirmed_by = actor.account_id
        last.confirmed_at = now
        done.append(last)
        audit.record_event(
            session, name="disposition.confirmed", actor=actor, now=now,
            subject=f"roadmap:{roadmap.slug}:{name}",
            data={"decision": last.decision, "number": last.number},
        )  # fmt: skip
    roadmap.mark_changed()
    session.flush()
    return done


def _verdict(decision: str, allowed: Collection[Verdict]) -> Verdict:
    if decision not in {verdict.value for verdict in allowed}:
        expected = ", ".join(sorted(verdict.value for verdict in allowed))
        raise InvalidDisposition(where="decision", reason=f"expected one of {expected}")
    return Verdict(decision)


def _check_not_applied(session: Session, rows: Sequence[Proposal]) -> None:
    """What was carried into the draft is taken back before something else is decided."""
    latest = latest_dispositions(session, proposals={each.id for each in rows})
    for proposal in rows:
        last = latest.get(proposal.id)
        if last is not None and last.undone_at is None and last.before.get("applied"):
            raise InvalidDisposition(
                where=f"P{proposal.number}",
                reason="the draft was changed for it; undo that decision first",
            )


def _restored(session: Session, last: Disposition) -> Disposition | None:
    """The decision that held before ``last``: the one whose words are said again."""
    if last.before["state"] == Verdict.OPEN:
        return None
    return session.scalar(
        select(Disposition)
        .where(
            Disposition.proposal_id == last.proposal_id, Disposition.number < last.number,
            Disposition.decision == last.before["state"],
        )
        .order_by(Disposition.number.desc())
        .limit(1)
    )  # fmt: skip


def _rejoin(session: Session, roadmap: Roadmap, proposal: Proposal, name: str) -> None:
    """Take back the points of the parts of a split, and the parts themselves."""
    parts = session.scalars(select(Proposal).where(Proposal.split_from_id == proposal.id)).all()
    ids = [part.id for part in parts]
    for part in parts:
        touched = (
            select(Disposition.id).where(Disposition.proposal_id == part.id),
            select(Decision.id).where(Decision.proposal_id == part.id),
            select(ParagraphVersion.id).where(ParagraphVersion.proposal_id == part.id),
            select(Proposal.id).where(Proposal.merged_into_id == part.id),
        )
        if any(session.scalar(query.limit(1)) is not None for query in touched):
            raise NothingToUndo(
                number=name, reason=f"something was done with P{part.number}, a part of it, since."
            )
    session.execute(
        update(ProposalPoint)
        .where(ProposalPoint.proposal_id.in_(ids))
        .values(proposal_id=proposal.id)
    )
    session.execute(delete(Proposal).where(Proposal.id.in_(ids)))


def _move(session: Session, points: Collection[UUID], target: Proposal) -> None:
    ordered = sorted(points)
    for start in range(0, len(ordered), 500):
        session.execute(
            update(ProposalPoint)
            .where(ProposalPoint.id.in_(ordered[start : start + 500]))
            .values(proposal_id=target.id, confirmed=True)
        )
