"""From answers as they were given to the values that expressions see.

Answers need not be valid: what has the wrong form counts as not given.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from surveys.language.evaluation import Facts
from surveys.language.literals import LARGEST_NUMBER, read_date, read_quarter
from surveys.language.saying import Day, Quarter
from surveys.problems import is_blank
from surveys.question_checks import OWN_STATEMENT_PREFIX
from surveys.questionnaire import NO_OPINION, Question
from surveys.scope import JUDGED, option_name

Answers = Mapping[str, Any]
"""What a respondent gave, by question code; the shapes are in docs/questionnaire-format.md."""

Act = Callable[[Answers, Facts], None]
"""Reads an answer into the facts, once it is known that it counts."""


def chooses_other(question: Question, answers: Answers) -> bool:
    """Whether the ``other`` option is (among) what was chosen."""
    if question.other is None:
        return False
    given = answers.get(question.code)
    if isinstance(given, (list, tuple)):
        return question.other.code in given
    return bool(given == question.other.code)


def question_reader(question: Question) -> Act | None:
    """Reads the whole answer, when it is known which options are offered; None for a matrix, which
    is read by row, and for what is not answered."""
    if question.type in JUDGED:
        return _judgements_reader(question)
    take = _TAKERS.get(question.type)
    if take is None:
        return None
    code, conditional = question.code, _conditional(question)

    def read(answers: Answers, facts: Facts) -> None:
        given = answers.get(code)
        if given is None:
            return
        value = take(given, _hidden(conditional, facts))
        if value is not None:
            facts.values[code] = value
        elif given == NO_OPINION and question.no_opinion is not None:
            facts.without_value.add(code)

    return read


def other_reader(question: Question) -> Act:
    """Reads the text beside ``other``, which counts only while that is chosen."""
    code = question.other_code

    def read(answers: Answers, facts: Facts) -> None:
        text = take_text(answers.get(code))
        if text is not None and chooses_other(question, answers):
            facts.values[code] = text

    return read


def row_reader(question: Question, row: str) -> Act:
    """Reads one row of a matrix. It adds to the value of the matrix, so that hidden rows are not
    part of that."""
    code, name = question.code, f"{question.code}.{row}"
    take = _CELL_TAKERS[question.cell or ""]
    conditional = _conditional(question)
    columns = [option.code for option in question.options] if question.has_columns else None

    def read(answers: Answers, facts: Facts) -> None:
        matrix = answers.get(code)
        given = matrix.get(row) if isinstance(matrix, Mapping) else None
        if given is None:
            return
        hidden = _hidden(conditional, facts)
        value: Any
        if columns is None:
            value = take(given, hidden)
        else:
            cells = given if isinstance(given, Mapping) else {}
            taken = {c: take(cells.get(c), hidden) for c in columns if c not in hidden}
            value = {column: cell for column, cell in taken.items() if cell is not None} or None
            for column, cell in (value or {}).items():
                facts.values[f"{name}.{column}"] = cell
        if value is not None:
            facts.values[name] = value
            facts.values.setdefault(code, {})[row] = value

    return read


def _judgements_reader(question: Question) -> Act:
    """Reads what was given to each option; "no opinion" is there without a value."""
    code, conditional = question.code, _conditional(question)
    own = OWN_STATEMENT_PREFIX if question.allow_own else None
    known = {option.code for option in question.options}
    is_text = question.type == "statements"

    def read(answers: Answers, facts: Facts) -> None:
        given = answers.get(code)
        if not isinstance(given, Mapping):
            return
        hidden = _hidden(conditional, facts)
        cells: dict[str, Any] = {}
        for option, judgement in given.items():
            if not isinstance(option, str) or option in hidden:
                continue
            if option not in known and not (own and option.startswith(own)):
                continue
            value = take_text(judgement) if is_text else take_number(judgement)
            if value is not None:
                cells[option] = facts.values[f"{code}.{option}"] = value
            elif judgement == NO_OPINION and question.type == "milestone_priorities":
                cells[option] = NO_OPINION
                facts.without_value.add(f"{code}.{option}")
        if cells:
            facts.values[code] = cells

    return read


def _conditional(question: Question) -> dict[str, str]:
    """The names of options that are not always offered, by code."""
    return {
        option.code: option_name(question.code, option.code)
        for option in question.options
        if option.show_if is not None
    }


_NONE: AbstractSet[str] = frozenset()


def _hidden(conditional: Mapping[str, str], facts: Facts) -> AbstractSet[str]:
    if not conditional:
        return _NONE
    return {code for code, name in conditional.items() if name not in facts.passed}


def take_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def take_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not (abs(value) <= LARGEST_NUMBER and math.isfinite(value)):
        return None
    return float(value)


Take = Callable[[Any, AbstractSet[str]], Any]


def _take_code(value: Any, hidden: AbstractSet[str]) -> str | None:
    code = take_text(value)
    return None if code in hidden else code


def _take_codes(value: Any, hidden: AbstractSet[str]) -> tuple[str, ...] | None:
    if not isinstance(value, (list, tuple)):
        return None
    codes = dict.fromkeys(code for code in value if isinstance(code, str))
    return tuple(code for code in codes if code not in hidden) or None


def _take_date(value: Any, hidden: AbstractSet[str]) -> Day | None:
    return Day(value) if read_date(value) else None


def _take_quarter(value: Any, hidden: AbstractSet[str]) -> Quarter | None:
    quarter = read_quarter(value)
    return Quarter(quarter) if quarter else None


def _take_files(value: Any, hidden: AbstractSet[str]) -> tuple[str, ...] | None:
    """The names of the files."""
    if not isinstance(value, (list, tuple)):
        return None
    names = (file.get("name") for file in value if isinstance(file, Mapping))
    return tuple(name for name in names if isinstance(name, str)) or None


def _take_entries(value: Any, hidden: AbstractSet[str]) -> tuple[str, ...] | None:
    """What of a list, or of an object by code, is not blank."""
    entries: Sequence[tuple[Any, Any]]
    if isinstance(value, Mapping):
        entries = [(code, entry) for code, entry in value.items() if code not in hidden]
    elif isinstance(value, (list, tuple)):
        entries = list(enumerate(value))
    else:
        return None
    return tuple(str(code) for code, entry in entries if not is_blank(entry)) or None


def _take_dependencies(value: Any, hidden: AbstractSet[str]) -> tuple[str, ...] | None:
    """What was disputed and what was proposed."""
    if not isinstance(value, Mapping):
        return None
    parts = (_take_entries(value.get(part), _NONE) for part in ("disputed", "proposed"))
    return tuple(entry for part in parts for entry in part or ()) or None


_TAKERS: dict[str, Take] = {
    "single_choice": _take_code,
    "multiple_choice": _take_codes,
    "ranking": _take_codes,
    "budget": _take_codes,
    "number": lambda value, hidden: take_number(value),
    "rating": lambda value, hidden: take_number(value),
    "year": lambda value, hidden: take_number(value),
    "date": _take_date,
    "quarter": _take_quarter,
    "short_text": lambda value, hidden: take_text(value),
    "long_text": lambda value, hidden: take_text(value),
    "upload": _take_files,
    "consent": lambda value, hidden: True if value is True else None,
    "milestone_years": _take_entries,
    "milestone_proposals": _take_entries,
    "paragraph_comments": _take_entries,
    "dependencies": _take_dependencies,
}
_CELL_TAKERS: dict[str, Take] = {
    "single": _take_code,
    "multiple": _take_codes,
    "number": lambda value, hidden: take_number(value),
    "text": lambda value, hidden: take_text(value),
}
