"""What follows from another decision: two plans of the same roadmap side by side.

Pure: plain values in, plain values out.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from roadmap.planning.network import Precedence, Ruling
from roadmap.planning.schedule import Dates, Plan


@dataclass(frozen=True, slots=True)
class Moved:
    """A milestone with its dates before and after."""

    before: Dates
    after: Dates

    @property
    def days(self) -> int:
        """By how much its earliest start moves; positive: later."""
        return self.after.earliest_start - self.before.earliest_start


@dataclass(frozen=True, slots=True)
class Consequences:
    """The differences of two plans; dependencies are shown without what was decided about them.

    suspended, restored
        what stands only in the one, and only in the other.
    moved
        milestones whose earliest dates change, the most first.
    now_critical, no_longer_critical
        codes.
    """

    before: Plan
    after: Plan
    suspended: tuple[Precedence, ...]
    restored: tuple[Precedence, ...]
    moved: tuple[Moved, ...]
    now_critical: tuple[str, ...]
    no_longer_critical: tuple[str, ...]

    @property
    def support_before(self) -> Decimal:
        return _support(self.before)

    @property
    def support_after(self) -> Decimal:
        return _support(self.after)

    @property
    def days(self) -> int:
        """By how much the end of the roadmap moves; positive: later."""
        return self.after.schedule.makespan_days - self.before.schedule.makespan_days


def compare_plans(before: Plan, after: Plan) -> Consequences:
    """What is different in ``after``; both have the same milestones."""
    gone, come = Counter(_undecided(before.suspended)), Counter(_undecided(after.suspended))
    pairs = [
        Moved(dates, after.schedule.dates[code]) for code, dates in before.schedule.dates.items()
    ]
    moved = [
        each
        for each in pairs
        if (each.before.earliest_start, each.before.earliest_finish)
        != (each.after.earliest_start, each.after.earliest_finish)
    ]
    return Consequences(
        before=before,
        after=after,
        suspended=_in_order(come - gone),
        restored=_in_order(gone - come),
        moved=tuple(sorted(moved, key=lambda each: (-abs(each.days), each.before.code))),
        now_critical=tuple(
            each.after.code for each in pairs if each.after.critical and not each.before.critical
        ),
        no_longer_critical=tuple(
            each.after.code for each in pairs if each.before.critical and not each.after.critical
        ),
    )


def _support(plan: Plan) -> Decimal:
    """Of all that does not count, by decision or not: what the people who want it lose."""
    return sum((each.support for each in plan.suspended), Decimal(0))


def _undecided(precedences: Iterable[Precedence]) -> list[Precedence]:
    return [replace(each, ruling=Ruling.NONE) for each in precedences]


def _in_order(counted: Counter[Precedence]) -> tuple[Precedence, ...]:
    return tuple(sorted(counted.elements(), key=lambda each: each.order))
