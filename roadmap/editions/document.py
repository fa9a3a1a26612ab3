"""The document of an edition: everything a reader needs, as plain JSON values. Pure.

Its schema is ``waymark/edition/2`` (docs/editions.md). Decimal numbers are strings, hidden numbers
null, and nothing depends on the order in which rows came from the database.

A document is *frozen* when it enters review. What people approve are exactly those bytes; when it
is published, the members of ``PUBLICATION`` are filled in and nothing else, so anyone can empty
them again and find the hash that was approved.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, Final

from core.text import LocalizedText
from roadmap.draft import Draft, DraftMilestone
from roadmap.draft_documents import dependency_document, milestone_document
from roadmap.editions.comparison import compare_editions, give_reasons
from roadmap.planning.network import Precedence
from roadmap.planning.schedule import Dates, Plan
from roadmap.planning.simulation import Simulation

SCHEMA: Final = "waymark/edition/2"
SCHEMAS: Final = ("waymark/edition/1", SCHEMA)
"""What readers accept: editions never change, so old ones stay as they are."""

PUBLICATION: Final[dict[str, Any]] = {
    "published_on": None,  # the day
    "published_by": None,  # the role of whoever published
    "approved_sha256": None,  # of the document with these members as they are here
    "approvals": [],  # {"role", "approved_on"} of those who approved exactly that
}


@dataclass(frozen=True, slots=True)
class Sources:
    """What an edition freezes beside the draft and its plan, as plain values; parts may be empty.

    evidence
        results by subject (``evidence.links``), ``priorities`` what follows by milestone.
    figures
        what declared ``rules`` make of results: subject, rule, public, figure, value, n, query.
    proposals
        input with its confirmed dispositions; ``decisions`` what was changed, and why.
    simulation
        of the plan; None where no duration is uncertain.
    redundant
        dependencies that others imply.
    behind
        numbers of the proposals that were taken up, by what they changed.
    """

    evidence: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    priorities: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    figures: Sequence[Mapping[str, Any]] = ()
    rules: Sequence[Mapping[str, Any]] = ()
    consultations: Sequence[Mapping[str, Any]] = ()
    votes: Sequence[Mapping[str, Any]] = ()
    decisions: Sequence[Mapping[str, Any]] = ()
    proposals: Sequence[Mapping[str, Any]] = ()
    chapters: Sequence[Mapping[str, Any]] = ()
    simulation: Simulation | None = None
    redundant: Collection[Precedence] = ()
    behind: Mapping[str, Sequence[int]] = field(default_factory=dict)


def build_edition_document(
    *,
    slug: str,
    draft: Draft,
    plan: Plan,
    sources: Sources,
    simulated: bool,
    version: str,
    previous: Mapping[str, str] | None,
    older: Mapping[str, Any] | None,
    frozen_at: datetime,
) -> dict[str, Any]:
    """The frozen document of a draft as edition ``version``; its start must be known.

    ``older`` is the document of the previous edition, against which changes are listed.
    """
    assert draft.start is not None
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "roadmap": {
            "slug": slug,
            "title": (draft.title or LocalizedText.of(slug)).as_dict(),
            "start": draft.start.isoformat(),
        },
        "version": version,
        "previous": dict(previous) if previous else None,
        "frozen_at": frozen_at.isoformat(),
        **{name: _copy(value) for name, value in PUBLICATION.items()},
        "simulated": simulated,
        "areas": [
            {"code": code, "title": title.as_dict(), "parent": draft.parents.get(code)}
            for code, title in draft.areas.items()
        ],
        "milestones": [_milestone(each, plan, sources) for each in draft.milestones],
        "dependencies": _dependencies(draft, plan, sources),
        **_contradictions(plan),
        "schedule": {
            "makespan_days": plan.schedule.makespan_days,
            "conflicts": _broken_promises(draft, plan.schedule.dates),
        },
        "simulation": _simulation(sources.simulation),
        "chapters": [dict(chapter) for chapter in sources.chapters],
        "consultations": [dict(each) for each in sources.consultations],
        "rules": [dict(rule) for rule in sources.rules],
        "evidence": [dict(figure) for figure in sources.figures],
        "proposals": _proposals(sources),
        "votes": [dict(vote) for vote in sources.votes],
        "decisions": [dict(decision) for decision in sources.decisions],
    }
    document = _exact(document)
    document["changes"] = compare_editions(older, document) if older else []
    give_reasons(document["changes"], document["decisions"])
    return document


def published(
    document: Mapping[str, Any],
    *,
    on: date,
    by: str,
    approved_sha256: str | None = None,
    approvals: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """A frozen document as it is published: ``PUBLICATION`` filled in, all else as it was."""
    return {
        **document,
        "published_on": on.isoformat(),
        "published_by": by,
        "approved_sha256": approved_sha256,
        "approvals": [dict(approval) for approval in approvals],
    }


def _milestone(milestone: DraftMilestone, plan: Plan, sources: Sources) -> dict[str, Any]:
    risks = sources.simulation.risks if sources.simulation else {}
    risk = risks.get(milestone.code)
    return {
        "code": milestone.code,
        **milestone_document(milestone),
        **plan.schedule.dates[milestone.code].as_document(),
        "p50_finish": ceil(risk.p50) if risk else None,
        "p80_finish": ceil(risk.p80) if risk else None,
        "criticality": format(risk.criticality, ".4f") if risk else None,
        "priority": sources.priorities.get(milestone.code),
        "evidence": list(sources.evidence.get(milestone.code, ())),
    }


def _dependencies(draft: Draft, plan: Plan, sources: Sources) -> list[dict[str, Any]]:
    # Several may say the same but for their rationale: each suspended one counts once.
    suspended, redundant = Counter(plan.suspended), Counter(sources.redundant)
    listed = []
    for each in draft.dependencies:
        precedence = Precedence(
            each.before, each.after, each.kind, each.lag_days, each.support, each.ruling
        )
        is_suspended, is_redundant = suspended[precedence] > 0, False
        if is_suspended:
            suspended[precedence] -= 1
        elif redundant[precedence] > 0:
            redundant[precedence] -= 1
            is_redundant = True
        entry = {
            **dependency_document(each),
            "suspended": is_suspended,
            "redundant": is_redundant,
            "evidence": list(sources.evidence.get(f"{each.before}>{each.after}", ())),
        }
        listed.append((precedence.order, sorted(each.rationale.as_dict().items()), entry))
    return [entry for _, _, entry in sorted(listed, key=lambda one: one[:2])]


def _contradictions(plan: Plan) -> dict[str, Any]:
    return {
        "contradictions": [
            {
                "from": contradiction.suspended.before,
                "to": contradiction.suspended.after,
                "kind": contradiction.suspended.kind.value,
                "lag_days": contradiction.suspended.lag_days,
                "support": format(contradiction.suspended.support, "f"),
                "cycle": list(contradiction.codes),
            }
            for contradiction in plan.contradictions
        ],
        "contradictions_exact": plan.exact,
        # Circles among dependencies that a person wants kept, all of them: none could be.
        "contradictions_kept": [
            [precedence.before for precedence in conflict] for conflict in plan.conflicts
        ],
    }


def _broken_promises(draft: Draft, dates: Mapping[str, Dates]) -> list[dict[str, Any]]:
    """Fixed starts and promised ends that the dependencies do not allow, and by how many days."""
    assert draft.start is not None
    broken = []
    for milestone in draft.milestones:
        possible = dates[milestone.code]
        for name, asked, day in (
            ("fixed_start", milestone.fixed_start, possible.earliest_start),
            ("finish_by", milestone.finish_by, possible.earliest_finish),
        ):
            late = 0 if asked is None else day - (asked - draft.start).days
            if asked is not None and late > 0:
                broken.append(
                    {"code": milestone.code, "field": name, "asked": asked.isoformat(),
                     "possible": _calendar_day(draft.start, day), "late_days": late}
                )  # fmt: skip
    return broken


def _calendar_day(start: date, offset: int) -> str | None:
    """The calendar day, or None beyond what a calendar can say."""
    try:
        return (start + timedelta(days=offset)).isoformat()
    except OverflowError:
        return None


def _simulation(simulation: Simulation | None) -> dict[str, Any] | None:
    if simulation is None or simulation.p50 is None or simulation.p80 is None:
        return None
    return {
        "samples": simulation.samples,
        "seed": simulation.seed,
        "p50": ceil(simulation.p50),
        "p80": ceil(simulation.p80),
    }


def _proposals(sources: Sources) -> list[dict[str, Any]]:
    """Each with the codes of what it changed."""
    changed: dict[int, list[str]] = {}
    for code, numbers in sources.behind.items():
        for number in numbers:
            changed.setdefault(number, []).append(code)
    return [
        {**proposal, "changed": sorted(changed.get(proposal["number"], ()))}
        for proposal in sources.proposals
    ]


def _exact(value: Any) -> Any:
    """``value`` with decimal numbers as text: canonical JSON writes doubles as ECMAScript does."""
    if isinstance(value, Mapping):
        return {key: _exact(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(each) for each in value]
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    return value


def _copy(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value
