"""Answers of several people to one page, brought together question by question."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from surveys.definition import parse_definition
from surveys.merging import UNANSWERED, digest_of, merge
from tests.every_question import ANSWERS, definition

QUESTIONNAIRE = parse_definition(definition())
QUESTIONS = [q for q in QUESTIONNAIRE.questions if q.is_answered]
ASKED = {q.code for q in QUESTIONS} | {
    f"{q.code}.{part.code}" for q in QUESTIONS for part in (*q.rows, *q.options)
}


def page(answers: dict[str, Any]) -> dict[str, str]:
    return {q.code: digest_of(q, answers, ASKED) for q in QUESTIONS}


def test_nobody_meets_who_answers_different_questions() -> None:
    read = page({})
    merged = merge(
        QUESTIONS, stored={"SHORT": "hers"}, given={"LONG": "his"}, read=read, asked=ASKED
    )
    assert merged.conflicts == ()
    assert merged.codes == {"LONG"}
    assert merged.answers == {"LONG": "his"}


def test_two_answers_to_one_question_are_a_conflict_and_neither_is_stored_over() -> None:
    read = page({"SHORT": "ours"})
    merged = merge(
        QUESTIONS, stored={"SHORT": "hers"}, given={"SHORT": "his"}, read=read, asked=ASKED
    )
    assert merged.conflicts == ("SHORT",)
    assert "SHORT" not in merged.codes


def test_the_same_answer_twice_is_none() -> None:
    merged = merge(
        QUESTIONS, stored={"NUM": 5}, given={"NUM": 5.0}, read=page({"NUM": 4}), asked=ASKED
    )
    assert merged.conflicts == ()


def test_taking_an_answer_away_counts_as_a_change() -> None:
    before = {"SHORT": "ours"}
    merged = merge(QUESTIONS, stored=before, given={}, read=page(before), asked=ASKED)
    assert merged.codes == {"SHORT"}
    assert merged.answers == {}


def test_the_text_beside_other_goes_with_its_question() -> None:
    read = page({"ONE": "other", "ONE_other": "Green"})
    stored = {"ONE": "other", "ONE_other": "Yellow"}
    merged = merge(
        QUESTIONS, stored=stored, given={"ONE": "other", "ONE_other": "Pink"}, read=read,
        asked=ASKED,
    )  # fmt: skip
    assert merged.conflicts == ("ONE",)


def test_rows_that_were_not_on_the_page_do_not_count() -> None:
    asked = ASKED - {"LINES.energy"}
    question = QUESTIONNAIRE.by_code["LINES"]
    one = {"LINES": {"speed": "fast", "energy": "low"}}
    other = {"LINES": {"speed": "fast", "energy": "high"}}
    assert digest_of(question, one, asked) == digest_of(question, other, asked)
    assert digest_of(question, {"LINES": {"energy": "x"}}, asked) == UNANSWERED


def test_line_ends_of_browsers_are_no_change() -> None:
    question = QUESTIONNAIRE.by_code["LONG"]
    assert digest_of(question, {"LONG": "a\nb"}, ASKED) == digest_of(
        question, {"LONG": "a\r\nb "}, ASKED
    )


@given(
    stored=st.sets(st.sampled_from(sorted(ANSWERS))),
    given_=st.sets(st.sampled_from(sorted(ANSWERS))),
)
def test_nothing_stored_is_lost_without_being_named(stored: set[str], given_: set[str]) -> None:
    was = {code: ANSWERS[code] for code in stored}
    mine = {code: ANSWERS[code] for code in given_}
    merged = merge(QUESTIONS, stored=was, given=mine, read={}, asked=ASKED)
    for code, answer in was.items():
        question = QUESTIONNAIRE.by_code.get(code) or QUESTIONNAIRE.by_other_code[code]
        kept = code not in merged.codes or merged.answers.get(code) == answer
        assert kept or question.code in merged.conflicts or code not in mine
