"""Conditions built from menus, with the text form one click away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.language.condition_menus import COMPARISONS, Line, Menu, as_menu, from_menu
from surveys.language.expressions import parse_expression

MEMBERSHIP = ("includes", "includes_not", "contains")
ORDERED = ("more_than", "at_least", "less_than", "at_most")
names = st.sampled_from(["Q1", "Q3.r1", "Q5.r1.c2", "Q1_other"])
numbers = st.integers(-99, 99)
lines = st.one_of(
    st.builds(Line, names, st.sampled_from(["is", "is_not"]), st.text(max_size=5) | numbers),
    st.builds(Line, names, st.sampled_from(ORDERED), numbers),
    st.builds(Line, names, st.sampled_from(MEMBERSHIP), st.text(max_size=5)),
    st.builds(Line, names, st.sampled_from(["is_answered", "is_not_answered"])),
    st.builds(Line, names, st.just("is"), st.booleans()),
)  # fmt: skip


@given(st.booleans(), st.lists(lines, min_size=1, max_size=4))
def test_a_menu_comes_back_from_its_text(every: bool, chosen: list[Line]) -> None:
    menu = Menu(every or len(chosen) == 1, tuple(chosen))
    assert as_menu(parse_expression(from_menu(menu))) == menu


def test_no_line_is_no_condition() -> None:
    assert from_menu(Menu(True, ())) == ""


@pytest.mark.parametrize(
    "source",
    [
        "Q1 == Q2",
        "Q1 + 1 > 2",
        "(Q1 == 'a' or Q2 == 'b') and Q3 == 'c'",
        "count(Q1) > 2",
        "not (Q1 == 'a')",
    ],
)
def test_what_menus_cannot_say_keeps_its_text(source: str) -> None:
    assert as_menu(parse_expression(source)) is None


def test_every_comparison_can_be_said() -> None:
    for comparison in COMPARISONS:
        assert from_menu(Menu(True, (Line("Q1", comparison, "a"),)))
