"""What the published results and the votes say about a roadmap, by the rules declared.

Here is every figure by every public, each with its query. By subject, with counts and scores, it is
in ``roadmap.evidence.by_subject``, which is here too for whoever gathers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from roadmap.evidence.by_subject import Evidence, gather_evidence, priority_of
from roadmap.evidence.declaring import Declaration, list_rules, rules_document
from roadmap.evidence.estimates import FIGURES, YearEstimate, estimate_years
from roadmap.evidence.figures import (
    ALL,
    Computation,
    EvidenceRow,
    Query,
    compute_entry,
    compute_query,
    compute_vote,
    rounded,
    vote_query,
)
from roadmap.evidence.published import Published, Shelf
from roadmap.evidence.reading import Reading
from roadmap.evidence.rules import RULES, VOTE, WHOLE_ROADMAP, Rule
from roadmap.evidence.sources import link_computation, links_of, read_rule
from roadmap.models import EvidenceLink, EvidenceRule, Roadmap
from surveys.models import Consultation
from surveys.profile import RESPONDENT_TYPES
from voting.motions import get_motion

__all__ = [
    "Evidence", "ExpectedYears", "estimates_from_evidence", "evidence_document", "evidence_rows",
    "gather_evidence", "list_speaking", "preview_rule", "priority_of",
]  # fmt: skip


def evidence_rows(
    session: Session,
    *,
    roadmap: Roadmap,
    now: datetime,
    subject: str | None = None,
    public: str | None = None,
) -> list[EvidenceRow]:
    """Every figure of evidence, in a stable order; of one subject or public only, if given.

    From closed consultations and votes alone. Where a number is hidden, ``value`` and ``n`` are
    None; the row is there all the same.
    """
    shelf = Shelf(session, now)
    rows: list[EvidenceRow] = []
    for link in links_of(session, roadmap):
        if (published := shelf.find(link.consultation_id)) is not None:
            rows += _rows_of_link(link, published)
    for declared in list_rules(session, roadmap=roadmap):
        rule = RULES[declared.rule]
        rows += _rows_of_rule(session, roadmap, rule, declared, shelf)
    kept = [
        row
        for row in rows
        if (subject is None or row.subject == subject) and (public is None or row.public == public)
    ]
    return sorted(kept, key=_order)


def preview_rule(
    session: Session,
    *,
    roadmap: Roadmap,
    declaration: Declaration,
    source: str,
    consultation: Consultation | None,
    now: datetime,
) -> list[EvidenceRow]:
    """The rows that a rule would give if it were declared now; none while nothing is closed."""
    tried = EvidenceRule(
        consultation_id=consultation.id if consultation is not None else None,
        source=source, rule=declaration.rule.name, version=0, parameters=declaration.parameters,
    )  # fmt: skip
    rows = _rows_of_rule(session, roadmap, declaration.rule, tried, Shelf(session, now))
    return sorted(rows, key=_order)


@dataclass(frozen=True, slots=True)
class ExpectedYears:
    """When people expect a subject, by which rule and question."""

    subject: str
    rule: str
    estimate: YearEstimate
    query: str


def estimates_from_evidence(
    session: Session, *, roadmap: Roadmap, now: datetime
) -> dict[str, ExpectedYears]:
    """When everybody together expects each subject: P10, median and P90 of the likely years.

    Where several questions speak of one subject, that with the most people is taken; they are not
    blended.
    """
    shelf = Shelf(session, now)
    found: dict[str, ExpectedYears] = {}
    for declared in list_rules(session, roadmap=roadmap):
        rule = RULES[declared.rule]
        if rule.name != "year_distribution" or declared.consultation_id is None:
            continue
        published = shelf.find(declared.consultation_id)
        if published is None:
            continue
        together: dict[tuple[str, str], dict[str, Computation]] = {}
        for reading in read_rule(session, roadmap, rule, declared, published):
            key = (reading.subject, reading.entry)
            together.setdefault(key, {})[reading.figure] = reading.computation
        for (subject, code), figures in together.items():
            shown = published.counts[ALL, code]
            counts = [option["count"] for option in shown["options"]]
            chosen = [figures[name] for name in FIGURES]
            estimate = estimate_years(chosen, shown["answered"], counts)
            known = found.get(subject)
            if estimate is None or (known is not None and known.estimate.n >= estimate.n):
                continue
            query = str(Query(published.consultation.slug, code, (ALL,), chosen[1]))
            name = f"{declared.rule}/{declared.version}"
            found[subject] = ExpectedYears(subject, name, estimate, query)
    return found


def list_speaking(session: Session, *, roadmap: Roadmap, now: datetime) -> list[Consultation]:
    """The closed consultations that links or rules read, in the order they opened."""
    ids = {link.consultation_id for link in links_of(session, roadmap)}
    for rule in list_rules(session, roadmap=roadmap):
        ids |= set() if rule.consultation_id is None else {rule.consultation_id}
    shelf = Shelf(session, now)
    consultations = session.scalars(
        select(Consultation)
        .where(Consultation.id.in_(ids))
        .order_by(Consultation.opens_at, Consultation.slug)
    ).all()
    return [each for each in consultations if shelf.is_closed(each)]


def evidence_document(session: Session, *, roadmap: Roadmap, now: datetime) -> dict[str, Any]:
    """Everything evidence says, as JSON values that need nothing beside the published results.

    ``{"roadmap", "rules", "rows", "proposed"}``: ``proposed`` (consultation → question → dependency
    → people) is what the results themselves do not list.
    """
    shelf = Shelf(session, now)
    proposed = {}
    for declared in list_rules(session, roadmap=roadmap):
        if declared.rule == "dependency_support" and declared.consultation_id is not None:
            published = shelf.find(declared.consultation_id)
            if published is not None:
                proposed[published.consultation.slug] = dict(published.proposed)
    rows = evidence_rows(session, roadmap=roadmap, now=now)
    return {
        "roadmap": roadmap.slug,
        "rules": rules_document(session, roadmap),
        "rows": [row.as_document() for row in rows],
        "proposed": proposed,
    }


def _rows_of_link(link: EvidenceLink, published: Published) -> list[EvidenceRow]:
    entry = published.by_code.get(link.question)
    computation = None if entry is None else link_computation(link, entry)
    if computation is None:
        return []
    rule = "option_share/1" if link.option else "scale_mean/1"
    reading = Reading(link.subject, link.question, "score", computation)
    return list(_by_public(reading, rule, published))


def _rows_of_rule(
    session: Session, roadmap: Roadmap, rule: Rule, declared: EvidenceRule, shelf: Shelf
) -> list[EvidenceRow]:
    name = f"{declared.rule}/{declared.version}"
    if VOTE in rule.reads:
        return _rows_of_vote(session, rule, name, declared)
    assert declared.consultation_id is not None
    published = shelf.find(declared.consultation_id)
    if published is None:
        return []
    rows: list[EvidenceRow] = []
    for reading in read_rule(session, roadmap, rule, declared, published):
        if rule.name == "priority_equal_publics":
            rows.append(_blended(reading, name, published, declared.parameters["publics"]))
        else:
            rows += _by_public(reading, name, published)
    return rows


def _by_public(reading: Reading, rule: str, published: Published) -> Iterator[EvidenceRow]:
    for public in (ALL,) if reading.whole_only else published.publics:
        query = Query(published.consultation.slug, reading.entry, (public,), reading.computation)
        entry = published.counts[public, reading.entry]
        value, n = compute_entry(reading.computation, entry, published.proposed)
        yield _row(reading, rule, public, value, n, str(query))


def _blended(
    reading: Reading, rule: str, published: Published, publics: Sequence[str]
) -> EvidenceRow:
    query = Query(
        published.consultation.slug, reading.entry, tuple(publics), reading.computation, True
    )
    value, n = compute_query(query, published.document)
    return _row(reading, rule, ALL, value, n, str(query))


def _row(
    reading: Reading, rule: str, public: str, value: Any, n: int | None, query: str
) -> EvidenceRow:
    shown = rounded(value)
    number = None if shown is None else n
    return EvidenceRow(reading.subject, rule, public, reading.figure, shown, number, query)


def _rows_of_vote(
    session: Session, rule: Rule, name: str, declared: EvidenceRule
) -> list[EvidenceRow]:
    tally = get_motion(session, slug=declared.source).tally
    if tally is None:
        return []
    named = declared.parameters.get("subjects") or {"": [WHOLE_ROADMAP]}
    rows = []
    for subject in (subject for subjects in named.values() for subject in subjects):
        for figure in rule.figures:
            value, n = compute_vote(figure, tally)
            reading = Reading(subject, declared.source, figure, Computation(figure))
            query = vote_query(declared.source, figure)
            rows.append(_row(reading, name, ALL, value, n, query))
    return rows


_FIGURES = {
    figure: at
    for at, figure in enumerate(
        dict.fromkeys(figure for rule in RULES.values() for figure in rule.figures)
    )
}
_PUBLICS = {public: at for at, public in enumerate((ALL, *RESPONDENT_TYPES))}


def _order(row: EvidenceRow) -> tuple[Any, ...]:
    name, _, version = row.rule.partition("/")
    public = _PUBLICS.get(row.public, len(_PUBLICS))
    return (
        row.subject, name, int(version), row.query.partition("&public")[0],
        public, row.public, _FIGURES[row.figure], row.query,
    )  # fmt: skip
