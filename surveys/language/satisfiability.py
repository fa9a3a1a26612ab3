"""Conditions that can never hold, or always do, whatever is answered. Pure.

A condition, and the conditions of everything it needs to be asked, are taken apart into small
claims about single values ("Q2 > 3", "'a' is chosen in Q5"), every "or" a branch of its own. A
branch whose claims contradict each other is dead; a condition whose branches are all dead can never
hold. What is not understood claims nothing, and a search that takes too long finds nothing: so no
condition is called impossible that some valid answers make true, though some that cannot hold stay
unnoticed. ``surveys.language.claims`` says which claims contradict each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from surveys.language.claims import Claims
from surveys.language.evaluation import Facts, Kind, Say, compile_expression, type_of
from surveys.language.expressions import (
    COMPARISONS,
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
    children,
)
from surveys.language.number_ranges import Ranges
from surveys.questionnaire import Question, Questionnaire, Section
from surveys.scope import QuestionScope

# How many claims are looked at for one condition, for a whole questionnaire, and how many
# conditions of other questions are followed in one branch.
_MAX_CLAIMS = 4_000
_MAX_ALL_CLAIMS = 150_000
_MAX_FOLLOWED = 40

Task = tuple[Expression, bool]
"""An expression, and whether it is to be true or not to be true."""


def impossible_conditions(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    """(path in the document, reason) of each condition that no valid answers make true: of what is
    shown, of what is required, and rules that no answer fulfils.

    A plain ``false`` is meant so, and what lies within something that is never shown is not listed
    again.
    """
    search = _Search(questionnaire)
    found: list[tuple[str, str]] = []
    dead: list[str] = []
    for place in _places(questionnaire):
        if any(place.path.startswith(path) for path in dead):
            continue
        if place.condition == Literal(False):
            dead += [place.within] if place.within else []
            continue
        why = search.contradiction([*place.context, (place.condition, True)])
        if why is None or search.contradiction(place.context) is not None:
            continue
        found.append((place.path, f"can never hold: {why}"))
        dead += [place.within] if place.within else []
    return found


def certain_conditions(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    """(path, reason) of each condition that always holds where it is asked; a plain ``true`` is
    meant so."""
    search = _Search(questionnaire)
    found = []
    for place in _places(questionnaire):
        if place.condition == Literal(True) or ".rules[" in place.path:
            continue
        if search.contradiction([*place.context, (place.condition, False)]) is None:
            continue
        if search.contradiction(place.context) is None:
            found.append((place.path, "always holds: it can be left out"))
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a condition stands. ``context``: what holds whenever it is looked at. ``within``: the
    path of what is never shown without it."""

    path: str
    condition: Expression
    context: list[Task]
    within: str = ""


def _places(questionnaire: Questionnaire) -> Iterator[_Place]:
    for s, section in enumerate(questionnaire.sections):
        around = f"sections[{s}]."
        context: list[Task] = []
        if section.show_if is not None:
            yield _Place(f"{around}show_if", section.show_if, [], around)
            context = [(section.show_if, True)]
        for q, question in enumerate(section.questions):
            yield from _question_places(question, f"{around}questions[{q}].", context)


def _question_places(question: Question, path: str, context: list[Task]) -> Iterator[_Place]:
    if question.show_if is not None:
        yield _Place(f"{path}show_if", question.show_if, context, path)
        context = [*context, (question.show_if, True)]
    if question.required_if is not None:
        yield _Place(f"{path}required_if", question.required_if, context)
    for index, option in enumerate(question.options):
        if option.show_if is not None:
            yield _Place(f"{path}options[{index}].show_if", option.show_if, context)
    for index, row in enumerate(question.rows):
        if row.show_if is not None:
            yield _Place(f"{path}rows[{index}].show_if", row.show_if, context)
    answered: Task = (Call("answered", (Reference(question.code),)), True)
    for index, rule in enumerate(question.rules):
        yield _Place(f"{path}rules[{index}].check", rule.check, [*context, answered])


@dataclass(slots=True)
class _Branch:
    """One way in which everything so far could hold."""

    tasks: list[Task]
    claims: Claims
    # Ways to choose from: each is a list of alternatives.
    choices: list[list[list[Task]]] = field(default_factory=list)
    followed: set[str] = field(default_factory=set)

    def copy(self) -> "_Branch":
        return _Branch([*self.tasks], self.claims.copy(), [*self.choices], {*self.followed})


class _GaveUp(Exception):
    """There is too much to look at."""


