"""Rules on the desk and figures for everyone: declare, preview, replace, end, carry over, undo."""

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.evidence_texts import (
    FIGURE_TITLES,
    PARAMETER_HELP,
    PARAMETER_TITLES,
    RULE_TITLES,
    RULE_WORDS,
)
from app.projection import project_responses
from app.views import evidence_pages
from core import outbox
from core.ids import random_uuid
from roadmap.evidence.figures import EvidenceRow
from roadmap.evidence.rules import RULES
from roadmap.models import Dependency, EvidenceRule
from stakeholders.permissions import Role
from surveys.codes import new_code
from surveys.models import PROJECTION_TOPIC, Response
from tests.questionnaire_factory import open_consultation
from tests.web.conftest import token_in

DESK = "/desk/roadmaps/net/evidence"


def options(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "label": {"en": f"Milestone {code}"}} for code in codes]


DEFINITION = {
    "schema": "waymark/questionnaire/1", "title": {"en": "The draft"}, "languages": ["en"],
    "sections": [{"code": "all", "title": {"en": "All"}, "questions": [
        {"code": "PRIO", "type": "milestone_priorities", "title": {"en": "What matters?"},
         "options": options("A", "B")},
        {"code": "WHEN", "type": "milestone_years", "title": {"en": "When?"}, "minimum": 2026,
         "maximum": 2036, "options": options("A", "B")},
        {"code": "DEPS", "type": "dependencies", "title": {"en": "What waits?"},
         "options": options("A", "B"), "dependencies": [{"from": "A", "to": "B"}]},
    ]}],
}  # fmt: skip


def run(app: Flask, *arguments: str) -> tuple[int, str, str]:
    outcome = app.test_cli_runner().invoke(args=list(arguments))
    return outcome.exit_code, outcome.stdout, outcome.stderr


@pytest.fixture
def asked(app: Flask, web_session: Session, tmp_path: Path, now: datetime) -> None:
    """A roadmap of two milestones, and sixty answers of a consultation that is over."""
    (tmp_path / "milestones.csv").write_text(
        "code,title,agenda,area,duration_days\nA,First,SRIA,net,300\nB,Second,SDA,net,50\n"
    )
    (tmp_path / "dependencies.csv").write_text("from,to,kind,lag_days\nA,B,FS,0\n")
    assert run(app, "roadmap", "import", str(tmp_path), "--slug", "net")[0] == 0
    consultation = open_consultation(
        web_session, now - timedelta(days=30), slug="draft", definition=DEFINITION
    )
    chance = random.Random(1)
    for at in range(60):
        answers = {
            "PRIO": {code: chance.choice([3, 4, 5]) for code in "AB"},
            "WHEN": {code: {"likely": chance.choice([2029, 2030, 2031])} for code in "AB"},
            "DEPS": {"disputed": {"A>B": "no"} if at % 3 else {},
                     "proposed": [] if at % 3 else [{"from": "B", "to": "A"}]},
        }  # fmt: skip
        values = {
            "id": random_uuid(), "consultation_id": consultation.id, "reference": new_code(20),
            "version_id": consultation.current_version_id, "answers": answers,
            "respondent_type": ("eu_citizen", "ngo")[at % 2],
        }  # fmt: skip
        web_session.execute(insert(Response).values(values))
        payload = {"response": str(values["id"])}
        outbox.enqueue(web_session, topic=PROJECTION_TOPIC, payload=payload, now=now)
    with app.app_context():
        project_responses(web_session, now=now)
    web_session.commit()


def declare(client: FlaskClient, **fields: str) -> Any:
    token = token_in(client.get(f"{DESK}/").text)
    return client.post(f"{DESK}/rules", data={"csrf_token": token, **fields})


