"""What a condition means: its types, and its value for given answers.

Two values only. A question counts as **unanswered** when it is not shown, when nothing was given,
or when what was given is blank or of another type. Then:

- every comparison with it is false, ``!=`` included: ``Q1 != 'yes'`` says "answered, and not yes";
  ``not Q1 == 'yes'`` is true for those who did not answer as well;
- arithmetic with it is unanswered too, and so is a division by zero;
- ``count``, ``sum`` and ``length`` pass over it: alone, it counts as 0.

A condition is checked against the types of what it names (``check_condition``), then compiled to
closures once (``compile_condition``): evaluation is on the path of every submission.
"""

import math
import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from surveys.expressions import (
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Comparison,
    Expression,
    Literal,
    Negative,
    Not,
    Reference,
)

# Beyond this, doubles no longer count in ones.
LARGEST_NUMBER = 10**15


class Kind(StrEnum):
    """The type of a value in a condition."""

    BOOLEAN = "true or false"
    TEXT = "a text"
    NUMBER = "a number"
    DATE = "a date"
    OPTION = "an option"
    OPTIONS = "a list of options"
    MATRIX = "a whole matrix"
    CELLS = "a matrix row with columns"
    INFORMATION = "an information text"


@dataclass(frozen=True, slots=True)
class ValueType:
    """A kind and, where values are options, the codes there are."""

    kind: Kind
    codes: frozenset[str] = frozenset()
    # What is in the cells of a matrix or of one of its rows.
    cell: Kind | None = None


class Scope(Protocol):
    """What a condition may refer to."""

    def type_of(self, reference: Reference) -> ValueType | str:
        """The type of what ``reference`` names, or why there is no such thing."""


_BOOLEAN = ValueType(Kind.BOOLEAN)
_NUMBER = ValueType(Kind.NUMBER)
_TEXT = ValueType(Kind.TEXT)
_TEXTUAL = (Kind.TEXT, Kind.OPTION)


def check_condition(condition: Expression, scope: Scope) -> list[str]:
    """Everything wrong with ``condition``: unknown names and codes, types that do not fit."""
    checker = _Checker(scope)
    checker.expect(condition, Kind.BOOLEAN)
    return list(dict.fromkeys(checker.problems))


