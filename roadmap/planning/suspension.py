"""Which dependencies are set aside so that the rest no longer contradicts itself.

Input contradicts itself: A before B, B before A. In every strongly connected component the set of
dependencies with the smallest total support that breaks every contradiction is found exactly, by an
integer programme to which contradictions are added only as they turn up (lazily). What is set
aside is *suspended*, visibly, with the contradiction it was part of; nothing is deleted.

Pure: plain values in, plain values out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from roadmap.planning.covering import Effort, smallest_cover
from roadmap.planning.network import Cycle, Network, Precedence

# A network that needs more rounds than this gets a good answer that is not claimed to be the best.
_ROUNDS = 60


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


@dataclass(frozen=True, slots=True)
class Resolution:
    """The network that stands, and what was suspended for that, in canonical order.

    ``exact`` says that no set of dependencies with less total support would have done.
    """

    network: Network
    contradictions: tuple[Contradiction, ...]
    exact: bool

    @property
    def suspended_support(self) -> Decimal:
        """The total support of what is suspended."""
        return sum((each.suspended.support for each in self.contradictions), Decimal(0))


def resolve_contradictions(network: Network, *, effort: Effort | None = None) -> Resolution:
    """Suspend the dependencies with the smallest total support that break every contradiction.

    Ties: fewest dependencies first, then the set whose list sorted by (from, to, kind, lag) comes
    first. So the answer depends on what the network says and not on the order of its rows.

    Contradictions may be too entangled to be resolved exactly within ``effort`` (some minutes
    unless given): then every contradiction is broken all the same, and ``exact`` is False.
    """
    effort = effort or Effort()
    cost = _whole_costs(network)
    cycles: dict[int, Cycle] = {}
    exact = True
    for knot in network.knots():
        chosen, proven = _break_knot(network, knot, cost, effort)
        standing = [at for at in knot if at not in chosen]
        cycles |= {at: network.contradiction_through(at, standing) for at in chosen}
        exact = exact and proven
    contradictions = tuple(
        Contradiction(
            network.precedences[at],
            tuple(network.precedences[step] for step in cycles[at]),
        )
        for at in sorted(cycles)
    )
    return Resolution(network.without(cycles), contradictions, exact)


def _whole_costs(network: Network) -> dict[int, int]:
    """Support per precedence as whole numbers in the same proportions: no digit is lost."""
    supports = [Fraction(precedence.support) for precedence in network.precedences]
    unit = lcm(*(support.denominator for support in supports))
    return {at: int(support * unit) for at, support in enumerate(supports)}


def _break_knot(
    network: Network, knot: Collection[int], cost: dict[int, int], effort: Effort
) -> tuple[frozenset[int], bool]:
    """The best precedences to suspend in one component, and whether that is proven.

    The best cover of the contradictions known so far costs no more than the best cover of all. So
    as soon as it leaves no contradiction, it is the best of all. Every round adds contradictions
    that the cover missed, hence new ones; there are finitely many.
    """
    known: list[Cycle] = []
    tie_break = False
    for _ in range(_ROUNDS):
        if not effort.seconds:
            break
        cover = smallest_cover(known, cost, break_ties=tie_break, effort=effort)
        missed = network.contradictions_among([at for at in knot if at not in cover.chosen])
        if missed:
            known += missed
        elif not cover.exact:
            return _needed(network, knot, cost, cover.chosen), False
        elif tie_break or not known:
            return cover.chosen, True
        else:
            tie_break = True
    chosen = set(smallest_cover(known, cost, break_ties=False, effort=effort).chosen)
    while missed := network.contradictions_among([at for at in knot if at not in chosen]):
        chosen |= {min(cycle, key=lambda at: (cost[at], at)) for cycle in missed}
    return _needed(network, knot, cost, chosen), False


def _needed(
    network: Network, knot: Collection[int], cost: dict[int, int], chosen: Collection[int]
) -> frozenset[int]:
    """``chosen`` without what need not be suspended, the dearest spared first."""
    needed = set(chosen)
    standing = {at for at in knot if at not in needed}
    for at in sorted(chosen, key=lambda each: (-cost[each], each)):
        if not network.contradiction_through(at, standing):
            needed.discard(at)
            standing.add(at)
    return frozenset(needed)
