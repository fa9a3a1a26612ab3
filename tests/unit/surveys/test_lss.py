"""LimeSurvey exports: what becomes of each question type, text, condition and attribute."""

import contextlib
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import parse_definition
from surveys.errors import InvalidQuestionnaire, UnreadableFile
from surveys.formats.imported import ImportedQuestionnaire
from surveys.formats.lss.reading import read_lss
from surveys.routing import route
from surveys.validation import validate
from tests.questionnaires.lss_writer import G, Q, lss

BOTH = pytest.mark.parametrize("version", ["2.05", "6"])


def imported(*parts: Any, **fields: Any) -> ImportedQuestionnaire:
    result = read_lss(lss(*parts, **fields))
    parse_definition(result.document)
    return result


def questions(result: ImportedQuestionnaire) -> dict[str, dict[str, Any]]:
    return {
        question["code"]: question
        for section in result.document["sections"]
        for question in section["questions"]
    }


def lost(result: ImportedQuestionnaire) -> dict[str, str]:
    return {loss.path: loss.kind for loss in result.lost}


ROWS = {"SQ1": "First", "SQ2": "Second"}
GRID = {("R1", 0): "Row", ("C1", 1): "Column", ("C2", 1): "Other column"}
CHOICES = {"A1": "One", "A2": "Two"}


@BOTH
@pytest.mark.parametrize(
    "question, kind, shape",
    [
        (Q("q", "L", answers=CHOICES), "single_choice", {}),
        (Q("q", "!", answers=CHOICES), "single_choice", {"display": "dropdown"}),
        (Q("q", "O", answers=CHOICES), "single_choice", {}),
        (Q("q", "5"), "single_choice", {}),
        (Q("q", "Y"), "single_choice", {}),
        (Q("q", "G"), "single_choice", {}),
        (Q("q", "I"), "single_choice", {}),
        (Q("q", "M", subs=ROWS), "multiple_choice", {}),
        (Q("q", "P", subs=ROWS), "multiple_choice", {}),
        (Q("q", "F", subs=ROWS, answers=CHOICES), "matrix", {"cell": "single"}),
        (Q("q", "H", subs=ROWS, answers=CHOICES), "matrix", {"cell": "single"}),
        (Q("q", "A", subs=ROWS), "matrix", {"cell": "single"}),
        (Q("q", "B", subs=ROWS), "matrix", {"cell": "single"}),
        (Q("q", "C", subs=ROWS), "matrix", {"cell": "single"}),
        (Q("q", "E", subs=ROWS), "matrix", {"cell": "single"}),
        (Q("q", "1", subs=ROWS, answers={("A", 0): "a", ("B", 1): "b"}), "matrix", {}),
        (Q("q", "K", subs=ROWS), "matrix", {"cell": "number"}),
        (Q("q", "Q", subs=ROWS), "matrix", {"cell": "text"}),
        (Q("q", ":", subs=GRID), "matrix", {"cell": "number", "minimum": 1, "maximum": 10}),
        (
            Q("q", ":", subs=GRID, attributes={"multiflexible_checkbox": "1"}),
            "matrix",
            {"cell": "multiple"},
        ),
        (Q("q", ";", subs=GRID), "matrix", {"cell": "text"}),
        (Q("q", "N"), "number", {}),
        (Q("q", "D"), "date", {}),
        (Q("q", "S"), "short_text", {}),
        (Q("q", "T"), "long_text", {}),
        (Q("q", "U"), "long_text", {}),
        (Q("q", "X"), "information", {}),
        (Q("q", "R", answers=CHOICES), "ranking", {}),
        (Q("q", "*"), "calculation", {"value": "'Question'", "display": "text"}),
        (Q("q", "|"), "upload", {"max_files": 10}),
    ],
    ids=lambda value: value.type if isinstance(value, Q) else "",
)
def test_a_question_type_becomes(version: str, question: Q, kind: str, shape: Any) -> None:
    result = imported(question, version=version)
    made = questions(result)["q"]
    assert made["type"] == kind
    assert {name: made[name] for name in shape} == shape
    assert made["title"] == {"en": "Question"}
    assert result.questions == 1
    assert result.lost == []


