"""Joining two wordings of a text that were both made of a third. Pure.

A three-way merge (Khanna, Kunal, Pierce: A formal investigation of diff3, 2007) over words. What
one side changed is taken; what both changed in the same way is taken once; what both changed in
different ways is a conflict, and then the whole sentence is, so that a person chooses between
sentences and not between scraps. Changes are apart when a word or the end of a sentence stands
unchanged between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from roadmap.writing.wording import matching_blocks, says_something, tokens_of

_ENDS = frozenset(".!?…")


@dataclass(frozen=True, slots=True)
class Agreed:
    """A piece of the result that is beyond doubt."""

    text: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A piece that both sides changed, each in its own way; any of the texts may be empty."""

    base: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merge:
    """The pieces of the result, in order; two agreed ones never follow each other."""

    pieces: tuple[Agreed | Conflict, ...]

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Conflict))

    @property
    def text(self) -> str | None:
        """The merged text; None where there are conflicts."""
        return None if self.conflicts else self.settled([])

    def settled(self, choices: Sequence[str]) -> str:
        """The text with ``choices`` in the place of the conflicts, one for each, in order."""
        waiting = iter(choices)
        return "".join(
            piece.text if isinstance(piece, Agreed) else next(waiting) for piece in self.pieces
        )


@dataclass(slots=True)
class _Piece:
    """Tokens of the three texts that belong together."""

    base: list[str]
    ours: list[str]
    theirs: list[str]
    conflict: bool = False

    @property
    def ends_sentence(self) -> bool:
        """Whether all three end a sentence here."""
        return (
            self.base == self.ours == self.theirs
            and len(self.base) == 1
            and (self.base[0] in _ENDS or "\n" in self.base[0])
        )

    def take(self, other: "_Piece") -> None:
        self.base += other.base
        self.ours += other.ours
        self.theirs += other.theirs
        self.conflict |= other.conflict


def merge(base: str, ours: str, theirs: str) -> Merge:
    """``base`` with what ``ours`` and ``theirs`` made of it.

    Of CRLF and LF the second is written. Exchanging the sides exchanges them in the conflicts and
    changes nothing else.
    """
    base, ours, theirs = (text.replace("\r\n", "\n") for text in (base, ours, theirs))
    if ours in (base, theirs):
        return _agree(theirs)
    if theirs == base:
        return _agree(ours)
    pieces = _pieces(tokens_of(base), tokens_of(ours), tokens_of(theirs))
    return Merge(tuple(_joined(_by_sentence(pieces))))


def _agree(text: str) -> Merge:
    return Merge((Agreed(text),) if text else ())


def _pieces(base: list[str], ours: list[str], theirs: list[str]) -> list[_Piece]:
    """What nobody touched, a token a piece, and between such tokens what somebody did."""
    in_ours, in_theirs = _matches(base, ours), _matches(base, theirs)
    untouched = _holding(base, in_ours, in_theirs)
    pieces: list[_Piece] = []
    at = at_ours = at_theirs = 0
    for place in [*untouched, len(base)]:
        last = place == len(base)
        to_ours = len(ours) if last else in_ours[place]
        to_theirs = len(theirs) if last else in_theirs[place]
        touched = _Piece(base[at:place], ours[at_ours:to_ours], theirs[at_theirs:to_theirs])
        if touched.base or touched.ours or touched.theirs:
            touched.conflict = touched.ours not in (touched.base, touched.theirs) and (
                touched.theirs != touched.base
            )
            pieces.append(touched)
        if not last:
            pieces.append(_Piece([base[place]], [base[place]], [base[place]]))
        at, at_ours, at_theirs = place + 1, to_ours + 1, to_theirs + 1
    return pieces


def _matches(base: list[str], other: list[str]) -> dict[int, int]:
    """Where the tokens of ``base`` that stayed are in ``other``."""
    return {
        block.before + step: block.after + step
        for block in matching_blocks(base, other)
        for step in range(block.size)
    }


def _holding(base: list[str], in_ours: dict[int, int], in_theirs: dict[int, int]) -> list[int]:
    """The tokens that nobody touched, in stretches that keep what is around them apart."""
    held: list[int] = []
    stretch: list[int] = []
    for place in range(len(base) + 1):
        follows = (
            place in in_ours
            and place in in_theirs
            and (
                not stretch
                or (
                    stretch[-1] == place - 1
                    and in_ours[place] == in_ours[place - 1] + 1
                    and in_theirs[place] == in_theirs[place - 1] + 1
                )
            )
        )
        if follows:
            stretch.append(place)
            continue
        tokens = [base[each] for each in stretch]
        if says_something(tokens) or any(t in _ENDS or "\n" in t for t in tokens):
            held += stretch
        stretch = [place] if place in in_ours and place in in_theirs else []
    return held


def _by_sentence(pieces: list[_Piece]) -> list[_Piece]:
    """Each conflict grown to the sentence it is in; conflicts that meet become one."""
    grown: list[_Piece] = []
    open_conflict = False  # whether the sentence being read has a conflict
    for piece in pieces:
        if open_conflict:
            grown[-1].take(piece)
        elif piece.conflict:
            start = len(grown)
            while start and not grown[start - 1].ends_sentence and not grown[start - 1].conflict:
                start -= 1
            sentence = _Piece([], [], [])
            for part in [*grown[start:], piece]:
                sentence.take(part)
            grown[start:] = [sentence]
        else:
            grown.append(piece)
        open_conflict = (open_conflict or piece.conflict) and not piece.ends_sentence
    return grown


def _joined(pieces: list[_Piece]) -> list[Agreed | Conflict]:
    joined: list[Agreed | Conflict] = []
    agreed: list[str] = []
    for piece in [*pieces, None]:
        if piece is None or piece.conflict:
            if agreed:
                joined.append(Agreed("".join(agreed)))
            agreed = []
            if piece is not None:
                joined.append(
                    Conflict("".join(piece.base), "".join(piece.ours), "".join(piece.theirs))
                )
        else:
            agreed += piece.theirs if piece.ours == piece.base else piece.ours
    return joined
