"""A whole roadmap as plain values: what files say, what scenarios try, what is planned.

``roadmaps.read_draft`` makes it of the rows, ``roadmaps.import_roadmap`` writes it there. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.text import LocalizedText
from roadmap.planning.network import Kind, Ruling

NO_TEXT = LocalizedText({})
AGENDAS = ("SRIA", "SDA")
# The pipeline of deployment projects, in order.
STAGES = ("idea", "preparation", "funded", "in_deployment", "in_service")
LINK_KINDS = ("partnership", "programme", "project")


class BudgetSource(StrEnum):
    """Who pays. The first four belong to the partnership, the others are Union instruments."""

    EU = "eu"  # the Union's contribution to the partnership
    MEMBER_STATES = "member_states"
    INDUSTRY_CASH = "industry_cash"
    INDUSTRY_IN_KIND = "industry_in_kind"
    CEF = "cef"
    INVESTEU = "investeu"
    DIGITAL_EUROPE = "digital_europe"


@dataclass(frozen=True, slots=True)
class Kpi:
    """What is measured: from ``baseline`` to ``target`` in ``unit``, ``due`` by then.

    The numbers are decimals as text, exact as given; ``baseline`` may be empty (not known).
    ``due`` is a date (2028-12-31), a quarter (2028-Q4), a year (2028) or empty.
    """

    name: LocalizedText
    target: str
    baseline: str = ""
    unit: str = ""
    due: str = ""

    def as_document(self) -> dict[str, Any]:
        """As JSON values, and as ``Milestone.kpis`` holds it."""
        return {
            "name": self.name.as_dict(), "baseline": self.baseline, "target": self.target,
            "unit": self.unit, "due": self.due,
        }  # fmt: skip

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Kpi":
        return cls(
            LocalizedText(document["name"]), document["target"], document.get("baseline", ""),
            document.get("unit", ""), document.get("due", ""),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A tie to something outside the roadmap; ``kind`` is one of ``LINK_KINDS``."""

    kind: str
    name: str
    url: str = ""

    def as_document(self) -> dict[str, str]:
        return {"kind": self.kind, "name": self.name, "url": self.url}


@dataclass(frozen=True, slots=True)
class DraftMilestone:
    """A milestone; ``line`` is where it begins in the file it was read from.

    ``budget`` gives euros by source, exact. The three estimates of the duration are
    optimistic ≤ likely ≤ pessimistic where they are given; ``likely_days`` stands in for the
    others, and ``duration_days`` for it (``estimate``).
    """

    code: str
    title: LocalizedText
    agenda: str
    area: str
    duration_days: int
    not_before: date | None = None
    lead: str = ""
    trl_from: int | None = None
    trl_to: int | None = None
    description: LocalizedText = NO_TEXT
    line: int | None = field(default=None, compare=False)
    optimistic_days: int | None = None
    likely_days: int | None = None
    pessimistic_days: int | None = None
    fixed_start: date | None = None
    finish_by: date | None = None
    stage: str = ""
    kpis: tuple[Kpi, ...] = ()
    budget: Mapping[BudgetSource, Decimal] = field(default_factory=dict)
    participants: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    standards: tuple[str, ...] = ()
    spectrum: tuple[str, ...] = ()

    @property
    def estimate(self) -> tuple[int, int, int]:
        """Optimistic, likely and pessimistic days, each with what stands in for it."""
        likely = self.duration_days if self.likely_days is None else self.likely_days
        low = likely if self.optimistic_days is None else self.optimistic_days
        high = likely if self.pessimistic_days is None else self.pessimistic_days
        return min(low, likely), likely, max(high, likely)


@dataclass(frozen=True, slots=True)
class DraftDependency:
    """A dependency: ``before`` precedes ``after``."""

    before: str
    after: str
    kind: Kind
    lag_days: int
    support: Decimal = Decimal(1)
    rationale: LocalizedText = NO_TEXT
    ruling: Ruling = Ruling.NONE


@dataclass(frozen=True, slots=True)
class DraftParagraph:
    """A paragraph of a chapter; its code is its name in questions, evidence and editions."""

    code: str
    text: LocalizedText


@dataclass(frozen=True, slots=True)
class DraftChapter:
    """A chapter of the document; ``area`` is the code of the area it is about, or empty."""

    code: str
    title: LocalizedText
    area: str = ""
    paragraphs: tuple[DraftParagraph, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole roadmap; title, start and chapters are ``None`` where a file says nothing of them.

    ``areas`` are in the order in which they appear, with their titles; ``parents`` names the area
    of which an area is a part. ``ignored`` names what was found and not read: (path, why).
    ``silent`` names the fields of milestones and dependencies of which the file says nothing at
    all (a table without that column): rows that are there keep theirs.
    """

    milestones: tuple[DraftMilestone, ...]
    dependencies: tuple[DraftDependency, ...]
    areas: dict[str, LocalizedText]
    title: LocalizedText | None = None
    start: date | None = None
    ignored: tuple[tuple[str, str], ...] = ()
    parents: Mapping[str, str] = field(default_factory=dict)
    chapters: tuple[DraftChapter, ...] | None = None
    silent: frozenset[str] = frozenset()

    @property
    def by_code(self) -> dict[str, DraftMilestone]:
        return {milestone.code: milestone for milestone in self.milestones}
