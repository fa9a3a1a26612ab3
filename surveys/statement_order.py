"""In which order a participant is shown statements: so that it learns fastest, and fairly. Pure.

Who can judge ten of two hundred statements should be asked about those of which least is known.
But no statement may be left aside for good, and none may gain from where it stands in a list.

*What is learnt.* Of a statement with ``a`` agreeing, ``d`` disagreeing and ``p`` passing, the share
that agrees is estimated with a Beta(a + 1, d + 1) distribution, whose variance is

    V = q (1 − q) / (s + 1),    s = a + d + 2,    q = (a + 1) / s.

One further judgement lowers it, on average, by V / (s + 1) (the expected variance after one more
observation of a Beta-Bernoulli model is V s / (s + 1)). A pass says nothing about the share, and
happens with probability π = (p + 1) / (a + d + p + 2). So showing the statement is worth

    g = (1 − π) V / (s + 1).

New statements are worth most and catch up; contested ones are worth more than settled ones; those
that many pass on are worth less.

*Fairness.* A statement comes first with probability

    w = (1 − FLOOR) g / Σ g + FLOOR / N

so with at least ``FLOOR`` / N, whatever was answered. The rest follow by drawing without
replacement with the same weights, by the keys of Efraimidis and Spirakis (Weighted random sampling
with a reservoir, Information Processing Letters 97, 2006): −ln(u) / w ascending, where u is a
number in (0, 1) made by hashing the participant's seed with the statement's code. So the order is
the same each time as long as the counts are, differs between participants, does not depend on the
order statements are given in, and stays what it was for the others when one is judged.

The model is the comment routing of Polis (``priority-metric`` in math/src/polismath/math/
conversation.clj of compdemocracy/polis: drawing with weights that fall with the number of
judgements and with passes, and rise for statements that divide people); the formula is ours.
``benchmarks/bench_statements.py`` measures both.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

FLOOR = 0.2
"""The part of all attention that is shared out evenly."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How often a statement was judged, and how. Each at least 0."""

    agree: int = 0
    disagree: int = 0
    passed: int = 0


def weights(judged: Mapping[str, Judged]) -> dict[str, float]:
    """The probability with which each statement is shown first, by code; they sum to 1."""
    if not judged:
        return {}
    gains = {code: expected_gain(counts) for code, counts in judged.items()}
    # Added in one order, so that the order statements are given in cannot change a digit.
    total = math.fsum(gains.values())
    even = FLOOR / len(gains)
    return {code: (1 - FLOOR) * gain / total + even for code, gain in gains.items()}


def expected_gain(counts: Judged) -> float:
    """By how much one more showing lowers the variance of the share that agrees; above 0."""
    size = counts.agree + counts.disagree + 2
    share = (counts.agree + 1) / size
    variance = share * (1 - share) / (size + 1)
    passes = (counts.passed + 1) / (counts.agree + counts.disagree + counts.passed + 2)
    return (1 - passes) * variance / (size + 1)


def order_statements(judged: Mapping[str, Judged], *, seed: str) -> list[str]:
    """The codes of all ``judged`` statements (those never judged too), first to be shown first.

    ``seed``: what tells participants apart and stays with one, such as the hash of a draft's code.
    """
    keys = {code: -math.log(_uniform(seed, code)) / w for code, w in weights(judged).items()}
    return sorted(keys, key=lambda code: (keys[code], code))


def _uniform(seed: str, code: str) -> float:
    """A number in (0, 1) that follows from both: 52 bits of a hash, in the middle of their step."""
    message = f"waymark statement\x00{seed}\x00{code}".encode()
    return (int.from_bytes(hashlib.sha256(message).digest()[:8]) >> 12) / 2**52 + 2**-53