class _Search:
    """Looks for a way in which tasks can all be done."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.scope = QuestionScope(questionnaire.questions)
        self.questions = questionnaire.by_code
        self.others = questionnaire.by_other_code
        self.ranges = Ranges(self.questions)
        self.sections: dict[str, Section] = {
            question.code: section
            for section in questionnaire.sections
            for question in section.questions
        }
        self.left_in_all = _MAX_ALL_CLAIMS
        self.left = 0

    def contradiction(self, tasks: list[Task]) -> str | None:
        """Why ``tasks`` cannot all be done, or None where they can, or may."""
        self.left = min(_MAX_CLAIMS, self.left_in_all)
        self.left_in_all -= self.left
        try:
            return self._search(_Branch(tasks[::-1], Claims(self.questions)))
        except _GaveUp:
            return None
        finally:
            self.left_in_all += max(self.left, 0)

    def _search(self, start: _Branch) -> str | None:
        # What could hold as far as it was looked at, and what it would have to fulfil besides.
        open_ends: list[tuple[_Branch, list[Task]]] = [(start, [])]
        reasons = []
        while open_ends:
            base, alternative = open_ends.pop()
            branch = base.copy()
            branch.tasks += alternative
            why = self._settle(branch)
            if why is not None:
                reasons.append(why)
            elif not branch.choices:
                return None
            else:
                # The narrowest choice first.
                branch.choices.sort(key=len, reverse=True)
                open_ends += [(branch, tasks) for tasks in reversed(branch.choices.pop())]
        distinct = list(dict.fromkeys(reasons))
        return "; or ".join(distinct) if len(distinct) < 4 else "in no case do its parts fit"

    def _settle(self, branch: _Branch) -> str | None:
        """Do all tasks that leave no choice; why that cannot be, or None."""
        while True:
            while branch.tasks:
                self.left -= 1
                if self.left < 0:
                    raise _GaveUp
                node, wanted = branch.tasks.pop()
                why = self._take(branch, node, wanted)
                if why is not None:
                    return why
            why = branch.claims.contradiction()
            if why is not None:
                return why
            if not self._follow(branch):
                return None

    def _follow(self, branch: _Branch) -> bool:
        """Add what must be so for the answers that are needed; whether there was anything."""
        for reference in branch.claims.take_new_answers():
            for name, condition in self._conditions(reference):
                self._follow_one(branch, name, condition)
        for question, code in branch.claims.take_new_options():
            name = f"{question}#{code}"
            option = self.questions[question].find_option(code)
            if option is not None and option.show_if is not None:
                self._follow_one(branch, name, option.show_if)
        return bool(branch.tasks)

    def _follow_one(self, branch: _Branch, name: str, condition: Expression) -> None:
        if name not in branch.followed and len(branch.followed) < _MAX_FOLLOWED:
            branch.followed.add(name)
            branch.tasks.append((condition, True))

    def _conditions(self, reference: Reference) -> Iterator[tuple[str, Expression]]:
        """What holds whenever ``reference`` has an answer or a value."""
        question = self.questions.get(reference.name) or self.others[reference.name]
        other = question.other
        if reference.name not in self.questions and other is not None:
            chosen, code = Reference(question.code), Literal(other.code)
            yield (
                reference.name,
                (
                    Comparison("==", chosen, code)
                    if question.type == "single_choice"
                    else Comparison("in", code, chosen)
                ),
            )
        section = self.sections[question.code]
        if section.show_if is not None:
            yield f"section:{section.code}", section.show_if
        if question.show_if is not None:
            yield question.code, question.show_if
        if reference.row is None:
            return
        member = (
            question.find_row(reference.row)
            if question.type == "matrix"
            else question.find_option(reference.row)
        )
        if member is not None and member.show_if is not None:
            yield f"{question.code}.{reference.row}", member.show_if
        if reference.column is not None:
            column = question.find_option(reference.column)
            if column is not None and column.show_if is not None:
                yield f"{question.code}#{reference.column}", column.show_if

    def _take(self, branch: _Branch, node: Expression, wanted: bool) -> str | None:
        """Note what ``node`` being true, or not being true, comes to."""
        match node:
            case Not(operand):
                branch.tasks.append((operand, not wanted))
            case AllOf(operands) | AnyOf(operands):
                parts = [(operand, wanted) for operand in operands]
                if isinstance(node, AllOf) == wanted:
                    branch.tasks += reversed(parts)
                else:
                    branch.choices.append([[part] for part in parts])
            case Call("if", (test, then, otherwise)):
                branch.choices.append(
                    [[(test, True), (then, wanted)], [(test, False), (otherwise, wanted)]]
                )
            case _ if _is_constant(node):
                if _constant(node) is not wanted:
                    return f"{node} is {'never' if wanted else 'always'} true"
            case Comparison("==", operand, Literal(True)) | Comparison(
                "==", Literal(True), operand
            ):
                branch.tasks.append((operand, wanted))
            case Comparison():
                self._compare(branch, node, wanted)
            case Reference():
                return self._boolean(branch, node, wanted)
            case Call("answered", (Reference() as asked,)):
                branch.claims.answered(asked, wanted)
            case Call("shown", (Reference() as asked,)):
                return self._shown(branch, asked, wanted)
            case _:
                branch.claims.opaque(node, wanted)
                if wanted:  # contains(…), starts_with(…), matches(…)
                    for child in children(node):
                        self._need(branch, child)
        return None

    def _boolean(self, branch: _Branch, node: Reference, wanted: bool) -> str | None:
        """A consent, or a calculation: it is true where it is made and its value is."""
        question = self.questions.get(node.name)
        if question is None or question.value is None:
            branch.claims.opaque(node, wanted)
            if wanted:
                branch.claims.valued(node)
            return None
        whole = [(condition, True) for _, condition in self._conditions(node)]
        whole.append((question.value, True))
        if wanted:
            branch.tasks += whole
        else:
            branch.choices.append([[(part, False)] for part, _ in whole])
        return None

    def _shown(self, branch: _Branch, asked: Reference, wanted: bool) -> str | None:
        question = self.questions.get(asked.name)
        if question is None or asked.column is not None or (
            asked.row is not None and question.type != "matrix"
        ):  # fmt: skip
            return None
        if question.type == "calculation" and question.display == "none":
            return f"{question.code} is never drawn" if wanted else None
        conditions = [condition for _, condition in self._conditions(asked)]
        if wanted:
            branch.tasks += [(condition, True) for condition in conditions]
        elif not _depends_on_members(question):
            if not conditions:
                return f"{asked} is always asked"
            branch.choices.append([[(condition, False)] for condition in conditions])
        return None

    def _compare(self, branch: _Branch, node: Comparison, wanted: bool) -> None:
        """A claim about one value where one side is constant."""
        left, operator, right = node.left, node.operator, node.right
        if wanted:
            self._need(branch, left)
            self._need(branch, right)
        if operator == "in":
            if isinstance(left, Literal) and isinstance(right, Reference):
                branch.claims.chosen(right, str(left.value), wanted)
            else:
                branch.claims.opaque(node, wanted)
            return
        if _is_constant(left):
            left, right, operator = right, left, _MIRRORED[operator]
        kind = type_of(left, self.scope)
        if not _is_constant(right) or _is_constant(left) or kind is None:
            branch.claims.opaque(node, wanted)
            return
        value = _constant(right)
        if kind.kind in (Kind.NUMBER, Kind.DATE, Kind.QUARTER) and value is not None:
            branch.claims.compared(
                left, self.ranges.of(left), operator, value, wanted, always=_always_there(left)
            )
        elif kind.kind == Kind.OPTION and isinstance(left, Reference) and not self._made(left):
            branch.claims.is_option(left, kind.codes, operator, str(value), wanted)
        elif kind.kind in (Kind.TEXT, Kind.OPTION) and isinstance(value, str):
            branch.claims.is_text(left, operator, value, wanted)
        else:
            branch.claims.opaque(node, wanted)

    def _made(self, reference: Reference) -> bool:
        question = self.questions.get(reference.name)
        return question is not None and question.value is not None

    def _need(self, branch: _Branch, node: Expression) -> None:
        """Note the answers without which ``node`` has no value. What is true or false always has
        one, a consent and a calculation excepted."""
        match node:
            case Reference():
                branch.claims.valued(node)
            case Negative() | Arithmetic():
                for child in children(node):
                    self._need(branch, child)
            case Call("rank", (Reference() as ranking, Literal(str() as code))):
                branch.claims.chosen(ranking, code, True)
            case Call(function) if function in _STRICT:
                for child in children(node):
                    self._need(branch, child)


# Functions that give nothing unless each of their arguments has a value.
_STRICT = frozenset({
    "abs", "ceil", "days", "exp", "floor", "label", "log", "lower", "number", "power", "rank",
    "round", "sqrt", "upper", "year",
})  # fmt: skip
_MIRRORED = dict.fromkeys(COMPARISONS, "") | {
    "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip


def _always_there(node: Expression) -> bool:
    """Whether ``node`` has a value whatever is answered."""
    return isinstance(node, Call) and node.function in ("count", "length", "sum", "spent")


def _is_constant(node: Expression) -> bool:
    if isinstance(node, Reference) or (isinstance(node, Call) and node.function == "today"):
        return False
    return all(_is_constant(child) for child in children(node))


def _constant(node: Expression) -> object:
    """What ``node``, which refers to nothing, gives."""
    return compile_expression(node, _NoCatalogue())(Facts({}, ""))


class _NoCatalogue:
    """For expressions that refer to nothing."""

    def labels(self, reference: Reference) -> dict[str, Say]:
        return {}

    def costs(self, reference: Reference) -> dict[str, float]:
        return {}


def _depends_on_members(question: Question) -> bool:
    """Whether showing it depends on its rows and options, or on being drawn."""
    return bool(question.rows) or any(option.show_if is not None for option in question.options)
