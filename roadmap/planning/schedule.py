"""Earliest and latest dates, slack and the critical path of a network without contradictions.

The metra potential method (MPM; Roy 1962, Kerbosch & Schell 1975): dates are longest paths over
start-to-start lengths. Feasible cycles (maximal lags) are allowed: inside a strongly connected
component the paths are iterated to their fixpoint, between components they follow topological
order, so a network without cycles takes time in proportion to its size.

Pure: plain values in, plain values out. All times are whole days from the roadmap's start; day 0
is the first.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import networkx as nx

from roadmap.planning.covering import Effort
from roadmap.planning.network import Activity, Network, Precedence
from roadmap.planning.suspension import Contradiction, resolve_contradictions


@dataclass(frozen=True, slots=True)
class Dates:
    """When one milestone starts and finishes, in whole days; a finish is its start plus duration.

    earliest_start
        the first day that day 0, its own first day and all dependencies allow.
    latest_start
        the last day that moves neither the makespan nor anything that depends on it beyond that.
    total_slack
        latest_start - earliest_start: how far it may slip without moving the makespan.
    free_slack
        how far it may slip, everything else being at its earliest, without moving the earliest
        dates of any milestone that directly depends on it, nor the makespan; never above
        total_slack.
    critical
        no total slack at all.
    """

    code: str
    earliest_start: int
    earliest_finish: int
    latest_start: int
    latest_finish: int
    total_slack: int
    free_slack: int

    @property
    def critical(self) -> bool:
        return self.total_slack == 0

    def as_document(self) -> dict[str, int | bool]:
        """The figures as JSON values by their names, without the code."""
        return {
            "earliest_start": self.earliest_start,
            "earliest_finish": self.earliest_finish,
            "latest_start": self.latest_start,
            "latest_finish": self.latest_finish,
            "total_slack": self.total_slack,
            "free_slack": self.free_slack,
            "critical": self.critical,
        }


@dataclass(frozen=True, slots=True)
class Schedule:
    """The dates of all milestones by code, and the day on which the last one finishes."""

    makespan_days: int
    dates: Mapping[str, Dates]

    def slack_of(self, precedence: Precedence, network: Network) -> int:
        """Days between what this dependency asks for and what is planned; 0 means it drives."""
        before, after = self.dates[precedence.before], self.dates[precedence.after]
        return after.earliest_start - before.earliest_start - network.length_of(precedence)


@dataclass(frozen=True, slots=True)
class Plan:
    """A scheduled network: what stands, what was suspended and why, and all dates.

    ``exact`` says that nothing less could have been suspended; ``thorough``, that time was taken
    to find out.
    """

    network: Network
    contradictions: tuple[Contradiction, ...]
    exact: bool
    schedule: Schedule
    thorough: bool = True

    def driving(self) -> tuple[Precedence, ...]:
        """The dependencies on the critical path: tight, and between critical milestones."""
        dates = self.schedule.dates
        return tuple(
            precedence
            for precedence in self.network.precedences
            if precedence.before != precedence.after
            and dates[precedence.before].critical
            and dates[precedence.after].critical
            and self.schedule.slack_of(precedence, self.network) == 0
        )


# Seconds in which a person who waits for a page gets a plan.
_BRIEF = 2.0
_Key = tuple[tuple[Activity, ...], tuple[Precedence, ...]]
_plans: OrderedDict[_Key, Plan] = OrderedDict()
_PLANS_KEPT = 64


def plan(
    activities: tuple[Activity, ...], precedences: tuple[Precedence, ...], *, brief: bool = False
) -> Plan:
    """Resolve the contradictions, then schedule; remembers the last networks seen.

    With ``brief`` very entangled contradictions are resolved as well as two seconds allow, and
    the plan says that it is not exact; a plan made at leisure before is given all the same.
    """
    key = (activities, precedences)
    known = _plans.get(key)
    # What is not exact may become better with more time, which only a brief plan was not given.
    if known is None or not (known.exact or brief or known.thorough):
        effort = Effort(total=_BRIEF, each=_BRIEF / 2) if brief else Effort()
        resolution = resolve_contradictions(Network(activities, precedences), effort=effort)
        known = _plans[key] = Plan(
            resolution.network,
            resolution.contradictions,
            resolution.exact,
            compute_schedule(resolution.network),
            thorough=not brief,
        )
        while len(_plans) > _PLANS_KEPT:
            _plans.popitem(last=False)
    return known


def compute_schedule(network: Network) -> Schedule:
    """All dates of ``network``, which must hold no cycle of positive length (else ``ValueError``).

    Nothing starts before day 0 or its own first day. The makespan is the latest of the earliest
    finishes (0 without milestones); no latest finish is beyond it.
    """
    activities = list(network.activities.values())
    edges = list(zip(network.tails, network.heads, network.lengths, strict=True))
    outgoing: list[list[tuple[int, int]]] = [[] for _ in activities]
    incoming: list[list[tuple[int, int]]] = [[] for _ in activities]
    for tail, head, length in edges:
        outgoing[tail].append((head, length))
        incoming[head].append((tail, length))
    order = _components_in_order(network)

    earliest = [max(0, activity.not_before) for activity in activities]
    _settle(earliest, order, outgoing)
    makespan = max(
        (
            start + activity.duration_days
            for start, activity in zip(earliest, activities, strict=True)
        ),
        default=0,
    )
    # Backwards the same: how long before the makespan each must have started, at the least.
    remaining = [activity.duration_days for activity in activities]
    _settle(remaining, order[::-1], incoming)
    free = [
        makespan - start - activity.duration_days
        for start, activity in zip(earliest, activities, strict=True)
    ]
    for tail, head, length in edges:
        if tail != head:
            free[tail] = min(free[tail], earliest[head] - earliest[tail] - length)

    dates = {}
    for at, activity in enumerate(activities):
        latest_start = makespan - remaining[at]
        dates[activity.code] = Dates(
            code=activity.code,
            earliest_start=earliest[at],
            earliest_finish=earliest[at] + activity.duration_days,
            latest_start=latest_start,
            latest_finish=latest_start + activity.duration_days,
            total_slack=latest_start - earliest[at],
            free_slack=free[at],
        )
    return Schedule(makespan, MappingProxyType(dates))


def _components_in_order(network: Network) -> list[list[int]]:
    """The strongly connected components by position, each after all that it depends on."""
    try:
        return [[node] for node in nx.topological_sort(network.graph)]
    except nx.NetworkXUnfeasible:
        condensed = nx.condensation(network.graph)
        return [sorted(condensed.nodes[each]["members"]) for each in nx.topological_sort(condensed)]


def _settle(
    values: list[int],
    components: Iterable[Sequence[int]],
    onward: Sequence[Sequence[tuple[int, int]]],
) -> None:
    """Raise ``values`` until every edge (node → other, length) has value + length ≤ value there."""
    for component in components:
        if len(component) > 1:
            _settle_cycle(values, component, onward)
        for node in component:
            value = values[node]
            for other, length in onward[node]:
                if value + length > values[other]:
                    if other == node:
                        raise ValueError("the network holds a cycle of positive length")
                    values[other] = value + length


def _settle_cycle(
    values: list[int], component: Sequence[int], onward: Sequence[Sequence[tuple[int, int]]]
) -> None:
    """Bellman–Ford inside one component; more passes than members mean a positive cycle."""
    inside = set(component)
    changed = inside
    for _ in range(len(component) + 1):
        raised = set()
        for node in sorted(changed):
            for other, length in onward[node]:
                if other in inside and values[node] + length > values[other]:
                    values[other] = values[node] + length
                    raised.add(other)
        if not raised:
            return
        changed = raised
    raise ValueError("the network holds a cycle of positive length")
