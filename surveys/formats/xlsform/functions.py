"""The functions of XLSForm's expressions that our language can say."""

import re
from collections.abc import Callable
from dataclasses import replace

from surveys.formats.xlsform.syntax import Untranslatable
from surveys.formats.xlsform.values import (
    FALSE,
    NO_NUMBER,
    TRUE,
    Value,
    as_condition,
    as_number,
    as_text,
    as_textual,
    calculated,
    condition_value,
    equal,
    joined,
    negated,
    number_of,
    small,
    text_value,
)
from surveys.language.evaluation import Kind, read_date
from surveys.language.expressions import (
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Comparison,
    Expression,
    Literal,
)
from surveys.language.patterns import compile_pattern

Function = Callable[[list[Value]], Value]


def truncated(number: Expression) -> Expression:
    """``int(…)``: without its decimals, towards zero."""
    small(number)
    below = Comparison("<", number, Literal(0))
    return Call("if", (below, Call("ceil", (number,)), Call("floor", (number,))))


def _takes(least: int, most: int | None, function: Function) -> Function:
    def checked(arguments: list[Value]) -> Value:
        if len(arguments) < least or (most is not None and len(arguments) > most):
            raise Untranslatable("a function has too few or too many arguments")
        return function(arguments)

    return checked


def _selected(arguments: list[Value]) -> Value:
    among, name = arguments
    if among.kind == Kind.OPTIONS:
        if name.constant is not None:
            code = among.codes.get(name.constant.strip())
            return condition_value(
                FALSE if code is None else Comparison("in", Literal(code), among.node)
            )
        return condition_value(Comparison("in", as_textual(name), among.node))
    if among.constant is not None:
        words = [text_value(word) for word in among.constant.split()]
        return condition_value(joined(AnyOf, [equal(name, word) for word in words]))
    if name.constant is not None:
        name = text_value(name.constant.strip())
    if among.kind == Kind.TEXT:
        raise Untranslatable("selected(…) looks into a text")
    if name.is_blank:
        return condition_value(FALSE)
    return condition_value(equal(among, name))


def _count_selected(arguments: list[Value]) -> Value:
    (among,) = arguments
    if among.kind not in (Kind.OPTIONS, Kind.OPTION) or not among.is_named:
        raise Untranslatable("count-selected(…) takes a question with choices")
    return calculated(Call("count", (among.node,)))


def _place(arguments: list[Value]) -> Value:
    """``selected-at(${ranking}, 0)``: the choice at a place, which can be compared with a name."""
    ranking, place = arguments
    at = number_of(place.constant or "")
    if not ranking.ordered or not ranking.is_named or at is None or at < 0 or at % 1:
        raise Untranslatable("only of rankings the order is kept, place by place")
    # Of no kind that anything else takes.
    return replace(ranking, kind=Kind.ENTRIES, place=int(at) + 1)


def _label(arguments: list[Value]) -> Value:
    """``jr:choice-name(${q}, '${q}')``."""
    chosen, name = arguments
    if chosen.kind not in (Kind.OPTION, Kind.OPTIONS) or not name.quoted:
        raise Untranslatable("jr:choice-name(…) takes a question with choices and its name")
    return calculated(Call("label", (chosen.node,)), Kind.TEXT)


def _if(arguments: list[Value]) -> Value:
    test, then, otherwise = as_condition(arguments[0]), arguments[1], arguments[2]
    if test in (TRUE, FALSE):
        return then if test == TRUE else otherwise
    return _either(test, then, otherwise)


def _either(test: Expression, then: Value, otherwise: Value) -> Value:
    """Both of one kind, which our language asks for."""
    kinds = {then.kind, otherwise.kind}
    written = [value for value in (then, otherwise) if value.constant is not None]
    if kinds == {Kind.BOOLEAN} or kinds == {Kind.DATE}:
        kind = then.kind
        nodes = (then.node, otherwise.node)
    elif Kind.DATE in kinds:
        raise Untranslatable("it gives a date or a text")
    elif all(
        value.kind == Kind.NUMBER
        or value.is_blank
        or (value.constant is not None and number_of(value.constant) is not None)
        for value in (then, otherwise)
    ) and not (len(written) == 2 and all(value.quoted for value in written)):
        kind = Kind.NUMBER
        nodes = (as_number(then), as_number(otherwise))
    else:
        kind = Kind.TEXT
        nodes = (_whole_text(then), _whole_text(otherwise))
    return calculated(Call("if", (test, *nodes)), kind)


