"""Constraints that say no more than the limits our questions have of their own."""

from typing import Any

from surveys.language.evaluation import read_date
from surveys.language.expressions import AllOf, Call, Comparison, Expression, Literal, Reference


def bounds_of(question: dict[str, Any], check: Expression) -> dict[str, Any] | None:
    """The fields that say what ``check`` does, or None where it says something else."""
    itself = Reference(question["code"])
    parts = check.operands if isinstance(check, AllOf) else (check,)
    limits: dict[str, Any] = {}
    for part in parts:
        limit = _limit(question["type"], itself, part)
        if limit is None or limit[0] in limits or limit[0] in question:
            return None
        limits[limit[0]] = limit[1]
    # More than there is to choose from is no limit of ours.
    if limits.get("min_choices", 0) > len(question.get("options", ())):
        return None
    if limits.get("min_choices", 0) > limits.get("max_choices", 1_000):
        return None
    low, high = (limits.get(name, question.get(name)) for name in ("minimum", "maximum"))
    if low is not None and high is not None and low > high:
        return None
    return limits


def _limit(kind: str, itself: Reference, part: Expression) -> tuple[str, Any] | None:
    match part:
        case Comparison(">=" | "<=" as sign, found, Literal(limit)):
            pass
        case _:
            return None
    name = "minimum" if sign == ">=" else "maximum"
    if isinstance(limit, bool):
        return None
    if found == itself and kind == "number" and not isinstance(limit, str):
        return name, limit
    if found == itself and kind == "date" and read_date(limit) is not None:
        return name, limit
    if not isinstance(limit, int):
        return None
    if kind in ("short_text", "long_text") and found == Call("length", (itself,)):
        return ("max_length", limit) if sign == "<=" and 1 <= limit <= 50_000 else None
    if kind in ("multiple_choice", "ranking") and found == Call("count", (itself,)):
        return ("min_choices" if sign == ">=" else "max_choices", limit) if limit >= 1 else None
    return None
