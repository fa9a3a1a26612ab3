"""A questionnaire made ready for routing: expressions compiled, referenced answers known."""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from core.text import LocalizedText
from surveys.answer_values import Act, Answers, other_reader, question_reader, row_reader
from surveys.language.evaluation import (
    Evaluate,
    Facts,
    Say,
    compile_condition,
    compile_expression,
)
from surveys.language.expressions import Call, Expression, Reference, children, references
from surveys.language.literals import LARGEST_NUMBER
from surveys.language.piping import compile_text, is_piped, text_expressions
from surveys.questionnaire import NO_OPINION, Question, Questionnaire, Section
from surveys.scope import option_name


class _Step(NamedTuple):
    """One name in the order of showing: decided, then what follows from it is done."""

    name: str
    # The name it lies in, whose condition must hold as well.
    around: str | None
    decide: Evaluate | None
    # What is asked when it holds.
    marks: tuple[str, ...]
    acts: tuple[Act, ...]
    # An option: what is done here is done for its question, offered or not.
    is_option: bool


class RoutePlan:
    """What routing needs of a questionnaire. It holds no reference to the questionnaire itself, so
    that both can be forgotten together."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.fallback = questionnaire.fallback
        self.questions = {question.code: question for question in questionnaire.questions}
        self.others = dict(questionnaire.by_other_code)
        self.catalogue = _Catalogue(self)
        expressions = list(_expressions(questionnaire))
        self.uses_today = any(_calls(node, "today") for node in expressions)
        used = {reference.name for node in expressions for reference in references(node)}
        used |= {question.code for question in questionnaire.questions if question.rules}
        self._layout = [(section.code, list(_names(section))) for section in questionnaire.sections]
        steps = _Steps(self, questionnaire, used)
        order = {name: position for position, name in enumerate(questionnaire.order)}
        self._steps = [steps.step(name, order) for name in questionnaire.order]
        self._speaking = [
            (step.name, step.acts) for step in self._steps if step.name in steps.speaking
        ]
        self._conditional = [
            (question.code, option_name(question.code, option.code))
            for question in questionnaire.questions
            for option in question.options
            if option.show_if is not None
        ]
        self._calculations = [q.code for q in questionnaire.questions if q.value is not None]
        self._filled: dict[str, Say] = {}

    def decide(self, answers: Answers, facts: Facts) -> None:
        """What is asked, what its answers are, and what is calculated from them."""
        passed, shown = facts.passed, facts.shown
        for name, around, decide, marks, acts, is_option in self._steps:
            if around is not None and around not in passed:
                continue
            if decide is None or decide(facts) is True:
                passed.add(name)
                for mark in marks:
                    shown.add(mark)
            elif not is_option:
                continue
            for act in acts:
                act(answers, facts)

    def lay_out(self, facts: Facts) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Sections with something shown, what is shown, what is hidden, in the order asked."""
        asked = facts.shown
        sections: list[str] = []
        shown: list[str] = []
        hidden: list[str] = []
        for section, names in self._layout:
            before = len(shown)
            for name in names:
                (shown if name in asked else hidden).append(name)
            if len(shown) > before:
                sections.append(section)
        return tuple(sections), tuple(shown), tuple(hidden)

    def hidden_options(self, facts: Facts) -> frozenset[str]:
        """The options that are not offered, of questions whose conditions hold."""
        passed = facts.passed
        return frozenset(
            option
            for question, option in self._conditional
            if question in passed and option not in passed
        )

    def calculated(self, facts: Facts) -> dict[str, bool | int | float | str]:
        """The values of calculations as JSON has them."""
        values: dict[str, bool | int | float | str] = {}
        for code in self._calculations:
            value = facts.values.get(code)
            if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_NUMBER:
                values[code] = int(value)
            elif isinstance(value, str):
                values[code] = str(value)
            elif value is not None:
                values[code] = value
        return values

    def requires(self, question: str, facts: Facts) -> bool:
        """Whether an answer is asked for, by ``required`` or ``required_if``."""
        asked = self.questions.get(question)
        if asked is None or asked.required:
            return asked is not None
        condition = self._required_if.get(question)
        return condition is not None and condition(facts) is True

    def broken_rules(self, shown: Collection[str], facts: Facts) -> Iterator[tuple[str, int]]:
        """(question, position of the rule) for each that does not hold, though it is answered."""
        for code, checks in self._rules:
            if code in shown and (code in facts.values or code in facts.without_value):
                for position, check in enumerate(checks):
                    if check(facts) is not True:
                        yield code, position

    def say_calculations_again(self, facts: Facts) -> None:
        """Texts that were calculated from labels, in the language of ``facts``."""
        if facts.language != self.fallback:
            for name, acts in self._speaking:
                if name in facts.passed:
                    for act in acts:
                        act({}, facts)

    def fill_in(self, text: str, facts: Facts) -> str:
        """``text`` with what is known filled in."""
        said = self._filled.get(text)
        if said is None:
            said = self._filled[text] = compile_text(text, self.catalogue)
        return said(facts)

    @cached_property
    def _required_if(self) -> Mapping[str, Evaluate]:
        return {
            code: compile_expression(question.required_if, self.catalogue)
            for code, question in self.questions.items()
            if question.required_if is not None
        }

    @cached_property
    def _rules(self) -> list[tuple[str, list[Evaluate]]]:
        return [
            (code, [compile_expression(rule.check, self.catalogue) for rule in question.rules])
            for code, question in self.questions.items()
            if question.rules
        ]


