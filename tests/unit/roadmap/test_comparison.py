"""What counts as a change between two editions."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from roadmap.editions.comparison import compare_editions
from roadmap.evidence.scoring import priority, score_option, score_scale


def milestone(code: str, **fields: Any) -> dict[str, Any]:
    return {
        "code": code, "title": {"en": code}, "description": {}, "agenda": "SRIA", "area": "a",
        "duration_days": 10, "not_before": None, "lead": "", "trl_from": None, "trl_to": None,
        "earliest_start": 0, "earliest_finish": 10, "priority": None, "evidence": [],
    } | fields  # fmt: skip


def dependency(before: str, after: str, **fields: Any) -> dict[str, Any]:
    return {
        "from": before, "to": after, "kind": "FS", "lag_days": 0, "support": "1",
        "suspended": False, "evidence": [],
    } | fields  # fmt: skip


def edition(*milestones: Any, dependencies: Any = ()) -> dict[str, Any]:
    return {"milestones": list(milestones), "dependencies": list(dependencies)}


def asked(question: str) -> dict[str, Any]:
    return {"consultation": "c", "question": question, "option": None}


def score(text: str) -> dict[str, Any]:
    return {"score": text, "n": 10, "formula": ""}


def test_the_same_edition_has_no_changes() -> None:
    one = edition(milestone("A"), milestone("B"), dependencies=[dependency("A", "B")])
    assert compare_editions(one, one) == []


def test_every_field_belongs_to_one_kind_of_change() -> None:
    old = edition(milestone("A"), milestone("B"))
    new = edition(
        milestone("A", title={"en": "Other"}, not_before="2027-01-01", lead="Somebody"),
        milestone("C"),
    )
    changes = compare_editions(old, new)
    assert [(change["kind"], change["code"]) for change in changes] == [
        ("moved", "A"), ("reworded", "A"), ("revised", "A"), ("added", "C"), ("removed", "B"),
    ]  # fmt: skip
    assert changes[0]["before"] == {"not_before": None}
    assert changes[0]["after"] == {"not_before": "2027-01-01"}


def test_a_priority_counts_from_one_hundredth_on_and_a_first_score_is_none() -> None:
    def kinds(before: Any, after: Any) -> list[str]:
        old, new = edition(milestone("A", priority=before)), edition(milestone("A", priority=after))
        return [change["kind"] for change in compare_editions(old, new)]

    assert kinds(None, score("0.50")) == []
    assert kinds(score("0.50"), score("0.51")) == ["reprioritised"]
    assert kinds(score("0.50"), score("0.50")) == []
    assert kinds(score("0.50"), None) == ["reprioritised"]


def test_a_change_names_the_evidence_that_is_new() -> None:
    old = edition(milestone("A", evidence=[asked("Q1")]))
    new = edition(milestone("A", title={"en": "X"}, evidence=[asked("Q1"), asked("Q2")]))
    (change,) = compare_editions(old, new)
    assert change["evidence"] == [asked("Q2")]
    same = edition(milestone("A", title={"en": "X"}, evidence=[asked("Q1")]))
    (change,) = compare_editions(old, same)
    assert change["evidence"] == [asked("Q1")]


def test_parallel_dependencies_are_told_apart() -> None:
    ends = (milestone("A"), milestone("B"))
    old = edition(*ends, dependencies=[dependency("A", "B"), dependency("A", "B", kind="SS")])
    new = edition(*ends, dependencies=[dependency("A", "B", kind="SS"),
                                       dependency("A", "B", lag_days=5)])  # fmt: skip
    (change,) = compare_editions(old, new)
    assert (change["before"]["lag_days"], change["after"]["lag_days"]) == (0, 5)


bonds = st.lists(
    st.builds(
        dependency,
        st.sampled_from("AB"), st.sampled_from("AB"),
        kind=st.sampled_from(["FS", "SS"]), lag_days=st.integers(0, 1),
        suspended=st.booleans(),
    ),
    max_size=6,
)  # fmt: skip


@given(bonds, bonds)
def test_changes_of_dependencies_lead_from_the_old_to_the_new(old: Any, new: Any) -> None:
    def as_set(found: Any) -> list[Any]:
        return sorted((d["from"] + ">" + d["to"], d["kind"], d["lag_days"], d["suspended"])
                      for d in found)  # fmt: skip

    state = as_set(old)
    for change in compare_editions(edition(dependencies=old), edition(dependencies=new)):
        for side, bond in (("before", change["before"]), ("after", change["after"])):
            if bond is not None:
                entry = (change["code"], bond["kind"], bond["lag_days"], bond["suspended"])
                state.remove(entry) if side == "before" else state.append(entry)
    assert sorted(state) == as_set(new)


def test_scores_by_hand() -> None:
    counts = [("low", 10), ("mid", 20), ("high", 70), ("none", 5)]
    chosen = score_option(counts, 105, "high")
    assert chosen is not None
    assert chosen.text == "0.67"
    scale = score_scale(counts, left_out=["none"])
    assert scale is not None
    assert (scale.text, scale.n) == ("0.80", 100)
    falling = score_scale(counts, falling=True, left_out=["none"])
    assert falling is not None
    assert falling.value == 1 - scale.value
    together = priority([chosen, scale])
    assert together is not None
    assert together.value == (chosen.value * 105 + scale.value * 100) / 205


def test_there_is_no_score_where_a_count_it_needs_is_hidden_or_nobody_answered() -> None:
    assert score_option([("a", None), ("b", 5)], 9, "a") is None
    assert score_option([("a", 3)], None, "a") is None
    assert score_option([("a", 0)], 0, "a") is None
    assert score_scale([("a", None), ("b", 5)]) is None
    assert score_scale([("a", 0), ("b", 0)]) is None
    assert priority([]) is None
