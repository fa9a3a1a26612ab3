"""The money of a roadmap, for everyone: by source, area, agenda and year, and what it moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.numbers import format_currency
from flask import Blueprint, render_template
from flask_babel import get_locale
from flask_babel import gettext as _

from app.access import public
from app.caching import cacheable
from app.database import read_session
from app.draft_texts import LINK_TITLES, SOURCES, STAGE_TITLES
from app.i18n import format_number, localized
from app.roadmap_texts import AGENDA_TITLES
from app.roadmap_waiting import page_plan
from roadmap.budgets import Amounts, BudgetTotals, budget_totals, leverage, total_of
from roadmap.models import Milestone, Roadmap
from roadmap.roadmaps import as_value, get_roadmap, read_draft

blueprint = Blueprint("roadmap_budget", __name__, url_prefix="/roadmaps")


@dataclass(frozen=True, slots=True)
class MoneyBar:
    """A bar of a chart of money; ``length`` in percent of the longest one."""

    label: str
    amount: str
    length: float


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {
        "milestone_value": _milestone_value,
        "money_text": money_text,
        "money_bars": money_bars,
        "leverage_of": leverage,
        "leverage_text": leverage_text,
        "budget_total": total_of,
        "source_titles": SOURCES,
        "stage_titles": STAGE_TITLES,
        "link_titles": LINK_TITLES,
    }


@blueprint.get("/<slug>/budget")
@public
@cacheable
def show(slug: str) -> str:
    roadmap = get_roadmap(read_session(), slug=slug)
    totals = _totals(roadmap)
    areas = {area.code: localized(area.title) for area in roadmap.areas}
    return render_template(
        "roadmaps/budget.html",
        roadmap=roadmap,
        totals=totals,
        groups=[
            (_("By area"), _("Area"), _named(totals.by_area, areas)),
            (_("By agenda"), _("Agenda"), _named(totals.by_agenda, AGENDA_TITLES)),
            (_("By year"), _("Year"), [(str(year), each) for year, each in totals.by_year.items()]),
        ],
        sources=[source for source in SOURCES if source in totals.by_source],
    )


def money_text(amount: Decimal) -> str:
    """An amount in euros as the reader's language writes it; cents where there are any."""
    locale = get_locale() or Locale("en")
    pattern = locale.currency_formats["standard"].pattern
    if amount == amount.to_integral_value():
        pattern = pattern.replace(".00", "")
    return format_currency(amount, "EUR", pattern, locale=locale, currency_digits=False)


def money_bars(amounts: Mapping[Any, Decimal], titles: Mapping[Any, Any]) -> list[MoneyBar]:
    """One bar an entry."""
    most = max(amounts.values(), default=Decimal(0)) or Decimal(1)
    return [
        MoneyBar(str(titles.get(key, key)), money_text(each), round(float(each / most) * 100, 3))
        for key, each in amounts.items()
    ]


def leverage_text(ratio: Decimal) -> str:
    """How many euros of others come with one: 4.8."""
    return format_number(ratio.quantize(Decimal("0.1")))


def _milestone_value(milestone: Milestone) -> Any:
    return as_value(milestone)


def _named(groups: Mapping[str, Amounts], titles: Mapping[str, Any]) -> list[tuple[str, Amounts]]:
    return [(str(titles.get(code, code)), amounts) for code, amounts in groups.items()]


def _totals(roadmap: Roadmap) -> BudgetTotals:
    draft = read_draft(roadmap)
    if not any(each.budget for each in draft.milestones):
        return budget_totals(draft)
    dates = page_plan(roadmap).schedule.dates
    days = {code: (each.earliest_start, each.earliest_finish) for code, each in dates.items()}
    return budget_totals(draft, start=roadmap.start, days=days)
