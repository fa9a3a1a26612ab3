"""The calendar in bands: quarters, years, or so many years, of a drawing's width.

Pure. Days count from the roadmap's start.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MOST_BANDS = 60
# Below so many years, quarters tell more.
_SHORT_PLAN_YEARS = 4
# Months of a band, the finest first; the coarsest does for the whole calendar.
_STEPS = (3, 12, 24, 60, 120, 300, 600, 1200, 2400)
SCALES = ("quarter", "year")


@dataclass(frozen=True, slots=True)
class Band:
    """From day ``first`` (the first band: from the start) until the next band begins."""

    first: int
    label: str


def time_bands(start: date, last: int, *, scale: str = "") -> tuple[Band, ...]:
    """Bands from ``start`` to day ``last``, both included; never more than ``MOST_BANDS``.

    ``scale`` is one of ``SCALES``, or empty for what suits the length; where there would be too
    many bands, longer ones are made. A plan beyond the calendar is cut into bands of days.
    """
    last = max(last, 0)
    try:
        end = start + timedelta(days=last)
    except OverflowError:
        step = -(-(last + 1) // MOST_BANDS)
        return tuple(Band(day, f"+{day:,} d") for day in range(0, last + 1, step))
    finest = {"quarter": 3, "year": 12}.get(scale)
    if finest is None:
        finest = 3 if end.year - start.year < _SHORT_PLAN_YEARS else 12
    first_month, last_month = start.year * 12 + start.month - 1, end.year * 12 + end.month - 1
    months = next(
        step
        for step in _STEPS
        if step >= finest and last_month // step - first_month // step < MOST_BANDS
    )
    bands: list[Band] = []
    for number in range(first_month // months, last_month // months + 1):
        year, month = divmod(number * months, 12)
        day = 0 if not bands else (date(year, month + 1, 1) - start).days
        bands.append(Band(day, _label(max(year, 1), month, months)))
    return tuple(bands)


def band_of(bands: Sequence[Band], day: int) -> int:
    """The position of the band in which ``day`` lies; what lies before is in the first."""
    return max(0, bisect_right(bands, day, key=lambda band: band.first) - 1)


def _label(year: int, month: int, months: int) -> str:
    if months < 12:
        return f"{year} Q{month // 3 + 1}"
    return str(year) if months == 12 else f"{year}–{year + months // 12 - 1}"
