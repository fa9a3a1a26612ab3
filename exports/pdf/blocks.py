"""Blocks: what a chapter is made of besides paragraphs and tables."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from copy import copy
from typing import Protocol, Self

from exports.pdf.canvas import Colour, TaggedCanvas, number
from exports.pdf.inline import Run, shortened
from exports.pdf.paragraph import Paragraph
from exports.pdf.structure import Element, Mark
from exports.pdf.style import BODY, MUTED, PageFormat, TextStyle


class Block(Protocol):
    """Something of a known height at a given width, which may know how to break over pages."""

    @property
    def space_before(self) -> float: ...

    @property
    def space_after(self) -> float: ...

    @property
    def keep_with_next(self) -> bool: ...

    def height(self, width: float) -> float: ...

    def minimum_height(self, width: float) -> float: ...

    def split(
        self, width: float, available: float, *, forced: bool = False
    ) -> tuple["Block", "Block"] | None: ...

    def paint(
        self, canvas: TaggedCanvas, x: float, top: float, width: float, parent: Element | None
    ) -> None: ...


class PageBreak:
    """The next block starts a page of this format."""

    def __init__(self, page_format: PageFormat) -> None:
        self.page_format = page_format


class Solid:
    """A block that never breaks: what most blocks inherit from."""

    space_before: float = 0
    space_after: float = 0
    keep_with_next: bool = False

    def height(self, width: float) -> float:
        raise NotImplementedError

    def minimum_height(self, width: float) -> float:
        return self.height(width)

    def split(
        self, width: float, available: float, *, forced: bool = False
    ) -> tuple[Block, Block] | None:
        return None


class Spacer(Solid):
    """Nothing, of some height."""

    def __init__(self, height: float) -> None:
        self._height = height

    def height(self, width: float) -> float:
        return self._height

    def paint(
        self, canvas: TaggedCanvas, x: float, top: float, width: float, parent: Element | None
    ) -> None:
        """Leave the space empty."""


class Heading(Paragraph):
    """A heading of level 1 to 4, which the contents page and the bookmarks can name.

    ``listed`` puts it into the contents, ``bookmarked`` into the bookmarks.
    """

    def __init__(
        self,
        runs: Sequence[Run] | str,
        style: TextStyle,
        *,
        level: int,
        destination: str,
        language: str = "",
        listed: bool = True,
        bookmarked: bool = True,
    ) -> None:
        super().__init__(runs, style, type_=f"H{level}", language=language, destination=destination)
        self.level = level
        self.listed = listed
        self.bookmarked = bookmarked

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def continues(self) -> bool:
        """Whether this is the rest of a heading that began on the page before."""
        return not self.destination

    @property
    def outline_level(self) -> int:
        """The depth of its bookmark: chapters (level 2, under the document's title) are 0."""
        return max(self.level - 2, 0)


class ListItem:
    """An item of a list; items that share ``list_mark`` are one list."""

    space_before: float = 0
    keep_with_next: bool = False
    _INDENT = 14

    def __init__(
        self, list_mark: Mark, body: Paragraph, *, label: str = "•", mark: Mark | None = None
    ) -> None:
        self._list, self._body, self._label = list_mark, body, label
        self._mark = mark or Mark()

    @property
    def space_after(self) -> float:
        return self._body.space_after

    def height(self, width: float) -> float:
        return self._body.height(width - self._INDENT)

    def minimum_height(self, width: float) -> float:
        return self._body.minimum_height(width - self._INDENT)

    def split(
        self, width: float, available: float, *, forced: bool = False
    ) -> tuple["ListItem", "ListItem"] | None:
        parts = self._body.split(width - self._INDENT, available, forced=forced)
        if parts is None:
            return None
        first, rest = parts
        return (
            ListItem(self._list, first, label=self._label, mark=self._mark),
            ListItem(self._list, rest, label="", mark=self._mark),
        )

    def paint(
        self, canvas: TaggedCanvas, x: float, top: float, width: float, parent: Element | None
    ) -> None:
        if parent is None:
            raise ValueError("a list is content and needs a parent")
        numbering = "Disc" if self._label == "•" else "Decimal"
        list_ = self._list.element(
            parent, "L", attributes=f"<</O /List /ListNumbering /{numbering}>>"
        )
        item = self._mark.element(list_, "LI")
        if self._label:
            label = Paragraph(self._label, self._body.style, type_="Lbl")
            label.paint(canvas, x, top, self._INDENT, item)
        body = self._mark.element(item, "LBody", "body")
        self._body.paint(canvas, x + self._INDENT, top, width - self._INDENT, body)


def bullet_list(items: Sequence[Paragraph]) -> list[ListItem]:
    """A bulleted list."""
    mark = Mark()
    return [ListItem(mark, item) for item in items]


def numbered_list(items: Sequence[Paragraph]) -> list[ListItem]:
    """A list of steps."""
    mark = Mark()
    return [ListItem(mark, item, label=f"{order}.") for order, item in enumerate(items, 1)]


class Figure(Solid):
    """A drawing with its alternative text.

    ``draw(canvas, x, y)`` gets the lower left corner; what it draws is one figure to a listener,
    so the same facts stand in a table beside it.
    """

    space_after: float = 10

    def __init__(
        self,
        draw: Callable[[TaggedCanvas, float, float], None],
        *,
        width: float,
        height: float,
        alternative: str,
    ) -> None:
        self._draw, self._width, self._height = draw, width, height
        self._alternative = shortened(alternative, 600)
        self._mark = Mark()

    def height(self, width: float) -> float:
        return self._height

    def paint(
        self, canvas: TaggedCanvas, x: float, top: float, width: float, parent: Element | None
    ) -> None:
        bottom = top - self._height
        box = " ".join(map(number, (x, bottom, x + self._width, top)))
        figure = parent and self._mark.element(
            parent,
            "Figure",
            alternative=self._alternative,
            attributes=f"<</O /Layout /Placement /Block /BBox [{box}]>>",
        )
        with canvas.tagged(figure) if figure else nullcontext():
            self._draw(canvas, x, bottom)


class Callout(Solid):
    """Paragraphs on a tinted ground with a bar at the left; for what must not be overlooked."""

    space_before: float = 4
    space_after: float = 10
    _PAD = 9

    def __init__(
        self,
        paragraphs: Sequence[Paragraph],
        *,
        bar: Colour,
        wash: Colour,
        keep_with_next: bool = False,
    ) -> None:
        self.keep_with_next = keep_with_next
        self._paragraphs, self._bar, self._wash = list(paragraphs), bar, wash
        self._mark = Mark()

    def height(self, width: float) -> float:
        inner = width - 2 * self._PAD
        texts = sum(paragraph.height(inner) for paragraph in self._paragraphs)
        return texts + self._gaps() + 2 * self._PAD

    def _gaps(self) -> float:
        return sum(paragraph.space_after for paragraph in self._paragraphs[:-1])

    def split(
        self, width: float, available: float, *, forced: bool = False
    ) -> tuple[Self, Self] | None:
        """Two callouts, where one is taller than a page."""
        inner, room = width - 2 * self._PAD, available - 2 * self._PAD
        first: list[Paragraph] = []
        rest = list(self._paragraphs)
        while rest and rest[0].height(inner) <= room:
            room -= rest[0].height(inner) + rest[0].space_after
            first.append(rest.pop(0))
        parts = rest[0].split(inner, room, forced=forced and not first) if rest else None
        if parts is not None:
            first.append(parts[0])
            rest[0] = parts[1]
        if not first or not rest:
            return None
        return self._part(first), self._part(rest)

    def _part(self, paragraphs: list[Paragraph]) -> Self:
        part = copy(self)
        part._paragraphs = paragraphs
        return part

    def paint(
        self, canvas: TaggedCanvas, x: float, top: float, width: float, parent: Element | None
    ) -> None:
        height = self.height(width)
        with canvas.artifact():
            canvas.rectangle(x, top - height, width, height, fill=self._wash)
            canvas.rectangle(x, top - height, 3, height, fill=self._bar)
        own = parent and self._mark.element(parent, "Div")
        at = top - self._PAD
        for paragraph in self._paragraphs:
            paragraph.paint(canvas, x + self._PAD + 3, at, width - 2 * self._PAD, own)
            at -= paragraph.height(width - 2 * self._PAD) + paragraph.space_after


def note(text: str) -> Paragraph:
    """Small print under a table or figure."""
    return Paragraph(text, TextStyle(size=8, leading=11.5, colour=MUTED, before=2, after=10))


def body(text: str, language: str = "") -> Paragraph:
    """An ordinary paragraph."""
    return Paragraph(text, BODY, language=language)
