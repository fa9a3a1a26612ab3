"""Our question types as LimeSurvey's; what a type has no room for is told."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from core.text import LocalizedText
from surveys.formats.lss.export_names import Names
from surveys.questionnaire import PRIORITY_LEVELS, STANCES, Option, Question, Row
from surveys.schema import MAX_ANSWER_LENGTH

Texts = LocalizedText | str


@dataclass(slots=True)
class Part:
    """A sub-question (on scale 0 or 1) or an answer; ``ours`` is its code here."""

    code: str
    texts: Texts
    ours: str
    scale: str = "0"
    source: Row | Option | None = None


@dataclass(slots=True)
class Sheet:
    """A question as LimeSurvey has it. ``lost``: (field, reason)."""

    type: str
    subs: list[Part] = field(default_factory=list)
    answers: list[Part] = field(default_factory=list)
    attributes: dict[str, str | LocalizedText] = field(default_factory=dict)
    other: bool = False
    preg: str = ""
    lost: list[tuple[str, str]] = field(default_factory=list)

    def lose(self, name: str, why: str) -> None:
        self.lost.append((name, why))


def sheet_of(question: Question, names: Names) -> Sheet:
    """The question without what is an expression."""
    sheet = _SHEETS[question.type](question, names)
    if question.other is not None and question.type in ("single_choice", "multiple_choice"):
        sheet.other = True
        sheet.attributes["other_replace_text"] = question.other.label
        if question.other.required:
            sheet.attributes["other_comment_mandatory"] = "1"
    if question.cell == "number" and question.unit is not None and sheet.type != "K":
        sheet.lose("unit", "LimeSurvey has units for numbers without columns only.")
    return sheet


def _number(value: Any) -> str:
    return format(value, "d") if isinstance(value, int) else f"{value:.15g}"


def _options(question: Question, names: Names, *, scale: str = "0") -> list[Part]:
    return [
        Part(names.options[question.code, o.code], o.label, o.code, scale, o)
        for o in question.options
    ]


def _rows(question: Question, names: Names) -> list[Part]:
    return [
        Part(names.rows[question.code, row.code], row.label, row.code, "0", row)
        for row in question.rows
    ]


def _is_scale(options: tuple[Option, ...], points: int) -> bool:
    """Whether the options are the points that LimeSurvey itself brings."""
    return [(o.code, set(o.label.as_dict().values())) for o in options] == [
        (str(point), {str(point)}) for point in range(1, points + 1)
    ]


def _single(question: Question, names: Names) -> Sheet:
    if question.display == "scale" and _is_scale(question.options, 5) and not question.other:
        return Sheet("5")
    sheet = Sheet("!" if question.display == "dropdown" else "L")
    sheet.answers = _options(question, names)
    if question.display == "scale":
        sheet.lose("display", "LimeSurvey draws no scale of answers of one's own.")
    return sheet


def _limits(question: Question, attributes: dict[str, Any]) -> None:
    if question.min_choices:
        attributes["min_answers"] = str(question.min_choices)
    if question.max_choices:
        attributes["max_answers"] = str(question.max_choices)


def _multiple(question: Question, names: Names) -> Sheet:
    sheet = Sheet("M", _options(question, names))
    _limits(question, sheet.attributes)
    exclusive = [names.options[question.code, o.code] for o in question.options if o.exclusive]
    if exclusive:
        sheet.attributes["exclude_all_others"] = ";".join(exclusive)
    return sheet


def _ranking(question: Question, names: Names) -> Sheet:
    sheet = Sheet("R", answers=_options(question, names))
    _limits(question, sheet.attributes)
    return sheet


def _matrix(question: Question, names: Names) -> Sheet:
    sheet = Sheet("F", _rows(question, names))
    if question.cell == "single":
        scales = {"A": 5, "B": 10} if question.display == "scale" else {}
        for kind, points in scales.items():
            if _is_scale(question.options, points):
                return replace(sheet, type=kind)
        if question.display == "scale":
            sheet.lose("display", "LimeSurvey draws no scale of answers of one's own.")
        sheet.answers = _options(question, names)
        return sheet
    numbers = question.cell == "number"
    if not question.options:
        sheet.type = "K" if numbers else "Q"
        if numbers:
            _number_limits(question, sheet)
    else:
        sheet.type = ";" if question.cell == "text" else ":"
        sheet.subs += _options(question, names, scale="1")
        if question.cell == "multiple":
            sheet.attributes["multiflexible_checkbox"] = "1"
        elif numbers:
            # A menu of whole numbers, where it is known from where to where.
            if not question.whole or question.minimum is None or question.maximum is None:
                sheet.attributes["input_boxes"] = "1"
            for name, value in (("min", question.minimum), ("max", question.maximum)):
                if value is not None:
                    sheet.attributes[f"multiflexible_{name}"] = _number(value)
            if question.whole and "input_boxes" in sheet.attributes:
                sheet.lose("whole", "LimeSurvey takes any number in rows and columns.")
    if question.max_length is not None:
        sheet.attributes["maximum_chars"] = str(question.max_length)
    return sheet


def _number_limits(question: Question, sheet: Sheet) -> None:
    if question.minimum is not None:
        sheet.attributes["min_num_value_n"] = _number(question.minimum)
    if question.maximum is not None:
        sheet.attributes["max_num_value_n"] = _number(question.maximum)
    if question.whole:
        sheet.attributes["num_value_int_only"] = "1"
    if question.unit is not None:
        sheet.attributes["suffix"] = question.unit


def _numeric(question: Question, names: Names) -> Sheet:
    sheet = Sheet("N")
    _number_limits(question, sheet)
    return sheet


def _year(question: Question, names: Names) -> Sheet:
    sheet = _numeric(replace(question, whole=True), names)
    sheet.lose("type", "LimeSurvey has no question for a year: it asks for a whole number.")
    return sheet


def _quarter(question: Question, names: Names) -> Sheet:
    sheet = Sheet("S", preg="/^[0-9]{4}-Q[1-4]$/")
    sheet.lose("type", "LimeSurvey has no question for a quarter: it asks for a text like 2026-Q4.")
    return sheet


def _date(question: Question, names: Names) -> Sheet:
    sheet = Sheet("D")
    for name, day in (("date_min", question.minimum), ("date_max", question.maximum)):
        if day is not None:
            sheet.attributes[name] = str(day)
    return sheet


def _text(question: Question, names: Names) -> Sheet:
    if question.type == "long_text" and question.max_length == MAX_ANSWER_LENGTH:
        return Sheet("U")
    sheet = Sheet("S" if question.type == "short_text" else "T")
    if question.max_length is not None:
        sheet.attributes["maximum_chars"] = str(question.max_length)
    return sheet


def _rating(question: Question, names: Names) -> Sheet:
    """A list of the points, with the words for the ends beside them."""
    sheet = Sheet("L")
    low, high = int(question.minimum or 1), int(question.maximum or 5)  # type: ignore[arg-type]
    ends = {low: question.low, high: question.high}
    for point in range(low, high + 1):
        end = ends.get(point)
        texts: Texts = str(point)
        if end is not None:
            said = {language: f"{point} – {text}" for language, text in end.as_dict().items()}
            texts = LocalizedText(said, end.fallback)
        code = str(point) if point >= 0 else f"M{-point}"
        sheet.answers.append(Part(code, texts, str(point)))
    if question.no_opinion is not None:
        sheet.answers.append(Part("NO", question.no_opinion, "no_opinion"))
    sheet.lose("type", "LimeSurvey has no rating: it becomes a list of its points.")
    return sheet


def _upload(question: Question, names: Names) -> Sheet:
    sheet = Sheet("|")
    endings = [e for kind in question.accept or ENDINGS for e in ENDINGS[kind]]
    sheet.attributes = {
        "allowed_filetypes": ", ".join(endings),
        "max_num_of_files": str(question.max_files),
        "max_filesize": str((question.max_megabytes or 10) * 1024),
    }
    if question.required:
        sheet.attributes["min_num_of_files"] = "1"
    return sheet


ENDINGS = {
    "pdf": ("pdf",),
    "image": ("png", "gif", "jpg", "jpeg", "webp"),
    "text": ("txt",),
    "document": ("docx", "odt"),
    "spreadsheet": ("xlsx", "ods"),
    "presentation": ("pptx", "odp"),
}


def _points(question: Question, names: Names) -> Sheet:
    sheet = Sheet("K", _options(question, names))
    sheet.attributes = {
        "equals_num_value": _number(question.total),
        "min_num_value_n": "0",
        "num_value_int_only": "1",
    }
    sheet.lose("type", "LimeSurvey gives no points: it asks for numbers with this sum.")
    return sheet


def _budget(question: Question, names: Names) -> Sheet:
    sheet = Sheet("M", _options(question, names))
    sheet.lose("type", "LimeSurvey knows no costs: it becomes a multiple choice without a budget.")
    return sheet


def _consent(question: Question, names: Names) -> Sheet:
    sheet = Sheet("M", [Part("yes", question.title, "yes")])
    sheet.lose("type", "LimeSurvey records no consent by purpose: it becomes a box to tick.")
    return sheet


def _judged(codes: tuple[Any, ...], why: str) -> Callable[[Question, Names], Sheet]:
    def build(question: Question, names: Names) -> Sheet:
        if not question.options:
            return _open(why)(question, names)
        sheet = Sheet("F", _options(question, names))
        sheet.answers = [Part(_short(str(c)), str(c), str(c)) for c in codes]
        sheet.lose("type", why)
        return sheet

    return build


def _short(code: str) -> str:
    return {"no_opinion": "NO"}.get(code, code)


def _years(question: Question, names: Names) -> Sheet:
    sheet = Sheet(";", _options(question, names))
    sheet.subs += [Part(c, c, c, "1") for c in ("earliest", "likely", "latest", "never")]
    sheet.lose("type", "LimeSurvey has no estimates of years: it becomes a table of texts.")
    return sheet


def _comments(question: Question, names: Names) -> Sheet:
    sheet = Sheet("Q", _options(question, names))
    if question.max_length is not None:
        sheet.attributes["maximum_chars"] = str(question.max_length)
    sheet.lose("type", "LimeSurvey has no comments with a stance: each becomes a text.")
    return sheet


def _open(why: str) -> Callable[[Question, Names], Sheet]:
    def build(question: Question, names: Names) -> Sheet:
        sheet = Sheet("T")
        sheet.lose("type", why)
        return sheet

    return build


def _calculation(question: Question, names: Names) -> Sheet:
    return Sheet("*", attributes={"hidden": "1"} if question.display == "none" else {})


_SHEETS: dict[str, Callable[[Question, Names], Sheet]] = {
    "single_choice": _single,
    "multiple_choice": _multiple,
    "matrix": _matrix,
    "rating": _rating,
    "ranking": _ranking,
    "number": _numeric,
    "date": _date,
    "year": _year,
    "quarter": _quarter,
    "short_text": _text,
    "long_text": _text,
    "upload": _upload,
    "points": _points,
    "budget": _budget,
    "consent": _consent,
    "statements": _judged(
        STANCES, "LimeSurvey shows statements in one order, and nobody adds any: it is an array."
    ),
    "milestone_priorities": _judged(
        (*PRIORITY_LEVELS, "no_opinion"),
        "LimeSurvey knows no milestones: it becomes an array of the levels 1 to 5.",
    ),
    "milestone_years": _years,
    "milestone_proposals": _open("LimeSurvey takes no proposals: it becomes a text."),
    "dependencies": _open("LimeSurvey knows no dependencies: it becomes a text."),
    "paragraph_comments": _comments,
    "calculation": _calculation,
    "information": lambda question, names: Sheet("X"),
}
