"""Finding the cycles in which dependencies contradict each other.

A contradiction is a cycle of finish-to-start edges only, whatever its length, or any cycle whose
lengths add up to more than zero. A cycle of zero or less with another kind in it is feasible:
together its edges say that something may start *at most* so much later (a maximal lag).

Everything here is about positions: nodes are 0 … n-1, an edge is its position in ``Edges``.
Pure: plain values in, plain values out.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

import networkx as nx
import numpy as np
from numpy.typing import NDArray

# A path through the network: positions of edges, each starting where the last ends.
Cycle = tuple[int, ...]

# Passes over all edges at once before one goes on node by node, in a better order.
_PASSES = 64
# Steps of edges looked at for a contradiction with the fewest steps; beyond that any will do.
_STEPS = 200_000
# Shortest cycles looked for at once in one component, counted in walks over all of its edges.
_WALKS = 20


class OutOfTime(Exception):
    """The time was over before it was known whether there is a contradiction at all."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges by position: where each leaves and enters, its length, and whether it is FS.

    A node ``head`` starts at least ``length`` days after ``tail`` starts.
    """

    nodes: int
    tails: tuple[int, ...]
    heads: tuple[int, ...]
    lengths: tuple[int, ...]
    finish_to_start: tuple[bool, ...]

    def components(self, edges: Iterable[int]) -> list[list[int]]:
        """Per strongly connected component in which a cycle runs, its edges in ascending order."""
        edges = sorted(edges)
        graph: nx.DiGraph[int] = nx.DiGraph((self.tails[at], self.heads[at]) for at in edges)
        component_of: dict[int, int] = {}
        for number, component in enumerate(nx.strongly_connected_components(graph)):
            for node in component:
                component_of[node] = number
        components: dict[int, list[int]] = {}
        for at in edges:
            number = component_of[self.tails[at]]
            if number == component_of[self.heads[at]]:
                components.setdefault(number, []).append(at)
        return sorted(components.values())

    def contradictions_among(
        self, edges: Collection[int], *, is_over: Callable[[], bool] = _never
    ) -> list[Cycle]:
        """Some contradictions that these edges make among themselves; empty if none is left.

        What was found is taken out and the rest searched again, so the answer is a generous
        sample: the fewer rounds, the fewer integer programmes. When ``is_over`` what is known so
        far is given; ``OutOfTime`` if that is nothing.
        """
        left = set(edges)
        contradictions: list[Cycle] = []
        while found := self._finish_to_start_cycles(left) or self._positive_cycles(left, is_over):
            contradictions += found
            left.difference_update(*found)
            if is_over():
                break
        return contradictions

    def _finish_to_start_cycles(self, edges: Collection[int]) -> list[Cycle]:
        """For many an activity on a cycle of FS edges, a shortest one through it or near it."""
        cycles = []
        for component in self.components(at for at in edges if self.finish_to_start[at]):
            outgoing: dict[int, dict[int, int]] = {}
            for at in component:
                outgoing.setdefault(self.tails[at], {}).setdefault(self.heads[at], at)
            covered: set[int] = set()
            budget = _WALKS * len(component) + _STEPS
            for node in sorted(outgoing):
                if node in covered:
                    continue
                cycle, steps = self._shortest_cycle(outgoing, node)
                covered.update(self.tails[at] for at in cycle)
                cycles.append(cycle)
                budget -= steps
                if budget < 0:
                    break
        return cycles

    def _shortest_cycle(self, outgoing: dict[int, dict[int, int]], start: int) -> tuple[Cycle, int]:
        """A shortest cycle through ``start`` in a strongly connected graph, and the steps taken."""
        arrived_by: dict[int, int] = {}
        queue = [start]
        steps = 0
        for node in queue:
            for head, at in outgoing[node].items():
                steps += 1
                if head == start:
                    path = [at]
                    while node != start:
                        path.append(arrived_by[node])
                        node = self.tails[path[-1]]
                    return tuple(reversed(path)), steps
                if head not in arrived_by:
                    arrived_by[head] = at
                    queue.append(head)
        raise ValueError("the graph is not strongly connected")

    def _positive_cycles(self, edges: Collection[int], is_over: Callable[[], bool]) -> list[Cycle]:
        """Cycles with a sum of lengths above zero; empty exactly when there is none."""
        cycles: list[Cycle] = []
        out_of_time = False
        for component in self.components(edges):
            if all(self.lengths[at] <= 0 for at in component):
                continue
            nodes = sorted({self.tails[at] for at in component})
            local = {node: number for number, node in enumerate(nodes)}
            try:
                found = positive_cycles(
                    len(nodes),
                    np.array([local[self.tails[at]] for at in component]),
                    np.array([local[self.heads[at]] for at in component]),
                    np.array([self.lengths[at] for at in component], dtype=np.int64),
                    is_over=is_over,
                )
            except OutOfTime:
                out_of_time = True
                continue
            cycles += [tuple(component[at] for at in cycle) for cycle in found]
        if out_of_time and not cycles:
            raise OutOfTime
        return cycles


def positive_cycles(
    nodes: int,
    tails: NDArray[np.int_],
    heads: NDArray[np.int_],
    lengths: NDArray[np.int64],
    *,
    is_over: Callable[[], bool] = _never,
) -> list[Cycle]:
    """Disjoint cycles of positive length in a graph of ``nodes`` nodes, as positions of edges.

    Bellman–Ford from every node at once, a whole pass as one array operation. A node's *arrival*
    is the edge that last improved it. A cycle of arrivals always has positive length, and if
    there is a positive cycle at all then arrivals form one after ``nodes`` passes at the latest:
    a node improved in the last pass has a chain of ``nodes`` arrivals behind it.

    Long chains need many passes. After the first ones it goes node by node in an order in which
    most edges lead forward (Yen 1970), where a pass carries a value along a whole chain.
    """
    order = np.argsort(heads, kind="stable")
    sources, weights = tails[order], lengths[order]
    targets, starts = np.unique(heads[order], return_index=True)
    group = np.repeat(np.arange(len(targets)), np.diff(np.append(starts, len(order))))
    value = np.zeros(nodes, dtype=np.int64)
    arrival = np.full(nodes, -1)
    tail_list = tails.tolist()
    for number in range(1, min(nodes, _PASSES) + 1):
        candidate = value[sources] + weights
        best = np.maximum.reduceat(candidate, starts)
        improved = best > value[targets]
        if not improved.any():
            return []
        best_edges = np.flatnonzero(candidate == best[group])[::-1]
        first = np.empty(len(targets), dtype=np.int64)
        first[group[best_edges]] = best_edges  # the earliest edge of a group is written last
        arrival[targets[improved]] = order[first[improved]]
        value[targets[improved]] = best[improved]
        if number < 8 or number % 8 == 0 or number == nodes:
            cycles = list(_arrival_cycles(arrival.tolist(), tail_list))
            if cycles:
                return cycles
    if nodes <= _PASSES:
        return []
    return _positive_cycles_in_order(
        value.tolist(), arrival.tolist(), tail_list, heads.tolist(), lengths.tolist(), is_over
    )


def _positive_cycles_in_order(
    value: list[int],
    arrival: list[int],
    tails: list[int],
    heads: list[int],
    lengths: list[int],
    is_over: Callable[[], bool],
) -> list[Cycle]:
    """The same, going on from these values node by node."""
    nodes = len(value)
    outgoing: list[list[tuple[int, int, int]]] = [[] for _ in range(nodes)]
    for at, (tail, head, length) in enumerate(zip(tails, heads, lengths, strict=True)):
        outgoing[tail].append((head, length, at))
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(zip(tails, heads, strict=True))
    sweep = list(nx.dfs_postorder_nodes(graph))[::-1]
    waiting = [True] * nodes
    for _ in range(nodes + 1):
        changed = False
        for node in sweep:
            if not waiting[node]:
                continue
            waiting[node] = False
            from_here = value[node]
            for head, length, at in outgoing[node]:
                if from_here + length > value[head]:
                    value[head], arrival[head] = from_here + length, at
                    waiting[head] = changed = True
        if not changed:
            return []
        if cycles := list(_arrival_cycles(arrival, tails)):
            return cycles
        if is_over():
            raise OutOfTime
    return []


def _arrival_cycles(arrival: list[int], tails: list[int]) -> Iterator[Cycle]:
    """The cycles of a graph in which every node has at most one arriving edge (-1: none)."""
    seen_from = [-1] * len(arrival)
    for start in range(len(arrival)):
        node = start
        while seen_from[node] < 0 and arrival[node] >= 0:
            seen_from[node] = start
            node = tails[arrival[node]]
        if seen_from[node] != start or arrival[node] < 0:
            continue
        cycle = [arrival[node]]
        while tails[cycle[-1]] != node:
            cycle.append(arrival[tails[cycle[-1]]])
        yield tuple(reversed(cycle))


class Standing:
    """Edges that do not contradict each other, and may become more.

    It keeps a *potential*: a start for every node that all edges allow. With it a further edge
    is checked in time that depends on what it moves, not on the size of the network (Cotton &
    Maler, "Fast and flexible difference constraint propagation for DPLL(T)", SAT 2006).
    ``edges`` given at the beginning must be free of contradictions.
    """

    def __init__(self, data: Edges, edges: Iterable[int] = ()) -> None:
        self._data = data
        self._onward: dict[int, list[int]] = {}
        self._fs_onward: dict[int, list[int]] = {}
        self._fs_back: dict[int, list[int]] = {}
        self._potential = [0] * data.nodes
        self.steps = 0  # edges looked at so far: what the work is measured by, on any machine
        edges = sorted(edges)
        graph: nx.DiGraph[int] = nx.DiGraph((data.tails[at], data.heads[at]) for at in edges)
        rank: dict[int, int] = {}
        for component in nx.strongly_connected_components(graph):  # the last in order come first
            for node in component:
                rank[node] = -len(rank)
        # So ordered, an edge moves nothing but the node it enters.
        for at in sorted(edges, key=lambda each: rank[data.tails[each]]):
            self.add(at)

    def add(self, at: int) -> None:
        """Let this edge stand; the caller has made sure that it contradicts nothing."""
        tail, head = self._data.tails[at], self._data.heads[at]
        self._onward.setdefault(tail, []).append(at)
        if self._data.finish_to_start[at]:
            self._fs_onward.setdefault(tail, []).append(at)
            self._fs_back.setdefault(head, []).append(at)
        moved, _ = self._propagate(at)
        for node, value in moved.items():
            self._potential[node] = value

    def is_contradicted_by(self, at: int) -> bool:
        """Whether this edge would close a contradiction."""
        return bool(self._finish_to_start_path(at) or self._propagate(at)[1])

    def contradiction_through(self, at: int) -> Cycle:
        """A contradiction that this edge closes: it comes first; empty if there is none.

        One with the fewest steps, unless that takes too long to find: of FS edges only if there
        is one.
        """
        if found := self._finish_to_start_path(at):
            return found
        closing = self._propagate(at)[1]
        if len(closing) <= 2:
            return closing
        return self._fewest_steps(at) or closing

    def _finish_to_start_path(self, at: int) -> Cycle:
        """The shortest cycle of FS edges that this one closes, searched from both sides."""
        data = self._data
        if not data.finish_to_start[at]:
            return ()
        source, target = data.heads[at], data.tails[at]
        if source == target:
            return (at,)
        reached: tuple[dict[int, int], dict[int, int]] = ({source: -1}, {target: -1})
        fronts = [[source], [target]]
        sides = (
            (self._fs_onward, data.heads),
            (self._fs_back, data.tails),
        )
        while fronts[0] and fronts[1]:
            side = 0 if len(fronts[0]) <= len(fronts[1]) else 1
            links, ends = sides[side]
            mine, theirs = reached[side], reached[1 - side]
            front = []
            for node in fronts[side]:
                onward = links.get(node, ())
                self.steps += len(onward)
                for step in onward:
                    end = ends[step]
                    if end in mine:
                        continue
                    mine[end] = step
                    if end in theirs:
                        return (at, *self._joined(reached, end))
                    front.append(end)
            fronts[side] = front
        return ()

    def _joined(self, reached: tuple[dict[int, int], dict[int, int]], meeting: int) -> Cycle:
        path = []
        node = meeting
        while (step := reached[0][node]) >= 0:
            path.append(step)
            node = self._data.tails[step]
        path.reverse()
        node = meeting
        while (step := reached[1][node]) >= 0:
            path.append(step)
            node = self._data.heads[step]
        return tuple(path)

    def _propagate(self, at: int) -> tuple[dict[int, int], Cycle]:
        """What a potential that allows this edge too would be, where it differs; or a cycle.

        Nodes are settled by how far they move, the farthest first; each is settled once. If the
        edge's own tail must move, the edge is on a cycle of positive length.
        """
        data, potential = self._data, self._potential
        source = data.tails[at]
        first = potential[source] + data.lengths[at] - potential[data.heads[at]]
        if data.heads[at] == source:
            return {}, ((at,) if data.lengths[at] > 0 else ())
        if first <= 0:
            return {}, ()
        moved: dict[int, int] = {}
        best = {data.heads[at]: first}
        arrived_by = {data.heads[at]: at}
        heap = [(-first, data.heads[at])]
        while heap:
            by, node = heappop(heap)
            if node in moved:
                continue
            moved[node] = potential[node] - by
            onward = self._onward.get(node, ())
            self.steps += len(onward)
            for step in onward:
                head = data.heads[step]
                further = moved[node] + data.lengths[step] - potential[head]
                if further <= 0 or head in moved or further <= best.get(head, 0):
                    continue
                best[head], arrived_by[head] = further, step
                if head == source:
                    path = [step]
                    while path[-1] != at:
                        path.append(arrived_by[data.tails[path[-1]]])
                    return {}, tuple(reversed(path))
                heappush(heap, (-further, head))
        return moved, ()

    def _fewest_steps(self, at: int) -> Cycle:
        """A cycle of positive length with the fewest steps, or nothing within reason.

        Longest walks of at most 1, 2, 3 … steps. The first that suffices is a path: a cycle on
        it, never positive here, could be left out and a shorter walk would have sufficed before.
        """
        data = self._data
        source, target, needed = data.heads[at], data.tails[at], -data.lengths[at]
        longest = {source: 0}
        frontier = {source: 0}
        layers: list[dict[int, int]] = []
        steps = 0
        while frontier and steps < _STEPS:
            reached: dict[int, int] = {}
            arrived_by: dict[int, int] = {}
            for node, value in sorted(frontier.items()):
                for step in self._onward.get(node, ()):
                    steps += 1
                    head, total = data.heads[step], value + data.lengths[step]
                    if total > reached.get(head, longest.get(head, total - 1)):
                        reached[head], arrived_by[head] = total, step
            layers.append(arrived_by)
            longest |= reached
            frontier = reached
            if reached.get(target, needed) > needed:
                path: list[int] = []
                node = target
                for layer in reversed(layers):
                    path.append(layer[node])
                    node = data.tails[path[-1]]
                return (at, *reversed(path))
        return ()