class _Steps:
    """Makes the steps of a plan."""

    def __init__(self, plan: RoutePlan, questionnaire: Questionnaire, used: set[str]) -> None:
        self.plan = plan
        self.used = used
        self.sections = {f"section:{section.code}": section for section in questionnaire.sections}
        self.around = {
            question.code: name
            for name, section in self.sections.items()
            for question in section.questions
        }
        # Rows and options, by their names.
        self.members: dict[str, tuple[Question, str]] = {}
        for question in questionnaire.questions:
            for row in question.rows:
                self.members[f"{question.code}.{row.code}"] = question, row.code
            for option in question.options:
                if option.show_if is not None:
                    self.members[option_name(question.code, option.code)] = question, option.code
        # Calculations that say labels, and so say something else in another language.
        self.speaking: set[str] = set()

    def step(self, name: str, order: Mapping[str, int]) -> _Step:
        if name in self.sections:
            condition = self.sections[name].show_if
            return _Step(name, None, self.compiled(condition), (), (), False)
        if name in self.members:
            question, code = self.members[name]
            is_option = name == option_name(question.code, code)
            step = (
                self.option(name, question, code) if is_option else self.row(name, question, code)
            )
        else:
            question, is_option = self.plan.questions[name], False
            step = self.question(question)
        acts = step.acts
        if not name.startswith(f"{question.code}.") and self.is_last(name, question, order):
            acts += self.readers(question)
        return step._replace(acts=acts)

    def compiled(self, condition: Expression | None) -> Evaluate | None:
        return compile_condition(condition, self.plan.catalogue) if condition is not None else None

    def question(self, question: Question) -> _Step:
        code = question.code
        around = self.around[code]
        marks: tuple[str, ...] = (code,)
        if question.rows or _all_conditional(question):
            marks = ()  # asked with the first row or option that is
        if question.type == "calculation" and question.display == "none":
            marks = ()
        acts = (self.calculation(question),) if question.value is not None else ()
        return _Step(code, around, self.compiled(question.show_if), marks, acts, False)

    def row(self, name: str, question: Question, code: str) -> _Step:
        row = question.find_row(code)
        decide = self.compiled(row.show_if if row is not None else None)
        if _all_conditional(question):
            decide = _with_some_column(question, decide)
        acts = (row_reader(question, code),) if question.code in self.used else ()
        marks = (name, question.code)
        return _Step(name, question.code, decide, marks, acts, False)

    def option(self, name: str, question: Question, code: str) -> _Step:
        option = question.find_option(code)
        decide = self.compiled(option.show_if if option is not None else None)
        marks: tuple[str, ...] = ()
        if not question.rows and _all_conditional(question):
            marks = (question.code,)
        return _Step(name, question.code, decide, marks, (), True)

    def is_last(self, name: str, question: Question, order: Mapping[str, int]) -> bool:
        """Whether all is decided at ``name`` that the answer to ``question`` depends on."""
        names = [question.code] + [
            option_name(question.code, option.code)
            for option in question.options
            if option.show_if is not None
        ]
        return name == max(names, key=order.__getitem__) if len(names) > 1 else True

    def readers(self, question: Question) -> tuple[Act, ...]:
        """What reads the answer; only what an expression refers to is read."""
        acts: list[Act] = []
        if question.code in self.used:
            reader = question_reader(question)
            acts += [reader] if reader is not None else []
        if question.other is not None and question.other_code in self.used:
            acts.append(other_reader(question))
        return tuple(acts)

    def calculation(self, question: Question) -> Act:
        assert question.value is not None
        code = question.code
        evaluate = compile_expression(question.value, self.plan.catalogue)
        labels: dict[str, Say] = {}
        for reference in _results(question.value):
            labels = {**self.plan.catalogue.labels(reference), **labels}
        if labels:
            self.plan.catalogue.calculated[code] = labels
        named = {reference.name for reference in references(question.value)}
        if _calls(question.value, "label", "join") or named & self.speaking:
            self.speaking.add(code)

        def calculate(answers: Answers, facts: Facts) -> None:
            value = evaluate(facts)
            if value is None:
                facts.values.pop(code, None)
            else:
                facts.values[code] = value

        return calculate


