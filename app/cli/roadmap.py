"""`flask roadmap`: import a roadmap's files, and say what follows from them."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import click

from app.cli.output import CommandGroup, emit, json_option, note
from app.database import get_database, operator_session
from core.audit import OPERATOR
from core.clock import utc_now
from roadmap.formats.folder import read_folder
from roadmap.roadmaps import (
    edition_versions,
    import_roadmap,
    list_roadmaps,
)

roadmap_group = CommandGroup("roadmap", help="Roadmaps: milestones, dependencies, dates.")


@roadmap_group.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--slug", required=True, help="Name in addresses; an existing draft is replaced.")
@click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day 0 of the schedule; else roadmap.json's, else the earliest not_before, else what the"
    " roadmap had, else 1 January of this year.",
)
@json_option
def import_folder(folder: Path, slug: str, start: datetime | None, as_json: bool) -> None:
    """Read milestones.csv, dependencies.csv and roadmap.json from FOLDER.

    Milestones keep their links to evidence as long as their code stays. Nothing is written when
    anything is wrong.
    """
    draft = read_folder(folder)
    with operator_session() as session:
        report = import_roadmap(
            session,
            slug=slug,
            draft=draft,
            start=start.date() if start else None,
            actor=OPERATOR,
            now=utc_now(),
        )
        roadmap = report.roadmap
        document = {
            "slug": roadmap.slug,
            "title": roadmap.title.in_language("en"),
            "start": roadmap.start.isoformat(),
            "created": report.created,
            "milestones": len(draft.milestones),
            "dependencies": len(draft.dependencies),
            "areas": len(draft.areas),
            "added": {
                "milestones": len(report.milestones_added),
                "dependencies": len(report.dependencies_added),
            },
            "removed": {
                "milestones": list(report.milestones_removed),
                "dependencies": [list(key) for key in report.dependencies_removed],
            },
            "ignored": [{"path": path, "why": why} for path, why in draft.ignored],
        }
    for path, why in draft.ignored:
        note(f"not read: {path} ({why})")
    if report.milestones_removed:
        note(f"no longer there: {', '.join(report.milestones_removed)}")
    emit(
        document,
        as_json=as_json,
        text=f"{document['slug']}: {document['milestones']} milestones, {document['dependencies']}"
        f" dependencies, {document['areas']} areas, from {document['start']}.",
    )


@roadmap_group.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List the roadmaps and their published editions."""
    with get_database().reading() as session:
        document = [
            {
                "slug": roadmap.slug,
                "title": roadmap.title.in_language("en"),
                "editions": edition_versions(session, roadmap=roadmap),
            }
            for roadmap in list_roadmaps(session)
        ]
    lines = [f"{each['slug']}  {each['title']}" for each in document]
    emit(document, as_json=as_json, text="\n".join(lines) or "There are no roadmaps yet.")


def as_number(support: Decimal) -> int | float:
    """Support as a JSON number; its at most 15 digits survive a double unchanged."""
    return int(support) if support == support.to_integral_value() else float(support)
