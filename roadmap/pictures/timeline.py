"""The drawing of a roadmap's timeline: one row a milestone, grouped by area, along the years.

Pure and the same on every run and machine: plain values in, coordinates out. Points (1/72 inch),
x to the right, y downwards.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from roadmap.pictures.drawing import (
    GraphDependency,
    Point,
    TimelineBar,
    TimelineDrawing,
    TimelineHeading,
    TimelineLine,
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
_TURN = 6.0
_ARROW = 4.5


def layout_timeline(
    milestones: Sequence[TimelineMilestone],
    areas: Sequence[tuple[str, str]],
    *,
    start: date,
    width: float = 1040.0,
    dependencies: Sequence[GraphDependency] = (),
    today: int | None = None,
) -> TimelineDrawing:
    """Place everything ``width`` points wide: areas in the order given, earliest rows first.

    Of ``dependencies`` those between two of the milestones are drawn; ``today`` is a day.
    """
    ends = [
        day
        for each in milestones
        for day in (each.earliest_finish, each.latest_finish, each.p50 or 0, each.p80 or 0)
    ]
    last = max(ends, default=1) or 1
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
                    p50_x=None if each.p50 is None else x(each.p50),
                    p80_x=None if each.p80 is None else x(each.p80),
                )
            )
            y += ROW_HEIGHT
    placed = {bar.code: bar for bar in bars}
    lines = tuple(
        _line(each, placed[each.before], placed[each.after])
        for each in sorted(dependencies, key=lambda each: (each.critical, each.suspended))
        if each.before in placed and each.after in placed and each.before != each.after
    )
    ticks = tuple(TimelineTick(x(day), label) for day, label in _ticks(start, last))
    return TimelineDrawing(
        width, round(y + 6, 2), LABEL_WIDTH, ticks, tuple(headings), tuple(bars), lines,
        x(today) if today is not None and 0 <= today <= last else None,
    )  # fmt: skip


def _line(dependency: GraphDependency, before: TimelineBar, after: TimelineBar) -> TimelineLine:
    """Round the corners: out of one end of a bar, between two rows, into an end of the other."""
    leaves_finish, enters_start = dependency.kind[0] == "F", dependency.kind[-1] == "S"
    out, into = (1 if leaves_finish else -1), (-1 if enters_start else 1)
    from_x = before.x + before.width if leaves_finish else before.x
    to_x = after.x if enters_start else after.x + after.width
    down = 1 if after.y > before.y else -1
    corner, last = round(from_x + out * _TURN, 2), round(to_x + into * _TURN, 2)
    between = round(after.y - down * ROW_HEIGHT / 2, 2)
    points: tuple[Point, ...] = ((from_x, before.y), (corner, before.y))
    if (last - corner) * -into < 0:  # back round the row of the bar it enters
        points += ((corner, between), (last, between), (last, after.y))
    else:
        points += ((corner, after.y),)
    back = to_x + into * _ARROW
    return TimelineLine(
        before=dependency.before,
        after=dependency.after,
        points=(*points, (round(back, 2), after.y)),
        arrow=(
            (to_x, after.y),
            (round(back, 2), round(after.y - _ARROW * 0.6, 2)),
            (round(back, 2), round(after.y + _ARROW * 0.6, 2)),
        ),
        critical=dependency.critical,
        suspended=dependency.suspended,
    )


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
