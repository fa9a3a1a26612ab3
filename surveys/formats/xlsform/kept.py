"""What an XLSForm written here keeps for us in a column of its own, ``waymark``.

Some of our questions have no counterpart there and are written as what is nearest: points as a
group of whole numbers, say. Beside them stands, as JSON, the question that they are, and a digest
of the rows as they were written. Other software passes over the column. Read back, the question
counts as long as nobody changed its rows; once they were changed, they are read as they stand.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from surveys.formats.xlsform.scope import answer_value
from surveys.formats.xlsform.tables import Line
from surveys.formats.xlsform.values import Value
from surveys.language.evaluation import Kind
from surveys.language.expressions import Expression, InvalidExpression, Reference, parse_expression
from surveys.questionnaire import STANCES
from surveys.schema import QUESTION_TYPES
from surveys.scope import CELL_KINDS, JUDGED

COLUMN = "waymark"

SKIPPED = '{"is": "said"}'
"""Marks a row that only says or prepares what another one is about."""

# What is read from the rows themselves, so that it may be changed there.
_NATIVE = (COLUMN, "relevant")


@dataclass(frozen=True, slots=True)
class Kept:
    """``question``: its document without ``show_if``. ``values``: what can be named of it."""

    question: dict[str, Any]
    values: dict[str, Value] = field(default_factory=dict)


def digest_of(rows: Iterable[Mapping[str, str]]) -> str:
    """What the rows say to people, in brief: cells by heading."""
    said = [
        sorted(
            (heading.lower(), " ".join(text.split()))
            for heading, text in row.items()
            if text.strip() and heading.lower() not in _NATIVE
        )
        for row in rows
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:20]


def read_note(line: Line) -> dict[str, Any]:
    """What the column says in this row; nothing where it says nothing that can be read."""
    written = line.get(COLUMN)
    if not written.startswith("{"):
        return {}
    try:
        note = json.loads(written)
    except (ValueError, RecursionError):
        return {}
    return note if isinstance(note, dict) else {}


def read_kept(line: Line, rows: list[Line], code: str) -> Kept | str:
    """The question that ``rows`` (choices included) stand for, or why it is not taken."""
    note = read_note(line)
    question, names = note.get("question"), note.get("names", {})
    if not isinstance(question, dict) or not isinstance(names, dict):
        return "It cannot be read."
    if question.get("type") not in QUESTION_TYPES:
        return "It names no type of question."
    if note.get("digest") != digest_of(row.raw for row in rows):
        return "The rows were changed since; they are read as they stand."
    question = {"code": code} | {
        name: said for name, said in question.items() if name not in ("code", "show_if")
    }
    values = {}
    for name, place in names.items():
        value = _value(question, str(place))
        if value is not None:
            values[str(name)] = value
    return Kept(question, values)


def _value(question: dict[str, Any], place: str) -> Value | None:
    """What a place in the question (``""`` is itself, ``row`` or ``row.column``) holds."""
    options = question.get("options")
    codes = {
        str(option.get("code")): str(option.get("code"))
        for option in (options if isinstance(options, list) else ())
        if isinstance(option, dict)
    }
    parts = [part for part in place.split(".") if part]
    if len(parts) > 2:
        return None
    reference = Reference(question["code"], *parts)
    if place == "_other":
        return Value(Kind.TEXT, Reference(f"{question['code']}_other"))
    if not place:
        return answer_value(question["type"], reference, codes)
    kind = JUDGED.get(question["type"]) or CELL_KINDS.get(str(question.get("cell")))
    if kind is None:
        return None
    if question["type"] == "statements":
        codes = {stance: stance for stance in STANCES}
    return Value(kind, reference, codes=codes if kind in (Kind.OPTION, Kind.OPTIONS) else {})


def kept_condition(line: Line) -> Expression | None:
    """Our condition for the row, as long as the cell says what it was written as."""
    said = read_note(line).get("show_if")
    if not isinstance(said, list) or len(said) != 2 or said[0] != line.get("relevant"):
        return None
    try:
        return parse_expression(str(said[1]))
    except InvalidExpression:
        return None


def read_heading(settings: Line, title: str, languages: list[str]) -> dict[str, Any]:
    """Translations of the title, a description, a layout; nothing where the title is another."""
    heading = read_note(settings).get("heading")
    if not isinstance(heading, dict):
        return {}
    kept = {
        name: {language: text for language, text in heading[name].items() if language in languages}
        for name in ("title", "description")
        if isinstance(heading.get(name), dict)
    }
    if kept.get("title", {}).get(languages[0]) != title:
        return {}
    if heading.get("layout") == "one_page":
        return kept | {"layout": "one_page"}
    return kept
