"""What differs between two wordings of a text, word by word. Pure.

The alignment is a longest common subsequence of tokens, computed with the bit-parallel recurrence
of Hyyrö (Bit-parallel LCS-length computation revisited, 2004): one row of the table is one whole
number, and a text of 20,000 characters costs 20,000 additions at worst, whatever is in it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

LONGEST_TEXT = 20_000
"""Characters that a paragraph may have in one language."""

# A word with what holds it together (3.5, co-created, l'Union), white space, or one sign.
_TOKEN = re.compile(r"\w+(?:[.,'’\-–/]\w+)*|\s+|[^\w\s]")


class Change(StrEnum):
    """What became of a piece of text."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text and what became of it."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """``size`` tokens from ``before`` on stand unchanged from ``after`` on."""

    before: int
    after: int
    size: int


def tokens_of(text: str) -> list[str]:
    """Words, stretches of white space, and single signs; joined they are the text again."""
    return _TOKEN.findall(text)


def says_something(tokens: Sequence[str]) -> bool:
    """Whether there is a word among the tokens: what is between words holds nothing together."""
    return any(token[0].isalnum() or token[0] == "_" for token in tokens)


@lru_cache(maxsize=256)
def differences(before: str, after: str) -> tuple[Run, ...]:
    """The runs that lead from ``before`` to ``after``, in order, the removed before the added.

    Kept and removed ones joined are ``before``; kept and added ones joined are ``after``. The
    newest are remembered: a page shows the same ones to everybody who opens it.
    """
    old, new = tokens_of(before), tokens_of(after)
    runs: list[Run] = []
    at_old = at_new = 0
    for block in [*_readable(matching_blocks(old, new), old), Block(len(old), len(new), 0)]:
        for change, text in (
            (Change.REMOVED, "".join(old[at_old : block.before])),
            (Change.ADDED, "".join(new[at_new : block.after])),
            (Change.KEPT, "".join(old[block.before : block.before + block.size])),
        ):
            if text:
                runs.append(Run(change, text))
        at_old, at_new = block.before + block.size, block.after + block.size
    return tuple(runs)


def matching_blocks(before: Sequence[str], after: Sequence[str]) -> list[Block]:
    """As many tokens as can stand unchanged, as blocks in order.

    Depends on the two sequences alone: the same on every run, whoever asks.
    """
    start = 0
    shorter = min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    pairs = [(index, index) for index in range(start)]
    middle = _common(before[start : len(before) - end], after[start : len(after) - end])
    pairs += [(start + old, start + new) for old, new in middle]
    pairs += [(len(before) - back, len(after) - back) for back in range(end, 0, -1)]
    return _blocks(pairs)


def _common(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of a longest common subsequence.

    Bit j of a row is 0 where the length grows at token j of ``after``:
    V' = (V + (V & M)) | (V & ~M).
    """
    if not before or not after:
        return []
    where: dict[str, int] = {}
    for index, token in enumerate(after):
        where[token] = where.get(token, 0) | 1 << index
    everything = (1 << len(after)) - 1
    row = everything
    rows = [row]
    for token in before:
        matches = row & where.get(token, 0)
        row = ((row + matches) | (row - matches)) & everything
        rows.append(row)
    pairs = []
    old, new = len(before), len(after)
    while old and new:
        bit = 1 << (new - 1)
        if rows[old] & bit:  # nothing grows here: this token of ``after`` is not in
            new -= 1
        elif rows[old - 1] & bit:  # it grew with this token of ``before``
            old, new = old - 1, new - 1
            pairs.append((old, new))
        else:
            old -= 1
    pairs.reverse()
    return pairs


def _blocks(pairs: Sequence[tuple[int, int]]) -> list[Block]:
    blocks: list[Block] = []
    for old, new in pairs:
        last = blocks[-1] if blocks else None
        if last and (last.before + last.size, last.after + last.size) == (old, new):
            blocks[-1] = Block(last.before, last.after, last.size + 1)
        else:
            blocks.append(Block(old, new, 1))
    return blocks


def _readable(blocks: Sequence[Block], old: Sequence[str]) -> list[Block]:
    """Without the blanks that two changes have between them: nobody reads word, blank, word."""
    return [
        block
        for place, block in enumerate(blocks)
        if says_something(old[block.before : block.before + block.size])
        or place in (0, len(blocks) - 1)
    ]
