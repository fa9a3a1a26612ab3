"""Why a date is what it is: the chain of reasons behind it, and what a plan cannot keep.

A dependency is *tight* when what waits starts (or finishes) on the very first day that it allows.
An activity is at its earliest because of itself (day 0, its own first day, its fixed start) or
because a tight dependency brings it there from one that is. So every date hangs on a chain of
tight dependencies that begins with something that holds by itself; of several chains the one with
the fewest links is told, then the first in canonical order. Forward, towards the end, the same
holds of the latest dates.

Pure: plain values in, plain values out; words are made elsewhere. Days count from day 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from roadmap.planning.network import Activity, Network, Precedence
from roadmap.planning.schedule import (
    Plan,
    Schedule,
    own_earliest_start,
    own_latest_start,
)

# A conflict names so many dependencies of its chain; `explain` tells all of them.
_LINKS_OF_A_CONFLICT = 6


class Reason(StrEnum):
    """What holds by itself, at the beginning or at the end of a chain."""

    DAY_0 = "day_0"  # nothing starts before the roadmap does
    NOT_BEFORE = "not_before"
    FIXED_START = "fixed_start"
    MAKESPAN = "makespan"  # it is among those that finish last
    FINISH_BY = "finish_by"


@dataclass(frozen=True, slots=True)
class Chain:
    """Tight dependencies in the order of time, and what holds by itself at its far end.

    ``links`` is empty where the milestone's own reason decides. ``left_out`` counts links that
    are not told; they are those farthest from the milestone.
    """

    reason: Reason
    links: tuple[Precedence, ...]
    left_out: int = 0

    @property
    def codes(self) -> tuple[str, ...]:
        """The milestones along the links."""
        if not self.links:
            return ()
        return (self.links[0].before, *(link.after for link in self.links))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one milestone starts no earlier, and why it may start no later.

    ``also`` are further tight dependencies of this milestone: they ask for the same day.
    """

    code: str
    earliest_start: int
    latest_start: int
    since: Chain
    until: Chain
    also: tuple[Precedence, ...]


class Demand(StrEnum):
    """What a milestone asks for that the plan breaks."""

    FIXED_START = "fixed_start"
    FINISH_BY = "finish_by"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A fixed start or a promised end that cannot be kept, and why.

    ``asked`` is the day that was fixed or promised, ``earliest`` the first possible one.
    """

    code: str
    demand: Demand
    asked: int
    earliest: int
    because: Chain

    @property
    def days_late(self) -> int:
        return self.earliest - self.asked


class Explainer:
    """The chains of a plan; made once, asked for any milestone. ``KeyError``: no such code."""

    def __init__(self, plan: Plan) -> None:
        self.network: Network = plan.network
        self.schedule: Schedule = plan.schedule
        self._activities = list(self.network.activities.values())
        dates = [self.schedule.dates[each.code] for each in self._activities]
        self._earliest = [each.earliest_start for each in dates]
        self._latest = [each.latest_start for each in dates]
        makespan = self.schedule.makespan_days
        edges = list(zip(self.network.tails, self.network.heads, self.network.lengths, strict=True))
        self._tight = [
            self._earliest[head] - self._earliest[tail] == length for tail, head, length in edges
        ]
        holds_late = [
            self._latest[head] - self._latest[tail] == length for tail, head, length in edges
        ]
        self._arrived_by = self._chains(
            [
                own_earliest_start(each) == start
                for each, start in zip(self._activities, self._earliest, strict=True)
            ],
            self.network.tails,
            self.network.heads,
            self._tight,
        )
        self._leaves_by = self._chains(
            [
                own_latest_start(each, makespan) == start
                for each, start in zip(self._activities, self._latest, strict=True)
            ],
            self.network.heads,
            self.network.tails,
            holds_late,
        )

    def explain(self, code: str) -> Explanation:
        """Why this milestone starts when it does."""
        at = self.network.position[code]
        since = self.since(code)
        nearest = since.links[-1:]
        return Explanation(
            code=code,
            earliest_start=self._earliest[at],
            latest_start=self._latest[at],
            since=since,
            until=self.until(code),
            also=tuple(
                edge
                for edge, tail, head, tight in zip(
                    self.network.precedences,
                    self.network.tails,
                    self.network.heads,
                    self._tight,
                    strict=True,
                )
                if head == at != tail and tight and edge not in nearest
            ),
        )

    def since(self, code: str, *, most: int | None = None) -> Chain:
        """The chain that brings this milestone to its earliest start."""
        links = []
        at = self.network.position[code]
        while (edge := self._arrived_by[at]) >= 0:
            links.append(self.network.precedences[edge])
            at = self.network.tails[edge]
        told = links if most is None else links[:most]
        reason = _early_reason(self._activities[at])
        return Chain(reason, tuple(reversed(told)), len(links) - len(told))

    def until(self, code: str) -> Chain:
        """The chain that keeps this milestone from starting later than its latest start."""
        links = []
        at = self.network.position[code]
        while (edge := self._leaves_by[at]) >= 0:
            links.append(self.network.precedences[edge])
            at = self.network.heads[edge]
        return Chain(_late_reason(self._activities[at], self._latest[at]), tuple(links))

    def conflicts(self) -> list[Conflict]:
        """Every fixed start and promised end that the plan breaks, by code, the start first."""
        broken = []
        for activity, start in zip(self._activities, self._earliest, strict=True):
            finish = start + activity.duration_days
            asked = []
            if activity.fixed_start is not None and start > activity.fixed_start:
                asked.append((Demand.FIXED_START, activity.fixed_start, start))
            if activity.finish_by is not None and finish > activity.finish_by:
                asked.append((Demand.FINISH_BY, activity.finish_by, finish))
            for demand, wanted, earliest in asked:
                because = self.since(activity.code, most=_LINKS_OF_A_CONFLICT)
                broken.append(Conflict(activity.code, demand, wanted, earliest, because))
        return broken

    def _chains(
        self,
        by_itself: Sequence[bool],
        sources: Sequence[int],
        targets: Sequence[int],
        tight: Sequence[bool],
    ) -> list[int]:
        """Per activity the tight dependency by which its chain reaches it; -1 where it begins.

        Breadth first from all beginnings at once, so that chains are as short as can be; equally
        short ones in canonical order.
        """
        onward: list[list[tuple[int, int]]] = [[] for _ in by_itself]
        for edge, holds in enumerate(tight):
            if holds and sources[edge] != targets[edge]:
                onward[sources[edge]].append((edge, targets[edge]))
        reached_by = [-1] * len(by_itself)
        queue = [at for at, own in enumerate(by_itself) if own]
        known = list(by_itself)
        for node in queue:
            for edge, target in onward[node]:
                if not known[target]:
                    known[target] = True
                    reached_by[target] = edge
                    queue.append(target)
        return reached_by


def _early_reason(activity: Activity) -> Reason:
    first = own_earliest_start(activity)
    if activity.fixed_start is not None and first == activity.fixed_start:
        return Reason.FIXED_START
    return Reason.NOT_BEFORE if first else Reason.DAY_0


def _late_reason(activity: Activity, latest: int) -> Reason:
    if activity.fixed_start is not None and latest == activity.fixed_start:
        return Reason.FIXED_START
    if activity.finish_by is not None and latest == activity.finish_by - activity.duration_days:
        return Reason.FINISH_BY
    return Reason.MAKESPAN
