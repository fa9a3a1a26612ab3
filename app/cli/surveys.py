"""`flask surveys`: questionnaires and exports in."""

from pathlib import Path
from typing import Any

import click

from app.cli.output import CommandGroup, emit, json_option
from app.cli.surveys_hys import import_hys
from app.database import operator_session
from core.audit import OPERATOR
from core.clock import utc_now
from core.ids import clean_slug
from surveys.errors import UnreadableFile
from surveys.imports import QUESTIONNAIRE_FORMATS, guess_format, import_questionnaire

MAX_FILE_BYTES = 200 * 1024 * 1024

surveys_group = CommandGroup("surveys", help="Consultations: questionnaires, responses, results.")


def _import_questionnaire(
    format_name: str, data: bytes, slug: str, kind: str
) -> tuple[dict[str, Any], str]:
    imported = QUESTIONNAIRE_FORMATS[format_name](data)
    with operator_session() as session:
        version = import_questionnaire(
            session, slug=slug, imported=imported, kind=kind, actor=OPERATOR, now=utc_now()
        )
        number = version.number
    report = imported.report()
    document = {"slug": clean_slug(slug), "version": number} | report
    conditions = report["conditions"]
    lines = [
        f"{document['slug']}: draft version {number} with {report['questions']} questions in "
        f"{', '.join(report['languages'])}; {conditions['carried']} of {conditions['found']} "
        f"conditions carried over.",
    ]
    if imported.lost:
        lines.append(f"Not carried over ({len(imported.lost)}):")
        lines += [f"  {loss.kind} at {loss.path}: {loss.why}" for loss in imported.lost]
    return document, "\n".join(lines)


FORMATS = (*QUESTIONNAIRE_FORMATS, "hys")


@surveys_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--slug", required=True, help="The consultation's name in addresses.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    help="lss (LimeSurvey), json (our own) or hys (“Have your say”); else guessed from the file.",
)
@click.option(
    "--kind",
    type=click.Choice(["public", "targeted"]),
    default="public",
    show_default=True,
    help="Who may answer a consultation that is created: everyone, or invited people.",
)
@json_option
def import_file(file: Path, slug: str, format_name: str | None, kind: str, as_json: bool) -> None:
    """Read a questionnaire from FILE and say what could not be carried over.

    It becomes a draft version of the consultation SLUG, which is created where it is not there.
    A “Have your say” export becomes a closed consultation with its responses.
    Nothing is written when the file cannot be read.
    """
    if file.stat().st_size > MAX_FILE_BYTES:
        raise UnreadableFile(reason=f"The file is larger than {MAX_FILE_BYTES // 1024**2} MB.")
    data = file.read_bytes()
    format_name = format_name or guess_format(data)
    if format_name in QUESTIONNAIRE_FORMATS:
        document, text = _import_questionnaire(format_name, data, slug, kind)
    else:
        document, text = import_hys(format_name, data, slug)
    emit(document, as_json=as_json, text=text)
