"""The embedded typefaces: which characters they have and how wide text is.

Noto Sans sets everything it can; DejaVu Sans lends the signs it lacks. A character that neither
has is never drawn: PDF/UA-1 (clause 7.21.8) forbids the .notdef glyph, so ``exports.pdf.inline``
replaces it by a visible sign first.
"""

# mypy: disable-error-code="no-untyped-call"

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Literal

from reportlab.pdfbase.ttfonts import TTFont

Face = Literal["regular", "bold", "italic"]
FontName = Literal["regular", "bold", "italic", "signs"]

FOLDER = Path(__file__).parent / "fonts"
_FILES: dict[FontName, str] = {
    "regular": "NotoSans-Regular.ttf",
    "bold": "NotoSans-Bold.ttf",
    "italic": "NotoSans-Italic.ttf",
    "signs": "DejaVuSans.ttf",
}
_BMP_END = 0xFFFF  # reportlab's ToUnicode maps cannot say more


def verify_files() -> None:
    """Compare the font files with ``SHA256SUMS``; raises ``ValueError`` on a difference."""
    for line in (FOLDER / "SHA256SUMS").read_text("ascii").splitlines():
        expected, name = line.split()
        if hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() != expected:
            raise ValueError(f"the font file {name} is not the one the project ships")


@lru_cache(maxsize=4)
def font(name: FontName) -> TTFont:
    """The font program, parsed once; every document takes its own subset of it."""
    return TTFont(f"waymark-{name}", str(FOLDER / _FILES[name]), asciiReadable=1, shapable=False)


@lru_cache(maxsize=4)
def characters(name: FontName) -> frozenset[str]:
    """Every character of the Basic Multilingual Plane that the font can draw."""
    glyphs: dict[int, int] = font(name).face.charToGlyph
    return frozenset(
        chr(code) for code, glyph in glyphs.items() if glyph and 0x20 <= code <= _BMP_END
    )


@lru_cache(maxsize=1)
def drawable() -> frozenset[str]:
    """Every character that at least one font can draw."""
    return characters("regular") | characters("signs")


@lru_cache(maxsize=4)
def _widths(name: FontName) -> dict[str, float]:
    face = font(name).face
    return {character: face.getCharWidth(ord(character)) for character in characters(name)}


def pieces(text: str, face: Face) -> list[tuple[FontName, str]]:
    """``text`` cut into the longest stretches that one font can draw."""
    own = characters(face)
    if own.issuperset(text):
        return [(face, text)]
    cut: list[tuple[FontName, str]] = []
    for character in text:
        name: FontName = face if character in own else "signs"
        if cut and cut[-1][0] == name:
            cut[-1] = (name, cut[-1][1] + character)
        else:
            cut.append((name, character))
    return cut


@lru_cache(maxsize=50_000)
def _units(text: str, face: Face) -> float:
    return sum(sum(map(_widths(name).__getitem__, stretch)) for name, stretch in pieces(text, face))


def width(text: str, face: Face, size: float) -> float:
    """The width of drawable ``text`` in points."""
    return _units(text, face) * size / 1000
