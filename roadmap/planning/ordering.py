"""In which order the dates of a network are settled: who is waited for comes first.

Pure: plain values in, plain values out.
"""

from collections.abc import Sequence

import networkx as nx
import numpy as np

from roadmap.planning.cycles import positive_cycles
from roadmap.planning.network import Network


class PositiveCycle(ValueError):
    """A network in which something would have to start after itself; ``codes`` go round it."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = tuple(codes)
        round_trip = " → ".join([*self.codes, self.codes[0]])
        super().__init__(f"the network holds a cycle of positive length: {round_trip}")


def components_in_order(network: Network) -> list[list[int]]:
    """The strongly connected components by position, each after all that it depends on.

    Almost always they are single activities, in one pass over the network. Inside a component
    (a feasible cycle) the members stand in an order in which dates rarely have to be raised
    twice: along the lengths of zero and more, which make no cycle unless of length zero.
    """
    size = len(network.activities)
    onward: list[list[int]] = [[] for _ in range(size)]
    waiting = [0] * size
    for tail, head in zip(network.tails, network.heads, strict=True):
        if tail != head:  # whether an activity may be tied to itself is seen when it is settled
            onward[tail].append(head)
            waiting[head] += 1
    order = [node for node in range(size) if not waiting[node]]
    for node in order:
        for head in onward[node]:
            waiting[head] -= 1
            if not waiting[head]:
                order.append(head)
    if len(order) == size:
        return [[node] for node in order]
    return _condensed(network)


def positive_cycle_among(network: Network, members: Sequence[int]) -> PositiveCycle | None:
    """A positive cycle inside these activities, if there is one."""
    local = {node: number for number, node in enumerate(members)}
    edges = [
        at
        for at, (tail, head) in enumerate(zip(network.tails, network.heads, strict=True))
        if tail in local and head in local
    ]
    if not edges:
        return None
    found = positive_cycles(
        len(members),
        np.array([local[network.tails[at]] for at in edges]),
        np.array([local[network.heads[at]] for at in edges]),
        np.array([network.lengths[at] for at in edges], dtype=np.int64),
    )
    if not found:
        return None
    first = min(found, key=lambda cycle: (len(cycle), sorted(cycle)))
    return PositiveCycle([network.precedences[edges[at]].before for at in first])


def _condensed(network: Network) -> list[list[int]]:
    condensed = nx.condensation(network.graph)
    components = [
        sorted(condensed.nodes[each]["members"]) for each in nx.topological_sort(condensed)
    ]
    number_of = {node: at for at, members in enumerate(components) for node in members}
    forward: dict[int, list[tuple[int, int]]] = {}
    for tail, head, length in zip(network.tails, network.heads, network.lengths, strict=True):
        if length >= 0 and tail != head and number_of[tail] == number_of[head]:
            forward.setdefault(number_of[tail], []).append((tail, head))
    return [
        members if len(members) == 1 else _inside(members, forward.get(at, ()))
        for at, members in enumerate(components)
    ]


def _inside(members: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(members)
    graph.add_edges_from(edges)
    condensed = nx.condensation(graph)
    return [
        node
        for each in nx.topological_sort(condensed)
        for node in sorted(condensed.nodes[each]["members"])
    ]