class _Checker:
    """Finds types from the leaves up; ``None`` is the type of what is wrong already."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.problems: list[str] = []

    def refuse(self, problem: str) -> None:
        self.problems.append(problem)

    def expect(self, node: Expression, kind: Kind) -> None:
        found = self.type_of(node)
        if found is not None and found.kind != kind:
            self.refuse(f"{node} is {found.kind}; expected {kind}")

    def type_of(self, node: Expression) -> ValueType | None:
        match node:
            case Literal(bool()):
                return _BOOLEAN
            case Literal(str()):
                return _TEXT
            case Literal():
                return _NUMBER
            case Reference():
                return self.reference(node)
            case Not(operand):
                self.expect(operand, Kind.BOOLEAN)
                return _BOOLEAN
            case AllOf(operands) | AnyOf(operands):
                for operand in operands:
                    self.expect(operand, Kind.BOOLEAN)
                return _BOOLEAN
            case Negative(operand):
                self.expect(operand, Kind.NUMBER)
                return _NUMBER
            case Arithmetic(_, left, right):
                self.expect(left, Kind.NUMBER)
                self.expect(right, Kind.NUMBER)
                return _NUMBER
            case Comparison("in", left, right):
                self.membership(left, right)
                return _BOOLEAN
            case Comparison():
                self.comparison(node)
                return _BOOLEAN
            case Call():
                return self.call(node)

    def reference(self, node: Reference) -> ValueType | None:
        found = self.scope.type_of(node)
        if isinstance(found, str):
            self.refuse(found)
            return None
        return found

    def membership(self, left: Expression, right: Expression) -> None:
        options = self.type_of(right)
        if options is not None and options.kind != Kind.OPTIONS:
            self.refuse(f"{right} is {options.kind}; 'in' needs {Kind.OPTIONS}")
        member = self.type_of(left)
        if member is not None and member.kind not in _TEXTUAL:
            self.refuse(f"{left} is {member.kind}; 'in' needs {Kind.OPTION} before it")
        elif options is not None and options.kind == Kind.OPTIONS:
            self.known_code(left, options, right)

    def known_code(self, code: Expression, options: ValueType, of: Expression) -> None:
        if (
            isinstance(code, Literal)
            and isinstance(code.value, str)
            and code.value not in options.codes
        ):
            self.refuse(f"{of} has no option {code}")

    def comparison(self, node: Comparison) -> None:
        left, right = self.type_of(node.left), self.type_of(node.right)
        if left is None or right is None:
            return
        ordered = node.operator not in ("==", "!=")
        kinds = {left.kind, right.kind}
        if kinds == {Kind.NUMBER} or kinds == {Kind.DATE}:
            return
        if Kind.DATE in kinds and Kind.TEXT in kinds:
            other = node.left if left.kind == Kind.TEXT else node.right
            if not isinstance(other, Literal) or read_date(other.value) is None:
                self.refuse(f"{other} is not a date such as '2026-11-22'")
            return
        if not ordered and kinds <= set(_TEXTUAL):
            if left.kind == Kind.OPTION:
                self.known_code(node.right, left, node.left)
            if right.kind == Kind.OPTION:
                self.known_code(node.left, right, node.right)
            return
        if not ordered and kinds == {Kind.BOOLEAN}:
            return
        hint = ""
        if Kind.NUMBER in kinds and kinds & set(_TEXTUAL):
            hint = "; number(…) reads a number from a text"
        elif Kind.OPTIONS in kinds:
            hint = "; 'code' in … asks whether an option was chosen"
        self.refuse(f"cannot compare {left.kind} with {right.kind} in {node}{hint}")

    def call(self, node: Call) -> ValueType | None:
        function, arguments = node.function, node.arguments
        if function in ("answered", "shown", "number", "length") and len(arguments) != 1:
            self.refuse(f"{function}(…) takes one argument")
            return None
        if function in ("answered", "shown", "count"):
            for argument in arguments:
                if not isinstance(argument, Reference):
                    if function == "count":
                        self.expect(argument, Kind.BOOLEAN)
                    else:
                        self.refuse(f"{function}(…) takes a question, not {argument}")
                    continue
                found = self.reference(argument)
                if found is not None and found.kind == Kind.INFORMATION and function != "shown":
                    self.refuse(f"{argument} is {found.kind} and has no answer")
            return _NUMBER if function == "count" else _BOOLEAN
        for argument in arguments:
            found = self.type_of(argument)
            if found is None:
                continue
            if function == "sum":
                fits = found.kind == Kind.NUMBER or (
                    found.kind in (Kind.MATRIX, Kind.CELLS) and found.cell == Kind.NUMBER
                )
            else:
                fits = found.kind in _TEXTUAL
            if not fits:
                self.refuse(f"{function}(…) cannot take {found.kind}, {argument}")
        return _NUMBER


Value = Any
"""None (unanswered), bool, float, str, a tuple of codes, or for a matrix a dict by row code."""

Evaluate = Callable[[Mapping[str, Value], AbstractSet[str]], Value]
"""From the known values by reference text, and the set of what is shown, to a value."""


def compile_condition(
    condition: Expression,
) -> Callable[[Mapping[str, Value], AbstractSet[str]], bool]:
    """A function of the known values (``{"Q1": …, "Q3.r1": …}``, unanswered ones absent) and of
    the names shown. ``condition`` has passed ``check_condition``."""
    evaluate = _compile(condition)
    return lambda values, shown: evaluate(values, shown) is True


def _compile(node: Expression) -> Evaluate:
    match node:
        case Literal(value):
            constant = value if isinstance(value, (bool, str)) else float(value)
            return lambda values, shown: constant
        case Reference():
            name = str(node)
            return lambda values, shown: values.get(name)
        case Not(operand):
            inner = _compile(operand)
            return lambda values, shown: inner(values, shown) is not True
        case AllOf(operands):
            all_parts = tuple(_compile(operand) for operand in operands)
            return lambda values, shown: all(part(values, shown) is True for part in all_parts)
        case AnyOf(operands):
            any_parts = tuple(_compile(operand) for operand in operands)
            return lambda values, shown: any(part(values, shown) is True for part in any_parts)
        case Negative(operand):
            return _compile_arithmetic("-", lambda values, shown: 0.0, _compile(operand))
        case Arithmetic(operator, left, right):
            return _compile_arithmetic(operator, _compile(left), _compile(right))
        case Comparison(operator, left, right):
            return _compile_comparison(operator, _compile(left), _compile(right))
        case Call(function, arguments):
            return _compile_call(function, arguments)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
    "in": lambda a, b: a in b,
}
_COMPUTE: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


def _compile_comparison(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    compare = _COMPARE[operator]

    def evaluate(values: Mapping[str, Value], shown: AbstractSet[str]) -> Value:
        a, b = left(values, shown), right(values, shown)
        return a is not None and b is not None and compare(a, b)

    return evaluate


def _number(compute: Callable[[], float]) -> float | None:
    """The result where it is a finite number, to ten decimals: 0.1 + 0.2 is 0.3."""
    try:
        result = compute()
    except (ZeroDivisionError, OverflowError):
        return None
    return round(result, 10) if math.isfinite(result) else None


def _compile_arithmetic(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    compute = _COMPUTE[operator]

    def evaluate(values: Mapping[str, Value], shown: AbstractSet[str]) -> Value:
        a, b = left(values, shown), right(values, shown)
        return None if a is None or b is None else _number(lambda: compute(a, b))

    return evaluate


def _compile_call(function: str, arguments: tuple[Expression, ...]) -> Evaluate:
    parts = tuple(_compile(argument) for argument in arguments)
    first = parts[0]
    match function:
        case "answered":
            return lambda values, shown: first(values, shown) is not None
        case "shown":
            name = str(arguments[0])
            return lambda values, shown: name in shown
        case "count":
            return lambda values, shown: float(sum(_count(part(values, shown)) for part in parts))
        case "sum":
            return lambda values, shown: _number(
                lambda: math.fsum(
                    number for part in parts for number in _numbers(part(values, shown))
                )
            )
        case "number":
            return lambda values, shown: read_number(first(values, shown))
        case _:
            return lambda values, shown: _length(first(values, shown))


def _count(value: Value) -> int:
    if value is None or value is False:
        return 0
    return len(value) if isinstance(value, (tuple, dict)) else 1


def _numbers(value: Value) -> list[float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in _numbers(inner)]
    return [value] if isinstance(value, float) else []


def _length(text: Value) -> float:
    return float(len(text)) if isinstance(text, str) else 0.0


_NUMERAL = re.compile(r"\s*[+-]?(?:[0-9]{1,15}(?:[.,][0-9]{0,15})?|[.,][0-9]{1,15})\s*", re.ASCII)


def read_number(text: Value) -> float | None:
    """The number a text says (a decimal point or comma, no exponent), or None."""
    if not isinstance(text, str) or not _NUMERAL.fullmatch(text):
        return None
    return float(text.replace(",", "."))


_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def read_date(value: object) -> date | None:
    """The day that an ISO 8601 calendar date (``2026-11-22``) says, or None."""
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
