"""Which questions and rows a respondent is asked, given the answers so far.

Every condition is decided once, in an order in which everything it depends on is decided already;
what is hidden counts as unanswered in the conditions of others. So the result does not depend on
the order in which answers were given, and an answer left from before a change of mind shows
nothing.
"""

import math
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from core.text import LocalizedText
from surveys.evaluation import LARGEST_NUMBER, compile_condition, read_date
from surveys.expressions import Expression, Reference, references
from surveys.questionnaire import Question, Questionnaire
from surveys.scope import option_name

Answers = Mapping[str, Any]
"""What a respondent gave, by question code; see ``surveys.questionnaire.Question``."""

_Decide = Callable[[Mapping[str, Any], AbstractSet[str]], bool]


@dataclass(frozen=True)
class Route:
    """What is asked. Questions by code and matrix rows as ``question.row``, in the order asked.

    ``sections`` are the codes of sections with at least one question shown. A matrix none of
    whose rows is shown is hidden; so is a calculation that is never drawn. ``values``: the known
    values that expressions refer to, and those of calculations. ``broken_rules``: (question,
    position of the rule) of shown and answered questions.
    """

    sections: tuple[str, ...]
    shown: tuple[str, ...]
    hidden: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    hidden_options: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    broken_rules: tuple[tuple[str, int], ...] = ()

    def shows_option(self, question: str, option: str) -> bool:
        """Whether the option is offered where the question is asked."""
        return option_name(question, option) not in self.hidden_options

    def requires(self, question: str) -> bool:
        """Whether an answer to the question is asked for, by ``required`` or ``required_if``."""
        return question in self.required

    def text(self, text: LocalizedText, language: str) -> str:
        """``text`` in ``language``, with earlier answers filled in."""
        return text.in_language(language)

    @cached_property
    def _shown(self) -> frozenset[str]:
        return frozenset(self.shown)

    def shows(self, name: str) -> bool:
        """Whether the question ``Q3`` or the row ``Q3.r1`` is asked."""
        return name in self._shown


def route(questionnaire: Questionnaire, answers: Answers) -> Route:
    """The route for ``answers``, which need not be valid: an answer of the wrong type counts as
    none, and codes that are not in the questionnaire are passed over."""
    plan = _plans.get(questionnaire)
    if plan is None:
        plan = _plans[questionnaire] = _Plan(questionnaire)
    return plan.route(answers)


