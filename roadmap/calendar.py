"""Dates and quarters: a window may be given as 2027-Q3 wherever a date may be given. Pure.

A quarter stands for its first day where something starts and for its last day where it ends.
"""

import re
from datetime import date, timedelta

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII | re.IGNORECASE)
EXPECTED = "a date such as 2026-01-31 or a quarter such as 2026-Q1"
# The fields of a milestone that are dates, and whether a quarter stands for its last day there.
ENDS = {"not_before": False, "fixed_start": False, "finish_by": True}


def read_date(text: str, *, end: bool = False) -> date | None:
    """The day that ``2027-08-31`` or ``2027-Q3`` names; ``None`` for anything else.

    A quarter is its first day, or with ``end`` its last one.
    """
    if match := _QUARTER.fullmatch(text):
        if match[1] == "0000":
            return None
        first, last = quarter_days(int(match[1]), int(match[2]))
        return last if end else first
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def quarter_days(year: int, quarter: int) -> tuple[date, date]:
    """First and last day of a quarter from 1 to 4."""
    first = date(year, 3 * quarter - 2, 1)
    if quarter == 4:
        return first, date(year, 12, 31)
    return first, date(year, 3 * quarter + 1, 1) - timedelta(days=1)


def quarter_of(day: date) -> str:
    """The quarter that ``day`` lies in: ``2027-Q3``."""
    return f"{day.year:04d}-Q{(day.month + 2) // 3}"
