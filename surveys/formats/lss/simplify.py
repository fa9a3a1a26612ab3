"""Conditions said shorter: LimeSurvey must ask for an answer where our comparisons imply one."""

from typing import TypeGuard

from surveys.formats.lss.meaning import negation
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
    any_of,
)


def simplified(node: Expression) -> Expression:
    """The same condition (or value), where ``answered(Q) and not Q == 'a'`` is ``Q != 'a'``, and
    ``answered(Q)`` or ``number(Q) == number(Q)`` goes where something compared implies it."""
    match node:
        case Not(operand):
            return negation(simplified(operand))
        case Negative(operand):
            return Negative(simplified(operand))
        case AnyOf(operands):
            return any_of(*(simplified(operand) for operand in operands))
        case AllOf(operands):
            return _all(tuple(simplified(operand) for operand in operands))
        case Comparison(operator, left, right):
            return Comparison(operator, simplified(left), simplified(right))
        case Arithmetic(operator, left, right):
            return Arithmetic(operator, simplified(left), simplified(right))
        case Call(function, arguments):
            return Call(function, tuple(simplified(argument) for argument in arguments))
        case _:
            return node


def _all(operands: tuple[Expression, ...]) -> Expression:
    known = [
        operand.arguments[0]
        for operand in operands
        if isinstance(operand, Call) and operand.function == "answered"
    ]
    operands = tuple(
        part
        for place, part in enumerate(operands)
        if not (_is_number(part) and any(
            isinstance(other, Comparison) and part.left in (other.left, other.right)
            for at, other in enumerate(operands) if at != place and other != part
        ))
    )  # fmt: skip
    if not known:
        return all_of(*operands)
    shorter = [_knowing(operand, known) for operand in operands]
    kept = [
        part
        for position, part in enumerate(shorter)
        if not (
            isinstance(part, Call)
            and part.function == "answered"
            and any(
                isinstance(other, Comparison) and _implies(other, part.arguments[0])
                for place, other in enumerate(shorter)
                if place != position
            )
        )
    ]
    return all_of(*kept)


def _is_number(node: Expression) -> TypeGuard[Comparison]:
    """``number(Q) == number(Q)``: that there is a number in it."""
    return isinstance(node, Comparison) and node.operator == "==" and node.left == node.right


def _implies(comparison: Comparison, name: Expression) -> bool:
    """Whether it compares exactly this answer, so that it holds only where there is one."""
    sides = (comparison.left, comparison.right)
    return any(side in (name, Call("number", (name,))) for side in sides)


def _knowing(node: Expression, known: list[Expression]) -> Expression:
    """``node`` where the answers ``known`` are there."""
    match node:
        case AnyOf(operands):
            return any_of(
                *(_knowing(operand, known) for operand in operands if not _denies(operand, known))
            )
        case Not(Comparison("==", Reference() as left, right)) if left in known and (
            right in known or isinstance(right, Literal)
        ):
            return Comparison("!=", left, right)
        case Not(AnyOf() as operand):
            return _knowing(Not(_knowing(operand, known)), known)
        case _:
            return node


def _denies(node: Expression, known: list[Expression]) -> bool:
    """Whether it holds only where one of ``known`` is not there."""
    match node:
        case Not(Call("answered", (name,))):
            return name in known
        case AllOf(operands):
            return any(_denies(operand, known) for operand in operands)
        case _:
            return False
