"""Conditions as menus: "all of these apply", each a question, a comparison and a value. Pure.

What menus cannot say keeps its text form; ``as_menu`` then gives None.
"""

from dataclasses import dataclass

from surveys.language.expressions import (
    AllOf,
    AnyOf,
    Call,
    Comparison,
    Expression,
    Literal,
    Negative,
    Not,
    Reference,
    parse_expression,
)

COMPARISONS = (
    "is", "is_not", "includes", "includes_not", "more_than", "at_least", "less_than", "at_most",
    "is_answered", "is_not_answered", "contains",
)  # fmt: skip
"""What can be said of a question in a menu."""

_ORDERED = {"more_than": ">", "at_least": ">=", "less_than": "<", "at_most": "<="}
_BY_SIGN = {sign: name for name, sign in _ORDERED.items()} | {"==": "is", "!=": "is_not"}


@dataclass(frozen=True, slots=True)
class Line:
    """``name`` is a question, ``question.row`` or a cell; ``comparison`` one of ``COMPARISONS``.

    ``value`` is empty where nothing is compared.
    """

    name: str
    comparison: str
    value: str | int | float | bool = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """``lines`` of which ``every`` one must apply, or at least one."""

    every: bool
    lines: tuple[Line, ...]


def as_menu(expression: Expression) -> Menu | None:
    """The menu that says ``expression``, or None where menus cannot."""
    match expression:
        case AllOf(operands) | AnyOf(operands):
            lines = [_line(operand) for operand in operands]
            if any(line is None for line in lines):
                return None
            return Menu(isinstance(expression, AllOf), tuple(line for line in lines if line))
        case _:
            line = _line(expression)
            return None if line is None else Menu(True, (line,))


def from_menu(menu: Menu) -> str:
    """The condition as text; empty for a menu without lines.

    Raises ``InvalidExpression`` for a name that is none.
    """
    parts = [_expression(line) for line in menu.lines]
    if not parts:
        return ""
    if len(parts) == 1:
        return str(parts[0])
    return str((AllOf if menu.every else AnyOf)(tuple(parts)))


def _line(node: Expression) -> Line | None:
    match node:
        case Reference():  # a consent, or a calculation that is true or false
            return Line(str(node), "is", True)
        case Not(Reference() as name):
            return Line(str(name), "is", False)
        case Call("answered", (Reference() as name,)):
            return Line(str(name), "is_answered")
        case Not(Call("answered", (Reference() as name,))):
            return Line(str(name), "is_not_answered")
        case Call("contains", (Reference() as name, Literal(str() as text))):
            return Line(str(name), "contains", text)
        case Comparison("in", Literal(str() as code), Reference() as name):
            return Line(str(name), "includes", code)
        case Not(Comparison("in", Literal(str() as code), Reference() as name)):
            return Line(str(name), "includes_not", code)
        case Comparison(operator, Reference() as name, right) if operator in _BY_SIGN:
            value = _value(right)
            return None if value is None else Line(str(name), _BY_SIGN[operator], value)
        case _:
            return None


def _value(node: Expression) -> str | int | float | bool | None:
    match node:
        case Literal(value):
            return value
        case Negative(Literal(int() | float() as number)) if not isinstance(number, bool):
            return -number
        case _:
            return None


def _expression(line: Line) -> Expression:
    name = parse_expression(line.name)
    value: Expression = Literal(line.value)
    if isinstance(line.value, (int, float)) and not isinstance(line.value, bool) and line.value < 0:
        value = Negative(Literal(-line.value))
    match line.comparison:
        case "is" if isinstance(line.value, bool):
            return name if line.value else Not(name)
        case "is":
            return Comparison("==", name, value)
        case "is_not":
            return Comparison("!=", name, value)
        case "includes":
            return Comparison("in", value, name)
        case "includes_not":
            return Not(Comparison("in", value, name))
        case "is_answered":
            return Call("answered", (name,))
        case "is_not_answered":
            return Not(Call("answered", (name,)))
        case "contains":
            return Call("contains", (name, value))
        case _:
            return Comparison(_ORDERED[line.comparison], name, value)
