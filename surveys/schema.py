"""The form of a questionnaire document: which fields there are and of which JSON type.

Strict and closed: a field that is not named here is refused. What the values must mean together
(codes, languages, conditions) is checked by ``surveys.definition``. ``json_schema()`` is the same
form as a JSON Schema, published beside docs/questionnaire-format.md.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

SCHEMA = "waymark/questionnaire/1"

MAX_SECTIONS = 200
MAX_QUESTIONS = 1_000
MAX_OPTIONS = 1_000
MAX_TEXT = 20_000
MAX_ANSWER_LENGTH = 50_000
DEFAULT_SHORT = 1_000
DEFAULT_LONG = 10_000

# BCP 47 as far as its form goes: a language, then subtags.
LANGUAGE_TAG = r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$"

Text = Annotated[str, StringConstraints(max_length=MAX_TEXT)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE_TAG, max_length=35)]
Localized = dict[Language, Text]
Number = int | float
Length = Annotated[int, Field(ge=1, le=MAX_ANSWER_LENGTH)]
Choices = Annotated[int, Field(ge=0, le=MAX_OPTIONS)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class OptionForm(_Form):
    code: str
    label: Localized


class ExclusiveOptionForm(OptionForm):
    exclusive: bool = False


class OtherForm(_Form):
    code: str = "other"
    label: Localized
    required: bool = False


class RowForm(_Form):
    code: str
    label: Localized
    show_if: str | None = None


Options = Annotated[list[OptionForm], Field(min_length=1, max_length=MAX_OPTIONS)]


class _QuestionForm(_Form):
    code: str
    title: Localized
    help: Localized | None = None
    show_if: str | None = None


class _AnsweredForm(_QuestionForm):
    required: bool = False


class SingleChoiceForm(_AnsweredForm):
    type: Literal["single_choice"]
    options: Options
    other: OtherForm | None = None
    display: Literal["list", "dropdown"] = "list"


class MultipleChoiceForm(_AnsweredForm):
    type: Literal["multiple_choice"]
    options: Annotated[list[ExclusiveOptionForm], Field(min_length=1, max_length=MAX_OPTIONS)]
    other: OtherForm | None = None
    min_choices: Choices | None = None
    max_choices: Choices | None = None


class MatrixForm(_AnsweredForm):
    type: Literal["matrix"]
    cell: Literal["single", "multiple", "number", "text"]
    rows: Annotated[list[RowForm], Field(min_length=1, max_length=MAX_OPTIONS)]
    options: Annotated[list[OptionForm], Field(max_length=MAX_OPTIONS)] = []
    minimum: Number | None = None
    maximum: Number | None = None
    whole: bool = False
    unit: Localized | None = None
    max_length: Length | None = None


class NumberForm(_AnsweredForm):
    type: Literal["number"]
    minimum: Number | None = None
    maximum: Number | None = None
    whole: bool = False
    unit: Localized | None = None


class DateForm(_AnsweredForm):
    type: Literal["date"]
    minimum: str | None = None
    maximum: str | None = None


class TextForm(_AnsweredForm):
    type: Literal["short_text", "long_text"]
    max_length: Length | None = None


class InformationForm(_QuestionForm):
    type: Literal["information"]


QuestionForm = Annotated[
    SingleChoiceForm
    | MultipleChoiceForm
    | MatrixForm
    | NumberForm
    | DateForm
    | TextForm
    | InformationForm,
    Field(discriminator="type"),
]


class SectionForm(_Form):
    code: str
    title: Localized
    text: Localized | None = None
    show_if: str | None = None
    questions: Annotated[list[QuestionForm], Field(max_length=MAX_QUESTIONS)]


class QuestionnaireForm(_Form):
    """A questionnaire as a document."""

    form: Literal["waymark/questionnaire/1"] = Field(alias="schema")
    title: Localized
    description: Localized | None = None
    languages: Annotated[list[Language], Field(min_length=1, max_length=50)]
    sections: Annotated[list[SectionForm], Field(min_length=1, max_length=MAX_SECTIONS)]


QUESTION_TYPES = (
    "single_choice", "multiple_choice", "matrix", "number", "date", "short_text", "long_text",
    "information",
)  # fmt: skip

_REASONS = {
    "extra_forbidden": "is not a field here",
    "missing": "is missing",
    "union_tag_not_found": "type is missing",
    "union_tag_invalid": "type: expected one of " + ", ".join(QUESTION_TYPES),
    "string_unicode": "contains half of a character pair",
    "model_type": "expected an object",
    "model_attributes_type": "expected an object",
}


def read_form(document: object) -> tuple[QuestionnaireForm | None, list[tuple[str, str]]]:
    """The document in its form, or None and every problem as (path, reason)."""
    try:
        return QuestionnaireForm.model_validate(document), []
    except ValidationError as error:
        return None, [_problem(entry) for entry in error.errors(include_url=False)]


def _problem(entry: Any) -> tuple[str, str]:
    message = str(entry["msg"])
    reason = _REASONS.get(entry["type"]) or (message[0].lower() + message[1:]).replace(
        "input should be", "expected"
    ).replace("Input should be", "expected")
    return _path(entry["loc"]) or "document", reason


def _path(location: tuple[str | int, ...]) -> str:
    """``sections[0].questions[2].options[1].code`` from pydantic's location."""
    path = ""
    for position, part in enumerate(location):
        if isinstance(part, int):
            path += f"[{part}]"
            continue
        is_tag = part in QUESTION_TYPES and position >= 2 and location[position - 2] == "questions"
        if is_tag or part in ("[key]", "int", "float"):
            continue
        path += f".{part}" if path else part
    return path


def json_schema() -> dict[str, Any]:
    """The form as a JSON Schema (2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
    } | QuestionnaireForm.model_json_schema(by_alias=True)
