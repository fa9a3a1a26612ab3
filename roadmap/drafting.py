"""Use cases that change a roadmap's draft, each with its reason.

Every change is a ``Decision`` (who, when, why), an audit event, and one more on the draft's
revision. ``proposal_id`` and ``scenario_id`` name the input that asked for it and the scenario it
was tried in. Each locks the roadmap first, so that what it finds is what it changes. Published
editions are never touched.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.text import LocalizedText, clean_text
from roadmap.draft import NO_TEXT
from roadmap.draft_checks import (
    check_together,
    clean_code,
    clean_fields,
    clean_kind,
    clean_lag,
    clean_localized,
    clean_ruling,
    clean_support,
)
from roadmap.errors import DependencyNotFound, InvalidDraft, MilestoneNotFound
from roadmap.evidence.links import dependency_subject
from roadmap.models import Area, Decision, Dependency, Milestone, Paragraph, Roadmap
from roadmap.planning.network import Kind, Ruling
from roadmap.roadmaps import DETAIL_FIELDS, as_value, detail_documents
from roadmap.writing.recording import lock_roadmap


def add_milestone(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    title: LocalizedText,
    agenda: str,
    area: str,
    duration_days: int,
    reason: str,
    actor: Actor,
    now: datetime,
    description: LocalizedText = NO_TEXT,
    proposal_id: UUID | None = None,
    scenario_id: UUID | None = None,
    **details: Any,
) -> Milestone:
    """A new milestone at the end of its area. Raises ``InvalidDraft`` naming the field.

    ``details`` are the other fields of ``DraftMilestone`` (``not_before``, ``kpis``, …).
    """
    lock_roadmap(session, roadmap)
    code = clean_code(code)
    if _find_milestone(session, roadmap, code) is not None:
        raise InvalidDraft(where="code", reason=f"{code} exists already")
    # Evidence and proposals name both by code alone.
    if session.scalar(
        select(Paragraph.id).where(Paragraph.roadmap_id == roadmap.id, Paragraph.code == code)
    ):
        raise InvalidDraft(where="code", reason=f"{code} is the code of a paragraph")
    last = session.scalar(
        select(func.max(Milestone.position)).where(Milestone.roadmap_id == roadmap.id)
    )
    milestone = Milestone(
        roadmap_id=roadmap.id, code=code, description=description, lead="", stage="", kpis=[],
        budget={}, participants=[], themes=[], links=[], standards=[], spectrum=[],
        position=0 if last is None else last + 1,
    )  # fmt: skip
    values = {
        "title": title, "description": description, "agenda": agenda, "area": area,
        "duration_days": duration_days, **details,
    }  # fmt: skip
    with session.no_autoflush:
        _apply(session, roadmap, milestone, values)
    session.add(milestone)
    _decide(session, roadmap, code, "added", reason, actor, now, proposal_id, scenario_id)
    return milestone


def change_milestone(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    changes: Mapping[str, Any],
    reason: str,
    actor: Actor,
    now: datetime,
    proposal_id: UUID | None = None,
    scenario_id: UUID | None = None,
) -> Milestone:
    """Change fields of a milestone (``title``, ``not_before``, …); ``area`` is an area's code."""
    lock_roadmap(session, roadmap)
    milestone = get_milestone(session, roadmap=roadmap, code=code)
    _apply(session, roadmap, milestone, changes)
    _decide(session, roadmap, code, "changed", reason, actor, now, proposal_id, scenario_id)
    return milestone


def remove_milestone(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    reason: str,
    actor: Actor,
    now: datetime,
    proposal_id: UUID | None = None,
    scenario_id: UUID | None = None,
) -> None:
    """Take a milestone out of the draft, and every dependency it is in."""
    lock_roadmap(session, roadmap)
    milestone = get_milestone(session, roadmap=roadmap, code=code)
    touching = session.scalars(
        select(Dependency).where(
            (Dependency.from_id == milestone.id) | (Dependency.to_id == milestone.id)
        )
    ).all()
    for dependency in touching:
        session.delete(dependency)
    session.flush()
    session.delete(milestone)
    _decide(session, roadmap, code, "removed", reason, actor, now, proposal_id, scenario_id)
    session.expire(roadmap, ["milestones", "dependencies"])


