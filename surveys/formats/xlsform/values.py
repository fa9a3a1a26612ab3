"""What the values in XLSForm's expressions are, and what each of them is in our language.

After ODK's documentation and JavaRosa, its evaluator: whatever was not answered, or is not asked,
is the empty text; a number in a comparison makes both sides numbers, and a text that is none is
"not a number", which is equal to nothing and different from everything; a chosen list is one text
with blanks between the names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from surveys.formats.xlsform.syntax import Untranslatable
from surveys.language.evaluation import Kind, read_date
from surveys.language.expressions import (
    AllOf,
    AnyOf,
    Call,
    Comparison,
    Expression,
    Literal,
    Not,
    Reference,
    children,
)

TICKED = "OK"
"""The value of an acknowledgement that was given."""

# What is said twice must be small, or saying it twice again and again would never end.
_SMALL = 60

TRUE, FALSE = Literal(True), Literal(False)
NO_NUMBER = Call("number", (Literal(""),))
"""Not a number: what has no value is passed over, and equal to nothing."""


@dataclass(frozen=True, slots=True)
class Value:
    """``constant``: what a written text or number says; ``quoted``: it was a text.

    ``codes``: ours by theirs, of what holds choices. ``moment``: it is now, not only today.
    """

    kind: Kind
    node: Expression
    constant: str | None = None
    quoted: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = False
    moment: bool = False
    # Of a consent, which is "OK" or nothing; other conditions are the words true and false.
    ticked: bool = False
    # Of the choice at one place of a ranking, from 1.
    place: int = 0

    @property
    def is_named(self) -> bool:
        """Whether it is the answer to a question, or a calculation."""
        return isinstance(self.node, Reference)

    @property
    def is_blank(self) -> bool:
        return self.quoted and self.constant == ""


def text_value(text: str) -> Value:
    return Value(Kind.TEXT, Literal(text), text, quoted=True)


def number_value(text: str) -> Value:
    number = _number(text)
    if number is None:
        raise Untranslatable(f"“{text[:30]}” is not a number here")
    return Value(Kind.NUMBER, number, text)


def condition_value(node: Expression) -> Value:
    return Value(Kind.BOOLEAN, node)


def calculated(node: Expression, kind: Kind = Kind.NUMBER) -> Value:
    return Value(kind, node)


def number_of(text: str) -> float | None:
    """The number a text says to ODK, or None."""
    node = _number(text.strip())
    return float(node.value) if node is not None else None


def _number(text: str) -> Literal | None:
    negative = text.startswith("-")
    digits = text.removeprefix("-")
    whole, dot, fraction = digits.partition(".")
    if (
        not (whole or fraction)
        or not (whole + fraction).isascii()
        or not (whole + fraction).isdigit()
        or len(whole) > 15
        or len(fraction) > 10
    ):
        return None
    value: int | float = float(f"{whole or 0}.{fraction or 0}") if dot else int(whole)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Literal(-value if negative and value else value)


def negated(node: Expression) -> Expression:
    match node:
        case Not(operand):
            return operand
        case Literal(bool() as value):
            return Literal(not value)
        case _:
            return Not(node)


def joined(kind: type[AllOf] | type[AnyOf], parts: list[Expression]) -> Expression:
    """``and`` or ``or`` over ``parts``; what decides it by itself, or adds nothing, is left out."""
    neutral = kind is AllOf
    flat: list[Expression] = []
    for part in parts:
        if isinstance(part, Literal) and isinstance(part.value, bool):
            if part.value is not neutral:
                return Literal(not neutral)
            continue
        flat += part.operands if isinstance(part, kind) else (part,)
    if not flat:
        return Literal(neutral)
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def small(*nodes: Expression) -> None:
    """Raises ``Untranslatable`` for what is too large to be said twice."""
    waiting, count = list(nodes), 0
    while waiting:
        count += 1
        if count > _SMALL:
            raise Untranslatable("it would become too long")
        waiting += children(waiting.pop())


def as_condition(value: Value) -> Expression:
    """Whether ``value`` counts as true."""
    if value.constant is not None:
        if value.quoted:
            return Literal(bool(value.constant))
        return Literal(number_of(value.constant) != 0)
    match value.kind:
        case Kind.BOOLEAN:
            return value.node
        case Kind.NUMBER:
            return Comparison("!=", value.node, Literal(0))
        case Kind.TEXT if not value.is_named:
            return Comparison(">", Call("length", (value.node,)), Literal(0))
        case _ if value.is_named:
            return Call("answered", (value.node,))
    raise Untranslatable(f"{value.kind} is neither true nor false")


def as_number(value: Value) -> Expression:
    if value.constant is not None:
        return _number(value.constant.strip()) or NO_NUMBER
    match value.kind:
        case Kind.NUMBER:
            return value.node
        case Kind.TEXT:
            return Call("number", (value.node,))
        case Kind.OPTION if all(ours == theirs for theirs, ours in value.codes.items()):
            return Call("number", (value.node,))
        case Kind.BOOLEAN:
            return Call("if", (value.node, Literal(1), Literal(0)))
    raise Untranslatable(f"{value.kind} is no number")


def as_text(value: Value) -> Expression:
    """``value`` as a text that is joined with others."""
    if value.constant is not None:
        return Literal(value.constant)
    match value.kind:
        case Kind.TEXT | Kind.NUMBER:
            return value.node
        case Kind.BOOLEAN if value.ticked:
            return Call("if", (value.node, Literal(TICKED), Literal("")))
        case Kind.BOOLEAN:
            return Call("if", (value.node, Literal("true"), Literal("false")))
        case Kind.OPTION | Kind.OPTIONS:
            raise Untranslatable("a text cannot hold the name of a choice, only its label")
    raise Untranslatable(f"{value.kind} is written differently in a text")


def as_textual(value: Value) -> Expression:
    """``value`` as what functions on texts take."""
    if value.kind == Kind.OPTION:
        if any(ours != theirs for theirs, ours in value.codes.items()):
            raise Untranslatable("the names of its choices had to change")
        return value.node
    node = as_text(value)
    return Call("join", (node,)) if value.kind == Kind.NUMBER and value.constant is None else node


def equal(left: Value, right: Value) -> Expression:
    """``=``: true or false whatever is answered."""
    if left.constant is not None and right.constant is None:
        left, right = right, left
    if right.constant is not None:
        return _equal_constant(left, right)
    if left.place or right.place:
        raise Untranslatable("a place in a ranking can only be compared with a name")
    if Kind.BOOLEAN in (left.kind, right.kind):
        a, b = as_condition(left), as_condition(right)
        if isinstance(b, Literal) or isinstance(a, Literal):
            fixed, other = (b, a) if isinstance(b, Literal) else (a, b)
            return other if fixed == TRUE else negated(other)
        small(a, b)
        return joined(AnyOf, [joined(AllOf, [a, b]), joined(AllOf, [negated(a), negated(b)])])
    same = _equal_answers(left, right)
    if left.is_named and right.is_named:
        neither = [negated(Call("answered", (side.node,))) for side in (left, right)]
        return joined(AnyOf, [same, joined(AllOf, neither)])
    return same


def _equal_answers(left: Value, right: Value) -> Expression:
    kinds = {left.kind, right.kind}
    if kinds & {Kind.OPTIONS, Kind.FILES, Kind.MATRIX}:
        raise Untranslatable("a list cannot be compared with another answer")
    if Kind.DATE in kinds:
        if kinds != {Kind.DATE}:
            raise Untranslatable("a date can only be compared with a date")
        return Comparison("==", left.node, right.node)
    if Kind.NUMBER in kinds:
        return Comparison("==", as_number(left), as_number(right))
    return Comparison("==", as_textual(left), as_textual(right))


def _equal_constant(value: Value, constant: Value) -> Expression:
    text = constant.constant or ""
    if value.constant is not None:
        if value.quoted and constant.quoted:
            return Literal(value.constant == text)
        first, second = number_of(value.constant), number_of(text)
        return Literal(first is not None and first == second)
    if value.place:
        return _is_at_place(value, constant)
    if constant.is_blank:
        return _is_blank(value)
    match value.kind:
        case Kind.BOOLEAN:
            return _equal_truth(value, constant)
        case Kind.OPTION:
            return _is_choice(value, constant)
        case Kind.OPTIONS:
            return _are_choices(value, text)
        case Kind.NUMBER:
            number = _number(text.strip())
            return FALSE if number is None else Comparison("==", value.node, number)
        case Kind.DATE:
            if read_date(text) is None:
                raise Untranslatable(f"“{text[:30]}” is not a date")
            return Comparison("==", value.node, Literal(text))
        case Kind.TEXT if constant.quoted:
            return Comparison("==", value.node, Literal(text))
        case Kind.TEXT:
            return Comparison("==", as_number(value), as_number(constant))
    raise Untranslatable(f"{value.kind} cannot be compared with “{text[:30]}”")


def _is_at_place(value: Value, constant: Value) -> Expression:
    """Whether a choice has its place in a ranking."""
    if constant.is_blank:
        return negated(Comparison(">=", Call("count", (value.node,)), Literal(value.place)))
    code = value.codes.get(constant.constant or "")
    if code is None:
        return FALSE
    return Comparison("==", Call("rank", (value.node, Literal(code))), Literal(value.place))


def _is_blank(value: Value) -> Expression:
    if value.kind == Kind.BOOLEAN and value.ticked:
        return negated(value.node)
    if value.kind == Kind.BOOLEAN and not value.is_named:
        return FALSE
    if value.is_named:
        return negated(Call("answered", (value.node,)))
    if value.kind == Kind.TEXT:
        return Comparison("==", Call("length", (value.node,)), Literal(0))
    return FALSE


def _equal_truth(value: Value, constant: Value) -> Expression:
    text = (constant.constant or "").lower()
    if value.ticked:
        return value.node if constant.quoted and constant.constant == TICKED else FALSE
    if not constant.quoted:
        return value.node if number_of(text) != 0 else negated(value.node)
    if not value.is_named or text not in ("true", "false"):
        # A condition next to a text: any text is true.
        return value.node if not value.is_named else FALSE
    return value.node if text == "true" else negated(value.node)


def _is_choice(value: Value, constant: Value) -> Expression:
    text = constant.constant or ""
    if constant.quoted:
        ours = value.codes.get(text)
        return FALSE if ours is None else Comparison("==", value.node, Literal(ours))
    number = number_of(text)
    return joined(AnyOf, [
        Comparison("==", value.node, Literal(ours))
        for theirs, ours in value.codes.items()
        if number_of(theirs) == number
    ])  # fmt: skip


def _are_choices(value: Value, text: str) -> Expression:
    names = text.split()
    if len(names) != 1:
        raise Untranslatable("a list of choices can only be compared with one name")
    if names[0] not in value.codes:
        return FALSE
    return AllOf((
        Comparison("in", Literal(value.codes[names[0]]), value.node),
        Comparison("==", Call("count", (value.node,)), Literal(1)),
    ))  # fmt: skip


def in_order(operator: str, left: Value, right: Value) -> Expression:
    """``<`` and the like: of dates, or else of numbers."""
    if Kind.DATE in (left.kind, right.kind):
        for value in (left, right):
            if value.moment:
                # A day begins at midnight, before any moment of it.
                first = value is left
                strict = operator[0] if (operator[0] == "<") == first else f"{operator[0]}="
                operator = strict
        return Comparison(operator, _day(left), _day(right))
    if left.constant is not None and right.constant is not None:
        low, high = number_of(left.constant), number_of(right.constant)
        if low is None or high is None:
            return FALSE
        return Literal({"<": low < high, "<=": low <= high, ">": low > high,
                        ">=": low >= high}[operator])  # fmt: skip
    return Comparison(operator, as_number(left), as_number(right))


def _day(value: Value) -> Expression:
    if value.kind == Kind.DATE:
        return value.node
    if value.quoted and read_date(value.constant) is not None:
        return value.node
    raise Untranslatable("a date can only be compared with a date")