def _all_conditional(question: Question) -> bool:
    """Whether it may be that nothing is left to choose from."""
    if question.other is not None or question.allow_own or not question.options:
        return False
    return all(option.show_if is not None for option in question.options)


def _with_some_column(question: Question, decide: Evaluate | None) -> Evaluate:
    columns = frozenset(option_name(question.code, option.code) for option in question.options)

    def some(facts: Facts) -> bool:
        return not columns.isdisjoint(facts.passed) and (decide is None or decide(facts) is True)

    return some


def _names(section: Section) -> Iterator[str]:
    for question in section.questions:
        yield question.code
        for row in question.rows:
            yield f"{question.code}.{row.code}"


def _expressions(questionnaire: Questionnaire) -> Iterator[Expression]:
    """Every expression of the questionnaire, those within texts included."""
    found: list[Expression | None] = []
    texts: list[LocalizedText | None] = [questionnaire.title, questionnaire.description]
    for section in questionnaire.sections:
        found.append(section.show_if)
        texts += [section.title, section.text]
        for question in section.questions:
            found += [question.show_if, question.required_if, question.value]
            texts += [question.title, question.help, question.unit, question.low, question.high]
            texts.append(question.no_opinion)
            if question.other is not None:
                texts.append(question.other.label)
            for rule in question.rules:
                found.append(rule.check)
                texts.append(rule.message)
            found += [option.show_if for option in question.options]
            found += [row.show_if for row in question.rows]
            texts += [option.label for option in question.options]
            texts += [row.label for row in question.rows]
    yield from (node for node in found if node is not None)
    for localized in texts:
        if localized is not None:
            for text in localized.values():
                yield from text_expressions(text)


def _results(node: Expression) -> Iterator[Reference]:
    """The answers that ``node`` may give as they are."""
    match node:
        case Reference():
            yield node
        case Call("if", (_, then, otherwise)):
            yield from _results(then)
            yield from _results(otherwise)


def _calls(node: Expression, *functions: str) -> bool:
    if isinstance(node, Call) and node.function in functions:
        return True
    return any(_calls(child, *functions) for child in children(node))


_CHOOSING = frozenset({"single_choice", "multiple_choice", "ranking", "budget"})

# Labels that hold answers may name each other without end.
_MAX_LABELS_WITHIN = 5
_MAX_LABELS = 2_000


class _Catalogue:
    """What expressions look up in the questionnaire (``surveys.language.evaluation.Catalogue``)."""

    def __init__(self, plan: RoutePlan) -> None:
        self.plan = plan
        # Of calculations that give options; filled in the order of calculating.
        self.calculated: dict[str, dict[str, Say]] = {}
        self._labels: dict[str, dict[str, Say]] = {}

    def labels(self, reference: Reference) -> Mapping[str, Say]:
        question = self.plan.questions.get(reference.name)
        if question is None or reference.column is not None:
            return {}
        if question.value is not None:
            return self.calculated.get(question.code, {})
        gives_options = (
            question.cell in ("single", "multiple")
            if reference.row
            else question.no_opinion is not None or question.type in _CHOOSING
        )
        if not gives_options:
            return {}
        if question.code not in self._labels:
            self._labels[question.code] = dict(self._labels_of(question))
        return self._labels[question.code]

    def _labels_of(self, question: Question) -> Iterator[tuple[str, Say]]:
        if question.no_opinion is not None:
            yield NO_OPINION, self._label(question.no_opinion)
        for option in question.all_options:
            yield option.code, self._label(option.label)

    def costs(self, reference: Reference) -> Mapping[str, float]:
        question = self.plan.questions.get(reference.name)
        options = question.options if question is not None else ()
        return {option.code: float(option.cost) for option in options if option.cost is not None}

    def _label(self, label: LocalizedText) -> Say:
        if not any(is_piped(text) for text in label.values()):
            return lambda facts: label.in_language(facts.language)

        def say(facts: Facts) -> str:
            if facts.depth >= _MAX_LABELS_WITHIN or facts.filled >= _MAX_LABELS:
                return ""
            facts.depth += 1
            facts.filled += 1
            try:
                return self.plan.fill_in(label.in_language(facts.language), facts)
            finally:
                facts.depth -= 1

        return say
