"""Paragraphs: runs of text broken into lines, drawn as tagged content."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass
from typing import Self

from exports.pdf import fonts
from exports.pdf.canvas import Artifact, TaggedCanvas
from exports.pdf.inline import Run
from exports.pdf.structure import Element, Mark
from exports.pdf.style import ACCENT, BODY, TextStyle

# A line may end after a hyphen or slash between letters, but never inside a code such as A-12.
_PARTS = re.compile(r"\n| +|[^ \n]+?(?<=[^\W\d][-/–])(?=[^\W\d])|[^ \n]+")
_MINIMUM_LINES = 2  # of a paragraph at the foot or the head of a page


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text of one run on one line."""

    run: int
    text: str
    width: float


@dataclass(frozen=True, slots=True)
class _Line:
    pieces: tuple[_Piece, ...]
    width: float


class Paragraph:
    """A block of running text; also headings, captions and cells, by its structure type.

    ``type_`` empty draws without a tag of its own, inside whatever is open. ``language`` is the
    block's own where it differs from the document's.
    """

    def __init__(
        self,
        runs: Sequence[Run] | str,
        style: TextStyle = BODY,
        *,
        type_: str = "P",
        language: str = "",
        destination: str = "",
    ) -> None:
        self.runs = [Run(runs, style.face)] if isinstance(runs, str) else list(runs)
        self.style = style
        self.type = type_
        self.language = language
        self.destination = destination
        self._mark = Mark()
        self._lines: dict[float, list[_Line]] = {}
        self._rest: list[_Line] | None = None

    @property
    def space_before(self) -> float:
        return self.style.before

    @property
    def space_after(self) -> float:
        return self.style.after

    @property
    def keep_with_next(self) -> bool:
        return self.style.keep_with_next

    def lines(self, width: float) -> list[_Line]:
        """The lines at that width; a part keeps the lines it was given."""
        if self._rest is not None:
            return self._rest
        found = self._lines.get(width)
        if found is None:
            found = self._lines[width] = list(_break_lines(self.runs, self.style.size, width))
        return found

    def height(self, width: float) -> float:
        return len(self.lines(width)) * self.style.leading

    def minimum_height(self, width: float) -> float:
        """The least that may stand at the foot of a page."""
        count = len(self.lines(width))
        least = count if count < 2 * _MINIMUM_LINES else _MINIMUM_LINES
        return least * self.style.leading

    def split(
        self, width: float, available: float, *, forced: bool = False
    ) -> tuple[Self, Self] | None:
        """Two parts of which the first fits, or None; ``forced`` where nothing else is left."""
        lines = self.lines(width)
        fitting = int(available // self.style.leading)
        if not forced:
            fitting = min(fitting, len(lines) - _MINIMUM_LINES)
        if fitting >= len(lines) or fitting < (1 if forced else _MINIMUM_LINES):
            return None
        return self._part(lines[:fitting], first=True), self._part(lines[fitting:], first=False)

    def _part(self, lines: list[_Line], *, first: bool) -> Self:
        part = copy(self)
        part._rest = lines
        if not first:
            part.destination = ""
        return part

    def paint(
        self, canvas: TaggedCanvas, x: float, top: float, width: float, parent: Element | None
    ) -> None:
        """Draw below ``top``; without ``parent`` the text joins what is open (an artifact)."""
        own: Element | None = None
        if parent is not None:
            own = self._mark.element(parent, self.type, language=self.language)
        if self.destination:
            canvas.destination(self.destination, x, top + self.style.leading)
        with ExitStack() as stack:
            current: Element | None = None
            for position, line in enumerate(self.lines(width)):
                baseline = top - position * self.style.leading - self._ascent()
                left = x + self._indent(line, width)
                for piece in line.pieces:
                    element = own and self._element_of(own, piece.run)
                    if element is not None and element is not current:
                        stack.close()
                        stack.enter_context(canvas.tagged(element))
                        current = element
                    self._paint_piece(canvas, piece, left, baseline, element)
                    left += piece.width

    def paint_artifact(
        self, canvas: TaggedCanvas, x: float, top: float, width: float, kind: Artifact
    ) -> None:
        """Draw as something that means nothing to a listener, such as a page number."""
        with canvas.artifact(kind):
            self.paint(canvas, x, top, width, None)

    def _ascent(self) -> float:
        # Puts the middle of the capitals (0.714 em) into the middle of the line.
        return (self.style.leading + 0.714 * self.style.size) / 2

    def _indent(self, line: _Line, width: float) -> float:
        if self.style.align == "right":
            return max(width - line.width, 0)
        if self.style.align == "centre":
            return max((width - line.width) / 2, 0)
        return 0

    def _element_of(self, own: Element, index: int) -> Element:
        run = self.runs[index]
        language = run.language if run.language != self.language else ""
        if run.target:
            return self._mark.element(own, "Link", index, language=language)
        if language:
            return self._mark.element(own, "Span", index, language=language)
        return own

    def _paint_piece(
        self, canvas: TaggedCanvas, piece: _Piece, x: float, y: float, element: Element | None
    ) -> None:
        run, style = self.runs[piece.run], self.style
        colour = ACCENT if run.target else style.colour
        canvas.text(x, y, piece.text, face=run.face, size=style.size, colour=colour)
        if run.target and element is not None:
            box = (x, y - 0.25 * style.size, x + piece.width, y + 0.85 * style.size)
            canvas.link(element, run.target, run.text, box)


def _break_lines(runs: Sequence[Run], size: float, width: float) -> Iterator[_Line]:
    """Greedy line breaking: at spaces, after hyphens, and anywhere in a word wider than a line."""
    line: list[_Piece] = []
    used = 0.0
    for word, space in _words(runs, size):
        if word is None:
            yield _line(line)
            line, used = [], 0.0
            continue
        needed = sum(piece.width for piece in word)
        if line and used + needed > width:
            yield _line(line)
            line, used = [], 0.0
        if needed > width:
            *full, word = _chopped(runs, word, size, width)
            for chunk in full:
                yield _line(chunk)
            needed = sum(piece.width for piece in word)
        line += word
        used += needed
        if space is not None:
            line.append(space)
            used += space.width
    if line or not runs or not any(run.text for run in runs):
        yield _line(line)


def _words(runs: Sequence[Run], size: float) -> Iterator[tuple[list[_Piece] | None, _Piece | None]]:
    """Unbreakable words, each with the space that follows it; ``(None, None)`` ends a line."""
    word: list[_Piece] = []
    for index, run in enumerate(runs):
        for part in _PARTS.findall(run.text):
            if part == "\n":
                if word:
                    yield word, None
                    word = []
                yield None, None
            elif part[0] == " ":
                yield word, _Piece(index, " ", fonts.width(" ", run.face, size))
                word = []
            else:
                word.append(_Piece(index, part, fonts.width(part, run.face, size)))
                if part[-1] in "-/–":
                    yield word, None
                    word = []
    if word:
        yield word, None


def _chopped(
    runs: Sequence[Run], word: list[_Piece], size: float, width: float
) -> list[list[_Piece]]:
    """A word wider than a line, cut into lines of at least one character."""
    lines: list[list[_Piece]] = [[]]
    used = 0.0
    for piece in word:
        face, start, taken = runs[piece.run].face, 0, 0.0
        for position, character in enumerate(piece.text):
            step = fonts.width(character, face, size)
            if used + step > width and (used or taken):
                if position > start:
                    lines[-1].append(_Piece(piece.run, piece.text[start:position], taken))
                lines.append([])
                start, taken, used = position, 0.0, 0.0
            taken += step
            used += step
        lines[-1].append(_Piece(piece.run, piece.text[start:], taken))
    return lines


def _line(pieces: list[_Piece]) -> _Line:
    """Pieces of one run joined; the space at the end stays, so that words stay apart for readers
    of the text, but does not count for alignment."""
    joined: list[_Piece] = []
    for piece in pieces:
        if joined and joined[-1].run == piece.run:
            last = joined[-1]
            joined[-1] = _Piece(piece.run, last.text + piece.text, last.width + piece.width)
        else:
            joined.append(piece)
    width = sum(piece.width for piece in joined)
    if pieces and pieces[-1].text == " ":
        width -= pieces[-1].width
    return _Line(tuple(joined), width)
