"""Pages: blocks placed in order, then painted with headers, footers and bookmarks.

Placing comes first and draws nothing, so every page number is known before the contents page is
painted: one pass each, no guessing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from exports.pdf.blocks import Block, Heading, PageBreak
from exports.pdf.canvas import TaggedCanvas
from exports.pdf.inline import fitted
from exports.pdf.paragraph import Paragraph
from exports.pdf.structure import Element
from exports.pdf.style import MUTED, RULE, PageFormat, TextStyle

_FURNITURE = TextStyle(size=7.5, leading=10, colour=MUTED)
_FURNITURE_RIGHT = TextStyle(size=7.5, leading=10, colour=MUTED, align="right")


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and where its upper left corner stands on the page."""

    block: Block
    x: float
    top: float
    width: float


@dataclass(slots=True)
class Page:
    """A page being filled: ``top`` is where the next block goes, in points from the bottom."""

    page_format: PageFormat
    top: float
    placed: list[Placed] = field(default_factory=list)

    @property
    def room(self) -> float:
        return self.top - self.page_format.bottom


def place(blocks: Iterable[Block | PageBreak], page_format: PageFormat) -> list[Page]:
    """Distribute the blocks over pages.

    A heading never stands alone at the foot of a page: what must keep with the next block moves
    with it. A block taller than a page is split, whatever it takes.
    """
    placer = _Placer(page_format)
    held: list[Block] = []
    for block in blocks:
        if isinstance(block, PageBreak):
            placer.put(held)
            held = []
            placer.start(block.page_format)
        else:
            held.append(block)
            if not block.keep_with_next:
                placer.put(held)
                held = []
    placer.put(held)
    return [page for page in placer.pages if page.placed]


class _Placer:
    def __init__(self, page_format: PageFormat) -> None:
        self.pages: list[Page] = []
        self.start(page_format)

    def start(self, page_format: PageFormat) -> None:
        self.pages.append(Page(page_format, page_format.height - page_format.top))

    def put(self, group: Sequence[Block]) -> None:
        """Place blocks that belong together; the last one may break, the others lead to it."""
        if not group:
            return
        page = self.pages[-1]
        width = page.page_format.text_width
        *leading, last = group
        needed = last.space_before + last.minimum_height(width)
        needed += sum(
            block.space_before + block.height(width) + block.space_after for block in leading
        )
        if needed > page.room and page.placed:
            self.start(page.page_format)
        for block in group:
            self._put_one(block)

    def _put_one(self, block: Block) -> None:
        page = self.pages[-1]
        width = page.page_format.text_width
        if page.placed:
            page.top -= block.space_before
        height = block.height(width)
        if height <= page.room:
            page.placed.append(Placed(block, page.page_format.left, page.top, width))
            page.top -= height + block.space_after
            return
        parts = block.split(width, page.room, forced=not page.placed)
        if parts is None and not page.placed:
            # Nothing left to try: it stands alone on its page.
            page.placed.append(Placed(block, page.page_format.left, page.top, width))
            page.top = page.page_format.bottom
            return
        if parts is not None:
            page.placed.append(Placed(parts[0], page.page_format.left, page.top, width))
            block = parts[1]
        self.start(page.page_format)
        self._put_one(block)


@dataclass(frozen=True, slots=True)
class Furniture:
    """What stands around the text of every page but the first: see ``paint``."""

    running_title: str
    page_of: Callable[[int, int], str]


def headings(pages: Sequence[Page]) -> dict[str, int]:
    """Destination → page number (from 1) of every heading and marked paragraph."""
    return {
        placed.block.destination: position
        for position, page in enumerate(pages, 1)
        for placed in page.placed
        if isinstance(placed.block, Paragraph) and placed.block.destination
    }


def paint(canvas: TaggedCanvas, pages: Sequence[Page], furniture: Furniture) -> None:
    """Draw every page; nests sections by heading level and writes the bookmarks."""
    sections: list[tuple[int, Element]] = [(0, canvas.root)]
    chapter = ""
    for position, page in enumerate(pages, 1):
        shape = page.page_format
        canvas.begin_page(shape.width, shape.height)
        for placed in page.placed:
            block = placed.block
            if isinstance(block, Heading) and not block.continues:
                while sections[-1][0] >= block.level:
                    sections.pop()
                sections.append((block.level, sections[-1][1].add(Element("Sect"))))
                if block.bookmarked:
                    canvas.bookmark(block.text, block.destination, block.outline_level)
                if block.outline_level == 0:
                    chapter = block.text
            block.paint(canvas, placed.x, placed.top, placed.width, sections[-1][1])
        if position > 1:
            _paint_furniture(canvas, shape, furniture, chapter, position, len(pages))
        canvas.end_page()


def _paint_furniture(
    canvas: TaggedCanvas,
    shape: PageFormat,
    furniture: Furniture,
    chapter: str,
    position: int,
    total: int,
) -> None:
    width, left = shape.text_width, shape.left
    head = shape.height - shape.top + 24
    foot = shape.bottom - 18
    with canvas.artifact("Page"):
        canvas.polyline([(left, head - 14), (left + width, head - 14)], stroke=RULE, line_width=0.4)
    Paragraph(
        fitted(furniture.running_title, width * 0.62, _FURNITURE.size), _FURNITURE
    ).paint_artifact(canvas, left, head, width, "Header")
    Paragraph(fitted(chapter, width * 0.36, _FURNITURE.size), _FURNITURE_RIGHT).paint_artifact(
        canvas, left, head, width, "Header"
    )
    Paragraph(furniture.page_of(position, total), _FURNITURE_RIGHT).paint_artifact(
        canvas, left, foot, width, "Footer"
    )
