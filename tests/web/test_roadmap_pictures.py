"""Pictures on pages: what an address asks for is shown, counted and drawn only once."""

import re
from collections.abc import Callable
from datetime import date, datetime
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import app.views.roadmap_pictures as pictures
from core.audit import OPERATOR
from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.planning.network import Kind
from roadmap.roadmaps import get_roadmap, import_roadmap

Text = Callable[[str], str]


@pytest.fixture
def text(client: FlaskClient, web_session: Session, now: datetime) -> Text:
    """What a page of a small roadmap says: A, B and C one after the other over three years."""
    milestones = tuple(
        DraftMilestone(
            code, LocalizedText.of(f"Title {code}"), agenda, area, 365, lead=lead,
            optimistic_days=300, likely_days=365, pessimistic_days=600,
        )
        for code, agenda, area, lead in (
            ("A", "SRIA", "radio", "Oulu"), ("B", "SDA", "cloud", ""), ("C", "SRIA", "edge", ""),
        )
    )  # fmt: skip
    links = (DraftDependency("A", "B", Kind.FS, 0), DraftDependency("B", "C", Kind.SS, 90))
    areas = {code: LocalizedText.of(code.title()) for code in ("radio", "cloud", "edge")}
    draft = Draft(milestones, links, areas, start=date(2026, 1, 1), parents={"edge": "cloud"})
    import_roadmap(web_session, slug="plan", draft=draft, actor=OPERATOR, now=now)
    web_session.commit()

    def read(path: str) -> str:
        page = client.get(f"/roadmaps/plan{path}")
        assert page.status_code == 200
        return page.text

    return read


def boxes(text: str) -> str:
    return "".join(re.findall(r'data-code="(\w)"', text))


@pytest.mark.parametrize(
    ("query", "expected", "dependencies"),
    [
        ("", "ABC", 2),
        ("?area=cloud", "BC", 1),
        ("?agenda=SDA", "B", 0),
        ("?lead=Oulu", "A", 0),
        ("?words=title+c", "C", 0),
        ("?around=A", "AB", 1),
        ("?around=A&after=2&before=0", "ABC", 2),
        ("?year=2026", "A", 0),  # B starts on 1 January 2027
        ("?only=contested", "", 0),
        ("?agenda=%00&year=x&before=-1&layers=z&zoom=7&scale=q&lines=%27&page=%F0", "ABC", 2),
    ],
)
def test_the_address_chooses_what_graph_and_timeline_show(
    text: Text, query: str, expected: str, dependencies: int
):
    graph = text(f"/graph{query}")
    assert boxes(graph) == expected
    assert f"{len(expected)} of 3 milestones" in graph
    assert f"{dependencies} of 2 dependencies" in graph
    assert ("No milestone fits this choice." in graph) == (not expected)
    assert boxes(text(f"/timeline{query}")) == expected


def test_a_box_says_what_it_is_when_and_between_what(text: Text):
    graph = text("/graph")
    label = re.search(r'aria-label="(B Title B[^"]*)"', graph)
    assert label
    assert label[1].startswith("B Title B. 2027 – 2028. critical. waits for A. holds up C")


def test_zoom_changes_the_size_and_nothing_else(text: Text):
    def size(query: str) -> float:
        found = re.search(r'<svg viewBox="0 0 [\d.]+ [\d.]+" width="([\d.]+)(pt|%)"', text(query))
        assert found
        return float(found[1])

    assert size("/graph?zoom=200") == pytest.approx(2 * size("/graph"))
    assert size("/graph?zoom=fit") == size("/graph?whole=1") == 100


def test_the_file_stands_alone_and_is_well_formed(client: FlaskClient, text: Text):
    answer = client.get("/roadmaps/plan/graph.svg?area=cloud")
    assert answer.mimetype == "image/svg+xml"
    root = ElementTree.fromstring(answer.text)
    words = "".join(root.itertext())
    assert "Title B" in words
    assert "Title A" not in words


def test_too_many_for_a_page_are_offered_by_area_and_year(
    text: Text, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pictures, "MOST_ON_A_PAGE", 2)
    for path in ("/graph", "/timeline"):
        page = text(path)
        assert boxes(page) == ""
        assert f'href="/roadmaps/plan{path}?area=cloud"' in page
        assert f'href="/roadmaps/plan{path}?year=2028"' in page
    assert boxes(text("/graph?area=cloud")) == "BC"


def test_too_many_for_a_file_are_refused(
    client: FlaskClient, text: Text, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pictures, "MOST_IN_A_FILE", 2)
    answer = client.get("/roadmaps/plan/graph.svg")
    assert answer.status_code == 422
    assert "too many for one picture" in answer.text


def test_a_picture_is_drawn_once_a_revision(
    text: Text, web_session: Session, monkeypatch: pytest.MonkeyPatch
):
    drawn = []
    draw = pictures.draw_graph
    monkeypatch.setattr(
        pictures, "draw_graph", lambda *args, **rest: drawn.append(1) or draw(*args, **rest)
    )
    assert text("/graph") == text("/graph")
    assert len(drawn) == 1
    get_roadmap(web_session, slug="plan").mark_changed()
    web_session.commit()
    text("/graph")
    assert len(drawn) == 2


def test_the_timeline_shows_likely_dates_and_lines_that_can_be_hidden(text: Text):
    page = text("/timeline")
    assert "Finished in four fifths by" in page
    assert page.count('class="wm-link"') == 2
    assert 'class="wm-link"' not in text("/timeline?lines=none")


def test_the_heat_map_counts_and_leads_to_the_milestones_behind(text: Text):
    page = text("/heat-map")
    assert 'aria-label="Cloud, 2027: 2"' in page
    assert "/roadmaps/plan/milestones?" in page
    for measure in ("finishing", "budget", "slack", "nonsense"):
        assert "All areas" in text(f"/heat-map?measure={measure}")


def test_ever_new_addresses_fill_no_memory(app: Flask, text: Text, monkeypatch: pytest.MonkeyPatch):
    """What is kept for an address is small, however much evidence the roadmap has."""
    many = {f"M{number}": pictures.Strength(0.5, 9) for number in range(5_000)}
    monkeypatch.setattr(pictures, "evidence_strengths", lambda *_args, **_rest: many)
    for words in ("one", "two"):
        text(f"/graph?words={words}")
    kept = app.extensions["waymark.pictures"]
    assert len(kept._values) == 2
    assert all(len(repr(key)) < 2_000 for key in kept._values)
    assert kept._total >= 2 * 4_000


def test_large_drawings_are_counted_for_an_address(
    text: Text, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    counted = []
    monkeypatch.setattr(pictures, "refuse_beyond", lambda *limit: counted.append(limit))
    text("/graph.svg")
    assert counted == []
    monkeypatch.setattr(pictures, "MOST_ON_A_PAGE", 2)
    assert client.get("/roadmaps/plan/graph.svg?zoom=50").status_code == 200
    assert client.get("/roadmaps/plan/graph.svg?zoom=50").status_code == 200
    assert counted == [("12 per minute; 120 per hour", "large drawings")]
