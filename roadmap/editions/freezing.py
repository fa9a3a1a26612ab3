"""Freezing a draft: gather all that an edition holds, and make its document."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from roadmap.draft import Draft
from roadmap.drafting import list_decisions
from roadmap.editions.document import Sources, build_edition_document
from roadmap.evidence.declaring import rules_document
from roadmap.evidence.gathering import evidence_rows, gather_evidence, list_speaking, priority_of
from roadmap.models import Decision, Edition, Proposal, Roadmap
from roadmap.planning.network import Precedence
from roadmap.planning.redundancy import find_redundant
from roadmap.planning.schedule import Plan
from roadmap.planning.simulation import Simulation, estimates_of, most_samples, simulate
from roadmap.proposals.outcomes import proposals_behind, proposals_document
from roadmap.resolving import refuse_conflicts
from roadmap.roadmaps import plan_draft, read_draft
from roadmap.writing.reading import chapters_document
from surveys.models import Consultation
from surveys.results import get_public_results
from voting.motions import votes_on_roadmap

# Samples of the simulation of an edition: fewer where there are more milestones.
SAMPLES = 10_000
SEED = 1
_NUMBERS = 20_000_000
_Key = tuple[tuple[Precedence, ...], tuple[Any, ...]]
_simulations: OrderedDict[_Key, Simulation] = OrderedDict()
_SIMULATIONS_KEPT = 8


def freeze_draft(
    session: Session, *, roadmap: Roadmap, previous: Edition | None, version: str, now: datetime
) -> dict[str, Any]:
    """The document of what the draft says at ``now``; nothing is written.

    Raises ``RulingsContradict`` where dependencies that are to be kept contradict each other.
    """
    draft = read_draft(roadmap)
    plan = plan_draft(draft, start=roadmap.start)
    refuse_conflicts(plan.conflicts)
    evidence = gather_evidence(session, roadmap=roadmap, now=now)
    consultations = _speaking(session, roadmap, now)
    older = json.loads(previous.document) if previous else None
    sources = Sources(
        evidence=evidence,
        priorities={code: priority_of(entries) for code, entries in evidence.items()},
        figures=[row.as_document() for row in evidence_rows(session, roadmap=roadmap, now=now)],
        rules=rules_document(session, roadmap),
        consultations=[_consultation(*entry) for entry in consultations],
        votes=votes_on_roadmap(session, roadmap_slug=roadmap.slug),
        decisions=_decisions_since(session, roadmap, previous, older),
        proposals=proposals_document(session, roadmap),
        behind=proposals_behind(session, roadmap),
        chapters=chapters_document(session, roadmap=roadmap),
        simulation=simulate_plan(draft, plan),
        redundant=[each.precedence for each in find_redundant(plan.network, plan.schedule)],
    )
    return build_edition_document(
        slug=roadmap.slug,
        draft=draft,
        plan=plan,
        sources=sources,
        simulated=roadmap.simulated or any(each.simulated for each, _, _ in consultations),
        version=version,
        previous=named(previous),
        older=older,
        frozen_at=now,
    )


def named(edition: Edition | None) -> dict[str, str] | None:
    """How a document names the edition before it."""
    return None if edition is None else {"version": edition.version, "sha256": edition.sha256}


def simulate_plan(draft: Draft, plan: Plan) -> Simulation | None:
    """What the estimates say of the dates; None where none is uncertain. Remembers the last."""
    estimates = estimates_of(draft.milestones)
    if all(low == high for low, _, high in estimates.values()):
        return None
    key = (plan.network.precedences, (*plan.network.activities.values(), *estimates.items()))
    if key not in _simulations:
        size = len(estimates)
        samples = max(1, min(SAMPLES, most_samples(plan.network), _NUMBERS // size))
        _simulations[key] = simulate(plan.network, estimates, samples=samples, seed=SEED)
        while len(_simulations) > _SIMULATIONS_KEPT:
            _simulations.popitem(last=False)
    return _simulations[key]


def _decisions_since(
    session: Session, roadmap: Roadmap, previous: Edition | None, older: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """What was decided after the edition before was frozen: what it does not list."""
    since = None
    if previous is not None and older is not None:
        frozen_at = older.get("frozen_at")
        since = datetime.fromisoformat(frozen_at) if frozen_at else previous.published_at
    numbers: dict[Any, int] = {
        row.id: row.number
        for row in session.execute(
            select(Proposal.id, Proposal.number).where(Proposal.roadmap_id == roadmap.id)
        )
    }
    return [
        _decision(decision, numbers)
        for decision in list_decisions(session, roadmap=roadmap)
        if since is None or decision.decided_at > since
    ]


def _decision(decision: Decision, numbers: Mapping[Any, int]) -> dict[str, Any]:
    return {
        "subject": decision.subject,
        "change": decision.change,
        "reason": decision.reason,
        "decided_on": decision.decided_at.date().isoformat(),
        "proposal": numbers.get(decision.proposal_id),
    }


def _speaking(
    session: Session, roadmap: Roadmap, now: datetime
) -> list[tuple[Consultation, Mapping[str, Any], Mapping[str, Any]]]:
    """The closed consultations that speak for it, with public results by type and country."""
    return [
        (
            consultation,
            get_public_results(session, consultation=consultation, by="respondent_type"),
            get_public_results(session, consultation=consultation, by="country"),
        )
        for consultation in list_speaking(session, roadmap=roadmap, now=now)
    ]


def _consultation(
    consultation: Consultation, by_type: Mapping[str, Any], by_country: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "slug": consultation.slug,
        "title": consultation.title.as_dict(),
        "kind": consultation.kind,
        "opens_on": consultation.opens_at.date().isoformat() if consultation.opens_at else None,
        "closes_on": consultation.closes_at.date().isoformat() if consultation.closes_at else None,
        "simulated": consultation.simulated,
        "responses": by_type["responses"],
        "by_respondent_type": _sizes(by_type),
        "by_country": _sizes(by_country),
    }


def _sizes(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Responses per group, the largest first, hidden ones (fewer than five, or so) at the end."""
    sizes = {value: split["responses"] for value, split in results["by"].items()}
    order = sorted(sizes, key=lambda value: (-(sizes[value] or 0), value))
    return [{"label": value, "count": sizes[value]} for value in order]
