"""What drawings are made from and what comes out: plain values with coordinates.

The page draws them as SVG, the PDF as vectors. Points (1/72 inch), x to the right, y downwards.
"""

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class GraphMilestone:
    """A milestone to draw; ``note`` is a last line of its box, such as its dates."""

    code: str
    title: str
    area: str
    earliest_start: int = 0
    critical: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class GraphDependency:
    """A dependency to draw; ``critical`` means that it drives the critical path."""

    before: str
    after: str
    kind: str = "FS"
    lag_days: int = 0
    suspended: bool = False
    critical: bool = False


@dataclass(frozen=True, slots=True)
class GraphBox:
    """A milestone's box: top left corner, size, and its lines of text (code first)."""

    code: str
    title: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    critical: bool


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


@dataclass(frozen=True, slots=True)
class GraphLane:
    """An area's lane across the whole drawing, and its title in lines."""

    area: str
    lines: tuple[str, ...]
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class GraphDrawing:
    """Everything to draw, edges before boxes."""

    width: float
    height: float
    lanes: tuple[GraphLane, ...]
    edges: tuple[GraphEdge, ...]
    boxes: tuple[GraphBox, ...]


@dataclass(frozen=True, slots=True)
class TimelineMilestone:
    """A milestone to draw; days count from the roadmap's start."""

    code: str
    title: str
    area: str
    earliest_start: int
    earliest_finish: int
    latest_finish: int
    critical: bool


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
    ``slack_end``. ``label`` is set at the left of the row, ``y`` is the row's middle.
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


@dataclass(frozen=True, slots=True)
class TimelineDrawing:
    """Everything to draw; the plot begins at ``plot_left`` and below ``AXIS_HEIGHT``."""

    width: float
    height: float
    plot_left: float
    ticks: tuple[TimelineTick, ...]
    headings: tuple[TimelineHeading, ...]
    bars: tuple[TimelineBar, ...]
