"""Which questions are asked, and what conditions mean."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import parse_definition
from surveys.language.expressions import parse_expression
from surveys.routing import route
from tests.questionnaires.build import matrix, multiple, options, question, questionnaire, single

FOLDER = Path(__file__).parents[2] / "questionnaires"
CONDITIONS = parse_definition(json.loads((FOLDER / "conditions.json").read_text("utf-8")))


def holds(condition: str, answers: dict[str, Any]) -> bool:
    """Whether a question with this condition is asked, beside one of every type."""
    asked = questionnaire(
        single("one", "1", "2", "10", other={"label": {"en": "Other"}}),
        multiple("many", "a", "b", "c"),
        matrix("grid", "r1 r2", "x y"),
        matrix("ticks", "r1 r2", "x y", "multiple"),
        matrix("cells", "r1 r2", "c1 c2", "number"),
        question("day", "date"),
        question("age", "number"),
        question("weight", "number"),
        question("words"),
        question("last", show_if=condition),
    )
    return route(asked, answers).shows("last")


@pytest.mark.parametrize(
    "condition, answers, expected",
    [
        ("one == '1'", {"one": "1"}, True),
        ("one == '1'", {"one": "2"}, False),
        ("one != '1'", {"one": "2"}, True),
        # Nothing compares with what was not answered, not even "is not".
        ("one != '1'", {}, False),
        ("not one == '1'", {}, True),
        ("answered(one)", {"one": ""}, False),
        ("answered(words)", {"words": " \n"}, False),
        ("answered(words)", {"words": "x"}, True),
        ("number(one) > 2", {"one": "10"}, True),
        ("number(words) == 1.5", {"words": " 1,5 "}, True),
        ("number(words) == 1.5", {"words": "one and a half"}, False),
        ("'a' in many", {"many": ["b", "a"]}, True),
        ("'a' in many", {}, False),
        ("not 'a' in many", {}, True),
        ("one in many", {"one": "1", "many": ["a"]}, False),
        ("count(many) >= 2", {"many": ["a", "b"]}, True),
        ("count(many, age, one == '1') == 3", {"many": ["a"], "age": 0, "one": "1"}, True),
        ("count(grid) == 1", {"grid": {"r1": "x", "r2": None}}, True),
        ("grid.r1 == 'x'", {"grid": {"r1": "x"}}, True),
        ("grid.r1 == grid.r2", {"grid": {"r1": "x", "r2": "x"}}, True),
        ("'y' in ticks.r2", {"ticks": {"r2": ["x", "y"]}}, True),
        ("cells.r1.c2 == 7", {"cells": {"r1": {"c2": 7}}}, True),
        ("sum(cells) == 10", {"cells": {"r1": {"c1": 1, "c2": 2}, "r2": {"c1": 7}}}, True),
        ("sum(cells.r1, age) == 4", {"cells": {"r1": {"c1": 1}}, "age": 3}, True),
        ("sum(age) == 0", {}, True),
        ("day >= '2026-01-01'", {"day": "2026-11-22"}, True),
        ("day >= '2026-01-01'", {"day": "2026-13-45"}, False),
        ("age + 1 > weight / 2", {"age": 10, "weight": 20}, True),
        ("age / 0 > 1", {"age": 10}, False),
        ("age / 0 != 1", {"age": 10}, False),
        ("age == 0.1 + 0.2 - 0.2", {"age": 0.1}, True),
        ("-age < 0", {"age": 3}, True),
        ("age > 5", {"age": True}, False),
        ("age > 5", {"age": "6"}, False),
        ("age > 5", {"age": float("nan")}, False),
        ("age > 5", {"age": 10**400}, False),
        ("age * age * age * age > 1", {"age": 1e15}, True),
        ("length(words) > 2", {"words": "abc"}, True),
        ("length(words) == 0", {}, True),
        ("one_other == 'mine'", {"one": "other", "one_other": "mine"}, True),
        # The text counts only while its option is chosen.
        ("one_other == 'mine'", {"one": "1", "one_other": "mine"}, False),
        ("shown(one)", {}, True),
        ("true", {}, True),
        ("false or age > 1 and age < 3", {"age": 2}, True),
        # Answers of a wrong form count as none.
        ("'a' in many", {"many": "a"}, False),
        ("answered(many)", {"many": [1, None]}, False),
        ("answered(grid)", {"grid": ["x"]}, False),
        ("answered(cells)", {"cells": {"r1": 5}}, False),
    ],
)
def test_a_condition_means(condition: str, answers: dict[str, Any], expected: bool) -> None:
    assert holds(condition, answers) is expected


def test_nothing_answered_shows_what_is_unconditional() -> None:
    taken = route(CONDITIONS, {})
    assert taken.sections == ("start",)
    assert taken.shown == ("member",)
    assert taken.hidden == (
        "areas", "years", "rating", "rating.radio", "rating.cloud", "why", "veteran",
    )  # fmt: skip


def test_answers_open_sections_questions_and_rows() -> None:
    taken = route(
        CONDITIONS,
        {"member": "yes", "areas": ["cloud"], "rating": {"cloud": "low", "radio": "low"}},
    )
    assert taken.sections == ("start", "details")
    assert taken.shown == ("member", "areas", "years", "rating", "rating.cloud", "why")


def test_an_answer_to_a_hidden_question_does_not_count() -> None:
    before = {"member": "yes", "areas": ["radio"], "rating": {"radio": "low"}, "years": 20}
    assert "veteran" in route(CONDITIONS, before).shown
    assert route(CONDITIONS, before | {"member": "no"}).shown == ("member",)


def test_an_answer_in_a_hidden_row_does_not_count() -> None:
    answers = {"member": "yes", "areas": ["cloud"], "rating": {"radio": "low", "cloud": "high"}}
    assert not route(CONDITIONS, answers).shows("why")


def test_a_matrix_without_any_row_shown_is_hidden_with_its_section() -> None:
    read = questionnaire(
        question("note", show_if="shown(Q1)"),
        question(
            "Q1",
            "matrix",
            cell="text",
            rows=[options("r1")[0] | {"show_if": "false"}],
        ),
    )
    assert route(read, {"Q1": {"r1": "x"}}).shown == ()
    assert route(read, {}).sections == ()


def test_a_condition_on_a_later_question_works() -> None:
    read = questionnaire(question("Q1", show_if="Q2 == 'a'"), single("Q2", "a", "b"))
    assert route(read, {"Q2": "a"}).shown == ("Q1", "Q2")


CODES = [f"Q{number}" for number in range(6)]


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[str | None], dict[str, str]]:
    """Six yes-or-no questions, each perhaps asked on some others, and answers to them."""
    order = draw(st.permutations(range(6)))
    conditions: list[str | None] = [None] * 6
    for position, number in enumerate(order):
        earlier = [CODES[other] for other in order[:position]]
        if earlier and draw(st.booleans()):
            parts = draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(["{} == 'y'", "{} != 'y'", "not answered({})"]),
                        st.sampled_from(earlier),
                    ),
                    min_size=1,
                    max_size=3,
                )
            )
            joint = draw(st.sampled_from([" and ", " or "]))
            conditions[number] = joint.join(text.format(code) for text, code in parts)
    answers = draw(st.dictionaries(st.sampled_from(CODES), st.sampled_from("yn")))
    return conditions, answers


@settings(max_examples=60, deadline=None)
@given(chains())
def test_the_route_agrees_with_working_it_out_by_repetition(
    made: tuple[list[str | None], dict[str, str]],
) -> None:
    conditions, answers = made
    read = questionnaire(
        *(
            single(code, "y", "n", show_if=rule)
            for code, rule in zip(CODES, conditions, strict=True)
        )
    )
    # Slowly: hide and show until nothing changes; without circles this settles in six rounds.
    shown = set(CODES)
    for _ in range(7):
        counting = {code: answer for code, answer in answers.items() if code in shown}
        shown = {
            code
            for code, rule in zip(CODES, conditions, strict=True)
            if rule is None or slowly(rule, counting)
        }
    assert set(route(read, answers).shown) == shown


def slowly(rule: str, answers: dict[str, str]) -> bool:
    def one(test: str) -> bool:
        if test.startswith("not"):
            return test[len("not answered(") : -1] not in answers
        code, operator, _ = test.split()
        return code in answers and (answers[code] == "y") is (operator == "==")

    return any(all(one(test) for test in part.split(" and ")) for part in rule.split(" or "))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["radio", "cloud", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([*CONDITIONS.by_code, "x"]), json_values))
def test_any_answers_have_a_route(answers: dict[str, Any]) -> None:
    taken = route(CONDITIONS, answers)
    assert not set(taken.shown) & set(taken.hidden)
    assert len(taken.shown) + len(taken.hidden) == 8


def test_conditions_are_compiled_once_and_sixty_questions_take_well_under_a_millisecond() -> None:
    read = questionnaire(
        *(
            single(f"Q{n}", "a", "b", show_if=f"Q{n - 1} == 'a' or Q0 == 'b'" if n % 2 else None)
            for n in range(60)
        )
    )
    answers = {f"Q{n}": "a" for n in range(60)}
    route(read, answers)
    times = []
    for _ in range(20):
        begun = time.process_time()
        route(read, answers)
        times.append(time.process_time() - begun)
    assert min(times) < 0.001


def test_a_condition_written_by_hand_reads_as_documented() -> None:
    text = "Q1 == 'yes' and (Q2 >= 3 or 'a' in Q5) and not answered(Q7)"
    assert str(parse_expression(text)) == text
