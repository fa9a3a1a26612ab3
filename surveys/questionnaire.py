"""A questionnaire as frozen values: sections, questions, options, rows.

Made by ``surveys.definition.parse_definition``, which is where it is known to hold together.
"""

from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any

from core.text import LocalizedText
from surveys.language.expressions import Expression
from surveys.schema import DEFAULT_LONG, DEFAULT_SHORT, SCHEMA

NO_OPINION = "no_opinion"
"""The answer to a rating, or to a milestone's priority, of those who have none."""

STANCES = ("agree", "disagree", "pass")
"""The answers to a statement."""

COMMENT_STANCES = ("support", "change", "oppose")
"""What a comment wants of a paragraph."""

PRIORITY_LEVELS = (1, 2, 3, 4, 5)
"""From "not needed" to "essential"."""

DEPENDENCY_KINDS = ("FS", "SS", "FF", "SF")

# Types that are not answered.
_UNANSWERED = frozenset({"information", "calculation"})


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be chosen or judged; in a matrix, a column.

    ``exclusive``: chosen alone or not at all. ``no_opinion``: beside the scale, not on it.
    ``cost``: what it takes of a budget.
    """

    code: str
    label: LocalizedText
    show_if: Expression | None = None
    exclusive: bool = False
    no_opinion: bool = False
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a matrix; its name elsewhere is ``question.row``."""

    code: str
    label: LocalizedText
    show_if: Expression | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """An option beside the listed ones, with a text that says what it is.

    The text is an answer of its own, under the question's code and ``_other``.
    """

    code: str
    label: LocalizedText
    required: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What an answer must fulfil besides its form, and what the person is told if it does not."""

    check: Expression
    message: LocalizedText


@dataclass(frozen=True, slots=True)
class DraftDependency:
    """A dependency of the draft roadmap that people are asked about."""

    from_: str
    to: str
    kind: str = "FS"

    @property
    def code(self) -> str:
        """How an answer names it."""
        return f"{self.from_}>{self.to}"


@dataclass(frozen=True)
class Question:
    """A question, a calculation or an information text. What does not apply is empty or None.

    The shapes of answers, by ``type``, are a table in docs/questionnaire-format.md.
    """

    code: str
    type: str
    title: LocalizedText
    help: LocalizedText | None = None
    required: bool = False
    show_if: Expression | None = None
    required_if: Expression | None = None
    rules: tuple[Rule, ...] = ()
    options: tuple[Option, ...] = ()
    other: Other | None = None
    display: str = "list"
    min_choices: int | None = None
    max_choices: int | None = None
    rows: tuple[Row, ...] = ()
    cell: str | None = None
    # Of a quarter as text ("2026-Q1").
    minimum: float | date | str | None = None
    maximum: float | date | str | None = None
    whole: bool = False
    unit: LocalizedText | None = None
    # The words at the ends of a rating, and beside it.
    low: LocalizedText | None = None
    high: LocalizedText | None = None
    no_opinion: LocalizedText | None = None
    max_length: int | None = None
    accept: tuple[str, ...] = ()
    max_files: int | None = None
    max_megabytes: int | None = None
    total: float | None = None
    purpose: str | None = None
    version: str | None = None
    allow_own: bool = False
    max_own: int | None = None
    max_entries: int | None = None
    dependencies: tuple[DraftDependency, ...] = ()
    value: Expression | None = None

    @property
    def is_answered(self) -> bool:
        """Whether people answer it: not an information text, not a calculation."""
        return self.type not in _UNANSWERED

    @property
    def may_be_required(self) -> bool:
        """Whether an answer is asked of everybody, or of some."""
        return self.required or self.required_if is not None

    @property
    def other_code(self) -> str:
        """Where the text beside the ``other`` option is kept among the answers."""
        return f"{self.code}_other"

    @cached_property
    def all_options(self) -> tuple[Option, ...]:
        """The options with ``other`` at the end, where there is one."""
        if self.other is None:
            return self.options
        return (*self.options, Option(self.other.code, self.other.label))

    @property
    def has_columns(self) -> bool:
        """Whether a row of this matrix holds an object by option code."""
        return self.cell in ("number", "text") and bool(self.options)

    @property
    def longest(self) -> int:
        """The most characters a text given here may have."""
        if self.max_length is not None:
            return self.max_length
        return DEFAULT_LONG if self.type == "long_text" else DEFAULT_SHORT

    @cached_property
    def _options_by_code(self) -> dict[str, Option]:
        return {option.code: option for option in self.all_options}

    @cached_property
    def _rows_by_code(self) -> dict[str, Row]:
        return {row.code: row for row in self.rows}

    @cached_property
    def dependency_codes(self) -> frozenset[str]:
        """The dependencies asked about, as answers name them: ``FROM>TO``."""
        return frozenset(dependency.code for dependency in self.dependencies)

    def find_row(self, code: str) -> Row | None:
        return self._rows_by_code.get(code)

    def find_option(self, code: str) -> Option | None:
        return self._options_by_code.get(code)


@dataclass(frozen=True, slots=True)
class Section:
    code: str
    title: LocalizedText
    text: LocalizedText | None
    show_if: Expression | None
    questions: tuple[Question, ...]


@dataclass(frozen=True, eq=False)
class Questionnaire:
    """What is asked. Compared by identity; two that ask the same have equal documents.

    ``languages``: the first is the fallback, complete. ``layout``: "sections" (one a page) or
    "one_page". ``order``: the names of sections (``section:code``), questions, rows
    (``question.row``) and options with a condition (``question#option``), each after everything
    its showing, or the value of a calculation, depends on.
    """

    title: LocalizedText
    description: LocalizedText | None
    languages: tuple[str, ...]
    sections: tuple[Section, ...]
    order: tuple[str, ...]
    layout: str = "sections"

    @property
    def fallback(self) -> str:
        return self.languages[0]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question, information texts included, in the order asked."""
        return tuple(question for section in self.sections for question in section.questions)

    @cached_property
    def by_code(self) -> dict[str, Question]:
        return {question.code: question for question in self.questions}

    @cached_property
    def by_other_code(self) -> dict[str, Question]:
        """The questions with an ``other`` option, by where its text is kept."""
        return {q.other_code: q for q in self.questions if q.other is not None}

    def as_document(self) -> dict[str, Any]:
        """The document that ``parse_definition`` reads; what says nothing is left out."""
        document: dict[str, Any] = {"schema": SCHEMA, "title": self.title.as_dict()}
        if self.description is not None:
            document["description"] = self.description.as_dict()
        document["languages"] = list(self.languages)
        if self.layout != "sections":
            document["layout"] = self.layout
        document["sections"] = [
            _without_defaults(section)
            | {"questions": [_without_defaults(question) for question in section.questions]}
            for section in self.sections
        ]
        return document


_LEFT_OUT = {"list", "FS"}  # the defaults of ``display`` and ``kind``
_DEFAULTS: dict[str, dict[str, Any]] = {
    "rating": {"minimum": 1, "maximum": 5},
    "upload": {"max_files": 1, "max_megabytes": 10},
    "points": {"total": 100},
    "statements": {"max_own": 3},
    "milestone_proposals": {"max_entries": 3},
    "dependencies": {"max_entries": 5},
    "calculation": {"display": "none"},
}


def _without_defaults(part: Any) -> dict[str, Any]:
    """The fields of a part that say something; ``from_`` is written ``from``."""
    document: dict[str, Any] = {}
    defaults = _DEFAULTS.get(part.type, {}) if isinstance(part, Question) else {}
    for name in (field.name for field in fields(part)):
        value = getattr(part, name)
        if name == "questions" or value is None or value is False or value == ():
            continue
        if name in ("display", "kind") and value in _LEFT_OUT:
            continue
        if name in defaults and value == defaults[name]:
            continue
        document[name.rstrip("_")] = _as_json(value)
    return document


def _as_json(value: Any) -> Any:
    if isinstance(value, LocalizedText):
        return value.as_dict()
    if isinstance(value, tuple):
        return [_as_json(entry) for entry in value]
    if isinstance(value, (Option, Row, Other, Rule, DraftDependency)):
        return _without_defaults(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bool, int, float, str)):
        return value
    return str(value)  # an expression
