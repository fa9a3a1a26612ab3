"""The roadmap as an activity-on-node network with generalised precedence relations.

A milestone is an activity with a duration; a dependency is a precedence of one of four kinds with
a minimal lag (negative lags allowed). Every kind becomes one number, the *length*: how many days
after the start of the one the other may start (Elmaghraby & Kamburowski, "The analysis of
activity networks under generalized precedence relations", Management Science 38, 1992).

Pure: plain values in, plain values out. All times are whole days.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

import networkx as nx

from roadmap.planning.cycles import Cycle as Cycle
from roadmap.planning.cycles import Edges
from roadmap.planning.cycles import positive_cycles as positive_cycles

# Beyond this no sum over a network of ours can leave 64-bit integers.
LARGEST_NUMBER_OF_DAYS = 10**9


class Kind(StrEnum):
    """Which end of the one milestone the dependency ties to which end of the other."""

    FS = "FS"  # finish to start
    SS = "SS"  # start to start
    FF = "FF"  # finish to finish
    SF = "SF"  # start to finish


class Ruling(StrEnum):
    """What a person decided about a dependency, whatever the computation would do with it."""

    NONE = ""
    KEEP = "keep"  # never suspended
    SUSPEND = "suspend"  # always suspended


@dataclass(frozen=True, slots=True)
class Activity:
    """A milestone as the network sees it; all days count from the roadmap's start.

    not_before
        the first day it may start on.
    fixed_start
        the day it is to start on, neither earlier nor later.
    finish_by
        the last day it is to finish on.

    A network whose dependencies do not allow the last two can be scheduled all the same: the
    dependencies win, and the schedule says what is broken.
    """

    code: str
    duration_days: int
    not_before: int = 0
    fixed_start: int | None = None
    finish_by: int | None = None


@dataclass(frozen=True, slots=True)
class Precedence:
    """A dependency as the network sees it: ``after`` waits for ``before``.

    ``support`` is how much speaks for it (respondents, votes, weight); never negative.
    """

    before: str
    after: str
    kind: Kind = Kind.FS
    lag_days: int = 0
    support: Decimal = Decimal(1)
    ruling: Ruling = Ruling.NONE

    @property
    def order(self) -> tuple[str, str, str, int, Decimal, str]:
        """The canonical order of dependencies, whatever order they were given in."""
        return (
            self.before, self.after, self.kind.value, self.lag_days, self.support, self.ruling.value
        )  # fmt: skip


class Network:
    """Activities and the precedences between them, both in canonical order.

    Precedences of the same pair may be several, of the same kind or not, and a precedence may tie
    an activity to itself. Raises ``ValueError`` for a duplicate code, an unknown code, a negative
    duration or support, and numbers beyond ``LARGEST_NUMBER_OF_DAYS``.
    """

    def __init__(
        self, activities: Iterable[Activity], precedences: Iterable[Precedence] = ()
    ) -> None:
        given = sorted(activities, key=lambda activity: activity.code)
        self.activities: Mapping[str, Activity] = MappingProxyType(
            {activity.code: activity for activity in given}
        )
        self.precedences = tuple(sorted(precedences, key=lambda precedence: precedence.order))
        if len(self.activities) != len(given):
            raise ValueError("two activities have the same code")
        self._check_numbers()
        self.position = {code: position for position, code in enumerate(self.activities)}
        self.lengths = tuple(self.length_of(precedence) for precedence in self.precedences)

    def _check_numbers(self) -> None:
        for activity in self.activities.values():
            if not 0 <= activity.duration_days <= LARGEST_NUMBER_OF_DAYS:
                raise ValueError(f"{activity.code}: the duration is out of range")
            if not 0 <= activity.not_before <= LARGEST_NUMBER_OF_DAYS:
                raise ValueError(f"{activity.code}: the first day is out of range")
        for precedence in self.precedences:
            for code in (precedence.before, precedence.after):
                if code not in self.activities:
                    raise ValueError(f"a dependency names {code!r}, which does not exist")
            if abs(precedence.lag_days) > LARGEST_NUMBER_OF_DAYS:
                raise ValueError(f"{precedence.before} to {precedence.after}: lag out of range")
            if not (precedence.support.is_finite() and precedence.support >= 0):
                raise ValueError(f"{precedence.before} to {precedence.after}: bad support")

    def length_of(self, precedence: Precedence) -> int:
        """Start of ``after`` minus start of ``before`` is at least this.

        FS: d(before) + lag. SS: lag. FF: d(before) + lag - d(after). SF: lag - d(after).
        """
        length = precedence.lag_days
        if precedence.kind in (Kind.FS, Kind.FF):
            length += self.activities[precedence.before].duration_days
        if precedence.kind in (Kind.FF, Kind.SF):
            length -= self.activities[precedence.after].duration_days
        return length

    @cached_property
    def tails(self) -> tuple[int, ...]:
        """Per precedence, the position of the activity it leaves."""
        return tuple(self.position[precedence.before] for precedence in self.precedences)

    @cached_property
    def heads(self) -> tuple[int, ...]:
        """Per precedence, the position of the activity it enters."""
        return tuple(self.position[precedence.after] for precedence in self.precedences)

    @cached_property
    def graph(self) -> "nx.DiGraph[int]":
        """Who is tied to whom, by position; parallel precedences are one edge here."""
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(len(self.activities)))
        graph.add_edges_from(zip(self.tails, self.heads, strict=True))
        return graph

    def without(self, suspended: Collection[int]) -> "Network":
        """The network without the precedences at these positions."""
        dropped = set(suspended)
        return Network(
            self.activities.values(),
            (edge for at, edge in enumerate(self.precedences) if at not in dropped),
        )

    @cached_property
    def edges(self) -> Edges:
        """The precedences as the search for cycles sees them."""
        return Edges(
            len(self.activities),
            self.tails,
            self.heads,
            self.lengths,
            tuple(precedence.kind is Kind.FS for precedence in self.precedences),
        )

    def part(self, positions: Iterable[int]) -> "Network":
        """These precedences and the activities they tie, as a network of their own.

        Its precedences are in the order of ``positions``, where that ascends.
        """
        precedences = [self.precedences[at] for at in positions]
        codes = {code for each in precedences for code in (each.before, each.after)}
        return Network((self.activities[code] for code in codes), precedences)

    def knots(self) -> list[list[int]]:
        """Per strongly connected component in which a cycle runs, its precedences' positions."""
        return self.edges.components(range(len(self.precedences)))

    def contradictions_among(self, positions: Collection[int]) -> list[Cycle]:
        """Some contradictions that these precedences make among themselves; empty if none is left.

        What counts as one is said in ``roadmap.planning.cycles``.
        """
        return self.edges.contradictions_among(positions)
