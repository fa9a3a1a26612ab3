"""From every page about a roadmap one gets to the others: public views, and parts of the desk."""

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.views.roadmap_desk import desk_parts
from core.audit import OPERATOR
from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.planning.network import Kind
from roadmap.roadmaps import get_roadmap, import_roadmap
from stakeholders.permissions import Role

PUBLIC = (
    "", "/graph", "/timeline", "/heat-map", "/milestones", "/budget", "/critical-path", "/risk",
    "/contradictions", "/evidence", "/draft", "/milestones/A", "/editions/",
)  # fmt: skip
BELOW_A_PART = {
    "proposals/new": "proposals/",
    "contradictions/dependencies": "contradictions/",
    "contradictions/redundant": "contradictions/",
    "contradictions/missing": "contradictions/",
    "contradictions/knots/1": "contradictions/",
    "evidence/rules/new": "evidence/",
}


@pytest.fixture
def plan(web_session: Session, now: datetime) -> str:
    milestones = tuple(
        DraftMilestone(code, LocalizedText.of(f"Milestone {code}"), "SRIA", "a", 100)
        for code in ("A", "B")
    )
    both_ways = (
        DraftDependency("A", "B", Kind.FS, 0, 3),
        DraftDependency("B", "A", Kind.FS, 0, 2),
    )
    import_roadmap(
        web_session,
        slug="plan",
        draft=Draft(
            milestones,
            both_ways,
            {"a": LocalizedText.of("Area")},
            LocalizedText.of("Plan"),
            date(2026, 1, 1),
        ),
        actor=OPERATOR,
        now=now,
    )
    web_session.commit()
    return "plan"


def current(page: str) -> list[str]:
    """What the rows of views mark as where one is."""
    rows = re.findall(r'<nav class="wm-views".*?</nav>', page, re.S)
    return re.findall(r'aria-current="\w+">([^<]+)<', " ".join(rows))


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_lead_to_each_other(client: FlaskClient, plan: str, path: str) -> None:
    page = client.get(f"/roadmaps/{plan}{path}").text
    assert "Views of this roadmap" in page
    assert len(current(page)) == 1  # one is in one place


def test_every_part_of_the_desk_names_a_page(app: Flask, plan: str) -> None:
    with app.test_request_context():
        parts = [part.endpoint for part in desk_parts()]
    assert parts == [
        "evidence.index", "proposals_desk.index", "contradictions_desk.index",
        "roadmap_graph_desk.show", "scenarios_desk.index", "writing_desk.index",
        "roadmap_files.index", "edition_desk.index",
    ]  # fmt: skip


def test_every_page_of_the_desk_leads_to_all_parts(
    app: Flask, sign_in: Callable[..., FlaskClient], web_session: Session, plan: str
) -> None:
    with app.test_request_context():
        parts = [part.address(plan) for part in desk_parts()]
    identity = get_roadmap(web_session, slug=plan).dependencies[0].id
    web_session.rollback()
    below = {
        f"/desk/roadmaps/{plan}/{a}": f"/desk/roadmaps/{plan}/{b}" for a, b in BELOW_A_PART.items()
    }
    below[f"/desk/roadmaps/{plan}/contradictions/dependencies/{identity}"] = (
        f"/desk/roadmaps/{plan}/contradictions/"
    )
    desk = sign_in(Role.SECRETARIAT)
    for path in [*parts, *below]:
        answer = desk.get(path)
        assert answer.status_code == 200, path
        row = re.search(
            r'<nav class="wm-views"[^>]*Work on this roadmap.*?</nav>', answer.text, re.S
        )
        assert row is not None, path
        for part in parts:
            assert part == path or f'href="{part}"' in row[0], (path, part)
        up = below.get(path)
        if up is not None:
            assert f'href="{up}" aria-current="true"' in row[0], path
