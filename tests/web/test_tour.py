"""The two walks of docs/tour.md: what it names exists, and what it says happens."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import jobs
from core.audit import OPERATOR, verify
from core.clock import utc_now
from core.models import OutboxMessage
from core.text import LocalizedText
from roadmap.draft import Draft as RoadmapDraft
from roadmap.draft import DraftMilestone
from roadmap.editions.publishing import get_edition_document, verify_chain
from roadmap.roadmaps import import_roadmap
from stakeholders.permissions import Role
from surveys.consultations import (
    add_version,
    create_consultation,
    get_consultation,
    publish_version,
    schedule_consultation,
)
from surveys.models import Draft, Response
from surveys.results import get_results

ROOT = Path(__file__).resolve().parents[2]
TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")


def named_functions() -> Iterator[tuple[str, str]]:
    """(file, function) wherever the tour says "`file`, `function`" or "`function` (`file`)"."""
    yield from re.findall(r"`([\w/]+\.py)`,\s+`(\w+)`", TOUR)
    for function, file in re.findall(r"`(\w+)`\s+\(`([\w/]+\.py)`\)", TOUR):
        yield file, function


@pytest.mark.parametrize("file", sorted(set(re.findall(r"`([\w/]+\.(?:py|md))`", TOUR))))
def test_every_file_on_the_way_exists(file: str) -> None:
    assert (ROOT / file).is_file()


@pytest.mark.parametrize("file, function", sorted(set(named_functions())))
def test_every_function_on_the_way_is_where_the_tour_says(file: str, function: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


QUESTIONNAIRE = {
    "schema": "waymark/questionnaire/1",
    "title": {"en": "Tour"},
    "languages": ["en"],
    "sections": [
        {
            "code": "one",
            "title": {"en": "One"},
            "questions": [
                {
                    "code": "Q1",
                    "type": "single_choice",
                    "title": {"en": "Shall we?"},
                    "required": True,
                    "options": [
                        {"code": "yes", "label": {"en": "Yes"}},
                        {"code": "no", "label": {"en": "No"}},
                    ],
                }
            ],
        }
    ],
}


@pytest.fixture
def consultation_slug(web_session: Session) -> str:
    """A consultation that is open now, without background questions."""
    now = utc_now()
    consultation = create_consultation(
        web_session, slug="tour", title=LocalizedText.of("Tour"), asks_profile=False,
        actor=OPERATOR, now=now,
    )  # fmt: skip
    version = add_version(
        web_session, consultation=consultation, definition=QUESTIONNAIRE, actor=OPERATOR, now=now
    )
    publish_version(
        web_session, consultation=consultation, version=version, actor=OPERATOR, now=now
    )
    schedule_consultation(
        web_session, consultation=consultation, opens_at=now - timedelta(days=1), closes_at=None,
        actor=OPERATOR, now=now,
    )  # fmt: skip
    web_session.commit()
    return consultation.slug


def send(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    """Fill in the form at ``address`` as a browser without scripts does, and press the button."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    response = client.post(address, data=hidden | {"action": "next"} | fields)
    assert response.status_code == 303, response.text
    return response


def press(client: FlaskClient, page: str, step: str, **fields: str) -> TestResponse:
    """Press the button of a page that leads to ``step``, with what its forms carry."""
    text = client.get(page).text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text))
    response = client.post(page + step, data=hidden | fields)
    assert response.status_code == 303, response.text
    return response


def count(app: Flask, table: type) -> int:
    with app.extensions["waymark.database"].reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_citizen_submits(app: Flask, client: FlaskClient, consultation_slug: str) -> None:
    answer = f"/consultations/{consultation_slug}/answer"
    send(client, f"{answer}/section/one", Q1="yes")
    assert count(app, Draft) == 1

    submitted = send(client, f"{answer}/review", publication="anonymous", consent="yes")
    # One row, one message; the draft is gone.
    assert (count(app, Draft), count(app, Response), count(app, OutboxMessage)) == (0, 1, 1)

    receipt = client.get(submitted.location)
    with app.extensions["waymark.database"].reading() as session:
        response = session.scalars(select(Response)).one()
        assert response.answers == {"Q1": "yes"}
        assert response.reference in receipt.text

    # The worker counts it and seals the log.
    with app.app_context():
        assert jobs.run_round()["projected"] == 1
    assert count(app, OutboxMessage) == 0
    with app.extensions["waymark.database"].reading() as session:
        assert verify(session).valid
        consultation = get_consultation(session, slug=consultation_slug)
        results = get_results(session, consultation=consultation)
    assert results["questions"][0]["options"][0]["count"] == 1


def test_the_secretariat_publishes_an_edition(
    app: Flask, sign_in: Callable[..., FlaskClient], web_session: Session
) -> None:
    draft = RoadmapDraft(
        milestones=(DraftMilestone("M1", LocalizedText.of("First"), "SRIA", "a", 10),),
        dependencies=(),
        areas={"a": LocalizedText.of("Area")},
    )
    import_roadmap(web_session, slug="tour", draft=draft, actor=OPERATOR, now=utc_now())
    web_session.commit()
    # Two people: whoever signs in with other roles is another account.
    client, other = sign_in(Role.SECRETARIAT), sign_in(Role.SECRETARIAT, Role.AUDITOR)
    desk = "/desk/roadmaps/tour/editions/"
    for version in ("1.0", "1.1"):
        press(client, desk, "open", version=version)
        for who, step in (
            (client, "freeze"), (client, "make-public"), (client, "approve"), (other, "approve"),
        ):  # fmt: skip
            press(who, desk, f"{version}/{step}")
        published = press(client, desk, f"{version}/publish")
        assert published.location.endswith(f"/roadmaps/tour/editions/{version}")
    with app.extensions["waymark.database"].reading() as session:
        newer = get_edition_document(session, roadmap="tour", version="1.1")
        assert newer["previous"]["version"] == "1.0"
        assert verify_chain(session, slug="tour") == []

    # Until the worker has rendered it there is nothing to download, and the page says so.
    address = "/roadmaps/tour/editions/1.1/edition.pdf"
    assert client.get(address).status_code == 409
    with app.app_context():
        jobs.run_round()
    with client.get(address) as downloaded:
        assert downloaded.data.startswith(b"%PDF-")
    assert json.loads(client.get("/roadmaps/tour/editions/1.1/edition.json").data) == newer
