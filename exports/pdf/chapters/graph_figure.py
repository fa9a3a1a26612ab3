"""Drawing a laid-out graph onto pages: whole, or cut into tiles that can be read on paper.

A drawing has its own coordinates, in points with y downwards (``pictures.layout``). A tile is a
window of it at a scale; cuts lie between columns and lanes, so that no box is cut.
"""

from bisect import bisect_left
from dataclasses import dataclass

from exports.pdf import fonts
from exports.pdf.canvas import Point, TaggedCanvas
from exports.pdf.inline import fitted
from exports.pdf.style import ALERT, AREA_COLOURS, INK, MUTED, WASH, WHITE
from roadmap.pictures.layout import LANE_LABEL_WIDTH, TITLE_SIZE, GraphBox, GraphDrawing, GraphLane

READABLE = 0.58  # the least scale for paper: titles of 5 points
_LINE = 11.0
_PADDING = 6.0


@dataclass(frozen=True, slots=True)
class Tile:
    """A window of a drawing, from (left, top) to (right, bottom), at a scale.

    Lane titles stand in a strip at the left of every tile, so that a window begins right of it.
    """

    left: float
    top: float
    right: float
    bottom: float
    scale: float

    @classmethod
    def whole(cls, drawing: GraphDrawing, width: float, height: float) -> "Tile":
        """The whole drawing, made small enough to fit."""
        scale = min(width / drawing.width, height / max(drawing.height, 1), 1.0)
        return cls(LANE_LABEL_WIDTH, 0, drawing.width, drawing.height, scale)

    @property
    def width(self) -> float:
        return (self.right - self.left + LANE_LABEL_WIDTH) * self.scale

    @property
    def height(self) -> float:
        return (self.bottom - self.top) * self.scale

    def shows(self, box: GraphBox) -> bool:
        return self.left <= box.x < self.right and self.top <= box.y + box.height / 2 < self.bottom

    def milestones(self, drawing: GraphDrawing) -> frozenset[str]:
        """The codes of the milestones whose boxes are in the window."""
        return frozenset(box.code for box in drawing.boxes if self.shows(box))


def readable_tiles(drawing: GraphDrawing, width: float, height: float) -> list[Tile]:
    """One tile of the whole where it can be read on paper, else as few as possible."""
    whole = Tile.whole(drawing, width, height)
    if whole.scale >= READABLE:
        return [whole]
    columns = sorted({box.x for box in drawing.boxes})
    gaps = [(one + other) / 2 for one, other in zip(_ends(drawing), columns[1:], strict=False)]
    across = _cuts([LANE_LABEL_WIDTH, *gaps, drawing.width], width / READABLE - LANE_LABEL_WIDTH)
    lanes = [lane.y for lane in drawing.lanes]
    down = _cuts([*(lanes or [0.0]), drawing.height], height / READABLE)
    tiles = [
        Tile(left, top, right, bottom, _scale(right - left, bottom - top, width, height))
        for top, bottom in down
        for left, right in across
    ]
    return [tile for tile in tiles if tile.milestones(drawing)] or [whole]


def _ends(drawing: GraphDrawing) -> list[float]:
    """The right edge of each column of boxes."""
    ends: dict[float, float] = {}
    for box in drawing.boxes:
        ends[box.x] = max(ends.get(box.x, 0), box.x + box.width)
    return [ends[x] for x in sorted(ends)]


def _cuts(stops: list[float], most: float) -> list[tuple[float, float]]:
    """As few ranges from stop to stop as ``most`` allows, the longest as short as can be.

    A single stretch between two stops may be longer than ``most``.
    """
    fewest = _filled(stops, most)
    lengths = sorted({b - a for a in stops for b in stops if a < b and b - a <= most})
    enough = bisect_left(lengths, True, key=lambda each: len(_filled(stops, each)) <= len(fewest))
    return _filled(stops, lengths[enough]) if enough < len(lengths) else fewest


