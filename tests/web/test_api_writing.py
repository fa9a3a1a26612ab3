"""From nothing to results through the API alone; and what a write must show."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.projection import project_responses
from stakeholders.permissions import Role
from surveys.models import Consultation, Response
from tests.questionnaire_factory import definition
from tests.web.api_programs import Program, close_now, make_token, problem_in, serving

NEW = {"slug": "networks", "title": {"en": "Networks", "fr": "Réseaux"}}
PROFILE = {"respondent_type": "eu_citizen", "country": "DE"}


@pytest.fixture
def desk(app: Flask, client: FlaskClient, web_session: Session) -> Program:
    return Program(client, make_token(app, web_session))


def schedule(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "opens_at": (now - timedelta(hours=1)).isoformat(),
        "closes_at": (now + timedelta(days=5)).isoformat(),
    } | changes


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The address of the API behind a real server."""
    with serving(app) as address:
        yield address


def test_a_consultation_from_nothing_to_results(
    app: Flask, served: str, web_session: Session
) -> None:
    """As docs/api.md tells it, with a client of its own over a socket."""
    desk = requests.Session()
    desk.headers["Authorization"] = f"Bearer {make_token(app, web_session)}"
    here = f"{served}/consultations/networks"

    created = desk.post(f"{served}/consultations", json=NEW, timeout=10)
    assert created.status_code == 201
    assert created.headers["Location"].endswith("/api/v1/consultations/networks")
    draft = desk.put(f"{here}/questionnaires/draft", json=definition(), timeout=10)
    assert draft.status_code == 201
    published = desk.post(
        f"{here}/questionnaires/draft/publication", timeout=10,
        headers={"If-Match": draft.headers["ETag"]},
    )  # fmt: skip
    assert published.json()["status"] == "published"
    known = desk.get(here, timeout=10)
    planned = desk.put(
        f"{here}/schedule", json=schedule(), timeout=10,
        headers={"If-Match": known.headers["ETag"]},
    )  # fmt: skip
    assert planned.json()["phase"] == "open"

    begun = requests.post(f"{here}/drafts", json={"language": "fr"}, timeout=10)
    assert begun.status_code == 201
    citizen = requests.Session()
    citizen.headers["Waymark-Draft"] = begun.json()["code"]
    saved = citizen.patch(
        f"{here}/draft", json={"answers": {"Q1": "yes"}, "profile": PROFILE}, timeout=10
    )
    assert "Q2" in saved.json()["route"]["shown"]
    assert [fault["path"] for fault in saved.json()["missing"]] == ["answers.Q2"]
    citizen.patch(f"{here}/draft", json={"answers": {"Q2": "Now"}}, timeout=10)
    sent = {"publication": "anonymous", "consent": True}
    first = citizen.post(f"{here}/draft/submission", json=sent, timeout=10)
    again = citizen.post(f"{here}/draft/submission", json=sent, timeout=10)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() | {"first": False} == again.json()
    assert web_session.scalar(select(func.count()).select_from(Response)) == 1

    with app.app_context():
        project_responses(web_session, now=datetime.now(UTC))
        web_session.commit()
    exact = desk.get(f"{here}/results/exact", timeout=10).json()
    assert exact["responses"] == 1
    export = desk.get(f"{here}/responses", timeout=10).json()
    assert export["total"] == 1
    assert export["items"][0]["answers"] == {"Q1": "yes", "Q2": "Now"}
    assert export["items"][0]["participant"] is None
    close_now(web_session, "networks")
    public = requests.get(f"{here}/results", timeout=10).json()
    assert public["responses"] is None or public["responses"] == 1


