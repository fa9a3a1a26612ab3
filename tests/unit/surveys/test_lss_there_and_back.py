"""LimeSurvey surveys that are read, written and read again: the same, and nothing is lost."""

from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from surveys.definition import parse_definition
from surveys.formats.lss.export import write_lss
from surveys.formats.lss.reading import read_lss
from tests.questionnaires.lss_writer import G, Q, lss

SUBS = {"a": "Apples", "b": "Bread"}
LEVELS = {"a": "Low", "b": "High"}
GRID = {("a", 0): "R1", ("b", 0): "R2", ("c1", 1): "C1", ("c2", 1): "C2"}


def assert_the_same_again(*questions: Q) -> None:
    imported = read_lss(lss(G(list(questions))))
    assert not imported.lost
    survey = parse_definition(imported.document)
    exported = write_lss(survey)
    assert not exported.lost
    again = read_lss(exported.data)
    assert again.document == survey.as_document()


@pytest.mark.parametrize(
    "equation",
    [
        'countif("Y", q_a, q_b) == 1',
        'countif("Y", that.q) > countif("N", that.q)',
        'countifop("RX", "/^[YN]$/", q_a, q_b) < 2',
        "count(self.NAOK) == 2",
    ],
)
def test_counting_what_was_chosen(equation: str) -> None:
    assert_the_same_again(Q("q", "C", subs=SUBS, attributes={"em_validation_q": equation}))


def test_counting_numbers_of_a_size() -> None:
    rule = {"em_validation_q": 'countifop("<", 0, that.q) == 0'}
    assert_the_same_again(Q("q", "K", subs=SUBS, attributes=rule))


@pytest.mark.parametrize(
    "source",
    [
        Q("s", ";", subs=GRID),
        Q("s", ":", subs=GRID, attributes={"input_boxes": "1"}),
        Q("s", ":", subs=GRID, attributes={"multiflexible_checkbox": "1"}),
        Q("s", "F", subs=SUBS, answers=LEVELS),
        Q("s", "M", subs=SUBS, other="Y"),
    ],
)
@pytest.mark.parametrize("name", ["array_filter", "array_filter_exclude"])
@pytest.mark.parametrize("filtered", ["L", "M", "F"])
def test_filters(source: Q, name: str, filtered: str) -> None:
    parts: dict[str, Any] = {"answers": LEVELS} if filtered in "LF" else {}
    parts |= {"subs": SUBS} if filtered in "MF" else {}
    assert_the_same_again(source, Q("q", filtered, attributes={name: "s"}, **parts))


def test_the_comment_beside_other_is_asked_where_other_is_filled_in() -> None:
    assert_the_same_again(Q("q", "P", subs=SUBS, other="Y"))


def test_a_text_as_a_condition() -> None:
    assert_the_same_again(Q("s", "S"), Q("q", "S", "{if(s, s, 'nobody')}", relevance="s"))


def rows(root: Element, table: str) -> list[dict[str, str]]:
    return [
        {cell.tag: cell.text or "" for cell in row} for row in root.iterfind(f"{table}/rows/row")
    ]


def test_every_number_in_an_export_leads_somewhere() -> None:
    survey = [
        G([Q("g", ":", subs=GRID), Q("m", "P", subs=SUBS, other="Y"), Q("n", "N")]),
        G([Q("f", "1", subs=SUBS, answers={("x", 0): "X", ("y", 1): "Y"}, relevance="n > 1")]),
        G([Q("r", "R", answers=LEVELS), Q("e", "*", "{n * 2}"), Q("u", "|"), Q("d", "D")]),
    ]
    imported = read_lss(lss(*survey, languages=("en", "fr")))
    root = fromstring(write_lss(parse_definition(imported.document)).data)
    [sid] = {row["sid"] for row in rows(root, "surveys")}
    gids = {row["gid"] for row in rows(root, "groups")}
    questions = {row["qid"] for row in rows(root, "questions")}
    subs = {row["qid"] for row in rows(root, "subquestions")}
    assert not questions & subs
    for row in rows(root, "questions") + rows(root, "subquestions"):
        assert row["sid"] == sid
        assert row["gid"] in gids
    assert {row["parent_qid"] for row in rows(root, "subquestions")} <= questions
    assert {row["qid"] for row in rows(root, "question_l10ns")} == questions | subs
    assert {row["gid"] for row in rows(root, "group_l10ns")} == gids
    assert all(row["question_theme_name"] for row in rows(root, "questions"))
    answers = {row["aid"] for row in rows(root, "answers")}
    assert {row["aid"] for row in rows(root, "answer_l10ns")} == answers
    for table in ("answers", "question_attributes"):
        assert {row["qid"] for row in rows(root, table)} <= questions
    # Each text once in every language.
    for table, key in (("question_l10ns", "qid"), ("group_l10ns", "gid"), ("answer_l10ns", "aid")):
        said = [(row[key], row["language"]) for row in rows(root, table)]
        assert len(said) == len(set(said)) == 2 * len({number for number, _ in said})
    for table in root:
        fields = [name.text for name in table.iterfind("fields/fieldname")]
        for row in table.iterfind("rows/row"):
            assert {cell.tag for cell in row} <= set(fields)
