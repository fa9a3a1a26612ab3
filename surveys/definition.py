"""The way from our JSON document (docs/questionnaire-format.md) to a ``Questionnaire``.

``parse_definition`` reports every problem with its path. In what it gives, everything holds
together: codes are unique, texts are complete in the first language, conditions name what exists,
fit the types and do not go in circles. ``Questionnaire.as_document`` is the way back.
"""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Any

from core.errors import InvalidInput
from core.text import LocalizedText, clean_text
from surveys.errors import InvalidQuestionnaire
from surveys.evaluation import LARGEST_NUMBER, Kind, ValueType, check_condition, read_date
from surveys.expressions import KEYWORDS, Expression, InvalidExpression, Reference, parse_expression
from surveys.expressions import references as references_in
from surveys.questionnaire import Option, Other, Question, Questionnaire, Row, Section
from surveys.schema import (
    MAX_QUESTIONS,
    MatrixForm,
    MultipleChoiceForm,
    OtherForm,
    QuestionForm,
    QuestionnaireForm,
    SectionForm,
    read_form,
)

__all__ = [
    "Option",
    "Other",
    "Question",
    "QuestionScope",
    "Questionnaire",
    "Row",
    "Section",
    "parse_definition",
]

MAX_CODE = 64
_QUESTION_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ROW_CODE = re.compile(r"[A-Za-z0-9_]+")
_OPTION_CODE = re.compile(r"[A-Za-z0-9_.\-]+")


def parse_definition(document: object) -> Questionnaire:
    """The questionnaire that ``document`` (JSON values) says.

    Raises ``InvalidQuestionnaire`` with every problem found as (path, reason): problems of form
    first; where the form is right, problems of content.
    """
    form, problems = read_form(document)
    if form is None:
        raise InvalidQuestionnaire(problems)
    reader = _Reader(form)
    questionnaire = reader.read()
    if reader.problems or questionnaire is None:
        raise InvalidQuestionnaire(reader.problems)
    return questionnaire


