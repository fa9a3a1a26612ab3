"""Simulated dates: analytic results, an independent simulation, and samples one by one."""

import itertools
import math
import random
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadmap.planning.network import Activity, Kind, Network, Precedence
from roadmap.planning.sampling import Estimate, Sampler
from roadmap.planning.schedule import compute_schedule
from roadmap.planning.simulation import (
    MOST_NUMBERS,
    OutOfBounds,
    Simulation,
    most_samples,
    simulate,
)


def quantile_of_triangle(low: float, mode: float, high: float, share: float) -> float:
    """The textbook inverse of the triangular distribution."""
    if share <= (mode - low) / (high - low):
        return low + math.sqrt(share * (high - low) * (mode - low))
    return high - math.sqrt((1 - share) * (high - low) * (high - mode))


def chain(*codes: str, kind: Kind = Kind.FS) -> list[Precedence]:
    return [Precedence(a, b, kind) for a, b in itertools.pairwise(codes)]


@pytest.mark.parametrize("triangle", [(10, 20, 90), (10, 10, 90), (0, 90, 90)])
def test_one_milestone_has_the_quantiles_of_its_triangle(triangle: Estimate):
    result = simulate(Network([Activity("A", 20)]), {"A": triangle}, samples=40_000, seed=7)
    for share, found in ((0.5, result.p50), (0.8, result.p80)):
        assert found == pytest.approx(quantile_of_triangle(*triangle, share), abs=0.6)
    assert result.mean == pytest.approx(sum(triangle) / 3, abs=0.5)
    risk = result.risks["A"]
    assert (risk.p50, risk.p80) == (result.p50, result.p80)
    assert risk.criticality == 1
    assert risk.cruciality == pytest.approx(1)
    assert risk.sensitivity == pytest.approx(1, abs=0.01)
    assert risk.finish_if_short < risk.finish_if_long


def test_of_two_alike_beside_each_other_each_is_critical_half_the_time():
    triangle = (0, 50, 100)
    result = simulate(
        Network([Activity("A", 50), Activity("B", 50)]),
        {"A": triangle, "B": triangle}, samples=40_000, seed=1,
    )  # fmt: skip
    shares = [result.risks[code].criticality for code in "AB"]
    assert sum(shares) == pytest.approx(1)  # never both: the distribution is continuous
    assert shares[0] == pytest.approx(0.5, abs=0.015)
    # The greater of two: its distribution is the square of either's.
    assert result.p50 == pytest.approx(quantile_of_triangle(*triangle, math.sqrt(0.5)), abs=0.6)
    assert result.p80 == pytest.approx(quantile_of_triangle(*triangle, math.sqrt(0.8)), abs=0.6)


def test_certain_durations_give_the_schedule_itself():
    network = Network(
        [Activity("A", 10), Activity("B", 0), Activity("C", 4, not_before=3), Activity("D", 6)],
        [*chain("A", "B"), Precedence("C", "D", Kind.FF, 3), Precedence("B", "D", Kind.SS, -2)],
    )
    schedule = compute_schedule(network)
    result = simulate(network, {"A": (10, 10, 10)}, samples=3, seed=0)
    assert result.p50 == result.p80 == result.mean == schedule.makespan_days
    assert result.deviation == 0
    assert result.counts == (3,)
    for code, dates in schedule.dates.items():
        risk = result.risks[code]
        assert risk.p50 == risk.p80 == dates.earliest_finish
        assert risk.criticality == dates.critical
        assert risk.cruciality == risk.sensitivity == risk.swing == 0
    assert result.tornado() == []


def test_nothing_to_simulate():
    result = simulate(Network([]), {}, samples=10, seed=0)
    assert result.p50 == result.p80 == 0
    assert not result.risks


@pytest.mark.parametrize("samples", [0, -1, 1_000_001])
def test_too_few_and_too_many_samples_are_refused(samples: int):
    with pytest.raises(OutOfBounds):
        simulate(Network([Activity("A", 1)]), {}, samples=samples, seed=0)


def test_a_large_network_allows_fewer_samples():
    network = Network([Activity(str(number), 1) for number in range(2_000)])
    assert most_samples(network) * 2_000 == MOST_NUMBERS
    with pytest.raises(OutOfBounds):
        simulate(network, {}, samples=50_001, seed=0)


ESTIMATES: Mapping[str, Estimate] = {"A": (5, 10, 30), "B": (1, 2, 40), "C": (10, 20, 25)}


def three() -> tuple[list[Activity], list[Precedence]]:
    activities = [Activity(code, estimate[1]) for code, estimate in ESTIMATES.items()]
    return activities, chain("A", "B")


@pytest.mark.parametrize("seed", [0, 1, -1, 2**200])
def test_the_same_again_and_whatever_the_order_of_rows(seed: int):
    activities, precedences = three()
    first = simulate(Network(activities, precedences), ESTIMATES, samples=500, seed=seed)
    again = simulate(Network(activities, precedences), ESTIMATES, samples=500, seed=seed)
    turned = simulate(
        Network(activities[::-1], precedences), dict(reversed(ESTIMATES.items())),
        samples=500, seed=seed,
    )  # fmt: skip
    assert first == again == turned


