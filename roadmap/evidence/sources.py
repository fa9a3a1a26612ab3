"""Where evidence comes from: the links and rules of a roadmap, and the figures they ask for."""

from collections.abc import Sequence
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from roadmap.evidence.declaring import find_readings
from roadmap.evidence.figures import Computation
from roadmap.evidence.published import Published
from roadmap.evidence.reading import Reading
from roadmap.evidence.rules import Rule
from roadmap.models import EvidenceLink, EvidenceRule, Roadmap
from surveys.counting.entries import Entry


def links_of(session: Session, roadmap: Roadmap) -> Sequence[EvidenceLink]:
    """The questions linked to one subject each, in a stable order."""
    return session.scalars(
        select(EvidenceLink)
        .where(EvidenceLink.roadmap_id == roadmap.id)
        .order_by(EvidenceLink.subject, EvidenceLink.question, EvidenceLink.option, EvidenceLink.id)
    ).all()


def link_computation(link: EvidenceLink, entry: Entry) -> Computation | None:
    """What a link computes of its entry; None where the option or the scale is not there."""
    codes = [option.code for option in entry.options]
    if link.option:
        if link.option not in codes:
            return None
        return Computation("share", options=(codes.index(link.option) + 1,))
    steps = [at for at, code in enumerate(codes, start=1) if code not in link.left_out]
    if len(steps) < 2:
        return None
    ranked = steps[::-1] if link.falling else steps
    values = sorted((at, Fraction(place, len(steps) - 1)) for place, at in enumerate(ranked))
    return Computation("mean", values=tuple(values))


def read_rule(
    session: Session,
    roadmap: Roadmap,
    rule: Rule,
    declared: EvidenceRule,
    published: Published,
) -> list[Reading]:
    """The figures that a declared rule takes of the published results."""
    entries = published.by_question.get(declared.source, [])
    pairs = published.proposed.get(declared.source, {})
    return find_readings(session, roadmap, rule, entries, declared.parameters, pairs)
