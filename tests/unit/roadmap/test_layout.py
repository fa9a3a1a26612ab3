"""Drawings: nothing overlaps, nothing is lost, and the same comes out every time."""

import random
from datetime import date
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadmap.pictures.layout import (
    GraphBox,
    GraphDependency,
    GraphDrawing,
    GraphMilestone,
    TimelineMilestone,
    layout_graph,
    layout_timeline,
)
from roadmap.pictures.lettering import text_width, wrap_text

AREAS = [("radio", "Radio and spectrum"), ("cloud", "Cloud"), ("unused", "Unused")]


def random_graph(size: int, seed: int) -> GraphDrawing:
    """About two dependencies a milestone, some backwards, some suspended, one on itself."""
    draw = random.Random(seed)
    milestones = [
        GraphMilestone(
            f"M{number:03}",
            "A milestone with a title of several words " * draw.randint(1, 3),
            draw.choice(["radio", "cloud", "other"]),
            earliest_start=number,
            critical=number % 7 == 0,
        )
        for number in range(size)
    ]
    dependencies = [
        GraphDependency(
            f"M{draw.randrange(size):03}", f"M{draw.randrange(size):03}", draw.choice(["FS", "SS"]),
            draw.randint(-3, 3), suspended=draw.random() < 0.2,
        )
        for _ in range(2 * size)
    ]  # fmt: skip
    return layout_graph(milestones, [*dependencies, GraphDependency("M000", "M000")], AREAS)


def overlap(one: GraphBox, other: GraphBox) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@pytest.mark.parametrize("size", [1, 12, 60])
def test_boxes_lie_in_their_lanes_and_never_overlap(size: int):
    drawing = random_graph(size, seed=size)
    assert len(drawing.boxes) == size
    assert len(drawing.edges) == 2 * size + 1
    assert not any(overlap(one, other) for one, other in combinations(drawing.boxes, 2))
    for box in drawing.boxes:
        assert box.x >= 0
        assert box.x + box.width <= drawing.width
        assert any(lane.y < box.y and box.y + box.height < lane.y + lane.height
                   for lane in drawing.lanes)  # fmt: skip
    assert {lane.area for lane in drawing.lanes} <= {"radio", "cloud", "other"}
    assert all(above.y + above.height == below.y for above, below in pairwise(drawing.lanes))


def test_no_edge_runs_through_a_box():
    drawing = random_graph(60, seed=5)
    for edge in drawing.edges:
        at = edge.start
        for one, two, to in edge.curves:
            for step in range(1, 20):
                t = step / 20
                x, y = (
                    (1 - t) ** 3 * at[i] + 3 * (1 - t) ** 2 * t * one[i]
                    + 3 * (1 - t) * t * t * two[i] + t**3 * to[i]
                    for i in (0, 1)
                )  # fmt: skip
                for box in drawing.boxes:
                    inside_x = box.x + 0.5 < x < box.x + box.width - 0.5
                    assert not (inside_x and box.y < y < box.y + box.height), (edge, box)
            at = to


def test_the_order_of_the_input_and_the_run_do_not_matter_for_places():
    assert random_graph(40, seed=1) == random_graph(40, seed=1)
    milestones = [GraphMilestone(code, code, "radio") for code in "CAB"]
    dependencies = [GraphDependency("A", "B"), GraphDependency("B", "C")]
    one = layout_graph(milestones, dependencies, AREAS)
    other = layout_graph(milestones[::-1], dependencies[::-1], AREAS)
    places = [{box.code: (box.x, box.y) for box in drawing.boxes} for drawing in (one, other)]
    assert places[0] == places[1]


def test_what_waits_stands_to_the_right_and_a_suspended_dependency_does_not_count():
    drawing = layout_graph(
        [GraphMilestone(code, code, "radio") for code in "ABC"],
        [
            GraphDependency("A", "B"),
            GraphDependency("B", "C", "SS", -5),
            GraphDependency("C", "A", suspended=True),
        ],
        AREAS,
    )
    x = {box.code: box.x for box in drawing.boxes}
    assert x["A"] < x["B"] < x["C"]
    labels = {(edge.before, edge.after): edge.label for edge in drawing.edges}
    assert labels == {("A", "B"): "", ("B", "C"): "SS −5", ("C", "A"): ""}


def test_nothing_to_draw_is_drawn_as_nothing():
    drawing = layout_graph([], [], AREAS)
    assert drawing.boxes == drawing.edges == drawing.lanes == ()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.integers(1, 5))
def test_wrapped_lines_fit(text: str, lines: int):
    wrapped = wrap_text(text, width=120, size=9, lines=lines)
    assert 1 <= len(wrapped) <= lines
    assert all(text_width(line, 9) <= 120 for line in wrapped)
    if not wrapped[-1].endswith("…"):
        assert "".join(wrapped).replace(" ", "") == "".join(text.split())


def row(code: str, start: int, finish: int, latest: int, area: str = "radio") -> TimelineMilestone:
    return TimelineMilestone(code, f"Title of {code}", area, start, finish, latest, start == 0)


def test_bars_stand_at_their_dates_along_the_years():
    drawing = layout_timeline(
        [row("A", 0, 365, 365), row("B", 365, 365, 730), row("C", 0, 730, 730, "cloud")],
        AREAS,
        start=date(2026, 1, 1),
    )
    assert [heading.text for heading in drawing.headings] == ["Radio and spectrum", "Cloud"]
    a, b, c = drawing.bars
    assert a.x == drawing.plot_left == c.x
    assert a.x + a.width == b.x
    assert b.width == 0
    assert b.slack_end == c.x + c.width
    years = {tick.label: tick.x for tick in drawing.ticks}
    assert years["2026-01"] == a.x
    assert years["2027-01"] == b.x


@pytest.mark.parametrize("days", [0, 1, 45, 400, 4_000, 400_000, 40_000_000])
def test_the_axis_has_some_marks_and_not_too_many(days: int):
    drawing = layout_timeline([row("A", 0, days, days)], AREAS, start=date(2026, 1, 15))
    assert len(drawing.ticks) <= 15
    assert len(drawing.ticks) >= (1 if days >= 400 else 0)
