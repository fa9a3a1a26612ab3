"""An answer of every type is said in words, in the reader's language, whatever form it has."""

import random

import pytest
from flask_babel import force_locale

from app.answer_words import answer_lines
from core.audit import OPERATOR
from core.clock import utc_now
from core.text import LocalizedText
from surveys.definition import parse_definition
from surveys.questionnaire import DraftDependency, Option, Question
from surveys.statements import add_statement, moderate_statements
from tests.questionnaire_factory import open_consultation
from tests.random_answers import random_answers, random_definition

EN = LocalizedText.of
OPTIONS = (Option("a", EN("Alpha"), cost=10), Option("b", EN("Beta"), cost=5.5))


def question(kind, **fields):
    return Question(code="Q", type=kind, title=EN("Q?"), **({"options": OPTIONS} | fields))


@pytest.fixture
def say(app):
    def say(kind, value, **fields):
        with app.test_request_context("/"):
            return answer_lines(question(kind, **fields), {"Q": value})

    return say


def test_each_type_has_its_words(say):
    assert say("ranking", ["b", "a"]) == ["1. Beta", "2. Alpha"]
    assert say("rating", 4, minimum=1, maximum=5, low=EN("bad")) == ["4 (1 = bad)"]
    assert say("rating", "no_opinion", no_opinion=EN("Cannot say")) == ["Cannot say"]
    assert say("points", {"a": 70, "b": 30}) == ["Alpha: 70", "Beta: 30"]
    assert say("budget", ["a", "b"], total=20.0, unit=EN("million euro")) == [
        "Alpha (10 million euro)", "Beta (5.5 million euro)",
        "Together: 15.5 million euro of 20 million euro",
    ]  # fmt: skip
    assert say("year", 2028) == ["2028"]
    assert say("quarter", "2028-Q3") == ["3rd quarter 2028"]
    assert say("consent", True) == ["I consent"]
    assert say("statements", {"a": "agree", "b": "pass"}) == ["Alpha – Agree", "Beta – Pass"]
    assert say("milestone_priorities", {"a": 5, "b": "no_opinion"}) == [
        "Alpha: 5 – essential", "Beta: No opinion",
    ]  # fmt: skip
    assert say("milestone_years", {"a": {"never": True}, "b": {"likely": 2030}}) == [
        "Alpha: never", "Beta: 2030",
    ]  # fmt: skip
    assert say("milestone_years", {"a": {"earliest": 2027, "likely": 2028, "latest": 2031}}) == [
        "Alpha: most likely 2028 (earliest 2027, latest 2031)"
    ]
    assert say("milestone_proposals", [{"title": "Ships", "year": 2031, "description": "x"}]) == [
        "Ships (2031): x"
    ]
    assert say(
        "dependencies",
        {"disputed": {"a>b": "no need"}, "proposed": [{"from": "b", "to": "a", "kind": "SS"}]},
        dependencies=(DraftDependency("a", "b"),),
    ) == ["Disputed: Alpha → Beta: no need", "Proposed: Beta → Alpha (SS)"]
    assert say("paragraph_comments", {"a": {"stance": "change", "text": "Shorter."}}) == [
        "“Alpha”: Change it – Shorter."
    ]
    assert say("upload", [{"name": "a.pdf", "size": 2_345_678}]) == ["a.pdf (2.3 MB)"]
    assert say("calculation", False) == ["No"]
    assert say("calculation", 1234.5) == ["1,234.5"]


def test_words_are_in_the_readers_language(app):
    with app.test_request_context("/?lang=fr"), force_locale("fr"):
        assert answer_lines(question("quarter"), {"Q": "2028-Q3"}) == ["3e trimestre 2028"]


def test_statements_that_people_added_are_said_even_after_they_were_rejected(app, web_session):
    now = utc_now()
    consultation = open_consultation(web_session, now)
    asked = question("statements", allow_own=True, max_own=3)
    statement = add_statement(
        web_session, consultation=consultation, question=asked, text="Buses for everyone",
        language="en", already=0, now=now,
    )  # fmt: skip
    for decision in ("accepted", "rejected"):
        moderate_statements(
            web_session, consultation=consultation, codes=[statement.code], decision=decision,
            reason="off topic", actor=OPERATOR, now=now,
        )  # fmt: skip
    web_session.commit()
    with app.test_request_context("/"):
        answers = {"Q": {statement.code: "agree", "p_000000000000": "pass"}}
        assert answer_lines(asked, answers) == [
            "Buses for everyone – Agree", "p_000000000000 – Pass",
        ]  # fmt: skip


def test_an_answer_of_an_odd_form_is_shown_as_it_is(say):
    kinds = (
        "ranking", "points", "budget", "statements", "milestone_years", "dependencies", "upload",
        "milestone_proposals", "paragraph_comments", "rating", "matrix",
    )  # fmt: skip
    for kind in kinds:
        for odd in ("x", 7, ["x"], {"x": "y"}, {"x": {"y": 1}}, [{"x": 1}], {"disputed": [1]}):
            assert isinstance(say(kind, odd), list)


def test_no_answer_says_nothing(say):
    for empty in (None, "", [], {}):
        assert say("points", empty) == []


def test_random_answers_to_everything_can_be_said(app):
    chance = random.Random(5)
    questionnaire = parse_definition(random_definition(chance))
    with app.test_request_context("/"):
        for _ in range(30):
            answers = random_answers(chance, questionnaire.questions)
            for asked in questionnaire.questions:
                assert all(isinstance(line, str) for line in answer_lines(asked, answers))
