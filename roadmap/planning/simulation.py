"""How likely the dates are: the network computed many times with durations drawn from estimates.

Monte-Carlo simulation of an activity network (Van Slyke, "Monte Carlo methods and the PERT
problem", Operations Research 11, 1963). Every duration is drawn from the triangular distribution
of its three estimates, continuously and independently of all others; dependencies, lags, fixed
starts and promised ends are as they are. Every sample is a whole schedule with its own makespan
and slack, computed for thousands of samples at once, milestone by milestone.

Each milestone has a stream of random numbers of its own (PCG64), made of the seed and its code:
the figures do not depend on the order of rows, and a scenario that changes one milestone meets the
same luck everywhere else ("common random numbers"), so that two runs differ by what was changed.

Pure: plain values in, plain values out. All times are days from the roadmap's start.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadmap.draft import DraftMilestone
from roadmap.planning.network import Network
from roadmap.planning.sampling import Array, Durations, Estimate, Sampler

MOST_SAMPLES = 1_000_000
# Samples times milestones that are held at once, eight bytes each: their finishes are needed
# together for the quantiles.
MOST_NUMBERS = 100_000_000
# Computed together, in numbers: what a processor's cache holds, where the network allows it.
_BLOCK = 2_000_000
_FEWEST_TOGETHER = 64
_BINS = 40
# A sample is short (long) for a milestone when its duration is among the shortest (longest) fifth.
_FIFTH = 0.2


class OutOfBounds(ValueError):
    """More samples than can be drawn, or none; ``most`` is how many there may be."""

    def __init__(self, samples: int, most: int) -> None:
        self.samples, self.most = samples, most
        super().__init__(f"{samples} samples; from 1 to {most} are possible here")


@dataclass(frozen=True, slots=True)
class Risk:
    """What the samples say of one milestone; days, quantiles by linear interpolation (type 7).

    p50, p80
        by when it has finished in half, and in four fifths, of the samples.
    criticality
        the share of samples in which it has no total slack (``schedule.Dates.critical``).
    cruciality
        |Pearson's r| of its duration and the roadmap's finish (Williams, "Criticality in
        stochastic networks", Journal of the Operational Research Society 43, 1992); 0 where its
        duration is certain.
    sensitivity
        Spearman's rank correlation of its duration with the roadmap's finish, from -1 to 1. The
        rank of the duration is taken from its distribution, which is known.
    finish_if_short, finish_if_long
        the roadmap's mean finish where its duration is among the shortest fifth of what it may
        be, and among the longest: the ends of its bar in the tornado chart.
    promise_kept
        the share of samples that finish by its promised end; ``None`` without one.
    """

    code: str
    p50: float
    p80: float
    criticality: float
    cruciality: float
    sensitivity: float
    finish_if_short: float
    finish_if_long: float
    promise_kept: float | None

    @property
    def swing(self) -> float:
        """How many days the roadmap's mean finish moves between short and long."""
        return self.finish_if_long - self.finish_if_short


@dataclass(frozen=True, slots=True)
class Simulation:
    """The roadmap's finish over all samples that were feasible, and every milestone by code.

    infeasible
        samples in which the drawn durations break a maximal lag (a cycle of positive length):
        they have no dates and are left out of all figures.
    quantiles
        days by percent, for 5, 10, 15 … 95.
    bins, counts
        a histogram: ``counts[i]`` samples finish from ``bins[i]`` to ``bins[i + 1]``.

    Without one feasible sample, ``p50`` and ``p80`` are ``None`` and there are no ``risks``.
    """

    samples: int
    seed: int
    infeasible: int
    p50: float | None
    p80: float | None
    mean: float | None
    deviation: float | None
    quantiles: Mapping[int, float]
    bins: tuple[float, ...]
    counts: tuple[int, ...]
    risks: Mapping[str, Risk]

    def tornado(self) -> list[Risk]:
        """Milestones whose uncertain duration moves the finish, those that move it most first.

        What is critical in no sample at all moves nothing; its correlation is chance.
        """
        uncertain = [each for each in self.risks.values() if each.cruciality and each.criticality]
        return sorted(uncertain, key=lambda each: (-abs(each.swing), each.code))


def estimates_of(milestones: Iterable[DraftMilestone]) -> dict[str, Estimate]:
    """The three estimates by code."""
    return {milestone.code: milestone.estimate for milestone in milestones}


def most_samples(network: Network) -> int:
    """How many samples may be drawn of a network of this size."""
    return max(1, min(MOST_SAMPLES, MOST_NUMBERS // max(1, len(network.activities))))


def simulate(
    network: Network, estimates: Mapping[str, Estimate], *, samples: int, seed: int
) -> Simulation:
    """Draw ``samples`` schedules of ``network``, which must hold no contradictions.

    An activity without an estimate always takes its duration. Raises ``OutOfBounds`` for fewer
    samples than 1 or more than ``most_samples``; ``seed`` is any whole number. The same network,
    estimates, samples and seed give the same figures.
    """
    if not 1 <= samples <= most_samples(network):
        raise OutOfBounds(samples, most_samples(network))
    durations = Durations(network, estimates, seed)
    sampler = Sampler(network, durations.longest)
    size = len(network.activities)
    together = min(samples, max(_FEWEST_TOGETHER, _BLOCK // max(1, size)))

    finishes = np.empty((size, samples))
    critical = np.zeros(size, dtype=np.int64)
    tied = _Correlation(size)
    makespans = np.empty(samples)
    feasible = np.empty(samples, dtype=bool)
    kept = 0
    for first in range(0, samples, together):
        drawn = durations.draw(min(together, samples - first))
        block = sampler.schedule(drawn)
        count = block.finish.shape[1]
        feasible[first : first + drawn.shape[1]] = block.feasible
        finishes[:, kept : kept + count] = block.finish
        makespans[kept : kept + count] = block.makespan
        critical += block.critical
        tied.add(block.duration, block.makespan)
        kept += count
    finishes, makespans = finishes[:, :kept], makespans[:kept]
    if not kept:
        return Simulation(samples, seed, samples, None, None, None, None, {}, (), (), {})

    halves, fifths, promises = _quantiles_of_rows(finishes, network)
    ranked, short, long = _second_look(durations, feasible, makespans, together)
    cruciality = np.abs(tied.coefficients())
    risks = {
        code: Risk(
            code, float(halves[at]), float(fifths[at]), int(critical[at]) / kept,
            float(cruciality[at]), float(ranked[at]), float(short[at]), float(long[at]),
            promises.get(at),
        )
        for at, code in enumerate(network.activities)
    }  # fmt: skip
    percents = list(range(5, 100, 5))
    quantiles = np.quantile(makespans, [each / 100 for each in percents])
    counts, bins = np.histogram(makespans, bins=_BINS if np.ptp(makespans) else 1)
    return Simulation(
        samples=samples,
        seed=seed,
        infeasible=samples - kept,
        p50=float(quantiles[percents.index(50)]),
        p80=float(quantiles[percents.index(80)]),
        mean=float(makespans.mean()),
        deviation=float(makespans.std()),
        quantiles=dict(zip(percents, quantiles.tolist(), strict=True)),
        bins=tuple(bins.tolist()),
        counts=tuple(counts.tolist()),
        risks=risks,
    )


class _Correlation:
    """Pearson's r of every row with one vector, over blocks that come one after the other."""

    def __init__(self, size: int) -> None:
        self._sums: Any = np.zeros((3, size))
        self._own = np.zeros(2)
        self._count = 0
        self._origin: tuple[Array, float] | None = None

    def add(self, rows: Array, vector: Array) -> None:
        if not vector.size:
            return
        if self._origin is None:  # sums of differences to something near lose no digits
            self._origin = rows.mean(axis=1), float(vector.mean())
        rows = rows - self._origin[0][:, None]
        vector = vector - self._origin[1]
        self._sums += (rows.sum(axis=1), np.einsum("ij,ij->i", rows, rows), rows @ vector)
        self._own += (vector.sum(), vector @ vector)
        self._count += vector.size

    def coefficients(self) -> Array:
        """One per row; 0 where either does not vary."""
        total, squares, products = self._sums
        own, own_squares = self._own
        spread = np.maximum(0, squares - total * total / self._count)
        own_spread = max(0.0, own_squares - own * own / self._count)
        both = np.sqrt(spread * own_spread)
        together = products - total * own / self._count
        found: Array = np.divide(together, both, out=np.zeros_like(both), where=both > 1e-9)
        return found


def _quantiles_of_rows(finishes: Array, network: Network) -> tuple[Array, Array, dict[int, float]]:
    """P50 and P80 of every row, and the share that keeps a promised end where there is one."""
    promises = {
        at: float(np.mean(finishes[at] <= activity.finish_by + 1e-6))
        for at, activity in enumerate(network.activities.values())
        if activity.finish_by is not None
    }
    if not len(finishes):
        return np.empty(0), np.empty(0), promises
    halves, fifths = np.quantile(finishes, (0.5, 0.8), axis=1, overwrite_input=True)
    return halves, fifths, promises


def _second_look(
    durations: Durations, feasible: NDArray[np.bool_], makespans: Array, together: int
) -> tuple[Array, Array, Array]:
    """Rank correlation, mean makespan of the short and of the long samples, per activity.

    The same luck is drawn once more, now that all makespans are known and can be ranked.
    """
    size = len(durations.certain)
    mean = float(makespans.mean())
    ranked, short, long = np.zeros(size), np.full(size, mean), np.full(size, mean)
    ranks = _ranks(makespans)
    ranks -= ranks.mean()
    rows = durations.uncertain
    spread, kept = float(ranks.std()), makespans.size
    sums = np.zeros((7, len(rows)))
    durations.rewind()
    done = 0
    for first in range(0, feasible.size, together):
        luck = durations.luck(min(together, feasible.size - first))
        chosen = feasible[first : first + luck.shape[1]]
        if not chosen.all():
            luck = luck[:, chosen]
        here = slice(done, done + luck.shape[1])
        low, high = (luck < _FIFTH).astype(np.float64), (luck > 1 - _FIFTH).astype(np.float64)
        sums += (
            luck @ ranks[here], luck.sum(axis=1), np.einsum("ij,ij->i", luck, luck),
            low @ makespans[here], low.sum(axis=1), high @ makespans[here], high.sum(axis=1),
        )  # fmt: skip
        done += luck.shape[1]
    product, total, squares, low_sum, low_count, high_sum, high_count = sums
    deviation = np.sqrt(np.maximum(0, squares / kept - (total / kept) ** 2))
    both = deviation * spread
    ranked[rows] = np.clip(
        np.divide(product / kept, both, out=np.zeros_like(both), where=both > 1e-12), -1, 1
    )
    short[rows] = np.divide(low_sum, low_count, out=short[rows], where=low_count > 0)
    long[rows] = np.divide(high_sum, high_count, out=long[rows], where=high_count > 0)
    return ranked, short, long


def _ranks(values: Array) -> Array:
    """Ranks from 0; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle: Array = np.cumsum(counts) - (counts + 1) / 2.0
    return middle[place]
