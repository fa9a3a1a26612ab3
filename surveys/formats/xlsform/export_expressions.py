"""Our expressions in XLSForm's: the way back of ``xlsform_expressions``.

Where ODK's empty text would make a comparison true there and not here, it is asked whether there
is an answer.
"""

from dataclasses import dataclass, field

from surveys.formats.xlsform.functions import ANYWHERE
from surveys.language.evaluation import Kind, type_of
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
)
from surveys.language.patterns import compile_pattern
from surveys.questionnaire import Question, Questionnaire
from surveys.scope import QuestionScope


class Unsayable(Exception):  # not an error of ours: the expression is reported as lost
    """XLSForm cannot say this; the text says what."""


_FUNCTIONS = {"abs": "abs", "contains": "contains", "starts_with": "starts-with"}
_TICKED = "'OK'"


@dataclass(slots=True)
class Sayer:
    """Says expressions about one questionnaire. ``names``: those in the form of questions and
    their parts, by our references."""

    questionnaire: Questionnaire
    names: dict[str, str] = field(default_factory=dict)
    scope: QuestionScope = field(init=False)

    def __post_init__(self) -> None:
        self.scope = QuestionScope(self.questionnaire.questions)

    def say(self, node: Expression, itself: str = "") -> str:
        """``node`` as XPath; ``itself`` is the reference that ``.`` stands for.

        Raises ``Unsayable``.
        """
        return _Saying(self, itself).say(node)

    def kind(self, node: Expression) -> Kind | None:
        found = type_of(node, self.scope)
        return found.kind if found is not None else None

    def name(self, reference: Reference) -> str:
        name = self.names.get(str(reference))
        if name is None:
            raise Unsayable(f"{reference} has no counterpart in the form")
        return f"${{{name}}}"

    def insertion(self, node: Expression) -> str | None:
        """What stands for ``node`` in a text as it is; None where it has to be calculated."""
        if isinstance(node, Reference) and self.kind(node) in (
            Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.QUARTER,
        ):  # fmt: skip
            return self.name(node)
        return None

    def calculation(self, node: Expression) -> str:
        """The value of ``node`` as people read it: options by their labels."""
        return _Saying(self, "").words(node)

    def parts_of(self, reference: Reference) -> list[str]:
        """Everything in the form that belongs to what ``reference`` names."""
        whole = str(reference)
        if whole in self.names:
            return [self.name(reference)]
        parts = [f"${{{name}}}" for key, name in self.names.items() if key.startswith(f"{whole}.")]
        if not parts:
            raise Unsayable(f"{whole} has no counterpart in the form")
        return parts

    def may_say_nothing(self, reference: Reference) -> bool:
        """Whether the answer may be "no opinion", which is no number."""
        question = self.questionnaire.by_code.get(reference.name)
        if question is None:
            return False
        is_rating = question.type == "rating" and question.no_opinion is not None
        return is_rating or question.type == "milestone_priorities"

    def question(self, node: Expression) -> Question | None:
        return self.questionnaire.by_code.get(node.name) if isinstance(node, Reference) else None


