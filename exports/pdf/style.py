"""The look on paper: one grid, few sizes, few colours.

Lengths are points. The neutral palette carries no institution's identity; every text colour has
a contrast of at least 4.5 : 1 on what it stands on (WCAG 2.2, 1.4.3).
"""

from dataclasses import dataclass, replace

from exports.pdf.canvas import Colour
from exports.pdf.fonts import Face

MILLIMETRE = 72 / 25.4


def _hex(code: str) -> Colour:
    red, green, blue = bytes.fromhex(code)
    return (red / 255, green / 255, blue / 255)


INK = _hex("1d2530")
MUTED = _hex("56616f")
ACCENT = _hex("0b4a78")
ACCENT_SOFT = _hex("8fb3cf")
WASH = _hex("eef3f7")
RULE = _hex("c6d0d9")
ALERT = _hex("9a3412")
ALERT_WASH = _hex("fdf1e7")
WHITE = _hex("ffffff")
# The area colours: distinct in print, never the only carrier of a meaning.
AREA_COLOURS = tuple(
    map(_hex, ("0b4a78", "2f6b4f", "7a3b69", "8a5a12", "3d4f9f", "1f6f78", "8c3232", "5b5f1d"))
)


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a paragraph is set: size and leading, space around it, colour, alignment."""

    size: float = 9.5
    leading: float = 14
    face: Face = "regular"
    colour: Colour = INK
    before: float = 0
    after: float = 6
    align: str = "left"
    keep_with_next: bool = False


BODY = TextStyle()
LEAD = TextStyle(size=11.5, leading=17, colour=MUTED, after=12)
NOTE = TextStyle(size=8, leading=11.5, colour=MUTED, after=6)
CAPTION = TextStyle(
    size=8.5, leading=12, face="bold", colour=ACCENT, before=8, after=4, keep_with_next=True
)
ALERT_TEXT = replace(BODY, colour=ALERT, face="bold")
CELL = TextStyle(size=8, leading=11, after=0)
CELL_HEAD = replace(CELL, face="bold", colour=ACCENT)
TITLE = TextStyle(size=32, leading=39, face="bold", colour=ACCENT, after=10)
CHAPTER = TextStyle(size=21, leading=27, face="bold", colour=ACCENT, after=14, keep_with_next=True)
SECTION = TextStyle(
    size=13.5, leading=19, face="bold", colour=ACCENT, before=16, after=6, keep_with_next=True
)
SUBSECTION = TextStyle(
    size=10.5, leading=15, face="bold", colour=INK, before=12, after=4, keep_with_next=True
)


@dataclass(frozen=True, slots=True)
class PageFormat:
    """A page and the area its text fills."""

    width: float
    height: float
    left: float = 22 * MILLIMETRE
    right: float = 22 * MILLIMETRE
    top: float = 26 * MILLIMETRE
    bottom: float = 24 * MILLIMETRE

    @property
    def text_width(self) -> float:
        return self.width - self.left - self.right

    @property
    def text_height(self) -> float:
        return self.height - self.top - self.bottom


A4 = PageFormat(210 * MILLIMETRE, 297 * MILLIMETRE)
A4_LANDSCAPE = PageFormat(297 * MILLIMETRE, 210 * MILLIMETRE)
_NARROW = 14 * MILLIMETRE
A3 = PageFormat(297 * MILLIMETRE, 420 * MILLIMETRE, left=_NARROW, right=_NARROW)
A3_LANDSCAPE = PageFormat(420 * MILLIMETRE, 297 * MILLIMETRE, left=_NARROW, right=_NARROW)
