"""CSV tables as people's spreadsheets write them: reading with line numbers, and writing.

UTF-8 with or without a byte order mark; `,` or `;` between cells; any line end; quoted cells may
span lines. Everything wrong is collected, with file, line and column, so that one correction round
is enough.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from core.errors import InvalidInput
from core.text import clean_text
from roadmap import calendar, errors
from roadmap.draft_checks import AMOUNT
from roadmap.errors import Problem

MAXIMUM_BYTES = 40_000_000
MAXIMUM_ROWS = 300_000
_SUPPORT = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)
# A number somebody wrote with its unit.
_WITH_UNIT = re.compile(r"[+-]?\d[\d.,\s]*\s*[^\W\d_][\w.]*", re.ASCII)
# What spreadsheets take for a formula; a quote before it makes it a text for them.
_FORMULA = re.compile(r"'*[=+\-@\t]")
_QUOTED_FORMULA = re.compile(r"'+[=+\-@\t]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line it begins on, and its cells by column name, stripped of blanks.

    In a workbook ``letters`` says in which of the sheet's columns (A, B, …) each is.
    """

    line: int
    cells: Mapping[str, str]
    letters: Mapping[str, str] = field(default_factory=dict)

    def label(self, column: str) -> str:
        """The column as a message names it."""
        letter = self.letters.get(column)
        return f"{column} (cell {letter}{self.line})" if letter else column


def read_text(path: Path, problems: list[Problem]) -> str | None:
    """The file's text, or ``None`` with the reason added to ``problems``."""

    def refuse(reason: str, line: int | None = None) -> None:
        problems.append(Problem(errors.UnreadableFile.code, path.name, line, None, reason))

    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            refuse(f"the file is larger than {MAXIMUM_BYTES:,} bytes")
            return None
        content = path.read_bytes()
    except FileNotFoundError:
        refuse("the file is missing")
        return None
    except OSError as error:
        refuse(f"the file cannot be read: {error.strerror}")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        refuse("expected text in UTF-8; save the file as “CSV UTF-8”", line)
        return None
    if "\x00" in text:
        refuse("contains a NUL character", text.count("\n", 0, text.index("\x00")) + 1)
        return None
    return text


def read_table(
    path: Path,
    *,
    required: Sequence[str],
    optional: Sequence[str],
    also: Collection[str] = (),
    problems: list[Problem],
) -> tuple[list[str], list[Row]]:
    """Header and rows of a table with these columns, in any order.

    What is wrong goes to ``problems``. Columns ``also`` may be there; messages do not list them.
    """
    text = read_text(path, problems)
    if text is None:
        return [], []
    first_line = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    header: list[str] | None = None
    line = 1

    def refuse(reason: str, line: int, kind: type[errors.UnreadableRoadmap]) -> None:
        problems.append(Problem(kind.code, path.name, line, None, reason))

    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                found = wrong_columns(path.name, begins, header, required, optional, also)
                if found:
                    problems += found
                    return [], []
            elif len(cells) != len(header):
                reason = f"expected {len(header)} cells, found {len(cells)}"
                refuse(reason, begins, errors.InvalidCell)
            elif len(rows) == MAXIMUM_ROWS:
                refuse(f"has more than {MAXIMUM_ROWS:,} rows", begins, errors.UnreadableFile)
                return header, []
            else:
                rows.append(Row(begins, dict(zip(header, map(_unquote, cells), strict=True))))
    except csv.Error as error:
        reason = f"is not a well-formed CSV file: {error}"
        refuse(reason, reader.line_num, errors.UnreadableFile)
        return [], []
    if header is None:
        reason = "expected a first line with the names of the columns: " + ", ".join(required)
        refuse(reason, 1, errors.WrongColumns)
    return header or [], rows


def wrong_columns(
    file: str,
    line: int,
    header: list[str],
    required: Sequence[str],
    optional: Sequence[str],
    also: Collection[str] = (),
) -> list[Problem]:
    """What is wrong with the names of the columns."""
    expected = "expected columns are " + ", ".join(required)
    if optional:
        expected += "; optional " + ", ".join(optional)
    reasons = [
        (name, f"this column is missing; {expected}") for name in required if name not in header
    ]
    for name in dict.fromkeys(header):
        if name not in required and name not in optional and name not in also:
            reasons.append((name or "(no name)", f"there is no such column; {expected}"))
        elif header.count(name) > 1:
            reasons.append((name, "this column is there twice"))
    return [
        Problem(errors.WrongColumns.code, file, line, column, reason) for column, reason in reasons
    ]


