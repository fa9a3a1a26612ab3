"""What of which type is counted, and that columns and plain counting always agree."""

import random
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ids import random_uuid
from core.text import LocalizedText
from surveys.counting.periods import period_options, period_reader
from surveys.counting.segments import Layout, Row, count_segments, write_segment
from surveys.counting.tally import Counts, count_responses, entries_of, merge, tally_document
from surveys.definition import parse_definition
from surveys.questionnaire import Option, Question
from tests.random_answers import ADDED, random_answers, random_definition

ABC = [{"code": code, "label": {"en": code.upper()}} for code in "abc"]


def counted(question, *answers, added=()):
    """The documents of all entries of one question, by code, after these answers."""
    questionnaire = parse_definition(
        {
            "schema": "waymark/questionnaire/1", "title": {"en": "T"}, "languages": ["en"],
            "sections": [{"code": "s", "title": {"en": "S"},
                          "questions": [{"code": "Q", "title": {"en": "Q?"}} | question]}],
        }
    )  # fmt: skip
    entries = entries_of(questionnaire, {"Q": tuple(added)})
    counts = count_responses(entries, [({}, {"Q": answer}) for answer in answers])
    return {q["code"]: q for q in tally_document(counts.total, entries)["questions"]}


def lines(document):
    return {option["label"]: option["count"] for option in document["options"]}


def test_a_rating_counts_every_point_and_no_opinion_beside():
    (found,) = counted(
        {"type": "rating", "low": {"en": "useless"}, "no_opinion": {"en": "Cannot say"}},
        1, 5, 5, 4.0, "no_opinion", 9, "5", True,
    ).values()  # fmt: skip
    assert lines(found) == {"1 – useless": 1, "2": 0, "3": 0, "4": 1, "5": 2, "Cannot say": 1}
    assert found["answered"] == 5
    assert found["figures"] == {"n": 4, "mean": 3.75, "median": 4.5}


def test_a_ranking_counts_first_places_and_adds_borda_points_up():
    (found,) = counted({"type": "ranking", "options": ABC}, ["a", "b", "c"], ["b"], []).values()
    assert lines(found) == {"A": 1, "B": 1, "C": 0}
    # The second ranking leaves places 2 and 3 to a and c: half a point each.
    assert found["figures"]["points"] == [2.5, 3, 0.5]
    assert found["figures"]["mean_places"] == [1.75, 1.5, 2.75]
    assert sum(found["figures"]["points"]) == 2 * (2 + 1 + 0)


def test_points_count_who_gave_any_and_add_up():
    (found,) = counted(
        {"type": "points", "options": ABC}, {"a": 70, "b": 30, "c": 0}, {"a": 100}, {}
    ).values()
    assert (found["answered"], lines(found)) == (2, {"A": 2, "B": 1, "C": 0})
    assert found["figures"] == {"n": 2, "means": [85, 15, 0], "share": [0.85, 0.15, 0]}


def test_a_budget_counts_choices_and_their_money():
    options = [option | {"cost": cost} for option, cost in zip(ABC, (10, 20, 5), strict=True)]
    (found,) = counted(
        {"type": "budget", "options": options, "total": 30}, ["a", "b"], ["a"]
    ).values()
    assert lines(found) == {"A": 2, "B": 1, "C": 0}
    assert found["figures"] == {"n": 2, "costs": [10, 20, 5], "spent": [20, 20, 0], "mean": 20}


def test_statements_are_counted_one_by_one_with_those_that_were_added():
    added = Option(ADDED[0], LocalizedText.of("Added"))
    found = counted(
        {"type": "statements", "options": ABC[:1], "allow_own": True},
        {"a": "agree", ADDED[0]: "pass"}, {"a": "disagree", ADDED[1]: "agree"}, {"a": "perhaps"},
        added=[added],
    )  # fmt: skip
    assert list(found) == ["Q.a", f"Q.{ADDED[0]}"]
    assert lines(found["Q.a"]) == {"Agree": 1, "Disagree": 1, "Pass": 0}
    assert found["Q.a"]["answered"] == 2
    assert lines(found[f"Q.{ADDED[0]}"]) == {"Agree": 0, "Disagree": 0, "Pass": 1}


