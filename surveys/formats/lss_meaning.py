"""What LimeSurvey's operators and functions mean, said in our conditions.

After its manual and its server-side evaluator: an answer that was not given is the empty text, so
``Q != "Y"`` holds for it and ``Q > 5`` does not; comparisons are numeric where both sides are; a
sub-question of a multiple choice is "Y" when ticked; 0 and the empty text are false.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from surveys.evaluation import read_date, read_number
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
    all_of,
    any_of,
)


class Untranslatable(Exception):  # not an error of ours: the expression is reported as lost
    """Our language cannot say this; the text says what."""


class Holds(StrEnum):
    """What a LimeSurvey variable holds."""

    OPTION = "the code of an answer"
    TICK = "Y or nothing"
    NUMBER = "a number"
    TEXT = "a text"
    DATE = "a date"


@dataclass(frozen=True, slots=True)
class Variable:
    """A LimeSurvey variable in our terms. ``ticked`` says when a TICK is set (to ``tick``).

    ``question`` is the code of the question that must be shown for it to count.
    """

    holds: Holds
    question: str
    reference: Reference
    codes: tuple[str, ...] = ()
    ticked: Expression | None = None
    tick: str = "Y"


@dataclass(frozen=True, slots=True)
class Constant:
    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Truth:
    condition: Expression


@dataclass(frozen=True, slots=True)
class Quantity:
    """A calculated number; never empty."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Several:
    """All variables of a question; ``whole`` is set where the question says them all."""

    variables: tuple[Variable, ...]
    whole: Reference | None


Operand = Constant | Variable | Truth | Quantity | Several

_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def apply_operator(operator: str, left: Operand, right: Operand) -> Operand:
    if operator == "and":
        return Truth(all_of(truth(left), truth(right)))
    if operator == "or":
        return Truth(any_of(truth(left), truth(right)))
    if operator in _MIRRORED:
        return Truth(_compare(operator, left, right))
    if operator == "+":
        # LimeSurvey passes over what is empty when it adds.
        a, b = number(left), number(right)
        return Quantity(Call("sum", (*terms(a), *terms(b))))
    return Quantity(Arithmetic(operator, number(left), number(right)))


def terms(node: Expression) -> tuple[Expression, ...]:
    return node.arguments if isinstance(node, Call) and node.function == "sum" else (node,)


def negation(condition: Expression) -> Expression:
    if isinstance(condition, Not):
        return condition.operand
    if isinstance(condition, Literal):
        return Literal(not condition.value)
    return Not(condition)


def answered(variable: Variable) -> Expression:
    if variable.ticked is not None:
        return variable.ticked
    return Call("answered", (variable.reference,))


def _is(reference: Reference, code: str) -> Expression:
    return Comparison("==", reference, Literal(code))


def truth(operand: Operand) -> Expression:
    """PHP's idea of true: not empty and not 0."""
    match operand:
        case Truth(condition):
            return condition
        case Constant(text):
            return Literal(text not in ("", "0"))
        case Quantity(condition):
            return negation(Comparison("==", condition, Literal(0)))
        case Variable(holds=Holds.TICK):
            return answered(operand)
        case Variable(holds=Holds.OPTION, reference=reference, codes=codes):
            zero = (negation(_is(reference, "0")),) if "0" in codes else ()
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
            return _numeral(text)
        case Variable(holds=Holds.NUMBER, reference=reference):
            return reference
        case Variable(holds=Holds.OPTION | Holds.TEXT, reference=reference):
            return Call("number", (reference,))
        case _:
            raise Untranslatable("it calculates with what is no number")


def _numeral(text: str) -> Literal:
    value = read_number(text) or 0.0
    return Literal(int(value) if value.is_integer() else value)


def _compare(operator: str, left: Operand, right: Operand) -> Expression:
    if isinstance(left, Constant) and not isinstance(right, Constant):
        left, right, operator = right, left, _MIRRORED[operator]
    if isinstance(left, Several) or isinstance(right, Several):
        raise Untranslatable("a whole question cannot be compared")
    if isinstance(right, Constant):
        if isinstance(left, Constant):
            return Literal(_php_compare(left.text, operator, right))
        return _compare_constant(left, operator, right)
    return _compare_two(left, operator, right)


def _php_compare(given: str, operator: str, constant: Constant) -> bool:
    """What LimeSurvey's server makes of an answer ``given`` and a constant."""
    a, b = read_number(given), read_number(constant.text)
    if operator in ("==", "!="):
        equal = a == b if a is not None and b is not None else given == constant.text
        return equal is (operator == "==")
    if given == "" or constant.text == "":
        # Against an empty text only "is anything there" makes sense; 0 counts as empty in <=.
        if constant.text == "":
            return given != "" if operator == ">" else operator == ">="
        return operator == "<=" and constant.text == "0"
    order: Callable[[float | str, float | str], bool] = {
        "<": lambda x, y: x < y,
        "<=": lambda x, y: x <= y,
        ">": lambda x, y: x > y,
        ">=": lambda x, y: x >= y,
    }[operator]
    if constant.quoted:
        return order(given, constant.text)
    return order(a, b) if a is not None and b is not None else False


