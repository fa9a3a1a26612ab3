"""What the functions of the expression language compute from the values of their arguments.

None is "unanswered" throughout; see ``surveys.language.evaluation``.
"""

import math
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from surveys.language.expressions import Expression, Literal
from surveys.language.literals import read_number
from surveys.language.patterns import compile_pattern
from surveys.language.saying import Day, Quarter

Compute = Callable[..., Any]


def compute_number(compute: Callable[[], float]) -> float | None:
    """The result where it is a finite number, to ten decimals: 0.1 + 0.2 is 0.3."""
    try:
        result = compute()
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return round(result, 10) if math.isfinite(result) else None


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in _numbers(inner)]
    return [value] if isinstance(value, float) else []


def _sum(*values: Any) -> float | None:
    return compute_number(
        lambda: math.fsum(number for value in values for number in _numbers(value))
    )


def _extreme(choose: Callable[[list[Any]], Any]) -> Compute:
    """Of numbers, whole matrices of them, days or quarters."""

    def compute(*values: Any) -> Any:
        texts = [value for value in values if isinstance(value, str)]
        if texts:
            kind = Quarter if "Q" in texts[0] else Day
            return kind(choose(texts))
        numbers = [number for value in values for number in _numbers(value)]
        return choose(numbers) if numbers else None

    return compute


def _on_number(function: Callable[[float], float]) -> Compute:
    return lambda number: None if number is None else float(function(number))


def _where_defined(function: Callable[..., float]) -> Compute:
    """None where a number is missing, or where there is no such value: the root of -1."""

    def compute(*numbers: float | None) -> float | None:
        if any(number is None for number in numbers):
            return None
        return compute_number(lambda: function(*numbers))

    return compute


def _round(digits: int) -> Compute:
    """To the nearest, halves away from zero as people expect: 2.5 is 3, 1.005 is 1.01."""
    step = Decimal(1).scaleb(-digits)

    def compute(number: float | None, _digits: Any = None) -> float | None:
        if number is None:
            return None
        if abs(number) >= 2**53:
            return number  # it has no decimals
        return float(Decimal(repr(number)).quantize(step, ROUND_HALF_UP)) + 0.0

    return compute


def _length(text: Any) -> float:
    return float(len(text)) if isinstance(text, str) else 0.0


def _on_text(function: Callable[[str], Any]) -> Compute:
    return lambda text: function(text) if isinstance(text, str) else None


def _on_texts(function: Callable[[str, str], bool]) -> Compute:
    return lambda text, part: (
        isinstance(text, str) and isinstance(part, str) and function(text, part)
    )


def _matches(arguments: tuple[Expression, ...]) -> Compute:
    pattern = arguments[1]
    assert isinstance(pattern, Literal)
    found = compile_pattern(str(pattern.value))
    return lambda text, _pattern: isinstance(text, str) and found(text)


def _rank(places: Any, option: Any) -> float | None:
    """The place from 1; None where it was given none."""
    if not isinstance(places, tuple) or option not in places:
        return None
    return float(places.index(option) + 1)


def _days(first: str | None, last: str | None) -> float | None:
    if first is None or last is None:
        return None
    return float((date.fromisoformat(last) - date.fromisoformat(first)).days)


def _same(compute: Compute) -> Callable[[tuple[Expression, ...]], Compute]:
    """For what computes the same however its arguments are written."""
    return lambda arguments: compute


def _rounding(arguments: tuple[Expression, ...]) -> Compute:
    digits = arguments[1] if len(arguments) > 1 else Literal(0)
    assert isinstance(digits, Literal)
    return _round(int(digits.value))


COMPUTED: dict[str, Callable[[tuple[Expression, ...]], Compute]] = {
    "abs": _same(_on_number(abs)),
    "ceil": _same(_on_number(math.ceil)),
    "contains": _same(_on_texts(lambda text, part: part in text)),
    "days": _same(_days),
    "exp": _same(_where_defined(math.exp)),
    "floor": _same(_on_number(math.floor)),
    "length": _same(_length),
    "log": _same(_where_defined(math.log)),
    "lower": _same(_on_text(str.lower)),
    "matches": _matches,
    "max": _same(_extreme(max)),
    "min": _same(_extreme(min)),
    "number": _same(read_number),
    "power": _same(_where_defined(math.pow)),
    "rank": _same(_rank),
    "round": _rounding,
    "sqrt": _same(_where_defined(math.sqrt)),
    "starts_with": _same(_on_texts(str.startswith)),
    "sum": _same(_sum),
    "upper": _same(_on_text(str.upper)),
    "year": _same(_on_text(lambda text: float(text[:4]))),
}
"""By name, from the arguments as written to a function of their values."""
