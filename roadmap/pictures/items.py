"""What takes room in the graph's columns: how large it is, in which order, and where it stands.

Pure and the same on every run. Points (1/72 inch), y downwards.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BOX_SPACING = 12.0
TRUNK_HEIGHT = 5.0
LANE_PADDING = 12.0
_SWEEPS = 12


@dataclass(slots=True)
class Item:
    """What takes room in a column: a box, or the gap through which a trunk of edges passes."""

    key: tuple[str, ...]
    lane: int
    column: int
    height: float
    neighbours: list["Item"]
    lines: tuple[str, ...] = ()
    rank: float = 0.0
    y: float = 0.0

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def spacing(self) -> float:
        return BOX_SPACING if self.lines else TRUNK_HEIGHT


def _cells(items: Iterable[Item]) -> dict[tuple[int, int], list[Item]]:
    """The items of each (column, lane), in their order."""
    cells: dict[tuple[int, int], list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda each: (each.column, each.lane, each.rank, each.key)):
        cells[item.column, item.lane].append(item)
    return cells


def order_items(items: list[Item]) -> None:
    """Order each cell by the mean rank of the neighbours, sweeping right and left in turn."""
    cells = _cells(items)
    for cell in cells.values():
        _rank(cell)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for place in sorted(cells, reverse=not forward):
            for item in cells[place]:
                side = [
                    other.rank
                    for other in item.neighbours
                    if (other.column < item.column) is forward
                ]
                if side:
                    item.rank = sum(side) / len(side)
            cells[place].sort(key=lambda each: (each.rank, each.key))
            _rank(cells[place])


def _rank(cell: list[Item]) -> None:
    """Ranks are lane numbers with fractions, so that neighbours in other lanes pull that way."""
    for at, item in enumerate(cell):
        item.rank = item.lane + (at + 0.5) / len(cell)


def place_items(items: list[Item], least: Sequence[float], top: float = 0.0) -> list[float]:
    """Give every item its y; returns the tops of the lanes and, last, the bottom of all.

    ``least`` is how high each lane is at the least, without its padding.
    """
    cells = _cells(items)
    heights = list(least)
    for (_, lane), cell in cells.items():
        heights[lane] = max(heights[lane], sum(item.height + item.spacing for item in cell))
    tops = [top]
    for height in heights:
        tops.append(round(tops[-1] + height + 2 * LANE_PADDING, 2))
    for (_, lane), cell in cells.items():
        _settle(cell, [item.y for item in cell], tops[lane], tops[lane + 1])
    for sweep in range(_SWEEPS):
        for place in sorted(cells, reverse=sweep % 2 == 1):
            cell, lane = cells[place], place[1]
            wanted = []
            for item in cell:
                near = [other.middle for other in item.neighbours if other.lane == lane]
                middle = sum(near) / len(near) if near else item.middle
                wanted.append(middle - item.height / 2)
            _settle(cell, wanted, tops[lane], tops[lane + 1])
    return tops


def _settle(cell: list[Item], wanted: list[float], top: float, bottom: float) -> None:
    """Put the items as near to ``wanted`` as their order, their sizes and the lane allow.

    Items that would overlap form a block at the mean of what they want (isotonic regression,
    pool adjacent violators).
    """
    blocks: list[tuple[float, int]] = []  # (mean of wanted first position, items)
    offsets, offset = [], 0.0
    for item in cell:
        offsets.append(offset)
        offset += item.height + item.spacing
    for at in range(len(cell)):
        mean, count = wanted[at] - offsets[at], 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    lowest = top + LANE_PADDING + BOX_SPACING / 2
    highest = bottom - LANE_PADDING - offset + BOX_SPACING / 2
    at = 0
    for mean, count in blocks:
        first = max(lowest, min(mean, highest))
        for item in cell[at : at + count]:
            item.y = round(first + offsets[at], 2)
            at += 1
