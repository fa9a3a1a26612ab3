"""The small picture of a contradiction: boxes that never touch, in a frame that fits a phone."""

from itertools import combinations

import pytest

from roadmap.pictures.ring import BOX_HEIGHT, BOX_WIDTH, MOST, layout_ring


@pytest.mark.parametrize("count", range(1, MOST + 1))
def test_boxes_are_apart_and_inside_with_an_arrow_from_each(count: int):
    ring = layout_ring([f"M{number}" for number in range(count)])
    assert ring is not None
    assert [box.code for box in ring.boxes] == [f"M{number}" for number in range(count)]
    assert [arrow.number for arrow in ring.arrows] == list(range(count))
    for box in ring.boxes:
        assert 0 <= box.x <= ring.width - BOX_WIDTH
        assert 0 <= box.y <= ring.height - BOX_HEIGHT
    for one, other in combinations(ring.boxes, 2):
        assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_what_is_too_long_is_left_to_the_table(count: int):
    assert layout_ring(["M"] * count) is None
