"""The "Have your say" export: a consultation with its responses as one ``;``-separated CSV.

Layout: a byte order mark, a header, one record per response. Twelve columns about the respondent
(``PROFILE_COLUMNS``), then one column per question; rows of a matrix are columns
``question: row``. Cells may be quoted and hold line breaks. The format carries no question types
and no option lists: see ``surveys.formats.hys_questions`` for how they are inferred.

Real files hold records that break the format. Each is refused on its own, with the physical line
on which it begins, and the next record is found again even after a quote that never closes.
"""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from core.errors import InvalidInput
from core.text import clean_text
from surveys.errors import UnreadableFile
from surveys.formats import profile_labels
from surveys.formats.hys_questions import InferredQuestion, infer_questions, option_code

PROFILE_COLUMNS = (
    "Reference", "Feedback date", "Language", "User type", "First name", "Surname", "Scope",
    "Organisation name", "Transparency register number", "Organisation size", "Country",
    "Publication privacy settings",
)  # fmt: skip
# The csv module reads no longer cells either.
MAX_CELL_LENGTH = 131_072

_RECORD_START = re.compile(r'"?[^;"\n]*"?;"?\d{1,2}\.\d{1,2}\.\d{4}( \d{1,2}:\d{2}(:\d{2})?)?"?;')
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: ([01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was not imported: the line on which it begins, and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class ExportedResponse:
    """One record: the day, the profile in our codes (blank is None), and the answers by code."""

    day: date
    profile: dict[str, str | None]
    answers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """A whole file.

    ``questions`` are in the file's order and coded Q1, Q2, …; ``read`` counts data records,
    refused ones included.
    """

    questions: tuple[InferredQuestion, ...]
    responses: tuple[ExportedResponse, ...]
    rejected: tuple[Rejected, ...]
    read: int

    def as_definition(self, title: str) -> dict[str, Any]:
        """The questionnaire as our JSON document, in English, with one section."""
        return {
            "schema": "waymark/questionnaire/1",
            "title": {"en": title},
            "languages": ["en"],
            "sections": [
                {
                    "code": "questions",
                    "title": {"en": "Questions"},
                    "questions": [
                        _question_document(number, question)
                        for number, question in enumerate(self.questions, start=1)
                    ],
                }
            ],
        }


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    cells: list[str]
    # What is wrong with its form, or an empty string.
    fault: str = ""


class _Refusal(Exception):
    """Why a record cannot be imported."""


def looks_like_hys(data: bytes) -> bool:
    """Whether a file begins with this format's first two column names."""
    start = data[:200].removeprefix(b"\xef\xbb\xbf").replace(b'"', b"").lower()
    return start.startswith(b"reference;feedback date;")


def read_export(data: bytes) -> Export:
    """Read a whole export.

    Raises ``UnreadableFile`` when it is not UTF-8 or its header is not this format's; faults of
    single records are in ``rejected``.
    """
    # Not str.splitlines: it also splits at characters that may be part of a cell.
    lines = re.findall(r"[^\n]*\n|[^\n]+", _decode(data))
    header, *records = _records(lines) or [_Record(1, [])]
    _check_header(header)
    titles = header.cells[len(PROFILE_COLUMNS) :]
    accepted: list[tuple[date, dict[str, str | None], list[str]]] = []
    rejected: list[Rejected] = []
    lines_by_reference: dict[str, int] = {}
    for record in records:
        try:
            if record.fault:
                raise _Refusal(record.fault)
            cells = [
                _clean(cell, column)
                for cell, column in zip(record.cells, header.cells, strict=True)
            ]
            _refuse_repeated(cells[0], record.line, lines_by_reference)
            day, profile = _read_profile(dict(zip(PROFILE_COLUMNS, cells, strict=False)))
        except _Refusal as refusal:
            rejected.append(Rejected(record.line, str(refusal)))
        else:
            accepted.append((day, profile, cells[len(PROFILE_COLUMNS) :]))
    questions = infer_questions(
        titles, [[cells[at] for _, _, cells in accepted] for at in range(len(titles))]
    )
    coders = [_AnswerCoder(number, question) for number, question in enumerate(questions, start=1)]
    responses = tuple(
        ExportedResponse(
            day,
            profile,
            {coder.code: answer for coder in coders if (answer := coder.answer(cells)) is not None},
        )
        for day, profile, cells in accepted
    )
    return Export(questions, responses, tuple(rejected), read=len(records))


# Records


def _decode(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(where=f"line {line}", reason="expected UTF-8 text") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _records(lines: Sequence[str]) -> list[_Record]:
    """Every record, header first. Blank lines between records are none."""
    records: list[_Record] = []
    position, width = 0, 0
    while position < len(lines):
        if not lines[position].strip():
            position += 1
            continue
        record, used = _record_at(lines, position, width)
        width = width or len(record.cells)
        records.append(record)
        position += used
    return records


def _record_at(lines: Sequence[str], start: int, width: int) -> tuple[_Record, int]:
    """The record that begins with line ``start`` (from 0), and how many lines it takes.

    ``width``: the number of columns expected, 0 for the header. A record that is broken ends
    before the next line that looks like the beginning of one.
    """
    cells, used = _parse(lines, start, strict=True)
    if cells is None:
        # Text after a closing quote: accepted if it is all that is wrong.
        cells, used = _parse(lines, start, strict=False)
    before_next = _lines_before_next_start(lines, start, used)
    if cells is None or before_next < used:
        fault = "a quoted cell does not end"
        if sum(map(len, lines[start : start + before_next])) > MAX_CELL_LENGTH:
            fault = f"a cell is longer than {MAX_CELL_LENGTH:,} characters, or does not end"
        return _Record(start + 1, [], fault), before_next
    if width and len(cells) != width:
        fault = f"has {len(cells)} columns; expected {width}"
        return _Record(start + 1, [], fault), used
    return _Record(start + 1, cells), used


def _parse(lines: Sequence[str], start: int, *, strict: bool) -> tuple[list[str] | None, int]:
    """The cells of one record and the number of lines read; no cells when it cannot be read."""
    left = len(lines) - start
    # Read leniently, a quote that is still open ends with the file: a line too many shows it.
    following = chain(map(lines.__getitem__, range(start, len(lines))), ["\n"])
    reader = csv.reader(following, delimiter=";", strict=strict)
    try:
        cells = next(reader)
    except csv.Error:
        return None, left
    return (cells, reader.line_num) if reader.line_num <= left else (None, left)


def _lines_before_next_start(lines: Sequence[str], start: int, used: int) -> int:
    """How many of the ``used`` lines come before one that looks like the start of a record."""
    for offset in range(1, used):
        if _RECORD_START.match(lines[start + offset]):
            return offset
    return used


def _check_header(header: _Record) -> None:
    if header.fault or not header.cells:
        raise UnreadableFile(where="line 1", reason="expected a header with column names")
    for position, expected in enumerate(PROFILE_COLUMNS):
        found = header.cells[position].strip() if position < len(header.cells) else ""
        if profile_labels.normalise(found) != profile_labels.normalise(expected):
            raise UnreadableFile(
                where=f"line 1, column {position + 1}",
                reason=f"expected the column “{expected}”, found “{found[:60]}”",
            )
    if len(header.cells) == len(PROFILE_COLUMNS):
        raise UnreadableFile(where="line 1", reason="expected at least one question column")


# Cells


def _clean(cell: str, column: str) -> str:
    if not cell:
        return cell
    try:
        where = " ".join(column.split())[:60]
        return clean_text(cell, where=where, maximum=MAX_CELL_LENGTH)
    except InvalidInput as error:
        raise _Refusal(error.message) from None


def _refuse_repeated(reference: str, line: int, lines_by_reference: dict[str, int]) -> None:
    reference = reference.strip()
    if reference and reference in lines_by_reference:
        first = lines_by_reference[reference]
        raise _Refusal(f"the reference {reference[:60]} is on line {first} already")
    lines_by_reference[reference] = line


def _read_profile(cells: dict[str, str]) -> tuple[date, dict[str, str | None]]:
    """The day and the profile. Blank cells are None: "not published", not "none".

    Personal details are kept only for those who chose to be named.
    """
    cells = {name: cell.strip() for name, cell in cells.items()}
    publication = _code(cells, "Publication privacy settings", profile_labels.find_publication)
    named = publication == "named"
    profile = {
        "language": _code(cells, "Language", profile_labels.find_language),
        "respondent_type": _code(cells, "User type", profile_labels.find_respondent_type),
        "scope": _code(cells, "Scope", profile_labels.find_scope),
        "organisation_size": _code(
            cells, "Organisation size", profile_labels.find_organisation_size
        ),
        "country": _code(cells, "Country", profile_labels.find_country),
        "publication": publication or "anonymous",
        "first_name": _personal(cells, "First name", 100, named=named),
        "surname": _personal(cells, "Surname", 100, named=named),
        "organisation_name": _personal(cells, "Organisation name", 300, named=named),
        "register_number": _personal(cells, "Transparency register number", 40, named=named),
    }
    return _read_day(cells["Feedback date"]), profile


def _code(cells: dict[str, str], column: str, find: Callable[[str], str | None]) -> str | None:
    if not cells[column]:
        return None
    code = find(cells[column])
    if code is None:
        raise _Refusal(f"{column}: “{cells[column][:60]}” is not known")
    return code


def _personal(cells: dict[str, str], column: str, maximum: int, *, named: bool) -> str | None:
    if not named or not cells[column]:
        return None
    if len(cells[column]) > maximum:
        raise _Refusal(f"{column}: is longer than {maximum} characters")
    return cells[column]


def _read_day(text: str) -> date:
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        raise _Refusal(
            f"Feedback date: “{text[:40]}” is not a date such as 31.12.2020 23:59"
        ) from None


# Answers


class _AnswerCoder:
    """Turns the cells of one question into its answer, labels into option codes."""

    def __init__(self, number: int, question: InferredQuestion) -> None:
        self.code = f"Q{number}"
        self.question = question
        self.codes = _option_codes(question)

    def answer(self, cells: Sequence[str]) -> Any:
        """The answer, or None when every cell of the question is blank."""
        chosen = [cells[column].strip() for column in self.question.columns]
        match self.question.kind:
            case "matrix":
                return {
                    f"r{row}": self.codes[cell] for row, cell in enumerate(chosen, start=1) if cell
                } or None
            case "multiple_choice":
                return [self.codes[label] for label in self.question.labels_in(chosen[0])] or None
            case "single_choice":
                return self.codes[chosen[0]] if chosen[0] else None
            case _:
                return chosen[0] or None


def _option_codes(question: InferredQuestion) -> dict[str, str]:
    codes: dict[str, str] = {}
    for label in question.options:
        codes[label] = option_code(label, codes.values())
    return codes


def _question_document(number: int, question: InferredQuestion) -> dict[str, Any]:
    document: dict[str, Any] = {
        "code": f"Q{number}",
        "type": question.kind,
        "title": {"en": question.title},
    }
    if question.options:
        document["options"] = [
            {"code": code, "label": {"en": label}}
            for label, code in _option_codes(question).items()
        ]
    if question.kind == "matrix":
        document["cell"] = "single"
        document["rows"] = [
            {"code": f"r{row}", "label": {"en": label}}
            for row, label in enumerate(question.rows, start=1)
        ]
    return document
