"""The functions of LimeSurvey's expressions that our conditions can say."""

from collections.abc import Callable

from surveys.expressions import (
    Call,
    Comparison,
    Expression,
    Literal,
    Reference,
    all_of,
    any_of,
    children,
)
from surveys.formats.lss_meaning import (
    Constant,
    Holds,
    Operand,
    Quantity,
    Several,
    Truth,
    Untranslatable,
    Variable,
    answered,
    negation,
    number,
    terms,
    truth,
)


def is_larger_than(condition: Expression, limit: int) -> bool:
    """Whether it has more than ``limit`` parts, counting no further than that."""
    waiting, seen = [condition], 0
    while waiting and seen <= limit:
        seen += 1
        waiting += children(waiting.pop())
    return seen > limit


def _one(arguments: list[Operand]) -> Operand:
    if len(arguments) != 1:
        raise Untranslatable("a function has another number of arguments than it takes")
    return arguments[0]


def _is_empty(arguments: list[Operand]) -> Operand:
    match _one(arguments):
        case Variable() as variable:
            return Truth(negation(answered(variable)))
        case Several(variables, _):
            return Truth(negation(any_of(*(answered(variable) for variable in variables))))
        case Constant(text):
            return Truth(Literal(text == ""))
        case _:
            raise Untranslatable("a calculation is never empty")


def _count(arguments: list[Operand]) -> Operand:
    parts: list[Expression] = []
    for argument in arguments:
        match argument:
            case Several(_, Reference() as whole):
                parts.append(whole)
            case Several(variables, _):
                parts += [_counted(variable) for variable in variables]
            case Variable() as variable:
                parts.append(_counted(variable))
            case Truth(condition):
                parts.append(condition)
            case _:
                raise Untranslatable("count() takes questions")
    if not parts:
        raise Untranslatable("count() takes questions")
    return Quantity(Call("count", tuple(parts)))


def _counted(variable: Variable) -> Expression:
    return variable.ticked if variable.ticked is not None else variable.reference


def _sum(arguments: list[Operand]) -> Operand:
    parts: list[Expression] = []
    for argument in arguments:
        members = argument.variables if isinstance(argument, Several) else (argument,)
        for member in members:
            parts += terms(number(member))
    if not parts:
        raise Untranslatable("sum() takes numbers")
    return Quantity(Call("sum", tuple(parts)))


def _length(arguments: list[Operand]) -> Operand:
    operand = _one(arguments)
    if isinstance(operand, Variable) and operand.holds in (Holds.TEXT, Holds.OPTION):
        return Quantity(Call("length", (operand.reference,)))
    raise Untranslatable("strlen() takes a text")


def _is_numeric(arguments: list[Operand]) -> Operand:
    operand = _one(arguments)
    if isinstance(operand, Variable) and operand.holds != Holds.TICK:
        value = number(operand)
        return Truth(Comparison("==", value, value))
    raise Untranslatable("is_numeric() takes a question")


def _if(arguments: list[Operand]) -> Operand:
    if len(arguments) != 3:
        raise Untranslatable("if() takes a condition and two results")
    test, then, otherwise = (truth(argument) for argument in arguments)
    if is_larger_than(test, 200):
        # It is said twice below: ifs within ifs would double again and again.
        raise Untranslatable("the test of an if() is too long")
    return Truth(any_of(all_of(test, then), all_of(negation(test), otherwise)))


def _same_number(arguments: list[Operand]) -> Operand:
    return Quantity(number(_one(arguments)))


FUNCTIONS: dict[str, Callable[[list[Operand]], Operand]] = {
    "is_empty": _is_empty,
    "empty": _is_empty,
    "count": _count,
    "sum": _sum,
    "strlen": _length,
    "is_numeric": _is_numeric,
    "floatval": _same_number,
    "if": _if,
}
