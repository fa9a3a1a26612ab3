"""What contradicts itself, told to everyone; and the desk on which it is decided."""

import re
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.models import Dependency, Roadmap
from roadmap.planning.network import Kind, Ruling
from roadmap.roadmaps import import_roadmap
from stakeholders.permissions import Role
from tests.web.conftest import token_in

DESK = "/desk/roadmaps/plan/contradictions"


def build(session: Session, now: datetime, *rows: DraftDependency, codes: str = "ABCD") -> None:
    draft = Draft(
        milestones=tuple(
            DraftMilestone(code, LocalizedText.of(f"Goal {code}"), "SRIA", "x", 10)
            for code in codes
        ),
        dependencies=rows,
        areas={"x": LocalizedText.of("Area")},
        title=LocalizedText.of("Plan"),
    )
    import_roadmap(session, slug="plan", draft=draft, actor=OPERATOR, now=now)
    session.commit()


def bond(before: str, after: str, support: int = 1, **options) -> DraftDependency:
    options = {"kind": Kind.FS, "lag_days": 0} | options
    return DraftDependency(before, after, support=Decimal(support), **options)


@pytest.fixture
def ring(web_session: Session, now: datetime) -> None:
    """A → B → C → A, of which the last is the weakest, and A → D."""
    build(web_session, now, bond("A", "B", 5), bond("B", "C", 4), bond("C", "A", 2), bond("A", "D"))


def identity(session: Session, before: str, after: str) -> str:
    roadmap = session.scalars(select(Roadmap)).one()
    found = next(
        each.id
        for each in session.scalars(select(Dependency).where(Dependency.roadmap_id == roadmap.id))
        if (each.from_milestone.code, each.to_milestone.code) == (before, after)
    )
    session.rollback()
    return str(found)


def ruling(session: Session, before: str, after: str) -> str:
    session.expire_all()
    found = session.get(Dependency, UUID(identity(session, before, after)))
    value = found.ruling if found else ""
    session.rollback()
    return value


def post(desk: FlaskClient, address: str, data: dict[str, str]):
    """As a form of that page does."""
    token = token_in(desk.get(f"{DESK}/missing").text)
    return desk.post(address, data={"csrf_token": token} | data)


