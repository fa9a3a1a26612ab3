"""A plan as a JSON value, so that what took long to compute can be kept: positions and days.

What the draft says is not repeated: a plan is read back beside the very draft it was made of.

Pure: plain values in, plain values out.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from roadmap.planning.network import Activity, Network, Precedence
from roadmap.planning.schedule import Dates, Plan, Schedule
from roadmap.planning.suspension import Contradiction, Knot


def plan_document(
    plan: Plan, activities: Sequence[Activity], precedences: Sequence[Precedence]
) -> dict[str, Any]:
    """The plan of these milestones and dependencies; read it back with ``read_plan``."""
    whole = Network(activities, precedences)
    places = _Places(whole.precedences)
    dates = [plan.schedule.dates[code] for code in whole.activities]
    return {
        "makespan_days": plan.schedule.makespan_days,
        "milestones": len(dates),
        "critical": sum(each.critical for each in dates),
        "exact": plan.exact,
        "thorough": plan.thorough,
        "earliest": [each.earliest_start for each in dates],
        "latest": [each.latest_start for each in dates],
        "free": [each.free_slack for each in dates],
        "standing": places.of(plan.network.precedences),
        "contradictions": [places.of(each.cycle) for each in plan.contradictions],
        "decided": places.of(plan.decided),
        "conflicts": [places.of(each) for each in plan.conflicts],
        "knots": [
            {
                "dependencies": places.of(knot.network.precedences),
                "kept": sorted(knot.kept),
                "suspended": sorted(knot.suspended),
                "cycles": [list(cycle) for cycle in knot.cycles],
                "exact": knot.exact,
            }
            for knot in plan.knots
        ],
    }


def read_plan(
    document: Mapping[str, Any], activities: Sequence[Activity], precedences: Sequence[Precedence]
) -> Plan:
    """The plan that ``plan_document`` wrote of the same milestones and dependencies."""
    whole = Network(activities, precedences)

    def at(positions: Iterable[int]) -> tuple[Precedence, ...]:
        return tuple(whole.precedences[position] for position in positions)

    dates = {}
    for activity, early, late, free in zip(
        whole.activities.values(), document["earliest"], document["latest"], document["free"],
        strict=True,
    ):  # fmt: skip
        length = activity.duration_days
        dates[activity.code] = Dates(
            activity.code, early, early + length, late, late + length, late - early, free
        )
    cycles = [at(positions) for positions in document["contradictions"]]
    return Plan(
        network=Network(whole.activities.values(), at(document["standing"])),
        contradictions=tuple(Contradiction(cycle[0], cycle) for cycle in cycles),
        exact=document["exact"],
        schedule=Schedule(document["makespan_days"], MappingProxyType(dates)),
        thorough=document["thorough"],
        decided=at(document["decided"]),
        conflicts=tuple(at(positions) for positions in document["conflicts"]),
        knots=tuple(_knot(whole, each) for each in document["knots"]),
    )


def _knot(whole: Network, document: Mapping[str, Any]) -> Knot:
    edges = [whole.precedences[position] for position in document["dependencies"]]
    codes = sorted({code for edge in edges for code in (edge.before, edge.after)})
    return Knot(
        Network([whole.activities[code] for code in codes], edges),
        frozenset(document["kept"]),
        frozenset(document["suspended"]),
        tuple(tuple(cycle) for cycle in document["cycles"]),
        document["exact"],
    )


class _Places:
    """Positions of precedences; of equal ones each is given once before any is given again."""

    def __init__(self, precedences: Sequence[Precedence]) -> None:
        self._places: dict[Precedence, list[int]] = {}
        for position, precedence in enumerate(precedences):
            self._places.setdefault(precedence, []).append(position)

    def of(self, precedences: Iterable[Precedence]) -> list[int]:
        given: dict[Precedence, int] = {}
        positions = []
        for precedence in precedences:
            places = self._places[precedence]
            number = given.get(precedence, 0)
            given[precedence] = number + 1
            positions.append(places[number % len(places)])
        return positions
