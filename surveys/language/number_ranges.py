"""Between which numbers the value of an expression lies, whatever valid answers are given.

Always wide enough: what is not known is unbounded. Days and quarters are counted as whole numbers.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

from surveys.language.evaluation import LARGEST_NUMBER, read_date, read_number, read_quarter
from surveys.language.expressions import Arithmetic, Call, Expression, Literal, Negative, Reference
from surveys.questionnaire import PRIORITY_LEVELS, Question

# Calculations that lean on each other are followed this far.
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included; ``whole``: only whole numbers."""

    low: float = -math.inf
    high: float = math.inf
    whole: bool = False

    def __str__(self) -> str:
        if math.isinf(self.low) and math.isinf(self.high):
            return "any number"
        if math.isinf(self.high):
            return f"at least {self.low:g}"
        if math.isinf(self.low):
            return f"at most {self.high:g}"
        return f"{self.low:g} to {self.high:g}"


ANY = Range()


def around(ranges: Iterable[Range]) -> Range:
    """The narrowest range that holds all of ``ranges``."""
    parts = list(ranges)
    if not parts:
        return ANY
    return Range(
        min(part.low for part in parts),
        max(part.high for part in parts),
        all(part.whole for part in parts),
    )


def calendar_number(value: object) -> float | None:
    """A day, as a date or ISO text, or a quarter as a number that counts them; None if neither."""
    if isinstance(value, date):
        return float(value.toordinal())
    day = read_date(value)
    if day is not None:
        return float(day.toordinal())
    quarter = read_quarter(value)
    return None if quarter is None else 4.0 * int(quarter[:4]) + int(quarter[-1])


