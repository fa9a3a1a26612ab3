"""Contradictions: what counts as one, and that the least support is suspended, exactly."""

import time
from collections.abc import Collection
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadmap.formats.folder import read_folder
from roadmap.planning import covering
from roadmap.planning.covering import Effort
from roadmap.planning.network import Activity, Kind, Network, Precedence
from roadmap.planning.schedule import plan
from roadmap.planning.suspension import Resolution, resolve_contradictions

NETWORKS = Path(__file__).resolve().parents[2] / "networks"


def resolve(name: str) -> Resolution:
    draft = read_folder(NETWORKS / name)
    return resolve_contradictions(
        Network(
            [Activity(each.code, each.duration_days) for each in draft.milestones],
            [
                Precedence(each.before, each.after, each.kind, each.lag_days, each.support)
                for each in draft.dependencies
            ],
        )
    )


def suspended(resolution: Resolution) -> list[tuple[str, str, str]]:
    return [
        (each.suspended.before, each.suspended.after, each.suspended.kind.value)
        for each in resolution.contradictions
    ]


def test_the_weaker_of_two_against_each_other_is_suspended_with_its_cycle():
    resolution = resolve("two_against_each_other")
    assert suspended(resolution) == [("B", "A", "FS")]
    assert resolution.contradictions[0].codes == ("B", "A")
    assert resolution.suspended_support == 2
    assert resolution.exact


def test_a_finish_to_start_cycle_contradicts_whatever_its_length():
    resolution = resolve("finish_to_start_cycle_without_length")
    assert suspended(resolution) == [("B", "A", "FS")]


def test_a_cycle_of_mixed_kinds_contradicts_only_if_longer_than_zero():
    assert suspended(resolve("positive_cycle_of_mixed_kinds")) == [("A", "B", "SS")]
    assert suspended(resolve("maximal_lag")) == []


def test_parallel_dependencies_count_each():
    # The three from A to B support each other; the one against them goes.
    assert suspended(resolve("parallel_dependencies")) == [("B", "A", "FS")]


def test_a_milestone_cannot_follow_itself_but_may_start_with_itself():
    assert suspended(resolve("self_dependency")) == [("A", "A", "FS")]


def test_one_dependency_on_two_cycles_is_dearer_but_enough():
    resolution = resolve("dependency_without_support")
    assert suspended(resolution) == [("A", "B", "FS"), ("A", "C", "FS")]
    assert resolution.suspended_support == 3


def test_a_dependency_without_support_is_not_suspended_needlessly():
    nothing = Decimal(0)
    rows = [Precedence("A", "B", support=nothing), Precedence("B", "A", support=nothing)]
    activities = [Activity("A", 1), Activity("B", 1)]
    assert suspended(resolve_contradictions(Network(activities, rows[:1]))) == []
    assert suspended(resolve_contradictions(Network(activities, rows))) == [("A", "B", "FS")]


def test_ties_do_not_depend_on_the_order_of_rows():
    activities = [Activity(code, 1) for code in "ABC"]
    rows = [Precedence("A", "B"), Precedence("B", "C"), Precedence("C", "A")]
    answers = {
        tuple(suspended(resolve_contradictions(Network(activities, order))))
        for order in (rows, rows[::-1], rows[1:] + rows[:1])
    }
    assert answers == {(("A", "B", "FS"),)}


def test_supports_of_very_different_size_are_compared_exactly():
    large = Decimal("123456789.000001")
    network = Network(
        [Activity(code, 1) for code in "ABC"],
        [
            Precedence("A", "B", support=large),
            Precedence("B", "A", support=large - Decimal("0.000001")),
            Precedence("B", "C", support=Decimal("0.3")),
            Precedence("C", "B", support=Decimal("0.1") + Decimal("0.2")),
        ],
    )
    assert suspended(resolve_contradictions(network)) == [("B", "A", "FS"), ("B", "C", "FS")]


@pytest.mark.parametrize(
    "activities, precedences",
    [
        ([Activity("A", 1), Activity("A", 2)], []),
        ([Activity("A", -1)], []),
        ([Activity("A", 1)], [Precedence("A", "B")]),
        ([Activity("A", 1)], [Precedence("A", "A", support=Decimal("NaN"))]),
        ([Activity("A", 1)], [Precedence("A", "A", support=Decimal(-1))]),
    ],
)
def test_a_network_that_makes_no_sense_is_refused(
    activities: list[Activity], precedences: list[Precedence]
):
    with pytest.raises(ValueError):
        Network(activities, precedences)


def is_contradictory(network: Network, active: Collection[int]) -> bool:
    """By walking every simple cycle."""
    outgoing: dict[int, list[int]] = {}
    for at in active:
        outgoing.setdefault(network.tails[at], []).append(at)

    def closes(start: int, node: int, seen: set[int], length: int, only_fs: bool) -> bool:
        for at in outgoing.get(node, ()):
            head, total = network.heads[at], length + network.lengths[at]
            still_fs = only_fs and network.precedences[at].kind is Kind.FS
            if head == start:
                if still_fs or total > 0:
                    return True
            elif (
                head > start
                and head not in seen
                and closes(start, head, seen | {head}, total, still_fs)
            ):
                return True
        return False

    return any(closes(node, node, {node}, 0, True) for node in range(len(network.activities)))


