"""The public pages of a roadmap, and its commands."""

import json
import re
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from roadmap.formats.folder import read_folder
from roadmap.roadmaps import import_roadmap

NETWORKS = Path(__file__).resolve().parents[1] / "networks"
PAGES = ("", "/graph", "/milestones", "/timeline", "/critical-path", "/contradictions")


@pytest.fixture
def plan(web_session: Session, now: datetime) -> str:
    """A roadmap with two dependencies against each other."""
    folder = NETWORKS / "two_against_each_other"
    import_roadmap(web_session, slug="plan", draft=read_folder(folder), actor=OPERATOR, now=now)
    web_session.commit()
    return "plan"


def test_without_roadmaps_the_list_says_what_will_be_there(client: FlaskClient):
    page = client.get("/roadmaps/")
    assert page.status_code == 200
    assert "There are no roadmaps yet." in page.text


def test_the_list_leads_to_every_view(client: FlaskClient, plan: str):
    assert f'href="/roadmaps/{plan}"' in client.get("/roadmaps/").text
    overview = client.get(f"/roadmaps/{plan}").text
    for path in PAGES[1:]:
        assert f'href="/roadmaps/{plan}{path}"' in overview


@pytest.mark.parametrize("path", [*PAGES, "/milestones/A"])
def test_pages_are_public_cacheable_and_free_of_inline_style(
    client: FlaskClient, plan: str, path: str
):
    page = client.get(f"/roadmaps/{plan}{path}")
    assert page.status_code == 200
    assert page.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in page.headers
    assert not re.search(r"\sstyle=|<style|<script(?! src=)", page.text)


@pytest.mark.parametrize("path", ["/graph", "/timeline"])
def test_drawings_are_well_formed_named_and_reached_by_the_keyboard(
    client: FlaskClient, plan: str, path: str
):
    text = client.get(f"/roadmaps/{plan}{path}").text
    drawing = next(each for each in re.findall(r"<svg.*?</svg>", text, re.S) if "<desc" in each)
    root = ElementTree.fromstring(drawing)
    assert root.find("title") is not None
    assert root.find("desc") is not None
    links = [link.get("href") for link in root.iter("a")]
    assert sorted(links) == [f"/roadmaps/{plan}/milestones/{code}" for code in "AB"]
    assert "<table" in text


def test_a_milestone_says_what_it_waits_for_and_what_is_suspended(client: FlaskClient, plan: str):
    text = client.get(f"/roadmaps/{plan}/milestones/B").text
    assert "B starts when A has finished, or later." in text
    assert "suspended" in text
    assert "It is on the critical path" in text


def test_the_contradictions_are_explained_with_their_support(client: FlaskClient, plan: str):
    text = client.get(f"/roadmaps/{plan}/contradictions").text
    assert "1 dependency is suspended" in text
    assert "A starts when B has finished, or later." in text
    assert "support 2" in text
    assert "support 3" in text


def codes(text: str) -> list[str]:
    """The milestones of the table, in order."""
    return re.findall(r'href="/roadmaps/plan/milestones/([A-Z])"', text)


def test_the_table_is_sorted_and_filtered_by_its_address(client: FlaskClient, plan: str):
    table = "/roadmaps/plan/milestones"
    assert codes(client.get(table).text) == ["A", "B"]
    assert codes(client.get(f"{table}?sort=start&order=desc").text) == ["B", "A"]
    assert codes(client.get(f"{table}?sort=duration").text) == ["B", "A"]
    assert codes(client.get(f"{table}?area=radio&agenda=SRIA").text) == ["A", "B"]
    assert "No milestone fits this choice." in client.get(f"{table}?agenda=SDA").text
    assert codes(client.get(f"{table}?sort=%00&order=x").text) == ["A", "B"]


@pytest.mark.parametrize(
    "path", ["/roadmaps/none", "/roadmaps/none/graph", "/roadmaps/plan/milestones/Z"]
)
def test_what_is_not_there_is_a_404(client: FlaskClient, plan: str, path: str):
    assert client.get(path).status_code == 404


def test_texts_are_shown_as_text(
    client: FlaskClient, web_session: Session, now: datetime, tmp_path: Path
):
    (tmp_path / "milestones.csv").write_text(
        "code,title,agenda,area,duration_days,lead,description\n"
        '"<b&""1",<script>alert(1)</script>,SRIA,<i,1000000,<u>,<img src=x>\n'
    )
    (tmp_path / "dependencies.csv").write_text("from,to,kind,lag_days\n")
    draft = read_folder(tmp_path)
    import_roadmap(web_session, slug="plan", draft=draft, actor=OPERATOR, now=now)
    web_session.commit()
    for path in (*PAGES, "/milestones/%3Cb&%221"):
        text = client.get(f"/roadmaps/plan{path}").text
        for markup in ("<b&", "<script>alert", "<i<", "<i,", "<u>", "<img src=x"):
            assert markup not in text, path


def test_a_plan_beyond_the_calendar_still_shows(
    client: FlaskClient, web_session: Session, now: datetime, tmp_path: Path
):
    rows = "".join(f"M{number},T,SRIA,a,1000000\n" for number in range(9))
    (tmp_path / "milestones.csv").write_text("code,title,agenda,area,duration_days\n" + rows)
    chain = "".join(f"M{number},M{number + 1},FS,0\n" for number in range(8))
    (tmp_path / "dependencies.csv").write_text("from,to,kind,lag_days\n" + chain)
    draft = read_folder(tmp_path)
    import_roadmap(web_session, slug="plan", draft=draft, actor=OPERATOR, now=now)
    web_session.commit()
    for path in (*PAGES, "/milestones/M8"):
        assert client.get(f"/roadmaps/plan{path}").status_code == 200


def test_import_schedule_and_list_answer_in_json(app: Flask):
    run = app.test_cli_runner().invoke
    folder = str(NETWORKS / "positive_cycle_of_mixed_kinds")
    result = run(
        args=["roadmap", "import", folder, "--slug", "My Plan", "--start", "2026-05-01", "--json"]
    )
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["slug"], document["start"], document["milestones"]) == (
        "my-plan", "2026-05-01", 2,
    )  # fmt: skip
    schedule = json.loads(run(args=["roadmap", "schedule", "my-plan", "--json"]).stdout)
    assert schedule["makespan_days"] == 10
    assert schedule["milestones"][1] == {
        "code": "B", "earliest_start": 0, "earliest_finish": 5, "latest_start": 2,
        "latest_finish": 7, "total_slack": 2, "free_slack": 2, "critical": False,
    }  # fmt: skip
    assert schedule["suspended"] == [
        {"from": "A", "to": "B", "kind": "SS", "lag_days": 3, "support": 0.4, "cycle": ["A", "B"]}
    ]
    listed = json.loads(run(args=["roadmap", "list", "--json"]).stdout)
    assert listed == [{"slug": "my-plan", "title": "my-plan", "editions": []}]


def test_a_refused_import_names_its_code_and_writes_nothing(app: Flask, tmp_path: Path):
    run = app.test_cli_runner().invoke
    (tmp_path / "milestones.csv").write_text(
        "code,title,agenda,area,duration_days\nA,T,SRIA,a,1\nA,T,SRIA,a,1\n"
    )
    (tmp_path / "dependencies.csv").write_text("from,to,kind,lag_days\n")
    result = run(args=["roadmap", "import", str(tmp_path), "--slug", "plan", "--json"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "[roadmap.duplicate_code]" in result.stderr
    assert "milestones.csv, line 3, column code" in result.stderr
    assert json.loads(run(args=["roadmap", "list", "--json"]).stdout) == []