@BOTH
def test_a_question_type_that_is_not_known_is_lost_with_all_it_holds(version: str) -> None:
    question = Q("q", "?", "Put in order", answers=CHOICES, relevance="p == 1",
                 attributes={"max_answers": "2"})  # fmt: skip
    result = imported(Q("p", "N"), question, version=version)
    assert result.questions == 2
    assert (result.conditions_found, result.conditions_carried) == (1, 0)
    assert lost(result) == {
        "group 1/question q": "question",
        "group 1/question q/relevance": "condition",
        "group 1/question q/answer A1": "text",
        "group 1/question q/answer A2": "text",
        "group 1/question q/attribute max_answers": "attribute",
    }
    assert result.lost[0].what == "Put in order"


@BOTH
def test_all_languages_are_carried(version: str) -> None:
    result = imported(
        G(
            [
                Q("q", "L", {"de-informal": "Frage", "el": "Ερώτηση"}, answers={
                    "A1": {"de-informal": "Eins", "el": "Ένα"}}),
                Q("y", "Y", {"de-informal": "Ja?", "el": "Ναι;"}),
                Q("m", "M", {"de-informal": "Viele", "el": ""}, other="Y", subs={
                    "a": {"de-informal": "Ah", "el": "Α"}}),
            ],
            name={"de-informal": "Gruppe", "el": "Ομάδα"},
        ),
        version=version,
        languages=("de-informal", "el"),
        title={"de-informal": "Umfrage", "el": "Έρευνα"},
    )  # fmt: skip
    document = result.document
    assert document["languages"] == ["de-informal", "el"]
    assert document["title"] == {"de-informal": "Umfrage", "el": "Έρευνα"}
    assert document["sections"][0]["title"] == {"de-informal": "Gruppe", "el": "Ομάδα"}
    made = questions(result)
    assert made["q"]["options"][0]["label"] == {"de-informal": "Eins", "el": "Ένα"}
    assert made["y"]["options"][0]["label"] == {"de-informal": "Ja", "el": "Ναι"}
    assert made["m"]["other"]["label"] == {"de-informal": "Sonstiges", "el": "Άλλο"}
    assert made["m"]["title"] == {"de-informal": "Viele"}


def test_attributes_become_rules() -> None:
    result = imported(
        Q("n", "N", mandatory="Y", attributes={"min_num_value_n": "0", "max_num_value_n": "10",
          "num_value_int_only": "1", "suffix": {"en": "km"}}),
        Q("m", "M", subs={"a": "A", "b": "B", "c": "C"}, other="Y", attributes={
          "min_answers": "1", "max_answers": "2", "exclude_all_others": "c",
          "other_replace_text": {"en": "Something else"}}),
        Q("l", "L", answers=CHOICES, other="Y", attributes={"other_comment_mandatory": "1"}),
        Q("d", "D", attributes={"date_min": "2020", "date_max": "2026-12-31"}),
        Q("t", "T", attributes={"maximum_chars": "500"}),
        Q("s", "S", attributes={"numbers_only": "1"}),
        Q("k", "K", subs=ROWS, attributes={"slider_layout": "1", "slider_min": "1",
          "slider_max": "7"}),
        Q("x", "X", attributes={"hidden": "1"}),
        Q("two", "1", "Both", subs=ROWS, answers={("A", 0): "a", ("B", 1): "b"}, attributes={
          "dualscale_headerA": {"en": "Now"}, "dualscale_headerB": {"en": "Later"}}),
        Q("f", "F", subs={"SQ1": "Hot|Cold"}, answers=CHOICES, help="<b>Help</b>"),
    )  # fmt: skip
    made = questions(result)
    assert made["n"] == {
        "code": "n", "type": "number", "title": {"en": "Question"}, "required": True,
        "minimum": 0, "maximum": 10, "whole": True, "unit": {"en": "km"},
    }  # fmt: skip
    assert made["m"]["required"] is True
    assert (made["m"]["min_choices"], made["m"]["max_choices"]) == (1, 2)
    assert made["m"]["options"][2]["exclusive"] is True
    assert made["m"]["other"] == {"code": "other", "label": {"en": "Something else"}}
    assert made["l"]["other"] == {"code": "-oth-", "label": {"en": "Other"}, "required": True}
    assert (made["d"]["minimum"], made["d"]["maximum"]) == ("2020-01-01", "2026-12-31")
    assert made["t"]["max_length"] == 500
    assert made["s"]["type"] == "number"
    assert (made["k"]["minimum"], made["k"]["maximum"]) == (1, 7)
    assert made["x"]["show_if"] == "false"
    assert made["two"]["title"] == {"en": "Both – Now"}
    assert made["two_2"]["title"] == {"en": "Both – Later"}
    assert made["f"]["rows"][0]["label"] == {"en": "Hot – Cold"}
    assert made["f"]["help"] == {"en": "Help"}
    assert result.lost == []