def _unquote(cell: str) -> str:
    """The cell without blanks around it, and without the quote that keeps it from being run."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and _QUOTED_FORMULA.match(cell) else cell


class Cells:
    """The cells of one row, read as what they should be; what is wrong goes to ``problems``."""

    def __init__(self, file: str, row: Row, problems: list[Problem]) -> None:
        self.file = file
        self.row = row
        self.problems = problems

    def refuse(
        self, column: str, reason: str, kind: type[errors.UnreadableRoadmap] = errors.InvalidCell
    ) -> None:
        row = self.row
        self.problems.append(Problem(kind.code, self.file, row.line, row.label(column), reason))

    def text(self, column: str, *, maximum: int, required: bool = False) -> str:
        """The cell's text in NFC; empty where the column is not there."""
        value = self.row.cells.get(column, "")
        if required and not value:
            self.refuse(column, "expected a text, found an empty cell")
        try:
            return clean_text(value, where=column, maximum=maximum)
        except InvalidInput as error:
            self.refuse(column, str(error.params["reason"]))
            return ""

    def whole_number(
        self,
        column: str,
        *,
        minimum: int,
        maximum: int,
        required: bool = True,
        below: type[errors.UnreadableRoadmap] = errors.InvalidCell,
    ) -> int | None:
        """A whole number between the two; ``None`` where it is missing or wrong."""
        value = self.row.cells.get(column, "")
        if not value and not required:
            return None
        digits = value.removeprefix("-").removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and value[:2] not in ("-+", "+-")):
            self.refuse(column, f"expected a whole number, found {shorten(value)}")
        elif len(digits.lstrip("0")) > 12 or not minimum <= int(value) <= maximum:
            kind = below if value.startswith("-") else errors.InvalidCell
            reason = f"expected a whole number from {minimum:,} to {maximum:,}, found"
            self.refuse(column, f"{reason} {shorten(value)}", kind)
        else:
            return int(value)
        return None

    def days(
        self, column: str, *, maximum: int, minimum: int = 0, required: bool = True
    ) -> int | None:
        """A whole number of days; ``None`` where it is missing or wrong."""
        value = self.row.cells.get(column, "")
        if _WITH_UNIT.fullmatch(value):
            self.refuse(
                column,
                f"expected a whole number of days without a unit, found {shorten(value)}",
            )
            return None
        return self.whole_number(
            column,
            minimum=minimum,
            maximum=maximum,
            required=required,
            below=errors.InvalidCell if minimum else errors.NegativeDuration,
        )

    def date(self, column: str, *, end: bool = False) -> date | None:
        """A day, or a quarter's first (or with ``end`` last) one; ``None`` where it is neither."""
        value = self.row.cells.get(column, "")
        if not value:
            return None
        day = calendar.read_date(value, end=end)
        if day is None:
            self.refuse(column, f"expected {calendar.EXPECTED}, found {shorten(value)}")
        return day

    def amount(self, column: str) -> Decimal | None:
        """An amount in euros; ``None`` where it is missing or wrong."""
        value = self.row.cells.get(column, "")
        if not value:
            return None
        if not AMOUNT.fullmatch(value):
            reason = "expected an amount in euros such as 1500000 or 1500000.50, as a plain number"
            self.refuse(column, f"{reason}, found {shorten(value)}")
            return None
        return Decimal(value)

    def support(self, column: str) -> Decimal:
        """How much speaks for a dependency; 1 where nothing is given."""
        value = self.row.cells.get(column, "") or "1"
        if _SUPPORT.fullmatch(value):
            return Decimal(value)
        reason = "expected a number such as 2 or 0.5, zero or more, with at most 9 digits"
        self.refuse(column, f"{reason} before the point and 6 after it, found {shorten(value)}")
        return Decimal(1)

    def choice(self, column: str, choices: Sequence[str], *, empty: bool = False) -> str:
        """One of ``choices``, in whatever case; the first one (or nothing) where it is wrong."""
        value = self.row.cells.get(column, "")
        if empty and not value:
            return ""
        for choice in choices:
            if value.upper() == choice.upper():
                return choice
        self.refuse(column, f"expected one of {', '.join(choices)}, found {shorten(value)}")
        return "" if empty else choices[0]


def shorten(value: str) -> str:
    """A value as a message quotes it."""
    return f"“{value[:40]}…”" if len(value) > 40 else f"“{value}”"


def write_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table that ``read_table`` and spreadsheets read: UTF-8 with mark, commas, CRLF."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    writer.writerows([_quote(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _quote(cell: object) -> object:
    """A text that a spreadsheet would run gets a quote before it; ``read_table`` takes it off."""
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
