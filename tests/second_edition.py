"""Two editions of the second schema, made by the builder, each agreeing with itself."""

import hashlib
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import rfc8785

from core.text import LocalizedText
from roadmap.draft import BudgetSource, Draft, DraftDependency, DraftMilestone, Kpi, Link
from roadmap.editions.document import Sources, build_edition_document, published
from roadmap.editions.freezing import simulate_plan
from roadmap.evidence.gathering import priority_of
from roadmap.planning.network import Kind, Ruling
from roadmap.planning.redundancy import find_redundant
from roadmap.roadmaps import plan_draft

START = date(2026, 1, 1)


def _text(english: str, french: str = "") -> LocalizedText:
    return LocalizedText({"en": english} | ({"fr": french} if french else {}))


def draft() -> Draft:
    """Five milestones in two areas, a contradiction, a decision, a promise that cannot be kept."""
    return Draft(
        title=_text("Smart networks", "Réseaux intelligents"),
        start=START,
        areas={"net": _text("Networks"), "radio": _text("Radio"), "use": _text("Uses")},
        parents={"radio": "net"},
        milestones=(
            DraftMilestone(
                "A", _text("Architecture", "Architecture du réseau"), "SRIA", "net", 100,
                description=_text("It says who does what."), lead="6G-IA", trl_from=2, trl_to=4,
                optimistic_days=80, likely_days=100, pessimistic_days=150,
                kpis=(Kpi(_text("Latency"), "1", "10", "ms", "2028-Q4"),),
                budget={BudgetSource.EU: Decimal(4000000),
                        BudgetSource.INDUSTRY_IN_KIND: Decimal(20000000)},
                participants=("AIOTI",), themes=("zero latency",), standards=("3GPP Release 20",),
                links=(Link("programme", "CEF Digital"),), spectrum=("26 GHz",),
            ),
            DraftMilestone("B", _text("Prototype"), "SRIA", "radio", 50,
                           not_before=date(2026, 6, 1)),
            DraftMilestone("C", _text("Trials"), "SRIA", "radio", 70,
                           finish_by=date(2026, 8, 1), optimistic_days=60, pessimistic_days=100),
            DraftMilestone("D", _text("Corridor"), "SDA", "use", 30, stage="preparation",
                           budget={BudgetSource.CEF: Decimal("1500000.50")}),
            DraftMilestone("E", _text("Hand-over"), "SDA", "use", 0,
                           fixed_start=date(2027, 1, 15)),
        ),
        dependencies=(
            DraftDependency("A", "B", Kind.FS, 10, Decimal(7), _text("The prototype needs it.")),
            DraftDependency("B", "C", Kind.SS, 5, Decimal(3)),
            DraftDependency("C", "D", Kind.FF, 0, Decimal(2)),
            DraftDependency("D", "E", Kind.SF, 20, Decimal(1)),
            DraftDependency("A", "C", Kind.SS, 0, Decimal(1)),
            DraftDependency("C", "A", Kind.FS, 0, Decimal("1.5")),
            DraftDependency("E", "D", Kind.FS, 0, Decimal(4), ruling=Ruling.SUSPEND),
        ),
    )  # fmt: skip


def _evidence() -> list[dict[str, Any]]:
    counts = [("Low", 10), ("Middle", 20), ("High", 70)]
    listed = [{"label": label, "count": count} for label, count in counts]
    asked = {
        "consultation": "ask", "question_title": {"en": "How important?"}, "option": None,
        "option_label": None, "answered": 100, "counts": listed,
        "by_group": [{"group": "ngo", "answered": None,
                      "counts": [{"label": label, "count": None} for label, _ in counts]}],
    }  # fmt: skip
    scale = "(0×10 + 0.5000×20 + 1×70) / 100 = 0.80"
    return [
        asked | {"question": "Q1", "score": "0.80", "value": "4/5", "n": 100, "formula": scale,
                 "query": "ask / Q1, scale rising"},
        asked | {"question": "Q2", "option": "high", "option_label": {"en": "High"},
                 "score": "0.70", "value": "7/10", "n": 100,
                 "formula": "70 of 100 chose it = 0.70", "query": "ask / Q2 = high"},
    ]  # fmt: skip


