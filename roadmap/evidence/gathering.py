"""What the published results and the votes say about a roadmap, by the rules declared.

Two views of the same: rows (every figure by every public, each with its query) and evidence by
subject (the counts, and the score where a rule gives one), which editions freeze.

Who is counted how often: a score counts the answers to one question. A person who answered several
questions about a milestone is in each of them, and the priority's n counts answers, not people.
Where a link and a rule read the same question for the same subject, only the link counts; of two
rules that score the same question, the first by name. Figures that blend publics never count.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from roadmap.evidence.declaring import Declaration, find_readings, list_rules, rules_document
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
from roadmap.evidence.scoring import (
    Score,
    counts_of,
    priority,
    score_option,
    score_scale,
    two_decimals,
)
from roadmap.models import EvidenceLink, EvidenceRule, Roadmap
from surveys.counting.entries import Entry
from surveys.models import Consultation
from surveys.profile import RESPONDENT_TYPES
from voting.motions import get_motion

Evidence = dict[str, Any]


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
    for link in _links(session, roadmap):
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


def gather_evidence(
    session: Session, *, roadmap: Roadmap, now: datetime, subject: str | None = None
) -> dict[str, list[Evidence]]:
    """What the linked questions and the declared rules say, by subject (of one only, if given).

    Each: consultation, question and option with their texts, ``answered``, ``counts``,
    ``by_group`` (respondent type), ``score``, ``n``, ``formula``, ``query``. Hidden numbers are
    None. What a rule says has besides ``rule`` ("name/version") and ``figures`` (of everybody:
    ``{"figure", "value", "n"}``). Votes are in editions on their own, and not here.
    """
    shelf = Shelf(session, now)
    gathered: dict[str, list[Evidence]] = {}
    scored: set[tuple[str, str, str]] = set()
    for link in _links(session, roadmap):
        if subject not in (None, link.subject):
            continue
        published = shelf.find(link.consultation_id)
        evidence = None if published is None else _evidence_of_link(link, published)
        if evidence is not None:
            gathered.setdefault(link.subject, []).append(evidence)
            scored.add((link.subject, evidence["consultation"], link.question))
    for declared in list_rules(session, roadmap=roadmap):
        for about, evidence in _evidence_of_rule(session, roadmap, declared, shelf):
            key = (about, evidence["consultation"], evidence["question"])
            if subject not in (None, about):
                continue
            if evidence["score"] is not None:
                if key in scored:
                    continue
                scored.add(key)
            gathered.setdefault(about, []).append(evidence)
    return gathered


def priority_of(evidence: Sequence[Evidence]) -> dict[str, Any] | None:
    """The priority of a milestone from its evidence: ``{"score", "n", "formula"}``."""
    scores = [
        Score(Fraction(entry["value"]), entry["n"], "")
        for entry in evidence
        if entry["score"] is not None
    ]
    found = priority(scores)
    if found is None:
        return None
    return {"score": found.text, "n": found.n, "formula": found.formula}


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
        for reading in _readings(session, roadmap, rule, declared, published):
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
    ids = {link.consultation_id for link in _links(session, roadmap)}
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


def _links(session: Session, roadmap: Roadmap) -> Sequence[EvidenceLink]:
    return session.scalars(
        select(EvidenceLink)
        .where(EvidenceLink.roadmap_id == roadmap.id)
        .order_by(EvidenceLink.subject, EvidenceLink.question, EvidenceLink.option, EvidenceLink.id)
    ).all()


def _rows_of_link(link: EvidenceLink, published: Published) -> list[EvidenceRow]:
    entry = published.by_code.get(link.question)
    computation = None if entry is None else link_computation(link, entry)
    if computation is None:
        return []
    rule = "option_share/1" if link.option else "scale_mean/1"
    reading = Reading(link.subject, link.question, "score", computation)
    return list(_by_public(reading, rule, published))


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
    for reading in _readings(session, roadmap, rule, declared, published):
        if rule.name == "priority_equal_publics":
            rows.append(_blended(reading, name, published, declared.parameters["publics"]))
        else:
            rows += _by_public(reading, name, published)
    return rows


def _readings(
    session: Session,
    roadmap: Roadmap,
    rule: Rule,
    declared: EvidenceRule,
    published: Published,
) -> list[Reading]:
    entries = published.by_question.get(declared.source, [])
    pairs = published.proposed.get(declared.source, {})
    return find_readings(session, roadmap, rule, entries, declared.parameters, pairs)


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


def _evidence_of_link(link: EvidenceLink, published: Published) -> Evidence | None:
    entry = published.by_code.get(link.question)
    if entry is None or link_computation(link, entry) is None:
        return None
    shown = published.counts[ALL, link.question]
    counts = counts_of(shown["options"], [option.code for option in entry.options])
    option = next((each for each in entry.options if each.code == link.option), None)
    if option is not None:
        score = score_option(counts, shown["answered"], option.code)
    else:
        score = score_scale(counts, falling=link.falling, left_out=link.left_out)
    title = dict(entry.question.title)
    if entry.row is not None:
        title = {
            language: f"{text} – {entry.row.label.in_language(language)}"
            for language, text in title.items()
        }
    return {
        "consultation": published.consultation.slug,
        "question": link.question,
        "question_title": title,
        "option": link.option or None,
        "option_label": dict(option.label) if option else None,
        "answered": shown["answered"],
        "counts": _labelled(shown),
        "by_group": _groups(published, link.question),
        **_scored(score),
        "query": _describe_link(link, published.consultation),
    }


def _evidence_of_rule(
    session: Session, roadmap: Roadmap, declared: EvidenceRule, shelf: Shelf
) -> Iterator[tuple[str, Evidence]]:
    """(subject, evidence) of a rule on a question; what blends publics is in the rows only."""
    rule = RULES[declared.rule]
    published = None if declared.consultation_id is None else shelf.find(declared.consultation_id)
    if published is None or rule.name == "priority_equal_publics":
        return
    together: dict[tuple[str, str, int | None], list[Reading]] = {}
    for reading in _readings(session, roadmap, rule, declared, published):
        key = (reading.subject, reading.entry, reading.option)
        together.setdefault(key, []).append(reading)
    for (subject, code, at), readings in together.items():
        entry = published.by_code[code]
        option = entry.options[at - 1] if at else None
        shown = published.counts[ALL, code]
        scoring = next((each for each in readings if each.figure == rule.score), None)
        figures = []
        for reading in readings:
            value, n = compute_entry(reading.computation, shown, published.proposed)
            figure = {"figure": reading.figure, "value": rounded(value)}
            figures.append(figure | {"n": None if value is None else n})
        of = (scoring or readings[0]).computation
        yield (
            subject,
            {
                "consultation": published.consultation.slug,
                "question": code,
                "question_title": dict(entry.title),
                "option": option.code if option is not None else None,
                "option_label": dict(option.label) if option is not None else None,
                "answered": shown["answered"],
                "counts": _labelled(shown, at if entry.many else None),
                "by_group": _groups(published, code, at if entry.many else None),
                **_scored(None if scoring is None else _score(scoring.computation, shown)),
                "query": str(Query(published.consultation.slug, code, (ALL,), of)),
                "rule": f"{declared.rule}/{declared.version}",
                "figures": figures,
            },
        )


def _score(of: Computation, shown: Mapping[str, Any]) -> Score | None:
    """The score as evidence shows it, with the sum in words."""
    value, n = compute_entry(of, shown, {})
    if value is None or n is None:
        return None
    counts = [(str(at), option["count"]) for at, option in enumerate(shown["options"], start=1)]
    if of.compute == "share" and not of.of:
        return score_option(counts, n, str(of.options[0]))
    if of.compute == "mean":
        order = sorted(of.values, key=lambda pair: pair[1])
        return score_scale([(str(at), shown["options"][at - 1]["count"]) for at, _ in order])
    exact = Fraction(value)
    if of.compute == "place":
        options = len(shown["options"])
        place = shown["figures"]["mean_places"][int(of.at or 1) - 1]
        formula = f"({options} − {place}) / ({options} − 1) = {two_decimals(exact)}"
        return Score(exact, n, formula)
    return Score(exact, n, two_decimals(exact))


def _scored(score: Score | None) -> Evidence:
    return {
        "score": score.text if score else None,
        "value": str(score.value) if score else None,
        "n": score.n if score else None,
        "formula": score.formula if score else None,
    }


def _labelled(entry: Mapping[str, Any], at: int | None = None) -> list[dict[str, Any]]:
    """The counts with their labels; of answers that may be several, the one that is spoken of."""
    options = entry["options"] if at is None else [entry["options"][at - 1]]
    return [{"label": option["label"], "count": option["count"]} for option in options]


def _groups(published: Published, code: str, at: int | None = None) -> list[dict[str, Any]]:
    groups = []
    for public in sorted(published.publics[1:]):
        entry = published.counts[public, code]
        groups.append(
            {
                "group": public,
                "answered": entry["answered"],
                "counts": _labelled(entry, at),
            }
        )
    return groups


def _describe_link(link: EvidenceLink, consultation: Consultation) -> str:
    query = f"{consultation.slug} / {link.question}"
    if link.option:
        return f"{query} = {link.option}"
    direction = "falling" if link.falling else "rising"
    without = f", without {', '.join(link.left_out)}" if link.left_out else ""
    return f"{query}, scale {direction}{without}"
