"""What a roadmap's files say, as plain values, before it meets the database."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.text import LocalizedText
from roadmap.network import Kind

NO_TEXT = LocalizedText({})


@dataclass(frozen=True, slots=True)
class DraftMilestone:
    """One row of milestones.csv; ``line`` is where it begins in the file."""

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
    line: int | None = None


@dataclass(frozen=True, slots=True)
class DraftDependency:
    """One row of dependencies.csv: ``before`` precedes ``after``."""

    before: str
    after: str
    kind: Kind
    lag_days: int
    support: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole roadmap as its files say it; title and start are ``None`` where they say nothing.

    ``areas`` are in the order in which they appear, with their titles. ``ignored`` names what was
    found and not read: (path, why).
    """

    milestones: tuple[DraftMilestone, ...]
    dependencies: tuple[DraftDependency, ...]
    areas: dict[str, LocalizedText]
    title: LocalizedText | None = None
    start: date | None = None
    ignored: tuple[tuple[str, str], ...] = ()
