"""What counts as a change between two editions."""

from dataclasses import fields
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from roadmap.draft import DraftDependency, DraftMilestone
from roadmap.editions.comparison import (
    BONDS,
    KINDS,
    MOVED,
    REWORDED,
    compare_editions,
    follows_from_others,
    give_reasons,
    rests_on_nothing,
)
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
        ("moved", "A"), ("reworded", "A"), ("added", "C"), ("removed", "B"),
    ]  # fmt: skip
    assert changes[0]["before"] == {"not_before": None}
    assert changes[0]["after"] == {"not_before": "2027-01-01"}
    assert changes[1]["after"] == {"title": {"en": "Other"}, "lead": "Somebody"}


def test_a_priority_counts_from_one_hundredth_on_and_a_first_score_is_none() -> None:
    def kinds(before: Any, after: Any) -> list[str]:
        old, new = edition(milestone("A", priority=before)), edition(milestone("A", priority=after))
        return [change["kind"] for change in compare_editions(old, new)]

    assert kinds(None, score("0.50")) == []
    assert kinds(score("0.50"), score("0.51")) == ["reprioritised"]
    assert kinds(score("0.56"), score("0.57")) == ["reprioritised"]
    assert kinds(score("0.50"), score("0.50")) == []
    assert kinds(score("0.50"), None) == []


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


# Documents of the second schema, small enough to differ in everything.
_texts = st.dictionaries(st.sampled_from(["en", "fr"]), st.sampled_from(["x", "y"]), max_size=2)
_days = st.sampled_from([0, 5, 9])
_codes = st.sampled_from("ABC")
_full_milestones = st.fixed_dictionaries(
    {
        "title": _texts, "description": _texts, "agenda": st.sampled_from(["SRIA", "SDA"]),
        "area": st.sampled_from(["a", "b"]), "duration_days": _days, "earliest_start": _days,
        "earliest_finish": _days,
        "priority": st.sampled_from([None, score("0.50"), score("0.70")]),
    },
    optional={
        "optimistic_days": st.sampled_from([None, 0, 5]),
        "finish_by": st.sampled_from([None, "2027-01-01"]),
        "kpis": st.sampled_from([[], [{"name": {"en": "k"}, "target": "1"}]]),
        "budget": st.sampled_from([{}, {"eu": "5"}]),
        "themes": st.sampled_from([[], ["t"]]),
    },
)  # fmt: skip


def _as_list(found: dict[str, Any]) -> list[Any]:
    return [{"code": code, **fields} for code, fields in found.items()]


_documents = st.builds(
    lambda milestones, bonds, areas, paragraphs, start: {
        "roadmap": {"slug": "s", "title": {"en": "S"}, "start": start},
        "milestones": _as_list(milestones), "dependencies": bonds, "areas": _as_list(areas),
        "chapters": [{"code": "one", "title": {}, "area": "", "paragraphs": _as_list(paragraphs)}],
    },
    st.dictionaries(_codes, _full_milestones, max_size=3), bonds,
    st.dictionaries(_codes, st.fixed_dictionaries({"title": _texts}), max_size=2),
    st.dictionaries(_codes, st.fixed_dictionaries({"text": _texts}), max_size=2),
    st.sampled_from(["2026-01-01", "2026-01-06"]),
)  # fmt: skip


def _told(changes: list[dict[str, Any]]) -> list[str]:
    return sorted(
        repr((c["kind"], c["element"], c["code"], c["before"], c["after"])) for c in changes
    )


@settings(max_examples=80)
@given(_documents, _documents)
def test_the_way_back_is_the_mirror_of_the_way(one: Any, other: Any) -> None:
    opposite = {"added": "removed", "removed": "added"}
    there, back = compare_editions(one, other), compare_editions(other, one)
    mirrored = [
        change | {
            "kind": opposite.get(change["kind"], change["kind"]),
            "before": change["after"], "after": change["before"],
        }
        for change in back
    ]  # fmt: skip
    assert _told(there) == _told(mirrored)
    assert {change["kind"] for change in there} <= set(KINDS)
    assert compare_editions(one, one) == []