class _Reader:
    """Builds the values and collects what is wrong on the way."""

    def __init__(self, form: QuestionnaireForm) -> None:
        self.form = form
        self.problems: list[tuple[str, str]] = []
        # (path, condition, the node in the order of showing that it decides)
        self.conditions: list[tuple[str, Expression, str]] = []

    def refuse(self, path: str, reason: str) -> None:
        self.problems.append((path, reason))

    def read(self) -> Questionnaire | None:
        form = self.form
        for index, language in enumerate(form.languages):
            if language in form.languages[:index]:
                self.refuse(f"languages[{index}]", f"{language} is named twice")
        title = self.text(form.title, "title")
        description = self.optional_text(form.description, "description")
        sections = tuple(
            self.section(section, f"sections[{index}]")
            for index, section in enumerate(form.sections)
        )
        self.unique("sections", [section.code for section in sections], self.refuse_code)
        questions = [question for section in sections for question in section.questions]
        if len(questions) > MAX_QUESTIONS:
            self.refuse("sections", f"hold {len(questions)} questions; at most {MAX_QUESTIONS}")
        self.unique_names(sections)
        scope = QuestionScope(questions)
        for path, condition, _ in self.conditions:
            for reason in check_condition(condition, scope):
                self.refuse(path, reason)
        if self.problems:
            return None
        return Questionnaire(
            title, description, tuple(form.languages), sections, self.order(sections, scope)
        )

    def section(self, form: SectionForm, path: str) -> Section:
        self.code(form.code, f"{path}.code", _QUESTION_CODE)
        return Section(
            code=form.code,
            title=self.text(form.title, f"{path}.title"),
            text=self.optional_text(form.text, f"{path}.text"),
            show_if=self.condition(form.show_if, f"{path}.show_if", f"section:{form.code}"),
            questions=tuple(
                self.question(question, f"{path}.questions[{index}]")
                for index, question in enumerate(form.questions)
            ),
        )

    def question(self, form: QuestionForm, path: str) -> Question:
        self.code(form.code, f"{path}.code", _QUESTION_CODE)
        if form.code in KEYWORDS:
            self.refuse(f"{path}.code", f"{form.code} is a word of the condition language")
        options = tuple(
            Option(
                option.code,
                self.text(option.label, f"{path}.options[{index}].label"),
                getattr(option, "exclusive", False),
            )
            for index, option in enumerate(getattr(form, "options", ()))
        )
        rows = tuple(
            Row(
                row.code,
                self.text(row.label, f"{path}.rows[{index}].label"),
                self.condition(row.show_if, f"{path}.rows[{index}].show_if",
                               f"{form.code}.{row.code}"),
            )
            for index, row in enumerate(getattr(form, "rows", ()))
        )  # fmt: skip
        other = self.other(getattr(form, "other", None), f"{path}.other")
        minimum, maximum = self.limits(form, path)
        question = Question(
            code=form.code,
            type=form.type,
            title=self.text(form.title, f"{path}.title"),
            help=self.optional_text(form.help, f"{path}.help"),
            required=getattr(form, "required", False),
            show_if=self.condition(form.show_if, f"{path}.show_if", form.code),
            options=options,
            other=other,
            display=getattr(form, "display", "list"),
            min_choices=getattr(form, "min_choices", None),
            max_choices=getattr(form, "max_choices", None),
            rows=rows,
            cell=getattr(form, "cell", None),
            minimum=minimum,
            maximum=maximum,
            whole=getattr(form, "whole", False),
            unit=self.optional_text(getattr(form, "unit", None), f"{path}.unit"),
            max_length=getattr(form, "max_length", None),
        )
        self.codes_within(question, path)
        if isinstance(form, MultipleChoiceForm):
            self.choice_limits(question, path)
        if isinstance(form, MatrixForm):
            self.matrix(question, path)
        return question

    def other(self, form: OtherForm | None, path: str) -> Other | None:
        if form is None:
            return None
        self.code(form.code, f"{path}.code", _OPTION_CODE)
        return Other(form.code, self.text(form.label, f"{path}.label"), form.required)

    def codes_within(self, question: Question, path: str) -> None:
        pattern = _ROW_CODE if question.has_columns else _OPTION_CODE
        for index, option in enumerate(question.options):
            self.code(option.code, f"{path}.options[{index}].code", pattern)
        for index, row in enumerate(question.rows):
            self.code(row.code, f"{path}.rows[{index}].code", _ROW_CODE)
        self.unique(f"{path}.options", [o.code for o in question.options], self.refuse_code)
        self.unique(f"{path}.rows", [row.code for row in question.rows], self.refuse_code)
        if question.other and question.other.code in [o.code for o in question.options]:
            self.refuse(f"{path}.other.code", f"{question.other.code} is an option already")

    def choice_limits(self, question: Question, path: str) -> None:
        low, high = question.min_choices, question.max_choices
        if low is not None and low > len(question.all_options):
            self.refuse(f"{path}.min_choices", f"is {low}; there are fewer options")
        if high == 0 or (low is not None and high is not None and low > high):
            self.refuse(f"{path}.max_choices", f"is {high}; expected at least {max(low or 0, 1)}")

    def matrix(self, question: Question, path: str) -> None:
        choosing = question.cell in ("single", "multiple")
        if choosing and not question.options:
            self.refuse(f"{path}.options", "is missing: the cells are chosen from options")
        if question.cell != "number" and (
            question.minimum is not None or question.maximum is not None or question.whole
        ):
            self.refuse(path, "minimum, maximum and whole are for cells with numbers")
        if question.cell != "text" and question.max_length is not None:
            self.refuse(f"{path}.max_length", "is for cells with texts")

    def limits(
        self, form: QuestionForm, path: str
    ) -> tuple[float | date | None, float | date | None]:
        low = self.limit(getattr(form, "minimum", None), f"{path}.minimum")
        high = self.limit(getattr(form, "maximum", None), f"{path}.maximum")
        if low is not None and high is not None and low > high:  # type: ignore[operator]
            self.refuse(f"{path}.maximum", "is below the minimum")
        return low, high

    def limit(self, value: str | int | float | None, path: str) -> float | date | None:
        if isinstance(value, str):
            day = read_date(value)
            if day is None:
                self.refuse(path, f"{value[:40]!r} is not a date such as 2026-11-22")
            return day
        if value is not None and not (math.isfinite(value) and abs(value) <= LARGEST_NUMBER):
            self.refuse(path, "is not a number within ±10^15")
            return None
        return value

    def condition(self, source: str | None, path: str, decides: str) -> Expression | None:
        if source is None or not source.strip():
            return None
        try:
            condition = parse_expression(source)
        except InvalidExpression as refused:
            self.refuse(path, str(refused.params["reason"]))
            return None
        self.conditions.append((path, condition, decides))
        return condition

    def code(self, code: str, path: str, pattern: re.Pattern[str]) -> None:
        if not pattern.fullmatch(code):
            start = "a letter, then " if pattern is _QUESTION_CODE else ""
            marks = ", '_', '.' and '-'" if pattern is _OPTION_CODE else " and '_'"
            self.refuse(path, f"{code[:40]!r}: expected {start}letters a-z, digits{marks}")
        elif len(code) > MAX_CODE:
            self.refuse(path, f"is {len(code)} characters long; at most {MAX_CODE}")

    def refuse_code(self, path: str, code: str) -> None:
        self.refuse(f"{path}.code", f"{code[:40]} is used twice")

    def unique(self, path: str, codes: list[str], refuse: Any) -> None:
        seen: set[str] = set()
        for index, code in enumerate(codes):
            if code in seen:
                refuse(f"{path}[{index}]", code)
            seen.add(code)

    def unique_names(self, sections: tuple[Section, ...]) -> None:
        """Question codes, and the places where texts beside ``other`` are kept, never collide."""
        seen: set[str] = set()
        for s, section in enumerate(sections):
            for q, question in enumerate(section.questions):
                path = f"sections[{s}].questions[{q}]"
                if question.code in seen:
                    self.refuse_code(path, question.code)
                seen.add(question.code)
                if question.other is not None:
                    if question.other_code in seen:
                        self.refuse_code(f"{path}.other", question.other_code)
                    seen.add(question.other_code)

    def text(self, texts: dict[str, str], path: str) -> LocalizedText:
        """Complete in the fallback; every language declared; clean."""
        cleaned: dict[str, str] = {}
        for language, text in texts.items():
            if language not in self.form.languages:
                self.refuse(f"{path}.{language}", "is not among the languages declared")
                continue
            try:
                clean = clean_text(text, where="")
            except InvalidInput as refused:
                self.refuse(f"{path}.{language}", str(refused.params["reason"]))
                continue
            if clean.strip():
                cleaned[language] = clean
        fallback = self.form.languages[0]
        if fallback not in cleaned and not any(p.startswith(path) for p, _ in self.problems):
            self.refuse(f"{path}.{fallback}", "is missing: the first language must be complete")
        ordered = {code: cleaned[code] for code in self.form.languages if code in cleaned}
        return LocalizedText(ordered, fallback)

    def optional_text(self, texts: dict[str, str] | None, path: str) -> LocalizedText | None:
        if texts is None or not any(text.strip() for text in texts.values()):
            return None
        return self.text(texts, path)

    def order(self, sections: tuple[Section, ...], scope: "QuestionScope") -> tuple[str, ...]:
        """Names so that each follows what its showing depends on; circles are refused."""
        graph: dict[str, list[str]] = {}
        for section in sections:
            graph[f"section:{section.code}"] = []
            for question in section.questions:
                graph[question.code] = [f"section:{section.code}"]
                for row in question.rows:
                    graph[f"{question.code}.{row.code}"] = [question.code]
        paths = {}
        for path, condition, decides in self.conditions:
            paths[decides] = path
            for reference in references_in(condition):
                graph[decides] += scope.depends_on(reference)
        try:
            return tuple(TopologicalSorter(graph).static_order())
        except CycleError as circular:
            names = [name for name in circular.args[1] if name in paths]
            members = [name.replace("section:", "section ") for name in circular.args[1]]
            circle = " needs ".join(members[:-10:-1] if len(members) > 10 else members[::-1])
            self.refuse(paths[names[0]] if names else "sections", f"goes in a circle: {circle}")
            return ()


