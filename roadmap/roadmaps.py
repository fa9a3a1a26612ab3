"""Use cases of roadmaps: import a draft, find it, plan it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core.audit import Actor, record_event
from core.ids import clean_slug
from core.text import LocalizedText, clean_text
from roadmap import errors
from roadmap.draft import (
    BudgetSource,
    Draft,
    DraftDependency,
    DraftMilestone,
    Kpi,
    Link,
)
from roadmap.draft_changes import DraftChanges, changes_between, dates_before_start, filled
from roadmap.models import Area, Decision, Dependency, Edition, Milestone, Roadmap
from roadmap.planning.network import Activity, Kind, Precedence, Ruling
from roadmap.planning.schedule import Plan, plan
from roadmap.writing.importing import replace_chapters


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: codes of milestones, and dependencies as (from, to, kind).

    ``before_start`` names dates that lie before day 0 and were taken over all the same.
    """

    roadmap: Roadmap
    created: bool
    milestones_added: tuple[str, ...]
    milestones_removed: tuple[str, ...]
    dependencies_added: tuple[tuple[str, str, str], ...]
    dependencies_removed: tuple[tuple[str, str, str], ...]
    changes: DraftChanges
    before_start: tuple[tuple[DraftMilestone, str, date], ...] = ()


def import_roadmap(
    session: Session,
    *,
    slug: str,
    draft: Draft,
    start: date | None = None,
    reason: str = "",
    expected_revision: int | None = None,
    actor: Actor,
    now: datetime,
) -> ImportReport:
    """Make the roadmap ``slug`` say what ``draft`` says, creating it if it is not there.

    An existing draft is changed in place: a milestone with a code that stays keeps its row, and so
    does a dependency whose ends and kind stay, so what is linked to them stays linked; the report
    names what went. What the draft is silent about stays as it is. With ``reason`` every change is
    a ``Decision``. Raises ``DraftChanged`` where ``expected_revision`` is not the draft's (0: there
    is none yet). The start is, in this order, ``start``, the draft's own, the earliest
    not_before, what the roadmap had, 1 January of this year. A not_before that lies before the
    start is kept and binds nothing: day 0 is later.
    """
    slug = clean_slug(slug)
    roadmap = session.scalar(
        select(Roadmap)
        .where(Roadmap.slug == slug)
        .options(
            selectinload(Roadmap.areas),
            selectinload(Roadmap.milestones),
            selectinload(Roadmap.dependencies),
        )
        .with_for_update()
        # Whatever this session has read before: who had the lock may have changed it.
        .execution_options(populate_existing=True)
    )
    created = roadmap is None
    revision = 0 if roadmap is None else roadmap.revision
    if expected_revision not in (None, revision):
        raise errors.DraftChanged(slug=slug)
    present = read_draft(roadmap) if roadmap is not None else None
    if present is not None:
        draft = filled(draft, present)
    first_day = start or draft.start or default_start(draft, roadmap, now)
    if roadmap is None:
        roadmap = Roadmap(
            slug=slug, title=draft.title or LocalizedText.of(slug), created_at=now, revision=1
        )
        session.add(roadmap)
    else:
        roadmap.mark_changed()
    roadmap.title = draft.title or roadmap.title
    roadmap.start = first_day
    areas = _replace_areas(roadmap, draft)
    before = {milestone.code for milestone in roadmap.milestones}
    milestones = _replace_milestones(roadmap, draft.milestones, areas)
    added, removed = _replace_dependencies(roadmap, draft.dependencies, milestones)
    session.flush()
    if draft.chapters is not None:
        replace_chapters(session, roadmap=roadmap, chapters=draft.chapters, actor=actor, now=now)
    changes = changes_between(present, replace(draft, start=first_day))
    if reason := clean_text(reason.strip(), where="reason", maximum=2000):
        _note_decisions(session, roadmap, changes, reason, actor, now)
    record_event(
        session,
        name="roadmap.imported",
        actor=actor,
        subject=f"roadmap:{slug}",
        data={
            "revision": roadmap.revision,
            "milestones": len(draft.milestones),
            "dependencies": len(draft.dependencies),
            **({"reason": reason} if reason else {}),
        },
        now=now,
    )
    return ImportReport(
        roadmap=roadmap,
        created=created,
        milestones_added=tuple(code for code in milestones if code not in before),
        milestones_removed=tuple(sorted(before - set(milestones))),
        dependencies_added=added,
        dependencies_removed=removed,
        changes=changes,
        before_start=tuple(dates_before_start(draft, first_day)),
    )


