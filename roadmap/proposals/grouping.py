"""Which points ask for the same: a suggestion that a person confirms. Pure.

Structured points group exactly, by their key. Texts group when they are equal as words, whatever
their language, or when they resemble each other in one language (``counting.text_groups``: MinHash
over pairs of words, resemblance from ``NEAR`` on). Nothing depends on the order of the points, and
the time grows with their number, not with its square.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from roadmap.proposals.reading import Key
from surveys.counting.text_groups import NEAR, group_texts, words_of

THRESHOLD = NEAR
"""The resemblance (0 to 1) from which two texts are suggested as one proposal."""


@dataclass(frozen=True, slots=True)
class Said:
    """A point as grouping sees it: ``key`` where it is structured, else its words.

    ``pool`` keeps apart what is never one proposal (the kinds).
    """

    pool: str
    key: Key | None
    text: str = ""
    language: str = ""


def group_points(points: Sequence[Said]) -> list[tuple[int, ...]]:
    """All points in groups, by their positions; each in exactly one. The largest group first."""
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    pools: dict[str, list[int]] = defaultdict(list)
    for position, point in enumerate(points):
        if point.key is not None:
            groups["key", point.pool, *point.key].append(position)
        else:
            pools[point.pool].append(position)
    found = [tuple(members) for members in groups.values()]
    for members in pools.values():
        found += [
            tuple(members[each] for each in group)
            for group in _group_texts([(points[at].language, points[at].text) for at in members])
        ]

    def place(group: tuple[int, ...]) -> tuple[int, str, str]:
        first = min((points[at].text, points[at].language) for at in group)
        return (-len(group), *first)

    return sorted(found, key=place)


def _group_texts(texts: Sequence[tuple[str, str]]) -> list[list[int]]:
    """Positions of (language, text) that say the same."""
    wordings: dict[str, list[int]] = defaultdict(list)
    languages: dict[str, set[str]] = defaultdict(set)
    for position, (language, text) in enumerate(texts):
        # What has no words at all (signs, pictures) is compared as it stands.
        wording = " ".join(words_of(text)) or text.strip()
        wordings[wording].append(position)
        languages[language.partition("-")[0]].add(wording)
    parents = {wording: wording for wording in wordings}

    def root(wording: str) -> str:
        while parents[wording] != wording:
            parents[wording] = parents[parents[wording]]
            wording = parents[wording]
        return wording

    for spoken in sorted(languages):
        distinct = sorted(languages[spoken])
        for group in group_texts(distinct):
            first = distinct[group.members[0]]
            for member in group.members[1:]:
                one, other = sorted((root(first), root(distinct[member])))
                parents[other] = one
    joined: dict[str, list[int]] = defaultdict(list)
    for wording, positions in wordings.items():
        joined[root(wording)] += positions
    return [sorted(group) for group in joined.values()]
