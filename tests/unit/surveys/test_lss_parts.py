"""LimeSurvey exports: what an expression may say of its own question (``self``, ``this``), and what
the file says once for all languages."""

import time
from typing import Any

import pytest

from surveys.definition import parse_definition
from surveys.formats.imported import ImportedQuestionnaire
from surveys.formats.lss.names import Names
from surveys.formats.lss.reading import read_lss
from surveys.routing import route
from surveys.validation import validate
from tests.questionnaires.lss_writer import G, Q, lss

SUBS = {"a": "Apples", "b": "Bread"}
GRID = {("r1", 0): "R1", ("r2", 0): "R2", ("c1", 1): "C1", ("c2", 1): "C2"}
TICKED = {"multiflexible_checkbox": "1"}


def imported(*questions: Q, **fields: Any) -> ImportedQuestionnaire:
    result = read_lss(lss(G(list(questions)), **fields))
    parse_definition(result.document)
    return result


def said(question: Q, answers: dict[str, Any], *before: Q) -> str:
    """The title of the last question as it is shown."""
    result = imported(*before, question)
    survey = parse_definition(result.document)
    *_, last = survey.questions
    assert not [loss for loss in result.lost if "shown as written" in loss.why], result.lost
    return route(survey, answers).text(last.title, "en")


def test_a_row_may_depend_on_another_row_of_its_question() -> None:
    nums = Q("nums", "K", subs=SUBS, sub_relevance={"b": "self.sq_a > 5"})
    result = imported(nums)
    survey = parse_definition(result.document)
    assert result.conditions_carried == result.conditions_found == 1
    assert not route(survey, {"nums": {"a": 5}}).shows("nums.b")
    assert route(survey, {"nums": {"a": 6}}).shows("nums.b")


@pytest.mark.parametrize(
    "title, expected",
    [
        ("{count(self)}", "2"),
        ("{sum(self.NAOK)}", "7"),
        ("{sum(self.sq_b)}", "4"),
        ("{sum(self.nosq_b)}", "3"),
        ("{sum(self.sq_a.sq_b)}", "7"),
    ],
)
def test_a_text_may_say_what_its_question_was_answered(title: str, expected: str) -> None:
    assert said(Q("nums", "K", title, subs=SUBS), {"nums": {"a": 3, "b": 4}}) == expected


def test_self_holds_the_comments_beside_ticks_too() -> None:
    rule = {"em_validation_q": "count(self.comments) >= 1"}
    survey = parse_definition(imported(Q("q", "P", subs=SUBS, attributes=rule)).document)
    assert validate(survey, {"q": ["a"]}, complete=True, language="en")
    assert not validate(survey, {"q": ["a"], "q_comment": {"a": "x"}}, complete=True, language="en")


def test_this_in_a_rule_for_the_question_is_each_of_its_parts() -> None:
    rule = {"em_validation_q": "this / 2 == floor(this / 2)"}
    survey = parse_definition(imported(Q("q", "K", subs=SUBS, attributes=rule)).document)
    assert not validate(survey, {"q": {"a": 2, "b": 4}}, complete=True, language="en")
    assert validate(survey, {"q": {"a": 2, "b": 3}}, complete=True, language="en")


def test_ticks_of_an_array_are_added_up_as_ones() -> None:
    ticks = Q("t", ":", subs=GRID, attributes=TICKED)
    shown = Q("i", "X", "{sum(t_r1_c1, t_r1_c2, t_r2_c1)}")
    assert said(shown, {"t": {"r1": ["c1", "c2"]}}, ticks) == "2"


def test_the_relevance_of_a_column_is_none_as_in_limesurvey() -> None:
    grid = Q("g", ";", subs=GRID, sub_relevance={"c1": "c1", "r2": "g_r1_c1 != ''"})
    result = imported(grid)
    assert (result.conditions_found, result.conditions_carried) == (1, 1)
    [loss] = [loss for loss in result.lost if "sub-question c1" in loss.path]
    assert "does not apply it to a column" in loss.why


def test_a_tip_that_is_said_once_is_said_in_the_first_language() -> None:
    tip = {"em_validation_q": "count(self) > 1", "em_validation_q_tip": "At least two, {name}!"}
    result = imported(
        Q("name", "S"), Q("q", "K", subs=SUBS, attributes=tip), languages=("de", "en")
    )
    [rule] = result.document["sections"][0]["questions"][1]["rules"]
    assert rule["message"] == {"de": "At least two, {{ name }}!"}
    assert not [loss for loss in result.lost if "tip" in loss.path]


