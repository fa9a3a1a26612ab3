"""What a proposal can ask for, what can be decided about it, and the limits declared. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.text import LocalizedText


class ProposalKind(StrEnum):
    """What a proposal wants changed."""

    NEW_MILESTONE = "new_milestone"
    NEW_DEPENDENCY = "new_dependency"
    DROP_DEPENDENCY = "drop_dependency"  # a dependency that people dispute
    DATE = "date"  # years that lie far from the draft's
    WORDING = "wording"  # a paragraph that people oppose or want changed
    PRIORITY = "priority"
    OTHER = "other"  # in their own words


class Verdict(StrEnum):
    """What the secretariat did with a proposal; the state of a proposal is one of these."""

    OPEN = "open"
    ACCEPTED = "accepted"
    ACCEPTED_IN_PART = "accepted_in_part"
    REJECTED = "rejected"
    MERGED = "merged"
    SPLIT = "split"
    LATER = "later"


TAKEN_UP = frozenset({Verdict.ACCEPTED, Verdict.ACCEPTED_IN_PART})
NOT_TAKEN_UP = frozenset({Verdict.REJECTED, Verdict.LATER})
BULK = frozenset({Verdict.ACCEPTED, Verdict.ACCEPTED_IN_PART, Verdict.REJECTED, Verdict.LATER})
"""What can be decided about many proposals at once; merging and splitting look at each one."""

FEW = 5
"""Fewer people than this are published as "fewer than 5" only."""

YEARS_APART = Decimal(2)
"""A median of the years people expect that lies this far from the draft's year asks for a date."""

DOUBTED_SHARE = Decimal("0.25")
"""From this share of "never" on, a milestone is doubted."""

_TITLES = {
    ProposalKind.NEW_MILESTONE: "A new milestone",
    ProposalKind.NEW_DEPENDENCY: "A new dependency: {first} before {then}",
    ProposalKind.DROP_DEPENDENCY: "Drop the dependency: {first} before {then}",
    ProposalKind.DATE: "Another date for {subject}",
    ProposalKind.WORDING: "Other words for {subject}",
    ProposalKind.PRIORITY: "Another priority for {subject}",
    ProposalKind.OTHER: "A remark",
}


def default_title(kind: str, subject: str, wanted: Mapping[str, Any]) -> LocalizedText:
    """What a proposal is called while the secretariat gave it no title; in English.

    Never made of the words of people.
    """
    first, _, then = subject.partition(">")
    template = _TITLES[ProposalKind(kind)]
    if kind == ProposalKind.DATE and wanted.get("ask") == "never":
        template = "Whether {subject} can be reached at all"
    if kind == ProposalKind.WORDING and wanted.get("stance") == "oppose":
        template = "Take {subject} out"
    text = template.format(subject=subject, first=first, then=then)
    if kind == ProposalKind.NEW_DEPENDENCY and wanted.get("kind"):
        text += f" ({wanted['kind']})"
    return LocalizedText.of(text)


def parse_number(text: str) -> int | None:
    """The number in ``P12``, ``p12`` or ``12``; None where there is none."""
    digits = text.strip().removeprefix("P").removeprefix("p")
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) < 10 else None
