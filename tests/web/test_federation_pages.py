"""The network's pages and wire through the application."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.projection import project_responses
from core.audit import OPERATOR
from core.ids import new_code, random_uuid
from core.outbox import enqueue
from federation import hub as at_hub
from federation.envelope import RELEASE, Envelope, generate_key, public_jwk, sign, thumbprint
from federation.keys import load_or_create_key
from federation.release import make_release
from stakeholders.permissions import Role
from surveys.consultations import get_consultation
from surveys.definition import parse_definition
from surveys.models import PROJECTION_TOPIC, Consultation, Response
from tests.integration.federation.conftest import QUESTIONNAIRE, ask, results_of
from tests.web.conftest import token_in

NODE = generate_key()


@pytest.fixture
def hub(app: Flask, web_session: Session) -> Flask:
    """The application as hub: a shared consultation with 28 responses, one node registered."""
    now = datetime.now(UTC)
    ask(web_session, now)
    consultation = get_consultation(web_session, slug="networks")
    for at in range(28):
        response = Response(
            id=random_uuid(),
            consultation_id=consultation.id,
            version_id=consultation.current_version_id,
            reference=new_code(12),
            day=now.date(),
            language="fr",
            respondent_type="eu_citizen",
            answers={"Q1": "yes" if at < 18 else "no"},
        )
        web_session.add(response)
        payload = {"response": str(response.id)}
        enqueue(web_session, topic=PROJECTION_TOPIC, payload=payload, now=now, day_only=True)
    web_session.flush()
    with app.app_context():
        project_responses(web_session, now=now)
    own = load_or_create_key(app.config["WAYMARK_SETTINGS"].instance)
    at_hub.register_node(
        web_session, name="lisboa", public_key=public_jwk(NODE), actor=OPERATOR, now=now
    )
    at_hub.share_consultation(web_session, slug="networks", key=own, actor=OPERATOR, now=now)
    web_session.commit()
    return app


def release(app: Flask, yes: int, no: int, *, ngo: tuple[int, int] = (0, 0)) -> str:
    """The node's first release."""
    results = results_of(yes, no, ngo=ngo)
    own = load_or_create_key(app.config["WAYMARK_SETTINGS"].instance)
    with app.extensions["waymark.database"].new_session() as session:
        shared = at_hub.get_shared(session, slug="networks")
    body = make_release(
        parse_definition(QUESTIONNAIRE), shared.questionnaire_sha256,
        results.public_document(by="respondent_type"), results.entries,
    )  # fmt: skip
    envelope = Envelope(
        schema=RELEASE, issuer=thumbprint(NODE), audience=thumbprint(own),
        consultation="networks", sequence=1, previous=None, issued_at=datetime.now(UTC),
        expires_at=None, body=body.as_body(),
    )  # fmt: skip
    return sign(envelope, NODE)


def test_the_merged_result_says_which_nodes_are_in_it(
    hub: Flask, client: FlaskClient, web_session: Session
) -> None:
    page = client.get("/network/consultations/networks")
    assert page.status_code == 200
    assert "0 of 1 nodes" in page.text
    sent = client.post("/federation/v1/releases", data=release(hub, 30, 20, ngo=(6, 3)))
    assert sent.status_code == 201
    assert sent.mimetype == "application/jose"
    page = client.get("/network/consultations/networks")
    assert "1 of 1 nodes, as of" in page.text
    assert "Yes?" in page.text
    # What is said here is not shown while people may still answer.
    assert "Answered: 50" in page.text
    web_session.execute(update(Consultation).values(closes_at=datetime.now(UTC)))
    web_session.commit()
    page = client.get("/network/consultations/networks")
    assert "Answered: 78" in page.text
    assert ">48<" in page.text
    assert "hidden" in page.text  # the few "no" of NGOs
    assert "<svg" in page.text


def test_the_network_page_lists_what_is_asked_together(hub: Flask, client: FlaskClient) -> None:
    page = client.get("/network/")
    assert page.status_code == 200
    assert "/network/consultations/networks" in page.text
    assert "0 of 1 nodes" in page.text


