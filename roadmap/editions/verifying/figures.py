"""Scores, sums and approval of an edition, computed again. Standard library only."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from roadmap.editions.verifying.canonical import Document, canonical, fail
from roadmap.editions.verifying.schema import EDITIONS

# Members filled in when an edition is published; with these values the frozen text was approved.
_PUBLICATION: dict[str, Any] = {
    "published_on": None, "published_by": None, "approved_sha256": None, "approvals": [],
}  # fmt: skip


def _two_decimals(value: Fraction) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN))


_CHOSEN = re.compile(r"(\d{1,15}) of (\d{1,15}) chose it = \S+", re.A)
_SCALE = re.compile(r"\((.+)\) / (\d{1,15}) = \S+", re.A)


def check_scores(evidence: Sequence[Document], where: str) -> None:
    """Scores and values from the counts, the way the formula says."""
    for each in evidence:
        place = f"{where}.evidence {each['question']}"
        if each["score"] is None:
            continue
        value = Fraction(each["value"])
        if _two_decimals(value) != each["score"]:
            fail(f"{place}.score", f"expected {_two_decimals(value)} from its value")
        counts = [counted["count"] for counted in each["counts"]]
        if chosen := _CHOSEN.fullmatch(each["formula"]):
            names = set((each["option_label"] or {}).values())
            own = [c["count"] for c in each["counts"] if c["label"] in names] or counts
            fitting = int(chosen[1]) in own and int(chosen[2]) == each["answered"] == each["n"]
            computed = Fraction(int(chosen[1]), int(chosen[2])) if int(chosen[2]) else None
        elif scale := _SCALE.fullmatch(each["formula"]):
            parts = [int(term.partition("×")[2]) for term in scale[1].split(" + ")]
            n = sum(parts)
            fitting = n == int(scale[2]) == each["n"] and Counter(parts) <= Counter(counts)
            steps = len(parts) - 1
            computed = sum((Fraction(at, steps) * c for at, c in enumerate(parts)), Fraction(0)) / n
        else:
            continue
        if not fitting:
            fail(f"{place}.formula", "does not follow from the counts")
        if computed != value:
            fail(f"{place}.value", f"expected {computed} from the counts")


def check_priority(milestone: Document, where: str) -> None:
    scored = [each for each in milestone["evidence"] if each["score"] is not None]
    n = sum(each["n"] for each in scored)
    priority = milestone["priority"]
    if not n:
        if priority is not None:
            fail(f"{where}.priority", "rests on no score")
        return
    value = sum((Fraction(each["value"]) * each["n"] for each in scored), Fraction(0)) / n
    expected = (_two_decimals(value), n)
    if priority is None or (priority["score"], priority["n"]) != expected:
        fail(f"{where}.priority", f"expected {expected[0]} (n = {n}) from its evidence")


def check_likelihood(edition: Document) -> None:
    """Estimates and percentiles that contradict each other, whatever was drawn."""
    for each in edition["milestones"]:
        where = f"milestones {each['code']}"
        for names in (
            ("optimistic_days", "likely_days", "pessimistic_days"), ("p50_finish", "p80_finish"),
        ):  # fmt: skip
            _check_ascending(each, names, where)
        share = each.get("criticality")
        if share is not None and not 0 <= Decimal(share) <= 1:
            fail(f"{where}.criticality", "expected a share from 0 to 1")
    _check_ascending(edition.get("simulation") or {}, ("p50", "p80"), "simulation")


def _check_ascending(element: Document, names: Sequence[str], where: str) -> None:
    given = [(name, element[name]) for name in names if element.get(name) is not None]
    for (lower, least), (name, value) in pairwise(given):
        if value < least:
            fail(f"{where}.{name}", f"expected {least} ({lower}) or more")


def check_sums(edition: Document) -> None:
    for each in edition["consultations"]:
        for name in ("by_respondent_type", "by_country"):
            counts = [part["count"] for part in each[name]]
            if not counts or each["responses"] is None:
                continue
            known = sum(count for count in counts if count is not None)
            if known > each["responses"] or (None not in counts and known != each["responses"]):
                fail(f"consultations {each['slug']}.{name}", f"adds up to {known} of "
                      f"{each['responses']} responses")  # fmt: skip
    for each in edition["votes"]:
        cast = Counter(ballot["choice"] for ballot in each["ballots"])
        for choice in ("yes", "no", "abstain") if each["ballots"] else ():
            if cast[choice] != each[choice]:
                fail(f"votes {each['slug']}.{choice}", f"expected {cast[choice]} as the roll-call")


def check_publication(edition: Document) -> None:
    if edition["schema"] == EDITIONS[0]:
        return
    if edition["published_on"] is None:
        fail("published_on", "this text was frozen for review and is not an edition")
    approved = edition["approved_sha256"]
    if (approved is None) != (not edition["approvals"]):
        fail("approvals", "expected what was approved together with who approved")
    if approved is not None:
        if len(edition["approvals"]) < 2:
            fail("approvals", "expected two or more")
        frozen = canonical({**edition, **_PUBLICATION}).encode()
        if hashlib.sha256(frozen).hexdigest() != approved:
            fail("approved_sha256", "this is not the text that was approved")
