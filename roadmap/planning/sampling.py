"""Durations drawn from estimates, and the schedules of many samples at once.

Arrays are activities × samples: each step of a schedule is one operation on the rows of two
activities, for all samples together. ``simulation`` says what is made of it.

Pure: plain values in, plain values out. All times are days from the roadmap's start.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roadmap.planning.network import Kind, Network
from roadmap.planning.ordering import components_in_order
from roadmap.planning.schedule import own_earliest_start

Array = NDArray[np.float64]
# Optimistic, likely, pessimistic days.
Estimate = tuple[int, int, int]


class Durations:
    """The durations of all activities, drawn in blocks; the same again after ``rewind``."""

    def __init__(self, network: Network, estimates: Mapping[str, Estimate], seed: int) -> None:
        self._codes = list(network.activities)
        self._seed = seed
        given = [
            estimates.get(code, (activity.duration_days,) * 3)
            for code, activity in network.activities.items()
        ]
        self.certain = np.array([each[1] for each in given], dtype=np.float64)
        self.longest = np.array([each[2] for each in given], dtype=np.float64)
        low, mode, high = np.array(given, dtype=np.float64).reshape(-1, 3).T
        if not ((low <= mode) & (mode <= high)).all():
            raise ValueError("an estimate is not optimistic ≤ likely ≤ pessimistic")
        # Where optimistic and pessimistic are the same there is nothing to draw.
        self.uncertain = np.flatnonzero(low < high)
        self._low, self._mode, self._high = (
            each[self.uncertain, None] for each in (low, mode, high)
        )
        self.rewind()

    def rewind(self) -> None:
        self._streams = [
            np.random.Generator(np.random.PCG64(_seed_of(self._seed, self._codes[at])))
            for at in self.uncertain
        ]

    def luck(self, count: int) -> Array:
        """The next numbers of every stream, evenly spread from 0 to 1: uncertain × count."""
        numbers = np.empty((len(self._streams), count))
        for stream, row in zip(self._streams, numbers, strict=True):
            stream.random(out=row)
        return numbers

    def draw(self, count: int) -> Array:
        """The next durations, activities × count: the inverse of the triangular distribution."""
        durations = np.repeat(self.certain[:, None], count, axis=1)
        luck = self.luck(count)
        low, mode, high = self._low, self._mode, self._high
        span = high - low
        below = luck * span < mode - low
        rising = low + np.sqrt(luck * (span * (mode - low)))
        falling = high - np.sqrt((1 - luck) * (span * (high - mode)))
        durations[self.uncertain] = np.where(below, rising, falling)
        return durations


def _seed_of(seed: int, code: str) -> list[int]:
    """Whole numbers that say seed and code; a negative seed is another one than its opposite."""
    digest = hashlib.sha256(code.encode()).digest()
    return [abs(seed), int(seed < 0), int.from_bytes(digest[:16], "big")]


@dataclass(frozen=True, slots=True)
class Block:
    """Schedules of the feasible samples of a block; arrays are activities × feasible samples."""

    feasible: NDArray[np.bool_]
    duration: Array
    finish: Array
    makespan: Array
    critical: NDArray[np.int64]


# A precedence as the sampler sees it: the other activity, whether its finish (not its start) is
# tied, and the lag.
_Tie = tuple[int, bool, float]
# The ties of one activity, apart by its own end that is tied: its start, its finish.
_Ties = tuple[list[_Tie], list[_Tie]]


def _raise_row(row: Array, ties: _Ties, start: Array, finish: Array, duration: Array) -> None:
    """Raise ``row``, the starts of one activity, to what it waits for."""
    into_start, into_finish = ties
    for other, by_finish, lag in into_start:
        bound = finish[other] if by_finish else start[other]
        np.maximum(row, bound + lag if lag else bound, out=row)
    for other, by_finish, lag in into_finish:
        bound = finish[other] if by_finish else start[other]
        np.maximum(row, bound - duration + lag, out=row)


class Sampler:
    """A network laid out for schedules of many samples at once: rows are activities."""

    def __init__(self, network: Network, longest: Array) -> None:
        self.size = len(network.activities)
        self.order = components_in_order(network)
        activities = list(network.activities.values())
        self.own_start = [float(own_earliest_start(each)) for each in activities]
        self.fixed = [each.fixed_start for each in activities]
        self.promised = [each.finish_by for each in activities]
        # What every activity waits for, and backwards what waits for it.
        self.into: list[_Ties] = [([], []) for _ in activities]
        self.out_of: list[_Ties] = [([], []) for _ in activities]
        for edge, tail, head in zip(network.precedences, network.tails, network.heads, strict=True):
            leaves = edge.kind in (Kind.FS, Kind.FF)
            enters = edge.kind in (Kind.FF, Kind.SF)
            self.into[head][enters].append((tail, leaves, float(edge.lag_days)))
            self.out_of[tail][leaves].append((head, enters, float(edge.lag_days)))
        lags = sum(abs(edge.lag_days) for edge in network.precedences)
        # No date without a positive cycle is beyond this.
        self.horizon = max(self.own_start, default=0.0) + float(longest.sum()) + lags
        scale = max(1.0, self.horizon / 1e5)
        # Doubles carry sixteen digits: what differs by less than `same` days is the same day, and
        # round a cycle nothing is raised by less than `step`, so that rounding does not go round.
        self.same, self.step = 1e-6 * scale, 1e-9 * scale

    def schedule(self, duration: Array) -> Block:
        """Earliest and latest dates of every sample; infeasible ones are left out."""
        start = np.repeat(np.array(self.own_start)[:, None], duration.shape[1], axis=1)
        finish = np.empty_like(start)
        feasible = np.ones(duration.shape[1], dtype=bool)
        for component in self.order:
            if len(component) > 1 or self._is_tied_to_itself(component[0]):
                self._settle_cycle(component, start, finish, duration, feasible)
            else:
                self._raise(component[0], start, finish, duration)
        if not feasible.all():
            start, finish, duration = (each[:, feasible] for each in (start, finish, duration))
        makespan = finish.max(axis=0, initial=0.0)
        slack = self._latest(duration, makespan)
        slack -= start
        critical = np.count_nonzero(slack <= self.same, axis=1)
        return Block(feasible, duration, finish, makespan, critical)

    def _is_tied_to_itself(self, node: int) -> bool:
        return any(other == node for ties in self.into[node] for other, _, _ in ties)

    def _raise(self, node: int, start: Array, finish: Array, duration: Array) -> None:
        """The earliest dates of one activity from those of what it waits for."""
        _raise_row(start[node], self.into[node], start, finish, duration[node])
        np.add(start[node], duration[node], out=finish[node])

    def _settle_cycle(
        self,
        component: list[int],
        start: Array,
        finish: Array,
        duration: Array,
        feasible: NDArray[np.bool_],
    ) -> None:
        """Raise the members until nothing moves; a sample that never rests is infeasible.

        Only the samples that still move go into the next pass. A date beyond the horizon, or
        more passes than members, show a cycle of positive length.
        """
        before = start[component]
        finish[component] = before + duration[component]
        for node in component:  # now all that comes in from outside has arrived
            self._raise(node, start, finish, duration)
        inside = [self._ties_inside(node, component) for node in component]
        moving = np.flatnonzero(feasible & (start[component] > before + self.step).any(axis=0))
        for _ in component:
            block = np.array(component)[:, None], moving
            starts, finishes, durations = start[block], finish[block], duration[block]
            before = starts.copy()
            for at, ties in enumerate(inside):
                _raise_row(starts[at], ties, starts, finishes, durations[at])
                np.add(starts[at], durations[at], out=finishes[at])
            start[block], finish[block] = starts, finishes
            beyond = starts.max(axis=0) > self.horizon + 1
            feasible[moving[beyond]] = False
            moving = moving[(starts > before + self.step).any(axis=0) & ~beyond]
            if not moving.size:
                return
        feasible[moving] = False

    def _ties_inside(self, node: int, component: list[int]) -> _Ties:
        """What ``node`` waits for within its component, by position there."""
        local = {member: at for at, member in enumerate(component)}
        into_start, into_finish = (
            [(local[tie[0]], *tie[1:]) for tie in ties if tie[0] in local]
            for ties in self.into[node]
        )
        return into_start, into_finish

    def _latest(self, duration: Array, makespan: Array) -> Array:
        """The latest starts."""
        latest = np.empty_like(duration)
        for node in range(self.size):
            by_itself = makespan - duration[node]
            promised, fixed = self.promised[node], self.fixed[node]
            if promised is not None:
                np.minimum(by_itself, promised - duration[node], out=by_itself)
            if fixed is not None:
                np.minimum(by_itself, fixed, out=by_itself)
            latest[node] = by_itself
        for component in reversed(self.order):
            passes = len(component) + 1 if len(component) > 1 else 1
            for _ in range(passes):
                before = latest[component] if passes > 1 else latest[:0]
                for node in reversed(component):
                    self._lower(node, latest, duration)
                if passes == 1 or not (latest[component] < before - self.step).any():
                    break
        return latest

    def _lower(self, node: int, latest: Array, duration: Array) -> None:
        """The latest start of one activity from those of what waits for it."""
        row = latest[node]
        from_start, from_finish = self.out_of[node]
        for other, by_finish, lag in from_start:
            bound = latest[other] + duration[other] if by_finish else latest[other]
            np.minimum(row, bound - lag if lag else bound, out=row)
        for other, by_finish, lag in from_finish:
            bound = latest[other] + duration[other] if by_finish else latest[other]
            np.minimum(row, bound - duration[node] - lag, out=row)
