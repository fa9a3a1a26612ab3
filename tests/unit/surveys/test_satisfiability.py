"""Conditions that can never hold are found, and never one that some answers make true."""

import itertools
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import Questionnaire, parse_definition
from surveys.errors import InvalidQuestionnaire
from surveys.language.satisfiability import certain_conditions, impossible_conditions
from surveys.routing import route
from surveys.validation import validate
from tests.questionnaires.build import document, matrix, options, question, questionnaire, single

BASIS: tuple[dict[str, Any], ...] = (
    single("one", "a", "b", other={"label": {"en": "Other"}}),
    question(
        "many", "multiple_choice", max_choices=2,
        options=[*options("a", "b", "c"), options("none")[0] | {"exclusive": True}],
    ),
    question("num", "number", minimum=0, maximum=10),
    question("age", "number", whole=True, minimum=0, maximum=3),
    question("grade", "rating", no_opinion={"en": "None"}),
    question("day", "date", minimum="2026-01-01", maximum="2026-12-31"),
    question("when", "quarter", minimum="2026-Q1", maximum="2027-Q4"),
    question("words"),
    question("agree", "consent", purpose="p", version="1"),
    matrix("grid", "r1 r2", "x y"),
    question("places", "ranking", options=options("x", "y")),
    question("if_b", show_if="one == 'b'"),
    question("double", "calculation", value="age * 2"),
    question("adult", "calculation", value="age >= 2", show_if="one == 'a'"),
    single("late", "k", "l", show_if="num > 5"),
)  # fmt: skip


def found(condition: str) -> list[tuple[str, str]]:
    return impossible_conditions(questionnaire(*BASIS, question("last", show_if=condition)))


@pytest.mark.parametrize(
    "condition, reason",
    [
        ("one == 'a' and one == 'b'", "one would have to be == "),
        ("one != 'a' and one != 'b' and one != 'other'", "one would have to be != 'a' and"),
        ("answered(one) and not (one == 'a' or one == 'b' or one == 'other')", "one would"),
        ("num > 10", "num would have to be > 10, and it is 0 to 10"),
        ("num < 3 and num > 7", "num would have to be"),
        ("num > 3 and num < 3", "num would have to be"),
        ("age > 2 and age < 3", "age would have to be"),
        ("num + age > 13", "num + age would have to be > 13"),
        ("-num > 0", "-num would"),
        ("day > '2026-12-31'", "day would have to be > '2026-12-31', and it is from 2026-01-01 to"),
        ("year(day) == 2026 and year(day) == 2027", "year(day) would"),
        ("when < '2026-Q1'", "when would have to be < '2026-Q1'"),
        ("'a' in many and not 'a' in many", "'a' would have to be chosen in many and not chosen"),
        ("'a' in many and 'none' in many", "'none' excludes the other options of many"),
        ("'a' in many and 'b' in many and 'c' in many", "at most 2 can be chosen in many"),
        ("count(many) > 2", "count(many) would have to be > 2, and it is 0 to 2"),
        ("'a' in many and count(many) == 0", "count(many) would have to be == 0"),
        ("count(many) < 0", "count(many) would"),
        ("words == ''", "words would have to be == ''"),
        ("words == 'x' and words == 'y'", "words would"),
        ("agree and not agree", "agree would have to be true and not true"),
        ("not answered(num) and num > 1", "num would have to be answered and not answered"),
        ("grid.r1 == 'x' and not answered(grid)", "grid would have to be answered"),
        ("grid.r1 == 'x' and grid.r1 == 'y'", "grid.r1 would"),
        ("grade > 5", "grade would have to be > 5, and it is 1 to 5"),
        ("grade == 1.5", "grade would"),
        ("rank(places, 'x') > 2", "rank(places, 'x') would"),
        ("contains(words, 'x') and not answered(words)", "words would have to be answered"),
        # What is needed to be asked counts as well, through any number of steps.
        ("answered(if_b) and one == 'a'", "one would have to be"),
        ("late == 'k' and num < 5", "num would have to be"),
        ("answered(late) and not answered(num)", "num would have to be answered"),
        ("shown(if_b) and one == 'a'", "one would have to be"),
        ("not shown(if_b) and one == 'b'", "one would have to be"),
        ("not shown(num)", "num is always asked"),
        ("shown(double)", "double is never drawn"),
        ("double > 6", "double would have to be > 6"),
        ("adult and age < 2", "age would have to be"),
        ("adult and one == 'b'", "one would have to be"),
        ("one_other == 'x' and one == 'a'", "one would have to be"),
        (
            "if(num > 5, one == 'a', false) and (num < 5 or one == 'b')",
            "num would have to be < 5 and > 5",
        ),
        ("1 > 2 and num > 1", "1 > 2 is never true"),
        (
            "(one == 'a' or one == 'b') and one == 'other'",
            "one would have to be == 'other' and == 'a'; or one would have to be == 'other' and",
        ),
    ],
)
def test_what_can_never_hold_is_found(condition: str, reason: str) -> None:
    [(path, why)] = found(condition)
    assert path == "sections[0].questions[15].show_if"
    assert why.startswith(f"can never hold: {reason}")


