"""Form fields of the questions with several parts, read into answers.

Names of fields: the question's code, then what the part is, joined by dots (``Q5.cloud``,
``Q9.1.title``). What cannot be taken as it was typed is left as it is, so that validation names the
fault and the page shows it again. A question that is drawn piece by piece (rows of a matrix, cards
of statements) keeps from ``before`` what was not on the page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from surveys.problems import Problem, is_blank
from surveys.question_checks import OWN_STATEMENT_PREFIX
from surveys.questionnaire import Question

Form = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """The fields of a page and what the person had before.

    ``asked``: the questions and parts on the page; ``number``: reads a typed number.
    """

    form: Form
    asked: set[str]
    number: Callable[[str], Any]

    def text(self, name: str) -> str:
        return self.form.get(name, "").strip()


def read_matrix(reading: Reading, question: Question, before: Any) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    kept = before if isinstance(before, dict) else {}
    for row in question.rows:
        name = f"{question.code}.{row.code}"
        if name not in reading.asked:
            if row.code in kept:
                rows[row.code] = kept[row.code]
            continue
        if question.has_columns:
            cells = {
                option.code: cell
                for option in question.options
                if not is_blank(cell := _read_cell(reading, question, f"{name}.{option.code}"))
            }
            answer: Any = cells
        else:
            answer = _read_cell(reading, question, name)
        if not is_blank(answer):
            rows[row.code] = answer
    return rows


def _read_cell(reading: Reading, question: Question, name: str) -> Any:
    if question.cell == "multiple":
        return [value for value in reading.form.getlist(name) if value]
    if question.cell == "number":
        return reading.number(reading.form.get(name, ""))
    value = reading.form.get(name, "")
    return value if question.cell == "text" else value.strip()


def read_ranking(reading: Reading, question: Question, before: Any) -> list[str] | dict[str, Any]:
    """The options in the order of the places given; with a fault, the places as they were typed."""
    places = places_typed(reading.form, question)
    if ranking_fault(question, places) is not None:
        return places
    numbers = {code: int(place) for code, place in places.items()}
    return sorted(numbers, key=lambda code: numbers[code])


def places_typed(form: Form, question: Question) -> dict[str, str]:
    return {
        option.code: place
        for option in question.options
        if (place := form.get(f"{question.code}.{option.code}", "").strip())
    }


def ranking_fault(question: Question, places: Mapping[str, str]) -> Problem | None:
    """A place that is no number, given twice, or left out between two others."""
    numbers = []
    for place in places.values():
        if not (place.isascii() and place.isdigit()) or not 1 <= int(place) <= 1000:
            return Problem(question.code, "answer.rank_number", {"place": place[:20]})
        numbers.append(int(place))
    for number in sorted(numbers):
        if numbers.count(number) > 1:
            return Problem(question.code, "answer.rank_tie", {"place": number})
    for expected, number in enumerate(sorted(numbers), start=1):
        if number != expected:
            return Problem(question.code, "answer.rank_gap", {"place": expected, "next": number})
    return None


def read_quarter_field(reading: Reading, question: Question, before: Any) -> str:
    year, quarter = reading.text(f"{question.code}.year"), reading.text(f"{question.code}.quarter")
    if question.code in reading.form:  # a program that sends the answer as it is
        return reading.text(question.code)
    return f"{year}-{quarter}" if year or quarter else ""


def read_consent(reading: Reading, question: Question, before: Any) -> bool | None:
    return True if reading.text(question.code) == "yes" else None


def read_upload(reading: Reading, question: Question, before: Any) -> list[Any]:
    """The files sent before, without those taken away here; new ones come by another way."""
    kept = before if isinstance(before, list) else []
    removed = set(reading.form.getlist(f"{question.code}.remove"))
    return [file for file in kept if file.get("sha256") not in removed]


def read_points(reading: Reading, question: Question, before: Any) -> dict[str, Any]:
    return _numbers_by_option(reading, question)


def read_priorities(reading: Reading, question: Question, before: Any) -> dict[str, Any]:
    return _numbers_by_option(reading, question)


def _numbers_by_option(reading: Reading, question: Question) -> dict[str, Any]:
    given = {}
    for option in question.options:
        value = reading.number(reading.form.get(f"{question.code}.{option.code}", ""))
        if not is_blank(value):
            given[option.code] = value
    return given


def read_statements(reading: Reading, question: Question, before: Any) -> dict[str, str]:
    """Judgements of the statements that were on the page, and those made before."""
    given = dict(before) if isinstance(before, dict) else {}
    start = f"{question.code}."
    for name in reading.asked:
        code = name.removeprefix(start)
        own = question.allow_own and code.startswith(OWN_STATEMENT_PREFIX)
        if not name.startswith(start) or not (own or question.find_option(code)):
            continue
        stance = reading.text(name)
        if stance:
            given[code] = stance
        else:
            given.pop(code, None)
    return given


def read_years(reading: Reading, question: Question, before: Any) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for option in question.options:
        name = f"{question.code}.{option.code}"
        if reading.text(f"{name}.never") == "yes":
            given[option.code] = {"never": True}
            continue
        estimate = {
            field: value
            for field in ("earliest", "likely", "latest")
            if not is_blank(value := reading.number(reading.form.get(f"{name}.{field}", "")))
        }
        if estimate:
            given[option.code] = estimate
    return given


def read_proposals(reading: Reading, question: Question, before: Any) -> list[dict[str, Any]]:
    entries = []
    for position in range(1, (question.max_entries or 0) + 1):
        name = f"{question.code}.{position}"
        entry: dict[str, Any] = {
            "title": reading.text(f"{name}.title"),
            "description": reading.text(f"{name}.description"),
            "year": reading.number(reading.form.get(f"{name}.year", "")),
        }
        if not is_blank(entry):
            entries.append({field: value for field, value in entry.items() if not is_blank(value)})
    return entries


def read_dependencies(reading: Reading, question: Question, before: Any) -> dict[str, Any]:
    disputed: dict[str, Any] = {}
    for dependency in question.dependencies:
        name = f"{question.code}.disputed.{dependency.code}"
        reason = reading.text(f"{name}.reason")
        # Whoever gives a reason disputes it.
        if reading.text(name) == "yes" or reason:
            disputed[dependency.code] = reason or True
    proposed = []
    for position in range(1, (question.max_entries or 0) + 1):
        name = f"{question.code}.{position}"
        entry = {field: reading.text(f"{name}.{field}") for field in ("from", "to", "reason")}
        if not is_blank(entry):
            entry["kind"] = reading.text(f"{name}.kind") or "FS"
            proposed.append({field: value for field, value in entry.items() if value})
    return {
        part: given for part, given in (("disputed", disputed), ("proposed", proposed)) if given
    }


def read_comments(reading: Reading, question: Question, before: Any) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for option in question.options:
        name = f"{question.code}.{option.code}"
        comment = {field: reading.text(f"{name}.{field}") for field in ("stance", "text")}
        comment = {field: value for field, value in comment.items() if value}
        if comment:
            given[option.code] = comment
    return given


READERS: dict[str, Callable[[Reading, Question, Any], Any]] = {
    "matrix": read_matrix,
    "ranking": read_ranking,
    "quarter": read_quarter_field,
    "consent": read_consent,
    "upload": read_upload,
    "points": read_points,
    "statements": read_statements,
    "milestone_priorities": read_priorities,
    "milestone_years": read_years,
    "milestone_proposals": read_proposals,
    "dependencies": read_dependencies,
    "paragraph_comments": read_comments,
}
"""By type of question; the types that are not here have one field."""
