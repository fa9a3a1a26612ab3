"""The charts of the risk page as numbers: percent of the width and height to draw in. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from roadmap.planning.simulation import Risk, Simulation

# So many bars of the tornado are drawn; the table beside it goes on.
MOST_BARS = 15


@dataclass(frozen=True, slots=True)
class Column:
    """A bar of the histogram: ``count`` samples finish from day ``first`` to day ``last``."""

    x: float
    width: float
    height: float
    first: float
    last: float
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """How the finishes are spread. ``marks`` are where in the width each given day lies."""

    columns: tuple[Column, ...]
    marks: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """From the mean finish where a milestone is short to that where it is long."""

    risk: Risk
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Tornado:
    """Bars, the widest first; ``middle`` is where the mean finish lies."""

    bars: tuple[TornadoBar, ...]
    middle: float


def draw_histogram(simulation: Simulation, days: Sequence[float | None]) -> Histogram:
    """The spread of the roadmap's finish, with a mark for each of ``days`` that lies inside."""
    if not simulation.counts:
        return Histogram((), tuple(None for _ in days))
    first, last = simulation.bins[0], simulation.bins[-1]
    span = (last - first) or 1.0
    most = max(simulation.counts)

    def place(day: float) -> float:
        return round(100 * (day - first) / span, 2)

    columns = tuple(
        Column(
            place(low), round(place(high) - place(low), 2), round(100 * count / most, 2),
            low, high, count,
        )
        for low, high, count in zip(
            simulation.bins[:-1], simulation.bins[1:], simulation.counts, strict=True
        )
    )  # fmt: skip
    marks = tuple(place(day) if day is not None and first <= day <= last else None for day in days)
    return Histogram(columns, marks)


def draw_tornado(simulation: Simulation) -> Tornado:
    """Which uncertain durations move the roadmap's finish most."""
    chosen = simulation.tornado()[:MOST_BARS]
    if not chosen or simulation.mean is None:
        return Tornado((), 50.0)
    ends = [day for risk in chosen for day in (risk.finish_if_short, risk.finish_if_long)]
    first, last = min(*ends, simulation.mean), max(*ends, simulation.mean)
    span = (last - first) or 1.0

    def place(day: float) -> float:
        return round(100 * (day - first) / span, 2)

    bars = []
    for risk in chosen:
        low, high = sorted((risk.finish_if_short, risk.finish_if_long))
        bars.append(TornadoBar(risk, place(low), round(place(high) - place(low), 2)))
    return Tornado(tuple(bars), place(simulation.mean))
