"""A roadmap as a workbook (XLSX) that a person edits: reading. See ``workbook_writing``.

One sheet a table, with the columns of the CSV files: Milestones, Dependencies; optional KPIs,
Areas, Chapters and Roadmap (title and start). Other sheets are named and not read. A cell says
what it shows: formulas, merged cells and hidden sheets are refused, because what they say is not
what a person sees.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.styles.stylesheet import Stylesheet  # noqa: F401  (loaded before warnings are caught)
from openpyxl.utils import get_column_letter

from core.text import LocalizedText
from roadmap import errors
from roadmap.draft import Draft, Kpi
from roadmap.errors import Problem
from roadmap.formats import columns
from roadmap.formats.archive import check_markup, open_archive, read_part
from roadmap.formats.assembling import Assembly, Place
from roadmap.formats.folder import add_dependencies, add_milestones, gather_kpis
from roadmap.formats.tables import MAXIMUM_ROWS, Cells, Row, wrong_columns

MAX_SHEETS = 50
MAX_COLUMNS = 300
MAX_CELLS = 6_000_000

# By lower-case name: columns that must, may, and may also be there.
SHEETS: Mapping[str, tuple[Sequence[str], Sequence[str], Collection[str]]] = {
    "milestones": (
        columns.MILESTONE_REQUIRED, columns.MILESTONE_OPTIONS,
        columns.translations("title", "description"),
    ),
    "dependencies": (
        columns.DEPENDENCY_REQUIRED, columns.DEPENDENCY_OPTIONS, columns.translations("rationale")
    ),
    "kpis": (columns.KPI_REQUIRED, columns.KPI_OPTIONS, columns.translations("name")),
    "areas": (("code", "title"), ("parent",), columns.translations("title")),
    "chapters": (
        ("chapter", "title"), ("area", "paragraph", "text"),
        columns.translations("title", "text"),
    ),
    "roadmap": (("title",), ("start",), columns.translations("title")),
}  # fmt: skip
_READ_ME = ("read me", "readme")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:$]{2,40})"')
# How spreadsheets write what XML cannot hold.
_ESCAPED = re.compile(r"_x00([01][0-9A-Fa-f])_")


@dataclass(slots=True)
class _Sheet:
    place: str  # as messages name it
    header: list[str]
    rows: list[Row]


def read_workbook(content: bytes, *, file: str, language: str = "en") -> Draft:
    """The roadmap in ``content``; raises ``UnreadableRoadmap`` with everything that is wrong."""
    archive = open_archive(content, file)
    check_markup(archive, file)
    problems: list[Problem] = []
    sheets, ignored = _read_sheets(content, archive, file, problems)
    for name in ("milestones", "dependencies"):
        if name not in sheets and not any(
            f"sheet {name}" in each.file.lower() for each in problems
        ):
            reason = f"there is no sheet {name.capitalize()}"
            problems.append(Problem(errors.UnreadableFile.code, file, None, None, reason))
    reader = _Reader(sheets, problems, language)
    return reader.read(ignored)


class _Reader:
    def __init__(self, sheets: dict[str, _Sheet], problems: list[Problem], language: str) -> None:
        self.sheets = sheets
        self.problems = problems
        self.language = language
        home = sheets["milestones"].place if "milestones" in sheets else "the workbook"
        self.assembly = Assembly(home=home, problems=problems)
        self.silent: set[str] = set()

    def read(self, ignored: list[tuple[str, str]]) -> Draft:
        title, start = self._roadmap()
        if title is not None:
            self.language = title.fallback
        self._areas()
        kpis = self._kpis()
        if sheet := self.sheets.get("milestones"):
            add_milestones(self.assembly, sheet.place, sheet.rows, self.language, kpis)
            self._note_silence(sheet, "milestones", ("title", "description"))
        if sheet := self.sheets.get("dependencies"):
            add_dependencies(self.assembly, sheet.place, sheet.rows, self.language)
            self._note_silence(sheet, "dependencies", ("rationale",))
        self._chapters()
        return self.assembly.finish(
            title=title,
            start=start,
            language=self.language,
            has_chapters="chapters" in self.sheets,
            silent=frozenset(self.silent),
            ignored=tuple(ignored),
        )

    def _note_silence(self, sheet: _Sheet, name: str, texts: Sequence[str]) -> None:
        self.silent |= columns.silent_fields(sheet.header, SHEETS[name][1], texts)

    def _roadmap(self) -> tuple[LocalizedText | None, date | None]:
        sheet = self.sheets.get("roadmap")
        if sheet is None or not sheet.rows:
            return None, None
        cells = Cells(sheet.place, sheet.rows[0], self.problems)
        for row in sheet.rows[1:]:
            Cells(sheet.place, row, self.problems).refuse("title", "expected one row only")
        title = columns.read_localized(cells, "title", self.language, maximum=500)
        return title if title else None, cells.date("start")

    def _areas(self) -> None:
        sheet = self.sheets.get("areas")
        if sheet is None or "parent" not in sheet.header:
            self.silent.add("parents")
        for row in sheet.rows if sheet else ():
            cells = Cells(sheet.place if sheet else "", row, self.problems)
            code = cells.text("code", maximum=80, required=True)
            title = columns.read_localized(
                cells, "title", self.language, maximum=500, required=True
            )
            if code and title:
                place = Place(cells.file, row.line, row.label)
                self.assembly.add_area(code, title, cells.text("parent", maximum=80), place)

    def _kpis(self) -> dict[str, list[Kpi]]:
        sheet = self.sheets.get("kpis")
        if sheet is None:
            self.silent.add("kpis")
            return {}
        if milestones := self.sheets.get("milestones"):
            known = {row.cells["code"] for row in milestones.rows}
            for row in sheet.rows:
                code = row.cells["code"]
                if code and code not in known:
                    Cells(sheet.place, row, self.problems).refuse(
                        "code", f"there is no milestone “{code[:40]}”", errors.UnknownMilestone
                    )
        return gather_kpis(sheet.place, sheet.rows, self.language, self.problems)

    def _chapters(self) -> None:
        sheet = self.sheets.get("chapters")
        chapters: dict[str, tuple[Cells, LocalizedText, list[tuple[str, LocalizedText]]]] = {}
        for row in sheet.rows if sheet else ():
            cells = Cells(sheet.place if sheet else "", row, self.problems)
            code = cells.text("chapter", maximum=64, required=True)
            title = columns.read_localized(
                cells, "title", self.language, maximum=300, required=code not in chapters
            )
            paragraph = cells.text("paragraph", maximum=64)
            text = columns.read_localized(cells, "text", self.language, maximum=50_000)
            _, _, paragraphs = chapters.setdefault(code, (cells, title, []))
            if paragraph:
                paragraphs.append((paragraph, text))
            elif text:
                cells.refuse("paragraph", "expected the code of the paragraph")
        for code, (cells, title, paragraphs) in chapters.items():
            if code and title:
                place = Place(cells.file, cells.row.line, cells.row.label)
                area = cells.text("area", maximum=80)
                self.assembly.add_chapter(code, title, area, paragraphs, place)


def _read_sheets(
    content: bytes, archive: zipfile.ZipFile, file: str, problems: list[Problem]
) -> tuple[dict[str, _Sheet], list[tuple[str, str]]]:
    """The sheets we know, by lower-case name, and what else there is."""

    def unreadable(reason: str) -> errors.UnreadableRoadmap:
        return errors.refuse([Problem(errors.UnreadableFile.code, file, None, None, reason)])

    sheets: dict[str, _Sheet] = {}
    ignored = []
    budget = [MAX_CELLS]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=False, keep_links=False
            )
            if len(book.sheetnames) > MAX_SHEETS:
                raise unreadable(f"has more than {MAX_SHEETS} sheets")
            for title in book.sheetnames:
                name, sheet = title.strip().lower(), _as_any(book[title])
                place = f"{file}, sheet {title.strip()}"
                known = name in SHEETS and hasattr(sheet, "reset_dimensions")
                if not known or name in sheets:
                    if name not in _READ_ME:
                        why = f"only the sheets {', '.join(map(str.capitalize, SHEETS))} are read"
                        ignored.append((f"sheet {title.strip()[:60]}", why))
                    continue
                if sheet.sheet_state != "visible":
                    reason = "is hidden: make it visible, or delete it"
                    problems.append(Problem(errors.UnreadableFile.code, place, None, None, reason))
                    continue
                _refuse_merged(archive, sheet, place, file, problems)
                read = _read_sheet(sheet, place, name, budget, problems)
                if read is not None:
                    sheets[name] = read
    except errors.UnreadableRoadmap:
        raise
    except MemoryError:
        raise
    except Exception as error:  # the library raises whatever a broken part leads it to
        reason = f"the workbook cannot be read ({type(error).__name__}: {str(error)[:200]})"
        raise unreadable(reason) from None
    return sheets, ignored


def _as_any(value: object) -> Any:
    return value


def _refuse_merged(
    archive: zipfile.ZipFile, sheet: Any, place: str, file: str, problems: list[Problem]
) -> None:
    markup = read_part(archive, sheet._worksheet_path, file)
    for match in list(_MERGED.finditer(markup, markup.rfind(b"</sheetData>")))[:200]:
        cells = match[1].decode("ascii")
        reason = f"the cells {cells} are merged; expected a value of its own in each cell"
        problems.append(Problem(errors.InvalidCell.code, place, None, cells, reason))


def _read_sheet(
    sheet: Any, place: str, name: str, budget: list[int], problems: list[Problem]
) -> _Sheet | None:
    # What the sheet says about its own size may be anything.
    sheet.reset_dimensions()
    read: _Sheet | None = None
    letters: dict[str, str] = {}
    blank: object = None

    def refuse(line: int, column: str | None, reason: str, kind: type[Any]) -> None:
        problems.append(Problem(kind.code, place, line, column, reason))

    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if cells is blank:
            continue  # the same for every row that is not in the file
        texts = {}
        for position, cell in enumerate(cells):
            if cell.value is None:
                continue
            if cell.data_type == "f" or cell.data_type == "e":
                what = "a formula" if cell.data_type == "f" else f"the error {cell.value}"
                where = f"cell {get_column_letter(position + 1)}{number}"
                refuse(
                    number, where, f"expected a value, found {what}; paste values only",
                    errors.InvalidCell,
                )  # fmt: skip
                continue
            if text := _text(cell.value):
                texts[position] = text
        budget[0] -= len(cells)
        if budget[0] < 0:
            refuse(number, None, "the workbook has too many cells", errors.UnreadableFile)
            return None
        if not texts:
            blank = cells if not any(cell.value is not None for cell in cells) else None
            continue
        if max(texts) >= MAX_COLUMNS:
            refuse(number, None, f"expected at most {MAX_COLUMNS} columns", errors.UnreadableFile)
            return None
        if read is None:
            header = [texts.get(position, "").lower() for position in range(max(texts) + 1)]
            while header and not header[-1]:
                header.pop()
            if found := wrong_columns(place, number, header, *SHEETS[name]):
                problems += found
                return None
            letters = {
                column: get_column_letter(position + 1) for position, column in enumerate(header)
            }
            read = _Sheet(place, header, [])
            continue
        if len(read.rows) == MAXIMUM_ROWS:
            refuse(number, None, f"has more than {MAXIMUM_ROWS:,} rows", errors.UnreadableFile)
            return None
        if beyond := [position for position in texts if position >= len(read.header)]:
            where = f"cell {get_column_letter(beyond[0] + 1)}{number}"
            refuse(number, where, "this column has no heading", errors.WrongColumns)
        values = {column: texts.get(position, "") for position, column in enumerate(read.header)}
        if any(values.values()):
            read.rows.append(Row(number, values, letters))
    if read is None:
        expected = ", ".join(SHEETS[name][0])
        reason = f"expected a first row with the names of the columns: {expected}"
        refuse(1, None, reason, errors.WrongColumns)
    return read


def _text(value: Any) -> str:
    """What a cell says, as a text table has it: 12, 0.5, 2026-11-22."""
    match value:
        case str():
            text = value.replace("\r\n", "\n").replace("\r", "\n")
            if "_x00" in text:
                text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
            return text.strip()
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(value)
        case datetime():
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return format(Decimal(repr(value)), "f")