def test_another_seed_is_another_draw_and_signs_count():
    network = Network(*three())
    results = {simulate(network, ESTIMATES, samples=50, seed=seed).mean for seed in (1, -1, 2)}
    assert len(results) == 3


def test_what_did_not_change_has_the_same_luck_in_a_scenario():
    activities, precedences = three()
    before = simulate(Network(activities, precedences), ESTIMATES, samples=500, seed=1)
    more = Network([*activities, Activity("AA", 3)], precedences)
    after = simulate(more, {**ESTIMATES, "AA": (1, 3, 9)}, samples=500, seed=1)
    assert all(before.risks[code].p80 == after.risks[code].p80 for code in ESTIMATES)


def test_blocks_do_not_change_the_figures(monkeypatch: pytest.MonkeyPatch):
    network = Network(*three())
    whole = simulate(network, ESTIMATES, samples=1_000, seed=3)
    monkeypatch.setattr("roadmap.planning.simulation._BLOCK", 3 * 70)
    in_parts = simulate(network, ESTIMATES, samples=1_000, seed=3)
    assert in_parts.p50 == whole.p50
    assert in_parts.quantiles == whole.quantiles
    for code, risk in whole.risks.items():
        assert in_parts.risks[code].criticality == risk.criticality
        assert in_parts.risks[code].sensitivity == pytest.approx(risk.sensitivity)
        assert in_parts.risks[code].cruciality == pytest.approx(risk.cruciality)


def test_samples_that_break_a_maximal_lag_are_counted_and_left_out():
    # B starts when A has finished, and at most 12 days after A starts: A may take 12 days.
    network = Network(
        [Activity("A", 10), Activity("B", 5)],
        [Precedence("A", "B"), Precedence("B", "A", Kind.SS, -12)],
    )
    result = simulate(network, {"A": (8, 10, 20)}, samples=20_000, seed=1)
    allowed = 1 - (20 - 12) ** 2 / ((20 - 8) * (20 - 10))  # of the triangle, up to 12
    assert 1 - result.infeasible / 20_000 == pytest.approx(allowed, abs=0.015)
    assert result.risks["A"].p80 <= 12
    assert sum(result.counts) + result.infeasible == 20_000
    hopeless = simulate(network, {"A": (13, 14, 15)}, samples=50, seed=1)
    assert hopeless.infeasible == 50
    assert hopeless.p50 is None
    assert not hopeless.risks


def test_a_fixed_start_and_a_promised_end_count_in_every_sample():
    network = Network(
        [Activity("A", 10), Activity("B", 10, fixed_start=15, finish_by=28), Activity("C", 90)],
        chain("A", "B"),
    )
    result = simulate(network, {"A": (5, 10, 25), "B": (10, 10, 10)}, samples=20_000, seed=1)
    late = (25 - 18) ** 2 / ((25 - 5) * (25 - 10))  # A takes more than 18 days: B ends after 28
    risk = result.risks["B"]
    assert risk.promise_kept == pytest.approx(1 - late, abs=0.015)
    assert result.risks["A"].promise_kept is None
    assert risk.p50 == 25  # it starts on its day, though A is ready earlier
    assert risk.criticality == 1  # a fixed start has no slack
    # A has none where it holds B up.
    assert result.risks["A"].criticality == pytest.approx((25 - 15) ** 2 / (20 * 15), abs=0.015)


def test_the_uncertainty_that_drives_the_end_is_named_first():
    network = Network(
        [Activity(code, 50) for code in ("certain", "short", "wide", "beside")],
        chain("certain", "short", "wide"),
    )
    result = simulate(
        network, {"short": (45, 50, 55), "wide": (10, 50, 200), "beside": (1, 50, 60)},
        samples=5_000, seed=1,
    )  # fmt: skip
    assert next(risk.code for risk in result.tornado()) == "wide"
    wide, beside = result.risks["wide"], result.risks["beside"]
    assert wide.sensitivity > 0.95
    assert wide.cruciality > 0.95
    assert abs(beside.sensitivity) < 0.05
    assert beside.criticality == 0
    assert result.risks["certain"].criticality == 1
    assert result.risks["certain"].cruciality == 0


def plain_simulation(
    network: Network, estimates: Mapping[str, Estimate], samples: int
) -> tuple[list[float], dict[str, int]]:
    """Makespans and counts of criticality, sample by sample with Python's own random numbers."""
    draw = random.Random(99)
    makespans, critical = [], dict.fromkeys(network.activities, 0)
    for _ in range(samples):
        durations = {
            code: draw.triangular(low, high, mode) for code, (low, mode, high) in estimates.items()
        }
        dates = plain_schedule(network, durations)
        assert dates is not None
        makespan, slack = dates
        makespans.append(makespan)
        for code, value in slack.items():
            critical[code] += value < 1e-6
    return makespans, critical


