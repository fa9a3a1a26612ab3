"""Redundant dependencies: together they may go, whatever the kinds, lags and cycles."""

from collections.abc import Collection
from decimal import Decimal
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadmap.planning.network import Activity, Kind, Network, Precedence
from roadmap.planning.redundancy import Redundancy, find_redundant
from roadmap.planning.schedule import compute_schedule
from roadmap.planning.suspension import resolve_contradictions


def redundant_in(network: Network) -> tuple[Redundancy, ...]:
    return find_redundant(network, compute_schedule(network))


def longest(network: Network, without: Collection[int] = ()) -> dict[tuple[int, int], int]:
    """The longest path between any two, by trying every node in between (Floyd–Warshall)."""
    nodes = range(len(network.activities))
    paths = {(node, node): 0 for node in nodes}
    for at, length in enumerate(network.lengths):
        ends = network.tails[at], network.heads[at]
        if at not in without:
            paths[ends] = max(paths.get(ends, length), length)
    for middle in nodes:
        for start in nodes:
            for end in nodes:
                if (start, middle) in paths and (middle, end) in paths:
                    total = paths[start, middle] + paths[middle, end]
                    paths[start, end] = max(paths.get((start, end), total), total)
    return paths


def with_durations(network: Network, days: Collection[int]) -> Network:
    codes = list(network.activities)
    activities = [Activity(code, each) for code, each in zip(codes, days, strict=True)]
    return Network(activities, network.precedences)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Small, with few lags of zero and less, so that there are feasible cycles of length zero."""
    codes = "ABCD"[: draw(st.integers(1, 4))]
    code = st.sampled_from(codes)
    precedence = st.builds(
        Precedence,
        code,
        code,
        st.sampled_from([*Kind, Kind.FS, Kind.SS]),
        st.sampled_from([-2, -1, 0, 0, 0, 1]),
        st.sampled_from([Decimal(1), Decimal(2)]),
    )
    drawn = Network(
        [Activity(each, draw(st.integers(0, 2))) for each in codes],
        draw(st.lists(precedence, max_size=9)),
    )
    return resolve_contradictions(drawn).network


@settings(max_examples=300, deadline=None)
@given(networks(), st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_what_is_marked_may_go_all_together_and_nothing_else_may(
    network: Network, other: list[int]
):
    found = redundant_in(network)
    positions = positions_of(network, [each.precedence for each in found])
    before, after = longest(network), longest(network, positions)
    assert before == after
    for at in set(range(len(network.precedences))) - positions:
        tail, head = network.tails[at], network.heads[at]
        without = longest(network, positions | {at})
        assert without.get((tail, head), network.lengths[at] - 1) < network.lengths[at]

    always = positions_of(network, [each.precedence for each in found if each.always])
    elsewhere = with_durations(network, other[: len(network.activities)])
    asked = longest(elsewhere, always)
    for at in always:
        ends = elsewhere.tails[at], elsewhere.heads[at]
        assert asked[ends] >= elsewhere.lengths[at]


def positions_of(network: Network, precedences: list[Precedence]) -> set[int]:
    """Of equal ones the last: the first stays."""
    positions: set[int] = set()
    for each in precedences:
        positions.add(
            max(
                at
                for at, other in enumerate(network.precedences)
                if other == each and at not in positions
            )
        )
    return positions


@settings(max_examples=150, deadline=None)
@given(networks())
def test_the_path_shown_asks_for_as_much_and_leads_there(network: Network):
    for each in redundant_in(network):
        length = sum(network.length_of(step) for step in each.path)
        assert length >= network.length_of(each.precedence)
        if each.path:
            assert each.path[0].before == each.precedence.before
            assert each.path[-1].after == each.precedence.after
            assert all(one.after == next_one.before for one, next_one in pairwise(each.path))
        else:
            assert each.precedence.before == each.precedence.after


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=25))
def test_finish_to_start_only_it_is_the_transitive_reduction(pairs: set[tuple[int, int]]):
    edges = [(a, b) for a, b in pairs if a < b]
    network = Network(
        [Activity(str(node), 1) for node in range(9)],
        [Precedence(str(a), str(b)) for a, b in edges],
    )
    reduced = nx.transitive_reduction(nx.DiGraph(edges))
    found = redundant_in(network)
    left = {(str(a), str(b)) for a, b in reduced.edges}
    marked = {(each.precedence.before, each.precedence.after) for each in found}
    assert marked == {(str(a), str(b)) for a, b in edges} - left
    assert all(each.always for each in found)


def test_the_best_supported_of_equals_stays():
    weak, strong = (Precedence("A", "B", support=Decimal(n)) for n in (2, 7))
    network = Network([Activity("A", 1), Activity("B", 1)], [strong, weak])
    assert [each.precedence for each in redundant_in(network)] == [weak]
    assert redundant_in(network)[0].path == (strong,)


def test_what_holds_only_for_the_durations_of_today_is_told_apart():
    # B takes 5 days today: so C starts 5 days after A, which nobody promised.
    rows = [Precedence("A", "B", Kind.SS), Precedence("B", "C"), Precedence("A", "C", Kind.SS, 5)]
    network = Network([Activity(code, 5) for code in "ABC"], rows)
    (only_today,) = redundant_in(network)
    assert (only_today.precedence, only_today.always) == (rows[2], False)
    always = Network(
        [Activity(code, 5) for code in "ABC"], [*rows[:2], Precedence("A", "C", Kind.SS, 0)]
    )
    assert [each.always for each in redundant_in(always)] == [True]


def test_a_large_network_is_looked_at_in_several_goes_with_the_same_answer(
    monkeypatch: pytest.MonkeyPatch,
):
    rows = [Precedence(f"{n:03}", f"{m:03}") for n in range(200) for m in (n + 1, n + 2) if m < 200]
    network = Network([Activity(f"{n:03}", 1) for n in range(200)], rows)
    whole = redundant_in(network)
    assert len(whole) == 198
    monkeypatch.setattr("roadmap.planning.redundancy._BITS", 1)
    assert redundant_in(network) == whole