def _note_decisions(
    session: Session,
    roadmap: Roadmap,
    changes: DraftChanges,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """One decision for each milestone and dependency that came, went or changed."""
    subjects = {
        **{(code, "added"): None for code in changes.milestones_added},
        **{(code, "removed"): None for code in changes.milestones_removed},
        **{(each.subject, "changed"): None for each in changes.milestones_changed},
        **{(f"{key[0]}>{key[1]}", "added"): None for key in changes.dependencies_added},
        **{(f"{key[0]}>{key[1]}", "removed"): None for key in changes.dependencies_removed},
        **{
            (each.subject.rpartition(" ")[0], "changed"): None
            for each in changes.dependencies_changed
        },
    }
    session.add_all(
        Decision(
            roadmap_id=roadmap.id, subject=subject, change=change, reason=reason,
            account_id=actor.account_id, decided_at=now,
        )
        for subject, change in subjects
    )  # fmt: skip


def get_roadmap(session: Session, *, slug: str) -> Roadmap:
    """The roadmap with its areas, milestones and dependencies, or ``RoadmapNotFound``."""
    roadmap = session.scalar(
        select(Roadmap)
        .where(Roadmap.slug == slug)
        .options(
            selectinload(Roadmap.areas),
            selectinload(Roadmap.milestones).joinedload(Milestone.area),
            selectinload(Roadmap.dependencies).options(
                joinedload(Dependency.from_milestone), joinedload(Dependency.to_milestone)
            ),
        )
    )
    if roadmap is None:
        raise errors.RoadmapNotFound(slug=slug)
    return roadmap


def list_roadmaps(session: Session) -> Sequence[Roadmap]:
    """All roadmaps by slug, without their content."""
    return session.scalars(select(Roadmap).order_by(Roadmap.slug)).all()


def edition_versions(session: Session, *, roadmap: Roadmap, holding: bool = False) -> list[str]:
    """The versions published of ``roadmap``, oldest first; only those not withdrawn if asked."""
    query = select(Edition.version).where(Edition.roadmap_id == roadmap.id)
    if holding:
        query = query.where(Edition.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(Edition.sequence)))


def read_draft(roadmap: Roadmap) -> Draft:
    """What the rows of a roadmap say, as values; its chapters are in ``writing.chapters``."""
    return Draft(
        milestones=tuple(as_value(milestone) for milestone in roadmap.milestones),
        dependencies=tuple(
            DraftDependency(
                before=each.from_milestone.code,
                after=each.to_milestone.code,
                kind=Kind(each.kind),
                lag_days=each.lag_days,
                support=each.support,
                rationale=each.rationale,
                ruling=Ruling(each.ruling),
            )
            for each in roadmap.dependencies
        ),
        areas={area.code: area.title for area in roadmap.areas},
        title=roadmap.title,
        start=roadmap.start,
        parents={area.code: area.parent.code for area in roadmap.areas if area.parent is not None},
    )


def plan_roadmap(roadmap: Roadmap, *, brief: bool = False) -> Plan:
    """The draft's network with its contradictions resolved, scheduled from the roadmap's start."""
    return plan_draft(read_draft(roadmap), start=roadmap.start, brief=brief)


def plan_draft(draft: Draft, *, start: date, brief: bool = False) -> Plan:
    """The same of a draft that may be nowhere but here, such as a scenario's."""
    return plan(activities_of(draft, start=start), precedences_of(draft), brief=brief)


def activities_of(draft: Draft, *, start: date) -> tuple[Activity, ...]:
    """The milestones as the network sees them; days count from ``start``.

    A first day before the start binds nothing. A fixed start or a promised end before it is a
    negative day, which nothing can keep: so the schedule says what is broken, and by how much.
    """

    def day(value: date | None) -> int | None:
        return None if value is None else (value - start).days

    return tuple(
        Activity(
            milestone.code,
            milestone.duration_days,
            max(0, day(milestone.not_before) or 0),
            day(milestone.fixed_start),
            day(milestone.finish_by),
        )
        for milestone in draft.milestones
    )


def precedences_of(draft: Draft) -> tuple[Precedence, ...]:
    """The dependencies as the network sees them."""
    return tuple(
        Precedence(each.before, each.after, each.kind, each.lag_days, each.support, each.ruling)
        for each in draft.dependencies
    )


def as_precedence(dependency: Dependency) -> Precedence:
    """The dependency as the network sees it."""
    return Precedence(
        dependency.from_milestone.code,
        dependency.to_milestone.code,
        Kind(dependency.kind),
        dependency.lag_days,
        dependency.support,
        Ruling(dependency.ruling),
    )


