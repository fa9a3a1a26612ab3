"""What changed between two editions, element by element. Pure: two documents in, changes out.

A change carries the evidence behind it: what the newer edition names for the element and the
older one did not, and where nothing is new, all that it names. A change without any evidence has
an empty list, and is listed all the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

Document = Mapping[str, Any]
Change = dict[str, Any]

# A priority that moved by less than this is not worth a line (scores have two decimals).
SMALLEST_PRIORITY_STEP: Final = 0.01
_TIMES: Final = ("not_before", "duration_days", "earliest_start", "earliest_finish")
_WORDS: Final = ("title", "description")
_FACTS: Final = ("agenda", "area", "lead", "trl_from", "trl_to")
_BONDS: Final = ("kind", "lag_days", "support", "suspended")


def compare_editions(older: Document, newer: Document) -> list[Change]:
    """Changes as ``{"kind", "code", "before", "after", "evidence"}``, milestones first.

    ``kind``: added, removed, moved (in time), reworded, revised (agenda, area, lead or TRL),
    reprioritised, dependency. ``before`` and ``after`` hold only what differs, or None. The code
    of a dependency is ``FROM>TO``.
    """
    return [*_milestone_changes(older, newer), *_dependency_changes(older, newer)]


def _milestone_changes(older: Document, newer: Document) -> Iterator[Change]:
    before = {milestone["code"]: milestone for milestone in older["milestones"]}
    after = {milestone["code"]: milestone for milestone in newer["milestones"]}
    for code in _both(before, after):
        old, new = before.get(code), after.get(code)
        if old is None and new is not None:
            yield _change(
                "added", code, None, {"title": new["title"], "area": new["area"]}, (), new
            )
        elif new is None and old is not None:
            gone = {"title": old["title"], "area": old["area"]}
            yield _change("removed", code, gone, None, (), old)
        elif old is not None and new is not None:
            yield from _differences(code, old, new)


def _differences(code: str, old: Document, new: Document) -> Iterator[Change]:
    for kind, fields in (("moved", _TIMES), ("reworded", _WORDS), ("revised", _FACTS)):
        differing = [name for name in fields if old.get(name) != new.get(name)]
        if differing:
            yield _change(
                kind, code, {name: old.get(name) for name in differing},
                {name: new.get(name) for name in differing}, old.get("evidence") or (), new,
            )  # fmt: skip
    score_before, score_after = _score(old), _score(new)
    # A first score is evidence where there was none, not another priority.
    if score_before is not None and (
        score_after is None
        or abs(float(score_after) - float(score_before)) >= SMALLEST_PRIORITY_STEP
    ):
        yield _change(
            "reprioritised", code, score_before and {"score": score_before},
            score_after and {"score": score_after}, old.get("evidence") or (), new,
        )  # fmt: skip


def _dependency_changes(older: Document, newer: Document) -> Iterator[Change]:
    before, after = _by_pair(older), _by_pair(newer)
    for pair in _both(before, after):
        # Between two milestones there may be several: those that are the same on both sides drop
        # out, the rest is matched in order.
        old, new = list(before.get(pair, ())), list(after.get(pair, ()))
        for bond in list(old):
            twin = next((other for other in new if _bond(other) == _bond(bond)), None)
            if twin is not None:
                old.remove(bond)
                new.remove(twin)
        for position in range(max(len(old), len(new))):
            was = old[position] if position < len(old) else None
            now = new[position] if position < len(new) else None
            yield _change(
                "dependency", pair, was and _bond(was), now and _bond(now),
                (was or {}).get("evidence") or (), now or was or {},
            )  # fmt: skip


def _by_pair(edition: Document) -> dict[str, list[Document]]:
    pairs: dict[str, list[Document]] = {}
    for dependency in edition["dependencies"]:
        pairs.setdefault(f"{dependency['from']}>{dependency['to']}", []).append(dependency)
    return pairs


def _bond(dependency: Document) -> dict[str, Any]:
    return {name: dependency.get(name) for name in _BONDS}


def _score(milestone: Document) -> str | None:
    priority = milestone.get("priority")
    return priority["score"] if priority else None


def _change(
    kind: str, code: str, before: Any, after: Any, known: Iterable[Document], element: Document
) -> Change:
    evidence = list(element.get("evidence") or ())
    seen = [_source(entry) for entry in known]
    fresh = [entry for entry in evidence if _source(entry) not in seen]
    return {
        "kind": kind,
        "code": code,
        "before": before or None,
        "after": after or None,
        "evidence": fresh or evidence,
    }


def _source(evidence: Document) -> tuple[Any, ...]:
    return (evidence["consultation"], evidence["question"], evidence.get("option"))


def _both(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Keys in the newer order, those that are gone at the end in the older one."""
    return [*after, *(key for key in before if key not in after)]
