"""Vector figures: bars, the tally of a vote, the timeline. The graph has a module of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from exports.pdf import fonts
from exports.pdf.blocks import Figure
from exports.pdf.canvas import Colour, TaggedCanvas
from exports.pdf.inline import fitted
from exports.pdf.style import A4, ACCENT, ACCENT_SOFT, INK, MUTED, RULE, WASH, WHITE

_SMALL = 7.5
_BAR_ROW = 15.0
_BARS_PER_FIGURE = 36


def bar_chart(
    bars: Sequence[tuple[str, int | None, str]], alternative: str, width: float = A4.text_width
) -> list[Figure]:
    """Horizontal bars: label, count (None when suppressed) and the count as words.

    More bars than a page takes become several figures on one scale.
    """
    longest = max((count or 0 for _, count, _ in bars), default=0) or 1
    label_width = min(
        max((fonts.width(label[:200], "regular", _SMALL) for label, _, _ in bars), default=0) + 9,
        width * 0.4,
    )
    room = width - label_width - 70

    def draw(part: Sequence[tuple[str, int | None, str]]) -> Figure:
        height = len(part) * _BAR_ROW + 4

        def paint(canvas: TaggedCanvas, x: float, y: float) -> None:
            left = x + label_width
            for order, (label, count, words) in enumerate(part):
                base = y + height - (order + 1) * _BAR_ROW
                text = fitted(label, label_width - 8, _SMALL)
                canvas.text(x, base + 4, text, face="regular", size=_SMALL, colour=INK)
                length = room * (count or 0) / longest
                if length:
                    canvas.rectangle(left, base + 2, length, _BAR_ROW - 5, fill=ACCENT)
                colour = INK if count is not None else MUTED
                face: fonts.Face = "regular" if count is not None else "italic"
                canvas.text(
                    left + length + 5, base + 4, words, face=face, size=_SMALL, colour=colour
                )
            canvas.polyline([(left, y), (left, y + height - 2)], stroke=RULE, line_width=0.6)

        return Figure(paint, width=width, height=height, alternative=alternative)

    return [
        draw(bars[start : start + _BARS_PER_FIGURE])
        for start in range(0, len(bars), _BARS_PER_FIGURE)
    ]


def tally_bar(
    parts: Sequence[tuple[str, int, Colour]], alternative: str, width: float = A4.text_width
) -> Figure:
    """One bar cut into shares, with a legend that repeats the numbers."""
    total = sum(count for _, count, _ in parts) or 1

    def paint(canvas: TaggedCanvas, x: float, y: float) -> None:
        left = x
        for _, count, colour in parts:
            length = width * count / total
            if length:
                canvas.rectangle(left, y + 20, length, 16, fill=colour, stroke=WHITE)
            left += length
        left = x
        for label, count, colour in parts:
            canvas.rectangle(left, y + 3, 8, 8, fill=colour)
            text = f"{label}: {count}"
            canvas.text(left + 12, y + 3.5, text, face="regular", size=_SMALL, colour=INK)
            left += 12 + fonts.width(text, "regular", _SMALL) + 20

    return Figure(paint, width=width, height=40, alternative=alternative)


@dataclass(frozen=True, slots=True)
class Bar:
    """A milestone on the timeline; ``slack_end`` is the latest finish."""

    code: str
    title: str
    begins: date
    ends: date
    slack_end: date
    critical: bool


_ROW = 14.0
_LABELS = 285.0


def timeline(
    bars: Sequence[Bar],
    *,
    first: date,
    last: date,
    colour: Colour,
    width: float,
    alternative: str,
) -> Figure:
    """Bars over years: filled from begin to end, a thin line to the latest finish.

    Critical milestones have a dark outline and a bold code, so colour is not needed to see them.
    """
    height = len(bars) * _ROW + 18
    span = max((last - first).days, 1)
    room = width - _LABELS

    def paint(canvas: TaggedCanvas, x: float, y: float) -> None:
        left, top = x + _LABELS, y + height - 14

        def at(day: date) -> float:
            return left + room * min(max((day - first).days / span, 0), 1)

        _paint_years(canvas, first, last, at, y, top)
        for order, bar in enumerate(bars):
            base = top - (order + 1) * _ROW
            if order % 2:
                canvas.rectangle(x, base, _LABELS - 4, _ROW, fill=WASH)
            face: fonts.Face = "bold" if bar.critical else "regular"
            code = fitted(bar.code, 62, _SMALL, face)
            canvas.text(x + 3, base + 4, code, face=face, size=_SMALL, colour=INK)
            title = fitted(bar.title, _LABELS - 80, _SMALL)
            canvas.text(x + 68, base + 4, title, face="regular", size=_SMALL, colour=MUTED)
            begin, end, slack = at(bar.begins), at(bar.ends), at(bar.slack_end)
            if slack > end:
                canvas.polyline(
                    [(end, base + _ROW / 2), (slack, base + _ROW / 2)],
                    stroke=ACCENT_SOFT,
                    line_width=1.2,
                )
            canvas.rectangle(
                begin,
                base + 3,
                max(end - begin, 2),
                _ROW - 6,
                fill=colour,
                stroke=INK if bar.critical else None,
                line_width=1.1,
            )

    return Figure(paint, width=width, height=height, alternative=alternative)


def _paint_years(
    canvas: TaggedCanvas,
    first: date,
    last: date,
    at: Callable[[date], float],
    y: float,
    top: float,
) -> None:
    years = range(first.year, last.year + 1)
    step = max(len(years) // 12, 1)
    for year in years[::step]:
        begin = max(date(year, 1, 1), first)
        canvas.polyline([(at(begin), y), (at(begin), top + 4)], stroke=RULE, line_width=0.4)
        canvas.text(at(begin) + 2, top + 5, str(year), face="bold", size=_SMALL, colour=MUTED)
