"""What the values in LimeSurvey's expressions are, and what each of them is in our language.

After its manual and its server-side evaluator: an answer that was not given is the empty text; a
sub-question of a multiple choice is "Y" when ticked; 0 and the empty text are false. How values
compare is ``surveys.formats.lss.comparisons``.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from surveys.language.evaluation import read_number
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
    all_of,
)


class Untranslatable(Exception):  # not an error of ours: the expression is reported as lost
    """Our language cannot say this; the text says what."""


class Holds(StrEnum):
    """What a LimeSurvey variable holds."""

    OPTION = "the code of an answer"
    PLACE = "the code of the answer at one place of a ranking"
    TICK = "Y or nothing"
    NUMBER = "a number"
    TEXT = "a text"
    DATE = "a date"
    FILES = "files"
    NOTHING = "never anything"


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """What LimeSurvey says of a variable itself: what ``Q1.question``, ``Q1.qid`` and the like are.

    ``facts`` by suffix. ``texts``: those of the question, then of the sub-question, as HTML by
    language; ``labels`` the same by the code of the answer ("Y" of what can be ticked); ``help``
    that of the question.
    """

    facts: dict[str, str] = field(default_factory=dict)
    texts: tuple[dict[str, str], ...] = ()
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    help: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Variable:
    """A LimeSurvey variable in our terms. ``ticked`` says when a TICK is set (to ``tick``);
    ``place`` which place of a ranking a PLACE is.

    ``question`` is the code of the question that must be shown for it to count.
    """

    holds: Holds
    question: str
    reference: Reference
    codes: tuple[str, ...] = ()
    # LimeSurvey's own codes for ``codes``, where they are others.
    theirs: tuple[str, ...] = ()
    ticked: Expression | None = None
    tick: str = "Y"
    place: int = 0
    origin: Origin = field(default_factory=Origin, compare=False)


@dataclass(frozen=True, slots=True)
class Constant:
    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Truth:
    condition: Expression


@dataclass(frozen=True, slots=True)
class Quantity:
    """A calculated number."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Words:
    """A text that is put together; empty where it has no value."""

    text: Expression


@dataclass(frozen=True, slots=True)
class Moment:
    """A day."""

    day: Expression


@dataclass(frozen=True, slots=True)
class Several:
    """All variables of a question; ``whole`` is set where the question says them all.

    ``shown``: their labels are meant, not their codes.
    """

    variables: tuple[Variable, ...]
    whole: Reference | None
    shown: bool = False


Operand = Constant | Variable | Truth | Quantity | Words | Moment | Several

NOTHING = Literal("")


def coded(variable: Variable) -> list[tuple[str, str]]:
    """LimeSurvey's code and ours, of each answer that can be chosen."""
    return list(zip(variable.theirs or variable.codes, variable.codes, strict=True))


def negation(condition: Expression) -> Expression:
    if isinstance(condition, Not):
        return condition.operand
    if isinstance(condition, Literal):
        return Literal(not condition.value)
    return Not(condition)


def either(test: Expression, then: Expression, otherwise: Expression) -> Expression:
    """One of two values."""
    if isinstance(test, Literal):
        return then if test.value is True else otherwise
    return then if then == otherwise else Call("if", (test, then, otherwise))


def answered(variable: Variable) -> Expression:
    if variable.ticked is not None:
        return variable.ticked
    if variable.holds == Holds.PLACE:
        return Comparison(">=", Call("count", (variable.reference,)), Literal(variable.place))
    return Call("answered", (variable.reference,))


def is_code(variable: Variable, code: str) -> Expression:
    """That the answer, or the place of a ranking, is the option with this code."""
    if variable.holds == Holds.PLACE:
        rank = Call("rank", (variable.reference, Literal(code)))
        return Comparison("==", rank, Literal(variable.place))
    return Comparison("==", variable.reference, Literal(code))


def not_blank(text: Expression) -> Expression:
    """That a text has at least one character."""
    if isinstance(text, Literal):
        return Literal(text.value != "")
    return Comparison("!=", text, NOTHING)


def truth(operand: Operand) -> Expression:
    """PHP's idea of true: not empty and not 0."""
    match operand:
        case Truth(condition):
            return condition
        case Constant(text):
            return Literal(text not in ("", "0"))
        case Quantity(condition):
            return negation(Comparison("==", condition, Literal(0)))
        case Words(text):
            return all_of(not_blank(text), Comparison("!=", text, Literal("0")))
        case Moment(day):
            return Comparison("==", day, day)
        case Variable(holds=Holds.OPTION | Holds.PLACE):
            zero = [
                negation(is_code(operand, ours)) for code, ours in coded(operand) if code == "0"
            ]
            return all_of(answered(operand), *zero)
        case Variable(holds=Holds.NUMBER, reference=reference):
            return Comparison("!=", reference, Literal(0))
        case Variable(holds=Holds.TEXT, reference=reference):
            return Comparison("!=", reference, Literal("0"))
        case Variable():
            return answered(operand)
        case Several():
            raise Untranslatable("a whole question is no condition")


