"""The expression language: what a questionnaire's author may say about answers.

    Q1 == 'yes' and (Q2 >= 3 or 'a' in Q5) and not answered(Q7)
    if(sum(Q4) > 100, round(Q6 / 3, 1), 0)

An expression is parsed once into the frozen nodes below. ``str(node)`` is its canonical text:
parsing that text again gives an equal node. Nothing is executed while parsing, and every length
and depth is limited, so that no input can exhaust the stack. Which types the parts accept is
``language.expression_types``, what they give is ``language.evaluation``; the language is described
in docs/questionnaire-format.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn, TypeAlias

from core.errors import InvalidInput

MAX_LENGTH = 10_000
MAX_DEPTH = 60

FUNCTIONS = (
    "abs", "answered", "ceil", "contains", "count", "days", "exp", "floor", "if", "join", "label",
    "length", "log", "lower", "matches", "max", "min", "number", "power", "rank", "round",
    "shown", "spent", "sqrt", "starts_with", "sum", "today", "upper", "year",
)  # fmt: skip
# Those that may be called with nothing between the parentheses.
_WITHOUT_ARGUMENTS = frozenset({"today"})

# How tightly an operator binds; more is tighter.
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _NEGATIVE, _ATOM = range(1, 9)
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in")
_BINDING = (
    {"or": _OR, "and": _AND}
    | dict.fromkeys(COMPARISONS, _COMPARISON)
    | {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}
)
KEYWORDS = frozenset({"and", "or", "not", "in", "true", "false"})


class InvalidExpression(InvalidInput):
    """An expression that cannot be read, or that asks for what does not exist or fit."""

    code = "surveys.invalid_expression"
    template = "{reason}"
    remedy = "The expression language is described in docs/questionnaire-format.md."


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number, ``true`` or ``false``."""

    value: str | int | float | bool

    def __str__(self) -> str:
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        if isinstance(self.value, str):
            return "'" + self.value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return format(Decimal(repr(self.value)), "f")

    def __eq__(self, other: object) -> bool:
        """Equal when written the same: ``1`` is not ``true``."""
        return isinstance(other, Literal) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


