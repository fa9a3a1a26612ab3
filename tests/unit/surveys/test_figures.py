"""Figures beside published counts follow from these alone."""

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import LocalizedText
from surveys.counting.entries import Entry, entries_of
from surveys.counting.figures import describe, publish, quantile
from surveys.questionnaire import Option, Question, Questionnaire, Section


def entry_of(kind, **fields) -> Entry:
    text = LocalizedText.of("Q")
    question = Question(code="Q", type=kind, title=text, **fields)
    section = Section("s", text, None, None, (question,))
    return entries_of(Questionnaire(text, None, ("en",), (section,), ()))[0]


AB = tuple(Option(code, LocalizedText.of(code), cost=cost) for code, cost in (("a", 10), ("b", 3)))
RATING = entry_of("rating", minimum=1, maximum=5)
YEAR = entry_of("year", minimum=2025, maximum=2029)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=30))
def test_the_middle_is_the_median(values):
    counted = [(value, values.count(value)) for value in range(1, 6)]
    assert quantile(counted, 0.5) == median(values)


@given(st.lists(st.one_of(st.none(), st.integers(0, 20)), min_size=5, max_size=5), st.data())
def test_no_figure_depends_on_where_the_hidden_people_are(counts, data):
    """Two ways to fill the gaps, one published table: the same figures, and right in both."""
    gaps = [at for at, count in enumerate(counts) if count is None]
    left = data.draw(st.integers(0, 15)) if gaps else 0
    answered = sum(count or 0 for count in counts) + left
    places = (
        data.draw(st.lists(st.sampled_from(gaps), min_size=left, max_size=left)) if gaps else []
    )
    full = [(count or 0) + places.count(at) for at, count in enumerate(counts)]
    for entry in (RATING, YEAR):
        published = publish(entry, answered, counts, {})
        exact = describe(entry, answered, full, {})
        least, most = published.pop("median_between", (0, 9_999))
        assert exact["median"] is None or least <= exact["median"] <= most
        for name, value in published.items():
            for shown, true in (
                zip(value, exact[name], strict=True) if isinstance(value, list)
                else [(value, exact[name])]
            ):  # fmt: skip
                assert shown is None or shown == true


def test_a_median_is_shown_where_only_the_tails_are_hidden():
    published = publish(YEAR, 40, [None, 10, 24, None, 0], {})
    assert (published["median"], published["p90"]) == (2027, None)
    assert published["quartiles"] == [None, 2027]
    assert "median_between" not in published
    assert publish(YEAR, 40, [None, 12, 20, None, 0], {})["median_between"] == [2026.5, 2027]


@pytest.mark.parametrize("kind", ["points", "ranking"])
def test_what_is_added_up_is_hidden_where_the_number_of_people_is(kind):
    entry = entry_of(kind, options=AB, total=100)
    name = "means" if kind == "points" else "mean_places"
    assert publish(entry, None, [None, None], {"a": 7, "b": 3})[name] == [None, None]


@given(st.integers(5, 400), st.data())
def test_a_published_mean_leaves_the_sum_open_by_five(people, data):
    total = data.draw(st.integers(0, 100 * people))
    entry = entry_of("points", options=AB, total=100)
    sums = {"a": total, "b": 100 * people - total}

    def mean(sums):
        return publish(entry, people, [None, None], sums)["means"][0]

    shown = mean(sums)
    alike = [
        n for n in range(-6, 7) if mean({"a": total + n, "b": 100 * people - total - n}) == shown
    ]
    assert len(alike) >= 6


def test_what_is_added_up_is_published_rounded():
    points = entry_of("points", options=AB, total=100)
    published = publish(points, 7, [7, 6], {"a": 404, "b": 296})
    assert published == {"n": 7, "means": [58, 42], "share": [0.58, 0.42]}
    ranking = entry_of("ranking", options=AB)
    assert publish(ranking, 15, [10, 5], {"a": 20, "b": 10}) == {
        "n": 15, "points": [None, None], "mean_places": [1, 2],
    }  # fmt: skip
    assert publish(ranking, 150, [100, 50], {"a": 200, "b": 100})["mean_places"] == [1.3, 1.7]


def test_what_is_spent_is_hidden_where_its_count_is():
    entry = entry_of("budget", options=AB, total=13)
    published = publish(entry, 20, [None, 12], {})
    assert published == {"n": 20, "costs": [10, 3], "spent": [None, 36], "mean": None}


@given(st.integers(5, 300), st.integers(0, 4), st.data())
def test_a_mean_does_not_tell_that_fewer_than_five_did_otherwise(people, others, data):
    """Beside a hidden count: whatever is shown, five may have given the option nothing, or may
    have put it first. And so it is where nothing is shown."""
    points = entry_of("points", options=AB, total=100)
    given = data.draw(st.integers(0, 100 * (people - others)))
    sums = {"a": given, "b": 100 * people - given}
    mean = publish(points, people, [None, people], sums)["means"][0]
    if mean is None:
        assert given > 100 * (people - 11)  # ten people might have given nothing, but for rounding
    else:
        step = mean - max(m for m in steps_below(points, people, mean))
        assert (mean - step / 2) * people <= 100 * (people - 5)
    ranking = entry_of("ranking", options=AB)
    first = publish(ranking, people, [None, None], {"a": 2 * others, "b": 2 * (people - others)})
    if first["mean_places"][0] is not None:
        assert first["mean_places"][0] <= 2 - 10 / people + 1e-9


def steps_below(entry, people, mean):
    """Published means smaller than ``mean``, or one far below where there is none."""
    found = {
        publish(entry, people, [people, people], {"a": n, "b": 100 * people - n})["means"][0]
        for n in range(max(0, int(mean * people) - 60 - people), int(mean * people) + 1)
    }
    return {m for m in found if m < mean} or {-1_000_000}


def test_of_a_group_no_mean_is_shown():
    points = entry_of("points", options=AB, total=100)
    sums = {"a": 2_000, "b": 2_000}
    assert publish(points, 40, [None, 40], sums)["means"] == [50, 50]
    assert publish(points, 40, [None, 40], sums, whole=False) == {
        "n": 40, "means": [None, None], "share": [None, None],
    }  # fmt: skip
    assert publish(points, 40, [40, 40], sums, whole=False)["means"] == [None, None]