def test_what_cannot_be_said_is_listed() -> None:
    result = imported(
        G(
            [
                Q("n", "N", "How old is {name}?", preg="/^(?=x)$/", mandatory="S", attributes={
                    "max_num_value_n": "age-5", "em_validation_q": "rand(1, 2)", "future": "thing",
                    "random_order": "0", "statistics_showgraph": "1"}),
                Q("p", "N", '<p>See <img src="a.png" alt="the graph"></p><script>x()</script>'),
                Q("m", "M", subs=ROWS, defaults={"SQ1": "Y"}),
                Q("g", ";", subs=GRID, sub_relevance={"C2": "n > 1"}),
                Q("z", "L", answers={"A 1": "Space", "A_1": "Under"}),
            ],
            description="<p>Hello</p>",
        ),
        settings={"expires": "2026-01-01 00:00:00", "admin": "Someone", "usetokens": "Y"},
        texts={"surveyls_endtext": "Bye", "surveyls_email_invite": "Dear {FIRSTNAME}"},
        tables={"quota": [{"id": "1", "name": "Only ten", "qlimit": "10"}]},
    )  # fmt: skip
    assert lost(result) == {
        "survey/surveyls_endtext": "text",
        "survey/e-mail templates": "text",
        "survey/setting expires": "attribute",
        "survey/setting usetokens": "attribute",
        "table quota/row 1": "attribute",
        "group 1/question n/title": "text",
        "group 1/question n/preg": "attribute",
        "group 1/question n/mandatory": "attribute",
        "group 1/question n/attribute max_num_value_n": "attribute",
        "group 1/question n/attribute em_validation_q": "attribute",
        "group 1/question n/attribute future": "attribute",
        "group 1/question p/title": "text",
        "group 1/question g/sub-question C2/relevance": "attribute",
        "group 1/question m/default value SQ1": "attribute",
        "group 1/question z/answer A 1": "attribute",
    }
    assert all(loss.what and loss.why.endswith(".") for loss in result.lost)
    assert questions(result)["p"]["title"] == {"en": "See the graph"}
    assert result.document["sections"][0]["text"] == {"en": "Hello"}
    assert [o["code"] for o in questions(result)["z"]["options"]] == ["A_1_2", "A_1"]


def test_rows_that_belong_to_nothing_are_listed() -> None:
    result = imported(
        Q("q", "N"),
        settings={"additional_languages": "fr"},
        tables={
            "question_attributes": [{"qid": "999", "attribute": "suffix", "value": "km"}],
            "answers": [{"qid": "999", "code": "A1", "answer": "One"}],
            "subquestions": [{"qid": "1", "parent_qid": "999", "title": "SQ1"}],
            "defaultvalues": [{"qid": "999", "defaultvalue": "Y"}],
            "conditions": [{"qid": "999", "cqid": "10", "value": "Y"}],
        },
    )
    assert sorted(lost(result)) == [
        "table answers/stray row 2",
        "table conditions/stray row 4",
        "table defaultvalues/stray row 5",
        "table question_attributes/stray row 3",
        "table subquestions/stray row 1",
    ]
    assert result.document["languages"] == ["en", "fr"]


def test_texts_in_a_language_that_was_taken_away_are_listed() -> None:
    data = lss(Q("q", "N", {"en": "How many?", "fr": "Combien ?"}), languages=("en", "fr"))
    data = data.replace(b"<additional_languages><![CDATA[fr]]>", b"<additional_languages>")
    result = read_lss(data.replace(b"<language>fr</language>", b""))
    assert result.document["languages"] == ["en"]
    assert lost(result) == {
        "survey/title": "text",
        "group 1/name": "text",
        "group 1/question q/title": "text",
    }


