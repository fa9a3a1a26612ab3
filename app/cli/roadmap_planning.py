"""`flask roadmap schedule | explain`: dates, what they rest on, and how likely they are."""

from datetime import date
from typing import Any

import click

from app.cli.output import emit, json_option, note, slug_argument
from app.cli.roadmap import as_number, roadmap_group
from app.database import get_database
from app.roadmap_texts import chain_sentences, conflict_text, day_text, days_text, until_sentences
from roadmap import errors
from roadmap.planning.explaining import Chain, Conflict, Explainer
from roadmap.planning.network import Precedence
from roadmap.planning.schedule import Plan
from roadmap.planning.simulation import (
    MOST_SAMPLES,
    OutOfBounds,
    Simulation,
    estimates_of,
    simulate,
)
from roadmap.roadmaps import get_roadmap, plan_draft, read_draft


@roadmap_group.command("schedule")
@slug_argument
@click.option(
    "--monte-carlo",
    "samples",
    type=int,
    metavar="SAMPLES",
    help=f"Also draw so many schedules from the estimates, 1 to {MOST_SAMPLES:,}.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the random numbers.")
@click.option(
    "--near",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Total slack up to which a milestone is near-critical; else 5 % of the whole, at least"
    " 30 days.",
)
@json_option
def schedule(slug: str, samples: int | None, seed: int, near: int | None, as_json: bool) -> None:
    """Compute all dates, in whole days from the start, and what had to be suspended for them."""
    with get_database().reading() as session:
        roadmap = get_roadmap(session, slug=slug)
        draft, start = read_draft(roadmap), roadmap.start
    plan = plan_draft(draft, start=start)
    explainer = Explainer(plan)
    conflicts = explainer.conflicts()
    within = plan.schedule.near_days if near is None else near
    rows: list[dict[str, Any]] = [
        {"code": each.code, **plan.schedule.dates[each.code].as_document()}
        for each in draft.milestones
    ]
    document: dict[str, Any] = {
        "makespan_days": plan.schedule.makespan_days,
        "milestones": rows,
        "suspended": [
            {
                "from": each.suspended.before,
                "to": each.suspended.after,
                "kind": each.suspended.kind.value,
                "lag_days": each.suspended.lag_days,
                "support": as_number(each.suspended.support),
                "cycle": list(each.codes),
            }
            for each in plan.contradictions
        ],
        "exact": plan.exact,
        "start": start.isoformat(),
        "near_critical": list(plan.schedule.near_critical(within)),
        "near_critical_days": within,
        "conflicts": [_conflict_document(each, start) for each in conflicts],
    }
    simulation = None
    if samples is not None:
        try:
            simulation = simulate(
                plan.network, estimates_of(draft.milestones), samples=samples, seed=seed
            )
        except OutOfBounds as error:
            raise errors.InvalidSamples(samples=error.samples, most=error.most) from error
        _add_simulation(document, simulation)
    if not plan.exact:
        note("The contradictions are too entangled to prove that the least is suspended.")
    emit(document, as_json=as_json, text=_schedule_text(document, plan, conflicts, start))


@roadmap_group.command("explain")
@slug_argument
@click.argument("code")
@json_option
def explain(slug: str, code: str, as_json: bool) -> None:
    """Say why milestone CODE cannot start earlier, and why it may not start later."""
    with get_database().reading() as session:
        roadmap = get_roadmap(session, slug=slug)
        draft, start = read_draft(roadmap), roadmap.start
    if code not in draft.by_code:
        raise errors.MilestoneNotFound(slug=slug, code=code)
    plan = plan_draft(draft, start=start)
    explainer = Explainer(plan)
    found = explainer.explain(code)
    conflicts = [each for each in explainer.conflicts() if each.code == code]
    sentences = [
        *(conflict_text(each, plan.schedule, start) for each in conflicts),
        *chain_sentences(found, plan.schedule, start),
        *until_sentences(found, plan.schedule, start),
    ]
    document = {
        "code": code,
        **plan.schedule.dates[code].as_document(),
        "since": _chain_document(found.since),
        "until": _chain_document(found.until),
        "also": [_precedence_document(each) for each in found.also],
        "conflicts": [_conflict_document(each, start) for each in conflicts],
        "words": sentences,
    }
    emit(document, as_json=as_json, text="\n".join(sentences))


