"""What is published never narrows a count of 1–4 down: an attacker with a solver tries."""

import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.counting.disclosure import (
    THRESHOLD,
    asked_after,
    suppress_counts,
    suppress_groups,
    suppress_results,
    suppress_table,
)
from surveys.definition import parse_definition
from tests.unit.surveys.disclosure_attacker import Attacker, Exact

COUNTS = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 8, 13, 40])


@st.composite
def splits(draw: st.DrawFn, exclusive: bool | None = None) -> tuple[list[int], list[Exact]]:
    groups = draw(st.integers(1, 5))
    questions: list[Exact] = []
    for _ in range(draw(st.integers(1, 2))):
        alone = draw(st.booleans()) if exclusive is None else exclusive
        options = draw(st.integers(1, 4))
        line = st.lists(COUNTS, min_size=options, max_size=options)
        cells = draw(st.lists(line, min_size=groups, max_size=groups))
        answered = [sum(row) if alone else max(row) + draw(COUNTS) for row in cells]
        questions.append((cells, answered, alone))
    extra = draw(st.lists(COUNTS, min_size=groups, max_size=groups))
    sizes = [max(q[1][at] for q in questions) + extra[at] for at in range(groups)]
    return sizes, questions


@settings(max_examples=40, deadline=None)
@given(splits())
def test_no_small_count_can_be_bounded_below_five(split: tuple[list[int], list[Exact]]) -> None:
    Attacker(*split).assert_fails()


@settings(max_examples=25, deadline=None)
@given(splits(exclusive=True))
def test_no_hidden_count_can_be_computed_exactly(split: tuple[list[int], list[Exact]]) -> None:
    attacker = Attacker(*split)
    total = sum(split[0])
    for number in attacker.hidden if total >= THRESHOLD else []:
        if attacker.truth[number] == 0:
            continue
        low, high = attacker.bound(number, -1), attacker.bound(number, 1)
        assert high - low > 1e-6


@st.composite
def follow_ups(draw: st.DrawFn) -> tuple[list[int], list[Exact]]:
    """A choice, and a question put to all who made it."""
    groups = draw(st.integers(2, 5))
    line = st.lists(COUNTS, min_size=2, max_size=3)
    cells = draw(st.lists(line, min_size=groups, max_size=groups))
    first = [[*row, 0, 0][:3] for row in cells]
    second = []
    for row in first:
        part = draw(st.integers(0, row[0]))
        second.append([part, row[0] - part])
    answered = [sum(row) for row in first]
    extra = draw(st.lists(COUNTS, min_size=groups, max_size=groups))
    sizes = [a + b for a, b in zip(answered, extra, strict=True)]
    return sizes, [(first, answered, True), (second, [row[0] for row in first], True)]


@settings(max_examples=40, deadline=None)
@given(follow_ups())
def test_a_follow_up_question_gives_no_hidden_answer_away(
    split: tuple[list[int], list[Exact]],
) -> None:
    Attacker(*split, follow_up=True).assert_fails()


def test_a_follow_up_question_is_hidden_with_the_answer_it_follows() -> None:
    # 597 were asked the second question: the three others said no.
    sizes, cells = [600], [[597, 3]]
    attacker = Attacker(sizes, [(cells, sizes, True), ([[500, 97]], [597], True)], follow_up=True)
    assert attacker.tables[0].total.counts == {"0": None, "1": None}
    assert attacker.tables[1].total.answered is None


def test_conditions_say_what_is_asked_after_what() -> None:
    def question(code: str, **members: Any) -> dict[str, Any]:
        options = [{"code": "a", "label": {"en": "A"}}, {"code": "b", "label": {"en": "B"}}]
        return {
            "code": code, "type": "single_choice", "title": {"en": code}, "options": options
        } | members  # fmt: skip

    rows = [
        {"code": "r1", "label": {"en": "1"}},
        {"code": "r2", "label": {"en": "2"}, "show_if": "Q1 == 'b'"},
    ]
    questionnaire = parse_definition(
        {
            "schema": "waymark/questionnaire/1",
            "title": {"en": "T"},
            "languages": ["en"],
            "sections": [
                {
                    "code": "s",
                    "title": {"en": "S"},
                    "questions": [
                        question("Q1"),
                        question("Q2", show_if="Q1 == 'a'"),
                        question("Q3", type="matrix", cell="single", rows=rows),
                    ],
                },
                {
                    "code": "t",
                    "title": {"en": "T"},
                    "show_if": "Q3.r1 == 'a'",
                    "questions": [question("Q4", show_if="Q2 == 'b'")],
                },
            ],
        }
    )
    assert asked_after(questionnaire) == {
        "Q1": set(),
        "Q2": {"Q1"},
        "Q3.r1": set(),
        "Q3.r2": {"Q1"},
        "Q4": {"Q2", "Q3.r1"},
    }


def test_primary_suppression_alone_would_be_broken_where_this_is_not() -> None:
    sizes = [40, 50, 60]
    cells = [[3, 17, 20], [20, 20, 10], [30, 20, 10]]
    attacker = Attacker(sizes, [(cells, sizes, True)])
    attacker.assert_fails()
    hidden = [g for g in attacker.tables[0].groups.values() if g.suppressed]
    assert len(hidden) >= 2
    assert attacker.tables[0].groups["g0"].counts["0"] is None


def test_options_that_exclude_each_other_lose_a_second_one() -> None:
    safe = suppress_counts({"yes": 590, "no": 3, "maybe": 7}, 600, exclusive=True)
    assert safe.answered == 600
    assert safe.counts == {"yes": 590, "no": None, "maybe": None}