class QuestionScope:
    """What conditions of a questionnaire may refer to (``surveys.evaluation.Scope``)."""

    def __init__(self, questions: Iterable[Question]) -> None:
        self.questions: dict[str, Question] = {}
        for question in questions:
            self.questions.setdefault(question.code, question)
        self.others = {q.other_code: q for q in self.questions.values() if q.other is not None}

    def type_of(self, reference: Reference) -> ValueType | str:
        question = self.questions.get(reference.name)
        if question is None:
            if reference.name in self.others and reference.row is None:
                return ValueType(Kind.TEXT)
            return f"there is no question {reference.name}"
        if reference.row is None:
            return _question_type(question)
        if question.type != "matrix":
            return f"{question.code} is not a matrix and has no row {reference.row}"
        if question.find_row(reference.row) is None:
            return f"{question.code} has no row {reference.row}"
        cell = ValueType(_CELL_KINDS[question.cell or ""], _codes(question))
        if reference.column is None:
            return ValueType(Kind.CELLS, cell=cell.kind) if question.has_columns else cell
        if not question.has_columns:
            return f"{question.code}.{reference.row} has no columns"
        if question.find_option(reference.column) is None:
            return f"{question.code} has no column {reference.column}"
        return cell

    def depends_on(self, reference: Reference) -> Iterator[str]:
        """The names whose showing decides what ``reference`` gives."""
        question = self.questions.get(reference.name) or self.others[reference.name]
        if reference.row is not None:
            yield f"{question.code}.{reference.row}"
            return
        yield question.code
        for row in question.rows:
            yield f"{question.code}.{row.code}"


_CELL_KINDS = {
    "single": Kind.OPTION, "multiple": Kind.OPTIONS, "number": Kind.NUMBER, "text": Kind.TEXT,
}  # fmt: skip
_KINDS = {
    "single_choice": Kind.OPTION, "multiple_choice": Kind.OPTIONS, "number": Kind.NUMBER,
    "date": Kind.DATE, "short_text": Kind.TEXT, "long_text": Kind.TEXT, "matrix": Kind.MATRIX,
    "information": Kind.INFORMATION,
}  # fmt: skip


def _codes(question: Question) -> frozenset[str]:
    return frozenset(option.code for option in question.all_options)


def _question_type(question: Question) -> ValueType:
    cell = _CELL_KINDS[question.cell] if question.cell else None
    return ValueType(_KINDS[question.type], _codes(question), cell)
