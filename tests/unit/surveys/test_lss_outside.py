"""LimeSurvey's own demonstration surveys: everything is carried over or named as lost."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from surveys.definition import parse_definition
from surveys.formats.lss.attributes import is_default
from surveys.formats.lss.export import write_lss
from surveys.formats.lss.file import LimeSurvey, read_file
from surveys.formats.lss.reading import read_lss
from surveys.routing import route
from surveys.validation import validate

FILES = {
    "ls205_cascading_array_filter": (9, ["en"], 7, 7),
    "ls205_em_tailoring": (31, ["en"], 18, 18),
    "ls205_group_relevance": (30, ["en"], 29, 29),
    "ls205_validation_tests": (35, ["en"], 1, 1),
    "ls6_sample_survey_multilingual_fr_de_en_it_ru": (
        57, ["en", "fr", "de-informal", "it", "ru"], 11, 11,
    ),
}  # fmt: skip
EVERY = pytest.mark.parametrize("name", FILES)


def data(shared_data: Path, name: str) -> bytes:
    return (shared_data / "lss" / f"{name}.lss").read_bytes()


# Of each kind: how many there are, and how many are carried over.
EXPRESSIONS = {
    "ls205_cascading_array_filter": {"array_filter": (4, 4), "tailoring": (5, 5)},
    "ls205_em_tailoring": {"equation": (4, 4), "validation": (1, 1), "tailoring": (198, 190)},
    "ls205_group_relevance": {"tailoring": (53, 53)},
    "ls205_validation_tests": {
        "array_filter": (22, 22), "tailoring": (13, 13), "validation": (51, 51),
    },
    "ls6_sample_survey_multilingual_fr_de_en_it_ru": {"array_filter": (2, 2), "validation": (6, 6)},
}  # fmt: skip


@EVERY
def test_expressions_of_every_kind_are_counted(shared_data: Path, name: str) -> None:
    result = read_lss(data(shared_data, name))
    found, carried = FILES[name][2:]
    assert result.expressions == EXPRESSIONS[name] | {"relevance": (found, carried)}
    assert not [loss for loss in result.lost if loss.kind == "question"]


@EVERY
def test_questions_languages_and_conditions_are_counted(shared_data: Path, name: str) -> None:
    result = read_lss(data(shared_data, name))
    report = result.report()
    questions, languages, found, carried = FILES[name]
    assert report["questions"] == questions
    assert report["languages"] == languages
    assert report["conditions"] == {"found": found, "carried": carried}
    assert sum(loss.kind == "condition" for loss in result.lost) == found - carried


def things(survey: LimeSurvey) -> Iterator[tuple[str, str, Any]]:
    """(path, what kind of thing, what to look for) for all that a file asks."""
    for number, group in enumerate(survey.groups, start=1):
        for question in group.questions:
            path = f"group {number}/question {question.code}"
            yield path, "question", question.code
            for sub in question.subquestions:
                yield f"{path}/sub-question {sub.code}", "part", (question.code, sub.code)
                if sub.relevance not in ("", "1"):
                    yield f"{path}/sub-question {sub.code}/relevance", "condition", None
            for answer in question.answers:
                yield f"{path}/answer {answer.code}", "part", (question.code, answer.code)
            for name in question.attributes:
                value = question.attribute(name)
                if not is_default(name, value):
                    yield f"{path}/attribute {name}", "attribute", (question.code, name, value)
            if question.fields.get("preg"):
                yield f"{path}/preg", "attribute", (question.code, "preg", "")
            for _ in question.defaults:
                yield f"{path}/default value", "default", None


# Attributes that became a field of ours, and which.
CARRIED = {
    "min_answers": "min_choices", "max_answers": "max_choices", "other_replace_text": "other",
    "other_comment_mandatory": "other", "num_value_int_only": "whole",
    "min_num_value_n": "minimum", "max_num_value_n": "maximum", "suffix": "unit",
    "maximum_chars": "max_length", "date_min": "minimum", "date_max": "maximum",
    "multiflexible_min": "minimum", "multiflexible_max": "maximum",
    "max_subquestions": "type", "slider_min": "minimum",
    "slider_max": "maximum", "hidden": "show_if", "slider_layout": "minimum",
}  # fmt: skip


# Those that became a rule, where no field says them.
RULES = {
    "min_answers", "max_answers", "min_num_value", "max_num_value", "min_num_value_sgqa",
    "max_num_value_sgqa", "equals_num_value", "num_value_equals_sgqa", "min_num_value_n",
    "max_num_value_n", "multiflexible_min", "multiflexible_max", "multiflexible_step",
    "date_max", "maximum_chars",
}  # fmt: skip


def is_said(documents: list[dict[str, Any]], name: str, value: str) -> bool:
    text = str(documents)
    if name == "hidden" and documents[0]["type"] == "calculation":
        return "display" not in documents[0]
    if name == "other_replace_text" and any(d["code"].endswith("_other") for d in documents):
        return True
    if name in RULES and any("rules" in document for document in documents):
        return True
    if name in CARRIED:
        return CARRIED[name] in documents[0]
    return {
        "array_filter": "show_if" in text,
        "array_filter_exclude": "show_if" in text,
        "exclude_all_others": "'exclusive': True" in text,
        "numbers_only": "number" in text,
        "multiflexible_checkbox": documents[0].get("cell") == "multiple",
        "dualscale_headerA": value in text,
        "dualscale_headerB": value in text,
        "preg": "matches(" in text,
        # Written out a second time by LimeSurvey 2.05.
        "relevance": "show_if" in text or value == "1",
        "use_dropdown": documents[0].get("display") == "dropdown",
    }.get(name, False)


@EVERY
def test_everything_in_the_file_is_carried_or_named(shared_data: Path, name: str) -> None:
    result = read_lss(data(shared_data, name))
    lost = {loss.path for loss in result.lost}
    ours: dict[str, list[dict[str, Any]]] = {}
    for section in result.document["sections"]:
        for question in section["questions"]:
            ours.setdefault(re.sub(r"_(2|comment|other)$", "", question["code"]), []).append(
                question
            )
    for path, kind, thing in things(read_file(data(shared_data, name))):
        if any(place == path or place.startswith(f"{path} ") for place in lost):
            continue
        if kind == "question":
            assert thing in ours, path
        elif kind == "part":
            code, part = thing
            assert f"'code': '{part}'" in str(ours[code]), path
        elif kind == "attribute":
            code, attribute, value = thing
            assert is_said(ours[code], attribute, value), path
        else:
            pytest.fail(f"{path} is neither carried over nor named as lost")


@EVERY
def test_every_relevance_is_a_condition_of_ours_or_named(shared_data: Path, name: str) -> None:
    result = read_lss(data(shared_data, name))
    lost = {loss.path for loss in result.lost}
    sections = result.document["sections"]
    for number, group in enumerate(read_file(data(shared_data, name)).groups, start=1):
        if group.fields.get("grelevance", "") not in ("", "1"):
            assert f"group {number}/relevance" in lost or "show_if" in sections[number - 1]
        made = {question["code"]: question for question in sections[number - 1]["questions"]}
        for question in group.questions:
            if question.fields.get("relevance", "") not in ("", "1"):
                path = f"group {number}/question {question.code}/relevance"
                assert path in lost or "show_if" in made[question.code], path


@EVERY
def test_no_text_keeps_markup(shared_data: Path, name: str) -> None:
    text = str(read_lss(data(shared_data, name)).document)
    assert not re.search(r"</?(p|br|script|strong|span|div|img|table)\b", text)


def test_the_census_asks_about_as_many_people_as_there_are(shared_data: Path) -> None:
    asked = parse_definition(read_lss(data(shared_data, "ls205_group_relevance")).document)
    answers: dict[str, Any] = {"name": "Ana", "gender": "F", "age": 40, "cohabs": 2}
    assert [code for code in route(asked, answers).shown if code.endswith("sex")] == ["p1sex"]
    answers |= {"p1sex": "M", "p1name": "Bo", "p1age": 41, "p1rel": "1"}
    shown = route(asked, answers).shown
    assert "p2sex" in shown
    assert "p3sex" not in shown
    assert "comment" not in shown
    answers |= {"p2sex": "F", "p2name": "Cy", "p2age": 4, "p2rel": "4"}
    assert "comment" in route(asked, answers).shown
    # Whoever is not there any more does not count.
    assert "p2sex" not in route(asked, answers | {"cohabs": 1}).shown


def test_scenarios_of_the_sample_survey(shared_data: Path) -> None:
    name = "ls6_sample_survey_multilingual_fr_de_en_it_ru"
    asked = parse_definition(read_lss(data(shared_data, name)).document)
    assert {"QCDefault", "QEMDefault"} <= set(route(asked, {}).shown)
    assert "QCYes" in route(asked, {"QC": "Y"}).shown
    answers = {"QCS1": ["SH101"]}
    assert {"CC01", "QCS3"} <= set(route(asked, answers).shown)
    assert "CC01" not in route(asked, answers | {"QCS3": "Y"}).shown
    assert "CC01" in route(asked, answers | {"QCS3": "N"}).shown
    taken = route(asked, {"AF": ["SQ02"]})
    assert "FAF.SQ02" in taken.shown
    assert "FAF.SQ01" in taken.hidden
    assert "FAFE.SQ02" in taken.hidden


@EVERY
def test_what_goes_back_to_limesurvey_is_the_same(shared_data: Path, name: str) -> None:
    document = read_lss(data(shared_data, name)).document
    exported = write_lss(parse_definition(document))
    assert exported.lost == []
    assert read_lss(exported.data).document == document


def test_at_least_95_in_100_are_carried(shared_data: Path) -> None:
    results = [read_lss(data(shared_data, name)) for name in FILES]
    questions = sum(result.questions for result in results)
    lost = sum(loss.kind == "question" for result in results for loss in result.lost)
    assert (questions, lost) == (162, 0)
    counts = [count for result in results for count in result.expressions.values()]
    found, carried = (sum(count[i] for count in counts) for i in (0, 1))
    assert carried >= 0.95 * found
    assert all(r.conditions_carried == r.conditions_found for r in results)


def test_the_body_mass_index_is_worked_out_and_told(shared_data: Path) -> None:
    asked = parse_definition(read_lss(data(shared_data, "ls205_em_tailoring")).document)
    answers = {"weight": 150, "weightunits": "lb", "height": 70, "heightunits": "i"}
    taken = route(asked, answers)
    assert taken.values["weightstatus"] == "normal weight"
    assert taken.text(asked.by_code["report1"].title, "en") == (
        "You said you are 70 inches tall, and weigh 150 pounds.\n"
        "Your Body Mass Index (BMI) is 21.52.\n"
        "Assuming you are an adult, you are normal weight."
    )
    message = asked.by_code["message2"].title
    family = {"name": "Ana", "age": 30, "married": "Y", "yearsMarried": 5, "numKids": 2,
              "kid1": 8, "kid2": 4}  # fmt: skip
    said = route(asked, family).text(message, "en").split("\n")
    assert said[0] == "Hi Ana !"
    assert said[3] == "The sum of the ages of your first 2 children is 12"
    assert said[4] == ""
    assert said[5].startswith("Hmmm, your oldest child is older than your marriage.")
    assert route(asked, {}).text(message, "en").strip() == (
        "Please enter some information about yourself"
    )


def test_the_census_says_who_is_who(shared_data: Path) -> None:
    asked = parse_definition(read_lss(data(shared_data, "ls205_group_relevance")).document)
    answers = {"name": "Ana", "gender": "F", "age": 40, "cohabs": 1, "p1sex": "M",
               "p1name": "Bo", "p1age": 41, "p1rel": "-oth-", "p1rel_other": "lodger"}  # fmt: skip
    taken = route(asked, answers)
    said = {code: taken.text(asked.by_code[code].title, "en") for code in ("p1name", "p1sum")}
    assert said == {
        "p1name": "What is his name?",
        "p1sum": "So, Ana, Bo is a 41 year old man, and is your lodger.",
    }
    spouse = route(asked, answers | {"p1rel": "1"})
    assert "your Spouse" in spouse.text(asked.by_code["p1sum"].title, "en")


def test_filters_and_limits_of_the_validation_survey(shared_data: Path) -> None:
    asked = parse_definition(read_lss(data(shared_data, "ls205_validation_tests")).document)
    answers: dict[str, Any] = {
        "minSelect": 1, "maxSelect": 2, "num": 3, "num2": 8.5, "age": 40, "yearsMarried": 10,
        "afSrcFilter": ["sq1", "sq4", "other"], "afSrcFilter_other": "Mine",
    }  # fmt: skip
    taken = route(asked, answers)
    assert [n for n in taken.shown if n.startswith("af5pc.")] == ["af5pc.sq1", "af5pc.sq4"]
    offered = [o.code for o in asked.by_code["afMC"].options if taken.shows_option("afMC", o.code)]
    assert offered == ["sq1", "sq4", "other"]
    left = [o.code for o in asked.by_code["v1MCC"].options if taken.shows_option("v1MCC", o.code)]
    assert left == ["sq2", "sq3", "sq5"]

    def wrong(**given: Any) -> dict[str, str]:
        found = validate(asked, answers | given, complete=True, language="en")
        return {p.code: str(p.params.get("message")) for p in found if p.code in given}

    assert wrong(afAMF={"sq1": {"1": 9, "2": 3}}, v5N=12, vS="$12.50", v4K={"sq1": 3}) == {}
    assert wrong(afAMF={"sq1": {"1": 10}}) == {"afAMF": "At most 9."}
    assert wrong(v5N=41) == {"v5N": "At most 40."}
    assert wrong(vS="twelve") == {"vS": "The answer does not have the expected form."}
    assert wrong(v4K={"sq1": 3, "sq4": 1}) == {"v4K": "The sum must be exactly 3."}
    assert wrong(v3K={"sq1": 50}) == {}
    assert wrong(v3K={"sq1": 49}) == {"v3K": "The sum must be exactly 50."}
