"""Reading a questionnaire's document: what is accepted, what is refused and where."""

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import parse_definition
from surveys.errors import InvalidQuestionnaire
from tests.questionnaires.build import (
    document,
    matrix,
    multiple,
    options,
    question,
    questionnaire,
    single,
)

FEATURES = sorted((Path(__file__).parents[2] / "questionnaires").glob("*.json"))


def problems(candidate: object) -> dict[str, str]:
    with pytest.raises(InvalidQuestionnaire) as refused:
        parse_definition(candidate)
    return dict(refused.value.problems)


@pytest.mark.parametrize("path", FEATURES, ids=lambda path: path.stem)
def test_the_document_of_every_feature_survives_the_way_in_and_out(path: Path) -> None:
    original = json.loads(path.read_text("utf-8"))
    once = parse_definition(original).as_document()
    assert parse_definition(once).as_document() == once
    assert [s["code"] for s in once["sections"]] == [s["code"] for s in original["sections"]]


codes = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,5}", fullmatch=True)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20
).filter(str.strip)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    languages = draw(st.sampled_from([["en"], ["fr", "en"], ["de-informal", "ru"]]))

    def label() -> dict[str, str]:
        return {language: draw(texts) for language in languages}

    def chosen() -> list[dict[str, Any]]:
        drawn = draw(st.lists(codes, min_size=1, max_size=3, unique=True))
        return [{"code": code, "label": label()} for code in drawn]

    made = []
    for number in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["single_choice", "multiple_choice", "matrix", "number",
                                     "date", "long_text", "information"]))  # fmt: skip
        new: dict[str, Any] = {"code": f"Q{number}", "type": kind, "title": label()}
        if kind != "information":
            new["required"] = draw(st.booleans())
        if kind in ("single_choice", "multiple_choice", "matrix"):
            new["options"] = chosen()
        if kind == "matrix":
            new |= {"cell": draw(st.sampled_from(["single", "multiple", "number", "text"]))}
            new["rows"] = chosen()
        if number and draw(st.booleans()):
            new["show_if"] = f"shown(Q{number - 1}) and not shown(Q0)"
        made.append(new)
    return document(*made, title=label(), languages=languages) | {
        "sections": [{"code": "s", "title": label(), "questions": made}]
    }


@settings(max_examples=60, deadline=None)
@given(documents())
def test_a_document_survives_the_way_in_and_out(made: dict[str, Any]) -> None:
    once = parse_definition(made).as_document()
    assert parse_definition(once).as_document() == once


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_document_with_anything_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    made = copy.deepcopy(document(single("Q1", "a"), matrix("Q2", "r", "c"), question("Q3")))
    here: Any = made
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(here[key], (dict, list)) and here[key] and data.draw(st.booleans()):
            here = here[key]
            continue
        here[key] = data.draw(json_values)
        break
    with contextlib.suppress(InvalidQuestionnaire):
        parse_definition(made)


def test_every_problem_of_form_is_named_at_once() -> None:
    found = problems(
        {
            "schema": "waymark/questionnaire/2",
            "title": {"en": "x"},
            "languages": ["EN"],
            "surprise": 1,
            "sections": [
                {
                    "code": "s",
                    "title": {"en": "x"},
                    "questions": [
                        {"code": "Q1", "type": "number", "title": {"en": "x"}, "options": []},
                        {"code": "Q2", "type": "riddle", "title": {"en": "x"}},
                        {"code": 3, "type": "date", "required": "yes"},
                    ],
                }
            ],
        }
    )
    assert set(found) == {
        "schema",
        "surprise",
        "languages[0]",
        "sections[0].questions[0].options",
        "sections[0].questions[1]",
        "sections[0].questions[2].code",
        "sections[0].questions[2].title",
        "sections[0].questions[2].required",
    }
    assert found["sections[0].questions[0].options"] == "is not a field here"


def test_every_problem_of_content_is_named_at_once() -> None:
    found = problems(
        document(
            single("Q1", "yes", "yes"),
            question("Q1"),
            question("2nd"),
            question("Q3", show_if="Q9 == 'x'"),
            question("Q4", show_if="Q1 == 'maybe'"),
            question("Q5", show_if="Q3 > 5"),
            question("Q6", title={"fr": "seulement"}),
            question("Q7", "date", minimum="2026-02-30"),
            question("Q8", "number", minimum=5, maximum=1),
            question("not"),
        )
    )
    at = {path.removeprefix("sections[0].questions"): why for path, why in found.items()}
    assert "yes is used twice" in at["[0].options[1].code"]
    assert "Q1 is used twice" in at["[1].code"]
    assert "expected a letter" in at["[2].code"]
    assert "there is no question Q9" in at["[3].show_if"]
    assert "Q1 has no option 'maybe'" in at["[4].show_if"]
    assert "number(…) reads a number" in at["[5].show_if"]
    assert "not among the languages" in at["[6].title.fr"]
    assert "not a date" in at["[7].minimum"]
    assert "below the minimum" in at["[8].maximum"]
    assert "condition language" in at["[9].code"]


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_characters_that_cannot_be_stored_are_refused(text: str) -> None:
    found = problems(document(question("Q1", title={"en": text})))
    assert list(found) == ["sections[0].questions[0].title.en"]