class _Plan:
    """A questionnaire made ready: conditions compiled, referenced values known."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        conditions: dict[str, Expression] = {}
        # Per name: the name it lies in, whose condition must hold as well.
        self.within: dict[str, str] = {}
        self.rows: dict[str, list[str]] = {}
        self.layout: list[tuple[str, list[str]]] = []
        for section in questionnaire.sections:
            here = f"section:{section.code}"
            if section.show_if is not None:
                conditions[here] = section.show_if
            names: list[str] = []
            for question in section.questions:
                self.within[question.code] = here
                names.append(question.code)
                if question.show_if is not None:
                    conditions[question.code] = question.show_if
                self.rows[question.code] = [f"{question.code}.{r.code}" for r in question.rows]
                for row in question.rows:
                    name = f"{question.code}.{row.code}"
                    self.within[name] = question.code
                    names.append(name)
                    if row.show_if is not None:
                        conditions[name] = row.show_if
            self.layout.append((section.code, names))
        self.conditions: dict[str, _Decide] = {
            name: compile_condition(condition) for name, condition in conditions.items()
        }
        self.order = questionnaire.order
        self.required = frozenset(q.code for q in questionnaire.questions if q.required)
        used = {
            reference for condition in conditions.values() for reference in references(condition)
        }
        self.read_after = _readers(questionnaire, used)

    def route(self, answers: Answers) -> Route:
        values: dict[str, Any] = {}
        # What passed its own conditions, and of that what is really asked: not a matrix without
        # any row.
        passed: set[str] = set()
        shown: set[str] = set()
        for name in self.order:
            around = self.within.get(name)
            if around is not None and around not in passed:
                continue
            decide = self.conditions.get(name)
            if decide is not None and not decide(values, shown):
                continue
            passed.add(name)
            if not self.rows.get(name):
                shown.add(name)
                if around is not None:
                    shown.add(around)
            for read in self.read_after.get(name, ()):
                read(answers, values)
        sections: list[str] = []
        visible: list[str] = []
        hidden: list[str] = []
        for section, names in self.layout:
            before = len(visible)
            for name in names:
                (visible if name in shown else hidden).append(name)
            if len(visible) > before:
                sections.append(section)
        return Route(tuple(sections), tuple(visible), tuple(hidden), values, required=self.required)


_plans: WeakKeyDictionary[Questionnaire, _Plan] = WeakKeyDictionary()

_Read = Callable[[Answers, dict[str, Any]], None]


def _readers(questionnaire: Questionnaire, used: set[Reference]) -> dict[str, list[_Read]]:
    """For each name, what to read from the answers once it is known to be shown.

    Only what a condition refers to is read. A row adds to the value of its matrix, so that hidden
    rows are not part of it.
    """
    names = {reference.name for reference in used}
    readers: dict[str, list[_Read]] = {}
    for question in questionnaire.questions:
        if question.code in names:
            if question.type == "matrix":
                for row in question.rows:
                    readers[f"{question.code}.{row.code}"] = [_row_reader(question, row.code)]
            else:
                readers[question.code] = [_answer_reader(question)]
        if question.other is not None and question.other_code in names:
            readers.setdefault(question.code, []).append(_other_reader(question))
    return readers


def _answer_reader(question: Question) -> _Read:
    code, take = question.code, _TAKERS[question.type]

    def read(answers: Answers, values: dict[str, Any]) -> None:
        value = take(answers.get(code))
        if value is not None:
            values[code] = value

    return read


def _other_reader(question: Question) -> _Read:
    code = question.other_code

    def read(answers: Answers, values: dict[str, Any]) -> None:
        text = _take_text(answers.get(code))
        if text is not None and chooses_other(question, answers):
            values[code] = text

    return read


def _row_reader(question: Question, row: str) -> _Read:
    code, name = question.code, f"{question.code}.{row}"
    take = _CELL_TAKERS[question.cell or ""]
    columns = [option.code for option in question.options] if question.has_columns else None

    def read(answers: Answers, values: dict[str, Any]) -> None:
        matrix = answers.get(code)
        given = matrix.get(row) if isinstance(matrix, Mapping) else None
        if columns is None:
            value = take(given)
        else:
            cells = given if isinstance(given, Mapping) else {}
            taken = {column: take(cells.get(column)) for column in columns}
            value = {column: cell for column, cell in taken.items() if cell is not None} or None
            for column, cell in (value or {}).items():
                values[f"{name}.{column}"] = cell
        if value is not None:
            values[name] = value
            values.setdefault(code, {})[row] = value

    return read


def chooses_other(question: Question, answers: Answers) -> bool:
    """Whether the ``other`` option is (among) what was chosen."""
    if question.other is None:
        return False
    given = answers.get(question.code)
    if isinstance(given, (list, tuple)):
        return question.other.code in given
    return bool(given == question.other.code)


def _take_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _take_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not (abs(value) <= LARGEST_NUMBER and math.isfinite(value)):
        return None
    return float(value)


def _take_codes(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, (list, tuple)):
        return None
    return tuple(dict.fromkeys(code for code in value if isinstance(code, str))) or None


def _take_date(value: Any) -> Any:
    return read_date(value) and value


_TAKERS: dict[str, Callable[[Any], Any]] = {
    "single_choice": _take_text,
    "multiple_choice": _take_codes,
    "number": _take_number,
    "date": _take_date,
    "short_text": _take_text,
    "long_text": _take_text,
    "information": lambda value: None,
    "calculation": lambda value: None,
    "ranking": _take_codes,
    "budget": _take_codes,
    "rating": _take_number,
    "year": _take_number,
    "quarter": _take_text,
}
_CELL_TAKERS: dict[str, Callable[[Any], Any]] = {
    "single": _take_text,
    "multiple": _take_codes,
    "number": _take_number,
    "text": _take_text,
}
