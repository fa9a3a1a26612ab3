"""Earliest and latest dates, slack and the critical path of a network without contradictions.

The metra potential method (MPM; Roy 1962, Kerbosch & Schell 1975): dates are longest paths over
start-to-start lengths. Feasible cycles (maximal lags) are allowed: inside a strongly connected
component the paths are iterated to their fixpoint, between components they follow topological
order, so a network without cycles takes time in proportion to its size.

A fixed start is a bound on both sides, a promised end ("finish by") one on the latest dates only:
the "start on" and "finish no later than" constraints of planning tools. Dependencies win over both.
Where they cannot be kept, the latest dates lie before the earliest: total slack is negative by as
many days as are missing (AACE Recommended Practice 49R-06, "Identifying the Critical Path").

Pure: plain values in, plain values out. All times are whole days from the roadmap's start; day 0
is the first.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from roadmap.planning.covering import Effort
from roadmap.planning.network import Activity, Network, Precedence
from roadmap.planning.ordering import PositiveCycle, components_in_order, positive_cycle_among
from roadmap.planning.suspension import Contradiction, Knot, resolve_contradictions


@dataclass(frozen=True, slots=True)
class Dates:
    """When one milestone starts and finishes, in whole days; a finish is its start plus duration.

    earliest_start
        the first day that day 0, its own first day, its fixed start and all dependencies allow.
    latest_start
        the last day that moves neither the makespan, nor breaks (or breaks more) its own fixed
        start or promised end or, through the dependencies, those of others.
    total_slack
        latest_start - earliest_start: how far it may slip until then; negative where a fixed
        start or a promised end is broken already, by so many days.
    free_slack
        how far it may slip, everything else being at its earliest, without moving the earliest
        dates of any milestone that directly depends on it, the makespan, or what it was promised
        for itself; never above total_slack, and 0 where that is negative.
    critical
        no total slack at all: total_slack is 0 or less.
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
        return self.total_slack <= 0

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

    def near_critical(self, within: int | None = None) -> tuple[str, ...]:
        """Codes of what is not critical, but has at most ``within`` days of total slack.

        Least slack first, then by code. ``within`` is ``near_days`` unless given.
        """
        most = self.near_days if within is None else within
        near = [each for each in self.dates.values() if 0 < each.total_slack <= most]
        return tuple(
            each.code for each in sorted(near, key=lambda each: (each.total_slack, each.code))
        )

    @property
    def near_days(self) -> int:
        """How little slack is little: 5 % of the makespan, and a month (30 days) at least."""
        return max(30, self.makespan_days // 20)

    def slack_of(self, precedence: Precedence, network: Network) -> int:
        """Days between what this dependency asks for and what is planned; 0 means it drives."""
        before, after = self.dates[precedence.before], self.dates[precedence.after]
        return after.earliest_start - before.earliest_start - network.length_of(precedence)


@dataclass(frozen=True, slots=True)
class Plan:
    """A scheduled network: what stands, what was suspended and why, and all dates.

    ``exact`` says that nothing less could have been suspended; ``thorough``, that time was taken
    to find out. ``decided``, ``conflicts`` and ``knots`` are those of ``suspension.Resolution``.
    """

    network: Network
    contradictions: tuple[Contradiction, ...]
    exact: bool
    schedule: Schedule
    thorough: bool = True
    decided: tuple[Precedence, ...] = ()
    conflicts: tuple[tuple[Precedence, ...], ...] = ()
    knots: tuple[Knot, ...] = ()

    @property
    def suspended(self) -> tuple[Precedence, ...]:
        """All that does not count: by decision, and because of contradictions."""
        return (*self.decided, *(each.suspended for each in self.contradictions))

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
# Passes round a feasible cycle after which it is asked whether it is feasible at all.
_PASSES_BEFORE_DOUBT = 6


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
            decided=resolution.decided,
            conflicts=resolution.conflicts,
            knots=resolution.knots,
        )
        while len(_plans) > _PLANS_KEPT:
            _plans.popitem(last=False)
    return known


def compute_schedule(network: Network) -> Schedule:
    """All dates of ``network``, which must hold no cycle of positive length (``PositiveCycle``).

    Nothing starts before day 0, its own first day or its fixed start. The makespan is the latest
    of the earliest finishes (0 without milestones); no latest finish is beyond it.
    """
    activities = list(network.activities.values())
    edges = list(zip(network.tails, network.heads, network.lengths, strict=True))
    outgoing: list[list[tuple[int, int]]] = [[] for _ in activities]
    incoming: list[list[tuple[int, int]]] = [[] for _ in activities]
    for tail, head, length in edges:
        outgoing[tail].append((head, length))
        incoming[head].append((tail, length))
    order = components_in_order(network)

    earliest = [own_earliest_start(activity) for activity in activities]
    _settle(earliest, order, outgoing, network)
    makespan = max(
        (
            start + activity.duration_days
            for start, activity in zip(earliest, activities, strict=True)
        ),
        default=0,
    )
    # Backwards the same: how long before the makespan each must have started, at the least.
    own_latest = [own_latest_start(activity, makespan) for activity in activities]
    remaining = [makespan - latest for latest in own_latest]
    _settle(remaining, [each[::-1] for each in reversed(order)], incoming, network)
    free = [latest - start for latest, start in zip(own_latest, earliest, strict=True)]
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
            free_slack=max(0, min(free[at], latest_start - earliest[at])),
        )
    return Schedule(makespan, MappingProxyType(dates))


def own_earliest_start(activity: Activity) -> int:
    """The first day it may start on as far as it is concerned by itself."""
    return max(0, activity.not_before, activity.fixed_start or 0)


def own_latest_start(activity: Activity, makespan: int) -> int:
    """The last day it may start on by itself: its fixed start, its promised end, the makespan."""
    latest = makespan - activity.duration_days
    if activity.finish_by is not None:
        latest = min(latest, activity.finish_by - activity.duration_days)
    if activity.fixed_start is not None:
        latest = min(latest, activity.fixed_start)
    return latest


def _settle(
    values: list[int],
    components: Iterable[Sequence[int]],
    onward: Sequence[Sequence[tuple[int, int]]],
    network: Network,
) -> None:
    """Raise ``values`` until every edge (node → other, length) has value + length ≤ value there."""
    for component in components:
        if len(component) > 1:
            _settle_cycle(values, component, onward, network)
        for node in component:
            value = values[node]
            for other, length in onward[node]:
                if value + length > values[other]:
                    if other == node:
                        raise PositiveCycle([list(network.activities)[node]])
                    values[other] = value + length


def _settle_cycle(
    values: list[int],
    component: Sequence[int],
    onward: Sequence[Sequence[tuple[int, int]]],
    network: Network,
) -> None:
    """Bellman–Ford inside one component, in its order; only what was raised is looked at again.

    More passes than members mean a positive cycle. That is looked for long before, because a
    network that is feasible nearly always settles in a few.
    """
    inside = set(component)
    changed = inside
    for number in range(len(component) + 1):
        if number == _PASSES_BEFORE_DOUBT and (cycle := positive_cycle_among(network, component)):
            raise cycle
        raised = set()
        for node in component:
            if node not in changed and node not in raised:
                continue
            value = values[node]
            for other, length in onward[node]:
                if other in inside and value + length > values[other]:
                    if other == node:
                        raise PositiveCycle([list(network.activities)[node]])
                    values[other] = value + length
                    raised.add(other)
        if not raised:
            return
        changed = raised
    raise positive_cycle_among(network, component) or ValueError("a cycle of positive length")
