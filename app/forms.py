"""Between form fields and answers.

A question's field has its code as name, a matrix row ``question.row``, a cell of a matrix with
columns ``question.row.column``. What a person typed is turned into the answer's type where that
is possible and left as it is where not, so that validation names the fault and nothing is lost.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from surveys.questionnaire import Question

ASKED = "asked"  # hidden field: names of the questions and rows on the page, in order


def names_asked(form: MultiDict[str, str]) -> set[str]:
    """The questions and rows that the page asked; for a form that does not say, those it answers.

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

    Rows of a matrix that were not on the page keep their answers from ``before``.
    """
    asked = names_asked(form)
    codes: set[str] = set()
    answers: dict[str, Any] = {}
    for question in questions:
        if question.code not in asked:
            continue
        codes.add(question.code)
        if question.type == "matrix":
            answer: Any = _read_matrix(form, question, asked, before.get(question.code))
        else:
            answer = _read_plain(form, question.type, question.code)
        if answer not in (None, "", [], {}):
            answers[question.code] = answer
        if question.other is not None:
            codes.add(question.other_code)
            text = form.get(question.other_code, "").strip()
            if text:
                answers[question.other_code] = text
    return codes, answers


def read_number(typed: str) -> float | int | str | None:
    """``3``, ``3.5`` or ``3,5`` as a number; None for nothing; else what was typed."""
    text = typed.strip().replace("\u00a0", "").replace(" ", "")
    if not text:
        return None
    try:
        return int(text) if len(text) < 20 else float(text)
    except ValueError:
        pass
    try:
        number = float(text.replace(",", ".", 1) if "." not in text else text)
    except ValueError:
        return typed
    return number if math.isfinite(number) else typed


def _read_plain(form: MultiDict[str, str], kind: str, name: str) -> Any:
    if kind in ("multiple_choice", "multiple"):
        return [value for value in form.getlist(name) if value]
    if kind == "number":
        return read_number(form.get(name, ""))
    value = form.get(name, "")
    return value if kind in ("long_text", "short_text", "text") else value.strip()


def _read_matrix(
    form: MultiDict[str, str], question: Question, asked: set[str], before: Any
) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    kept = before if isinstance(before, dict) else {}
    for row in question.rows:
        name = f"{question.code}.{row.code}"
        if name not in asked:
            if row.code in kept:
                rows[row.code] = kept[row.code]
            continue
        if question.has_columns:
            cells = {
                option.code: cell
                for option in question.options
                if (cell := _read_plain(form, question.cell or "", f"{name}.{option.code}"))
                not in (None, "")
            }
            answer: Any = cells
        else:
            answer = _read_plain(form, question.cell or "", name)
        if answer not in (None, "", [], {}):
            rows[row.code] = answer
    return rows