def add_dependency(
    session: Session,
    *,
    roadmap: Roadmap,
    before: str,
    after: str,
    reason: str,
    actor: Actor,
    now: datetime,
    kind: str = Kind.FS,
    lag_days: int = 0,
    support: Decimal = Decimal(1),
    rationale: LocalizedText = NO_TEXT,
    proposal_id: UUID | None = None,
    scenario_id: UUID | None = None,
) -> Dependency:
    """A new dependency: ``after`` waits for ``before``."""
    lock_roadmap(session, roadmap)
    last = session.scalar(
        select(func.max(Dependency.position)).where(Dependency.roadmap_id == roadmap.id)
    )
    dependency = Dependency(
        roadmap_id=roadmap.id,
        from_id=get_milestone(session, roadmap=roadmap, code=before).id,
        to_id=get_milestone(session, roadmap=roadmap, code=after).id,
        kind=clean_kind(kind).value,
        lag_days=clean_lag(lag_days),
        rationale=clean_localized("rationale", rationale, maximum=2000),
        ruling=Ruling.NONE.value,
        position=0 if last is None else last + 1,
    )
    dependency.support = clean_support(support)
    session.add(dependency)
    _decide(
        session, roadmap, dependency_subject(before, after), "added", reason, actor, now,
        proposal_id, scenario_id,
    )  # fmt: skip
    return dependency


def change_dependency(
    session: Session,
    *,
    roadmap: Roadmap,
    before: str,
    after: str,
    reason: str,
    actor: Actor,
    now: datetime,
    which: UUID | None = None,
    kind: str | None = None,
    lag_days: int | None = None,
    support: Decimal | None = None,
    rationale: LocalizedText | None = None,
    ruling: str | None = None,
    proposal_id: UUID | None = None,
    scenario_id: UUID | None = None,
) -> Dependency:
    """Change the dependency between two milestones; where there are several, ``which`` by id."""
    lock_roadmap(session, roadmap)
    dependency = get_dependency(session, roadmap=roadmap, before=before, after=after, which=which)
    if kind is not None:
        dependency.kind = clean_kind(kind).value
    if lag_days is not None:
        dependency.lag_days = clean_lag(lag_days)
    if support is not None:
        dependency.support = clean_support(support)
    if rationale is not None:
        dependency.rationale = clean_localized("rationale", rationale, maximum=2000)
    if ruling is not None:
        dependency.ruling = clean_ruling(ruling).value
    _decide(
        session, roadmap, dependency_subject(before, after),
        "changed" if ruling is None else "ruled", reason, actor, now, proposal_id, scenario_id,
    )  # fmt: skip
    return dependency


def remove_dependency(
    session: Session,
    *,
    roadmap: Roadmap,
    before: str,
    after: str,
    reason: str,
    actor: Actor,
    now: datetime,
    which: UUID | None = None,
    proposal_id: UUID | None = None,
    scenario_id: UUID | None = None,
) -> None:
    """Take a dependency out of the draft; where there are several, ``which`` by id."""
    lock_roadmap(session, roadmap)
    dependency = get_dependency(session, roadmap=roadmap, before=before, after=after, which=which)
    session.delete(dependency)
    _decide(
        session, roadmap, dependency_subject(before, after), "removed", reason, actor, now,
        proposal_id, scenario_id,
    )  # fmt: skip
    session.expire(roadmap, ["dependencies"])


def add_area(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    title: LocalizedText,
    reason: str,
    actor: Actor,
    now: datetime,
    parent: str = "",
) -> Area:
    """A new area, or with ``parent`` (a code) a part of one."""
    lock_roadmap(session, roadmap)
    code = clean_code(code)
    if any(area.code == code for area in roadmap.areas):
        raise InvalidDraft(where="code", reason=f"{code} exists already")
    area = Area(
        roadmap_id=roadmap.id, code=code, title=clean_localized("title", title, maximum=300),
        position=max((each.position for each in roadmap.areas), default=-1) + 1,
    )  # fmt: skip
    if not area.title:
        raise InvalidDraft(where="title", reason="expected a title in at least one language")
    if parent:
        area.parent_id = _get_area(session, roadmap, parent, where="parent").id
    session.add(area)
    _decide(session, roadmap, code, "area added", reason, actor, now, None, None)
    session.expire(roadmap, ["areas"])
    return area