class _Saying:
    def __init__(self, sayer: Sayer, itself: str) -> None:
        self.sayer = sayer
        self.itself = itself

    def say(self, node: Expression) -> str:
        match node:
            case Literal(bool() as value):
                return "true()" if value else "false()"
            case Literal(str() as text):
                return quoted(text)
            case Literal():
                return str(node)
            case Reference():
                return self.reference(node)
            case Not(operand):
                return f"not({self.say(operand)})"
            case Negative(operand):
                return f"-({self.say(operand)})"
            case AllOf(operands):
                return " and ".join(self.within(part) for part in operands)
            case AnyOf(operands):
                return " or ".join(self.within(part) for part in operands)
            case Arithmetic(operator, left, right):
                sign = {"/": "div"}.get(operator, operator)
                return f"{self.within(left)} {sign} {self.within(right)}"
            case Comparison():
                return self.comparison(node)
            case Call(function, arguments):
                return self.call(function, arguments, node)

    def within(self, node: Expression) -> str:
        said = self.say(node)
        return said if isinstance(node, (Literal, Reference)) and " " not in said else f"({said})"

    def named(self, reference: Reference) -> str:
        return "." if str(reference) == self.itself else self.sayer.name(reference)

    def reference(self, node: Reference) -> str:
        named = self.named(node)
        kind = self.sayer.kind(node)
        if kind == Kind.BOOLEAN:
            question = self.sayer.question(node)
            is_consent = question is not None and question.type == "consent"
            return f"{named} = {_TICKED}" if is_consent else f"{named} = 'true'"
        return f"number({named})" if self.sayer.may_say_nothing(node) else named

    def comparison(self, node: Comparison) -> str:
        left, right, operator = node.left, node.right, node.operator
        kinds = {self.sayer.kind(left), self.sayer.kind(right)}
        if operator == "in":
            if not isinstance(right, Reference):
                raise Unsayable("“in” looks into something that is no question")
            return f"selected({self.named(right)}, {self.say(left)})"
        if Kind.BOOLEAN in kinds:
            return self.truth(node)
        if operator == "==" and (place := self.place(left, right)):
            return place
        if Kind.QUARTER in kinds and operator not in ("==", "!="):
            raise Unsayable("quarters have no order there")
        a, b = (self.day(side) if Kind.DATE in kinds else self.say(side) for side in (left, right))
        if operator not in ("==", "!="):
            return f"{a} {operator} {b}"
        # Two empty texts are equal there, and every text is different from an empty one.
        given = [
            f"{self.named(side)} != ''"
            for side in (left, right)
            if isinstance(side, Reference)
        ]  # fmt: skip
        sign = "=" if operator == "==" else "!="
        if (
            operator == "=="
            and len(given) < 2
            and any(isinstance(side, Literal) and side.value != "" for side in (left, right))
        ):
            given = []
        if operator == "!=" and not all(
            isinstance(side, (Reference, Literal)) for side in (left, right)
        ):
            raise Unsayable("what is calculated may be empty, and would be different then")
        if operator == "!=" and any(
            isinstance(side, Reference) and self.sayer.may_say_nothing(side)
            for side in (left, right)
        ):
            given += [f"{a} = {a}"] if isinstance(left, Reference) else [f"{b} = {b}"]
        return " and ".join([*given, f"{a} {sign} {b}"])

    def truth(self, node: Comparison) -> str:
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(side, Literal):
                is_true = (side.value is True) == (node.operator == "==")
                return self.within(other) if is_true else f"not({self.say(other)})"
        raise Unsayable("two conditions cannot be compared there")

    def day(self, node: Expression) -> str:
        return f"date({quoted(str(node.value))})" if isinstance(node, Literal) else self.say(node)

    def answered(self, argument: Expression) -> str:
        if not isinstance(argument, Reference):
            raise Unsayable(f"{argument} is no question")
        if str(argument) == self.itself:
            return ". != ''"
        return " or ".join(f"{part} != ''" for part in self.sayer.parts_of(argument))

    def call(self, function: str, arguments: tuple[Expression, ...], node: Expression) -> str:
        match function:
            case "answered":
                said = self.answered(arguments[0])
                return f"({said})" if " or " in said else said
            case "today":
                return "today()"
            case "count":
                return " + ".join(self.counted(argument) for argument in arguments)
            case "sum":
                return " + ".join(self.or_nothing(argument) for argument in arguments)
            case "if":
                test, then, otherwise = (self.say(argument) for argument in arguments)
                return f"if({test}, {then}, {otherwise})"
            case "min" | "max" if len(arguments) == 2:
                a, b = (self.say(argument) for argument in arguments)
                return f"{function}(coalesce({a}, {b}), coalesce({b}, {a}))"
            case "round":
                return f"round({', '.join(self.say(argument) for argument in arguments)})"
            case "floor" | "ceil":
                number = self.say(arguments[0])
                sign, than = ("-", "<") if function == "floor" else ("+", ">")
                return f"(int({number}) {sign} if(({number}) {than} int({number}), 1, 0))"
            case "number":
                return f"number({self.say(arguments[0])})"
            case "length":
                return f"string-length({self.say(arguments[0])})"
            case "matches":
                return self.matches(arguments[0], arguments[1])
            case "rank":
                return self.rank(arguments[0], arguments[1])
            case "spent":
                return self.spent(arguments[0])
            case "label" | "join":
                return self.words(node)
            case "year" if self.sayer.kind(arguments[0]) == Kind.DATE:
                return f"number(format-date({self.day(arguments[0])}, '%Y'))"
            case "days":
                first, last = (self.day(argument) for argument in arguments)
                return f"({last} - {first})"
            case _ if function in _FUNCTIONS:
                said = ", ".join(self.say(argument) for argument in arguments)
                return f"{_FUNCTIONS[function]}({said})"
        raise Unsayable(f"there is no {function}(…) there")

    def counted(self, argument: Expression) -> str:
        kind = self.sayer.kind(argument)
        if kind == Kind.OPTIONS and isinstance(argument, Reference):
            return f"count-selected({self.named(argument)})"
        if kind in (Kind.FILES, Kind.ENTRIES):
            raise Unsayable(f"{kind} are not counted there")
        if kind == Kind.BOOLEAN:
            return f"if({self.say(argument)}, 1, 0)"
        assert isinstance(argument, Reference)
        if str(argument) == self.itself:
            return "if(. != '', 1, 0)"
        question = self.sayer.question(argument)
        if question is not None and question.type == "matrix" and argument.row is None:
            rows = [Reference(argument.name, row.code) for row in question.rows]
            return " + ".join(f"if({self.answered(row)}, 1, 0)" for row in rows)
        return " + ".join(f"if({p} != '', 1, 0)" for p in self.sayer.parts_of(argument))

    def or_nothing(self, argument: Expression) -> str:
        """A number, or all numbers in what is named; 0 where there is none."""
        if self.sayer.kind(argument) == Kind.NUMBER:
            return f"coalesce({self.say(argument)}, 0)"
        if not isinstance(argument, Reference):
            raise Unsayable(f"{argument} is no question")
        if self.sayer.may_say_nothing(argument):
            raise Unsayable("“no opinion” cannot be left out of a sum there")
        return " + ".join(f"coalesce({part}, 0)" for part in self.sayer.parts_of(argument))

    def matches(self, text: Expression, pattern: Expression) -> str:
        assert isinstance(pattern, Literal)
        written = str(pattern.value)
        whole = written
        if written.startswith("^(?:") and written.endswith(")$") and written.count("(") == 1:
            whole = written[4:-2]
        elif not (written.startswith("^") and written.endswith("$") and "|" not in written
                  and not written.endswith("\\$")):  # fmt: skip
            whole = written.join(ANYWHERE)
        said = f"regex({self.say(text)}, {quoted(whole)})"
        if isinstance(text, Reference) and compile_pattern(written)(""):
            return f"{self.answered(text)} and {said}"
        return said

    def place(self, left: Expression, right: Expression) -> str | None:
        """``rank(Q, 'a') == 1`` looks at one place only."""
        match left, right:
            case Call("rank", (Reference() as ranking, option)), Literal(int() as place) if (
                place >= 1
            ):
                return f"selected-at({self.named(ranking)}, {place - 1}) = {self.say(option)}"
        return None

    def rank(self, ranking: Expression, option: Expression) -> str:
        """The place of an option, looked for from the first on."""
        question = self.sayer.question(ranking)
        if question is None or len(question.options) > 12:
            raise Unsayable("the place of an option cannot be told there")
        named, code = self.named(Reference(question.code)), self.say(option)
        places = "".join(
            f"if(selected-at({named}, {place}) = {code}, {place + 1}, "
            for place in range(len(question.options))
        )
        return f"{places}number(''){')' * len(question.options)}"

    def spent(self, budget: Expression) -> str:
        question = self.sayer.question(budget)
        if question is None:
            raise Unsayable(f"{budget} is no budget")
        named = self.named(Reference(question.code))
        return " + ".join(
            f"if(selected({named}, {quoted(option.code)}), {Literal(option.cost or 0)}, 0)"
            for option in question.options
        )

    def words(self, node: Expression) -> str:
        """A text, options by their labels."""
        kind = self.sayer.kind(node)
        if isinstance(node, Reference) and kind == Kind.OPTION:
            named = self.sayer.name(node)
            return f"jr:choice-name({named}, {quoted(named)})"
        if isinstance(node, Reference) and kind in (Kind.OPTIONS, Kind.FILES):
            raise Unsayable("several options cannot be said by their labels there")
        match node:
            case Call("label", (argument,)):
                return self.words(argument)
            case Call("join", arguments):
                return f"concat({', '.join(self.words(argument) for argument in arguments)})"
            case Call("if", (test, then, otherwise)):
                return f"if({self.say(test)}, {self.words(then)}, {self.words(otherwise)})"
        return self.say(node)


def quoted(text: str) -> str:
    """``text`` in the quotes that it does not hold: XPath knows no escapes."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    raise Unsayable("a text has both kinds of quotes in it")
