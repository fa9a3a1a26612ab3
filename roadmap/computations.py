"""What takes too long for a page: computed by a job and kept for its revision of the draft.

A page asks ``plan_for_page``. A roadmap of up to ``PLANNED_AT_ONCE`` milestones is planned there
and then. A larger one has its plan if it was computed for this revision; else the page gets a
``Waiting``, calls ``request_computation`` in a short transaction of its own, and says that it is
being computed. The job (``compute``) reads, computes without holding any transaction, and writes.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import outbox
from core.audit import Actor, record_event
from core.errors import WaymarkError
from roadmap.draft import Draft
from roadmap.errors import ComputationNotFailed, RoadmapNotFound
from roadmap.models import Computation, Milestone, Roadmap
from roadmap.planning.keeping import plan_document, read_plan
from roadmap.planning.schedule import Plan
from roadmap.planning.simulation import Risk, Simulation, estimates_of, most_samples, simulate
from roadmap.roadmaps import (
    activities_of,
    get_roadmap,
    plan_draft,
    plan_roadmap,
    precedences_of,
    read_draft,
)

COMPUTE_TOPIC = "roadmap.compute"
# Milestones up to which a page plans by itself: half a second, with contradictions two at most.
PLANNED_AT_ONCE = 3_000
# Milestones beyond which the draft is not shown as pages: reading the rows alone takes too long.
MOST_ON_PAGES = 20_000
# Samples times milestones that a page draws by itself: half a second.
SIMULATED_AT_ONCE = 2_000_000
PAGE_SAMPLES = 10_000
PAGE_SEED = 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A plan or simulation that is not there yet.

    ``state`` is "new" (nobody asked for it in this revision yet), "queued", "running" or
    "failed", then with ``reason``. ``since`` is when it was asked for.
    """

    state: str
    milestones: int
    since: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a roadmap is, and its computed plan in figures if there is one for its revision.

    ``summary`` has ``makespan_days``, ``critical``, ``suspended`` and ``exact``.
    """

    roadmap: Roadmap
    milestones: int
    waiting: Waiting | None
    summary: dict[str, Any] | None


def measure_roadmap(session: Session, *, slug: str) -> Extent:
    """How large it is, without reading its content. Raises ``RoadmapNotFound``."""
    roadmap = session.scalar(select(Roadmap).where(Roadmap.slug == slug))
    if roadmap is None:
        raise RoadmapNotFound(slug=slug)
    milestones = _count(session, roadmap)
    if milestones <= PLANNED_AT_ONCE:
        return Extent(roadmap, milestones, None, None)
    found = _find(session, roadmap=roadmap, kind="plan", parameters="")
    waiting = _waiting(found, roadmap, milestones)
    summary = None
    if found is not None and waiting is None and milestones > MOST_ON_PAGES:
        document = json.loads(found.document or "{}")
        summary = {name: document[name] for name in ("makespan_days", "critical", "exact")}
        summary["suspended"] = len(document["contradictions"]) + len(document["decided"])
    return Extent(roadmap, milestones, waiting, summary)


def plan_for_page(session: Session, *, roadmap: Roadmap, now: datetime) -> Plan | Waiting:
    """The plan of a roadmap, as ``get_roadmap`` gave it, for a page that must answer soon.

    For ``Waiting``, call ``request_computation(session, roadmap=roadmap, kind="plan", now=now)`` in
    a session that may write, commit, and show a page that says so; in the application
    ``app.roadmap_waiting.page_plan`` does all of this, and is what views call.
    """
    if len(roadmap.milestones) <= PLANNED_AT_ONCE:
        return plan_roadmap(roadmap, brief=True)
    found = _find(session, roadmap=roadmap, kind="plan", parameters="")
    waiting = _waiting(found, roadmap, len(roadmap.milestones))
    if found is None or waiting is not None:
        return waiting or Waiting("new", len(roadmap.milestones))
    draft = read_draft(roadmap)
    activities = activities_of(draft, start=roadmap.start)
    return read_plan(json.loads(found.document or ""), activities, precedences_of(draft))


def simulation_for_page(
    session: Session, *, roadmap: Roadmap, plan: Plan, now: datetime
) -> Simulation | Waiting:
    """The simulation of ``plan``, the roadmap's: ``PAGE_SAMPLES`` samples, ``PAGE_SEED``."""
    milestones = len(roadmap.milestones)
    samples = min(PAGE_SAMPLES, most_samples(plan.network))
    if milestones * samples <= SIMULATED_AT_ONCE:
        estimates = estimates_of(read_draft(roadmap).milestones)
        return simulate(plan.network, estimates, samples=samples, seed=PAGE_SEED)
    found = _find(session, roadmap=roadmap, kind="simulation", parameters=simulation_parameters())
    waiting = _waiting(found, roadmap, milestones)
    if found is None or waiting is not None:
        return waiting or Waiting("new", milestones)
    return _read_simulation(json.loads(found.document or ""))


def simulation_parameters() -> str:
    """Of the simulation that the pages show."""
    return f"samples={PAGE_SAMPLES} seed={PAGE_SEED}"


