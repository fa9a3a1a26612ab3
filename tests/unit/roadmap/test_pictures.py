"""What pictures show and count: bands of time, choices, surroundings, areas by year."""

import os
import random
import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.pictures.bands import MOST_BANDS, band_of, time_bands
from roadmap.pictures.drawing import (
    GraphDependency,
    GraphDrawing,
    GraphMilestone,
    TimelineMilestone,
)
from roadmap.pictures.filtering import Choice, choose_milestones
from roadmap.pictures.heatmap import SHADES, HeatMilestone, Measure, heat_map
from roadmap.pictures.layout import layout_graph, nested_areas
from roadmap.pictures.neighbourhood import neighbourhood
from roadmap.pictures.timeline import layout_timeline
from roadmap.planning.network import Kind
from roadmap.roadmaps import plan_draft

START = date(2026, 1, 1)
AREAS = [("radio", "Radio"), ("cloud", "Cloud"), ("edge", "Edge")]


# Bands


def test_years_of_a_long_plan_and_quarters_of_a_short_one():
    assert [band.label for band in time_bands(START, 400)] == [
        "2026 Q1", "2026 Q2", "2026 Q3", "2026 Q4", "2027 Q1",
    ]  # fmt: skip
    assert [band.label for band in time_bands(START, 400, scale="year")] == ["2026", "2027"]
    assert time_bands(START, 0)[0].first == 0


@settings(max_examples=150, deadline=None)
@given(
    st.dates(),
    st.integers(0, 10**9),
    st.sampled_from(["", "quarter", "year", "nonsense"]),
)
def test_bands_rise_and_are_never_too_many(start: date, last: int, scale: str):
    bands = time_bands(start, last, scale=scale)
    assert 1 <= len(bands) <= MOST_BANDS
    assert bands[0].first == 0
    assert all(one.first < other.first for one, other in pairwise(bands))
    assert band_of(bands, last) == len(bands) - 1


# The graph along time


def along_time(size: int, seed: int) -> GraphDrawing:
    draw = random.Random(seed)
    milestones = [
        GraphMilestone(
            f"M{number:04}", "A milestone of some length", draw.choice(["radio", "cloud", "x"]),
            earliest_start=number * 3, strength=0.5 if number % 3 else None, n=7,
        )
        for number in range(size)
    ]  # fmt: skip
    pairs = [sorted((draw.randrange(size), draw.randrange(size))) for _ in range(2 * size)]
    dependencies = [GraphDependency(f"M{a:04}", f"M{b:04}") for a, b in pairs]
    return layout_graph(
        milestones, dependencies, AREAS, parents={"cloud": "radio"},
        bands=time_bands(START, size * 3), today=100,
    )  # fmt: skip


def test_every_box_stands_in_its_band_and_none_overlap():
    drawing = along_time(200, seed=3)
    bands = time_bands(START, 600)
    for number, box in enumerate(drawing.boxes):
        band = drawing.bands[band_of(bands, number * 3)]
        assert band.x < box.x
        assert box.x + box.width < band.x + band.width
        assert box.y > drawing.top
    places = sorted((box.x, box.y, box.y + box.height) for box in drawing.boxes)
    for (x, _top, bottom), (next_x, next_top, _bottom) in pairwise(places):
        assert x != next_x or bottom <= next_top
    assert [band.label for band in drawing.bands if band.current] == ["2026 Q2"]


def test_boxes_come_in_the_order_of_time_and_a_chain_within_a_year_runs_to_the_right():
    chain = [
        GraphMilestone(code, code, "radio", earliest_start=at) for at, code in enumerate("CBA")
    ]
    links = [GraphDependency("C", "B"), GraphDependency("B", "A")]
    drawing = layout_graph(chain[::-1], links, AREAS, bands=time_bands(START, 800, scale="year"))
    assert [box.code for box in drawing.boxes] == ["C", "B", "A"]
    assert [box.x for box in drawing.boxes] == sorted({box.x for box in drawing.boxes})
    assert len(drawing.bands) == 3


