"""From published counts to a score between 0 and 1, and from scores to a priority. Pure.

Everything here starts from counts that are public (small ones hidden, see
``surveys.counting.disclosure``), so whoever reads an edition can compute every score again.

    score of one option      = people who chose it / people who answered
    score of a scale         = Σ value(option) × count(option) / Σ count(option),
                               values evenly spaced from 0 (lowest) to 1 (highest)
    priority of a milestone  = Σ n × score / Σ n over its evidence that has a score
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

Counts = Sequence[tuple[str, int | None]]
"""(option code, count) in the order of the options; None where the count is hidden."""


@dataclass(frozen=True, slots=True)
class Score:
    """A score with the number of people behind it and the sum that gives it, in words."""

    value: Fraction
    n: int
    formula: str

    @property
    def text(self) -> str:
        """Two decimals, halves to the even digit."""
        return two_decimals(self.value)


def two_decimals(value: Fraction) -> str:
    return _decimals(value, 2)


def _decimals(value: Fraction, places: int) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN))


def score_option(counts: Counts, answered: int | None, option: str) -> Score | None:
    """The share of those who answered that chose ``option``; None where a number is hidden."""
    count = dict(counts).get(option)
    if count is None or not answered:
        return None
    value = Fraction(count, answered)
    return Score(value, answered, f"{count} of {answered} chose it = {two_decimals(value)}")


def score_scale(
    counts: Counts, *, falling: bool = False, left_out: Collection[str] = ()
) -> Score | None:
    """The mean position on the scale from 0 to 1; None where a count is hidden or nobody answered.

    ``falling``: the first option is the highest. ``left_out``: options that are no point of the
    scale, such as "no opinion"; whoever chose them does not count.
    """
    points = [(code, count) for code, count in counts if code not in left_out]
    if falling:
        points.reverse()
    if len(points) < 2 or any(count is None for _, count in points):
        return None
    known = [count or 0 for _, count in points]
    n = sum(known)
    if not n:
        return None
    steps = len(points) - 1
    value = sum((Fraction(at, steps) * count for at, count in enumerate(known)), Fraction(0)) / n
    terms = " + ".join(f"{_plain(Fraction(at, steps))}×{count}" for at, count in enumerate(known))
    return Score(value, n, f"({terms}) / {n} = {two_decimals(value)}")


def priority(scores: Sequence[Score]) -> Score | None:
    """The mean of the scores, each weighing as many as the people behind it; None without any."""
    n = sum(score.n for score in scores)
    if not n:
        return None
    value = sum((score.value * score.n for score in scores), Fraction(0)) / n
    # Four decimals, so that recomputing by hand gives the same second one.
    terms = " + ".join(f"{score.n}×{_decimals(score.value, 4)}" for score in scores)
    return Score(value, n, f"({terms}) / {n} = {two_decimals(value)}")


def counts_of(options: Sequence[Mapping[str, object]], codes: Sequence[str]) -> Counts:
    """Results' options ({"label", "count"} in the order of the questionnaire) with their codes."""
    if len(options) != len(codes):
        raise ValueError(f"{len(options)} counts for {len(codes)} options")
    return [
        (code, count if isinstance(count := option["count"], int) else None)
        for code, option in zip(codes, options, strict=True)
    ]


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else _decimals(value, 4)
