"""From the years that people expect to durations a schedule can work with. Pure.

Optimistic, likely and pessimistic are P10, median and P90 of the years that people named. A year
means its end, a quarter the end of the quarter, a middle between two of them what lies between.
Where hidden numbers leave open which year it is, the earliest is taken for the optimistic one, the
latest for the pessimistic one, and the middle between the two for the likely one.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from fractions import Fraction

from roadmap.evidence.figures import Computation, possible_quantiles

FIGURES = ("p10", "median_year", "p90")


@dataclass(frozen=True, slots=True)
class YearEstimate:
    """When people expect something, and the last days by which it would be finished.

    ``years``: P10, median, P90; ``certain``: none of them was left open by hidden numbers; ``n``
    people named a year.
    """

    years: tuple[float, float, float]
    optimistic: date
    likely: date
    pessimistic: date
    n: int
    certain: bool


@dataclass(frozen=True, slots=True)
class ThreePoint:
    """Durations in days, none shorter than the one before."""

    optimistic_days: int
    likely_days: int
    pessimistic_days: int


def estimate_years(
    computations: Sequence[Computation], answered: int | None, counts: Sequence[int | None]
) -> YearEstimate | None:
    """The estimate that published counts give; None where it is not known how many named a year.

    ``computations``: those of ``FIGURES``, in this order.
    """
    spans = [possible_quantiles(each, answered, counts) for each in computations]
    known = [span for span in spans if span is not None]
    if len(known) < len(FIGURES):
        return None
    ends = [(values[0][0], values[-1][0]) for values, _ in known]
    years = (ends[0][0], (ends[1][0] + ends[1][1]) / 2, ends[2][1])
    by_quarter = any(value.denominator == 4 for _, value in computations[0].values)
    step = Fraction(1, 4) if by_quarter else Fraction(1)
    days = [_last_day(year, step) for year in years]
    return YearEstimate(
        (float(years[0]), float(years[1]), float(years[2])),
        days[0], days[1], days[2], known[0][1], all(low == high for low, high in ends),
    )  # fmt: skip


def suggest_durations(
    estimate: YearEstimate, *, start: date, earliest_start: int
) -> ThreePoint | None:
    """How long a milestone would take that starts ``earliest_start`` days after ``start`` and is
    finished when people expect it. None where most expect it before it can start."""
    first_day = start + timedelta(days=earliest_start)
    days = [
        (last - first_day).days + 1
        for last in (estimate.optimistic, estimate.likely, estimate.pessimistic)
    ]
    return ThreePoint(max(days[0], 0), days[1], days[2]) if days[1] > 0 else None


def _last_day(year: Fraction, step: Fraction) -> date:
    end = year + step
    whole = int(end)
    if end == whole or not 1 <= whole <= MAXYEAR:
        return date(min(max(whole - 1, 1), MAXYEAR), 12, 31)
    days = 366 if calendar.isleap(whole) else 365
    return date(whole, 1, 1) + timedelta(days=round((end - whole) * days) - 1)
