"""Marks of unusual responses: speed, identical text, straight lines."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from surveys.counting.marks import LEAST_TIMED, Marks, Reading, batteries_of, find_marks, reader_of
from surveys.definition import parse_definition
from surveys.speed import LONGEST_SECONDS, rounded_seconds

LETTER = "Please put rural networks first, as people there have waited for years."


def label(text: str) -> dict[str, str]:
    return {"en": text}


def question(code: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "type": kind, "title": label(code)} | more


def listed(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "label": label(code)} for code in codes]


ROWS = listed("r1", "r2", "r3", "r4", "r5", "r6")
QUESTIONNAIRE = parse_definition(
    {
        "schema": "waymark/questionnaire/1",
        "title": label("Marks"),
        "languages": ["en"],
        "sections": [
            {
                "code": "all",
                "title": label("All"),
                "questions": [
                    question("T", "long_text"),
                    question("S", "short_text"),
                    question("C", "single_choice", options=listed("a", "b"),
                             other={"code": "other", "label": label("Other")}),
                    question("M", "matrix", cell="single", rows=ROWS, options=listed("1", "2")),
                    question("N", "matrix", cell="multiple", rows=ROWS, options=listed("1", "2")),
                    question("small", "matrix", cell="single", rows=ROWS[:4],
                             options=listed("1", "2")),
                    question("W", "matrix", cell="text", rows=ROWS),
                    *(question(f"R{n}", "rating", maximum=5) for n in range(1, 6)),
                    question("R6", "rating", maximum=7),
                ],
            }
        ],
    }
)  # fmt: skip


def read(answers: dict[str, Any], seconds: int | None = None) -> Reading:
    return reader_of(QUESTIONNAIRE)(answers, seconds)


def marks_of(*responses: dict[str, Any]) -> Marks:
    return find_marks([read(answers) for answers in responses])


def rows(*answers: Any) -> dict[str, Any]:
    return {f"r{number}": answer for number, answer in enumerate(answers, start=1)}


def test_nothing_bears_no_mark() -> None:
    marks = find_marks([])
    assert marks.marked == frozenset()
    assert marks.limit_seconds is None


def test_batteries_are_matrices_and_rows_of_equal_ratings() -> None:
    assert [battery.code for battery in batteries_of(QUESTIONNAIRE)] == ["M", "N", "R1–R5"]


def test_a_straight_line_is_the_same_answer_in_five_rows_or_more() -> None:
    assert read({"M": rows(*"11111")}).lines == {"M": True}
    assert read({"M": rows(*"111112")}).lines == {"M": False}
    assert read({"M": rows(*"1111")}).lines == {}
    assert read({"M": rows("1", None, "1", "1", "1", "1")}).lines == {"M": True}
    assert read({"small": rows(*"1111")}).lines == {}
    assert read({"M": "1", "N": None}).lines == {}


def test_several_choices_are_the_same_in_any_order() -> None:
    assert read({"N": rows(*[["1", "2"]] * 4, ["2", "1"])}).lines == {"N": True}


def test_ratings_in_a_row_are_a_battery() -> None:
    assert read({f"R{n}": 3 for n in range(1, 6)}).lines == {"R1–R5": True}
    assert read({f"R{n}": n for n in range(1, 6)}).lines == {"R1–R5": False}
    assert read({f"R{n}": 3 for n in range(1, 5)} | {"R6": 3}).lines == {}


def test_who_draws_one_straight_line_is_marked() -> None:
    marks = marks_of(
        {"M": rows(*"111111"), "N": rows(*[["1"], ["2"]] * 3)},
        {"M": rows(*"121212")},
        {"T": "No battery here."},
    )
    assert marks.straight == {0}
    assert (marks.with_battery, marks.batteries["M"], marks.batteries["N"]) == (2, (2, 1), (1, 0))


def test_own_words_are_read_wherever_they_stand() -> None:
    reading = read(
        {"T": "a", "S": " ", "C": "other", "C_other": "b", "W": {"r1": "c"}, "M": {"r1": "1"},
         "gone": "d"}
    )  # fmt: skip
    assert reading.texts == (("T", "a"), ("C", "b"), ("W", "c"))


def test_a_campaign_is_one_text_of_several_responses_to_any_question() -> None:
    marks = marks_of(
        {"T": LETTER},
        {"S": LETTER.lower(), "T": "Something of my own, at length."},
        {"T": "Another thing that somebody says."},
        {"T": LETTER + " Thanks!"},
    )
    (campaign,) = marks.campaigns
    assert campaign.members == {0, 1, 3}
    assert campaign.identical == {0, 1}
    assert campaign.questions == ("S", "T")
    assert campaign.sample == (0, "T")
    assert marks.in_campaigns == {0, 1, 3}
    assert marks.with_text == 4


def test_saying_the_same_twice_is_no_campaign() -> None:
    assert marks_of({"T": LETTER, "S": LETTER}).campaigns == ()


def test_fast_is_less_than_a_third_of_the_median() -> None:
    usual = [Reading(300, (), {}) for _ in range(LEAST_TIMED)]
    marks = find_marks(
        [
            *usual,
            Reading(99, (), {}),
            Reading(100, (), {}),
            Reading(None, (), {}),
            Reading(0, (), {}),
        ]
    )
    assert (marks.median_seconds, marks.limit_seconds) == (300, 100)
    assert marks.fast == {LEAST_TIMED, LEAST_TIMED + 3}
    assert marks.timed == LEAST_TIMED + 3


def test_few_times_have_no_median() -> None:
    marks = find_marks([Reading(300, (), {})] * (LEAST_TIMED - 2) + [Reading(1, (), {})])
    assert marks.median_seconds is None
    assert marks.fast == frozenset()


@given(st.lists(st.integers(0, 4000) | st.none(), max_size=80))
def test_at_most_half_are_ever_fast(times: list[int | None]) -> None:
    marks = find_marks([Reading(seconds, (), {}) for seconds in times])
    assert len(marks.fast) * 2 <= marks.timed


@given(st.integers(-10, 10**9))
def test_a_duration_is_kept_coarsely(seconds: int) -> None:
    kept = rounded_seconds(seconds)
    if seconds < 0:
        assert kept is None
        return
    assert kept is not None
    assert kept % 15 == 0
    assert kept <= LONGEST_SECONDS
    assert kept == LONGEST_SECONDS or abs(kept - seconds) <= (8 if seconds < 300 else 30)
