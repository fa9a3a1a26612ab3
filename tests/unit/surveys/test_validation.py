"""Which answers are allowed, and what of them is kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import Questionnaire, parse_definition
from surveys.validation import MESSAGES, reachable_answers, unreachable_codes, validate
from tests.questionnaires.build import matrix, multiple, question, questionnaire, single

FOLDER = Path(__file__).parents[2] / "questionnaires"


def read(name: str) -> Questionnaire:
    return parse_definition(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


EVERY = read("every_type")
CONDITIONS = read("conditions")
GOOD: dict[str, Any] = {
    "Q1": "-oth-",
    "Q1_other": "Perhaps",
    "Q2": ["b", "a"],
    "Q3": {"r1": "5", "r2": "1"},
    "Q4": {"r1": ["ms", "eu"]},
    "Q5": {"r1": {"y2026": 10, "y2027": 0}},
    "Q6": {"name": "Ana", "mail": "ana@example.eu"},
    "Q7": 12.5,
    "Q8": "2026-11-22",
    "Q9": "Radio",
    "Q10": "Two\nlines",
}


def found(asked: Questionnaire, answers: dict[str, Any], *, complete: bool = True) -> list[Any]:
    problems = validate(asked, answers, complete=complete)
    assert all(problem.message for problem in problems)
    return [(problem.code, problem.message_code.removeprefix("answer.")) for problem in problems]


def test_good_answers_of_every_type_are_allowed() -> None:
    assert found(EVERY, GOOD) == []
    assert found(EVERY, GOOD, complete=False) == []


@pytest.mark.parametrize(
    "code, value, where, problem",
    [
        ("Q1", "maybe", "Q1", "unknown_option"),
        ("Q1", ["yes"], "Q1", "wrong_type"),
        ("Q1", 1, "Q1", "wrong_type"),
        ("Q2", "a", "Q2", "wrong_type"),
        ("Q2", ["a", "z"], "Q2", "unknown_option"),
        ("Q2", ["a", "a"], "Q2", "repeated"),
        ("Q2", [None], "Q2", "wrong_type"),
        ("Q2", ["a", "none"], "Q2", "exclusive"),
        ("Q2", ["a", "b", "none"], "Q2", "too_many"),
        ("Q3", {"r1": "3"}, "Q3.r1", "unknown_option"),
        ("Q3", {"r9": "1"}, "Q3.r9", "unknown_row"),
        ("Q3", "1", "Q3", "wrong_type"),
        ("Q4", {"r1": "eu"}, "Q4.r1", "wrong_type"),
        ("Q5", {"r1": 5}, "Q5.r1", "wrong_type"),
        ("Q5", {"r1": {"y1999": 5}}, "Q5.r1.y1999", "unknown_column"),
        ("Q5", {"r1": {"y2026": 1.5}}, "Q5.r1.y2026", "not_whole"),
        ("Q5", {"r1": {"y2026": 101}}, "Q5.r1.y2026", "above_maximum"),
        ("Q6", {"name": "x" * 101}, "Q6.name", "too_long"),
        ("Q7", "12", "Q7", "wrong_type"),
        ("Q7", True, "Q7", "wrong_type"),
        ("Q7", 0, "Q7", "below_minimum"),
        ("Q7", float("inf"), "Q7", "not_a_number"),
        ("Q7", float("nan"), "Q7", "not_a_number"),
        ("Q7", 10**400, "Q7", "not_a_number"),
        ("Q8", "22/11/2026", "Q8", "not_a_date"),
        ("Q8", "2026-02-30", "Q8", "not_a_date"),
        ("Q8", "2024-12-31", "Q8", "before_minimum"),
        ("Q8", "2028-01-01", "Q8", "after_maximum"),
        ("Q9", "x" * 21, "Q9", "too_long"),
        ("Q9", 5, "Q9", "wrong_type"),
        ("Q10", "x" * 2_000_000, "Q10", "too_long"),
        ("Q10", "a\x00b", "Q10", "bad_characters"),
        ("Q10", "a\udc00b", "Q10", "bad_characters"),
        ("Q1_other", "a\x00b", "Q1_other", "bad_characters"),
        ("T1", "x", "T1", "wrong_type"),
        ("Q99", "x", "Q99", "unknown_question"),
    ],
)
def test_what_is_not_allowed_is_named(code: str, value: Any, where: str, problem: str) -> None:
    assert (where, problem) in found(EVERY, GOOD | {code: value})
    assert (where, problem) in found(EVERY, GOOD | {code: value}, complete=False)


def test_a_draft_may_be_incomplete_and_a_submission_not() -> None:
    asked = questionnaire(
        single("Q1", "a", required=True, other={"label": {"en": "Other"}, "required": True}),
        multiple("Q2", "a", "b", min_choices=2),
        matrix("Q3", "r1 r2", "x", required=True),
        matrix("Q4", "r1", "c1 c2", "number", required=True),
    )
    started = {"Q1": "other", "Q2": ["a"], "Q3": {"r1": "x"}, "Q4": {"r1": {"c1": 0}}}
    assert found(asked, started, complete=False) == []
    assert found(asked, started) == [
        ("Q1_other", "other_required"),
        ("Q2", "too_few"),
        ("Q3.r2", "required"),
        ("Q4.r1.c2", "required"),
    ]
    assert found(asked, {}) == [("Q1", "required"), ("Q3", "required"), ("Q4", "required")]


@pytest.mark.parametrize("blank", [None, "", " \t\n", [], {}])
def test_a_blank_is_no_answer(blank: Any) -> None:
    asked = questionnaire(question("Q1", required=True))
    assert found(asked, {"Q1": blank}) == [("Q1", "required")]
    assert reachable_answers(asked, {"Q1": blank}) == {}


def test_a_required_question_that_is_not_shown_never_blocks() -> None:
    assert found(CONDITIONS, {"member": "no"}) == []
    assert found(CONDITIONS, {"member": "yes", "areas": ["radio"]}) == [("rating", "required")]
    one_row = {"member": "yes", "areas": ["radio"], "rating": {"radio": "high"}}
    assert found(CONDITIONS, one_row) == []


def test_answers_to_hidden_questions_are_checked_in_drafts_and_left_out_of_submissions() -> None:
    answers = {"member": "no", "years": "many"}
    assert found(CONDITIONS, answers, complete=False) == [("years", "wrong_type")]
    assert found(CONDITIONS, answers) == []
    assert reachable_answers(CONDITIONS, answers) == {"member": "no"}
    assert unreachable_codes(CONDITIONS, answers) == ["years"]


def test_rows_that_are_hidden_are_left_out() -> None:
    answers = {
        "member": "yes",
        "areas": ["cloud"],
        "rating": {"radio": "low", "cloud": "high"},
    }
    assert reachable_answers(CONDITIONS, answers)["rating"] == {"cloud": "high"}
    assert unreachable_codes(CONDITIONS, answers) == ["rating"]


def test_the_text_beside_other_is_kept_only_with_its_option() -> None:
    asked = questionnaire(single("Q1", "a", other={"label": {"en": "Other"}}))
    assert reachable_answers(asked, {"Q1": "other", "Q1_other": " mine "}) == {
        "Q1": "other",
        "Q1_other": "mine",
    }
    assert reachable_answers(asked, {"Q1": "a", "Q1_other": "mine"}) == {"Q1": "a"}


def test_what_is_kept_has_one_form() -> None:
    kept = reachable_answers(EVERY, GOOD | {"Q9": "Cafe\u0301", "Q10": "a\r\nb"})
    assert kept["Q2"] == ["a", "b"]
    assert kept["Q4"] == {"r1": ["eu", "ms"]}
    assert kept["Q9"] == "Caf\u00e9"
    assert kept["Q10"] == "a\nb"
    assert list(kept)[:3] == ["Q1", "Q1_other", "Q2"]
    assert reachable_answers(EVERY, kept) == kept


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["r1", "name", "y2026"]) | st.text(max_size=3), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from([*EVERY.by_code, "Q1_other", "x"]), json_values))
def test_any_answers_are_judged_and_what_is_allowed_can_be_kept(answers: dict[str, Any]) -> None:
    for complete in (True, False):
        problems = validate(EVERY, answers, complete=complete)
        assert all(problem.message_code in MESSAGES and problem.message for problem in problems)
    if not problems:
        kept = reachable_answers(EVERY, answers)
        assert json.loads(json.dumps(kept)) == kept
        assert not validate(EVERY, kept, complete=False)


def test_the_number_of_problems_reported_is_limited() -> None:
    answers = {f"unknown{number}": 1 for number in range(10_000)}
    assert len(validate(EVERY, answers, complete=False)) == 200