def test_a_lonely_zero_is_published() -> None:
    safe = suppress_counts({"yes": 9, "no": 0}, 9, exclusive=True)
    assert safe.counts == {"yes": 9, "no": 0}
    assert not safe.suppressed


def test_a_multiple_choice_hides_both_those_who_chose_and_those_who_did_not() -> None:
    safe = suppress_counts({"a": 2, "b": 97, "c": 50, "d": 0}, 100, exclusive=False)
    assert safe.counts == {"a": None, "b": None, "c": 50, "d": 0}


def test_a_fixed_number_of_choices_does_not_give_the_hidden_one_away() -> None:
    # Everyone chose exactly two: the fourth count would follow from the other three.
    safe = suppress_counts({"a": 60, "b": 50, "c": 87, "d": 3}, 100, exclusive=False)
    assert list(safe.counts.values()).count(None) >= 2


def test_a_question_with_few_answers_shows_nothing() -> None:
    safe = suppress_counts({"yes": 3, "no": 1}, 4, exclusive=True)
    assert (safe.answered, set(safe.counts.values())) == (None, {None})


def test_small_groups_hide_another_one() -> None:
    sizes = {"EU citizen": 500, "NGO": 60, "trade union": 3}
    assert suppress_groups(sizes) == {"EU citizen": 500, "NGO": None, "trade union": None}
    assert suppress_groups({"EU citizen": 9}) == {"EU citizen": 9}
    assert suppress_groups({"EU citizen": 3}) == {"EU citizen": None}


def test_a_hidden_group_is_hidden_in_every_question() -> None:
    sizes = {"a": 100, "b": 60, "c": 3}
    for counts in ({"x": 1}, {"x": 3}):
        table = suppress_table(
            {"a": {"x": 100}, "b": {"x": 60}, "c": counts},
            {"a": 100, "b": 60, "c": 3},
            sizes,
            exclusive=False,
        )
        assert table.groups["c"].answered is None
        assert table.groups["b"].answered is None
        assert table.groups["a"].answered == 100


def test_many_countries_are_protected() -> None:
    chance = random.Random(7)
    sizes = [chance.choice([1, 2, 3, 4, 7, 9, 15, 40, 120]) for _ in range(30)]
    cells = []
    for size in sizes:
        row = [0] * 4
        for _ in range(size):
            row[chance.choice([0, 0, 0, 1, 1, 2, 3])] += 1
        cells.append(row)
    attacker = Attacker(sizes, [(cells, sizes, True)])
    for number in attacker.secret[::6]:
        assert attacker.bound(number, 1) >= THRESHOLD - 1e-6


@pytest.mark.parametrize("kind", ["single_choice", "multiple_choice"])
def test_a_large_consultation_is_fast(kind: str) -> None:
    chance = random.Random(3)
    started = time.perf_counter()
    names = [f"country {at}" for at in range(31)]
    sizes = {name: 2 + at * at for at, name in enumerate(names)}
    for _ in range(5):
        counts, answered = {}, {}
        for name in names:
            row = [chance.randrange(0, 1 + sizes[name] // 6) for _ in range(6)]
            answered[name] = sum(row)
            counts[name] = {str(at): value for at, value in enumerate(row)}
        table = suppress_table(counts, answered, sizes, exclusive=kind == "single_choice")
        assert any(not group.suppressed for group in table.groups.values())
    assert (time.perf_counter() - started) / 5 < 0.5


def test_the_same_table_gives_the_same_answer() -> None:
    cells = {"a": {"x": 2, "y": 30}, "b": {"x": 30, "y": 7}, "c": {"x": 9, "y": 9}}
    sizes = {"a": 32, "b": 37, "c": 18}
    first = suppress_table(cells, sizes, sizes, exclusive=True)
    assert first == suppress_table(cells, sizes, sizes, exclusive=True)


def test_counts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="sum to 3"):
        suppress_counts({"yes": 3}, 10, exclusive=True)
    with pytest.raises(ValueError, match="greater than the 10 answered"):
        suppress_counts({"yes": 11}, 10, exclusive=False)
    with pytest.raises(ValueError, match="of a group of 1"):
        suppress_table({"a": {"x": 2}}, {"a": 2}, {"a": 1}, exclusive=True)


def test_results_keep_their_shape() -> None:
    def question(yes: int, no: int) -> dict[str, object]:
        options = [{"label": "Yes", "count": yes}, {"label": "No", "count": no}]
        return {
            "code": "Q1",
            "title": "Agree?",
            "type": "single_choice",
            "answered": yes + no,
            "options": options,
        }

    exact = {
        "slug": "s",
        "responses": 60,
        "questions": [question(40, 20)],
        "by": {
            "NGO": {"responses": 30, "questions": [question(26, 4)]},
            "unknown": {"responses": 30, "questions": [question(14, 16)]},
        },
    }
    safe = suppress_results(exact)
    assert safe["responses"] == 60
    assert safe["by"]["NGO"]["responses"] == 30
    assert [o["count"] for o in safe["questions"][0]["options"]] == [40, 20]
    assert [o["count"] for o in safe["by"]["NGO"]["questions"][0]["options"]] == [None, None]
    assert exact["by"]["NGO"]["questions"][0]["options"][1]["count"] == 4
    few = suppress_results({"slug": "s", "responses": 3, "questions": [question(2, 1)]})
    assert few["responses"] is None
    assert few["questions"][0]["answered"] is None
