"""Between form fields and answers.

A question's field has its code as name, a matrix row ``question.row``, a cell of a matrix with
columns ``question.row.column``; the other types with several parts are in ``app.answer_forms``.
What a person typed is turned into the answer's type where that is possible and left as it is where
not, so that validation names the fault and nothing is lost.
"""

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from werkzeug.datastructures import MultiDict

from app.answer_forms import READERS, Reading, places_typed, ranking_fault
from surveys.problems import Problem, is_blank
from surveys.questionnaire import NO_OPINION, Question

ASKED = "asked"  # hidden field: names of the questions and parts on the page, in order


def names_asked(form: MultiDict[str, str]) -> set[str]:
    """The questions and parts that the page asked; for a form that does not say, those it answers.

    The second is for programs: an answer they send without naming its question is not lost.
    """
    if ASKED in form:
        return set(form[ASKED].split())
    parts = [field.split(".") for field in form]
    return {".".join(name[:length]) for name in parts for length in range(1, len(name) + 1)}


def read_answers(
    form: MultiDict[str, str], questions: Iterable[Question], *, before: Mapping[str, Any]
) -> tuple[set[str], dict[str, Any]]:
    """(codes on the page, answers given) for those of ``questions`` that the page asked.

    Parts that were not on the page, such as rows of a matrix, keep their answers from ``before``.
    """
    asked = names_asked(form)
    reading = Reading(form, asked, read_number)
    codes: set[str] = set()
    answers: dict[str, Any] = {}
    for question in questions:
        if question.code not in asked or not question.is_answered:
            continue
        codes.add(question.code)
        read = READERS.get(question.type)
        if read is None:
            answer = _read_plain(form, question.type, question.code)
        else:
            answer = read(reading, question, before.get(question.code))
        if not is_blank(answer):
            answers[question.code] = answer
        if question.other is not None:
            codes.add(question.other_code)
            text = form.get(question.other_code, "").strip()
            if text:
                answers[question.other_code] = text
    return codes, answers


def form_problems(form: MultiDict[str, str], questions: Iterable[Question]) -> list[Problem]:
    """Faults that only the fields show: what was typed says no answer at all.

    Their ``message_code`` is known to ``app.presentation.problem_text``.
    """
    asked = names_asked(form)
    faults = [
        ranking_fault(question, places_typed(form, question))
        for question in questions
        if question.type == "ranking" and question.code in asked
    ]
    return [fault for fault in faults if fault is not None]


def read_number(typed: str) -> float | int | str | None:
    """``3``, ``3.5`` or ``3,5`` as a number; None for nothing; else what was typed."""
    text = typed.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if not text:
        return None
    if len(text) < 20:
        with suppress(ValueError):
            return int(text)
    try:
        number = float(text.replace(",", ".", 1) if "." not in text else text)
    except ValueError:
        return typed
    return number if math.isfinite(number) else typed


def _read_plain(form: MultiDict[str, str], kind: str, name: str) -> Any:
    if kind in ("multiple_choice", "budget"):
        return [value for value in form.getlist(name) if value]
    if kind in ("number", "year"):
        return read_number(form.get(name, ""))
    if kind == "rating":
        typed = form.get(name, "")
        return typed if typed == NO_OPINION else read_number(typed)
    value = form.get(name, "")
    return value if kind in ("long_text", "short_text") else value.strip()
