"""Whether an edition lists what changed, all of it and nothing else. Standard library only."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from roadmap.editions.verifying.canonical import Document, canonical, fail
from roadmap.editions.verifying.dates import pair_of
from roadmap.editions.verifying.schema import EDITIONS

_FIRST_FIELDS: tuple[str, ...] = (
    "not_before", "duration_days", "earliest_start", "earliest_finish", "title", "description",
    "agenda", "area", "lead", "trl_from", "trl_to",
)  # fmt: skip
_FIELDS: tuple[str, ...] = (
    *_FIRST_FIELDS, "fixed_start", "finish_by", "optimistic_days", "likely_days",
    "pessimistic_days", "participants", "stage", "kpis", "budget", "themes", "links", "standards",
    "spectrum",
)  # fmt: skip
_BONDS = ("kind", "lag_days", "support", "suspended", "rationale", "ruling")


def check_what_is_now(edition: Document) -> None:
    """Each change leads to what this edition says."""
    _check_side(edition, edition["changes"], "after", gone="removed")


def _check_side(edition: Document, changes: Iterable[Document], side: str, *, gone: str) -> None:
    milestones = {each["code"]: each for each in edition["milestones"]}
    for change in changes:
        if change.get("element", "milestone") != "milestone" or change["kind"] == "dependency":
            continue
        code, kind, said = change["code"], change["kind"], change[side]
        where = f"changes {code} ({kind}).{side}"
        if (code in milestones) != (kind != gone):
            fail(where, "names no milestone of that edition" if kind != gone else "is still there")
        if kind in ("added", "removed", "reprioritised"):
            continue
        for name, value in (said or {}).items():
            found = milestones[code].get(name)
            days = name.startswith("earliest_") and isinstance(value, str)
            if found != value and not days and not (is_empty(found) and is_empty(value)):
                fail(f"{where}.{name}", "is not what that edition says")


def check_changes(older: Document, newer: Document) -> None:
    """Every difference between two editions is listed, and nothing else."""
    changes = newer["changes"]
    _check_side(older, changes, "before", gone="added")
    second = newer["schema"] == EDITIONS[1]
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for change in changes:
        element = change.get("element") or (
            "dependency" if change["kind"] == "dependency" else "milestone"
        )
        told[element, change["code"]] |= {
            change["kind"], *(change["before"] or {}), *(change["after"] or {}),
        }  # fmt: skip
    fields = _FIELDS if second else _FIRST_FIELDS
    moved = older["roadmap"]["start"] != newer["roadmap"]["start"]
    fields = tuple(name for name in fields if not (moved and name.startswith("earliest_")))
    groups: list[tuple[str, Sequence[Document], Sequence[Document], tuple[str, ...]]] = [
        ("milestone", older["milestones"], newer["milestones"], fields)
    ]
    if second:
        groups += [
            ("roadmap", _titled(older), _titled(newer), ("title", "start")),
            ("chapter", older.get("chapters", ()), newer["chapters"], ("title", "area")),
            ("area", older["areas"], newer["areas"], ("title", "parent")),
            ("paragraph", paragraphs_of(older), paragraphs_of(newer), ("text",)),
        ]
    for element, before, after, names in groups:
        _check_told(element, before, after, names, told)
    old, new = _bonds(older, second), _bonds(newer, second)
    for pair in {*old, *new}:
        if (old.get(pair) != new.get(pair)) != (("dependency", pair) in told):
            fail(f"changes {pair}", "does not list how the dependency changed")


def _check_told(
    element: str,
    before: Sequence[Document],
    after: Sequence[Document],
    names: Sequence[str],
    told: Mapping[tuple[str, str], set[str]],
) -> None:
    old, new = {each["code"]: each for each in before}, {each["code"]: each for each in after}
    for code in {*old, *new}:
        here = told.get((element, code), set())
        if (code in old) != (code in new):
            if ("added" if code in new else "removed") not in here:
                fail(f"changes {code}", f"does not list that the {element} came or went")
            continue
        scores = [(each[code].get("priority") or {}).get("score") for each in (old, new)]
        if None not in scores and scores[0] != scores[1] and "reprioritised" not in here:
            fail(f"changes {code}", "does not list the other priority")
        for name in names:
            was, now = old[code].get(name), new[code].get(name)
            if was != now and not (is_empty(was) and is_empty(now)) and name not in here:
                fail(f"changes {code}.{name}", "differs from the edition before and is not listed")


def _titled(edition: Document) -> list[Document]:
    return [{**edition["roadmap"], "code": edition["roadmap"]["slug"]}]


def paragraphs_of(edition: Document) -> list[Document]:
    return [each for chapter in edition.get("chapters", ()) for each in chapter["paragraphs"]]


def _bonds(edition: Document, second: bool) -> dict[str, Counter[str]]:
    bonds: dict[str, Counter[str]] = defaultdict(Counter)
    for each in edition["dependencies"]:
        said = {name: each.get(name) for name in (_BONDS if second else _BONDS[:4])}
        kept = {name: value for name, value in said.items() if not is_empty(value)}
        bonds[pair_of(each)][canonical(kept)] += 1
    return bonds


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
