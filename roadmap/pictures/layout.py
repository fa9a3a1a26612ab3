"""The drawing of a roadmap's graph: layers from left to right, one lane an area.

A layered drawing after Sugiyama, Tagawa and Toda (1981): dependency depth gives the column, long
edges pass the columns between through gaps kept free for them (one trunk for all that leave the
same milestone), the order within a column follows the neighbours' mean position. Boxes never
overlap each other and no edge runs through a box.

Pure and the same on every run and machine: plain values in, coordinates out. Points (1/72 inch),
x to the right, y downwards.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from roadmap.pictures.drawing import (
    GraphBox,
    GraphDependency,
    GraphDrawing,
    GraphEdge,
    GraphLane,
    GraphMilestone,
    Point,
    TimelineBar,
    TimelineDrawing,
    TimelineHeading,
    TimelineMilestone,
    TimelineTick,
)
from roadmap.pictures.lettering import text_width, wrap_text
from roadmap.pictures.timeline import layout_timeline

__all__ = [
    "GraphBox",
    "GraphDependency",
    "GraphDrawing",
    "GraphEdge",
    "GraphLane",
    "GraphMilestone",
    "TimelineBar",
    "TimelineDrawing",
    "TimelineHeading",
    "TimelineMilestone",
    "TimelineTick",
    "layout_graph",
    "layout_timeline",
]

BOX_WIDTH = 136.0
TITLE_SIZE = 8.5
LABEL_SIZE = 6.5
LINE_HEIGHT = 11.0
LANE_LABEL_WIDTH = 92.0
_PADDING = 6.0
_TITLE_LINES = 4
_COLUMN_GAP = 60.0
_BOX_SPACING = 12.0
_TRUNK_HEIGHT = 5.0
_LANE_PADDING = 12.0
_ARROW = 5.0
_SWEEPS = 12


@dataclass(slots=True)
class _Item:
    """What takes room in a column: a box, or the gap through which a trunk of edges passes."""

    key: tuple[str, ...]
    lane: int
    column: int
    height: float
    neighbours: list["_Item"]
    lines: tuple[str, ...] = ()
    rank: float = 0.0
    y: float = 0.0

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def spacing(self) -> float:
        return _BOX_SPACING if self.lines else _TRUNK_HEIGHT


def layout_graph(
    milestones: Sequence[GraphMilestone],
    dependencies: Sequence[GraphDependency],
    areas: Sequence[tuple[str, str]],
) -> GraphDrawing:
    """Place everything. ``areas`` are (code, title) from top to bottom; each is a lane.

    Milestones of an area that is not listed get a lane of their own below. Dependencies on
    milestones that are not there are left out.
    """
    given = {milestone.code: milestone for milestone in milestones}
    edges = [each for each in dependencies if each.before in given and each.after in given]
    titles = dict(areas)
    for milestone in milestones:
        titles.setdefault(milestone.area, milestone.area)
    used = {milestone.area for milestone in milestones}
    lane_of = {code: at for at, code in enumerate(code for code in titles if code in used)}
    columns = _columns(given, edges)
    arriving = Counter(edge.after for edge in edges)
    boxes = {
        code: _box_item(each, lane_of, columns, arriving[code]) for code, each in given.items()
    }
    trunks: dict[tuple[str, ...], _Item] = {}
    routes = [_route(edge, boxes, trunks) for edge in edges]
    items = [*boxes.values(), *trunks.values()]
    _order(items)
    lane_tops = _place(items, len(lane_of))

    def left(column: int) -> float:
        return LANE_LABEL_WIDTH + _COLUMN_GAP / 2 + column * (BOX_WIDTH + _COLUMN_GAP)

    ports = _Ports(edges, routes, boxes)
    drawn = [
        _draw_edge(edge, route, ports, left) for edge, route in zip(edges, routes, strict=True)
    ]
    width = left(max(columns.values(), default=0)) + BOX_WIDTH + _COLUMN_GAP
    lanes = tuple(
        GraphLane(
            code,
            wrap_text(titles[code], width=LANE_LABEL_WIDTH - 12, size=TITLE_SIZE, lines=5),
            lane_tops[lane],
            lane_tops[lane + 1] - lane_tops[lane],
        )
        for code, lane in lane_of.items()
    )
    return GraphDrawing(
        width=round(width, 2),
        height=lane_tops[-1],
        lanes=lanes,
        # What is special is drawn over what is not.
        edges=tuple(sorted(drawn, key=lambda edge: (edge.critical, edge.suspended))),
        boxes=tuple(
            GraphBox(
                code,
                given[code].title,
                left(item.column),
                item.y,
                BOX_WIDTH,
                item.height,
                item.lines,
                given[code].critical,
            )
            for code, item in boxes.items()
        ),
    )


def _columns(
    milestones: Mapping[str, GraphMilestone], edges: Iterable[GraphDependency]
) -> dict[str, int]:
    """The column of each milestone: how many standing dependencies lie before it at the most.

    Inside a feasible cycle only the dependencies that follow the earliest starts count. What
    waits for nothing moves right, next to what waits for it.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(milestones))
    standing = sorted({(each.before, each.after) for each in edges if not each.suspended})
    graph.add_edges_from(standing)
    component = {
        code: number
        for number, codes in enumerate(nx.strongly_connected_components(graph))
        for code in codes
    }

    def key(code: str) -> tuple[int, str]:
        return (milestones[code].earliest_start, code)

    against = [
        (before, after)
        for before, after in standing
        if component[before] == component[after] and key(before) >= key(after)
    ]
    graph.remove_edges_from(against)
    generations = [sorted(codes) for codes in nx.topological_generations(graph)]
    columns = {code: depth for depth, codes in enumerate(generations) for code in codes}
    for code in generations[0] if generations else []:
        followers = [columns[other] for other in graph.successors(code)]
        columns[code] = min(followers, default=1) - 1
    return columns


