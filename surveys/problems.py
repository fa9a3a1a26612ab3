"""What can be wrong with an answer, how it is said, and checks that several types share. Pure."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidInput
from core.text import LocalizedText, clean_text
from surveys.language.evaluation import LARGEST_NUMBER
from surveys.questionnaire import Question

MESSAGES = {
    "answer.unknown_question": "There is no such question.",
    "answer.unknown_row": "There is no such row.",
    "answer.unknown_column": "There is no such column.",
    "answer.unknown_option": "There is no option “{option}”.",
    "answer.unknown_field": "There is no field “{field}” here.",
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
    "answer.not_a_quarter": "Enter a quarter such as 2028-Q3.",
    "answer.before_minimum": "Enter {minimum} or a later date.",
    "answer.after_maximum": "Enter {maximum} or an earlier date.",
    "answer.too_long": "Shorten this to {maximum} characters; it has {given}.",
    "answer.bad_characters": "Remove the characters that are not text.",
    "answer.points_total": "The points must add up to {total}; they add up to {given}.",
    "answer.over_budget": "Your choices cost {given}; the budget is {total}.",
    "answer.likely_missing": "Enter the year you think most likely, or choose “never”.",
    "answer.years_order": "The earliest year cannot be after the likely one, nor the likely one "
    "after the latest.",
    "answer.title_missing": "Give the proposal a title.",
    "answer.milestone_missing": "Choose both milestones.",
    "answer.same_milestone": "A milestone cannot depend on itself.",
    "answer.unknown_dependency": "There is no dependency “{dependency}”.",
    "answer.too_many_entries": "At most {maximum} can be given; there are {given}.",
    "answer.too_many_files": "At most {maximum} files can be given; there are {given}.",
    "answer.file_too_large": "“{name}” is larger than {maximum} MB.",
    "answer.file_kind": "“{name}” is not of a kind that is accepted here.",
    "answer.rule": "{message}",
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


@dataclass(frozen=True, slots=True)
class Check:
    """The question being checked and under which rules.

    ``complete``: as part of a submission; otherwise what is missing yet is no matter.
    ``required``: whether an answer is asked for, in every row of a matrix. ``shows``: whether a
    row of this question is asked. ``language``: that of labels in messages.
    """

    question: Question
    complete: bool
    required: bool
    shows: Callable[[str], bool]
    language: str = ""

    def label(self, text: LocalizedText) -> str:
        return text.in_language(self.language)


Problems = Iterator[Problem]


def is_blank(value: Any) -> bool:
    """Whether this is no answer: nothing, white space only, or an object of blanks."""
    if value is None or value is False or value == "" or value == [] or value == ():
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping):
        return all(is_blank(inner) for inner in value.values())
    return False


def wrong_type(where: str, expected: str) -> Problem:
    return Problem(where, "answer.wrong_type", {"expected": expected})


def check_words(longest: int, where: str, value: Any) -> Problems:
    """A text that fits."""
    if not isinstance(value, str):
        yield wrong_type(where, "a text")
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


def check_option(question: Question, where: str, value: Any) -> Problems:
    if not isinstance(value, str):
        yield wrong_type(where, "the code of an option")
    elif question.find_option(value) is None:
        yield Problem(where, "answer.unknown_option", {"option": value[:80]})


def check_numeral(question: Question, where: str, value: Any, *, whole: bool = False) -> Problems:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield wrong_type(where, "a number")
        return
    if not (abs(value) <= LARGEST_NUMBER and math.isfinite(value)):
        yield Problem(where, "answer.not_a_number", {})
        return
    if (whole or question.whole) and value != int(value):
        yield Problem(where, "answer.not_whole", {})
    low, high = question.minimum, question.maximum
    if isinstance(low, (int, float)) and value < low:
        yield Problem(where, "answer.below_minimum", {"minimum": low})
    if isinstance(high, (int, float)) and value > high:
        yield Problem(where, "answer.above_maximum", {"maximum": high})


def check_options_named(check: Check, value: Any) -> Problems:
    """The codes in an object by option code; the caller checks what is given to each."""
    if not isinstance(value, Mapping):
        yield wrong_type(check.question.code, "an object by option code")
        return
    for code in value:
        if not isinstance(code, str) or check.question.find_option(code) is None:
            yield Problem(check.question.code, "answer.unknown_option", {"option": str(code)[:80]})


def check_fields(where: str, given: Mapping[str, Any], known: tuple[str, ...]) -> Problems:
    for field in given:
        if field not in known:
            yield Problem(where, "answer.unknown_field", {"field": str(field)[:80]})


def plain_number(number: float) -> str:
    """``3`` or ``3.5``."""
    return str(int(number)) if number == int(number) else str(number)
