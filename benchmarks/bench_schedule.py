"""How fast contradictions are resolved and dates computed, beside networkx's longest path.

    .venv/bin/python benchmarks/bench_schedule.py [MILESTONES]

One made-up roadmap of 10,000 milestones and about 25,000 dependencies, of which 2 % contradict
earlier ones. networkx's ``dag_longest_path_length`` finds only the makespan, on a graph without
contradictions that is already built; ours finds it with all dates and slack. The ratio is what
to compare between machines, the seconds are of this one.
"""

import random
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import networkx as nx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from roadmap.planning.network import Activity, Kind, Network, Precedence
from roadmap.planning.schedule import compute_schedule
from roadmap.planning.suspension import resolve_contradictions

T = TypeVar("T")


def make_network(size: int, *, mixed: bool, seed: int = 1) -> Network:
    """Milestones in 40 layers, 2.5 dependencies each from shortly before, 2 % backwards."""
    draw = random.Random(seed)
    codes = [f"M{number:06}" for number in range(size)]
    reach = max(2, size // 40)
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < 2.5 * size:
        after = draw.randrange(1, size)
        pairs.add((draw.randrange(max(0, after - reach), after), after))
    forward = sorted(pairs)
    back = {(after, before) for before, after in draw.sample(forward, len(forward) // 50)}

    def precedence(before: int, after: int, most: int) -> Precedence:
        kind = draw.choice(list(Kind)) if mixed and draw.random() < 0.3 else Kind.FS
        lag = draw.randint(-10, 10) if mixed else 0
        support = Decimal(draw.randint(1, most))
        return Precedence(codes[before], codes[after], kind, lag, support)

    return Network(
        [Activity(code, draw.randint(0, 400)) for code in codes],
        [precedence(*pair, 20) for pair in forward]
        + [precedence(*pair, 8) for pair in sorted(back)],
    )


def timed(work: Callable[[], T], times: int = 3) -> tuple[float, T]:
    """The best of several runs, in seconds, and the result."""
    best, result = float("inf"), None
    for _ in range(times):
        begin = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - begin)
    assert result is not None
    return best, result


def longest_path(network: Network) -> Callable[[], float]:
    """networkx's longest path over the same finish-to-start network, graph built beforehand."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from([*network.activities, "end"])
    for precedence, length in zip(network.precedences, network.lengths, strict=True):
        known = graph.get_edge_data(precedence.before, precedence.after, {"weight": length})
        length = max(length, known["weight"])
        graph.add_edge(precedence.before, precedence.after, weight=length)
    for activity in network.activities.values():
        graph.add_edge(activity.code, "end", weight=activity.duration_days)
    return lambda: nx.dag_longest_path_length(graph)


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for mixed in (False, True):
        network = make_network(size, mixed=mixed)
        words = "all four kinds, lags" if mixed else "finish to start only"
        print(f"{size:,} milestones, {len(network.precedences):,} dependencies, {words}")
        # A fresh network each time: what a network remembers of itself is part of the work.
        again = (network.activities.values(), network.precedences)
        seconds, resolution = timed(lambda given=again: resolve_contradictions(Network(*given)))
        print(
            f"  contradictions resolved in {seconds:.2f} s:"
            f" {len(resolution.contradictions)} suspended, exact: {resolution.exact}"
        )
        standing = resolution.network
        again = (standing.activities.values(), standing.precedences)
        whole, schedule = timed(lambda given=again: compute_schedule(Network(*given)))
        alone, _ = timed(lambda given=standing: compute_schedule(given))
        print(f"  all dates in {whole:.3f} s with the network built, {alone:.3f} s without")
        if not mixed:
            theirs, makespan = timed(longest_path(standing))
            assert makespan == schedule.makespan_days
            print(
                f"  networkx, makespan only: {theirs:.3f} s; ours takes {alone / theirs:.1f} times"
                " as long for all dates and slack"
            )


if __name__ == "__main__":
    main()
