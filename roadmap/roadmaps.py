"""Use cases of roadmaps: import a draft, find it, plan it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core.audit import Actor, record_event
from core.ids import clean_slug
from core.text import LocalizedText
from roadmap import errors
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.models import Area, Dependency, Edition, Milestone, Roadmap
from roadmap.network import Activity, Kind, Precedence
from roadmap.schedule import Plan, plan


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: codes of milestones, and dependencies as (from, to, kind)."""

    roadmap: Roadmap
    created: bool
    milestones_added: tuple[str, ...]
    milestones_removed: tuple[str, ...]
    dependencies_added: tuple[tuple[str, str, str], ...]
    dependencies_removed: tuple[tuple[str, str, str], ...]


def import_roadmap(
    session: Session,
    *,
    slug: str,
    draft: Draft,
    start: date | None = None,
    actor: Actor,
    now: datetime,
) -> ImportReport:
    """Make the roadmap ``slug`` say what ``draft`` says, creating it if it is not there.

    An existing draft is changed in place: a milestone with a code that stays keeps its row, and so
    does a dependency whose ends and kind stay, so what is linked to them stays linked; the report
    names what went. The start is, in this order, ``start``, the draft's own, the earliest
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
    )
    created = roadmap is None
    first_day = start or draft.start or _default_start(draft, roadmap, now)
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
    record_event(
        session,
        name="roadmap.imported",
        actor=actor,
        subject=f"roadmap:{slug}",
        data={
            "revision": roadmap.revision,
            "milestones": len(draft.milestones),
            "dependencies": len(draft.dependencies),
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
    )


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


def edition_versions(session: Session, *, roadmap: Roadmap) -> list[str]:
    """The versions published of ``roadmap``, oldest first."""
    query = select(Edition.version).where(Edition.roadmap_id == roadmap.id)
    return list(session.scalars(query.order_by(Edition.sequence)))


def plan_roadmap(roadmap: Roadmap, *, brief: bool = False) -> Plan:
    """The draft's network with its contradictions resolved, scheduled from the roadmap's start."""
    activities = tuple(
        Activity(
            milestone.code,
            milestone.duration_days,
            max(0, (milestone.not_before - roadmap.start).days) if milestone.not_before else 0,
        )
        for milestone in roadmap.milestones
    )
    precedences = tuple(as_precedence(each) for each in roadmap.dependencies)
    return plan(activities, precedences, brief=brief)


def as_precedence(dependency: Dependency) -> Precedence:
    """The dependency as the network sees it."""
    return Precedence(
        dependency.from_milestone.code,
        dependency.to_milestone.code,
        Kind(dependency.kind),
        dependency.lag_days,
        dependency.support,
    )


def _default_start(draft: Draft, roadmap: Roadmap | None, now: datetime) -> date:
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
    roadmap.areas = list(areas.values())
    return areas


def _replace_milestones(
    roadmap: Roadmap, rows: Sequence[DraftMilestone], areas: dict[str, Area]
) -> dict[str, Milestone]:
    present = {milestone.code: milestone for milestone in roadmap.milestones}
    milestones = {}
    for position, row in enumerate(rows):
        milestone = present.get(row.code) or Milestone(code=row.code)
        milestone.title = row.title
        milestone.description = row.description
        milestone.agenda = row.agenda
        milestone.area = areas[row.area]
        milestone.duration_days = row.duration_days
        milestone.not_before = row.not_before
        milestone.lead = row.lead
        milestone.trl_from, milestone.trl_to = row.trl_from, row.trl_to
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
        dependency.position = position
        kept.append(dependency)
    removed = sorted(key for key, rest in present.items() for _ in rest)
    roadmap.dependencies = kept
    return tuple(added), tuple(removed)
