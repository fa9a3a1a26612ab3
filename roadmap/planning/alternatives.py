"""What else could have been suspended: choices of the same total support, and the next dearer one.

Choices are listed the cheapest first (Lawler 1972: a solution is split off and the rest of its
problem divided by what it contains; each part is again a weighted covering problem). Within each
part contradictions are added as they turn up, as in ``suspension``. A choice counts only if it is
*needed* in full: without any one of its dependencies, a contradiction would be left.

Pure: plain values in, plain values out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from heapq import heappop, heappush

from roadmap.planning.covering import Effort, smallest_cover
from roadmap.planning.cycles import Cycle, OutOfTime, Standing
from roadmap.planning.network import Precedence
from roadmap.planning.suspension import Knot

SHOWN = 20
# Parts of the problem that are looked at; whoever hits it gets a list that does not claim to be
# complete. Dependencies without support make it possible to look at many in vain.
_PARTS = 5_000


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Choices of what to suspend in one knot, each in canonical order.

    choices
        those with the least total support; what is suspended comes first.
    complete
        there are no others, which is proven.
    more
        there are others, which were not asked for. Neither: nobody knows, time was up.
    next_support
        the total support of the cheapest choice that is dearer. None where there is none, or
        where it was not found within the time and the number of choices.
    """

    choices: tuple[tuple[Precedence, ...], ...]
    complete: bool
    more: bool
    next_support: Decimal | None


def list_alternatives(
    knot: Knot, *, most: int = SHOWN, effort: Effort | None = None
) -> Alternatives:
    """The choices that cost no more than what is suspended in ``knot``, ``most`` of them at most.

    Of a knot that was not resolved exactly nothing is known but what is suspended.
    """
    chosen = knot.suspended
    found = [chosen]
    complete, more, next_support = False, False, None
    if knot.exact:
        budget = effort or Effort(total=20, each=5)
        least = sum(knot.cost[at] for at in chosen)
        for cost, choice in _cheapest_first(knot, budget):
            if choice is None:
                break
            if cost > least:
                complete, next_support = True, knot.support_of(choice)
                break
            if choice != chosen:
                if len(found) == most:
                    more = True
                    break
                found.append(choice)
        else:
            complete = True
    rest = sorted(found[1:], key=lambda each: (len(each), sorted(each)))
    precedences = knot.network.precedences
    return Alternatives(
        tuple(tuple(precedences[at] for at in sorted(each)) for each in [chosen, *rest]),
        complete,
        more,
        next_support,
    )


def _cheapest_first(knot: Knot, effort: Effort) -> Iterator[tuple[int, frozenset[int] | None]]:
    """All choices that are needed in full, by cost; (0, None) when the effort is used up."""
    known: list[Cycle] = list(knot.cycles)
    nothing: frozenset[int] = frozenset()
    # (cost at least, number for ties, what is in, what is out, the cover of what is known)
    heap: list[tuple[int, int, frozenset[int], frozenset[int], frozenset[int]]] = []
    number = 0

    def offer(inside: frozenset[int], outside: frozenset[int]) -> bool:
        """Put a part of the problem in line; False when its cover could not be proven."""
        nonlocal number
        open_sets = [each - outside for each in knot.breakable(known) if not each & inside]
        if not all(open_sets):
            return True  # a contradiction that this part cannot break
        cover = smallest_cover(open_sets, knot.cost, break_ties=False, effort=effort)
        chosen = inside | cover.chosen
        number += 1
        cost = sum(knot.cost[at] for at in chosen)
        heappush(heap, (cost, number, inside, outside, chosen))
        return cover.exact

    proven = offer(nothing, nothing)
    while heap:
        cost, _, inside, outside, chosen = heappop(heap)
        if not proven or number > _PARTS or effort.is_over():
            yield 0, None
            return
        try:
            missed = _missed(knot, chosen, effort)
        except OutOfTime:
            yield 0, None
            return
        if missed:
            known += missed
            proven = offer(inside, outside)
            continue
        if _needed_in_full(knot, chosen):
            yield cost, chosen
        # What else there is in this part lacks one of these: the first that it lacks divides it.
        before = inside
        for at in sorted(chosen - inside):
            proven = proven and offer(before, outside | {at})
            before |= {at}


def _missed(knot: Knot, chosen: frozenset[int], effort: Effort) -> list[Cycle]:
    rest = [at for at in range(len(knot.network.precedences)) if at not in chosen]
    return knot.network.edges.contradictions_among(rest, is_over=effort.is_over)


def _needed_in_full(knot: Knot, chosen: frozenset[int]) -> bool:
    rest = (at for at in range(len(knot.network.precedences)) if at not in chosen)
    standing = Standing(knot.network.edges, rest)
    return all(standing.is_contradicted_by(at) for at in chosen)