def sources(text: str = "We connect.") -> Sources:
    evidence = {"A": _evidence(), "A>B": _evidence()[:1]}
    return Sources(
        evidence=evidence,
        priorities={code: priority_of(entries) for code, entries in evidence.items()},
        figures=[{"subject": "A", "rule": "scale_mean/1", "public": "ngo", "figure": "score",
                  "value": 0.8, "n": 100, "query": "consultation=ask&question=Q1"}],
        rules=[{"rule": "scale_mean/1", "formula": 1, "consultation": "ask", "source": "Q1",
                "parameters": {}, "words": "mean place on the scale", "figures": {},
                "declared_on": "2026-02-01"}],
        consultations=[{
            "slug": "ask", "title": {"en": "A question"}, "kind": "public",
            "opens_on": "2026-01-01", "closes_on": "2026-02-01", "simulated": False,
            "responses": 100, "by_respondent_type": [{"label": "eu_citizen", "count": 97},
                                                     {"label": "ngo", "count": None}],
            "by_country": [{"label": "PT", "count": 100}],
        }],
        votes=[{
            "slug": "adopt", "title": {"en": "Adopt it"}, "rule": "simple",
            "population_year": 2025, "population_source": "Council", "closed_on": "2026-03-01",
            "simulated": False, "attained": True, "yes": 2, "no": 1, "abstain": 0,
            "not_voting": 24, "population_share": None, "reason": "2 of 3 are in favour.",
            "record_sha256": "ab" * 32,
            "ballots": [{"delegation": code, "choice": choice, "proxy_of": None}
                        for code, choice in (("DE", "yes"), ("FR", "yes"), ("HU", "no"))],
        }],
        decisions=[{"subject": "A", "change": "changed", "reason": "Trials took longer.",
                    "decided_on": "2026-03-05", "proposal": 4}],
        proposals=[
            {"number": 4, "kind": "milestone", "subject": "A", "title": {"en": "More time for A"},
             "decision": "accepted", "reason": {"en": "Many asked for it."}, "section": "A",
             "points": 12},
            {"number": 5, "kind": "milestone", "subject": "", "title": {"en": "A moon base"},
             "decision": "rejected", "reason": {"en": "Outside of the scope."}, "section": "",
             "points": None},
        ],
        behind={"A": [4]},
        chapters=[{"code": "V", "title": {"en": "Vision"}, "area": "net", "paragraphs": [
            {"code": "V-1", "text": {"en": text, "fr": "Nous relions."}, "version": 2},
            {"code": "V-2", "text": {"en": "For all."}, "version": 1}]}],
    )  # fmt: skip


def _freeze(
    plan_of: Draft, given: Sources, version: str, older: dict[str, Any] | None, day: int
) -> dict[str, Any]:
    plan = plan_draft(plan_of, start=START)
    return build_edition_document(
        slug="smart", draft=plan_of, plan=plan,
        sources=replace(
            given, simulation=simulate_plan(plan_of, plan),
            redundant=[each.precedence for each in find_redundant(plan.network, plan.schedule)],
        ),
        simulated=False, version=version,
        previous=older and {"version": older["version"], "sha256": fingerprint(older)},
        older=older, frozen_at=datetime(2026, 3, day, 12, tzinfo=UTC),
    )  # fmt: skip


def fingerprint(document: dict[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(document)).hexdigest()


@cache
def _pair() -> tuple[dict[str, Any], dict[str, Any]]:
    first = published(_freeze(draft(), Sources(), "1.0", None, 1), on=date(2026, 3, 1),
                      by="operator")  # fmt: skip
    old = draft()
    a, *rest = old.milestones
    changed = replace(
        old,
        milestones=(
            replace(a, duration_days=120, title=_text("Open architecture")), *rest[:3],
            DraftMilestone("F", _text("Evaluation"), "SDA", "use", 15),
        ),
        dependencies=(*(each for each in old.dependencies if "E" not in (each.before, each.after)),
                      DraftDependency("D", "F", Kind.FS, 0)),
    )  # fmt: skip
    frozen = _freeze(changed, sources("We connect everyone."), "1.1", first, 8)
    approvals = [{"role": "secretariat", "approved_on": "2026-03-09"}] * 2
    second = published(
        frozen, on=date(2026, 3, 10), by="secretariat", approved_sha256=fingerprint(frozen),
        approvals=approvals,
    )  # fmt: skip
    return first, second


def edition_pair() -> tuple[dict[str, Any], dict[str, Any]]:
    """Edition 1.0, published by the operator, and 1.1, approved by two, which follows it."""
    return deepcopy(_pair())
