"""What if? as the secretariat uses it: ask, keep, change, adopt; and as a command."""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.text import LocalizedText
from roadmap.draft import BudgetSource, Draft, DraftDependency, DraftMilestone
from roadmap.planning.network import Kind
from roadmap.roadmaps import get_roadmap, import_roadmap
from stakeholders.permissions import Role
from tests.web.conftest import token_in

DESK = "/desk/roadmaps/plan/what-if/"


@pytest.fixture
def desk(sign_in: Callable[..., FlaskClient], web_session: Session, now: datetime) -> FlaskClient:
    draft = Draft(
        tuple(
            DraftMilestone(
                code, LocalizedText.of(f"Milestone {code}"), "SRIA", "a", 100,
                budget={BudgetSource.EU: Decimal(euros)},
            )
            for code, euros in (("A", 50), ("B", 30), ("C", 20))
        ),
        (DraftDependency("A", "B", Kind.FS, 0),),
        {"a": LocalizedText.of("Area")},
        LocalizedText.of("Plan"),
        date(2026, 1, 1),
    )  # fmt: skip
    import_roadmap(web_session, slug="plan", draft=draft, actor=OPERATOR, now=now)
    web_session.commit()
    return sign_in(Role.SECRETARIAT)


def test_a_delay_shows_what_moves_and_through_what(desk: FlaskClient) -> None:
    page = desk.get(DESK + "?question=slip&code=A&days=365").text
    assert "365 days later" in page
    assert "A → B" in page
    assert "Milestone C" not in page.split('id="answer"')[1].split("<form")[0]


def test_a_deadline_shows_the_last_days_and_what_comes_too_late(desk: FlaskClient) -> None:
    page = desk.get(DESK + "?question=finish&code=B&by=2026-06-30").text
    assert "It cannot be in time" in page
    assert "11 December 2025" not in page.split("Last days")[0]
    late = desk.get(DESK + "?question=finish&code=B&by=2028").text
    assert "It cannot be in time" not in late
    assert "14 June 2028" in late  # 31 December minus two times a hundred days


def test_less_money_leaves_out_what_weighs_least(desk: FlaskClient) -> None:
    page = desk.get(DESK + "?question=budget&percent=20&how=leave_out").text
    assert "€ 80 of € 100 remain" in page
    assert "No other choice that fits has a larger sum." in page
    assert "3 milestones have no evidence yet and count as 0.5" in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("question=slip&code=Z&days=1", "there is no milestone"),
        ("question=slip&code=A&days=soon", "expected a whole number"),
        ("question=finish&code=A&by=spring", "expected a date such as 2028-12-31"),
        ("question=budget&percent=100", "expected a whole number from 1 to 99"),
        ("question=budget&percent=20&kept=Z", "there is no milestone"),
        ("question=fly", "expected slip, finish or budget"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_what_was_expected(
    desk: FlaskClient, query: str, words: str
) -> None:
    page = desk.get(DESK + "?" + query)
    assert page.status_code == 422
    assert words in page.text


def test_from_an_answer_to_an_adopted_scenario(desk: FlaskClient, web_session: Session) -> None:
    asked = {"question": "slip", "code": "A", "days": "365"}
    token = token_in(desk.get(DESK, query_string=asked).text)
    kept = desk.post(DESK, data=asked | {"title": "A year later", "csrf_token": token})
    assert kept.status_code == 303
    address = kept.headers["Location"]
    page = desk.get(address).text
    assert "A starts 365 days later" in page
    tried = desk.post(
        f"{address}/steps",
        data={"op": "remove_milestones", "code": "C", "revision": "3", "csrf_token": token},
    )
    assert tried.status_code == 303
    assert "left out" in desk.get(address).text
    stale = desk.post(f"{address}/undo", data={"revision": "3", "csrf_token": token})
    assert stale.status_code == 409
    assert "Somebody changed the scenario" in stale.text
    missing = desk.post(f"{address}/adopt", data={"revision": "4", "csrf_token": token})
    assert missing.status_code == 422
    assert "expected why" in missing.text
    adopted = desk.post(
        f"{address}/adopt",
        data={"revision": "4", "reason": "Money comes later.", "csrf_token": token},
    )
    assert adopted.status_code == 303
    assert "Money comes later." in desk.get(address).text
    web_session.rollback()
    roadmap = get_roadmap(web_session, slug="plan")
    assert [each.code for each in roadmap.milestones] == ["A", "B"]
    assert roadmap.milestones[0].not_before == date(2027, 1, 1)
    web_session.rollback()


def test_a_wrong_step_changes_nothing_and_keeps_what_was_typed(desk: FlaskClient) -> None:
    token = token_in(desk.get(DESK).text)
    address = desk.post(DESK, data={"title": "Try", "csrf_token": token}).headers["Location"]
    wrong = desk.post(
        f"{address}/steps",
        data={"op": "change_milestones", "code": "A", "duration_days": "-5", "revision": "2",
              "csrf_token": token},
    )  # fmt: skip
    assert wrong.status_code == 422
    assert "duration_days" in wrong.text
    assert 'value="-5"' in wrong.text
    assert "No step yet." in wrong.text


def test_the_desk_leads_to_every_part(desk: FlaskClient) -> None:
    assert "/desk/roadmaps/plan" in desk.get("/desk/roadmaps/").text
    assert DESK in desk.get("/desk/roadmaps/plan").text


def test_only_the_secretariat_asks(sign_in: Callable[..., FlaskClient]) -> None:
    assert sign_in(Role.CITIZEN).get(DESK).status_code == 403


def test_the_command_answers_as_the_page_does(app: Flask, desk: FlaskClient) -> None:
    run = app.test_cli_runner().invoke
    slipped = run(args=["roadmap", "what-if", "plan", "--slip", "A", "--json"])
    moved = {each["code"]: each["finish_days"] for each in json.loads(slipped.stdout)["moved"]}
    assert moved == {"A": 365, "B": 365, "C": 0}
    less = run(args=["roadmap", "what-if", "plan", "--budget", "20", "--keep", "C", "--json"])
    assert json.loads(less.stdout)["left_out"] == ["B"]
    assert run(args=["roadmap", "what-if", "plan"]).exit_code == 2
    assert run(args=["roadmap", "what-if", "plan", "--slip", "Z"]).exit_code == 1
