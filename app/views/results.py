"""Results of a consultation: for everyone once it has closed, exact and at any time for staff."""

import csv
import io
from collections.abc import Collection
from itertools import groupby
from typing import Any

from flask import Blueprint, jsonify, make_response, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from app.access import can, public
from app.caching import cacheable
from app.database import read_session
from app.i18n import current_language
from app.results_figures import option_labels, withdrawn_sentence
from app.results_pages import (
    SPLITS,
    Shown,
    show_entry,
    show_groups,
    show_matrix,
    show_split,
    split_title,
)
from core.clock import utc_now
from surveys.consultations import Phase, get_consultation, phase_of
from surveys.counting.tally import UNKNOWN, Entry
from surveys.errors import ConsultationNotFound
from surveys.models import Consultation
from surveys.results import Results, read_results

blueprint = Blueprint("results", __name__, url_prefix="/consultations/<slug>")

# A spreadsheet takes a cell that begins like this for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@blueprint.get("/results")
@public
@cacheable
def show(slug: str) -> str:
    """Who answered, and every question with its chart."""
    consultation, results = _find(slug)
    context = _context(consultation)
    if not context["visible"]:
        return render_template("results/waiting.html", **context)
    document = _document(results, exact=context["exact"])
    sections = _sections(results, document)
    who = {
        name: show_groups(_document(results, by=name, codes=(), exact=context["exact"]), name)
        for name in SPLITS
    }
    countries = results.counts.by.get("country", {}).keys() - {UNKNOWN}
    return render_template(
        "results/show.html", **context, document=document, sections=sections, who=who,
        split_title=split_title, countries=len(countries), moderated=_notes(results),
    )  # fmt: skip


@blueprint.get("/results/<code>")
@public
@cacheable
def question(slug: str, code: str) -> str:
    """One question, or one row of a matrix, split by respondent type and by country."""
    consultation, results = _find(slug)
    context = _context(consultation)
    if not context["visible"]:
        return render_template("results/waiting.html", **context)
    entries = [e for e in results.entries if code in {e.code, e.question.code}]
    if not entries:
        raise NotFound
    codes = [entry.code for entry in entries]
    shown = _show(
        entries, _document(results, codes=codes, exact=context["exact"])["questions"], code
    )
    splits = []
    if len(entries) == 1 and entries[0].options:
        splits = [
            show_split(
                entries[0], _document(results, by=name, codes=codes, exact=context["exact"]), name
            )
            for name in SPLITS
        ]
    return render_template(
        "results/question.html", **context, shown=shown, splits=splits,
        rows=entries if shown.table else [], question=entries[0].question,
        responses=_document(results, codes=(), exact=context["exact"])["responses"],
        moderated=_notes(results).get(entries[0].question.code, ""),
    )  # fmt: skip


@blueprint.get("/results.json")
@public
@cacheable
def as_json(slug: str) -> Response:
    """The published table: hidden numbers are null. ``?by=`` splits it."""
    return jsonify(_published(slug))


@blueprint.get("/results.csv")
@public
@cacheable
def as_csv(slug: str) -> Response:
    """The published table with a line per question, group and option; hidden numbers are empty."""
    document = _published(slug)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["question", "title", "type", "group", "answered", "option", "count", "hidden"])
    for group, part in [("", document), *document["by"].items()]:
        for entry in part["questions"]:
            answered = entry["answered"]
            for option in entry["options"] or [{"label": "", "count": answered}]:
                writer.writerow(
                    _inert(cell)
                    for cell in (
                        entry["code"], entry["title"], entry["type"], group, answered,
                        option["label"], option["count"], "yes" if option["count"] is None else "",
                    )
                )  # fmt: skip
    response = make_response("\ufeff" + file.getvalue())
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="results-{slug}.csv"'
    return response


def _find(slug: str) -> tuple[Consultation, Results]:
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    if consultation.current_version_id is None or (
        phase_of(consultation, now=utc_now()) is Phase.PREPARED
    ):
        raise ConsultationNotFound(slug=slug)
    return consultation, read_results(session, consultation=consultation)


def _context(consultation: Consultation) -> dict[str, Any]:
    """What every results page knows. Staff may look as the public does with ``?view=public``."""
    closed = phase_of(consultation, now=utc_now()).is_closed
    exact = can("results.read_exact") and request.args.get("view") != "public"
    return {
        "consultation": consultation,
        "closed": closed,
        "exact": exact,
        "may_be_exact": can("results.read_exact"),
        # Two releases a day apart would show what the newcomers said: one release, at the end.
        "visible": closed or exact,
    }


def _document(
    results: Results,
    *,
    by: str | None = None,
    codes: Collection[str] | None = None,
    exact: bool = False,
) -> dict[str, Any]:
    show = results.document if exact else results.public_document
    document = show(by=by, language=current_language(), codes=codes)
    labels = {entry.code: option_labels(entry) for entry in results.entries}
    for part in (document, *document["by"].values()):
        for question in part["questions"]:
            for option, label in zip(question["options"], labels[question["code"]], strict=True):
                option["label"] = label
    return document


def _published(slug: str) -> dict[str, Any]:
    consultation, results = _find(slug)
    if not phase_of(consultation, now=utc_now()).is_closed:
        raise NotFound
    return _document(results, by=request.args.get("by") or None)


def _notes(results: Results) -> dict[str, str]:
    """By question, what moderators did to what is counted."""
    return {code: withdrawn_sentence(count) for code, count in results.withdrawn.items()}


def _sections(results: Results, document: dict[str, Any]) -> list[Shown]:
    """Every question as shown; the rows of a matrix together."""
    shown = []
    pairs = zip(results.entries, document["questions"], strict=True)
    for code, members in groupby(pairs, key=lambda pair: pair[0].question.code):
        entries, counted = zip(*members, strict=True)
        if entries[0].options:
            shown.append(_show(entries, counted, code))
        else:
            shown.extend(map(show_entry, entries, counted))
    return shown


def _show(entries: Any, counted: Any, code: str) -> Shown:
    first: Entry = entries[0]
    if first.row is not None and code == first.question.code and first.options:
        return show_matrix(entries, counted)
    return show_entry(first, counted[0])


def _inert(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
