"""Text on its way onto the page: what may be drawn, and in which voice.

Text is never parsed as markup here: a ``Run`` is characters and nothing else, so markup, paths
and addresses in what users wrote are just read out.
"""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from exports.pdf import fonts

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_KEPT_SPACES = {"\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"}
# Scripts written from right to left are outside the 24 official languages, and setting them
# letter by letter from the left would garble them.
_RIGHT_TO_LEFT = {"R", "AL", "AN"}


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one face, one language and, perhaps, one link.

    ``text`` is made printable, so a run can always be drawn. ``language`` is empty where it is
    the block's own; ``target`` names a destination inside the document.
    """

    text: str
    face: fonts.Face = "regular"
    language: str = ""
    target: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", printable(self.text))


@lru_cache(maxsize=4096)
def _printed(character: str) -> str:
    """What stands on the page for one character (perhaps nothing)."""
    if character in "\n\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}\v\f\x85":
        return "\n"
    category = unicodedata.category(character)
    if character == "\t" or (category == "Zs" and character not in _KEPT_SPACES):
        return " "
    if category == "Cf":
        # Joiners, soft hyphens and above all bidirectional overrides (U+202A–202E,
        # U+2066–2069), which could make a line read otherwise than it was written.
        return ""
    if category == "Cc" or unicodedata.bidirectional(character) in _RIGHT_TO_LEFT:
        return REPLACEMENT
    return character if character in fonts.drawable() else REPLACEMENT


def printable(text: str) -> str:
    """``text`` reduced to what the embedded fonts can draw, line ends as ``\\n``.

    A character that cannot be drawn, control characters included, becomes U+FFFD, which can be
    seen; invisible formatting characters disappear.
    """
    normal = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    if normal.isascii() and normal.isprintable():
        return normal
    return "".join(map(_printed, normal))


def shortened(text: str, limit: int = 160) -> str:
    """``text`` cut after ``limit`` characters: bookmarks and descriptions are read in passing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def one_line(text: str) -> str:
    """``printable`` text without line ends: for titles, labels and alternative texts."""
    return printable(text).replace("\n", " ").strip()


def fitted(text: str, width: float, size: float, face: fonts.Face = "regular") -> str:
    """``text`` on one line, cut with an ellipsis where it is wider than ``width`` points."""
    line = shortened(one_line(text), 400)
    if fonts.width(line, face, size) <= width:
        return line
    length = bisect_right(
        range(1, len(line)),
        width,
        key=lambda count: fonts.width(line[:count] + "…", face, size),
    )
    return line[:length].rstrip() + "…"
