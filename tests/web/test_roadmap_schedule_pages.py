"""Why dates are what they are, what cannot be kept, how likely it is, and waiting for a plan."""

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import jobs, roadmap_waiting
from core.audit import OPERATOR
from roadmap import computations, roadmaps
from roadmap.draft import Draft
from roadmap.formats.folder import read_folder
from roadmap.models import Milestone
from roadmap.roadmaps import import_roadmap
from stakeholders.permissions import Role
from tests.web.conftest import token_in

MILESTONES = """\
code,title,agenda,area,duration_days,optimistic_days,likely_days,pessimistic_days,finish_by,fixed_start
M7,Trial,SRIA,radio,90,60,90,200,,
M12,Service,SDA,radio,30,20,30,60,2027-04-10,
M20,Report,SDA,radio,10,,,,,2027-01-05
M30,Other,SDA,radio,140,,,,,
"""
DEPENDENCIES = "from,to,kind,lag_days\nM7,M12,FS,30\nM7,M20,SS,3\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "milestones.csv").write_text(MILESTONES)
    (tmp_path / "dependencies.csv").write_text(DEPENDENCIES)
    return tmp_path


@pytest.fixture
def plan(web_session: Session, folder: Path, now: datetime) -> str:
    import_roadmap(
        web_session, slug="plan", draft=read_folder(folder), start=date(2027, 1, 1),
        actor=OPERATOR, now=now,
    )  # fmt: skip
    web_session.commit()
    return "/roadmaps/plan"


