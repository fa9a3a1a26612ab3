"""LimeSurvey's expressions (relevance) in our condition language, as far as it can say them.

``!`` binds tighter than any comparison, and a question that is hidden makes the whole expression
false unless it is named with ``.NAOK``. What operators and functions mean is
``surveys.formats.lss_meaning``. What our language cannot say is refused with ``Untranslatable``:
the importer then reports the expression.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from surveys.expressions import Call, Expression, Literal, Negative, Reference, all_of
from surveys.formats.lss_functions import FUNCTIONS
from surveys.formats.lss_meaning import (
    Constant,
    Operand,
    Quantity,
    Several,
    Truth,
    Untranslatable,
    Variable,
    apply_operator,
    implies_shown,
    negation,
    number,
    truth,
)

MAX_DEPTH = 40


@dataclass(slots=True)
class Variables:
    """What expressions may name: by variable name (``Q1``, ``Q1_SQ2``, ``12X3X45SQ2``), and whole
    questions (``that.Q1``) as their variables by sub-question code."""

    named: dict[str, Variable] = field(default_factory=dict)
    wholes: dict[str, dict[str, Variable]] = field(default_factory=dict)
    # Names (ours) that are not always shown.
    hideable: set[str] = field(default_factory=set)
    # LimeSurvey names of questions that were not carried over.
    lost: set[str] = field(default_factory=set)


_TOKEN = re.compile(
    r"""\s*(?:
      "(?P<double>(?:[^"\\]|\\.)*)"
    | '(?P<single>(?:[^'\\]|\\.)*)'
    | (?P<sgqa>(?:INSERTANS:)?[0-9]+X[0-9]+X[0-9]+[A-Za-z0-9_\#]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<number>[0-9]+(?:\.[0-9]*)?(?![A-Za-z_0-9])|\.[0-9]+)
    | (?P<word>[A-Za-z_][A-Za-z0-9_:]*(?:\.[A-Za-z0-9_]+)*)
    | (?P<sign>&&|\|\||==|!=|<=|>=|[<>!()+\-*/,=])
    )""",
    re.VERBOSE | re.DOTALL,
)
_SYNONYMS = {
    "&&": "and", "||": "or", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "not": "!",
}  # fmt: skip
_BINDING = {
    "or": 1, "and": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6,
}  # fmt: skip
_UNARY = 7


def translate(expression: str, variables: Variables) -> Expression:
    """Our condition for a LimeSurvey ``expression``, or ``Untranslatable``."""
    source = expression.strip()
    if source.startswith("{") and source.endswith("}"):
        source = source[1:-1]
    parser = _Parser(source, variables)
    operand = parser.expression(1)
    if parser.peek() is not None:
        raise Untranslatable(f"“{parser.peek()}” is not expected there")
    condition = truth(operand)
    guards = [
        Call("shown", (reference,))
        for reference in dict.fromkeys(parser.needed)
        if not implies_shown(condition, reference)
    ]
    return all_of(*guards, condition)


class _Parser:
    def __init__(self, source: str, variables: Variables) -> None:
        self.tokens = list(_tokens(source))
        self.position = 0
        self.depth = 0
        self.variables = variables
        # What must be shown for the expression to count: named without .NAOK.
        self.needed: list[Reference] = []

    def peek(self) -> str | None:
        return self.tokens[self.position][1] if self.position < len(self.tokens) else None

    def peek_operator(self) -> str | None:
        if self.position < len(self.tokens) and self.tokens[self.position][0] == "sign":
            return self.tokens[self.position][1]
        return None

    def accept(self, sign: str) -> bool:
        if self.peek_operator() == sign:
            self.position += 1
            return True
        return False

    def expression(self, minimum: int) -> Operand:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Untranslatable("it is nested too deep")
        left = self.operand()
        while (operator := self.peek_operator()) and _BINDING.get(operator, 0) >= minimum:
            self.position += 1
            right = self.expression(_BINDING[operator] + 1)
            left = apply_operator(operator, left, right)
        self.depth -= 1
        return left

    def operand(self) -> Operand:
        if self.accept("!"):
            return Truth(negation(truth(self.expression(_UNARY))))
        if self.accept("-"):
            return Quantity(Negative(number(self.expression(_UNARY))))
        if self.accept("+"):
            return Quantity(number(self.expression(_UNARY)))
        if self.accept("("):
            inside = self.expression(1)
            if not self.accept(")"):
                raise Untranslatable("a closing parenthesis is missing")
            return inside
        if self.position >= len(self.tokens):
            raise Untranslatable("it ends too early")
        kind, text = self.tokens[self.position]
        self.position += 1
        if kind == "text":
            return Constant(text, quoted=True)
        if kind == "number":
            return Constant(text, quoted=False)
        if kind == "name":
            return self.call(text) if self.accept("(") else self.variable(text)
        raise Untranslatable(f"“{text}” is not expected there")

    def variable(self, name: str) -> Operand:
        if name.lower() in ("true", "false"):
            return Truth(Literal(name.lower() == "true"))
        base, suffixes = self.split(name)
        if base in ("that", "self", "this"):
            if base != "that" or not suffixes:
                raise Untranslatable(f"“{name}” has no counterpart")
            return self.several(suffixes)
        variable = self.variables.named.get(base)
        if variable is None:
            root = base.split("_")[0]
            if base in self.variables.lost or root in self.variables.lost:
                raise Untranslatable(f"it depends on “{base}”, which could not be carried over")
            raise Untranslatable(f"there is no answer named “{base}”")
        for suffix in suffixes:
            if suffix == "relevanceStatus":
                return Truth(Call("shown", (variable.reference,)))
            if suffix not in ("NAOK", "code", "value", "valueNAOK"):
                raise Untranslatable(f"“.{suffix}” has no counterpart")
        if not {"NAOK", "valueNAOK"} & set(suffixes):
            self.need(variable)
        return variable

    def split(self, name: str) -> tuple[str, list[str]]:
        base, *suffixes = name.removeprefix("INSERTANS:").split(".")
        # 12X3X45SQ2 names survey, group and question by their numbers; the last is enough.
        return re.sub(r"^[0-9]+X[0-9]+(?=X[0-9])", "", base), suffixes

    def need(self, variable: Variable) -> None:
        reference = variable.reference
        row = Reference(reference.name, reference.row) if reference.row else None
        for candidate in (row, Reference(variable.question)):
            if candidate is not None and str(candidate) in self.variables.hideable:
                self.needed.append(candidate)
                return

    def several(self, suffixes: list[str]) -> Several:
        code, *attributes = suffixes
        members = self.variables.wholes.get(code)
        if members is None:
            raise Untranslatable(f"“that.{code}” could not be carried over")
        partial = False
        for attribute in attributes:
            if attribute.startswith("sq_"):
                wanted = attribute.removeprefix("sq_")
                members = {k: v for k, v in members.items() if re.search(re.escape(wanted), k)}
                partial = True
            elif attribute not in ("NAOK", "nocomments", "value", "valueNAOK"):
                raise Untranslatable(f"“.{attribute}” has no counterpart")
        variables = tuple(members.values())
        if not {"NAOK", "valueNAOK"} & set(attributes):
            for variable in variables:
                self.need(variable)
        names = {variable.question for variable in variables}
        whole = None if partial or len(names) != 1 else Reference(names.pop())
        return Several(variables, whole)

    def call(self, name: str) -> Operand:
        arguments: list[Operand] = []
        if not self.accept(")"):
            while True:
                # In is_empty(Q.shown), what is shown is empty exactly when the answer is.
                self.drop_shown_suffix(name)
                arguments.append(self.expression(1))
                if self.accept(","):
                    continue
                if self.accept(")"):
                    break
                raise Untranslatable("a closing parenthesis is missing")
        function = FUNCTIONS.get(name.lower())
        if function is None:
            raise Untranslatable(f"the function {name}() has no counterpart")
        return function(arguments)

    def drop_shown_suffix(self, function: str) -> None:
        if function.lower() in ("is_empty", "empty", "count") and self.position < len(self.tokens):
            kind, text = self.tokens[self.position]
            if kind == "name":
                self.tokens[self.position] = (kind, re.sub(r"\.shown(?=\.|$)", "", text))


def _tokens(source: str) -> Iterable[tuple[str, str]]:
    at, end = 0, len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None:
            raise Untranslatable(f"“{source[at : at + 20].strip()}” cannot be read")
        kind = match.lastgroup or ""
        text = match.group(kind)
        at = match.end()
        if kind in ("double", "single"):
            yield "text", re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
        elif kind == "number":
            yield "number", text
        elif kind == "sign" or text.lower() in (*_SYNONYMS, "and", "or"):
            yield "sign", _SYNONYMS.get(text.lower(), text.lower())
        else:
            yield "name", text