def _add_simulation(document: dict[str, Any], simulation: Simulation) -> None:
    """What the samples say, beside the dates: days with three decimals, shares as they are."""
    document["p50"] = _days(simulation.p50)
    document["p80"] = _days(simulation.p80)
    document["simulation"] = {
        "samples": simulation.samples,
        "seed": simulation.seed,
        "infeasible": simulation.infeasible,
        "mean": _days(simulation.mean),
        "deviation": _days(simulation.deviation),
        "quantiles": {f"p{each}": _days(days) for each, days in simulation.quantiles.items()},
    }
    for row in document["milestones"]:
        risk = simulation.risks.get(row["code"])
        row["p50"] = _days(risk.p50) if risk else None
        row["p80"] = _days(risk.p80) if risk else None
        row["criticality"] = risk.criticality if risk else None
        row["cruciality"] = round(risk.cruciality, 6) if risk else None
        row["sensitivity"] = round(risk.sensitivity, 6) if risk else None
        row["finish_if_short"] = _days(risk.finish_if_short) if risk else None
        row["finish_if_long"] = _days(risk.finish_if_long) if risk else None
        row["promise_kept"] = risk.promise_kept if risk else None
    if simulation.infeasible:
        note(
            f"{simulation.infeasible} of {simulation.samples} samples cannot be scheduled, because"
            " a maximal lag is too short for the durations drawn; they are left out."
        )


def _days(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _precedence_document(precedence: Precedence) -> dict[str, Any]:
    return {
        "from": precedence.before,
        "to": precedence.after,
        "kind": precedence.kind.value,
        "lag_days": precedence.lag_days,
    }


def _chain_document(chain: Chain) -> dict[str, Any]:
    return {
        "reason": chain.reason.value,
        "path": [_precedence_document(link) for link in chain.links],
        "left_out": chain.left_out,
    }


def _conflict_document(conflict: Conflict, start: date) -> dict[str, Any]:
    return {
        "code": conflict.code,
        "demand": conflict.demand.value,
        "asked": conflict.asked,
        "earliest": conflict.earliest,
        "days_late": conflict.days_late,
        "because": _chain_document(conflict.because),
    }


def _schedule_text(
    document: dict[str, Any], plan: Plan, conflicts: list[Conflict], start: date
) -> str:
    end = plan.schedule.makespan_days
    lines = [f"{end} days in all, from {day_text(start, 0)} to {day_text(start, end)}."]
    if document.get("p50") is not None:
        drawn = document["simulation"]
        lines.append(
            f"{drawn['samples']} samples: half finish by {day_text(start, round(document['p50']))}"
            f" (day {document['p50']}), four fifths by {day_text(start, round(document['p80']))}"
            f" (day {document['p80']})."
        )
    for row in document["milestones"]:
        line = (
            f"{row['code']}: day {row['earliest_start']} to {row['earliest_finish']},"
            f" slack {row['total_slack']}{', critical' if row['critical'] else ''}"
        )
        if row.get("p50") is not None:
            line += (
                f"; P50 day {row['p50']}, P80 day {row['p80']},"
                f" critical in {row['criticality']:.0%}"
            )
        lines.append(line)
    if document["near_critical"]:
        lines.append(
            f"near-critical, with {days_text(document['near_critical_days'])} of slack at most:"
            f" {', '.join(document['near_critical'])}"
        )
    lines += [f"conflict: {conflict_text(each, plan.schedule, start)}" for each in conflicts]
    lines += [
        f"suspended: {each.suspended.before} to {each.suspended.after}"
        f" ({' → '.join([*each.codes, each.codes[0]])})"
        for each in plan.contradictions
    ]
    return "\n".join(lines)
