"""Releases hold suppressed counts and nothing else; sums over instances stay honest."""

import copy
import random
from typing import Any

import pytest
import rfc8785

from core.errors import WaymarkError
from federation.merge import Sum, merge
from federation.release import ReleaseBody, countables, make_release, read_release
from surveys.counting.tally import count_responses, entries_of
from surveys.definition import parse_definition
from surveys.results import Results

HASH = "0" * 64


def titled(code: str, **members: Any) -> dict[str, Any]:
    return {"code": code, "title": {"en": code}} | members


def listed(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "label": {"en": code.upper()}} for code in codes]


QUESTIONNAIRE = parse_definition(
    {
        "schema": "waymark/questionnaire/1",
        "title": {"en": "Networks"},
        "languages": ["en"],
        "sections": [
            titled(
                "s",
                questions=[
                    titled("Q1", type="single_choice", options=listed("a", "b", "c")),
                    titled("Q2", type="multiple_choice", options=listed("x", "y")),
                    titled(
                        "Q3",
                        type="matrix",
                        cell="single",
                        rows=listed("r1", "r2"),
                        options=listed("1", "2"),
                    ),
                    titled("Q4", type="long_text"),
                    titled("Q5", type="number"),
                ],
            )
        ],
    }
)


def made(responses: list[dict[str, Any]], sha256: str = HASH) -> ReleaseBody:
    """The release of made-up responses: Q1, Q2, the rows of Q3, and the group."""
    given = [
        (
            {"respondent_type": response["group"]},
            {
                "Q1": response.get("Q1"),
                "Q2": response.get("Q2"),
                "Q3": {
                    row: response[f"Q3.{row}"] for row in ("r1", "r2") if f"Q3.{row}" in response
                },
                "Q4": "What I think",
            },
        )
        for response in responses
    ]
    entries = entries_of(QUESTIONNAIRE)
    results = Results("networks", entries, count_responses(entries, given))
    return make_release(
        QUESTIONNAIRE, sha256, results.public_document(by="respondent_type"), entries
    )