def test_parts_of_an_area_follow_it_and_an_area_without_a_lane_is_named_above_its_first_part():
    assert nested_areas(["a", "b", "c"], {"c": "a"}) == [("a", 0), ("c", 1), ("b", 0)]
    assert nested_areas(["a", "b"], {"a": "b", "b": "a"}) == [("a", 0), ("b", 0)]
    drawing = layout_graph(
        [GraphMilestone("A", "A", "cloud"), GraphMilestone("B", "B", "edge")],
        [], AREAS, parents={"cloud": "radio", "edge": "radio"},
    )  # fmt: skip
    assert [(lane.area, lane.level, lane.heading) for lane in drawing.lanes] == [
        ("cloud", 1, ("Radio",)), ("edge", 1, ()),
    ]  # fmt: skip
    assert min(lane.height for lane in drawing.lanes) > 22


def test_the_drawing_is_the_same_whatever_the_seed_of_hashes():
    """Sets and dictionaries of text change their order with it; a drawing may not."""
    program = (
        "import hashlib, sys; sys.path.insert(0, '.');"
        "from tests.unit.roadmap.test_pictures import along_time;"
        "print(hashlib.sha256(repr(along_time(60, 1)).encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True,
        ).stdout
        for seed in ("0", "4711")
    }  # fmt: skip
    assert len(found) == 1


def test_large_graphs_take_time_in_proportion():
    begin = time.process_time()
    along_time(200, seed=1)
    small = time.process_time() - begin
    begin = time.process_time()
    along_time(800, seed=1)
    assert time.process_time() - begin < 30 * max(small, 0.05)


# Choices


def milestone(code: str, area: str, days: int, **more: object) -> DraftMilestone:
    return DraftMilestone(
        code, LocalizedText({"en": f"Title {code}", "fr": f"Titre {code}"}), "SRIA", area, days,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


DRAFT = Draft(
    (
        milestone("A", "radio", 100, lead="Oulu"),
        milestone("B", "cloud", 400),
        milestone("C", "edge", 10, themes=("Spectrum",)),
        milestone("D", "radio", 5),
        milestone("E", "radio", 5),
    ),
    (
        DraftDependency("A", "B", Kind.FS, 0),
        DraftDependency("B", "C", Kind.FS, 0),
        DraftDependency("D", "E", Kind.FS, 0, Decimal(2)),
        DraftDependency("E", "D", Kind.FS, 0),
    ),
    dict.fromkeys(("radio", "cloud", "edge"), LocalizedText.of("x")),
    start=START,
    parents={"edge": "cloud"},
)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), "DAEBC"),
        (Choice(area="cloud"), "BC"),
        (Choice(area="none"), ""),
        (Choice(agenda="SDA"), ""),
        (Choice(lead="Oulu"), "A"),
        (Choice(only="critical"), "ABC"),
        (Choice(only="contested"), "DE"),
        (Choice(only="anything else"), "DAEBC"),
        (Choice(words="titre b"), "B"),
        (Choice(words="SPECTRUM title"), "C"),
        (Choice(words="spectrum radio"), ""),
        (Choice(year=2027), "BC"),
        (Choice(year=9999), ""),
        (Choice(around="B"), "ABC"),
        (Choice(around="B", before=0), "BC"),
        (Choice(around="C", before=1, after=9), "BC"),
        (Choice(around="C", before=2, after=0), "ABC"),
        (Choice(around="B", area="radio"), "AB"),
        (Choice(around="Z"), ""),
    ],
)
def test_a_choice_leaves_what_fits_in_the_order_of_time(choice: Choice, expected: str):
    plan = plan_draft(DRAFT, start=START)
    assert "".join(choose_milestones(DRAFT, plan, choice)) == expected


def test_surroundings_do_not_turn_back():
    pairs = [("A", "C"), ("B", "C"), ("C", "D"), ("X", "D")]
    assert neighbourhood("A", pairs, before=9, after=9) == set("ACD")
    assert neighbourhood("C", pairs, before=1, after=0) == set("ABC")
    assert neighbourhood("lonely", pairs, before=3, after=3) == {"lonely"}


