"""Dates and slack: by hand, against a linear programme, and against published makespans."""

import itertools
import re
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from roadmap.draft import Draft
from roadmap.formats.folder import read_folder
from roadmap.planning.network import Activity, Kind, Network, Precedence
from roadmap.planning.ordering import PositiveCycle
from roadmap.planning.schedule import Schedule, compute_schedule, plan
from roadmap.planning.suspension import resolve_contradictions

NETWORKS = Path(__file__).resolve().parents[2] / "networks"


def network_of(draft: Draft) -> Network:
    start = draft.start
    return Network(
        [
            Activity(
                each.code,
                each.duration_days,
                (each.not_before - start).days if each.not_before and start else 0,
            )
            for each in draft.milestones
        ],
        [
            Precedence(each.before, each.after, each.kind, each.lag_days, each.support)
            for each in draft.dependencies
        ],
    )


def schedule_of(name: str) -> Schedule:
    return compute_schedule(
        resolve_contradictions(network_of(read_folder(NETWORKS / name))).network
    )


def starts(schedule: Schedule) -> dict[str, tuple[int, int, int, int]]:
    """Earliest start, latest start, total slack, free slack by code."""
    return {
        code: (each.earliest_start, each.latest_start, each.total_slack, each.free_slack)
        for code, each in schedule.dates.items()
    }


def test_a_chain_adds_up_durations_and_lags():
    schedule = schedule_of("finish_to_start_chain")
    assert schedule.makespan_days == 38
    assert starts(schedule) == {"A": (0, 0, 0, 0), "B": (10, 10, 0, 0), "C": (33, 33, 0, 0)}
    assert all(each.critical for each in schedule.dates.values())


def test_each_kind_ties_the_ends_it_names():
    schedule = schedule_of("all_four_kinds")
    # A 0-10; B starts 3 after A starts; C (6 days) ends 2 after A ends; D (8 days) ends 9 after B
    # starts; E starts 2 before D ends.
    assert {code: each.earliest_start for code, each in schedule.dates.items()} == {
        "A": 0, "B": 3, "C": 6, "D": 4, "E": 10,
    }  # fmt: skip
    assert schedule.makespan_days == 12
    assert not schedule.dates["B"].total_slack


def test_negative_lags_overlap_and_nothing_starts_before_day_0():
    schedule = schedule_of("negative_lag_and_zero_duration")
    assert schedule.dates["M"].earliest_start == schedule.dates["M"].earliest_finish == 6
    assert schedule.makespan_days == 11
    early = Network(
        [Activity("A", 2), Activity("B", 5)], [Precedence("A", "B", Kind.SF, lag_days=-100)]
    )
    assert compute_schedule(early).dates["B"].earliest_start == 0


def test_a_first_day_of_its_own_is_kept():
    schedule = schedule_of("not_before")
    assert schedule.dates["B"].earliest_start == 59
    assert schedule.dates["A"].total_slack == schedule.dates["A"].free_slack == 49


def test_a_maximal_lag_pulls_the_predecessor_along():
    # C holds B back to day 25; A may start at most 12 days before B.
    schedule = schedule_of("maximal_lag")
    assert schedule.dates["A"].earliest_start == 13
    assert schedule.dates["B"].earliest_start == 25
    assert schedule.makespan_days == 30


def test_free_slack_stops_at_the_successor_and_total_slack_at_the_end():
    network = Network(
        [Activity("A", 2), Activity("B", 3), Activity("C", 10)],
        [Precedence("A", "B", lag_days=0), Precedence("A", "C", Kind.SS, lag_days=-5)],
    )
    schedule = compute_schedule(network)
    assert starts(schedule) == {"A": (0, 5, 5, 0), "B": (2, 7, 5, 5), "C": (0, 0, 0, 0)}


def test_a_fixed_start_holds_both_ways_and_takes_the_slack_of_what_leads_there():
    network = Network(
        [Activity("A", 5), Activity("B", 5, fixed_start=20), Activity("C", 40)],
        [Precedence("A", "B")],
    )
    schedule = compute_schedule(network)
    assert starts(schedule) == {"A": (0, 15, 15, 15), "B": (20, 20, 0, 0), "C": (0, 0, 0, 0)}
    assert schedule.makespan_days == 40


def test_a_promise_bounds_the_latest_dates_only_and_slack_may_be_negative():
    network = Network(
        [Activity("A", 10), Activity("B", 5, finish_by=12), Activity("C", 40, finish_by=99)],
        [Precedence("A", "B")],
    )
    schedule = compute_schedule(network)
    assert starts(schedule) == {"A": (0, -3, -3, 0), "B": (10, 7, -3, 0), "C": (0, 0, 0, 0)}
    assert [each.critical for each in schedule.dates.values()] == [True, True, True]


