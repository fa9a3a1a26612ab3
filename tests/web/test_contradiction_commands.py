"""`flask roadmap contradictions | redundant | missing | overrule`."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

NETWORKS = Path(__file__).resolve().parents[1] / "networks"


def run(app: Flask, *arguments: str) -> tuple[int, str, str]:
    result = app.test_cli_runner().invoke(args=["roadmap", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def plan(app: Flask, web_session: Session) -> Flask:
    web_session.rollback()
    folder = NETWORKS / "two_against_each_other"
    assert run(app, "import", str(folder), "--slug", "plan")[0] == 0
    return app


def read(app: Flask, *arguments: str):
    status, out, _ = run(app, *arguments, "--json")
    assert status == 0
    return json.loads(out)


def test_a_contradiction_is_told_with_what_else_could_be(plan: Flask):
    found = read(plan, "contradictions", "plan")
    assert found["exact"]
    assert found["suspended_support"] == 2
    (knot,) = found["knots"]
    assert knot["milestones"] == ["A", "B"]
    (suspended,) = knot["suspended"]
    assert (suspended["from"], suspended["to"], suspended["cycle"]) == ("B", "A", ["B", "A"])
    assert len(knot["alternatives"]) == 1
    assert knot["alternatives_complete"]
    assert knot["next_support"] == 3
    assert "no less is possible" in run(plan, "contradictions", "plan")[1]


def test_a_decision_overrules_the_computation_and_can_be_taken_back(plan: Flask):
    read(plan, "overrule", "plan", "B", "A", "keep", "--reason", "The delegates said so.")
    (knot,) = read(plan, "contradictions", "plan")["knots"]
    assert [each["from"] for each in knot["suspended"]] == ["A"]

    status, _, messages = run(plan, "overrule", "plan", "A", "B", "keep", "--reason", "This too.")
    assert status == 1
    assert "roadmap.rulings_contradict" in messages
    assert "A → B (FS), B → A (FS)" in messages or "B → A (FS), A → B (FS)" in messages

    read(plan, "overrule", "plan", "B", "A", "suspend", "--reason", "Or rather not.")
    found = read(plan, "contradictions", "plan")
    assert [each["from"] for each in found["decided"]] == ["B"]
    assert found["knots"] == []
    read(plan, "overrule", "plan", "B", "A", "none", "--reason", "As it was.")
    assert read(plan, "contradictions", "plan")["decided"] == []


def test_kept_dependencies_that_came_in_contradicting_each_other_can_be_undone(
    app: Flask, web_session: Session, tmp_path: Path
):
    web_session.rollback()
    (tmp_path / "milestones.csv").write_text(
        "code,title,agenda,area,duration_days\nA,A,SRIA,x,5\nB,B,SRIA,x,5\n"
    )
    (tmp_path / "dependencies.csv").write_text(
        "from,to,kind,lag_days,support,ruling\nA,B,FS,0,1,keep\nB,A,SS,-2,1,keep\n"
    )
    assert run(app, "import", str(tmp_path), "--slug", "kept")[0] == 0
    status, out, messages = run(app, "contradictions", "kept", "--json")
    assert status == 0
    (conflict,) = json.loads(out)["conflicts"]
    assert {(each["kind"], each["lag_days"]) for each in conflict} == {("FS", 0), ("SS", -2)}
    assert "A → B (FS)" in messages
    read(app, "overrule", "kept", "A", "B", "none", "--reason", "It cannot be.")
    assert read(app, "contradictions", "kept")["conflicts"] == []


def test_redundant_dependencies_are_listed_with_the_path_that_implies_them(
    app: Flask, web_session: Session, tmp_path: Path
):
    web_session.rollback()
    (tmp_path / "milestones.csv").write_text(
        "code,title,agenda,area,duration_days\n"
        + "".join(f"{code},{code},SRIA,x,5\n" for code in "ABC")
    )
    (tmp_path / "dependencies.csv").write_text(
        "from,to,kind,lag_days\nA,B,FS,0\nB,C,FS,0\nA,C,FS,0\n"
    )
    assert run(app, "import", str(tmp_path), "--slug", "chain")[0] == 0
    (found,) = read(app, "redundant", "chain")
    assert (found["from"], found["to"], found["path"]) == ("A", "C", ["A", "B", "C"])
    assert found["always"]
    assert "A → B → C asks for as much" in run(app, "redundant", "chain")[1]
    assert read(app, "contradictions", "chain")["knots"] == []
    assert read(app, "missing", "chain") == []
