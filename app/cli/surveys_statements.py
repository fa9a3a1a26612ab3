"""`flask surveys statements`: what participants added, and deciding on it."""

from typing import Any

import click

from app.cli.output import emit, json_option, slug_argument
from app.cli.surveys import surveys_group
from app.database import operator_session
from app.projection import project_responses
from core.audit import OPERATOR
from core.clock import utc_now
from surveys.consultations import get_consultation
from surveys.models import Statement
from surveys.statement_order import Judged
from surveys.statements import (
    STATUSES,
    Status,
    count_judgements,
    list_statements,
    moderate_statements,
)

_DECISIONS: dict[str, Status] = {
    "accept": "accepted",
    "reject": "rejected",
    "return": "pending",
}


@surveys_group.command("statements")
@slug_argument
@click.argument("decision", type=click.Choice(list(_DECISIONS)), required=False)
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option("--status", type=click.Choice(STATUSES), help="List only these.")
@click.option("--reason", default="", help="Why statements are rejected; people are told.")
@json_option
def statements(
    slug: str,
    decision: str | None,
    codes: tuple[str, ...],
    status: Status | None,
    reason: str,
    as_json: bool,
) -> None:
    """List the statements that participants added to the consultation SLUG, or decide on some.

    accept CODE… shows them to others; reject CODE… --reason TEXT does not, or no longer;
    return CODE… puts them back to those that wait.
    """
    if decision is None:
        _list(slug, status, as_json)
        return
    if not codes:
        raise click.UsageError(f"Name the statements to {decision} by their codes.")
    with operator_session() as session:
        done = moderate_statements(
            session,
            consultation=get_consultation(session, slug=slug),
            codes=codes,
            decision=_DECISIONS[decision],
            reason=reason,
            actor=OPERATOR,
            now=utc_now(),
        )
    changed = sorted(done.before)
    emit(
        {"slug": slug, "status": done.status, "changed": changed},
        as_json=as_json,
        text="\n".join([f"{slug}: {len(changed)} now {done.status}", *changed]),
    )


def _list(slug: str, status: Status | None, as_json: bool) -> None:
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        project_responses(session, now=utc_now())
        judged = count_judgements(session, consultation_id=consultation.id)
        found = [
            _document(statement, judged)
            for statement in list_statements(
                session, consultation_id=consultation.id, status=status
            )
        ]
    lines = [f"{slug}: {len(found)} statements"]
    lines += [
        f"{s['code']}  {s['status']:<8}  {s['agree']}/{s['disagree']}/{s['pass']}  {text}"
        for s in found
        for text in s["text"].values()
    ]
    emit({"slug": slug, "statements": found}, as_json=as_json, text="\n".join(lines))


def _document(statement: Statement, judged: dict[str, Judged]) -> dict[str, Any]:
    counts = judged.get(f"{statement.question}.{statement.code}", Judged())
    return {
        "code": statement.code,
        "question": statement.question,
        "text": statement.text.as_dict(),
        "status": statement.status,
        "reason": statement.reason if statement.status == "rejected" else None,
        "proposed_on": statement.proposed_on.isoformat(),
        "agree": counts.agree,
        "disagree": counts.disagree,
        "pass": counts.passed,
    }
