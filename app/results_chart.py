"""Charts of results as numbers: lengths in percent, ready to be drawn as SVG bars.

``results/_charts.html`` draws them: bars are SVG that stretches with the page, words stay HTML. A
hidden count is ``None`` and has no bar of its own. Pure.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# More options than this cannot be told apart by colour: then the table speaks alone.
MOST_SEGMENTS = 8
HIDDEN = -1
"""The place of the segment that stands for all hidden options together."""

# Neighbours differ in lightness too, for those who do not see the hues.
_PLAIN = ("#0e47cb", "#8fb0f5", "#7a3e9d", "#e0a800", "#1b6b58", "#f08c7d", "#5c6470", "#b9d7a8")
# From one end of a scale over a pale middle to the other end.
_LOW, _MIDDLE, _HIGH = ("#8a3b12", "#e08a4f"), "#cfd3da", ("#7ba0f2", "#0e47cb")
# Beside the scale: "no opinion".
_BESIDE = ("#5c6470", "#9aa1ad")
# Agree, disagree, pass; support, change, oppose, comment only.
FOR_AND_AGAINST = (_HIGH[1], _LOW[1], _BESIDE[1])
STANCES = (_HIGH[1], _HIGH[0], _LOW[1], _BESIDE[1])
_NUMBERED = re.compile(r"\s*(\d{1,2})\b")


@dataclass(frozen=True, slots=True)
class Bar:
    """One option or group: ``count`` of ``whole`` people."""

    label: str
    count: int | None
    whole: int | None
    lang: str = ""

    @property
    def length(self) -> float:
        """Percent of the full width; 0 where a number is hidden."""
        return _percent(self.count, self.whole)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a stacked bar. ``option`` is its place among the options, or ``HIDDEN``."""

    option: int
    count: int
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class StackedBar:
    """A group (or matrix row) of ``answered`` people, split by what they chose."""

    label: str
    answered: int | None
    counts: tuple[int | None, ...]
    lang: str = ""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The stretches from left to right; what is hidden comes last, in one piece."""
        if not self.answered:
            return ()
        segments = []
        before = 0
        for option, count in enumerate(self.counts):
            if count:
                segments.append(self._segment(option, count, before))
                before += count
        if None in self.counts and before < self.answered:
            segments.append(self._segment(HIDDEN, self.answered - before, before))
        return tuple(segments)

    def _segment(self, option: int, count: int, before: int) -> Segment:
        return Segment(
            option, count, _percent(before, self.answered), _percent(count, self.answered)
        )


@dataclass(frozen=True, slots=True)
class Stack:
    """Stacked bars over the same options, which exclude each other."""

    options: tuple[tuple[str, str], ...]
    """(label, colour) in order."""
    bars: tuple[StackedBar, ...]

    @property
    def any_hidden(self) -> bool:
        return any(s.option == HIDDEN for bar in self.bars for s in bar.segments)


def stack(
    options: Sequence[str], bars: Iterable[StackedBar], *, palette: Sequence[str] = ()
) -> Stack | None:
    """The chart, or None where the options are too many to be told apart.

    ``palette``: a colour per option, where the options have a meaning that colours can carry.
    """
    if not 0 < len(options) <= MOST_SEGMENTS:
        return None
    chosen = palette or colours(options)
    return Stack(tuple(zip(options, chosen, strict=True)), tuple(bars))


def colours(labels: Sequence[str]) -> tuple[str, ...]:
    """A colour per option: along the scale where labels are numbered ("4 - Important")."""
    numbers = [_NUMBERED.match(label) for label in labels]
    scale = sorted({int(number.group(1)) for number in numbers if number})
    on_scale = sum(1 for number in numbers if number)
    if len(scale) < 3 or len(scale) != on_scale or len(labels) - on_scale > len(_BESIDE):
        return _PLAIN[: len(labels)]
    ramp = _ramp(len(scale))
    beside = iter(_BESIDE)
    return tuple(
        ramp[scale.index(int(number.group(1)))] if number else next(beside) for number in numbers
    )


def _ramp(steps: int) -> list[str]:
    """``steps`` colours from low to high; an odd number has a middle."""
    half = steps // 2
    low = [_mix(*_LOW, at / max(half - 1, 1)) for at in range(half)]
    high = [_mix(*_HIGH, at / max(half - 1, 1)) for at in range(half)]
    if half == 1:
        low, high = [_LOW[0]], [_HIGH[1]]
    return [*low, *([_MIDDLE] if steps % 2 else []), *high]


def _mix(first: str, second: str, part: float) -> str:
    def channel(at: int) -> int:
        low, high = (int(colour[at : at + 2], 16) for colour in (first, second))
        return round(low + (high - low) * part)

    return "#" + "".join(f"{channel(at):02x}" for at in (1, 3, 5))


def _percent(part: int | None, whole: int | None) -> float:
    return round(100 * part / whole, 3) if part and whole else 0.0
