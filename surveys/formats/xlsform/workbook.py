"""The cells of an ``.xlsx`` workbook as texts, with limits that no file can get past.

A workbook is a zip archive of XML. Its directory is looked at before anything is unpacked, and its
parts are searched for document types (entities) before anything is parsed. Formulas are never
evaluated: their text is what there is.
"""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
from openpyxl.styles.stylesheet import Stylesheet  # noqa: F401  (loaded before warnings are caught)

from surveys.errors import UnreadableFile

MAX_BYTES = 10 * 1024**2
MAX_UNPACKED = 60 * 1024**2
MAX_PARTS = 2_000
# What spreadsheets compress to is well above one part in a hundred; bombs are far below.
MAX_RATIO = 250
RATIO_MATTERS = 1024**2
MAX_SHEETS = 50
MAX_ROWS = 10_000
MAX_COLUMNS = 300
MAX_CELLS = 200_000
MAX_PLACES = 8_000_000

_DOCTYPE = re.compile(rb"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T|E\x00?N\x00?T)", re.IGNORECASE)
_CHUNK = 1024**2


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a sheet: ``number`` as the spreadsheet counts, texts by heading (as written)."""

    number: int
    cells: dict[str, str]
    # The headings of cells that hold a formula.
    formulas: frozenset[str] = frozenset()


@dataclass(slots=True)
class Sheet:
    """``headings`` in the order of the columns; rows without any text are left out."""

    name: str
    headings: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def read_workbook(data: bytes, wanted: Iterable[str]) -> tuple[dict[str, Sheet], list[str]]:
    """The ``wanted`` sheets that there are, by lower-case name, and the names of all sheets.

    Raises ``UnreadableFile`` for what is no workbook, or larger than any questionnaire.
    """
    _check_archive(data)
    names = set(wanted)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(data), read_only=True, data_only=False, keep_links=False
            )
            if len(book.sheetnames) > MAX_SHEETS:
                raise UnreadableFile(reason=f"The workbook has more than {MAX_SHEETS} sheets.")
            found: dict[str, Sheet] = {}
            budget = _Budget()
            for name in book.sheetnames:
                key = name.strip().lower()
                sheet: Any = book[name]
                if key in names and key not in found and hasattr(sheet, "reset_dimensions"):
                    found[key] = _read_sheet(sheet, key, budget)
            return found, list(book.sheetnames)
    except UnreadableFile:
        raise
    except MemoryError:
        raise
    except Exception as error:  # the library raises whatever a broken part leads it to
        raise UnreadableFile(
            reason=f"The workbook cannot be read ({type(error).__name__}: {str(error)[:200]})."
        ) from None


class _Budget:
    """How many cells may still be read, and how many places for cells be passed over."""

    def __init__(self) -> None:
        self.cells = MAX_CELLS
        self.places = MAX_PLACES

    def take(self, cells: int, places: int, sheet: str, row: int) -> None:
        self.cells -= cells
        self.places -= places
        if self.cells < 0 or self.places < 0:
            raise UnreadableFile(
                reason=f"Sheet {sheet}, row {row}: the workbook has more than {MAX_CELLS:,} cells."
            )


def _check_archive(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise UnreadableFile(reason=f"The file is larger than {MAX_BYTES // 1024**2} MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_sizes(parts)
            if "[Content_Types].xml" not in archive.NameToInfo:
                raise UnreadableFile(reason="The file is a zip archive, but not a workbook.")
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _check_markup(archive, part)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
        OSError,
    ) as error:  # fmt: skip
        raise UnreadableFile(
            reason=f"The file is not a whole .xlsx workbook ({str(error)[:200]})."
        ) from None


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    """By what the directory says; reading stops there, whatever the data would unpack to."""
    if len(parts) > MAX_PARTS:
        raise UnreadableFile(reason=f"The archive has more than {MAX_PARTS:,} parts.")
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise UnreadableFile(
            reason=f"The workbook unpacks to more than {MAX_UNPACKED // 1024**2} MB."
        )
    for part in parts:
        ratio = part.file_size / max(part.compress_size, 1)
        if part.file_size > RATIO_MATTERS and ratio > MAX_RATIO:
            raise UnreadableFile(
                reason=f"{part.filename[:80]} unpacks to {ratio:.0f} times its size; "
                f"expected at most {MAX_RATIO}."
            )


def _check_markup(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No document type: without one there are no entities."""
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if _DOCTYPE.search(tail + chunk):
                raise UnreadableFile(
                    reason=f"{part.filename[:80]} declares a document type or entities; "
                    "a workbook has none."
                )
            tail = chunk[-16:]


def _read_sheet(sheet: Any, name: str, budget: _Budget) -> Sheet:
    # What the sheet says about its own size may be anything.
    sheet.reset_dimensions()
    read = Sheet(name)
    headings: list[str] | None = None
    blank: object = None
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if cells is blank:
            continue  # the same for every row that is not in the file
        texts = list(_texts(cells))
        budget.take(len(texts), len(cells), name, number)
        if not texts:
            blank = cells
            continue
        if number > MAX_ROWS:
            raise UnreadableFile(reason=f"Sheet {name}: more than {MAX_ROWS:,} rows.")
        if texts[-1][0] >= MAX_COLUMNS:
            raise UnreadableFile(
                reason=f"Sheet {name}, row {number}: more than {MAX_COLUMNS} columns."
            )
        if headings is None:
            headings = [""] * (texts[-1][0] + 1)
            for column, text, _ in texts:
                if text.strip() in headings:
                    raise UnreadableFile(
                        reason=f"Sheet {name}, row {number}: "
                        f"there are two columns {text.strip()[:60]!r}."
                    )
                headings[column] = text.strip()
            read.headings = [heading for heading in headings if heading]
            continue
        named = [
            (headings[column], text, formula)
            for column, text, formula in texts
            if column < len(headings) and headings[column]
        ]
        if named:
            read.rows.append(
                Row(
                    number,
                    {heading: text for heading, text, _ in named},
                    frozenset(heading for heading, _, formula in named if formula),
                )
            )
    return read


def _texts(cells: tuple[Any, ...]) -> Iterator[tuple[int, str, bool]]:
    """(column from 0, text, whether it is a formula) of every cell that says something."""
    for column, cell in enumerate(cells):
        if cell.value is None:
            continue
        text = _text(cell.value)
        if text.strip():
            yield column, text, cell.data_type == "f"


def _text(value: Any) -> str:
    """What a cell says, as text: whole numbers without decimals, days as 2026-11-22."""
    match value:
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            # A formula over several cells is an object that holds its text.
            return str(getattr(value, "text", None) or "")
