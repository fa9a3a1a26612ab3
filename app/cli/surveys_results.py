"""`flask surveys results` and `rebuild`: exact results for the operator."""

from typing import Any

import click

from app.cli.output import emit, json_option, slug_argument
from app.cli.surveys import surveys_group
from app.database import operator_session
from app.projection import project_responses, projection_directory
from core.audit import OPERATOR
from core.clock import utc_now
from surveys.consultations import get_consultation
from surveys.counting.projection import rebuild
from surveys.counting.tally import DIMENSIONS
from surveys.results import get_results


@surveys_group.command("results")
@slug_argument
@click.option("--by", type=click.Choice(DIMENSIONS), help="Also split by this.")
@json_option
def results(slug: str, by: str | None, as_json: bool) -> None:
    """Show the exact results of the consultation SLUG.

    Brings them up to date first. A row of a matrix is an entry of its own; a multiple choice
    counts people per option.
    """
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        project_responses(session, now=utc_now())
        document = get_results(session, consultation=consultation, by=by)
    emit(document, as_json=as_json, text="" if as_json else _as_text(document))


@surveys_group.command("rebuild")
@slug_argument
@json_option
def rebuild_results(slug: str, as_json: bool) -> None:
    """Build the results of the consultation SLUG anew from its responses."""
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        count = rebuild(
            session, directory=projection_directory(), consultation=consultation,
            actor=OPERATOR, now=utc_now(),
        )  # fmt: skip
    emit(
        {"slug": consultation.slug, "responses": count},
        as_json=as_json,
        text=f"{consultation.slug}: the results of {count} responses were built anew.",
    )


def _as_text(document: dict[str, Any]) -> str:
    lines = [f"{document['slug']}: {document['responses']} responses", *_lines(document)]
    for value, group in document["by"].items():
        lines += ["", f"[{value}] {group['responses']} responses", *_lines(group)]
    return "\n".join(lines)


def _lines(tally: dict[str, Any]) -> list[str]:
    lines = []
    for question in tally["questions"]:
        answered = question["answered"]
        lines.append(f"{question['code']} {question['title']} (n = {answered})")
        for option in question["options"]:
            share = f"{option['count'] / answered:6.1%}" if answered else "     –"
            lines.append(f"  {option['count']:>7} {share}  {option['label']}")
    return lines
