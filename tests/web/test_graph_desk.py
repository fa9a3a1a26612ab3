"""Working on the graph by hand: what follows is said at once, errors stand at their field."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core.audit import OPERATOR
from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.drafting import list_decisions
from roadmap.planning.network import Kind
from roadmap.roadmaps import get_roadmap, import_roadmap
from stakeholders.permissions import Role
from tests.web.conftest import token_in

DESK = "/desk/roadmaps/plan/graph"
SignIn = Callable[..., FlaskClient]
NEW = {"code": "D", "title": "T", "agenda": "SRIA", "area": "radio", "days": "1"}


@pytest.fixture
def plan(web_session: Session, now: datetime) -> None:
    """A → B → C, each 30 days."""
    milestones = tuple(
        DraftMilestone(code, LocalizedText.of(f"Title {code}"), "SRIA", "radio", 30)
        for code in "ABC"
    )
    draft = Draft(
        milestones,
        (DraftDependency("A", "B", Kind.FS, 0), DraftDependency("B", "C", Kind.FS, 5)),
        {"radio": LocalizedText.of("Radio")},
    )
    import_roadmap(web_session, slug="plan", draft=draft, actor=OPERATOR, now=now)
    web_session.commit()


@pytest.fixture
def client(sign_in: SignIn, plan: None) -> FlaskClient:
    """Somebody of the secretariat."""
    return sign_in(Role.SECRETARIAT)


def seen(client: FlaskClient) -> dict[str, str]:
    """The revision and the token of the page's forms."""
    page = client.get(f"{DESK}/").text
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return {"revision": found[1], "csrf_token": token_in(page)}


def take_back(client: FlaskClient) -> TestResponse:
    return client.post(f"{DESK}/undo", data=seen(client), follow_redirects=True)


def post(client: FlaskClient, form: str, **fields: str) -> str:
    """What the page says after the change, as text."""
    sent = {f"{form}_{name}": value for name, value in fields.items() if name != "do"}
    sent |= seen(client) | {"do": fields.get("do", "save")}
    return client.post(f"{DESK}/{form}", data=sent, follow_redirects=True).text


def link(client: FlaskClient, before: str, after: str, **more: str) -> str:
    fields = {"kind": "FS", "lag": "0", "reason": "They said so"} | more
    return post(client, "link", before=before, after=after, **fields)


def dependencies(session: Session) -> list[tuple[str, str, str, int]]:
    session.expire_all()
    found = [
        (each.from_milestone.code, each.to_milestone.code, each.kind, each.lag_days)
        for each in get_roadmap(session, slug="plan").dependencies
    ]
    session.rollback()
    return found


def test_a_link_moves_dates_and_can_be_taken_back_and_done_again(
    client: FlaskClient, web_session: Session
):
    text = link(client, "A", "C", lag="100")
    assert "C was made to wait for A." in text
    assert "1 milestone has other dates:" in text
    assert ("A", "C", "FS", 100) in dependencies(web_session)
    text = take_back(client).text
    assert "C waits for A no longer." in text
    assert ("A", "C", "FS", 100) not in dependencies(web_session)
    take_back(client)
    assert ("A", "C", "FS", 100) in dependencies(web_session)
    roadmap = get_roadmap(web_session, slug="plan")
    assert [each.change for each in list_decisions(web_session, roadmap=roadmap)] == [
        "added", "removed", "added",
    ]  # fmt: skip


def test_a_link_that_closes_a_circle_is_told_and_a_preview_writes_nothing(
    client: FlaskClient, web_session: Session
):
    text = link(client, "C", "A", do="preview", reason="")
    assert "What would follow" in text
    assert "This closes a circle" in text
    assert 'value="C"' in text
    assert len(dependencies(web_session)) == 2
    assert "This closes a circle" in link(client, "C", "A")
    assert len(dependencies(web_session)) == 3


@pytest.mark.parametrize(
    ("form", "fields", "field"),
    [
        ("link", {"before": "Z", "after": "A", "kind": "FS"}, "link_before"),
        ("link", {"before": "A", "after": "A", "kind": "FS"}, "link_after"),
        ("link", {"before": "A", "after": "C", "kind": "XX"}, "link_kind"),
        ("link", {"before": "A", "after": "C", "kind": "FS", "lag": "1.5"}, "link_lag"),
        ("link", {"before": "A", "after": "C", "kind": "FS", "lag": "99999999"}, "link_lag"),
        ("add", NEW | {"code": "a>b"}, "add_code"),
        ("add", NEW | {"code": "A"}, "add_code"),
        ("add", NEW | {"title": ""}, "add_title"),
        ("add", NEW | {"agenda": "X"}, "add_agenda"),
        ("add", NEW | {"area": "no"}, "add_area"),
        ("add", NEW | {"days": "-1"}, "add_days"),
        ("unlink", {"which": "A>C>FS>0"}, "unlink_which"),
    ],
)
def test_a_fault_stands_at_its_field_and_nothing_is_written(
    client: FlaskClient, web_session: Session, form: str, fields: dict[str, str], field: str
):
    text = post(client, form, **({"reason": "Because"} | fields))
    assert f'id="{field}-error"' in text
    assert "Nothing was changed" in text
    assert len(dependencies(web_session)) == 2


def test_a_change_without_a_reason_is_refused_at_its_field(client: FlaskClient):
    assert 'id="link_reason-error"' in link(client, "A", "C", reason=" ")


def test_a_milestone_is_moved_and_the_dates_of_others_follow(client: FlaskClient):
    form = client.get(f"{DESK}/?code=A").text
    assert 'name="move_not_before"' in form
    text = post(
        client, "move", code="A", days="60", area="radio", not_before="", fixed_start="",
        finish_by="", reason="Takes longer",
    )  # fmt: skip
    assert "A was changed." in text
    assert "3 milestones have other dates:" in text
    assert "nothing of A would change" in post(
        client, "move", code="A", days="60", area="radio", reason="Again"
    )


def test_a_milestone_is_added_and_taken_back(client: FlaskClient):
    text = post(
        client, "add", code="D", title="New", agenda="SDA", area="radio", days="10", reason="New"
    )
    assert "D was added." in text
    assert 'data-code="D"' in text
    text = take_back(client).text
    assert "D was removed." in text
    assert 'data-code="D"' not in text


def test_who_saw_an_older_draft_is_told_and_loses_nothing_typed(
    client: FlaskClient, web_session: Session
):
    before = seen(client)
    link(client, "A", "C")
    answer = client.post(
        f"{DESK}/link",
        data=before
        | {
            "link_before": "A", "link_after": "C", "link_kind": "SS",
            "link_lag": "7", "link_reason": "My words",
        },
    )  # fmt: skip
    assert answer.status_code == 409
    assert 'value="My words"' in answer.text
    assert len(dependencies(web_session)) == 3


def test_what_was_changed_elsewhere_since_is_not_taken_back(
    client: FlaskClient, web_session: Session, now: datetime
):
    link(client, "A", "C")
    roadmap = get_roadmap(web_session, slug="plan")
    roadmap.mark_changed()
    web_session.commit()
    assert "Take it back" not in client.get(f"{DESK}/").text
    assert take_back(client).status_code == 409
    assert len(dependencies(web_session)) == 3


def test_nothing_to_take_back_is_said(client: FlaskClient):
    assert take_back(client).status_code == 404
