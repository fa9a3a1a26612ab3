"""The document of an edition: everything a reader needs, as plain JSON values.

Its schema is ``waymark/edition/1``. Decimal numbers are strings, hidden numbers null, and nothing
depends on the order in which rows came from the database.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from roadmap.editions.comparison import compare_editions
from roadmap.evidence.links import Evidence, dependency_subject, priority_of
from roadmap.models import Decision, Milestone, Roadmap
from roadmap.planning.schedule import Plan
from surveys.models import Consultation

SCHEMA = "waymark/edition/1"


def build_edition_document(
    *,
    roadmap: Roadmap,
    plan: Plan,
    evidence: Mapping[str, Sequence[Evidence]],
    consultations: Sequence[tuple[Consultation, Mapping[str, Any], Mapping[str, Any]]],
    votes: Sequence[Mapping[str, Any]],
    decisions: Sequence[Decision],
    version: str,
    previous: Mapping[str, str] | None,
    older: Mapping[str, Any] | None,
    published_on: date,
) -> dict[str, Any]:
    """The document of ``roadmap`` as edition ``version``.

    ``consultations`` are (consultation, public results by respondent type, by country);
    ``older`` is the document of the previous edition, against which changes are listed.
    """
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "roadmap": {
            "slug": roadmap.slug,
            "title": roadmap.title.as_dict(),
            "start": roadmap.start.isoformat(),
        },
        "version": version,
        "previous": dict(previous) if previous else None,
        "published_on": published_on.isoformat(),
        "simulated": roadmap.simulated or any(c.simulated for c, _, _ in consultations),
        "areas": [
            {"code": area.code, "title": area.title.as_dict()}
            for area in sorted(roadmap.areas, key=lambda area: (area.position, area.code))
        ],
        "milestones": [
            _milestone(milestone, plan, evidence.get(milestone.code, ()))
            for milestone in sorted(roadmap.milestones, key=lambda m: (m.position, m.code))
        ],
        "dependencies": _dependencies(plan, evidence),
        "contradictions": [
            {
                "from": contradiction.suspended.before,
                "to": contradiction.suspended.after,
                "kind": contradiction.suspended.kind.value,
                "support": format(contradiction.suspended.support, "f"),
                "cycle": list(contradiction.codes),
            }
            for contradiction in plan.contradictions
        ],
        "contradictions_exact": plan.exact,
        "schedule": {"makespan_days": plan.schedule.makespan_days},
        "consultations": [_consultation(*entry) for entry in consultations],
        "votes": [dict(vote) for vote in votes],
        "decisions": [
            {
                "subject": decision.subject,
                "change": decision.change,
                "reason": decision.reason,
                "decided_on": decision.decided_at.date().isoformat(),
            }
            for decision in decisions
        ],
    }
    document["changes"] = compare_editions(older, document) if older else []
    _give_reasons(document)
    return document


def _milestone(milestone: Milestone, plan: Plan, evidence: Sequence[Evidence]) -> dict[str, Any]:
    return {
        "code": milestone.code,
        "title": milestone.title.as_dict(),
        "description": milestone.description.as_dict(),
        "agenda": milestone.agenda,
        "area": milestone.area.code,
        "duration_days": milestone.duration_days,
        "not_before": milestone.not_before.isoformat() if milestone.not_before else None,
        "lead": milestone.lead,
        "trl_from": milestone.trl_from,
        "trl_to": milestone.trl_to,
        **plan.schedule.dates[milestone.code].as_document(),
        "priority": priority_of(evidence),
        "evidence": list(evidence),
    }


def _dependencies(plan: Plan, evidence: Mapping[str, Sequence[Evidence]]) -> list[dict[str, Any]]:
    suspended = [contradiction.suspended for contradiction in plan.contradictions]
    standing = [(precedence, False) for precedence in plan.network.precedences]
    everything = standing + [(precedence, True) for precedence in suspended]
    return [
        {
            "from": precedence.before,
            "to": precedence.after,
            "kind": precedence.kind.value,
            "lag_days": precedence.lag_days,
            "support": format(precedence.support, "f"),
            "suspended": is_suspended,
            "evidence": list(
                evidence.get(dependency_subject(precedence.before, precedence.after), ())
            ),
        }
        for precedence, is_suspended in sorted(everything, key=lambda entry: entry[0].order)
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


def _give_reasons(document: dict[str, Any]) -> None:
    """Put beside each change what was decided about its subject, if it was."""
    reasons: dict[str, list[str]] = {}
    for decision in document["decisions"]:
        reasons.setdefault(decision["subject"], []).append(decision["reason"])
    for change in document["changes"]:
        change["reasons"] = reasons.get(change["code"], [])
