"""The cheapest choice of elements that touches every given set, exactly.

Weighted set covering seen from its dual side, "minimum hitting set". Here the sets are
contradictions and the elements are dependencies. Small cores are searched in whole numbers of any
size; large ones go to HiGHS, the integer programming solver in scipy.

Pure: plain values in, plain values out.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

_Vector = NDArray[np.float64]

# Cores up to this many elements are searched by ourselves, for at most so many branches.
_SMALL_CORE = 40
_BRANCHES = 20_000
# HiGHS computes in doubles: beyond this total its optimum is no longer claimed to be exact.
_EXACT_TOTAL = 10**9
_TIE_BREAK_CHUNK = 12
# Bound for one integer programme; whoever hits it gets a cover that is not claimed to be exact.
_NODE_LIMIT = 5_000


class Effort:
    """How long may be searched, from now: ``total`` seconds in all, ``each`` per programme.

    Whatever is found within an effort is a cover; only a cover that was proven in time is exact.
    """

    def __init__(self, *, total: float = 300.0, each: float = 20.0) -> None:
        self.total = total
        self._until = time.monotonic() + total
        self._each = each

    @property
    def seconds(self) -> float:
        """What the next programme may take; 0 when the time is over."""
        return max(0.0, min(self._each, self._until - time.monotonic()))

    def is_over(self) -> bool:
        return time.monotonic() >= self._until


@dataclass(frozen=True, slots=True)
class Cover:
    """The elements chosen, and whether no cheaper choice exists."""

    chosen: frozenset[int]
    exact: bool


def smallest_cover(
    sets: Iterable[Iterable[int]],
    cost: Mapping[int, int],
    *,
    break_ties: bool = True,
    effort: Effort | None = None,
) -> Cover:
    """The elements that touch every set at the smallest total ``cost`` (whole numbers, 0 allowed).

    With ``break_ties``: among these the fewest, and among these the ones whose ascending list
    comes first. So the answer is one and only one, whatever solver found it. No set may be empty.
    """
    effort = effort or Effort()
    core, chosen = _reduce([frozenset(elements) for elements in sets], cost)
    exact = True
    for component in _components(core):
        cover = _search(component, cost)
        if cover is None:
            cover, proven = _IntegerProgramme(component, cost, effort).solve(break_ties=break_ties)
            exact = exact and proven
        chosen |= cover
    return Cover(frozenset(chosen), exact)


def _reduce(
    sets: Sequence[frozenset[int]], cost: Mapping[int, int]
) -> tuple[list[frozenset[int]], set[int]]:
    """What is left to decide, and the elements that every best cover has.

    A set that contains another is touched anyway. An element is never needed if another touches
    at least the same sets and is cheaper, or as cheap and earlier in order. A set of one element
    decides.
    """
    chosen: set[int] = set()
    current = _minimal_sets(sets)
    while True:
        alone = {next(iter(elements)) for elements in current if len(elements) == 1}
        chosen |= alone
        current = [elements for elements in current if not elements & alone]
        touched: dict[int, list[int]] = {}
        for number, elements in enumerate(current):
            for element in elements:
                touched.setdefault(element, []).append(number)
        needless = set()
        for element, numbers in touched.items():
            rivals = frozenset.intersection(*(current[number] for number in numbers))
            # The better rival is itself never removed in favour of this one: the order is strict.
            if any((cost[rival], rival) < (cost[element], element) for rival in rivals):
                needless.add(element)
        if not needless:
            return current, chosen
        current = _minimal_sets([elements - needless for elements in current])


def _minimal_sets(sets: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """The sets that contain no other of them, in a canonical order."""
    kept: list[frozenset[int]] = []
    by_first: dict[int, list[frozenset[int]]] = {}
    for elements in sorted(set(sets), key=lambda each: (len(each), sorted(each))):
        smaller = (other for element in elements for other in by_first.get(element, ()))
        if not any(other <= elements for other in smaller):
            kept.append(elements)
            by_first.setdefault(min(elements), []).append(elements)
    return kept


def _components(sets: Sequence[frozenset[int]]) -> list[list[frozenset[int]]]:
    """The sets in groups that share no element, so that each can be decided by itself."""
    graph: nx.Graph[int] = nx.Graph()
    for elements in sets:
        nx.add_path(graph, sorted(elements))
    group_of = {
        element: number
        for number, group in enumerate(nx.connected_components(graph))
        for element in group
    }
    groups: dict[int, list[frozenset[int]]] = {}
    for elements in sets:
        groups.setdefault(group_of[min(elements)], []).append(elements)
    return list(groups.values())


def _search(sets: Sequence[frozenset[int]], cost: Mapping[int, int]) -> frozenset[int] | None:
    """The best cover by branch and bound; ``None`` when the core is too large for it.

    Cost, number of elements and order are one whole number per element, so the bounds are exact:
    the cost in front, then 1 for the count, then a bit that favours earlier elements.
    """
    elements = sorted(frozenset().union(*sets))
    size = len(elements)
    if size > _SMALL_CORE:
        return None
    price = {
        element: ((cost[element] * (size + 1) + 1) << size) - (1 << (size - 1 - rank))
        for rank, element in enumerate(elements)
    }
    best = frozenset(elements)
    best_price = sum(price.values())
    # Branches still to look at: chosen so far, its price, and the sets yet untouched, from which
    # what earlier branches took has been removed.
    branches: list[tuple[frozenset[int], int, list[frozenset[int]]]] = [
        (frozenset(), 0, list(sets))
    ]
    looked_at = 0
    while branches:
        chosen, spent, open_sets = branches.pop()
        looked_at += 1
        if looked_at > _BRANCHES:
            return None
        if not open_sets:
            if spent < best_price:
                best, best_price = chosen, spent
            continue
        open_sets.sort(key=len)
        bound, used = spent, set[int]()
        for each in open_sets:  # disjoint sets each cost at least their cheapest element
            if used.isdisjoint(each):
                bound += min((price[element] for element in each), default=best_price)
                used |= each
        if bound >= best_price:
            continue
        refused: set[int] = set()
        next_branches = []
        for element in sorted(open_sets[0], key=price.__getitem__):
            rest = [each - refused for each in open_sets if element not in each]
            next_branches.append((chosen | {element}, spent + price[element], rest))
            refused.add(element)
        branches += reversed(next_branches)
    return best


class _IntegerProgramme:
    """One core as an integer programme: x is 1 for a chosen element, every set has one at least."""

    def __init__(
        self, sets: Sequence[frozenset[int]], cost: Mapping[int, int], effort: Effort
    ) -> None:
        # Loaded here: it takes a third of a second, and most processes never solve one.
        from scipy import optimize, sparse

        self._optimize: Any = optimize  # scipy carries no types
        csr_array: Any = sparse.csr_array
        self.effort = effort
        self.elements = sorted(frozenset().union(*sets))
        column = {element: at for at, element in enumerate(self.elements)}
        columns = [sorted(column[element] for element in elements) for elements in sets]
        self.rows = csr_array(
            (
                np.ones(sum(map(len, columns))),
                np.concatenate(columns),
                np.cumsum([0, *map(len, columns)]),
            ),
            shape=(len(columns), len(self.elements)),
        )
        self.constraints = [self._optimize.LinearConstraint(self.rows, lb=1)]
        size = len(self.elements)
        self.lower, self.upper = np.zeros(size), np.ones(size)
        divisor = gcd(*(cost[element] for element in self.elements)) or 1
        whole = [cost[element] // divisor for element in self.elements]
        self.proven = sum(whole) <= _EXACT_TOTAL
        scale = 1 if self.proven else sum(whole) // _EXACT_TOTAL + 1
        self.cost = np.array([each / scale for each in whole])

    def solve(self, *, break_ties: bool) -> tuple[frozenset[int], bool]:
        """The chosen elements, and whether that is proven to be the best choice."""
        choice = self._minimise(self.cost)
        if break_ties and self.proven:
            choice = self._break_ties(choice)
        return frozenset(self.elements[at] for at in np.flatnonzero(choice)), self.proven

    def _break_ties(self, choice: _Vector) -> _Vector:
        """Among the cheapest choices the fewest elements; among those the first in order."""
        self.constraints.append(
            self._optimize.LinearConstraint(self.cost[None, :], ub=self.cost @ choice + 0.5)
        )
        count = np.ones(len(self.elements))
        fewest = self._minimise(count)
        if not self.proven:
            return choice
        choice = fewest
        self.constraints.append(
            self._optimize.LinearConstraint(count[None, :], ub=choice.sum() + 0.5)
        )
        for first in range(0, len(self.elements), _TIE_BREAK_CHUNK):
            chunk = np.arange(first, min(first + _TIE_BREAK_CHUNK, len(self.elements)))
            objective = np.zeros(len(self.elements))
            objective[chunk] = -(2.0 ** np.arange(len(chunk))[::-1])
            first_of_chunk = self._minimise(objective)
            if not self.proven:
                return choice
            choice = first_of_chunk
            self.lower[chunk] = self.upper[chunk] = choice[chunk]
        return choice

    def _minimise(self, objective: _Vector) -> _Vector:
        seconds = self.effort.seconds
        if not seconds:
            self.proven = False
            return np.ones(len(objective))
        result = self._optimize.milp(
            objective,
            constraints=self.constraints,
            integrality=np.ones(len(objective)),
            bounds=self._optimize.Bounds(self.lower, self.upper),
            options={"mip_rel_gap": 0.0, "node_limit": _NODE_LIMIT, "time_limit": seconds},
        )
        self.proven = self.proven and result.status == 0
        if result.x is None:
            return np.ones(len(objective))  # everything: dear, but it touches every set
        choice: _Vector = np.round(result.x)
        return choice