# Areas by year


def test_areas_by_year_count_what_runs_finishes_costs_and_is_tight():
    rows = [
        HeatMilestone("radio", 0, 365, 30, Decimal(365)),  # all of 2026, finished on 1 January
        HeatMilestone("edge", 350, 380, 0, Decimal(30)),
        HeatMilestone("edge", 400, 400, 5),  # a moment
    ]

    def table(measure: Measure) -> dict[str, list[object]]:
        found = heat_map(rows, AREAS, start=START, measure=measure, parents={"edge": "cloud"})
        assert found.years == ((2026, 2026), (2027, 2027))
        lines = [*found.rows, found.totals]
        return {line.area: [*(cell.value for cell in line.cells), line.total] for line in lines}

    assert table(Measure.RUNNING) == {
        "radio": [1, None, 1], "cloud": [1, 2, 2], "edge": [1, 2, 2], "": [2, 2, 3],
    }  # fmt: skip
    assert table(Measure.FINISHING) == {
        "radio": [None, 1, 1], "cloud": [None, 2, 2], "edge": [None, 2, 2], "": [None, 3, 3],
    }  # fmt: skip
    assert table(Measure.BUDGET) == {
        "radio": [365, None, 365], "cloud": [15, 15, 30], "edge": [15, 15, 30],
        "": [380, 15, 395],
    }  # fmt: skip
    assert table(Measure.SLACK) == {
        "radio": [30, None, 30], "cloud": [0, 0, 0], "edge": [0, 0, 0], "": [0, 0, 0],
    }  # fmt: skip


def test_the_shade_grows_with_the_number_and_with_less_slack():
    rows = [HeatMilestone("radio", 0, 10, 100), HeatMilestone("cloud", 0, 10, -3)]
    running = heat_map([*rows, rows[0]], AREAS, start=START, measure=Measure.RUNNING)
    assert [row.cells[0].shade for row in running.rows] == [SHADES, 3]
    slack = heat_map(rows, AREAS, start=START, measure=Measure.SLACK)
    assert [row.cells[0].shade for row in slack.rows] == [1, SHADES]
    assert heat_map([], AREAS, start=START, measure=Measure.SLACK).rows == ()


@pytest.mark.parametrize("days", [0, 40_000, 10**8])
def test_a_map_of_a_long_plan_has_few_columns(days: int):
    rows = [HeatMilestone("radio", 0, days, 0)]
    found = heat_map(rows, AREAS, start=START, measure=Measure.RUNNING)
    assert 1 <= len(found.years) <= 40
    assert found.totals.total == 1


# The timeline's lines


def test_lines_leave_and_enter_the_ends_that_the_kind_ties():
    rows = [
        TimelineMilestone("A", "A", "radio", 0, 100, 100, True, p50=110, p80=150),
        TimelineMilestone("B", "B", "radio", 100, 200, 220, False),
    ]
    links = [
        GraphDependency("A", "B", kind, critical=kind == "FS") for kind in ("FS", "SS", "FF", "SF")
    ]
    drawing = layout_timeline(
        rows, AREAS, start=START, today=50,
        dependencies=[*links, GraphDependency("A", "gone"), GraphDependency("A", "A")],
    )  # fmt: skip
    a, b = drawing.bars
    ends = {(line.points[0][0], line.arrow[0][0]) for line in drawing.lines}
    assert ends == {
        (a.x + a.width, b.x), (a.x, b.x), (a.x + a.width, b.x + b.width), (a.x, b.x + b.width),
    }  # fmt: skip
    assert drawing.lines[-1].critical
    assert a.p50_x is not None
    assert a.p80_x is not None
    assert a.x + a.width < a.p50_x < a.p80_x
    assert b.p80_x is None
    assert drawing.today_x is not None
    assert a.x < drawing.today_x < a.x + a.width
    assert layout_timeline(rows, AREAS, start=START, today=-1).today_x is None