def test_without_a_network_the_page_says_so(client: FlaskClient) -> None:
    page = client.get("/network/")
    assert "No consultation is asked together with others yet." in page.text
    assert client.get("/network/consultations/networks").status_code == 404


def test_the_definition_and_the_key_are_public(hub: Flask, client: FlaskClient) -> None:
    answer = client.get("/federation/v1/consultations/networks/definition")
    assert answer.mimetype == "application/jose"
    assert answer.text.count(".") == 2
    key = client.get("/federation/v1/key").get_json(force=True)
    assert set(key) == {"kty", "crv", "x", "kid"}


def test_refusals_on_the_wire_are_problem_documents(hub: Flask, client: FlaskClient) -> None:
    token = release(hub, 30, 20)
    assert client.post("/federation/v1/releases", data=token).status_code == 201
    again = client.post("/federation/v1/releases", data=token)
    assert again.status_code == 409
    assert again.mimetype == "application/problem+json"
    assert again.get_json(force=True)["code"] == "federation.replay"
    for data in (b"", b"\xff\xfe", token[:-2].encode(), b"a.b.c"):
        refused = client.post("/federation/v1/releases", data=data)
        assert refused.status_code in (403, 422)
        assert refused.get_json(force=True)["code"].startswith("federation.")
    missing = client.get("/federation/v1/consultations/none/definition")
    assert (missing.status_code, missing.mimetype) == (404, "application/problem+json")
    unknown = client.get(f"/federation/v1/releases/{'0' * 64}/acknowledgement")
    assert unknown.status_code == 404


def test_a_message_that_is_too_large_is_refused(hub: Flask, client: FlaskClient) -> None:
    refused = client.post("/federation/v1/releases", data=b"x" * 2_100_000)
    assert refused.status_code == 413
    assert refused.mimetype == "application/problem+json"


def test_the_secretariat_registers_and_removes_a_node(
    hub: Flask, sign_in: Callable[..., FlaskClient]
) -> None:
    secretariat = sign_in(Role.SECRETARIAT)
    page = secretariat.get("/network/nodes")
    form = {
        "csrf_token": token_in(page.text),
        "name": "Porto",
        "public_key": json.dumps(public_jwk(generate_key())),
    }
    assert secretariat.post("/network/nodes", data=form).status_code == 303
    page = secretariat.get("/network/nodes")
    assert "porto" in page.text
    gone = secretariat.post("/network/nodes/porto/remove", data=form)
    assert gone.status_code == 303
    secretariat.get("/network/nodes")
    assert "porto" not in secretariat.get("/network/nodes").text


@pytest.mark.parametrize("key", ["", "nonsense", "{}", "[]", "null"])
def test_a_bad_key_is_refused_and_stays_on_the_page(
    hub: Flask, sign_in: Callable[..., FlaskClient], key: str
) -> None:
    secretariat = sign_in(Role.SECRETARIAT)
    token = token_in(secretariat.get("/network/nodes").text)
    refused = secretariat.post(
        "/network/nodes", data={"csrf_token": token, "name": "<b>Porto", "public_key": key}
    )
    assert refused.status_code == 422
    assert "&lt;b&gt;Porto" in refused.text
    assert "JWK" in refused.text


def test_the_secretariat_signs_a_consultation_for_nodes(
    app: Flask, web_session: Session, sign_in: Callable[..., FlaskClient]
) -> None:
    ask(web_session, datetime.now(UTC))
    web_session.commit()
    secretariat = sign_in(Role.SECRETARIAT)
    token = token_in(secretariat.get("/network/nodes").text)
    data = {"csrf_token": token, "slug": "networks"}
    assert secretariat.post("/network/share", data=data).status_code == 303
    assert app.test_client().get("/federation/v1/consultations/networks/definition").text


def test_only_staff_manage_the_network(
    hub: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    assert client.get("/network/nodes").status_code == 303
    assert sign_in(Role.CITIZEN).get("/network/nodes").status_code == 403
