"""How fast the tagged roadmap PDF is made, beside reportlab's own layout of the same text untagged.

Run: ``.venv/bin/python -m benchmarks.bench_pdf``. Both in this process, taking turns, best of five.
The yardstick sets the very texts of the document, paragraph by paragraph and cell by cell, with
reportlab's Paragraph and Table and the same fonts: no structure tree, no bookmarks, no figures.
"""

import time
from collections.abc import Callable
from io import BytesIO
from xml.sax.saxutils import escape

from pypdf import PdfReader
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from exports import pdf
from exports.pdf import fonts
from exports.pdf import paragraph as tagged_paragraph
from exports.pdf import table as tagged_table
from tests.editions import edition_document

ROUNDS = 5
_WIDTH = 470.0


def recorded_texts() -> list[str | list[list[str]]]:
    """What one rendering sets: texts of paragraphs, and tables as rows of texts, in order."""
    made: list[str | list[list[str]]] = []
    in_cells: set[int] = set()
    plain, tables = tagged_paragraph.Paragraph.__init__, tagged_table.Table.__init__
    paragraphs: list[object] = []

    def text(paragraph: object) -> str:
        return "".join(run.text for run in paragraph.runs)  # type: ignore[attr-defined]

    def note_paragraph(self, *arguments, **options):  # type: ignore[no-untyped-def]
        plain(self, *arguments, **options)
        paragraphs.append(self)

    def note_table(self, header, rows, *arguments, **options):  # type: ignore[no-untyped-def]
        tables(self, header, rows, *arguments, **options)
        cells = [list(header), *(list(row.cells) for row in rows)]
        in_cells.update(id(cell) for row in cells for cell in row)
        made.append([[text(cell) for cell in row] for row in cells])

    tagged_paragraph.Paragraph.__init__ = note_paragraph  # type: ignore[method-assign]
    tagged_table.Table.__init__ = note_table  # type: ignore[method-assign]
    try:
        pdf.render(edition_document())
    finally:
        tagged_paragraph.Paragraph.__init__ = plain  # type: ignore[method-assign]
        tagged_table.Table.__init__ = tables  # type: ignore[method-assign]
    made += [text(one) for one in paragraphs if id(one) not in in_cells]
    return made


def untagged(texts: list[str | list[list[str]]]) -> bytes:
    """The same texts with reportlab's own layout."""
    body = ParagraphStyle("body", fontName="waymark-regular", fontSize=9.5, leading=14)
    cell = ParagraphStyle("cell", fontName="waymark-regular", fontSize=8, leading=11)
    story: list[object] = []
    for one in texts:
        if isinstance(one, str):
            story.append(Paragraph(escape(one), body))
        else:
            rows = [[Paragraph(escape(text), cell) for text in row] for row in one]
            widths = [_WIDTH / len(rows[0])] * len(rows[0])
            story.append(Table(rows, widths, repeatRows=1))
    output = BytesIO()
    SimpleDocTemplate(output, pagesize=A4, invariant=1).build(story)
    return output.getvalue()


def best_of(first: Callable[[], bytes], second: Callable[[], bytes]) -> tuple[float, float]:
    """The shortest time of each, taking turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for run, found in zip((first, second), times, strict=True):
            begin = time.perf_counter()
            run()
            found.append(time.perf_counter() - begin)
    return min(times[0]), min(times[1])


def main() -> None:
    pdfmetrics.registerFont(fonts.font("regular"))
    document, texts = edition_document(), recorded_texts()
    tagged_pages = len(PdfReader(BytesIO(pdf.render(document))).pages)
    plain_pages = len(PdfReader(BytesIO(untagged(texts))).pages)
    tagged, plain = best_of(lambda: pdf.render(document), lambda: untagged(texts))
    print(
        f"tagged    {tagged_pages:4} pages  {tagged:6.2f} s  {tagged_pages / tagged:6.1f} pages/s"
    )
    print(f"untagged  {plain_pages:4} pages  {plain:6.2f} s  {plain_pages / plain:6.1f} pages/s")
    print(f"time for the same text, tagged / untagged: {tagged / plain:.2f}")


if __name__ == "__main__":
    main()
