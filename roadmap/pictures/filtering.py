"""What of a roadmap a picture shows: one choice that the graph, the timeline and tables share.

Pure: a draft, its plan and a choice in, the codes of milestones out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import MAXYEAR, date, timedelta
from enum import StrEnum

from roadmap.draft import Draft, DraftMilestone
from roadmap.pictures.neighbourhood import neighbourhood
from roadmap.planning.schedule import Dates, Plan


class Only(StrEnum):
    """Criticality as a filter."""

    CRITICAL = "critical"  # no slack at all
    NEAR = "near"  # critical, or nearly so
    CONTESTED = "contested"  # a contradiction goes through it


@dataclass(frozen=True, slots=True)
class Choice:
    """What to show; every field left empty shows all.

    ``area`` is an area's code and means its parts as well. ``words`` must all occur in the code,
    a text, the lead or a theme. ``year`` keeps what runs or finishes in it. ``around`` is the code
    of a milestone: it, ``before`` steps back and ``after`` steps on; it is shown whatever else is
    chosen.
    """

    area: str = ""
    agenda: str = ""
    lead: str = ""
    only: str = ""
    words: str = ""
    year: int | None = None
    around: str = ""
    before: int = 1
    after: int = 1

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return all(
            getattr(self, field.name) in ("", None)
            for field in fields(self)
            if field.name not in ("before", "after")
        )


def choose_milestones(draft: Draft, plan: Plan, choice: Choice) -> tuple[str, ...]:
    """The codes of what ``choice`` shows, in the order of time."""
    dates = plan.schedule.dates
    only = _codes_of(choice.only, plan)
    around = None
    if choice.around:
        pairs = ((each.before, each.after) for each in draft.dependencies)
        around = neighbourhood(choice.around, pairs, before=choice.before, after=choice.after)
    areas = with_parts(choice.area, draft.parents) if choice.area else None
    words = choice.words.casefold().split()
    chosen = [
        milestone.code
        for milestone in draft.milestones
        if milestone.code == choice.around
        or (
            (around is None or milestone.code in around)
            and (areas is None or milestone.area in areas)
            and choice.agenda in ("", milestone.agenda)
            and choice.lead in ("", milestone.lead)
            and (only is None or milestone.code in only)
            and (choice.year is None or runs_in(choice.year, dates[milestone.code], draft.start))
            and (not words or _says(milestone, words))
        )
    ]
    return in_order_of_time(chosen, dates)


def in_order_of_time(codes: list[str], dates: Mapping[str, Dates]) -> tuple[str, ...]:
    """By the earliest start, then the earliest finish, then the code."""
    return tuple(
        sorted(
            codes, key=lambda code: (dates[code].earliest_start, dates[code].earliest_finish, code)
        )
    )


def contested_codes(plan: Plan) -> frozenset[str]:
    """The milestones through which a contradiction goes."""
    return frozenset(code for each in plan.contradictions for code in each.codes)


def with_parts(area: str, parents: Mapping[str, str]) -> frozenset[str]:
    """``area`` and all that are parts of it, however deep."""
    found = {area}
    while True:
        more = {part for part, parent in parents.items() if parent in found} - found
        if not more:
            return frozenset(found)
        found |= more


def runs_in(year: int, dates: Dates, start: date | None) -> bool:
    """Whether it runs or finishes in ``year``, from its earliest start to its earliest finish."""
    if start is None or not 1 <= year <= MAXYEAR:
        return False
    first = (date(year, 1, 1) - start).days
    last = (date(year, 12, 31) - start).days
    return dates.earliest_start <= last and dates.earliest_finish >= first


def year_of(start: date, day: int) -> int | None:
    """The calendar year of a day; None beyond the calendar."""
    try:
        return (start + timedelta(days=day)).year
    except OverflowError:
        return None


def _codes_of(only: str, plan: Plan) -> frozenset[str] | None:
    """The milestones that ``only`` leaves; None for all."""
    if only == Only.CONTESTED:
        return contested_codes(plan)
    if only not in (Only.CRITICAL, Only.NEAR):
        return None
    critical = {code for code, dates in plan.schedule.dates.items() if dates.critical}
    return frozenset(critical.union(plan.schedule.near_critical() if only == Only.NEAR else ()))


def _says(milestone: DraftMilestone, words: list[str]) -> bool:
    texts = [
        milestone.code,
        milestone.lead,
        *milestone.title.values(),
        *milestone.description.values(),
        *milestone.themes,
        *milestone.participants,
    ]
    said = "\n".join(texts).casefold()
    return all(word in said for word in words)