@dataclass(frozen=True, slots=True)
class Reference:
    """The answer to a question (``Q1``), a matrix row (``Q3.r1``) or a cell (``Q3.r1.c2``)."""

    name: str
    row: str | None = None
    column: str | None = None

    def __str__(self) -> str:
        return ".".join(part for part in (self.name, self.row, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Expression"

    def __str__(self) -> str:
        return f"not {_within(self.operand, _NOT)}"


@dataclass(frozen=True, slots=True)
class Negative:
    operand: "Expression"

    def __str__(self) -> str:
        return f"-{_within(self.operand, _NEGATIVE)}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """``a and b and c``; at least two operands."""

    operands: tuple["Expression", ...]

    def __str__(self) -> str:
        return " and ".join(_within(operand, _AND + 1) for operand in self.operands)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """``a or b or c``; at least two operands."""

    operands: tuple["Expression", ...]

    def __str__(self) -> str:
        return " or ".join(_within(operand, _OR + 1) for operand in self.operands)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``operator`` is one of ``COMPARISONS``; comparisons are not chained."""

    operator: str
    left: "Expression"
    right: "Expression"

    def __str__(self) -> str:
        left, right = (_within(side, _COMPARISON + 1) for side in (self.left, self.right))
        return f"{left} {self.operator} {right}"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``operator`` is one of ``+ - * /``, grouped from the left."""

    operator: str
    left: "Expression"
    right: "Expression"

    def __str__(self) -> str:
        binding = _BINDING[self.operator]
        left, right = _within(self.left, binding), _within(self.right, binding + 1)
        return f"{left} {self.operator} {right}"


@dataclass(frozen=True, slots=True)
class Call:
    """``function`` is one of ``FUNCTIONS``; only ``today`` may have no arguments."""

    function: str
    arguments: tuple["Expression", ...]

    def __str__(self) -> str:
        return f"{self.function}({', '.join(str(argument) for argument in self.arguments)})"


Expression: TypeAlias = (
    Literal | Reference | Not | Negative | AllOf | AnyOf | Comparison | Arithmetic | Call
)


def _binding(node: Expression) -> int:
    match node:
        case AnyOf():
            return _OR
        case AllOf():
            return _AND
        case Not():
            return _NOT
        case Comparison():
            return _COMPARISON
        case Arithmetic(operator):
            return _BINDING[operator]
        case Negative():
            return _NEGATIVE
        case _:
            return _ATOM


def _within(node: Expression, binding: int) -> str:
    """``node`` as text, in parentheses where it binds less tightly than its surroundings."""
    return f"({node})" if _binding(node) < binding else str(node)


def children(node: Expression) -> tuple[Expression, ...]:
    """The parts a node is made of."""
    match node:
        case Not(operand) | Negative(operand):
            return (operand,)
        case AllOf(operands) | AnyOf(operands):
            return operands
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments
        case _:
            return ()


def references(node: Expression) -> Iterator[Reference]:
    """Every reference in ``node``, in the order written, repeated where it is repeated."""
    if isinstance(node, Reference):
        yield node
    for child in children(node):
        yield from references(child)


def all_of(*operands: Expression) -> Expression:
    """``and`` over what is given, without needless nesting; nothing given is ``true``."""
    return _combined(AllOf, operands, neutral=True)


def any_of(*operands: Expression) -> Expression:
    """``or`` over what is given, without needless nesting; nothing given is ``false``."""
    return _combined(AnyOf, operands, neutral=False)


def _combined(
    kind: type[AllOf] | type[AnyOf],
    operands: tuple[Expression, ...],
    *,
    neutral: bool,
) -> Expression:
    parts: list[Expression] = []
    for operand in operands:
        flat = operand.operands if isinstance(operand, kind) else (operand,)
        parts += [part for part in flat if part != Literal(neutral) and part not in parts]
    if Literal(not neutral) in parts:
        return Literal(not neutral)
    if not parts:
        return Literal(neutral)
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[0-9]{1,15}(?:\.[0-9]{1,15})?(?![0-9A-Za-z_.]))
    | (?P<name>[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+){0,2})
    | '(?P<text>(?:[^'\\]|\\['\\])*)'
    | (?P<sign>==|!=|<=|>=|[<>()+\-*/,])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(source: str, offset: int) -> list[_Token]:
    tokens = []
    at = 0
    end = len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None or match.end() > end:
            at = len(source) - len(source[at:].lstrip())
            raise InvalidExpression(
                reason=f"character {offset + at + 1}: cannot read {source[at : at + 12]!r}"
            )
        kind = match.lastgroup or ""
        text, start = match.group(kind), match.start(kind)
        if kind == "name" and text in KEYWORDS:
            kind = "word"
        tokens.append(_Token(kind, text, offset + start))
        at = match.end()
    tokens.append(_Token("end", "", offset + len(source)))
    return tokens


class _Parser:
    """Precedence climbing; every method gives a node and its height."""

    def __init__(self, source: str, offset: int) -> None:
        self.tokens = _tokens(source, offset)
        self.position = 0
        self.nesting = 0

    def parse(self) -> Expression:
        node, _ = self.expression(_OR)
        if self.next.kind != "end":
            self.refuse("expected the end")
        return node

    @property
    def next(self) -> _Token:
        return self.tokens[self.position]

    def take(self) -> _Token:
        token = self.next
        self.position += 1
        return token

    def accept(self, *texts: str) -> bool:
        if self.next.kind in {"sign", "word"} and self.next.text in texts:
            self.position += 1
            return True
        return False

    def refuse(self, expected: str) -> NoReturn:
        found = f"found {self.next.text!r}" if self.next.kind != "end" else "found the end"
        raise InvalidExpression(reason=f"character {self.next.at + 1}: {expected}, {found}")

    def deeper(self, height: int) -> int:
        """One level above ``height``, refused past the limit."""
        if height >= MAX_DEPTH:
            raise InvalidExpression(reason=f"is nested more than {MAX_DEPTH} deep")
        return height + 1

    def expression(self, minimum: int) -> tuple[Expression, int]:
        self.nesting = self.deeper(self.nesting)
        left, height = self.prefixed()
        while (
            self.next.kind in {"sign", "word"}
            and (binding := _BINDING.get(self.next.text, 0)) >= minimum
        ):
            operator = self.take().text
            if operator in ("and", "or"):
                operands = [left]
                while True:
                    operand, below = self.expression(binding + 1)
                    operands.append(operand)
                    height = max(height, below)
                    if not self.accept(operator):
                        break
                left = (AllOf if operator == "and" else AnyOf)(tuple(operands))
                height = self.deeper(height)
                continue
            right, below = self.expression(binding + 1)
            height = self.deeper(max(height, below))
            if binding == _COMPARISON:
                left = Comparison(operator, left, right)
                if self.next.text in COMPARISONS and self.next.kind in {"sign", "word"}:
                    self.refuse("comparisons cannot be chained; join them with 'and'")
            else:
                left = Arithmetic(operator, left, right)
        self.nesting -= 1
        return left, height

    def prefixed(self) -> tuple[Expression, int]:
        if self.accept("not"):
            operand, height = self.expression(_NOT)
            return Not(operand), self.deeper(height)
        if self.accept("-"):
            operand, height = self.expression(_NEGATIVE)
            return Negative(operand), self.deeper(height)
        return self.atom()

    def atom(self) -> tuple[Expression, int]:
        if self.accept("("):
            inside = self.expression(_OR)
            if not self.accept(")"):
                self.refuse("expected ')'")
            return inside
        if self.accept("true"):
            return Literal(True), 1
        if self.accept("false"):
            return Literal(False), 1
        if self.next.kind == "number":
            text = self.take().text
            return Literal(float(text) if "." in text else int(text)), 1
        if self.next.kind == "text":
            return Literal(re.sub(r"\\(.)", r"\1", self.take().text, flags=re.DOTALL)), 1
        if self.next.kind != "name":
            self.refuse("expected a question, a value or '('")
        name = self.take()
        if self.accept("("):
            return self.call(name)
        return Reference(*name.text.split(".")), 1

    def call(self, name: _Token) -> tuple[Expression, int]:
        if name.text not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise InvalidExpression(
                reason=f"character {name.at + 1}: there is no function {name.text!r}, only {known}"
            )
        if name.text in _WITHOUT_ARGUMENTS and self.accept(")"):
            return Call(name.text, ()), 1
        arguments: list[Expression] = []
        height = 0
        while True:
            argument, below = self.expression(_OR)
            arguments.append(argument)
            height = max(height, below)
            if not self.accept(","):
                break
        if not self.accept(")"):
            self.refuse("expected ',' or ')'")
        return Call(name.text, tuple(arguments)), self.deeper(height)


def parse_expression(source: str, *, offset: int = 0) -> Expression:
    """What ``source`` says, or ``InvalidExpression`` naming the character at fault.

    ``offset``: how many characters of a longer text stand before ``source``.
    """
    if len(source) > MAX_LENGTH:
        raise InvalidExpression(
            reason=f"is {len(source):,} characters long; at most {MAX_LENGTH:,} are accepted"
        )
    return _Parser(source, offset).parse()
