"""How fast schedules are drawn, beside drawing the durations alone and beside a loop over samples.

    .venv/bin/python benchmarks/bench_simulation.py [MILESTONES [SAMPLES]]

One made-up roadmap of 1,000 milestones and about 2,500 dependencies of all four kinds; 10,000
samples, with P50, P80, criticality, cruciality and sensitivity of each. The loop computes
earliest dates only, a sample after the other, with numpy's random numbers and plain Python; it is
run for a few samples and its time extrapolated. Ratios are what to compare between machines, the
seconds are of this one.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.bench_schedule import make_network, timed
from roadmap.planning.network import Network
from roadmap.planning.ordering import components_in_order
from roadmap.planning.sampling import Estimate
from roadmap.planning.simulation import simulate
from roadmap.planning.suspension import resolve_contradictions

_LOOPED = 20


def draw_alone(estimates: dict[str, Estimate], samples: int) -> float:
    """numpy's own triangular numbers, as many as the simulation needs."""
    generator = np.random.Generator(np.random.PCG64(1))
    low, mode, high = np.array(list(estimates.values()), dtype=np.float64).T[:, :, None]
    return float(generator.triangular(low, mode, high, (len(estimates), samples)).sum())


def loop(network: Network, estimates: dict[str, Estimate], samples: int) -> list[float]:
    """Makespans of that many samples, one after the other, by longest paths."""
    generator = np.random.Generator(np.random.PCG64(1))
    codes = list(network.activities)
    order = [node for component in components_in_order(network) for node in component]
    onward: list[list[tuple[int, str, int]]] = [[] for _ in codes]
    for edge, tail, head in zip(network.precedences, network.tails, network.heads, strict=True):
        onward[tail].append((head, edge.kind.value, edge.lag_days))
    makespans = []
    for _ in range(samples):
        lengths = [generator.triangular(*estimates[code]) for code in codes]
        start = [0.0] * len(codes)
        for node in order:
            for head, kind, lag in onward[node]:
                length = lag + (lengths[node] if kind[0] == "F" else 0.0)
                length -= lengths[head] if kind[1] == "F" else 0.0
                start[head] = max(start[head], start[node] + length)
        makespans.append(max(s + length for s, length in zip(start, lengths, strict=True)))
    return makespans


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    samples = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    network = resolve_contradictions(make_network(size, mixed=True)).network
    estimates = {
        code: (each.duration_days // 2, each.duration_days, each.duration_days * 2 + 1)
        for code, each in network.activities.items()
    }
    print(f"{size:,} milestones, {len(network.precedences):,} dependencies, {samples:,} samples")
    seconds, found = timed(lambda: simulate(network, estimates, samples=samples, seed=1))
    print(f"  simulated in {seconds:.2f} s: P50 {found.p50:.0f}, P80 {found.p80:.0f} days")
    bare, _ = timed(lambda: draw_alone(estimates, samples))
    print(f"  numpy draws the durations alone in {bare:.2f} s: {seconds / bare:.1f} times as long")
    looped, _ = timed(lambda: loop(network, estimates, _LOOPED), times=1)
    looped *= samples / _LOOPED
    print(f"  a loop over samples would take {looped:.0f} s: {looped / seconds:.0f} times as long")


if __name__ == "__main__":
    main()
