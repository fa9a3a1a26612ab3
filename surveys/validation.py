"""Whether answers are allowed, and what of them is kept.

``validate`` names every problem; ``reachable_answers`` gives what a submission stores. A required
question that is not shown never blocks, and an answer to it is left out.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.errors import InvalidInput
from core.text import clean_text
from surveys.evaluation import LARGEST_NUMBER, read_date
from surveys.questionnaire import Question, Questionnaire
from surveys.routing import Answers, Route, chooses_other, route

MAX_PROBLEMS = 200

MESSAGES = {
    "answer.unknown_question": "There is no such question.",
    "answer.unknown_row": "There is no such row.",
    "answer.unknown_column": "There is no such column.",
    "answer.unknown_option": "There is no option “{option}”.",
    "answer.wrong_type": "This answer has the wrong form; expected {expected}.",
    "answer.required": "This question needs an answer.",
    "answer.other_required": "Say what “{label}” is.",
    "answer.too_few": "Choose at least {minimum}; {given} chosen.",
    "answer.too_many": "Choose at most {maximum}; {given} chosen.",
    "answer.exclusive": "“{label}” cannot be combined with other choices.",
    "answer.repeated": "“{option}” is chosen twice.",
    "answer.below_minimum": "Enter {minimum} or more.",
    "answer.above_maximum": "Enter {maximum} or less.",
    "answer.not_whole": "Enter a whole number.",
    "answer.not_a_number": "Enter a number within ±10^15.",
    "answer.not_a_date": "Enter a date that exists, such as 2026-11-22.",
    "answer.before_minimum": "Enter {minimum} or a later date.",
    "answer.after_maximum": "Enter {maximum} or an earlier date.",
    "answer.too_long": "Shorten this to {maximum} characters; it has {given}.",
    "answer.bad_characters": "Remove the characters that are not text.",
}
"""Every message code and its English sentence, a ``str.format`` template over ``params``."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one answer.

    ``code`` says where: a question, ``question.row``, ``question.row.column`` or
    ``question_other``. ``message_code`` is a key of ``MESSAGES``.
    """

    code: str
    message_code: str
    params: Mapping[str, Any]

    @property
    def message(self) -> str:
        """The English sentence."""
        return MESSAGES[self.message_code].format(**self.params)


def validate(
    questionnaire: Questionnaire,
    answers: Answers,
    *,
    complete: bool,
    route_taken: Route | None = None,
) -> list[Problem]:
    """Every problem, in the order asked; an empty list when the answers can be kept.

    ``complete``: as a submission, for what is shown: required questions and lowest numbers of
    choices count, answers to hidden questions do not (they are left out). Otherwise as a draft:
    every answer given must have its right form, shown or not, and what is missing is no matter.
    ``route_taken`` saves working it out again.
    """
    taken = route_taken or route(questionnaire, answers)
    return list(_first(_problems(questionnaire, answers, taken, complete=complete)))


def _first(problems: Iterator[Problem]) -> Iterator[Problem]:
    for _, problem in zip(range(MAX_PROBLEMS), problems, strict=False):
        yield problem


def _problems(
    questionnaire: Questionnaire, answers: Answers, taken: Route, *, complete: bool
) -> Iterator[Problem]:
    for code in answers:
        if code not in questionnaire.by_code and code not in questionnaire.by_other_code:
            yield Problem(str(code)[:80], "answer.unknown_question", {})
    for question in questionnaire.questions:
        if complete and not taken.shows(question.code):
            continue
        value = answers.get(question.code)
        if is_blank(value):
            if complete and question.required:
                yield Problem(question.code, "answer.required", {})
        else:
            yield from _CHECKS[question.type](_Check(question, taken, complete), value)
        if question.other is not None:
            yield from _check_other(question, answers, complete=complete)


def is_blank(value: Any) -> bool:
    """Whether this is no answer: nothing, white space only, or an object of blanks."""
    if value is None or value == "" or value == [] or value == ():
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping):
        return all(is_blank(inner) for inner in value.values())
    return False


@dataclass(frozen=True, slots=True)
class _Check:
    """The question being checked and under which rules."""

    question: Question
    taken: Route
    complete: bool


def _wrong_type(where: str, expected: str) -> Problem:
    return Problem(where, "answer.wrong_type", {"expected": expected})


def _check_single(check: _Check, value: Any) -> Iterator[Problem]:
    yield from _check_option(check.question, check.question.code, value)


def _check_option(question: Question, where: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _wrong_type(where, "the code of an option")
    elif question.find_option(value) is None:
        yield Problem(where, "answer.unknown_option", {"option": value[:80]})


def _check_multiple(check: _Check, value: Any) -> Iterator[Problem]:
    question = check.question
    problems = list(_check_options(question, question.code, value))
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
            yield Problem(
                question.code, "answer.exclusive", {"label": option.label.in_language("")}
            )


def _check_options(question: Question, where: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, (list, tuple)):
        yield _wrong_type(where, "a list of option codes")
        return
    seen: set[str] = set()
    for code in value:
        yield from _check_option(question, where, code)
        if isinstance(code, str):
            if code in seen:
                yield Problem(where, "answer.repeated", {"option": code[:80]})
            seen.add(code)


def _check_number(check: _Check, value: Any) -> Iterator[Problem]:
    yield from _check_numeral(check.question, check.question.code, value)


def _check_numeral(question: Question, where: str, value: Any) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield _wrong_type(where, "a number")
        return
    if not (abs(value) <= LARGEST_NUMBER and math.isfinite(value)):
        yield Problem(where, "answer.not_a_number", {})
        return
    if question.whole and value != int(value):
        yield Problem(where, "answer.not_whole", {})
    low, high = question.minimum, question.maximum
    if isinstance(low, (int, float)) and value < low:
        yield Problem(where, "answer.below_minimum", {"minimum": low})
    if isinstance(high, (int, float)) and value > high:
        yield Problem(where, "answer.above_maximum", {"maximum": high})


def _check_date(check: _Check, value: Any) -> Iterator[Problem]:
    question, where = check.question, check.question.code
    day = read_date(value)
    if day is None:
        yield Problem(where, "answer.not_a_date", {})
        return
    if isinstance(question.minimum, date) and day < question.minimum:
        yield Problem(where, "answer.before_minimum", {"minimum": question.minimum.isoformat()})
    if isinstance(question.maximum, date) and day > question.maximum:
        yield Problem(where, "answer.after_maximum", {"maximum": question.maximum.isoformat()})


def _check_text(check: _Check, value: Any) -> Iterator[Problem]:
    yield from _check_words(check.question.longest, check.question.code, value)


def _check_words(longest: int, where: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _wrong_type(where, "a text")
        return
    # Measured before it is normalised, so that 2 MB cost nothing; normalising to NFC changes
    # the length by little, and is checked again below.
    if len(value) > 4 * longest:
        yield Problem(where, "answer.too_long", {"maximum": longest, "given": len(value)})
        return
    try:
        given = len(clean_text(value, where=""))
    except InvalidInput:
        yield Problem(where, "answer.bad_characters", {})
        return
    if given > longest:
        yield Problem(where, "answer.too_long", {"maximum": longest, "given": given})


def _check_matrix(check: _Check, value: Any) -> Iterator[Problem]:
    question = check.question
    if not isinstance(value, Mapping):
        yield _wrong_type(question.code, "an object by row code")
        return
    for row in value:
        if question.find_row(row) is None:
            yield Problem(f"{question.code}.{str(row)[:80]}", "answer.unknown_row", {})
    for row in question.rows:
        where = f"{question.code}.{row.code}"
        if check.complete and not check.taken.shows(where):
            continue
        given = value.get(row.code)
        if question.has_columns:
            yield from _check_cells(check, where, given)
        elif not is_blank(given):
            yield from _CELL_CHECKS[question.cell or ""](question, where, given)
        elif check.complete and question.required:
            yield Problem(where, "answer.required", {})


def _check_cells(check: _Check, where: str, cells: Any) -> Iterator[Problem]:
    question = check.question
    cells = {} if cells is None else cells
    if not isinstance(cells, Mapping):
        yield _wrong_type(where, "an object by column code")
        return
    for column in cells:
        if question.find_option(column) is None:
            yield Problem(f"{where}.{str(column)[:80]}", "answer.unknown_column", {})
    for option in question.options:
        given = cells.get(option.code)
        if not is_blank(given):
            yield from _CELL_CHECKS[question.cell or ""](question, f"{where}.{option.code}", given)
        elif check.complete and question.required:
            yield Problem(f"{where}.{option.code}", "answer.required", {})


def _check_other(question: Question, answers: Answers, *, complete: bool) -> Iterator[Problem]:
    """The text beside the ``other`` option; without the option it is kept in a draft only."""
    if question.other is None:
        return
    text = answers.get(question.other_code)
    chosen = chooses_other(question, answers)
    if is_blank(text):
        if complete and chosen and question.other.required:
            label = question.other.label.in_language("")
            yield Problem(question.other_code, "answer.other_required", {"label": label})
    elif chosen or not complete:
        yield from _check_words(question.longest, question.other_code, text)


def _check_nothing(check: _Check, value: Any) -> Iterator[Problem]:
    yield _wrong_type(check.question.code, "no answer: this is an information text")


_CHECKS: dict[str, Callable[[_Check, Any], Iterator[Problem]]] = {
    "single_choice": _check_single,
    "multiple_choice": _check_multiple,
    "number": _check_number,
    "date": _check_date,
    "short_text": _check_text,
    "long_text": _check_text,
    "matrix": _check_matrix,
    "information": _check_nothing,
}
_CELL_CHECKS: dict[str, Callable[[Question, str, Any], Iterator[Problem]]] = {
    "single": _check_option,
    "multiple": _check_options,
    "number": _check_numeral,
    "text": lambda question, where, value: _check_words(question.longest, where, value),
}


def reachable_answers(
    questionnaire: Questionnaire, answers: Answers, *, route_taken: Route | None = None
) -> dict[str, Any]:
    """What of valid ``answers`` a submission keeps: given, and asked.

    In the order of the questionnaire; texts in NFC, choices in the order of the options. What is
    left out is kept in the draft, and ``unreachable_codes`` names it.
    """
    taken = route_taken or route(questionnaire, answers)
    kept: dict[str, Any] = {}
    for question in questionnaire.questions:
        if not taken.shows(question.code):
            continue
        value = _kept(question, answers.get(question.code), taken)
        if not is_blank(value):
            kept[question.code] = value
        text = answers.get(question.other_code) if chooses_other(question, answers) else None
        if not is_blank(text):
            kept[question.other_code] = clean_text(str(text), where=question.other_code).strip()
    return kept


def unreachable_codes(questionnaire: Questionnaire, answers: Answers) -> list[str]:
    """The codes of questions with an answer that ``reachable_answers`` leaves out, to tell the
    person: what is not asked any more, whole or in some rows."""
    kept = reachable_answers(questionnaire, answers)
    left_out = []
    for question in questionnaire.questions:
        given = answers.get(question.code)
        if isinstance(given, Mapping):
            rows = {row for row, value in given.items() if not is_blank(value)}
            if rows - set(kept.get(question.code, {})):
                left_out.append(question.code)
        elif not is_blank(given) and question.code not in kept:
            left_out.append(question.code)
    return left_out


def _kept(question: Question, value: Any, taken: Route) -> Any:
    if question.type != "matrix":
        return _normal(question, value)
    rows = {}
    for row in question.rows:
        given = value.get(row.code) if isinstance(value, Mapping) else None
        if not taken.shows(f"{question.code}.{row.code}") or is_blank(given):
            continue
        if question.has_columns and isinstance(given, Mapping):
            rows[row.code] = {
                option.code: _normal(question, given[option.code])
                for option in question.options
                if not is_blank(given.get(option.code))
            }
        else:
            rows[row.code] = _normal(question, given)
    return rows


def _normal(question: Question, value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value, where=question.code).strip()
    if isinstance(value, (list, tuple)):
        return [option.code for option in question.all_options if option.code in value]
    return value
