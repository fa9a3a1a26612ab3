"""Whether the fields of a milestone and of a dependency may be as they are given. Pure.

One table for forms, scenarios and everything else that changes a draft piece by piece; files are
read with their lines and columns in ``roadmap.formats``, by the same limits.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from core.text import LANGUAGES, LocalizedText, clean_text
from roadmap.draft import (
    AGENDAS,
    LINK_KINDS,
    STAGES,
    BudgetSource,
    DraftMilestone,
    Kpi,
    Link,
)
from roadmap.errors import InvalidDraft
from roadmap.planning.network import Kind, Ruling

LONGEST = 36_525  # a century, in days
# A code is part of an address.
CODE = re.compile(r"(?!\.+$)[^\x00-\x1f\x7f-\x9f\u2028\u2029/\\>]{1,64}")
# 15 digits are what every reader of JSON numbers keeps.
DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
AMOUNT = re.compile(r"\d{1,13}(\.\d{1,2})?", re.ASCII)
DUE = re.compile(r"\d{4}(-Q[1-4]|-\d{2}-\d{2})?", re.ASCII)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]{3,500}")
MOST_ENTRIES = 100


def clean_code(value: str, *, where: str = "code") -> str:
    """A code that can name a milestone, an area, a chapter. Raises ``InvalidDraft``."""
    code = clean_text(value.strip(), where=where, maximum=64)
    if not CODE.fullmatch(code):
        raise InvalidDraft(
            where=where, reason="expected a code of 1 to 64 characters without / \\ >"
        )
    return code


def clean_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` by field of ``DraftMilestone``, each cleaned. Raises ``InvalidDraft``.

    ``area`` is only checked to be a code; whether it exists is for the caller.
    """
    unknown = sorted(set(values) - set(CHECKS))
    if unknown:
        raise InvalidDraft(where=unknown[0], reason=f"expected one of {', '.join(CHECKS)}")
    return {field: CHECKS[field](field, value) for field, value in values.items()}


def check_together(milestone: DraftMilestone, *, start: date | None) -> None:
    """What one field says about another. Raises ``InvalidDraft``; ``start`` is day 0, if known."""
    for field in ("not_before", "fixed_start", "finish_by"):
        value = getattr(milestone, field)
        if start is not None and value is not None and value < start:
            raise InvalidDraft(where=field, reason=f"is before the roadmap's start on {start}")
    if milestone.trl_from and milestone.trl_to and milestone.trl_from > milestone.trl_to:
        raise InvalidDraft(where="trl_to", reason=f"expected {milestone.trl_from} or more")
    for earlier, later in (("not_before", "fixed_start"), ("not_before", "finish_by"),
                           ("fixed_start", "finish_by")):  # fmt: skip
        first, last = getattr(milestone, earlier), getattr(milestone, later)
        if first and last and first > last:
            raise InvalidDraft(where=later, reason=f"expected {first} ({earlier}) or later")
    names = ("optimistic_days", "likely_days", "pessimistic_days")
    given = [(name, getattr(milestone, name)) for name in names]
    known = [(name, value) for name, value in given if value is not None]
    for (name, value), (next_name, next_value) in pairwise(known):
        if value > next_value:
            raise InvalidDraft(where=next_name, reason=f"expected {value} ({name}) or more")


def clean_kind(value: str) -> Kind:
    if value not in list(Kind):
        raise InvalidDraft(where="kind", reason=f"expected one of {', '.join(Kind)}")
    return Kind(value)


def clean_lag(value: int) -> int:
    if abs(value) > LONGEST:
        raise InvalidDraft(where="lag_days", reason=f"expected at most {LONGEST:,} days")
    return value


def clean_support(value: Decimal) -> Decimal:
    if not value.is_finite() or value < 0:
        raise InvalidDraft(where="support", reason="expected a number, zero or more")
    if value >= 10**9 or int(value.as_tuple().exponent) < -6:
        reason = "expected at most 9 digits before the point and 6 after it"
        raise InvalidDraft(where="support", reason=reason)
    return value


def clean_ruling(value: str) -> Ruling:
    if value not in list(Ruling):
        raise InvalidDraft(where="ruling", reason="expected keep, suspend or nothing")
    return Ruling(value)


def clean_localized(field: str, value: Mapping[str, str], *, maximum: int) -> LocalizedText:
    """Texts by language, empty ones left out. Raises ``InvalidDraft``, ``InvalidInput``."""
    cleaned = {}
    for language, text in value.items():
        if language not in LANGUAGES:
            reason = f"{language!r} is not the code of an official EU language"
            raise InvalidDraft(where=field, reason=reason)
        words = clean_text(text.strip(), where=f"{field} ({language})", maximum=maximum)
        if words:
            cleaned[language] = words
    fallback = value.fallback if isinstance(value, LocalizedText) else None
    return LocalizedText(cleaned, fallback)


def _title(field: str, value: Mapping[str, str]) -> LocalizedText:
    title = clean_localized(field, value, maximum=300)
    if not title:
        raise InvalidDraft(where=field, reason="expected a title in at least one language")
    return title


def _choice(choices: Collection[str], *, empty: bool = False) -> Callable[[str, Any], str]:
    def check(field: str, value: Any) -> str:
        if value in choices or (empty and value == ""):
            return str(value)
        raise InvalidDraft(where=field, reason=f"expected one of {', '.join(choices)}")

    return check


