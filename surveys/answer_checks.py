"""Whether one answer is allowed, by the type of its question. Pure.

The shapes of answers are a table in docs/questionnaire-format.md.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from surveys.language.evaluation import LARGEST_NUMBER, read_date
from surveys.problems import (
    Check,
    Problem,
    Problems,
    check_numeral,
    check_option,
    check_options_named,
    check_words,
    is_blank,
    plain_number,
    wrong_type,
)
from surveys.question_checks import OWN_STATEMENT_PREFIX, read_quarter
from surveys.questionnaire import NO_OPINION, STANCES, Question
from surveys.roadmap_answer_checks import (
    check_dependencies,
    check_milestone_proposals,
    check_milestone_years,
    check_paragraph_comments,
    check_priorities,
)
from surveys.uploads import MEDIA_TYPES, SHA256

MAX_STATEMENTS = 5_000


def check_answer(check: Check, value: Any) -> Problems:
    """Everything wrong with ``value``, which is not blank."""
    yield from _CHECKS[check.question.type](check, value)


def _single(check: Check, value: Any) -> Problems:
    yield from check_option(check.question, check.question.code, value)


def _multiple(check: Check, value: Any) -> Problems:
    question = check.question
    problems = list(_options(question, question.code, value))
    yield from problems
    if problems:
        return
    given = len(value)
    if question.max_choices is not None and given > question.max_choices:
        yield Problem(
            question.code, "answer.too_many", {"maximum": question.max_choices, "given": given}
        )
    if check.complete and question.min_choices is not None and given < question.min_choices:
        yield Problem(
            question.code, "answer.too_few", {"minimum": question.min_choices, "given": given}
        )
    for option in question.options:
        if option.exclusive and given > 1 and option.code in value:
            yield Problem(question.code, "answer.exclusive", {"label": check.label(option.label)})


def _options(question: Question, where: str, value: Any) -> Problems:
    if not isinstance(value, (list, tuple)):
        yield wrong_type(where, "a list of option codes")
        return
    seen: set[str] = set()
    for code in value:
        yield from check_option(question, where, code)
        if isinstance(code, str):
            if code in seen:
                yield Problem(where, "answer.repeated", {"option": code[:80]})
            seen.add(code)


def _budget(check: Check, value: Any) -> Problems:
    question = check.question
    problems = list(_options(question, question.code, value))
    yield from problems
    if problems or not check.complete or question.total is None:
        return
    spent = math.fsum(option.cost or 0 for option in question.options if option.code in value)
    if spent > question.total:
        yield Problem(
            question.code,
            "answer.over_budget",
            {"given": plain_number(spent), "total": plain_number(question.total)},
        )


def _number(check: Check, value: Any) -> Problems:
    yield from check_numeral(check.question, check.question.code, value)


def _year(check: Check, value: Any) -> Problems:
    yield from check_numeral(check.question, check.question.code, value, whole=True)


def _rating(check: Check, value: Any) -> Problems:
    if value == NO_OPINION and check.question.no_opinion is not None:
        return
    if value == NO_OPINION:
        yield Problem(check.question.code, "answer.unknown_option", {"option": NO_OPINION})
        return
    yield from check_numeral(check.question, check.question.code, value, whole=True)


def _date(check: Check, value: Any) -> Problems:
    question, where = check.question, check.question.code
    day = read_date(value)
    if day is None:
        yield Problem(where, "answer.not_a_date", {})
        return
    if isinstance(question.minimum, date) and day < question.minimum:
        yield Problem(where, "answer.before_minimum", {"minimum": question.minimum.isoformat()})
    if isinstance(question.maximum, date) and day > question.maximum:
        yield Problem(where, "answer.after_maximum", {"maximum": question.maximum.isoformat()})


def _quarter(check: Check, value: Any) -> Problems:
    question, where = check.question, check.question.code
    quarter = read_quarter(value)
    if quarter is None:
        yield Problem(where, "answer.not_a_quarter", {})
        return
    if isinstance(question.minimum, str) and quarter < question.minimum:
        yield Problem(where, "answer.before_minimum", {"minimum": question.minimum})
    if isinstance(question.maximum, str) and quarter > question.maximum:
        yield Problem(where, "answer.after_maximum", {"maximum": question.maximum})


def _text(check: Check, value: Any) -> Problems:
    yield from check_words(check.question.longest, check.question.code, value)


def _consent(check: Check, value: Any) -> Problems:
    if value is not True:
        yield wrong_type(check.question.code, "true, or no answer")


def _upload(check: Check, value: Any) -> Problems:
    question, where = check.question, check.question.code
    if not isinstance(value, (list, tuple)) or not all(_is_file(entry) for entry in value):
        yield wrong_type(where, "a list of files that were sent before")
        return
    if question.max_files is not None and len(value) > question.max_files:
        yield Problem(
            where, "answer.too_many_files", {"maximum": question.max_files, "given": len(value)}
        )
    for entry in value:
        name = entry["name"][:80]
        if question.max_megabytes and entry["size"] > question.max_megabytes * 1_000_000:
            yield Problem(
                where, "answer.file_too_large", {"name": name, "maximum": question.max_megabytes}
            )
        kind = MEDIA_TYPES.get(entry["media_type"])
        if kind is None or (question.accept and kind not in question.accept):
            yield Problem(where, "answer.file_kind", {"name": name})


_FILE_FIELDS = {"sha256": str, "name": str, "media_type": str, "size": int}


def _is_file(entry: Any) -> bool:
    return (
        isinstance(entry, Mapping)
        and entry.keys() == _FILE_FIELDS.keys()
        and all(type(entry[field]) is kind for field, kind in _FILE_FIELDS.items())
        and bool(SHA256.fullmatch(entry["sha256"]))
        and 0 < len(entry["name"]) <= 200
        and not any(character in entry["name"] for character in "/\\\0\r\n")
        and entry["size"] > 0
    )


def _points(check: Check, value: Any) -> Problems:
    question = check.question
    problems = list(check_options_named(check, value))
    if not problems:
        for code, points in value.items():
            where = f"{question.code}.{code}"
            if is_blank(points):
                continue
            if isinstance(points, bool) or not isinstance(points, (int, float)):
                problems.append(wrong_type(where, "a number of points"))
            elif not abs(points) <= LARGEST_NUMBER or points != int(points):
                problems.append(Problem(where, "answer.not_whole", {}))
            elif points < 0:
                problems.append(Problem(where, "answer.below_minimum", {"minimum": 0}))
            elif points > (question.total or 0):
                problems.append(Problem(where, "answer.above_maximum", {"maximum": question.total}))
    yield from problems
    if problems or not check.complete:
        return
    given = sum(int(points) for points in value.values() if not is_blank(points))
    if given != question.total:
        yield Problem(
            question.code,
            "answer.points_total",
            {"given": given, "total": plain_number(question.total or 0)},
        )


_OWN_STATEMENT = re.compile(re.escape(OWN_STATEMENT_PREFIX) + r"[A-Za-z0-9]{1,60}")


def _statements(check: Check, value: Any) -> Problems:
    """Answers to statements that participants added are not checked against those that there are:
    one may have been taken back since. ``reachable_answers`` leaves out what is not known."""
    question = check.question
    if not isinstance(value, Mapping) or len(value) > MAX_STATEMENTS:
        yield wrong_type(question.code, "an object by statement")
        return
    for code, stance in value.items():
        own = question.allow_own and isinstance(code, str) and _OWN_STATEMENT.fullmatch(code)
        if not own and (not isinstance(code, str) or question.find_option(code) is None):
            yield Problem(question.code, "answer.unknown_option", {"option": str(code)[:80]})
        elif not is_blank(stance) and stance not in STANCES:
            yield wrong_type(f"{question.code}.{code}", "agree, disagree or pass")


def _matrix(check: Check, value: Any) -> Problems:
    question = check.question
    if not isinstance(value, Mapping):
        yield wrong_type(question.code, "an object by row code")
        return
    for row in value:
        if question.find_row(row) is None:
            yield Problem(f"{question.code}.{str(row)[:80]}", "answer.unknown_row", {})
    for row in question.rows:
        where = f"{question.code}.{row.code}"
        if check.complete and not check.shows(where):
            continue
        given = value.get(row.code)
        if question.has_columns:
            yield from _cells(check, where, given)
        elif not is_blank(given):
            yield from _CELL_CHECKS[question.cell or ""](question, where, given)
        elif check.complete and check.required:
            yield Problem(where, "answer.required", {})


def _cells(check: Check, where: str, cells: Any) -> Problems:
    question = check.question
    cells = {} if cells is None else cells
    if not isinstance(cells, Mapping):
        yield wrong_type(where, "an object by column code")
        return
    for column in cells:
        if question.find_option(column) is None:
            yield Problem(f"{where}.{str(column)[:80]}", "answer.unknown_column", {})
    for option in question.options:
        given = cells.get(option.code)
        if not is_blank(given):
            yield from _CELL_CHECKS[question.cell or ""](question, f"{where}.{option.code}", given)
        elif check.complete and check.required:
            yield Problem(f"{where}.{option.code}", "answer.required", {})


def _nothing(check: Check, value: Any) -> Problems:
    yield wrong_type(check.question.code, "no answer: this is not asked")


_CHECKS: dict[str, Callable[[Check, Any], Problems]] = {
    "single_choice": _single,
    "multiple_choice": _multiple,
    "ranking": _multiple,
    "matrix": _matrix,
    "rating": _rating,
    "number": _number,
    "date": _date,
    "year": _year,
    "quarter": _quarter,
    "short_text": _text,
    "long_text": _text,
    "upload": _upload,
    "points": _points,
    "budget": _budget,
    "consent": _consent,
    "statements": _statements,
    "milestone_priorities": check_priorities,
    "milestone_years": check_milestone_years,
    "milestone_proposals": check_milestone_proposals,
    "dependencies": check_dependencies,
    "paragraph_comments": check_paragraph_comments,
    "calculation": _nothing,
    "information": _nothing,
}
_CELL_CHECKS: dict[str, Callable[[Question, str, Any], Problems]] = {
    "single": check_option,
    "multiple": _options,
    "number": check_numeral,
    "text": lambda question, where, value: check_words(question.longest, where, value),
}