def test_codes_are_kept_or_renamed_with_notice() -> None:
    result = imported(
        Q("0001", "N"), Q("not", "N"), Q("a b", "N"), Q("Q1", "N"), Q("Q1", "N"), Q("", "N"),
        Q("Q2", "O", answers=CHOICES), Q("Q2_comment", "N"),
    )  # fmt: skip
    assert list(questions(result)) == [
        "q0001", "qnot", "a_b", "Q1", "Q1_2", "q60", "Q2", "Q2_comment_2", "Q2_comment",
    ]  # fmt: skip
    assert [loss.what for loss in result.lost] == ["0001", "not", "a b", "Q1", ""]


@BOTH
def test_conditions_on_groups_questions_and_rows(version: str) -> None:
    result = imported(
        G([Q("q", "L", answers=CHOICES), Q("m", "M", subs=ROWS)]),
        G(
            [
                Q("n", "N", relevance='m_SQ1 == "Y"'),
                Q("k", "K", subs=ROWS, sub_relevance={"SQ1": "n > 3", "SQ2": "1"}),
                Q("t", "T", relevance="rand(1, 2) == 1"),
                Q("u", "T", relevance="nowhere == 1"),
            ],
            relevance='q.NAOK == "A2"',
        ),
        version=version,
    )
    assert (result.conditions_found, result.conditions_carried) == (5, 3)
    assert lost(result) == {
        "group 2/question t/relevance": "condition",
        "group 2/question u/relevance": "condition",
    }
    assert "asked of everybody" in result.lost[0].why
    asked = parse_definition(result.document)
    shown = route(asked, {"q": "A2", "m": ["SQ1"], "n": 4, "k": {}}).shown
    assert shown == ("q", "m", "n", "k", "k.SQ1", "k.SQ2", "t", "u")
    assert route(asked, {"q": "A2", "n": 4}).shown == ("q", "m", "k", "k.SQ2", "t", "u")
    assert route(asked, {"q": "A1", "m": ["SQ1"]}).shown == ("q", "m")


def test_a_never_relevant_question_is_never_shown() -> None:
    result = imported(Q("q", "T", relevance="0"))
    assert (result.conditions_found, result.conditions_carried) == (1, 1)
    assert questions(result)["q"]["show_if"] == "false"


def test_circular_relevance_is_lost_and_the_rest_kept() -> None:
    result = imported(
        Q("a", "N", relevance="b > 1"), Q("b", "N", relevance="a > 1"),
        Q("c", "N", relevance="a > 1"),
    )  # fmt: skip
    assert result.conditions_found == 3
    assert result.conditions_carried == 2
    [loss] = result.lost
    assert "circle" in loss.why


def test_array_filters_show_the_rows_that_were_chosen() -> None:
    source = Q("m", "M", subs={"a": "A", "b": "B"})
    result = imported(
        source,
        Q("f", "F", subs={"a": "A", "b": "B", "c": "C"}, answers=CHOICES,
          attributes={"array_filter": "m"}),
        Q("g", "K", subs={"a": "A", "b": "B"}, attributes={"array_filter_exclude": "m"}),
        Q("h", "Q", subs={"a": "A", "b": "B"}, attributes={"array_filter": "f;g"}),
        Q("l", "L", answers={"a": "A", "b": "B"}, attributes={"array_filter": "m"}),
        Q("x", "Q", subs={"a": "A"}, attributes={"array_filter": "nowhere"}),
    )  # fmt: skip
    asked = parse_definition(result.document)
    taken = route(asked, {"m": ["a"], "f": {"a": "A1"}, "g": {"a": 1, "b": 1}})
    assert [name for name in taken.shown if "." in name] == ["f.a", "f.c", "g.b", "x.a"]
    assert (taken.shows_option("l", "a"), taken.shows_option("l", "b")) == (True, False)
    assert lost(result) == {"group 1/question x/attribute array_filter": "attribute"}


def test_the_table_of_conditions_counts_where_there_is_no_relevance() -> None:
    about = [
        Q("m", "M", subs=ROWS),
        Q("y", "Y"),
        Q("n", "N"),
    ]
    result = imported(
        *about,
        Q("c", "T", relevance="", conditions=[
            ("10", "77X1X10", "==", "SQ1", "1"),
            ("10", "77X1X10", "==", "SQ2", "1"),
            ("20", "77X1X20", "==", "Y", "1"),
            ("30", "77X1X30", "!=", " ", "2"),
            ("10", "+77X1X10SQ2", "!=", "Y", "2"),
        ]),
        Q("r", "T", relevance="", conditions=[("20", "77X1X20", "RX", "/^(?=Y)/", "1")]),
        Q("e", "T", relevance='y == "N"', conditions=[("20", "77X1X20", "==", "Y", "1")]),
        version="2.05",
    )  # fmt: skip
    made = questions(result)
    assert made["c"]["show_if"] == (
        "('SQ1' in m or 'SQ2' in m) and y == 'Y' or answered(n) and not 'SQ2' in m"
    )
    assert made["e"]["show_if"] == "y == 'N'"
    assert (result.conditions_found, result.conditions_carried) == (3, 2)
    assert lost(result) == {"group 1/question r/relevance": "condition"}


