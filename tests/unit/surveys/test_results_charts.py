"""Charts are honest: lengths are shares, and hidden numbers have no bar of their own."""

from hypothesis import given
from hypothesis import strategies as st

from app.results_chart import HIDDEN, MOST_SEGMENTS, Bar, StackedBar, colours, stack


def test_a_bar_is_as_long_as_its_share():
    assert Bar("Yes", 25, 200).length == 12.5
    assert Bar("Hidden", None, 200).length == 0
    assert Bar("Nobody answered", 0, 0).length == 0


def test_hidden_options_are_one_stretch_at_the_end():
    bar = StackedBar("NGO", 40, (10, None, 20, None))
    assert [(s.option, s.start, s.length) for s in bar.segments] == [
        (0, 0, 25), (2, 25, 50), (HIDDEN, 75, 25),
    ]  # fmt: skip


def test_a_group_whose_number_is_hidden_has_no_bar():
    assert StackedBar("NGO", None, (None, None)).segments == ()


@given(st.lists(st.one_of(st.none(), st.integers(0, 50)), max_size=8), st.integers(0, 40))
def test_stretches_follow_each_other_and_fit(counts, hidden):
    answered = sum(count or 0 for count in counts) + (hidden if None in counts else 0)
    at = 0.0
    for segment in StackedBar("group", answered, tuple(counts)).segments:
        assert abs(segment.start - at) < 0.01
        at = segment.start + segment.length
    assert at <= 100.01


def test_numbered_labels_get_the_colours_of_a_scale():
    labels = ["1 - Bad", "2", "3 - So so", "4", "5 - Good", "No opinion"]
    scale = colours(labels)
    assert len(set(scale)) == 6
    assert scale[:5] == colours(list(reversed(labels[:5])))[::-1]
    assert colours(["Yes", "No"]) != colours(["1", "2", "3"])[:2]


def test_too_many_options_are_left_to_the_table():
    assert stack([str(n) for n in range(MOST_SEGMENTS + 1)], []) is None
    assert stack(["Yes", "No"], []) is not None
