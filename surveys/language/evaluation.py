"""What an expression gives for what is known of one respondent's answers.

Two truth values only. A question counts as **unanswered** when it is not shown, when nothing was
given, or when what was given is blank or of another type. Then:

- every comparison with it is false, ``!=`` included: ``Q1 != 'yes'`` says "answered, and not yes";
  ``not Q1 == 'yes'`` is true for those who did not answer as well;
- calculating with it is unanswered too, and so is a division by zero;
- ``count``, ``sum``, ``length``, ``min``, ``max`` and ``join`` pass over it.

"No opinion" is an answer without a value: ``answered`` and ``count`` see it, nothing else does.

An expression is checked against the types of what it names (``check_expression``), then compiled
to closures once (``compile_expression``): evaluation is on the path of every submission.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from surveys.language.expression_types import (
    Kind,
    Scope,
    ValueType,
    check_condition,
    check_expression,
    type_of,
)
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
from surveys.language.functions import COMPUTED, compute_number
from surveys.language.literals import LARGEST_NUMBER, read_date, read_number, read_quarter
from surveys.language.saying import say
from surveys.questionnaire import NO_OPINION

__all__ = [
    "LARGEST_NUMBER",
    "Catalogue",
    "Evaluate",
    "Facts",
    "Kind",
    "Say",
    "Scope",
    "Value",
    "ValueType",
    "check_condition",
    "check_expression",
    "compile_condition",
    "compile_expression",
    "compile_saying",
    "read_date",
    "read_number",
    "read_quarter",
    "type_of",
]

Value = Any
"""None (unanswered), bool, float, a text (``Day`` and ``Quarter`` are texts too), a tuple of codes
or file names, or a dict by code of what is in the cells of a matrix, row or judged question."""


@dataclass(slots=True)
class Facts:
    """What is known of one respondent.

    ``values``: what is known by reference text (``{"Q1": …, "Q3.r1": …}``), unanswered ones absent.
    ``shown``: the questions and rows that are asked. ``passed``: every name in the order of showing
    whose own conditions hold. ``without_value``: what was answered, but with no opinion. ``today``:
    the day it is. ``language``: in which options are said.
    """

    values: dict[str, Value]
    language: str
    today: str | None = None
    shown: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    without_value: set[str] = field(default_factory=set)
    # Labels that hold answers themselves: how many are being said within each other, and how many
    # were said at all; both are limited.
    depth: int = 0
    filled: int = 0


Evaluate = Callable[[Facts], Value]
Say = Callable[[Facts], str]


class Catalogue(Protocol):
    """What expressions need to know of the questionnaire beside answers."""

    def labels(self, reference: Reference) -> Mapping[str, Say]:
        """How the options of what is named are called, by code; empty where it has none."""

    def costs(self, reference: Reference) -> Mapping[str, float]:
        """What the options of a budget cost, by code."""


def compile_condition(condition: Expression, catalogue: Catalogue) -> Callable[[Facts], bool]:
    """Whether ``condition``, which has passed ``check_condition``, holds."""
    evaluate = compile_expression(condition, catalogue)
    return lambda facts: evaluate(facts) is True


def compile_expression(node: Expression, catalogue: Catalogue) -> Evaluate:
    """The value of ``node``, which has passed ``check_expression``."""
    match node:
        case Literal(value):
            constant = value if isinstance(value, (bool, str)) else float(value)
            return lambda facts: constant
        case Reference():
            name = str(node)
            return lambda facts: facts.values.get(name)
        case Not(operand):
            inner = compile_expression(operand, catalogue)
            return lambda facts: inner(facts) is not True
        case AllOf(operands):
            all_parts = _compile_each(operands, catalogue)
            return lambda facts: all(part(facts) is True for part in all_parts)
        case AnyOf(operands):
            any_parts = _compile_each(operands, catalogue)
            return lambda facts: any(part(facts) is True for part in any_parts)
        case Negative(operand):
            negated = compile_expression(operand, catalogue)
            return lambda facts: None if (number := negated(facts)) is None else 0.0 - number
        case Arithmetic(operator, left, right):
            return _compile_arithmetic(
                operator, compile_expression(left, catalogue), compile_expression(right, catalogue)
            )
        case Comparison():
            return _compile_comparison(node, catalogue)
        case Call():
            return _compile_call(node, catalogue)


def _compile_each(operands: tuple[Expression, ...], catalogue: Catalogue) -> tuple[Evaluate, ...]:
    return tuple(compile_expression(operand, catalogue) for operand in operands)


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


def _compile_comparison(node: Comparison, catalogue: Catalogue) -> Evaluate:
    match node:
        case Comparison("==", Reference(), Literal(constant)):
            # By far the most frequent condition, and None equals no constant.
            name = str(node.left)
            return lambda facts: facts.values.get(name) == constant
    left = compile_expression(node.left, catalogue)
    right = compile_expression(node.right, catalogue)
    compare = _COMPARE[node.operator]

    def evaluate(facts: Facts) -> Value:
        a, b = left(facts), right(facts)
        return a is not None and b is not None and compare(a, b)

    return evaluate


def _compile_arithmetic(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    compute = _COMPUTE[operator]

    def evaluate(facts: Facts) -> Value:
        a, b = left(facts), right(facts)
        return None if a is None or b is None else compute_number(lambda: compute(a, b))

    return evaluate


def _compile_call(node: Call, catalogue: Catalogue) -> Evaluate:
    """The functions that look beyond the values of their arguments; the others are ``COMPUTED``."""
    function, arguments = node.function, node.arguments
    match function:
        case "answered":
            return _compile_answered(arguments[0])
        case "shown":
            name = str(arguments[0])
            return lambda facts: name in facts.shown
        case "count":
            counts = tuple(_compile_count(argument, catalogue) for argument in arguments)
            return lambda facts: float(sum(count(facts) for count in counts))
        case "today":
            return lambda facts: facts.today
        case "if":
            test, then, otherwise = _compile_each(arguments, catalogue)
            return lambda facts: then(facts) if test(facts) is True else otherwise(facts)
        case "label":
            said = compile_saying(arguments[0], catalogue)
            return lambda facts: said(facts) or None
        case "join":
            sayings = tuple(compile_saying(argument, catalogue) for argument in arguments)
            return lambda facts: join_sayings(facts, sayings) or None
        case "spent":
            chosen = compile_expression(arguments[0], catalogue)
            costs = _costs(arguments[0], catalogue)
            return lambda facts: compute_number(
                lambda: math.fsum(costs.get(code, 0.0) for code in chosen(facts) or ())
            )
    compute, parts = COMPUTED[function](arguments), _compile_each(arguments, catalogue)
    if len(parts) == 1:
        only = parts[0]
        return lambda facts: compute(only(facts))
    return lambda facts: compute(*(part(facts) for part in parts))


def _compile_answered(argument: Expression) -> Callable[[Facts], bool]:
    name = str(argument)
    return lambda facts: name in facts.values or name in facts.without_value


def _compile_count(argument: Expression, catalogue: Catalogue) -> Callable[[Facts], int]:
    evaluate = compile_expression(argument, catalogue)
    name = str(argument)

    def count(facts: Facts) -> int:
        value = evaluate(facts)
        if value is None:
            return int(name in facts.without_value)
        if isinstance(value, (tuple, dict)):
            return len(value)
        return int(value is not False)

    return count


def _costs(node: Expression, catalogue: Catalogue) -> Mapping[str, float]:
    return catalogue.costs(node) if isinstance(node, Reference) else {}


# A text that is put together is cut where the longest that can be given ends: within each other,
# they would double again and again.
LONGEST_TEXT = 50_000


def join_sayings(facts: Facts, sayings: Iterable[Say], separator: str = "") -> str:
    """What the parts say, as far as ``LONGEST_TEXT`` goes."""
    parts: list[str] = []
    length = 0
    for saying in sayings:
        parts.append(saying(facts))
        length += len(parts[-1]) + len(separator)
        if length > LONGEST_TEXT:
            break
    return separator.join(parts)[:LONGEST_TEXT]


def compile_saying(node: Expression, catalogue: Catalogue) -> Say:
    """The words for the value of ``node``: an option by its label in the language, a list of them
    joined by ", ", and nothing where there is no value."""
    match node:
        case Call("if", (condition, then, otherwise)):
            test = compile_condition(condition, catalogue)
            said, else_said = (compile_saying(part, catalogue) for part in (then, otherwise))
            return lambda facts: said(facts) if test(facts) else else_said(facts)
        case Reference() if labels := catalogue.labels(node):
            return _compile_label(str(node), labels)
        case _:
            evaluate = compile_expression(node, catalogue)
            return lambda facts: say(evaluate(facts), facts.language)


def _compile_label(name: str, labels: Mapping[str, Say]) -> Say:
    def label(code: str) -> Say:
        return labels.get(code) or (lambda facts: code)

    def saying(facts: Facts) -> str:
        value = facts.values.get(name)
        if isinstance(value, tuple):
            return join_sayings(facts, map(label, value), ", ")
        if isinstance(value, str):
            return label(value)(facts)
        if value is None and name in facts.without_value and NO_OPINION in labels:
            return labels[NO_OPINION](facts)
        return say(value, facts.language)

    return saying
