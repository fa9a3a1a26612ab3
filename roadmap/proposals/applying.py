"""Use cases that carry an accepted proposal into the draft at once, and take it back again.

What was done is kept as JSON (``Disposition.before["applied"]``), with all that taking it back
needs. It is taken back only where nothing else changed the same part of the draft since.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import Actor
from core.text import LocalizedText
from roadmap import drafting
from roadmap.draft import NO_TEXT
from roadmap.errors import DraftMovedOn, InvalidDisposition
from roadmap.models import Dependency, Milestone, Proposal, Roadmap
from roadmap.planning.network import Ruling
from roadmap.proposals.kinds import ProposalKind
from roadmap.roadmaps import as_value

Changes = Mapping[str, Any]
"""What the person says about the change: fields of a milestone, or ``kind`` and ``lag_days``."""

DATE_FIELDS = (
    "not_before", "fixed_start", "finish_by", "duration_days", "optimistic_days", "likely_days",
    "pessimistic_days",
)  # fmt: skip
CAN_BE_APPLIED = frozenset(
    {
        ProposalKind.NEW_MILESTONE,
        ProposalKind.NEW_DEPENDENCY,
        ProposalKind.DROP_DEPENDENCY,
        ProposalKind.DATE,
    }
)
NEEDS_NO_FORM = frozenset({ProposalKind.NEW_DEPENDENCY, ProposalKind.DROP_DEPENDENCY})
"""Kinds that say themselves all that is to be changed, so that they can be applied in bulk."""


def apply_proposal(
    session: Session,
    *,
    roadmap: Roadmap,
    proposal: Proposal,
    changes: Changes,
    reason: str,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Change the draft as ``proposal`` asks; returns what was done, for ``revert_proposal``.

    Raises ``InvalidDisposition`` where its kind says nothing a machine could do, and all that
    ``roadmap.drafting`` refuses.
    """
    why: dict[str, Any] = {
        "roadmap": roadmap, "reason": reason, "actor": actor, "now": now, "proposal_id": proposal.id
    }  # fmt: skip
    before, _, after = proposal.subject.partition(">")
    match proposal.kind:
        case ProposalKind.NEW_DEPENDENCY:
            kind = changes.get("kind") or proposal.wanted.get("kind") or "FS"
            if any(each.kind == kind for each in _between(session, roadmap, before, after)):
                raise InvalidDisposition(
                    where=f"P{proposal.number}",
                    reason=f"the draft has {proposal.subject} ({kind}) already",
                )
            added = drafting.add_dependency(
                session, before=before, after=after, kind=kind,
                lag_days=changes.get("lag_days", 0), **why,
            )  # fmt: skip
            return {
                "change": "dependency_added", "from": before, "to": after, "id": str(added.id),
                "kind": added.kind, "lag_days": added.lag_days,
            }  # fmt: skip
        case ProposalKind.DROP_DEPENDENCY:
            gone = drafting.get_dependency(session, roadmap=roadmap, before=before, after=after)
            done = {
                "change": "dependency_removed", "from": before, "to": after, "kind": gone.kind,
                "lag_days": gone.lag_days, "support": gone.support_text,
                "rationale": gone.rationale.as_dict(), "ruling": gone.ruling,
            }  # fmt: skip
            drafting.remove_dependency(session, before=before, after=after, **why)
            return done
        case ProposalKind.DATE:
            return _change_dates(session, proposal.subject, changes, why)
        case ProposalKind.NEW_MILESTONE:
            given = {key: value for key, value in changes.items() if key in _MILESTONE_FIELDS}
            missing = [key for key in _NEEDED if not given.get(key) and given.get(key) != 0]
            if missing:
                raise InvalidDisposition(where=missing[0], reason="expected a value")
            milestone = drafting.add_milestone(session, **given, **why)
            return {
                "change": "milestone_added", "code": milestone.code,
                "fingerprint": _fingerprint(session, milestone),
            }  # fmt: skip
    raise InvalidDisposition(
        where=f"P{proposal.number}", reason="it says nothing that could be applied by itself"
    )


_NEEDED = ("code", "title", "agenda", "area", "duration_days")
_MILESTONE_FIELDS = frozenset(
    {*_NEEDED, "description", "lead", "trl_from", "trl_to", "stage", *DATE_FIELDS}
)


