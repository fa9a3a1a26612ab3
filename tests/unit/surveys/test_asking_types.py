"""The types of question that a consultation on a roadmap needs: what is allowed, what is kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import parse_definition
from surveys.errors import InvalidQuestionnaire
from surveys.questionnaire import Questionnaire
from surveys.validation import MESSAGES, reachable_answers, unreachable_codes, validate

FOLDER = Path(__file__).parents[2] / "questionnaires"
DOCUMENT = json.loads((FOLDER / "consulting.json").read_text("utf-8"))
ASKED = parse_definition(DOCUMENT)

FILE = {"sha256": "ab" * 32, "name": "paper.pdf", "media_type": "application/pdf", "size": 900_000}

GOOD: dict[str, list[Any]] = {
    "rate": [1, 7, "no_opinion"],
    "rank": [["c"], ["b", "a"]],
    "since": [1990, 2030],
    "due": ["2026-Q1", "2028-Q3"],
    "files": [[FILE], [FILE, FILE | {"media_type": "image/png", "name": "a.png"}]],
    "share": [{"x": 10}, {"x": 3, "y": 7}],
    "buy": [["lab", "pilot"], ["net"]],
    "agree": [True],
    "say": [{"s1": "agree"}, {"s2": "pass", "p_ABC123": "disagree"}],
    "prio": [{"M-1": 5}, {"M-1": "no_opinion", "M-2": 1}],
    "years": [
        {"M-1": {"likely": 2030}},
        {"M-1": {"earliest": 2027, "likely": 2028, "latest": 2030}, "M-2": {"never": True}},
    ],
    "ideas": [[{"title": "Open labs"}], [{"title": "A", "description": "B", "year": 2031}]],
    "links": [
        {"disputed": {"M-1>M-2": "They can go side by side."}},
        {"disputed": {"M-1>M-2": True}, "proposed": [{"from": "M-2", "to": "M-1", "kind": "SS"}]},
    ],
    "text": [{"p1": {"stance": "change", "text": "“shall” is too strong."}}],
}

BAD: list[tuple[str, Any, str, str]] = [
    ("rate", 0, "rate", "below_minimum"),
    ("rate", 8, "rate", "above_maximum"),
    ("rate", 2.5, "rate", "not_whole"),
    ("rate", True, "rate", "wrong_type"),
    ("rank", ["a", "b", "c"], "rank", "too_many"),
    ("rank", ["a", "a"], "rank", "repeated"),
    ("rank", ["z"], "rank", "unknown_option"),
    ("since", 1989, "since", "below_minimum"),
    ("since", "2020", "since", "wrong_type"),
    ("since", 2000.5, "since", "not_whole"),
    ("due", "2028-Q5", "due", "not_a_quarter"),
    ("due", "2025-Q4", "due", "before_minimum"),
    ("due", "2031-Q1", "due", "after_maximum"),
    ("files", "paper.pdf", "files", "wrong_type"),
    ("files", [FILE] * 3, "files", "too_many_files"),
    ("files", [FILE | {"size": 1_000_001}], "files", "file_too_large"),
    ("files", [FILE | {"media_type": "text/plain"}], "files", "file_kind"),
    ("files", [FILE | {"media_type": "text/html"}], "files", "file_kind"),
    ("files", [FILE | {"name": "../../etc/passwd"}], "files", "wrong_type"),
    ("files", [FILE | {"sha256": "../x"}], "files", "wrong_type"),
    ("files", [FILE | {"more": 1}], "files", "wrong_type"),
    ("share", {"x": 9}, "share", "points_total"),
    ("share", {"x": 11}, "share.x", "above_maximum"),
    ("share", {"x": -1, "y": 11}, "share.x", "below_minimum"),
    ("share", {"x": 4.5, "y": 5.5}, "share.x", "not_whole"),
    ("share", {"z": 10}, "share", "unknown_option"),
    ("share", [10], "share", "wrong_type"),
    ("buy", ["lab", "net"], "buy", "over_budget"),
    ("agree", "yes", "agree", "wrong_type"),
    ("agree", 1, "agree", "wrong_type"),
    ("say", {"s1": "maybe"}, "say.s1", "wrong_type"),
    ("say", {"s9": "agree"}, "say", "unknown_option"),
    ("say", {"p_../..": "agree"}, "say", "unknown_option"),
    ("prio", {"M-1": 6}, "prio.M-1", "wrong_type"),
    ("prio", {"M-1": True}, "prio.M-1", "wrong_type"),
    ("prio", {"M-9": 1}, "prio", "unknown_option"),
    ("years", {"M-1": {"likely": 2041}}, "years.M-1.likely", "above_maximum"),
    ("years", {"M-1": {"earliest": 2031, "likely": 2030}}, "years.M-1", "years_order"),
    ("years", {"M-1": {"earliest": 2031}}, "years.M-1", "likely_missing"),
    ("years", {"M-1": {"never": "yes"}}, "years.M-1.never", "wrong_type"),
    ("years", {"M-1": {"probably": 2030}}, "years.M-1", "unknown_field"),
    ("ideas", [{"description": "No title"}], "ideas.1", "title_missing"),
    ("ideas", [{"title": "A"}] * 3, "ideas", "too_many_entries"),
    ("ideas", [{"title": "A" * 201}], "ideas.1", "too_long"),
    ("ideas", [["A"]], "ideas.1", "wrong_type"),
    ("links", {"disputed": {"M-2>M-1": "x"}}, "links", "unknown_dependency"),
    ("links", {"proposed": [{"from": "M-1", "to": "M-1"}]}, "links.1", "same_milestone"),
    ("links", {"proposed": [{"from": "M-1"}]}, "links.1", "milestone_missing"),
    ("links", {"proposed": [{"from": "M-1", "to": "M-2", "kind": "XX"}]}, "links.1", "wrong_type"),
    ("links", {"agreed": {}, "disputed": {"M-1>M-2": True}}, "links", "unknown_field"),
    ("text", {"p1": {"text": "x" * 51}}, "text.p1", "too_long"),
    ("text", {"p1": {"stance": "maybe"}}, "text.p1", "wrong_type"),
    ("text", {"p9": {"text": "x"}}, "text", "unknown_option"),
]


@pytest.mark.parametrize(
    ("code", "answer"), [(code, answer) for code, answers in GOOD.items() for answer in answers]
)
def test_good_answers_are_allowed_and_kept_as_they_are(code: str, answer: Any) -> None:
    assert validate(ASKED, {code: answer}, complete=True) == []
    assert reachable_answers(ASKED, {code: answer}) == {code: answer}


@pytest.mark.parametrize(("code", "answer", "where", "message"), BAD)
def test_what_is_wrong_is_named(code: str, answer: Any, where: str, message: str) -> None:
    found = validate(ASKED, {code: answer}, complete=True)
    assert (where, f"answer.{message}") in {(p.code, p.message_code) for p in found}
    assert all(problem.message for problem in found)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("share", {"x": 4}),
        ("buy", ["lab", "net"]),
        ("years", {"M-1": {"earliest": 2030}}),
        ("ideas", [{"description": "Still thinking of a name"}]),
        ("links", {"proposed": [{"from": "M-1"}]}),
    ],
)
def test_a_draft_may_be_unfinished(code: str, answer: Any) -> None:
    assert validate(ASKED, {code: answer}, complete=False) == []


def test_answers_to_statements_that_were_not_accepted_are_left_out() -> None:
    answers = {"say": {"s1": "agree", "p_KNOWN": "pass", "p_GONE": "agree"}}
    kept = reachable_answers(ASKED, answers, statements={"say": {"p_KNOWN"}})
    assert kept == {"say": {"s1": "agree", "p_KNOWN": "pass"}}


def test_an_order_of_preference_is_kept_and_choices_come_in_the_order_of_the_options() -> None:
    kept = reachable_answers(ASKED, {"rank": ["c", "a"], "buy": ["pilot", "lab"]})
    assert kept == {"rank": ["c", "a"], "buy": ["lab", "pilot"]}


def test_the_document_comes_back_as_it_was() -> None:
    assert ASKED.as_document() == DOCUMENT


def changed(code: str, **fields: Any) -> Questionnaire:
    document = json.loads(json.dumps(DOCUMENT))
    for section in document["sections"]:
        for question in section["questions"]:
            if question["code"] == code:
                question.update(fields)
    return parse_definition(document)


@pytest.mark.parametrize(
    ("code", "fields", "path", "reason"),
    [
        ("rate", {"minimum": 5, "maximum": 5}, "maximum", "above the minimum"),
        ("rate", {"minimum": -10, "maximum": 10}, "maximum", "at most 11"),
        ("rank", {"min_choices": 4}, "min_choices", "fewer options"),
        ("due", {"minimum": "2026-13-01"}, "minimum", "not a quarter"),
        ("due", {"minimum": "2031-Q1"}, "maximum", "below the minimum"),
        ("since", {"minimum": 2031}, "maximum", "below the minimum"),
        ("agree", {"purpose": "Follow up!"}, "purpose", "letters a-z"),
        ("agree", {"version": " "}, "version", "1 to 40"),
        ("files", {"accept": ["pdf", "pdf"]}, "accept[1]", "twice"),
        ("say", {"options": [], "allow_own": False}, "options", "nothing to agree with"),
        ("say", {"options": [{"code": "p_x", "label": {"en": "X"}}]}, "options[0].code", "p_"),
        ("links", {"dependencies": [{"from": "M-1", "to": "M-9"}]}, "dependencies[0].to", "M-9"),
        ("links", {"dependencies": [{"from": "M-1", "to": "M-1"}]}, "dependencies[0].to", "is"),
        ("years", {"minimum": 2041}, "maximum", "below the minimum"),
        ("buy", {"options": [{"code": "a", "label": {"en": "A"}}]}, "options[0].cost", "missing"),
    ],
)
def test_a_question_that_does_not_hold_together_is_refused(
    code: str, fields: dict[str, Any], path: str, reason: str
) -> None:
    with pytest.raises(InvalidQuestionnaire) as refused:
        changed(code, **fields)
    assert any(p.endswith(path) and reason in r for p, r in refused.value.problems), (
        refused.value.problems
    )


KEYS = ["a", "lab", "s1", "p_A", "M-1", "M-1>M-2", "p1", "likely", "earliest", "never", "title",
        "proposed", "disputed", "from", "to", "x", "text", "sha256", "name", "size"]  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
    | st.sampled_from(["agree", "no_opinion", "FS", "2028-Q3", *KEYS]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(ASKED.by_code)), json_values, max_size=4))
def test_whatever_is_sent_is_judged_and_what_is_allowed_can_be_kept(
    answers: dict[str, Any],
) -> None:
    problems = []
    for complete in (False, True):
        problems = validate(ASKED, answers, complete=complete)
        assert all(problem.message_code in MESSAGES and problem.message for problem in problems)
    unreachable_codes(ASKED, answers)
    if not problems:
        kept = reachable_answers(ASKED, answers)
        assert json.loads(json.dumps(kept)) == kept
        assert not validate(ASKED, kept, complete=True)
        assert reachable_answers(ASKED, kept) == kept


def test_a_text_that_is_none_is_named_and_nothing_breaks_before() -> None:
    answers = {"ideas": [{"title": "\x00"}], "text": {"p1": {"text": "\ud800"}}}
    assert unreachable_codes(ASKED, answers) == []
    found = validate(ASKED, answers, complete=True)
    assert {problem.message_code for problem in found} == {"answer.bad_characters"}
