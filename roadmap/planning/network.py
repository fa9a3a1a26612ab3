"""The roadmap as an activity-on-node network with generalised precedence relations.

A milestone is an activity with a duration; a dependency is a precedence of one of four kinds with
a minimal lag (negative lags allowed). Every kind becomes one number, the *length*: how many days
after the start of the one the other may start (Elmaghraby & Kamburowski, "The analysis of
activity networks under generalized precedence relations", Management Science 38, 1992).

Pure: plain values in, plain values out. All times are whole days.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

import networkx as nx
import numpy as np
from numpy.typing import NDArray

# Beyond this no sum over a network of ours can leave 64-bit integers.
LARGEST_NUMBER_OF_DAYS = 10**9

# A path through the network: positions in `Network.precedences`, each starting where the last ends.
Cycle = tuple[int, ...]


class Kind(StrEnum):
    """Which end of the one milestone the dependency ties to which end of the other."""

    FS = "FS"  # finish to start
    SS = "SS"  # start to start
    FF = "FF"  # finish to finish
    SF = "SF"  # start to finish


class Ruling(StrEnum):
    """What a person decided about a dependency, whatever the computation would do with it."""

    NONE = ""
    KEEP = "keep"  # never suspended
    SUSPEND = "suspend"  # always suspended


@dataclass(frozen=True, slots=True)
class Activity:
    """A milestone as the network sees it; all days count from the roadmap's start.

    not_before
        the first day it may start on.
    fixed_start
        the day it is to start on, neither earlier nor later.
    finish_by
        the last day it is to finish on.

    A network whose dependencies do not allow the last two can be scheduled all the same: the
    dependencies win, and the schedule says what is broken.
    """

    code: str
    duration_days: int
    not_before: int = 0
    fixed_start: int | None = None
    finish_by: int | None = None


@dataclass(frozen=True, slots=True)
class Precedence:
    """A dependency as the network sees it: ``after`` waits for ``before``.

    ``support`` is how much speaks for it (respondents, votes, weight); never negative.
    """

    before: str
    after: str
    kind: Kind = Kind.FS
    lag_days: int = 0
    support: Decimal = Decimal(1)
    ruling: Ruling = Ruling.NONE

    @property
    def order(self) -> tuple[str, str, str, int, Decimal, str]:
        """The canonical order of dependencies, whatever order they were given in."""
        return (
            self.before, self.after, self.kind.value, self.lag_days, self.support, self.ruling.value
        )  # fmt: skip


class Network:
    """Activities and the precedences between them, both in canonical order.

    Precedences of the same pair may be several, of the same kind or not, and a precedence may tie
    an activity to itself. Raises ``ValueError`` for a duplicate code, an unknown code, a negative
    duration or support, and numbers beyond ``LARGEST_NUMBER_OF_DAYS``.
    """

    def __init__(
        self, activities: Iterable[Activity], precedences: Iterable[Precedence] = ()
    ) -> None:
        given = sorted(activities, key=lambda activity: activity.code)
        self.activities: Mapping[str, Activity] = MappingProxyType(
            {activity.code: activity for activity in given}
        )
        self.precedences = tuple(sorted(precedences, key=lambda precedence: precedence.order))
        if len(self.activities) != len(given):
            raise ValueError("two activities have the same code")
        self._check_numbers()
        self.position = {code: position for position, code in enumerate(self.activities)}
        self.lengths = tuple(self.length_of(precedence) for precedence in self.precedences)

    def _check_numbers(self) -> None:
        for activity in self.activities.values():
            if not 0 <= activity.duration_days <= LARGEST_NUMBER_OF_DAYS:
                raise ValueError(f"{activity.code}: the duration is out of range")
            if not 0 <= activity.not_before <= LARGEST_NUMBER_OF_DAYS:
                raise ValueError(f"{activity.code}: the first day is out of range")
        for precedence in self.precedences:
            for code in (precedence.before, precedence.after):
                if code not in self.activities:
                    raise ValueError(f"a dependency names {code!r}, which does not exist")
            if abs(precedence.lag_days) > LARGEST_NUMBER_OF_DAYS:
                raise ValueError(f"{precedence.before} to {precedence.after}: lag out of range")
            if not (precedence.support.is_finite() and precedence.support >= 0):
                raise ValueError(f"{precedence.before} to {precedence.after}: bad support")

    def length_of(self, precedence: Precedence) -> int:
        """Start of ``after`` minus start of ``before`` is at least this.

        FS: d(before) + lag. SS: lag. FF: d(before) + lag - d(after). SF: lag - d(after).
        """
        length = precedence.lag_days
        if precedence.kind in (Kind.FS, Kind.FF):
            length += self.activities[precedence.before].duration_days
        if precedence.kind in (Kind.FF, Kind.SF):
            length -= self.activities[precedence.after].duration_days
        return length

    @cached_property
    def tails(self) -> tuple[int, ...]:
        """Per precedence, the position of the activity it leaves."""
        return tuple(self.position[precedence.before] for precedence in self.precedences)

    @cached_property
    def heads(self) -> tuple[int, ...]:
        """Per precedence, the position of the activity it enters."""
        return tuple(self.position[precedence.after] for precedence in self.precedences)

    @cached_property
    def graph(self) -> "nx.DiGraph[int]":
        """Who is tied to whom, by position; parallel precedences are one edge here."""
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(len(self.activities)))
        graph.add_edges_from(zip(self.tails, self.heads, strict=True))
        return graph

    def without(self, suspended: Collection[int]) -> "Network":
        """The network without the precedences at these positions."""
        dropped = set(suspended)
        return Network(
            self.activities.values(),
            (edge for at, edge in enumerate(self.precedences) if at not in dropped),
        )

    def knots(self) -> list[list[int]]:
        """Per strongly connected component in which a cycle runs, its precedences' positions."""
        component_of: dict[int, int] = {}
        for number, component in enumerate(nx.strongly_connected_components(self.graph)):
            for node in component:
                component_of[node] = number
        knots: dict[int, list[int]] = {}
        for at, (tail, head) in enumerate(zip(self.tails, self.heads, strict=True)):
            if component_of[tail] == component_of[head]:
                knots.setdefault(component_of[tail], []).append(at)
        return sorted(knots.values())

    def contradictions_among(self, edges: Collection[int]) -> list[Cycle]:
        """Some contradictions that these precedences make among themselves; empty if none is left.

        A contradiction is a cycle of finish-to-start precedences only, whatever its length, or any
        cycle whose lengths add up to more than zero. A cycle of zero or less with another kind
        in it is feasible: together its precedences say that something may start *at most* so
        much later (a maximal lag).

        What was found is taken out and the rest searched again, so the answer is a generous
        sample: the fewer rounds, the fewer integer programmes.
        """
        left = set(edges)
        contradictions: list[Cycle] = []
        while found := self._finish_to_start_cycles(left) or self._positive_cycles(left):
            contradictions += found
            left.difference_update(*found)
        return contradictions

    def _finish_to_start_cycles(self, edges: Collection[int]) -> list[Cycle]:
        """For every activity on a cycle of FS precedences, a shortest one through it or near it."""
        outgoing: dict[int, dict[int, int]] = {}
        for at in sorted(edges):
            if self.precedences[at].kind is Kind.FS:
                outgoing.setdefault(self.tails[at], {}).setdefault(self.heads[at], at)
        graph: nx.DiGraph[int] = nx.DiGraph(
            (tail, head) for tail, heads in outgoing.items() for head in heads
        )
        cycles = []
        for component in nx.strongly_connected_components(graph):
            covered: set[int] = set()
            for node in sorted(component):
                if node in covered:
                    continue
                cycle = self._shortest_path(outgoing, node, node, component)
                if cycle:
                    covered.update(self.tails[at] for at in cycle)
                    cycles.append(cycle)
        return cycles

    def _shortest_path(
        self,
        outgoing: Mapping[int, Mapping[int, int]],
        source: int,
        target: int,
        inside: Collection[int] | None = None,
    ) -> Cycle:
        """The precedences of a shortest walk of at least one step, or nothing."""
        arrived_by: dict[int, int] = {}
        queue = [source]
        for node in queue:
            for head, at in outgoing.get(node, {}).items():
                if head == target:
                    return self._walk_back(arrived_by, source, node, at)
                if head != source and head not in arrived_by and (not inside or head in inside):
                    arrived_by[head] = at
                    queue.append(head)
        return ()

    def _walk_back(self, arrived_by: Mapping[int, int], source: int, node: int, last: int) -> Cycle:
        path = [last]
        while node != source:
            path.append(arrived_by[node])
            node = self.tails[path[-1]]
        return tuple(reversed(path))

    def _positive_cycles(self, edges: Collection[int]) -> list[Cycle]:
        """Cycles with a sum of lengths above zero; empty exactly when there is none."""
        graph: nx.DiGraph[int] = nx.DiGraph((self.tails[at], self.heads[at]) for at in edges)
        component_of = {
            node: number
            for number, component in enumerate(nx.strongly_connected_components(graph))
            for node in component
        }
        knots: dict[int, list[int]] = {}
        for at in sorted(edges):
            number = component_of[self.tails[at]]
            if number == component_of[self.heads[at]]:
                knots.setdefault(number, []).append(at)
        cycles = []
        for knot in knots.values():
            nodes = sorted({self.tails[at] for at in knot})
            local = {node: number for number, node in enumerate(nodes)}
            found = positive_cycles(
                len(nodes),
                np.array([local[self.tails[at]] for at in knot]),
                np.array([local[self.heads[at]] for at in knot]),
                np.array([self.lengths[at] for at in knot], dtype=np.int64),
            )
            cycles += [tuple(knot[at] for at in cycle) for cycle in found]
        return cycles

    def contradiction_through(self, at: int, others: Collection[int]) -> Cycle:
        """A contradiction with fewest steps that precedence ``at`` closes with ``others``.

        ``others`` must be free of contradictions. The cycle begins with ``at``; it is empty when
        ``at`` contradicts nothing.
        """
        source, target = self.heads[at], self.tails[at]
        is_finish_to_start = self.precedences[at].kind is Kind.FS
        if source == target:
            return (at,) if is_finish_to_start or self.lengths[at] > 0 else ()
        rest: Cycle = ()
        if is_finish_to_start:
            outgoing: dict[int, dict[int, int]] = {}
            for other in sorted(others):
                if self.precedences[other].kind is Kind.FS:
                    outgoing.setdefault(self.tails[other], {}).setdefault(self.heads[other], other)
            rest = self._shortest_path(outgoing, source, target)
        if not rest:
            rest = self._shortest_path_longer_than(-self.lengths[at], source, target, others)
        return (at, *rest) if rest else ()

    def _shortest_path_longer_than(
        self, length: int, source: int, target: int, edges: Collection[int]
    ) -> Cycle:
        """A path with the fewest steps whose lengths add up to more than ``length``.

        Longest walks of at most 1, 2, 3 … steps. The first that suffices is a path: a cycle on
        it, never positive here, could be left out and a shorter walk would have sufficed before.
        """
        outgoing: dict[int, list[int]] = {}
        for at in sorted(edges):
            outgoing.setdefault(self.tails[at], []).append(at)
        longest = {source: 0}
        frontier = {source: 0}
        steps: list[dict[int, int]] = []
        while frontier and len(steps) < len(self.activities):
            reached: dict[int, int] = {}
            arrived_by: dict[int, int] = {}
            for node, value in sorted(frontier.items()):
                for at in outgoing.get(node, ()):
                    head, total = self.heads[at], value + self.lengths[at]
                    if total > reached.get(head, longest.get(head, total - 1)):
                        reached[head], arrived_by[head] = total, at
            steps.append(arrived_by)
            longest |= reached
            frontier = reached
            if reached.get(target, length) > length:
                path: list[int] = []
                node = target
                for step in reversed(steps):
                    path.append(step[node])
                    node = self.tails[path[-1]]
                return tuple(reversed(path))
        return ()


def positive_cycles(
    nodes: int, tails: NDArray[np.int_], heads: NDArray[np.int_], lengths: NDArray[np.int64]
) -> list[Cycle]:
    """Disjoint cycles of positive length in a graph of ``nodes`` nodes, as positions of edges.

    Bellman–Ford from every node at once, a whole pass as one array operation. A node's *arrival*
    is the edge that last improved it. A cycle of arrivals always has positive length, and if
    there is a positive cycle at all then arrivals form one after ``nodes`` passes at the latest:
    a node improved in the last pass has a chain of ``nodes`` arrivals behind it.
    """
    order = np.argsort(heads, kind="stable")
    sources, weights = tails[order], lengths[order]
    targets, starts = np.unique(heads[order], return_index=True)
    group = np.repeat(np.arange(len(targets)), np.diff(np.append(starts, len(order))))
    value = np.zeros(nodes, dtype=np.int64)
    arrival = np.full(nodes, -1)
    for number in range(1, nodes + 1):
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
            cycles = list(_arrival_cycles(arrival.tolist(), tails.tolist()))
            if cycles:
                return cycles
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
