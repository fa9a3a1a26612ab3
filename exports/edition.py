"""Reading an edition document: lookups, dates and its hash, no decisions.

An edition is canonical JSON (RFC 8785) of the schema ``waymark/edition/1`` or ``/2``; every
document made of it is a pure function of it. What the first schema does not know is empty.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import rfc8785

from exports.errors import UnsupportedEdition
from roadmap.editions.document import SCHEMAS

Document = Mapping[str, Any]


def canonical_json(edition: Document) -> bytes:
    """The canonical bytes of an edition, over which its hash is computed (RFC 8785)."""
    return rfc8785.dumps(dict(edition))


@dataclass(frozen=True, slots=True)
class LocalText:
    """A text and the language it is really in (empty when unknown)."""

    text: str
    language: str


class Edition:
    """An edition document as its readers need it. Raises ``UnsupportedEdition``."""

    def __init__(self, document: Document) -> None:
        if document.get("schema") not in SCHEMAS:
            raise UnsupportedEdition(schema=document.get("schema"), expected=SCHEMAS[-1])
        self.document = document

    @cached_property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the canonical JSON."""
        return hashlib.sha256(canonical_json(self.document)).hexdigest()

    @property
    def slug(self) -> str:
        return str(self.document["roadmap"]["slug"])

    @property
    def version(self) -> str:
        return str(self.document["version"])

    @property
    def simulated(self) -> bool:
        return bool(self.document.get("simulated"))

    @cached_property
    def published_on(self) -> date:
        return date.fromisoformat(self.document["published_on"])

    @cached_property
    def start(self) -> date:
        """The calendar day of day 0."""
        return date.fromisoformat(self.document["roadmap"]["start"])

    def day(self, offset: int) -> date:
        """The calendar day ``offset`` days after the start, within what a calendar can say."""
        try:
            return self.start + timedelta(days=offset)
        except OverflowError:
            return date.max if offset > 0 else date.min

    def window(self, milestone: Document) -> tuple[date, date]:
        """The days on which it starts and is finished at the earliest, as the schedule counts.

        Day n of the schedule is n days after the start; a milestone of 365 days that starts on
        1 January is finished on 1 January of the next year.
        """
        return self.day(milestone["earliest_start"]), self.day(milestone["earliest_finish"])

    def latest_finish(self, milestone: Document) -> date:
        """The day on which it must be finished at the latest."""
        return self.day(milestone["latest_finish"])

    def area(self, code: str) -> Document:
        """The area of that code; one without a title where the edition does not name it."""
        found = (area for area in self.items("areas") if area["code"] == code)
        return next(found, {"code": code, "title": {}})

    def items(self, key: str) -> Sequence[Document]:
        """A list of the document; missing means empty."""
        return self.document.get(key) or []

    @cached_property
    def milestones_by_area(self) -> list[tuple[Document, list[Document]]]:
        """Areas in their order with their milestones by earliest start; unnamed areas last."""
        areas: dict[str, tuple[Document, list[Document]]] = {
            area["code"]: (area, []) for area in self.items("areas")
        }
        for milestone in self.items("milestones"):
            code = milestone["area"]
            if code not in areas:
                areas[code] = ({"code": code, "title": {}}, [])
            areas[code][1].append(milestone)
        groups: list[tuple[Document, list[Document]]] = list(areas.values())
        return [
            (area, sorted(found, key=lambda one: (one["earliest_start"], one["code"])))
            for area, found in groups
        ]

    @cached_property
    def milestone_codes(self) -> frozenset[str]:
        return frozenset(milestone["code"] for milestone in self.items("milestones"))


def local_text(texts: Mapping[str, str] | None, language: str) -> LocalText:
    """The text in ``language``, else in English, else in the first language that has one.

    Canonical JSON sorts keys, so a declared fallback cannot be the first key; English stands in.
    """
    for choice in (language, "en", *sorted(texts or ())):
        found = (texts or {}).get(choice)
        if found:
            return LocalText(found, choice)
    return LocalText("", "")
