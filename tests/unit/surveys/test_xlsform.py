"""XLSForms: what becomes of each type, text, language, group and setting."""

import datetime
from typing import Any

import pytest

from surveys.definition import parse_definition
from surveys.errors import UnreadableFile
from surveys.formats.imported import ImportedQuestionnaire
from surveys.formats.xlsform.reading import read_xlsform
from surveys.routing import route
from tests.questionnaires.xlsform_writer import ask, table, workbook, xlsform

YES_NO = {"yn": {"yes": "Yes", "no": "No"}}


def imported(
    *survey: dict[str, Any], choices: Any = None, settings: Any = None
) -> ImportedQuestionnaire:
    result = read_xlsform(xlsform(survey, YES_NO | (choices or {}), settings))
    parse_definition(result.document)
    return result


def questions(result: ImportedQuestionnaire) -> dict[str, dict[str, Any]]:
    return {
        question["code"]: question
        for section in result.document["sections"]
        for question in section["questions"]
    }


def lost(result: ImportedQuestionnaire) -> list[str]:
    return [loss.path for loss in result.lost]


@pytest.mark.parametrize(
    "row, shape",
    [
        (ask("text"), {"type": "short_text"}),
        (ask("string"), {"type": "short_text"}),
        (ask("text", appearance="multiline"), {"type": "long_text"}),
        (ask("integer"), {"type": "number", "whole": True}),
        (ask("Decimal"), {"type": "number"}),
        (ask("date"), {"type": "date"}),
        (ask("select_one yn"), {"type": "single_choice"}),
        (ask("select one from yn"), {"type": "single_choice"}),
        (ask("select_one yn", appearance="minimal"), {"display": "dropdown"}),
        (ask("select_one yn", appearance="likert w1"), {"display": "scale"}),
        (ask("select_multiple yn"), {"type": "multiple_choice"}),
        (ask("select_multiple yn or_other"), {"type": "multiple_choice"}),
        (ask("rank yn"), {"type": "ranking", "min_choices": 2}),
        (ask("note", hint="More"), {"type": "information", "help": {"en": "More"}}),
        (ask("acknowledge"), {"type": "consent", "purpose": "q", "version": "1"}),
        (ask("trigger"), {"type": "consent"}),
        (ask("image"), {"type": "upload", "accept": ["image"]}),
        (ask("file"), {"type": "upload"}),
        (ask("range", parameters="start=1 end=7 step=1"), {"type": "rating", "maximum": 7}),
        (ask("range", parameters="start=0 end=100 step=10"),
         {"type": "number", "minimum": 0, "maximum": 100, "whole": True}),
        (ask("range", parameters="start=0 end=1 step=0.1"), {"type": "number", "maximum": 1}),
        (ask("calculate", calculation="1 + 1"), {"type": "calculation", "value": "1 + 1"}),
        (ask("text", read_only="yes"), {"type": "information"}),
        (ask("integer", read_only="true()", calculation="1 + 1"),
         {"type": "calculation", "display": "text", "title": {"en": "Question {{ q }}"}}),
        (ask("integer", required="yes"), {"required": True}),
        (ask("integer", required=True), {"required": True}),
        (ask("integer", required="true()"), {"required": True}),
        (ask("integer", required="${before} = 'yes'"), {"required_if": "before == 'yes'"}),
        (ask("integer", constraint=". >= 0 and . <= 120"), {"minimum": 0, "maximum": 120}),
        (ask("text", constraint="string-length(.) <= 80"), {"max_length": 80}),
        (ask("select_multiple yn", constraint="count-selected(.) <= 1"), {"max_choices": 1}),
        (ask("date", constraint=". <= date('2030-12-31')"), {"maximum": "2030-12-31"}),
        (ask("integer", constraint=". != 13", constraint_message="Not 13"),
         {"rules": [{"check": "not q == 13", "message": {"en": "Not 13"}}]}),
        (ask("integer", constraint=". mod 2 = 0"),
         {"rules": [{"check": "q - 2 * if(q / 2 < 0, ceil(q / 2), floor(q / 2)) == 0",
                     "message": {"en": "The answer does not have the expected form."}}]}),
    ],
)  # fmt: skip
def test_each_type_becomes_what_it_is_here(row: dict[str, Any], shape: dict[str, Any]) -> None:
    result = imported(ask("select_one yn", "before"), row)
    question = questions(result)["q"]
    assert {name: question[name] for name in shape} == shape


