"""Pages of roadmaps that are too large to be planned while somebody waits for an answer.

A view asks ``page_plan`` for the plan and goes on as if it were there. Where it has to be computed
first, the job is asked for and a page says so, which looks again by itself until the plan is there.
Before any page of a large roadmap is made, ``wait_for_plan`` does the same without reading rows.
"""

from datetime import timedelta

from flask import Response, make_response, render_template, request
from sqlalchemy.exc import IntegrityError

from app.access import can
from app.database import get_database, read_session
from core.clock import utc_now
from roadmap.computations import (
    MOST_ON_PAGES,
    PLANNED_AT_ONCE,
    Extent,
    Waiting,
    measure_roadmap,
    plan_for_page,
    request_computation,
    simulation_for_page,
    simulation_parameters,
)
from roadmap.models import Roadmap
from roadmap.planning.schedule import Plan
from roadmap.planning.simulation import Simulation

# Seconds after which a page that waits looks again.
LOOK_AGAIN = 4
# A worker that runs takes up a job within seconds.
_LONG = timedelta(minutes=5)
# Pages of the draft begin like this, and go on with the roadmap's slug.
_PAGES = ("/roadmaps/<slug>", "/desk/roadmaps/<slug>")
# What shows no draft needs no plan.
_WITHOUT_PLAN = ("editions", "recompute")


class StillComputing(Exception):
    """The page cannot be made yet; answered by a page that waits (``answer_waiting``)."""

    def __init__(self, roadmap: Roadmap, waiting: Waiting, kind: str) -> None:
        super().__init__(kind)
        self.roadmap, self.waiting, self.kind = roadmap, waiting, kind


def page_plan(roadmap: Roadmap) -> Plan:
    """The plan of ``roadmap``, as ``get_roadmap`` gave it; for views instead of ``plan_roadmap``.

    Where it is not computed yet, it is asked for, and the page that waits is answered.
    """
    found = plan_for_page(read_session(), roadmap=roadmap, now=utc_now())
    if isinstance(found, Waiting):
        raise StillComputing(roadmap, _asked_for(roadmap, found, "plan", ""), "plan")
    return found


def page_simulation(roadmap: Roadmap, plan: Plan) -> Simulation:
    """The same for the simulation of ``plan``."""
    found = simulation_for_page(read_session(), roadmap=roadmap, plan=plan, now=utc_now())
    if isinstance(found, Waiting):
        waiting = _asked_for(roadmap, found, "simulation", simulation_parameters())
        raise StillComputing(roadmap, waiting, "simulation")
    return found


def wait_for_plan() -> Response | None:
    """Before a page of a large roadmap: the page that waits, or says that there are no pages."""
    rule = str(request.url_rule or "")
    if request.method not in ("GET", "HEAD") or not rule.startswith(_PAGES):
        return None
    if rule.split("<slug>/")[-1].split("/")[0] in _WITHOUT_PLAN:
        return None
    slug = (request.view_args or {})["slug"]
    with get_database().reading() as session:
        extent = measure_roadmap(session, slug=slug)
    if extent.milestones <= PLANNED_AT_ONCE:
        return None
    if extent.waiting is not None:
        waiting = _asked_for(extent.roadmap, extent.waiting, "plan", "")
        return answer_waiting(StillComputing(extent.roadmap, waiting, "plan"))
    return _answer_too_large(extent) if extent.milestones > MOST_ON_PAGES else None


def answer_waiting(error: StillComputing) -> Response:
    """A page that says what is being computed and since when, and looks again by itself."""
    waiting = error.waiting
    page = render_template(
        "roadmaps/computing.html",
        roadmap=error.roadmap,
        waiting=waiting,
        kind=error.kind,
        look_again=LOOK_AGAIN,
        late=waiting.state == "queued"
        and waiting.since is not None
        and utc_now() - waiting.since > _LONG,
        may_retry=can("roadmap.edit"),
    )
    response = make_response(page, 200 if waiting.state == "failed" else 202)
    response.headers["Cache-Control"] = "no-store"
    if waiting.state != "failed":
        response.headers["Retry-After"] = str(LOOK_AGAIN)
    return response


def _answer_too_large(extent: Extent) -> Response:
    response = make_response(
        render_template(
            "roadmaps/too_large.html",
            roadmap=extent.roadmap,
            milestones=extent.milestones,
            most=MOST_ON_PAGES,
            summary=extent.summary,
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked_for(roadmap: Roadmap, waiting: Waiting, kind: str, parameters: str) -> Waiting:
    """What is awaited, asked for if nobody did: in a short transaction of its own."""
    if waiting.state != "new":
        return waiting
    now = utc_now()
    try:
        with get_database().transaction() as session:
            request_computation(session, roadmap=roadmap, kind=kind, parameters=parameters, now=now)
    except IntegrityError:
        pass  # another reader asked at the same moment
    return Waiting("queued", waiting.milestones, now)
