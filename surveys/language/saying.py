"""How a value is written into a text, as a person would write it."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton


class Day(str):
    """An ISO date: compares as dates do, and is said as a person writes a date."""

    __slots__ = ()


class Quarter(str):
    """A quarter such as ``2028-Q3``, which compares as quarters do."""

    __slots__ = ()


def say(value: Any, language: str) -> str:
    """``value`` (see ``surveys.language.evaluation.Value``) in words; nothing for None.

    Numbers plainly ("3", "3.5"), days and quarters as they are written in ``language``, lists
    joined by ", ".
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return say_number(value)
    if isinstance(value, (Day, Quarter)):
        return _say_calendar(value, language)
    if isinstance(value, tuple):
        return ", ".join(say(entry, language) for entry in value)
    return str(value)


def say_number(number: float) -> str:
    """A number plainly: no exponent, no needless decimals, a decimal point."""
    return format(int(number), "d") if number == int(number) else format(
        Decimal(repr(number)), "f"
    )  # fmt: skip


@lru_cache(maxsize=2048)
def _say_calendar(value: Day | Quarter, language: str) -> str:
    locale = _locale(language)
    if locale is None:
        return str(value)
    if isinstance(value, Day):
        return format_date(date.fromisoformat(value), format="long", locale=locale)
    first_month = 3 * int(value[-1]) - 2
    return format_skeleton("yQQQ", date(int(value[:4]), first_month, 1), locale=locale)


# English here is European English: 22 November 2026, not November 22, 2026.
_VARIETIES = {"en": "en-GB"}


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale | None:
    for tag in (_VARIETIES.get(language, language), language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return None