@pytest.mark.parametrize(
    "kind",
    [
        "geopoint", "geotrace", "barcode", "time", "dateTime", "audio", "video", "hidden", "start",
        "end", "today", "deviceid", "audit", "xml-external", "select_one_from_file x.csv",
        "select_one ${people}", "select_one nowhere", "somersault",
    ],
)  # fmt: skip
def test_what_has_no_counterpart_is_listed(kind: str) -> None:
    result = imported(ask("text", "kept"), ask(kind, "gone"), ask("text", "q",
                      relevant="${gone} = 'x'"))  # fmt: skip
    assert list(questions(result)) == ["kept", "q"]
    assert lost(result)[0] == "survey, row 3"
    assert lost(result)[1] == "survey, row 4, column relevant"
    assert result.conditions_found == 1
    assert result.conditions_carried == 0
    assert result.questions == 3


def test_groups_become_sections_and_groups_in_them_are_merged() -> None:
    result = imported(
        ask("text", "first"),
        ask("begin group", "about", "About you", relevant="${first} != ''"),
        ask("text", "name"),
        ask("begin_group", "inner", "Inside", relevant="${name} = 'x'"),
        ask("text", "deep", relevant="${first} = 'y'"),
        {"type": "end group"},
        {"type": "end_group"},
        ask("text", "last"),
    )
    sections = result.document["sections"]
    assert [(s["code"], [q["code"] for q in s["questions"]]) for s in sections] == [
        ("section1", ["first"]), ("about", ["name", "inner", "deep"]), ("section2", ["last"]),
    ]  # fmt: skip
    assert sections[1]["title"] == {"en": "About you"}
    assert sections[1]["show_if"] == "answered(first)"
    assert questions(result)["inner"] == {
        "code": "inner", "type": "information", "title": {"en": "Inside"},
        "show_if": "name == 'x'",
    }  # fmt: skip
    assert questions(result)["deep"]["show_if"] == "name == 'x' and first == 'y'"


def test_repeats_are_lost_with_everything_in_them() -> None:
    result = imported(
        ask("text", "kept"),
        ask("begin_repeat", "people"),
        ask("begin_group", "one"),
        ask("text", "name"),
        {"type": "end_group"},
        {"type": "end_repeat"},
    )
    assert list(questions(result)) == ["kept"]
    assert [loss.what for loss in result.lost] == ["repeat people", "text name"]


def test_tables_become_matrices() -> None:
    result = imported(
        ask("begin_group", "scale", "How much?", appearance="table-list w4",
            relevant="${before} = 'yes'"),
        ask("select_one yn", "scale_a", "First", required="yes"),
        ask("select_one yn", "scale_b", "Second", required="yes", relevant="${scale_a} = 'yes'"),
        {"type": "end_group"},
        ask("select_one yn", "before"),
        ask("begin_group", "page", "Page", appearance="field-list"),
        ask("select_multiple yn", "head", "Tick", appearance="label"),
        ask("select_multiple yn", "one", "One", appearance="list-nolabel"),
        ask("select_multiple yn", "two", "Two", appearance="list-nolabel"),
        ask("note", "n", "${scale_b}", relevant="selected(${two}, 'yes')"),
        {"type": "end_group"},
    )  # fmt: skip
    scale = questions(result)["scale"]
    assert (scale["cell"], scale["show_if"], scale["required"]) == (
        "single", "before == 'yes'", True)  # fmt: skip
    assert [(row["code"], row.get("show_if")) for row in scale["rows"]] == [
        ("a", None), ("b", "scale.a == 'yes'")]  # fmt: skip
    head = questions(result)["head"]
    assert head["cell"] == "multiple"
    assert head["title"] == {"en": "Tick"}
    assert [row["code"] for row in head["rows"]] == ["one", "two"]
    note = questions(result)["n"]
    assert note["title"] == {"en": "{{ scale.b }}"}
    assert note["show_if"] == "'yes' in head.two"