def invented(seed: int, size: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [
        {
            "group": chance.choice(["eu_citizen"] * 6 + ["ngo"] * 3 + ["unknown", "other"]),
            "Q1": chance.choice(["a", "a", "a", "b", "c", ""]),
            "Q2": [o for o in ("x", "y") if chance.random() < 0.7],
            "Q3.r1": chance.choice(["1", "2"]),
            "Q3.r2": chance.choice(["1", "1", "1", "1", "2"]),
        }
        for _ in range(size)
    ]


def release_of(seed: int = 1, size: int = 60) -> ReleaseBody:
    return made(invented(seed, size))


def test_choices_and_rows_of_matrices_are_counted() -> None:
    assert [entry.code for entry in countables(QUESTIONNAIRE)] == ["Q1", "Q2", "Q3.r1", "Q3.r2"]


@pytest.mark.parametrize("size", [0, 3, 5, 9, 20, 60, 300])
def test_what_a_node_makes_a_hub_accepts(size: int) -> None:
    for seed in range(8):
        release = release_of(seed, size)
        assert read_release(release.as_body(), QUESTIONNAIRE) == release


def test_no_small_number_is_in_a_release() -> None:
    def numbers(value: Any) -> list[int]:
        if isinstance(value, dict):
            return [n for inner in value.values() for n in numbers(inner)]
        if isinstance(value, list):
            return [n for inner in value for n in numbers(inner)]
        return [value] if isinstance(value, int) else []

    for seed in range(8):
        assert not {1, 2, 3, 4} & set(numbers(release_of(seed, 40).as_body()))


def test_a_release_holds_numbers_and_codes_only() -> None:
    body = release_of().as_body()
    assert set(body) == {
        "questionnaire_sha256",
        "responses",
        "questions",
        "by_respondent_type",
    }
    assert b"Q4" not in rfc8785.dumps(body)


CHANGES = {
    "another sum": (lambda b: b["questions"][0]["counts"].update(a=59), "inconsistent"),
    "more than answered": (lambda b: b["questions"][1]["counts"].update(x=1000), "inconsistent"),
    "more than took part": (lambda b: b.update(responses=20), "inconsistent"),
    "a small count": (lambda b: b["questions"][1]["counts"].update(x=3), "not_suppressed"),
    "few did not choose": (
        lambda b: b["questions"][1]["counts"].update(x=b["questions"][1]["answered"] - 1),
        "not_suppressed",
    ),
    "a small total": (lambda b: b.update(responses=4), "not_suppressed"),
    "a missing question": (lambda b: b["questions"].pop(), "inconsistent"),
    "a missing option": (lambda b: b["questions"][0]["counts"].pop("a"), "inconsistent"),
    "an unknown option": (lambda b: b["questions"][0]["counts"].update(z=9), "inconsistent"),
    "an unknown group": (
        lambda b: b["by_respondent_type"].update(x=b["by_respondent_type"]["ngo"]),
        "inconsistent",
    ),
    "no groups": (lambda b: b["by_respondent_type"].clear(), "inconsistent"),
    "a negative count": (lambda b: b["questions"][0]["counts"].update(a=-5), "malformed"),
    "a text": (lambda b: b["questions"][0].update(texts=["I, N.N., think"]), "malformed"),
    "a boolean": (lambda b: b["questions"][0]["counts"].update(a=True), "malformed"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_counts_that_cannot_be_are_refused(name: str) -> None:
    change, code = CHANGES[name]
    body = copy.deepcopy(release_of().as_body())
    change(body)
    with pytest.raises(WaymarkError) as caught:
        read_release(body, QUESTIONNAIRE)
    assert caught.value.code == f"federation.{code}"


def test_a_hidden_count_that_can_be_subtracted_out_is_refused() -> None:
    rows = [{"group": "ngo", "Q1": "a"}] * 20 + [{"group": "ngo", "Q1": "b"}] * 3
    body = made(rows).as_body()
    assert body["questions"][0]["counts"] == {"a": None, "b": None, "c": 0}
    body["questions"][0]["counts"]["a"] = 20
    with pytest.raises(WaymarkError) as caught:
        read_release(body, QUESTIONNAIRE)
    assert caught.value.code == "federation.not_suppressed"


def test_sums_are_exact_where_everything_is_shown() -> None:
    rows = [{"group": "ngo", "Q1": "a"}] * 20 + [{"group": "ngo", "Q1": "b"}] * 9
    one = made(rows)
    both = merge([one, one])
    assert both.all.responses == Sum(58)
    assert both.all.questions[0].counts == {"a": Sum(40), "b": Sum(18), "c": Sum(0)}
    assert both.by_respondent_type["ngo"].responses == Sum(58)


def test_a_hidden_part_makes_the_sum_a_lower_bound() -> None:
    rows = [{"group": "ngo", "Q1": "a"}] * 20
    many = made([*rows, *[{"group": "ngo", "Q1": "b"}] * 9])
    few = made([*rows, *[{"group": "ngo", "Q1": "b"}] * 3])
    both = merge([many, few])
    assert both.all.questions[0].answered == Sum(52)
    assert both.all.questions[0].counts["b"] == Sum(9, at_least=True)
    # What the sum shows less what one instance shows is what the other one shows, and no more.
    assert both.all.questions[0].counts["a"] == Sum(20, at_least=True)


def test_a_group_without_responses_adds_nothing() -> None:
    one = made([{"group": "ngo", "Q1": "a"}] * 9)
    two = made([{"group": "other", "Q1": "a"}] * 7)
    none = made([])
    both = merge([one, two, none])
    assert both.all.responses == Sum(16)
    assert both.by_respondent_type["ngo"].responses == Sum(9)


def test_different_questionnaires_are_not_added() -> None:
    other = made([], "1" * 64)
    with pytest.raises(ValueError, match="different questionnaires"):
        merge([release_of(), other])