def number(operand: Operand) -> Expression:
    match operand:
        case Quantity(condition):
            return condition
        case Constant(text) if read_number(text) is not None:
            return numeral(text)
        case Variable(holds=Holds.NUMBER, reference=reference):
            return reference
        case Variable(holds=Holds.OPTION | Holds.TEXT, reference=reference):
            return Call("number", (reference,))
        case Variable(holds=Holds.PLACE):
            return Call("number", (code_text(operand),))
        case Variable(holds=Holds.TICK, tick=tick) if read_number(tick) is not None:
            return either(answered(operand), numeral(tick), Call("number", (NOTHING,)))
        case Words(text):
            return Call("number", (text,))
        case _:
            raise Untranslatable("it calculates with what is no number")


def numeral(text: str) -> Literal:
    value = read_number(text) or 0.0
    return Literal(int(value) if value.is_integer() else value)


def words(operand: Operand) -> Expression:
    """``operand`` as a text; nothing where it has no value."""
    match operand:
        case Constant(text):
            return Literal(text)
        case Words(text):
            return text
        case Truth(condition):
            return either(condition, Literal("1"), NOTHING)
        case Quantity(value) | Moment(value):
            return Call("join", (value,))
        case Variable(holds=Holds.TEXT, reference=reference):
            return reference
        case Variable(holds=Holds.NUMBER | Holds.DATE | Holds.FILES, reference=reference):
            return Call("join", (reference,))
        case Variable(holds=Holds.TICK, tick=tick):
            return either(answered(operand), Literal(tick), NOTHING)
        case Variable():
            return code_text(operand)
        case Several():
            raise Untranslatable("a whole question is no text")


def sayable(operand: Operand) -> Expression:
    """``operand`` as it is filled into a text: as ``words``, without making a text of what can be
    said as it is."""
    match operand:
        case Quantity(value) | Moment(value):
            return value
        case Variable(holds=Holds.NUMBER | Holds.DATE | Holds.FILES, reference=reference):
            return reference
        case Several(_, Reference() as whole, shown=True):
            return whole
        case Words(Call("label", (Reference() as reference,))):
            return reference
        case _:
            return words(operand)


def code_text(variable: Variable) -> Expression:
    """The code of what was chosen, as a text: our language itself would say its label."""
    codes = variable.codes
    if variable.holds == Holds.OPTION and variable.theirs in ((), codes):
        # Changing to a case that all codes are in already changes nothing, and gives a text.
        for function, same in (("lower", str.lower), ("upper", str.upper)):
            if all(same(code) == code for code in codes):
                return Call(function, (variable.reference,))
    return pick(variable, {ours: Literal(code) for code, ours in coded(variable)})


def pick(variable: Variable, texts: dict[str, Expression]) -> Expression:
    """The text that belongs to the code that was chosen."""
    if len(texts) > 40:
        # One if(…) within the other: deeper than our language goes.
        raise Untranslatable("it has too many options to name their codes one by one")
    said: Expression = NOTHING
    for code, text in reversed(texts.items()):
        said = either(is_code(variable, code), text, said)
    return said


def joined(parts: list[Expression]) -> Expression:
    """Texts (or what can be said) put together, neighbouring constants as one."""
    flat: list[Expression] = []
    for part in parts:
        for piece in (
            part.arguments if isinstance(part, Call) and part.function == "join" else (part,)
        ):
            last = flat[-1] if flat else None
            if isinstance(piece, Literal) and isinstance(last, Literal):
                flat[-1] = Literal(f"{last.value}{piece.value}")
            elif piece != NOTHING:
                flat.append(piece)
    if not flat:
        return NOTHING
    if len(flat) == 1 and isinstance(flat[0], Literal):
        return flat[0]
    return Call("join", tuple(flat))


def implies_shown(condition: Expression, name: Reference) -> bool:
    """Whether ``condition`` can hold, or have a value, only where the question or row ``name`` is
    shown."""
    match condition:
        case AllOf(operands):
            return any(implies_shown(operand, name) for operand in operands)
        case AnyOf(operands):
            return all(implies_shown(operand, name) for operand in operands)
        case Comparison(_, left, right):
            return _needs_value(left, name) or _needs_value(right, name)
        case Call("answered" | "shown", (Reference() as reference,)):
            return _lies_in(reference, name)
        case _:
            return False


_NEEDING = frozenset({
    "abs", "ceil", "days", "exp", "floor", "label", "log", "lower", "number", "power", "rank",
    "round", "sqrt", "upper", "year",
})  # fmt: skip


def _needs_value(node: Expression, name: Reference) -> bool:
    match node:
        case Reference():
            return _lies_in(node, name)
        case Negative(operand):
            return _needs_value(operand, name)
        case Call(function, arguments) if function in _NEEDING:
            return _needs_value(arguments[0], name)
        case Call("if", (test, then, otherwise)):
            needs = implies_shown(test, name) or _needs_value(then, name)
            return needs and (otherwise == NOTHING or _needs_value(otherwise, name))
        case Call("join", arguments):
            return len(arguments) == 1 and _needs_value(arguments[0], name)
        case Arithmetic(_, left, right):
            return _needs_value(left, name) or _needs_value(right, name)
        case _:
            return False


def has_no_value_without(node: Expression, name: Reference) -> bool:
    """Whether ``node`` says nothing where ``name`` is not shown."""
    return _needs_value(node, name)


def _lies_in(reference: Reference, name: Reference) -> bool:
    if reference.name != name.name:
        return reference.name == f"{name.name}_other"
    return name.row is None or reference.row == name.row
