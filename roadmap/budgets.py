"""Sums of money: by source, area, agenda and year, and what the Union's euro moves. Pure.

Leverage is what the partners and member states bring for each euro that the Union contributes to
the partnership:

    leverage = (member_states + industry_cash + industry_in_kind) / eu

The founding factsheet of Smart Networks and Services expects about 5. CEF, InvestEU and Digital
Europe are the Union's money as well, but not its contribution to the partnership: they stand in
neither term, and in the denominator of ``union_leverage``.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from roadmap.draft import BudgetSource as Source
from roadmap.draft import Draft, DraftMilestone

Amounts = Mapping[Source, Decimal]

PARTNERS = (Source.MEMBER_STATES, Source.INDUSTRY_CASH, Source.INDUSTRY_IN_KIND)
UNION = (Source.EU, Source.CEF, Source.INVESTEU, Source.DIGITAL_EUROPE)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class BudgetTotals:
    """Sums in euros, exact to the cent. ``by_year`` is there where dates were given."""

    milestones: int  # how many have a budget
    by_source: Amounts
    by_area: Mapping[str, Amounts]
    by_agenda: Mapping[str, Amounts]
    by_year: Mapping[int, Amounts]

    @property
    def total(self) -> Decimal:
        return total_of(self.by_source)

    @property
    def leverage(self) -> Decimal | None:
        return leverage(self.by_source)

    @property
    def union_leverage(self) -> Decimal | None:
        return union_leverage(self.by_source)


def total_of(amounts: Amounts) -> Decimal:
    """All sources together."""
    return sum(amounts.values(), Decimal(0))


def leverage(amounts: Amounts) -> Decimal | None:
    """What partners bring for each euro of the Union's contribution; ``None`` without one."""
    return _ratio(amounts, (Source.EU,))


def union_leverage(amounts: Amounts) -> Decimal | None:
    """The same for each euro of all Union money, its other programmes included."""
    return _ratio(amounts, UNION)


def budget_totals(
    draft: Draft, *, start: date | None = None, days: Mapping[str, tuple[int, int]] | None = None
) -> BudgetTotals:
    """Sums over ``draft``; by year as well where ``days`` gives when each milestone runs.

    ``days`` is, by code, the first day and the day after the last one, counted from ``start``.
    Money is spread evenly over the days that a milestone takes; one without any spends all on its
    day. Cents that do not divide go to the years with the largest remainders, the earlier first,
    so that the years add up exactly.
    """
    funded = [each for each in draft.milestones if each.budget]
    by_year: dict[int, dict[Source, Decimal]] = defaultdict(dict)
    if days is not None and start is not None:
        for milestone in funded:
            lengths = _days_by_year(start, *days[milestone.code])
            for source, amount in milestone.budget.items():
                for year, part in _spread(amount, lengths).items():
                    by_year[year][source] = by_year[year].get(source, Decimal(0)) + part
    return BudgetTotals(
        milestones=len(funded),
        by_source=_add_up(each.budget for each in funded),
        by_area=_grouped(funded, lambda each: each.area, draft.areas),
        by_agenda=_grouped(funded, lambda each: each.agenda, ("SRIA", "SDA")),
        by_year={year: _in_order(by_year[year]) for year in sorted(by_year)},
    )


def _ratio(amounts: Amounts, denominator: tuple[Source, ...]) -> Decimal | None:
    union = sum((amounts.get(source, Decimal(0)) for source in denominator), Decimal(0))
    if not union:
        return None
    return sum((amounts.get(source, Decimal(0)) for source in PARTNERS), Decimal(0)) / union


def _add_up(budgets: Iterable[Amounts]) -> dict[Source, Decimal]:
    sums: dict[Source, Decimal] = {}
    for budget in budgets:
        for source, amount in budget.items():
            sums[source] = sums.get(source, Decimal(0)) + amount
    return _in_order(sums)


def _in_order(amounts: Amounts) -> dict[Source, Decimal]:
    return {source: amounts[source] for source in Source if source in amounts}


def _grouped(
    funded: list[DraftMilestone], key: Callable[[DraftMilestone], str], order: Iterable[str]
) -> dict[str, Amounts]:
    groups: dict[str, list[Amounts]] = {}
    for milestone in funded:
        groups.setdefault(key(milestone), []).append(milestone.budget)
    return {name: _add_up(groups[name]) for name in order if name in groups}


def _days_by_year(start: date, first: int, end: int) -> dict[int, int]:
    """How many of the days from ``first`` to before ``end`` lie in each year."""
    end = max(end, first + 1)
    lengths: dict[int, int] = {}
    while first < end:
        try:
            day = start + timedelta(days=first)
        except OverflowError:  # beyond the calendar: all that is left in its last year
            lengths[date.max.year] = lengths.get(date.max.year, 0) + end - first
            break
        left = (date(day.year, 12, 31) - day).days + 1
        lengths[day.year] = min(left, end - first)
        first += left
    return lengths


def _spread(amount: Decimal, lengths: Mapping[int, int]) -> dict[int, Decimal]:
    """``amount`` in proportion to ``lengths``, in whole cents that add up to it."""
    total = sum(lengths.values())
    cents = int(amount / _CENT)
    shares = {year: divmod(cents * length, total) for year, length in lengths.items()}
    left = cents - sum(whole for whole, _ in shares.values())
    favoured = sorted(shares, key=lambda year: (-shares[year][1], year))[:left]
    return {
        year: (whole + (year in favoured)) * _CENT
        for year, (whole, _) in shares.items()
        if whole or year in favoured
    }
