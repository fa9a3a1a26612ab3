"""The way from our JSON document (docs/questionnaire-format.md) to a ``Questionnaire``.

``parse_definition`` reports every problem with its path. In what it gives, everything holds
together: codes are unique, texts are complete in the first language, conditions name what exists,
fit the types and do not go in circles. ``Questionnaire.as_document`` is the way back.
"""

import hashlib
from collections.abc import Sequence
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Any

import rfc8785

from core.errors import InvalidInput
from core.text import LocalizedText, clean_text
from surveys.errors import InvalidQuestionnaire
from surveys.language.evaluation import check_condition, check_expression, read_date
from surveys.language.expressions import KEYWORDS, Expression, InvalidExpression, parse_expression
from surveys.language.expressions import references as references_in
from surveys.language.piping import check_text
from surveys.question_checks import (
    MAX_CODE,
    QUESTION_CODE,
    check_code,
    check_question,
    read_quarter,
    repeated,
)
from surveys.questionnaire import (
    DraftDependency,
    Option,
    Other,
    Question,
    Questionnaire,
    Row,
    Rule,
    Section,
)
from surveys.schema import (
    MAX_QUESTIONS,
    OtherForm,
    QuestionForm,
    QuestionnaireForm,
    SectionForm,
    read_form,
)
from surveys.scope import QuestionScope, option_name

__all__ = [
    "MAX_CODE",
    "Option",
    "Other",
    "Question",
    "QuestionScope",
    "Questionnaire",
    "Row",
    "Section",
    "parse_definition",
]


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


