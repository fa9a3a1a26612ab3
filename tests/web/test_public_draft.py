"""The public draft: read by everybody, commented on where its consultation asks."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.clock import utc_now
from core.text import LocalizedText
from roadmap.asking import choose_paragraphs, question_fields
from roadmap.models import Area, Candidate, Milestone, Roadmap
from roadmap.writing.chapters import add_chapter, remove_chapter
from roadmap.writing.paragraphs import add_paragraph, change_paragraph
from stakeholders.permissions import Role
from surveys.models import Consultation
from tests.questionnaire_factory import definition, open_consultation

BY: dict[str, Any] = {"actor": OPERATOR, "now": utc_now()}


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
            area=area, code="M1", title=LocalizedText.of("Prototype"), agenda="SRIA", position=0,
            description=LocalizedText.of("A first device."), duration_days=10,
        )
    ]  # fmt: skip
    web_session.add(roadmap)
    web_session.flush()
    for code in ("V", "G"):
        add_chapter(web_session, roadmap=roadmap, code=code, title={"en": f"Chapter {code}"}, **BY)
        add_paragraph(
            web_session, roadmap=roadmap, chapter=code, **BY,
            text={"en": f"Text of {code} & <b>more</b>.", "fr": f"Texte de {code}."},
        )  # fmt: skip
    web_session.commit()
    return roadmap


@pytest.fixture
def consultation(web_session: Session, roadmap: Roadmap) -> Consultation:
    """Asks about both paragraphs, in its second section."""
    document = definition()
    paragraphs = choose_paragraphs(web_session, roadmap)
    document["sections"][1]["questions"].append(
        {
            "code": "text", "type": "paragraph_comments", "title": {"en": "The draft"},
            **question_fields(
                roadmap, kind="paragraph_comments", milestones=[], languages=["en", "fr"],
                paragraphs=paragraphs,
            ),
        }
    )  # fmt: skip
    consultation = open_consultation(web_session, utc_now(), definition=document)
    web_session.commit()
    return consultation


def publish(
    session: Session, roadmap: Roadmap, consultation: Consultation | None = None, **more: Any
) -> None:
    session.add(
        Candidate(
            roadmap_id=roadmap.id, version="1.0", stage="public_draft", created_at=utc_now(),
            changed_at=utc_now(), consultation_id=consultation.id if consultation else None, **more,
        )
    )  # fmt: skip
    session.commit()


def test_without_a_public_draft_no_word_of_it_is_shown(
    client: FlaskClient, roadmap: Roadmap
) -> None:
    page = client.get("/roadmaps/sns/draft")
    assert page.status_code == 200
    assert "There is no public draft at the moment." in page.text
    assert "Text of V" not in page.text
    assert client.get("/roadmaps/none/draft").status_code == 404


def test_the_draft_in_review_is_read_by_everybody(
    client: FlaskClient,
    roadmap: Roadmap,
    web_session: Session,
    sign_in: Callable[..., FlaskClient],
) -> None:
    publish(web_session, roadmap)
    page = client.get("/roadmaps/sns/draft").text
    for words in ("Text of V &amp; &lt;b&gt;more", "Chapter G", "A first device.", "1.0"):
        assert words in page
    assert "Comment on this paragraph" not in page
    assert "suggest other wordings" not in page
    assert (
        "Texte de V." in client.get("/roadmaps/sns/draft", headers={"Accept-Language": "fr"}).text
    )
    assert "suggest other wordings" in sign_in(Role.CITIZEN).get("/roadmaps/sns/draft").text


def test_what_was_frozen_is_shown_not_what_was_written_since(
    client: FlaskClient, roadmap: Roadmap, web_session: Session
) -> None:
    frozen = {
        "roadmap": {"start": "2027-01-01"},
        "chapters": [
            {"code": "V", "title": {"en": "Frozen"}, "area": "", "paragraphs": [
                {"code": "V-1", "text": {"en": "As it was."}, "version": 1},
            ]},
        ],
        "areas": [], "milestones": [],
        "contradictions": [{"from": "A", "to": "B", "cycle": ["A", "B"]}],
    }  # fmt: skip
    publish(web_session, roadmap, document=json.dumps(frozen))
    change_paragraph(
        web_session, roadmap=roadmap, code="V-1", language="en", text="As it is.", seen=1, **BY
    )
    web_session.commit()
    page = client.get("/roadmaps/sns/draft").text
    assert "As it was." in page
    assert "As it is." not in page
    assert "A before B is set aside." in page


def test_each_paragraph_leads_to_the_place_where_it_is_commented_on(
    client: FlaskClient, roadmap: Roadmap, web_session: Session, consultation: Consultation
) -> None:
    publish(web_session, roadmap, consultation)
    page = client.get("/roadmaps/sns/draft").text
    address = f"/consultations/{consultation.slug}/answer/section/detail#q-text-2"
    assert f'href="{address}"' in page
    assert page.count("Comment on this paragraph") == 2
    assert "nothing connects them with you" in page or "kept under a code" in page
    question = client.get(address.partition("#")[0]).text
    assert 'id="q-text-2"' in question
    assert "Text of G &amp; &lt;b&gt;more" in question


def test_a_consultation_that_is_over_takes_no_more(
    client: FlaskClient, roadmap: Roadmap, web_session: Session, consultation: Consultation
) -> None:
    publish(web_session, roadmap, consultation)
    consultation.closes_at = utc_now() - timedelta(hours=1)
    web_session.commit()
    page = client.get("/roadmaps/sns/draft").text
    assert "no more are accepted" in page
    assert "Comment on this paragraph" not in page


def test_a_question_is_filled_with_paragraphs_of_the_draft(
    web_session: Session, roadmap: Roadmap
) -> None:
    add_paragraph(web_session, roadmap=roadmap, chapter="V", text={"fr": "Seul."}, **BY)
    chosen = choose_paragraphs(web_session, roadmap, chapter="V")
    fields = question_fields(
        roadmap, kind="paragraph_comments", milestones=[], languages=["en"], paragraphs=chosen
    )
    assert fields["options"] == [
        {"code": "V-1", "label": {"en": "Text of V & <b>more</b>."}},
        {"code": "V-2", "label": {"en": "Seul."}},
    ]
    remove_chapter(web_session, roadmap=roadmap, code="V", **BY)
    codes = [each.code for each in choose_paragraphs(web_session, roadmap)]
    assert codes == ["G-1"]
    assert choose_paragraphs(web_session, roadmap, codes=["V-1"]) == []
