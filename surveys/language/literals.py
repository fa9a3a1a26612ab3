"""Values written as texts: numerals, days, quarters."""

import re
from datetime import date

# Beyond this, doubles no longer count in ones.
LARGEST_NUMBER = 10**15

_NUMERAL = re.compile(r"\s*[+-]?(?:[0-9]{1,15}(?:[.,][0-9]{0,15})?|[.,][0-9]{1,15})\s*", re.ASCII)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_QUARTER = re.compile(r"[1-9][0-9]{3}-Q[1-4]", re.ASCII)


def read_number(text: object) -> float | None:
    """The number a text says (a decimal point or comma, no exponent), or None."""
    if not isinstance(text, str) or not _NUMERAL.fullmatch(text):
        return None
    return float(text.replace(",", "."))


def read_date(value: object) -> date | None:
    """The day that an ISO 8601 calendar date (``2026-11-22``) says, or None."""
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def read_quarter(value: object) -> str | None:
    """``2028-Q3`` where that is what ``value`` says, or None."""
    return value if isinstance(value, str) and _QUARTER.fullmatch(value) else None