@pytest.mark.parametrize(
    "condition",
    [
        "false",
        "one == 'a' or one == 'b'",
        "not one == 'a' and not one == 'b' and not one == 'other'",
        "num >= 10",
        "not num > 3 and not num <= 3",
        "answered(grade) and not grade >= 1 and not grade < 1",
        "num > 2 and num < 2.5",
        "age > 1 and age < 3",
        "num + age >= 13",
        "num * 3 == 0.3",
        "day == '2026-12-31'",
        "'a' in many and 'b' in many",
        "count(many) == 2 and not 'a' in many",
        "(one == 'a') == (num > 5)",
        "contains(words, 'a') == contains(words, 'b')",
        "matches(words, '^x') and contains(words, 'y')",
        "not agree",
        "words == words",
        "one == 'other' and one_other == 'x'",
        "not shown(if_b)",
        "not adult and age > 2",
        "answered(adult)",
        "today() > '2030-01-01'",
        "shown(late) and late == 'l'",
        "sum(num, age) == 0",
        "min(num, 20) > 9",
        "round(num / 3, 1) == 3.3",
        "length(words) > 100",
        "if(one == 'a', num, 20) > 15",
    ],
)
def test_what_may_hold_is_not_called_impossible(condition: str) -> None:
    assert found(condition) == []


def test_every_place_of_a_condition_is_looked_at() -> None:
    never = "Q1 == 'a' and Q1 == 'b'"
    asked = questionnaire(
        single("Q1", "a", "b"),
        question("Q2", required_if=never, rules=[{"check": "Q2 == ''", "message": {"en": "?"}}]),
        question("Q3", "single_choice", options=[options("x")[0] | {"show_if": never}]),
        question(
            "Q4", "matrix", cell="text", rows=[options("x")[0] | {"show_if": never}],
            show_if="Q1 == 'a'",
        ),
        # Within what is never shown, that alone is said.
        question("Q5", show_if=never, required_if=never),
        question("Q6", show_if="false", required_if=never),
        # Possible by itself, impossible where it stands.
        question("Q7", show_if="Q1 == 'a'", required_if="Q1 == 'b'"),
    )  # fmt: skip
    assert [path for path, _ in impossible_conditions(asked)] == [
        "sections[0].questions[1].required_if",
        "sections[0].questions[1].rules[0].check",
        "sections[0].questions[2].options[0].show_if",
        "sections[0].questions[3].rows[0].show_if",
        "sections[0].questions[4].show_if",
        "sections[0].questions[6].required_if",
    ]


def test_sections_and_options_that_are_needed_count() -> None:
    two = document(single("Q1", "a", "b"))
    two["sections"].append(
        {
            "code": "second", "title": {"en": "Second"}, "show_if": "Q1 == 'a'",
            "questions": [
                question(
                    "Q2", "multiple_choice",
                    options=[options("x")[0] | {"show_if": "Q1 == 'b'"}, *options("y")],
                ),
                question("Q3", show_if="'x' in Q2"),
                question("Q4", show_if="Q1 == 'b'"),
            ],
        }
    )  # fmt: skip

    assert [path for path, _ in impossible_conditions(parse_definition(two))] == [
        "sections[1].questions[0].options[0].show_if",
        "sections[1].questions[1].show_if",
        "sections[1].questions[2].show_if",
    ]


def test_what_always_holds_is_found() -> None:
    def certain(condition: str) -> bool:
        return bool(
            certain_conditions(questionnaire(*BASIS[:10], question("last", show_if=condition)))
        )

    assert certain("one == 'a' or not one == 'a'")
    assert certain("count(many) <= 4")
    assert certain("shown(num)")
    assert certain("not num > 10")
    assert not certain("true")
    assert not certain("num <= 10")
    assert not certain("one == 'a' or one != 'a'")