def _box_item(
    milestone: GraphMilestone,
    lane_of: Mapping[str, int],
    columns: Mapping[str, int],
    arriving: int,
) -> _Item:
    """A box tall enough for its text, and for the labels of the edges that arrive."""
    room = BOX_WIDTH - 2 * _PADDING
    lines = [*wrap_text(milestone.code, width=room, size=TITLE_SIZE, lines=1)]
    lines += wrap_text(milestone.title, width=room, size=TITLE_SIZE, lines=_TITLE_LINES)
    if milestone.note:
        lines += wrap_text(milestone.note, width=room, size=TITLE_SIZE, lines=1)
    return _Item(
        key=(milestone.code,),
        lane=lane_of[milestone.area],
        column=columns[milestone.code],
        height=max(len(lines) * LINE_HEIGHT + 2 * _PADDING, (arriving + 1) * (LABEL_SIZE + 2)),
        neighbours=[],
        lines=tuple(lines),
    )


def _route(
    edge: GraphDependency, boxes: Mapping[str, _Item], trunks: dict[tuple[str, ...], _Item]
) -> list[_Item]:
    """The items an edge passes, both boxes included; shares the trunks of edges of its kind."""
    source, target = boxes[edge.before], boxes[edge.after]
    step = 1 if target.column > source.column else -1
    route = [source]
    for column in range(source.column + step, target.column, step):
        key = (edge.before, "suspended" if edge.suspended else "", str(step), str(column))
        if key not in trunks:
            trunks[key] = _Item(key, source.lane, column, _TRUNK_HEIGHT, [])
        route.append(trunks[key])
    if source.column != target.column:
        route.append(target)
        for one, other in pairwise(route):
            one.neighbours.append(other)
            other.neighbours.append(one)
        return route
    return [source, target]


def _cells(items: Iterable[_Item]) -> dict[tuple[int, int], list[_Item]]:
    """The items of each (column, lane), in their order."""
    cells: dict[tuple[int, int], list[_Item]] = defaultdict(list)
    for item in sorted(items, key=lambda each: (each.column, each.lane, each.rank, each.key)):
        cells[item.column, item.lane].append(item)
    return cells


def _order(items: list[_Item]) -> None:
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


def _rank(cell: list[_Item]) -> None:
    """Ranks are lane numbers with fractions, so that neighbours in other lanes pull that way."""
    for at, item in enumerate(cell):
        item.rank = item.lane + (at + 0.5) / len(cell)


def _place(items: list[_Item], lanes: int) -> list[float]:
    """Give every item its y; returns the tops of the lanes and, last, the bottom of all."""
    cells = _cells(items)
    heights = [0.0] * lanes
    for (_, lane), cell in cells.items():
        heights[lane] = max(heights[lane], sum(item.height + item.spacing for item in cell))
    tops = [0.0]
    for height in heights:
        tops.append(round(tops[-1] + height + 2 * _LANE_PADDING, 2))
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