def test_free_slack_is_never_more_than_total_slack_where_a_successor_is_late_for_another_reason():
    network = Network(
        [Activity("A", 5), Activity("B", 5, fixed_start=8), Activity("L", 20)],
        [Precedence("A", "B"), Precedence("L", "B")],
    )
    dates = compute_schedule(network).dates
    assert (dates["A"].total_slack, dates["A"].free_slack) == (3, 3)
    assert (dates["B"].total_slack, dates["B"].free_slack) == (-12, 0)


def test_near_critical_is_what_has_little_slack():
    network = Network(
        [Activity(code, days) for code, days in zip("ABCD", (900, 860, 870, 9), strict=True)]
    )
    schedule = compute_schedule(network)
    assert schedule.near_days == 45  # 5 %
    assert schedule.near_critical() == ("C", "B")
    assert schedule.near_critical(30) == ("C",)
    assert compute_schedule(Network([Activity("A", 10)])).near_days == 30


def test_no_milestones_take_no_time():
    assert compute_schedule(Network([])).makespan_days == 0


def test_a_positive_cycle_is_refused_and_named():
    with pytest.raises(PositiveCycle, match="A → B → A") as refused:
        compute_schedule(
            Network(
                [Activity("A", 1), Activity("B", 1), Activity("C", 1)],
                [Precedence("A", "B"), Precedence("B", "A", Kind.SS), Precedence("B", "C")],
            )
        )
    assert isinstance(refused.value, ValueError)
    with pytest.raises(PositiveCycle, match="A → A"):
        compute_schedule(Network([Activity("A", 1)], [Precedence("A", "A", Kind.SF, 5)]))


def long_round(size: int, back: int) -> Network:
    """Starts one day after each other, against the order of codes, and a limit for the last."""
    codes = [f"M{size - number:06}" for number in range(size)]
    return Network(
        [Activity(code, 1) for code in codes],
        [
            *(Precedence(a, b, Kind.SS, 1) for a, b in itertools.pairwise(codes)),
            Precedence(codes[-1], codes[0], Kind.SS, -back),
        ],
    )


def test_a_long_feasible_cycle_settles_in_a_few_passes_and_an_infeasible_one_is_named():
    assert compute_schedule(long_round(5_000, 4_999)).makespan_days == 5_000
    with pytest.raises(PositiveCycle) as refused:
        compute_schedule(long_round(300, 298))
    assert len(refused.value.codes) == 300


def test_the_plan_names_what_drives_the_critical_path():
    whole = plan(
        (Activity("A", 5), Activity("B", 5), Activity("C", 1)),
        (Precedence("A", "B"), Precedence("A", "C"), Precedence("C", "B")),
    )
    assert [(each.before, each.after) for each in whole.driving()] == [("A", "C"), ("C", "B")]


def read_psplib(path: Path) -> tuple[Network, int]:
    """A single-mode PSPLIB file as a finish-to-start network, with its published MPM time."""
    text = path.read_text(encoding="latin-1")
    project = re.search(r"MPM-Time\s*\n([^\n]*)", text)
    assert project
    relations = text.split("PRECEDENCE RELATIONS:")[1].split("***")[0].splitlines()[2:]
    requests = text.split("REQUESTS/DURATIONS:")[1].split("RESOURCEAVAIL")[0].splitlines()[3:]
    numbers = [[int(part) for part in line.split()] for line in relations if line.strip()]
    durations = [line.split() for line in requests if re.match(r"\s*\d+\s+1\s", line)]
    return (
        Network(
            [Activity(row[0], int(row[2])) for row in durations],
            [Precedence(str(row[0]), str(after)) for row in numbers for after in row[3:]],
        ),
        int(project.group(1).split()[-1]),
    )


