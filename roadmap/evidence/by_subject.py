"""What was said about each subject: the counts, and the score where a rule gives one.

This is what editions freeze and the pages of milestones show; every figure by every public is in
``roadmap.evidence.gathering``.

Who is counted how often: a score counts the answers to one question. A person who answered several
questions about a milestone is in each of them, and the priority's n counts answers, not people.
Where a link and a rule read the same question for the same subject, only the link counts; of two
rules that score the same question, the first by name. Figures that blend publics never count.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from roadmap.evidence.declaring import list_rules
from roadmap.evidence.figures import ALL, Computation, Query, compute_entry, rounded
from roadmap.evidence.published import Published, Shelf
from roadmap.evidence.reading import Reading
from roadmap.evidence.rules import RULES
from roadmap.evidence.scoring import (
    Score,
    counts_of,
    priority,
    score_option,
    score_scale,
    two_decimals,
)
from roadmap.evidence.sources import link_computation, links_of, read_rule
from roadmap.models import EvidenceLink, EvidenceRule, Roadmap
from surveys.counting.entries import Entry
from surveys.models import Consultation

Evidence = dict[str, Any]


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
    for link in links_of(session, roadmap):
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
    return {
        "consultation": published.consultation.slug,
        "question": link.question,
        "question_title": _title(entry),
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
    for reading in read_rule(session, roadmap, rule, declared, published):
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
        # Of several answers the one that is spoken of; of a dependency that the question does not
        # list, how many proposed any, which is the last count.
        spoken_of = at if entry.many else None
        if at is None and entry.question.type == "dependencies":
            spoken_of = len(entry.options)
        yield (
            subject,
            {
                "consultation": published.consultation.slug,
                "question": code,
                "question_title": _title(entry),
                "option": option.code if option is not None else None,
                "option_label": dict(option.label) if option is not None else None,
                "answered": shown["answered"],
                "counts": _labelled(shown, spoken_of),
                "by_group": _groups(published, code, spoken_of),
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


def _title(entry: Entry) -> dict[str, str]:
    """The question, and the row where it is one, in every language of the question."""
    title = dict(entry.question.title)
    if entry.row is None:
        return title
    label = entry.row.label
    return {code: f"{text} – {label.in_language(code)}" for code, text in title.items()}