def test_comments_are_questions_of_their_own() -> None:
    result = imported(
        Q("p", "P", subs={"a": "A", "b": "B"}, other="Y"),
        Q("o", "O", answers=CHOICES, relevance='p_acomment != ""'),
        Q("t", "T", relevance="!is_empty(o_comment)"),
    )
    asked = parse_definition(result.document)
    taken = route(asked, {"p": ["a"], "p_comment": {"a": "Since"}, "o_comment": "x"})
    assert taken.shown == ("p", "p_comment", "p_comment.a", "o", "o_comment", "t")
    assert route(asked, {}).shown == ("p",)


def test_an_imported_questionnaire_can_be_answered() -> None:
    asked = parse_definition(
        imported(Q("q", "L", answers=CHOICES, other="Y"), Q("m", "M", subs=ROWS)).document
    )
    assert not validate(asked, {"q": "-oth-", "q_other": "Mine", "m": ["SQ2"]}, complete=True)


@pytest.mark.parametrize("before", [b"\n  ", b"\xef\xbb\xbf"])
def test_white_space_or_a_byte_order_mark_in_front_does_no_harm(before: bytes) -> None:
    assert read_lss(before + lss(Q("q", "N"))).questions == 1


# Bad input.


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "not well-formed XML"),
        (b"hello", "not well-formed XML"),
        (b"PK\x03\x04", "not well-formed XML"),
        (b"\xff\xfe\x00", "not well-formed XML"),
        (b"<?xml version='1.0' encoding='nonsense'?><document/>", "not well-formed XML"),
        (b"<html></html>", "not a LimeSurvey export"),
        (b"<document><LimeSurveyDocType>Group</LimeSurveyDocType></document>", "of a group"),
        (b"<document><LimeSurveyDocType>Survey</LimeSurveyDocType></document>", "no survey"),
        (lss(), "no question group"),
        (lss(Q("q", "N"))[:-200], "was cut short"),
        (b"<" + b"a>" * 10 + b"x" * (31 * 1024 * 1024), "larger than 30 MB"),
    ],
    ids=range(11),
)
def test_what_is_not_a_survey_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_lss(data)
    assert why in refused.value.message
    assert refused.value.code == "surveys.unreadable_file"


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_entities_and_document_types_are_refused(declaration: str) -> None:
    data = lss(Q("q", "N")).replace(b"<document>", declaration.encode() + b"<document>", 1)
    with pytest.raises(UnreadableFile, match="declares a document type or entities"):
        read_lss(data)


def test_deep_xml_and_deep_expressions_end_well() -> None:
    with pytest.raises(UnreadableFile):
        read_lss(b"<a>" * 100_000)
    nested = "(" * 1000 + "q == 1" + ")" * 1000
    result = imported(Q("q", "N"), Q("r", "N", relevance=nested))
    assert lost(result) == {"group 1/question r/relevance": "condition"}
    doubling = "if(" * 30 + "q > 1" + ", q > 2, q > 3)" * 30
    assert imported(Q("q", "N"), Q("r", "N", relevance=doubling)).conditions_carried == 0
    wide = " or ".join(["q == 1 and q != 2"] * 2000)
    assert imported(Q("q", "N"), Q("r", "N", relevance=wide)).conditions_found == 1


