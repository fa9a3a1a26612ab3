"""How much room text takes, without any font at hand, and how it breaks into lines.

The widths are those of common sans-serif faces (Arial, Noto Sans), rounded up, so that what
fits here fits on the page and in the PDF whatever the face. The same on every machine.
"""

import unicodedata

_NARROW = frozenset("iljtfrI.,:;!'|()[]{} /\\-’‘“”·")
_WIDE = frozenset("mwMW@%ШЩЮЖМФшщюжмф—…")


def text_width(text: str, size: float) -> float:
    """The width in points of ``text`` at ``size`` points, rather too large than too small."""
    return sum(_em(character) for character in text) * size


def _em(character: str) -> float:
    if character in _NARROW:
        return 0.36
    if character in _WIDE:
        return 0.96
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.72 if character.isupper() else 0.58


def wrap_text(text: str, *, width: float, size: float, lines: int) -> tuple[str, ...]:
    """``text`` in at most ``lines`` lines of ``width`` points; cut with “…” where it is too long.

    A word longer than a line is broken inside. At least one line is given, if need be empty.
    """
    wrapped: list[str] = []
    line = ""
    for word in _pieces(text.split(), width, size):
        longer = f"{line} {word}" if line else word
        if not line or text_width(longer, size) <= width:
            line = longer
        else:
            wrapped.append(line)
            line = word
    wrapped.append(line)
    if len(wrapped) <= lines:
        return tuple(wrapped)
    last = wrapped[lines - 1]
    while last and text_width(last + "…", size) > width:
        last = last[:-1].rstrip()
    return (*wrapped[: lines - 1], last + "…")


def _pieces(words: list[str], width: float, size: float) -> list[str]:
    """The words, those longer than a line cut into pieces that fit."""
    pieces = []
    for word in words:
        piece = ""
        for character in word:
            if piece and text_width(piece + character, size) > width:
                pieces.append(piece)
                piece = ""
            piece += character
        pieces.append(piece)
    return pieces
