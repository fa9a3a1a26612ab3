"""The desk's form for one milestone with all its fields: edit it, or add one.

What was typed is read like a row of a table (``roadmap.formats.columns``), so that forms and files
mean the same. A milestone that somebody else changed meanwhile is not overwritten: what changed is
shown, what was typed stays, and saving again is saving over it knowingly.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.draft_texts import FIELDS, LINK_TITLES, SOURCES, STAGE_TITLES, field_title, value_text
from app.errors import describe, status_of
from app.roadmap_texts import AGENDA_TITLES
from core.clock import utc_now
from core.errors import InvalidInput, WaymarkError
from core.text import LANGUAGES, LocalizedText
from roadmap.draft import DraftMilestone, Kpi
from roadmap.draft_documents import milestone_document
from roadmap.drafting import add_milestone, change_milestone, get_milestone
from roadmap.errors import Problem
from roadmap.formats import columns
from roadmap.formats.columns import LISTS
from roadmap.formats.tables import Cells, Row
from roadmap.graph_edits import open_roadmap
from roadmap.models import Roadmap
from roadmap.roadmaps import as_value, get_roadmap

blueprint = Blueprint("milestone_desk", __name__, url_prefix="/desk/roadmaps/<slug>/milestones")

_EMPTY_KPIS = 3
_KPI_FIELDS = ("name", "baseline", "target", "unit", "due")
_TEXTS = ("title", "description")


@blueprint.get("/new")
@requires("roadmap.edit")
def new(slug: str) -> str:
    return _page(slug, None, {"area": request.args.get("area", "")})


@blueprint.post("/new")
@requires("roadmap.edit")
def add(slug: str) -> Response | tuple[str, int]:
    session = write_session()
    roadmap = open_roadmap(session, slug=slug)
    faults: dict[str, str] = {}
    values = _read(roadmap, None, faults)
    code = request.form.get("code", "").strip()
    if not faults:
        try:
            add_milestone(
                session, roadmap=roadmap, code=code, reason=request.form.get("reason", ""),
                actor=current_actor(), now=utc_now(), **values,
            )  # fmt: skip
            commit()
        except WaymarkError as refusal:
            faults[_field_of(refusal)] = describe(refusal)[0]
    if faults:
        session.rollback()
        return _page(slug, None, request.form, faults), 422
    flash(_("The milestone %(code)s was added.", code=code), "success")
    return redirect(url_for("roadmaps.milestone", slug=slug, code=code), 303)


@blueprint.get("/<code>/edit")
@requires("roadmap.edit")
def edit(slug: str, code: str) -> str:
    return _page(slug, code, None)


@blueprint.post("/<code>/edit")
@requires("roadmap.edit")
def change(slug: str, code: str) -> Response | tuple[str, int]:
    session = write_session()
    roadmap = open_roadmap(session, slug=slug)
    present = as_value(get_milestone(session, roadmap=roadmap, code=code))
    faults: dict[str, str] = {}
    values = _read(roadmap, present, faults)
    status = 422
    if not faults and request.form.get("seen", "") != _fingerprint(present):
        faults[""] = _(
            "Somebody changed this milestone after you opened it. What differs from what you typed"
            " is listed below; save again to keep what you typed."
        )
        status = 409
    changed = {field: value for field, value in values.items() if value != getattr(present, field)}
    if not faults and not changed:
        faults[""] = _("Nothing is different from what the draft says already.")
    if not faults:
        try:
            change_milestone(
                session, roadmap=roadmap, code=code, changes=changed,
                reason=request.form.get("reason", ""), actor=current_actor(), now=utc_now(),
            )  # fmt: skip
            commit()
        except WaymarkError as refusal:
            faults[_field_of(refusal)], status = describe(refusal)[0], status_of(refusal)
    if faults:
        session.rollback()
        differences = _differences(present, changed) if status == 409 else []
        return _page(slug, code, request.form, faults, differences), status
    flash(_("The milestone %(code)s was changed.", code=code), "success")
    return redirect(url_for("roadmaps.milestone", slug=slug, code=code), 303)


def _read(
    roadmap: Roadmap, present: DraftMilestone | None, faults: dict[str, str]
) -> dict[str, Any]:
    """The fields as the form has them; what is wrong goes to ``faults``, by name of the field."""
    form = request.form
    language = roadmap.title.fallback
    cells = {name: form.get(name, "").strip() for name in columns.MILESTONE_OPTIONS}
    cells |= {name: form.get(name, "").strip() for name in ("agenda", "area", "duration_days")}
    for field in _TEXTS:
        for each in LANGUAGES:
            cells[f"{field}_{each}"] = form.get(f"{field}_{each}", "").strip()
        cells[field] = cells.pop(f"{field}_{language}")
    for name in LISTS:
        cells[name] = columns.write_list(_lines(form.get(name, "")))
    cells["links"] = columns.write_list(_lines(form.get("links", "")))
    problems: list[Problem] = []
    reader = Cells("", Row(1, cells | {"code": "X"}), problems)
    values = columns.read_milestone(reader, language)
    for problem in problems:
        name = problem.column or ""
        faults.setdefault(f"{name}_{language}" if name in _TEXTS else name, problem.reason)
    if "title" not in values:
        values["title"] = LocalizedText({})
    for name in (*LISTS, "links"):
        values.setdefault(name, ())
    for name in ("lead", "stage"):
        values.setdefault(name, "")
    for field in _TEXTS:
        old = getattr(present, field) if present is not None else None
        if old and old.fallback in values[field]:  # the language it was written in stays that
            values[field] = LocalizedText(values[field], old.fallback)
    values["kpis"] = _read_kpis(present, language)
    del values["code"]
    return values


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _read_kpis(present: DraftMilestone | None, language: str) -> tuple[Kpi, ...]:
    """The rows that say something; names keep their other languages."""
    before = present.kpis if present is not None else ()
    kpis = []
    for number in range(len(before) + _EMPTY_KPIS):
        typed = {name: request.form.get(f"kpi_{number}_{name}", "").strip() for name in _KPI_FIELDS}
        if not any(typed.values()):
            continue
        old = before[number].name if number < len(before) else LocalizedText({})
        shown = old.language_for(language) or language
        names = {**old, shown: typed.pop("name")}
        kpis.append(Kpi(name=LocalizedText(names, old.fallback or None), **typed))
    return tuple(kpis)


def _field_of(refusal: WaymarkError) -> str:
    """The field of the form that a refusal is about."""
    where = refusal.where
    if where.startswith("kpis."):
        _name, number, field = (*where.split("."), "name")[:3]
        return f"kpi_{int(number) - 1}_{field.split(' ')[0]}"
    if where.startswith("budget."):
        return where.replace(".", "_")
    if " (" in where:
        return where.replace(" (", "_").rstrip(")")
    return where.partition(".")[0]


def _fingerprint(milestone: DraftMilestone) -> str:
    document = json.dumps(milestone_document(milestone), sort_keys=True)
    return hashlib.sha256(document.encode()).hexdigest()


def _differences(present: DraftMilestone, changed: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What the draft says now and what was typed, where they differ."""
    return [
        (field_title(field), _short(getattr(present, field)), _short(value))
        for field, value in changed.items()
    ]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{SOURCES[source]} {value_text(value[source])}" for source in value)
    return value_text(value)


