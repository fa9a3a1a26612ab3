"""Changing a questionnaire step by step, and naming what changed."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import parse_definition
from surveys.making import editing
from surveys.making.differences import compare_documents
from surveys.making.editing import Document, InvalidEdit

FOLDER = Path(__file__).parents[2] / "questionnaires"
CONDITIONS: Document = json.loads((FOLDER / "conditions.json").read_text("utf-8"))
CONSULTING: Document = json.loads((FOLDER / "consulting.json").read_text("utf-8"))


def text(words: str) -> dict[str, str]:
    return {"en": words}


def small() -> Document:
    return {
        "schema": "waymark/questionnaire/1",
        "title": text("Small"),
        "languages": ["en", "fr"],
        "sections": [
            {
                "code": "one",
                "title": text("One"),
                "questions": [
                    {"code": "Q1", "type": "single_choice", "title": text("First"),
                     "options": [{"code": "Q1", "label": text("A")}],
                     "other": {"code": "other", "label": text("Other")}},
                    {"code": "Q2", "type": "number",
                     "title": text("You said {{ Q1 }}, {{Q1_other}}"),
                     "show_if": "Q1 == 'Q1' and answered(Q1_other)",
                     "rules": [{"check": "Q2 > count(Q1)", "message": text("More than {{Q1}}")}]},
                ],
            },
            {"code": "two", "title": text("Two"), "show_if": "Q2 > 3",
             "questions": [{"code": "sum1", "type": "calculation", "title": text("Sum"),
                            "value": "sum(Q2)"}]},
        ],
    }  # fmt: skip


def codes(document: Document) -> list[str]:
    return [question["code"] for question in editing.questions_of(document)]


def test_a_new_questionnaire_has_a_section_to_begin_with() -> None:
    document = editing.new_document(title=text("New"), languages=["en"])
    document, code = editing.add_question(document, kind="number", section="section_1")
    document = editing.change_question(document, code=code, fields={"title": text("How many?")})
    document = editing.change_section(document, code="section_1", fields={"title": text("Start")})
    assert parse_definition(document).by_code[code].title["en"] == "How many?"


@pytest.mark.parametrize("kind", editing.QUESTION_TYPES)
def test_a_new_question_of_any_type_lacks_nothing_but_its_texts(kind: str) -> None:
    document, code = editing.add_question(small(), kind=kind, section="two")
    question = editing.find_question(document, code)
    assert question is not None
    question["title"] = text("Title")
    for part in (*question.get("options", ()), *question.get("rows", ())):
        part["label"] = text("Label")
    if kind == "statements":
        assert question["options"]
    parse_definition(document)


@pytest.mark.parametrize("before", editing.QUESTION_TYPES)
@pytest.mark.parametrize("after", editing.QUESTION_TYPES)
def test_a_question_can_become_one_of_any_other_type(before: str, after: str) -> None:
    document, code = editing.add_question(small(), kind=before, section="two")
    question = editing.find_question(document, code)
    assert question is not None
    question["title"] = text("Title")
    for part in (*question.get("options", ()), *question.get("rows", ())):
        part["label"] = text("Label")
    document = editing.change_type(document, code=code, kind=after)
    changed = editing.find_question(document, code)
    assert changed is not None
    for part in (*changed.get("options", ()), *changed.get("rows", ())):
        part["label"] = part["label"] or text("Label")
    parse_definition(document)


def test_what_names_a_question_follows_when_it_gets_another_code() -> None:
    document = editing.rename_code(small(), code="Q1", to="Member")
    asked = parse_definition(document)
    assert str(asked.by_code["Q2"].show_if) == "Member == 'Q1' and answered(Member_other)"
    assert asked.by_code["Q2"].title["en"] == "You said {{ Member }}, {{Member_other}}"
    assert asked.by_code["Q2"].rules[0].message["en"] == "More than {{Member}}"
    assert str(asked.by_code["Q2"].rules[0].check) == "Q2 > count(Member)"


def test_a_function_is_not_taken_for_a_question_of_its_name() -> None:
    document = editing.rename_code(small(), code="sum1", to="sum")
    document = editing.rename_code(document, code="sum", to="total")
    assert editing.find_question(document, "total")["value"] == "sum(Q2)"  # type: ignore[index]


@pytest.mark.parametrize(("code", "to"), [("Q1", "Q2"), ("Q1", "9"), ("Qx", "Qy"), ("one", "two")])
def test_a_code_that_cannot_be_given_is_refused(code: str, to: str) -> None:
    with pytest.raises(InvalidEdit):
        editing.rename_code(small(), code=code, to=to)


def test_a_copied_section_asks_its_own_questions() -> None:
    document, code = editing.duplicate_section(small(), code="one")
    asked = parse_definition(document)
    assert [section.code for section in asked.sections] == ["one", code, "two"]
    first, second = asked.sections[1].questions
    assert str(second.show_if) == f"{first.code} == 'Q1' and answered({first.code}_other)"
    assert str(asked.sections[2].show_if) == "Q2 > 3"


def test_a_copied_question_stands_after_the_first() -> None:
    document, code = editing.duplicate_question(small(), code="Q2")
    assert codes(document) == ["Q1", "Q2", code, "sum1"]
    copied = editing.find_question(document, code)
    assert copied is not None
    assert copied["rules"][0]["check"] == f"{code} > count(Q1)"
    assert copied["show_if"] == "Q1 == 'Q1' and answered(Q1_other)"


def test_parts_can_be_moved_and_deleted() -> None:
    document = editing.move_question(small(), code="Q1", section="two", to=0)
    assert codes(document) == ["Q2", "Q1", "sum1"]
    document = editing.move_section(document, code="two", to=0)
    assert codes(document) == ["Q1", "sum1", "Q2"]
    document = editing.delete_question(document, code="Q1")
    document = editing.delete_section(document, code="two")
    assert codes(document) == ["Q2"]
    with pytest.raises(InvalidEdit):
        editing.delete_section(document, code="one")


def test_a_section_from_elsewhere_comes_in_the_languages_that_are_there() -> None:
    part = copy.deepcopy(small()["sections"][0])
    part["title"]["de"] = "Eins"
    document, code = editing.insert_section(CONDITIONS, part)
    assert "de" not in editing.find_section(document, code)["title"]  # type: ignore[index]
    parse_definition(document)


def test_nothing_is_changed_in_the_document_that_was_given() -> None:
    document = small()
    editing.rename_code(document, code="Q1", to="Z")
    editing.delete_question(document, code="Q1")
    editing.insert_section(document, document["sections"][0])
    assert document == small()


steps = st.lists(
    st.tuples(st.sampled_from(["move", "delete", "duplicate", "rename", "add"]), st.integers(0, 9)),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_differences_say_all_that_changed(taken: list[tuple[str, int]]) -> None:
    document = copy.deepcopy(CONSULTING)
    for action, number in taken:
        asked = codes(document)
        section = document["sections"][number % len(document["sections"])]["code"]
        if action == "add" or not asked:
            document, _ = editing.add_question(document, kind="number", section=section)
            continue
        code = asked[number % len(asked)]
        match action:
            case "move":
                document = editing.move_question(document, code=code, section=section, to=number)
            case "delete":
                document = editing.delete_question(document, code=code)
            case "duplicate":
                document, _ = editing.duplicate_question(document, code=code)
            case "rename":
                document = editing.change_question(
                    document, code=code, fields={"title": text(f"T{number}")}
                )
    found = compare_documents(CONSULTING, document)
    assert bool(found) == (document != CONSULTING)
    before, after = set(codes(CONSULTING)), set(codes(document))

    def of(kind: str) -> set[str]:
        return {d.code for d in found if d.kind == kind and d.part == "question"}

    assert of("added") == after - before
    assert of("removed") == before - after
    assert of("moved") <= before & after


def differences(change: Any) -> list[tuple[str, str, str, str, str]]:
    before = small()
    after = change(copy.deepcopy(before))
    return [(d.kind, d.part, d.code, d.field, d.language) for d in compare_documents(before, after)]


def test_a_reworded_text_is_named_with_its_language() -> None:
    def reword(document: Document) -> Document:
        document["sections"][0]["questions"][0]["options"][0]["label"]["fr"] = "Oui"
        return document

    assert differences(reword) == [("reworded", "option", "Q1.Q1", "label", "fr")]


def test_one_question_moved_is_one_difference() -> None:
    found = differences(lambda d: editing.move_question(d, code="sum1", section="one", to=0))
    assert found == [("moved", "question", "sum1", "", "")]
