"""What taking over a file would change in a draft. Pure.

``filled`` lets a draft that is silent about something say what is there already, so that what is
compared, shown and written is one and the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from core.text import LANGUAGES, LocalizedText
from roadmap.draft import BudgetSource, Draft, DraftDependency, DraftMilestone

DependencyKey = tuple[str, str, str]
_MILESTONE_FIELDS = tuple(
    each.name for each in fields(DraftMilestone) if each.name not in ("code", "line")
)
_DEPENDENCY_FIELDS = ("lag_days", "support", "rationale", "ruling")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of something that stays: what it says before and after."""

    subject: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class DraftChanges:
    """The difference of two drafts. Dependencies are (from, to, kind)."""

    milestones_added: tuple[str, ...]
    milestones_removed: tuple[str, ...]
    milestones_changed: tuple[FieldChange, ...]
    dependencies_added: tuple[DependencyKey, ...]
    dependencies_removed: tuple[DependencyKey, ...]
    dependencies_changed: tuple[FieldChange, ...]
    # Title, start, areas, parents and chapters of the roadmap itself.
    about: tuple[FieldChange, ...]

    @property
    def count(self) -> int:
        return sum(len(getattr(self, each.name)) for each in fields(self))


def filled(draft: Draft, present: Draft) -> Draft:
    """``draft`` with what it is silent about as ``present`` has it."""
    if not draft.silent:
        return draft
    there = present.by_code
    milestones = tuple(
        _fill(each, there.get(each.code), _MILESTONE_FIELDS, draft.silent)
        for each in draft.milestones
    )
    by_key = _by_key(present.dependencies)
    dependencies = []
    for each in draft.dependencies:
        same = by_key[key_of(each)]
        old = same.pop(0) if same else None
        dependencies.append(_fill(each, old, _DEPENDENCY_FIELDS, draft.silent))
    areas, parents = draft.areas, draft.parents
    if "areas" in draft.silent:
        areas = present.areas | {
            code: title for code, title in draft.areas.items() if code not in present.areas
        }
    title = draft.title
    if "other_languages" in draft.silent:
        areas = {code: _with_others(text, present.areas.get(code)) for code, text in areas.items()}
        title = title and _with_others(title, present.title)
    if "areas" in draft.silent or "parents" in draft.silent:
        parents = {
            code: parent
            for code, parent in present.parents.items()
            if code in areas and parent in areas
        } | dict(draft.parents)
    return replace(
        draft, title=title, milestones=milestones, dependencies=tuple(dependencies), areas=areas,
        parents=parents, silent=frozenset(),
    )  # fmt: skip


def changes_between(before: Draft | None, after: Draft) -> DraftChanges:
    """What differs; ``after`` is to be ``filled``. Without ``before`` all of it is new."""
    before = before or Draft((), (), {})
    old, new = before.by_code, after.by_code
    added: list[DependencyKey] = []
    removed: list[DependencyKey] = []
    changed: list[FieldChange] = []
    present = _by_key(before.dependencies)
    for dependency in after.dependencies:
        key = key_of(dependency)
        if not present[key]:
            added.append(key)
            continue
        changed += _differences(
            f"{key[0]}>{key[1]} {key[2]}", present[key].pop(0), dependency, _DEPENDENCY_FIELDS
        )
    for key, rest in present.items():
        removed += [key] * len(rest)
    return DraftChanges(
        milestones_added=tuple(code for code in new if code not in old),
        milestones_removed=tuple(code for code in old if code not in new),
        milestones_changed=tuple(
            change
            for code, milestone in new.items()
            if code in old
            for change in _differences(code, old[code], milestone, _MILESTONE_FIELDS)
        ),
        dependencies_added=tuple(added),
        dependencies_removed=tuple(sorted(removed)),
        dependencies_changed=tuple(changed),
        about=tuple(_about(before, after)),
    )


