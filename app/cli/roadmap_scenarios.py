"""`flask roadmap what-if`: three questions about a plan. Nothing is changed."""

import click

from app.cli.output import emit, json_option, slug_argument
from app.cli.roadmap import roadmap_group
from app.database import get_database
from app.scenario_answers import Answer, answer_document, answer_question
from core.clock import utc_now
from core.ids import clean_slug
from roadmap.roadmaps import get_roadmap


@roadmap_group.command("what-if")
@slug_argument
@click.option("--slip", metavar="CODE", help="What moves if this milestone starts later?")
@click.option("--days", type=int, default=365, show_default=True, help="With --slip: how much.")
@click.option("--finish", metavar="CODE", help="What must start when, for this to be finished?")
@click.option("--by", metavar="DATE", help="With --finish: a date or a year.")
@click.option("--budget", type=int, metavar="PERCENT", help="What does so much less money do?")
@click.option(
    "--how",
    type=click.Choice(["leave_out", "stretch", "alike"]),
    default="leave_out",
    show_default=True,
    help="With --budget: leave milestones out, let them take longer, or cut all alike.",
)
@click.option("--keep", multiple=True, metavar="CODE", help="With --budget: cannot be left out.")
@json_option
def what_if(
    slug: str,
    slip: str | None,
    days: int,
    finish: str | None,
    by: str | None,
    budget: int | None,
    how: str,
    keep: tuple[str, ...],
    as_json: bool,
) -> None:
    """Ask what follows from a delay, a deadline or a smaller budget."""
    asked = [name for name, value in (("slip", slip), ("finish", finish), ("budget", budget))
             if value is not None]  # fmt: skip
    if len(asked) != 1:
        raise click.UsageError("ask one of --slip CODE, --finish CODE --by DATE, --budget PERCENT")
    given = {
        "question": asked[0], "code": slip or finish or "", "days": str(days), "by": by or "",
        "percent": str(budget), "how": how, "kept": " ".join(keep),
    }  # fmt: skip
    with get_database().reading() as session:
        roadmap = get_roadmap(session, slug=clean_slug(slug))
        answer = answer_question(session, roadmap, given, now=utc_now())
    assert answer is not None
    emit(answer_document(answer), as_json=as_json, text="\n".join(_lines(answer)))


def _lines(answer: Answer) -> list[str]:
    if answer.question == "finish":
        return [
            f"{each.code}: by {each.latest}{', too late already' if each.too_late else ''}"
            f" (can start {each.earliest})"
            for each in answer.starts
        ]
    assert answer.comparison is not None
    comparison = answer.comparison
    lines = []
    if answer.selection is not None:
        left = ", ".join(answer.selection.left_out) or "nothing"
        lines.append(f"left out: {left}{'' if answer.selection.exact else ' (not proven best)'}")
    lines += [
        f"{each.code}: finishes {each.finish_days:+} days"
        for each in comparison.moved
        if each.finish_days
    ]
    lines.append(f"end: {comparison.makespan_before} -> {comparison.makespan_after} days")
    return lines