def test_cascading_choices_are_offered_by_earlier_answers() -> None:
    result = imported(
        ask("select_one country", "land"),
        ask("select_one city", "town", choice_filter="country = ${land} or country = ''"),
        choices={
            "country": {"fr": "France", "de": "Germany"},
            "city": [
                {"name": "paris", "label": "Paris", "country": "fr"},
                {"name": "bonn", "label": "Bonn", "country": "de"},
                {"name": "rome", "label": "Rome", "country": "it"},
                {"name": "none", "label": "None of these"},
            ],
        },
    )
    offered = {o["code"]: o.get("show_if") for o in questions(result)["town"]["options"]}
    # There is no choice "it", so Rome is never offered; that is what the form says.
    assert offered == {
        "paris": "land == 'fr'", "bonn": "land == 'de'", "rome": "false", "none": None,
    }  # fmt: skip
    routed = route(parse_definition(result.document), {"land": "fr"})
    assert [c for c in offered if routed.shows_option("town", c)] == ["paris", "none"]


def test_other_has_a_text_beside_it() -> None:
    result = imported(
        ask("select_one yn or_other", "q"),
        ask("note", "n", "${q_other}", relevant="${q} = 'other'"),
    )
    assert questions(result)["q"]["other"] == {"code": "other", "label": {"en": "Other"}}
    assert questions(result)["n"]["title"] == {"en": "{{ q_other }}"}
    assert questions(result)["n"]["show_if"] == "q == 'other'"


def test_languages_by_code_by_name_and_without() -> None:
    survey = {
        "type": "text", "name": "q", "label::Deutsch": "Warum?",
        "label::Français (fr)": "Pourquoi ?",
        "label": "Why?", "hint:fr": "Dites-le", "constraint_message::Klingon": "x",
        "constraint": ". != ''",
    }  # fmt: skip
    result = read_xlsform(xlsform([survey]))
    assert result.document["languages"] == ["en", "de", "fr", "und-x-klingon"]
    question = questions(result)["q"]
    assert question["title"] == {"en": "Why?", "de": "Warum?", "fr": "Pourquoi ?"}
    assert question["help"] == {"en": "Dites-le", "fr": "Dites-le"}
    assert "language Klingon" in lost(result)


def test_the_default_language_comes_first() -> None:
    row = {"type": "text", "name": "q", "label::English (en)": "Why?", "label::French (fr)": "P ?"}
    result = read_xlsform(xlsform([row], settings={"default_language": "French (fr)"}))
    assert result.document["languages"] == ["fr", "en"]
    result = read_xlsform(xlsform([row | {"label::French (fr)": None}],
                                  settings={"default_language": "French (fr)"}))  # fmt: skip
    assert questions(result)["q"]["title"] == {"fr": "Why?", "en": "Why?"}
    assert "survey, row 2, column label" in lost(result)


def test_labels_lose_markup_and_keep_what_they_insert() -> None:
    result = imported(
        ask("integer", "n"),
        ask("note", "q", '**Bold** <span style="color:red">red</span> 1 < 2 {{x}} ${n} ${gone}'),
    )
    assert questions(result)["q"]["title"] == {"en": "Bold red 1 < 2 {{ '{{' }}x}} {{ n }} "}
    assert [loss.kind for loss in result.lost] == ["text"]


def test_codes_that_are_none_here_are_renamed_and_listed() -> None:
    result = imported(
        ask("select_one colours", "my-question", required="yes"),
        ask("text", "not", relevant="${my-question} = 'dark blue'"),
        ask("text", "dup"),
        ask("text", "dup"),
        ask("note", "n", relevant="${dup} = 'x'"),
        choices={"colours": {"dark blue": "Blue", 1.0: "One", "2": "Two"}},
    )
    assert list(questions(result)) == ["my_question", "qnot", "dup", "dup_2", "n"]
    codes = [option["code"] for option in questions(result)["my_question"]["options"]]
    assert codes == ["dark_blue", "1", "2"]
    assert questions(result)["qnot"]["show_if"] == "my_question == 'dark_blue'"
    assert "show_if" not in questions(result)["n"]
    assert "choices, row 4, column name" in lost(result)