class Ranges:
    """Ranges of the expressions of one questionnaire."""

    def __init__(self, questions: Mapping[str, Question]) -> None:
        self.questions = questions
        self._calculated: dict[str, Range] = {}

    def of(self, node: Expression, depth: int = 0) -> Range:
        """The range of what ``node`` gives where it gives a number, a day or a quarter."""
        if depth > _MAX_DEPTH:
            return ANY
        match node:
            case Literal(bool()):
                return ANY
            case Literal(str() as text):
                number = calendar_number(text)
                return ANY if number is None else Range(number, number, True)
            case Literal(number):
                return Range(float(number), float(number), float(number).is_integer())
            case Reference():
                return self._reference(node, depth)
            case Negative(operand):
                inner = self.of(operand, depth + 1)
                return Range(-inner.high, -inner.low, inner.whole)
            case Arithmetic(operator, left, right):
                return _combined(operator, self.of(left, depth + 1), self.of(right, depth + 1))
            case Call():
                return self._call(node, depth)
            case _:
                return ANY

    def _reference(self, node: Reference, depth: int) -> Range:
        question = self.questions.get(node.name)
        if question is None:
            return ANY
        match question.type:
            case "calculation":
                if question.code not in self._calculated and question.value is not None:
                    self._calculated[question.code] = self.of(question.value, depth + 1)
                return self._calculated.get(question.code, ANY)
            case "milestone_priorities":
                return Range(float(PRIORITY_LEVELS[0]), float(PRIORITY_LEVELS[-1]), True)
            case "points":
                return Range(0.0, math.inf, True)
            case "number" | "rating" | "year" | "date" | "quarter" | "matrix":
                low = _limit(question.minimum, -math.inf)
                high = _limit(question.maximum, math.inf)
                if question.type in ("number", "matrix"):
                    low, high = max(low, -LARGEST_NUMBER), min(high, LARGEST_NUMBER)
                return Range(low, high, question.whole or question.type not in ("number", "matrix"))
            case _:
                return ANY

    def _call(self, node: Call, depth: int) -> Range:
        arguments = node.arguments
        match node.function:
            case "count":
                return _sum(Range(0.0, self._most(argument), True) for argument in arguments)
            case "length":
                return Range(0.0, math.inf, True)
            case "sum":
                return _sum(self._summand(argument, depth) for argument in arguments)
            case "min" | "max":
                return around(self.of(argument, depth + 1) for argument in arguments)
            case "if":
                return around(self.of(argument, depth + 1) for argument in arguments[1:])
            case "abs":
                inner = self.of(arguments[0], depth + 1)
                low = 0.0 if inner.low <= 0 <= inner.high else min(abs(inner.low), abs(inner.high))
                return Range(low, max(abs(inner.low), abs(inner.high)), inner.whole)
            case "round" | "floor" | "ceil":
                inner = self.of(arguments[0], depth + 1)
                return Range(inner.low - 1, inner.high + 1, len(arguments) == 1)
            case "number":
                return self._read(arguments[0])
            case "rank":
                return Range(1.0, self._most(arguments[0]), True)
            case "spent":
                return Range(0.0, math.inf)
            case "year":
                return Range(1.0, 9999.0, True)
            case "days" | "today":
                return Range(whole=True)
            case _:
                return ANY

    def _summand(self, argument: Expression, depth: int) -> Range:
        """What is not answered adds nothing, and a matrix adds any number of cells."""
        inner = around([self.of(argument, depth + 1), Range(0.0, 0.0, True)])
        if self._is_single(argument):
            return inner
        return Range(
            0.0 if inner.low >= 0 else -math.inf, 0.0 if inner.high <= 0 else math.inf, inner.whole
        )

    def _is_single(self, argument: Expression) -> bool:
        if not isinstance(argument, Reference):
            return True
        question = self.questions.get(argument.name)
        return question is not None and question.type in _SINGLE_NUMBERS

    def _most(self, argument: Expression) -> float:
        """How many there can be to count in ``argument``."""
        if not isinstance(argument, Reference):
            return 1.0  # a condition
        question = self.questions.get(argument.name)
        if question is None:
            return 1.0  # the text beside "other"
        if argument.row is None and question.type in ("multiple_choice", "ranking", "budget"):
            most = len(question.all_options)
            return float(most if question.max_choices is None else min(most, question.max_choices))
        return 1.0 if question.type in _SINGLE_NUMBERS or question.type in _SINGLE else math.inf

    def _read(self, argument: Expression) -> Range:
        """The numbers that the codes of options say."""
        question = self.questions.get(argument.name) if isinstance(argument, Reference) else None
        if question is None or question.type != "single_choice":
            return ANY
        numbers = [read_number(option.code) for option in question.all_options]
        known = [number for number in numbers if number is not None]
        if not known:
            return ANY
        return Range(min(known), max(known), all(number.is_integer() for number in known))


_SINGLE_NUMBERS = frozenset({"number", "rating", "year", "calculation"})
_SINGLE = frozenset({"single_choice", "date", "quarter", "short_text", "long_text", "consent"})


def _limit(limit: object, otherwise: float) -> float:
    if isinstance(limit, (int, float)):
        return float(limit)
    number = calendar_number(limit)
    return otherwise if number is None else number


_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


def _combined(operator: str, left: Range, right: Range) -> Range:
    """By the ends of both; unbounded where that says nothing."""
    if operator == "/" and right.low <= 0 <= right.high:
        return ANY
    whole = left.whole and right.whole and operator != "/"
    ends = [
        _OPERATIONS[operator](a, b)
        for a, b in product((left.low, left.high), (right.low, right.high))
    ]
    if any(math.isnan(end) for end in ends):
        return Range(whole=whole)
    return _rounded(Range(min(ends), max(ends), whole))


def _sum(parts: Iterable[Range]) -> Range:
    summands = list(parts)
    return _rounded(
        Range(
            math.fsum(part.low for part in summands),
            math.fsum(part.high for part in summands),
            all(part.whole for part in summands),
        )
    )


def _rounded(exact: Range) -> Range:
    """As results are: to ten decimals, which like all operations here keeps the order of values."""

    def end(number: float) -> float:
        return number if math.isinf(number) else round(number, 10)

    return Range(end(exact.low), end(exact.high), exact.whole)
