"""Use cases of scenarios: begin one, try steps, take them back, adopt or drop it.

A scenario is a list of steps on top of the draft as it is now: the draft is never copied. What a
step found when it was made stays with it (``was``), so adopting notices where the draft has moved
on meanwhile, and overwrites nothing unseen.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.ids import clean_slug
from core.text import LocalizedText, clean_text
from roadmap import drafting
from roadmap.draft import Draft
from roadmap.draft_documents import field_values
from roadmap.errors import (
    InvalidDraft,
    ScenarioChanged,
    ScenarioConflict,
    ScenarioEnded,
    ScenarioExists,
    ScenarioNotFound,
)
from roadmap.models import Roadmap, Scenario
from roadmap.roadmaps import get_roadmap, plan_draft, read_draft
from roadmap.scenarios.comparing import Planned
from roadmap.scenarios.steps import Step, apply_steps, do_step, is_current

MOST_STEPS = 500


def begin_scenario(
    session: Session, *, roadmap: Roadmap, title: str, actor: Actor, now: datetime, note: str = ""
) -> Scenario:
    """A branch without any step. Raises ``InvalidDraft``, ``ScenarioExists``."""
    name = clean_text(title.strip(), where="title", maximum=200)
    if not name:
        raise InvalidDraft(where="title", reason="expected a title")
    scenario = Scenario(
        roadmap_id=roadmap.id, slug=clean_slug(name)[:80], title=name,
        note=clean_text(note.strip(), where="note", maximum=2000), steps=[], undone=[],
        base_revision=roadmap.revision, revision=1, state="open", account_id=actor.account_id,
        created_at=now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(scenario)
    except IntegrityError:
        raise ScenarioExists(title=name) from None
    _record(session, roadmap, scenario, "scenario.begun", actor, now)
    return scenario


def get_scenario(session: Session, *, roadmap: Roadmap, slug: str) -> Scenario:
    scenario = session.scalar(
        select(Scenario).where(Scenario.roadmap_id == roadmap.id, Scenario.slug == slug)
    )
    if scenario is None:
        raise ScenarioNotFound(slug=slug)
    return scenario


def list_scenarios(session: Session, *, roadmap: Roadmap) -> Sequence[Scenario]:
    """All scenarios, open ones first, the newest first."""
    found = session.scalars(
        select(Scenario).where(Scenario.roadmap_id == roadmap.id).order_by(Scenario.id.desc())
    ).all()
    return sorted(found, key=lambda each: each.state != "open")


def add_steps(
    session: Session,
    *,
    roadmap: Roadmap,
    scenario: Scenario,
    steps: Sequence[Step],
    revision: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Try steps on top of those that are there; what was taken back before is forgotten.

    ``revision`` is the scenario's revision that was seen. Raises ``InvalidDraft`` naming what is
    wrong, ``ScenarioChanged``, ``ScenarioEnded``.
    """
    _lock(session, scenario, revision)
    draft = apply_steps(read_draft(roadmap), scenario.steps)
    done: list[dict[str, Any]] = []
    for step in steps:
        draft, was = do_step(draft, step)
        done.append({**step, "was": was, "at": now.isoformat()})
    if len(scenario.steps) + len(done) > MOST_STEPS:
        raise InvalidDraft(where="steps", reason=f"expected at most {MOST_STEPS} steps")
    scenario.steps = [*scenario.steps, *done]
    scenario.undone = []
    _record(session, roadmap, scenario, "scenario.changed", actor, now)


