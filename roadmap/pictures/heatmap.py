"""Areas × years: how much runs, finishes or costs, and how little slack is left. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from math import ceil

from roadmap.pictures.layout import nested_areas

# Shades from 1 (little) to this (much); 0 is an empty cell.
SHADES = 5
_MOST_COLUMNS = 40


class Measure(StrEnum):
    """What the cells say."""

    RUNNING = "running"  # milestones on which work goes on at some time of the year
    FINISHING = "finishing"  # milestones that finish in the year
    BUDGET = "budget"  # euros, spread evenly over the days of each milestone
    SLACK = "slack"  # days, the least of all that run in the year


@dataclass(frozen=True, slots=True)
class HeatMilestone:
    """A milestone as the map sees it; days count from the start, ``budget`` in euros."""

    area: str
    earliest_start: int
    earliest_finish: int
    total_slack: int
    budget: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class HeatCell:
    """``value`` is None where there is nothing to say; ``shade`` is 0 to ``SHADES``."""

    value: int | Decimal | None
    shade: int


@dataclass(frozen=True, slots=True)
class HeatRow:
    """An area with all its parts; ``level`` is 0 for an area, 1 for a part of one."""

    area: str
    title: str
    level: int
    cells: tuple[HeatCell, ...]
    total: int | Decimal | None


@dataclass(frozen=True, slots=True)
class HeatMap:
    """``years`` are (first, last) of each column. ``totals`` is about all areas together."""

    measure: Measure
    years: tuple[tuple[int, int], ...]
    rows: tuple[HeatRow, ...]
    totals: HeatRow


def heat_map(
    milestones: Sequence[HeatMilestone],
    areas: Sequence[tuple[str, str]],
    *,
    start: date,
    measure: Measure,
    parents: Mapping[str, str] | None = None,
) -> HeatMap:
    """One row an area (its parts counted in it), one column a year, or several of a long plan.

    What lies beyond the calendar's last year is left out. In the totals of a row a milestone
    counts once, in however many years it runs.
    """
    parents = parents or {}
    titles = dict(areas)
    for code in sorted({each.area for each in milestones} - titles.keys()):
        titles[code] = code
    columns = _columns(milestones, start)
    tree = nested_areas(tuple(titles), parents)
    inside = {
        code: [each for each in milestones if code in _way_up(each.area, parents)]
        for code, _ in tree
    }
    values = {
        code: [_value(mine, measure, first, last) for first, last in columns.values()]
        for code, mine in inside.items()
    }
    known = [value for row in values.values() for value in row if value is not None]
    rows = tuple(
        HeatRow(
            code,
            titles[code],
            level,
            tuple(_cell(value, known, measure) for value in values[code]),
            _total(inside[code], measure),
        )
        for code, level in tree
        if inside[code]
    )
    together = [_value(milestones, measure, first, last) for first, last in columns.values()]
    totals = HeatRow(
        "", "", 0, tuple(HeatCell(value, 0) for value in together), _total(milestones, measure)
    )
    return HeatMap(measure, tuple(columns), rows, totals)


def _way_up(area: str, parents: Mapping[str, str]) -> Iterator[str]:
    """The area and all it is a part of."""
    seen: set[str] = set()
    while area and area not in seen:
        seen.add(area)
        yield area
        area = parents.get(area, "")


def _columns(
    milestones: Sequence[HeatMilestone], start: date
) -> dict[tuple[int, int], tuple[int, int]]:
    """(first year, last year) → (first day, last day) of each column, empty for no milestones."""
    if not milestones:
        return {}
    first = start.year
    last_day = max(each.earliest_finish for each in milestones)
    try:
        last = (start + timedelta(days=last_day)).year
    except OverflowError:
        last = date.max.year
    step = next(
        step for step in (1, 2, 5, 10, 25, 50, 100, 250) if (last - first) // step < _MOST_COLUMNS
    )
    found = {}
    for year in range(first, last + 1, step):
        until = min(year + step - 1, last)
        found[year, until] = (
            (date(year, 1, 1) - start).days,
            (date(until, 12, 31) - start).days,
        )
    return found


def _value(
    milestones: Sequence[HeatMilestone], measure: Measure, first: int, last: int
) -> int | Decimal | None:
    if measure == Measure.FINISHING:
        return sum(first <= each.earliest_finish <= last for each in milestones) or None
    running = [each for each in milestones if _days_in(each, first, last)]
    if measure == Measure.RUNNING:
        return len(running) or None
    if measure == Measure.SLACK:
        return min((each.total_slack for each in running), default=None)
    spent = sum((each.budget * _days_in(each, first, last) / _days(each) for each in running),
                Decimal(0))  # fmt: skip
    return spent.quantize(Decimal(1)) or None


def _days(milestone: HeatMilestone) -> int:
    """How many days it runs; a moment is one day."""
    return max(milestone.earliest_finish - milestone.earliest_start, 1)


def _days_in(milestone: HeatMilestone, first: int, last: int) -> int:
    """On how many of its days from ``first`` to ``last`` it runs."""
    end = milestone.earliest_start + _days(milestone)  # the first day without
    return max(0, min(end, last + 1) - max(milestone.earliest_start, first))


def _total(milestones: Sequence[HeatMilestone], measure: Measure) -> int | Decimal | None:
    if measure == Measure.SLACK:
        return min((each.total_slack for each in milestones), default=None)
    if measure == Measure.BUDGET:
        return sum((each.budget for each in milestones), Decimal(0)) or None
    return len(milestones) or None


def _cell(
    value: int | Decimal | None, known: Sequence[int | Decimal], measure: Measure
) -> HeatCell:
    """The shade by the value's share of the largest; of slack, the less the darker."""
    if value is None:
        return HeatCell(None, 0)
    most = max(known)
    share = Decimal(value) / Decimal(most) if most else Decimal(0)
    if measure == Measure.SLACK:
        share = 1 - share
    return HeatCell(value, max(1, min(SHADES, ceil(share * SHADES))))
