"""Our rules as LimeSurvey's validation.

A rule of the shape that a limit of LimeSurvey's has here (``surveys.formats.lss.rules``), with the
message it has, becomes that limit again; the others are joined into one equation, their messages
into one tip, a line each.
"""

from collections.abc import Callable

from surveys.formats.lss.export_expressions import Sayer, Unsayable, delimited
from surveys.formats.lss.messages import rule_message
from surveys.language.expressions import (
    AllOf,
    AnyOf,
    Call,
    Comparison,
    Expression,
    Literal,
    Not,
    Reference,
    children,
)
from surveys.questionnaire import Question, Rule

Lose = Callable[[str, str, str], None]
"""(field, what it was, why)"""

_COUNTED = {"<": ("min_answers", "answers_at_least"), ">": ("max_answers", "answers_at_most")}
_SUMMED = {
    "<": ("min_num_value", "sum_at_least"),
    ">": ("max_num_value", "sum_at_most"),
    "!=": ("equals_num_value", "sum_exactly"),
}
_LIMITED = {"<": ("min_num_value_n", "at_least"), ">": ("max_num_value_n", "at_most")}
_IN_COLUMNS = {"min_num_value_n": "multiflexible_min", "max_num_value_n": "multiflexible_max"}
_DAYS = {"min_num_value_n": "date_min", "max_num_value_n": "date_max"}


class Rules:
    """What the rules of one question are in LimeSurvey."""

    def __init__(self, question: Question, sayer: Sayer, languages: list[str], lose: Lose) -> None:
        self.question = question
        self.sayer = sayer
        self.languages = languages
        self.lose = lose
        self.attributes: dict[str, str] = {}
        self.preg = ""
        # What is checked by an equation, with the message.
        self.equations: list[tuple[str, dict[str, str]]] = []
        self.needs_answer = question.required_if

    def run(self) -> None:
        for index, rule in enumerate(self.question.rules):
            try:
                is_last = index == len(self.question.rules) - 1
                if not self.as_limit(rule) and not (is_last and self.as_pattern(rule)):
                    said = self.sayer.condition(rule.check)
                    self.equations.append((f"({said})", rule.message.as_dict()))
                    # A place among the attributes, in the order of the rules.
                    self.attributes.setdefault("em_validation_q", "")
            except Unsayable as why:
                self.lose(f"rules[{index}]", str(rule.check), f"LimeSurvey cannot say it: {why}.")
        if self.equations:
            self.attributes["em_validation_q"] = " and ".join(said for said, _ in self.equations)
        if self.needs_answer is not None:
            self.lose(
                "required_if", str(self.needs_answer),
                "LimeSurvey asks for an answer always or never: it is not required.",
            )  # fmt: skip

    def tip(self) -> dict[str, str]:
        """The messages of the equations by language, a line each."""
        return {
            language: "\n".join(
                message.get(language) or message[self.languages[0]] for _, message in self.equations
            )
            for language in self.languages
            if any(language in message for _, message in self.equations)
        }

    def as_limit(self, rule: Rule) -> bool:
        match rule.check:
            case Not(Comparison(operator, given, limit)):
                found = self.limited(given, operator)
            case _:
                return False
        if found is None or found[0] in self.attributes:
            return False
        name, kind = found
        said = str(limit.value) if isinstance(limit, Literal) else f"{{{{ {limit} }}}}"
        if rule.message.as_dict() != rule_message(kind, said, self.languages):
            return False
        self.attributes[name] = self.sayer.say(limit).strip('"')
        if name == "min_answers" and self.needs_answer == Comparison(">", limit, Literal(0)):
            self.needs_answer = None
        return True

    def limited(self, given: Expression, operator: str) -> tuple[str, str] | None:
        """The attribute that limits what is given so, and the kind of its message."""
        whole = Reference(self.question.code)
        is_matrix = self.question.type == "matrix"
        counts: tuple[Expression, ...] = (whole,)
        if is_matrix and self.question.options and self.question.cell in ("number", "text"):
            counts = tuple(
                Reference(whole.name, row.code, option.code)
                for row in self.question.rows
                for option in self.question.options
            )
        if given == Call("count", counts):
            return _COUNTED.get(operator)
        if given == Call("sum", (whole,)) and is_matrix:
            return _SUMMED.get(operator)
        function = {"<": "min", ">": "max"}.get(operator, "")
        if given != (Call(function, (whole,)) if is_matrix else whole):
            return None
        found = _LIMITED.get(operator)
        if found is None or self.question.type not in ("number", "matrix", "date"):
            return None
        if self.question.type == "date":
            return _DAYS[found[0]], found[1]
        if self.question.options:
            return _IN_COLUMNS[found[0]], found[1]
        return found

    def as_pattern(self, rule: Rule) -> bool:
        """A last rule that everything written has one form."""
        if rule.message.as_dict() != rule_message("form", "", self.languages):
            return False
        patterns = {str(call.arguments[1].value) for call in _matches(rule.check)
                    if isinstance(call.arguments[1], Literal)}  # fmt: skip
        cells = max(len(self.question.rows), 1)
        if self.question.has_columns:
            cells *= len(self.question.options)
        if len(patterns) != 1 or not _is_form(rule.check) or len(_matches(rule.check)) != cells:
            return False
        self.preg = delimited(patterns.pop())
        return True


def _matches(node: Expression) -> list[Call]:
    if isinstance(node, Call) and node.function == "matches":
        return [node]
    return [call for child in children(node) for call in _matches(child)]


def _is_form(node: Expression) -> bool:
    """Whether it is what a pattern becomes here: each value is not given, or matches."""
    match node:
        case Call("matches", (_, Literal())):
            return True
        case AllOf(operands):
            return all(_is_form(operand) for operand in operands)
        case AnyOf((Not(Call("answered", (_,))), Call("matches", (_, Literal())))):
            return True
        case _:
            return False
