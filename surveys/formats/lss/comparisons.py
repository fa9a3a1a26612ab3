"""How values compare in LimeSurvey's expressions, said in our conditions.

``Q != "Y"`` holds for an answer that was not given, and ``Q > 5`` does not; comparisons are numeric
where both sides are numbers.
"""

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
    coded,
    is_code,
    joined,
    negation,
    not_blank,
    number,
    numeral,
    sayable,
    truth,
    words,
)
from surveys.language.evaluation import read_date, read_number
from surveys.language.expressions import (
    Arithmetic,
    Call,
    Comparison,
    Expression,
    Literal,
    all_of,
    any_of,
)

_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def apply_operator(operator: str, left: Operand, right: Operand) -> Operand:
    if operator == "and":
        return Truth(all_of(truth(left), truth(right)))
    if operator == "or":
        return Truth(any_of(truth(left), truth(right)))
    if operator in _MIRRORED:
        return Truth(compare(operator, left, right))
    if operator == "+":
        if _is_no_number(left) or _is_no_number(right):
            return Words(joined([sayable(left), sayable(right)]))
        # LimeSurvey passes over what is empty when it adds.
        a, b = number(left), number(right)
        return Quantity(Call("sum", (*terms(a), *terms(b))))
    return Quantity(Arithmetic(operator, number(left), number(right)))


def _is_no_number(operand: Operand) -> bool:
    """Text by its nature: what is added to it is put behind it."""
    if isinstance(operand, Constant):
        return read_number(operand.text) is None
    return isinstance(operand, Words)


def terms(node: Expression) -> tuple[Expression, ...]:
    return node.arguments if isinstance(node, Call) and node.function == "sum" else (node,)


def compare(operator: str, left: Operand, right: Operand) -> Expression:
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
    if constant.text == "":
        # Against an empty text only "is anything there" makes sense.
        return (
            given != ""
            if operator == ">"
            else operator == ">=" or (operator == "<=" and given == "")
        )
    if given == "" and b is not None:
        # 0 counts as empty in <=.
        return operator == "<=" and constant.text == "0"
    if given != "" and (a is None) is not (b is None):
        # A number and a text that is none have no order.
        return False
    order: Callable[[float | str, float | str], bool] = {
        "<": lambda x, y: x < y,
        "<=": lambda x, y: x <= y,
        ">": lambda x, y: x > y,
        ">=": lambda x, y: x >= y,
    }[operator]
    if constant.quoted or a is None or b is None:
        return order(given, constant.text)
    return order(a, b)


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
        case Words(text):
            if constant.text == "" and operator in ("==", "!=", ">"):
                return negation(not_blank(text)) if operator == "==" else not_blank(text)
            return _compare_text(text, operator, constant)
        case Moment(day):
            return _compare_day(day, operator, constant)
        case Variable(holds=Holds.TICK):
            when_ticked = _php_compare(left.tick, operator, constant)
            when_empty = _php_compare("", operator, constant)
            if when_ticked == when_empty:
                return Literal(when_ticked)
            return answered(left) if when_ticked else negation(answered(left))
        case Variable() if constant.text == "" and operator in ("==", "!=", ">"):
            return negation(answered(left)) if operator == "==" else answered(left)
        case Variable(holds=Holds.OPTION | Holds.PLACE):
            return _compare_option(left, operator, constant)
        case Variable(holds=Holds.NUMBER, reference=reference):
            if read_number(constant.text) is None:
                return Literal(operator == "!=")
            compared = _ordered(reference, operator, constant)
            empty_too = operator == "<=" and constant.text == "0"
            return any_of(compared, negation(answered(left))) if empty_too else compared
        case Variable(holds=Holds.DATE, reference=reference):
            return _compare_day(reference, operator, constant)
        case Variable(holds=Holds.TEXT, reference=reference):
            return _compare_text(reference, operator, constant)
        case _:
            raise Untranslatable("it compares what cannot be compared")


def _compare_day(day: Expression, operator: str, constant: Constant) -> Expression:
    if read_date(constant.text) is None:
        raise Untranslatable(f"“{constant.text}” is no date")
    written = Literal(constant.text)
    if operator == "!=":
        return negation(Comparison("==", day, written))
    return Comparison(operator, day, written)


def _ordered(node: Expression, operator: str, constant: Constant) -> Expression:
    value = numeral(constant.text)
    if operator == "!=":
        return negation(Comparison("==", node, value))
    return Comparison(operator, node, value)


def _compare_option(left: Variable, operator: str, constant: Constant) -> Expression:
    """By trying every code there is: exact, whatever LimeSurvey's comparison does."""
    matching = [ours for code, ours in coded(left) if _php_compare(code, operator, constant)]
    others = [code for code in left.codes if code not in matching]
    if _php_compare("", operator, constant):
        return negation(any_of(*(is_code(left, code) for code in others)))
    value = read_number(constant.text)
    if (
        len(matching) > 3
        and value is not None
        and not constant.quoted
        and left.holds == Holds.OPTION
    ):
        return Comparison(operator, number(left), numeral(constant.text))
    return any_of(*(is_code(left, code) for code in matching))


def _compare_text(text: Expression, operator: str, constant: Constant) -> Expression:
    numeric = read_number(constant.text) is not None
    if operator in ("==", "!="):
        equal = (
            Comparison("==", Call("number", (text,)), numeral(constant.text))
            if numeric
            else Comparison("==", text, Literal(constant.text))
        )
        return equal if operator == "==" else negation(equal)
    if not numeric or constant.quoted:
        raise Untranslatable("texts have no order here")
    return _ordered(Call("number", (text,)), operator, constant)


def _compare_two(left: Operand, operator: str, right: Operand) -> Expression:
    if isinstance(left, Truth) or isinstance(right, Truth) or _is_tick(left) or _is_tick(right):
        if operator not in ("==", "!="):
            raise Untranslatable("a condition has no order")
        equal: Expression = Comparison("==", truth(left), truth(right))
        return equal if operator == "==" else negation(equal)
    if operator not in ("==", "!="):
        return Comparison(operator, *_same_kind(left, right))
    if _is_text(left) and _is_text(right):
        a, b = _as_text(left), _as_text(right)
    else:
        a, b = _same_kind(left, right)
    equal = Comparison("==", a, b)
    if isinstance(left, Variable) and isinstance(right, Variable):
        equal = any_of(equal, all_of(negation(answered(left)), negation(answered(right))))
    return equal if operator == "==" else negation(equal)


def _is_tick(operand: Operand) -> bool:
    return isinstance(operand, Variable) and operand.holds == Holds.TICK


def _is_text(operand: Operand) -> bool:
    textual = (Holds.OPTION, Holds.PLACE, Holds.TEXT)
    return isinstance(operand, Words) or (
        isinstance(operand, Variable) and operand.holds in textual
    )


def _as_text(operand: Operand) -> Expression:
    if isinstance(operand, Variable) and operand.holds == Holds.OPTION:
        return operand.reference
    return words(operand)


def _same_kind(left: Operand, right: Operand) -> tuple[Expression, Expression]:
    days = [_day(operand) for operand in (left, right)]
    if days[0] is not None and days[1] is not None:
        return days[0], days[1]
    if days != [None, None]:
        raise Untranslatable("a date cannot be compared with something else")
    return number(left), number(right)


def _day(operand: Operand) -> Expression | None:
    if isinstance(operand, Moment):
        return operand.day
    if isinstance(operand, Variable) and operand.holds == Holds.DATE:
        return operand.reference
    return None
