"""Figures of evidence: known answers, hidden counts, and a recount of random questionnaires."""

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadmap.errors import InvalidEvidence
from roadmap.evidence.figures import (
    HIDDEN,
    Computation,
    Query,
    compute_entry,
    compute_query,
    recompute,
    rounded,
)
from roadmap.evidence.measures import agreement, consensus, quantile
from roadmap.evidence.reading import readings_of
from roadmap.evidence.rules import (
    RULES,
    get_rule,
    read_parameters,
    rules_for,
    say_parameters,
    write_parameter,
)
from surveys.counting.entries import entries_of
from surveys.counting.tally import count_responses
from surveys.definition import parse_definition
from surveys.profile import RESPONDENT_TYPES
from surveys.results import Results
from tests.evidence_recount import recount
from tests.random_answers import random_answers, random_definition

# Tastle & Wierman, and van der Eijk: published answers for these counts on a scale from 1 to 7.
SEVEN = [30, 40, 210, 130, 530, 50, 10]


def steps(counts: list[int]) -> list[tuple[Fraction, int]]:
    return [(Fraction(at), count) for at, count in enumerate(counts, start=1)]


def test_the_published_answers() -> None:
    assert consensus(steps(SEVEN)) == pytest.approx(0.7256876, abs=5e-8)
    assert agreement(SEVEN) == pytest.approx(0.6113333, abs=5e-8)


@pytest.mark.parametrize(
    ("counts", "close", "alike"),
    [([9, 0, 0, 0], 1, 1), ([4, 0, 0, 4], 0, -1), ([5, 5, 5, 5], None, 0), ([0, 3, 0], 1, 1)],
)
def test_where_agreement_ends(counts: list[int], close: float | None, alike: float) -> None:
    if close is not None:
        assert consensus(steps(counts)) == pytest.approx(close)
    assert agreement(counts) == pytest.approx(alike)


def test_nobody_and_no_scale_agree_on_nothing() -> None:
    assert consensus(steps([0, 0])) is None
    assert agreement([0, 0]) is None
    assert consensus(steps([5])) is None
    assert agreement([5]) is None
    assert quantile(steps([0, 0]), Fraction(1, 2)) is None


@given(st.lists(st.integers(0, 60), min_size=2, max_size=9).filter(any))
def test_agreement_is_the_same_read_backwards(counts: list[int]) -> None:
    assert agreement(counts) == agreement(counts[::-1])
    assert consensus(steps(counts)) == pytest.approx(consensus(steps(counts[::-1])), abs=1e-12)
    assert -1 <= (agreement(counts) or 0) <= 1
    assert -1e-9 <= (consensus(steps(counts)) or 0) <= 1


def entry(counts: list[int | None], answered: int | None) -> dict[str, Any]:
    options = [{"label": str(at), "count": count} for at, count in enumerate(counts)]
    return {"code": "Q", "type": "x", "title": "Q", "answered": answered, "options": options}


def test_a_hidden_count_hides_what_depends_on_it() -> None:
    shown = entry([10, None, None, 20], 36)
    scale = tuple((at, Fraction(at)) for at in range(1, 5))
    assert compute_entry(Computation("mean", values=scale), shown, {}) == HIDDEN
    assert compute_entry(Computation("share", options=(2,)), shown, {}) == HIDDEN
    assert compute_entry(Computation("share", options=(1,)), shown, {}) == (Fraction(10, 36), 36)
    assert compute_entry(Computation("rest", options=(1, 3)), shown, {}) == HIDDEN
    assert compute_entry(Computation("agreement", options=(1, 2)), shown, {}) == HIDDEN


def test_a_quantile_is_shown_where_hidden_people_cannot_move_it() -> None:
    scale = tuple((at, Fraction(2026 + at)) for at in range(1, 5))
    shown = entry([10, None, None, 20], 36)
    median = Computation("quantile", values=scale, at=Fraction(1, 2))
    assert compute_entry(median, shown, {}) == (2030, 36)
    third = Computation("quantile", values=scale, at=Fraction(2, 5))
    assert compute_entry(third, shown, {}) == HIDDEN
    spread = Computation("spread", values=scale)
    assert compute_entry(spread, shown, {}) == (3, 36)
    beside = Computation("quantile", values=scale[:2], at=Fraction(1, 2))
    assert compute_entry(beside, shown, {}) == HIDDEN  # n would not be known


def test_blending_is_the_mean_of_publics_however_many_they_are() -> None:
    document = {
        "questions": [entry([10, 30], 40)],
        "by": {
            "ngo": {"questions": [entry([10, 0], 10)]},
            "other": {"questions": [entry([0, 30], 30)]},
            "trade_union": {"questions": [entry([None, None], None)]},
        },
    }
    scale = Computation("mean", values=((1, Fraction(0)), (2, Fraction(1))))
    both = Query("c", "Q", ("ngo", "other"), scale, blended=True)
    assert compute_query(both, document) == (Fraction(1, 2), 40)
    assert compute_query(Query("c", "Q", ("all",), scale), document) == (Fraction(3, 4), 40)
    hidden = Query("c", "Q", ("ngo", "trade_union"), scale, blended=True)
    assert compute_query(hidden, document) == HIDDEN
    assert compute_query(Query("c", "Q", ("eu_citizen",), scale), document) == HIDDEN