@pytest.mark.parametrize(
    "questions",
    [
        [Q("q", "S"), Q("p", "X", "{q}" * 150)],
        [Q("p", "X", "{{ x " * 300)],
        [Q("q", "N"), Q("p", "X", "{" + "if(q>1," * 200 + "1" + ",2)" * 200 + "}")],
        [Q("q", "N"), Q("p", "X", "{" + "(" * 1000 + "q" + ")" * 1000 + "}")],
        [*(Q(f"e{i}", "*", f"{{e{i + 1}+1}}") for i in range(120)), Q("e120", "N")],
        [Q("a", "*", "{b+1}"), Q("b", "*", "{a+1}"), Q("c", "*", "{c}")],
        [Q(f"q{i}", "S", f"{{q{(i + 1) % 9}.question}}" * 2) for i in range(9)],
        [Q(f"e{i}", "*", f"{{if(e{i + 1}==1,1,2)}}", attributes={"hidden": "1"},
           relevance=f"is_empty(e{i + 1}) or is_empty(e{i + 2})") for i in range(30)],
        [Q("k", "K", subs={f"s{i}": "x" for i in range(400)}, preg="/x/",
           attributes={"em_validation_q": "unique(self)", "em_validation_sq": "this > 5"})],
        [Q("k", ":", subs={(f"{c}{i}", s): "x" for c, s in (("r", 0), ("c", 1))
                           for i in range(60)}, attributes={"min_answers": "k"}, preg="/x/")],
        [Q("k", "S", preg="/^(a{1000}){1000}$/"), Q("l", "S", preg="/(?<=a)b/")],
        [Q("q", "N", attributes={"em_validation_q": " and ".join(["(q > 1)"] * 60),
           "em_validation_q_tip": {"en": "<br />".join(["m"] * 60)}})],
        [Q("p", "X", "{'" * 8000)],
    ],
    ids=range(13),
)  # fmt: skip
def test_what_is_made_to_hurt_ends_soon_and_is_listed(questions: list[Q]) -> None:
    begun = time.process_time()
    result = imported(*questions)
    assert time.process_time() - begun < 5
    assert all(loss.what or loss.kind == "text" for loss in result.lost)


def test_hostile_texts_become_harmless_text() -> None:
    hostile = (
        "<script>alert(1)</script><a href='javascript:alert(1)'>go</a>"
        "<img src=x onerror=alert(1)>\u202egnirts&lt;script&gt;"
    )
    made = questions(imported(Q("q", "N", hostile)))["q"]
    assert made["title"] == {"en": "gognirts<script>"}


def test_too_many_questions_are_refused() -> None:
    with pytest.raises(InvalidQuestionnaire):
        read_lss(lss(*[Q(f"q{number}", "N") for number in range(1001)]))


SAMPLE = lss(
    G([Q("q", "L", "Which <b>one</b>?", answers=CHOICES, other="Y"), Q("m", "M", subs=ROWS)]),
    G([Q("f", "F", subs=ROWS, answers=CHOICES, attributes={"array_filter": "m"})],
      relevance='q == "A1" or m_SQ1 == "Y"'),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SAMPLE)))
def test_a_file_cut_short_anywhere_is_refused(end: int) -> None:
    if SAMPLE[end:].strip():
        with pytest.raises(UnreadableFile):
            read_lss(SAMPLE[:end])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_lss(data)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(SAMPLE) - 1), st.binary(min_size=1, max_size=6), st.integers(0, 40))
def test_a_damaged_file_is_read_or_refused(at: int, junk: bytes, gone: int) -> None:
    damaged = SAMPLE[:at] + junk + SAMPLE[at + gone :]
    with contextlib.suppress(UnreadableFile, InvalidQuestionnaire):
        parse_definition(read_lss(damaged).document)


printable = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from("LMFKQ:;1NDSTX!OPYGI5ABCEHR*|U"), printable, printable, printable, printable)
def test_any_texts_codes_and_expressions_end_in_a_questionnaire(
    kind: str, code: str, text: str, relevance: str, attribute: str
) -> None:
    texts = [value.replace("]]>", "") for value in (code, text, relevance, attribute)]
    code, text, relevance, attribute = texts
    if any(ord(character) in (0xFFFE, 0xFFFF) for value in texts for character in value):
        return  # cannot stand in XML
    question = Q(
        code, kind, text,
        subs={"a": text, code: text, ("x", 1): text},
        answers={"a": text, code: text, ("y", 1): text},
        relevance=relevance,
        attributes=dict.fromkeys(
            ["min_answers", "max_answers", "maximum_chars", "date_min", "min_num_value_n",
             "array_filter", "exclude_all_others", "multiflexible_min"], attribute),
    )  # fmt: skip
    result = read_lss(lss(Q("first", "N"), question))
    parse_definition(result.document)
    assert result.questions == 2
