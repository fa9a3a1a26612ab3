"""Changes made on the graph by hand: what each one moves, and how the last one is taken back.

A change is an operation, a JSON object with ``op`` and its values:

    add_milestone      code, values: {field: value}
    change_milestone   code, values: {field: value}
    remove_milestone   code
    add_dependency     from, to, kind, lag_days, support, rationale, ruling
    remove_dependency  from, to, which (an id; only where there are several)

Values are as in ``roadmap.draft_documents``. Each goes through ``roadmap.drafting``, and so is a
decision with its reason, taking back included.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import Actor
from core.text import LocalizedText
from roadmap.draft_checks import CHECKS
from roadmap.draft_documents import field_document, field_values
from roadmap.drafting import (
    add_dependency,
    add_milestone,
    change_dependency,
    change_milestone,
    get_dependency,
    get_milestone,
    remove_dependency,
    remove_milestone,
)
from roadmap.errors import CannotUndo, DraftChanged, InvalidDraft, NoStepToUndo, RoadmapNotFound
from roadmap.models import Dependency, HandEdit, Milestone, Roadmap
from roadmap.planning.schedule import Dates, Plan
from roadmap.roadmaps import as_value, get_roadmap, plan_roadmap

Operation = Mapping[str, Any]
# So many of the milestones that moved are told one by one.
_TOLD = 100


def open_roadmap(session: Session, *, slug: str, seen: int | None = None) -> Roadmap:
    """The roadmap for a change, alone: who comes at the same time waits until it is done.

    With ``seen``, the revision that the person had before their eyes, raises ``DraftChanged``
    when the draft is another one by now.
    """
    row = session.scalar(select(Roadmap).where(Roadmap.slug == slug).with_for_update())
    if row is None:
        raise RoadmapNotFound(slug=slug)
    if seen is not None and row.revision != seen:
        raise DraftChanged(slug=slug)
    return get_roadmap(session, slug=slug)


def edit_graph(
    session: Session,
    *,
    roadmap: Roadmap,
    operation: Operation,
    reason: str,
    actor: Actor,
    now: datetime,
) -> HandEdit:
    """Do it, note what it moved, and keep what takes it back instead of what was kept before.

    Raises what ``roadmap.drafting`` raises, ``InvalidDraft`` naming the field above all.
    """
    before = plan_roadmap(roadmap, brief=True)
    undo = _do(session, roadmap, operation, {"reason": reason, "actor": actor, "now": now})
    session.flush()
    session.expire(roadmap, ["revision", "milestones", "dependencies"])
    edit = session.get(HandEdit, roadmap.id) or HandEdit(roadmap_id=roadmap.id)
    edit.revision = roadmap.revision
    edit.done, edit.undo = dict(operation), undo
    edit.effect = effect_of(before, plan_roadmap(roadmap, brief=True))
    edit.account_id, edit.made_at = actor.account_id, now
    session.add(edit)
    session.flush()
    return edit


def undo_edit(
    session: Session, *, roadmap: Roadmap, reason: str, actor: Actor, now: datetime
) -> HandEdit:
    """Take the last change back; it can be done again the same way.

    Raises ``NoStepToUndo``, and ``CannotUndo`` when the draft was changed by something else since.
    """
    last = session.get(HandEdit, roadmap.id)
    if last is None:
        raise NoStepToUndo()
    if last.revision != roadmap.revision:
        raise CannotUndo(slug=roadmap.slug)
    return edit_graph(
        session, roadmap=roadmap, operation=last.undo, reason=reason, actor=actor, now=now
    )


def find_edit(session: Session, *, roadmap: Roadmap) -> HandEdit | None:
    """The last change by hand, as long as nothing else has changed the draft since."""
    edit = session.get(HandEdit, roadmap.id)
    return edit if edit is not None and edit.revision == roadmap.revision else None


def effect_of(before: Plan, after: Plan) -> dict[str, Any]:
    """What a change did to the dates, as JSON values; days count from the roadmap's start.

    ``moved``: [code, [start, finish] before, [start, finish] after], None where there was or is
    no such milestone; ``more``: how many more moved; ``makespan``: [before, after];
    ``contradictions``: those that came, as {from, to, kind, lag_days, codes}; ``resolved``: how
    many went.
    """
    old, new = before.schedule.dates, after.schedule.dates
    moved = [
        [code, _span(old.get(code)), _span(new.get(code))]
        for code in sorted({*old, *new})
        if _span(old.get(code)) != _span(new.get(code))
    ]
    was = [each.suspended for each in before.contradictions]
    came = []
    for each in after.contradictions:
        if each.suspended in was:
            was.remove(each.suspended)
        else:
            came.append(
                {
                    "from": each.suspended.before,
                    "to": each.suspended.after,
                    "kind": each.suspended.kind.value,
                    "lag_days": each.suspended.lag_days,
                    "codes": list(each.codes),
                }
            )
    return {
        "moved": moved[:_TOLD],
        "more": max(0, len(moved) - _TOLD),
        "makespan": [before.schedule.makespan_days, after.schedule.makespan_days],
        "contradictions": came,
        "resolved": len(was),
    }


def _span(dates: Dates | None) -> list[int] | None:
    return None if dates is None else [dates.earliest_start, dates.earliest_finish]


def _do(
    session: Session, roadmap: Roadmap, operation: Operation, why: Mapping[str, Any]
) -> dict[str, Any]:
    """Do it; returns the operation that undoes it."""
    match operation.get("op"):
        case "add_milestone":
            return _add_milestone(session, roadmap, operation, why)
        case "change_milestone":
            return _change_milestone(session, roadmap, operation, why)
        case "remove_milestone":
            return _remove_milestone(session, roadmap, operation, why)
        case "add_dependency":
            return _add_dependency(session, roadmap, operation, why)
        case "remove_dependency":
            return _remove_dependency(session, roadmap, operation, why)
    raise InvalidDraft(where="op", reason="expected an operation on the graph")


def _add_milestone(
    session: Session, roadmap: Roadmap, operation: Operation, why: Mapping[str, Any]
) -> dict[str, Any]:
    values = field_values(operation["values"])
    missing = [name for name in ("title", "agenda", "area", "duration_days") if name not in values]
    if missing:
        raise InvalidDraft(where=missing[0], reason="is missing")
    milestone = add_milestone(session, roadmap=roadmap, code=operation["code"], **values, **why)
    return {"op": "remove_milestone", "code": milestone.code}


def _change_milestone(
    session: Session, roadmap: Roadmap, operation: Operation, why: Mapping[str, Any]
) -> dict[str, Any]:
    code = operation["code"]
    values = field_values(operation["values"])
    was = _document(get_milestone(session, roadmap=roadmap, code=code), values)
    changes = {
        field: value for field, value in values.items()
        if field_document(field, value) != was[field]
    }  # fmt: skip
    if not changes:
        raise InvalidDraft(where="code", reason=f"nothing of {code} would change")
    change_milestone(session, roadmap=roadmap, code=code, changes=changes, **why)
    back = {field: was[field] for field in changes}
    return {"op": "change_milestone", "code": code, "values": back}


def _remove_milestone(
    session: Session, roadmap: Roadmap, operation: Operation, why: Mapping[str, Any]
) -> dict[str, Any]:
    milestone = get_milestone(session, roadmap=roadmap, code=operation["code"])
    touching = select(Dependency.id).where(
        (Dependency.from_id == milestone.id) | (Dependency.to_id == milestone.id)
    )
    if session.scalar(touching.limit(1)) is not None:
        raise InvalidDraft(where="code", reason="expected a milestone that nothing is linked to")
    values = _document(milestone, tuple(CHECKS))
    remove_milestone(session, roadmap=roadmap, code=milestone.code, **why)
    return {"op": "add_milestone", "code": operation["code"], "values": values}


def _add_dependency(
    session: Session, roadmap: Roadmap, operation: Operation, why: Mapping[str, Any]
) -> dict[str, Any]:
    before, after = operation["from"], operation["to"]
    if before == after:
        raise InvalidDraft(where="to", reason="expected another milestone than the first one")
    kind, lag = operation.get("kind", "FS"), operation.get("lag_days", 0)
    if type(lag) is not int:
        raise InvalidDraft(where="lag_days", reason="expected a whole number")
    added = add_dependency(
        session, roadmap=roadmap, before=before, after=after, kind=kind, lag_days=lag,
        support=Decimal(operation.get("support", "1")),
        rationale=LocalizedText(operation.get("rationale", {})), **why,
    )  # fmt: skip
    if operation.get("ruling"):
        change_dependency(
            session, roadmap=roadmap, before=before, after=after, which=added.id,
            ruling=operation["ruling"], **why,
        )  # fmt: skip
    return {"op": "remove_dependency", "from": before, "to": after, "which": str(added.id)}


def _remove_dependency(
    session: Session, roadmap: Roadmap, operation: Operation, why: Mapping[str, Any]
) -> dict[str, Any]:
    before, after = operation["from"], operation["to"]
    which = UUID(operation["which"]) if operation.get("which") else None
    gone = get_dependency(session, roadmap=roadmap, before=before, after=after, which=which)
    back = {
        "op": "add_dependency", "from": before, "to": after, "kind": gone.kind,
        "lag_days": gone.lag_days, "support": gone.support_text,
        "rationale": gone.rationale.as_dict(), "ruling": gone.ruling,
    }  # fmt: skip
    remove_dependency(session, roadmap=roadmap, before=before, after=after, which=gone.id, **why)
    return back


def _document(milestone: Milestone, fields: Iterable[str]) -> dict[str, Any]:
    """What the milestone says in ``fields``, as JSON values."""
    value = as_value(milestone)
    return {field: field_document(field, getattr(value, field)) for field in fields}