def request_computation(
    session: Session, *, roadmap: Roadmap, kind: str, parameters: str = "", now: datetime
) -> None:
    """Ask for it to be computed for the roadmap's revision, unless somebody did.

    What failed is not tried again by this: see ``retry_computation``.
    """
    found = _find(session, roadmap=roadmap, kind=kind, parameters=parameters, lock=True)
    if found is not None and found.revision == roadmap.revision:
        return
    _queue(session, found, roadmap=roadmap, kind=kind, parameters=parameters, now=now)


def retry_computation(
    session: Session,
    *,
    roadmap: Roadmap,
    kind: str,
    parameters: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Ask again for what failed. Raises ``ComputationNotFailed``."""
    found = _find(session, roadmap=roadmap, kind=kind, parameters=parameters, lock=True)
    if found is None or found.state != "failed":
        raise ComputationNotFailed()
    _queue(session, found, roadmap=roadmap, kind=kind, parameters=parameters, now=now)
    record_event(
        session, name="roadmap.computation_retried", actor=actor,
        subject=f"roadmap:{roadmap.slug}", data={"kind": kind}, now=now,
    )  # fmt: skip


def compute(
    payload: dict[str, Any],
    *,
    transaction: outbox.Transaction,
    reading: Callable[[], AbstractContextManager[Session]],
    clock: Callable[[], datetime],
) -> None:
    """The job: compute what was asked for and keep it with the revision it was computed of.

    No transaction is open meanwhile. Why it failed is kept, too; nothing is raised for that, as
    trying the same once more would fail again. Harmless when repeated.
    """
    computation_id = UUID(payload["computation"])
    with transaction() as session:
        found = session.get(Computation, computation_id)
        if found is None or found.state in ("done", "failed"):
            return
        roadmap = session.get_one(Roadmap, found.roadmap_id)
        found.state = "running"
        kind, parameters, slug = found.kind, found.parameters, roadmap.slug
    with reading() as session:
        roadmap = get_roadmap(session, slug=slug)
        draft, start, revision = read_draft(roadmap), roadmap.start, roadmap.revision
    document, reason = None, ""
    try:
        document = json.dumps(_MAKERS[kind](draft, start, parameters), separators=(",", ":"))
    except WaymarkError as error:
        reason = f"{error.code}: {error.message}"
    except Exception as error:  # whatever it is, those who wait are told
        reason = f"{type(error).__name__}: {error}"
    with transaction() as session:
        found = session.get(Computation, computation_id, with_for_update=True)
        # The draft may have changed meanwhile, and been asked for anew: then this came too late.
        if found is None or found.revision > revision:
            return
        found.revision, found.document, found.reason = revision, document, reason[:2000]
        found.state = "failed" if document is None else "done"
        found.finished_at = clock()


def _plan(draft: Draft, start: date, _parameters: str) -> dict[str, Any]:
    plan = plan_draft(draft, start=start)
    return plan_document(plan, activities_of(draft, start=start), precedences_of(draft))


def _simulation(draft: Draft, start: date, parameters: str) -> dict[str, Any]:
    given = dict(part.split("=") for part in parameters.split())
    plan = plan_draft(draft, start=start)
    samples = min(int(given["samples"]), most_samples(plan.network))
    return asdict(
        simulate(
            plan.network, estimates_of(draft.milestones), samples=samples, seed=int(given["seed"])
        )
    )


_MAKERS = {"plan": _plan, "simulation": _simulation}


def _read_simulation(document: dict[str, Any]) -> Simulation:
    values = {
        **document,
        "quantiles": {int(percent): days for percent, days in document["quantiles"].items()},
        "bins": tuple(document["bins"]),
        "counts": tuple(document["counts"]),
        "risks": {code: Risk(**risk) for code, risk in document["risks"].items()},
    }
    return Simulation(**values)


def _count(session: Session, roadmap: Roadmap) -> int:
    query = select(func.count()).select_from(Milestone).where(Milestone.roadmap_id == roadmap.id)
    return session.scalar(query) or 0


def _find(
    session: Session, *, roadmap: Roadmap, kind: str, parameters: str, lock: bool = False
) -> Computation | None:
    query = select(Computation).where(
        Computation.roadmap_id == roadmap.id,
        Computation.kind == kind,
        Computation.parameters == parameters,
    )
    return session.scalar(query.with_for_update() if lock else query)


def _waiting(found: Computation | None, roadmap: Roadmap, milestones: int) -> Waiting | None:
    """What there is to wait for; nothing where it is computed for the roadmap's revision."""
    if found is None or found.revision != roadmap.revision:
        return Waiting("new", milestones)
    if found.state == "done":
        return None
    return Waiting(found.state, milestones, found.requested_at, found.reason)


def _queue(
    session: Session,
    found: Computation | None,
    *,
    roadmap: Roadmap,
    kind: str,
    parameters: str,
    now: datetime,
) -> None:
    if found is None:
        found = Computation(roadmap_id=roadmap.id, kind=kind, parameters=parameters)
        session.add(found)
    found.revision, found.state, found.requested_at = roadmap.revision, "queued", now
    found.document, found.reason, found.finished_at = None, "", None
    session.flush()
    outbox.enqueue(session, topic=COMPUTE_TOPIC, payload={"computation": str(found.id)}, now=now)
