"""What differs between two drafts and their plans: dates, slack, budget, KPIs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from roadmap.budgets import budget_totals, leverage, total_of
from roadmap.calendar import read_date
from roadmap.draft import BudgetSource, Draft, Kpi
from roadmap.planning.schedule import Dates, Plan


@dataclass(frozen=True, slots=True)
class Planned:
    """A draft with its plan; days of the plan count from ``start``."""

    draft: Draft
    plan: Plan
    start: date

    def dates_of(self, code: str) -> Dates | None:
        return self.plan.schedule.dates.get(code)

    def finish_of(self, code: str) -> date:
        """The day on which a milestone finishes at the earliest; the last day of the calendar
        where that is beyond it."""
        try:
            return self.start + timedelta(days=self.plan.schedule.dates[code].earliest_finish)
        except OverflowError:
            return date.max


@dataclass(frozen=True, slots=True)
class Moved:
    """A milestone whose dates or slack differ; None where it is not on that side."""

    code: str
    before: Dates | None
    after: Dates | None

    @property
    def finish_days(self) -> int | None:
        """How many days later it finishes; negative is earlier."""
        if self.before is None or self.after is None:
            return None
        return self.after.earliest_finish - self.before.earliest_finish

    @property
    def start_days(self) -> int | None:
        """How many days later it starts; negative is earlier."""
        if self.before is None or self.after is None:
            return None
        return self.after.earliest_start - self.before.earliest_start


@dataclass(frozen=True, slots=True)
class KpiOutcome:
    """A KPI that is due on a day, and whether its milestone is finished by then."""

    code: str
    kpi: Kpi
    due: date
    in_time_before: bool | None
    in_time_after: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``moved`` are those with other dates or slack, added and removed ones included, in the order
    of the later draft; budgets are euros by source."""

    makespan_before: int
    makespan_after: int
    moved: tuple[Moved, ...]
    budget_before: Mapping[BudgetSource, Decimal]
    budget_after: Mapping[BudgetSource, Decimal]
    kpis: tuple[KpiOutcome, ...]
    suspended_before: tuple[str, ...]
    suspended_after: tuple[str, ...]

    @property
    def total_before(self) -> Decimal:
        """Euros of all sources together."""
        return total_of(self.budget_before)

    @property
    def total_after(self) -> Decimal:
        return total_of(self.budget_after)

    @property
    def leverages(self) -> tuple[Decimal | None, Decimal | None]:
        """What partners bring for each euro of the Union's contribution, before and after."""
        return leverage(self.budget_before), leverage(self.budget_after)

    @property
    def sources(self) -> tuple[BudgetSource, ...]:
        """Those that pay on one side or the other."""
        paying = {*self.budget_before, *self.budget_after}
        return tuple(source for source in BudgetSource if source in paying)

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(each.code for each in self.moved if each.before is None)

    @property
    def removed(self) -> tuple[str, ...]:
        return tuple(each.code for each in self.moved if each.after is None)

    @property
    def is_empty(self) -> bool:
        return (
            not self.moved
            and self.budget_before == self.budget_after
            and self.suspended_before == self.suspended_after
            and self.makespan_before == self.makespan_after
            and all(kpi.in_time_before == kpi.in_time_after for kpi in self.kpis)
        )


def compare(before: Planned, after: Planned) -> Comparison:
    """What changes when ``before`` becomes ``after``."""
    old, new = before.plan.schedule, after.plan.schedule
    codes = [milestone.code for milestone in after.draft.milestones]
    codes += [each.code for each in before.draft.milestones if each.code not in set(codes)]
    shift = (after.start - before.start).days
    moved = tuple(
        Moved(code, old.dates.get(code), new.dates.get(code))
        for code in codes
        if shift or old.dates.get(code) != new.dates.get(code)
    )
    return Comparison(
        makespan_before=old.makespan_days,
        makespan_after=new.makespan_days,
        moved=moved,
        budget_before=budget_totals(before.draft).by_source,
        budget_after=budget_totals(after.draft).by_source,
        kpis=tuple(_kpis(before, after)),
        suspended_before=_suspended(before.plan),
        suspended_after=_suspended(after.plan),
    )


def last_day(due: str) -> date:
    """The last day on which something is due: of a year, of a quarter, or the day itself."""
    day = read_date(f"{due}-Q4" if len(due) == 4 else due, end=True)
    assert day is not None, "a KPI's due was checked when it was set"
    return day


def _kpis(before: Planned, after: Planned) -> Iterable[KpiOutcome]:
    old = before.draft.by_code
    seen: set[tuple[str, Kpi]] = set()
    for planned in (after, before):
        for milestone in planned.draft.milestones:
            for kpi in milestone.kpis:
                if not kpi.due or (milestone.code, kpi) in seen:
                    continue
                seen.add((milestone.code, kpi))
                due = last_day(kpi.due)
                was = kpi in old[milestone.code].kpis if milestone.code in old else False
                yield KpiOutcome(
                    code=milestone.code,
                    kpi=kpi,
                    due=due,
                    in_time_before=before.finish_of(milestone.code) <= due if was else None,
                    in_time_after=(
                        after.finish_of(milestone.code) <= due if planned is after else None
                    ),
                )


def _suspended(plan: Plan) -> tuple[str, ...]:
    return tuple(f"{each.suspended.before}>{each.suspended.after}" for each in plan.contradictions)