def test_years_of_a_milestone_have_quartiles_and_never_beside():
    found = counted(
        {"type": "milestone_years", "options": ABC[:2], "minimum": 2026, "maximum": 2032},
        *[{"a": {"earliest": 2026, "likely": year, "latest": 2032}} for year in
          (2027, 2028, 2028, 2029, 2031)],
        {"a": {"never": True}}, {"a": {"earliest": 2027}}, {"a": {"likely": 2050}},
    )["Q.a"]  # fmt: skip
    assert found["answered"] == 6
    assert lines(found) == {
        "2026": 0, "2027": 1, "2028": 2, "2029": 1, "2030": 0, "2031": 1, "2032": 0, "Never": 1,
    }  # fmt: skip
    assert found["figures"] == {
        "n": 5, "median": 2028, "quartiles": [2028, 2029], "p10": 2027, "p90": 2031,
    }  # fmt: skip


def test_priorities_have_a_mean_of_those_with_an_opinion():
    found = counted(
        {"type": "milestone_priorities", "options": ABC}, {"a": 5, "b": 1}, {"a": 4},
        {"a": "no_opinion"},
    )  # fmt: skip
    assert found["Q.a"]["figures"] == {"n": 2, "mean": 4.5, "median": 4.5}
    assert found["Q.c"]["figures"] == {"n": 0, "mean": None, "median": None}


def test_disputed_dependencies_and_proposals_are_counted():
    (found,) = counted(
        {"type": "dependencies", "options": ABC,
         "dependencies": [{"from": "a", "to": "b"}, {"from": "b", "to": "c", "kind": "SS"}]},
        {"disputed": {"a>b": "no"}}, {"disputed": {"a>b": True, "c>a": "?"}, "proposed": [
            {"from": "c", "to": "a"}, {"from": "b", "to": "a"}]}, {"disputed": {}, "proposed": []},
    ).values()  # fmt: skip
    assert found["answered"] == 2
    assert lines(found) == {"A → B (FS)": 2, "B → C (SS)": 0, "Proposed another": 1}


def test_comments_consents_files_and_proposals_are_counted():
    comments = counted(
        {"type": "paragraph_comments", "options": ABC},
        {"a": {"stance": "change", "text": "shorter"}}, {"a": {"text": "hm"}}, {"a": {"text": " "}},
    )  # fmt: skip
    assert comments["Q.a"]["answered"] == 2
    assert lines(comments["Q.a"])["Change it"] == lines(comments["Q.a"])["Comment only"] == 1
    (consent,) = counted({"type": "consent", "purpose": "p", "version": "1"}, True, None).values()
    assert lines(consent) == {"Given": 1}
    (files,) = counted({"type": "upload"}, [{"name": "a.pdf"}], []).values()
    assert (files["answered"], files["options"]) == (1, [])
    (proposals,) = counted({"type": "milestone_proposals"}, [{"title": "More"}]).values()
    assert proposals["answered"] == 1


@pytest.mark.parametrize(
    "value, answers, expected",
    [
        ("1 < 2", [True, False, True], {"Yes": 2, "No": 1}),
        ("if(1 < 2, 'low', if(2 < 3, 'middle', 'high'))", ["low", "high"],
         {"low": 1, "middle": 0, "high": 1}),
        ("join('a', 'b')", ["ab"], {}),
    ],
)  # fmt: skip
def test_a_calculation_is_counted_by_what_it_can_give(value, answers, expected):
    (found,) = counted({"type": "calculation", "value": value}, *answers).values()
    assert (found["answered"], lines(found)) == (len(answers), expected)


