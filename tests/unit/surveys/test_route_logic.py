"""Options with conditions, calculations, what is required when, and rules."""

import gc
import weakref
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.errors import InvalidQuestionnaire
from surveys.routing import Route, route
from surveys.validation import reachable_answers, unreachable_codes, validate
from tests.questionnaires.build import matrix, multiple, options, question, questionnaire, single


def only_if(members: list[dict[str, Any]], **conditions: str) -> list[dict[str, Any]]:
    """Options or rows, some with conditions."""
    return [
        member | ({"show_if": conditions[member["code"]]} if member["code"] in conditions else {})
        for member in members
    ]


FILTERED = questionnaire(
    multiple("Q1", "a", "b", "c"),
    question(
        "Q2", "single_choice",
        options=only_if(options("a", "b", "none"), a="'a' in Q1", b="'b' in Q1"),
    ),
    question("Q3", show_if="Q2 == 'a'"),
    question("Q4", "ranking", options=only_if(options("a", "b"), a="'a' in Q1", b="'b' in Q1")),
    question("Q5", show_if="shown(Q4)"),
)  # fmt: skip


def test_options_are_offered_on_their_conditions() -> None:
    taken = route(FILTERED, {"Q1": ["a"]})
    assert taken.shows_option("Q2", "a")
    assert not taken.shows_option("Q2", "b")
    assert taken.shows_option("Q2", "none")
    assert taken.hidden_options == {"Q2#b", "Q4#b"}


def test_an_answer_with_an_option_that_is_not_offered_does_not_count() -> None:
    answers = {"Q1": ["a"], "Q2": "a", "Q4": ["b", "a"]}
    assert route(FILTERED, answers).shows("Q3")
    changed = answers | {"Q1": ["b"]}
    assert not route(FILTERED, changed).shows("Q3")
    assert validate(FILTERED, changed, complete=True) == []
    assert reachable_answers(FILTERED, changed) == {"Q1": ["b"], "Q4": ["b"]}
    assert unreachable_codes(FILTERED, changed) == ["Q2", "Q4"]


def test_a_question_with_nothing_left_to_choose_from_is_hidden() -> None:
    taken = route(FILTERED, {"Q1": ["c"]})
    assert taken.shown == ("Q1", "Q2")
    assert not taken.requires("Q4")
    assert route(FILTERED, {"Q1": ["b"]}).shown == ("Q1", "Q2", "Q4", "Q5")


def test_a_required_question_without_options_left_never_blocks() -> None:
    asked = questionnaire(
        single("Q1", "y", "n"),
        question(
            "Q2", "single_choice", required=True, options=only_if(options("a"), a="Q1 == 'y'")
        ),
    )
    assert validate(asked, {"Q1": "n"}, complete=True) == []
    assert [p.code for p in validate(asked, {"Q1": "y"}, complete=True)] == ["Q2"]


def test_columns_have_conditions_and_count_only_while_they_are_offered() -> None:
    asked = questionnaire(
        single("Q1", "y", "n"),
        matrix("grid", "r1 r2", "", "number",
               options=only_if(options("c1", "c2"), c1="Q1 == 'y'", c2="answered(Q1)")),
        question("total", "calculation", value="sum(grid)"),
        question("row", "calculation", value="grid.r1.c1 + 0"),
        question("all", "matrix", cell="single", rows=options("r1"),
                 options=only_if(options("x"), x="Q1 == 'y'")),
        question("last", show_if="shown(all.r1) or all.r1 == 'x'"),
    )  # fmt: skip
    cells = {"r1": {"c1": 5, "c2": 7}, "r2": {"c1": 1}}
    answers = {"grid": cells, "all": {"r1": "x"}}
    yes = route(asked, answers | {"Q1": "y"})
    assert yes.values == {"total": 13, "row": 5}
    assert {"all", "all.r1", "last"} <= set(yes.shown)
    nothing = route(asked, answers)
    assert nothing.values == {"total": 0}
    assert nothing.shown == ("Q1",)


