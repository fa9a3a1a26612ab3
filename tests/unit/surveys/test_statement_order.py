"""Statements are shown so that most is learnt, and none is left aside."""

import math
import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.statement_order import FLOOR, Judged, expected_gain, order_statements, weights

COUNT = st.one_of(st.integers(0, 30), st.integers(0, 10**9))
JUDGED = st.dictionaries(
    st.text(min_size=1, max_size=8), st.builds(Judged, COUNT, COUNT, COUNT), max_size=12
)


@given(JUDGED, st.text(max_size=10))
@settings(deadline=None, max_examples=80)
def test_everybody_sees_every_statement_once(judged, seed):
    assert sorted(order_statements(judged, seed=seed)) == sorted(judged)


@given(JUDGED)
@settings(deadline=None, max_examples=80)
def test_no_statement_starves(judged):
    shares = weights(judged)
    assert judged == {} or math.isclose(sum(shares.values()), 1)
    assert all(share >= FLOOR / len(judged) for share in shares.values())


@given(JUDGED, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_the_order_in_which_statements_are_given_means_nothing(judged, chance):
    mixed = list(judged.items())
    chance.shuffle(mixed)
    assert order_statements(dict(mixed), seed="x") == order_statements(judged, seed="x")


@given(JUDGED.filter(len), st.integers(0))
@settings(deadline=None, max_examples=60)
def test_judging_one_leaves_the_others_in_their_places_while_all_are_worth_the_same(judged, at):
    even = dict.fromkeys(judged, Judged())
    gone = sorted(even)[at % len(even)]
    before = order_statements(even, seed="a")
    left = {code: counts for code, counts in even.items() if code != gone}
    assert order_statements(left, seed="a") == [code for code in before if code != gone]


# One judgement more among hundreds of millions is below what a double can tell apart.
@given(st.builds(Judged, *[st.integers(0, 100_000)] * 3))
def test_what_is_known_better_and_what_is_passed_on_is_worth_less(counts):
    gain = expected_gain(counts)
    assert gain > 0
    passed = Judged(counts.agree, counts.disagree, counts.passed + 1)
    assert expected_gain(passed) < gain
    twice = Judged(2 * counts.agree + 1, 2 * counts.disagree + 1, 2 * counts.passed)
    assert expected_gain(twice) < gain or counts.agree + counts.disagree < 2


def test_new_and_contested_statements_are_worth_most_and_those_passed_on_least():
    shares = weights(
        {
            "new": Judged(),
            "contested": Judged(20, 20, 4),
            "settled": Judged(40, 0, 4),
        }
    )
    assert shares["new"] > shares["contested"] > shares["settled"]
    alike = weights({"clear": Judged(10, 10), "unclear": Judged(10, 10, 80)})
    assert alike["clear"] > 2 * alike["unclear"] > 0


def test_participants_see_different_orders_and_the_same_one_again():
    judged = {f"s{n}": Judged(n, 3, 1) for n in range(20)}
    orders = {tuple(order_statements(judged, seed=str(seed))) for seed in range(50)}
    assert len(orders) == 50
    assert order_statements(judged, seed="7") == order_statements(judged, seed="7")


def test_who_comes_first_follows_the_weights():
    judged = {"a": Judged(), "b": Judged(3, 3), "c": Judged(9, 1, 5)}
    first = Counter(order_statements(judged, seed=str(seed))[0] for seed in range(4_000))
    for code, share in weights(judged).items():
        assert abs(first[code] / 4_000 - share) < 0.03


def test_a_statement_that_comes_late_catches_up_and_nobody_is_left_behind():
    """300 participants judge 5 each of 40; the last statement comes when half of them have gone."""
    chance = random.Random(3)
    counts = {f"s{n}": [0, 0, 0] for n in range(40)}
    likes = {code: chance.random() for code in counts}
    for person in range(300):
        offered = [code for code in counts if person >= 150 or code != "s39"]
        judged = {code: Judged(*counts[code]) for code in offered}
        for code in order_statements(judged, seed=str(person))[:5]:
            passes = chance.random() < 0.1
            counts[code][2 if passes else int(chance.random() > likes[code])] += 1
    shown = {code: sum(numbers) for code, numbers in counts.items()}
    mean = sum(shown.values()) / len(shown)
    assert shown["s39"] > mean / 2
    assert max(shown.values()) < 4 * min(shown.values())