@pytest.mark.parametrize("compute", ["", "median", "Mean"])
def test_an_unknown_computation_is_refused(compute: str) -> None:
    with pytest.raises(ValueError, match="no way to compute"):
        compute_entry(Computation(compute), entry([5], 5), {})


@pytest.mark.parametrize("text", ["", "consultation=c", "nonsense", "question=Q&public=all"])
def test_a_query_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        recompute({"query": text}, {"questions": [], "by": {}})


# --- rules -------------------------------------------------------------------------------------


def test_parameters_are_read_and_written_the_same() -> None:
    rule = get_rule("scale_mean")
    given_texts = {"subjects": "r1=A,r1=B,r2=A>B,C", "falling": "yes", "left_out": "x y"}
    read = read_parameters(rule, given_texts)
    assert read["subjects"] == {"r1": ["A", "B"], "r2": ["A>B"], "": ["C"]}
    assert read["formula"] == 1
    written = {name: write_parameter(read[name]) for name in rule.parameters}
    assert read_parameters(rule, written) == read
    assert say_parameters(read) == "subjects=r1=A,r1=B,r2=A>B,C falling=yes left_out=x,y"


@pytest.mark.parametrize(
    ("rule", "parameters", "where"),
    [
        ("year_distribution", {"consensus_at": "1.2"}, "consensus_at"),
        ("year_distribution", {"agreement_at": "much"}, "agreement_at"),
        ("priority", {"weights": "1"}, "parameter"),
        ("priority_equal_publics", {}, "publics"),
        ("priority_equal_publics", {"publics": "ngo"}, "publics"),
        ("priority_equal_publics", {"publics": "ngo,people"}, "publics"),
        ("scale_mean", {"falling": "perhaps"}, "falling"),
        ("scale_mean", {"subjects": "a=b=c"}, "subjects"),
        ("scale_mean", {"subjects": "A>B>C"}, "subjects"),
        ("vote", {"subjects": "=A"}, "subjects"),
    ],
)
def test_wrong_parameters_are_named(rule: str, parameters: dict[str, str], where: str) -> None:
    with pytest.raises(InvalidEvidence) as refused:
        read_parameters(get_rule(rule), parameters)
    assert refused.value.where == where


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(InvalidEvidence):
        get_rule("best_guess")


def test_every_rule_says_what_it_is() -> None:
    for name, rule in RULES.items():
        assert rule.name == name
        assert rule.words
        assert rule.figures
        assert rule.score is None or rule.score in rule.figures
    assert rules_for("milestone_priorities")[0].name == "priority"
    assert rules_for("dependencies")[0].name == "dependency_support"


# --- everything, on random questionnaires --------------------------------------------------------


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32))
def test_every_figure_of_any_questionnaire_can_be_recounted(seed: int) -> None:
    chance = random.Random(seed)
    questionnaire = parse_definition(random_definition(chance))
    entries = entries_of(questionnaire)
    types = chance.sample(RESPONDENT_TYPES, 3)
    weights = [8, 2, 1]
    responses = [
        (
            {"respondent_type": chance.choices([*types], weights)[0]},
            random_answers(chance, questionnaire.questions),
        )
        for _ in range(chance.choice([0, 7, 60, 150]))
    ]
    counts = count_responses(entries, responses)
    document = Results("c", entries, counts).public_document(by="respondent_type")
    document["proposed"] = {
        e.code: {"a>b:FS": 7} for e in entries if e.question.type == "dependencies"
    }
    subjects = {*"abcdefg", "r1", "r2", "M"} | {
        pair for question in questionnaire.questions for pair in question.dependency_codes
    }
    found = 0
    for question in questionnaire.questions:
        asked = [each for each in entries if each.question is question]
        if question.type == "matrix" and question.cell != "single":
            continue
        for rule in rules_for(question.type):
            whole = question.type in ("rating", "year", "quarter")
            parameters = {"subjects": {"": ["M"]} if whole else {}}
            for reading in readings_of(rule, asked, parameters, subjects, ["a>b:FS"]):
                if reading.computation.compute in ("agreement", "reached") and (
                    len(asked[0].options) > 20
                ):
                    continue  # the plain recount of triples takes too long
                publics = ["all"] if reading.whole_only else ["all", *document["by"]]
                for public in publics:
                    query = Query("c", reading.entry, (public,), reading.computation)
                    value = rounded(compute_query(query, document)[0])
                    row = {"query": str(query)}
                    assert Query.read(str(query)) == query
                    assert recompute(row, document) == value
                    expected = recount(row, document)
                    assert value == (
                        None if expected is None else pytest.approx(expected, abs=2e-6)
                    )
                    found += 1
                blended = Query("c", reading.entry, tuple(types[:2]), reading.computation, True)
                if reading.figure == "score_equal_publics":
                    again = recount({"query": str(blended)}, document)
                    value = rounded(compute_query(blended, document)[0])
                    assert value == (None if again is None else pytest.approx(again, abs=2e-6))
    assert found > 50
