"""The small picture of a contradiction: milestones in a ring, each waiting for the one before.

The ring runs down the right side and up the left, so that boxes never touch however many there
are, and so that it fits a phone. The same on every run. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 320
BOX_WIDTH, BOX_HEIGHT = 104, 38
# Longer rings are told by their table alone.
MOST = 16
_MARGIN, _GAP = 8, 40
_ARROW = 7.0


@dataclass(frozen=True, slots=True)
class RingBox:
    code: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class RingArrow:
    """From the box ``number`` to the next: a line, the points of its head, where its label is.

    The label begins at (``label_x``, ``label_y``), or ends there (``ends``); halfway up its height.
    """

    number: int
    path: str
    head: str
    label_x: float
    label_y: float
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """Boxes in the order of the ring, and one arrow from each to the next."""

    width: int
    height: int
    boxes: tuple[RingBox, ...]
    arrows: tuple[RingArrow, ...]


def layout_ring(codes: Sequence[str]) -> Ring | None:
    """The ring of these milestones; ``None`` where it is too long to be drawn."""
    count = len(codes)
    if not 0 < count <= MOST:
        return None
    right = -(-count // 2)
    rows = max(1, right)
    height = 2 * _MARGIN + rows * BOX_HEIGHT + (rows - 1) * _GAP + (24 if count < 3 else 0)
    left_x, right_x = float(_MARGIN), float(WIDTH - _MARGIN - BOX_WIDTH)
    boxes = []
    for number, code in enumerate(codes):
        if number < right:
            boxes.append(RingBox(code, left_x if count == 1 else right_x, _row(number)))
        else:
            # The left side has as many, or one fewer: then it hangs in the middle.
            shift = (BOX_HEIGHT + _GAP) / 2 if count % 2 and count > 1 else 0.0
            boxes.append(RingBox(code, left_x, _row(count - 1 - number) + shift))
    if count < 3:
        boxes = [RingBox(box.code, box.x, box.y + 12) for box in boxes]
    arrows = tuple(_arrow(number, boxes) for number in range(count))
    return Ring(WIDTH, height, tuple(boxes), arrows)


def _row(number: int) -> float:
    return float(_MARGIN + number * (BOX_HEIGHT + _GAP))


def _arrow(number: int, boxes: Sequence[RingBox]) -> RingArrow:
    start, end = boxes[number], boxes[(number + 1) % len(boxes)]
    if start is end:
        return _loop(number, start)
    middle = BOX_HEIGHT / 2
    if start.x == end.x:
        x = start.x + BOX_WIDTH / 2
        down = end.y > start.y
        first = start.y + BOX_HEIGHT if down else start.y
        last = end.y if down else end.y + BOX_HEIGHT
        tip = -_ARROW if down else _ARROW
        head = f"{_n(x)},{_n(last)} {_n(x - 4)},{_n(last + tip)} {_n(x + 4)},{_n(last + tip)}"
        path = f"M{_n(x)} {_n(first)}L{_n(x)} {_n(last + tip)}"
        inner = x - 6 if down else x + 6
        return RingArrow(number, path, head, inner, (first + last) / 2, ends=down)
    leftwards = end.x < start.x
    shift = (10.0 if leftwards else -10.0) if len(boxes) == 2 else 0.0
    first_x = start.x if leftwards else start.x + BOX_WIDTH
    last_x = end.x + BOX_WIDTH if leftwards else end.x
    first_y, last_y = start.y + middle + shift, end.y + middle + shift
    tip = _ARROW if leftwards else -_ARROW
    head = (
        f"{_n(last_x)},{_n(last_y)} {_n(last_x + tip)},{_n(last_y - 4)}"
        f" {_n(last_x + tip)},{_n(last_y + 4)}"
    )
    path = f"M{_n(first_x)} {_n(first_y)}L{_n(last_x + tip)} {_n(last_y)}"
    below = leftwards  # down the right side, up the left: leftwards is at the bottom
    if first_y == last_y:
        label_y = first_y + (10 if below else -10)
    else:  # beside the slope, on the side where it is not
        label_y = max(first_y, last_y) - 2 if below else min(first_y, last_y) + 2
    return RingArrow(number, path, head, min(first_x, last_x) + 12, label_y)


def _loop(number: int, box: RingBox) -> RingArrow:
    x, y = box.x + BOX_WIDTH, box.y + BOX_HEIGHT / 2
    path = f"M{_n(x)} {_n(y - 10)}C{_n(x + 60)} {_n(y - 30)} {_n(x + 60)} {_n(y + 30)}"
    path += f" {_n(x + _ARROW)} {_n(y + 10)}"
    head = f"{_n(x)},{_n(y + 9)} {_n(x + 8)},{_n(y + 5)} {_n(x + 7)},{_n(y + 14)}"
    return RingArrow(number, path, head, x + 54, y)


def _n(value: float) -> str:
    return format(round(value, 1), "g")
