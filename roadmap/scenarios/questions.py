"""Three questions people ask of a plan, each with an exact answer. Pure.

What moves if this slips?  What must start now for this by then?  What does a smaller budget do?
"""

from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from typing import Any

import numpy as np

from roadmap.draft import BudgetSource, Draft
from roadmap.errors import InvalidDraft
from roadmap.scenarios.comparing import Planned

# Seconds for the integer programme behind a smaller budget.
SECONDS = 20.0


def slip(planned: Planned, *, code: str, days: int) -> dict[str, dict[str, str]]:
    """The changes that let ``code`` start ``days`` later than planned (earlier, if negative).

    As ``changes`` of a step: by code, field and JSON value. A fixed start moves; else the first
    day does.
    """
    milestone = planned.draft.by_code.get(code)
    dates = planned.dates_of(code)
    if milestone is None or dates is None:
        raise InvalidDraft(where="code", reason=f"there is no milestone {code!r}")
    try:
        day = planned.start + timedelta(days=dates.earliest_start + days)
    except OverflowError:
        raise InvalidDraft(where="days", reason="leads beyond the calendar") from None
    if day < planned.start:
        reason = f"would start before the roadmap does, on {planned.start}"
        raise InvalidDraft(where="days", reason=reason)
    field = "not_before" if milestone.fixed_start is None else "fixed_start"
    return {code: {field: day.isoformat()}}


def chain_from(planned: Planned, *, origin: str) -> dict[str, tuple[str, ...]]:
    """How ``origin`` holds others up: by code, the milestones from it to there, both included.

    Only along dependencies that drive dates (no slack): who is not in it is not held up by it.
    """
    driven: dict[str, list[str]] = defaultdict(list)
    for precedence in planned.plan.network.precedences:
        if planned.plan.schedule.slack_of(precedence, planned.plan.network) == 0:
            driven[precedence.before].append(precedence.after)
    chains: dict[str, tuple[str, ...]] = {origin: (origin,)}
    queue = deque([origin])
    while queue:
        code = queue.popleft()
        for after in sorted(driven[code]):
            if after not in chains:
                chains[after] = (*chains[code], after)
                queue.append(after)
    return chains


@dataclass(frozen=True, slots=True)
class MustStart:
    """The last day on which a milestone may start, and the earliest on which it can."""

    code: str
    latest: date
    earliest: date

    @property
    def too_late(self) -> bool:
        """Even started as early as it can, it comes too late."""
        return self.earliest > self.latest


def must_start(planned: Planned, *, code: str, by: date) -> list[MustStart]:
    """What must start when, so that ``code`` is finished on ``by``: itself and all before it.

    Latest starts are longest paths back from it over the dependencies that stand, of all kinds.
    The most urgent first. Raises ``InvalidDraft`` for an unknown code.
    """
    network = planned.plan.network
    if code not in network.activities:
        raise InvalidDraft(where="code", reason=f"there is no milestone {code!r}")
    incoming: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for precedence, length in zip(network.precedences, network.lengths, strict=True):
        if precedence.before != precedence.after:
            incoming[precedence.after].append((precedence.before, length))
    # Days between the start of each and the finish of ``code``, at the least. The plan holds no
    # cycle of positive length, so this comes to an end.
    ahead = {code: network.activities[code].duration_days}
    queue = deque([code])
    waiting = {code}
    while queue:
        node = queue.popleft()
        waiting.discard(node)
        for before, length in incoming[node]:
            if ahead[node] + length > ahead.get(before, -(10**18)):
                ahead[before] = ahead[node] + length
                if before not in waiting:
                    waiting.add(before)
                    queue.append(before)
    dates = planned.plan.schedule.dates
    found = [
        MustStart(
            each,
            _day(by, -days),
            _day(planned.start, dates[each].earliest_start),
        )
        for each, days in ahead.items()
    ]
    return sorted(found, key=lambda each: (each.latest, each.earliest, each.code))


