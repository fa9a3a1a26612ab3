"""An operator collects proposals, decides about them and reads what is public."""

import json
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from core.audit import OPERATOR, Actor
from roadmap.proposals.triage import confirm
from roadmap.roadmaps import get_roadmap
from stakeholders.accounts import create_account
from stakeholders.permissions import Role
from tests.proposal_answers import make_consultation, make_roadmap, respond
from tests.web.test_edition_commands import run


@pytest.fixture(autouse=True)
def _answered(app: Flask, web_session: Session) -> None:
    now = datetime.now(UTC)
    consultation = make_consultation(web_session, now, make_roadmap(web_session, now))
    respond(web_session, consultation, [
        *[{"DEPS": {"disputed": {"B>C": True}, "proposed": []}}] * 6,
        {"WHY": "Nobody asked the hospitals."},
    ])  # fmt: skip
    web_session.commit()


def test_from_collecting_to_what_is_public(app: Flask, web_session: Session) -> None:
    code, out, _ = run(app, "roadmap", "collect", "net", "--json")
    assert code == 0
    report = json.loads(out)
    assert (report["points"], report["proposals"], report["thresholds"]["resemblance"]) == (
        7, 2, 0.6,
    )  # fmt: skip
    rows = json.loads(run(app, "roadmap", "proposals", "net", "--json")[1])
    assert [(row["kind"], row["points"], row["state"]) for row in rows] == [
        ("drop_dependency", 6, "open"), ("other", 1, "open"),
    ]  # fmt: skip
    assert "hospitals" not in json.dumps(rows)
    done = run(
        app, "roadmap", "dispose", "net", "P1", "--decision", "rejected", "--reason", "No room.",
        "--reason", "fr=Pas de place.", "--json",
    )  # fmt: skip
    assert done[0] == 0, done[2]
    assert json.loads(done[1])[0]["reason"] == {"en": "No room.", "fr": "Pas de place."}
    assert "another person has to confirm" in done[2]
    assert json.loads(run(app, "roadmap", "feedback", "net", "--json")[1]) == []
    refused = run(app, "roadmap", "dispose", "net", "P1", "--decision", "confirm")
    assert (refused[0], "roadmap.confirmed_by_same_person" in refused[2]) == (1, True)
    account = create_account(
        web_session, email="anna@example.org", display_name="Anna", password="long enough words",
        roles=[Role.SECRETARIAT], actor=OPERATOR, now=datetime.now(UTC),
    )  # fmt: skip
    confirm(
        web_session, roadmap=get_roadmap(web_session, slug="net"), proposals=[1],
        actor=Actor(account.id, "secretariat"), now=datetime.now(UTC),
    )  # fmt: skip
    web_session.commit()
    (public,) = json.loads(run(app, "roadmap", "feedback", "net", "--json")[1])
    assert (public["decision"], public["points"], public["consultations"]) == (
        "rejected", 6, ["about"],
    )  # fmt: skip
    assert run(app, "roadmap", "dispose", "net", "P1", "--decision", "undo")[0] == 0
    assert json.loads(run(app, "roadmap", "feedback", "net", "--json")[1]) == []


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["P99", "--decision", "rejected", "--reason", "No."], 1),
        (["P1", "--decision", "rejected"], 1),
        (["first", "--decision", "rejected", "--reason", "No."], 1),
        (["P1", "--decision", "maybe", "--reason", "No."], 2),
        (["P1", "--decision", "merged", "--reason", "Same."], 2),
        (["--decision", "rejected", "--reason", "No."], 2),
    ],
)
def test_what_cannot_be_is_refused(app: Flask, arguments: list[str], status: int) -> None:
    run(app, "roadmap", "collect", "net")
    assert run(app, "roadmap", "dispose", "net", *arguments)[0] == status