def undo_step(
    session: Session,
    *,
    roadmap: Roadmap,
    scenario: Scenario,
    revision: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Take the last step back; ``redo_step`` brings it again. Without a step nothing happens."""
    _lock(session, scenario, revision)
    if scenario.steps:
        scenario.undone = [*scenario.undone, scenario.steps[-1]]
        scenario.steps = scenario.steps[:-1]
        _record(session, roadmap, scenario, "scenario.changed", actor, now)


def redo_step(
    session: Session,
    *,
    roadmap: Roadmap,
    scenario: Scenario,
    revision: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Do again what was taken back last."""
    _lock(session, scenario, revision)
    if scenario.undone:
        scenario.steps = [*scenario.steps, scenario.undone[-1]]
        scenario.undone = scenario.undone[:-1]
        _record(session, roadmap, scenario, "scenario.changed", actor, now)


def drop_scenario(
    session: Session,
    *,
    roadmap: Roadmap,
    scenario: Scenario,
    revision: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """End it without adopting it. It stays readable."""
    _lock(session, scenario, revision)
    _end(session, roadmap, scenario, "dropped", reason, actor, now)


def adopt_scenario(
    session: Session,
    *,
    roadmap: Roadmap,
    scenario: Scenario,
    revision: int,
    reason: str,
    actor: Actor,
    now: datetime,
    overwrite: bool = False,
) -> None:
    """Do all its steps in the draft, each a decision with ``reason`` that names the scenario.

    Raises ``ScenarioConflict`` where the draft no longer says what it said when a step was made,
    unless ``overwrite``; ``InvalidDraft`` where a step is no longer possible at all. All or
    nothing is changed.
    """
    _lock(session, scenario, revision)
    # Whoever changes the draft at the same time waits, or is seen here.
    session.execute(select(Roadmap.id).where(Roadmap.id == roadmap.id).with_for_update())
    session.refresh(roadmap)
    roadmap = get_roadmap(session, slug=roadmap.slug)
    if not scenario.steps:
        raise InvalidDraft(where="steps", reason="there is nothing to adopt yet")
    conflicts = find_conflicts(roadmap, scenario)
    if conflicts and not overwrite:
        where, was, current = conflicts[0]
        raise ScenarioConflict(where=where, was=was, now=current, count=len(conflicts))
    for step in scenario.steps:
        _do_in_draft(session, roadmap, scenario, step, reason, actor, now)
    _end(session, roadmap, scenario, "adopted", reason, actor, now)
    session.expire(roadmap)


def find_conflicts(roadmap: Roadmap, scenario: Scenario) -> list[tuple[str, Any, Any]]:
    """Where the draft moved on since the steps were made: (subject.field, then, now)."""
    draft = read_draft(roadmap)
    found: list[tuple[str, Any, Any]] = []
    for number, step in enumerate(scenario.steps, start=1):
        try:
            found += is_current(draft, step)
            draft, _was = do_step(draft, step)
        except InvalidDraft as error:
            reason = f"{error.where}: {error.params['reason']}"
            raise InvalidDraft(where=f"step {number}", reason=reason) from None
    return found


def plan_scenario(
    roadmap: Roadmap, scenario: Scenario, *, brief: bool = True
) -> tuple[Planned, Planned]:
    """The draft as it is and as the scenario would have it, each with its plan."""
    now = read_draft(roadmap)
    return _planned(now, roadmap.start, brief), _planned(
        apply_steps(now, scenario.steps), roadmap.start, brief
    )


def plan_with(roadmap: Roadmap, steps: Sequence[Step], *, brief: bool = True) -> Planned:
    """The draft after some steps, planned; nothing is kept."""
    return _planned(apply_steps(read_draft(roadmap), steps), roadmap.start, brief)


def _planned(draft: Draft, start: date, brief: bool) -> Planned:
    return Planned(draft, plan_draft(draft, start=start, brief=brief), start)


def _do_in_draft(
    session: Session,
    roadmap: Roadmap,
    scenario: Scenario,
    step: Step,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    why: dict[str, Any] = {
        "roadmap": roadmap, "reason": reason, "actor": actor, "now": now,
        "scenario_id": scenario.id,
    }  # fmt: skip
    match step["op"]:
        case "change_milestones":
            for code, changes in step["changes"].items():
                drafting.change_milestone(session, code=code, changes=field_values(changes), **why)
        case "add_milestone":
            values = field_values(step["values"])
            drafting.add_milestone(session, code=step["code"], **values, **why)
        case "remove_milestones":
            for code in step["codes"]:
                drafting.remove_milestone(session, code=code, **why)
        case "add_dependency":
            added = _dependency_values(step)
            drafting.add_dependency(session, before=step["from"], after=step["to"], **added, **why)
        case "change_dependency":
            changed = _dependency_values(step["changes"])
            which = _which(session, roadmap, step)
            drafting.change_dependency(
                session, before=step["from"], after=step["to"], which=which, **changed, **why
            )
        case "remove_dependency":
            drafting.remove_dependency(
                session, before=step["from"], after=step["to"],
                which=_which(session, roadmap, step), **why,
            )  # fmt: skip


def _dependency_values(given: Step) -> dict[str, Any]:
    values = {name: given[name] for name in ("kind", "lag_days", "ruling") if name in given}
    if "support" in given:
        values["support"] = Decimal(given["support"])
    if "rationale" in given:
        values["rationale"] = LocalizedText(dict(given["rationale"]))
    return values


def _which(session: Session, roadmap: Roadmap, step: Step) -> Any:
    """The id of the dependency that a step names by its ends and, if it does, its kind."""
    if step.get("kind") is None:
        return None
    session.expire(roadmap, ["dependencies"])
    found = [
        each.id
        for each in roadmap.dependencies
        if (each.from_milestone.code, each.to_milestone.code, each.kind)
        == (step["from"], step["to"], step["kind"])
    ]
    return found[0] if len(found) == 1 else None


def _lock(session: Session, scenario: Scenario, revision: int) -> None:
    """Of two people at once, one changes it and the other hears of it."""
    current = session.execute(
        select(Scenario.revision, Scenario.state)
        .where(Scenario.id == scenario.id)
        .with_for_update()
    ).one()
    if current.state != "open":
        raise ScenarioEnded(title=scenario.title)
    if current.revision != revision:
        raise ScenarioChanged(title=scenario.title)
    session.refresh(scenario)


def _end(
    session: Session,
    roadmap: Roadmap,
    scenario: Scenario,
    state: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    text = clean_text(reason.strip(), where="reason", maximum=2000)
    if not text:
        raise InvalidDraft(where="reason", reason="expected why: every decision says it")
    scenario.state, scenario.reason, scenario.ended_at = state, text, now
    _record(session, roadmap, scenario, f"scenario.{state}", actor, now)


def _record(
    session: Session, roadmap: Roadmap, scenario: Scenario, name: str, actor: Actor, now: datetime
) -> None:
    scenario.revision += 1
    session.flush()
    audit.record_event(
        session, name=name, actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}:scenario:{scenario.slug}",
        data={"steps": len(scenario.steps), "revision": scenario.revision},
    )  # fmt: skip