def _settle(cell: list[_Item], wanted: list[float], top: float, bottom: float) -> None:
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
    lowest = top + _LANE_PADDING + _BOX_SPACING / 2
    highest = bottom - _LANE_PADDING - offset + _BOX_SPACING / 2
    at = 0
    for mean, count in blocks:
        first = max(lowest, min(mean, highest))
        for item in cell[at : at + count]:
            item.y = round(first + offsets[at], 2)
            at += 1


class _Ports:
    """Where edges leave and enter the boxes: spread over the side, in the order they come from."""

    def __init__(
        self,
        edges: Sequence[GraphDependency],
        routes: Sequence[list[_Item]],
        boxes: Mapping[str, _Item],
    ) -> None:
        # (box, side) → what arrives there: the next item's middle and what tells it apart.
        sides: dict[tuple[str, str], set[tuple[float, tuple[str, ...]]]] = defaultdict(set)
        self._end: dict[tuple[int, str], tuple[str, str, tuple[float, tuple[str, ...]]]] = {}
        for number, (edge, route) in enumerate(zip(edges, routes, strict=True)):
            for end, code, following in (
                ("start", edge.before, route[1]),
                ("stop", edge.after, route[-2]),
            ):
                side = "right" if following.column >= boxes[code].column else "left"
                name = following.key if len(following.key) > 1 else (*following.key, end)
                port = (following.middle, (*name, edge.kind if end == "stop" else ""))
                sides[code, side].add(port)
                self._end[number, end] = (code, side, port)
        self._numbers = {id(route): number for number, route in enumerate(routes)}
        self._height = {
            (code, side, port): boxes[code].y + boxes[code].height * (at + 1) / (len(ports) + 1)
            for (code, side), ports in sides.items()
            for at, port in enumerate(sorted(ports))
        }

    def of(self, route: list[_Item], end: str) -> float:
        """The y at which this route's ``end`` ("start" or "stop") meets its box."""
        return round(self._height[self._end[self._numbers[id(route)], end]], 2)


def _draw_edge(
    edge: GraphDependency, route: list[_Item], ports: _Ports, left: Callable[[int], float]
) -> GraphEdge:
    source, target = route[0], route[-1]
    start_y, stop_y = ports.of(route, "start"), ports.of(route, "stop")
    direction = 1 if target.column > source.column else -1
    curves: list[tuple[Point, Point, Point]] = []
    start: Point
    if source.column == target.column:  # round the right side, in the gap
        x = left(source.column) + BOX_WIDTH
        start, tip, bulge = (x, start_y), (x, stop_y), x + _COLUMN_GAP * 0.55
        if source is target:
            start, tip = (x, source.y + source.height * 0.3), (x, source.y + source.height * 0.8)
        end = (tip[0] + _ARROW, tip[1])
        curves.append(((bulge, start[1]), (bulge, end[1]), end))
    else:
        near, far = (BOX_WIDTH, 0.0) if direction > 0 else (0.0, BOX_WIDTH)
        start = (left(source.column) + near, start_y)
        at = start
        for item in route[1:-1]:
            enter = (left(item.column) + far, round(item.middle, 2))
            leave = (left(item.column) + near, enter[1])
            curves.append(_swing(at, enter))
            curves.append(_swing(enter, leave))
            at = leave
        tip = (left(target.column) + far, stop_y)
        curves.append(_swing(at, (tip[0] - direction * _ARROW, stop_y)))
    back = -_ARROW * direction
    half = _ARROW * 0.55
    arrow = (tip, (tip[0] + back, tip[1] - half), (tip[0] + back, tip[1] + half))
    lag = f"{edge.lag_days:+d}".replace("-", "−") if edge.lag_days else ""
    kind = edge.kind if edge.kind != "FS" else ""
    label = f"{kind} {lag}".strip()
    width = text_width(label, LABEL_SIZE) + 2
    label_x = tip[0] - 9 if direction > 0 else tip[0] + 8 + width
    return GraphEdge(
        before=edge.before,
        after=edge.after,
        start=start,
        curves=tuple(curves),
        arrow=arrow,
        label=label,
        label_at=(round(label_x, 2), round(tip[1] - 2.5, 2)),
        label_width=round(width, 2),
        suspended=edge.suspended,
        critical=edge.critical,
    )


def _swing(at: Point, to: Point) -> tuple[Point, Point, Point]:
    """A curve that leaves and arrives horizontally."""
    middle = round((at[0] + to[0]) / 2, 2)
    return ((middle, at[1]), (middle, to[1]), to)