def _days(field: str, value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LONGEST:
        raise InvalidDraft(where=field, reason=f"expected a whole number from 0 to {LONGEST:,}")
    return value


def _days_or_none(field: str, value: Any) -> int | None:
    return None if value is None else _days(field, value)


def _date(field: str, value: Any) -> date | None:
    if value is None or type(value) is date:
        return value
    raise InvalidDraft(where=field, reason="expected a date")


def _trl(field: str, value: Any) -> int | None:
    if value is not None and (type(value) is not int or not 1 <= value <= 9):
        raise InvalidDraft(where=field, reason="expected a technology readiness level from 1 to 9")
    return value


def _line(field: str, value: Any) -> str:
    return clean_text(str(value).strip(), where=field, maximum=200)


def _lines(field: str, value: Sequence[str]) -> tuple[str, ...]:
    """Names, each once and in the order given, empty ones left out."""
    _check_number(field, value)
    return tuple(dict.fromkeys(line for each in value if (line := _line(field, each))))


def _kpis(field: str, value: Sequence[Kpi]) -> tuple[Kpi, ...]:
    _check_number(field, value)
    return tuple(_kpi(f"{field}.{number}", kpi) for number, kpi in enumerate(value, start=1))


def _kpi(where: str, kpi: Kpi) -> Kpi:
    name = clean_localized(f"{where}.name", kpi.name, maximum=300)
    if not name:
        raise InvalidDraft(where=f"{where}.name", reason="expected what is measured")
    for field in ("baseline", "target"):
        number = getattr(kpi, field)
        if not DECIMAL.fullmatch(number) and (number or field == "target"):
            reason = "expected a number such as 12 or 0.5"
            raise InvalidDraft(where=f"{where}.{field}", reason=reason)
    if kpi.due and not is_due(kpi.due):
        reason = "expected a date, a quarter or a year: 2028-12-31, 2028-Q4 or 2028"
        raise InvalidDraft(where=f"{where}.due", reason=reason)
    unit = clean_text(kpi.unit.strip(), where=f"{where}.unit", maximum=40)
    return Kpi(name, kpi.target, kpi.baseline, unit, kpi.due)


def is_due(text: str) -> bool:
    """Whether ``text`` is a date, a quarter or a year."""
    if not DUE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if len(text) == 10 else f"{text[:4]}-01-01")
    except ValueError:
        return False
    return True


def _budget(field: str, value: Mapping[Any, Any]) -> dict[BudgetSource, Decimal]:
    """Amounts in euros; a source without one is left out. Zero is an amount."""
    cleaned = {}
    for source, amount in value.items():
        if source not in list(BudgetSource):
            reason = f"expected one of {', '.join(BudgetSource)}"
            raise InvalidDraft(where=f"{field}.{source}", reason=reason)
        try:
            text = format(Decimal(amount), "f")
        except (InvalidOperation, TypeError, ValueError):
            text = ""
        if not AMOUNT.fullmatch(text):
            reason = "expected an amount in euros such as 1500000 or 1500000.50"
            raise InvalidDraft(where=f"{field}.{source}", reason=reason)
        cleaned[BudgetSource(source)] = Decimal(text)
    return {source: cleaned[source] for source in BudgetSource if source in cleaned}


def _links(field: str, value: Sequence[Link]) -> tuple[Link, ...]:
    _check_number(field, value)
    links = []
    for number, link in enumerate(value, start=1):
        where = f"{field}.{number}"
        if link.kind not in LINK_KINDS:
            reason = f"expected one of {', '.join(LINK_KINDS)}"
            raise InvalidDraft(where=f"{where}.kind", reason=reason)
        name = _line(f"{where}.name", link.name)
        if not name:
            raise InvalidDraft(where=f"{where}.name", reason="expected a name")
        if link.url and not _WEB_ADDRESS.fullmatch(link.url):
            reason = "expected a web address that begins with https:// or http://"
            raise InvalidDraft(where=f"{where}.url", reason=reason)
        links.append(Link(link.kind, name, link.url))
    return tuple(links)


def _check_number(field: str, value: Sequence[Any]) -> None:
    if len(value) > MOST_ENTRIES:
        raise InvalidDraft(where=field, reason=f"expected at most {MOST_ENTRIES} entries")


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "title": _title,
    "description": lambda field, value: clean_localized(field, value, maximum=20_000),
    "agenda": _choice(AGENDAS),
    "area": lambda field, value: clean_text(str(value).strip(), where=field, maximum=80),
    "duration_days": _days,
    "optimistic_days": _days_or_none,
    "likely_days": _days_or_none,
    "pessimistic_days": _days_or_none,
    "not_before": _date,
    "fixed_start": _date,
    "finish_by": _date,
    "lead": _line,
    "trl_from": _trl,
    "trl_to": _trl,
    "stage": _choice(STAGES, empty=True),
    "kpis": _kpis,
    "budget": _budget,
    "participants": _lines,
    "themes": _lines,
    "links": _links,
    "standards": _lines,
    "spectrum": _lines,
}
"""Fields of a milestone that can be changed, and how each is cleaned."""
