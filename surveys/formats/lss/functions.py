"""The functions of LimeSurvey's expressions that our language can say."""

import math
import re
from itertools import combinations

from surveys.formats.lss.arguments import (
    Function,
    day_of,
    each_of,
    is_given,
    is_larger_than,
    one_of,
)
from surveys.formats.lss.comparisons import compare, terms
from surveys.formats.lss.meaning import (
    NOTHING,
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
    either,
    negation,
    number,
    truth,
    words,
)
from surveys.formats.lss.text_functions import (
    as_text,
    date_of,
    implode,
    join,
    list_of,
    on_text,
    regex_match,
    time_of,
    trimmed,
)
from surveys.language.evaluation import read_number
from surveys.language.expressions import (
    Call,
    Comparison,
    Expression,
    Literal,
    Reference,
    all_of,
    any_of,
)

# Values that are compared with one another, two by two.
_MOST_COMPARED = 12


def _is_empty(arguments: list[Operand]) -> Operand:
    return Truth(negation(is_given(one_of(arguments))))


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
            case _:
                parts.append(is_given(argument))
    return _counting(parts)


def _counted(variable: Variable) -> Expression:
    if variable.ticked is not None or variable.holds == Holds.PLACE:
        return answered(variable)
    return variable.reference


def _counting(parts: list[Expression]) -> Operand:
    if not parts:
        raise Untranslatable("count() takes questions")
    return Quantity(Call("count", tuple(parts)))


def _count_if(arguments: list[Operand]) -> Operand:
    """``countif(value, …)``: how many are the same as ``value``."""
    return _counting([truth_of for _, truth_of in _matching("==", arguments)])


def _count_if_op(arguments: list[Operand]) -> Operand:
    """``countifop(op, value, …)``."""
    operator, rest = _operator(arguments)
    return _counting([truth_of for _, truth_of in _matching(operator, rest)])


def _sum_if(arguments: list[Operand]) -> Operand:
    return _summed(_matching("==", arguments))


def _sum_if_op(arguments: list[Operand]) -> Operand:
    operator, rest = _operator(arguments)
    return _summed(_matching(operator, rest))


def _summed(matching: list[tuple[Operand, Expression]]) -> Operand:
    parts = [either(holds, number(operand), Literal(0)) for operand, holds in matching]
    if not parts:
        raise Untranslatable("sum() takes numbers")
    return Quantity(Call("sum", tuple(parts)))


_OPERATORS = {
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "RX": "RX",
} | {sign: sign for sign in ("==", "!=", "<", "<=", ">", ">=")}  # fmt: skip


def _operator(arguments: list[Operand]) -> tuple[str, list[Operand]]:
    first = arguments[0] if arguments else None
    if not isinstance(first, Constant) or first.text not in _OPERATORS:
        raise Untranslatable("the comparison must be written out, as in countifop('>=', 3, …)")
    return _OPERATORS[first.text], arguments[1:]


def _matching(operator: str, arguments: list[Operand]) -> list[tuple[Operand, Expression]]:
    """Each of the listed values with the condition that it compares so with the first one."""
    if len(arguments) < 2:
        raise Untranslatable("a function has another number of arguments than it takes")
    value, *listed = arguments
    matching = []
    for operand in each_of(listed):
        if operator == "RX":
            holds = truth(regex_match([value, operand]))
        else:
            # What is empty is passed over.
            holds = all_of(is_given(operand), compare(operator, operand, value))
        matching.append((operand, holds))
    return matching


def _unique(arguments: list[Operand]) -> Operand:
    """Whether no two of the values given are the same."""
    listed = each_of(arguments)
    if len(listed) > _MOST_COMPARED:
        raise Untranslatable("unique() has too many values to compare each with each")
    return Truth(
        all_of(
            *(
                negation(all_of(is_given(a), is_given(b), compare("==", a, b)))
                for a, b in combinations(listed, 2)
            )
        )
    )


def _sum(arguments: list[Operand]) -> Operand:
    parts: list[Expression] = []
    for part in _numbers(arguments):
        parts += terms(part)
    if not parts:
        raise Untranslatable("sum() takes numbers")
    return Quantity(Call("sum", tuple(parts)))


def _numbers(arguments: list[Operand]) -> list[Expression]:
    """The arguments as numbers; a question that asks for nothing but numbers is named as a
    whole."""
    numbers: list[Expression] = []
    for argument in arguments:
        if isinstance(argument, Several):
            holds = {variable.holds for variable in argument.variables}
            if argument.whole is not None and holds == {Holds.NUMBER}:
                numbers.append(argument.whole)
            else:
                numbers += [number(variable) for variable in argument.variables]
        else:
            numbers.append(number(argument))
    return numbers


def _length(arguments: list[Operand]) -> Operand:
    operand = one_of(arguments)
    if isinstance(operand, Variable) and operand.holds in (Holds.TEXT, Holds.OPTION):
        return Quantity(Call("length", (operand.reference,)))
    return Quantity(Call("length", (words(operand),)))


def _is_numeric(arguments: list[Operand]) -> Operand:
    operand = one_of(arguments)
    if isinstance(operand, Constant):
        return Truth(Literal(read_number(operand.text) is not None))
    value = number(operand)
    return Truth(Comparison("==", value, value))


def _is_nan(arguments: list[Operand]) -> Operand:
    return Truth(all_of(is_given(one_of(arguments)), negation(truth(_is_numeric(arguments)))))


