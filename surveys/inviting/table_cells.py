"""Tables written for spreadsheets, in which no cell is taken for a formula. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

# What makes spreadsheets compute a cell instead of showing it (OWASP, "CSV injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def defuse(cell: str) -> str:
    """``cell`` with an apostrophe in front where a spreadsheet would compute it."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file (RFC 4180) in UTF-8 with a byte order mark, by which Excel knows it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([defuse(heading) for heading in headings])
    writer.writerows([defuse(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")