def _day(origin: date, days: int) -> date:
    try:
        return origin + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def stretch(planned: Planned, *, percent: int) -> dict[str, dict[str, int]]:
    """The changes of "the same work, paid more slowly".

    When ``percent`` less money comes in a year, what costs something takes 100 / (100 − percent)
    times as long, rounded up to a whole day; what costs nothing takes as long as before.
    """
    _check_percent(percent)
    pace = Fraction(100, 100 - percent)
    changes = {}
    for milestone in planned.draft.milestones:
        if sum(milestone.budget.values()) > 0 and milestone.duration_days:
            longer: dict[str, int] = {}
            for field in ("duration_days", "optimistic_days", "likely_days", "pessimistic_days"):
                days = getattr(milestone, field)
                if days is not None:
                    longer[field] = -int(-days * pace // 1)
            changes[milestone.code] = longer
    return changes


@dataclass(frozen=True, slots=True)
class Selection:
    """What fits a smaller budget: what is left out, what is kept, and what that costs and weighs.

    ``exact`` says that nothing that fits weighs more.
    """

    left_out: tuple[str, ...]
    cost_before: Decimal
    limit: Decimal
    cost_after: Decimal
    weight_before: Decimal
    weight_after: Decimal
    exact: bool


def select_within(
    planned: Planned,
    *,
    percent: int,
    weights: Mapping[str, Decimal],
    sources: Collection[BudgetSource] = tuple(BudgetSource),
    kept: Collection[str] = (),
) -> Selection:
    """The milestones to keep when ``sources`` together give ``percent`` less.

    Kept are those with the largest total weight that the money allows, each with everything it
    depends on (a precedence-constrained knapsack, solved as an integer programme); of equals, the
    cheaper. ``kept`` cannot be left out. A milestone without a weight weighs nothing. Raises
    ``InvalidDraft`` where what must be kept costs more than there is.
    """
    _check_percent(percent)
    milestones = planned.draft.milestones
    cost = {
        each.code: sum((each.budget.get(source, Decimal(0)) for source in sources), Decimal(0))
        for each in milestones
    }
    total = sum(cost.values(), Decimal(0))
    limit = total * (100 - percent) / 100
    unknown = sorted(set(kept) - set(cost))
    if unknown:
        raise InvalidDraft(where="kept", reason=f"there is no milestone {unknown[0]!r}")
    place = {each.code: at for at, each in enumerate(milestones)}
    bonds = sorted(
        {
            (place[each.before], place[each.after])
            for each in planned.plan.network.precedences
            if each.before != each.after
        }
    )
    chosen, exact = _solve(
        [cost[each.code] for each in milestones],
        [weights.get(each.code, Decimal(0)) for each in milestones],
        bonds,
        {place[code] for code in kept},
        limit,
    )
    if chosen is None:
        reason = f"what must be kept costs more than {limit:,.2f} euros"
        raise InvalidDraft(where="kept", reason=reason)
    staying = [each.code for each, stays in zip(milestones, chosen, strict=True) if stays]
    known = [weights.get(each.code, Decimal(0)) for each in milestones]
    return Selection(
        left_out=tuple(each.code for each in milestones if each.code not in set(staying)),
        cost_before=total,
        limit=limit,
        cost_after=sum((cost[code] for code in staying), Decimal(0)),
        weight_before=sum(known, Decimal(0)),
        weight_after=sum((weights.get(code, Decimal(0)) for code in staying), Decimal(0)),
        exact=exact,
    )


def _solve(
    cost: list[Decimal],
    weight: list[Decimal],
    bonds: list[tuple[int, int]],
    kept: set[int],
    limit: Decimal,
) -> tuple[list[bool] | None, bool]:
    """Who stays, and whether that is proven the best; None where nothing fits."""
    size = len(cost)
    if not size:
        return [], True
    # Imported here: scipy takes a moment that web processes need not wait for.
    optimize: Any = import_module("scipy.optimize")
    sparse: Any = import_module("scipy.sparse")
    scale = float(limit) or 1.0
    money = np.array([float(each) for each in cost]) / scale
    rows = len(bonds)
    # after stays only if before does: x[before] − x[after] ≥ 0
    order = sparse.coo_array(
        (
            np.concatenate([np.ones(rows), -np.ones(rows)]),
            (
                np.concatenate([np.arange(rows), np.arange(rows)]),
                np.array([b for b, _ in bonds] + [a for _, a in bonds], dtype=int),
            ),
        ),
        shape=(rows, size),
    )
    bounds = optimize.Bounds(np.array([float(at in kept) for at in range(size)]), np.ones(size))
    value = np.array([float(each) for each in weight])
    room = float(limit) / scale
    for _attempt in range(3):
        constraints = [optimize.LinearConstraint(money[None, :], ub=room)]
        if rows:
            constraints.append(optimize.LinearConstraint(order.tocsr(), lb=0))
        options = {"time_limit": SECONDS, "mip_rel_gap": 0.0}
        best = optimize.milp(
            -value, constraints=constraints, bounds=bounds, integrality=np.ones(size),
            options=options,
        )  # fmt: skip
        if best.x is None:
            return None, bool(best.status == 2)
        # Of equal weight, the cheaper: the same programme with the weight held.
        least = float(value @ np.round(best.x)) * (1 - 1e-9) - 1e-12
        cheaper = optimize.milp(
            money + 1e-9 / size,
            constraints=[*constraints, optimize.LinearConstraint(value[None, :], lb=least)],
            bounds=bounds, integrality=np.ones(size), options=options,
        )  # fmt: skip
        answer = best if cheaper.x is None else cheaper
        chosen = [bool(each > 0.5) for each in answer.x]
        if sum((c for c, stays in zip(cost, chosen, strict=True) if stays), Decimal(0)) <= limit:
            return chosen, bool(best.status == 0)
        # Rounded in the solver: ask for a hair less.
        room *= 1 - 1e-9
    return None, False


def cut_budgets(
    draft: Draft, *, percent: int, sources: Collection[BudgetSource] = tuple(BudgetSource)
) -> dict[str, dict[str, dict[str, str]]]:
    """The changes of ``percent`` less from ``sources`` for everyone alike, to the cent, down."""
    _check_percent(percent)
    changes = {}
    for milestone in draft.milestones:
        if any(milestone.budget.get(source) for source in sources):
            changes[milestone.code] = {
                "budget": {
                    source.value: format(
                        _less(amount, percent) if source in sources else amount, "f"
                    )
                    for source, amount in milestone.budget.items()
                }
            }
    return changes


def _less(amount: Decimal, percent: int) -> Decimal:
    cents = int(amount * (100 - percent))
    return Decimal(cents) / 100


def _check_percent(percent: int) -> None:
    if not 0 < percent < 100:
        raise InvalidDraft(where="percent", reason="expected a whole number from 1 to 99")
