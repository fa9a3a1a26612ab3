"""Evidence as everyone sees it: the rules, every figure with its query, charts by public."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import public
from app.caching import cacheable, remembered
from app.database import read_session
from app.evidence_charts import charts_of
from app.evidence_texts import (
    figure_title,
    figure_value,
    parameter_texts,
    public_title,
    rule_title,
    rule_words,
)
from app.roadmap_texts import day_text, days_text
from app.roadmap_waiting import page_plan
from core.clock import utc_now
from roadmap.evidence.declaring import declared_documents, link_documents
from roadmap.evidence.estimates import suggest_durations
from roadmap.evidence.figures import ALL, EvidenceRow
from roadmap.evidence.gathering import (
    estimates_from_evidence,
    evidence_document,
    evidence_rows,
)
from roadmap.models import Roadmap
from roadmap.roadmaps import get_roadmap

blueprint = Blueprint("evidence_pages", __name__, url_prefix="/roadmaps")

_ROWS = 50
# Beyond this a list of all subjects is no help: the filter above it finds each.
_SUBJECTS = 300
_SUMMARY = ("score", "median_year", "dispute_share", "support", "agree")


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {
        "figure_title": figure_title,
        "figure_value": figure_value,
        "public_title": public_title,
        "rule_title": rule_title,
        "rule_words": rule_words,
        "parameter_texts": parameter_texts,
    }


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """A subject in the list of all: the main figures of everybody together, ``(name, row)``."""

    subject: str
    title: Mapping[str, str]
    figures: list[tuple[str, EvidenceRow]]


@blueprint.get("/<slug>/evidence")
@public
@cacheable
def figures(slug: str) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    rows: list[EvidenceRow] = remembered(  # the same for every filter in the address
        ("evidence rows", roadmap.id, roadmap.revision),
        lambda: evidence_rows(session, roadmap=roadmap, now=utc_now()),
    )
    titles: dict[str, Mapping[str, str]] = {each.code: each.title for each in roadmap.milestones}
    subject, who, rule = (request.args.get(name, "") for name in ("subject", "public", "rule"))
    chosen = [
        row
        for row in rows
        if subject in ("", row.subject) and who in ("", row.public) and rule in ("", row.rule)
    ]
    lines = _lines(rows, titles)
    pages = max(1, -(-len(chosen) // _ROWS))
    asked = request.args.get("page", "")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 7 else 1
    filters = {"subject": subject, "public": who, "rule": rule}
    return render_template(
        "evidence/figures.html",
        roadmap=roadmap,
        declared=declared_documents(session, roadmap),
        links=link_documents(session, roadmap),
        lines=lines[:_SUBJECTS],
        lines_count=len(lines),
        charts=charts_of([row for row in rows if row.subject == subject]) if subject else [],
        rows=chosen[(page - 1) * _ROWS : page * _ROWS],
        count=len(chosen),
        total=len(rows),
        page=page,
        pages=pages,
        address=lambda number: url_for(
            "evidence_pages.figures", slug=slug, page=number,
            **{key: value for key, value in filters.items() if value},
        ),
        subjects=list(dict.fromkeys(row.subject for row in rows)),
        publics=sorted({row.public for row in rows}, key=lambda each: (each != ALL, each)),
        rule_names=sorted({row.rule for row in rows}),
        titles=titles,
        filtered=any(filters.values()),
        day_text=day_text,
        days_text=days_text,
        **_schedule(session, roadmap, subject),
        **filters,
    )  # fmt: skip


@blueprint.get("/<slug>/evidence.json")
@public
@cacheable
def download(slug: str) -> Response:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    return jsonify(evidence_document(session, roadmap=roadmap, now=utc_now()))


def _schedule(session: Session, roadmap: Roadmap, subject: str) -> dict[str, Any]:
    """When people expect the milestone shown, and the durations that would follow."""
    if subject not in {each.code for each in roadmap.milestones}:
        return {"estimate": None}
    estimate = estimates_from_evidence(session, roadmap=roadmap, now=utc_now()).get(subject)
    if estimate is None:
        return {"estimate": None}
    earliest = page_plan(roadmap).schedule.dates[subject].earliest_start
    suggested = suggest_durations(estimate.estimate, start=roadmap.start, earliest_start=earliest)
    return {"estimate": estimate, "suggested": suggested, "earliest": earliest}


def _lines(
    rows: Sequence[EvidenceRow], titles: Mapping[str, Mapping[str, str]]
) -> list[SubjectLine]:
    lines: dict[str, SubjectLine] = {}
    for row in rows:
        line = lines.setdefault(row.subject, SubjectLine(row.subject, _title(row, titles), []))
        if row.public == ALL and row.figure in _SUMMARY:
            line.figures.append((figure_title(row.figure), row))
    return list(lines.values())


def _title(row: EvidenceRow, titles: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """What a milestone is called; a dependency or a paragraph is called by its code."""
    return titles.get(row.subject, {})
