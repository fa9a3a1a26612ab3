"""What decides a roadmap's dates, what it cannot keep, and how likely the dates are."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import current_actor, public, requires
from app.caching import cacheable
from app.database import commit, read_session, write_session
from app.picture_cache import once
from app.risk_chart import MOST_BARS, draw_histogram, draw_tornado
from app.roadmap_texts import conflict_text, quarter_text
from app.roadmap_waiting import (
    StillComputing,
    answer_waiting,
    page_plan,
    page_simulation,
    wait_for_plan,
)
from app.views.roadmaps import blueprint as roadmaps
from core.clock import utc_now
from roadmap.computations import retry_computation, simulation_parameters
from roadmap.models import Milestone
from roadmap.planning.explaining import Explainer
from roadmap.planning.network import Precedence
from roadmap.roadmaps import get_roadmap

# Of more rows than this a page is no help; the table of milestones has all.
_ROWS = 300
_FIRST_ROWS = 30


@roadmaps.get("/<slug>/critical-path")
@public
@cacheable
def critical_path(slug: str) -> str:
    """The critical and the nearly critical milestones, and every promise that is broken."""
    roadmap = get_roadmap(read_session(), slug=slug)
    plan = page_plan(roadmap)
    dates = plan.schedule.dates
    critical = sorted(
        (each for each in dates.values() if each.critical),
        key=lambda each: (each.earliest_start, each.earliest_finish, each.code),
    )
    drivers: dict[str, list[Precedence]] = {}
    for precedence in plan.driving():
        drivers.setdefault(precedence.after, []).append(precedence)
    asked = request.args.get("near", "")
    # Anything but a number of days counts as not given.
    given = asked.isdecimal() and len(asked) <= 6
    within = int(asked) if given else plan.schedule.near_days
    conflicts = Explainer(plan).conflicts()
    near = plan.schedule.near_critical(within)
    return render_template(
        "roadmaps/critical_path.html",
        roadmap=roadmap,
        plan=plan,
        milestones={milestone.code: milestone for milestone in roadmap.milestones},
        critical=critical[:_ROWS],
        critical_count=len(critical),
        drivers=drivers,
        near=[dates[code] for code in near[:_ROWS]],
        near_count=len(near),
        within=within,
        conflicts=[
            (each, conflict_text(each, plan.schedule, roadmap.start)) for each in conflicts[:_ROWS]
        ],
        conflict_count=len(conflicts),
        quarter_text=quarter_text,
    )


@roadmaps.get("/<slug>/risk")
@public
@cacheable
def risk(slug: str) -> str:
    """How likely the dates are: the spread of the end, what drives it, P50 and P80 of each."""
    roadmap = get_roadmap(read_session(), slug=slug)
    plan = page_plan(roadmap)
    simulation = once(
        ("risk", roadmap.id, roadmap.revision, plan.exact),
        lambda: page_simulation(roadmap, plan),
        size=200 * len(roadmap.milestones),
    )
    planned = plan.schedule.makespan_days
    risks = sorted(
        simulation.risks.values(),
        key=lambda each: (
            -each.criticality,
            plan.schedule.dates[each.code].earliest_start,
            each.code,
        ),
    )
    return render_template(
        "roadmaps/risk.html",
        roadmap=roadmap,
        plan=plan,
        milestones={milestone.code: milestone for milestone in roadmap.milestones},
        simulation=simulation,
        histogram=draw_histogram(simulation, (planned, simulation.p50, simulation.p80)),
        tornado=draw_tornado(simulation),
        movers=simulation.tornado()[:MOST_BARS],
        risks=risks[: _ROWS if "all" in request.args else _FIRST_ROWS],
        risk_count=len(risks),
        estimated=sum(_is_estimated(each) for each in roadmap.milestones),
        quarter_text=quarter_text,
    )


@roadmaps.post("/<slug>/recompute")
@requires("roadmap.edit")
def recompute(slug: str) -> Response:
    """Try again what failed."""
    session = write_session()
    kind = "simulation" if request.form.get("kind") == "simulation" else "plan"
    retry_computation(
        session, roadmap=get_roadmap(session, slug=slug), kind=kind,
        parameters=simulation_parameters() if kind == "simulation" else "",
        actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    view = "roadmaps.risk" if kind == "simulation" else "roadmaps.show"
    return redirect(url_for(view, slug=slug), 303)


@roadmaps.before_app_request
def _wait_for_plan() -> Any:
    return wait_for_plan()


@roadmaps.app_errorhandler(StillComputing)
def _answer_waiting(error: StillComputing) -> Any:
    return answer_waiting(error)


def _is_estimated(milestone: Milestone) -> bool:
    return milestone.optimistic_days is not None or milestone.pessimistic_days is not None