def definition_hash(document: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON, hexadecimal: what "the same questionnaire" means."""
    return hashlib.sha256(rfc8785.dumps(document)).hexdigest()


class _Reader:
    """Builds the values and collects what is wrong on the way."""

    def __init__(self, form: QuestionnaireForm) -> None:
        self.form = form
        self.problems: list[tuple[str, str]] = []
        # (path, expression): those that are true or false, and the values of calculations.
        self.conditions: list[tuple[str, Expression]] = []
        self.values: list[tuple[str, Expression]] = []
        # What decides a name in the order of showing: name → (path, expression).
        self.deciding: dict[str, list[tuple[str, Expression]]] = {}
        # (path, text) with something to be filled in.
        self.piped: list[tuple[str, str]] = []

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
        for index, code in repeated([section.code for section in sections]):
            self.refuse(f"sections[{index}].code", f"{code[:40]} is used twice")
        questions = [question for section in sections for question in section.questions]
        if len(questions) > MAX_QUESTIONS:
            self.refuse("sections", f"hold {len(questions)} questions; at most {MAX_QUESTIONS}")
        self.unique_names(sections)
        scope = QuestionScope(questions)
        self.expressions(scope)
        if self.problems:
            return None
        order = self.order(sections, scope)
        return Questionnaire(
            title, description, tuple(form.languages), sections, order, form.layout
        )

    def expressions(self, scope: QuestionScope) -> None:
        """Unknown names, types that do not fit, circles of calculations."""
        for path, expression in self.conditions:
            for reason in check_condition(expression, scope):
                self.refuse(path, reason)
        for path, expression in self.values:
            for reason in check_expression(expression, scope):
                self.refuse(path, reason)
        for path, text in self.piped:
            for reason in check_text(text, scope):
                self.refuse(path, reason)

    def section(self, form: SectionForm, path: str) -> Section:
        self.code(form.code, f"{path}.code")
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
        self.code(form.code, f"{path}.code")
        if form.code in KEYWORDS:
            self.refuse(f"{path}.code", f"{form.code} is a word of the condition language")
        said: dict[str, Any] = {
            name: getattr(form, name) for name in _PLAIN if getattr(form, name, None) is not None
        }
        for name in ("unit", "low", "high", "no_opinion"):
            said[name] = self.optional_text(getattr(form, name, None), f"{path}.{name}")
        question = Question(
            code=form.code,
            type=form.type,
            title=self.text(form.title, f"{path}.title"),
            help=self.optional_text(form.help, f"{path}.help"),
            show_if=self.condition(form.show_if, f"{path}.show_if", form.code),
            required_if=self.condition(
                getattr(form, "required_if", None), f"{path}.required_if", None
            ),
            rules=self.rules(getattr(form, "rules", ()), path),
            options=self.options(form, path),
            rows=self.rows(form, path),
            other=self.other(getattr(form, "other", None), f"{path}.other"),
            minimum=self.limit(form, "minimum", path),
            maximum=self.limit(form, "maximum", path),
            accept=tuple(getattr(form, "accept", ())),
            dependencies=tuple(
                DraftDependency(entry.from_, entry.to, entry.kind)
                for entry in getattr(form, "dependencies", ())
            ),
            value=self.value(getattr(form, "value", None), f"{path}.value", form.code),
            **said,
        )
        for within, reason in check_question(question):
            self.refuse(f"{path}.{within}" if within else path, reason)
        return question

    def options(self, form: QuestionForm, path: str) -> tuple[Option, ...]:
        return tuple(
            Option(
                code=option.code,
                label=self.text(option.label, f"{path}.options[{index}].label"),
                show_if=self.condition(
                    option.show_if, f"{path}.options[{index}].show_if",
                    option_name(form.code, option.code),
                ),
                exclusive=getattr(option, "exclusive", False),
                no_opinion=getattr(option, "no_opinion", False),
                cost=getattr(option, "cost", None),
            )
            for index, option in enumerate(getattr(form, "options", ()))
        )  # fmt: skip

    def rows(self, form: QuestionForm, path: str) -> tuple[Row, ...]:
        return tuple(
            Row(
                row.code,
                self.text(row.label, f"{path}.rows[{index}].label"),
                self.condition(
                    row.show_if, f"{path}.rows[{index}].show_if", f"{form.code}.{row.code}"
                ),
            )
            for index, row in enumerate(getattr(form, "rows", ()))
        )

    def rules(self, forms: Sequence[Any], path: str) -> tuple[Rule, ...]:
        rules = []
        for index, form in enumerate(forms):
            message = self.text(form.message, f"{path}.rules[{index}].message")
            where = f"{path}.rules[{index}].check"
            check = self.condition(form.check, where, None)
            if check is not None:
                rules.append(Rule(check, message))
            elif not form.check.strip():
                self.refuse(where, "is empty")
        return tuple(rules)

    def other(self, form: OtherForm | None, path: str) -> Other | None:
        if form is None:
            return None
        return Other(form.code, self.text(form.label, f"{path}.label"), form.required)

    def limit(self, form: QuestionForm, name: str, path: str) -> float | date | str | None:
        value: str | float | None = getattr(form, name, None)
        if not isinstance(value, str):
            return value
        if form.type == "quarter":
            return read_quarter(value) or value  # refused by check_question
        day = read_date(value)
        if day is None:
            self.refuse(f"{path}.{name}", f"{value[:40]!r} is not a date such as 2026-11-22")
        return day

    def parse(self, source: str, path: str) -> Expression | None:
        try:
            return parse_expression(source)
        except InvalidExpression as refused:
            self.refuse(path, str(refused.params["reason"]))
            return None

    def condition(self, source: str | None, path: str, decides: str | None) -> Expression | None:
        """What is true or false; ``decides`` names what is shown by it, if anything is."""
        if source is None or not source.strip():
            return None
        expression = self.parse(source, path)
        if expression is not None:
            self.conditions.append((path, expression))
            if decides is not None:
                self.deciding.setdefault(decides, []).append((path, expression))
        return expression

    def value(self, source: str | None, path: str, code: str) -> Expression | None:
        """The value of the calculation ``code``."""
        if source is None:
            return None
        expression = self.parse(source, path)
        if expression is not None:
            self.values.append((path, expression))
            self.deciding.setdefault(code, []).append((path, expression))
        return expression

    def code(self, code: str, path: str) -> None:
        if reason := check_code(code, QUESTION_CODE):
            self.refuse(path, reason)

    def unique_names(self, sections: tuple[Section, ...]) -> None:
        """Question codes, and the places where texts beside ``other`` are kept, never collide."""
        seen: set[str] = set()
        for s, section in enumerate(sections):
            for q, question in enumerate(section.questions):
                path = f"sections[{s}].questions[{q}]"
                names = [(f"{path}.code", question.code)]
                if question.other is not None:
                    names.append((f"{path}.other.code", question.other_code))
                for where, name in names:
                    if name in seen:
                        self.refuse(where, f"{name[:40]} is used twice")
                    seen.add(name)

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
                if "{{" in clean:
                    self.piped.append((f"{path}.{language}", clean))
        fallback = self.form.languages[0]
        if fallback not in cleaned and not any(p.startswith(path) for p, _ in self.problems):
            self.refuse(f"{path}.{fallback}", "is missing: the first language must be complete")
        ordered = {code: cleaned[code] for code in self.form.languages if code in cleaned}
        return LocalizedText(ordered, fallback)

    def optional_text(self, texts: dict[str, str] | None, path: str) -> LocalizedText | None:
        if texts is None or not any(text.strip() for text in texts.values()):
            return None
        return self.text(texts, path)

    def order(self, sections: tuple[Section, ...], scope: QuestionScope) -> tuple[str, ...]:
        """Names so that each follows what its showing depends on; circles are refused."""
        graph: dict[str, list[str]] = {}
        for section in sections:
            graph[f"section:{section.code}"] = []
            for question in section.questions:
                graph[question.code] = [f"section:{section.code}"]
                options = [
                    option_name(question.code, option.code)
                    for option in question.options
                    if option.show_if is not None
                ]
                graph |= {name: [question.code] for name in options}
                for row in question.rows:
                    # What is in a row counts only as far as its columns are offered.
                    graph[f"{question.code}.{row.code}"] = [question.code, *options]
        for decides, expressions in self.deciding.items():
            for _, expression in expressions:
                for reference in references_in(expression):
                    graph[decides] += scope.depends_on(reference)
        try:
            return tuple(TopologicalSorter(graph).static_order())
        except CycleError as circular:
            names = [name for name in circular.args[1] if name in self.deciding]
            members = [name.replace("section:", "section ") for name in circular.args[1]]
            circle = " needs ".join(members[:-10:-1] if len(members) > 10 else members[::-1])
            path = self.deciding[names[0]][0][0] if names else "sections"
            self.refuse(path, f"goes in a circle: {circle}")
            return ()


# Fields that are the same in the form and in the question.
_PLAIN = (
    "required", "display", "min_choices", "max_choices", "cell", "whole", "max_length",
    "max_files", "max_megabytes", "total", "purpose", "version", "allow_own", "max_own",
    "max_entries",
)  # fmt: skip
