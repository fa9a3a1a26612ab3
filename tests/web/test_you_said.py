"""What became of proposals: for everyone per consultation, for each on the own receipt."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.audit import OPERATOR, Actor
from core.text import LocalizedText
from roadmap.editions.publishing import publish_edition
from roadmap.models import Proposal, Roadmap
from roadmap.proposals.collecting import collect_proposals
from roadmap.proposals.sorting import describe_proposal
from roadmap.proposals.triage import confirm, decide, merge_proposals, undo
from stakeholders.accounts import create_account
from stakeholders.permissions import Role
from surveys.codes import new_resume_code, receipt_hash, receipt_key
from surveys.models import Consultation, Response
from surveys.withdrawal import erase_response
from tests.proposal_answers import make_consultation, make_roadmap, respond

PAGE = "/consultations/about/you-said-we-did"
NOW = datetime.now(UTC)
WORDS = "Nobody asked the hospitals."


@pytest.fixture
def roadmap(web_session: Session) -> Roadmap:
    return make_roadmap(web_session, NOW)


@pytest.fixture
def consultation(web_session: Session, roadmap: Roadmap) -> Consultation:
    consultation = make_consultation(web_session, NOW, roadmap)
    respond(web_session, consultation, [
        *[{"DEPS": {"disputed": {"B>C": True}, "proposed": []}}] * 6,
        {"PICK": "yes", "WHY": WORDS, "DEPS": {"disputed": {"B>C": "They are apart."}}},
    ])  # fmt: skip
    web_session.commit()
    return consultation


@pytest.fixture
def second(web_session: Session) -> Actor:
    account = create_account(
        web_session, email="bea@example.org", display_name="Bea", password="long enough words",
        roles=[Role.SECRETARIAT], actor=OPERATOR, now=NOW,
    )  # fmt: skip
    return Actor(account.id, "secretariat")


@pytest.fixture
def act(web_session: Session, roadmap: Roadmap) -> Callable[..., Any]:
    def act(use_case: Callable[..., Any], **given: Any) -> Any:
        done = use_case(web_session, roadmap=roadmap, **{"actor": OPERATOR, "now": NOW} | given)
        web_session.commit()
        return done

    return act


@pytest.fixture
def receipt(web_session: Session, consultation: Consultation) -> str:
    """The key of the receipt of the one who wrote."""
    response = next(
        each for each in web_session.query(Response) if each.answers.get("WHY") == WORDS
    )
    key = receipt_key(new_resume_code())
    response.receipt_hash = receipt_hash(key)
    web_session.commit()
    return key


def rejected(act: Callable[..., Any], second: Actor, *numbers: int, reason: str = "No.") -> None:
    act(decide, proposals=numbers, decision="rejected", reason=LocalizedText.of(reason))
    act(confirm, proposals=numbers, actor=second)


def number_of(session: Session, kind: str) -> int:
    number = next(each.number for each in session.query(Proposal) if each.kind == kind)
    session.commit()
    return number


class TestPublicPage:
    """Decisions with reasons, as page and as table; never the words of people."""

    def test_empty_before_anything_is_decided(
        self, client: FlaskClient, consultation: Consultation, act: Callable[..., Any]
    ) -> None:
        assert "No decision has been published yet" in client.get(PAGE).text
        act(collect_proposals)
        page = client.get(PAGE).text
        assert "2 proposals are in work" in page
        act(decide, proposals=[1], decision="later", reason=LocalizedText.of("Not now."))
        assert "Not now." not in client.get(PAGE).text
        assert client.get("/consultations/nothing/you-said-we-did").status_code == 404

    def test_what_two_people_decided_is_shown_with_its_reason(
        self, client: FlaskClient, consultation: Consultation, act: Callable[..., Any],
        second: Actor, web_session: Session,
    ) -> None:  # fmt: skip
        act(collect_proposals)
        remark = number_of(web_session, "other")
        act(describe_proposal, proposal=remark, title={"en": "=Ask hospitals"}, body={})
        rejected(act, second, 1, 2, reason="<b>No</b> room.")
        page = client.get(PAGE).text
        assert "&lt;b&gt;No&lt;/b&gt; room." in page
        assert "Drop the dependency: B before C" in page
        assert "fewer than 5" in page
        assert WORDS not in page
        assert "They are apart" not in page
        assert "P1" not in client.get(f"{PAGE}?kind=wording").text.split("<tbody")[-1][:50]
        assert "No proposal matches" in client.get(f"{PAGE}?search=zebra").text
        assert "1 of 2 proposals" in client.get(f"{PAGE}?kind=other").text
        table = client.get(f"{PAGE}.csv")
        assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "'=Ask hospitals" in table.text
        assert ",7,rejected," in table.text.replace('"', "")

    def test_the_edition_that_says_so_is_linked(
        self, client: FlaskClient, consultation: Consultation, act: Callable[..., Any],
        second: Actor, web_session: Session,
    ) -> None:  # fmt: skip
        act(collect_proposals)
        rejected(act, second, 1)
        edition = publish_edition(web_session, slug="net", version="1.0", actor=OPERATOR, now=NOW)
        web_session.commit()
        said = '"proposals":[{' in edition.document
        linked = "/roadmaps/net/editions/1.0" in client.get(PAGE).text
        assert linked == said


class TestOwnReceipt:
    """Each point of one's own: what became of it, where, and why."""

    def test_from_unread_to_decided_and_back(
        self, client: FlaskClient, consultation: Consultation, act: Callable[..., Any],
        second: Actor, receipt: str, web_session: Session,
    ) -> None:  # fmt: skip
        def shown() -> str:
            answer = client.get(f"/receipts/{receipt}")
            assert "no-store" in answer.headers["Cache-Control"]
            return answer.text

        assert "Not read yet" in shown()
        act(collect_proposals)
        assert "Read, and not yet decided" in shown()
        number = number_of(web_session, "drop_dependency")
        act(decide, proposals=[number], decision="accepted", reason=LocalizedText.of("Right."),
            section="B>C")  # fmt: skip
        assert "In work" in shown()
        assert "Right." not in shown()
        act(confirm, proposals=[number], actor=second)
        page = shown()
        assert "Right." in page
        assert "They are apart." in page
        points = client.get(f"/receipts/{receipt}.json").get_json()["points"]
        decided = next(each for each in points if each["question"] == "DEPS")
        assert decided | {"text": ""} == {
            "question": "DEPS", "entry": "B>C", "text": "", "standing": "decided",
            "proposal": number, "roadmap": "net", "decision": "accepted",
            "reason": {"en": "Right."}, "section": "B>C", "edition": decided["edition"],
        }  # fmt: skip
        act(undo, proposals=[number])
        assert "Right." not in shown()

    def test_a_merged_point_follows_to_where_it_went(
        self, client: FlaskClient, consultation: Consultation, act: Callable[..., Any],
        second: Actor, receipt: str, web_session: Session,
    ) -> None:  # fmt: skip
        act(collect_proposals)
        remark, drop = (number_of(web_session, kind) for kind in ("other", "drop_dependency"))
        act(merge_proposals, proposals=[remark], into=drop, reason=LocalizedText.of("The same."))
        act(confirm, proposals=[remark], actor=second)
        rejected(act, second, drop, reason="Needed for safety.")
        points = client.get(f"/receipts/{receipt}.json").get_json()["points"]
        assert {(each["proposal"], each["decision"]) for each in points} == {(drop, "rejected")}

    def test_counted_questions_say_what_they_speak_for(
        self, client: FlaskClient, consultation: Consultation, receipt: str
    ) -> None:
        counted = client.get(f"/receipts/{receipt}.json").get_json()["counted"]
        assert counted == [
            {"question": "PICK", "roadmap": "net", "subjects": ["A"], "edition": None,
             "changes": []}
        ]  # fmt: skip
        assert "How much?" in client.get(f"/receipts/{receipt}").text

    def test_after_erasure_it_is_gone(
        self, client: FlaskClient, consultation: Consultation, act: Callable[..., Any],
        receipt: str, web_session: Session,
    ) -> None:  # fmt: skip
        act(collect_proposals)
        response = web_session.query(Response).filter_by(receipt_hash=receipt_hash(receipt)).one()
        erase_response(web_session, reference=response.reference, actor=OPERATOR, now=NOW)
        web_session.commit()
        assert client.get(f"/receipts/{receipt}").status_code == 410
        assert "1 proposals are in work" in client.get(PAGE).text


def test_the_page_of_a_consultation_leads_to_the_roadmap_it_speaks_for(
    client: FlaskClient, consultation: Consultation
) -> None:
    assert 'href="/roadmaps/net"' in client.get("/consultations/about").text