def test_a_calculated_number_has_a_mean():
    (found,) = counted({"type": "calculation", "value": "1 + 1"}, 2, 0.5, 0).values()
    assert (found["answered"], found["figures"]) == (3, {"n": 3, "mean": 0.833})


@pytest.mark.parametrize(
    "kind, limits, some",
    [
        ("year", {}, {1900: "earlier", 1950: "1950", 2028: "2028", 2100: "2100", 2101: "later"}),
        ("year", {"minimum": 2025, "maximum": 2030}, {2025: "2025", 2024: None, 2030: "2030"}),
        ("year", {"minimum": 1600, "maximum": 2105}, {1600: "1600-1609", 2104: "2100-2105"}),
        ("year", {"minimum": 1000, "maximum": 9999}, {1000: "1000-1099", 9999: "9900-9999"}),
        ("year", {"minimum": 3000}, {3000: "3000", 2999: "earlier", 3050: "3050"}),
        ("quarter", {"minimum": "2026-Q3", "maximum": "2027-Q1"},
         {"2026-Q4": "2026-Q4", "2026-Q2": None, "2027-Q1": "2027-Q1", 2026: None}),
        ("quarter", {}, {"2028-Q3": "2028", "1000-Q1": "earlier"}),
        ("quarter", {"minimum": "1000-Q1", "maximum": "9999-Q4"}, {"2028-Q3": "2000-2099"}),
    ],
)  # fmt: skip
def test_years_and_quarters_have_options_that_the_questionnaire_fixes(kind, limits, some):
    question = Question(code="Q", type=kind, title=LocalizedText.of("Q"), **limits)
    codes = [option.code for option in period_options(question)]
    read = period_reader(question)
    assert {value: read(value) for value in some} == some
    assert {code for code in some.values() if code} <= set(codes)
    assert len(codes) == len(set(codes)) <= 162


@given(st.integers(0), st.integers(0, 9))
@settings(deadline=None, max_examples=25)
def test_columns_count_what_plain_counting_counts(seed, size):
    """Written in two files, then merged: whoever counts, and however often, it is the same."""
    chance = random.Random(seed)
    questionnaire = parse_definition(random_definition(chance))
    rows = [
        Row(random_uuid(), date(2026, 11, 1), {"country": chance.choice(["DE", "EL", None])},
            random_answers(chance, questionnaire.questions))
        for _ in range(size)
    ]  # fmt: skip
    layout = Layout.of(questionnaire)
    added = tuple(Option(code, LocalizedText({})) for code in ADDED)
    taking = {q.code: added for q in questionnaire.questions if q.type == "statements"}
    entries = entries_of(questionnaire, taking)
    expected = count_responses(entries, [(row.profile, row.answers) for row in rows])
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{name}.parquet" for name in ("first", "second", "merged")]
        parts = [
            write_segment(path, layout, part)[1]
            for path, part in zip(files[:2], (rows[: size // 2], rows[size // 2 :]), strict=True)
        ]
        assert merge(parts) == expected
        assert count_segments(layout, files[:2]) == expected
        written, merged = write_segment(files[2], layout, (), absorbed=files[:2])
        assert (written, merged) == (size, expected)
    assert Counts.from_document(expected.as_document()) == expected


def test_readers_of_results_see_dots_where_an_answer_was_filled_in() -> None:
    asked = parse_definition(
        {
            "schema": "waymark/questionnaire/1", "title": {"en": "T"}, "languages": ["en"],
            "sections": [
                {"code": "s", "title": {"en": "S"}, "questions": [
                    {"code": "A", "type": "number", "title": {"en": "How many?"}},
                    {"code": "B", "type": "number", "title": {"en": "You said {{ A }}: why?"}},
                ]}
            ],
        }
    )  # fmt: skip
    assert [entry.title["en"] for entry in entries_of(asked)] == ["How many?", "You said …: why?"]
