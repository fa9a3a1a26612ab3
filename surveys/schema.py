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
MAX_RULES = 50
MAX_ENTRIES = 20
MAX_DEPENDENCIES = 2_000
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
    show_if: str | None = None


class ScaleOptionForm(OptionForm):
    no_opinion: bool = False


class ExclusiveOptionForm(OptionForm):
    exclusive: bool = False


class CostedOptionForm(OptionForm):
    cost: Annotated[Number, Field(ge=0)]


class OtherForm(_Form):
    code: str = "other"
    label: Localized
    required: bool = False


class RowForm(_Form):
    code: str
    label: Localized
    show_if: str | None = None


class RuleForm(_Form):
    check: str
    message: Localized


class DependencyForm(_Form):
    """A dependency of the draft roadmap; ``from`` and ``to`` are codes of options."""

    from_: str = Field(alias="from")
    to: str
    kind: Literal["FS", "SS", "FF", "SF"] = "FS"


Options = Annotated[list[OptionForm], Field(min_length=1, max_length=MAX_OPTIONS)]
Entries = Annotated[int, Field(ge=1, le=MAX_ENTRIES)]
Year = Annotated[int, Field(ge=1000, le=9999)]
UploadKind = Literal["pdf", "image", "text", "document", "spreadsheet", "presentation"]


class _QuestionForm(_Form):
    code: str
    title: Localized
    help: Localized | None = None
    show_if: str | None = None


class _AnsweredForm(_QuestionForm):
    required: bool = False
    required_if: str | None = None
    rules: Annotated[list[RuleForm], Field(max_length=MAX_RULES)] = []


class SingleChoiceForm(_AnsweredForm):
    type: Literal["single_choice"]
    options: Annotated[list[ScaleOptionForm], Field(min_length=1, max_length=MAX_OPTIONS)]
    other: OtherForm | None = None
    display: Literal["list", "dropdown", "scale"] = "list"


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
    options: Annotated[list[ScaleOptionForm], Field(max_length=MAX_OPTIONS)] = []
    minimum: Number | None = None
    maximum: Number | None = None
    whole: bool = False
    unit: Localized | None = None
    max_length: Length | None = None
    display: Literal["list", "scale"] = "list"


class RatingForm(_AnsweredForm):
    type: Literal["rating"]
    minimum: Annotated[int, Field(ge=-10, le=10)] = 1
    maximum: Annotated[int, Field(ge=-10, le=10)] = 5
    low: Localized | None = None
    high: Localized | None = None
    no_opinion: Localized | None = None


class RankingForm(_AnsweredForm):
    type: Literal["ranking"]
    options: Options
    min_choices: Choices | None = None
    max_choices: Choices | None = None


class NumberForm(_AnsweredForm):
    type: Literal["number"]
    minimum: Number | None = None
    maximum: Number | None = None
    whole: bool = False
    unit: Localized | None = None


class DateForm(_AnsweredForm):
    """Days, or quarters of a year."""

    type: Literal["date", "quarter"]
    minimum: str | None = None
    maximum: str | None = None


class YearForm(_AnsweredForm):
    type: Literal["year"]
    minimum: Year | None = None
    maximum: Year | None = None


class TextForm(_AnsweredForm):
    type: Literal["short_text", "long_text"]
    max_length: Length | None = None


class UploadForm(_AnsweredForm):
    type: Literal["upload"]
    accept: list[UploadKind] = []
    max_files: Annotated[int, Field(ge=1, le=10)] = 1
    max_megabytes: Annotated[int, Field(ge=1, le=20)] = 10


class PointsForm(_AnsweredForm):
    type: Literal["points"]
    options: Options
    total: Annotated[int, Field(ge=1, le=1_000_000)] = 100


class BudgetForm(_AnsweredForm):
    type: Literal["budget"]
    options: Annotated[list[CostedOptionForm], Field(min_length=1, max_length=MAX_OPTIONS)]
    total: Annotated[Number, Field(gt=0)]
    unit: Localized | None = None


class ConsentForm(_AnsweredForm):
    type: Literal["consent"]
    purpose: str
    version: str


class StatementsForm(_AnsweredForm):
    type: Literal["statements"]
    options: Annotated[list[OptionForm], Field(max_length=MAX_OPTIONS)] = []
    allow_own: bool = False
    max_own: Entries = 3


class MilestonePrioritiesForm(_AnsweredForm):
    type: Literal["milestone_priorities"]
    options: Options


class MilestoneYearsForm(_AnsweredForm):
    type: Literal["milestone_years"]
    options: Options
    minimum: Year | None = None
    maximum: Year | None = None


class MilestoneProposalsForm(_AnsweredForm):
    type: Literal["milestone_proposals"]
    max_entries: Entries = 3


class DependenciesForm(_AnsweredForm):
    type: Literal["dependencies"]
    options: Annotated[list[OptionForm], Field(min_length=2, max_length=MAX_OPTIONS)]
    dependencies: Annotated[list[DependencyForm], Field(max_length=MAX_DEPENDENCIES)] = []
    max_entries: Entries = 5


class ParagraphCommentsForm(_AnsweredForm):
    type: Literal["paragraph_comments"]
    options: Options
    max_length: Length | None = None


class CalculationForm(_QuestionForm):
    type: Literal["calculation"]
    value: str
    display: Literal["text", "none"] = "none"


class InformationForm(_QuestionForm):
    type: Literal["information"]


QuestionForm = Annotated[
    SingleChoiceForm
    | MultipleChoiceForm
    | MatrixForm
    | RatingForm
    | RankingForm
    | NumberForm
    | DateForm
    | YearForm
    | TextForm
    | UploadForm
    | PointsForm
    | BudgetForm
    | ConsentForm
    | StatementsForm
    | MilestonePrioritiesForm
    | MilestoneYearsForm
    | MilestoneProposalsForm
    | DependenciesForm
    | ParagraphCommentsForm
    | CalculationForm
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
    layout: Literal["sections", "one_page"] = "sections"
    sections: Annotated[list[SectionForm], Field(min_length=1, max_length=MAX_SECTIONS)]


QUESTION_TYPES = (
    "single_choice", "multiple_choice", "matrix", "rating", "ranking", "number", "date", "year",
    "quarter", "short_text", "long_text", "upload", "points", "budget", "consent", "statements",
    "milestone_priorities", "milestone_years", "milestone_proposals", "dependencies",
    "paragraph_comments", "calculation", "information",
)  # fmt: skip
"""Every type of question, in the order in which they are explained and offered."""

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
