"""`flask roadmap contradictions | redundant | missing | overrule`: what cannot be, or need not."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import click

from app.cli.output import emit, json_option, note, slug_argument
from app.cli.roadmap import as_number, roadmap_group
from app.database import get_database, operator_session
from app.projection import project_responses
from core.audit import OPERATOR
from core.clock import utc_now
from roadmap.draft_checks import clean_ruling
from roadmap.drafting import get_dependency
from roadmap.errors import DependencyNotFound
from roadmap.evidence.links import dependency_subject
from roadmap.models import Dependency, Roadmap
from roadmap.planning.alternatives import SHOWN, list_alternatives
from roadmap.planning.covering import Effort
from roadmap.planning.network import Precedence
from roadmap.planning.redundancy import find_redundant
from roadmap.planning.suggestions import Threshold, suggest_missing
from roadmap.planning.suspension import Knot
from roadmap.resolving import asked_dependencies, cycle_text, rule_dependency
from roadmap.roadmaps import get_roadmap, plan_draft, precedences_of, read_draft

# Contradictions of one knot that are listed; a large one has thousands.
_LISTED = 1_000


@roadmap_group.command("contradictions")
@slug_argument
@click.option(
    "--alternatives", "most", type=click.IntRange(min=1), default=SHOWN, show_default=True,
    help="How many choices of the same total support to list for each knot, at most.",
)  # fmt: skip
@click.option(
    "--seconds", type=click.FloatRange(min=0), default=60.0, show_default=True,
    help="How long to look for alternatives, in all.",
)  # fmt: skip
@json_option
def contradictions(slug: str, most: int, seconds: float, as_json: bool) -> None:
    """Say what contradicts itself, what is suspended for that, and what else could be."""
    with get_database().reading() as session:
        roadmap = get_roadmap(session, slug=slug)
        draft, start = read_draft(roadmap), roadmap.start
    plan = plan_draft(draft, start=start)
    effort = Effort(total=seconds, each=max(1.0, seconds / 4))
    cycles = {each.suspended: each.codes for each in plan.contradictions}
    document = {
        "exact": plan.exact,
        "suspended_support": as_number(
            sum((each.suspended.support for each in plan.contradictions), Decimal(0))
        ),
        "decided": [dependency_document(each) for each in plan.decided],
        "conflicts": [[dependency_document(step) for step in cycle] for cycle in plan.conflicts],
        "knots": [_knot_document(knot, cycles, most, effort) for knot in plan.knots],
    }
    for cycle in plan.conflicts:
        note(f"What is kept by decision contradicts itself: {cycle_text(cycle)}.")
        note("Take back one of these decisions; until then none of them counts.")
    if not plan.exact:
        note("The contradictions are too entangled to prove that the least is suspended.")
    emit(document, as_json=as_json, text="\n".join(_lines(document)))


@roadmap_group.command("redundant")
@slug_argument
@json_option
def redundant(slug: str, as_json: bool) -> None:
    """List the dependencies that others imply; all of them together could go."""
    with get_database().reading() as session:
        roadmap = get_roadmap(session, slug=slug)
        draft, start = read_draft(roadmap), roadmap.start
    plan = plan_draft(draft, start=start)
    document = [
        {
            **dependency_document(each.precedence),
            "always": each.always,
            "path": [step.before for step in each.path] + [each.precedence.after],
        }
        for each in find_redundant(plan.network, plan.schedule)
    ]
    lines = [
        f"{_words(each)}: {' → '.join(each['path'])} asks for as much"
        f"{'' if each['always'] else ', with the durations of today'}"
        for each in document
    ]
    emit(document, as_json=as_json, text="\n".join(lines) or "No dependency is redundant.")


@roadmap_group.command("missing")
@slug_argument
@click.option("--people", type=click.IntRange(min=1), default=Threshold().people,
              show_default=True, help="How many people must have proposed it.")  # fmt: skip
@click.option("--share", type=click.FloatRange(0, 1), default=float(Threshold().share),
              show_default=True, help="Which share of those who proposed any.")  # fmt: skip
@json_option
def missing(slug: str, people: int, share: float, as_json: bool) -> None:
    """List the dependencies that enough people proposed and the roadmap does not have."""
    now = utc_now()
    with operator_session() as session:
        project_responses(session, now=now)
        roadmap = get_roadmap(session, slug=slug)
        asked = asked_dependencies(session, roadmap=roadmap, now=now)
        draft, start = read_draft(roadmap), roadmap.start
    plan = plan_draft(draft, start=start)
    suggestions = suggest_missing(
        plan.network, precedences_of(draft), asked,
        threshold=Threshold(people, Decimal(str(share))),
    )  # fmt: skip
    document = [
        {
            "from": each.asked.before,
            "to": each.asked.after,
            "kind": each.precedence.kind.value,
            "support": each.asked.support,
            "n": each.asked.answered,
            "query": each.asked.query,
            "closes": [step.before for step in each.closes],
            "implied": each.implied,
        }
        for each in suggestions
    ]
    lines = [
        f"{each['from']} → {each['to']} ({each['kind']}): {each['support']} of {each['n']} people"
        + (f"; would contradict {' → '.join(each['closes'])}" if each["closes"] else "")
        + ("; holds already because of others" if each["implied"] else "")
        for each in document
    ]
    emit(document, as_json=as_json, text="\n".join(lines) or "Nothing is missing, so far.")


@roadmap_group.command("overrule")
@slug_argument
@click.argument("before")
@click.argument("after")
@click.argument("ruling", type=click.Choice(["keep", "suspend", "none"]))
@click.option("--reason", required=True, help="Why; it is kept with the decision.")
@click.option("--which", type=click.IntRange(min=1),
              help="Where several lead from the one to the other: which, from 1.")  # fmt: skip
@json_option
def overrule(
    slug: str, before: str, after: str, ruling: str, reason: str, which: int | None, as_json: bool
) -> None:
    """Keep the dependency from BEFORE to AFTER, suspend it, or take that back (none)."""
    wanted = clean_ruling("" if ruling == "none" else ruling)
    with operator_session() as session:
        roadmap = get_roadmap(session, slug=slug)
        dependency = rule_dependency(
            session,
            roadmap=roadmap,
            dependency_id=_find(session, roadmap, before, after, which).id,
            ruling=wanted.value,
            reason=reason,
            actor=OPERATOR,
            now=utc_now(),
        )
        document = {
            "from": before, "to": after, "kind": dependency.kind,
            "lag_days": dependency.lag_days, "ruling": dependency.ruling,
        }  # fmt: skip
    said = {"keep": "is kept", "suspend": "is suspended", "": "is left to the computation"}
    emit(document, as_json=as_json, text=f"{before} → {after} {said[wanted.value]}.")


def dependency_document(precedence: Precedence) -> dict[str, Any]:
    """A dependency as JSON values."""
    return {
        "from": precedence.before,
        "to": precedence.after,
        "kind": precedence.kind.value,
        "lag_days": precedence.lag_days,
        "support": as_number(precedence.support),
        "ruling": precedence.ruling.value,
    }


def _find(session: Any, roadmap: Roadmap, before: str, after: str, which: int | None) -> Dependency:
    if which is None:
        return get_dependency(session, roadmap=roadmap, before=before, after=after)
    found = [
        each
        for each in roadmap.dependencies
        if (each.from_milestone.code, each.to_milestone.code) == (before, after)
    ]
    if which > len(found):
        raise DependencyNotFound(slug=roadmap.slug, subject=dependency_subject(before, after))
    return found[which - 1]


def _knot_document(
    knot: Knot, cycles: dict[Precedence, tuple[str, ...]], most: int, effort: Effort
) -> dict[str, Any]:
    precedences = knot.network.precedences
    found = list_alternatives(knot, most=most, effort=effort)
    return {
        "milestones": list(knot.network.activities),
        "dependencies": len(precedences),
        "suspended": [
            {**dependency_document(precedences[at]), "cycle": list(cycles[precedences[at]])}
            for at in sorted(knot.suspended)
        ],
        "support": as_number(knot.support),
        "exact": knot.exact,
        "contradictions_found": len(knot.cycles),
        "contradictions": [
            [dependency_document(precedences[at]) for at in cycle]
            for cycle in knot.cycles[:_LISTED]
        ],
        "alternatives": [[dependency_document(each) for each in one] for one in found.choices],
        "alternatives_complete": found.complete,
        "more_alternatives": found.more,
        "next_support": None if found.next_support is None else as_number(found.next_support),
    }


def _words(each: dict[str, Any]) -> str:
    lag = f" {each['lag_days']:+d}" if each["lag_days"] else ""
    return f"{each['from']} → {each['to']} ({each['kind']}{lag}, support {each['support']})"


def _lines(document: dict[str, Any]) -> Iterable[str]:
    for each in document["decided"]:
        yield f"suspended by decision: {_words(each)}"
    for knot in document["knots"]:
        yield (
            f"{len(knot['milestones'])} milestones, {knot['dependencies']} dependencies: suspended"
            f" with support {knot['support']}"
            f" ({'no less is possible' if knot['exact'] else 'not proven to be the least'})"
        )
        for each in knot["suspended"]:
            yield f"  {_words(each)}, because of {' → '.join([*each['cycle'], each['cycle'][0]])}"
        others = len(knot["alternatives"]) - 1
        if others:
            more = " and more" if knot["more_alternatives"] else ""
            yield f"  {others}{more} other choices cost as much"
    if not document["knots"]:
        yield "Nothing contradicts itself."
