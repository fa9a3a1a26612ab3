"""`flask surveys export`: a questionnaire as a file that other software reads."""

import sys
from pathlib import Path

import click

from app.cli.output import FileUnusable, emit, json_option, note, slug_argument
from app.cli.surveys import surveys_group
from app.cli.surveys_route import find_version
from app.database import operator_session
from surveys.consultations import get_consultation, get_questionnaire
from surveys.exporting import EXPORT_FORMATS, export_questionnaire


@surveys_group.command("export")
@slug_argument
@click.option(
    "--format",
    "format_name",
    required=True,
    type=click.Choice(tuple(EXPORT_FORMATS)),
    help="lss (LimeSurvey), xlsform (ODK, Kobo) or json (our own).",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="The file to write; - writes to standard output.",
)
@click.option("--version", "number", type=int, help="Another version than the newest.")
@json_option
def export_file(
    slug: str, format_name: str, output: Path, number: int | None, as_json: bool
) -> None:
    """Write the questionnaire of the consultation SLUG to a file and say what was lost.

    Takes the newest version, whether published or a draft. What the format cannot say is listed;
    the questionnaire itself is not changed.
    """
    to_standard_output = str(output) == "-"
    if to_standard_output and as_json:
        raise click.UsageError("The file and the report cannot both go to standard output.")
    with operator_session() as session:
        version = find_version(get_consultation(session, slug=slug), number)
        exported = export_questionnaire(
            get_questionnaire(session, version_id=version.id), format_name
        )
        number = version.number
    lines = [f"{slug}: version {number} written to {output} ({len(exported.data):,} bytes)."]
    if exported.lost:
        lines.append(f"Not carried over ({len(exported.lost)}):")
        lines += [f"  {loss.kind} at {loss.path}: {loss.why}" for loss in exported.lost]
    if to_standard_output:
        sys.stdout.buffer.write(exported.data)
        note("\n".join(lines))
        return
    try:
        output.write_bytes(exported.data)
    except OSError as error:
        raise FileUnusable(file=output, reason=error.strerror or str(error)) from None
    document = {
        "slug": slug,
        "version": number,
        "format": format_name,
        "file": str(output),
    } | exported.report()
    emit(document, as_json=as_json, text="\n".join(lines))