def plain_schedule(
    network: Network, durations: Mapping[str, float]
) -> tuple[float, dict[str, float]] | None:
    """Makespan and total slack, or nothing where a cycle is positive: rounds until all holds."""

    def length(edge: Precedence) -> float:
        d = durations
        return edge.lag_days + {
            Kind.FS: d[edge.before], Kind.SS: 0.0,
            Kind.FF: d[edge.before] - d[edge.after], Kind.SF: -d[edge.after],
        }[edge.kind]  # fmt: skip

    start = {
        code: float(max(0, each.not_before, each.fixed_start or 0))
        for code, each in network.activities.items()
    }
    for _ in range(len(start) + 2):
        settled = True
        for edge in network.precedences:
            if start[edge.before] + length(edge) > start[edge.after] + 1e-9:
                start[edge.after] = start[edge.before] + length(edge)
                settled = False
        if settled:
            break
    else:
        return None
    makespan = max(start[code] + durations[code] for code in start)
    latest = {}
    for code, each in network.activities.items():
        bounds = [makespan - durations[code]]
        if each.finish_by is not None:
            bounds.append(each.finish_by - durations[code])
        if each.fixed_start is not None:
            bounds.append(float(each.fixed_start))
        latest[code] = min(bounds)
    for _ in range(len(start) + 2):
        for edge in network.precedences:
            latest[edge.before] = min(latest[edge.before], latest[edge.after] - length(edge))
    return makespan, {code: latest[code] - start[code] for code in start}


def test_an_independent_simulation_agrees():
    draw = random.Random(5)
    codes = [f"M{number:02}" for number in range(14)]
    network = Network(
        [Activity(code, 20) for code in codes],
        [
            Precedence(codes[a], codes[b], draw.choice(list(Kind)), draw.randint(-5, 9))
            for a, b in (sorted(draw.sample(range(14), 2)) for _ in range(24))
        ],
    )
    estimates = {code: (draw.randint(5, 20), 20, draw.randint(20, 90)) for code in codes}
    result = simulate(network, estimates, samples=20_000, seed=1)
    makespans, critical = plain_simulation(network, estimates, 1_500)
    assert result.p50 is not None
    assert result.deviation is not None
    error = 4 * result.deviation / math.sqrt(1_500)
    assert result.mean == pytest.approx(np.mean(makespans), abs=error)
    assert result.p50 == pytest.approx(np.quantile(makespans, 0.5), abs=1.5 * error)
    assert result.p80 == pytest.approx(np.quantile(makespans, 0.8), abs=2 * error)
    for code, count in critical.items():
        assert result.risks[code].criticality == pytest.approx(count / 1_500, abs=0.06), code


@st.composite
def sampled_networks(draw: st.DrawFn) -> tuple[Network, list[dict[str, float]]]:
    codes = "ABCDE"[: draw(st.integers(1, 5))]
    day = st.one_of(st.none(), st.integers(0, 12))
    activities = [
        Activity(code, 3, draw(st.sampled_from([0, 0, 4])), draw(day), draw(day)) for code in codes
    ]
    code = st.sampled_from(codes)
    precedence = st.builds(Precedence, code, code, st.sampled_from(list(Kind)), st.integers(-9, 4))
    network = Network(activities, draw(st.lists(precedence, max_size=8)))
    samples = st.fixed_dictionaries(
        {code: st.integers(0, 24).map(lambda n: n / 4) for code in codes}
    )
    return network, draw(st.lists(samples, min_size=1, max_size=6))


@settings(max_examples=150, deadline=None)
@given(sampled_networks())
def test_samples_together_equal_samples_one_by_one(
    case: tuple[Network, list[dict[str, float]]],
):
    """All kinds, lags, cycles feasible in some samples only, fixed starts and promised ends."""
    network, samples = case
    durations = np.array([[sample[code] for sample in samples] for code in network.activities])
    block = Sampler(network, durations.max(axis=1)).schedule(durations)
    expected = [plain_schedule(network, sample) for sample in samples]
    assert block.feasible.tolist() == [each is not None for each in expected]
    found = [each for each in expected if each is not None]
    assert block.makespan.tolist() == pytest.approx([makespan for makespan, _ in found])
    counts = [sum(slack[code] < 1e-6 for _, slack in found) for code in network.activities]
    assert block.critical.tolist() == counts


def test_the_result_says_how_it_was_made():
    result: Simulation = simulate(Network(*three()), ESTIMATES, samples=200, seed=9)
    assert (result.samples, result.seed, result.infeasible) == (200, 9, 0)
    assert sum(result.counts) == 200
    assert len(result.bins) == len(result.counts) + 1
    assert list(result.quantiles) == list(range(5, 100, 5))
    assert result.quantiles[50] == result.p50
    assert result.quantiles[80] == result.p80
