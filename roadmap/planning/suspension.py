"""Which dependencies are set aside so that the rest no longer contradicts itself.

Input contradicts itself: A before B, B before A. In every strongly connected component the set of
dependencies with the smallest total support that breaks every contradiction is found exactly, by an
integer programme to which contradictions are added only as they turn up (lazily). What is set
aside is *suspended*, visibly, with the contradiction it was part of; nothing is deleted.

A person may overrule that (``Ruling``): what is to be kept is never suspended, what is to be
suspended always is, and the least is found among the rest.

Pure: plain values in, plain values out.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from heapq import heapify, heappop, heappush
from math import lcm

import networkx as nx

from roadmap.planning.covering import Effort, smallest_cover
from roadmap.planning.cycles import Cycle, OutOfTime, Standing
from roadmap.planning.network import Network, Precedence, Ruling

# A network that needs more rounds than this gets a good answer that is not claimed to be the best.
_ROUNDS = 60
# Up to this size an answer is worked out now and then on the way, and the best one is kept.
_MIDDLING = 5_000
# How much is looked at however little time is left, and how much at most when it is over: steps
# along dependencies, of which a slow machine takes a million a second.
_ALWAYS = 4_000_000
_AT_MOST = 30_000_000


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A suspended dependency and the cycle it closes with dependencies that all stand.

    ``cycle`` begins with ``suspended``; each dependency begins where the one before it ends, and
    the last ends where the first begins.
    """

    suspended: Precedence
    cycle: tuple[Precedence, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The milestones round the cycle, each once; the last leads back to the first."""
        return tuple(precedence.before for precedence in self.cycle)


@dataclass(frozen=True)
class Knot:
    """A strongly connected part of the network that contradicts itself, and what was done.

    network
        its milestones and dependencies alone, without what a person had suspended.
    kept
        positions in ``network`` of the dependencies that must not be suspended.
    suspended
        positions of those that are.
    cycles
        the contradictions known, as positions. Where ``exact``, they prove it: no set with less
        support breaks even these.
    """

    network: Network
    kept: frozenset[int]
    suspended: frozenset[int]
    cycles: tuple[Cycle, ...]
    exact: bool

    @property
    def support(self) -> Decimal:
        """The total support of what is suspended."""
        return self.support_of(self.suspended)

    def support_of(self, positions: Iterable[int]) -> Decimal:
        return sum((self.network.precedences[at].support for at in positions), Decimal(0))

    @cached_property
    def cost(self) -> dict[int, int]:
        """Support per position as whole numbers in the same proportions: no digit is lost."""
        supports = [Fraction(precedence.support) for precedence in self.network.precedences]
        unit = lcm(*(support.denominator for support in supports))
        return {at: int(support * unit) for at, support in enumerate(supports)}

    def breakable(self, cycles: Iterable[Cycle]) -> list[frozenset[int]]:
        """Per contradiction the dependencies of which one must go: all that need not be kept."""
        return [frozenset(cycle) - self.kept for cycle in cycles]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The network that stands, and what was suspended for that, in canonical order.

    exact
        no set of dependencies with less total support would have done, given the decisions.
    decided
        what a person had suspended, whether it contradicts anything or not.
    conflicts
        contradictions among dependencies that a person wants kept, all of them. Of these none can
        be honoured: here they counted as if nothing had been decided about them.
    knots
        the parts of the network in which something was suspended.
    """

    network: Network
    contradictions: tuple[Contradiction, ...]
    exact: bool
    decided: tuple[Precedence, ...] = ()
    conflicts: tuple[tuple[Precedence, ...], ...] = ()
    knots: tuple[Knot, ...] = ()

    @property
    def suspended_support(self) -> Decimal:
        """The total support of what the contradictions cost; decisions are not counted."""
        return sum((each.suspended.support for each in self.contradictions), Decimal(0))


def resolve_contradictions(network: Network, *, effort: Effort | None = None) -> Resolution:
    """Suspend the dependencies with the smallest total support that break every contradiction.

    Ties: fewest dependencies first, then the set whose list sorted by (from, to, kind, lag) comes
    first. So the answer depends on what the network says and not on the order of its rows.

    Contradictions may be too entangled to be resolved exactly within ``effort`` (some minutes
    unless given): then every contradiction is broken all the same, and ``exact`` is False.
    """
    effort = effort or Effort()
    precedences = network.precedences
    decided = [at for at, each in enumerate(precedences) if each.ruling is Ruling.SUSPEND]
    keep = {at for at, each in enumerate(precedences) if each.ruling is Ruling.KEEP}
    conflicts = network.contradictions_among(keep)
    keep.difference_update(*conflicts)

    suspended: dict[int, Cycle] = {}
    knots = []
    undecided = set(range(len(precedences))).difference(decided)
    # The small ones first: a large one may need all the time there is.
    for positions in sorted(network.edges.components(undecided), key=lambda each: len(each)):
        part = network.part(positions)
        kept = frozenset(local for local, at in enumerate(positions) if at in keep)
        knot = _break_knot(part, kept, effort)
        if knot.suspended:
            knots.append((positions, knot))
            for local, cycle in _closed_cycles(knot).items():
                suspended[positions[local]] = tuple(positions[step] for step in cycle)
    contradictions = tuple(
        Contradiction(precedences[at], tuple(precedences[step] for step in suspended[at]))
        for at in sorted(suspended)
    )
    return Resolution(
        network.without([*suspended, *decided]),
        contradictions,
        all(knot.exact for _, knot in knots),
        tuple(precedences[at] for at in decided),
        tuple(tuple(precedences[step] for step in cycle) for cycle in conflicts),
        tuple(knot for _, knot in sorted(knots, key=lambda each: each[0])),
    )


def _closed_cycles(knot: Knot) -> dict[int, Cycle]:
    """Per suspended dependency the contradiction that it would close.

    In a knot of many thousands that is not resolved exactly it may not have been worked out for
    all: then the dependency stands for itself.
    """
    rest = set(range(len(knot.network.precedences))) - knot.suspended
    standing = Standing(knot.network.edges, rest)
    return {
        at: (standing.steps < _AT_MOST and standing.contradiction_through(at)) or (at,)
        for at in sorted(knot.suspended)
    }


def _break_knot(network: Network, kept: frozenset[int], effort: Effort) -> Knot:
    """The best dependencies to suspend in one component, and whether that is proven.

    The best cover of the contradictions known so far costs no more than the best cover of all. So
    as soon as it leaves no contradiction, it is the best of all. Every round adds contradictions
    that the cover missed, hence new ones; there are finitely many.
    """
    everything = range(len(network.precedences))
    known: list[Cycle] = []
    start = Knot(network, kept, frozenset(), (), exact=True)
    answers: list[Knot] = []
    tie_break = False
    try:
        for number in range(1, _ROUNDS + 1):
            if effort.is_over():
                break
            cover = smallest_cover(
                start.breakable(known), start.cost, break_ties=tie_break, effort=effort
            )
            missed = network.edges.contradictions_among(
                [at for at in everything if at not in cover.chosen], is_over=effort.is_over
            )
            if not missed and cover.exact and (tie_break or not known):
                return Knot(network, kept, cover.chosen, tuple(known), exact=True)
            if not missed and not cover.exact:
                answers.append(_spare(start, known, cover.chosen, effort))
                break
            tie_break = not missed
            known += missed
            if len(everything) <= _MIDDLING and number > 4 and number & (number - 1) == 0:
                answers.append(_complete(start, known, cover.chosen))
    except OutOfTime:
        pass
    cover = smallest_cover(start.breakable(known), start.cost, break_ties=False, effort=effort)
    answers.append(_complete(start, known, cover.chosen, Effort(total=effort.total / 4)))
    return min(answers, key=lambda each: (each.support, len(each.suspended)))


def _complete(
    knot: Knot, known: Iterable[Cycle], chosen: Collection[int], effort: Effort | None = None
) -> Knot:
    """``chosen`` and, of every contradiction that it leaves, the cheapest; not proven best."""
    effort = effort or Effort()
    chosen, known = set(chosen), list(known)
    try:
        while missed := knot.network.edges.contradictions_among(
            [at for at in range(len(knot.network.precedences)) if at not in chosen],
            is_over=effort.is_over,
        ):
            if effort.is_over():
                raise OutOfTime
            known += missed
            for cycle in knot.breakable(missed):
                chosen.add(min(cycle, key=lambda at: (knot.cost[at], at)))
    except OutOfTime:
        rest = [at for at in range(len(knot.network.precedences)) if at not in chosen]
        chosen |= _backward(knot, rest)
    return _spare(knot, known, chosen, effort)


def _spare(knot: Knot, known: Iterable[Cycle], chosen: Collection[int], effort: Effort) -> Knot:
    """``chosen`` without what need not be suspended, the dearest spared first."""
    needed = set(chosen)
    rest = (at for at in range(len(knot.network.precedences)) if at not in needed)
    standing = Standing(knot.network.edges, rest)
    for at in sorted(chosen, key=lambda each: (-knot.cost[each], each)):
        if standing.steps > (_ALWAYS if effort.is_over() else _AT_MOST):
            break
        if not standing.is_contradicted_by(at):
            needed.discard(at)
            standing.add(at)
    return Knot(knot.network, knot.kept, frozenset(needed), tuple(known), exact=False)


def _backward(knot: Knot, edges: Collection[int]) -> set[int]:
    """Enough of ``edges`` to leave no cycle at all but of what is kept, in nearly linear time.

    The milestones are put in an order in which all that is kept leads forward; whenever nothing is
    free to come next, the one that waits for the least support does, and what it waits for goes.
    Feasible cycles are broken too: what was suspended for that is spared afterwards.
    """
    network, cost = knot.network, knot.cost
    kept = [at for at in edges if at in knot.kept]
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(network.activities)))
    graph.add_edges_from((network.tails[at], network.heads[at]) for at in kept)
    group: dict[int, int] = {}
    for number, component in enumerate(nx.strongly_connected_components(graph)):
        for node in component:
            group[node] = number
    groups = len(set(group.values()))
    bound = [0] * groups  # what is kept and still to come before
    waiting = [0] * groups  # how much support is still to come before
    onward: list[list[int]] = [[] for _ in range(groups)]
    backward: set[int] = set()
    for at in edges:
        tail, head = group[network.tails[at]], group[network.heads[at]]
        if tail != head:
            onward[tail].append(at)
            bound[head] += at in knot.kept
            waiting[head] += cost[at]
        elif at not in knot.kept:
            backward.add(at)
    heap = [(waiting[each], each) for each in range(groups) if not bound[each]]
    heapify(heap)
    placed = [False] * groups
    while heap:
        support, each = heappop(heap)
        if placed[each] or support != waiting[each]:
            continue
        placed[each] = True
        for at in onward[each]:
            head = group[network.heads[at]]
            if placed[head]:
                backward.add(at)
                continue
            bound[head] -= at in knot.kept
            waiting[head] -= cost[at]
            if not bound[head]:
                heappush(heap, (waiting[head], head))
    return backward
