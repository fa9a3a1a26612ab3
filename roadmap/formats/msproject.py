"""A Microsoft Project XML file (MSPDI) as a roadmap, ours or of another program.

Summary tasks are areas, the tasks in them milestones, predecessor links dependencies. A day is as
many minutes as the file says (480 where it does not), working or not: the roadmap counts days.
Constraints: SNET is ``not_before``, MSO ``fixed_start``, FNLT and a deadline ``finish_by``. What is
not read is named. ``msproject_writing`` writes such files.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

from core.text import LANGUAGES, LocalizedText
from roadmap import errors
from roadmap.draft import AGENDAS, STAGES, BudgetSource, Draft
from roadmap.errors import Problem
from roadmap.formats import columns
from roadmap.formats.assembling import MAXIMUM_DAYS, MOST_DEPENDENCIES, Assembly, Place
from roadmap.formats.graphml import local_name, parse_xml
from roadmap.formats.tables import Cells, Row

MAXIMUM_BYTES = 200_000_000
SUBJECT = "waymark/roadmap/1"
# Kinds of links as the format numbers them.
KINDS = ("FF", "FS", "SF", "SS")
# Custom fields: name of ours, number of theirs (Text1 …), in the order of Text1 to Text19.
_TEXT_FIELDS = (
    188743731, 188743734, 188743737, 188743740, 188743743, 188743746, 188743747, 188743748,
    188743749, 188743750, 188743997, 188743998, 188743999, 188744000, 188744001, 188744002,
    188744003, 188744004, 188744005,
)  # fmt: skip
CUSTOM = dict(
    zip(
        (
            "code", "agenda", "area", "trl_from", "trl_to", "lead", "stage", "optimistic_days",
            "likely_days", "pessimistic_days", "language", "not_before", *columns.BUDGET,
        ),
        _TEXT_FIELDS,
        strict=True,
    )
)  # fmt: skip
# Fields that the format has no place for: what the roadmap has stays.
SILENT = frozenset(
    {"kpis", "participants", "themes", "links", "standards", "spectrum", "support", "rationale",
     "ruling"}
)  # fmt: skip
_DURATION = re.compile(
    r"(-?)P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?", re.ASCII
)
_ELAPSED = frozenset({4, 6, 8, 10, 12, 36, 38, 40, 42, 44})
_PERCENT = frozenset({19, 20, 51, 52})
_NOT_READ = {
    "Resources": "resources and who works on what are not read",
    "Assignments": "resources and who works on what are not read",
    "WBSMasks": "codes of the work breakdown structure are not read",
}
_CONSTRAINTS = {2: "fixed_start", 3: "finish_by", 4: "not_before", 7: "finish_by"}
_CONSTRAINT_NAMES = {1: "as late as possible", 5: "start no later than",
                     6: "finish no earlier than"}  # fmt: skip


@dataclass(slots=True)
class _Task:
    element: Element
    uid: str
    level: int
    name: str
    summary: bool
    custom: dict[str, str]
    # UIDs of the summaries it is in, the outermost first.
    above: tuple[str, ...] = ()
    code: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def read_msproject(content: bytes, *, file: str, language: str = "en") -> Draft:
    """The roadmap in ``content``; raises ``UnreadableRoadmap`` with everything that is wrong."""
    problems: list[Problem] = []
    root = parse_xml(content, file, problems, MAXIMUM_BYTES)
    if root is not None and local_name(root) != "Project":
        reason = f"expected a document <Project>, found <{local_name(root)[:40]}>"
        problems.append(Problem(errors.UnreadableFile.code, file, None, None, reason))
    if root is None or problems:
        raise errors.refuse(problems)
    return _Reader(root, file, language, problems).read()


def text_of(element: Element, name: str) -> str:
    """The text of the first child of that name, whatever its namespace."""
    for child in element:
        if local_name(child) == name:
            return (child.text or "").strip()
    return ""


def _children(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if local_name(child) == name)


def _whole(text: str, default: int = 0) -> int:
    return int(text) if re.fullmatch(r"-?\d{1,15}", text, re.ASCII) else default


class _Reader:
    def __init__(self, root: Element, file: str, language: str, problems: list[Problem]) -> None:
        self.root = root
        self.file = file
        self.problems = problems
        self.assembly = Assembly(home=file, problems=problems)
        self.notes: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        subject, _, own = text_of(root, "Subject").partition(" ")
        self.ours = subject == SUBJECT
        self.language = own if self.ours and own in LANGUAGES else language
        self.day = _whole(text_of(root, "MinutesPerDay")) or 480
        if not 0 < self.day <= 1440:
            self.refuse("MinutesPerDay", f"expected minutes from 1 to 1440, found {self.day}")
            self.day = 480

    def read(self) -> Draft:
        for child in self.root:
            if (name := local_name(child)) in _NOT_READ and len(child):
                self.notes[name] = _NOT_READ[name]
        tasks = self._tasks()
        title = text_of(self.root, "Title") or text_of(self.root, "Name")
        areas = self._areas(tasks)
        for task in tasks.values():
            if not task.summary:
                self._milestone(task, areas)
        self._links(tasks)
        for what, number in self.counts.items():
            self.notes[what] = f"{number:,} times"
        if not self.ours:
            self.notes["agenda"] = "the file does not say it; new milestones get SRIA"
        others = {
            f"{name}_{each}"
            for name in ("title", "description")
            for each in LANGUAGES
            if each != self.language
        }
        silent = SILENT | others | {"other_languages"}
        if not self.ours:
            silent |= set(CUSTOM) - {"code", "area", "language", "not_before"}
        return self.assembly.finish(
            title=LocalizedText.of(title[:500], self.language) if title else None,
            start=self._day(self.root, "StartDate", "StartDate"),
            language=self.language,
            silent=frozenset(silent),
            ignored=tuple(sorted(self.notes.items())),
        )

    def refuse(self, place: str, reason: str, kind: type[Any] = errors.InvalidCell) -> None:
        self.problems.append(Problem(kind.code, self.file, None, place, reason))

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _tasks(self) -> dict[str, _Task]:
        """The tasks by UID, in their order, each knowing the summaries it is in."""
        container = next(_children(self.root, "Tasks"), None)
        ids = {str(number): name for name, number in CUSTOM.items()}
        tasks: dict[str, _Task] = {}
        open_above: list[_Task] = []
        for element in _children(container, "Task") if container is not None else ():
            uid, level = text_of(element, "UID"), _whole(text_of(element, "OutlineLevel"), 1)
            if text_of(element, "IsNull") == "1" or level == 0:
                continue  # an empty row, or the project itself
            if text_of(element, "Active") == "0" or text_of(element, "ExternalTask") == "1":
                self.count("tasks that are inactive or of another project, not read")
                continue
            if not uid or uid in tasks:
                reason = "expected a UID" if not uid else "this UID is there twice"
                self.refuse(f"task {uid or text_of(element, 'Name')[:40]}", reason,
                            errors.DuplicateCode if uid else errors.InvalidCell)  # fmt: skip
                continue
            custom = {
                ids[number]: text_of(each, "Value")
                for each in (_children(element, "ExtendedAttribute") if self.ours else ())
                if (number := text_of(each, "FieldID")) in ids
            }
            summary = text_of(element, "Summary") == "1"
            task = _Task(element, uid, level, text_of(element, "Name"), summary, custom)
            while open_above and open_above[-1].level >= level:
                open_above.pop()
            if open_above:
                open_above[-1].summary = True
                task.above = tuple(each.uid for each in open_above)
            open_above.append(task)
            tasks[uid] = task
        return tasks

    def _areas(self, tasks: dict[str, _Task]) -> dict[str, str]:
        """The code of the area that each summary task is, by its UID."""
        codes: dict[str, str] = {}
        for task in tasks.values():
            if not task.summary:
                continue
            code = task.custom.get("area") or task.name[:80] or f"Area {task.uid}"
            if code in codes.values():
                code = f"{code[:60]} ({task.uid})"
            codes[task.uid] = code
            parent = codes[task.above[-1]] if task.above else ""
            title = LocalizedText.of(task.name[:500] or code, self._language(task))
            self.assembly.add_area(code, title, parent, self._place(task))
        loose = any(not task.summary and not task.above for task in tasks.values())
        if loose:
            codes[""] = "general"
            if "general" not in self.assembly.areas:
                place = Place(self.file, None, lambda name: name)
                self.assembly.add_area("general", LocalizedText.of("General", "en"), "", place)
        return codes

    def _language(self, task: _Task) -> str:
        own = task.custom.get("language", "")
        return own if own in LANGUAGES else self.language

    def _place(self, task: _Task) -> Place:
        return Place(self.file, None, lambda name: f"task {task.uid}: {columns.column_of(name)}")

    def _milestone(self, task: _Task, areas: dict[str, str]) -> None:
        task.code = task.custom.get("code") or f"T{task.uid}"
        place = self._place(task)
        values: dict[str, Any] = {
            "code": task.code,
            "title": LocalizedText.of(task.name[:500] or task.code, self._language(task)),
            "area": areas[task.above[-1] if task.above else ""],
            "duration_days": self._days(task),
        }
        if notes := text_of(task.element, "Notes"):
            values["description"] = LocalizedText.of(notes, self._language(task))
        constraint = _whole(text_of(task.element, "ConstraintType"))
        if name := _CONSTRAINTS.get(constraint):
            where = place.label("ConstraintDate")
            values[name] = self._day(task.element, "ConstraintDate", where, needed=True)
        elif constraint in _CONSTRAINT_NAMES:
            self.count(f"constraint “{_CONSTRAINT_NAMES[constraint]}”, not read")
        if deadline := self._day(task.element, "Deadline", place.label("Deadline")):
            values["finish_by"] = min(deadline, values.get("finish_by") or deadline)
        values |= self._custom(task)
        self.assembly.add_milestone(values, place)

    def _custom(self, task: _Task) -> dict[str, Any]:
        """Our own fields, read as the cells of a table are."""
        if not task.custom:
            return {}
        cells = _Fields(self.file, Row(1, task.custom), self.problems, f"task {task.uid}")
        values: dict[str, Any] = {
            "agenda": cells.choice("agenda", AGENDAS),
            "stage": cells.choice("stage", STAGES, empty=True),
            "lead": cells.text("lead", maximum=200),
            "budget": {
                source: amount
                for source, column in zip(BudgetSource, columns.BUDGET, strict=True)
                if (amount := cells.amount(column)) is not None
            },
        }
        for name in ("optimistic_days", "likely_days", "pessimistic_days"):
            values[name] = cells.days(name, maximum=MAXIMUM_DAYS, required=False)
        if task.custom.get("not_before"):
            values["not_before"] = cells.date("not_before")
        for name in ("trl_from", "trl_to"):
            values[name] = cells.whole_number(name, minimum=1, maximum=9, required=False)
        return values

    def _days(self, task: _Task) -> int:
        text = text_of(task.element, "Duration")
        if not text:
            return 0
        match = _DURATION.fullmatch(text)
        if match is None or text in ("P", "PT"):
            self.refuse(
                f"task {task.uid}: Duration",
                f"expected a duration such as PT8H0M0S, found {text[:40]}",
            )
            return 0
        minutes = (
            _whole(match[2] or "") * 1440 + _whole(match[3] or "") * 60 + _whole(match[4] or "")
        )
        if match[1] and minutes:
            reason = "expected a duration that is not negative"
            self.refuse(f"task {task.uid}: Duration", reason, errors.NegativeDuration)
            return 0
        elapsed = _whole(text_of(task.element, "DurationFormat")) in _ELAPSED
        day = 1440 if elapsed else self.day
        if minutes % day:
            self.count("durations that are no whole days, rounded up")
        return math.ceil(minutes / day)

    def _links(self, tasks: dict[str, _Task]) -> None:
        made = 0
        for task in tasks.values():
            for link in _children(task.element, "PredecessorLink"):
                if text_of(link, "CrossProject") == "1":
                    self.count("links to other projects, not read")
                    continue
                uid = text_of(link, "PredecessorUID")
                place = f"task {task.uid}: PredecessorLink"
                if uid not in tasks:
                    if uid and uid != "0":
                        self.refuse(
                            place, f"there is no task with the UID {uid[:20]}",
                            errors.UnknownMilestone,
                        )  # fmt: skip
                    continue
                number = _whole(text_of(link, "Type") or "1", -1)
                if not 0 <= number <= 3:
                    self.refuse(place, "expected a type from 0 (FF) to 3 (SS)")
                    continue
                kind = KINDS[number]
                befores = self._ends(tasks[uid], tasks, kind[0] == "F")
                afters = self._ends(task, tasks, kind[1] == "S")
                if not befores or not afters:
                    self.count(
                        "links of summary tasks that no link of their tasks can say, not read"
                    )
                    continue
                made += len(befores) * len(afters)
                if made > MOST_DEPENDENCIES:
                    reason = f"expected at most {MOST_DEPENDENCIES:,} dependencies"
                    self.refuse(place, reason, errors.UnreadableFile)
                    return
                for before in befores:
                    for after in afters:
                        values = {
                            "from": before.code, "to": after.code, "kind": kind,
                            "lag_days": self._lag(link, before, task),
                        }  # fmt: skip
                        self.assembly.add_dependency(values, self._place(task))

    def _ends(self, task: _Task, tasks: dict[str, _Task], whole: bool) -> list[_Task]:
        """The tasks that a link to ``task`` ties: of a summary all, where that says the same."""
        if not task.summary:
            return [task]
        if not whole:
            return []
        return [each for each in tasks.values() if task.uid in each.above and not each.summary]

    def _lag(self, link: Element, before: _Task, task: _Task) -> int:
        """The lag in days; it is given in tenths of minutes, or in per cent of a duration."""
        given = text_of(link, "LinkLag")
        lag, unit = _whole(given), _whole(text_of(link, "LagFormat"))
        if not lag and given.strip("-0"):
            reason = f"expected a whole number of tenths of minutes, found {given[:40]}"
            self.refuse(f"task {task.uid}: LinkLag", reason)
        if unit in _PERCENT:
            self.count("lags in per cent, turned into days")
            return round(self._days(before) * lag / 100)
        day = (1440 if unit in _ELAPSED else self.day) * 10
        if lag % day:
            self.count("lags that are no whole days, rounded up")
        return math.ceil(lag / day)

    def _day(self, element: Element, name: str, where: str, *, needed: bool = False) -> date | None:
        """The day of a date and time; programs write nothing, or NA, for none."""
        text = text_of(element, name)
        if text in ("", "NA") and not needed:
            return None
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            self.refuse(where, f"expected a date and time, found {text[:40] or 'nothing'}")
            return None


class _Fields(Cells):
    """The custom fields of a task; messages name the task."""

    def __init__(self, file: str, row: Row, problems: list[Problem], name: str) -> None:
        super().__init__(file, row, problems)
        self.name = name

    def refuse(self, column: str, reason: str, kind: type[Any] = errors.InvalidCell) -> None:
        where = f"{self.name}: {column}"
        self.problems.append(Problem(kind.code, self.file, None, where, reason))