def slack_by_longest_paths(network: Network) -> dict[str, tuple[int, int]]:
    """Total and free slack by networkx's longest paths over days between starts, no other code."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(["begin", *network.activities, "end"])
    for code, activity in network.activities.items():
        graph.add_edge("begin", code, weight=0)
        graph.add_edge(code, "end", weight=activity.duration_days)
    for each in network.precedences:
        graph.add_edge(
            each.before, each.after, weight=network.activities[each.before].duration_days
        )
    order = list(nx.topological_sort(graph))
    early, late = dict.fromkeys(graph, 0), {}
    for node in order:
        for _, after, weight in graph.out_edges(node, data="weight"):
            early[after] = max(early[after], early[node] + weight)
    for node in reversed(order):
        late[node] = min(
            (late[after] - weight for _, after, weight in graph.out_edges(node, data="weight")),
            default=early["end"],
        )
    return {
        code: (
            late[code] - early[code],
            min(
                early[after] - early[code] - weight
                for _, after, weight in graph.out_edges(code, data="weight")
            ),
        )
        for code in network.activities
    }


def test_slack_in_published_networks_equals_that_of_longest_paths(shared_data: Path):
    for path in sorted((shared_data / "psplib").glob("*.sm")):
        network, _ = read_psplib(path)
        dates = compute_schedule(network).dates
        found = {code: (each.total_slack, each.free_slack) for code, each in dates.items()}
        assert found == slack_by_longest_paths(network), path.name


def test_makespans_equal_the_published_ones(shared_data: Path):
    files = sorted((shared_data / "psplib").glob("*.sm"))
    assert files
    for path in files:
        network, published = read_psplib(path)
        assert len(network.activities) in (32, 62, 122)
        assert compute_schedule(network).makespan_days == published, path.name


@st.composite
def networks(draw: st.DrawFn, size: int = 5, edges: int = 9, *, promises: bool = False) -> Network:
    codes = "ABCDEFG"[: draw(st.integers(1, size))]
    day = st.one_of(st.none(), st.integers(0, 20)) if promises else st.none()
    activities = [
        Activity(
            code, draw(st.integers(0, 6)), draw(st.sampled_from([0, 0, 0, 7])), draw(day), draw(day)
        )
        for code in codes
    ]
    code = st.sampled_from(codes)
    precedence = st.builds(Precedence, code, code, st.sampled_from(list(Kind)), st.integers(-8, 6))
    return Network(activities, draw(st.lists(precedence, max_size=edges)))


def solve(network: Network, objective: list[float], latest_finish: float | None) -> list[int]:
    """Starts that minimise ``objective`` under the definitions of the four kinds."""
    return solve_within(
        network,
        objective[0],
        [
            (each.not_before, None if latest_finish is None else latest_finish - each.duration_days)
            for each in network.activities.values()
        ],
    )


def solve_within(
    network: Network, weight: float, limits: list[tuple[float | None, float | None]]
) -> list[int]:
    """Starts of least (weight 1) or greatest (-1) sum that keep the dependencies and limits."""
    codes = list(network.activities)
    duration = {code: each.duration_days for code, each in network.activities.items()}
    rows, bounds = [], []
    for each in network.precedences:
        # start or finish of `after` minus start or finish of `before` is at least the lag
        row = np.zeros(len(codes))
        row[codes.index(each.after)] -= 1
        row[codes.index(each.before)] += 1
        from_finish = duration[each.before] if each.kind in ("FS", "FF") else 0
        to_finish = duration[each.after] if each.kind in ("FF", "SF") else 0
        rows.append(row)
        bounds.append(-each.lag_days - from_finish + to_finish)
    result = linprog(
        [weight] * len(codes),
        A_ub=np.array(rows) if rows else None,
        b_ub=bounds or None,
        bounds=limits,
    )
    assert result.status == 0
    return [round(value) for value in result.x]


@settings(max_examples=60, deadline=None)
@given(networks())
def test_dates_equal_those_of_a_linear_programme(network: Network):
    standing = resolve_contradictions(network).network
    schedule = compute_schedule(standing)
    dates = list(schedule.dates.values())
    ones = [1.0] * len(dates)
    assert [each.earliest_start for each in dates] == solve(standing, ones, None)
    assert schedule.makespan_days == max(each.earliest_finish for each in dates)
    minus = [-1.0] * len(dates)
    assert [each.latest_start for each in dates] == solve(
        standing, minus, float(schedule.makespan_days)
    )


@settings(max_examples=100, deadline=None)
@given(networks())
def test_slipping_by_the_free_slack_moves_no_successor_and_one_day_more_does(network: Network):
    standing = resolve_contradictions(network).network
    schedule = compute_schedule(standing)
    for code, dates in schedule.dates.items():
        assert 0 <= dates.free_slack <= dates.total_slack
        for slip, allowed in ((dates.free_slack, True), (dates.free_slack + 1, False)):
            unmoved = dates.earliest_finish + slip <= schedule.makespan_days and all(
                dates.earliest_start + slip + standing.length_of(each)
                <= schedule.dates[each.after].earliest_start
                for each in standing.precedences
                if each.before == code != each.after
            )
            assert unmoved is allowed


@settings(max_examples=60, deadline=None)
@given(networks(promises=True))
def test_promises_bound_dates_as_a_linear_programme_says(network: Network):
    """Earliest: the least starts that keep day 0, first days, fixed starts and dependencies.
    Latest: the greatest starts within makespan, promised ends and fixed starts, from wherever.
    """
    standing = resolve_contradictions(network).network
    schedule = compute_schedule(standing)
    dates = list(schedule.dates.values())
    activities = list(standing.activities.values())
    lower = [max(each.not_before, each.fixed_start or 0) for each in activities]
    assert [each.earliest_start for each in dates] == solve_within(
        standing, 1.0, [(bound, None) for bound in lower]
    )
    upper = [
        min(
            schedule.makespan_days - each.duration_days,
            10**6 if each.finish_by is None else each.finish_by - each.duration_days,
            10**6 if each.fixed_start is None else each.fixed_start,
        )
        for each in activities
    ]
    assert [each.latest_start for each in dates] == solve_within(
        standing, -1.0, [(None, bound) for bound in upper]
    )
    for each in dates:
        assert each.total_slack == each.latest_start - each.earliest_start
        assert 0 <= each.free_slack <= max(0, each.total_slack)