def as_value(milestone: Milestone) -> DraftMilestone:
    """What the row says."""
    return DraftMilestone(
        code=milestone.code,
        title=milestone.title,
        agenda=milestone.agenda,
        area=milestone.area.code,
        duration_days=milestone.duration_days,
        not_before=milestone.not_before,
        lead=milestone.lead,
        trl_from=milestone.trl_from,
        trl_to=milestone.trl_to,
        description=milestone.description,
        optimistic_days=milestone.optimistic_days,
        likely_days=milestone.likely_days,
        pessimistic_days=milestone.pessimistic_days,
        fixed_start=milestone.fixed_start,
        finish_by=milestone.finish_by,
        stage=milestone.stage,
        kpis=tuple(Kpi.from_document(kpi) for kpi in milestone.kpis),
        budget={
            source: Decimal(milestone.budget[source])
            for source in BudgetSource
            if source in milestone.budget
        },
        participants=tuple(milestone.participants),
        themes=tuple(milestone.themes),
        links=tuple(Link(**link) for link in milestone.links),
        standards=tuple(milestone.standards),
        spectrum=tuple(milestone.spectrum),
    )


def default_start(draft: Draft, roadmap: Roadmap | None, now: datetime) -> date:
    """Day 0 where nobody names one."""
    known = [each.not_before for each in draft.milestones if each.not_before]
    if known:
        return min(known)
    return roadmap.start if roadmap is not None else date(now.year, 1, 1)


def _replace_areas(roadmap: Roadmap, draft: Draft) -> dict[str, Area]:
    present = {area.code: area for area in roadmap.areas}
    areas = {}
    for position, (code, title) in enumerate(draft.areas.items()):
        area = present.get(code) or Area(code=code)
        area.title, area.position = title, position
        areas[code] = area
    for code, area in areas.items():
        area.parent = areas[draft.parents[code]] if code in draft.parents else None
    roadmap.areas = list(areas.values())
    return areas


_PLAIN_FIELDS = (
    "title", "description", "agenda", "duration_days", "optimistic_days", "likely_days",
    "pessimistic_days", "not_before", "fixed_start", "finish_by", "lead", "trl_from", "trl_to",
    "stage",
)  # fmt: skip


_DOCUMENTS: dict[str, Callable[[Any], Any]] = {
    "kpis": lambda kpis: [kpi.as_document() for kpi in kpis],
    "budget": lambda budget: {
        source.value: format(budget[source], "f") for source in BudgetSource if source in budget
    },
    "participants": list,
    "themes": list,
    "links": lambda links: [link.as_document() for link in links],
    "standards": list,
    "spectrum": list,
}


DETAIL_FIELDS = tuple(_DOCUMENTS)
"""Fields of a milestone that its row holds as JSON."""


def detail_documents(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Those of ``values`` that a milestone's row holds as JSON, as the row holds them."""
    for name, value in values.items():
        yield name, _DOCUMENTS[name](value)


def _replace_milestones(
    roadmap: Roadmap, rows: Sequence[DraftMilestone], areas: dict[str, Area]
) -> dict[str, Milestone]:
    present = {milestone.code: milestone for milestone in roadmap.milestones}
    milestones = {}
    for position, row in enumerate(rows):
        milestone = present.get(row.code) or Milestone(code=row.code)
        milestone.area = areas[row.area]
        for name in _PLAIN_FIELDS:
            setattr(milestone, name, getattr(row, name))
        for name, value in detail_documents({name: getattr(row, name) for name in DETAIL_FIELDS}):
            setattr(milestone, name, value)
        milestone.position = position
        milestones[row.code] = milestone
    roadmap.milestones = list(milestones.values())
    return milestones


_Key = tuple[str, str, str]


def _replace_dependencies(
    roadmap: Roadmap, rows: Sequence[DraftDependency], milestones: dict[str, Milestone]
) -> tuple[tuple[_Key, ...], tuple[_Key, ...]]:
    """Match by ends and kind; of several that match, the first in the old order first."""
    present: dict[_Key, list[Dependency]] = defaultdict(list)
    for dependency in reversed(roadmap.dependencies):
        key = (dependency.from_milestone.code, dependency.to_milestone.code, dependency.kind)
        present[key].append(dependency)
    kept, added = [], []
    for position, row in enumerate(rows):
        key = (row.before, row.after, row.kind.value)
        if present[key]:
            dependency = present[key].pop()
        else:
            dependency = Dependency(kind=row.kind.value)
            dependency.from_milestone = milestones[row.before]
            dependency.to_milestone = milestones[row.after]
            added.append(key)
        dependency.lag_days = row.lag_days
        dependency.support = row.support
        dependency.rationale = row.rationale
        dependency.ruling = row.ruling.value
        dependency.position = position
        kept.append(dependency)
    removed = sorted(key for key, rest in present.items() for _ in rest)
    roadmap.dependencies = kept
    return tuple(added), tuple(removed)