def revert_proposal(
    session: Session,
    *,
    roadmap: Roadmap,
    proposal: Proposal,
    applied: Mapping[str, Any],
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Take back what ``apply_proposal`` did. Raises ``DraftMovedOn`` where it cannot be."""

    def moved_on(what: str) -> DraftMovedOn:
        return DraftMovedOn(number=f"P{proposal.number}", reason=what)

    why: dict[str, Any] = {
        "roadmap": roadmap, "reason": reason, "actor": actor, "now": now, "proposal_id": proposal.id
    }  # fmt: skip
    match applied["change"]:
        case "dependency_added":
            dependency = session.get(Dependency, UUID(applied["id"]))
            name = f"{applied['from']}>{applied['to']}"
            if dependency is None:
                raise moved_on(f"the dependency {name} was removed")
            if (dependency.kind, dependency.lag_days) != (applied["kind"], applied["lag_days"]):
                raise moved_on(f"the dependency {name} was changed")
            drafting.remove_dependency(
                session, before=applied["from"], after=applied["to"], which=dependency.id, **why
            )
        case "dependency_removed":
            before, after = applied["from"], applied["to"]
            for code in (before, after):
                if _milestone(session, roadmap, code) is None:
                    raise moved_on(f"the milestone {code} was removed")
            if any(
                each.kind == applied["kind"] for each in _between(session, roadmap, before, after)
            ):
                raise moved_on(f"the dependency {before}>{after} was added again")
            restored = drafting.add_dependency(
                session, before=before, after=after, kind=applied["kind"],
                lag_days=applied["lag_days"], support=Decimal(applied["support"]),
                rationale=LocalizedText(applied["rationale"]) if applied["rationale"] else NO_TEXT,
                **why,
            )  # fmt: skip
            restored.ruling = Ruling(applied["ruling"]).value
        case "milestone_changed":
            code = applied["code"]
            milestone = _milestone(session, roadmap, code)
            if milestone is None:
                raise moved_on(f"the milestone {code} was removed")
            for field, (_was, became) in applied["fields"].items():
                if _as_json(getattr(milestone, field)) != became:
                    raise moved_on(f"{field} of {code} was changed")
            values = {
                field: _from_json(field, was) for field, (was, _became) in applied["fields"].items()
            }
            drafting.change_milestone(session, code=code, changes=values, **why)
        case "milestone_added":
            code = applied["code"]
            milestone = _milestone(session, roadmap, code)
            if milestone is None:
                raise moved_on(f"the milestone {code} was removed")
            touching = select(Dependency.id).where(
                (Dependency.from_id == milestone.id) | (Dependency.to_id == milestone.id)
            )
            if session.scalar(touching.limit(1)) is not None:
                raise moved_on(f"dependencies of {code} were added")
            if _fingerprint(session, milestone) != applied["fingerprint"]:
                raise moved_on(f"the milestone {code} was changed")
            drafting.remove_milestone(session, code=code, **why)


def _change_dates(
    session: Session, code: str, changes: Changes, why: Mapping[str, Any]
) -> dict[str, Any]:
    given = {field: changes[field] for field in DATE_FIELDS if field in changes}
    if not given:
        raise InvalidDisposition(
            where="changes", reason=f"expected one of {', '.join(DATE_FIELDS)}"
        )
    milestone = drafting.get_milestone(session, roadmap=why["roadmap"], code=code)
    was = {field: _as_json(getattr(milestone, field)) for field in given}
    drafting.change_milestone(session, code=code, changes=given, **why)
    return {
        "change": "milestone_changed", "code": code,
        "fields": {field: [was[field], _as_json(getattr(milestone, field))] for field in given},
    }  # fmt: skip


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _from_json(field: str, value: Any) -> Any:
    is_date = field in ("not_before", "fixed_start", "finish_by") and value is not None
    return date.fromisoformat(value) if is_date else value


def _fingerprint(session: Session, milestone: Milestone) -> str:
    """A hash of all that the milestone says, as it comes back from the database."""
    session.flush()
    session.refresh(milestone)
    return hashlib.sha256(repr(as_value(milestone)).encode()).hexdigest()


def _milestone(session: Session, roadmap: Roadmap, code: str) -> Milestone | None:
    return session.scalar(
        select(Milestone).where(Milestone.roadmap_id == roadmap.id, Milestone.code == code)
    )


def _between(session: Session, roadmap: Roadmap, before: str, after: str) -> list[Dependency]:
    ends = [_milestone(session, roadmap, code) for code in (before, after)]
    if ends[0] is None or ends[1] is None:
        return []
    return list(
        session.scalars(
            select(Dependency).where(
                Dependency.from_id == ends[0].id, Dependency.to_id == ends[1].id
            )
        )
    )