def _page(
    slug: str,
    code: str | None,
    typed: Mapping[str, str] | None,
    faults: Mapping[str, str] | None = None,
    differences: list[tuple[str, str, str]] | None = None,
) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    present = None
    if code is not None:
        present = as_value(get_milestone(session, roadmap=roadmap, code=code))
    language = roadmap.title.fallback
    if typed is None and present is None:
        raise InvalidInput(where="code", reason=_("is missing"))
    values = dict(typed) if typed is not None else _values(present, language)  # type: ignore[arg-type]
    return render_template(
        "roadmap_desk/milestone.html",
        roadmap=roadmap,
        code=code,
        present=present,
        values=values,
        faults=faults or {},
        differences=differences or [],
        seen=_fingerprint(present) if present is not None else "",
        language=language,
        languages=[language, *(each for each in LANGUAGES if each != language)],
        fields=FIELDS,
        sources=SOURCES,
        agendas=list(AGENDA_TITLES.items()),
        stages=list(STAGE_TITLES.items()),
        link_titles=LINK_TITLES,
        others_at_fault=any(
            name.partition("_")[0] in _TEXTS and not name.endswith(f"_{language}")
            for name in faults or ()
        ),
        kpi_count=(len(present.kpis) if present is not None else 0) + _EMPTY_KPIS,
    )


def _values(milestone: DraftMilestone, language: str) -> dict[str, str]:
    """The fields of the form as the draft has them."""
    values = {
        name: columns.as_text(getattr(milestone, name))
        for name in (
            "agenda", "area", "duration_days", "optimistic_days", "likely_days",
            "pessimistic_days", "not_before", "fixed_start", "finish_by", "lead", "trl_from",
            "trl_to", "stage",
        )
    }  # fmt: skip
    for field in _TEXTS:
        for each, text in getattr(milestone, field).items():
            values[f"{field}_{each}"] = text
    for name in LISTS:
        values[name] = "\n".join(getattr(milestone, name))
    values["links"] = "\n".join(columns.write_links([link]) for link in milestone.links)
    for source, amount in milestone.budget.items():
        values[f"budget_{source.value}"] = columns.as_text(amount)
    for number, kpi in enumerate(milestone.kpis):
        for name in _KPI_FIELDS[1:]:
            values[f"kpi_{number}_{name}"] = getattr(kpi, name)
        values[f"kpi_{number}_name"] = kpi.name.in_language(language)
    return values
