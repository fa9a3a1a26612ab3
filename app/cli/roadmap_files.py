"""`flask roadmap import | export`: a roadmap's draft from files and to files."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.cli.output import emit, json_option, note, slug_argument
from app.cli.roadmap import roadmap_group
from app.database import get_database, operator_session
from core.audit import OPERATOR
from core.clock import utc_now
from core.text import LANGUAGES
from roadmap.draft import Draft
from roadmap.file_exchange import export_file, export_files, language_of
from roadmap.formats.registry import FORMATS, read_path
from roadmap.roadmaps import ImportReport, get_roadmap, import_roadmap


@roadmap_group.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path), metavar="FOLDER|FILE")
@click.option("--slug", required=True, help="Name in addresses; an existing draft is replaced.")
@click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day 0 of the schedule; else the file's, else the earliest not_before, else what the"
    " roadmap had, else 1 January of this year.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(FORMATS)),
    default=None,
    help="Guessed where it is not given.",
)
@json_option
def import_files(
    source: Path, slug: str, start: datetime | None, format_name: str | None, as_json: bool
) -> None:
    """Read a roadmap from a FOLDER of CSV files, or a FILE: .xlsx, .json, .graphml, .xml or .zip.

    Milestones keep their links to evidence as long as their code stays. What a file says nothing
    about stays as it is. Nothing is written when anything is wrong.
    """
    with get_database().reading() as session:
        language = language_of(session, slug)
    draft = read_path(source, format=format_name or "", language=language)
    with operator_session() as session:
        report = import_roadmap(
            session,
            slug=slug,
            draft=draft,
            start=start.date() if start else None,
            actor=OPERATOR,
            now=utc_now(),
        )
        document = _import_document(report, draft)
    for each in document["ignored"]:
        note(f"not read: {each['path']} ({each['why']})")
    for each in document["warnings"]:
        note(f"{each['code']}: {each['why']}")
    if report.milestones_removed:
        note(f"no longer there: {', '.join(report.milestones_removed)}")
    emit(
        document,
        as_json=as_json,
        text=f"{document['slug']}: {document['milestones']} milestones, {document['dependencies']}"
        f" dependencies, {document['areas']} areas, from {document['start']}.",
    )


def _import_document(report: ImportReport, draft: Draft) -> dict[str, Any]:
    roadmap, changes = report.roadmap, report.changes
    return {
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
        "changed": {
            "milestones": len({each.subject for each in changes.milestones_changed}),
            "dependencies": len({each.subject for each in changes.dependencies_changed}),
        },
        "removed": {
            "milestones": list(report.milestones_removed),
            "dependencies": [list(key) for key in report.dependencies_removed],
        },
        "ignored": [{"path": path, "why": why} for path, why in draft.ignored],
        "warnings": [
            {
                "code": milestone.code,
                "line": milestone.line,
                "field": field,
                "date": day.isoformat(),
                "why": f"{field} {day.isoformat()} is before the roadmap's start on"
                f" {roadmap.start.isoformat()}",
            }
            for milestone, field, day in report.before_start
        ],
    }


@roadmap_group.command("export")
@slug_argument
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), required=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to write; for csv a folder, or a file that ends in .zip.",
)
@click.option(
    "--language",
    type=click.Choice(list(LANGUAGES)),
    default=None,
    help="Of names where a format shows one only (graphml, msproject); else the roadmap's first.",
)
@json_option
def export(slug: str, format_name: str, output: Path, language: str | None, as_json: bool) -> None:
    """Write the draft of a roadmap to a file that `flask roadmap import` reads back.

    Everything is kept in csv, xlsx, json and graphml; docs/roadmap-formats.md says what msproject
    has no place for.
    """
    with get_database().reading() as session:
        roadmap = get_roadmap(session, slug=slug)
        if format_name == "csv" and output.suffix.lower() != ".zip":
            files = export_files(roadmap, format=format_name, language=language or "")
            output.mkdir(parents=True, exist_ok=True)
            written = {output / name: content for name, content in files.items()}
        else:
            content = export_file(roadmap, format=format_name, language=language or "")
            written = {output: content}
    for path, content in written.items():
        path.write_bytes(content)
    document = {
        "slug": slug,
        "format": format_name,
        "files": [{"path": str(path), "bytes": len(content)} for path, content in written.items()],
    }
    emit(document, as_json=as_json, text="\n".join(f"written: {path}" for path in written))
