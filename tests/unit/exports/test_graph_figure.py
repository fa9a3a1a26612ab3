"""The graph on paper: whole where it can be read, else in tiles that cut no box."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from exports.pdf.chapters.graph_figure import READABLE, Tile, readable_tiles
from roadmap.pictures.layout import GraphDependency, GraphDrawing, GraphMilestone, layout_graph


def chain(length: int, areas: int) -> GraphDrawing:
    """A path of milestones that goes round the areas."""
    codes = [f"M{number}" for number in range(length)]
    return layout_graph(
        [
            GraphMilestone(code, f"Milestone {code}", f"a{number % areas}", number)
            for number, code in enumerate(codes)
        ],
        [GraphDependency(one, other) for one, other in pairwise(codes)],
        [(f"a{number}", f"Area {number}") for number in range(areas)],
    )


def test_a_small_graph_is_one_tile_at_its_own_size() -> None:
    [tile] = readable_tiles(chain(3, 2), 1000, 600)
    assert tile.scale == 1
    assert tile.milestones(chain(3, 2)) == {"M0", "M1", "M2"}


@settings(max_examples=25, deadline=None)
@given(
    length=st.integers(1, 40),
    areas=st.integers(1, 12),
    width=st.integers(420, 1200),
    height=st.integers(200, 800),
)
def test_every_box_is_whole_on_exactly_one_tile(
    length: int, areas: int, width: int, height: int
) -> None:
    drawing = chain(length, areas)
    tiles = readable_tiles(drawing, width, height)
    for box in drawing.boxes:
        [tile] = [tile for tile in tiles if tile.shows(box)]
        assert tile.left <= box.x
        assert box.x + box.width <= tile.right + 0.01
        assert tile.top <= box.y
        assert box.y + box.height <= tile.bottom + 0.01
    for tile in tiles:
        assert tile.width <= width + 0.01
        assert tile.height <= height + 0.01


def test_tiles_are_readable_and_of_similar_length() -> None:
    drawing = chain(20, 4)
    tiles = readable_tiles(drawing, 1066, 650)
    assert len(tiles) > 2
    assert all(tile.scale >= READABLE for tile in tiles)
    lengths = [len(tile.milestones(drawing)) for tile in tiles]
    assert max(lengths) - min(lengths) <= 2


def test_the_whole_graph_fits_the_page_whatever_its_size() -> None:
    tile = Tile.whole(chain(60, 5), 800, 400)
    assert tile.width <= 800.01
    assert tile.height <= 400.01
