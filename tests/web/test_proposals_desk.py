"""The desk for proposals: collect, put in order, decide, confirm, undo; and who may not."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.text import LocalizedText
from roadmap.models import Disposition, Proposal, ProposalPoint
from roadmap.proposals.triage import confirm, decide
from roadmap.roadmaps import get_roadmap
from stakeholders.permissions import Role
from tests.proposal_answers import TWIN, make_consultation, make_roadmap, respond
from tests.web.conftest import token_in

DESK = "/desk/roadmaps/net/proposals"
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _answered(web_session: Session) -> None:
    consultation = make_consultation(web_session, NOW, make_roadmap(web_session, NOW))
    respond(web_session, consultation, [
        *[{"DEPS": {"disputed": {"B>C": "<i>They are apart.</i>"}, "proposed": []}}] * 6,
        {"NEW": [{"title": TWIN}]},
        {"NEW": [{"title": TWIN.replace("wants to try", "wishes to try")}]},
    ])  # fmt: skip
    web_session.commit()


@pytest.fixture
def desk(sign_in: Callable[..., FlaskClient]) -> Callable[..., Any]:
    """`desk("/P1/decide", decision="later")` sends a form; without fields it reads the page."""
    client = sign_in(Role.SECRETARIAT)

    def desk(address: str = "/", **fields: Any) -> Any:
        if not fields:
            return client.get(DESK + address)
        token = token_in(client.get(f"{DESK}/new").text)
        return client.post(DESK + address, data={"csrf_token": token} | fields)

    assert desk("/collect", **{"from": ""}).status_code == 303
    return desk


def stored(session: Session, query: Any) -> list[Any]:
    session.expire_all()
    rows = list(session.scalars(query))
    # What is read later must not open a transaction: it would hold the lock for writing.
    session.expunge_all()
    session.rollback()
    return rows


def test_collect_is_shown_with_words_groups_and_progress(desk: Callable[..., Any]) -> None:
    page = desk().text
    assert "0 of 2 proposals are decided" in page
    assert "&lt;i&gt;They are apart.&lt;/i&gt;" in page
    assert "group to check" in page
    assert "Drop the dependency: B before C" in page
    for query, count in (
        ("kind=new_milestone", 1), ("state=to_group", 1), ("state=to_confirm", 0),
        ("search=P1", 1), ("search=B>C", 1), ("consultation=about", 2), ("consultation=no", 0),
    ):  # fmt: skip
        assert desk(f"/?{query}").text.count('name="code"') == count, query
    assert desk("/collect", **{"from": "about"}).status_code == 303
    assert desk("/collect", **{"from": "nothing"}).status_code == 404


def test_bulk_decides_all_or_nothing_and_can_be_undone(
    desk: Callable[..., Any], web_session: Session
) -> None:
    both = {"code": ["P1", "P2"], "seen": ["P1:0", "P2:0"]}
    refused = desk("/", decision="rejected", reason_fr="", **both)
    assert refused.status_code == 422
    assert "reason" in refused.text
    assert desk("/", decision="rejected", reason_en="No.", code=["P9"]).status_code == 404
    assert desk("/", decision="rejected", reason_fr="Non.", **both).status_code == 303
    assert {each.state for each in stored(web_session, select(Proposal))} == {"rejected"}
    late = desk("/", decision="later", reason_en="Wait.", **both)
    assert late.status_code == 409
    assert "Wait." in late.text, "what was typed is not lost"
    assert "You decided about 2 proposals" in desk().text
    assert desk("/undo", again="").status_code == 303
    assert {each.state for each in stored(web_session, select(Proposal))} == {"open"}


def test_one_decides_and_another_confirms(desk: Callable[..., Any], web_session: Session) -> None:
    assert desk(
        "/P1/decide", decision="accepted", reason_en="They are.", apply="yes", seen="P1:0"
    ).status_code == 303  # fmt: skip
    page = desk("/P1").text
    assert "They are." in page
    assert "It is public once another person confirms it" in page
    own = desk("/P1/confirm", seen="P1:1")
    assert own.status_code == 409
    assert "You decided about P1 yourself" in own.text
    (done,) = stored(web_session, select(Disposition))
    assert done.before["applied"]["change"] == "dependency_removed"
    assert desk("/P1/undo", seen="P1:1").status_code == 303
    roadmap = get_roadmap(web_session, slug="net")
    assert len(roadmap.dependencies) == 2
    decide(
        web_session, roadmap=roadmap, proposals=[1], decision="later",
        reason=LocalizedText.of("Not now."), actor=OPERATOR, now=NOW,
    )  # fmt: skip
    web_session.commit()
    assert desk("/confirm", code=["P1"], seen=["P1:3"]).status_code == 303
    with pytest.raises(Exception, match="already"):
        confirm(web_session, roadmap=roadmap, proposals=[1], actor=OPERATOR, now=NOW)


def test_points_are_put_in_order(desk: Callable[..., Any], web_session: Session) -> None:
    assert desk("/P2/points", action="group").status_code == 303
    assert "group to check" not in desk().text
    twins = select(ProposalPoint).join(Proposal).where(Proposal.number == 2)
    point = str(stored(web_session, twins)[0].id)
    nowhere = desk("/P2/points", action="move", to="", point=point)
    assert nowhere.status_code == 422
    assert "expected a proposal, such as P12" in nowhere.text
    assert desk("/P2/points", action="split", point=point).status_code == 422
    split = desk("/P2/points", action="split", point=point, split_en="Two thoughts.", seen="P2:0")
    assert split.status_code == 303
    assert "P3" in desk("/P2").text
    moved = [
        str(each.id)
        for each in stored(web_session, select(ProposalPoint).join(Proposal).filter_by(number=3))
    ]
    assert desk("/P3/points", action="move", to="P4", point=moved).status_code == 303
    assert desk("/P2/points", action="move", to="P1", point="x").status_code == 422


def test_words_and_proposals_of_the_secretariat(desk: Callable[..., Any]) -> None:
    assert (
        desk("/P2/describe", name_en="A twin", name_fr="Un jumeau", body_en="").status_code == 303
    )
    assert "A twin" in desk().text
    assert desk("/new", kind="priority", subject="A", title_en="").status_code == 422
    written = desk("/new", kind="priority", subject="A", title_en="More of A")
    assert written.headers["Location"].endswith("/P3")
    form = {"decision": "accepted", "reason_en": "Yes.", "apply": "yes", "code": "TWIN",
            "area": "net", "agenda": "SRIA", "title_en": "Twin"}  # fmt: skip
    wrong = desk("/P2/decide", **form, duration_days="ten")
    assert wrong.status_code == 422
    assert "expected a whole number of days" in wrong.text
    assert 'value="ten"' in wrong.text
    right = desk("/P2/decide", **form, duration_days="10")
    assert right.status_code == 303
    assert "TWIN" in desk("/P2").text
    merged = desk("/P3/decide", decision="merged", reason_en="Same.", into="P1", seen="P3:0")
    assert merged.status_code == 303
    assert "→ P1" in desk("/P3").text


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.DELEGATE, Role.CITIZEN])
def test_others_see_nothing_of_it(
    sign_in: Callable[..., FlaskClient], client: FlaskClient, role: Role
) -> None:
    assert client.get(f"{DESK}/").status_code == 303
    other = sign_in(role, delegation="PT" if role is Role.DELEGATE else None)
    assert other.get(f"{DESK}/").status_code == 403
    assert other.get(f"{DESK}/P1").status_code == 403


def test_too_many_responses_are_left_to_the_command(
    desk: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.proposals_desk.MOST_COLLECTED_HERE", 7)
    refused = desk("/collect", **{"from": "about"})
    assert refused.status_code == 422
    assert "flask roadmap collect net" in refused.text


def test_what_is_not_there(desk: Callable[..., Any]) -> None:
    assert desk("/P99").status_code == 404
    assert desk("/?page=99").status_code == 200


def test_numbers_beyond_every_table_are_no_fault(desk: Callable[..., Any]) -> None:
    huge = "9" * 20
    assert desk(f"/P{huge}").status_code == 404
    assert desk(f"/P{huge}/decide", decision="later").status_code == 404
    for page in (f"/?page={huge}", f"/P1?page={huge}", f"/?page=-{huge}", f"/?search=P{huge}"):
        assert desk(page).status_code == 200, page