def test_the_first_language_must_be_complete_and_others_need_not() -> None:
    made = document(
        question("Q1", title={"fr": "Une question"}),
        question("Q2", title={"en": "A question", "fr": ""}),
        languages=["en", "fr"],
    )
    assert list(problems(made)) == ["sections[0].questions[0].title.en"]
    made["sections"][0]["questions"].pop(0)
    read = parse_definition(made).by_code["Q2"]
    assert read.title.in_language("fr") == "A question"
    assert read.title.language_for("fr") == "en"


@pytest.mark.parametrize(
    "questions",
    [
        [single("Q1", "a", show_if="Q1 == 'a'")],
        [question("Q1", "number", show_if="Q2 > 1"), question("Q2", "number", show_if="Q1 > 1")],
        [
            question(
                "Q1",
                "matrix",
                cell="text",
                rows=[*options("a"), options("b")[0] | {"show_if": "answered(Q1)"}],
            )
        ],
    ],
)
def test_circular_conditions_are_refused(questions: list[dict[str, Any]]) -> None:
    [(path, why)] = problems(document(*questions)).items()
    assert path.endswith("show_if")
    assert "goes in a circle" in why


def test_a_section_cannot_depend_on_its_own_questions() -> None:
    made = document(single("Q1", "a"))
    made["sections"][0]["show_if"] = "Q1 == 'a'"
    assert "circle: " in problems(made)["sections[0].show_if"]


def test_conditions_may_refer_to_later_questions() -> None:
    read = questionnaire(question("Q1", show_if="Q2 == 'a'"), single("Q2", "a"))
    assert read.order.index("Q2") < read.order.index("Q1")


def test_the_place_of_a_text_beside_other_cannot_be_taken() -> None:
    found = problems(
        document(single("Q1", "a", other={"label": {"en": "Other"}}), question("Q1_other"))
    )
    assert found == {"sections[0].questions[1].code": "Q1_other is used twice"}


def test_limits_of_choices_must_be_possible() -> None:
    assert problems(document(multiple("Q1", "a", "b", min_choices=3)))
    assert problems(document(multiple("Q1", "a", "b", min_choices=2, max_choices=1)))
    assert problems(document(multiple("Q1", "a", "b", max_choices=0)))


def test_too_much_is_refused() -> None:
    assert problems(document(*[question(f"Q{number}") for number in range(1001)]))
    assert problems(document(question("Q1", title={"en": "x" * 20_001})))
    assert problems(document(single("Q1", *[f"o{number}" for number in range(1001)])))


def test_conditions_are_checked_for_types() -> None:
    def why(condition: str) -> str:
        return problems(
            document(
                single("one", "1", "2"),
                multiple("many", "a", "b"),
                matrix("grid", "r1 r2", "x y"),
                matrix("cells", "r1", "c1 c2", "number"),
                question("day", "date"),
                question("age", "number"),
                question("words"),
                question("note", "information"),
                question("last", show_if=condition),
            )
        )["sections[0].questions[8].show_if"]

    assert "cannot compare an option with a number" in why("one == 1")
    assert "'code' in …" in why("many == 'a'")
    assert "many has no option 'c'" in why("'c' in many")
    assert "'in' needs" in why("'a' in one")
    assert "grid has no row r9" in why("grid.r9 == 'x'")
    assert "age is not a matrix" in why("age.r1 == 1")
    assert "has no column" in why("cells.r1.c9 == 1")
    assert "has no columns" in why("grid.r1.x == 'x'")
    assert "not a date" in why("day > 'tomorrow'")
    assert "expected true or false" in why("age")
    assert "expected a number" in why("words + 1 > 2")
    assert "has no answer" in why("answered(note)")
    assert "takes one argument" in why("answered(one, age)")
    assert "takes a question" in why("answered(age + 1)")
    assert "cannot take" in why("sum(words) > 1")
    assert "cannot take" in why("sum(grid) > 1")
    assert "cannot compare" in why("words < 'b'")
