"""Every type of question on its page, without JavaScript: asked, answered, shown again."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from stakeholders.permissions import Role
from surveys.models import Consultation, Draft, Response
from tests.every_question import ANSWERS, FIELDS, definition, text
from tests.questionnaire_factory import open_consultation

BASE = "/consultations/networks"
PAGE = f"{BASE}/answer/section/all"


@pytest.fixture
def consultation(web_session: Session) -> Consultation:
    consultation = open_consultation(
        web_session, datetime.now(UTC), definition=definition(), asks_profile=False
    )
    web_session.commit()
    return consultation


class Controls(HTMLParser):
    """The fields of the page's main form as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self._select: str | None = None
        self._area: str | None = None
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        field = {name: value if value is not None else "" for name, value in attrs}
        if "id" in field:
            self.ids.append(field["id"])
        if tag == "form":
            self._inside = field.get("id") == "answers"
        if not self._inside:
            return
        name = field.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in field:
            self.sent.append((self._select, field["value"]))
        elif tag == "textarea":
            self._area = name
        elif tag == "input" and name:
            kind = field.get("type", "text")
            if kind in ("radio", "checkbox") and "checked" not in field:
                return
            self.sent.append((name, field.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.sent.append((self._area, data.removeprefix("\n")))
            self._area = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        if tag == "form":
            self._inside = False


def send(client: FlaskClient, address: str, **fields: Any) -> TestResponse:
    """Press a button on the page at ``address`` after typing ``fields`` into what is there."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    return send_from(client, address, page.text, **fields)


def send_from(client: FlaskClient, address: str, page: str, **fields: Any) -> TestResponse:
    data: dict[str, list[str]] = {}
    for name, value in Controls(page).sent:
        data.setdefault(name, []).append(value)
    data |= {k: v if isinstance(v, list) else [v] for k, v in fields.items()}
    return client.post(address, data={"action": ["next"]} | data)


def answers_of_the_draft(session: Session) -> dict[str, Any]:
    try:
        return session.scalars(select(Draft.answers)).one()
    finally:
        session.rollback()  # SQLite: else nobody else could write


def test_every_type_is_asked_saved_and_shown_again(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    answer = send(client, PAGE, **FIELDS)
    assert answer.status_code == 303, re.findall(r'-error">.*?</div>', answer.text, re.S)
    assert answers_of_the_draft(web_session) == ANSWERS
    # Sent again exactly as the page shows it: nothing changes.
    again = send(client, PAGE)
    assert again.status_code == 303
    assert answers_of_the_draft(web_session) == ANSWERS
    page = client.get(PAGE).text
    assert "You counted 12 sites." in page
    ids = Controls(page).ids
    assert len(ids) == len(set(ids)), "an id stands twice"


def test_every_type_reaches_the_response(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    send(client, PAGE, **FIELDS)
    send(client, f"{BASE}/answer/section/end")
    page = client.get(f"{BASE}/answer/review").text
    assert "Because." in page
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    sent = client.post(
        f"{BASE}/answer/review",
        data=hidden | {"publication": "anonymous", "consent": "yes"},
    )
    assert sent.status_code == 303, sent.text
    stored = web_session.scalars(select(Response)).one()
    assert stored.answers == ANSWERS | {"CALC": 24}
    assert client.get(sent.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"RANK.radio": "1", "RANK.cloud": "1"}, "Place 1 is given twice"),
        ({"RANK.radio": "1", "RANK.cloud": "3"}, "Place 2 is empty, but place 3 is given"),
        ({"POINTS.radio": "7", "POINTS.cloud": "1"}, "must add up to 10; they add up to 8"),
        ({"POINTS.radio": "many"}, "does not have the form"),
        ({"BUDGET": ["lab", "net"]}, "Your choices cost 110; the budget is 100"),
        ({"QUART.year": "2028"}, "Choose a quarter and enter its year"),
        ({"QUART.year": "2040", "QUART.quarter": "Q1"}, "or an earlier date"),
        ({"YEAR": "1999"}, "Enter 2026 or more"),
        ({"WHEN.m1.earliest": "2030", "WHEN.m1.likely": "2028"}, "earliest year cannot be after"),
        ({"WHEN.m1.earliest": "2030"}, "the year you think most likely"),
        ({"NEW.1.description": "no title"}, "Give the proposal a title"),
        ({"DEPS.1.from": "m1"}, "Choose both milestones"),
        ({"DEPS.1.from": "m1", "DEPS.1.to": "m1"}, "cannot depend on itself"),
        ({"MANY": ["radio", "none"]}, "cannot be combined"),
        ({"ONE": "other"}, "Say what “Other” is"),
        ({"TABLE.speed.now": "101"}, "Enter 100 or less"),
        ({"SHORT": "x" * 41}, "Shorten this to 40 characters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client: FlaskClient, consultation: Consultation, fields: dict[str, Any], sentence: str
) -> None:
    answer = send(client, PAGE, **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    shown = Controls(answer.text).sent
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            assert (name, one) in shown, f"{name}={one} is gone"


def test_an_answer_fills_in_texts_and_opens_a_question(
    client: FlaskClient, consultation: Consultation
) -> None:
    answer = send(client, PAGE, NUM="60")
    assert answer.headers["Location"] == PAGE
    page = client.get(PAGE).text
    assert "Why 60?" in page
    assert "opened further questions" in page
    assert send(client, PAGE).status_code == 422


def test_switching_the_language_saves_what_is_on_the_page(
    client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    answer = send(client, PAGE, SHORT="unsaved", action="language:fr")
    assert answer.headers["Location"].endswith("/section/all")
    assert answers_of_the_draft(web_session) == {"SHORT": "unsaved"}
    page = client.get(PAGE).text
    assert '<html lang="fr"' in page
    assert 'value="unsaved"' in page
    assert "In a word (fr)" in page


def test_switching_the_language_keeps_the_background_too(
    client: FlaskClient, web_session: Session
) -> None:
    open_consultation(web_session, datetime.now(UTC))
    web_session.commit()
    address = f"{BASE}/answer/about-you"
    answer = send(
        client, address, respondent_type="eu_citizen", country="PT", action="language:fr"
    )  # fmt: skip
    assert answer.headers["Location"].endswith("/about-you")
    assert re.search(r'value="PT" selected', client.get(address).text)


def test_what_is_said_of_an_option_that_disappears_for_a_while_is_kept(
    client: FlaskClient, web_session: Session
) -> None:
    document = definition()
    several = {
        "code": "SOME", "type": "multiple_choice", "title": text("Some"),
        "options": [
            {"code": "a", "label": text("A")},
            {"code": "b", "label": text("B"), "show_if": "SWITCH == 'on'"},
        ],
    }  # fmt: skip
    switch = {
        "code": "SWITCH", "type": "single_choice", "title": text("Switch"),
        "options": [{"code": "on", "label": text("On")}, {"code": "off", "label": text("Off")}],
    }  # fmt: skip
    document["sections"] = [document["sections"][1] | {"questions": [switch, several]}]
    open_consultation(web_session, datetime.now(UTC), definition=document, asks_profile=False)
    web_session.commit()
    page = f"{BASE}/answer/section/end"
    send(client, page, SWITCH="on")
    send(client, page, SOME=["a", "b"])
    send(client, page, SWITCH="off")
    send(client, page, SOME=["a"])
    send(client, page, SWITCH="on")
    assert answers_of_the_draft(web_session)["SOME"] == ["a", "b"]


def test_a_missing_translation_is_shown_in_the_fallback_and_said(
    client: FlaskClient, web_session: Session
) -> None:
    document = definition()
    last = document["sections"][1]["questions"][0] | {"title": {"en": "Anything else?"}}
    document["sections"] = [document["sections"][1] | {"questions": [last]}]
    open_consultation(web_session, datetime.now(UTC), definition=document, asks_profile=False)
    web_session.commit()
    client.set_cookie("waymark_language", "fr")
    page = client.get(f"{BASE}/answer/section/end").text
    assert re.search(r'<span lang="en" class="wm-text">Anything else\?', page)
    assert 'class="wm-untranslated"' in page
    client.set_cookie("waymark_language", "sv")
    page = client.get(f"{BASE}/answer/section/end").text
    assert "Svenska" in page


def test_all_sections_on_one_page(client: FlaskClient, web_session: Session) -> None:
    document = definition(layout="one_page")
    open_consultation(web_session, datetime.now(UTC), definition=document, asks_profile=False)
    web_session.commit()
    first = client.get(f"{BASE}/answer").headers["Location"]
    assert first.endswith("/answer/questions")
    assert "At last" in client.get(first).text
    moved = client.get(f"{BASE}/answer/section/end")
    assert moved.headers["Location"].endswith("/answer/questions#s-end")
    answer = send(client, first, LAST="Thank you", ONE="red")
    assert answer.headers["Location"].endswith("/answer/review")
    assert "/answer/questions#q-LAST" in client.get(f"{BASE}/answer/review").text


def test_a_file_is_taken_by_its_content_and_given_back_as_a_download(
    app: Flask, client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    to_add = send(client, PAGE, SHORT="kept", action="upload:FILE").headers["Location"]
    assert answers_of_the_draft(web_session) == {"SHORT": "kept"}
    refused = post_file(client, to_add, b"<script>alert(1)</script>", "paper.pdf")
    assert refused.status_code == 422
    assert "not of a kind" in refused.text
    assert post_file(client, to_add, b"", "empty.txt").status_code == 422
    large = post_file(client, to_add, b"a" * 1_000_001, "large.txt")
    assert "larger than 1 MB" in large.text
    taken = post_file(client, to_add, b"%PDF-1.7 position", '../../"paper\n<b>.pdf')
    assert taken.headers["Location"].endswith("/section/all#q-FILE")
    (file,) = answers_of_the_draft(web_session)["FILE"]
    assert file["media_type"] == "application/pdf"
    assert file["name"] == "paper%0Ab.pdf"
    folder = app.config["WAYMARK_SETTINGS"].instance / "uploads"
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [file["sha256"]]
    assert (folder / file["sha256"][:2] / file["sha256"][2:4] / file["sha256"]).is_file()
    got = client.get(f"{BASE}/answer/files/{file['sha256']}")
    assert got.data == b"%PDF-1.7 position"
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    got.close()
    stranger = app.test_client()
    assert stranger.get(f"{BASE}/answer/files/{file['sha256']}").status_code == 404
    send(client, PAGE, **{"FILE.remove": file["sha256"]})
    assert answers_of_the_draft(web_session) == {"SHORT": "kept"}


def test_a_sent_file_is_for_its_receipt_and_for_staff_who_may_export(
    client: FlaskClient,
    consultation: Consultation,
    sign_in: Callable[..., FlaskClient],
) -> None:
    to_add = send(client, PAGE, action="upload:FILE").headers["Location"]
    post_file(client, to_add, b"our position", "paper.txt")
    (sha256,) = re.findall(r"/answer/files/([0-9a-f]{64})", client.get(PAGE).text)
    staff_address = f"/desk/consultations/networks/files/{sha256}"
    staff = sign_in(Role.SECRETARIAT)
    assert staff.get(staff_address).status_code == 404  # still a draft
    page = client.get(f"{BASE}/answer/review").text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    sent = client.post(
        f"{BASE}/answer/review", data=hidden | {"publication": "anonymous", "consent": "yes"}
    )
    for reader, address in (
        (client, f"{sent.headers['Location']}/files/{sha256}"), (staff, staff_address),
    ):  # fmt: skip
        got = reader.get(address)
        assert got.data == b"our position"
        assert got.headers["Content-Disposition"].startswith("attachment")
        got.close()
    assert sign_in(Role.MODERATOR).get(staff_address).status_code == 403


def test_statements_come_a_few_at_a_time(client: FlaskClient, web_session: Session) -> None:
    document = definition()
    many = {
        "code": "SAY", "type": "statements", "title": text("Do you agree?"),
        "options": [{"code": f"s{n}", "label": text(f"Statement {n}")} for n in range(12)],
    }  # fmt: skip
    document["sections"] = [document["sections"][1] | {"questions": [many]}]
    open_consultation(web_session, datetime.now(UTC), definition=document, asks_profile=False)
    web_session.commit()
    page = f"{BASE}/answer/section/end"
    shown: set[str] = set()
    for cards in (5, 7):  # a handful, and then all of the last few
        names = set(re.findall(r'name="SAY\.(s\d+)" ', client.get(page).text)) - shown
        assert len(names) == cards
        more = send(client, page, action="more:SAY", **{f"SAY.{n}": "agree" for n in names})
        assert more.headers["Location"].endswith("#q-SAY")
        shown |= names
        assert answers_of_the_draft(web_session)["SAY"].keys() == shown
    changed = send(client, page, **{f"SAY.{min(shown)}": "disagree"})
    assert changed.status_code == 303
    assert answers_of_the_draft(web_session)["SAY"][min(shown)] == "disagree"


def test_fifty_megabytes_are_refused_clearly_and_nothing_else_is_lost(
    app: Flask, client: FlaskClient, consultation: Consultation, web_session: Session
) -> None:
    to_add = send(client, PAGE, SHORT="kept", action="upload:FILE").headers["Location"]
    answer = post_file(client, to_add, b"x" * 50_000_000, "huge.txt")
    assert answer.status_code == 413
    assert "too large" in answer.text
    assert "Your position paper" in answer.text
    folder = app.config["WAYMARK_SETTINGS"].instance / "uploads"
    assert not folder.exists() or not list(folder.rglob("*"))
    assert answers_of_the_draft(web_session) == {"SHORT": "kept"}


def post_file(client: FlaskClient, address: str, content: bytes, name: str) -> TestResponse:
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get(address).text)[-1]
    escaped = name.replace('"', "%22").replace("\n", "%0A")
    head = (
        f'--limit\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        f'--limit\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\n\r\n'
    )
    body = head.encode() + content + b"\r\n--limit--\r\n"
    return client.post(address, data=body, content_type="multipart/form-data; boundary=limit")
