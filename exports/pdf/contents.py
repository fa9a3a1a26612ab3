"""The contents page: titles, leaders, page numbers, each line a link."""

from exports.pdf import fonts
from exports.pdf.blocks import Heading, Solid
from exports.pdf.canvas import TaggedCanvas
from exports.pdf.inline import Run, shortened
from exports.pdf.paragraph import Paragraph
from exports.pdf.structure import Element, Mark
from exports.pdf.style import ACCENT, INK, RULE, TextStyle

_NUMBER_COLUMN = 34
_STYLES = {
    2: TextStyle(size=10.5, leading=16, face="bold", colour=ACCENT, before=6),
    3: TextStyle(size=9.5, leading=14, colour=INK),
}
_INDENT = {2: 0.0, 3: 14.0}


class ContentsEntry(Solid):
    """One line of the contents; ``page`` is filled in once the pages are known.

    Entries that share ``mark`` are one list: chapters are its items, sections the items of a
    list inside it, title before page number in reading order.
    """

    page: int = 0

    def __init__(self, heading: Heading, chapter: int, mark: Mark) -> None:
        self.destination_of = heading.destination
        self._heading, self._chapter, self._mark = heading, chapter, mark
        self._style = _STYLES[heading.level]
        runs = [
            Run(shortened(run.text, 240), self._style.face, run.language) for run in heading.runs
        ]
        self._title = Paragraph(runs, self._style, type_="Span", language=heading.language)
        self.space_before = self._style.before

    def _title_width(self, width: float) -> float:
        return width - _INDENT[self._heading.level] - _NUMBER_COLUMN

    def height(self, width: float) -> float:
        return self._title.height(self._title_width(width))

    def paint(
        self, canvas: TaggedCanvas, x: float, top: float, width: float, parent: Element | None
    ) -> None:
        if parent is None:
            raise ValueError("the contents are content and need a parent")
        list_ = self._mark.element(parent, "TOC")
        if self._heading.level > 2:
            list_ = self._mark.element(list_, "TOC", self._chapter)
        link = list_.add(Element("TOCI")).add(Element("Reference")).add(Element("Link"))
        left, inner = x + _INDENT[self._heading.level], self._title_width(width)
        self._title.paint(canvas, left, top, inner, link)
        height = self.height(width)
        style, number = self._style, str(self.page)
        baseline = top - height + style.leading - (style.leading + 0.714 * style.size) / 2
        number_x = x + width - fonts.width(number, style.face, style.size)
        start = left + self._title.lines(inner)[-1].width + 6
        if number_x - 6 > start:
            with canvas.artifact():
                canvas.polyline(
                    [(start, baseline), (number_x - 6, baseline)],
                    stroke=RULE,
                    line_width=0.6,
                    dash=(0.6, 2.4),
                )
        with canvas.tagged(link):
            canvas.text(
                number_x, baseline, number, face=style.face, size=style.size, colour=style.colour
            )
        description = f"{self._heading.text}, {number}"
        canvas.link(link, self.destination_of, description, (x, top - height, x + width, top))