ATOMS = [
    "A == 'x'", "A != 'x'", "A == 'y'", "answered(A)", "shown(B)", "'p' in B", "'q' in B",
    "count(B) > 1", "count(B) == 0", "C > 1", "C < 2", "C >= 0", "C == 1", "C != 1", "answered(C)",
    "answered(B)", "shown(C)", "D", "D == true", "C + count(B) > 3", "C * 2 == 2", "A == D2",
    "E > 2", "answered(E)", "E", "sum(C, E) > 2", "if(A == 'x', C, 1) > 1", "min(C, E) < 2",
    "number(F) > 1", "F == '1'", "rank(G, 'p') == 2", "contains(F, '2')", "(C > 1) == (A == 'x')",
]  # fmt: skip
ATOMS = [atom for atom in ATOMS if atom not in ("A == D2", "E")]
parts = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) and ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) or ({two[1]})"),
    ),
    max_leaves=4,
)
CHOICES: dict[str, list[Any]] = {
    "A": [None, "x", "y"],
    "B": [None, ["p"], ["q"], ["p", "q"], ["r"]],
    "C": [None, 0, 1, 2],
    "E": [None, 1, 3, "no_opinion"],
    "F": [None, "1", "2"],
    "G": [None, ["p"], ["q", "p"]],
}
EVERY_ANSWER = [
    {code: value for code, value in zip(CHOICES, values, strict=True) if value is not None}
    for values in itertools.product(*CHOICES.values())
]


def small(conditions: dict[str, str | None], last: str) -> Questionnaire:
    def asked(code: str, kind: str, **fields: Any) -> dict[str, Any]:
        rule = conditions.get(code)
        return question(code, kind, **fields) | ({"show_if": rule} if rule else {})

    return questionnaire(
        asked("A", "single_choice", options=options("x", "y")),
        asked(
            "B", "multiple_choice",
            options=[
                options("p")[0],
                options("q")[0] | ({"show_if": conditions["q"]} if "q" in conditions else {}),
                options("r")[0] | {"exclusive": True},
            ],
        ),
        asked("C", "number", minimum=0, maximum=2, whole=True),
        asked("D", "calculation", value="C > 0 or 'q' in B"),
        asked("E", "rating", minimum=1, maximum=3, no_opinion={"en": "None"}),
        asked("F", "single_choice", options=options("1", "2")),
        asked("G", "ranking", options=options("p", "q")),
        question("last", show_if=last),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from("ABCDEFGq"), parts, max_size=3),
    parts,
)
def test_no_condition_is_called_impossible_that_some_answers_make_true(
    conditions: dict[str, str | None], last: str
) -> None:
    try:
        asked = small(conditions, last)
    except InvalidQuestionnaire:
        return  # in circles
    dead = {path for path, _ in impossible_conditions(asked)}
    always = {path for path, _ in certain_conditions(asked)}
    if not dead and not always:
        return
    paths = {
        f"sections[0].questions[{index}].show_if": asked_one.code
        for index, asked_one in enumerate(asked.questions)
    } | {"sections[0].questions[1].options[1].show_if": "B#q"}
    for answers in EVERY_ANSWER:
        passed = route(asked, answers)._facts.passed
        for path in dead:
            assert paths[path] not in passed, answers
        for path in always - {"sections[0].questions[1].options[1].show_if"}:
            assert paths[path] in passed, answers


def test_the_answers_compared_with_are_valid() -> None:
    asked = small({}, "true")
    for answers in EVERY_ANSWER:
        assert validate(asked, answers, complete=False) == []


def test_the_search_is_bounded() -> None:
    wide = " and ".join(f"(Q{n} == 'a' or Q{n + 1} == 'b' or Q{n + 2} == 'a')" for n in range(60))
    asked = questionnaire(
        single("Q0", "a", "b"),
        *(
            single(f"Q{n}", "a", "b", show_if=f"Q{n - 1} == 'a' or not Q{n - 1} == 'b'")
            for n in range(1, 70)
        ),
        *(question(f"R{n}", show_if=f"{wide} and Q{n} == 'a' and Q{n} == 'b'") for n in range(20)),
    )  # fmt: skip
    begun = time.process_time()
    assert len(impossible_conditions(asked)) == 20
    certain_conditions(asked)
    assert time.process_time() - begun < 5
