"""What everyone may read through the API, and how: pages, tags, negotiation, other sites."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.projection import project_responses
from core.audit import OPERATOR
from core.text import LocalizedText
from roadmap.models import Edition, Roadmap
from stakeholders.permissions import Role
from surveys.consultations import add_version, create_consultation, get_consultation
from tests.questionnaire_factory import definition, open_consultation
from tests.web.api_programs import API, Program, close_now, make_token, problem_in


@pytest.fixture
def program(client: FlaskClient) -> Program:
    return Program(client)


@pytest.fixture
def slugs(web_session: Session) -> list[str]:
    """Five open consultations, one targeted, and one in preparation."""
    now = datetime.now(UTC)
    names = [f"topic-{number}" for number in range(5)]
    for number, name in enumerate(names):
        kind = "targeted" if number == 4 else "public"
        open_consultation(web_session, now + timedelta(minutes=number), slug=name, kind=kind)
    create_consultation(
        web_session, slug="hidden", title=LocalizedText.of("Hidden"), actor=OPERATOR, now=now
    )
    web_session.commit()
    return names


def test_the_service_says_where_to_go(program: Program) -> None:
    document = program.get("").json
    assert document["api"] == "1"
    assert document["openapi"].endswith("/api/v1/openapi.json")
    assert len(document["instance"]) == 8


def test_consultations_come_in_pages(program: Program, slugs: list[str]) -> None:
    seen, address = [], "/consultations?per_page=2"
    for _ in range(3):
        answer = program.get(address)
        document = answer.json
        assert document["total"] == 5
        seen += [entry["slug"] for entry in document["items"]]
        links = {
            part.rpartition('rel="')[2].rstrip('"'): part.split(">")[0].lstrip(" <")
            for part in answer.headers["Link"].split(",")
        }
        assert links["last"].endswith("per_page=2&page=3")
        address = links.get("next", "").partition("/api/v1")[2]
    assert address == ""
    assert sorted(seen) == slugs
    beyond = program.get("/consultations?page=99&per_page=2")
    assert beyond.status_code == 200
    assert beyond.json["items"] == []


def test_consultations_are_filtered(program: Program, slugs: list[str]) -> None:
    assert program.get("/consultations?kind=targeted").json["total"] == 1
    assert program.get("/consultations?phase=open").json["total"] == 5
    assert program.get("/consultations?phase=closed").json["total"] == 0
    assert program.get("/consultations?phase=prepared").json["total"] == 0


def test_what_is_prepared_is_seen_with_a_token_only(
    app: Flask, client: FlaskClient, program: Program, slugs: list[str], web_session: Session
) -> None:
    problem_in(program.get("/consultations/hidden"), 404)
    reader = Program(client, make_token(app, web_session, "questionnaire.read"))
    answer = reader.get("/consultations/hidden")
    assert answer.json["phase"] == "prepared"
    assert "private" in answer.headers["Cache-Control"]
    assert reader.get("/consultations?phase=prepared").json["total"] == 1
    other = Program(client, make_token(app, web_session, "invitation.read"))
    problem_in(other.get("/consultations/hidden"), 404)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("page=0", "page"), ("page=x", "page"), ("page=1.0", "page"), ("page=%2B1", "page"),
        ("per_page=101", "per_page"), ("phase=never", "phase"), ("kind=", "kind"),
        ("pahse=open", "pahse"), ("page=1&page=2", "page"), ("lang=fr", "lang"),
    ],
)  # fmt: skip
def test_a_parameter_that_is_none_is_named(program: Program, query: str, path: str) -> None:
    problem = problem_in(program.get(f"/consultations?{query}"), 422)
    assert [fault["path"] for fault in problem["errors"]] == [path]


def test_what_did_not_change_is_not_sent_again(program: Program, slugs: list[str]) -> None:
    for address in ("/consultations", "/consultations/topic-0", "/roadmaps", "/openapi.json",
                    "/consultations/topic-0/questionnaires/1"):  # fmt: skip
        first = program.get(address)
        tag = first.headers["ETag"]
        assert not tag.startswith("W/")
        again = program.get(address, If_None_Match=tag)
        assert (again.status_code, again.data) == (304, b"")
        assert program.get(address, If_None_Match='"other"').status_code == 200


def test_a_questionnaire_is_our_document(program: Program, slugs: list[str]) -> None:
    answer = program.get("/consultations/topic-0/questionnaires/1")
    assert answer.json == definition()
    assert "immutable" in answer.headers["Cache-Control"]
    versions = program.get("/consultations/topic-0/questionnaires").json
    assert versions["total"] == 1
    assert versions["items"][0]["address"].endswith("/consultations/topic-0/questionnaires/1")


def test_a_draft_of_a_questionnaire_is_for_a_token(
    app: Flask, client: FlaskClient, program: Program, slugs: list[str], web_session: Session,
    now: datetime,
) -> None:  # fmt: skip
    add_version(
        web_session, consultation=get_consultation(web_session, slug="topic-0"),
        definition=definition(title={"en": "Secret"}), actor=OPERATOR, now=now,
    )  # fmt: skip
    web_session.commit()
    problem_in(program.get("/consultations/topic-0/questionnaires/2"), 404)
    problem_in(program.get("/consultations/topic-0/questionnaires/draft"), 401)
    assert program.get("/consultations/topic-0/questionnaires").json["total"] == 1
    reader = Program(client, make_token(app, web_session, "questionnaire.read"))
    assert reader.get("/consultations/topic-0/questionnaires").json["total"] == 2
    draft = reader.get("/consultations/topic-0/questionnaires/draft")
    assert draft.json["title"] == {"en": "Secret"}


def test_results_are_those_of_the_public_page(
    app: Flask, client: FlaskClient, program: Program, slugs: list[str], web_session: Session
) -> None:
    problem = problem_in(program.get("/consultations/topic-0/results"), 404)
    assert problem["code"] == "api.results_not_published"
    with app.app_context():
        project_responses(web_session, now=datetime.now(UTC))
        web_session.commit()
    close_now(web_session, "topic-0")
    answer = program.get("/consultations/topic-0/results?by=country&language=fr")
    page = client.get(
        "/consultations/topic-0/results.json?by=country", headers={"Accept-Language": "fr"}
    )
    assert answer.json == page.json
    exact = Program(client, make_token(app, web_session, "result.read", role=Role.AUDITOR))
    assert exact.get("/consultations/topic-0/results/exact").json["responses"] == 0
    problem_in(program.get("/consultations/topic-0/results/exact"), 401)


def test_an_edition_is_given_byte_for_byte(
    program: Program, web_session: Session, now: datetime
) -> None:
    roadmap = Roadmap(slug="sns", title=LocalizedText.of("SNS"), start=now.date(), created_at=now)
    web_session.add(roadmap)
    web_session.flush()
    text = '{"schema":"x","é":1}'
    web_session.add(
        Edition(roadmap_id=roadmap.id, sequence=1, version="1.0", document=text, sha256="ab" * 32,
                published_at=now)
    )  # fmt: skip
    web_session.commit()
    assert program.get("/roadmaps").json["items"][0]["slug"] == "sns"
    listed = program.get("/roadmaps/sns/editions").json["items"]
    assert listed[0]["address"].endswith("/roadmaps/sns/editions/1.0")
    answer = program.get("/roadmaps/sns/editions/1.0")
    assert answer.data == text.encode()
    assert answer.headers["ETag"] == f'"{"ab" * 32}"'
    problem_in(program.get("/roadmaps/sns/editions/2.0"), 404)
    problem_in(program.get("/roadmaps/none/editions"), 404)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("", 200), ("*/*", 200), ("application/json", 200), ("application/*;q=0.1", 200),
        ("application/problem+json", 200), ("text/html,*/*;q=0.8", 200),
        ("text/html", 406), ("application/xml", 406), ("application/json;q=0", 406),
    ],
)  # fmt: skip
def test_only_json_is_to_be_had(program: Program, accept: str, status: int) -> None:
    answer = program.get("/consultations", **({"Accept": accept} if accept else {}))
    assert answer.status_code == status
    if status == 406:
        assert problem_in(answer, 406)["code"] == "api.not_acceptable"


def test_pages_of_other_sites_may_read_what_is_public(
    app: Flask, client: FlaskClient, program: Program, slugs: list[str]
) -> None:
    answer = program.get("/consultations", Origin="https://elsewhere.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    asked = client.options(f"{API}/consultations", headers={"Origin": "https://elsewhere.example"})
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    for address in ("/consultations/topic-0/responses", "/consultations/topic-0/draft"):
        assert "Access-Control-Allow-Origin" not in program.get(address).headers


def test_every_fault_of_an_address_is_a_problem_document(program: Program) -> None:
    problem_in(program.get("/nowhere"), 404)
    problem_in(program.get("/consultations/none"), 404)
    problem_in(program.client.get("/api/v2/consultations"), 404)  # type: ignore[arg-type]
    refused = program.send("DELETE", "/consultations")
    problem_in(refused, 405)
    assert {"GET", "POST"} <= {method.strip() for method in refused.headers["Allow"].split(",")}


def test_a_fault_of_ours_says_nothing_about_our_insides(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret path /etc/waymark")

    monkeypatch.setattr("app.api.roadmaps.list_roadmaps", fail)
    app.testing = False
    problem = problem_in(client.get(f"{API}/roadmaps"), 500)
    assert problem["reference"]
    assert "secret" not in str(problem)