def run(app: Flask, *arguments: str) -> Any:
    result = app.test_cli_runner().invoke(args=["roadmap", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout) if "--json" in arguments else result.stdout


def test_the_simulation_is_said_beside_the_schedule(app: Flask, plan: str):
    arguments = ("schedule", "plan", "--monte-carlo", "2000", "--seed", "1", "--json")
    found = run(app, *arguments)
    rows = {row["code"]: row for row in found["milestones"]}
    assert 150 < found["p50"] < found["p80"] < 290
    assert rows["M12"]["p50"] == found["p50"]
    assert rows["M7"]["criticality"] == rows["M12"]["criticality"] == 1.0  # the promise is broken
    assert rows["M30"]["p50"] == rows["M30"]["p80"] == 140
    assert 0 < rows["M30"]["criticality"] < 0.1
    assert rows["M12"]["promise_kept"] < 0.1
    assert rows["M7"]["sensitivity"] > rows["M12"]["sensitivity"] > rows["M30"]["sensitivity"] == 0
    assert found["simulation"] | {"quantiles": 0, "mean": 0, "deviation": 0} == {
        "samples": 2000, "seed": 1, "infeasible": 0, "quantiles": 0, "mean": 0, "deviation": 0,
    }  # fmt: skip
    assert run(app, *arguments) == found
    plain = run(app, "schedule", "plan", "--json")
    assert "p50" not in plain
    assert "p50" not in plain["milestones"][0]


@pytest.mark.parametrize("samples", ["0", "-3", "1000001", "99999999999999999999"])
def test_samples_out_of_bounds_are_refused(app: Flask, plan: str, samples: str):
    result = app.test_cli_runner().invoke(
        args=["roadmap", "schedule", "plan", "--monte-carlo", samples, "--json"]
    )
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[roadmap.invalid_samples]" in result.stderr
    assert "1000000" in result.stderr


def test_conflicts_are_explained_in_words(app: Flask, plan: str):
    found = run(app, "schedule", "plan", "--json")
    assert [(each["code"], each["demand"], each["days_late"]) for each in found["conflicts"]] == [
        ("M12", "finish_by", 51),
    ]
    assert found["near_critical"] == ["M30"]
    assert found["near_critical_days"] == 30
    words = run(app, "explain", "plan", "M12", "--json")["words"]
    assert words[:3] == [
        "M12 is to finish by 10 April 2027, but cannot finish before 31 May 2027, 51 days later."
        " M12 cannot start before 1 May 2027, because M7 finishes on 1 April 2027 and M12 waits"
        " 30 days more (FS+30). M7 starts with the roadmap, on 1 January 2027.",
        "M12 cannot start before 1 May 2027, because M7 finishes on 1 April 2027 and M12 waits"
        " 30 days more (FS+30).",
        "M7 starts with the roadmap, on 1 January 2027.",
    ]
    assert "M20 is fixed to start on 5 January 2027." in run(app, "explain", "plan", "M20")
    result = app.test_cli_runner().invoke(args=["roadmap", "explain", "plan", "M99"])
    assert result.exit_code == 1
    assert "[roadmap.milestone_not_found]" in result.stderr


def test_the_pages_say_the_same(client: FlaskClient, plan: str):
    critical = client.get(f"{plan}/critical-path").text
    assert "M12 is to finish by 10 April 2027, but cannot finish before 31 May 2027" in critical
    assert "1 fixed start or promised end is broken" in critical
    assert "M30" in critical  # ten days of slack
    assert "M30" not in client.get(f"{plan}/critical-path?near=9").text
    assert client.get(f"{plan}/critical-path?near=x").status_code == 200
    milestone = client.get(f"{plan}/milestones/M12").text
    assert "This cannot be kept" in milestone
    assert "M12 waits 30 days more (FS+30)" in milestone
    risk = client.get(f"{plan}/risk").text
    for words in (
        "half of the courses have ended by then",
        "Which uncertainty drives the end",
        "M7",
    ):
        assert words in risk
    assert client.get(f"{plan}/risk?all=1").status_code == 200


def test_a_roadmap_without_milestones_has_its_pages(
    client: FlaskClient, web_session: Session, now: datetime
):
    draft = Draft(milestones=(), dependencies=(), areas={})
    import_roadmap(web_session, slug="plan", draft=draft, actor=OPERATOR, now=now)
    web_session.commit()
    for page in ("critical-path", "risk"):
        assert "This roadmap has no milestones yet." in client.get(f"/roadmaps/plan/{page}").text


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (computations, roadmap_waiting):
        monkeypatch.setattr(module, "PLANNED_AT_ONCE", 0)
    monkeypatch.setattr(computations, "SIMULATED_AT_ONCE", 0)


@pytest.mark.usefixtures("everything_is_large")
def test_a_large_roadmap_is_computed_by_the_worker_while_pages_wait(
    app: Flask, client: FlaskClient, plan: str
):
    for page in ("", "/graph", "/critical-path", "/milestones/M7"):
        response = client.get(f"{plan}{page}")
        assert response.status_code == 202
        assert response.headers["Cache-Control"] == "no-store"
        assert "The dates of this roadmap are being computed" in response.text
        assert '<noscript><meta http-equiv="refresh"' in response.text
    with app.app_context():
        assert jobs.run_computations() == {"computed": 1, "failed": 0}
    for page in ("", "/graph", "/critical-path", "/milestones/M7"):
        assert client.get(f"{plan}{page}").status_code == 200
    assert "Thousands of possible courses" in client.get(f"{plan}/risk").text
    with app.app_context():
        assert jobs.run_computations() == {"computed": 1, "failed": 0}
    assert "Which uncertainty drives the end" in client.get(f"{plan}/risk").text


@pytest.mark.usefixtures("everything_is_large")
def test_a_failed_computation_says_why_and_the_secretariat_tries_again(
    app: Flask,
    client: FlaskClient,
    plan: str,
    sign_in: Callable[..., FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
):
    def fail(*_: Any) -> dict[str, Any]:
        raise MemoryError("no room")

    client.get(plan)
    with app.app_context(), monkeypatch.context() as patch:
        patch.setitem(computations._MAKERS, "plan", fail)
        jobs.run_computations()
    page = client.get(plan)
    assert (page.status_code, "MemoryError: no room" in page.text) == (200, True)
    assert "Try again" not in page.text
    assert client.post(f"{plan}/recompute").status_code == 403
    secretariat = sign_in(Role.SECRETARIAT)
    page = secretariat.get(plan)
    assert "Try again" in page.text
    token = {"csrf_token": token_in(page.text), "kind": "plan"}
    assert secretariat.post(f"{plan}/recompute", data=token).status_code == 303
    assert secretariat.get(plan).status_code == 202
    assert secretariat.post(f"{plan}/recompute", data=token).status_code == 409
    with app.app_context():
        jobs.run_computations()
    assert secretariat.get(plan).status_code == 200


@pytest.mark.usefixtures("everything_is_large")
def test_what_is_too_large_for_pages_is_shown_in_figures(
    app: Flask, client: FlaskClient, plan: str, monkeypatch: pytest.MonkeyPatch
):
    for module in (computations, roadmap_waiting):
        monkeypatch.setattr(module, "MOST_ON_PAGES", 1)
    assert client.get(f"{plan}/graph").status_code == 202
    with app.app_context():
        jobs.run_computations()
    page = client.get(f"{plan}/graph")
    assert page.status_code == 200
    assert "31 May 2027" in page.text
    assert "flask roadmap schedule plan --json" in page.text


@pytest.mark.usefixtures("everything_is_large")
def test_the_money_of_a_large_roadmap_waits_for_the_same_plan(
    app: Flask, client: FlaskClient, plan: str, web_session: Session,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    for milestone in web_session.scalars(select(Milestone)):
        milestone.budget = {"eu": "100"}
    web_session.commit()
    client.get(plan)
    with app.app_context():
        jobs.run_computations()

    def fail(*_: Any, **_rest: Any) -> Any:
        raise AssertionError("planned while somebody waits")

    monkeypatch.setattr(roadmaps, "plan", fail)
    assert "By year" in client.get(f"{plan}/budget").text
