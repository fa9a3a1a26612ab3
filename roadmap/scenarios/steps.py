"""The steps of a scenario: small changes to a draft, each of which can be done and told. Pure.

A step is a JSON object with ``op`` and what that needs:

    change_milestones    changes: {code: {field: value}}
    add_milestone        code, values: {field: value}
    remove_milestones    codes
    add_dependency       from, to, kind, lag_days, support, rationale
    change_dependency    from, to, changes: {kind, lag_days, support, rationale, ruling}
    remove_dependency    from, to

Values are JSON values as in ``roadmap.draft_documents``. A step that was done carries ``was``,
what the draft said before: so adopting can tell where the draft moved on meanwhile. ``about``
says why it was made, for whoever reads it: {"question": "slip", "code": …, "days": …}.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.draft_checks import (
    check_together,
    clean_code,
    clean_kind,
    clean_lag,
    clean_localized,
    clean_ruling,
    clean_support,
)
from roadmap.draft_documents import (
    dependency_document,
    field_document,
    field_values,
    milestone_document,
)
from roadmap.errors import InvalidDraft

Step = Mapping[str, Any]
REQUIRED = ("title", "agenda", "area", "duration_days")


def apply_steps(draft: Draft, steps: Sequence[Step]) -> Draft:
    """The draft after all steps. Raises ``InvalidDraft`` naming the number of the step."""
    for number, step in enumerate(steps, start=1):
        try:
            draft, _was = do_step(draft, step)
        except InvalidDraft as error:
            reason = f"{error.where}: {error.params['reason']}"
            raise InvalidDraft(where=f"step {number}", reason=reason) from None
    return draft


def do_step(draft: Draft, step: Step) -> tuple[Draft, Any]:
    """The draft after one step, and what it said before at that place (None: nothing).

    Raises ``InvalidDraft`` naming the field, code or dependency that does not allow it.
    """
    operation = _OPERATIONS.get(str(step.get("op")))
    if operation is None:
        raise InvalidDraft(where="op", reason=f"expected one of {', '.join(_OPERATIONS)}")
    try:
        return operation(draft, step)
    except (AttributeError, KeyError, TypeError, InvalidOperation) as error:
        reason = f"the step is not complete ({type(error).__name__}: {error})"
        raise InvalidDraft(where=str(step["op"]), reason=reason) from None


def is_current(draft: Draft, step: Step) -> list[tuple[str, Any, Any]]:
    """Where the draft no longer says what it said when the step was made.

    Each: (subject or subject.field, what it said then, what it says now). Steps are compared one
    by one against the draft that the steps before them have made.
    """
    _draft, now = do_step(draft, step)
    return _differences(str(step["op"]), step.get("was"), now)


def _differences(where: str, was: Any, now: Any) -> list[tuple[str, Any, Any]]:
    if isinstance(was, Mapping) and isinstance(now, Mapping) and set(was) == set(now):
        found = []
        for key in was:
            at = key if where in _OPERATIONS else f"{where}.{key}"
            if isinstance(was[key], Mapping) and where in _OPERATIONS:
                found += _differences(at, was[key], now[key])
            elif was[key] != now[key]:
                found.append((at, was[key], now[key]))
        return found
    return [] if was == now else [(where, was, now)]


def _change_milestones(draft: Draft, step: Step) -> tuple[Draft, Any]:
    was: dict[str, Any] = {}
    changed: dict[str, DraftMilestone] = {}
    for code, changes in step["changes"].items():
        milestone = _milestone(draft, code)
        values = field_values(changes)
        _check_area(draft, values)
        changed[code] = replace(milestone, **values)
        check_together(changed[code], start=draft.start if _dates(values) else None)
        was[code] = {field: field_document(field, getattr(milestone, field)) for field in values}
    milestones = tuple(changed.get(each.code, each) for each in draft.milestones)
    return replace(draft, milestones=milestones), was


def _add_milestone(draft: Draft, step: Step) -> tuple[Draft, Any]:
    code = clean_code(step["code"])
    if code in draft.by_code:
        raise InvalidDraft(where="code", reason=f"{code} exists already")
    values = field_values(step["values"])
    for field in REQUIRED:
        if field not in values:
            raise InvalidDraft(where=field, reason="is missing")
    _check_area(draft, values)
    milestone = DraftMilestone(code=code, **values)
    check_together(milestone, start=draft.start)
    return replace(draft, milestones=(*draft.milestones, milestone)), None


def _remove_milestones(draft: Draft, step: Step) -> tuple[Draft, Any]:
    codes = list(step["codes"])
    was = {code: milestone_document(_milestone(draft, code)) for code in codes}
    gone = set(codes)
    return (
        replace(
            draft,
            milestones=tuple(each for each in draft.milestones if each.code not in gone),
            dependencies=tuple(
                each for each in draft.dependencies if not {each.before, each.after} & gone
            ),
        ),
        was,
    )


def _add_dependency(draft: Draft, step: Step) -> tuple[Draft, Any]:
    for end in ("from", "to"):
        _milestone(draft, step[end], where=end)
    dependency = DraftDependency(
        before=step["from"],
        after=step["to"],
        kind=clean_kind(step.get("kind", "FS")),
        lag_days=clean_lag(_whole(step.get("lag_days", 0), "lag_days")),
        support=clean_support(_decimal(step.get("support", "1"), "support")),
        rationale=clean_localized(
            "rationale", LocalizedText(dict(step.get("rationale", {}))), maximum=2000
        ),
    )
    twins = [
        dependency_document(each)
        for each in draft.dependencies
        if (each.before, each.after) == (dependency.before, dependency.after)
    ]
    return replace(draft, dependencies=(*draft.dependencies, dependency)), twins


def _change_dependency(draft: Draft, step: Step) -> tuple[Draft, Any]:
    at = _find_dependency(draft, step)
    old = draft.dependencies[at]
    values = {}
    for field, value in step["changes"].items():
        if field not in _DEPENDENCY_FIELDS:
            expected = ", ".join(_DEPENDENCY_FIELDS)
            raise InvalidDraft(where=field, reason=f"expected one of {expected}")
        values[field] = _DEPENDENCY_FIELDS[field](value)
    dependencies = list(draft.dependencies)
    dependencies[at] = replace(old, **values)
    return replace(draft, dependencies=tuple(dependencies)), dependency_document(old)


def _remove_dependency(draft: Draft, step: Step) -> tuple[Draft, Any]:
    at = _find_dependency(draft, step)
    rest = draft.dependencies[:at] + draft.dependencies[at + 1 :]
    return replace(draft, dependencies=rest), dependency_document(draft.dependencies[at])


def _find_dependency(draft: Draft, step: Step) -> int:
    subject = f"{step['from']}>{step['to']}"
    found = [
        at
        for at, each in enumerate(draft.dependencies)
        if (each.before, each.after) == (step["from"], step["to"])
        and step.get("kind") in (None, each.kind.value)
    ]
    if len(found) != 1:
        reason = f"expected one dependency between the two; there are {len(found)}"
        raise InvalidDraft(where=subject, reason=reason)
    return found[0]


def _milestone(draft: Draft, code: str, *, where: str = "code") -> DraftMilestone:
    found = draft.by_code.get(code)
    if found is None:
        raise InvalidDraft(where=where, reason=f"there is no milestone {code!r}")
    return found


def _check_area(draft: Draft, values: Mapping[str, Any]) -> None:
    if "area" in values and values["area"] not in draft.areas:
        raise InvalidDraft(where="area", reason=f"there is no area {values['area']!r}")


def _dates(values: Mapping[str, Any]) -> bool:
    return any(isinstance(value, date) for value in values.values())


def _whole(value: Any, field: str) -> int:
    if type(value) is not int:
        raise InvalidDraft(where=field, reason="expected a whole number")
    return value


def _decimal(value: Any, field: str) -> Decimal:
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise InvalidDraft(where=field, reason="expected a number") from None


_DEPENDENCY_FIELDS: dict[str, Callable[[Any], Any]] = {
    "kind": clean_kind,
    "lag_days": lambda value: clean_lag(_whole(value, "lag_days")),
    "support": lambda value: clean_support(_decimal(value, "support")),
    "rationale": lambda value: clean_localized(
        "rationale", LocalizedText(dict(value)), maximum=2000
    ),
    "ruling": clean_ruling,
}
_OPERATIONS: dict[str, Callable[[Draft, Step], tuple[Draft, Any]]] = {
    "change_milestones": _change_milestones,
    "add_milestone": _add_milestone,
    "remove_milestones": _remove_milestones,
    "add_dependency": _add_dependency,
    "change_dependency": _change_dependency,
    "remove_dependency": _remove_dependency,
}
