"""The desk for writing together, as the secretariat, a delegate and a citizen meet it."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core.audit import OPERATOR
from core.text import LocalizedText
from roadmap.models import (
    Area,
    Candidate,
    Comment,
    Milestone,
    Notice,
    Paragraph,
    Roadmap,
    Suggestion,
)
from roadmap.writing.chapters import add_chapter
from roadmap.writing.paragraphs import add_paragraph, change_paragraph
from stakeholders.permissions import Role
from tests.web.conftest import token_in

TEXT = "Networks save energy. They cover all regions by 2030."
DESK = "/desk/roadmaps/sns/writing/"
PARAGRAPH = f"{DESK}paragraphs/V-1"


@pytest.fixture
def roadmap(web_session: Session, now: datetime) -> Roadmap:
    roadmap = Roadmap(
        slug="sns", title=LocalizedText.of("Smart networks"), start=date(2027, 1, 1), revision=1,
        created_at=now,
    )  # fmt: skip
    area = Area(code="NET", title=LocalizedText.of("Networks"), position=0)
    roadmap.areas = [area]
    roadmap.milestones = [
        Milestone(
            area=area, code="M1", title=LocalizedText.of("One"), agenda="SRIA", position=0,
            description=LocalizedText.of("First."), duration_days=10,
        )
    ]  # fmt: skip
    web_session.add(roadmap)
    web_session.flush()
    by: dict[str, Any] = {"roadmap": roadmap, "actor": OPERATOR, "now": now}
    add_chapter(web_session, code="V", title={"en": "Vision"}, area="NET", **by)
    add_paragraph(web_session, chapter="V", text={"en": TEXT}, **by)
    web_session.commit()
    return roadmap


@pytest.fixture
def review(web_session: Session, roadmap: Roadmap, now: datetime) -> Callable[[str], None]:
    def review(stage: str) -> None:
        web_session.add(
            Candidate(
                roadmap_id=roadmap.id, version="1.0", stage=stage, created_at=now, changed_at=now
            )
        )
        web_session.commit()

    return review


def post(client: FlaskClient, address: str, **data: Any) -> TestResponse:
    token = token_in(client.get("/desk/roadmaps/sns/writing/paragraphs/V-1").text)
    return client.post(address, data={"csrf_token": token, **data})


def stands(session: Session) -> str:
    session.rollback()
    text = session.scalars(select(Paragraph).where(Paragraph.code == "V-1")).one().text["en"]
    session.rollback()  # what reads holds SQLite's lock
    return text


def save(client: FlaskClient, text: str, seen: int = 1, **more: Any) -> TestResponse:
    return post(client, PARAGRAPH, text=text, seen=seen, language="en", **more)


class TestWriting:
    def test_a_chapter_and_its_first_paragraph(
        self, roadmap: Roadmap, sign_in: Callable[..., FlaskClient]
    ) -> None:
        client = sign_in(Role.SECRETARIAT)
        page = client.get(DESK)
        assert "Vision" in page.text
        assert "In the other 23 official languages there is nothing yet." in page.text
        answer = post(client, DESK, code="G", title="Goals", language="en", area="")
        assert answer.headers["Location"] == f"{DESK}chapters/G"
        answer = post(
            client, f"{DESK}chapters/G/paragraphs", text="<script>alert(1)</script>", language="fr"
        )
        assert answer.headers["Location"].endswith("chapters/G?language=fr#G-1")
        page = client.get(f"{DESK}chapters/G?language=fr&beside=en")
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>alert" not in page.text
        assert client.get(f"{DESK}chapters/V").text.count("M1") >= 1
        again = post(client, DESK, code="G", title="Goals again", language="en")
        assert again.status_code == 422
        assert "Goals again" in again.text

    def test_two_who_write_different_sentences(
        self, roadmap: Roadmap, sign_in: Callable[..., FlaskClient], web_session: Session
    ) -> None:
        client = sign_in(Role.SECRETARIAT)
        assert save(client, TEXT.replace("2030", "2031")).status_code == 303
        assert save(client, TEXT.replace("energy", "power")).status_code == 303
        assert "Both changes are in the text now" in client.get(PARAGRAPH).text
        assert stands(web_session) == "Networks save power. They cover all regions by 2031."

    def test_two_who_write_the_same_sentence_choose(
        self, roadmap: Roadmap, sign_in: Callable[..., FlaskClient], web_session: Session
    ) -> None:
        client = sign_in(Role.SECRETARIAT)
        save(client, TEXT.replace("2030", "2031"))
        mine = TEXT.replace("2030", "2035").replace("energy", "power")
        refused = save(client, mine)
        assert refused.status_code == 409
        for words in ("by 2030.", "by 2031.", "by 2035.", "Networks save power."):
            assert words in refused.text
        assert f'name="text" value="{mine}"' in refused.text
        assert stands(web_session) == TEXT.replace("2030", "2031")
        fields = {"language": "en", "seen": 1, "current": 2, "text": mine, "suggestion": ""}
        unchosen = post(client, f"{PARAGRAPH}/settle", **fields)
        assert unchosen.status_code == 422
        assert mine in unchosen.text
        settled = post(
            client, f"{PARAGRAPH}/settle", **fields,
            **{"choice-0": "own", "own-0": "They cover all by 2033."},
        )  # fmt: skip
        assert settled.status_code == 303
        assert stands(web_session) == "Networks save power. They cover all by 2033."
        assert "two wordings joined" in client.get(f"{PARAGRAPH}/history").text

    def test_somebody_saves_while_a_conflict_is_settled(
        self,
        roadmap: Roadmap,
        sign_in: Callable[..., FlaskClient],
        web_session: Session,
        now: datetime,
    ) -> None:
        client = sign_in(Role.SECRETARIAT)
        save(client, TEXT.replace("2030", "2031"))
        web_session.rollback()
        change_paragraph(
            web_session, roadmap=roadmap, code="V-1", language="en", seen=2,
            text=TEXT.replace("2030", "2032"), actor=OPERATOR, now=now,
        )  # fmt: skip
        web_session.commit()
        mine = TEXT.replace("2030", "2035")
        again = post(
            client, f"{PARAGRAPH}/settle", language="en", seen=1, current=2, text=mine,
            **{"choice-0": "ours"},
        )  # fmt: skip
        assert again.status_code == 409
        assert "by 2032." in again.text
        assert "by 2035." in again.text
        assert 'name="current" value="3"' in again.text

    def test_what_is_refused_stays_in_the_form(
        self, roadmap: Roadmap, sign_in: Callable[..., FlaskClient]
    ) -> None:
        client = sign_in(Role.SECRETARIAT)
        long = "a" * 20_001
        answer = save(client, long)
        assert answer.status_code == 422
        assert long in answer.text
        post(client, f"{PARAGRAPH}/remove", seen=1)
        answer = save(client, "My words.")
        assert answer.status_code == 409
        assert "My words." in answer.text
        assert "Restore it" in answer.text

    def test_history_compares_and_restores(
        self, roadmap: Roadmap, sign_in: Callable[..., FlaskClient], web_session: Session
    ) -> None:
        client = sign_in(Role.SECRETARIAT)
        save(client, TEXT.replace("2030", "2031"), reason="Later")
        page = client.get(f"{PARAGRAPH}/history?older=1&newer=2").text
        assert re.search(r"<del>.*removed:.*2030", page)
        assert re.search(r"<ins>.*added:.*2031", page)
        assert "Later" in page
        assert "Secretariat" in page
        assert "@example.org" not in page
        post(client, f"{PARAGRAPH}/restore", number=1, seen=2)
        assert stands(web_session) == TEXT
        assert client.get(f"{PARAGRAPH}/history?older=9").status_code == 404

    def test_moving_removing_and_back(
        self, roadmap: Roadmap, sign_in: Callable[..., FlaskClient]
    ) -> None:
        client = sign_in(Role.SECRETARIAT)
        post(client, DESK, code="G", title="Goals", language="en")
        moved = post(client, f"{PARAGRAPH}/move", chapter="G", position=1)
        assert moved.headers["Location"] == f"{DESK}chapters/G#V-1"
        post(client, f"{DESK}chapters/G/move", position=1)
        page = client.get(DESK).text
        assert page.index("Goals") < page.index("Vision")
        post(client, f"{DESK}chapters/V/remove")
        assert "Taken out" in client.get(DESK).text
        post(client, f"{DESK}chapters/V/restore")
        assert "Taken out" not in client.get(DESK).text

    def test_titles_and_languages(
        self, roadmap: Roadmap, sign_in: Callable[..., FlaskClient]
    ) -> None:
        client = sign_in(Role.SECRETARIAT)
        saved = post(
            client, f"{DESK}chapters/V", area="NET",
            **{"title-en": "Vision", "was-en": "Vision", "title-el": "Όραμα", "was-el": ""},
        )  # fmt: skip
        assert saved.status_code == 303
        assert "Όραμα" in client.get(f"{DESK}chapters/V?language=el").text
        post(client, PARAGRAPH, text="Τα δίκτυα.", seen=1, language="el")
        save(client, "Networks.", seen=2)
        page = client.get(f"{PARAGRAPH}?language=el").text
        assert "outdated" in page
        post(client, f"{PARAGRAPH}/check", language="el", seen=3)
        assert "outdated" not in client.get(f"{PARAGRAPH}?language=el").text


def test_the_command_shows_what_there_is_and_what_waits(
    app: Flask, roadmap: Roadmap, sign_in: Callable[..., FlaskClient]
) -> None:
    staff = sign_in(Role.SECRETARIAT)
    save(staff, "Les réseaux.")
    save(staff, "Other.", seen=2, act="suggest")
    result = app.test_cli_runner().invoke(args=["roadmap", "draft", "sns", "--json"])
    (chapter,) = json.loads(result.stdout)["chapters"]
    assert (chapter["code"], chapter["title"]) == ("V", {"en": "Vision"})
    (paragraph,) = chapter["paragraphs"]
    assert (paragraph["version"], paragraph["open_suggestions"]) == (2, 1)
    assert (paragraph["outdated"], paragraph["open_conversations"]) == ([], 0)
    shown = app.test_cli_runner().invoke(args=["roadmap", "draft", "sns"])
    assert "V-1  version 2, in en, 1 open suggestions" in shown.stdout


class TestTakingPart:
    def test_the_draft_opens_to_each_in_turn(
        self,
        roadmap: Roadmap,
        sign_in: Callable[..., FlaskClient],
        client: FlaskClient,
        review: Callable[[str], None],
    ) -> None:
        delegate, citizen = sign_in(Role.DELEGATE, delegation="FR"), sign_in(Role.CITIZEN)
        assert client.get(DESK).status_code == 303
        assert delegate.get(DESK).status_code == 403
        review("internal_review")
        assert delegate.get(DESK).status_code == 200
        assert citizen.get(PARAGRAPH).status_code == 403
        assert "Smart networks" in delegate.get("/desk/for-you").text
        assert "Smart networks" not in citizen.get("/desk/for-you").text
        for address in (DESK, f"{DESK}chapters/V", PARAGRAPH, f"{PARAGRAPH}/history"):
            page = delegate.get(address)
            assert page.status_code == 200
            assert "Take it out" not in page.text

    def test_a_citizen_suggests_and_hears_of_it(
        self,
        roadmap: Roadmap,
        sign_in: Callable[..., FlaskClient],
        review: Callable[[str], None],
        web_session: Session,
    ) -> None:
        review("public_draft")
        staff, citizen = sign_in(Role.SECRETARIAT), sign_in(Role.CITIZEN)
        assert save(citizen, TEXT.replace("2030", "2029")).status_code == 303
        assert stands(web_session) == TEXT
        suggestion = web_session.scalars(select(Suggestion.id)).one()
        web_session.rollback()
        page = staff.get(PARAGRAPH).text
        assert re.search(r"<ins>.*2029", page)
        address = f"{PARAGRAPH}/suggestions/{suggestion}"
        assert post(citizen, address, act="accept").status_code == 403
        assert post(staff, address, act="reject").status_code == 422
        assert post(staff, address, act="accept").status_code == 303
        assert stands(web_session) == TEXT.replace("2030", "2029")
        assert post(staff, address, act="accept").status_code == 409
        home = citizen.get("/desk").text
        assert "1 new for you" in home
        page = citizen.get("/desk/for-you").text
        assert "Your suggestion was accepted." in page
        notice = web_session.scalars(select(Notice.id)).one()
        web_session.rollback()
        gone = citizen.post(f"/desk/for-you/{notice}/seen", data={"csrf_token": token_in(page)})
        assert gone.headers["Location"] == PARAGRAPH
        assert "new for you" not in citizen.get("/desk").text

    def test_a_suggestion_in_conflict_is_settled(
        self,
        roadmap: Roadmap,
        sign_in: Callable[..., FlaskClient],
        web_session: Session,
    ) -> None:
        staff = sign_in(Role.SECRETARIAT)
        save(staff, TEXT.replace("2030", "2029"), act="suggest")
        save(staff, TEXT.replace("2030", "2031"))
        suggestion = web_session.scalars(select(Suggestion.id)).one()
        web_session.rollback()
        refused = post(staff, f"{PARAGRAPH}/suggestions/{suggestion}", act="accept")
        assert refused.status_code == 409
        assert str(suggestion) in refused.text
        settled = post(
            staff, f"{PARAGRAPH}/settle", language="en", seen=1, current=2,
            text=TEXT.replace("2030", "2029"), suggestion=str(suggestion), **{"choice-0": "ours"},
        )  # fmt: skip
        assert settled.status_code == 303
        assert stands(web_session) == TEXT.replace("2030", "2029")
        assert web_session.scalars(select(Suggestion)).one().state == "accepted"

    def test_comments_answers_and_mentions(
        self,
        roadmap: Roadmap,
        sign_in: Callable[..., FlaskClient],
        review: Callable[[str], None],
        web_session: Session,
    ) -> None:
        review("public_draft")
        staff, citizen = sign_in(Role.SECRETARIAT), sign_in(Role.CITIZEN)
        page = citizen.get(PARAGRAPH).text
        (person,) = re.findall(r'name="mentions"[^>]*value="([^"]+)"', page)
        assert "@example.org" not in page
        hostile = "<img src=x onerror=alert(1)> https://example.org/"
        made = post(
            citizen, f"{PARAGRAPH}/comments", **{"comment-new": hostile, "mentions": person}
        )
        assert made.status_code == 303
        page = staff.get(PARAGRAPH).text
        assert "&lt;img src=x" in page
        assert 'href="https://example.org/"' not in page
        assert "Citizen mentioned you in a comment." in staff.get("/desk/for-you").text
        first = web_session.scalars(select(Comment.id)).one()
        web_session.rollback()
        answer = {"answers": str(first), f"comment-{first}": "Thank you."}
        assert post(staff, f"{PARAGRAPH}/comments", **answer).status_code == 303
        assert "new for you" not in staff.get("/desk").text, "who acts there has seen it"
        assert post(staff, f"{PARAGRAPH}/comments/{first}/resolve").status_code == 303
        assert "resolved" in citizen.get(PARAGRAPH).text
        post(citizen, f"{PARAGRAPH}/comments/{first}/resolve", act="reopen")
        assert "Resolve" in citizen.get(PARAGRAPH).text
        empty = post(citizen, f"{PARAGRAPH}/comments", **{"comment-new": " "})
        assert empty.status_code == 422

    def test_nobody_but_the_secretariat_writes(
        self, roadmap: Roadmap, sign_in: Callable[..., FlaskClient], review: Callable[[str], None]
    ) -> None:
        review("public_draft")
        citizen = sign_in(Role.CITIZEN, Role.DELEGATE, delegation="FR")
        for address in (
            DESK, f"{DESK}chapters/V", f"{DESK}chapters/V/paragraphs", f"{DESK}chapters/V/move",
            f"{DESK}chapters/V/remove", f"{DESK}chapters/V/restore", f"{PARAGRAPH}/settle",
            f"{PARAGRAPH}/check", f"{PARAGRAPH}/move", f"{PARAGRAPH}/remove",
            f"{PARAGRAPH}/restore",
        ):  # fmt: skip
            assert post(citizen, address).status_code == 403, address