def _is_int(arguments: list[Operand]) -> Operand:
    value = number(one_of(arguments))
    return Truth(Comparison("==", value, Call("floor", (value,))))


def _is_float(arguments: list[Operand]) -> Operand:
    value = number(one_of(arguments))
    whole = Comparison("==", value, Call("floor", (value,)))
    return Truth(all_of(Comparison("==", value, value), negation(whole)))


def _is_string(arguments: list[Operand]) -> Operand:
    operand = one_of(arguments)
    if isinstance(operand, (Quantity, Truth)):
        return Truth(Literal(False))
    return Truth(Literal(not (isinstance(operand, Constant) and not operand.quoted)))


def _is_null(arguments: list[Operand]) -> Operand:
    """Only what is not asked is null; what was left empty is an empty text."""
    operand = one_of(arguments)
    if isinstance(operand, Variable):
        return Truth(negation(Call("shown", (Reference(operand.question),))))
    return Truth(Literal(False))


def _if(arguments: list[Operand]) -> Operand:
    if len(arguments) != 3:
        raise Untranslatable("if() takes a condition and two results")
    test, (then, otherwise) = truth(arguments[0]), arguments[1:]
    if isinstance(then, Truth) and isinstance(otherwise, Truth):
        if is_larger_than(test, 200):
            # It is said twice below: ifs within ifs would double again and again.
            raise Untranslatable("the test of an if() is too long")
        either_holds = any_of(
            all_of(test, then.condition), all_of(negation(test), otherwise.condition)
        )
        return Truth(either_holds)
    if isinstance(then, Moment) and isinstance(otherwise, Moment):
        return Moment(either(test, then.day, otherwise.day))
    if _is_number(then) and _is_number(otherwise):
        return Quantity(either(test, number(then), number(otherwise)))
    return Words(either(test, words(then), words(otherwise)))


def _is_number(operand: Operand) -> bool:
    match operand:
        case Quantity() | Variable(holds=Holds.NUMBER):
            return True
        case Constant(text):
            return read_number(text) is not None
        case _:
            return False


def _same_number(arguments: list[Operand]) -> Operand:
    operand = one_of(arguments)
    if operand == Constant("", quoted=True):
        return Quantity(Call("number", (NOTHING,)))
    return Quantity(number(operand))


def _whole_part(arguments: list[Operand]) -> Operand:
    """``intval``: towards zero."""
    value = number(one_of(arguments))
    negative = Comparison("<", value, Literal(0))
    return Quantity(either(negative, Call("ceil", (value,)), Call("floor", (value,))))


def _on_number(function: str) -> Function:
    return lambda arguments: Quantity(Call(function, (number(one_of(arguments)),)))


def _round(arguments: list[Operand]) -> Operand:
    digits = arguments[1] if len(arguments) == 2 else Constant("0", quoted=False)
    if not isinstance(digits, Constant) or not re.fullmatch(r"[0-9]|10", digits.text):
        raise Untranslatable("round() keeps a fixed number of decimals here, 0 to 10")
    value = number(arguments[0] if len(arguments) == 2 else one_of(arguments))
    if digits.text == "0":
        return Quantity(Call("round", (value,)))
    return Quantity(Call("round", (value, Literal(int(digits.text)))))


def _extreme(function: str) -> Function:
    def translate(arguments: list[Operand]) -> Operand:
        days = [day_of(operand) for operand in each_of(arguments)]
        if days and None not in days:
            return Moment(Call(function, tuple(day for day in days if day is not None)))
        numbers = tuple(_numbers(arguments))
        if not numbers:
            raise Untranslatable(f"{function}() takes numbers")
        return Quantity(Call(function, numbers))

    return translate


def _pi(arguments: list[Operand]) -> Operand:
    if arguments:
        raise Untranslatable("pi() takes nothing")
    return Quantity(Literal(math.pi))


def _power(arguments: list[Operand]) -> Operand:
    if len(arguments) != 2:
        raise Untranslatable("pow() takes two numbers")
    return Quantity(Call("power", (number(arguments[0]), number(arguments[1]))))


FUNCTIONS: dict[str, Function] = {
    "abs": _on_number("abs"),
    "ceil": _on_number("ceil"),
    "count": _count,
    "countif": _count_if,
    "countifop": _count_if_op,
    "date": date_of,
    "empty": _is_empty,
    "exp": _on_number("exp"),
    "floatval": _same_number,
    "floor": _on_number("floor"),
    "htmlspecialchars": as_text,
    "if": _if,
    "implode": implode,
    "intval": _whole_part,
    "is_empty": _is_empty,
    "is_float": _is_float,
    "is_int": _is_int,
    "is_nan": _is_nan,
    "is_null": _is_null,
    "is_numeric": _is_numeric,
    "is_string": _is_string,
    "join": join,
    "list": list_of,
    "log": _on_number("log"),
    "max": _extreme("max"),
    "min": _extreme("min"),
    "pi": _pi,
    "pow": _power,
    "regexmatch": regex_match,
    "round": _round,
    "sqrt": _on_number("sqrt"),
    "strip_tags": as_text,
    "strlen": _length,
    "strtolower": on_text("lower"),
    "strtotime": time_of,
    "strtoupper": on_text("upper"),
    "sum": _sum,
    "sumif": _sum_if,
    "sumifop": _sum_if_op,
    "time": time_of,
    "trim": trimmed,
    "unique": _unique,
}
