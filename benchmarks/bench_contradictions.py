"""How contradictions are resolved: how fast, how much is lost, beside two simple methods.

    .venv/bin/python benchmarks/bench_contradictions.py [MILESTONES]

Made-up roadmaps: one with 2 % contradictions, whole to schedule and redundant dependencies, and
knots that are hard: dense ones, equal supports, supports of six digits, all kinds with lags, and a
tangle of everything. Beside them

- greedy: as long as there is a contradiction, the cheapest dependency of one goes (networkx finds
  the cycles), and
- Eades, Lin & Smyth (Information Processing Letters 47, 1993), weighted: milestones in a good
  order, whatever leads back goes.

Both know finish-to-start only. The ratios are what to compare between machines.
"""

import random
import sys
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import networkx as nx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.bench_schedule import make_network, timed
from roadmap.planning.alternatives import list_alternatives
from roadmap.planning.covering import Effort
from roadmap.planning.network import Activity, Kind, Network, Precedence
from roadmap.planning.redundancy import find_redundant
from roadmap.planning.schedule import compute_schedule
from roadmap.planning.suspension import resolve_contradictions

# Seconds of searching that each knot is given.
_SECONDS = 10.0


def make_knot(
    nodes: int, edges: int, *, most: int = 20, mixed: bool = False, seed: int = 1
) -> Network:
    """Dependencies between milestones at random: nearly everything contradicts something."""
    draw = random.Random(seed)

    def one() -> Precedence:
        kind = draw.choice(list(Kind)) if mixed and draw.random() < 0.5 else Kind.FS
        return Precedence(
            f"M{draw.randrange(nodes):06}", f"M{draw.randrange(nodes):06}", kind,
            draw.randint(-200, 50) if mixed else 0, Decimal(draw.randint(1, most)),
        )  # fmt: skip

    activities = [Activity(f"M{number:06}", draw.randint(0, 300)) for number in range(nodes)]
    return Network(activities, [one() for _ in range(edges)])