def test_judged_options_have_conditions() -> None:
    asked = questionnaire(
        single("Q1", "y", "n"),
        question("points", "points", total=10, options=only_if(options("a", "b"), b="Q1 == 'y'")),
        question("total", "calculation", value="sum(points)"),
        question("b", show_if="points.b > 2"),
    )
    answers = {"points": {"a": 4, "b": 6, "zzz": 99}}
    assert route(asked, answers | {"Q1": "y"}).values == {"total": 10}
    assert route(asked, answers | {"Q1": "y"}).shows("b")
    assert route(asked, answers).values == {"total": 4}
    assert not route(asked, answers).shows("b")


def test_an_option_cannot_depend_on_its_own_question() -> None:
    with pytest.raises(InvalidQuestionnaire) as refused:
        questionnaire(
            question("Q1", "multiple_choice", options=only_if(options("a", "b"), b="'a' in Q1"))
        )
    assert "goes in a circle" in str(refused.value.problems)


CALCULATED = questionnaire(
    question("late", show_if="double > 10"),
    question("double", "calculation", value="Q1 * 2", show_if="Q1 > 1"),
    question("said", "calculation", value="join('Twice: ', double)", display="text",
             title={"en": "{{ said }}"}),
    question("young", "calculation", value="Q1 < 18"),
    question("Q1", "number"),
)  # fmt: skip


def test_calculations_are_made_in_the_order_of_their_needs() -> None:
    taken = route(CALCULATED, {"Q1": 8})
    assert taken.shown == ("late", "said", "Q1")
    assert taken.hidden == ("double", "young")
    assert taken.values == {"double": 16, "said": "Twice: 16", "young": True}
    assert taken.text(CALCULATED.by_code["said"].title, "en") == "Twice: 16"
    assert reachable_answers(CALCULATED, {"Q1": 8}) == {
        "double": 16, "said": "Twice: 16", "young": True, "Q1": 8,
    }  # fmt: skip


def test_a_hidden_calculation_has_no_value() -> None:
    taken = route(CALCULATED, {"Q1": 1, "double": 99})
    assert taken.values == {"said": "Twice: ", "young": True}
    assert not taken.shows("late")


def test_a_section_with_nothing_but_hidden_calculations_is_no_step() -> None:
    asked = questionnaire(question("c", "calculation", value="1"))
    assert route(asked, {}).sections == ()
    drawn = questionnaire(question("c", "calculation", value="1", display="text"))
    assert route(drawn, {}).sections == ("main",)


def test_what_is_required_depends_on_answers() -> None:
    asked = questionnaire(
        single("Q1", "y", "n"),
        question("Q2", required_if="Q1 == 'n'"),
        question("Q3", required=True, show_if="Q1 == 'y'"),
        # It may refer to its own answer, and to what follows.
        question("Q4", "number", required_if="not answered(Q2)"),
    )

    def required(answers: dict[str, Any]) -> list[str]:
        taken = route(asked, answers)
        return [code for code in ("Q1", "Q2", "Q3", "Q4") if taken.requires(code)]

    assert required({}) == ["Q4"]
    assert required({"Q1": "n"}) == ["Q2", "Q4"]
    assert required({"Q1": "y", "Q2": "x"}) == ["Q3"]
    assert [p.code for p in validate(asked, {"Q1": "n"}, complete=True)] == ["Q2", "Q4"]


RULED = questionnaire(
    question("low", "number"),
    question(
        "high", "number",
        rules=[
            {"check": "high > low", "message": {"en": "Enter more than {{ low }}.",
                                                "fr": "Plus que {{ low }}."}},
            {"check": "high < 100", "message": {"en": "Enter less than 100."}},
        ],
        show_if="low != 0",
    ),
    question("grade", "rating", no_opinion={"en": "None"},
             rules=[{"check": "not grade == 1", "message": {"en": "Why?"}}]),
    languages=["en", "fr"],
)  # fmt: skip


