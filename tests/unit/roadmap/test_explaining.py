"""Why a date is what it is: chains of reasons, and what cannot be kept."""

import itertools
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import LocalizedText
from roadmap.draft import Draft, DraftMilestone
from roadmap.planning.explaining import Demand, Explainer, Reason
from roadmap.planning.network import Activity, Kind, Network, Precedence
from roadmap.planning.schedule import Plan, compute_schedule, plan
from roadmap.planning.suspension import resolve_contradictions
from roadmap.roadmaps import plan_draft


def explainer(activities: list[Activity], precedences: list[Precedence]) -> Explainer:
    return Explainer(plan(tuple(activities), tuple(precedences)))


def test_a_chain_leads_from_the_start_through_what_drives():
    why = explainer(
        [Activity("A", 5), Activity("B", 7, not_before=2), Activity("C", 3), Activity("D", 1)],
        [
            Precedence("A", "C"), Precedence("B", "C", lag_days=4), Precedence("C", "D"),
            Precedence("A", "D"),
        ],
    )  # fmt: skip
    found = why.explain("D")
    assert found.since.codes == ("B", "C", "D")
    assert found.since.reason is Reason.NOT_BEFORE
    assert (found.until.links, found.until.reason) == ((), Reason.MAKESPAN)
    assert why.explain("B").until.codes == ("B", "C", "D")
    assert why.explain("A").since.links == ()
    assert why.explain("A").since.reason is Reason.DAY_0
    with pytest.raises(KeyError):
        why.explain("Z")


def test_the_chain_with_fewest_links_is_told_and_what_asks_for_the_same_day_beside_it():
    why = explainer(
        [Activity("A", 4), Activity("B", 2), Activity("C", 2), Activity("D", 1)],
        [Precedence("B", "C"), Precedence("C", "D"), Precedence("A", "D")],
    )
    found = why.explain("D")
    assert found.since.codes == ("A", "D")
    assert [(each.before, each.after) for each in found.also] == [("C", "D")]


def test_what_cannot_be_kept_is_told_with_its_reason():
    why = explainer(
        [
            Activity("A", 30), Activity("B", 10, fixed_start=20),
            Activity("C", 5, finish_by=40), Activity("D", 5, not_before=9, fixed_start=7),
            Activity("E", 5, finish_by=5),
        ],
        [Precedence("A", "B"), Precedence("B", "C", lag_days=3)],
    )  # fmt: skip
    broken = {each.code: each for each in why.conflicts()}
    assert list(broken) == ["B", "C", "D"]
    assert (broken["B"].demand, broken["B"].days_late) == (Demand.FIXED_START, 10)
    assert broken["B"].because.codes == ("A", "B")
    assert (broken["C"].demand, broken["C"].earliest) == (Demand.FINISH_BY, 48)
    assert broken["C"].because.codes == ("A", "B", "C")
    assert (broken["D"].because.reason, broken["D"].days_late) == (Reason.NOT_BEFORE, 2)
    dates = why.schedule.dates
    # A is late for both: eight days for C's promise, ten for B's fixed start.
    assert {code: dates[code].total_slack for code in "ABCD"} == {
        "A": -10, "B": -10, "C": -8, "D": -2,
    }  # fmt: skip
    assert all(dates[code].critical and not dates[code].free_slack for code in "ABCD")


def test_long_chains_are_cut_at_the_far_end():
    codes = [f"M{number:02}" for number in range(30)]
    activities = [Activity(code, 2) for code in codes[:-1]]
    activities.append(Activity(codes[-1], 2, finish_by=1))
    why = explainer(activities, [Precedence(a, b) for a, b in itertools.pairwise(codes)])
    (conflict,) = why.conflicts()
    assert conflict.because.codes[-1] == "M29"
    assert len(conflict.because.links) + conflict.because.left_out == 29
    assert conflict.because.left_out > 0
    assert len(why.explain("M29").since.links) == 29


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    codes = "ABCDEF"[: draw(st.integers(1, 6))]
    day = st.one_of(st.none(), st.integers(0, 20))
    activities = [
        Activity(code, draw(st.integers(0, 6)), draw(st.sampled_from([0, 0, 7])), draw(day),
                 draw(day))
        for code in codes
    ]  # fmt: skip
    code = st.sampled_from(codes)
    precedence = st.builds(Precedence, code, code, st.sampled_from(list(Kind)), st.integers(-8, 6))
    network = Network(activities, draw(st.lists(precedence, max_size=10)))
    found = resolve_contradictions(network)
    return Plan(found.network, found.contradictions, found.exact, compute_schedule(found.network))


@settings(max_examples=60, deadline=None)
@given(plans())
def test_every_chain_adds_up_to_the_date_it_explains(found: Plan):
    why = Explainer(found)
    schedule, network = found.schedule, found.network
    for code, dates in schedule.dates.items():
        explained = why.explain(code)
        first = explained.since.links[0].before if explained.since.links else code
        activity = network.activities[first]
        begins = {
            Reason.DAY_0: 0, Reason.NOT_BEFORE: activity.not_before,
            Reason.FIXED_START: activity.fixed_start,
        }[explained.since.reason]  # fmt: skip
        assert begins is not None
        lengths = sum(network.length_of(link) for link in explained.since.links)
        assert begins + lengths == dates.earliest_start
        last = network.activities[
            explained.until.links[-1].after if explained.until.links else code
        ]
        ends = {
            Reason.MAKESPAN: schedule.makespan_days - last.duration_days,
            Reason.FINISH_BY: (last.finish_by or 0) - last.duration_days,
            Reason.FIXED_START: last.fixed_start,
        }[explained.until.reason]
        assert ends is not None
        lengths = sum(network.length_of(link) for link in explained.until.links)
        assert ends - lengths == dates.latest_start
    expected = {
        code
        for code, dates in schedule.dates.items()
        for activity in [network.activities[code]]
        if (activity.fixed_start is not None and dates.earliest_start > activity.fixed_start)
        or (activity.finish_by is not None and dates.earliest_finish > activity.finish_by)
    }
    assert {each.code for each in why.conflicts()} == expected


def test_dates_before_the_roadmaps_start_are_told_as_they_are():
    title, early = LocalizedText.of("Early"), date(1999, 1, 1)
    draft = Draft(
        milestones=(
            DraftMilestone("A", title, "SRIA", "net", 10, fixed_start=early),
            DraftMilestone("B", title, "SRIA", "net", 0, finish_by=early),
            DraftMilestone("C", title, "SRIA", "net", 10, not_before=early),
        ),
        dependencies=(),
        areas={"net": title},
    )
    planned = plan_draft(draft, start=date(1999, 1, 31))
    broken = {each.code: each for each in Explainer(planned).conflicts()}
    assert list(broken) == ["A", "B"]
    assert [(each.asked, each.earliest, each.days_late) for each in broken.values()] == [
        (-30, 0, 30), (-30, 0, 30),
    ]  # fmt: skip
    assert planned.schedule.dates["A"].total_slack == -30
    assert planned.schedule.makespan_days == 10
