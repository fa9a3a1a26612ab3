"""Writes XLSForm workbooks for tests, cell by cell, as people and other software do."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

import openpyxl

Rows = Iterable[Mapping[str, Any]]


def workbook(**sheets: list[list[Any]]) -> bytes:
    """A workbook of ``sheets``, each a list of lines of cells."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsform(
    survey: Rows,
    choices: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> bytes:
    """A form. ``choices``: by list, names and labels, or rows with more columns."""
    rows: list[Mapping[str, Any]] = []
    for name, members in (choices or {}).items():
        if isinstance(members, Mapping):
            members = [{"name": key, "label": label} for key, label in members.items()]
        rows += [{"list_name": name} | dict(member) for member in members]
    sheets = {"survey": table(list(survey))}
    if rows:
        sheets["choices"] = table(rows)
    if settings is not None:
        sheets["settings"] = table([settings])
    return workbook(**sheets)


def table(rows: list[Mapping[str, Any]]) -> list[list[Any]]:
    """Headings, then a line of cells for each row."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    return [list(headings), *([row.get(heading) for heading in headings] for row in rows)]


def ask(kind: str, name: str = "q", label: Any = "Question", **cells: Any) -> dict[str, Any]:
    """A row of the survey sheet."""
    return {"type": kind, "name": name, "label": label} | cells
