"""Sums of money and what they move; quarters and days."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import LocalizedText
from roadmap.budgets import budget_totals, leverage, union_leverage
from roadmap.calendar import quarter_days, quarter_of, read_date
from roadmap.draft import BudgetSource, Draft, DraftMilestone
from roadmap.draft_changes import changes_between, filled


def milestone(code: str, agenda: str = "SRIA", **budget: str) -> DraftMilestone:
    amounts = {BudgetSource(source): Decimal(amount) for source, amount in budget.items()}
    return DraftMilestone(code, LocalizedText.of(code), agenda, "radio", 1, budget=amounts)


def draft(*milestones: DraftMilestone) -> Draft:
    return Draft(milestones, (), {"radio": LocalizedText.of("Radio")})


def test_leverage_is_what_partners_bring_for_each_euro_of_the_union():
    amounts = milestone("A", eu="100", member_states="50", industry_cash="50",
                        industry_in_kind="400", cef="100").budget  # fmt: skip
    assert leverage(amounts) == 5
    assert union_leverage(amounts) == Decimal("2.5")
    assert leverage(milestone("A", cef="5").budget) is None
    assert union_leverage({}) is None


def test_sums_by_source_area_and_agenda():
    totals = budget_totals(
        draft(milestone("A", eu="1.10"), milestone("B", "SDA", eu="2", cef="3"), milestone("C"))
    )
    assert (totals.milestones, totals.total) == (2, Decimal("6.10"))
    assert totals.by_source == {BudgetSource.EU: Decimal("3.10"), BudgetSource.CEF: Decimal(3)}
    assert list(totals.by_agenda) == ["SRIA", "SDA"]
    assert totals.by_year == {}


def test_money_is_spread_over_the_days_of_each_year():
    totals = budget_totals(
        draft(milestone("A", eu="1000"), milestone("B", eu="7")),
        start=date(2026, 7, 1),
        days={"A": (0, 184 + 365), "B": (184, 184)},
    )
    eu = {year: amounts[BudgetSource.EU] for year, amounts in totals.by_year.items()}
    assert eu == {2026: Decimal("335.15"), 2027: Decimal("671.85")}


@settings(max_examples=60, deadline=None)
@given(st.decimals(0, 10**12, places=2), st.integers(0, 5000), st.integers(0, 5000))
def test_years_add_up_to_the_cent(amount: Decimal, first: int, length: int):
    totals = budget_totals(
        draft(milestone("A", eu=str(amount))),
        start=date(2026, 1, 1),
        days={"A": (first, first + length)},
    )
    assert sum(each[BudgetSource.EU] for each in totals.by_year.values()) == amount


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_a_day_lies_in_its_quarter(day: date):
    quarter = quarter_of(day)
    first, last = read_date(quarter), read_date(quarter, end=True)
    assert first is not None
    assert last is not None
    assert first <= day <= last
    assert quarter_days(day.year, int(quarter[-1])) == (first, last)
    assert read_date(day.isoformat()) == day


@pytest.mark.parametrize("text", ["", "2027", "2027-Q5", "0000-Q1", "2027-02-30", "Q1 2027"])
def test_what_is_no_date_is_none(text: str):
    assert read_date(text) is None


def test_what_a_file_is_silent_about_stays():
    old = milestone("A", eu="5", cef="7")
    new = DraftMilestone("A", LocalizedText.of("New"), "SDA", "radio", 2)
    present = draft(old)
    silent = frozenset({"budget_eu", "agenda", "title_fr"})
    after = filled(Draft((new,), (), {"radio": LocalizedText.of("Radio")}, silent=silent), present)
    assert after.milestones[0].budget == {BudgetSource.EU: Decimal(5)}
    assert after.milestones[0].agenda == "SRIA"
    changed = {(each.field, each.before, each.after)
               for each in changes_between(present, after).milestones_changed}  # fmt: skip
    assert changed == {
        ("title_en", "A", "New"), ("duration_days", 1, 2), ("budget_cef", Decimal(7), None),
    }  # fmt: skip
