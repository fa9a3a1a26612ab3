"""`flask surveys erase`: deleting a response that somebody asked to have erased."""

import click

from app.cli.output import emit, json_option
from app.cli.surveys import surveys_group
from app.database import operator_session
from app.projection import project_responses
from core.audit import OPERATOR
from core.clock import utc_now
from surveys.withdrawal import erase_response


@surveys_group.command("erase")
@click.argument("reference")
@json_option
def erase(reference: str, as_json: bool) -> None:
    """Delete the response with this REFERENCE for good, after the closing, too.

    For requests by the person concerned: the reference stands on the receipt. It leaves the
    results at once, and its files with the next retention job.
    """
    now = utc_now()
    with operator_session() as session:
        slug = erase_response(session, reference=reference, actor=OPERATOR, now=now).slug
        project_responses(session, now=now)
    emit(
        {"consultation": slug, "erased": 1}, as_json=as_json, text=f"Erased one response to {slug}."
    )