def _whole_text(value: Value) -> Expression:
    node = as_text(value)
    return Call("join", (node,)) if value.kind == Kind.NUMBER and value.constant is None else node


def _coalesce(arguments: list[Value]) -> Value:
    first, second = arguments
    if first.constant is not None:
        return second if first.is_blank else first
    if first.kind == second.kind and first.kind in (Kind.OPTION, Kind.DATE) and first.is_named:
        both = Call("if", (Call("answered", (first.node,)), first.node, second.node))
        return Value(first.kind, both, codes={**first.codes, **second.codes})
    small(first.node)
    given = (
        Call("answered", (first.node,))
        if first.is_named
        else Comparison(">", Call("length", (as_textual(first),)), Literal(0))
    )
    return _either(given, first, second)


def _concat(arguments: list[Value]) -> Value:
    return calculated(Call("join", tuple(as_text(value) for value in arguments)), Kind.TEXT)


def _string(arguments: list[Value]) -> Value:
    (value,) = arguments
    if value.constant is not None:
        return text_value(value.constant)
    if value.kind in (Kind.TEXT, Kind.OPTION, Kind.OPTIONS):
        return value
    return _concat(arguments)


def _number(arguments: list[Value]) -> Value:
    return calculated(as_number(arguments[0]))


def _int(arguments: list[Value]) -> Value:
    node = as_number(arguments[0])
    if isinstance(node, Call) and node.function in ("year", "length", "count", "days", "floor"):
        return calculated(node)
    return calculated(truncated(node))


def _round(arguments: list[Value]) -> Value:
    digits = tuple(as_number(value) for value in arguments[1:])
    return calculated(Call("round", (as_number(arguments[0]), *digits)))


def _extreme(name: str) -> Function:
    """The least or greatest; not a number where one of them is none."""

    def compute(arguments: list[Value]) -> Value:
        nodes = tuple(as_number(value) for value in arguments)
        if either := _passing_over(nodes):
            return calculated(Call(name, either))
        named = [value.node for value in arguments if value.constant is None]
        if not named:
            return calculated(Call(name, nodes))
        if not all(value.is_named for value in arguments if value.constant is None):
            raise Untranslatable(f"{name}(…) of calculations that may be empty")
        given: list[Expression] = [Call("answered", (node,)) for node in named]
        return calculated(Call("if", (joined(AllOf, given), Call(name, nodes), NO_NUMBER)))

    return compute


def _passing_over(nodes: tuple[Expression, ...]) -> tuple[Expression, ...] | None:
    """``a`` and ``b`` of ``coalesce(a, b), coalesce(b, a)``: the way to pass over what is empty."""
    match nodes:
        case (
            Call("if", (Call("answered", (a,)), b, c)),
            Call("if", (Call("answered", (d,)), e, f)),
        ):
            return (b, c) if (a, b) == (b, f) and (d, c) == (e, e) else None
    return None


def _on_texts(name: str) -> Function:
    def compute(arguments: list[Value]) -> Value:
        text, part = (as_textual(value) for value in arguments)
        return condition_value(Call(name, (text, part)))

    return compute


def _ends_with(arguments: list[Value]) -> Value:
    text, end = arguments
    if not end.quoted:
        raise Untranslatable("ends-with(…) needs its second text written out")
    pattern = re.sub(r"([^\w\s])", r"\\\1", end.constant or "") + "$"
    return condition_value(Call("matches", (as_textual(text), Literal(pattern))))


ANYWHERE = ("^[\\s\\S]*(?:", ")[\\s\\S]*$")
"""What a pattern stands between that may be found anywhere; ODK's must match the whole text."""