class TestCreating:
    def test_a_name_is_taken_once(self, desk: Program) -> None:
        assert desk.send("POST", "/consultations", NEW).status_code == 201
        assert problem_in(desk.send("POST", "/consultations", NEW), 409)["code"] == "api.slug_taken"

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"slug": "Not A Slug"}, "slug"), ({"slug": ""}, "slug"), ({"slug": 1}, "slug"),
            ({"title": {}}, "title"), ({"title": {"english": "x"}}, "title.english"),
            ({"title": {"en": ""}}, "title.en"), ({"title": "Text"}, "title"),
            ({"kind": "secret"}, "kind"), ({"anonymity": None}, "anonymity"),
            ({"asks_profile": "yes"}, "asks_profile"), ({"role": "admin"}, "role"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_named(
        self, desk: Program, web_session: Session, changes: dict[str, Any], path: str
    ) -> None:
        problem = problem_in(desk.send("POST", "/consultations", NEW | changes), 422)
        assert [fault["path"] for fault in problem["errors"]] == [path]
        assert web_session.scalar(select(func.count()).select_from(Consultation)) == 0


class TestDrafting:
    @pytest.fixture(autouse=True)
    def created(self, desk: Program) -> None:
        desk.send("POST", "/consultations", NEW)

    PATH = "/consultations/networks/questionnaires/draft"

    def test_every_fault_of_a_questionnaire_is_listed(self, desk: Program) -> None:
        document = deepcopy(definition())
        questions = document["sections"][0]["questions"]
        questions[0]["options"][1]["code"] = "yes"
        questions[1]["show_if"] = "Nobody == 1"
        problem = problem_in(desk.send("PUT", self.PATH, document), 422)
        paths = [fault["path"] for fault in problem["errors"]]
        assert len(paths) >= 2
        assert any(path.startswith("sections[0].questions[1].show_if") for path in paths)
        problem_in(desk.get(self.PATH), 404)

    @pytest.mark.parametrize("document", [[], '"x"', 3, None, {}, {"schema": "other"}])
    def test_what_is_no_questionnaire_is_refused(self, desk: Program, document: Any) -> None:
        assert problem_in(desk.send("PUT", self.PATH, document), 422)["errors"]

    def test_nobody_overwrites_what_they_have_not_seen(self, desk: Program) -> None:
        first = desk.send("PUT", self.PATH, definition())
        assert first.status_code == 201
        assert desk.get(self.PATH).headers["ETag"] == first.headers["ETag"]
        other = definition(title={"en": "Other", "fr": "Autre"})
        problem_in(desk.send("PUT", self.PATH, other), 428)
        problem_in(desk.send("PUT", self.PATH, other, If_Match='"old"'), 412)
        problem_in(desk.send("PUT", self.PATH, other, If_None_Match="*"), 412)
        second = desk.send("PUT", self.PATH, other, If_Match=first.headers["ETag"])
        assert second.status_code == 200
        publication = f"{self.PATH}/publication"
        problem_in(desk.send("POST", publication), 428)
        problem_in(desk.send("POST", publication, If_Match=first.headers["ETag"]), 412)
        assert desk.send("POST", publication, If_Match=second.headers["ETag"]).status_code == 200
        problem_in(desk.send("POST", publication, If_Match="*"), 404)

    def test_dates_are_set_for_what_was_read(self, desk: Program) -> None:
        tag = desk.send("PUT", self.PATH, definition()).headers["ETag"]
        desk.send("POST", f"{self.PATH}/publication", If_Match=tag)
        path = "/consultations/networks/schedule"
        problem_in(desk.send("PUT", path, schedule()), 428)
        for changes, field in (
            ({"opens_at": "2026-01-01T00:00:00"}, "opens_at"),
            ({"opens_at": "0001-01-01T00:00:00+14:00"}, "opens_at"),
            ({"opens_at": "tomorrow"}, "opens_at"),
            ({"closes_at": "2020-01-01T00:00:00Z"}, "closes_at"),
            ({"retained_until": "2020-01-01"}, "retained_until"),
            ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ):
            problem = problem_in(desk.send("PUT", path, schedule(**changes), If_Match="*"), 422)
            assert [fault["path"] for fault in problem["errors"]] == [field], changes
        known = desk.get("/consultations/networks").headers["ETag"]
        assert desk.send("PUT", path, schedule(), If_Match=known).json["phase"] == "open"
        problem_in(desk.send("PUT", path, schedule(), If_Match=known), 412)


def test_invitations_are_given_out_once(desk: Program, web_session: Session) -> None:
    desk.send("POST", "/consultations", NEW | {"kind": "targeted", "asks_profile": False})
    draft = desk.send("PUT", "/consultations/networks/questionnaires/draft", definition())
    desk.send(
        "POST", "/consultations/networks/questionnaires/draft/publication",
        If_Match=draft.headers["ETag"],
    )  # fmt: skip
    desk.send("PUT", "/consultations/networks/schedule", schedule(), If_Match="*")
    made = desk.send("POST", "/consultations/networks/invitations", {"count": 3})
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "private, no-store"
    assert desk.get("/consultations/networks/invitations").json["unused"] == 3
    token = made.json["tokens"][0]

    anyone = Program(desk.client)
    drafts = "/consultations/networks/drafts"
    problem_in(anyone.send("POST", drafts, {}), 403)
    problem_in(anyone.send("POST", drafts, {"invitation": "guessed"}), 403)
    begun = anyone.send("POST", drafts, {"invitation": token})
    assert begun.status_code == 201
    problem_in(anyone.send("POST", drafts, {"invitation": token}), 403)
    invited = Program(desk.client, draft=begun.json["code"])
    assert invited.get("/consultations/networks/draft").json["answers"] == {}
    saved = invited.send("PATCH", "/consultations/networks/draft", {"answers": {"Q1": "no"}})
    assert saved.json["missing"] == []
    sent = {"publication": "anonymous", "consent": True}
    path = "/consultations/networks/draft/submission"
    assert invited.send("POST", path, sent).status_code == 201
    assert invited.send("POST", path, sent).status_code == 200
    assert desk.get("/consultations/networks/invitations").json["used"] == 1


def test_an_auditor_reads_results_and_nothing_else(
    app: Flask, client: FlaskClient, web_session: Session
) -> None:
    auditor = Program(client, make_token(app, web_session, "result.read", role=Role.AUDITOR))
    for method, path in (
        ("POST", "/consultations"), ("PUT", "/consultations/x/questionnaires/draft"),
        ("GET", "/consultations/x/responses"), ("GET", "/consultations/x/invitations"),
        ("PUT", "/consultations/x/schedule"),
    ):  # fmt: skip
        answer = auditor.send(method, path, {})
        assert problem_in(answer, 403)["code"] == "api.scope_missing"
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
