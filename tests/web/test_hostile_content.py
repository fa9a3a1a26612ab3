"""Whatever people or files bring in is text on every page, whoever looks at it."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.projection import project_responses
from core import outbox
from core.audit import OPERATOR
from core.ids import new_code, random_uuid
from core.text import LocalizedText
from roadmap.editions.publishing import publish_edition
from roadmap.formats.folder import read_folder
from roadmap.roadmaps import import_roadmap
from stakeholders.permissions import Role
from surveys.consultations import (
    add_version,
    create_consultation,
    publish_version,
    schedule_consultation,
)
from surveys.models import PROJECTION_TOPIC, Response

EVIL = """=1+1</script></title><img src=x onerror=alert(1)>"'><svg/onload=alert(1)>{{7*7}}"""


class Reader(HTMLParser):
    """Notes what a page holds that must not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append(f"<{tag} {name}>")
            if name in ("href", "src", "action") and (value or "").strip().lower().startswith(
                ("javascript:", "data:", "//", "http:")
            ):
                self.found.append(f"<{tag} {name}={value}>")
        if tag == "script" and "src" not in dict(attrs):
            self.found.append("<script>")
        if tag == "img" and dict(attrs).get("src") == "x":
            self.found.append("<img src=x>")


@pytest.fixture
def evil(app: Flask, web_session: Session, tmp_path: Path) -> list[str]:
    """A consultation and a roadmap whose every text is hostile; addresses that show them."""
    now, text = datetime.now(UTC), LocalizedText.of(EVIL)
    title = {"en": EVIL}
    options = [{"code": "a", "label": title}, {"code": "b", "label": title}]
    questions: list[dict[str, Any]] = [
        {"code": "Q1", "type": "single_choice", "title": title, "help": title, "options": options,
         "other": None},
        {"code": "Q2", "type": "multiple_choice", "title": title, "options": options},
        {"code": "Q3", "type": "matrix", "cell": "single", "title": title, "options": options,
         "rows": [{"code": "r1", "label": title}]},
        {"code": "Q4", "type": "number", "title": title, "unit": title},
        {"code": "Q5", "type": "long_text", "title": title},
        {"code": "T1", "type": "information", "title": title},
    ]  # fmt: skip
    for question in questions:
        question.pop("other", None)
    definition = {
        "schema": "waymark/questionnaire/1", "title": title, "description": title,
        "languages": ["en"],
        "sections": [{"code": "s", "title": title, "text": title, "questions": questions}],
    }  # fmt: skip
    for slug, closes in (("open", now + timedelta(days=9)), ("closed", now - timedelta(hours=1))):
        consultation = create_consultation(
            web_session, slug=slug, title=text, summary=text, actor=OPERATOR, now=now
        )
        version = add_version(
            web_session, consultation=consultation, definition=definition, actor=OPERATOR, now=now
        )
        publish_version(
            web_session, consultation=consultation, version=version, actor=OPERATOR, now=now
        )
        schedule_consultation(
            web_session, consultation=consultation, opens_at=now - timedelta(days=9),
            closes_at=closes, actor=OPERATOR, now=now,
        )  # fmt: skip
    for _ in range(12):
        values = {
            "id": random_uuid(), "consultation_id": consultation.id, "version_id": version.id,
            "reference": new_code(20), "day": now.date(), "language": "en", "country": "PT",
            "respondent_type": "ngo", "organisation_name": EVIL, "consents": {},
            "publication": "named", "first_name": EVIL[:90],
            "answers": {"Q1": "a", "Q2": ["a"], "Q3": {"r1": "a"}, "Q5": EVIL},
        }  # fmt: skip
        web_session.execute(insert(Response).values(values))
        outbox.enqueue(
            web_session, topic=PROJECTION_TOPIC, payload={"response": str(values["id"])}, now=now
        )
    with app.app_context():
        project_responses(web_session, now=now)
    write_roadmap(tmp_path / "evil")
    import_roadmap(
        web_session, slug="evil", draft=read_folder(tmp_path / "evil"), actor=OPERATOR, now=now
    )
    web_session.commit()
    return [
        "/", "/consultations/", "/consultations/open", "/consultations/open/answer/about-you",
        "/consultations/open/answer/section/s", "/consultations/closed",
        "/consultations/closed/results", "/consultations/closed/results/Q1",
        "/consultations/closed/results/Q3", "/roadmaps/", "/roadmaps/evil",
        "/roadmaps/evil/graph", "/roadmaps/evil/milestones", "/roadmaps/evil/timeline",
        "/roadmaps/evil/critical-path", "/roadmaps/evil/contradictions",
        "/roadmaps/evil/milestones/A%22%20onx=%22%3Cb",
    ]  # fmt: skip


def write_roadmap(folder: Path) -> None:
    folder.mkdir()
    header = ["code", "title", "agenda", "area", "duration_days", "lead", "description"]
    with (folder / "milestones.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for code in ('A" onx="<b', "B"):
            writer.writerow([code, EVIL, "SRIA", EVIL[:60], 10, EVIL, EVIL])
    with (folder / "dependencies.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["from", "to", "kind", "lag_days"])
        writer.writerow(['A" onx="<b', "B", "FS", 0])
        writer.writerow(["B", 'A" onx="<b', "FS", 0])


def test_no_page_of_the_public_or_the_secretariat_runs_it(
    client: FlaskClient, evil: list[str], sign_in: Callable[..., FlaskClient]
) -> None:
    staff = sign_in(Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR)
    inner = [
        "/desk", "/desk/consultations/", "/desk/consultations/closed", "/audit/",
        "/desk/roadmaps/evil/evidence/", "/desk/roadmaps/evil/editions/", "/network/nodes",
    ]  # fmt: skip
    shown = 0
    for reader, addresses in ((client, evil), (staff, evil + inner)):
        for address in addresses:
            page = reader.get(address)
            assert page.status_code in (200, 303, 404), address
            found = Reader()
            found.feed(page.text)
            assert found.found == [], address
            shown += "onerror=alert(1)" in page.text
    assert shown > 25  # it is there, as text


def test_a_spreadsheet_takes_no_title_for_a_formula(client: FlaskClient, evil: list[str]) -> None:
    body = client.get("/consultations/closed/results.csv").text.lstrip("\ufeff")
    rows = list(csv.reader(io.StringIO(body)))
    assert any(EVIL in cell for row in rows for cell in row)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_a_published_edition_shows_it_as_text_too(
    client: FlaskClient, evil: list[str], web_session: Session
) -> None:
    publish_edition(web_session, slug="evil", version="1.0", actor=OPERATOR, now=datetime.now(UTC))
    web_session.commit()
    for address in ("/roadmaps/evil/editions/", "/roadmaps/evil/editions/1.0", "/"):
        found = Reader()
        found.feed(client.get(address).text)
        assert found.found == [], address