def _filled(stops: list[float], most: float) -> list[tuple[float, float]]:
    """Ranges filled one after the other, each as long as ``most`` allows."""
    ranges, begin = [], 0
    while begin < len(stops) - 1:
        end = begin + 1
        while end + 1 < len(stops) and stops[end + 1] - stops[begin] <= most:
            end += 1
        ranges.append((stops[begin], stops[end]))
        begin = end
    return ranges


def _scale(across: float, down: float, width: float, height: float) -> float:
    return min(width / (across + LANE_LABEL_WIDTH), height / max(down, 1), 1.0)


def draw_tile(canvas: TaggedCanvas, drawing: GraphDrawing, tile: Tile, x: float, y: float) -> None:
    """Draw the window with its lower left corner at (x, y)."""
    scale, strip = tile.scale, LANE_LABEL_WIDTH * tile.scale

    def at(point: Point) -> Point:
        return (
            x + strip + (point[0] - tile.left) * scale,
            y + (tile.bottom - point[1]) * scale,
        )

    colours = {
        lane.area: AREA_COLOURS[order % len(AREA_COLOURS)]
        for order, lane in enumerate(drawing.lanes)
    }
    for order, lane in enumerate(drawing.lanes):
        _draw_lane(canvas, tile, lane, x, y, shaded=order % 2 == 0)
    with canvas.clipped(x + strip, y, tile.width - strip, tile.height):
        for edge in drawing.edges:
            colour = ALERT if edge.suspended else INK if edge.critical else MUTED
            canvas.curve(
                [at(edge.start), *(at(point) for piece in edge.curves for point in piece)],
                stroke=colour,
                line_width=(1.5 if edge.critical else 0.7) * scale,
                dash=(4 * scale, 3 * scale) if edge.suspended else (),
            )
            canvas.polygon([at(point) for point in edge.arrow], fill=colour)
            if edge.label:
                size = 6.5 * scale
                left, base = at(edge.label_at)
                text = fitted(edge.label, 40 * scale, size)
                left -= fonts.width(text, "regular", size)
                canvas.text(left, base, text, face="regular", size=size, colour=colour)
        for box in drawing.boxes:
            lane_of = next(
                lane.area for lane in drawing.lanes if lane.y <= box.y < lane.y + lane.height
            )
            left, bottom = at((box.x, box.y + box.height))
            canvas.rectangle(
                left,
                bottom,
                box.width * scale,
                box.height * scale,
                fill=WHITE,
                stroke=colours[lane_of],
                line_width=(2.4 if box.critical else 0.9) * scale,
            )
            for order, line in enumerate(box.lines):
                face: fonts.Face = "bold" if order == 0 else "regular"
                text = fitted(line, (box.width - 2 * _PADDING) * scale, TITLE_SIZE * scale, face)
                point = (box.x + _PADDING, box.y + _PADDING + order * _LINE + TITLE_SIZE)
                canvas.text(*at(point), text, face=face, size=TITLE_SIZE * scale, colour=INK)


def _draw_lane(
    canvas: TaggedCanvas, tile: Tile, lane: GraphLane, x: float, y: float, *, shaded: bool
) -> None:
    top = max(lane.y, tile.top)
    bottom = min(lane.y + lane.height, tile.bottom)
    if bottom <= top:
        return
    base = y + (tile.bottom - bottom) * tile.scale
    height = (bottom - top) * tile.scale
    if shaded:
        canvas.rectangle(x, base, tile.width, height, fill=WASH)
    size = TITLE_SIZE * tile.scale
    room = (LANE_LABEL_WIDTH - 12) * tile.scale
    for order, line in enumerate(lane.lines):
        text = fitted(line, room, size, "bold")
        line_base = base + height - (12 + order * _LINE) * tile.scale
        canvas.text(x + 5 * tile.scale, line_base, text, face="bold", size=size, colour=INK)