def test_cells_of_every_kind_are_texts() -> None:
    data = workbook(
        SURVEY=[
            ["Type", "NAME", "Label", "Required", "constraint", None],
            ["integer", "a", 2026, True, None, "beside"],
            [],
            ["date", "b", datetime.date(2026, 11, 22), False, None],
            ["decimal", "c", 1.5, None, ". < 1.5"],
            ["note", "d", '=HYPERLINK("http://evil","x")'],
        ]
    )
    result = read_xlsform(data)
    titles = [question["title"]["en"] for question in questions(result).values()]
    assert titles == ["2026", "2026-11-22", "1.5", '=HYPERLINK("http://evil","x")']
    assert questions(result)["a"]["required"] is True
    assert lost(result) == ["survey, row 6, column Label"]  # a formula is never evaluated


def test_settings_and_what_else_is_lost() -> None:
    result = read_xlsform(
        xlsform(
            [ask("text", default="x", **{"media::image": "a.png", "guidance_hint": "g",
                                         "required_message": "m", "bind::odk:x": "1"})],
            settings={"form_title": "T", "form_id": "f", "version": 3, "public_key": "abc"},
        )
    )  # fmt: skip
    assert result.document["title"] == {"en": "T"}
    assert sorted(lost(result)) == [
        "settings, column public_key", "survey, row 2, column bind::odk:x",
        "survey, row 2, column default", "survey, row 2, column guidance_hint",
        "survey, row 2, column image", "survey, row 2, column required_message",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "survey, said",
    [
        ([ask("", "q")], "Sheet survey, row 2, column type: is empty"),
        ([ask("text", "")], "Sheet survey, row 2, column name: is empty"),
        ([ask("begin_group", "g")], "row 2, column type: the group is never closed"),
        ([ask("text"), {"type": "end_group"}], "row 3, column type: end_group closes nothing"),
        ([ask("begin_repeat", "r"), {"type": "end_group"}], "row 3, column type: end_group closes"),
        ([ask("geopoint")], "there is no question"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(survey: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_xlsform(xlsform(survey))
    assert said in str(refused.value)


def test_missing_sheets_and_columns_are_named() -> None:
    for data, said in (
        (workbook(Tabelle1=[["type"]]), "no sheet named survey; the sheets are: Tabelle1"),
        (workbook(survey=[["typo"], ["text"]]), "no column type; there are: typo"),
        (workbook(survey=[["type"], ["text"]]), "Sheet survey, row 1: there is no column name"),
        (
            workbook(survey=[["type", "name"], ["text", "q"]], choices=[["list"], ["x"]]),
            "Sheet choices, row 1: there is no column list_name",
        ),
        (
            workbook(survey=[["type", "name", "name"], ["text", "q", "q"]]),
            "Sheet survey, row 1: there are two columns 'name'",
        ),
        (
            workbook(survey=[["type", "name"], ["text", "q"]],
                     choices=[["list_name", "name"], ["x", None]]),
            "Sheet choices, row 2, column name: is empty",
        ),
    ):  # fmt: skip
        with pytest.raises(UnreadableFile) as refused:
            read_xlsform(data)
        assert said in str(refused.value)


def test_circles_are_taken_out_and_listed() -> None:
    result = imported(
        ask("text", "a", relevant="${b} = 'x'"),
        ask("text", "b", relevant="${a} = 'x'"),
        ask("calculate", "c", calculation="${d} + 1"),
        ask("calculate", "d", calculation="${c} + 1"),
    )
    assert [("show_if" in q) for q in questions(result).values()].count(True) == 1
    assert all("survey, row" in path for path in lost(result))


# A form as an institute would write it, in two languages; nothing in it was made by our exporter.
LABEL, FRENCH = "label::English (en)", "label::Français (fr)"


def realistic() -> ImportedQuestionnaire:
    def said(kind: str, name: str, english: str, french: str, **cells: Any) -> dict[str, Any]:
        return {"type": kind, "name": name, LABEL: english, FRENCH: french} | cells

    survey = [
        {"type": "start", "name": "start"},
        {"type": "deviceid", "name": "device"},
        said("note", "welcome", "**Welcome**", "**Bienvenue**"),
        said("acknowledge", "agree", "I agree", "J’accepte", required="yes"),
        said("begin_group", "profile", "About you", "À propos de vous", relevant="${agree} = 'OK'"),
        said("select_one role", "role", "Your role", "Votre rôle", required="yes",
             appearance="minimal"),
        said("text", "role_other", "Which?", "Lequel ?", relevant="${role} = 'other'"),
        said("date", "born", "Born on", "Né le", constraint=". < today()",
             **{"constraint_message::English (en)": "In the past, please"}),
        {"type": "calculate", "name": "age",
         "calculation": "int((today() - ${born}) div 365.25)"},
        {"type": "end_group"},
        said("begin_group", "network", "Networks", "Réseaux",
             relevant="${agree} = 'OK' and (${age} >= 18 or ${role} = 'research')"),
        said("select_multiple tech", "uses", "You use", "Vous utilisez",
             constraint="not(selected(., 'none') and count-selected(.) > 1)",
             **{"constraint_message::English (en)": "Not with others"}),
        said("rank tech", "order", "Order", "Ordre", relevant="count-selected(${uses}) > 1"),
        said("begin_group", "trust", "Trust", "Confiance", appearance="table-list"),
        said("select_one scale", "trust_state", "The state", "L’État"),
        said("select_one scale", "trust_firms", "Firms", "Les entreprises"),
        {"type": "end_group"},
        said("decimal", "share", "Share of ${role}", "Part de ${role}",
             relevant="not(selected(${uses}, 'none')) and ${trust_state} > 2",
             constraint=". >= 0 and . <= 100"),
        said("text", "why", "Why?", "Pourquoi ?", appearance="multiline",
             required="${share} < 10", relevant="${share} != ''"),
        {"type": "end_group"},
    ]  # fmt: skip
    choices = [
        {"list_name": name, "name": code, LABEL: english, FRENCH: french}
        for name, code, english, french in (
            ("role", "citizen", "Citizen", "Citoyen"),
            ("role", "research", "Research", "Recherche"),
            ("role", "other", "Other", "Autre"), ("tech", "fibre", "Fibre", "Fibre"),
            ("tech", "radio", "Radio", "Radio"), ("tech", "none", "None", "Aucun"),
            ("scale", 1.0, "Low", "Faible"), ("scale", 2.0, "Medium", "Moyenne"),
            ("scale", 3.0, "High", "Forte"),
        )
    ]  # fmt: skip
    settings = {"form_title": "Networks", "form_id": "nets", "version": "3",
                "default_language": "English (en)"}  # fmt: skip
    return read_xlsform(workbook(survey=table(survey), choices=table(choices),
                                 settings=table([settings])))  # fmt: skip


def test_a_realistic_form_is_carried_but_for_its_metadata() -> None:
    result = realistic()
    assert [loss.what for loss in result.lost] == ["start start", "deviceid device"]
    assert result.document["languages"] == ["en", "fr"]
    assert [s["code"] for s in result.document["sections"]] == ["section1", "profile", "network"]
    assert result.conditions_found == result.conditions_carried == 7
    rule = questions(result)["born"]["rules"][0]
    assert rule == {"check": "born < today()", "message": {"en": "In the past, please"}}
    scale = questions(result)["trust"]["options"]
    assert [option["code"] for option in scale] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "answers, shown",
    # What Collect would show, worked out by hand from the form and ODK's documentation.
    [
        ({}, ["welcome", "agree"]),
        ({"role": "research"}, ["welcome", "agree"]),
        ({"agree": True}, ["welcome", "agree", "role", "born"]),
        ({"agree": True, "role": "other"}, ["welcome", "agree", "role", "role_other", "born"]),
        ({"agree": True, "born": "2015-01-01"}, ["welcome", "agree", "role", "born"]),
        (
            {"agree": True, "born": "1990-06-15"},
            ["welcome", "agree", "role", "born", "uses", "trust", "trust.state", "trust.firms"],
        ),
        (
            {"agree": True, "role": "research", "uses": ["fibre", "radio"],
             "trust": {"state": "3"}, "share": 5},
            ["welcome", "agree", "role", "born", "uses", "order", "trust", "trust.state",
             "trust.firms", "share", "why"],
        ),
        (
            {"agree": True, "role": "research", "uses": ["none"], "trust": {"state": "3"}},
            ["welcome", "agree", "role", "born", "uses", "trust", "trust.state", "trust.firms"],
        ),
    ],
)  # fmt: skip
def test_a_realistic_form_shows_what_odk_would(answers: dict[str, Any], shown: list[str]) -> None:
    questionnaire = parse_definition(realistic().document)
    routed = route(questionnaire, answers, today=datetime.date(2026, 11, 22))
    assert list(routed.shown) == shown
    assert routed.requires("why") == ("why" in shown)
