"""Texts that say the same: identical ones, and ones that differ in a few words. Pure.

Texts are compared as words, whatever their case, punctuation and spacing. What is identical then
is found by a dictionary. The rest are sets of *shingles* (two words in a row); the resemblance of
two texts is the share of shingles they have in common (Jaccard). Comparing all pairs is out of the
question for 100,000 texts, so candidates are found by MinHash with banding (A. Broder 1997;
Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, ch. 3) and then compared exactly. Two texts
at the threshold are candidates with a probability of more than 99 %; two that differ in one word of
forty, practically always.

Groups are chains: a text belongs to a group if it resembles one member. Nothing depends on the
order in which texts are given.
"""

import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LEAST_CHARACTERS = 20
"""Shorter texts ("No comment"), punctuation left aside, are the same by chance: not compared."""

LEAST_WORDS_NEAR = 8
"""Shorter texts have too few shingles to be called alike; they are compared for identity only."""

NEAR = 0.6
"""Resemblance from which texts are taken as one."""

_SHINGLE = 2
_BANDS, _ROWS = 20, 3
# Texts hashed at once: bounds memory.
_CHUNK = 4_000
_WORD = re.compile(r"\w+")
_Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class TextGroup:
    """Texts that say the same, by their positions. ``identical``: those of the commonest wording,
    of which ``sample`` is one; ``wordings``: how many different ones there are."""

    members: tuple[int, ...]
    identical: tuple[int, ...]
    wordings: int

    @property
    def sample(self) -> int:
        return self.identical[0]


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters and compatibility forms."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def resemblance(one: str, other: str) -> float:
    """The share of shingles that two texts have in common, 0 to 1."""
    first, second = (_shingle_set(words_of(text)) for text in (one, other))
    return len(first & second) / len(first | second) if first or second else 1.0


def group_texts(texts: Sequence[str]) -> list[TextGroup]:
    """The groups of two texts or more, the largest first."""
    wordings: dict[str, list[int]] = defaultdict(list)
    for position, text in enumerate(texts):
        wording = " ".join(words_of(text))
        if len(wording) >= LEAST_CHARACTERS:
            wordings[wording].append(position)
    distinct = sorted(wordings)
    groups = []
    for members in _join(distinct):
        alike = [wordings[distinct[member]] for member in members]
        everyone = sorted(position for positions in alike for position in positions)
        if len(everyone) > 1:
            # Of wordings equally common the first by alphabet, not by arrival.
            commonest = max(alike, key=len)
            groups.append(TextGroup(tuple(everyone), tuple(commonest), len(alike)))
    groups.sort(key=lambda group: (-len(group.members), texts[group.sample], group.members))
    return groups


def _join(distinct: Sequence[str]) -> list[list[int]]:
    """Positions of wordings that resemble each other, together; each wording in one list."""
    comparable = [at for at, text in enumerate(distinct) if text.count(" ") + 1 >= LEAST_WORDS_NEAR]
    parents = list(range(len(distinct)))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    if len(comparable) > 1:
        shingles = _shingles([distinct[at] for at in comparable])
        signatures = _signatures(shingles)
        for one, other in _candidates(signatures):
            first, second = root(comparable[one]), root(comparable[other])
            if first != second and _alike(shingles[one], shingles[other]):
                parents[max(first, second)] = min(first, second)
    joined: dict[int, list[int]] = defaultdict(list)
    for at in range(len(distinct)):
        joined[root(at)].append(at)
    return list(joined.values())


def _shingle_set(words: Sequence[str]) -> set[tuple[str, ...]]:
    if len(words) < _SHINGLE:
        return {tuple(words)} if words else set()
    return {tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}


def _shingles(texts: Sequence[str]) -> list[_Array]:
    """The hashes of each text's shingles, sorted, each once."""
    numbers: dict[str, int] = {}

    def number(word: str) -> int:
        known = numbers.get(word)
        if known is None:
            known = numbers[word] = zlib.crc32(word.encode())
        return known

    found = []
    for text in texts:
        words = np.array([number(word) for word in text.split(" ")], dtype=np.uint64)
        hashes = words[:-1] * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= words[1:] * np.uint64(0xC2B2AE3D27D4EB4F)
        found.append(np.unique(_mixed(hashes)))
    return found


def _mixed(values: _Array) -> _Array:
    """Every bit of the input in every bit of the output (the finaliser of MurmurHash3)."""
    values = values ^ (values >> np.uint64(33))
    values = values * np.uint64(0xFF51AFD7ED558CCD)
    values = values ^ (values >> np.uint64(33))
    values = values * np.uint64(0xC4CEB9FE1A85EC53)
    mixed: _Array = values ^ (values >> np.uint64(33))
    return mixed


def _signatures(shingles: Sequence[_Array]) -> _Array:
    """MinHash: for each of 60 hash functions, the smallest value over a text's shingles."""
    chance = np.random.default_rng(1956)
    count = _BANDS * _ROWS
    # Multiply-shift hashing: odd multipliers, the high half of the product.
    factors = chance.integers(0, 2**63, count, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    offsets = chance.integers(0, 2**63, count, dtype=np.uint64)
    signatures = np.empty((len(shingles), count), dtype=np.uint32)
    for start in range(0, len(shingles), _CHUNK):
        chunk = shingles[start : start + _CHUNK]
        flat = np.concatenate(chunk)
        starts = np.cumsum([0, *(len(part) for part in chunk[:-1])])
        for at in range(count):
            hashed = (flat * factors[at] + offsets[at]) >> np.uint64(32)
            signatures[start : start + len(chunk), at] = np.minimum.reduceat(hashed, starts)
    return signatures


def _candidates(signatures: _Array) -> list[tuple[int, int]]:
    """Pairs worth comparing, by position, each once and in order.

    Within a bucket everyone is paired with the first and with the one before: enough to chain the
    members of a group, and never more than two pairs each, whatever somebody makes up.
    """
    pairs = []
    for band in range(_BANDS):
        rows = signatures[:, band * _ROWS : (band + 1) * _ROWS].astype(np.uint64)
        keys = _mixed(_mixed(_mixed(rows[:, 0]) + rows[:, 1]) + rows[:, 2])
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        same = ordered[1:] == ordered[:-1]
        if not same.any():
            continue
        begins = np.concatenate([[True], ~same])
        firsts = order[np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))]
        later = np.flatnonzero(same) + 1
        pairs.append(np.stack([firsts[later], order[later]], axis=1))
        pairs.append(np.stack([order[later - 1], order[later]], axis=1))
    if not pairs:
        return []
    unique = np.unique(np.concatenate(pairs), axis=0)
    agreement = np.empty(len(unique), dtype=np.float32)
    for start in range(0, len(unique), 100_000):
        part = unique[start : start + 100_000]
        agreement[start : start + len(part)] = (
            signatures[part[:, 0]] == signatures[part[:, 1]]
        ).mean(axis=1)
    # The estimate's standard error is 0.063 at the threshold; who is far below it is not compared.
    return [(int(one), int(other)) for one, other in unique[agreement >= NEAR - 0.25]]


def _alike(one: _Array, other: _Array) -> bool:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common >= NEAR * (len(one) + len(other) - common)
