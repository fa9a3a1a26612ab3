"""Dependencies that say nothing new, because others together ask for as much or more.

A dependency is *redundant* when another path of standing dependencies leads from the one milestone
to the other and is at least as long (in start-to-start lengths, so kinds and lags count): whatever
dates obey the others obey it too. Without lags and with finish-to-start only that is what a
transitive reduction leaves out (Aho, Garey & Ullman, "The transitive reduction of a directed
graph", SIAM J. Comput. 1, 1972).

Dependencies may be redundant because of each other: equal ones, and those on a feasible cycle of
length zero. So they are judged one after the other, the least supported first, each by what is
left then. That keeps the best supported, every date that can be computed stays as it is without
all of them together, and none is left over that could go. What is *always* redundant, however long
the milestones take, is marked before what is so for the durations of today.

Pure: plain values in, plain values out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import networkx as nx

from roadmap.planning.network import Kind, Network, Precedence
from roadmap.planning.schedule import Schedule

# Bits of memory for who reaches whom; larger networks are looked at in several goes.
_BITS = 2**29


@dataclass(frozen=True, slots=True)
class Redundancy:
    """A redundant dependency, and a path of dependencies that ask for as much.

    ``path`` leads from its ``before`` to its ``after`` through dependencies that are not redundant
    (for the same reason); it is empty for one that ties a milestone to itself and asks nothing.
    ``always`` says that it holds for all durations, not only for those of today.
    """

    precedence: Precedence
    path: tuple[Precedence, ...]
    always: bool


def find_redundant(network: Network, schedule: Schedule) -> tuple[Redundancy, ...]:
    """The redundant dependencies of a network without contradictions, in canonical order.

    ``schedule`` is any of this network: its earliest dates show quickly how much longer than a
    dependency a path is.
    """
    starts = [schedule.dates[code].earliest_start for code in network.activities]
    durations = [each.duration_days for each in network.activities.values()]
    whatever = _whatever_the_durations(network, starts, durations)
    always = whatever.thin_out(range(len(network.precedences)))
    today = _Links(len(starts), network.tails, network.heads, [
        starts[head] - starts[tail] - length
        for tail, head, length in zip(network.tails, network.heads, network.lengths, strict=True)
    ], network.precedences)  # fmt: skip
    today.gone |= always
    only_today = today.thin_out(at for at in range(len(network.precedences)) if at not in always)
    found = {at: (whatever.path_instead_of(at), True) for at in always}
    found |= {at: (today.path_instead_of(at), False) for at in only_today}
    precedences = network.precedences
    return tuple(
        Redundancy(precedences[at], tuple(precedences[step] for step in path), holds)
        for at, (path, holds) in sorted(found.items())
    )


def _whatever_the_durations(
    network: Network, starts: Sequence[int], durations: Sequence[int]
) -> "_Links":
    """The start and the finish of each milestone apart: a finish is not before its start.

    Node ``at`` is the start of the milestone at that position, ``size + at`` its finish.
    """
    size = len(starts)
    when = [*starts, *(start + days for start, days in zip(starts, durations, strict=True))]
    tails, heads, spare = [], [], []
    for at, each in enumerate(network.precedences):
        tail = network.tails[at] + (size if each.kind in (Kind.FS, Kind.FF) else 0)
        head = network.heads[at] + (size if each.kind in (Kind.FF, Kind.SF) else 0)
        tails.append(tail)
        heads.append(head)
        spare.append(when[head] - when[tail] - each.lag_days)
    return _Links(
        2 * size,
        [*tails, *range(size)],
        [*heads, *range(size, 2 * size)],
        [*spare, *durations],
        network.precedences,
    )


class _Links:
    """Links between nodes with the days they leave to spare, of which some are dependencies.

    Two paths with the same ends differ in length as they differ in days to spare: the longer one
    spares less. Days to spare are never negative, so the path that spares least is found by
    Dijkstra's method, which need not look farther than the dependency itself spares.
    """

    def __init__(
        self,
        nodes: int,
        tails: Sequence[int],
        heads: Sequence[int],
        spare: Sequence[int],
        precedences: Sequence[Precedence],
    ) -> None:
        self.tails, self.heads, self.spare = tails, heads, spare
        self.precedences = precedences
        self.gone: set[int] = set()
        self._instead: dict[int, tuple[int, ...]] = {}
        self.onward: list[list[int]] = [[] for _ in range(nodes)]
        for at, tail in enumerate(tails):
            self.onward[tail].append(at)

    def thin_out(self, candidates: Iterable[int]) -> set[int]:
        """Take out one redundant dependency after the other; which they were."""
        by_head: dict[int, list[int]] = {}
        for at in candidates:
            by_head.setdefault(self.heads[at], []).append(at)
        order = self._in_order()
        components = {node: number for number, each in enumerate(order) for node in each}
        taken: set[int] = set()
        wanted = sorted(by_head, key=lambda node: components[node])
        width = max(64, _BITS // max(1, len(self.onward)))
        for first in range(0, len(wanted), width):
            block = wanted[first : first + width]
            bit = {node: 1 << number for number, node in enumerate(block)}
            reaches = self._who_reaches(bit, order)
            edges = [at for node in block for at in by_head[node]]
            # The least supported is judged first; of equals the last, so that the first stays.
            edges.sort(key=lambda at: (self.precedences[at].support, -at))
            for at in edges:
                path = self._path(at, reaches, bit[self.heads[at]])
                if path is not None:
                    self.gone.add(at)
                    taken.add(at)
                    self._instead[at] = path
        return taken

    def path_instead_of(self, at: int) -> tuple[int, ...]:
        """The dependencies of a path that asks for as much as this one, which was taken out.

        The path was found when it was; what of it was taken out later has a path of its own.
        """
        path: list[int] = []
        visited: dict[int, int] = {}  # node → how much of the path leads there
        waiting = list(reversed(self._instead[at]))
        while waiting:
            step = waiting.pop()
            if step in self._instead:
                waiting.extend(reversed(self._instead[step]))
                continue
            node = self.tails[step]
            if node in visited:  # round a cycle, and back
                del path[visited[node] :]
            visited = {n: count for n, count in visited.items() if count <= len(path)}
            visited[node] = len(path)
            path.append(step)
        return tuple(each for each in path if each < len(self.precedences))

    def _in_order(self) -> list[list[int]]:
        """The strongly connected components, each before all that it leads to."""
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(len(self.onward)))
        graph.add_edges_from(zip(self.tails, self.heads, strict=True))
        return [list(each) for each in nx.strongly_connected_components(graph)][::-1]

    def _who_reaches(self, bit: dict[int, int], order: Sequence[Sequence[int]]) -> list[int]:
        """Per node the targets it reaches, itself included, one bit each."""
        reaches = [0] * len(self.onward)
        for component in reversed(order):
            together = 0
            for node in component:
                together |= bit.get(node, 0)
                for at in self.onward[node]:
                    if at not in self.gone:
                        together |= reaches[self.heads[at]]
            for node in component:
                reaches[node] = together
        return reaches

    def _path(self, at: int, reaches: Sequence[int], wanted: int) -> tuple[int, ...] | None:
        source, target, most = self.tails[at], self.heads[at], self.spare[at]
        if source == target:
            return () if most >= 0 else None
        least = {source: 0}
        arrived_by: dict[int, int] = {}
        heap = [(0, source)]
        while heap:
            spared, node = heappop(heap)
            if node == target:
                return self._links_back(arrived_by, source, target)
            if spared > least[node]:
                continue
            for step in self.onward[node]:
                if step == at or step in self.gone:
                    continue
                head = self.heads[step]
                total = spared + self.spare[step]
                if total > most or total >= least.get(head, most + 1):
                    continue
                if not reaches[head] & wanted:
                    continue
                least[head], arrived_by[head] = total, step
                heappush(heap, (total, head))
        return None

    def _links_back(self, arrived_by: dict[int, int], source: int, node: int) -> tuple[int, ...]:
        path = []
        while node != source:
            path.append(arrived_by[node])
            node = self.tails[path[-1]]
        return tuple(reversed(path))
