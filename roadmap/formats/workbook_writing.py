"""A roadmap as a workbook (XLSX) that a person edits: writing. ``workbook`` reads it back."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from core.text import LocalizedText
from roadmap.draft import AGENDAS, STAGES, BudgetSource, Draft, Kpi
from roadmap.errors import NotWritable
from roadmap.formats import columns
from roadmap.formats.columns import Writer
from roadmap.planning.network import Kind

# What spreadsheets hold in one cell.
LONGEST_CELL = 32_767
# Rows beyond the last one that still offer the lists to choose from.
_SPARE_ROWS = 500
_WIDTHS = {
    "code": 14, "title": 44, "area": 18, "description": 60, "name": 40, "text": 80, "rationale": 50,
    "participants": 36, "themes": 30, "links": 44, "standards": 30, "spectrum": 30, "lead": 24,
    "from": 14, "to": 14, "chapter": 14, "paragraph": 14, "kind": 8, "agenda": 10,
}  # fmt: skip
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FORMULA_SIGNS = ("=", "+", "-", "@")
_HEADING = PatternFill("solid", start_color="FFDCE6F2")
_WRAPPED = Alignment(wrap_text=True, vertical="top")


@dataclass(frozen=True, slots=True)
class _Choice:
    """Values that a column offers: a list, or the cells of another sheet."""

    column: str
    formula: str


@dataclass(frozen=True, slots=True)
class _ChapterRow:
    chapter: str
    title: LocalizedText
    area: str
    paragraph: str
    text: LocalizedText


@dataclass(frozen=True, slots=True)
class _Table:
    """A sheet: its columns with what writes their cells, its rows, and the columns with lists."""

    name: str
    writers: Mapping[str, Writer]
    rows: Sequence[Any]
    choices: tuple[_Choice, ...] = ()


def write_workbook(draft: Draft) -> bytes:
    """``draft`` as a workbook that ``read_workbook`` reads back to the same draft.

    Raises ``NotWritable`` where a text is longer than a cell may be.
    """
    tables = list(_tables(draft, draft.title.fallback if draft.title else "en"))
    for table in tables:
        _check_lengths(table)
    book = openpyxl.Workbook(write_only=True)
    _write_read_me(book)
    for table in tables:
        _write_table(book, table)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _tables(draft: Draft, language: str) -> Iterator[_Table]:
    codes = f"=Milestones!$A$2:$A${len(draft.milestones) + _SPARE_ROWS}"
    areas = f"=Areas!$A$2:$A${len(draft.areas) + _SPARE_ROWS}"
    choices = [_Choice("agenda", _listed(AGENDAS)), _Choice("stage", _listed(STAGES))]
    if "areas" not in draft.silent:
        choices.append(_Choice("area", areas))
    yield _Table(
        "Milestones", columns.milestone_writers(draft, language), draft.milestones, tuple(choices)
    )
    yield _Table(
        "Dependencies", columns.dependency_writers(draft, language), draft.dependencies,
        (
            _Choice("from", codes),
            _Choice("to", codes),
            _Choice("kind", _listed([kind.value for kind in Kind])),
            _Choice("ruling", _listed(("keep", "suspend"))),
        ),
    )  # fmt: skip
    if "kpis" not in draft.silent:
        kpis = columns.kpi_rows(draft)
        writers = columns.kpi_writers(kpis, language)
        for column in ("baseline", "target"):
            writers[column] = _number_writer(column)
        yield _Table("KPIs", writers, kpis, (_Choice("code", codes),))
    if "areas" not in draft.silent:
        rows = [
            _Area(code, title, draft.parents.get(code, "")) for code, title in draft.areas.items()
        ]
        writers = {"code": lambda row: row.code}
        writers |= columns.localized_writers(rows, "title", language, frozenset())
        if "parents" not in draft.silent:
            writers["parent"] = lambda row: row.parent
        yield _Table("Areas", writers, rows, (_Choice("parent", areas),))
    if draft.chapters is not None:
        yield _chapters(draft, language)
    if draft.title is not None or draft.start is not None:
        about = [_About(draft.title or LocalizedText({}))]
        writers = columns.localized_writers(about, "title", language, frozenset())
        # Here, nothing is the default language of the others: it is always named.
        writers["title_language"] = lambda row: row.title.fallback
        yield _Table("Roadmap", writers | {"start": lambda row: draft.start}, about)


def _chapters(draft: Draft, language: str) -> _Table:
    """One row a paragraph; a chapter without any has a row of its own."""
    rows = [
        _ChapterRow(chapter.code, chapter.title, chapter.area, code, text)
        for chapter in draft.chapters or ()
        for code, text in [(each.code, each.text) for each in chapter.paragraphs]
        or [("", LocalizedText({}))]
    ]
    writers: dict[str, Writer] = {"chapter": lambda row: row.chapter}
    writers |= columns.localized_writers(rows, "title", language, frozenset())
    writers |= {"area": lambda row: row.area, "paragraph": lambda row: row.paragraph}
    writers |= columns.localized_writers(rows, "text", language, frozenset())
    return _Table("Chapters", writers, rows)


@dataclass(frozen=True, slots=True)
class _About:
    title: LocalizedText


@dataclass(frozen=True, slots=True)
class _Area:
    code: str
    title: LocalizedText
    parent: str


def _check_lengths(table: _Table) -> None:
    for column, write in table.writers.items():
        for row in table.rows:
            value = write(row)
            if isinstance(value, str) and len(_escape(value)) > LONGEST_CELL:
                where = f"{table.name}, {column}"
                raise NotWritable(where=where, format="xlsx", limit=f"{LONGEST_CELL:,}")


def _write_table(book: Any, table: _Table) -> None:
    sheet = book.create_sheet(table.name)
    sheet.freeze_panes = "B2"
    headings = []
    letters = {}
    for position, column in enumerate(table.writers, start=1):
        letters[column] = letter = get_column_letter(position)
        sheet.column_dimensions[letter].width = _width(column)
        cell = WriteOnlyCell(sheet, column)
        cell.font, cell.fill = Font(bold=True), _HEADING
        headings.append(cell)
    sheet.append(headings)
    for row in table.rows:
        sheet.append([_cell(sheet, write(row)) for write in table.writers.values()])
    for choice in table.choices:
        if choice.column in letters:
            rule = DataValidation(type="list", formula1=choice.formula, allow_blank=True)
            rule.error = "Please choose one of the values in the list."
            letter = letters[choice.column]
            rule.add(f"{letter}2:{letter}{len(table.rows) + _SPARE_ROWS}")
            sheet.data_validations.dataValidation.append(rule)


def _width(column: str) -> int:
    return _WIDTHS.get(column) or _WIDTHS.get(column.rpartition("_")[0]) or 16


def _cell(sheet: Any, value: object) -> Any:
    """The value as a cell: numbers and dates as such, and text that is never run."""
    if value is None or value == "":
        return None
    if isinstance(value, date) and value.year < 1905:  # before spreadsheets' time
        value = value.isoformat()
    if not isinstance(value, str):
        return value
    text = _escape(value)
    signed = text.startswith(_FORMULA_SIGNS)
    if not signed and "\n" not in text and not text.startswith("#"):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    if signed:
        cell.quotePrefix = True
    if "\n" in text:
        cell.alignment = _WRAPPED
    return cell


def _escape(text: str) -> str:
    """What XML cannot hold, as spreadsheets write it."""
    return _NOT_IN_XML.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def _number_writer(column: str) -> Writer:
    """Exact decimals: as a number where the workbook keeps every digit, else as text."""

    def write(row: tuple[str, Kpi]) -> object:
        text: str = getattr(row[1], column)
        if not text:
            return None
        number = Decimal(text)
        if number == number.to_integral_value():
            return int(number) if str(int(number)) == text and len(text) <= 15 else text
        return float(text) if repr(float(text)) == text and len(text) <= 15 else text

    return write


def _listed(values: Iterable[str]) -> str:
    return f'"{",".join(values)}"'


def _write_read_me(book: Any) -> None:
    sheet = book.create_sheet("Read me")
    sheet.column_dimensions["A"].width = 100
    for number, line in enumerate(_READ_ME):
        cell = WriteOnlyCell(sheet, line)
        cell.alignment = _WRAPPED
        if number == 0:
            cell.font = Font(bold=True, size=14)
        sheet.append([cell])


_READ_ME = (
    "A roadmap, to be edited and imported again",
    "Milestones: one row each. The code is its name and never changes; a row with a new code is a"
    " new milestone, a row that is gone is a milestone that is gone.",
    "A column that you delete says nothing: what the roadmap has stays. A cell that you empty"
    " clears what was there.",
    "Durations and lags are whole numbers of days, without a unit. Dates are dates (2027-09-30) or"
    " quarters (2027-Q3): the first day where something starts, the last where it ends.",
    "Budgets are plain numbers in euros, one column for each source: "
    + ", ".join(source.value for source in BudgetSource) + ".",
    "Several entries in one cell are separated by a semicolon. Links to others read:"
    " programme: Digital Europe <https://example.org>; the words before the colon are partnership,"
    " programme or project.",
    "Texts in other languages have columns of their own, such as title_fr or description_de;"
    " title_language names the language of title where it is not the roadmap's.",
    "Dependencies: kind is FS (finish to start), SS, FF or SF; lag_days may be negative; ruling is"
    " keep, suspend or empty.",
    "KPIs: one row for each measure, with the code of its milestone; due is a date, a quarter or a"
    " year.",
    "Please do not merge cells, and paste values rather than formulas. Everything that is wrong is"
    " named with its sheet and cell, and nothing is changed before you have confirmed it.",
)  # fmt: skip