def _regex(arguments: list[Value]) -> Value:
    text, pattern = arguments
    if not pattern.quoted:
        raise Untranslatable("regex(…) needs its pattern written out")
    written = whole = pattern.constant or ""
    before, after = ANYWHERE
    if written.startswith(before) and written.endswith(after):
        whole = written[len(before) : -len(after)]
    elif not (written.startswith("^") and written.endswith("$") and "|" not in written
              and not written.endswith("\\$")):  # fmt: skip
        whole = f"^(?:{written})$"
    try:
        matches_nothing = compile_pattern(whole)("")
    except ValueError as refused:
        raise Untranslatable(f"the pattern is not one here: {refused}") from None
    found: Expression = Call("matches", (as_textual(text), Literal(whole)))
    if matches_nothing and text.is_named:
        found = joined(AnyOf, [found, negated(Call("answered", (text.node,)))])
    return condition_value(found)


def _length(arguments: list[Value]) -> Value:
    return calculated(Call("length", (as_textual(arguments[0]),)))


def _date(arguments: list[Value]) -> Value:
    (value,) = arguments
    if value.kind == Kind.DATE:
        return value
    if value.quoted and read_date(value.constant) is not None:
        # A written date is a text here, which fits where a date is compared with it.
        return Value(Kind.DATE, Literal(value.constant or ""))
    raise Untranslatable("only a date such as '2026-11-22' is one here")


def _format_date(arguments: list[Value]) -> Value:
    day, form = arguments
    if day.kind != Kind.DATE or form.constant != "%Y":
        raise Untranslatable("of a date, only the year can be told (“%Y”)")
    return calculated(Call("year", (day.node,)))


def _boolean(arguments: list[Value]) -> Value:
    return condition_value(as_condition(arguments[0]))


def _boolean_from_string(arguments: list[Value]) -> Value:
    (value,) = arguments
    return condition_value(
        joined(AnyOf, [equal(value, text_value("true")), equal(value, text_value("1"))])
    )


def _absolute(arguments: list[Value]) -> Value:
    return calculated(Call("abs", (as_number(arguments[0]),)))


def _power(arguments: list[Value]) -> Value:
    base, exponent = as_number(arguments[0]), arguments[1].constant
    if exponent != "2":
        raise Untranslatable("only squares can be said")
    small(base)
    return calculated(Arithmetic("*", base, base))


def _lowered(name: str) -> Function:
    return lambda arguments: calculated(Call(name, (as_textual(arguments[0]),)), Kind.TEXT)


_TODAY = Value(Kind.DATE, Call("today", ()))
_NOW = Value(Kind.DATE, Call("today", ()), moment=True)

FUNCTIONS: dict[str, Function] = {
    "selected": _takes(2, 2, _selected),
    "count-selected": _takes(1, 1, _count_selected),
    "selected-at": _takes(2, 2, _place),
    "jr:choice-name": _takes(2, 2, _label),
    "if": _takes(3, 3, _if),
    "coalesce": _takes(2, 2, _coalesce),
    "not": _takes(1, 1, lambda a: condition_value(negated(as_condition(a[0])))),
    "true": _takes(0, 0, lambda a: condition_value(TRUE)),
    "false": _takes(0, 0, lambda a: condition_value(FALSE)),
    "boolean": _takes(1, 1, _boolean),
    "boolean-from-string": _takes(1, 1, _boolean_from_string),
    "string": _takes(1, 1, _string),
    "concat": _takes(1, None, _concat),
    "string-length": _takes(1, 1, _length),
    "contains": _takes(2, 2, _on_texts("contains")),
    "starts-with": _takes(2, 2, _on_texts("starts_with")),
    "ends-with": _takes(2, 2, _ends_with),
    "regex": _takes(2, 2, _regex),
    "lower-case": _takes(1, 1, _lowered("lower")),
    "upper-case": _takes(1, 1, _lowered("upper")),
    "number": _takes(1, 1, _number),
    "int": _takes(1, 1, _int),
    "round": _takes(1, 2, _round),
    "abs": _takes(1, 1, _absolute),
    "pow": _takes(2, 2, _power),
    "min": _takes(1, None, _extreme("min")),
    "max": _takes(1, None, _extreme("max")),
    "today": _takes(0, 0, lambda a: _TODAY),
    "now": _takes(0, 0, lambda a: _NOW),
    "date": _takes(1, 1, _date),
    "decimal-date-time": _takes(1, 1, _date),
    "format-date": _takes(2, 2, _format_date),
}