@pytest.mark.parametrize(
    "answers, broken",
    [
        ({}, []),
        ({"low": 5}, []),
        ({"low": 5, "high": 7}, []),
        ({"low": 5, "high": 3}, [("high", 0)]),
        ({"low": 500, "high": 300}, [("high", 0), ("high", 1)]),
        ({"low": 0, "high": -3}, []),
        # What cannot be compared is not true.
        ({"high": 3}, []),
        ({"grade": 1}, [("grade", 0)]),
        ({"grade": "no_opinion"}, []),
    ],
)
def test_rules_are_for_what_is_asked_and_answered(
    answers: dict[str, Any], broken: list[tuple[str, int]]
) -> None:
    assert list(route(RULED, answers).broken_rules) == broken


def test_messages_of_rules_are_filled_in() -> None:
    answers = {"low": 5, "high": 3}
    problems = validate(RULED, answers, complete=True, language="fr")
    assert [(problem.code, problem.message) for problem in problems] == [("high", "Plus que 5.")]
    assert validate(RULED, answers, complete=False) == []


def test_the_day_is_given_or_the_one_it_is() -> None:
    asked = questionnaire(
        question("Q1", "date"), question("Q2", show_if="days(Q1, today()) >= 365")
    )
    born = {"Q1": "2025-11-22"}
    assert route(asked, born, today=date(2026, 11, 22)).shows("Q2")
    assert not route(asked, born, today=date(2026, 11, 21)).shows("Q2")
    now = datetime.now(UTC).date()
    assert route(asked, {"Q1": now.replace(year=now.year - 2, day=1).isoformat()}).shows("Q2")


def test_routes_are_compared_by_what_is_asked() -> None:
    assert route(FILTERED, {"Q1": ["a"]}) == route(FILTERED, {"Q1": ["a"], "unknown": 1})
    assert isinstance(route(FILTERED, {}), Route)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["a", "b", "no_opinion", "agree", "2026-11-22", "2028-Q3"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "r1", "c1", "name", "disputed"]), inner)
    ),
    max_leaves=5,
)  # fmt: skip
LETTERS = only_if(options("a", "b"), b="answered(gate)")
TYPES = [
    "single_choice", "multiple_choice", "ranking", "points", "statements",
    "milestone_priorities", "milestone_years", "dependencies", "paragraph_comments",
]  # fmt: skip
EVERY = questionnaire(
    question("gate"),
    *(question(kind, kind, options=LETTERS) for kind in TYPES),
    question("budget", "budget", options=[o | {"cost": 5} for o in LETTERS], total=10),
    *(question(kind, kind) for kind in ("rating", "number", "date", "year", "quarter", "upload",
                                         "milestone_proposals")),
    question("consent", "consent", purpose="p", version="1"),
    matrix("matrix", "r1", "", "multiple", options=LETTERS),
    question("count", "calculation", value=f"count({', '.join([*TYPES, 'budget', 'rating'])}, "
             "number, date, year, quarter, upload, milestone_proposals, consent, matrix)"),
    question("text", title={"en": "{{ single_choice }}{{ multiple_choice }}{{ ranking }}{{ upload "
             "}}{{ points.a }}{{ statements.b }}{{ rating }}{{ date }}{{ quarter }}{{ matrix.r1 "
             "}}{{ spent(budget) }}{{ rank(ranking, 'b') }}"}),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(list(EVERY.by_code)), json_values))
def test_any_answers_have_a_route_and_texts(answers: dict[str, Any]) -> None:
    taken = route(EVERY, answers)
    assert not set(taken.shown) & set(taken.hidden)
    assert taken.values["count"] >= 0
    assert isinstance(taken.text(EVERY.by_code["text"].title, "en"), str)
    assert list(taken.broken_rules) == []


def test_what_was_made_ready_is_forgotten_with_its_questionnaire() -> None:
    asked = questionnaire(question("Q1"), question("Q2", title={"en": "{{ Q1 }}"}))
    route(asked, {"Q1": "x"}).text(asked.by_code["Q2"].title, "en")
    gone = weakref.ref(asked)
    del asked
    gc.collect()
    assert gone() is None
