"""Our expressions in LimeSurvey's: the way back of ``surveys.formats.lss.expressions``.

Every answer is named with ``.NAOK``: here, too, what is hidden is merely unanswered. Where the
empty text would make a comparison true there and not here, it is asked whether there is an answer.
"""

import re

from surveys.formats.lss.export_names import Names
from surveys.language.evaluation import Kind
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
from surveys.questionnaire import Question, Questionnaire
from surveys.scope import QuestionScope


class Unsayable(Exception):  # not an error of ours: the expression is reported as lost
    """LimeSurvey cannot say this; the text says what."""


_WHOLE = frozenset({Kind.OPTIONS, Kind.MATRIX, Kind.CELLS})
_FUNCTIONS = {
    "abs": "abs", "ceil": "ceil", "exp": "exp", "floor": "floor", "length": "strlen", "log": "log",
    "lower": "strtolower", "max": "max", "min": "min", "number": "floatval", "power": "pow",
    "round": "round", "sqrt": "sqrt", "sum": "sum",
    "upper": "strtoupper",
}  # fmt: skip


class Sayer:
    """Says expressions about one questionnaire."""

    def __init__(self, questionnaire: Questionnaire, names: Names) -> None:
        self.scope = QuestionScope(questionnaire.questions)
        self.questions = questionnaire.by_code
        self.others = questionnaire.by_other_code
        self.names = names

    def condition(self, node: Expression) -> str:
        """A relevance equation, or the like. Raises ``Unsayable``."""
        if isinstance(node, Literal) and isinstance(node.value, bool):
            return "1" if node.value else "0"
        return self.say(node)

    def insertion(self, node: Expression) -> str:
        """What stands in a text between braces, to be said as our pages say it."""
        return "{" + self.spoken(node) + "}"

    def spoken(self, node: Expression) -> str:
        kind = self.kind(node)
        if isinstance(node, Reference) and kind == Kind.OPTION:
            return f"{self.variable(node)}.shown"
        if isinstance(node, Reference) and kind == Kind.OPTIONS:
            return f"list(that.{self.question(node).theirs}.shown)"
        return self.say(node)

    def say(self, node: Expression) -> str:
        match node:
            case Literal(bool() as value):
                return "(1 == 1)" if value else "(1 == 0)"
            case Literal(str() as value):
                return quoted(value)
            case Literal():
                return str(node)
            case Reference():
                return self.value(node)
            case Not(Call("answered", (argument,))):
                return f"is_empty({self.whole_or_value(argument)})"
            case Not(operand):
                return f"!({self.say(operand)})"
            case Negative(operand):
                return f"-{self.within(operand)}"
            case AllOf(operands):
                return " and ".join(self.within(operand) for operand in operands)
            case AnyOf(operands):
                return " or ".join(self.within(operand) for operand in operands)
            case Arithmetic(operator, left, right):
                return f"{self.within(left)} {operator} {self.within(right)}"
            case Comparison("in", left, right):
                return self.membership(left, right)
            case Comparison():
                return self.comparison(node)
            case Call():
                return self.call(node)

    def within(self, node: Expression) -> str:
        said = self.say(node)
        return f"({said})" if isinstance(node, (AllOf, AnyOf, Arithmetic, Comparison)) else said

    def kind(self, node: Expression) -> Kind | None:
        if not isinstance(node, Reference):
            return None
        found = self.scope.type_of(node)
        return None if isinstance(found, str) else found.kind

    # Names.

    def question(self, reference: Reference) -> "_Named":
        question = self.questions.get(reference.name) or self.others[reference.name]
        return _Named(question, self.names.questions[question.code])

    def variable(self, reference: Reference) -> str:
        """The name of one value."""
        named = self.question(reference)
        question = named.question
        if reference.name in self.others:
            return f"{named.theirs}_other"
        parts = [named.theirs]
        if reference.row is not None:
            known = self.names.rows if question.type == "matrix" else self.names.options
            parts.append(known[question.code, reference.row])
        if reference.column is not None:
            parts.append(self.names.options[question.code, reference.column])
        return "_".join(parts)

    def value(self, reference: Reference) -> str:
        if self.kind(reference) in _WHOLE:
            raise Unsayable(f"{reference} is several values at once")
        return f"{self.variable(reference)}.NAOK"

    def whole_or_value(self, node: Expression) -> str:
        """For functions that take all values of a question."""
        if isinstance(node, Reference) and self.kind(node) in _WHOLE:
            if node.row is not None:
                raise Unsayable(f"{node} is several values at once")
            return f"that.{self.question(node).theirs}.NAOK"
        return self.say(node)

    # Comparisons.

    def membership(self, left: Expression, right: Expression) -> str:
        if not isinstance(left, Literal) or not isinstance(right, Reference):
            raise Unsayable("an option can only be asked for by its code")
        question = self.question(right).question
        code = str(left.value)
        if question.other is not None and question.other.code == code:
            return f"!is_empty({self.question(right).theirs}_other.NAOK)"
        if question.type == "ranking":
            raise Unsayable("whether an option has any place in a ranking has no short form")
        column = self.names.options.get((question.code, code))
        if column is None:
            raise Unsayable(f"there is no option {code}")
        tick = "1" if question.type == "matrix" else "Y"
        return f'{self.variable(right)}_{column}.NAOK == "{tick}"'

    def comparison(self, node: Comparison) -> str:
        operator, left, right = node.operator, node.left, node.right
        text = isinstance(left, Reference) and self.kind(left) == Kind.TEXT
        if text and (operator, right) == ("!=", Literal("0")):
            # A text that is neither empty nor "0" is what is true there.
            return self.say(left)
        if isinstance(left, Call) and left.function == "rank":
            return self.place(operator, left, right)
        if operator == "==" and left == right:
            # That there is a number in it.
            inner = left.arguments[0] if isinstance(left, Call) and len(left.arguments) else left
            is_read = isinstance(left, Call) and left.function == "number"
            return f"is_numeric({self.say(inner if is_read else left)})"
        a, b = self.side(left, right), self.side(right, left)
        given = [f"!is_empty({self.say(s)})" for s in (left, right) if self.may_be_empty(s)]
        if operator == "==":
            # Two that are both empty are the same there.
            given = given[:1] if len(given) == 2 else []
        elif operator != "!=" and "0" not in (a, b):
            given = []
        read = [
            f"is_numeric({self.say(side.arguments[0])})"
            for side in (left, right)
            if isinstance(side, Call) and side.function == "number"
        ]
        return " and ".join([*given, *read, f"{a} {operator} {b}"])

    def may_be_empty(self, node: Expression) -> bool:
        return isinstance(node, Reference) and self.kind(node) != Kind.BOOLEAN

    def side(self, node: Expression, other: Expression) -> str:
        """One side: codes of options by LimeSurvey's codes."""
        if (
            isinstance(node, Literal)
            and isinstance(node.value, str)
            and isinstance(other, Reference)
            and self.kind(other) == Kind.OPTION
        ):
            code = self.question(other).question.code
            return quoted(self.names.options.get((code, node.value), node.value))
        return self.within(node)

    def place(self, operator: str, rank: Call, place: Expression) -> str:
        """``rank(R, 'a') == 1`` is ``R_1 == "a"`` there."""
        ranking, option = rank.arguments
        fits = isinstance(place, Literal) and isinstance(place.value, int) and place.value > 0
        if operator != "==" or not fits or not isinstance(option, Literal):
            raise Unsayable("a place in a ranking can only be compared with a number by ==")
        assert isinstance(ranking, Reference)
        code = self.names.options.get((ranking.name, str(option.value)), str(option.value))
        return f"{self.question(ranking).theirs}_{place}.NAOK == {quoted(code)}"

    # Functions.

    def call(self, node: Call) -> str:
        function, arguments = node.function, node.arguments
        match function:
            case "answered":
                return f"!is_empty({self.whole_or_value(arguments[0])})"
            case "shown":
                return self.shown(arguments[0])
            case "count":
                return self.count(arguments)
            case "if":
                test, then, otherwise = (self.say(argument) for argument in arguments)
                return f"if({test}, {then}, {otherwise})"
            case "label":
                return self.spoken(arguments[0])
            case "join":
                parts = ", ".join(self.spoken(argument) for argument in arguments)
                return f'implode("", {parts})'
            case "matches":
                pattern = str(arguments[1].value) if isinstance(arguments[1], Literal) else ""
                return f"regexMatch({quoted(delimited(pattern))}, {self.say(arguments[0])})"
            case "contains" | "starts_with" if isinstance(arguments[1], Literal):
                start = "^" if function == "starts_with" else ""
                pattern = delimited(start + re.escape(str(arguments[1].value)))
                return f"regexMatch({quoted(pattern)}, {self.say(arguments[0])})"
            case "today":
                return 'date("Y-m-d")'
            case "year":
                return f'date("Y", strtotime({self.say(arguments[0])}))'
            case _ if function in _FUNCTIONS:
                said = ", ".join(self.whole_or_value(argument) for argument in arguments)
                return f"{_FUNCTIONS[function]}({said})"
        raise Unsayable(f"the function {function}() has no counterpart")

    def count(self, arguments: tuple[Expression, ...]) -> str:
        """How many were answered; or how many conditions hold, which is said in other words."""
        try:
            return f"count({', '.join(self.counted(argument) for argument in arguments)})"
        except Unsayable:
            alike = self.alike(arguments)
            if alike is not None:
                operator, value, compared = alike
                said = ", ".join(self.say(operand) for operand in compared)
                if operator == "==":
                    return f"countif({value}, {said})"
                return f"countifop({quoted(operator)}, {value}, {said})"
            if any(isinstance(argument, Reference) for argument in arguments):
                raise
            return f"sum({', '.join(f'if({self.say(a)}, 1, 0)' for a in arguments)})"

    def alike(self, nodes: tuple[Expression, ...]) -> tuple[str, str, list[Expression]] | None:
        """What all of ``nodes`` compare with in the same way: operator, value, and what with it."""
        match nodes[0]:
            case Comparison(operator, Reference() as left, Literal() as value) if operator != "!=":
                with_it: list[Expression] = [
                    node.left
                    for node in nodes
                    if isinstance(node, Comparison)
                    and (node.operator, node.right) == (operator, value)
                    and isinstance(node.left, Reference)
                ]
                said = self.side(value, left)
            case Call("matches", (_, Literal() as value)):
                operator, said = "RX", quoted(delimited(str(value.value)))
                with_it = [
                    bare_text(node.arguments[0])
                    for node in nodes
                    if isinstance(node, Call)
                    and (node.function, node.arguments[1:]) == ("matches", (value,))
                ]
            case _:
                return None
        return (operator, said, with_it) if len(with_it) == len(nodes) else None

    def counted(self, node: Expression) -> str:
        if isinstance(node, Comparison) and node.operator == "in":
            said = self.membership(node.left, node.right)
            if (name := said.removesuffix(' == "Y"').removesuffix(' == "1"')) != said:
                return name
        if isinstance(node, Reference):
            return self.whole_or_value(node)
        raise Unsayable("only answers can be counted")

    def shown(self, node: Expression) -> str:
        assert isinstance(node, Reference)
        named = self.question(node)
        question = named.question
        if question.type == "matrix" and node.row is None:
            raise Unsayable(f"whether the whole of {node} is shown")
        if node.row is None and question.type == "multiple_choice":
            code = self.names.options[question.code, question.options[0].code]
            return f"{named.theirs}_{code}.relevanceStatus"
        if node.row is None and question.type == "ranking":
            return f"{named.theirs}_1.relevanceStatus"
        return f"{self.variable(node)}.relevanceStatus"


class _Named:
    __slots__ = ("question", "theirs")

    def __init__(self, question: Question, theirs: str) -> None:
        self.question = question
        self.theirs = theirs


def quoted(text: str) -> str:
    """A text as LimeSurvey's expressions write it."""
    escaped = re.sub(r"\\(?=[\"'\\{}]|$)", r"\\\\", text)
    return '"' + escaped.replace('"', '\\"') + '"'


def delimited(pattern: str) -> str:
    """A pattern between the slashes that PHP wants."""
    return "/" + re.sub(r"(?<!\\)/", r"\\/", pattern) + "/"


def bare_text(node: Expression) -> Expression:
    """What is turned into a text by ``join(…)`` alone, which LimeSurvey does without being told."""
    if isinstance(node, Call) and node.function == "join" and len(node.arguments) == 1:
        return node.arguments[0]
    return node
