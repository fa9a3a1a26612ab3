"""Rows of texts as an ``.xlsx`` workbook in which nothing is a formula."""

import io
from collections.abc import Mapping

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

Rows = list[dict[str, str]]

# What spreadsheets take for the beginning of a formula.
_FORMULA_SIGNS = ("=", "+", "-", "@")
_WIDTHS = {"type": 24, "name": 20, "list_name": 20}


def write_workbook(sheets: Mapping[str, tuple[list[str], Rows]]) -> bytes:
    """A workbook of ``sheets``: by name, headings and rows of texts by heading."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, (headings, rows) in sheets.items():
        sheet = book.create_sheet(name)
        for column, heading in enumerate(headings, start=1):
            cell = sheet.cell(1, column, heading)
            cell.font = Font(bold=True)
            width = _WIDTHS.get(heading, 40 if "::" in heading else 18)
            sheet.column_dimensions[cell.column_letter].width = width
        sheet.freeze_panes = "A2"
        for number, row in enumerate(rows, start=2):
            for column, heading in enumerate(headings, start=1):
                if text := row.get(heading, ""):
                    cell = sheet.cell(number, column)
                    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
                    # A text stays one, also when somebody edits the cell.
                    cell.data_type = "s"
                    if text.startswith(_FORMULA_SIGNS):
                        cell.quotePrefix = True
                    if "\n" in text:
                        cell.alignment = Alignment(wrap_text=True, vertical="top")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
