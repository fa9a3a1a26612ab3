"""The lines of the graph: where they leave and enter boxes, and how they swing between. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from roadmap.pictures.drawing import GraphDependency, GraphEdge, Point
from roadmap.pictures.items import Item
from roadmap.pictures.lettering import text_width

BOX_WIDTH = 136.0
COLUMN_GAP = 60.0
LABEL_SIZE = 6.5
_ARROW = 5.0


class Ports:
    """Where edges leave and enter the boxes: spread over the side, in the order they come from."""

    def __init__(
        self,
        edges: Sequence[GraphDependency],
        routes: Sequence[list[Item]],
        boxes: Mapping[str, Item],
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

    def of(self, route: list[Item], end: str) -> float:
        """The y at which this route's ``end`` ("start" or "stop") meets its box."""
        return round(self._height[self._end[self._numbers[id(route)], end]], 2)


def draw_edge(
    edge: GraphDependency, route: list[Item], ports: Ports, left: Callable[[int], float]
) -> GraphEdge:
    source, target = route[0], route[-1]
    start_y, stop_y = ports.of(route, "start"), ports.of(route, "stop")
    direction = 1 if target.column > source.column else -1
    curves: list[tuple[Point, Point, Point]] = []
    start: Point
    if source.column == target.column:  # round the right side, in the gap
        x = left(source.column) + BOX_WIDTH
        start, tip, bulge = (x, start_y), (x, stop_y), x + COLUMN_GAP * 0.55
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
        kind=edge.kind,
        lag_days=edge.lag_days,
        strength=edge.strength,
        n=edge.n,
    )


def _swing(at: Point, to: Point) -> tuple[Point, Point, Point]:
    """A curve that leaves and arrives horizontally."""
    middle = round((at[0] + to[0]) / 2, 2)
    return ((middle, at[1]), (middle, to[1]), to)
