"""What the forms of the proposals' desk send, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from flask import current_app
from werkzeug.datastructures import MultiDict

from core.errors import InvalidInput
from core.text import LocalizedText
from roadmap.models import Proposal
from roadmap.proposals.kinds import ProposalKind, parse_number
from roadmap.proposals.listing import Filters

Form = MultiDict[str, str]
_DATES = ("not_before", "fixed_start", "finish_by")
_NUMBERS = ("duration_days", "optimistic_days", "likely_days", "pessimistic_days", "lag_days")


def languages() -> Sequence[str]:
    """Those in which a reason or a title can be written: the interface's, the first leads."""
    chosen: Sequence[str] = current_app.config["WAYMARK_SETTINGS"].languages
    return chosen


def read_texts(form: Form, name: str) -> LocalizedText:
    """``reason_en``, ``reason_fr`` … as one text; blank ones left out."""
    return LocalizedText(
        {
            language: text
            for language in languages()
            if (text := form.get(f"{name}_{language}", "").strip())
        }
    )


def read_numbers(form: Form) -> list[int]:
    """The proposals that were ticked."""
    found = (parse_number(text) for text in form.getlist("code"))
    return [number for number in found if number is not None]


def read_seen(form: Form) -> dict[int, int]:
    """``P12:3`` for each proposal on the page: the newest decision that its reader saw."""
    seen = {}
    for text in form.getlist("seen"):
        name, _colon, count = text.partition(":")
        number = parse_number(name)
        if number is not None and count.isdecimal() and len(count) < 10:
            seen[number] = int(count)
    return seen


def read_points(form: Form) -> list[UUID]:
    points = []
    for text in form.getlist("point"):
        try:
            points.append(UUID(text))
        except ValueError:
            raise InvalidInput(where="point", reason=f"{text!r} is no point") from None
    return points


def read_target(form: Form, name: str) -> int:
    number = parse_number(form.get(name, ""))
    if number is None:
        raise InvalidInput(where=name, reason="expected a proposal, such as P12")
    return number


def read_changes(form: Form, proposal: Proposal) -> dict[str, Any]:
    """What the person says about the change that is applied; blank fields say nothing."""
    changes: dict[str, Any] = {}
    for name in _DATES:
        if text := form.get(name, "").strip():
            changes[name] = _date(name, text)
    for name in _NUMBERS:
        if text := form.get(name, "").strip():
            changes[name] = _whole(name, text)
    if proposal.kind == ProposalKind.NEW_DEPENDENCY and form.get("kind"):
        changes["kind"] = form["kind"]
    if proposal.kind == ProposalKind.NEW_MILESTONE:
        changes |= {name: form.get(name, "").strip() for name in ("code", "agenda", "area")}
        changes["title"] = read_texts(form, "title")
        if description := read_texts(form, "description"):
            changes["description"] = description
    return changes


def read_filters(values: Mapping[str, str]) -> Filters:
    return Filters(
        kind=values.get("kind", ""),
        state=values.get("state", ""),
        consultation=values.get("consultation", ""),
        search=values.get("search", "").strip()[:100],
    )


def address_values(filters: Filters) -> dict[str, str]:
    """The filters that limit something, for an address."""
    return {name: value for name, value in asdict(filters).items() if value}


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(where=name, reason="expected a date such as 2028-12-31") from None


def _whole(name: str, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isdecimal() and digits.isascii() and len(digits) < 7):
        raise InvalidInput(where=name, reason="expected a whole number of days")
    return int(text)
