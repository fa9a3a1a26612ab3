"""The expressions of XLSForms (XPath with ODK's additions), parsed."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn, TypeAlias

MAX_LENGTH = 10_000
MAX_DEPTH = 50


class Untranslatable(Exception):  # not an error of ours: the expression is reported as lost
    """Our language cannot say this; the text says what."""


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Number:
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """``${name}``; ``.`` has the name "."."""

    name: str


@dataclass(frozen=True, slots=True)
class Column:
    """A bare name: in a choice filter, a column of the choices."""

    name: str


@dataclass(frozen=True, slots=True)
class Minus:
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Function:
    """A call, or operands joined by ``and`` or ``or``."""

    name: str
    arguments: tuple["Node", ...]


Node: TypeAlias = Text | Number | Field | Column | Minus | Binary | Function

_BINDING = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6,
}  # fmt: skip
_WORDS = frozenset({"or", "and", "div", "mod"})
_NAME = r"[^\W\d][\w.\-]*"
_TOKEN = re.compile(
    rf"""\s*(?:
      "(?P<double>[^"]*)" | '(?P<single>[^']*)' | “(?P<curly>[^”]*)” | ‘(?P<curly1>[^’]*)’
    | \$\{{\s*(?P<field>[^{{}}]*?)\s*\}}
    | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<name>{_NAME}(?::{_NAME})?)
    | (?P<sign><=|>=|!=|\.\.|[=<>()+\-*,.|/\[\]@])
    )""",
    re.VERBOSE,
)


@lru_cache(maxsize=256)
def parse_xpath(source: str) -> Node:
    """What ``source`` says. Raises ``Untranslatable`` where it cannot be read."""
    if len(source) > MAX_LENGTH:
        raise Untranslatable(f"it is longer than {MAX_LENGTH:,} characters")
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.at = self.depth = 0
        position, end = 0, len(source.rstrip())
        while position < end:
            match = _TOKEN.match(source, position)
            if match is None:
                what = source[position : position + 20].strip()
                raise Untranslatable(f"“{what}” cannot be read")
            kind = match.lastgroup or ""
            text = match.group(kind)
            kind = "text" if kind in ("double", "single", "curly", "curly1") else kind
            if kind == "name" and text in _WORDS and self._ends_operand():
                kind = "sign"
            self.tokens.append((kind, text))
            position = match.end()

    def _ends_operand(self) -> bool:
        """Whether what was read last ends an operand, so that a word after it is an operator."""
        if not self.tokens:
            return False
        kind, text = self.tokens[-1]
        return kind != "sign" or text in (")", ".")

    def parse(self) -> Node:
        node = self.expression(1)
        if self.at < len(self.tokens):
            self.refuse()
        return node

    @property
    def next(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def refuse(self) -> NoReturn:
        kind, text = self.next
        if kind == "end":
            raise Untranslatable("it ends too early")
        if text in ("/", "..", "[", "]", "@", "|"):
            raise Untranslatable("paths through the form are not understood")
        raise Untranslatable(f"“{text[:40]}” is not expected where it stands")

    def accept(self, sign: str) -> bool:
        if self.next == ("sign", sign):
            self.at += 1
            return True
        return False

    def expression(self, minimum: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Untranslatable(f"it is nested more than {MAX_DEPTH} deep")
        left, links = self.operand(), 0
        while self.next[0] == "sign" and _BINDING.get(self.next[1], 0) >= minimum:
            operator = self.next[1]
            if operator in ("and", "or"):
                operands = [left]
                while self.accept(operator):
                    operands.append(self.expression(_BINDING[operator] + 1))
                left = Function(operator, tuple(operands))
                continue
            self.at += 1
            left = Binary(operator, left, self.expression(_BINDING[operator] + 1))
            links += 1
            if links > MAX_DEPTH:
                raise Untranslatable(f"it is nested more than {MAX_DEPTH} deep")
        self.depth -= 1
        return left

    def operand(self) -> Node:
        kind, text = self.next
        self.at += 1
        if kind == "text":
            return Text(text)
        if kind == "number":
            return Number(text)
        if kind == "field":
            return Field(text)
        if kind == "name":
            return self.call(text) if self.accept("(") else Column(text)
        if (kind, text) == ("sign", "."):
            return Field(".")
        if (kind, text) == ("sign", "-"):
            return Minus(self.expression(7))
        if (kind, text) == ("sign", "("):
            inside = self.expression(1)
            if not self.accept(")"):
                self.refuse()
            return inside
        self.at -= 1
        return self.refuse()

    def call(self, name: str) -> Function:
        if self.accept(")"):
            return Function(name, ())
        arguments = [self.expression(1)]
        while self.accept(","):
            arguments.append(self.expression(1))
        if not self.accept(")"):
            self.refuse()
        return Function(name, tuple(arguments))


def columns_in(node: Node) -> set[str]:
    """The bare names in ``node``."""
    waiting, found = [node], set()
    while waiting:
        match waiting.pop():
            case Column(name):
                found.add(name)
            case Minus(operand):
                waiting.append(operand)
            case Binary(_, left, right):
                waiting += [left, right]
            case Function(_, arguments):
                waiting += arguments
    return found
