"""Use cases around files: a roadmap's draft in any format, and what a file would change in it."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.ids import clean_slug
from roadmap.draft import Draft, DraftMilestone
from roadmap.draft_changes import DraftChanges, changes_between, dates_before_start, filled
from roadmap.errors import RoadmapNotFound
from roadmap.formats.registry import Planned, write_file, write_files
from roadmap.models import Roadmap
from roadmap.roadmaps import (
    default_start,
    get_roadmap,
    plan_draft,
    precedences_of,
    read_draft,
)
from roadmap.writing.reading import read_chapters


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do; ``revision`` is the draft's as it was looked at, 0 without one.

    ``before_start`` names dates before day 0: they are taken over, and a first day binds nothing.
    """

    revision: int
    start: date
    milestones: int
    dependencies: int
    changes: DraftChanges
    before_start: tuple[tuple[DraftMilestone, str, date], ...]
    ignored: tuple[tuple[str, str], ...]


def read_whole_draft(roadmap: Roadmap) -> Draft:
    """What the rows say, the wording of the chapters included."""
    return replace(read_draft(roadmap), chapters=read_chapters(roadmap))


def export_files(roadmap: Roadmap, *, format: str, language: str = "") -> dict[str, bytes]:
    """The draft as files by name, in a format of ``formats.registry.FORMATS``."""
    draft = read_whole_draft(roadmap)
    return write_files(
        draft, format=format, language=language, planned=_planned(draft, roadmap.start, format)
    )


def export_file(roadmap: Roadmap, *, format: str, language: str = "") -> bytes:
    """The draft as one file; tables are packed into an archive."""
    draft = read_whole_draft(roadmap)
    return write_file(
        draft, format=format, language=language, planned=_planned(draft, roadmap.start, format)
    )


def preview_import(
    session: Session, *, slug: str, draft: Draft, start: date | None = None, now: datetime
) -> ImportPreview:
    """What ``import_roadmap`` would change; writes nothing."""
    try:
        roadmap = get_roadmap(session, slug=clean_slug(slug))
    except RoadmapNotFound:
        roadmap = None
    present = read_whole_draft(roadmap) if roadmap is not None else None
    if present is not None:
        draft = filled(draft, present)
    first_day = start or draft.start or default_start(draft, roadmap, now)
    return ImportPreview(
        revision=roadmap.revision if roadmap is not None else 0,
        start=first_day,
        milestones=len(draft.milestones),
        dependencies=len(draft.dependencies),
        changes=changes_between(present, replace(draft, start=first_day)),
        before_start=tuple(dates_before_start(draft, first_day)),
        ignored=draft.ignored,
    )


def language_of(session: Session, slug: str) -> str:
    """The language of texts in a file that does not say it: that of the roadmap's title."""
    roadmap = session.scalar(select(Roadmap).where(Roadmap.slug == clean_slug(slug)))
    return roadmap.title.fallback if roadmap is not None else "en"


def _planned(draft: Draft, start: date, format: str) -> Planned | None:
    """Dates and suspended dependencies, for the one format that shows them."""
    if format != "msproject":
        return None
    plan = plan_draft(draft, start=start, brief=True)
    suspended = Counter(plan.suspended)
    positions = set()
    for position, precedence in enumerate(precedences_of(draft)):
        if suspended[precedence]:
            suspended[precedence] -= 1
            positions.add(position)
    days = {
        code: (dates.earliest_start, dates.earliest_finish)
        for code, dates in plan.schedule.dates.items()
    }
    return Planned(start, days, frozenset(positions))
