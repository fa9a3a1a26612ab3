"""The drawing of a roadmap's timeline: one row a milestone, grouped by area, along the years.

Pure and the same on every run and machine: plain values in, coordinates out. Points (1/72 inch),
x to the right, y downwards.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from roadmap.pictures.drawing import (
    TimelineBar,
    TimelineDrawing,
    TimelineHeading,
    TimelineMilestone,
    TimelineTick,
)
from roadmap.pictures.lettering import wrap_text

ROW_HEIGHT = 20.0
LABEL_WIDTH = 230.0
AXIS_HEIGHT = 28.0
LABEL_SIZE = 8.5
_BAR_HEIGHT = 10.0
_RIGHT_MARGIN = 24.0
_TICKS = 14


def layout_timeline(
    milestones: Sequence[TimelineMilestone],
    areas: Sequence[tuple[str, str]],
    *,
    start: date,
    width: float = 1040.0,
) -> TimelineDrawing:
    """Place everything ``width`` points wide: areas in the order given, earliest rows first."""
    makespan = max((each.earliest_finish for each in milestones), default=0)
    last = max(makespan, max((each.latest_finish for each in milestones), default=0), 1)
    scale = (width - LABEL_WIDTH - _RIGHT_MARGIN) / last

    def x(day: int) -> float:
        return round(LABEL_WIDTH + day * scale, 2)

    titles = dict(areas)
    for each in milestones:
        titles.setdefault(each.area, each.area)
    y = AXIS_HEIGHT
    headings, bars = [], []
    for area, title in titles.items():
        rows = sorted(
            (each for each in milestones if each.area == area),
            key=lambda each: (each.earliest_start, each.earliest_finish, each.code),
        )
        if not rows:
            continue
        headings.append(TimelineHeading(y + ROW_HEIGHT / 2, title))
        y += ROW_HEIGHT
        for each in rows:
            label = f"{each.code} {each.title}"
            (line,) = wrap_text(label, width=LABEL_WIDTH - 16, size=LABEL_SIZE, lines=1)
            left = x(each.earliest_start)
            bars.append(
                TimelineBar(
                    code=each.code,
                    title=each.title,
                    label=line,
                    x=left,
                    width=round(x(each.earliest_finish) - left, 2),
                    slack_end=x(each.latest_finish),
                    y=y + ROW_HEIGHT / 2,
                    height=_BAR_HEIGHT,
                    critical=each.critical,
                )
            )
            y += ROW_HEIGHT
    ticks = tuple(TimelineTick(x(day), label) for day, label in _ticks(start, last))
    return TimelineDrawing(width, round(y + 6, 2), LABEL_WIDTH, ticks, tuple(headings), tuple(bars))


def _ticks(start: date, last: int) -> list[tuple[int, str]]:
    """Years (or quarters of a short plan, or every so many years of a long one), at most so many.

    A plan that runs beyond the calendar's last year counts days instead.
    """
    try:
        end = start + timedelta(days=last)
    except OverflowError:
        step = -(-last // _TICKS)
        return [(day, f"+{day:,} d") for day in range(0, last + 1, step)]
    months = (end.year - start.year) * 12 + end.month - start.month
    step_months = next(
        (step for step in (1, 3, 6, 12, 24, 60, 120, 300, 600) if months // step < _TICKS),
        12 * (-(-months // 12 // _TICKS)),
    )
    ticks = []
    month_number = start.year * 12 + start.month - 1
    month_number += -month_number % step_months
    while month_number // 12 <= min(end.year, date.max.year):
        year, month = month_number // 12, month_number % 12 + 1
        day = (date(year, month, 1) - start).days
        if 0 <= day <= last:
            ticks.append((day, str(year) if step_months >= 12 else f"{year}-{month:02}"))
        month_number += step_months
    return ticks
