"""Tables that run over pages, tagged with header cells and scopes.

A table that continues repeats its header row; the repetition is an artifact, so that it is read
once. A row taller than a page breaks inside its cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from exports.pdf.canvas import TaggedCanvas
from exports.pdf.paragraph import Paragraph
from exports.pdf.structure import Element, Mark
from exports.pdf.style import ACCENT, RULE, WASH

_PAD_X = 4.5
_PAD_Y = 4.0
_KEPT_WHOLE = 225.0  # a table up to this height does not break
_BREAK_INSIDE = 240.0  # a row taller than this may break although it would fit on a page


@dataclass(eq=False)
class Row:
    """One row: a paragraph for each column; ``emphasis`` tints it."""

    cells: Sequence[Paragraph]
    emphasis: bool = False
    mark: Mark = field(default_factory=Mark)
    continued: bool = False

    def height(self, widths: Sequence[float]) -> float:
        inner = (
            cell.height(width - 2 * _PAD_X) for cell, width in zip(self.cells, widths, strict=True)
        )
        return max(inner, default=0) + 2 * _PAD_Y

    def split(
        self, widths: Sequence[float], available: float, *, forced: bool
    ) -> tuple["Row", "Row"] | None:
        """Two rows sharing their elements, when at least one cell can break."""
        first, rest, broken = [], [], False
        for cell, width in zip(self.cells, widths, strict=True):
            inner, room = width - 2 * _PAD_X, available - 2 * _PAD_Y
            if cell.height(inner) <= room:
                parts = None
                first.append(cell)
                rest.append(Paragraph("", cell.style))
                continue
            parts = cell.split(inner, room, forced=forced)
            if parts is None:
                return None
            first.append(parts[0])
            rest.append(parts[1])
            broken = True
        if not broken:
            return None
        return (
            Row(first, self.emphasis, self.mark, self.continued),
            Row(rest, self.emphasis, self.mark, True),
        )


class Table:
    """A header row and body rows over columns of given shares.

    ``shares`` are relative column widths; ``row_header`` says that the first column names its
    row (scope Row). ``caption`` is read as the table's own. Zebra and rules are artifacts.
    """

    keep_with_next = False

    def __init__(
        self,
        header: Sequence[Paragraph],
        rows: Sequence[Row],
        shares: Sequence[float],
        *,
        caption: Paragraph | None = None,
        row_header: bool = True,
        space_after: float = 12,
    ) -> None:
        self._header = Row(header)
        self._rows = list(rows)
        self._shares = list(shares)
        self._caption = caption
        self._row_header = row_header
        self._space_after = space_after
        self._mark = Mark()
        self._continued = False

    @property
    def space_before(self) -> float:
        return self._caption.space_before if self._caption else 4

    @property
    def space_after(self) -> float:
        return self._space_after

    def _widths(self, width: float) -> list[float]:
        unit = width / sum(self._shares)
        return [share * unit for share in self._shares]

    def _head_height(self, width: float) -> float:
        height = self._header.height(self._widths(width))
        if self._caption and not self._continued:
            height += self._caption.height(width) + self._caption.space_after
        return height

    def height(self, width: float) -> float:
        widths = self._widths(width)
        return self._head_height(width) + sum(row.height(widths) for row in self._rows)

    def minimum_height(self, width: float) -> float:
        """A small table stays whole; a long one begins with two rows at least."""
        widths = self._widths(width)
        height = self.height(width)
        if height <= _KEPT_WHOLE:
            return height
        first = sum(row.height(widths) for row in self._rows[:2])
        return self._head_height(width) + min(first, _BREAK_INSIDE)

    def split(
        self, width: float, available: float, *, forced: bool = False
    ) -> tuple["Table", "Table"] | None:
        """As many rows as fit, and the rest with the header repeated."""
        widths = self._widths(width)
        room = available - self._head_height(width)
        fitting = 0
        for row in self._rows:
            height = row.height(widths)
            if height > room:
                break
            room -= height
            fitting += 1
        if len(self._rows) - fitting == 1 and fitting > 2 and not forced:
            fitting -= 1  # no row alone at the head of the next page
        first, rest = self._rows[:fitting], self._rows[fitting:]
        if rest and (rest[0].height(widths) > _BREAK_INSIDE or (forced and not first)):
            parts = rest[0].split(widths, room, forced=forced and not first)
            if parts is not None:
                first, rest = [*first, parts[0]], [parts[1], *rest[1:]]
        if not first or not rest:
            return None
        return self._part(first, self._continued), self._part(rest, True)

    def _part(self, rows: list[Row], continued: bool) -> "Table":
        part = Table(
            self._header.cells,
            rows,
            self._shares,
            caption=self._caption,
            row_header=self._row_header,
            space_after=self._space_after,
        )
        part._header, part._mark, part._continued = self._header, self._mark, continued
        return part

    def paint(
        self, canvas: TaggedCanvas, x: float, top: float, width: float, parent: Element | None
    ) -> None:
        if parent is None:
            raise ValueError("a table is content and needs a parent")
        table = self._mark.element(parent, "Table")
        widths = self._widths(width)
        if self._caption and not self._continued:
            self._caption.paint(canvas, x, top, width, table)
            top -= self._caption.height(width) + self._caption.space_after
        top = self._paint_header(canvas, x, top, widths, table)
        body = self._mark.element(table, "TBody", "body")
        for row in self._rows:
            height = row.height(widths)
            with canvas.artifact():
                if row.emphasis:
                    canvas.rectangle(x, top - height, width, height, fill=WASH)
                line = [(x, top - height), (x + width, top - height)]
                canvas.polyline(line, stroke=RULE, line_width=0.4)
            self._paint_row(canvas, row, x, top, widths, body)
            top -= height

    def _paint_header(
        self, canvas: TaggedCanvas, x: float, top: float, widths: Sequence[float], table: Element
    ) -> float:
        height = self._header.height(widths)
        with canvas.artifact():
            canvas.rectangle(x, top - height, sum(widths), height, fill=WASH)
            line = [(x, top - height), (x + sum(widths), top - height)]
            canvas.polyline(line, stroke=ACCENT, line_width=0.8)
        row = None
        if not self._continued:
            head = self._mark.element(table, "THead", "head")
            row = self._header.mark.element(head, "TR")
        left = x
        for column, (cell, width) in enumerate(zip(self._header.cells, widths, strict=True)):
            inner = (left + _PAD_X, top - _PAD_Y, width - 2 * _PAD_X)
            if row is None:
                cell.paint_artifact(canvas, *inner, "Repeated")
            else:
                scope = "<</O /Table /Scope /Column>>"
                element = self._header.mark.element(row, "TH", column, attributes=scope)
                cell.paint(canvas, *inner, element)
            left += width
        return top - height

    def _paint_row(
        self,
        canvas: TaggedCanvas,
        row: Row,
        x: float,
        top: float,
        widths: Sequence[float],
        body: Element,
    ) -> None:
        own = row.mark.element(body, "TR")
        left = x
        for column, (cell, width) in enumerate(zip(row.cells, widths, strict=True)):
            heads = self._row_header and column == 0
            scope = "<</O /Table /Scope /Row>>" if heads else ""
            element = row.mark.element(own, "TH" if heads else "TD", column, attributes=scope)
            if any(run.text for run in cell.runs):
                cell.paint(canvas, left + _PAD_X, top - _PAD_Y, width - 2 * _PAD_X, element)
            left += width
