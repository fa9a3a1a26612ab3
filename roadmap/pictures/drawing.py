"""What drawings are made from and what comes out: plain values with coordinates.

The page draws them as SVG, the PDF as vectors. Points (1/72 inch), x to the right, y downwards.
"""

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class GraphMilestone:
    """A milestone to draw; ``note`` is a last line of its box, such as its dates.

    ``near`` says that it is almost critical, ``contested`` that a contradiction goes through it.
    ``strength`` (0 to 1) is what the evidence says, from ``n`` people; None where there is none.
    """

    code: str
    title: str
    area: str
    earliest_start: int = 0
    critical: bool = False
    note: str = ""
    near: bool = False
    contested: bool = False
    strength: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class GraphDependency:
    """A dependency to draw; ``critical`` means that it drives the critical path.

    ``strength`` and ``n`` as in ``GraphMilestone``.
    """

    before: str
    after: str
    kind: str = "FS"
    lag_days: int = 0
    suspended: bool = False
    critical: bool = False
    strength: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class GraphBox:
    """A milestone's box: top left corner, size, and its lines of text (code first).

    Where there is a ``strength`` the box has room for one more line below, to show it.
    """

    code: str
    title: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    critical: bool
    near: bool = False
    contested: bool = False
    strength: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """A dependency's line: a start, then Bézier pieces of three points each; and its arrow head.

    ``label`` (kind and lag, where it is not a plain finish-to-start) is ``label_width`` wide and
    ends at ``label_at``, on its base line.
    """

    before: str
    after: str
    start: Point
    curves: tuple[tuple[Point, Point, Point], ...]
    arrow: tuple[Point, Point, Point]
    label: str
    label_at: Point
    label_width: float
    suspended: bool
    critical: bool
    kind: str = "FS"
    lag_days: int = 0
    strength: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class GraphLane:
    """An area's lane across the whole drawing, and its title in lines.

    ``level`` is 0 for an area, 1 for a part of one, and so on. ``heading`` stands above the title
    of the first part of an area that has no milestones, and so no lane, of its own.
    """

    area: str
    lines: tuple[str, ...]
    y: float
    height: float
    level: int = 0
    heading: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphBand:
    """A stretch of time across the whole drawing; ``current`` where today lies in it."""

    label: str
    x: float
    width: float
    current: bool = False


@dataclass(frozen=True, slots=True)
class GraphDrawing:
    """Everything to draw, edges before boxes; boxes in the order of time.

    ``bands`` are there where columns stand for time; their labels are above ``top``.
    """

    width: float
    height: float
    lanes: tuple[GraphLane, ...]
    edges: tuple[GraphEdge, ...]
    boxes: tuple[GraphBox, ...]
    bands: tuple[GraphBand, ...] = ()
    top: float = 0.0


@dataclass(frozen=True, slots=True)
class TimelineMilestone:
    """A milestone to draw; days count from the roadmap's start.

    ``p50`` and ``p80``: the days by which it is finished with that likelihood, where estimated.
    """

    code: str
    title: str
    area: str
    earliest_start: int
    earliest_finish: int
    latest_finish: int
    critical: bool
    p50: int | None = None
    p80: int | None = None


@dataclass(frozen=True, slots=True)
class TimelineTick:
    """A vertical line with the year, or with the day where the calendar ends, above it."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class TimelineHeading:
    """An area's title above its rows."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """A milestone's row.

    The bar runs from ``x`` over ``width`` (0 is a moment: draw a diamond), its slack from there to
    ``slack_end``; ``p50_x`` and ``p80_x`` are where it is finished with that likelihood. ``label``
    is set at the left of the row, ``y`` is the row's middle.
    """

    code: str
    title: str
    label: str
    x: float
    width: float
    slack_end: float
    y: float
    height: float
    critical: bool
    p50_x: float | None = None
    p80_x: float | None = None


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """A dependency between two bars: corners of a line, the arrow head at its last one."""

    before: str
    after: str
    points: tuple[Point, ...]
    arrow: tuple[Point, Point, Point]
    critical: bool
    suspended: bool


@dataclass(frozen=True, slots=True)
class TimelineDrawing:
    """Everything to draw; the plot begins at ``plot_left`` and below ``AXIS_HEIGHT``.

    ``today_x`` is None where today lies outside the plot.
    """

    width: float
    height: float
    plot_left: float
    ticks: tuple[TimelineTick, ...]
    headings: tuple[TimelineHeading, ...]
    bars: tuple[TimelineBar, ...]
    lines: tuple[TimelineLine, ...] = ()
    today_x: float | None = None