@settings(max_examples=80)
@given(_documents, _documents)
def test_every_field_that_differs_is_in_a_change(one: Any, other: Any) -> None:
    told = {
        (change["code"], field)
        for change in compare_editions(one, other)
        if change["element"] == "milestone"
        for field in change["after"] or change["before"]
    }
    same_calendar = one["roadmap"]["start"] == other["roadmap"]["start"]
    old, new = ({m["code"]: m for m in each["milestones"]} for each in (one, other))
    for code in old.keys() & new.keys():
        for field in (*MOVED, *REWORDED):
            before, after = old[code].get(field), new[code].get(field)
            empty = all(value in (None, "", [], {}) and value != 0 for value in (before, after))
            if before != after and not empty and (same_calendar or not field.startswith("ear")):
                assert (code, field) in told


def test_days_are_compared_as_calendar_days_where_the_start_moved() -> None:
    def starting(day: str, earliest: int) -> dict[str, Any]:
        one = edition(milestone("A", earliest_start=earliest, earliest_finish=earliest + 10))
        return one | {"roadmap": {"slug": "s", "start": day}}

    older, newer = starting("2026-01-11", 0), starting("2026-01-01", 10)
    (change,) = compare_editions(older, newer)
    assert (change["code"], change["element"], change["kind"]) == ("s", "roadmap", "moved")
    moved, _ = compare_editions(older, starting("2026-01-01", 11))
    assert moved["before"]["earliest_start"] == "2026-01-11"
    assert moved["after"]["earliest_start"] == "2026-01-12"


def test_what_an_older_schema_does_not_know_is_no_change() -> None:
    old = edition(milestone("A"), dependencies=[dependency("A", "A")])
    new = edition(
        milestone("A", kpis=[], budget={}, finish_by=None, stage=""),
        dependencies=[dependency("A", "A", ruling="", rationale={}, redundant=True)],
    ) | {"chapters": [], "proposals": [], "evidence": []}
    assert compare_editions(old, new) == []


def test_a_paragraph_comes_goes_and_is_reworded() -> None:
    def chapters(*paragraphs: tuple[str, str]) -> dict[str, Any]:
        listed = [{"code": code, "text": {"en": text}, "version": 1} for code, text in paragraphs]
        chapter = {"code": "one", "title": {"en": "One"}, "area": "", "paragraphs": listed}
        return edition() | {"chapters": [chapter]}

    changes = compare_editions(
        chapters(("p1", "old"), ("p2", "same"), ("p3", "gone")),
        chapters(("p1", "new"), ("p2", "same"), ("p4", "here")),
    )
    assert [(c["kind"], c["code"], c["element"]) for c in changes] == [
        ("reworded", "p1", "paragraph"), ("added", "p4", "paragraph"),
        ("removed", "p3", "paragraph"),
    ]  # fmt: skip
    assert changes[0]["after"] == {"text": {"en": "new"}}


def test_behind_a_change_stand_figures_and_proposals_that_are_new() -> None:
    figure = {
        "subject": "A",
        "rule": "median/1",
        "public": "all",
        "figure": "yes",
        "query": "vote=v",
    }
    accepted = {"number": 7, "subject": "", "section": "A", "decision": "accepted", "points": 12}
    old = edition(milestone("A"))
    new = edition(milestone("A", title={"en": "X"})) | {
        "evidence": [figure | {"value": "2028", "n": 40}],
        "proposals": [accepted, accepted | {"number": 8, "decision": "rejected"}],
    }
    (change,) = compare_editions(old, new)
    assert [entry.get("figure") for entry in change["evidence"]] == ["yes", None]
    assert change["evidence"][1]["n"] == 12
    assert change["proposals"] == [7]
    # The next edition lists the proposal still; it is not behind what changes then.
    (later,) = compare_editions(new, new | {"milestones": [milestone("A", title={"en": "Y"})]})
    assert later["proposals"] == []


def test_what_moved_because_others_did_is_told_from_what_rests_on_nothing() -> None:
    old = edition(milestone("A"), milestone("B"))
    new = edition(milestone("A", duration_days=12), milestone("B", earliest_start=2))
    first, second = compare_editions(old, new)
    assert (follows_from_others(first), rests_on_nothing(first)) == (False, True)
    assert (follows_from_others(second), rests_on_nothing(second)) == (True, False)
    give_reasons([first], [{"subject": "A", "reason": "Because.", "proposal": 3}])
    assert (first["reasons"], first["proposals"]) == (["Because."], [3])
    assert not rests_on_nothing(first)


def test_every_field_of_a_milestone_has_its_kind() -> None:
    known = {field.name for field in fields(DraftMilestone)} - {"code", "line"}
    assert known <= {*MOVED, *REWORDED}
    known = {field.name for field in fields(DraftDependency)} - {"before", "after"}
    assert known <= set(BONDS)


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
