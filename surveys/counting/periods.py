"""Years and quarters as options to count under. Pure.

What can be counted is fixed by the questionnaire alone, so that counts of any two sets of
responses, on any two instances, add up. Within the limits of a question every year (or quarter)
is an option, as long as that makes no more than ``MOST`` of them; else years are taken by ten or
by a hundred, and quarters by the year. Without limits it is the years 1950 to 2100, and those
before and after together.
"""

from collections.abc import Callable
from typing import Any

from core.text import LocalizedText
from surveys.language.literals import read_quarter
from surveys.questionnaire import Option, Question

MOST = 160
_FIRST, _LAST = 1950, 2100
EARLIER, LATER = "earlier", "later"


def period_options(question: Question) -> tuple[Option, ...]:
    """The options of a question for a year or a quarter, in the order of time."""
    low, high, step = _range(question)
    codes = [_code(start, step, high) for start in range(low, high + 1, step)]
    if _by_quarter(question):
        codes = [_quarter(number) for number in range(low, high + 1)]
    options = [Option(code, LocalizedText.of(_said(code))) for code in codes]
    if not _has_limits(question):
        ends = (f"before {low}", f"after {high}")
        first, last = (
            Option(code, LocalizedText.of(text))
            for code, text in zip((EARLIER, LATER), ends, strict=True)
        )
        options = [first, *options, last]
    return tuple(options)


def period_reader(question: Question) -> Callable[[Any], str | None]:
    """What gives for a year, or a quarter as text, the code of its option; None for no such."""
    low, high, step = _range(question)
    by_quarter, limits = _by_quarter(question), _has_limits(question)

    def read(value: Any) -> str | None:
        number = _number(question, value, by_quarter)
        if number is None:
            return None
        if not low <= number <= high:
            return None if limits else (EARLIER if number < low else LATER)
        if by_quarter:
            return _quarter(number)
        return _code(number - (number - low) % step, step, high)

    return read


def middle_of(code: str) -> float | None:
    """The year an option stands for, to compute with: a quarter's is its first day's, a range's
    its middle; None for what is before, after, or no time at all."""
    if read_quarter(code) is not None:
        return int(code[:4]) + (int(code[6]) - 1) / 4
    first, _, last = code.partition("-")
    if not first.isdecimal():
        return None
    return (int(first) + int(last or first)) / 2


def _range(question: Question) -> tuple[int, int, int]:
    """First and last year (or quarter, counted from the year 0), and how many to an option."""
    if _by_quarter(question):
        first = _quarter_number(question.minimum)
        last = _quarter_number(question.maximum)
        assert first is not None
        assert last is not None
        return first, last, 1
    low, high = _years(question)
    step = next(step for step in (1, 10, 100) if step == 100 or (high - low) < MOST * step)
    return low, high, step


def _years(question: Question) -> tuple[int, int]:
    ends = []
    for value, otherwise in ((question.minimum, _FIRST), (question.maximum, _LAST)):
        quarter = _quarter_number(value)
        if quarter is not None:
            ends.append(quarter // 4)
        elif isinstance(value, (int, float)):
            ends.append(int(value))
        else:
            ends.append(otherwise)
    # One limit alone may lie beyond where the years without limits begin or end.
    low, high = ends
    if low > high:
        low, high = (low, low + 50) if question.maximum is None else (high - 50, high)
    return low, high


def _has_limits(question: Question) -> bool:
    return question.minimum is not None and question.maximum is not None


def _by_quarter(question: Question) -> bool:
    first, last = _quarter_number(question.minimum), _quarter_number(question.maximum)
    return question.type == "quarter" and (
        first is not None and last is not None and 0 <= last - first < MOST
    )


def _number(question: Question, value: Any, by_quarter: bool) -> int | None:
    if question.type == "quarter":
        quarter = _quarter_number(value)
        return quarter if by_quarter or quarter is None else quarter // 4
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if abs(value) < 10_000 and value == int(value) else None


def _quarter_number(value: Any) -> int | None:
    text = read_quarter(value)
    return None if text is None else int(text[:4]) * 4 + int(text[6]) - 1


def _quarter(number: int) -> str:
    return f"{number // 4}-Q{number % 4 + 1}"


def _code(start: int, step: int, high: int) -> str:
    last = min(start + step - 1, high)
    return str(start) if step == 1 or last == start else f"{start}-{last}"


def _said(code: str) -> str:
    return code if "Q" in code else code.replace("-", "–")
