"""XLSForm's expressions in our language, with ODK's meaning kept (``xlsform_values``)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from surveys.formats.xlsform.functions import FUNCTIONS, truncated
from surveys.formats.xlsform.syntax import (
    Binary,
    Column,
    Field,
    Function,
    Minus,
    Node,
    Number,
    Text,
    Untranslatable,
    parse_xpath,
)
from surveys.formats.xlsform.values import (
    Value,
    as_condition,
    as_number,
    as_text,
    calculated,
    condition_value,
    equal,
    in_order,
    joined,
    negated,
    number_value,
    small,
    text_value,
)
from surveys.language.evaluation import Kind
from surveys.language.expressions import (
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Comparison,
    Expression,
    Negative,
)

Find = Callable[[str], Value]
"""What a name in ``${…}`` stands for; raises ``Untranslatable``."""


@dataclass(slots=True)
class Translator:
    """Expressions of one form. ``find`` knows its questions."""

    find: Find
    _kept: dict[tuple[str, str], Value | Untranslatable] = field(default_factory=dict)

    def value(
        self, source: str, *, itself: str = "", columns: Mapping[str, str] | None = None
    ) -> Value:
        """What ``source`` gives. ``itself``: the name of the question that ``.`` is.
        ``columns``: the cells of the choice that a filter looks at.

        Raises ``Untranslatable``.
        """
        if columns is not None:
            return self._value(parse_xpath(source), itself, columns)
        key = (source, itself if "." in source else "")
        if key not in self._kept:
            try:
                self._kept[key] = self._value(parse_xpath(source), itself, {})
            except Untranslatable as why:
                self._kept[key] = why
        kept = self._kept[key]
        if isinstance(kept, Untranslatable):
            raise kept
        return kept

    def condition(
        self, source: str, *, itself: str = "", columns: Mapping[str, str] | None = None
    ) -> Expression:
        """``source`` as what is true or false."""
        return as_condition(self.value(source, itself=itself, columns=columns))

    def _value(self, node: Node, itself: str, columns: Mapping[str, str]) -> Value:
        match node:
            case Text(text):
                return text_value(text)
            case Number(text):
                return number_value(text)
            case Field(name):
                if name == "." and not itself:
                    raise Untranslatable("“.” is no question here")
                return self.find(itself if name == "." else name)
            case Column(name):
                if name in columns:
                    return text_value(columns[name])
                raise Untranslatable(f"“{name[:40]}” is not a question; expected ${{{name[:40]}}}")
            case Minus(operand):
                inner = self._value(operand, itself, columns)
                if inner.constant is not None and not inner.quoted:
                    return number_value(f"-{inner.constant}")
                return calculated(Negative(as_number(inner)))
            case Function("and" | "or" as word, operands):
                parts = [as_condition(self._value(part, itself, columns)) for part in operands]
                return condition_value(joined(AllOf if word == "and" else AnyOf, parts))
            case Function(name, arguments):
                function = FUNCTIONS.get(name)
                if function is None:
                    raise Untranslatable(f"there is no {name[:40]}(…) here")
                return function([self._value(part, itself, columns) for part in arguments])
            case Binary(operator, left, right):
                return _binary(
                    operator,
                    self._value(left, itself, columns),
                    self._value(right, itself, columns),
                )


def _binary(operator: str, left: Value, right: Value) -> Value:
    match operator:
        case "=":
            return condition_value(equal(left, right))
        case "!=":
            return condition_value(negated(equal(left, right)))
        case "<" | "<=" | ">" | ">=":
            return condition_value(in_order(operator, left, right))
        case "-" if left.kind == right.kind == Kind.DATE:
            return calculated(Call("days", (right.node, left.node)))
        case "+" | "-" if Kind.DATE in (left.kind, right.kind):
            raise Untranslatable("days cannot be added to a date")
        case "+" | "-" if Kind.BOOLEAN in (left.kind, right.kind) and (
            limit := _rounded(operator, left, right)
        ):
            return calculated(limit)
    a, b = as_number(left), as_number(right)
    if operator == "mod":
        small(a, b)
        return calculated(Arithmetic("-", a, Arithmetic("*", b, truncated(Arithmetic("/", a, b)))))
    return calculated(Arithmetic({"div": "/"}.get(operator, operator), a, b))


def _rounded(operator: str, left: Value, right: Value) -> Expression | None:
    """``int(x) - (x < int(x))`` is how the floor is written where there is no function for it,
    ``int(x) + (x > int(x))`` the ceiling."""
    sign, name = ("<", "floor") if operator == "-" else (">", "ceil")
    match right.node:
        case Comparison(found, x, whole) if found == sign and whole == left.node:
            return Call(name, (x,)) if left.node == truncated(x) else None
    return None


def insertion(value: Value) -> Expression:
    """``value`` as what is filled into a text: choices by their labels."""
    if value.is_named and value.kind in (Kind.OPTION, Kind.OPTIONS, Kind.DATE, Kind.FILES):
        return value.node
    return as_text(value)
