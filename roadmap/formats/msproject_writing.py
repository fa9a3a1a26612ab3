"""A roadmap as a Microsoft Project XML file (MSPDI, the schema of Project 2007).

Every day of the week is a working day of eight hours, as the roadmap counts days. Elements stand in
the order that Microsoft's published schema (mspdi_pj12.xsd) asks for. What the format has no place
for is listed in ``msproject.SILENT``, with texts in other languages.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement

from core.text import LocalizedText
from roadmap.draft import Draft, DraftMilestone
from roadmap.formats.columns import BUDGET, as_text
from roadmap.formats.graphml_writing import clean_markup, serialise
from roadmap.formats.msproject import CUSTOM, KINDS, SUBJECT

NAMESPACE = "http://schemas.microsoft.com/project"
_HOURS = 8
_TENTHS_A_DAY = _HOURS * 60 * 10
_MORNING, _EVENING = "T08:00:00", "T17:00:00"
_FIRST = date(1984, 1, 1)  # the calendar of the program begins here
_LAST = date(2149, 12, 31)
_FIELDS = ("Code", "Agenda", "Area", "TRL from", "TRL to", "Lead", "Stage", "Optimistic days",
           "Likely days", "Pessimistic days", "Language", "Not before")  # fmt: skip


def write_msproject(
    draft: Draft,
    *,
    language: str = "",
    start: date | None = None,
    days: Mapping[str, tuple[int, int]] | None = None,
    left_out: Collection[int] = (),
) -> bytes:
    """``draft`` as MSPDI.

    ``days`` gives, by code, the planned first day and the day after the last one, counted from
    ``start``; ``left_out`` are the positions of dependencies that the plan suspends: the program
    refuses links that go round in a circle.
    """
    own = draft.title.fallback if draft.title else "en"
    return _Writer(draft, language or own, start or draft.start, days or {}, left_out).write()


class _Writer:
    def __init__(
        self,
        draft: Draft,
        language: str,
        start: date | None,
        days: Mapping[str, tuple[int, int]],
        left_out: Collection[int],
    ) -> None:
        self.draft = draft
        self.language = language
        known = [each.not_before for each in draft.milestones if each.not_before]
        self.start = start or (min(known) if known else date(2026, 1, 1))
        self.days = days
        self.uids: dict[str, int] = {}
        self.links: dict[str, list[int]] = {}
        for position, dependency in enumerate(draft.dependencies):
            if position not in left_out and dependency.before != dependency.after:
                self.links.setdefault(dependency.after, []).append(position)

    def write(self) -> bytes:
        root = Element("Project", xmlns=NAMESPACE)
        title = self.draft.title.in_language(self.language) if self.draft.title else "Roadmap"
        _add(root, "SaveVersion", 12)
        _add(root, "Title", title[:512])
        _add(root, "Subject", f"{SUBJECT} {self.language}")
        _add(root, "ScheduleFromStart", 1)
        _add(root, "StartDate", f"{self.start.isoformat()}{_MORNING}")
        _add(root, "CurrencyDigits", 2)
        _add(root, "CurrencySymbol", "€")
        _add(root, "CurrencyCode", "EUR")
        _add(root, "CalendarUID", 1)
        _add(root, "DefaultStartTime", "08:00:00")
        _add(root, "DefaultFinishTime", "17:00:00")
        _add(root, "MinutesPerDay", _HOURS * 60)
        _add(root, "MinutesPerWeek", 7 * _HOURS * 60)
        _add(root, "DaysPerMonth", 30)
        _add(root, "DurationFormat", 7)
        self._fields(root)
        self._calendar(root)
        self._tasks(SubElement(root, "Tasks"))
        return serialise(root)

    def _fields(self, root: Element) -> None:
        fields = SubElement(root, "ExtendedAttributes")
        names = (*_FIELDS, *(column.replace("_", " ").capitalize() for column in BUDGET))
        for number, (field, alias) in enumerate(zip(CUSTOM.values(), names, strict=True), start=1):
            attribute = SubElement(fields, "ExtendedAttribute")
            _add(attribute, "FieldID", field)
            _add(attribute, "FieldName", f"Text{number}")
            _add(attribute, "Alias", alias)

    def _calendar(self, root: Element) -> None:
        calendar = SubElement(SubElement(root, "Calendars"), "Calendar")
        _add(calendar, "UID", 1)
        _add(calendar, "Name", "Every day")
        _add(calendar, "IsBaseCalendar", 1)
        _add(calendar, "BaseCalendarUID", -1)
        weekdays = SubElement(calendar, "WeekDays")
        for number in range(1, 8):
            weekday = SubElement(weekdays, "WeekDay")
            _add(weekday, "DayType", number)
            _add(weekday, "DayWorking", 1)
            times = SubElement(weekday, "WorkingTimes")
            for begin, end in (("08:00:00", "12:00:00"), ("13:00:00", "17:00:00")):
                time = SubElement(times, "WorkingTime")
                _add(time, "FromTime", begin)
                _add(time, "ToTime", end)

    def _tasks(self, tasks: Element) -> None:
        rows = list(self._outline())
        for uid, (_, _, _, milestone) in enumerate(rows, start=1):
            if milestone is not None:
                self.uids[milestone.code] = uid
        for uid, (number, level, area, milestone) in enumerate(rows, start=1):
            task = SubElement(tasks, "Task")
            _add(task, "UID", uid)
            _add(task, "ID", uid)
            if milestone is None:
                title = self.draft.areas[area].in_language(self.language) or area
                _add(task, "Name", title[:512])
                _add(task, "Type", 1)
                _add(task, "OutlineNumber", number)
                _add(task, "OutlineLevel", level)
                _add(task, "Summary", 1)
                _add_field(task, "area", area)
                _add_field(task, "language", self._foreign(self.draft.areas[area]))
            else:
                self._milestone(task, milestone, number, level)

    def _outline(self) -> Iterator[tuple[str, int, str, DraftMilestone | None]]:
        """(outline number, level, area, milestone): areas, each before what is in it."""
        inside: dict[str, list[DraftMilestone]] = {}
        for milestone in self.draft.milestones:
            inside.setdefault(milestone.area, []).append(milestone)
        parts: dict[str, list[str]] = {}
        for area in self.draft.areas:
            parts.setdefault(self.draft.parents.get(area, ""), []).append(area)

        def below(
            area: str, number: str, level: int
        ) -> Iterator[tuple[str, int, str, DraftMilestone | None]]:
            position = 0
            for milestone in inside.get(area, ()):
                position += 1
                yield f"{number}.{position}", level, area, milestone
            for part in parts.get(area, ()):
                position += 1
                yield f"{number}.{position}", level, part, None
                yield from below(part, f"{number}.{position}", level + 1)

        for position, area in enumerate(parts.get("", ()), start=1):
            yield str(position), 1, area, None
            yield from below(area, str(position), 2)

    def _milestone(self, task: Element, each: DraftMilestone, number: str, level: int) -> None:
        first, end = self.days.get(each.code, (None, None))
        if first is None or end is None:
            begin = each.fixed_start or each.not_before
            first = max(0, (begin - self.start).days) if begin else 0
            end = first + each.duration_days
        duration = f"PT{each.duration_days * _HOURS}H0M0S"
        _add(task, "Name", each.title.in_language(self.language)[:512])
        _add(task, "Type", 1)
        _add(task, "OutlineNumber", number)
        _add(task, "OutlineLevel", level)
        begins = self._date(first)
        _add(task, "Start", f"{begins}{_MORNING}")
        ends = f"{self._date(end - 1)}{_EVENING}" if each.duration_days else f"{begins}{_MORNING}"
        _add(task, "Finish", ends)
        _add(task, "Duration", duration)
        _add(task, "DurationFormat", 7)
        _add(task, "Milestone", 0 if each.duration_days else 1)
        _add(task, "Summary", 0)
        if each.budget:
            _add(task, "FixedCost", format(sum(each.budget.values(), Decimal(0)), "f"))
        self._constraint(task, each)
        shown = each.title.language_for(self.language)
        if notes := each.description.get(shown):
            _add(task, "Notes", notes)
        for position in self.links.get(each.code, ()):
            dependency = self.draft.dependencies[position]
            link = SubElement(task, "PredecessorLink")
            _add(link, "PredecessorUID", self.uids[dependency.before])
            _add(link, "Type", KINDS.index(dependency.kind.value))
            _add(link, "CrossProject", 0)
            _add(link, "LinkLag", dependency.lag_days * _TENTHS_A_DAY)
            _add(link, "LagFormat", 7)
        for name in CUSTOM:
            if name == "area":
                continue
            if name == "language":
                value: object = self._foreign(each.title)
            elif name == "not_before":
                value = each.not_before if each.fixed_start else None
            elif name in BUDGET:
                source = name.removeprefix("budget_")
                value = next((a for s, a in each.budget.items() if s.value == source), None)
            else:
                value = getattr(each, name)
            _add_field(task, name, as_text(value))

    def _constraint(self, task: Element, each: DraftMilestone) -> None:
        """A task can have one constraint only; beside another, the promised end is a deadline."""
        deadline = each.finish_by
        if each.fixed_start:
            kind, day = 2, f"{each.fixed_start.isoformat()}{_MORNING}"
        elif each.not_before:
            kind, day = 4, f"{each.not_before.isoformat()}{_MORNING}"
        elif each.finish_by:
            kind, day, deadline = 7, f"{each.finish_by.isoformat()}{_EVENING}", None
        else:
            kind, day = 0, ""
        _add(task, "ConstraintType", kind)
        if day:
            _add(task, "ConstraintDate", day)
        if deadline:
            _add(task, "Deadline", f"{deadline.isoformat()}{_EVENING}")

    def _foreign(self, title: LocalizedText) -> str:
        """The language that a name is in where it is not the one asked for."""
        shown = title.language_for(self.language)
        return shown if shown != self.language else ""

    def _date(self, day: int) -> str:
        try:
            found = self.start + timedelta(days=day)
        except OverflowError:
            found = _LAST
        return min(max(found, _FIRST), _LAST).isoformat()


def _add(parent: Element, name: str, value: object) -> None:
    SubElement(parent, name).text = clean_markup(str(value))


def _add_field(task: Element, name: str, value: str) -> None:
    if value:
        attribute = SubElement(task, "ExtendedAttribute")
        _add(attribute, "FieldID", CUSTOM[name])
        _add(attribute, "Value", value)
