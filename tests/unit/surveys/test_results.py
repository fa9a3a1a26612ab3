"""Results documents: the order of groups, and that hiding does not depend on the page."""

import random

import pytest

from surveys.counting.disclosure import asked_after
from surveys.counting.tally import count_responses, entries_of
from surveys.definition import parse_definition
from surveys.errors import UnknownSplit
from surveys.results import Results

YES_NO = [{"code": "y", "label": {"en": "Yes"}}, {"code": "n", "label": {"en": "No"}}]
QUESTIONNAIRE = parse_definition(
    {
        "schema": "waymark/questionnaire/1",
        "title": {"en": "Roads"},
        "languages": ["en"],
        "sections": [
            {
                "code": "all",
                "title": {"en": "All"},
                "questions": [
                    {"code": "A", "type": "single_choice", "title": {"en": "A"}, "options": YES_NO},
                    {"code": "B", "type": "multiple_choice", "title": {"en": "B"},
                     "options": YES_NO, "show_if": "A == 'y'"},
                    {"code": "C", "type": "matrix", "cell": "single", "title": {"en": "C"},
                     "rows": [{"code": "r1", "label": {"en": "R1"}}], "options": YES_NO,
                     "show_if": "'y' in B"},
                ],
            }
        ],
    }
)  # fmt: skip


def random_results(seed, count=60):
    chance = random.Random(seed)
    responses = []
    for _ in range(count):
        answers = {"A": chance.choice("yyn")}
        if answers["A"] == "y":
            answers["B"] = chance.sample("yn", chance.randint(0, 2))
        if "y" in answers.get("B", ()):
            answers["C"] = {"r1": chance.choice("yyyn")}
        profile = {
            "respondent_type": chance.choice(["other", "eu_citizen", "ngo", None]),
            "country": chance.choice(["SE", "DE", "DE", "EL", None]),
        }
        responses.append((profile, answers))
    entries = entries_of(QUESTIONNAIRE)
    counts = count_responses(entries, responses)
    return Results("roads", entries, counts, asked_after(QUESTIONNAIRE))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("by", [None, "country", "respondent_type"])
def test_what_is_hidden_does_not_depend_on_which_questions_are_asked_for(seed, by):
    results = random_results(seed)
    whole = results.public_document(by=by)
    for at, entry in enumerate(results.entries):
        alone = results.public_document(by=by, codes=[entry.code])
        assert alone["questions"] == [whole["questions"][at]]
        assert alone["responses"] == whole["responses"]
        for value, group in whole["by"].items():
            assert alone["by"][value]["responses"] == group["responses"]
            assert alone["by"][value]["questions"] == [group["questions"][at]]


def test_groups_come_in_the_order_they_are_defined_in_and_unknown_last():
    document = random_results(1).document(by="respondent_type")
    assert list(document["by"]) == ["eu_citizen", "ngo", "other", "unknown"]
    assert list(random_results(1).document(by="country")["by"]) == ["DE", "EL", "SE", "unknown"]


def test_exact_groups_add_up_to_the_whole():
    document = random_results(3).document(by="country")
    assert sum(group["responses"] for group in document["by"].values()) == document["responses"]


def test_results_are_not_split_by_what_is_no_dimension():
    with pytest.raises(UnknownSplit):
        random_results(1).document(by="surname")