@pytest.mark.usefixtures("asked")
def test_one_click_declares_what_fits(
    client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    desk = sign_in(Role.SECRETARIAT)
    assert "No question speaks for this roadmap yet." in client.get("/roadmaps/net/evidence").text
    page = desk.get(f"{DESK}/").text
    assert "Questions about this roadmap that no rule reads yet" in page
    assert "Distribution of years" in page
    answer = declare(desk, consultation="draft", question="WHEN", rule="year_distribution")
    assert answer.status_code == 303
    again = declare(desk, consultation="draft", question="WHEN", rule="year_distribution")
    assert again.status_code == 409
    assert "is declared for WHEN already" in again.text
    glance = client.get("/roadmaps/net/evidence?").text
    assert "year_distribution/1" in glance
    page = client.get("/roadmaps/net/evidence?subject=A").text
    assert "Median year" in page
    assert "compute=quantile" in page
    assert "What follows for the schedule" in page
    assert "All figures by group" in client.get("/roadmaps/net/milestones/A").text
    only = client.get("/roadmaps/net/evidence?subject=A&public=ngo&rule=year_distribution/1").text
    assert "10 figures" in only
    none = client.get("/roadmaps/net/evidence?subject=Z&page=99999999").text
    assert "No figure fits this choice." in none


@pytest.mark.usefixtures("asked")
def test_a_rule_is_seen_before_it_is_declared(
    sign_in: Callable[..., FlaskClient], web_session: Session
) -> None:
    desk = sign_in(Role.SECRETARIAT)
    steps = f"{DESK}/rules/new?consultation=draft&question=PRIO"
    assert "priority_equal_publics" in desk.get(steps).text
    preview = desk.get(f"{steps}&rule=priority&preview=yes").text
    assert "Declare this rule" in preview
    assert "compute=mean" in preview
    wrong = desk.get(f"{steps}&rule=priority_equal_publics&p_publics=people&preview=yes")
    assert "expected two or more of" in wrong.text
    assert web_session.scalars(select(EvidenceRule)).all() == []
    web_session.rollback()
    answer = declare(
        desk, consultation="draft", question="PRIO", rule="priority_equal_publics",
        p_publics="eu_citizen,ngo",
    )  # fmt: skip
    assert answer.status_code == 303
    assert declare(desk, consultation="draft", question="PRIO", rule="vote").status_code == 422
    assert declare(desk, consultation="none", question="PRIO", rule="priority").status_code == 404


@pytest.mark.usefixtures("asked")
def test_a_rule_is_replaced_and_ended(
    sign_in: Callable[..., FlaskClient], web_session: Session
) -> None:
    desk = sign_in(Role.SECRETARIAT)
    declare(desk, consultation="draft", question="WHEN", rule="year_distribution")
    first = web_session.scalars(select(EvidenceRule.id)).one()
    web_session.rollback()
    address = f"{DESK}/rules/{first}"
    page = desk.get(f"{address}?p_consensus_at=0.9").text
    assert "consensus_at=9/10" in page.replace("&amp;", "&")
    token = token_in(page)
    refused = desk.post(address, data={"csrf_token": token, "p_consensus_at": "2"})
    assert refused.status_code == 422
    replaced = desk.post(address, data={"csrf_token": token, "p_consensus_at": "0.9"})
    assert replaced.status_code == 303
    late = desk.post(address, data={"csrf_token": token, "p_consensus_at": "0.8"})
    assert late.status_code == 409
    overview = desk.get(f"{DESK}/").text
    assert "year_distribution/2" in overview
    assert "ended on" in overview
    second = web_session.scalars(select(EvidenceRule.id).where(EvidenceRule.version == 2)).one()
    web_session.rollback()
    ended = desk.post(f"{DESK}/rules/{second}/end", data={"csrf_token": token})
    assert ended.status_code == 303
    again = desk.post(f"{DESK}/rules/{second}/end", data={"csrf_token": token})
    assert again.status_code == 409


@pytest.mark.usefixtures("asked")
def test_support_is_carried_over_and_back(
    sign_in: Callable[..., FlaskClient], web_session: Session
) -> None:
    desk = sign_in(Role.SECRETARIAT)
    assert "No closed consultation asked" in desk.get(f"{DESK}/supports").text
    declare(desk, consultation="draft", question="DEPS", rule="dependency_support")
    page = desk.get(f"{DESK}/supports").text
    token = token_in(page)
    revision = page.partition('name="revision" value="')[2].partition('"')[0]
    dependency = web_session.scalars(select(Dependency.id)).one()
    web_session.rollback()
    form = {"csrf_token": token, "revision": revision, "dependency": str(dependency)}
    assert desk.post(f"{DESK}/supports", data=form).status_code == 422  # no reason
    stale = desk.post(f"{DESK}/supports", data=form | {"revision": "1", "reason": "Why"})
    assert stale.status_code == 409
    assert desk.post(f"{DESK}/supports", data=form | {"reason": "Why"}).status_code == 303
    web_session.expire_all()
    assert web_session.scalars(select(Dependency)).one().support == 20
    web_session.rollback()
    page = desk.get(f"{DESK}/supports").text
    decision = page.partition('name="decision" value="')[2].partition('"')[0]
    undo = {"csrf_token": token, "decision": decision}
    assert desk.post(f"{DESK}/supports/undo", data=undo).status_code == 303
    assert desk.post(f"{DESK}/supports/undo", data=undo).status_code == 409
    web_session.expire_all()
    assert web_session.scalars(select(Dependency)).one().support == 1


@pytest.mark.usefixtures("asked")
def test_the_commands(app: Flask) -> None:
    assert json.loads(run(app, "roadmap", "evidence", "net", "--json")[1]) == []
    declared = run(
        app, "roadmap", "rule", "net", "WHEN", "--consultation", "draft", "--rule",
        "year_distribution", "--parameter", "consensus_at=0.5", "--json",
    )  # fmt: skip
    assert json.loads(declared[1])["rule"] == "year_distribution/1"
    same = run(app, "roadmap", "rule", "net", "WHEN", "--consultation", "draft", "--rule",
               "year_distribution")  # fmt: skip
    assert same[0] == 1
    assert "roadmap.rule_declared" in same[2]
    replaced = run(app, "roadmap", "rule", "net", "WHEN", "--consultation", "draft", "--rule",
                   "year_distribution", "--replace", "--json")  # fmt: skip
    assert json.loads(replaced[1])["rule"] == "year_distribution/2"
    wrong = run(app, "roadmap", "rule", "net", "WHEN", "--consultation", "draft", "--rule",
                "year_distribution", "--parameter", "consensus_at")  # fmt: skip
    assert wrong[0] == 2
    [rule] = json.loads(run(app, "roadmap", "rules", "net", "--json")[1])
    assert (rule["rule"], rule["source"], rule["consultation"]) == (
        "year_distribution/2", "WHEN", "draft",
    )  # fmt: skip
    rows = json.loads(run(app, "roadmap", "evidence", "net", "--json")[1])
    assert {row["subject"] for row in rows} == {"A", "B"}
    assert set(rows[0]) == {"subject", "rule", "public", "figure", "value", "n", "query"}
    one = json.loads(
        run(app, "roadmap", "evidence", "net", "--subject", "A", "--public", "ngo", "--json")[1]
    )
    assert one == [row for row in rows if (row["subject"], row["public"]) == ("A", "ngo")]
    page = app.test_client().get("/roadmaps/net/evidence.json").get_json()
    assert page["rows"] == rows
    assert "Median" not in run(app, "roadmap", "evidence", "net")[1]


def test_everything_has_words_people_read() -> None:
    for name, rule in RULES.items():
        assert name in RULE_TITLES
        assert name in RULE_WORDS
        assert set(rule.figures) <= set(FIGURE_TITLES)
        assert set(rule.parameters) <= set(PARAMETER_TITLES) & set(PARAMETER_HELP)


@pytest.mark.usefixtures("asked")
def test_thousands_of_subjects_are_no_endless_page_and_gathered_once(
    app: Flask,
    client: FlaskClient,
    sign_in: Callable[..., FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declare(sign_in(Role.SECRETARIAT), consultation="draft", question="PRIO", rule="priority")
    app.config["WAYMARK_PAGE_CACHE_SECONDS"] = 60  # as an instance is run
    gathered = []
    made = [
        EvidenceRow(f"S{number}", "option_share/1", "all", "score", 0.5, 9, "q")
        for number in range(400)
    ]
    monkeypatch.setattr(
        evidence_pages, "evidence_rows", lambda *_args, **_rest: gathered.append(1) or made
    )
    page = client.get("/roadmaps/net/evidence").text
    assert "the first 300" in page
    assert page.count("subject=S") == 300
    assert "S399" in client.get("/roadmaps/net/evidence?subject=S399").text
    assert len(gathered) == 1
