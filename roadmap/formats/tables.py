"""CSV tables as people's spreadsheets write them: reading with line numbers, and writing.

UTF-8 with or without a byte order mark; `,` or `;` between cells; any line end; quoted cells may
span lines. Everything wrong is collected, with file, line and column, so that one correction round
is enough.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidInput
from core.text import clean_text
from roadmap import errors
from roadmap.errors import Problem

MAXIMUM_BYTES = 20_000_000
MAXIMUM_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line it begins on, and its cells by column name, stripped of blanks."""

    line: int
    cells: Mapping[str, str]


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
    path: Path, *, required: Sequence[str], optional: Sequence[str], problems: list[Problem]
) -> list[Row]:
    """The rows of a table with these columns, in any order; what is wrong goes to ``problems``."""
    text = read_text(path, problems)
    if text is None:
        return []
    first_line = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    header: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                found = _wrong_columns(path.name, begins, header, required, optional)
                if found:
                    problems += found
                    return []
            elif len(cells) != len(header):
                reason = f"expected {len(header)} cells, found {len(cells)}"
                problems.append(Problem(errors.InvalidCell.code, path.name, begins, None, reason))
            elif len(rows) == MAXIMUM_ROWS:
                reason = f"has more than {MAXIMUM_ROWS:,} rows"
                problems.append(
                    Problem(errors.UnreadableFile.code, path.name, begins, None, reason)
                )
                return []
            else:
                rows.append(Row(begins, dict(zip(header, map(str.strip, cells), strict=True))))
    except csv.Error as error:
        reason = f"is not a well-formed CSV file: {error}"
        problems.append(
            Problem(errors.UnreadableFile.code, path.name, reader.line_num, None, reason)
        )
        return []
    if header is None:
        reason = "expected a first line with the names of the columns: " + ", ".join(required)
        problems.append(Problem(errors.WrongColumns.code, path.name, 1, None, reason))
    return rows


def _wrong_columns(
    file: str, line: int, header: list[str], required: Sequence[str], optional: Sequence[str]
) -> list[Problem]:
    expected = "expected columns are " + ", ".join(required)
    if optional:
        expected += "; optional " + ", ".join(optional)
    reasons = [
        (name, f"this column is missing; {expected}") for name in required if name not in header
    ]
    for name in dict.fromkeys(header):
        if name not in required and name not in optional:
            reasons.append((name or "(no name)", f"there is no such column; {expected}"))
        elif header.count(name) > 1:
            reasons.append((name, "this column is there twice"))
    return [
        Problem(errors.WrongColumns.code, file, line, column, reason) for column, reason in reasons
    ]


class Cells:
    """The cells of one row, read as what they should be; what is wrong goes to ``problems``."""

    def __init__(self, file: str, row: Row, problems: list[Problem]) -> None:
        self.file = file
        self.row = row
        self.problems = problems

    def refuse(
        self, column: str, reason: str, kind: type[errors.UnreadableRoadmap] = errors.InvalidCell
    ) -> None:
        self.problems.append(Problem(kind.code, self.file, self.row.line, column, reason))

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

    def choice(self, column: str, choices: Sequence[str]) -> str:
        """One of ``choices``, in capitals; the first one where it is wrong."""
        value = self.row.cells.get(column, "").upper()
        if value not in choices:
            found = shorten(self.row.cells.get(column, ""))
            self.refuse(column, f"expected one of {', '.join(choices)}, found {found}")
            return choices[0]
        return value


def shorten(value: str) -> str:
    """A value as a message quotes it."""
    return f"“{value[:40]}…”" if len(value) > 40 else f"“{value}”"


def write_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table that ``read_table`` and spreadsheets read: UTF-8 with mark, commas, CRLF."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")
