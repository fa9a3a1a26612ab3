"""LimeSurvey's relevance in our language: what it becomes, and that it means the same.

The meaning expected here is LimeSurvey's: see the module's description for what that is.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import parse_definition
from surveys.formats.lss.reading import read_lss
from surveys.routing import route
from tests.questionnaires.lss_writer import G, Q, lss

SUBS = {"a": "A", "b": "B"}
GRID = {("r1", 0): "R1", ("r2", 0): "R2", ("c1", 1): "C1", ("c2", 1): "C2"}
# Numbers: 10 one, 20 many, 30 grid, 40 nums, 50 cells, 60 ticks, 70 two, 80 age, 90 words,
# 100 day, 110 yes, 120 hides, 130 hidden, 140 rank
ASKED = [
    Q("one", "L", answers={"1": "I", "2": "II", "3": "III", "10": "X"}, other="Y"),
    Q("many", "M", subs=SUBS, other="Y"),
    Q("grid", "A", subs=SUBS),
    Q("nums", "K", subs=SUBS),
    Q("cells", ":", subs=GRID, attributes={"input_boxes": "1"}),
    Q("ticks", ":", subs=GRID, attributes={"multiflexible_checkbox": "1"}),
    Q("two", "1", subs=SUBS, answers={("x", 0): "X", ("y", 1): "Y"}),
    Q("age", "N"),
    Q("words", "S"),
    Q("day", "D"),
    Q("yes", "Y"),
    Q("hides", "Y"),
    Q("hidden", "N", relevance='hides == "Y"'),
    Q("rank", "R", answers={"1": "I"}),
]


def imported(relevance: str) -> Any:
    return read_lss(lss(G(ASKED), G([Q("last", "T", relevance=relevance)])))


def translated(relevance: str) -> str | None:
    """Our condition, or None when it was lost."""
    result = imported(relevance)
    condition = result.document["sections"][1]["questions"][0].get("show_if")
    assert (condition is None) == any(
        loss.path == "group 2/question last/relevance" for loss in result.lost
    )
    return condition


@pytest.mark.parametrize(
    "relevance, ours",
    [
        ('one == "1"', "one == '1'"),
        ("one == 1", "one == '1'"),
        ("one.NAOK eq '1'", "one == '1'"),
        ('one == "-oth-"', "one == '-oth-'"),
        ('one_other == "x"', "one_other == 'x'"),
        ('one != "1"', "not one == '1'"),
        ('one == "9"', "false"),
        ('one == ""', "not answered(one)"),
        ('one != ""', "answered(one)"),
        ('"" ne one', "answered(one)"),
        ("one >= 2", "one == '2' or one == '3' or one == '10'"),
        ("3 > one", "one == '1' or one == '2'"),
        ("one", "answered(one)"),
        ("!one", "not answered(one)"),
        ("is_empty(one)", "not answered(one)"),
        ("! is_empty(one.NAOK)", "answered(one)"),
        ("!is_empty(one.shown)", "answered(one)"),
        ('many_a == "Y"', "'a' in many"),
        ('many_a.NAOK != "Y"', "not 'a' in many"),
        ('many_a == ""', "not 'a' in many"),
        ("many_a and !many_b", "'a' in many and not 'b' in many"),
        ("many_a == many_b", "('a' in many) == ('b' in many)"),
        ('many_a == "N"', "false"),
        ("count(that.many) >= 2", "count(many) >= 2"),
        ("count(many_a, many_b) > 1", "count('a' in many, 'b' in many) > 1"),
        ("count(that.many.sq_a) > 0", "count('a' in many) > 0"),
        ("is_empty(that.grid)", "not answered(grid)"),
        ("grid_a >= 4", "grid.a == '4' or grid.a == '5'"),
        ("grid_a > 1", "number(grid.a) > 1"),
        ("nums_a + nums_b >= 10", "sum(nums.a, nums.b) >= 10"),
        ("sum(that.nums.NAOK) == 100", "sum(nums) == 100"),
        ("sum(nums_a, age, 3) lt 5", "sum(nums.a, age, 3) < 5"),
        ("cells_r1_c2 == 7", "cells.r1.c2 == 7"),
        ('ticks_r1_c2 == "1"', "'c2' in ticks.r1"),
        ('two_a_0 == "x" && two_a_1 == "y"', "two.a == 'x' and two_2.a == 'y'"),
        ("age > 5 || age lt 2", "age > 5 or age < 2"),
        ('age > "18"', "age > 18"),
        ("age != 5", "not age == 5"),
        ("age <= 0", "age <= 0 or not answered(age)"),
        ("age - 5 > nums_a * 2", "age - 5 > nums.a * 2"),
        ("-age < 3", "-age < 3"),
        ("age", "age != 0"),
        ('words == "abc"', "words == 'abc'"),
        ("words == 5", "number(words) == 5"),
        ("words > 5", "number(words) > 5"),
        ("strlen(words) > 3", "length(words) > 3"),
        ("is_numeric(words)", "number(words) == number(words)"),
        ('day > "2026-01-01"', "day > '2026-01-01'"),
        ('yes == "Y" and !(age < 3)', "yes == 'Y' and not age < 3"),
        ("if(yes == 'Y', age > 1, age > 2)",
         "yes == 'Y' and age > 1 or not yes == 'Y' and age > 2"),
        ("one == grid_a", "one == grid.a or not answered(one) and not answered(grid.a)"),
        ("age == nums_a", "age == nums.a or not answered(age) and not answered(nums.a)"),
        # By number: survey X group X question, then the sub-question.
        ('77X1X10 == "1"', "one == '1'"),
        ('77X1X20a.NAOK == "Y"', "'a' in many"),
        ('77X1X20other != ""', "answered(many_other)"),
        ('77X1X50r1_c1 == "2"', "cells.r1.c1 == 2"),
        ('77X1X70a#1 == "y"', "two_2.a == 'y'"),
        ("{age > 5}", "age > 5"),
        ('1 == 1 and yes == "Y"', "yes == 'Y'"),
        ("0", "false"),
        # A hidden question makes the whole false, unless it is named with .NAOK.
        ("hidden > 3", "hidden > 3"),
        ("hidden > 3 or age > 3", "shown(hidden) and (hidden > 3 or age > 3)"),
        ("hidden != 3", "shown(hidden) and not hidden == 3"),
        ("is_empty(hidden)", "shown(hidden) and not answered(hidden)"),
        ("hidden.NAOK > 3 or age > 3", "hidden > 3 or age > 3"),
        ("is_empty(hidden.NAOK)", "not answered(hidden)"),
    ],
)  # fmt: skip
def test_an_expression_becomes(relevance: str, ours: str) -> None:
    assert translated(relevance) == ours


@pytest.mark.parametrize(
    "relevance",
    [
        "regexMatch('/(?=a)/', words)",
        "regexMatch(words, 'a')",
        "sin(age) > 0",
        "nowhere == 1",
        "age = 5",
        "age >",
        "(age > 5",
        "age > 5)",
        "age 5",
        'words > "abc"',
        'day > "soon"',
        "rand(1, 6) == 6",
        "TOKEN:FIRSTNAME == 'Ana'",
        "self > 1",
        "that.many == 1",
        "'unclosed",
        "§",
        "age > 5; drop",
    ],
)
def test_what_cannot_be_said_is_reported_and_the_question_kept(relevance: str) -> None:
    assert translated(relevance) is None


# What LimeSurvey shows, by hand from its rules, for answers to the questions above.
@pytest.mark.parametrize(
    "relevance, answers, shown",
    [
        ('one != "1"', {}, True),
        ('one != "1"', {"one": "1"}, False),
        ("age < 5", {}, False),
        ("age <= 0", {}, True),
        ("age == 0", {}, False),
        ("age == 0", {"age": 0}, True),
        ("age > 5", {"age": 10}, True),
        ("one > 2", {"one": "10"}, True),
        ('one > "2"', {"one": "10"}, False),  # quoted: as texts
        ('grid_a != "3"', {"grid": {"b": "3"}}, True),
        ('hides == "Y" and hidden.NAOK != 3', {"hides": "N"}, False),
        ("hidden != 3", {"hides": "N", "hidden": 4}, False),
        ("hidden.NAOK != 3", {"hides": "N", "hidden": 3}, True),
        ("hidden != 3", {"hides": "Y"}, True),
        ("! age > 5", {"age": 1}, True),  # (!age) > 5 is lost, so it is asked of everybody
        ("many_a + 1 > 0", {}, True),  # lost, so asked of everybody
        ('many_other != ""', {"many": ["other"], "many_other": "x"}, True),
        ("count(that.many) == 2", {"many": ["a", "other"]}, True),
        ("sum(that.nums) > 4", {"nums": {"a": 5}}, True),
        ("nums_a + nums_b > 4", {"nums": {"a": 5}}, True),
    ],
)
def test_what_is_shown_agrees_with_limesurvey(
    relevance: str, answers: dict[str, Any], shown: bool
) -> None:
    asked = parse_definition(imported(relevance).document)
    assert route(asked, answers).shows("last") is shown


words = st.sampled_from(
    ["one", "many_a", "age", "words", "hidden", "nums_b", "that.many", "one.NAOK", "77X1X80",
     '"1"', "'Y'", "2", "0", '""', "==", "!=", "<", ">=", "and", "||", "!", "(", ")", "+", "-",
     "is_empty(", "count(", "sum(", ","]
)  # fmt: skip


@settings(max_examples=35, deadline=None)
@given(st.lists(words, max_size=12).map(" ".join))
def test_any_expression_is_carried_or_reported(relevance: str) -> None:
    result = imported(relevance)
    asked = parse_definition(result.document)
    route(asked, {"one": "1", "many": ["a"], "age": 5})
    lost = sum(loss.kind == "condition" for loss in result.lost)
    found = relevance.strip() not in ("", "1")
    assert result.conditions_found == 1 + found
    assert result.conditions_carried + lost == result.conditions_found
