"""What moves if this slips, what must start now, what a smaller budget does."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import LocalizedText
from roadmap.draft import BudgetSource, Draft, DraftDependency, DraftMilestone, Kpi
from roadmap.draft_documents import field_values, milestone_document
from roadmap.errors import InvalidDraft
from roadmap.planning.network import Kind
from roadmap.roadmaps import plan_draft
from roadmap.scenarios.comparing import Planned, compare, last_day
from roadmap.scenarios.questions import (
    chain_from,
    cut_budgets,
    must_start,
    select_within,
    slip,
    stretch,
)
from roadmap.scenarios.steps import apply_steps, do_step, is_current

START = date(2026, 1, 1)


def milestone(code: str, days: int = 10, euros: int = 0, **fields: object) -> DraftMilestone:
    budget = {BudgetSource.EU: Decimal(euros)} if euros else {}
    return DraftMilestone(
        code,
        LocalizedText.of(code),
        "SRIA",
        "a",
        days,
        budget=budget,
        **fields,  # type: ignore[arg-type]
    )


def planned(
    milestones: list[DraftMilestone], bonds: list[tuple[str, str, str, int]] | None = None
) -> Planned:
    draft = Draft(
        tuple(milestones),
        tuple(DraftDependency(b, a, Kind(k), lag) for b, a, k, lag in bonds or []),
        {"a": LocalizedText.of("Area")},
        start=START,
    )
    return Planned(draft, plan_draft(draft, start=START), START)


def after(before: Planned, *steps: dict[str, object]) -> Planned:
    draft = apply_steps(before.draft, steps)
    return Planned(draft, plan_draft(draft, start=START), START)


CHAIN = [("A", "B", "FS", 0), ("B", "C", "FS", 5)]


def test_a_slip_moves_what_waits_for_it_and_nothing_else() -> None:
    before = planned([milestone(code) for code in "ABCD"], CHAIN)
    later = after(before, {"op": "change_milestones", "changes": slip(before, code="B", days=365)})
    moved = {each.code: each.finish_days for each in compare(before, later).moved}
    assert moved == {"B": 365, "C": 365, "A": 0, "D": 0}
    assert chain_from(later, origin="B") == {"B": ("B",), "C": ("B", "C")}
    slack = {each.code: each for each in compare(before, later).moved}
    assert slack["A"].after is not None
    assert slack["A"].after.total_slack == 365


def test_a_slip_of_a_fixed_start_moves_the_fixed_start() -> None:
    before = planned([milestone("A", fixed_start=date(2026, 3, 1))])
    assert slip(before, code="A", days=31) == {"A": {"fixed_start": "2026-04-01"}}


def test_a_slip_before_the_start_is_refused() -> None:
    with pytest.raises(InvalidDraft, match="days: would start before the roadmap"):
        slip(planned([milestone("A")]), code="A", days=-1)


def test_what_must_start_now_is_everything_before_it_with_its_last_day() -> None:
    plan = planned([milestone(code) for code in "ABCD"], CHAIN)
    found = must_start(plan, code="C", by=date(2026, 12, 31))
    assert [each.code for each in found] == ["A", "B", "C"]
    assert found[2].latest == date(2026, 12, 31) - timedelta(days=10)
    assert found[0].latest == date(2026, 12, 31) - timedelta(days=35)
    assert not any(each.too_late for each in found)
    assert all(each.too_late for each in must_start(plan, code="C", by=date(2026, 1, 20)))


networks = st.integers(2, 6).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 9), min_size=size, max_size=size),
        st.lists(
            st.tuples(
                st.integers(0, size - 1), st.integers(0, size - 1), st.sampled_from(list(Kind)),
                st.integers(-6, 6),
            ),
            max_size=8,
        ),
    )
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(networks)
def test_starting_on_the_last_day_is_in_time_and_a_day_later_is_not(
    network: tuple[list[int], list[tuple[int, int, Kind, int]]],
) -> None:
    days, bonds = network
    plan = planned(
        [milestone(f"M{at}", each) for at, each in enumerate(days)],
        [(f"M{b}", f"M{a}", k.value, lag) for b, a, k, lag in bonds],
    )
    target = f"M{len(days) - 1}"
    finish = plan.finish_of(target)
    by = finish + timedelta(days=30)
    for each in must_start(plan, code=target, by=by):
        for late in (0, 1):
            # Only binding where it is not earlier than what binds it anyway.
            day = each.latest + timedelta(days=late)
            if day < each.earliest:
                continue
            step = {
                "op": "change_milestones",
                "changes": {each.code: {"not_before": day.isoformat()}},
            }
            assert (after(plan, step).finish_of(target) <= by) is (late == 0)


@settings(max_examples=40, deadline=None)
@given(
    networks,
    st.lists(st.integers(0, 20), min_size=6, max_size=6),
    st.lists(st.integers(0, 9), min_size=6, max_size=6),
    st.integers(1, 99),
)
def test_the_selection_is_the_best_of_all_that_fit(
    network: tuple[list[int], list[tuple[int, int, Kind, int]]],
    euros: list[int],
    weight: list[int],
    percent: int,
) -> None:
    days, bonds = network
    codes = [f"M{at}" for at in range(len(days))]
    plan = planned(
        [milestone(code, 5, cost) for code, cost in zip(codes, euros, strict=False)],
        [(f"M{b}", f"M{a}", k.value, lag) for b, a, k, lag in bonds],
    )
    weights = {code: Decimal(each) for code, each in zip(codes, weight, strict=False)}
    found = select_within(plan, percent=percent, weights=weights)
    bound = {(each.before, each.after) for each in plan.plan.network.precedences}
    best = max(
        (sum(weights[code] for code in staying), -cost)
        for choice in product([False, True], repeat=len(codes))
        for staying in [{code for code, stays in zip(codes, choice, strict=True) if stays}]
        for cost in [sum(euros[codes.index(code)] for code in staying)]
        if cost <= found.limit
        and all(before in staying for before, this in bound if this in staying)
    )
    assert found.exact
    assert (found.weight_after, -found.cost_after) == best
    kept = set(codes) - set(found.left_out)
    assert all(before in kept for before, this in bound if this in kept)


def test_what_must_be_kept_may_cost_too_much() -> None:
    plan = planned([milestone("A", 5, 100), milestone("B", 5, 10)])
    with pytest.raises(InvalidDraft, match=r"kept: what must be kept costs more than 88\.00 euros"):
        select_within(plan, percent=20, weights={}, kept=["A"])


def test_less_money_a_year_lets_what_is_paid_take_longer() -> None:
    plan = planned([milestone("A", 100, 50, pessimistic_days=200), milestone("B", 100)])
    assert stretch(plan, percent=20) == {"A": {"duration_days": 125, "pessimistic_days": 250}}
    assert stretch(plan, percent=33)["A"]["duration_days"] == 150  # 149.25… and up


def test_a_cut_for_everyone_alike_is_to_the_cent() -> None:
    draft = planned([milestone("A", 5, 99)]).draft
    assert cut_budgets(draft, percent=33) == {"A": {"budget": {"eu": "66.33"}}}
    assert cut_budgets(draft, percent=33, sources=[BudgetSource.CEF]) == {}


def test_a_kpi_that_comes_too_late_is_named() -> None:
    kpi = Kpi(LocalizedText.of("Coverage"), "90", due="2026-Q1")
    before = planned([milestone("A", 60, kpis=(kpi,))])
    later = after(before, {"op": "change_milestones", "changes": slip(before, code="A", days=60)})
    (outcome,) = compare(before, later).kpis
    assert (outcome.due, outcome.in_time_before, outcome.in_time_after) == (
        date(2026, 3, 31), True, False,
    )  # fmt: skip


def test_quarters_and_years_end_on_their_last_day() -> None:
    ends = [last_day(f"2028-Q{quarter}") for quarter in (1, 2, 3, 4)]
    assert ends == [date(2028, 3, 31), date(2028, 6, 30), date(2028, 9, 30), date(2028, 12, 31)]
    assert last_day("2028") == date(2028, 12, 31)


def test_a_step_that_is_wrong_names_its_number_and_field() -> None:
    draft = planned([milestone("A")]).draft
    wrong = {"op": "change_milestones", "changes": {"A": {"trl_to": 12}}}
    with pytest.raises(InvalidDraft, match="step 1: trl_to: expected a technology readiness"):
        apply_steps(draft, [wrong])
    with pytest.raises(InvalidDraft, match="op: expected one of"):
        do_step(draft, {"op": "burn"})
    with pytest.raises(InvalidDraft, match="add_milestone: the step is not complete"):
        do_step(draft, {"op": "add_milestone"})


def test_a_draft_that_moved_on_is_noticed_field_by_field() -> None:
    draft = planned([milestone("A"), milestone("B")]).draft
    step: dict[str, object] = {
        "op": "change_milestones", "changes": {"A": {"duration_days": 20, "lead": "us"}},
    }  # fmt: skip
    _changed, was = do_step(draft, step)
    step["was"] = was
    assert is_current(draft, step) == []
    moved = apply_steps(
        draft, [{"op": "change_milestones", "changes": {"A": {"duration_days": 15}}}]
    )
    assert is_current(moved, step) == [("A.duration_days", 10, 15)]


def test_removing_a_milestone_takes_its_dependencies_along() -> None:
    draft = planned([milestone(code) for code in "ABC"], CHAIN).draft
    rest = apply_steps(draft, [{"op": "remove_milestones", "codes": ["B"]}])
    assert [each.code for each in rest.milestones] == ["A", "C"]
    assert rest.dependencies == ()


def test_every_field_survives_being_written_and_read() -> None:
    full = DraftMilestone(
        "A", LocalizedText({"en": "A", "fr": "B"}), "SDA", "a", 10,
        not_before=date(2026, 2, 1), finish_by=date(2027, 2, 1), kpis=(
            Kpi(LocalizedText.of("x"), "3.50", "1", "km", "2028"),
        ), budget={BudgetSource.CEF: Decimal("12.50")}, themes=("green",), stage="funded",
        optimistic_days=5, likely_days=8, pessimistic_days=20,
    )  # fmt: skip
    assert field_values(milestone_document(full)) == {
        name: getattr(full, name) for name in milestone_document(full)
    }
