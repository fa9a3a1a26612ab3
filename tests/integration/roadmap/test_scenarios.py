"""Scenarios: steps on top of the draft, taken back and done again, adopted or dropped."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.text import LocalizedText
from roadmap.draft import BudgetSource, Draft, DraftDependency, DraftMilestone
from roadmap.drafting import change_milestone, remove_milestone
from roadmap.errors import (
    InvalidDraft,
    ScenarioChanged,
    ScenarioConflict,
    ScenarioEnded,
    ScenarioExists,
)
from roadmap.models import Decision, Roadmap, Scenario
from roadmap.planning.network import Kind
from roadmap.roadmaps import get_roadmap, import_roadmap, read_draft
from roadmap.scenarios.branching import (
    add_steps,
    adopt_scenario,
    begin_scenario,
    drop_scenario,
    find_conflicts,
    list_scenarios,
    plan_scenario,
    redo_step,
    undo_step,
)
from roadmap.scenarios.comparing import compare
from roadmap.scenarios.steps import Step

LONGER: Step = {"op": "change_milestones", "changes": {"A": {"duration_days": 40}}}


@pytest.fixture
def roadmap(session: Session, now: datetime) -> Roadmap:
    draft = Draft(
        tuple(
            DraftMilestone(
                code, LocalizedText.of(code), "SRIA", "a", 10,
                budget={BudgetSource.EU: Decimal("100.50")},
            )
            for code in "ABC"
        ),
        (DraftDependency("A", "B", Kind.FS, 0),),
        {"a": LocalizedText.of("Area")},
        LocalizedText.of("Plan"),
        date(2026, 1, 1),
    )  # fmt: skip
    import_roadmap(session, slug="plan", draft=draft, actor=OPERATOR, now=now)
    return get_roadmap(session, slug="plan")


@pytest.fixture
def scenario(session: Session, roadmap: Roadmap, now: datetime) -> Scenario:
    return begin_scenario(session, roadmap=roadmap, title="Slower", actor=OPERATOR, now=now)


def attempt(
    session: Session, roadmap: Roadmap, scenario: Scenario, now: datetime, *steps: Step
) -> None:
    add_steps(
        session, roadmap=roadmap, scenario=scenario, steps=steps, revision=scenario.revision,
        actor=OPERATOR, now=now,
    )  # fmt: skip


def adopt(
    session: Session, roadmap: Roadmap, scenario: Scenario, now: datetime, **given: bool
) -> None:
    adopt_scenario(
        session, roadmap=roadmap, scenario=scenario, revision=scenario.revision,
        reason="It is better.", actor=OPERATOR, now=now, **given,
    )  # fmt: skip


def test_a_scenario_leaves_the_draft_alone_and_shows_what_would_follow(
    session: Session, roadmap: Roadmap, scenario: Scenario, now: datetime
) -> None:
    attempt(session, roadmap, scenario, now, LONGER)
    before, after = plan_scenario(roadmap, scenario)
    comparison = compare(before, after)
    assert (comparison.makespan_before, comparison.makespan_after) == (20, 50)
    assert {each.code: each.finish_days for each in comparison.moved} == {"A": 30, "B": 30, "C": 0}
    assert read_draft(roadmap).by_code["A"].duration_days == 10
    assert comparison.total_after == Decimal("301.50")


def test_a_step_is_taken_back_and_done_again(
    session: Session, roadmap: Roadmap, scenario: Scenario, now: datetime
) -> None:
    attempt(session, roadmap, scenario, now, LONGER)
    for use_case, number in ((undo_step, 0), (undo_step, 0), (redo_step, 1), (redo_step, 1)):
        use_case(
            session, roadmap=roadmap, scenario=scenario, revision=scenario.revision,
            actor=OPERATOR, now=now,
        )  # fmt: skip
        assert len(scenario.steps) == number


def test_adopting_does_every_step_with_the_reason_and_names_the_scenario(
    session: Session, roadmap: Roadmap, scenario: Scenario, now: datetime
) -> None:
    attempt(
        session, roadmap, scenario, now,
        LONGER,
        {"op": "add_dependency", "from": "B", "to": "C", "kind": "SS", "lag_days": 3},
        {"op": "remove_dependency", "from": "A", "to": "B"},
        {"op": "add_milestone", "code": "D", "values": {
            "title": {"en": "New"}, "agenda": "SDA", "area": "a", "duration_days": 5,
            "budget": {"cef": "7"}}},
        {"op": "change_dependency", "from": "B", "to": "C", "changes": {"ruling": "keep"}},
    )  # fmt: skip
    wanted = plan_scenario(roadmap, scenario)[1].draft
    adopt(session, roadmap, scenario, now)
    session.expire_all()
    assert read_draft(get_roadmap(session, slug="plan")) == wanted
    decisions = session.scalars(select(Decision).where(Decision.scenario_id == scenario.id)).all()
    assert {each.reason for each in decisions} == {"It is better."}
    assert {each.subject for each in decisions} == {"A", "B>C", "A>B", "D"}
    assert scenario.state == "adopted"
    with pytest.raises(ScenarioEnded):
        attempt(session, roadmap, scenario, now, LONGER)


def test_a_draft_that_moved_on_is_not_overwritten_unseen(
    session: Session, roadmap: Roadmap, scenario: Scenario, now: datetime
) -> None:
    attempt(session, roadmap, scenario, now, LONGER)
    change_milestone(
        session, roadmap=roadmap, code="A", changes={"duration_days": 15}, reason="Measured.",
        actor=OPERATOR, now=now,
    )  # fmt: skip
    session.refresh(roadmap)
    assert find_conflicts(roadmap, scenario) == [("A.duration_days", 10, 15)]
    with pytest.raises(ScenarioConflict, match=r"A\.duration_days: the draft said 10"):
        adopt(session, roadmap, scenario, now)
    adopt(session, roadmap, scenario, now, overwrite=True)
    assert read_draft(get_roadmap(session, slug="plan")).by_code["A"].duration_days == 40


def test_of_two_people_at_once_the_second_hears_of_the_first(
    session: Session, roadmap: Roadmap, scenario: Scenario, now: datetime
) -> None:
    seen = scenario.revision
    attempt(session, roadmap, scenario, now, LONGER)
    with pytest.raises(ScenarioChanged):
        add_steps(
            session, roadmap=roadmap, scenario=scenario, steps=[LONGER], revision=seen,
            actor=OPERATOR, now=now,
        )  # fmt: skip


def test_dropping_needs_a_reason_and_keeps_the_scenario_readable(
    session: Session, roadmap: Roadmap, scenario: Scenario, now: datetime
) -> None:
    def drop(reason: str) -> None:
        drop_scenario(
            session, roadmap=roadmap, scenario=scenario, revision=scenario.revision,
            reason=reason, actor=OPERATOR, now=now + timedelta(days=1),
        )  # fmt: skip

    with pytest.raises(InvalidDraft, match="reason: expected why"):
        drop("  ")
    drop("Too slow.")
    assert [each.state for each in list_scenarios(session, roadmap=roadmap)] == ["dropped"]


def test_two_scenarios_have_two_titles(
    session: Session, roadmap: Roadmap, scenario: Scenario, now: datetime
) -> None:
    with pytest.raises(ScenarioExists):
        begin_scenario(session, roadmap=roadmap, title="slower", actor=OPERATOR, now=now)


def test_nothing_is_adopted_when_one_step_is_not_possible_any_more(
    session: Session, roadmap: Roadmap, scenario: Scenario, now: datetime
) -> None:
    attempt(
        session, roadmap, scenario, now, LONGER,
        {"op": "change_milestones", "changes": {"B": {"duration_days": 1}}},
    )  # fmt: skip
    remove_milestone(
        session, roadmap=roadmap, code="B", reason="Gone.", actor=OPERATOR, now=now
    )  # fmt: skip
    with pytest.raises(InvalidDraft, match="step 2: code: there is no milestone 'B'"):
        adopt(session, roadmap, scenario, now, overwrite=True)
    session.refresh(roadmap)
    assert read_draft(roadmap).by_code["A"].duration_days == 10