def test_empty_braces_are_no_expression() -> None:
    assert said(Q("i", "X", "a {} b"), {}) == "a {} b"


def test_a_text_that_is_always_empty_is_no_missing_text() -> None:
    assert said(Q("i", "X", "{if(1 > 2, 'a', '')}"), {}) == ""
    assert said(Q("i", "X", "{'' and ''}"), {}) == ""


def test_the_help_of_a_question_can_be_said_elsewhere() -> None:
    before = Q("q", "S", help="Your <b>full</b> name")
    assert said(Q("i", "X", "{q.help}"), {}, before) == "Your full name"


def test_an_information_text_has_an_empty_answer() -> None:
    assert said(Q("i", "X", "({x}{x.NAOK})"), {}, Q("x", "X", "Read this")) == "()"
    survey = parse_definition(
        imported(Q("x", "X", "Read"), Q("q", "S", relevance="is_empty(x)")).document
    )
    assert route(survey, {}).shows("q")


def test_files_are_counted_by_code_and_by_number() -> None:
    before = Q("f", "|")
    assert said(Q("i", "X", "{f_filecount} {77X1X10_filecount}"), {}, before) == "0 0"


@pytest.mark.parametrize("latest", ["now", '"now"', "'today'", "today"])
def test_a_date_may_end_today(latest: str) -> None:
    day = Q("d", "D", attributes={"date_max": latest})
    [rule] = imported(day).document["sections"][0]["questions"][0]["rules"]
    assert rule["check"] == "not d > today()"


def test_a_question_with_too_many_parts_is_lost_alone() -> None:
    towns = {f"t{number}": "Town" for number in range(1_001)}
    result = imported(
        Q("n", "N"), Q("town", "L", answers=towns), Q("many", "M", subs=towns),
        Q("q", "S", relevance="town == 't1'"),
    )  # fmt: skip
    why = {loss.path: loss.why for loss in result.lost}
    assert why["group 1/question town"] == "It has more than 1,000 answers."
    assert why["group 1/question many"] == "It has more than 1,000 sub-questions."
    assert "town" in why["group 1/question q/relevance"]


@pytest.mark.parametrize("attribute", ["em_validation_q", "em_validation_sq", "max_num_value"])
def test_an_expression_without_end_is_refused_at_once(attribute: str) -> None:
    endless = "a > 1 and " * 200_000 + "a > 2"
    start = time.perf_counter()
    result = imported(Q("a", "N", attributes={attribute: endless}), Q("b", "S", relevance=endless))
    assert time.perf_counter() - start < 2
    assert [loss.why for loss in result.lost if "65,535" in loss.why]
    assert result.conditions_carried == 0


def test_thousands_of_one_code_are_numbered_in_no_time() -> None:
    start = time.perf_counter()
    assert len(set(Names().free_all(["a b"] * 20_000))) == 20_000
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("field, value", [("{TOKEN:NAME}", "x"), ("77X1X10", "{TOKEN:NAME}")])
def test_a_condition_on_the_person_invited_is_listed_as_one(field: str, value: str) -> None:
    result = imported(Q("a", "S"), Q("b", "S", conditions=[("10", field, "==", value, "1")]))
    [loss] = [loss for loss in result.lost if loss.kind == "condition"]
    assert "the person invited" in loss.why


def test_a_question_without_its_group_is_lost_and_the_rest_is_read() -> None:
    data = lss(G([Q("a", "N"), Q("stray", "N"), Q("b", "S", relevance="stray > 1")]))
    named = b"<type><![CDATA[N]]></type><title><![CDATA[stray]]></title>"
    assert data.count(b"<gid><![CDATA[1]]></gid>" + named) == 1
    result = read_lss(data.replace(b"<gid><![CDATA[1]]></gid>" + named, b"<gid>9</gid>" + named))
    why = {loss.path: (loss.kind, loss.why) for loss in result.lost}
    assert result.questions == 3
    assert why["question stray"] == ("question", "It lies in a group that the file does not hold.")
    assert "no answer named “stray”" in why["group 1/question b/relevance"][1]
