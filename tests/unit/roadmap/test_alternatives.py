"""What else could have been suspended, and what decisions of people do to it."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadmap.planning import covering
from roadmap.planning.alternatives import Alternatives, list_alternatives
from roadmap.planning.covering import Effort
from roadmap.planning.cycles import Standing
from roadmap.planning.network import Activity, Kind, Network, Precedence, Ruling
from roadmap.planning.suspension import Knot, resolve_contradictions

SUPPORTS = [Decimal(text) for text in ("0", "1", "1", "1", "2", "0.1", "0.2", "0.3", "999999")]


@st.composite
def networks(draw: st.DrawFn, rulings: bool = True) -> Network:
    codes = "ABCDE"[: draw(st.integers(1, 5))]
    code = st.sampled_from(codes)
    precedence = st.builds(
        Precedence,
        code,
        code,
        st.sampled_from([*Kind, Kind.FS, Kind.FS, Kind.FS]),
        st.integers(-5, 5),
        st.sampled_from(SUPPORTS),
        st.sampled_from([Ruling.NONE] * 5 + ([*Ruling] if rulings else [])),
    )
    return Network(
        [Activity(each, draw(st.integers(0, 5))) for each in codes],
        draw(st.lists(precedence, max_size=8)),
    )


def every_contradiction(network: Network) -> set[frozenset[int]]:
    """All simple cycles that cannot hold, by walking every one."""
    found: set[frozenset[int]] = set()
    leaving: dict[int, list[int]] = {}
    for at, tail in enumerate(network.tails):
        leaving.setdefault(tail, []).append(at)

    def walk(start: int, node: int, path: list[int]) -> None:
        for at in leaving.get(node, ()):
            head = network.heads[at]
            if head == start:
                cycle = [*path, at]
                only_fs = all(network.precedences[step].kind is Kind.FS for step in cycle)
                if only_fs or sum(network.lengths[step] for step in cycle) > 0:
                    found.add(frozenset(cycle))
            elif head > start and head not in (network.heads[step] for step in path):
                walk(start, head, [*path, at])

    for node in range(len(network.activities)):
        walk(node, node, [])
    return found


def every_needed_choice(
    cycles: Iterable[frozenset[int]], allowed: Iterable[int]
) -> list[frozenset[int]]:
    """All sets that touch every cycle and of which no part does; smallest first."""
    everything, cycles = sorted(allowed), list(cycles)
    choices: list[frozenset[int]] = []
    subsets = chain.from_iterable(
        combinations(everything, count) for count in range(len(everything) + 1)
    )
    for subset in map(frozenset, subsets):
        if all(subset & cycle for cycle in cycles) and not any(one <= subset for one in choices):
            choices.append(subset)
    return choices


def standing_rules(network: Network) -> tuple[set[int], set[int]]:
    """Positions to keep and to suspend."""
    by_ruling = {
        ruling: {at for at, each in enumerate(network.precedences) if each.ruling is ruling}
        for ruling in Ruling
    }
    return by_ruling[Ruling.KEEP], by_ruling[Ruling.SUSPEND]


@pytest.mark.parametrize("solver", ["search", "integer programme"])
def test_decisions_bind_and_the_rest_is_the_least_as_trying_all_shows(
    solver: str, monkeypatch: pytest.MonkeyPatch
):
    if solver == "integer programme":
        monkeypatch.setattr(covering, "_SMALL_CORE", 0)

    @settings(max_examples=60, deadline=None)
    @given(networks())
    def check(network: Network) -> None:
        keep, suspend = standing_rules(network)
        resolution = resolve_contradictions(network)
        assert list(resolution.decided) == [network.precedences[at] for at in sorted(suspend)]
        cycles = [cycle for cycle in every_contradiction(network) if not cycle & suspend]
        among_kept = [cycle for cycle in cycles if cycle <= keep]
        assert bool(resolution.conflicts) == bool(among_kept)
        for conflict in resolution.conflicts:
            assert all(each.ruling is Ruling.KEEP for each in conflict)
        assert not resolution.network.contradictions_among(
            range(len(resolution.network.precedences))
        )
        if among_kept:
            return
        allowed = set(range(len(network.precedences))) - keep - suspend
        least = min(
            sum((network.precedences[at].support for at in choice), Decimal(0))
            for choice in every_needed_choice(cycles, allowed)
        )
        assert not any(each.suspended.ruling for each in resolution.contradictions)
        if resolution.exact:
            assert resolution.suspended_support == least
        else:
            assert solver == "integer programme"

    check()


@settings(max_examples=120, deadline=None)
@given(networks())
def test_alternatives_are_all_that_trying_all_finds(network: Network):
    for knot in resolve_contradictions(network).knots:
        assert knot.exact
        everything = set(range(len(knot.network.precedences)))
        choices = every_needed_choice(every_contradiction(knot.network), everything - knot.kept)
        totals = {choice: knot.support_of(choice) for choice in choices}
        least = min(totals.values())
        expected = {choice for choice, total in totals.items() if total == least}
        dearer = [total for total in totals.values() if total > least]

        found = list_alternatives(knot, most=1000)
        assert found.complete
        assert not found.more
        assert found.choices[0] == tuple(
            knot.network.precedences[at] for at in sorted(knot.suspended)
        )
        # Equal dependencies are several choices that read alike.
        assert sorted(map(order, found.choices)) == sorted(
            order(knot.network.precedences[at] for at in sorted(choice)) for choice in expected
        )
        assert found.next_support == (min(dearer) if dearer else None)


def order(choice: Iterable[Precedence]) -> list[tuple[str, str, str, int, Decimal, str]]:
    return [each.order for each in choice]


def ring(size: int, support: int = 1, name: str = "M") -> tuple[list[Activity], list[Precedence]]:
    codes = [f"{name}{number:03}" for number in range(size)]
    return (
        [Activity(code, 1) for code in codes],
        [
            Precedence(code, codes[(number + 1) % size], support=Decimal(support))
            for number, code in enumerate(codes)
        ],
    )


def alternatives_of(network: Network, **options: object) -> Alternatives:
    (knot,) = resolve_contradictions(network).knots
    return list_alternatives(knot, **options)  # type: ignore[arg-type]


def test_of_many_alternatives_as_many_as_asked_are_listed_and_it_says_there_are_more():
    some = alternatives_of(Network(*ring(30)))
    assert len(some.choices) == 20
    assert some.more
    assert not some.complete
    whole = alternatives_of(Network(*ring(30)), most=30)
    assert len(whole.choices) == 30
    assert whole.complete
    assert not whole.more
    assert whole.next_support is None  # two of a ring are never needed


def test_the_next_dearer_choice_is_told():
    activities, precedences = ring(3, support=5)
    dearer = Precedence("M002", "M000", support=Decimal("5.25"))
    found = alternatives_of(Network(activities, [*precedences[:2], dearer]))
    assert [len(choice) for choice in found.choices] == [1, 1]
    assert found.next_support == Decimal("5.25")


def test_of_a_knot_that_is_not_proven_only_what_is_suspended_is_known():
    network = Network(*ring(4))
    (knot,) = resolve_contradictions(network).knots
    vague = Knot(knot.network, knot.kept, knot.suspended, knot.cycles, exact=False)
    found = list_alternatives(vague)
    assert len(found.choices) == 1
    assert not found.complete
    assert not found.more


def test_without_time_nothing_is_claimed():
    (knot,) = resolve_contradictions(Network(*ring(6))).knots
    found = list_alternatives(knot, effort=Effort(total=0))
    assert len(found.choices) == 1
    assert not found.complete
    assert not found.more


def test_kept_dependencies_that_contradict_each_other_are_named_and_the_rest_goes_on():
    activities, precedences = ring(3)
    kept = [
        Precedence(each.before, each.after, support=each.support, ruling=Ruling.KEEP)
        for each in precedences
    ]
    resolution = resolve_contradictions(Network(activities, kept))
    assert [set(conflict) for conflict in resolution.conflicts] == [set(kept)]
    assert len(resolution.contradictions) == 1  # as if nothing had been decided


def test_what_is_suspended_by_decision_needs_no_contradiction():
    rows = [Precedence("A", "B", ruling=Ruling.SUSPEND), Precedence("B", "A")]
    resolution = resolve_contradictions(Network([Activity("A", 1), Activity("B", 1)], rows))
    assert resolution.decided == (rows[0],)
    assert not resolution.contradictions
    assert not resolution.knots
    assert resolution.network.precedences == (rows[1],)


@settings(max_examples=150, deadline=None)
@given(networks(rulings=False))
def test_one_more_dependency_is_judged_as_walking_every_cycle_judges_it(network: Network):
    standing, stands = Standing(network.edges), set[int]()
    cycles = every_contradiction(network)
    for at in range(len(network.precedences)):
        closed = [cycle for cycle in cycles if at in cycle and cycle <= stands | {at}]
        assert standing.is_contradicted_by(at) == bool(closed)
        through = standing.contradiction_through(at)
        assert frozenset(through) in closed if closed else not through
        if through:
            assert through[0] == at
            finish_to_start = [
                cycle
                for cycle in closed
                if all(network.precedences[step].kind is Kind.FS for step in cycle)
            ]
            assert len(through) == min(map(len, finish_to_start or closed))
        else:
            standing.add(at)
            stands.add(at)
