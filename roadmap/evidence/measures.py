"""Measures of how far answers on an ordered scale agree, and where they lie. Pure.

Everything works on counts per step of the scale, so distributions of several sources are pooled by
adding their counts (the linear opinion pool).
"""

import math
from collections.abc import Sequence
from fractions import Fraction

Counted = Sequence[tuple[Fraction, int]]
"""(value, people) in ascending order of the values."""


def mean(counted: Counted) -> Fraction | None:
    """Σ value × people / Σ people; None without people."""
    n = sum(count for _, count in counted)
    return sum((value * count for value, count in counted), Fraction(0)) / n if n else None


def quantile(counted: Counted, share: Fraction) -> Fraction | None:
    """The smallest value at which at least ``share`` of all have been reached; in the middle to
    the next value where it is reached exactly (so the median of 1, 2 is 1.5). None without people.
    """
    present = [(value, count) for value, count in counted if count]
    if not present:
        return None
    wanted = share * sum(count for _, count in present)
    reached = 0
    for at, (value, count) in enumerate(present):
        reached += count
        if reached == wanted and at + 1 < len(present):
            return (value + present[at + 1][0]) / 2
        if reached >= wanted:
            return value
    return present[-1][0]


def consensus(counted: Counted) -> float | None:
    """How close the answers lie together: 1 all on one value, 0 half on either end.

    Tastle & Wierman (2007): 1 + Σ p·log₂(1 − |x − mean| / width), the width being that of the
    whole scale. None without people, or on a scale of one step.
    """
    n = sum(count for _, count in counted)
    middle = mean(counted)
    if middle is None or len(counted) < 2:
        return None
    width = counted[-1][0] - counted[0][0]
    return 1 + math.fsum(
        count / n * math.log2(float(1 - abs(value - middle) / width))
        for value, count in counted
        if count
    )


def agreement(counts: Sequence[int]) -> float | None:
    """Agreement A: 1 all on one step, 0 the same number on every step, −1 half on either end.

    van der Eijk (2001): the counts are taken apart into layers in which each step is either empty
    or equally full; A is the mean of the layers' A, weighted by how many people are in them.
    None without people, or on a scale of one step.
    """
    total, steps = sum(counts), len(counts)
    if not total or steps < 2:
        return None
    left = list(counts)
    found = Fraction(0)
    while any(left):
        lowest = min(count for count in left if count)
        pattern = [count > 0 for count in left]
        found += Fraction(lowest * sum(pattern), total) * _of_layer(pattern)
        left = [count - lowest if count else 0 for count in left]
    return float(found)


def _of_layer(pattern: Sequence[bool]) -> Fraction:
    """A of one layer: unimodality U times one minus the share of the steps that are taken."""
    steps, taken = len(pattern), sum(pattern)
    # Triples of steps in their order: full-full-empty and empty-full-full have one top,
    # full-empty-full has two.
    single = double = before = 0
    for full in pattern:
        if full:
            before += 1
        else:
            after = taken - before
            single += math.comb(before, 2) + math.comb(after, 2)
            double += before * after
    triples = single + double
    unimodality = (
        Fraction((steps - 2) * single - (steps - 1) * double, (steps - 2) * triples)
        if triples
        else Fraction(1)
    )
    return unimodality * (1 - Fraction(taken - 1, steps - 1))
