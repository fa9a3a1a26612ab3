"""Dates, numbers and labels as people write them in the language of a document."""

from datetime import date
from decimal import Decimal, InvalidOperation

from exports.labels import LABELS
from exports.names import COUNTRIES, RESPONDENT_TYPES

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_NARROW = "\N{NARROW NO-BREAK SPACE}"
_TYPE_CODES = {names["en"].lower(): code for code, names in RESPONDENT_TYPES.items()}
_HIDDEN = {"en": "hidden", "fr": "caché"}


class Wording:
    """The words of one language; ``language`` is English where no labels exist."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LABELS else "en"
        self._labels = LABELS[self.language]

    def label(self, key: str, **values: object) -> str:
        """The label, with its places filled."""
        return self._labels[key].format(**values)

    def knows(self, key: str) -> bool:
        """Whether there is such a label."""
        return key in self._labels

    @staticmethod
    def is_day(text: str) -> bool:
        """Whether ``text`` is a calendar day in ISO form."""
        try:
            return len(text) == 10 and text.isascii() and bool(date.fromisoformat(text))
        except ValueError:
            return False

    def counted(self, key: str, count: int) -> str:
        """A label with a number: ``key_one`` for exactly one (and zero in French), else ``key``."""
        singular = count == 1 or (count == 0 and self.language == "fr")
        return self.label(f"{key}_one" if singular else key, n=self.number(count))

    def date(self, day: date | str | None) -> str:
        """``22 November 2026``, ``1er janvier 2026``, day and month on one line; none is a dash."""
        if not day:
            return "–"
        moment = date.fromisoformat(day) if isinstance(day, str) else day
        ordinal = "1er" if self.language == "fr" and moment.day == 1 else str(moment.day)
        month = _MONTHS[self.language].split()[moment.month - 1]
        return f"{ordinal}\N{NO-BREAK SPACE}{month} {moment.year}"

    def number(self, value: int) -> str:
        """``12,345`` in English, ``12 345`` in French."""
        return f"{value:,}".replace(",", "," if self.language == "en" else _NARROW)

    def count(self, value: int | None) -> str:
        """A count, or what stands for a suppressed one."""
        return _HIDDEN[self.language] if value is None else self.number(value)

    def decimal(self, value: str | None) -> str:
        """A decimal given as a string, with the language's decimal sign; None is a dash."""
        if value is None or value == "":
            return "–"
        try:
            Decimal(value)
        except InvalidOperation:
            return value
        return value.replace("-", "−").replace(".", "." if self.language == "en" else ",")

    def percent(self, value: str | None) -> str:
        """``71.20 %``; None is a dash."""
        if value is None:
            return "–"
        return f"{self.decimal(value)}\N{NO-BREAK SPACE}%"

    def country(self, code: str) -> str:
        """The country's name, or what was given where it is not a code we know."""
        return COUNTRIES.get(code, {}).get(self.language, code)

    def respondent_type(self, name: str) -> str:
        """The label of a respondent type given as a code or by its English name."""
        code = _TYPE_CODES.get(name.lower(), name.lower())
        return RESPONDENT_TYPES.get(code, {}).get(self.language, name)
