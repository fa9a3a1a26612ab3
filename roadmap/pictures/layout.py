"""The drawing of a roadmap's graph: layers from left to right, one lane an area.

A layered drawing after Sugiyama, Tagawa and Toda (1981): time or dependency depth gives the
column, long edges pass the columns between through gaps kept free for them (one trunk for all
that leave the same milestone), the order within a column follows the neighbours' mean position.
Boxes never overlap each other and no edge runs through a box.

Pure and the same on every run and machine: plain values in, coordinates out. Points (1/72 inch),
x to the right, y downwards.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from roadmap.pictures.bands import Band
from roadmap.pictures.columns import Columns, columns_by_depth, columns_by_time
from roadmap.pictures.drawing import (
    GraphBand,
    GraphBox,
    GraphDependency,
    GraphDrawing,
    GraphEdge,
    GraphLane,
    GraphMilestone,
    TimelineBar,
    TimelineDrawing,
    TimelineHeading,
    TimelineMilestone,
    TimelineTick,
)
from roadmap.pictures.items import TRUNK_HEIGHT, Item, order_items, place_items
from roadmap.pictures.lettering import wrap_text
from roadmap.pictures.lines import BOX_WIDTH, COLUMN_GAP, LABEL_SIZE, Ports, draw_edge
from roadmap.pictures.timeline import layout_timeline

__all__ = [
    "BOX_WIDTH",
    "LABEL_SIZE",
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

TITLE_SIZE = 8.5
LINE_HEIGHT = 11.0
LANE_LABEL_WIDTH = 92.0
AXIS_HEIGHT = 22.0
PADDING = 6.0
_TITLE_LINES = 4
_LANE_LINES = 5
_INDENT = 6.0
# A band of time in which nothing starts is still there, but narrow.
_EMPTY_BAND = 40.0


def layout_graph(
    milestones: Sequence[GraphMilestone],
    dependencies: Sequence[GraphDependency],
    areas: Sequence[tuple[str, str]],
    *,
    parents: Mapping[str, str] | None = None,
    bands: Sequence[Band] = (),
    today: int | None = None,
) -> GraphDrawing:
    """Place everything. ``areas`` are (code, title) from top to bottom; each is a lane.

    Milestones of an area that is not listed get a lane of their own below; ``parents`` says of
    which area another is a part: parts follow their area. Dependencies on milestones that are not
    there are left out. With ``bands`` columns stand for time, else for the depth of dependencies.
    """
    given = {milestone.code: milestone for milestone in milestones}
    edges = [each for each in dependencies if each.before in given and each.after in given]
    titles = dict(areas)
    for code in sorted({milestone.area for milestone in milestones} - titles.keys()):
        titles[code] = code
    used = {milestone.area for milestone in milestones}
    tree = nested_areas(tuple(titles), parents or {})
    lane_of = {code: at for at, code in enumerate(code for code, _ in tree if code in used)}
    columns = columns_by_time(given, edges, bands) if bands else columns_by_depth(given, edges)
    arriving = Counter(edge.after for edge in edges)
    boxes = {
        code: _box_item(each, lane_of, columns, arriving[code]) for code, each in given.items()
    }
    trunks: dict[tuple[str, ...], Item] = {}
    routes = [_route(edge, boxes, trunks) for edge in edges]
    items = [*boxes.values(), *trunks.values()]
    order_items(items)
    labels = _lane_labels(tree, lane_of, titles, parents or {})
    top = AXIS_HEIGHT if bands and given else 0.0
    lane_tops = place_items(
        items,
        [len(heading + lines) * LINE_HEIGHT for heading, lines in labels],
        top,
    )
    lefts, drawn_bands = _across(columns, bands, today)
    ports = Ports(edges, routes, boxes)
    drawn = [
        draw_edge(edge, route, ports, lefts.__getitem__)
        for edge, route in zip(edges, routes, strict=True)
    ]
    level = dict(tree)
    in_order = sorted(given, key=lambda code: (given[code].earliest_start, code))
    return GraphDrawing(
        width=round(drawn_bands[-1].x + drawn_bands[-1].width, 2),
        height=lane_tops[-1],
        lanes=tuple(
            GraphLane(
                code, labels[lane][1], lane_tops[lane], lane_tops[lane + 1] - lane_tops[lane],
                level[code], labels[lane][0],
            )
            for code, lane in lane_of.items()
        ),
        # What is special is drawn over what is not.
        edges=tuple(sorted(drawn, key=lambda edge: (edge.critical, edge.suspended))),
        boxes=tuple(_box(given[code], boxes[code], lefts) for code in in_order),
        bands=tuple(drawn_bands) if top else (),
        top=top,
    )  # fmt: skip


def nested_areas(codes: Sequence[str], parents: Mapping[str, str]) -> list[tuple[str, int]]:
    """(code, level) of all areas, each followed by its parts; otherwise in the order given."""
    parts: dict[str, list[str]] = {}
    known = set(codes)
    for code in codes:
        parent = parents.get(code, "")
        parts.setdefault(parent if parent in known else "", []).append(code)
    found: dict[str, int] = {}
    waiting = [(code, 0) for code in reversed(parts.get("", []))]
    while waiting:
        code, level = waiting.pop()
        found[code] = level
        waiting += [
            (part, level + 1) for part in reversed(parts.get(code, [])) if part not in found
        ]
    # Areas that are parts of each other in a circle are shown all the same.
    return [*found.items(), *((code, 0) for code in codes if code not in found)]


def _lane_labels(
    tree: Sequence[tuple[str, int]],
    lane_of: Mapping[str, int],
    titles: Mapping[str, str],
    parents: Mapping[str, str],
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """(heading, title) of each lane in lines; the heading names an area without a lane."""
    labels, told = [], set(lane_of)
    for code, level in tree:
        if code not in lane_of:
            continue
        heading: tuple[str, ...] = ()
        parent = parents.get(code, "")
        if parent in titles and parent not in told:
            told.add(parent)
            heading = wrap_text(
                titles[parent], width=LANE_LABEL_WIDTH - 12, size=TITLE_SIZE, lines=_LANE_LINES
            )
        width = LANE_LABEL_WIDTH - 12 - min(level, 3) * _INDENT
        labels.append(
            (heading, wrap_text(titles[code], width=width, size=TITLE_SIZE, lines=_LANE_LINES))
        )
    return labels


def _across(
    columns: Columns, bands: Sequence[Band], today: int | None
) -> tuple[list[float], list[GraphBand]]:
    """The left edge of each column, and the bands they stand in (one without a name by depth)."""
    lefts: list[float] = []
    drawn: list[GraphBand] = []
    x = LANE_LABEL_WIDTH
    ends = [band.first for band in bands[1:]]
    for at, count in enumerate(columns.in_band):
        lefts += [x + COLUMN_GAP / 2 + each * (BOX_WIDTH + COLUMN_GAP) for each in range(count)]
        width = count * (BOX_WIDTH + COLUMN_GAP) or _EMPTY_BAND
        label = bands[at].label if bands else ""
        begins = bands[at].first if bands else 0
        current = (
            today is not None
            and bool(bands)
            and begins <= today
            and (at >= len(ends) or today < ends[at])
        )
        drawn.append(GraphBand(label, x, width, current))
        x += width
    return lefts, drawn


def _box(milestone: GraphMilestone, item: Item, lefts: Sequence[float]) -> GraphBox:
    return GraphBox(
        milestone.code,
        milestone.title,
        lefts[item.column],
        item.y,
        BOX_WIDTH,
        item.height,
        item.lines,
        milestone.critical,
        milestone.near,
        milestone.contested,
        milestone.strength,
        milestone.n,
    )


def _box_item(
    milestone: GraphMilestone,
    lane_of: Mapping[str, int],
    columns: Columns,
    arriving: int,
) -> Item:
    """A box tall enough for its text, and for the labels of the edges that arrive."""
    room = BOX_WIDTH - 2 * PADDING
    lines = [*wrap_text(milestone.code, width=room, size=TITLE_SIZE, lines=1)]
    lines += wrap_text(milestone.title, width=room, size=TITLE_SIZE, lines=_TITLE_LINES)
    if milestone.note:
        lines += wrap_text(milestone.note, width=room, size=TITLE_SIZE, lines=1)
    height = (len(lines) + (milestone.strength is not None)) * LINE_HEIGHT + 2 * PADDING
    return Item(
        key=(milestone.code,),
        lane=lane_of[milestone.area],
        column=columns.of[milestone.code],
        height=max(height, (arriving + 1) * (LABEL_SIZE + 2)),
        neighbours=[],
        lines=tuple(lines),
    )


def _route(
    edge: GraphDependency, boxes: Mapping[str, Item], trunks: dict[tuple[str, ...], Item]
) -> list[Item]:
    """The items an edge passes, both boxes included; shares the trunks of edges of its kind."""
    source, target = boxes[edge.before], boxes[edge.after]
    step = 1 if target.column > source.column else -1
    route = [source]
    for column in range(source.column + step, target.column, step):
        key = (edge.before, "suspended" if edge.suspended else "", str(step), str(column))
        if key not in trunks:
            trunks[key] = Item(key, source.lane, column, TRUNK_HEIGHT, [])
        route.append(trunks[key])
    if source.column != target.column:
        route.append(target)
        for one, other in pairwise(route):
            one.neighbours.append(other)
            other.neighbours.append(one)
        return route
    return [source, target]