def _compare_constant(left: Operand, operator: str, constant: Constant) -> Expression:
    match left:
        case Truth(condition):
            if operator not in ("==", "!="):
                raise Untranslatable("a condition has no order")
            same = (constant.text not in ("", "0")) is (operator == "==")
            return condition if same else negation(condition)
        case Quantity(condition):
            if read_number(constant.text) is None:
                return Literal(operator == "!=")
            return _ordered(condition, operator, constant)
        case Variable(holds=Holds.TICK):
            when_ticked = _php_compare(left.tick, operator, constant)
            when_empty = _php_compare("", operator, constant)
            if when_ticked == when_empty:
                return Literal(when_ticked)
            return answered(left) if when_ticked else negation(answered(left))
        case Variable() if constant.text == "" and operator in ("==", "!=", ">"):
            return negation(answered(left)) if operator == "==" else answered(left)
        case Variable(holds=Holds.OPTION):
            return _compare_option(left, operator, constant)
        case Variable(holds=Holds.NUMBER, reference=reference):
            if read_number(constant.text) is None:
                return Literal(operator == "!=")
            compared = _ordered(reference, operator, constant)
            empty_too = operator == "<=" and constant.text == "0"
            return any_of(compared, negation(answered(left))) if empty_too else compared
        case Variable(holds=Holds.DATE, reference=reference):
            if read_date(constant.text) is None:
                raise Untranslatable(f"“{constant.text}” is no date")
            if operator == "!=":
                return negation(_is(reference, constant.text))
            return Comparison(operator, reference, Literal(constant.text))
        case Variable(reference=reference):
            return _compare_text(reference, operator, constant)
        case _:
            raise Untranslatable("it compares what cannot be compared")


def _ordered(node: Expression, operator: str, constant: Constant) -> Expression:
    numeral = _numeral(constant.text)
    if operator == "!=":
        return negation(Comparison("==", node, numeral))
    return Comparison(operator, node, numeral)


def _compare_option(left: Variable, operator: str, constant: Constant) -> Expression:
    """By trying every code there is: exact, whatever LimeSurvey's comparison does."""
    reference = left.reference
    matching = [code for code in left.codes if _php_compare(code, operator, constant)]
    others = [code for code in left.codes if code not in matching]
    if _php_compare("", operator, constant):
        return negation(any_of(*(_is(reference, code) for code in others)))
    value = read_number(constant.text)
    if len(matching) > 3 and value is not None and not constant.quoted:
        return Comparison(operator, Call("number", (reference,)), _numeral(constant.text))
    return any_of(*(_is(reference, code) for code in matching))


def _compare_text(reference: Reference, operator: str, constant: Constant) -> Expression:
    numeric = read_number(constant.text) is not None
    if operator in ("==", "!="):
        equal = (
            Comparison("==", Call("number", (reference,)), _numeral(constant.text))
            if numeric
            else _is(reference, constant.text)
        )
        return equal if operator == "==" else negation(equal)
    if not numeric or constant.quoted:
        raise Untranslatable("texts have no order here")
    return _ordered(Call("number", (reference,)), operator, constant)


def _compare_two(left: Operand, operator: str, right: Operand) -> Expression:
    if isinstance(left, Truth) or isinstance(right, Truth) or _is_tick(left) or _is_tick(right):
        if operator not in ("==", "!="):
            raise Untranslatable("a condition has no order")
        equal: Expression = Comparison("==", truth(left), truth(right))
        return equal if operator == "==" else negation(equal)
    words = (Holds.OPTION, Holds.TEXT)
    if operator not in ("==", "!="):
        return Comparison(operator, *_same_kind(left, right))
    if (
        isinstance(left, Variable)
        and isinstance(right, Variable)
        and left.holds in words
        and right.holds in words
    ):
        a: Expression = left.reference
        b: Expression = right.reference
    else:
        a, b = _same_kind(left, right)
    equal = Comparison("==", a, b)
    if isinstance(left, Variable) and isinstance(right, Variable):
        equal = any_of(equal, all_of(negation(answered(left)), negation(answered(right))))
    return equal if operator == "==" else negation(equal)


def _is_tick(operand: Operand) -> bool:
    return isinstance(operand, Variable) and operand.holds == Holds.TICK


def _same_kind(left: Operand, right: Operand) -> tuple[Expression, Expression]:
    if isinstance(left, Variable) and isinstance(right, Variable):
        dates = (left.holds == Holds.DATE) + (right.holds == Holds.DATE)
        if dates == 2:
            return left.reference, right.reference
        if dates == 1:
            raise Untranslatable("a date cannot be compared with something else")
    return number(left), number(right)


def implies_shown(condition: Expression, name: Reference) -> bool:
    """Whether ``condition`` can hold only where the question or row ``name`` is shown."""
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


def _needs_value(node: Expression, name: Reference) -> bool:
    match node:
        case Reference():
            return _lies_in(node, name)
        case Negative(operand) | Call("number", (operand,)):
            return _needs_value(operand, name)
        case Arithmetic(_, left, right):
            return _needs_value(left, name) or _needs_value(right, name)
        case _:
            return False


def _lies_in(reference: Reference, name: Reference) -> bool:
    if reference.name != name.name:
        return reference.name == f"{name.name}_other"
    return name.row is None or reference.row == name.row
