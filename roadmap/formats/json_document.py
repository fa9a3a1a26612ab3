"""A roadmap as one JSON document, ``waymark/roadmap/1``.

docs/schemas/waymark-roadmap-1.json describes it, and is ``json_schema.schema()``. Dates are
2026-01-31, or a quarter (2026-Q1); amounts and supports are exact decimals in text. A field that
no milestone (or no dependency) of the document has is one that it says nothing about.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from core.text import LANGUAGES, LocalizedText
from roadmap import calendar, errors
from roadmap.draft import BudgetSource, Draft, Kpi, Link
from roadmap.errors import Problem
from roadmap.formats.assembling import (
    MOST_DEPENDENCIES,
    MOST_MILESTONES,
    Assembly,
    Place,
)
from roadmap.formats.columns import DEPENDENCY_OPTIONS, LISTS
from roadmap.formats.folder import ChapterFile, add_chapter, chapter_document

FORMAT = "waymark/roadmap/1"
MAXIMUM_BYTES = 100_000_000
_TEXTS = ("title", "description")
REQUIRED = ("code", "title", "agenda", "area", "duration_days")
_OPTIONAL = (
    "description", "not_before", "fixed_start", "finish_by", "optimistic_days", "likely_days",
    "pessimistic_days", "lead", "trl_from", "trl_to", "stage", "kpis", "budget", "participants",
    "themes", "links", "standards", "spectrum",
)  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _KpiFile(_Strict):
    name: dict[str, str]
    target: str
    baseline: str = ""
    unit: str = ""
    due: str = ""


class _LinkFile(_Strict):
    kind: str
    name: str
    url: str = ""


class _MilestoneFile(_Strict):
    code: str
    title: dict[str, str]
    agenda: str
    area: str
    duration_days: int
    description: dict[str, str] = {}
    not_before: str | None = None
    fixed_start: str | None = None
    finish_by: str | None = None
    optimistic_days: int | None = None
    likely_days: int | None = None
    pessimistic_days: int | None = None
    lead: str = ""
    trl_from: int | None = None
    trl_to: int | None = None
    stage: str = ""
    kpis: list[_KpiFile] = []
    budget: dict[str, str] = {}
    participants: list[str] = []
    themes: list[str] = []
    links: list[_LinkFile] = []
    standards: list[str] = []
    spectrum: list[str] = []


class _DependencyFile(_Strict):
    # ``from`` is a word of the language.
    model_config = ConfigDict(
        strict=True, extra="forbid", alias_generator=lambda name: name.rstrip("_")
    )

    from_: str
    to: str
    kind: str
    lag_days: int
    support: str = "1"
    rationale: dict[str, str] = {}
    ruling: str = ""


class _AreaFile(_Strict):
    code: str
    title: dict[str, str]
    parent: str = ""


def read_json(content: bytes, *, file: str, language: str = "en") -> Draft:
    """The roadmap in ``content``; raises ``UnreadableRoadmap`` with everything that is wrong."""
    problems: list[Problem] = []
    document = _load(content, file, problems)
    if problems:
        raise errors.refuse(problems)
    reader = _Reader(file, document, problems)
    return reader.read(language)


class _Reader:
    def __init__(self, file: str, document: dict[str, Any], problems: list[Problem]) -> None:
        self.file = file
        self.document = document
        self.problems = problems
        self.assembly = Assembly(home=file, problems=problems)

    def read(self, language: str) -> Draft:
        document = self.document
        known = ("$schema", "format", "title", "start", "areas", "milestones", "dependencies",
                 "chapters")  # fmt: skip
        for key in document:
            if key not in known:
                self.refuse(key, f"expected one of {', '.join(known)}")
        if document.get("format") != FORMAT:
            self.refuse("format", f"expected {FORMAT}")
        title = self._title()
        start = None
        if document.get("start") is not None:
            start = calendar.read_date(str(document["start"]))
            if start is None:
                self.refuse("start", f"expected {calendar.EXPECTED}")
        areas = self._entries("areas", _AreaFile, 10_000) if "areas" in document else {}
        for key, area in areas.items():
            self.assembly.add_area(
                area.code, LocalizedText(area.title), area.parent, self.place(key)
            )
        chapters = self._entries("chapters", ChapterFile, 10_000) if "chapters" in document else {}
        for key, chapter in chapters.items():
            add_chapter(self.assembly, chapter, self.file, key)
        milestones = self._entries("milestones", _MilestoneFile, MOST_MILESTONES)
        for key, milestone in milestones.items():
            values = {
                name: self._value(key, name, getattr(milestone, name))
                for name in milestone.model_fields_set
            }
            self.assembly.add_milestone(values, self.place(key))
        dependencies = self._entries("dependencies", _DependencyFile, MOST_DEPENDENCIES)
        for key, dependency in dependencies.items():
            values = {name: getattr(dependency, name) for name in dependency.model_fields_set}
            values["from"] = values.pop("from_")
            if "support" in values:
                values["support"] = self._decimal(f"{key}.support", values["support"])
            self.assembly.add_dependency(values, self.place(key))
        return self.assembly.finish(
            title=title,
            start=start,
            language=title.fallback if title else language,
            has_chapters=document.get("chapters") is not None,
            silent=self._silent(milestones, dependencies, areas),
        )

    def refuse(self, key: str, reason: str) -> None:
        self.problems.append(Problem(errors.InvalidCell.code, self.file, None, key, reason))

    def place(self, key: str) -> Place:
        return Place(self.file, None, lambda field: f"{key}.{field}")

    def _title(self) -> LocalizedText | None:
        given = self.document.get("title")
        if given is None:
            return None
        if not isinstance(given, dict) or not given:
            self.refuse("title", "expected a text in at least one language")
            return None
        for language, text in given.items():
            if language not in LANGUAGES:
                self.refuse(f"title.{language}", "expected the code of an official EU language")
            elif not isinstance(text, str) or not 1 <= len(text.strip()) <= 500:
                self.refuse(f"title.{language}", "expected a text of 1 to 500 characters")
        return LocalizedText({code: str(text).strip() for code, text in given.items()})

    def _entries(self, name: str, model: type[Any], most: int) -> dict[str, Any]:
        """The entries of a list by their key (``milestones.3``), those that have the form."""
        given = self.document.get(name)
        if given is None and name in ("dependencies", "chapters"):
            given = []
        if not isinstance(given, list):
            self.refuse(name, "expected a list")
            return {}
        if len(given) > most:
            self.refuse(name, f"expected at most {most:,} entries, found {len(given):,}")
            return {}
        entries = {}
        for number, entry in enumerate(given):
            try:
                entries[f"{name}.{number}"] = model.model_validate(entry)
            except ValidationError as error:
                for each in error.errors():
                    place = ".".join(map(str, (name, number, *each["loc"])))
                    reason = "expected an object" if each["type"] == "model_type" else each["msg"]
                    self.refuse(place, reason)
        return entries

    def _value(self, key: str, name: str, value: Any) -> Any:
        """The value of a milestone's field, from JSON's types to ours."""
        if name in calendar.ENDS and value is not None:
            day = calendar.read_date(value, end=calendar.ENDS[name])
            if day is None:
                self.refuse(f"{key}.{name}", f"expected {calendar.EXPECTED}")
            return day
        if name == "budget":
            return {
                source: self._decimal(f"{key}.budget.{source}", amount)
                for source, amount in value.items()
            }
        if name == "kpis":
            return [Kpi.from_document(each.model_dump()) for each in value]
        if name == "links":
            return [Link(**each.model_dump()) for each in value]
        return LocalizedText(value) if name in _TEXTS else value

    def _decimal(self, key: str, text: str) -> Decimal:
        try:
            return Decimal(text)
        except InvalidOperation:
            self.refuse(key, "expected a decimal number in text, such as “1500000.50”")
            return Decimal(1)

    def _silent(
        self,
        milestones: Mapping[str, _MilestoneFile],
        dependencies: Mapping[str, _DependencyFile],
        areas: Mapping[str, _AreaFile],
    ) -> frozenset[str]:
        said = {name for each in milestones.values() for name in each.model_fields_set}
        silent = {name for name in _OPTIONAL if name not in said}
        said = {name for each in dependencies.values() for name in each.model_fields_set}
        if dependencies:
            silent |= {name for name in DEPENDENCY_OPTIONS if name not in said}
        if areas and not any("parent" in each.model_fields_set for each in areas.values()):
            silent.add("parents")
        if not areas:
            silent.add("parents")
        return frozenset(silent)


def _load(content: bytes, file: str, problems: list[Problem]) -> dict[str, Any]:
    def refuse(reason: str, line: int | None = None) -> None:
        problems.append(Problem(errors.UnreadableFile.code, file, line, None, reason))

    if len(content) > MAXIMUM_BYTES:
        refuse(f"the file is larger than {MAXIMUM_BYTES:,} bytes")
        return {}
    try:
        document = json.loads(
            content.decode("utf-8-sig"), parse_int=_whole_number, object_pairs_hook=_object
        )
    except UnicodeDecodeError as error:
        refuse("expected text in UTF-8", content.count(b"\n", 0, error.start) + 1)
    except json.JSONDecodeError as error:
        refuse(f"is not well-formed JSON: {error.msg}", error.lineno)
    except RecursionError:
        refuse("is nested too deeply")
    except _KeyTwice as error:
        refuse(f"the key {error.args[0]!r} is there twice in one object")
    else:
        if isinstance(document, dict):
            return document
        refuse("expected an object")
    return {}


class _KeyTwice(Exception):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _KeyTwice(next(key for key in keys if keys.count(key) > 1)[:60])
    return found


def _whole_number(digits: str) -> int:
    # Longer ones are refused later, wherever they are; converting them would take very long.
    return int(digits[:20])


def write_json(draft: Draft) -> bytes:
    """``draft`` as JSON that ``read_json`` reads back to the same draft."""
    document: dict[str, Any] = {"format": FORMAT}
    if draft.title is not None:
        document["title"] = draft.title.as_dict()
    if draft.start is not None:
        document["start"] = draft.start.isoformat()
    if "areas" not in draft.silent:
        document["areas"] = [
            {"code": code, "title": title.as_dict()}
            | ({} if "parents" in draft.silent else {"parent": draft.parents.get(code, "")})
            for code, title in draft.areas.items()
        ]
    document["milestones"] = [
        {
            name: _as_json(name, getattr(each, name))
            for name in (*REQUIRED, *_OPTIONAL)
            if name not in draft.silent
        }
        for each in draft.milestones
    ]
    document["dependencies"] = [
        {
            name: value
            for name, value in {
                "from": each.before,
                "to": each.after,
                "kind": each.kind.value,
                "lag_days": each.lag_days,
                "support": format(each.support, "f"),
                "rationale": each.rationale.as_dict(),
                "ruling": each.ruling.value,
            }.items()
            if name not in draft.silent
        }
        for each in draft.dependencies
    ]
    if draft.chapters is not None:
        document["chapters"] = [chapter_document(chapter) for chapter in draft.chapters]
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


_WRITERS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_TEXTS, LocalizedText.as_dict),
    **{name: lambda day: day and day.isoformat() for name in calendar.ENDS},
    **dict.fromkeys(LISTS, list),
    "kpis": lambda kpis: [kpi.as_document() for kpi in kpis],
    "links": lambda links: [link.as_document() for link in links],
    "budget": lambda budget: {
        source.value: format(budget[source], "f") for source in BudgetSource if source in budget
    },
}


def _as_json(name: str, value: Any) -> Any:
    write = _WRITERS.get(name)
    return write(value) if write else value