def revision(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return found[1]


def test_everyone_reads_who_waits_for_whom_and_what_is_set_aside(client: FlaskClient, ring: None):
    text = client.get("/roadmaps/plan/contradictions").text
    assert "C waits for B, B waits for A, A waits for C." in text
    assert "none of them could ever begin" in text
    assert "has the weakest support (2), so it is set aside" in text
    assert re.search(
        r'<svg class="wm-ring"[^>]*role="img" aria-label="A ring of 3 milestones', text
    )
    assert "No other choice has less." in text
    assert "Decide about contradictions" not in text


def test_a_ring_of_other_kinds_says_by_how_many_days_it_cannot_be(
    client: FlaskClient, web_session: Session, now: datetime
):
    build(web_session, now, bond("A", "B", 2), bond("B", "A", 3, kind=Kind.SS, lag_days=-4))
    text = client.get("/roadmaps/plan/contradictions").text
    assert "A would have to start 6 days after itself" in text


def test_a_very_long_ring_and_many_pages_stay_readable(
    client: FlaskClient, web_session: Session, now: datetime
):
    codes = [chr(0x4E00 + number) for number in range(60)]
    rows = [bond(a, b, 9) for a, b in pairwise(codes[:20])]
    rows.append(bond(codes[19], codes[0]))
    for a, b in zip(codes[20::2], codes[21::2], strict=True):
        rows += [bond(a, b, 2), bond(b, a)]
    build(web_session, now, *rows, codes="".join(codes))
    first = client.get("/roadmaps/plan/contradictions").text
    assert "and so on through 13 more" in first
    assert "Page 1 of 2" in first
    assert "Page 2 of 2" in client.get("/roadmaps/plan/contradictions?page=9").text


def test_without_contradictions_both_pages_say_so(
    client: FlaskClient, sign_in, web_session: Session, now: datetime
):
    build(web_session, now, bond("A", "B"))
    assert "Nothing contradicts itself." in client.get("/roadmaps/plan/contradictions").text
    desk = sign_in(Role.SECRETARIAT)
    assert "Nothing contradicts itself." in desk.get(DESK + "/").text
    assert "No dependency is redundant." in desk.get(DESK + "/redundant").text
    assert "Nobody proposed a dependency so far." in desk.get(DESK + "/missing").text


def test_the_desk_is_for_those_who_edit_roadmaps(client: FlaskClient, sign_in, ring: None):
    assert client.get(DESK + "/").status_code == 303
    assert sign_in(Role.MODERATOR).get(DESK + "/").status_code == 403


def test_what_follows_is_shown_before_anything_is_written(
    client: FlaskClient, sign_in, web_session: Session, ring: None
):
    weakest = identity(web_session, "C", "A")
    desk = sign_in(Role.SECRETARIAT)
    page = desk.get(f"{DESK}/dependencies/{weakest}?ruling=keep").text
    assert "Would be suspended" in page
    assert "C starts when B has finished, or later. (support 4)" in page
    assert "Milestones that move" in page
    assert ruling(web_session, "C", "A") == ""

    answer = post(
        desk,
        f"{DESK}/dependencies/{weakest}",
        data={"ruling": "keep", "revision": revision(page), "reason": "The delegates said so."},
    )
    assert answer.status_code == 303
    assert ruling(web_session, "C", "A") == "keep"
    index = desk.get(answer.headers["Location"]).text
    assert ">keep<" in index
    assert "Undo" in index
    undone = post(
        desk,
        f"{DESK}/dependencies/{weakest}",
        data={"ruling": "", "revision": revision(index), "reason": "Undone."},
    )
    assert undone.status_code == 303
    assert ruling(web_session, "C", "A") == ""
    assert "The delegates said so." in desk.get(f"{DESK}/dependencies/{weakest}").text


def test_a_decision_on_a_draft_that_changed_meanwhile_is_not_taken(
    client: FlaskClient, sign_in, web_session: Session, ring: None
):
    weakest, other = identity(web_session, "C", "A"), identity(web_session, "A", "D")
    desk = sign_in(Role.SECRETARIAT)
    seen = revision(desk.get(f"{DESK}/dependencies/{weakest}?ruling=keep").text)
    first = {"ruling": "suspend", "revision": seen, "reason": "First."}
    assert post(desk, f"{DESK}/dependencies/{other}", data=first).status_code == 303
    second = post(
        desk,
        f"{DESK}/dependencies/{weakest}",
        data={"ruling": "keep", "revision": seen, "reason": "M"},
    )
    assert second.status_code == 409
    assert "Somebody changed the draft" in second.text
    assert ">M</textarea>" in second.text.replace("\n", "")
    assert ruling(web_session, "C", "A") == ""
    public = desk.get("/roadmaps/plan/contradictions").text
    assert "Set aside by decision" in public
    assert "First." in public


def test_what_is_kept_may_not_contradict_itself_and_needs_a_reason(
    client: FlaskClient, sign_in, web_session: Session, now: datetime
):
    build(web_session, now, bond("A", "B", 3, ruling=Ruling.KEEP), bond("B", "A", 2))
    back = identity(web_session, "B", "A")
    desk = sign_in(Role.SECRETARIAT)
    page = desk.get(f"{DESK}/dependencies/{back}?ruling=keep")
    assert page.status_code == 409
    assert "What is kept by decision contradicts itself" in page.text
    assert "A&gt;B" in page.text
    ask = f"{DESK}/dependencies/{back}?ruling=suspend"
    seen = revision(desk.get(ask).text)
    refused = post(
        desk,
        f"{DESK}/dependencies/{back}",
        data={"ruling": "suspend", "revision": seen, "reason": " "},
    )
    assert refused.status_code == 422
    assert ruling(web_session, "B", "A") == ""


def test_decisions_that_came_in_contradicting_each_other_can_be_taken_back(
    client: FlaskClient, sign_in, web_session: Session, now: datetime
):
    rows = [bond("A", "B", ruling=Ruling.KEEP), bond("B", "A", ruling=Ruling.KEEP)]
    build(web_session, now, *rows)
    assert (
        "Decisions that contradict each other" in client.get("/roadmaps/plan/contradictions").text
    )
    back = identity(web_session, "B", "A")
    desk = sign_in(Role.SECRETARIAT)
    assert "What is kept by decision contradicts itself" in desk.get(DESK + "/").text
    seen = revision(desk.get(f"{DESK}/dependencies/{back}?ruling=none").text)
    taken = post(
        desk,
        f"{DESK}/dependencies/{back}",
        data={"ruling": "", "revision": seen, "reason": "One goes."},
    )
    assert taken.status_code == 303
    assert "kept by decision contradicts" not in desk.get(DESK + "/").text


def test_a_knot_shows_choices_of_equal_weight(
    client: FlaskClient, sign_in, web_session: Session, now: datetime
):
    build(web_session, now, bond("A", "B"), bond("B", "A"), bond("A", "A"))
    desk = sign_in(Role.SECRETARIAT)
    page = desk.get(f"{DESK}/knots/1").text
    assert "These are all choices with the same total support." in page
    assert page.count('class="ecl-ordered-list__item"') == 2
    assert desk.get(f"{DESK}/knots/2").status_code == 404
    assert "It would have to be finished before it begins." in page


def test_every_dependency_is_listed_filtered_and_found_by_code(
    client: FlaskClient, sign_in, web_session: Session, now: datetime
):
    build(web_session, now, bond("A", "B"), bond("B", "C"), bond("A", "C"), bond("D", "D", 2))
    desk = sign_in(Role.SECRETARIAT)
    page = f"{DESK}/dependencies"

    def listed(query: str) -> list[str]:
        return re.findall(r">([A-D]) → ([A-D])</a>", desk.get(page + query).text)

    assert len(listed("")) == 4
    assert listed("?only=redundant") == [("A", "C")]
    assert listed("?only=suspended") == [("D", "D")]
    assert listed("?q=b+c") == [("B", "C")]
    assert listed("?only=nonsense&page=-3&q=%00") == []
    assert "A → B → C" in desk.get(f"{DESK}/redundant").text
    nobody = "/dependencies/00000000-0000-4000-8000-000000000000"
    assert desk.get(DESK + nobody).status_code == 404


def test_a_missing_dependency_is_added_with_its_reason(
    client: FlaskClient, sign_in, web_session: Session, ring: None
):
    desk = sign_in(Role.SECRETARIAT)
    form = {"from": "B", "to": "D", "kind": "SS", "support": "12", "reason": "12 of 40 people."}
    assert post(desk, f"{DESK}/missing", data=form | {"reason": ""}).status_code == 422
    assert post(desk, f"{DESK}/missing", data=form | {"to": "X"}).status_code == 404
    assert post(desk, f"{DESK}/missing", data=form).status_code == 303
    assert identity(web_session, "B", "D")