def get_milestone(session: Session, *, roadmap: Roadmap, code: str) -> Milestone:
    milestone = _find_milestone(session, roadmap, code)
    if milestone is None:
        raise MilestoneNotFound(slug=roadmap.slug, code=code)
    return milestone


def get_dependency(
    session: Session, *, roadmap: Roadmap, before: str, after: str, which: UUID | None = None
) -> Dependency:
    """The only dependency from ``before`` to ``after``, or the one with the id ``which``.

    Raises ``DependencyNotFound``, and ``InvalidDraft`` where there are several.
    """
    start = get_milestone(session, roadmap=roadmap, code=before)
    end = get_milestone(session, roadmap=roadmap, code=after)
    found: Sequence[Dependency] = session.scalars(
        select(Dependency).where(Dependency.from_id == start.id, Dependency.to_id == end.id)
    ).all()
    chosen = [each for each in found if which in (None, each.id)]
    if not chosen:
        raise DependencyNotFound(slug=roadmap.slug, subject=dependency_subject(before, after))
    if len(chosen) > 1:
        raise InvalidDraft(
            where=dependency_subject(before, after),
            reason=f"expected one dependency between the two; there are {len(chosen)}",
        )
    return chosen[0]


def list_decisions(session: Session, *, roadmap: Roadmap) -> list[Decision]:
    """What was decided about the draft, the oldest first."""
    return list(
        session.scalars(
            select(Decision)
            .where(Decision.roadmap_id == roadmap.id)
            .order_by(Decision.decided_at, Decision.id)
        )
    )


def _find_milestone(session: Session, roadmap: Roadmap, code: str) -> Milestone | None:
    return session.scalar(
        select(Milestone).where(Milestone.roadmap_id == roadmap.id, Milestone.code == code)
    )


def _get_area(session: Session, roadmap: Roadmap, code: str, *, where: str = "area") -> Area:
    area = session.scalar(select(Area).where(Area.roadmap_id == roadmap.id, Area.code == code))
    if area is None:
        raise InvalidDraft(where=where, reason=f"there is no area {code!r}")
    return area


def _apply(
    session: Session, roadmap: Roadmap, milestone: Milestone, values: Mapping[str, Any]
) -> None:
    """Set the fields, once each is right and all of them together are."""
    clean = clean_fields(values)
    for field, value in clean.items():
        if field == "area":
            milestone.area = _get_area(session, roadmap, value)
        elif field not in DETAIL_FIELDS:
            setattr(milestone, field, value)
    for field, value in detail_documents(
        {key: clean[key] for key in DETAIL_FIELDS if key in clean}
    ):
        setattr(milestone, field, value)
    # Dates that were there before the rule, or before another start, may stay.
    given = {"not_before", "fixed_start", "finish_by"} & set(clean)
    check_together(as_value(milestone), start=roadmap.start if given else None)


def _decide(
    session: Session,
    roadmap: Roadmap,
    subject: str,
    change: str,
    reason: str,
    actor: Actor,
    now: datetime,
    proposal_id: UUID | None,
    scenario_id: UUID | None,
) -> None:
    text = clean_text(reason.strip(), where="reason", maximum=2000)
    if not text:
        raise InvalidDraft(where="reason", reason="expected why: every decision says it")
    session.add(
        Decision(
            roadmap_id=roadmap.id, subject=subject, change=change, reason=text,
            account_id=actor.account_id, decided_at=now, proposal_id=proposal_id,
            scenario_id=scenario_id,
        )
    )  # fmt: skip
    roadmap.mark_changed()
    session.flush()
    audit.record_event(
        session, name="roadmap.changed", actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}:{subject}", data={"change": change, "reason": text},
    )  # fmt: skip
