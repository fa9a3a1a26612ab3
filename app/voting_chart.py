"""The chart of a vote: one bar for the members, one for the population, with their thresholds.

Numbers only; ``voting/_bars.html`` draws them as SVG that scales without scaling its words.
"""

from dataclasses import dataclass
from fractions import Fraction

from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

from app.voting_texts import format_percentage
from voting.rules import Counted, Electorate, MajorityRule, Rule


@dataclass(frozen=True, slots=True)
class Part:
    """Members that chose alike. ``kind`` is yes, no, abstain or none and gives the colour."""

    kind: str
    label: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a bar; ``start`` and ``length`` in percent of it."""

    kind: str
    label: str
    amount: str
    share: str
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar; ``threshold`` in percent of it, None where the rule sets none."""

    title: str
    total: str
    segments: tuple[Segment, ...]
    threshold: float | None
    threshold_label: str


def draw_bars(rule: Rule, electorate: Electorate, parts: list[Part]) -> tuple[Bar, ...]:
    """The bar of the members and, if the rule asks for population, that of the population."""
    majority = rule if isinstance(rule, MajorityRule) else None
    members_needed = (
        majority.members_needed(len(electorate))
        if majority and majority.counted is Counted.MEMBERS
        else None
    )
    bars = [
        _bar(
            _("Members"),
            [(part, len(part.members)) for part in parts],
            len(electorate),
            members_needed,
        )
    ]
    if majority and majority.population_share is not None:
        bars.append(
            _bar(
                _("Population"),
                [(part, electorate.persons_of(part.members)) for part in parts],
                electorate.total,
                majority.population_needed(electorate),
            )
        )
    return tuple(bars)


def _bar(title: str, amounts: list[tuple[Part, int]], total: int, needed: int | None) -> Bar:
    segments, start = [], Fraction(0)
    for part, amount in amounts:
        length = Fraction(amount, total) if total else Fraction(0)
        segments.append(
            Segment(
                kind=part.kind,
                label=part.label,
                amount=_number(amount),
                share=format_percentage(length),
                start=round(float(start * 100), 3),
                length=round(float(length * 100), 3),
            )
        )
        start += length
    return Bar(
        title=title,
        total=_number(total),
        segments=tuple(segments),
        threshold=None if needed is None else round(100 * needed / total, 3),
        threshold_label="" if needed is None else _("%(number)s needed", number=_number(needed)),
    )


def _number(amount: int) -> str:
    return str(format_decimal(amount, locale=get_locale()))
