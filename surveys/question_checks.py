"""What the fields of one question must mean together, by its type. Pure."""

import math
import re
from collections.abc import Iterator, Sequence

from surveys.language.evaluation import LARGEST_NUMBER
from surveys.questionnaire import Question

MAX_CODE = 64
MAX_POINTS = 11
OWN_STATEMENT_PREFIX = "p_"
"""How the codes of statements begin that participants added."""

QUESTION_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
ROW_CODE = re.compile(r"[A-Za-z0-9_]+")
OPTION_CODE = re.compile(r"[A-Za-z0-9_.\-]+")
PURPOSE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")

_QUARTER = re.compile(r"[0-9]{4}-Q[1-4]", re.ASCII)

Problems = Iterator[tuple[str, str]]
"""Pairs of a path within the question (``options[1].code``) and a reason."""


def read_quarter(value: object) -> str | None:
    """``2028-Q3`` where that is what ``value`` says, else None."""
    return value if isinstance(value, str) and _QUARTER.fullmatch(value) else None


def check_code(code: str, pattern: re.Pattern[str]) -> str | None:
    """Why ``code`` is none, or None."""
    if not pattern.fullmatch(code):
        start = "a letter, then " if pattern is QUESTION_CODE else ""
        marks = ", '_', '.' and '-'" if pattern is OPTION_CODE else " and '_'"
        return f"{code[:40]!r}: expected {start}letters a-z, digits{marks}"
    if len(code) > MAX_CODE:
        return f"is {len(code)} characters long; at most {MAX_CODE}"
    return None


def repeated(codes: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(index, code) of each code that was there before."""
    seen: set[str] = set()
    for index, code in enumerate(codes):
        if code in seen:
            yield index, code
        seen.add(code)


def check_question(question: Question) -> Problems:
    """Everything wrong within ``question``, whose fields have their right types already."""
    yield from _codes(question)
    yield from _limits(question)
    match question.type:
        case "multiple_choice" | "ranking":
            yield from _choice_limits(question)
        case "matrix":
            yield from _matrix(question)
        case "rating":
            yield from _rating(question)
        case "budget":
            yield from _budget(question)
        case "consent":
            yield from _consent(question)
        case "statements":
            yield from _statements(question)
        case "dependencies":
            yield from _dependencies(question)
        case "upload":
            for index, kind in repeated(question.accept):
                yield f"accept[{index}]", f"{kind} is named twice"


def _codes(question: Question) -> Problems:
    pattern = ROW_CODE if question.has_columns else OPTION_CODE
    for index, option in enumerate(question.options):
        if reason := check_code(option.code, pattern):
            yield f"options[{index}].code", reason
    for index, row in enumerate(question.rows):
        if reason := check_code(row.code, ROW_CODE):
            yield f"rows[{index}].code", reason
    for name, codes in (
        ("options", [option.code for option in question.options]),
        ("rows", [row.code for row in question.rows]),
    ):
        for index, code in repeated(codes):
            yield f"{name}[{index}].code", f"{code[:40]} is used twice"
    if question.other is not None:
        if reason := check_code(question.other.code, OPTION_CODE):
            yield "other.code", reason
        if question.other.code in [option.code for option in question.options]:
            yield "other.code", f"{question.other.code} is an option already"


def _limits(question: Question) -> Problems:
    low, high = question.minimum, question.maximum
    for name, limit in (("minimum", low), ("maximum", high)):
        if isinstance(limit, (int, float)) and not (
            math.isfinite(limit) and abs(limit) <= LARGEST_NUMBER
        ):
            yield name, "is not a number within ±10^15"
        if question.type == "quarter" and limit is not None and read_quarter(limit) is None:
            yield name, f"{str(limit)[:40]!r} is not a quarter such as 2026-Q4"
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        yield "maximum", "is below the minimum"


def _choice_limits(question: Question) -> Problems:
    low, high = question.min_choices, question.max_choices
    if low is not None and low > len(question.all_options):
        yield "min_choices", f"is {low}; there are fewer options"
    if high == 0 or (low is not None and high is not None and low > high):
        yield "max_choices", f"is {high}; expected at least {max(low or 0, 1)}"


def _matrix(question: Question) -> Problems:
    if question.cell in ("single", "multiple") and not question.options:
        yield "options", "is missing: the cells are chosen from options"
    if question.cell != "number" and (
        question.minimum is not None or question.maximum is not None or question.whole
    ):
        yield "", "minimum, maximum and whole are for cells with numbers"
    if question.cell != "text" and question.max_length is not None:
        yield "max_length", "is for cells with texts"
    if question.display == "scale" and question.cell != "single":
        yield "display", "scale is for cells in which one option is chosen"


def _rating(question: Question) -> Problems:
    low, high = question.minimum, question.maximum
    if not (isinstance(low, int) and isinstance(high, int)) or high <= low:
        yield "maximum", "expected a whole number above the minimum"
    elif high - low + 1 > MAX_POINTS:
        yield "maximum", f"makes {high - low + 1} points; at most {MAX_POINTS}"


def _budget(question: Question) -> Problems:
    for index, option in enumerate(question.options):
        if option.cost is None or not math.isfinite(option.cost) or option.cost > LARGEST_NUMBER:
            yield f"options[{index}].cost", "is not a number up to 10^15"
    if question.total is None or not question.total <= LARGEST_NUMBER:
        yield "total", "is not a number up to 10^15"


def _consent(question: Question) -> Problems:
    if not PURPOSE.fullmatch(question.purpose or ""):
        yield "purpose", "expected up to 40 letters a-z, digits, '_' and '-'"
    if not 1 <= len((question.version or "").strip()) <= 40:
        yield "version", "expected 1 to 40 characters"


def _statements(question: Question) -> Problems:
    if not question.options and not question.allow_own:
        yield "options", "is missing: there is nothing to agree with, and nobody may add anything"
    for index, option in enumerate(question.options):
        if option.code.startswith(OWN_STATEMENT_PREFIX):
            yield f"options[{index}].code", "begins with p_, as only added statements do"


def _dependencies(question: Question) -> Problems:
    known = {option.code for option in question.options}
    for index, dependency in enumerate(question.dependencies):
        for name, code in (("from", dependency.from_), ("to", dependency.to)):
            if code not in known:
                yield f"dependencies[{index}].{name}", f"there is no option {code[:40]}"
        if dependency.from_ == dependency.to:
            yield f"dependencies[{index}].to", "is where it comes from"
    for index, code in repeated([dependency.code for dependency in question.dependencies]):
        yield f"dependencies[{index}]", f"{code[:140]} is listed twice"
