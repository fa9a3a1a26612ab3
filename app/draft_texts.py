"""What changes in a draft, in words: fields and values as a reader of tables sees them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.i18n import format_date, format_number
from core.text import LANGUAGES, LocalizedText
from roadmap.draft import BudgetSource, DraftChapter, Kpi, Link
from roadmap.draft_changes import DraftChanges, FieldChange

SOURCES: Mapping[str, Any] = {
    BudgetSource.EU: _l("European Union (contribution to the partnership)"),
    BudgetSource.MEMBER_STATES: _l("Member states"),
    BudgetSource.INDUSTRY_CASH: _l("Industry, cash"),
    BudgetSource.INDUSTRY_IN_KIND: _l("Industry, in kind"),
    BudgetSource.CEF: _l("Connecting Europe Facility (CEF)"),
    BudgetSource.INVESTEU: _l("InvestEU"),
    BudgetSource.DIGITAL_EUROPE: _l("Digital Europe"),
}
STAGE_TITLES: Mapping[str, Any] = {
    "idea": _l("idea"),
    "preparation": _l("preparation"),
    "funded": _l("funded"),
    "in_deployment": _l("in deployment"),
    "in_service": _l("in service"),
}
LINK_TITLES: Mapping[str, Any] = {
    "partnership": _l("Partnership"),
    "programme": _l("Programme"),
    "project": _l("Project"),
}
FIELDS: Mapping[str, Any] = {
    "title": _l("Title"),
    "description": _l("Description"),
    "agenda": _l("Agenda"),
    "area": _l("Area"),
    "duration_days": _l("Duration in days"),
    "optimistic_days": _l("At best, in days"),
    "likely_days": _l("Most likely, in days"),
    "pessimistic_days": _l("At worst, in days"),
    "not_before": _l("Not before"),
    "fixed_start": _l("Starts exactly on"),
    "finish_by": _l("To finish by"),
    "lead": _l("Lead"),
    "trl_from": _l("Technology readiness from"),
    "trl_to": _l("Technology readiness to"),
    "stage": _l("Stage"),
    "kpis": _l("Measures (KPIs)"),
    "budget": _l("Budget"),
    "participants": _l("Participants"),
    "themes": _l("Themes"),
    "links": _l("Links to others"),
    "standards": _l("Standards needed"),
    "spectrum": _l("Spectrum needed"),
    "lag_days": _l("Lag in days"),
    "support": _l("Support"),
    "rationale": _l("Rationale"),
    "ruling": _l("Ruling"),
    "start": _l("Start of the roadmap"),
    "parent": _l("Part of"),
    "chapter": _l("Chapter"),
}

Lines = list[tuple[str, str, str, str]]
"""Subject, field, before, after."""


def change_lines(changes: DraftChanges) -> list[tuple[str, Lines]]:
    """The changes by what happens, each group with its heading; empty groups are left out."""
    groups: list[tuple[str, Lines]] = [
        (_("Milestones added"), [(code, "", "", "") for code in changes.milestones_added]),
        (_("Milestones removed"), [(code, "", "", "") for code in changes.milestones_removed]),
        (_("Milestones changed"), [_line(each) for each in changes.milestones_changed]),
        (_("Dependencies added"), [(_ends(key), "", "", "") for key in changes.dependencies_added]),
        (
            _("Dependencies removed"),
            [(_ends(key), "", "", "") for key in changes.dependencies_removed],
        ),
        (_("Dependencies changed"), [_line(each) for each in changes.dependencies_changed]),
        (_("The roadmap itself"), [_line(each) for each in changes.about]),
    ]
    return [(title, lines) for title, lines in groups if lines]


def field_title(field: str) -> str:
    """A field, a text's language (``title_fr``) or a budget's source, as a reader calls it."""
    if field in FIELDS:
        return str(FIELDS[field])
    name, _sign, ending = field.partition("_")
    if name == "budget":
        return f"{FIELDS['budget']}{_(': ')}{SOURCES.get(ending, ending)}"
    if ending == "language":
        return _("%(field)s: language it was written in", field=FIELDS.get(name, name))
    return f"{FIELDS.get(name, name)}{_(': ')}{LANGUAGES.get(ending, ending)}"


def value_text(value: Any) -> str:
    """A value of any field, short."""
    match value:
        case None | "" | () | []:
            return "–"
        case StrEnum():
            return value.value
        case date():
            return format_date(value)
        case Decimal():
            return format_number(value.normalize(), decimal_quantization=False)
        case LocalizedText():
            return value.in_language(value.fallback)
        case Kpi():
            return kpi_text(value)
        case Link():
            return f"{LINK_TITLES[value.kind]}{_(': ')}{value.name}"
        case DraftChapter():
            return f"{value_text(value.title)} ({len(value.paragraphs)})"
        case tuple() | list():
            return "; ".join(value_text(each) for each in value)
    return str(value)


def kpi_text(kpi: Kpi) -> str:
    """What is measured, from what to what, by when."""
    numbers = f"{kpi.baseline or '–'} → {kpi.target} {kpi.unit}".strip()
    return f"{value_text(kpi.name)}{_(': ')}{numbers}" + (f", {kpi.due}" if kpi.due else "")


def _line(change: FieldChange) -> tuple[str, str, str, str]:
    return (
        change.subject, field_title(change.field), value_text(change.before),
        value_text(change.after),
    )  # fmt: skip


def _ends(key: tuple[str, str, str]) -> str:
    return f"{key[0]} → {key[1]} ({key[2]})"
