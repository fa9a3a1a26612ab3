"""What functions of LimeSurvey's expressions do with their arguments."""

from collections.abc import Callable

from surveys.formats.lss.meaning import (
    Constant,
    Holds,
    Moment,
    Operand,
    Quantity,
    Several,
    Truth,
    Untranslatable,
    Variable,
    Words,
    answered,
    not_blank,
)
from surveys.language.expressions import (
    Call,
    Comparison,
    Expression,
    Literal,
    Reference,
    any_of,
    children,
)

Function = Callable[[list[Operand]], Operand]


def is_larger_than(condition: Expression, limit: int) -> bool:
    """Whether it has more than ``limit`` parts, counting no further than that."""
    waiting, seen = [condition], 0
    while waiting and seen <= limit:
        seen += 1
        waiting += children(waiting.pop())
    return seen > limit


def one_of(arguments: list[Operand]) -> Operand:
    if len(arguments) != 1:
        raise Untranslatable("a function has another number of arguments than it takes")
    return arguments[0]


def each_of(arguments: list[Operand]) -> list[Operand]:
    """The arguments, whole questions as their variables."""
    single: list[Operand] = []
    for argument in arguments:
        single += argument.variables if isinstance(argument, Several) else (argument,)
    return single


def is_given(operand: Operand) -> Expression:
    """That there is anything in it."""
    match operand:
        case Variable() as variable:
            return answered(variable)
        case Several(_, Reference() as whole):
            return Call("answered", (whole,))
        case Several(variables, _):
            return any_of(*(answered(variable) for variable in variables))
        case Constant(text):
            return Literal(text != "")
        case Words(text):
            return not_blank(text)
        case Quantity(value) | Moment(value):
            return Comparison("==", value, value)
        case Truth(condition):
            return condition


def day_of(operand: Operand) -> Expression | None:
    if isinstance(operand, Moment):
        return operand.day
    if isinstance(operand, Variable) and operand.holds == Holds.DATE:
        return operand.reference
    return None