def with_planted_knot(size: int, nodes: int, edges: int) -> Network:
    """A roadmap without contradictions but for one knot in its middle."""
    draw = random.Random(2)
    calm = make_network(size, mixed=False)
    forward = [each for each in calm.precedences if each.before < each.after]
    codes = list(calm.activities)[size // 2 : size // 2 + nodes]
    knot = [
        Precedence(*draw.sample(codes, 2), support=Decimal(draw.randint(1, 20)))
        for _ in range(edges)
    ]
    return Network(calm.activities.values(), [*forward, *knot])


def total(supports: Iterable[Decimal]) -> Decimal:
    return sum(supports, Decimal(0))


def greedy(network: Network) -> Decimal:
    """The support lost when the cheapest dependency of any cycle goes, again and again."""
    graph = _weighted(network)
    lost = Decimal(0)
    while True:
        try:
            cycle = nx.find_cycle(graph)
        except nx.NetworkXNoCycle:
            return lost
        weakest = min(cycle, key=lambda edge: graph.edges[edge]["support"])
        lost += graph.edges[weakest]["support"]
        graph.remove_edge(*weakest)


def eades_lin_smyth(network: Network) -> Decimal:
    """The support of what leads back in their order."""
    graph = _weighted(network)
    lost = total(graph.edges[edge]["support"] for edge in nx.selfloop_edges(graph))
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    whole = graph.copy()
    front, back = [], []
    while graph:
        for node in [each for each in graph if not graph.out_degree(each)]:
            back.append(node)
            graph.remove_node(node)
        for node in [each for each in graph if not graph.in_degree(each)]:
            front.append(node)
            graph.remove_node(node)
        if graph and all(graph.in_degree(each) and graph.out_degree(each) for each in graph):
            best = max(
                sorted(graph),
                key=lambda node: (
                    graph.out_degree(node, "support") - graph.in_degree(node, "support")
                ),
            )
            front.append(best)
            graph.remove_node(best)
    place = {node: number for number, node in enumerate([*front, *reversed(back)])}
    return lost + total(
        support for a, b, support in whole.edges.data("support") if place[a] > place[b]
    )


def _weighted(network: Network) -> "nx.DiGraph[str]":
    graph: nx.DiGraph[str] = nx.DiGraph()
    for each in network.precedences:
        known = graph.get_edge_data(each.before, each.after, {"support": Decimal(0)})
        graph.add_edge(each.before, each.after, support=known["support"] + each.support)
    return graph


def whole_way(size: int) -> None:
    for mixed in (False, True):
        network = make_network(size, mixed=mixed)
        print(f"{size:,} milestones, {len(network.precedences):,} dependencies"
              f"{', all four kinds with lags' if mixed else ''}, 2 % contradict")  # fmt: skip
        resolving, resolution = timed(lambda given=network: resolve_contradictions(
            Network(given.activities.values(), given.precedences)), times=1)  # fmt: skip
        dating, schedule = timed(lambda given=resolution.network: compute_schedule(given), times=1)
        thinning, redundant = timed(
            lambda found=resolution, dates=schedule: find_redundant(found.network, dates), times=1
        )
        print(f"  {resolving:.2f} s to resolve ({len(resolution.contradictions)} suspended, exact:"
              f" {resolution.exact}), {dating:.2f} s for all dates, {thinning:.2f} s for"
              f" {len(redundant)} redundant: {resolving + dating + thinning:.2f} s")  # fmt: skip
        if size <= 2_000 and not mixed:
            theirs, _ = timed(lambda given=resolution.network: nx.transitive_reduction(
                nx.DiGraph(given.graph)), times=1)  # fmt: skip
            print(f"  networkx's transitive reduction takes {theirs / thinning:.0f} times as long")
        if not mixed:
            compare(network, resolution.suspended_support)


def compare(network: Network, ours: Decimal) -> None:
    """What the simple methods lose, of each knot by itself, where they come to an end at all."""
    parts = [network.part(each) for each in network.knots()]
    if max(len(each.precedences) for each in parts) > 3_000:
        return
    for name, method in (("greedy", greedy), ("Eades–Lin–Smyth", eades_lin_smyth)):
        seconds, lost = timed(lambda used=method: total(map(used, parts)), times=1)
        print(f"    {name}: {lost / ours:.2f} times the support lost, in {seconds:.2f} s")


def knots() -> None:
    cases = {
        "60 milestones, 150 dependencies": make_knot(60, 150),
        "200 / 500": make_knot(200, 500),
        "200 / 500, all supports 1": make_knot(200, 500, most=1),
        "300 / 750, supports of six digits": make_knot(300, 750, most=999_999),
        "200 / 500, all kinds with lags": make_knot(200, 500, mixed=True),
        "dense, 200 / 1,000": make_knot(200, 1_000),
        "dense, 500 / 2,500": make_knot(500, 2_500),
        "200 / 500 planted in 10,000 milestones": with_planted_knot(10_000, 200, 500),
        "a whole roadmap of 10,000 / 25,000 in one knot": make_knot(10_000, 25_000),
    }
    for name, network in cases.items():
        seconds, resolution = timed(lambda given=network: resolve_contradictions(
            given, effort=Effort(total=_SECONDS, each=_SECONDS / 2)), times=1)  # fmt: skip
        print(f"{name}: {seconds:.2f} s, {len(resolution.contradictions)} suspended, support"
              f" {resolution.suspended_support}, exact: {resolution.exact}")  # fmt: skip
        if resolution.exact and resolution.knots:
            largest = max(resolution.knots, key=lambda each: len(each.network.precedences))
            listing, found = timed(lambda knot=largest: list_alternatives(
                knot, effort=Effort(total=_SECONDS, each=2)), times=1)  # fmt: skip
            said = "all" if found.complete else "and more" if found.more else "as far as known"
            print(f"    choices of support {largest.support}: {len(found.choices)} ({said}), next"
                  f" {found.next_support}, in {listing:.2f} s")  # fmt: skip
        if all(each.kind is Kind.FS for each in network.precedences):
            compare(network, resolution.suspended_support)


if __name__ == "__main__":
    whole_way(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    if len(sys.argv) < 2:
        whole_way(2_000)
        knots()
