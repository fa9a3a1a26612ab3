"""The types of the expression language, and whether an expression fits them.

Types are found from the leaves up, against a ``Scope`` that knows what can be referred to. Nothing
is evaluated here; that is ``surveys.language.evaluation``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from surveys.language.expressions import (
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
from surveys.language.literals import read_date, read_quarter
from surveys.language.patterns import compile_pattern

# The most decimals that round(…) may keep; results have no more anyway.
MAX_DIGITS = 10


class Kind(StrEnum):
    """The type of a value in an expression."""

    BOOLEAN = "true or false"
    TEXT = "a text"
    NUMBER = "a number"
    DATE = "a date"
    QUARTER = "a quarter"
    OPTION = "an option"
    OPTIONS = "a list of options"
    MATRIX = "a whole matrix"
    CELLS = "several values by code"
    FILES = "a list of files"
    ENTRIES = "a list of entries"
    INFORMATION = "an information text"


@dataclass(frozen=True, slots=True)
class ValueType:
    """A kind and, where values are options, the codes there are."""

    kind: Kind
    codes: frozenset[str] = frozenset()
    # What is in the cells of a matrix or of one of its rows.
    cell: Kind | None = None
    # Of a list of options: the best comes first (a ranking); options have costs (a budget).
    ordered: bool = False
    priced: bool = False


class Scope(Protocol):
    """What an expression may refer to."""

    def type_of(self, reference: Reference) -> ValueType | str:
        """The type of what ``reference`` names, or why there is no such thing."""


_BOOLEAN, _NUMBER, _TEXT, _DATE = (
    ValueType(kind) for kind in (Kind.BOOLEAN, Kind.NUMBER, Kind.TEXT, Kind.DATE)
)
_TEXTUAL = (Kind.TEXT, Kind.OPTION)
_CALENDAR = (Kind.DATE, Kind.QUARTER)
# What one value can be: of a calculation, or a branch of if(…).
SINGLE = (Kind.BOOLEAN, Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.QUARTER, Kind.OPTION)
# What can be written into a text.
SAYABLE = (Kind.TEXT, Kind.NUMBER, *_CALENDAR, Kind.OPTION, Kind.OPTIONS, Kind.FILES)
# How many arguments a function takes; None is any number.
_ARITY: dict[str, tuple[int, int | None]] = {
    "abs": (1, 1), "answered": (1, 1), "ceil": (1, 1), "contains": (2, 2), "count": (1, None),
    "days": (2, 2), "exp": (1, 1), "floor": (1, 1), "if": (3, 3), "join": (1, None),
    "label": (1, 1), "length": (1, 1), "log": (1, 1), "lower": (1, 1), "matches": (2, 2),
    "max": (1, None), "min": (1, None), "number": (1, 1), "power": (2, 2), "rank": (2, 2),
    "round": (1, 2), "shown": (1, 1), "spent": (1, 1), "sqrt": (1, 1), "starts_with": (2, 2),
    "sum": (1, None), "today": (0, 0), "upper": (1, 1), "year": (1, 1),
}  # fmt: skip


def check_condition(condition: Expression, scope: Scope) -> list[str]:
    """Everything wrong with what must be true or false: unknown names and codes, types that do
    not fit."""
    return check_expression(condition, scope, Kind.BOOLEAN)


def check_expression(
    expression: Expression, scope: Scope, expected: Kind | None = None
) -> list[str]:
    """Everything wrong with ``expression``, whose value must be ``expected``, or of any kind that
    a calculation can have: a number, a text, true or false, a date, a quarter, an option."""
    checker = _Checker(scope)
    if expected is not None:
        checker.expect(expression, expected)
    else:
        found = checker.type_of(expression)
        if found is not None and found.kind not in SINGLE:
            checker.refuse(f"{expression} is {found.kind}; expected a single value")
    return list(dict.fromkeys(checker.problems))


def check_sayable(expression: Expression, scope: Scope) -> list[str]:
    """Everything wrong with ``expression`` as a part of a text."""
    checker = _Checker(scope)
    checker.sayable(expression)
    return list(dict.fromkeys(checker.problems))


def type_of(expression: Expression, scope: Scope) -> ValueType | None:
    """The type of the value of ``expression``, or None where it does not hold together."""
    return _Checker(scope).type_of(expression)


class _Checker:
    """Finds types from the leaves up; ``None`` is the type of what is wrong already."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.problems: list[str] = []

    def refuse(self, problem: str) -> None:
        self.problems.append(problem)

    def expect(self, node: Expression, *kinds: Kind) -> ValueType | None:
        """The type of ``node`` where it is one of ``kinds``."""
        return self.fits(node, self.type_of(node), *kinds)

    def fits(self, node: Expression, found: ValueType | None, *kinds: Kind) -> ValueType | None:
        """``found``, the type of ``node``, where it is one of ``kinds``; a date or a quarter may
        be written as a text."""
        if found is None or found.kind in kinds:
            return found
        for kind in kinds:
            if kind in _CALENDAR and found.kind == Kind.TEXT and isinstance(node, Literal):
                return found if self.calendar_text(node, kind) else None
        self.refuse(f"{node} is {found.kind}; expected {' or '.join(kinds)}")
        return None

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
        options, member = self.type_of(right), self.type_of(left)
        if options is not None and options.kind != Kind.OPTIONS:
            self.refuse(f"{right} is {options.kind}; 'in' needs {Kind.OPTIONS}")
            options = None
        if member is not None and member.kind not in _TEXTUAL:
            self.refuse(f"{left} is {member.kind}; 'in' needs {Kind.OPTION} before it")
            member = None
        if member is not None and options is not None:
            self.known_code(left, options, right)

    def known_code(self, code: Expression, options: ValueType, of: Expression) -> None:
        if (
            isinstance(code, Literal)
            and isinstance(code.value, str)
            and code.value not in options.codes
        ):
            self.refuse(f"{of} has no option {code}")

    def calendar_text(self, node: Expression, kind: Kind) -> bool:
        """Whether ``node`` is a text that says a date or a quarter."""
        written = node.value if isinstance(node, Literal) else None
        if kind == Kind.DATE and read_date(written) is None:
            self.refuse(f"{node} is not a date such as '2026-11-22'")
            return False
        if kind == Kind.QUARTER and read_quarter(written) is None:
            self.refuse(f"{node} is not a quarter such as '2026-Q4'")
            return False
        return True

    def comparison(self, node: Comparison) -> None:
        left, right = self.type_of(node.left), self.type_of(node.right)
        if left is None or right is None:
            return
        ordered = node.operator not in ("==", "!=")
        kinds = {left.kind, right.kind}
        if kinds in ({Kind.NUMBER}, {Kind.DATE}, {Kind.QUARTER}):
            return
        calendar = next((kind for kind in _CALENDAR if kind in kinds), None)
        if calendar is not None and Kind.TEXT in kinds:
            self.calendar_text(node.left if left.kind == Kind.TEXT else node.right, calendar)
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
        least, most = _ARITY[function]
        if not least <= len(arguments) <= (most if most is not None else len(arguments)):
            self.refuse(f"{function}(…) takes {_arguments(least, most)}")
            return None
        match function:
            case "answered" | "shown":
                self.asked(function, arguments[0])
                return _BOOLEAN
            case "count":
                for argument in arguments:
                    self.countable(argument)
                return _NUMBER
            case "sum":
                for argument in arguments:
                    self.numeric(function, argument, self.type_of(argument))
                return _NUMBER
            case "min" | "max":
                return self.extreme(function, arguments)
            case "if":
                return self.choice(arguments)
            case "abs" | "floor" | "ceil" | "sqrt" | "exp" | "log" | "power":
                for argument in arguments:
                    self.expect(argument, Kind.NUMBER)
                return _NUMBER
            case "round":
                self.expect(arguments[0], Kind.NUMBER)
                self.digits(arguments[1:])
                return _NUMBER
            case "number" | "length":
                self.textual(function, arguments[0])
                return _NUMBER
            case "lower" | "upper":
                self.textual(function, arguments[0])
                return _TEXT
            case "contains" | "starts_with" | "matches":
                for argument in arguments:
                    self.textual(function, argument)
                if function == "matches":
                    self.pattern(arguments[1])
                return _BOOLEAN
            case "label":
                self.expect(arguments[0], Kind.OPTION, Kind.OPTIONS)
                return _TEXT
            case "join":
                for argument in arguments:
                    self.sayable(argument)
                return _TEXT
            case "rank":
                self.ranked(*arguments)
                return _NUMBER
            case "spent":
                found = self.expect(arguments[0], Kind.OPTIONS)
                if found is not None and not found.priced:
                    self.refuse(f"spent(…) takes a budget, and {arguments[0]} has no costs")
                return _NUMBER
            case "days":
                for argument in arguments:
                    self.expect(argument, Kind.DATE)
                return _NUMBER
            case "year":
                self.expect(arguments[0], *_CALENDAR)
                return _NUMBER
            case _:
                return _DATE

    def asked(self, function: str, argument: Expression) -> None:
        """What may be shown or answered: something named."""
        if not isinstance(argument, Reference):
            self.refuse(f"{function}(…) takes a question, not {argument}")
            return
        found = self.reference(argument)
        if found is not None and found.kind == Kind.INFORMATION and function != "shown":
            self.refuse(f"{argument} is {found.kind} and has no answer")

    def countable(self, argument: Expression) -> None:
        if isinstance(argument, Reference):
            self.asked("count", argument)
        else:
            self.expect(argument, Kind.BOOLEAN)

    def numeric(self, function: str, argument: Expression, found: ValueType | None) -> None:
        """A number, or a whole matrix or row of them."""
        if found is None or found.kind == Kind.NUMBER:
            return
        if found.kind not in (Kind.MATRIX, Kind.CELLS) or found.cell != Kind.NUMBER:
            self.refuse(f"{function}(…) cannot take {found.kind}, {argument}")

    def extreme(self, function: str, arguments: Sequence[Expression]) -> ValueType | None:
        """Numbers, as for ``sum``, or dates, or quarters."""
        types = [self.type_of(argument) for argument in arguments]
        kinds = {found.kind for found in types if found is not None}
        kind = next((kind for kind in _CALENDAR if kind in kinds), Kind.NUMBER)
        for argument, found in zip(arguments, types, strict=True):
            if kind == Kind.NUMBER:
                self.numeric(function, argument, found)
            else:
                self.fits(argument, found, kind)
        return ValueType(kind)

    def choice(self, arguments: Sequence[Expression]) -> ValueType | None:
        """``if(condition, then, otherwise)``: both results are of one kind."""
        self.expect(arguments[0], Kind.BOOLEAN)
        then, otherwise = self.type_of(arguments[1]), self.type_of(arguments[2])
        if then is None or otherwise is None:
            return None
        for found, argument in ((then, arguments[1]), (otherwise, arguments[2])):
            if found.kind not in SINGLE:
                self.refuse(f"{argument} is {found.kind}; if(…) gives a single value")
                return None
        if then.kind != otherwise.kind:
            hint = "; label(…) makes a text of an option" if Kind.OPTION in (
                then.kind, otherwise.kind) else ""  # fmt: skip
            self.refuse(
                f"if(…) gives {then.kind}, {arguments[1]}, or {otherwise.kind}, {arguments[2]}; "
                f"expected one kind{hint}"
            )
            return None
        return ValueType(then.kind, then.codes | otherwise.codes)

    def digits(self, arguments: Sequence[Expression]) -> None:
        for argument in arguments:
            value = argument.value if isinstance(argument, Literal) else None
            if type(value) is not int or not 0 <= value <= MAX_DIGITS:
                self.refuse(f"round(…) keeps 0 to {MAX_DIGITS} decimals, not {argument}")

    def textual(self, function: str, argument: Expression) -> None:
        found = self.type_of(argument)
        if found is not None and found.kind not in _TEXTUAL:
            self.refuse(f"{function}(…) cannot take {found.kind}, {argument}")

    def pattern(self, argument: Expression) -> None:
        written = argument.value if isinstance(argument, Literal) else None
        if not isinstance(written, str):
            self.refuse(f"matches(…) needs its pattern written out as a text, not {argument}")
            return
        try:
            compile_pattern(written)
        except ValueError as refused:
            self.refuse(f"{argument} is not a pattern: {refused}")

    def ranked(self, ranking: Expression, option: Expression) -> None:
        found = self.expect(ranking, Kind.OPTIONS)
        self.textual("rank", option)
        if found is None:
            return
        if not found.ordered:
            self.refuse(f"rank(…) takes a ranking, and {ranking} has no order")
        self.known_code(option, found, ranking)

    def sayable(self, node: Expression) -> None:
        found = self.type_of(node)
        if found is None or found.kind in SAYABLE:
            return
        hint = "; if(…, 'yes', 'no') says it" if found.kind == Kind.BOOLEAN else ""
        self.refuse(f"{node} is {found.kind} and cannot be said in a text{hint}")


def _arguments(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least} argument{'s' if least > 1 else ''}"
    words = ("no arguments", "one argument", "two arguments", "three arguments")
    return words[most] if least == most else f"{words[least].split()[0]} or {words[most]}"
