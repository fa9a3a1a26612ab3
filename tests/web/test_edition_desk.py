"""The way of an edition over the pages: two people, no shortcut, and what everybody sees of it."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.text import LocalizedText
from roadmap.draft import Draft, DraftMilestone
from roadmap.drafting import change_milestone
from roadmap.editions.publishing import get_edition, list_editions
from roadmap.editions.verifying.command import verify
from roadmap.roadmaps import get_roadmap, import_roadmap
from stakeholders.accounts import create_account
from stakeholders.permissions import Role
from tests.web.conftest import PASSWORD, token_in

DESK = "/desk/roadmaps/net/editions/"


@pytest.fixture
def net(web_session: Session, now: datetime) -> str:
    draft = Draft(
        milestones=(DraftMilestone("M1", LocalizedText.of("First"), "SRIA", "a", 10),),
        dependencies=(), areas={"a": LocalizedText.of("Area")},
    )  # fmt: skip
    import_roadmap(web_session, slug="net", draft=draft, actor=OPERATOR, now=now)
    web_session.commit()
    return "net"


@pytest.fixture
def colleague(app: Flask, web_session: Session, now: datetime) -> Callable[[str], FlaskClient]:
    """Somebody else of the secretariat, by name."""

    def sign_in(name: str) -> FlaskClient:
        address = f"{name}@example.org"
        create_account(
            web_session, email=address, display_name=name.title(), password=PASSWORD,
            roles=[Role.SECRETARIAT], actor=OPERATOR, now=now,
        )  # fmt: skip
        web_session.commit()
        client = app.test_client()
        token = token_in(client.get("/sign-in").text)
        client.post("/sign-in", data={"email": address, "password": PASSWORD, "csrf_token": token})
        return client

    return sign_in


def act(client: FlaskClient, step: str, status: int = 303, **fields: str) -> str:
    """Press the button of a step on the desk's page, with what the page's forms carry."""
    page = client.get(DESK).text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    response = client.post(DESK + step, data=hidden | fields)
    assert response.status_code == status, response.text
    return response.location if status == 303 else response.text


def test_two_people_lead_an_edition_to_publication(
    net: str, client: FlaskClient, colleague: Callable[[str], FlaskClient], web_session: Session
) -> None:
    anna, ben = colleague("anna"), colleague("ben")
    page = anna.get(DESK).text
    assert 'aria-current="step"' in page
    for title in ("Draft", "Internal review", "Public draft", "Approved", "Published"):
        assert f'<span class="wm-stages__title">{title}</span>' in page
    act(anna, "open", version="1.0")
    act(anna, "1.0/freeze")
    assert client.get("/roadmaps/net/public-draft").status_code == 404
    act(anna, "1.0/make-public")
    public = client.get("/roadmaps/net/public-draft").text
    assert "This is not an edition yet" in public
    assert "/roadmaps/net/public-draft" in client.get("/roadmaps/net/editions/").text
    act(anna, "1.0/publish", 409)
    act(anna, "1.0/approve")
    assert "This needs a second person" in act(anna, "1.0/approve", 409)
    assert "has 1 of the 2 approvals" in act(anna, "1.0/publish", 409)
    act(ben, "1.0/approve")
    assert "Anna" in ben.get(DESK).text
    assert act(ben, "1.0/publish").endswith("/roadmaps/net/editions/1.0")
    assert "was published already" in (late := act(anna, "1.0/publish", 409)) or "published" in late
    page = client.get("/roadmaps/net/editions/1.0").text
    assert "2 people who may approve, exactly this text" in page
    assert "Anna" not in page
    web_session.rollback()
    edition = get_edition(web_session, slug="net", version="1.0")
    assert json.loads(edition.document)["published_by"] == "secretariat"
    assert verify(edition.document.encode(), sha256=edition.sha256)[0].valid


def test_a_stale_approval_is_refused_and_a_changed_draft_is_said(
    net: str, colleague: Callable[[str], FlaskClient], web_session: Session, now: datetime
) -> None:
    anna, ben = colleague("anna"), colleague("ben")
    for step in ("1.0/freeze", "1.0/make-public"):
        if step.endswith("freeze"):
            act(anna, "open", version="1.0")
        act(anna, step)
    seen = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', ben.get(DESK).text))
    change_milestone(
        web_session, roadmap=get_roadmap(web_session, slug="net"), code="M1",
        changes={"duration_days": 20}, reason="Longer.", actor=OPERATOR, now=now,
    )  # fmt: skip
    web_session.commit()
    assert "The draft has changed since this text was frozen" in anna.get(DESK).text
    act(anna, "1.0/freeze")
    act(anna, "1.0/make-public")
    refused = ben.post(DESK + "1.0/approve", data=seen)
    assert refused.status_code == 409
    assert "frozen again after you opened it" in refused.text
    assert "Nothing was done" in act(anna, "1.0/back", 422, stage="draft", reason="")
    act(anna, "1.0/back", stage="draft", reason="A typo.")
    assert "A typo." in anna.get(DESK).text
    act(anna, "1.0/end", end_reason="Not now.")
    assert "Given up (1)" in anna.get(DESK).text


def test_withdrawing_needs_a_second_person_and_is_said_everywhere(
    app: Flask, net: str, client: FlaskClient, colleague: Callable[[str], FlaskClient],
    web_session: Session,
) -> None:  # fmt: skip
    run = app.test_cli_runner().invoke
    for version in ("1.0", "1.1"):
        assert run(args=["roadmap", "publish", "net", version]).exit_code == 0
    shown = client.get("/roadmaps/net/editions/1.1").text
    assert "published by the operator without two approvals" in shown
    anna, ben = colleague("anna"), colleague("ben")
    act(anna, "1.1/withdraw", reason="A wrong date in it.")
    act(anna, "1.1/withdraw/confirm", 409)
    assert "withdrawn on" not in client.get("/roadmaps/net/editions/1.1").text
    act(ben, "1.1/withdraw/confirm", 422, reason="Another reason.")
    assert 'name="reason" value="A wrong date in it."' in ben.get(DESK).text
    act(ben, "1.1/withdraw/confirm", reason="A wrong date in it.")
    shown = client.get("/roadmaps/net/editions/1.1").text
    assert "This edition was withdrawn on" in shown
    assert "A wrong date in it." in shown
    assert "/roadmaps/net/editions/1.0" in shown
    assert "withdrawn" in client.get("/roadmaps/net/editions/").text
    entry = client.get("/api/v1/roadmaps/net/editions").get_json()["items"][1]
    assert entry["withdrawal_reason"] == "A wrong date in it."
    assert entry["withdrawn_at"]
    chain = client.get("/roadmaps/net/editions/chain.json")
    assert json.loads(chain.data)["editions"][1]["withdrawn"]["reason"] == "A wrong date in it."
    assert "/editions/1.0" in client.get("/").text
    assert "/editions/1.1" not in client.get("/").text
    web_session.rollback()
    assert len(list_editions(web_session, slug="net")) == 2


def test_everything_to_verify_is_in_one_archive(app: Flask, net: str, client: FlaskClient) -> None:
    app.test_cli_runner().invoke(args=["roadmap", "publish", "net", "1.0"])
    content = client.get("/roadmaps/net/editions/chain.zip").data
    assert content == client.get("/roadmaps/net/editions/chain.zip").data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sorted(archive.namelist()) == [
            "SHA256SUMS", "net-1.0.json", "net-chain.json", "verify_edition.py",
        ]  # fmt: skip
        assert verify(archive.read("net-chain.json"))[0].valid
        assert verify(archive.read("net-1.0.json"))[0].valid
    script = client.get("/roadmaps/net/editions/verify_edition.py")
    compile(script.data, "verify_edition.py", "exec")
    for path in ("chain.json", "chain.zip"):
        assert client.get(f"/roadmaps/none/editions/{path}").status_code == 404


def test_only_the_secretariat_prepares_editions(
    net: str, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    assert client.get(DESK).status_code == 303
    assert sign_in(Role.DELEGATE, delegation="PT").get(DESK).status_code == 403
    assert client.post(DESK + "1.0/publish").status_code in (302, 303, 400, 403)
