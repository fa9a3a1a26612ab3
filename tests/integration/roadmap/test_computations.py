"""Plans that take long: asked for once a revision, computed by a job, read back as they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.models import OutboxMessage
from roadmap import computations, errors
from roadmap.computations import (
    COMPUTE_TOPIC,
    Waiting,
    compute,
    measure_roadmap,
    plan_for_page,
    request_computation,
    retry_computation,
    simulation_for_page,
    simulation_parameters,
)
from roadmap.draft import Draft
from roadmap.formats.folder import read_folder
from roadmap.models import Computation, Roadmap
from roadmap.planning.schedule import Plan
from roadmap.planning.simulation import Simulation
from roadmap.roadmaps import get_roadmap, import_roadmap, plan_roadmap

NETWORKS = Path(__file__).resolve().parents[2] / "networks"


@pytest.fixture
def draft() -> Draft:
    return read_folder(NETWORKS / "two_against_each_other")


@pytest.fixture
def large(
    session: Session, draft: Draft, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Roadmap:
    """A roadmap that counts as large, because the limits are low."""
    monkeypatch.setattr(computations, "PLANNED_AT_ONCE", 0)
    monkeypatch.setattr(computations, "SIMULATED_AT_ONCE", 0)
    import_roadmap(
        session, slug="large", draft=draft, start=date(2027, 1, 1), actor=OPERATOR, now=now
    )
    return get_roadmap(session, slug="large")


def run_jobs(session: Session, now: datetime) -> int:
    """The job for each message in the outbox, in this session."""

    @contextmanager
    def same() -> Iterator[Session]:
        yield session
        session.flush()

    messages = session.scalars(
        select(OutboxMessage).where(OutboxMessage.topic == COMPUTE_TOPIC)
    ).all()
    for message in messages:
        compute(message.payload, transaction=same, reading=same, clock=lambda: now)
        session.delete(message)
    session.flush()
    return len(messages)


def test_a_small_roadmap_is_planned_at_once(session: Session, draft: Draft, now: datetime):
    import_roadmap(session, slug="small", draft=draft, actor=OPERATOR, now=now)
    roadmap = get_roadmap(session, slug="small")
    plan = plan_for_page(session, roadmap=roadmap, now=now)
    assert isinstance(plan, Plan)
    assert isinstance(simulation_for_page(session, roadmap=roadmap, plan=plan, now=now), Simulation)
    assert measure_roadmap(session, slug="small").waiting is None


def test_a_large_one_waits_and_then_has_the_same_plan(
    session: Session, large: Roadmap, now: datetime
):
    assert plan_for_page(session, roadmap=large, now=now) == Waiting("new", len(large.milestones))
    request_computation(session, roadmap=large, kind="plan", now=now)
    request_computation(session, roadmap=large, kind="plan", now=now)  # by another reader
    waiting = plan_for_page(session, roadmap=large, now=now)
    assert isinstance(waiting, Waiting)
    assert (waiting.state, waiting.since) == ("queued", now)
    assert run_jobs(session, now) == 1
    found, expected = plan_for_page(session, roadmap=large, now=now), plan_roadmap(large)
    assert isinstance(found, Plan)
    assert found.schedule == expected.schedule
    assert found.contradictions == expected.contradictions != ()
    assert found.network.precedences == expected.network.precedences
    assert found.exact is expected.exact
    assert [knot.cycles for knot in found.knots] == [knot.cycles for knot in expected.knots]
    assert measure_roadmap(session, slug="large").waiting is None


def test_a_change_of_the_draft_asks_anew(session: Session, large: Roadmap, now: datetime):
    request_computation(session, roadmap=large, kind="plan", now=now)
    run_jobs(session, now)
    large.mark_changed()
    session.flush()
    session.refresh(large, ["revision"])
    assert plan_for_page(session, roadmap=large, now=now) == Waiting("new", len(large.milestones))
    request_computation(session, roadmap=large, kind="plan", now=now)
    assert run_jobs(session, now) == 1
    assert isinstance(plan_for_page(session, roadmap=large, now=now), Plan)


def test_a_failure_says_why_and_is_tried_again_only_by_a_person(
    session: Session, large: Roadmap, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: Any) -> dict[str, Any]:
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setitem(computations._MAKERS, "plan", fail)
        request_computation(session, roadmap=large, kind="plan", now=now)
        run_jobs(session, now)
    waiting = plan_for_page(session, roadmap=large, now=now)
    assert isinstance(waiting, Waiting)
    assert (waiting.state, waiting.reason) == ("failed", "MemoryError: no room")
    request_computation(session, roadmap=large, kind="plan", now=now)
    assert run_jobs(session, now) == 0
    retry_computation(session, roadmap=large, kind="plan", actor=OPERATOR, now=now)
    assert run_jobs(session, now) == 1
    assert isinstance(plan_for_page(session, roadmap=large, now=now), Plan)
    with pytest.raises(errors.ComputationNotFailed):
        retry_computation(session, roadmap=large, kind="plan", actor=OPERATOR, now=now)


def test_a_job_that_comes_twice_or_too_late_does_no_harm(
    session: Session, large: Roadmap, now: datetime
):
    request_computation(session, roadmap=large, kind="plan", now=now)
    payload = session.scalars(select(OutboxMessage)).all()[-1].payload
    run_jobs(session, now)
    row = session.scalars(select(Computation)).one()
    document = row.document

    @contextmanager
    def same() -> Iterator[Session]:
        yield session

    compute(payload, transaction=same, reading=same, clock=lambda: now)
    assert (row.state, row.document) == ("done", document)
    row.state, row.revision = "queued", large.revision + 1
    session.flush()
    compute(payload, transaction=same, reading=same, clock=lambda: now)
    assert row.revision == large.revision + 1  # what was asked for meanwhile is still to come


def test_a_simulation_is_kept_as_it_was_made(session: Session, large: Roadmap, now: datetime):
    plan = plan_roadmap(large)
    assert isinstance(simulation_for_page(session, roadmap=large, plan=plan, now=now), Waiting)
    request_computation(
        session, roadmap=large, kind="simulation", parameters=simulation_parameters(), now=now
    )
    run_jobs(session, now)
    found = simulation_for_page(session, roadmap=large, plan=plan, now=now)
    assert isinstance(found, Simulation)
    assert found.p50 == plan.schedule.makespan_days
    assert set(found.risks) == {milestone.code for milestone in large.milestones}
