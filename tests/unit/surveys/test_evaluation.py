"""What the functions of the expression language give, and which types they accept."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import Questionnaire
from surveys.errors import InvalidQuestionnaire
from surveys.language.evaluation import Kind, check_expression, type_of
from surveys.language.expression_types import _ARITY
from surveys.language.expressions import FUNCTIONS, parse_expression
from surveys.language.functions import COMPUTED
from surveys.routing import route
from surveys.scope import QuestionScope
from tests.questionnaires.build import matrix, multiple, options, question, questionnaire, single

TODAY = date(2026, 11, 22)
EVERYTHING: tuple[dict[str, Any], ...] = (
    single("one", "a", "b", other={"label": {"en": "Other"}}),
    single("two", "b", "c"),
    multiple("many", "a", "b", "c"),
    question("places", "ranking", options=options("x", "y", "z")),
    question(
        "items", "budget", total=100,
        options=[o | {"cost": c} for o, c in zip(options("p", "q"), (30, 12.5), strict=True)],
    ),
    question("points", "points", options=options("a", "b"), total=10),
    question("said", "statements", options=options("s1", "s2"), allow_own=True),
    question("levels", "milestone_priorities", options=options("m1", "m2")),
    question("grade", "rating", no_opinion={"en": "No opinion"}),
    question("num", "number"),
    question("num2", "number"),
    question("since", "year"),
    question("day", "date"),
    question("day2", "date"),
    question("when", "quarter"),
    question("words"),
    question("files", "upload", max_files=3),
    question("agree", "consent", purpose="news", version="1"),
    matrix("grid", "r1 r2", "x y"),
    matrix("cells", "r1 r2", "c1 c2", "number"),
    question("years", "milestone_years", options=options("m1", "m2")),
    question("ideas", "milestone_proposals"),
    question("links", "dependencies", options=options("m1", "m2")),
    question("remarks", "paragraph_comments", options=options("p1", "p2")),
    question("note", "information"),
)  # fmt: skip
ASKED = questionnaire(*EVERYTHING)
SCOPE = QuestionScope(ASKED.questions)
ANSWERS: dict[str, Any] = {
    "one": "a", "two": "c", "many": ["c", "a"], "places": ["z", "x"], "items": ["p", "q"],
    "points": {"a": 7, "b": 3}, "said": {"s1": "agree", "p_1": "pass"},
    "levels": {"m1": 5, "m2": "no_opinion"}, "grade": 4, "num": 2.5, "num2": -7, "since": 2028,
    "day": "2026-01-31", "day2": "2026-03-01", "when": "2028-Q3", "words": "Ärger über Netze",
    "files": [{"sha256": "0" * 64, "name": "a.pdf", "media_type": "application/pdf", "size": 3}],
    "agree": True, "grid": {"r1": "x"}, "cells": {"r1": {"c1": 4, "c2": 9}, "r2": {"c1": -1}},
    "years": {"m1": {"likely": 2030}, "m2": {"never": True}}, "ideas": [{"title": "More"}],
    "links": {"disputed": {"m1>m2": "No."}, "proposed": []},
    "remarks": {"p1": {"text": "Good"}, "p2": {"text": " "}},
}  # fmt: skip
_known: dict[str, Questionnaire] = {}


def value(expression: str, answers: dict[str, Any] | None = None) -> Any:
    """What a calculation with this expression gives; None where it gives nothing."""
    asked = _known.get(expression)
    if asked is None:
        calculation = question("calc", "calculation", value=expression)
        asked = _known[expression] = questionnaire(*EVERYTHING, calculation)
    return route(asked, ANSWERS if answers is None else answers, today=TODAY).values.get("calc")


def problems(expression: str) -> list[str]:
    return check_expression(parse_expression(expression), SCOPE)


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("if(one == 'a', num, num2)", 2.5),
        ("if(one == 'b', num, num2)", -7),
        ("if(answered(grade), 'rated', 'not')", "rated"),
        ("if(true, day, day2) == day", True),
        ("if(one == 'a', two, one)", "c"),
        ("min(num, num2, 3)", -7),
        ("max(num, cells)", 9),
        ("max(cells.r2)", -1),
        ("min(day, day2, '2026-02-01')", "2026-01-31"),
        ("max(when, '2029-Q1')", "2029-Q1"),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(num)", 3),
        ("round(1.005, 2)", 1.01),
        ("round(0.1 + 0.2, 1)", 0.3),
        ("round(2 / 3, 3)", 0.667),
        ("round(-0.4)", 0),
        ("floor(num2 / 2)", -4),
        ("ceil(num2 / 2)", -3),
        ("abs(num2)", 7),
        ("rank(places, 'z')", 1),
        ("rank(places, 'x')", 2),
        ("rank(places, 'y')", None),
        ("spent(items)", 42.5),
        ("label(one)", "Label a"),
        ("label(many)", "Label c, Label a"),
        ("join(one, ' and ', num, '!')", "Label a and 2.5!"),
        ("join(day, '; ', when)", "31 January 2026; Q3 2028"),
        ("lower(words)", "ärger über netze"),
        ("upper(words)", "ÄRGER ÜBER NETZE"),
        ("contains(words, 'über')", True),
        ("contains(words, 'x')", False),
        ("starts_with(words, 'Ä')", True),
        ("matches(words, 'r N')", True),
        ("matches(words, '^N')", False),
        ("matches(words, '(?i)^ärger')", True),
        ("year(day)", 2026),
        ("year(when)", 2028),
        ("days(day, day2)", 29),
        ("days(day2, day)", -29),
        ("days(today(), '2026-12-24')", 32),
        ("today() == '2026-11-22'", True),
        ("when == '2028-Q3' and when > '2028-Q2' and when < '2029-Q1'", True),
        ("points.a - points.b", 4),
        ("sum(points)", 10),
        ("count(said)", 2),
        ("said.s1 == 'agree'", True),
        ("answered(said.s2)", False),
        # No opinion is an answer without a value.
        ("answered(levels.m2) and count(levels) == 2 and sum(levels) == 5", True),
        ("levels.m2 > 0 or not levels.m2 <= 5", True),
        ("levels.m2 != 3", False),
        ("count(files)", 1),
        ("count(years) + count(ideas) + count(links) + count(remarks)", 5),
        ("answered(links)", True),
        ("agree", True),
        ("not agree", False),
        ("since + 2", 2030),
        ("-since", -2028),
        ("number(one)", None),
        # Beyond what canonical JSON has as whole numbers.
        ("since * 100000000000000 * 10", 2.028e18),
        ("1 / 0", None),
    ],
)
def test_a_function_gives(expression: str, expected: Any) -> None:
    assert value(expression) == expected
    assert type(value(expression)) is type(expected)


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("min(num, num2)", None),
        ("max(day, day2)", None),
        ("round(num, 1)", None),
        ("rank(places, 'x')", None),
        ("spent(items)", 0),
        ("label(one)", None),
        ("join(one, words)", None),
        ("join('a', one)", "a"),
        ("upper(words)", None),
        ("contains(words, 'x')", False),
        ("not contains(words, 'x')", True),
        ("matches(words, 'x')", False),
        ("year(day)", None),
        ("days(day, today())", None),
        ("agree", None),
        ("if(num > 2, 1, 2)", 2),
    ],
)
def test_what_is_not_answered_gives_nothing(expression: str, expected: Any) -> None:
    assert value(expression, {}) == expected


@pytest.mark.parametrize(
    "given, answered, counted, above",
    [(4, True, 1, True), ("no_opinion", True, 1, False), ("high", False, 0, False)],
)
def test_a_rating_without_opinion_is_answered_and_has_no_number(
    given: Any, answered: bool, counted: int, above: bool
) -> None:
    answers = {"grade": given}
    assert value("answered(grade)", answers) is answered
    assert value("count(grade)", answers) == counted
    assert value("grade >= 1", answers) is above


@pytest.mark.parametrize(
    "answers",
    [
        {"day": "2026-02-30", "when": "2028-Q5", "since": "2028", "files": ["a.pdf"]},
        {"agree": "yes", "points": [1], "said": "agree", "items": "p", "links": [], "years": []},
        {"levels": {"m1": "5", "m9": 3}, "ideas": {}, "remarks": "x", "grade": True},
    ],
)
def test_answers_of_a_wrong_form_count_as_none(answers: dict[str, Any]) -> None:
    counted = "count(day, when, since, files, agree, points, said, items, links, years, levels, "
    assert value(f"{counted} ideas, remarks, grade)", answers) == 0


@pytest.mark.parametrize(
    "expression, reason",
    [
        ("if(one, 1, 2)", "one is an option; expected true or false"),
        ("if(true, 1, 'x')", "expected one kind"),
        ("if(true, one, 'x')", "label(…) makes a text of an option"),
        ("if(true, 1)", "if(…) takes three arguments"),
        ("if(true, many, many)", "gives a single value"),
        ("min(num, day)", "num is a number; expected a date"),
        ("min(words)", "min(…) cannot take a text, words"),
        ("round(words)", "words is a text; expected a number"),
        ("round(num, 11)", "round(…) keeps 0 to 10 decimals, not 11"),
        ("round(num, num)", "round(…) keeps 0 to 10 decimals, not num"),
        ("round(num, true)", "round(…) keeps 0 to 10 decimals, not true"),
        ("rank(many, 'a')", "rank(…) takes a ranking, and many has no order"),
        ("rank(places, 'a')", "places has no option 'a'"),
        ("rank(places)", "rank(…) takes two arguments"),
        ("spent(many)", "spent(…) takes a budget, and many has no costs"),
        ("label(words)", "words is a text; expected an option or a list of options"),
        ("join(grid)", "grid is a whole matrix and cannot be said in a text"),
        ("join(agree)", "if(…, 'yes', 'no') says it"),
        ("lower(num)", "lower(…) cannot take a number, num"),
        ("contains(num, 'x')", "contains(…) cannot take a number, num"),
        ("matches(words, one)", "matches(…) needs its pattern written out as a text, not one"),
        ("matches(words, 'a(?=b)')", "is not a pattern: invalid perl operator"),
        ("matches(words, '(a')", "is not a pattern: missing )"),
        ("matches(words, '((a{999}){999}){999}')", "is not a pattern"),
        ("year(words)", "words is a text; expected a date or a quarter"),
        ("year('2026')", "'2026' is not a date such as '2026-11-22'"),
        ("days(day, '2026-13-01')", "'2026-13-01' is not a date"),
        ("today(1)", "today(…) takes no arguments"),
        ("when > '2026-11-22'", "'2026-11-22' is not a quarter such as '2026-Q4'"),
        ("when > day", "cannot compare a quarter with a date"),
        ("said.s1 == 'yes'", "said.s1 has no option 'yes'"),
        ("points.c > 1", "points has nothing called c"),
        ("years == 1", "cannot compare a list of entries"),
        ("many", "many is a list of options; expected a single value"),
        ("count(note)", "note is an information text and has no answer"),
    ],
)
def test_what_does_not_fit_is_refused(expression: str, reason: str) -> None:
    assert reason in "\n".join(problems(expression))


def test_types_are_found_from_the_leaves_up() -> None:
    def kind(expression: str) -> Kind | None:
        found = type_of(parse_expression(expression), SCOPE)
        return found.kind if found is not None else None

    assert kind("if(true, one, two)") == Kind.OPTION
    assert type_of(parse_expression("if(true, one, two)"), SCOPE).codes == set("abc") | {"other"}
    assert kind("max(day, '2026-01-01')") == Kind.DATE
    assert kind("join(one)") == Kind.TEXT
    assert kind("nowhere") is None


def test_every_function_has_types_and_a_meaning() -> None:
    beyond_values = {"answered", "count", "if", "join", "label", "shown", "spent", "today"}
    assert set(_ARITY) == set(FUNCTIONS)
    assert set(COMPUTED) | beyond_values == set(FUNCTIONS)


def test_deeply_nested_functions_are_checked_in_no_time() -> None:
    for function in ("min({}, 1)", "if({} > 1, 1, 2)", "round({})", "count({} > 1, true)"):
        expression = "num"
        for _ in range(12):
            expression = function.format(expression)
        assert problems(expression) == []
    deep = "min(" * 55 + "words" + ")" * 55
    assert problems(deep) == ["min(…) cannot take a text, words"]


def test_a_pattern_that_would_take_others_forever_takes_no_time() -> None:
    assert value("matches(words, '^(a+)+$')", {"words": "a" * 20_000 + "!"}) is False
    assert value("matches(words, 'a')", {"words": "\ud800a"}) is False


def test_calculations_of_calculations_stop_growing() -> None:
    doubling = [question("c0", "calculation", value="'0123456789'")]
    doubling += [
        question(f"c{n}", "calculation", value=f"join(c{n - 1}, c{n - 1})") for n in range(1, 60)
    ]
    taken = route(questionnaire(*doubling), {})
    assert len(taken.values["c59"]) == 50_000


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e15, 1e15).filter(lambda x: abs(x) > 1e-9), st.integers(0, 10))
def test_rounding_is_to_the_nearest(number: float, digits: int) -> None:
    rounded = value(f"round(num, {digits})", {"num": number})
    assert abs(rounded - number) <= 0.5 * 10**-digits * (1 + 1e-6) + abs(number) * 1e-15


def test_a_calculation_needs_a_single_value() -> None:
    with pytest.raises(InvalidQuestionnaire) as refused:
        questionnaire(*EVERYTHING, question("calc", "calculation", value="many"))
    assert refused.value.problems == [
        ("sections[0].questions[25].value", "many is a list of options; expected a single value")
    ]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_thousand_calculations_may_lean_on_each_other(backwards: bool) -> None:
    chain = [question("c0", "calculation", value="1")]
    chain += [question(f"c{n}", "calculation", value=f"c{n - 1} + 1") for n in range(1, 999)]
    said = question("last", title={"en": "{{ c998 }}"})
    asked = questionnaire(*(reversed(chain) if backwards else chain), said)
    taken = route(asked, {})
    assert taken.values["c998"] == 999
    assert taken.text(asked.by_code["last"].title, "en") == "999"


@pytest.mark.parametrize(
    "values, reason",
    [
        (("c2 + 1", "c1 + 1"), "goes in a circle: c1 needs c2 needs c1"),
        (("c2", "c1"), "has no value of a known type, or needs its own value"),
        (("c1", "1"), "c1 has no value of a known type, or needs its own value"),
    ],
)
def test_calculations_in_a_circle_are_refused(values: tuple[str, str], reason: str) -> None:
    with pytest.raises(InvalidQuestionnaire) as refused:
        questionnaire(*(question(f"c{n}", "calculation", value=v) for n, v in enumerate(values, 1)))
    assert reason in str(refused.value.problems)


def test_a_thousand_options_of_calculations_are_said() -> None:
    chain = [single("c0", "x", "y")]
    chain += [
        question(f"c{n}", "calculation", value=f"if(true, c{n - 1}, c{n - 1})")
        for n in range(1, 500)
    ]
    asked = questionnaire(*reversed(chain), question("last", title={"en": "{{ c499 }}"}))
    taken = route(asked, {"c0": "y"})
    assert taken.values["c499"] == "y"
    assert taken.text(asked.by_code["last"].title, "en") == "Label y"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("sqrt(num)", 3.0),
        ("power(num, 0.5)", 3.0),
        ("power(num, 2)", 81.0),
        ("exp(num - 9)", 1.0),
        ("log(exp(num))", 9.0),
        ("sqrt(0 - num)", None),
        ("log(num - 9)", None),
        ("power(0 - num, 0.5)", None),
        ("power(num, 1000)", None),
    ],
)
def test_a_function_that_has_no_value_gives_none(source: str, expected: float | None) -> None:
    assert value(source, {"num": 9}) == expected
    assert value(source, {}) is None
