"""Members and types of an edition, as far as they can be checked. Standard library only."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from roadmap.editions.verifying.canonical import Document, fail

EDITIONS = ("waymark/edition/1", "waymark/edition/2")
_LARGEST_DAY = 10**9


def check_schema(edition: Document) -> None:
    """Raises ``Fault`` naming the first member that is missing, unknown or of another type."""
    second = edition["schema"] == EDITIONS[1]
    check_shape(edition, _EDITION | (_SECOND if second else {}), "")


# Members and types: a type, a test, [of each], {member: …}, (one, of, these). "?" may be absent;
# ... stands for members that are not looked at.


def _day(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _decimal(value: Any) -> bool:
    return (
        isinstance(value, str) and re.fullmatch(r"-?\d{1,40}(\.\d{1,40})?", value, re.A) is not None
    )


def is_hash(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


def _version(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{1,4}\.\d{1,4}", value, re.A) is not None


def _days(value: Any) -> bool:
    return type(value) is int and abs(value) <= 1000 * _LARGEST_DAY


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


_TEXTS = {str: str}
_EXPECTED: dict[Any, str] = {
    str: "a text", int: "a whole number", bool: "true or false", None: "null",
    _day: "a day such as 2026-01-31", _decimal: "a decimal number as text", is_hash: "a SHA-256",
    _version: "a version such as 1.0", _days: "days as a whole number", _count: "a count",
}  # fmt: skip
_KIND = ("FS", "SS", "FF", "SF")
_COUNTED = {"label": str, "count": (_count, None), ...: ...}
_EVIDENCE = {
    "consultation": str, "question": str, "question_title": _TEXTS, "option": (str, None),
    "option_label": (_TEXTS, None), "answered": (_count, None), "counts": [_COUNTED],
    "by_group": [{"group": str, "answered": (_count, None), "counts": [_COUNTED], ...: ...}],
    "score": (_decimal, None), "value": (str, None), "n": (_count, None),
    "formula": (str, None), "query": str, ...: ...,
}  # fmt: skip
_MILESTONE = {
    "code": str, "title": _TEXTS, "description": _TEXTS, "agenda": str, "area": str,
    "duration_days": _count, "not_before": (_day, None), "lead": str, "trl_from": (int, None),
    "trl_to": (int, None), "earliest_start": _days, "earliest_finish": _days,
    "latest_start": _days, "latest_finish": _days, "total_slack": _days, "free_slack": _days,
    "critical": bool,
    "priority": ({"score": _decimal, "n": _count, "formula": str, ...: ...}, None),
    "evidence": [_EVIDENCE],
}  # fmt: skip
_DEPENDENCY = {
    "from": str, "to": str, "kind": _KIND, "lag_days": _days, "support": _decimal,
    "suspended": bool, "evidence": [_EVIDENCE],
}  # fmt: skip
_CONTRADICTION = {
    "from": str, "to": str, "kind": _KIND, "support": _decimal, "cycle": [str],
}  # fmt: skip
_CHANGE = {
    "kind": ("added", "removed", "moved", "reworded", "reprioritised", "dependency", "revised"),
    "code": str, "before": ({str: ...}, None), "after": ({str: ...}, None),
    "evidence": [{...: ...}], "reasons": [str],
}  # fmt: skip
_EDITION: dict[str, Any] = {
    "schema": EDITIONS,
    "roadmap": {"slug": str, "title": _TEXTS, "start": _day},
    "version": _version,
    "previous": ({"version": _version, "sha256": is_hash}, None),
    "published_on": _day,
    "simulated": bool,
    "areas": [{"code": str, "title": _TEXTS}],
    "milestones": [_MILESTONE],
    "dependencies": [_DEPENDENCY],
    "contradictions": [_CONTRADICTION],
    "contradictions_exact": bool,
    "schedule": {"makespan_days": _days},
    "consultations": [{
        "slug": str, "title": _TEXTS, "kind": str, "responses": (_count, None),
        "by_respondent_type": [_COUNTED], "by_country": [_COUNTED], ...: ...,
    }],
    "votes": [{
        "slug": str, "yes": _count, "no": _count, "abstain": _count, "not_voting": _count,
        "attained": bool, "ballots": [{"delegation": str, "choice": str, ...: ...}], ...: ...,
    }],
    "decisions": [{"subject": str, "change": str, "reason": str, "decided_on": _day}],
    "changes": [_CHANGE],
}  # fmt: skip
_SECOND: dict[str, Any] = {
    "frozen_at": str,
    "published_by": (str, None),
    "published_on": (_day, None),
    "approved_sha256": (is_hash, None),
    "approvals": [{"role": str, "approved_on": _day}],
    "areas": [{"code": str, "title": _TEXTS, "parent": (str, None)}],
    "milestones": [_MILESTONE | {
        "optimistic_days": (_count, None), "likely_days": (_count, None),
        "pessimistic_days": (_count, None), "fixed_start": (_day, None),
        "finish_by": (_day, None), "stage": str, "kpis": [{"name": _TEXTS, ...: ...}],
        "budget": {str: _decimal}, "participants": [str], "themes": [str],
        "links": [{str: str}], "standards": [str], "spectrum": [str],
        "p50_finish": (_days, None), "p80_finish": (_days, None), "criticality": (_decimal, None),
    }],
    "dependencies": [_DEPENDENCY | {"rationale": _TEXTS, "ruling": str, "redundant": bool}],
    "contradictions": [_CONTRADICTION | {"lag_days": _days}],
    "contradictions_kept": [[str]],
    "schedule": {"makespan_days": _days, "conflicts": [{"code": str, ...: ...}]},
    "simulation": ({"samples": _count, "seed": int, "p50": _days, "p80": _days}, None),
    "chapters": [{"code": str, "paragraphs": [{"code": str, "text": _TEXTS, ...: ...}], ...: ...}],
    "rules": [{...: ...}],
    "evidence": [{"subject": str, "figure": str, "n": (_count, None), ...: ...}],
    "proposals": [{"number": int, "decision": str, ...: ...}],
    "decisions": [{"subject": str, "change": str, "reason": str, "decided_on": _day,
                   "proposal": (int, None)}],
    "changes": [_CHANGE | {"element": str, "proposals": [int]}],
}  # fmt: skip


def check_shape(value: Any, shape: Any, where: str) -> None:
    if shape is ... or (shape is None and value is None):
        return
    if isinstance(shape, tuple) and all(isinstance(each, str) for each in shape):
        if value not in shape:
            fail(where, f"expected {' or '.join(shape)}")
    elif isinstance(shape, tuple):
        kind, _ = shape
        if value is not None:
            check_shape(value, kind, where)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            fail(where, "expected a list")
        for position, each in enumerate(value):
            check_shape(each, shape[0], f"{where}[{position}]")
    elif isinstance(shape, dict):
        _check_members(value, shape, where)
    elif type(value) is not shape if isinstance(shape, type) else not shape(value):
        fail(where, f"expected {_EXPECTED[shape]}")


def _check_members(value: Any, shape: Mapping[Any, Any], where: str) -> None:
    if not isinstance(value, dict):
        fail(where, "expected an object")
    inside = f"{where}." if where else ""
    if str in shape:
        for key, each in value.items():
            check_shape(each, shape[str], f"{inside}{key}")
        return
    named = [key for key in shape if key is not ...]
    for key in named:
        if key not in value:
            fail(f"{inside}{key}", "is missing")
        check_shape(value[key], shape[key], f"{inside}{key}")
    if ... not in shape and (unknown := sorted(value.keys() - set(named))):
        fail(f"{inside}{unknown[0][:60]}", "is no member of this schema")
