"""`flask surveys marks`: which responses are unusual, for the operator."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from tqdm import tqdm

from app.cli.output import emit, json_option, slug_argument
from app.cli.surveys import surveys_group
from app.database import operator_session
from app.marks_report import make_report
from core.clock import utc_now
from surveys.counting.unusual import read_sample


@surveys_group.command("marks")
@slug_argument
@json_option
def marks(slug: str, as_json: bool) -> None:
    """Report which responses to the consultation SLUG bear marks.

    Marks are speed, text like another's, and the same answer in every row. Nothing is done with
    them: all responses count. The report is kept and shown on the consultation's desk.
    """
    with tqdm(disable=None, leave=False, unit=" responses", delay=2) as bar:
        report = make_report(
            slug=slug, now=utc_now(), progress=lambda count: bar.update(count - bar.n)
        )
    with operator_session() as session:
        document = _with_samples(session, report)
    emit(document, as_json=as_json, text="" if as_json else _as_text(document))


def _with_samples(session: Session, report: dict[str, Any]) -> dict[str, Any]:
    """The report with the words of each campaign, which are not kept with it."""
    texts = report["marks"]["identical_text"]
    campaigns = [
        campaign
        | {
            "sample": read_sample(
                session,
                response_id=UUID(campaign["sample"]["response"]),
                question=campaign["sample"]["question"],
            )
        }
        for campaign in texts["campaigns"]
    ]
    return report | {
        "marks": report["marks"] | {"identical_text": texts | {"campaigns": campaigns}}
    }


def _as_text(report: dict[str, Any]) -> str:
    marks = report["marks"]
    speed, texts, lines = marks["speed"], marks["identical_text"], marks["straight_lining"]
    text = [
        f"{report['slug']}: {report['marked']['responses']} of {report['responses']} responses"
        " bear a mark; all of them count.",
        f"  very fast               {_part(speed)}"
        + (
            f"  (under {speed['limit_seconds']:.0f} s; median {speed['median_seconds']:.0f} s)"
            if speed["median_seconds"] is not None
            else f"  ({speed['timed']} carry a time; 30 are needed)"
        ),
        f"  text like another's     {_part(texts)}",
        f"  same in every row       {_part(lines)}",
    ]
    if texts["campaigns"]:
        text.append(f"Texts of several responses ({texts['found']}):")
    for campaign in texts["campaigns"][:20]:
        text.append(
            f"  {campaign['responses']} responses, {campaign['identical']} word for word the same,"
            f" in {', '.join(campaign['questions'])}:"
        )
        text.append(f"    {campaign['sample'][:200]}")
    return "\n".join(text)


def _part(mark: dict[str, Any]) -> str:
    share = "–" if mark["share"] is None else f"{mark['share']:.1%}"
    return f"{mark['responses']:>7} of {mark['judged']} judged ({share})"