def dates_before_start(draft: Draft, start: date) -> list[tuple[DraftMilestone, str, date]]:
    """Dates of windows that lie before day 0: they are kept, and a first day binds nothing."""
    return [
        (each, field, day)
        for each in draft.milestones
        for field in ("not_before", "fixed_start", "finish_by")
        if (day := getattr(each, field)) is not None and day < start
    ]


def key_of(dependency: DraftDependency) -> DependencyKey:
    """What a dependency is recognised by."""
    return dependency.before, dependency.after, dependency.kind.value


def _with_others(text: LocalizedText, old: LocalizedText | None) -> LocalizedText:
    """A text that was given in one language, with the others that there are already."""
    return LocalizedText({**old, **text}, old.fallback) if old else text


def _by_key(
    dependencies: Sequence[DraftDependency],
) -> dict[DependencyKey, list[DraftDependency]]:
    """Of several with the same ends and kind, the first in the draft's order first."""
    by_key: dict[DependencyKey, list[DraftDependency]] = defaultdict(list)
    for each in dependencies:
        by_key[key_of(each)].append(each)
    return by_key


def _fill(row: Any, old: Any, names: Sequence[str], silent: frozenset[str]) -> Any:
    if old is None:
        return row
    values = {name: getattr(old, name) for name in names if name in silent}
    for name in ("title", "description", "rationale"):
        if name in names and name not in values:
            kept = {
                language: text
                for language, text in getattr(old, name).items()
                if f"{name}_{language}" in silent and language not in getattr(row, name)
            }
            if kept:
                text = getattr(row, name)
                fallback = getattr(old, name).fallback
                values[name] = LocalizedText({**text, **kept}, fallback)
    sources = {
        source: old.budget[source]
        for source in BudgetSource
        if f"budget_{source.value}" in silent and "budget" in names and source in old.budget
    }
    if sources:
        together = {**row.budget, **sources}
        values["budget"] = {
            source: together[source] for source in BudgetSource if source in together
        }
    return replace(row, **values) if values else row


def _differences(
    subject: str, before: Any, after: Any, names: Sequence[str]
) -> Iterator[FieldChange]:
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if isinstance(old, LocalizedText) or name == "budget":
            yield from _entries(subject, name, old, new)
        else:
            yield FieldChange(subject, name, old, new)


def _entries(
    subject: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[FieldChange]:
    """A text by language, or a budget by source, entry by entry."""
    keys = [key for key in (*LANGUAGES, *BudgetSource) if key in old or key in new]
    different = [key for key in keys if old.get(key) != new.get(key)]
    for key in different:
        ending = key.value if isinstance(key, BudgetSource) else key
        yield FieldChange(subject, f"{name}_{ending}", old.get(key), new.get(key))
    if not different and isinstance(old, LocalizedText) and isinstance(new, LocalizedText):
        yield FieldChange(subject, f"{name}_language", old.fallback, new.fallback)


def _about(before: Draft, after: Draft) -> Iterator[FieldChange]:
    if after.title is not None and after.title != before.title:
        yield FieldChange("", "title", before.title, after.title)
    if after.start is not None and after.start != before.start:
        yield FieldChange("", "start", before.start, after.start)
    for code in dict.fromkeys((*before.areas, *after.areas)):
        old, new = before.areas.get(code), after.areas.get(code)
        if old != new:
            yield FieldChange(code, "area", old, new)
        above, above_now = before.parents.get(code, ""), after.parents.get(code, "")
        if above != above_now:
            yield FieldChange(code, "parent", above, above_now)
    if after.chapters is not None and before.chapters is not None:
        old_chapters = {each.code: each for each in before.chapters}
        new_chapters = {each.code: each for each in after.chapters}
        for code in dict.fromkeys((*old_chapters, *new_chapters)):
            if old_chapters.get(code) != new_chapters.get(code):
                yield FieldChange(code, "chapter", old_chapters.get(code), new_chapters.get(code))