def cheapest_by_trying_all(network: Network) -> list[Precedence]:
    size = len(network.precedences)
    best: tuple[Decimal, int, tuple[int, ...]] | None = None
    for count in range(size + 1):
        for chosen in combinations(range(size), count):
            support = sum((network.precedences[at].support for at in chosen), Decimal(0))
            if best is not None and (support, count, chosen) >= best:
                continue
            if not is_contradictory(network, [at for at in range(size) if at not in chosen]):
                best = (support, count, chosen)
    assert best is not None
    return [network.precedences[at] for at in best[2]]


SUPPORTS = [Decimal(text) for text in ("0", "1", "1", "0.1", "0.2", "0.3", "1000000.000001")]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    codes = "ABCDE"[: draw(st.integers(1, 5))]
    code = st.sampled_from(codes)
    kind = st.sampled_from([*Kind, Kind.FS, Kind.FS, Kind.FS])
    precedence = st.builds(
        Precedence, code, code, kind, st.integers(-5, 5), st.sampled_from(SUPPORTS)
    )
    return Network(
        [Activity(each, draw(st.integers(0, 5))) for each in codes],
        draw(st.lists(precedence, max_size=8)),
    )


@pytest.mark.parametrize("solver", ["search", "integer programme"])
def test_the_least_is_suspended_as_trying_all_choices_shows(
    solver: str, monkeypatch: pytest.MonkeyPatch
):
    if solver == "integer programme":
        monkeypatch.setattr(covering, "_SMALL_CORE", 0)

    @settings(max_examples=100, deadline=None)
    @given(networks())
    def check(network: Network) -> None:
        resolution = resolve_contradictions(network)
        assert resolution.exact or solver == "integer programme"
        found = [each.suspended for each in resolution.contradictions]
        assert found == cheapest_by_trying_all(network) or not resolution.exact
        for each in resolution.contradictions:
            assert each.cycle[0] == each.suspended
            assert len(set(each.codes)) == len(each.codes)
            onward = [*each.cycle[1:], each.cycle[0]]
            assert all(a.after == b.before for a, b in zip(each.cycle, onward, strict=True))
            # it is a contradiction, and the others on it all stand
            lengths = sum(resolution.network.length_of(step) for step in each.cycle)
            assert lengths > 0 or all(step.kind is Kind.FS for step in each.cycle)
            assert not any(step in found for step in each.cycle[1:]) or len(set(found)) < len(found)

    check()


def test_two_hundred_entangled_dependencies_are_resolved_to_the_proven_least():
    # A chain of 60 with every third step contradicted backwards over 2 to 7 steps.
    activities = [Activity(f"M{number:02}", 10) for number in range(60)]
    forward = [Precedence(f"M{n:02}", f"M{n + 1:02}", support=Decimal(3)) for n in range(59)]
    skips = [Precedence(f"M{n:02}", f"M{n + 2:02}", support=Decimal(2)) for n in range(58)]
    back = [
        Precedence(f"M{n:02}", f"M{n - 2 - n % 6:02}", support=Decimal(1 + n % 4))
        for n in range(8, 60, 1)
    ]
    resolution = resolve_contradictions(Network(activities, [*forward, *skips, *back]))
    assert resolution.exact
    standing = resolution.network
    assert not standing.contradictions_among(range(len(standing.precedences)))
    assert resolution.suspended_support <= sum(each.support for each in back)


def test_when_the_solver_gives_up_the_answer_still_resolves_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("roadmap.planning.suspension._ROUNDS", 1)
    activities = [Activity(code, 1) for code in "ABCD"]
    rows = [Precedence(a, b) for a in "ABCD" for b in "ABCD" if a != b]
    resolution = resolve_contradictions(Network(activities, rows))
    assert not resolution.exact
    standing = resolution.network
    assert not standing.contradictions_among(range(len(standing.precedences)))


def tangle(milestones: int, dependencies: int) -> tuple[tuple[Activity, ...], ...]:
    """Activities and precedences of a network in which nearly everything contradicts."""
    chance = Random(1)
    pairs = [(a, b) for a in range(milestones) for b in range(milestones) if a != b]
    rows = tuple(
        Precedence(f"M{a}", f"M{b}", support=Decimal(chance.randint(1, 9)))
        for a, b in chance.sample(pairs, dependencies)
    )
    return tuple(Activity(f"M{n}", chance.randint(1, 300)) for n in range(milestones)), rows


def test_who_waits_for_a_page_gets_an_answer_in_seconds_that_still_resolves_everything():
    started = time.monotonic()
    brief = plan(*tangle(70, 420), brief=True)
    assert time.monotonic() - started < 15  # two seconds of searching, on a slow machine
    assert not brief.exact
    standing = brief.network
    assert not standing.contradictions_among(range(len(standing.precedences)))


def test_a_plan_made_in_a_hurry_is_made_again_for_who_takes_time_and_then_kept():
    network = tangle(12, 60)
    hurried, thorough = plan(*network, brief=True), plan(*network)
    assert hurried is thorough  # a small tangle is exact at once
    assert hurried.exact


def test_effort_that_is_used_up_is_not_claimed_to_have_proven_anything():
    resolution = resolve_contradictions(Network(*tangle(20, 120)), effort=Effort(total=0))
    assert not resolution.exact
    standing = resolution.network
    assert not standing.contradictions_among(range(len(standing.precedences)))
