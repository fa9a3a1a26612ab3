"""A questionnaire as frozen values: sections, questions, options, rows.

Made by ``surveys.definition.parse_definition``, which is where it is known to hold together.
"""

from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any

from core.text import LocalizedText
from surveys.expressions import Expression
from surveys.schema import DEFAULT_LONG, DEFAULT_SHORT, SCHEMA


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be chosen; in a matrix, a column. ``exclusive``: chosen alone or not."""

    code: str
    label: LocalizedText
    exclusive: bool = False


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


@dataclass(frozen=True)
class Question:
    """A question or an information text. What does not apply to the type is empty or None.

    The shapes of answers, by ``type`` (and for a matrix by ``cell``):

    ``single_choice``: an option's code. ``multiple_choice``: a list of codes. ``number``: a
    number. ``date``: an ISO date. ``short_text`` and ``long_text``: a text. ``matrix``: an object
    by row code of codes (``single``), lists of codes (``multiple``), numbers or texts; with
    options, the cells of a number or text matrix are objects by option code.
    """

    code: str
    type: str
    title: LocalizedText
    help: LocalizedText | None = None
    required: bool = False
    show_if: Expression | None = None
    options: tuple[Option, ...] = ()
    other: Other | None = None
    display: str = "list"
    min_choices: int | None = None
    max_choices: int | None = None
    rows: tuple[Row, ...] = ()
    cell: str | None = None
    minimum: float | date | None = None
    maximum: float | date | None = None
    whole: bool = False
    unit: LocalizedText | None = None
    max_length: int | None = None

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

    ``languages``: the first is the fallback, complete. ``order``: the names of sections
    (``section:code``), questions and rows, each after everything its showing depends on.
    """

    title: LocalizedText
    description: LocalizedText | None
    languages: tuple[str, ...]
    sections: tuple[Section, ...]
    order: tuple[str, ...]

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
        document["sections"] = [
            _without_defaults(section)
            | {"questions": [_without_defaults(question) for question in section.questions]}
            for section in self.sections
        ]
        return document


def _without_defaults(part: Section | Question | Option | Row | Other) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name in (field.name for field in fields(part)):
        value = getattr(part, name)
        if name == "questions" or value is None or value is False or value == ():
            continue
        if name == "display" and value == "list":
            continue
        document[name] = _as_json(value)
    return document


def _as_json(value: Any) -> Any:
    if isinstance(value, LocalizedText):
        return value.as_dict()
    if isinstance(value, tuple):
        return [_as_json(entry) for entry in value]
    if isinstance(value, (Option, Row, Other)):
        return _without_defaults(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bool, int, float, str)):
        return value
    return str(value)  # a condition
