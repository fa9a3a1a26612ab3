"""Questionnaires as XLSForms: what is written, that it comes back, and that ODK's tools take it."""

import io
import random

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from surveys.definition import parse_definition
from surveys.exporting import FILE_TYPES, export_questionnaire
from surveys.formats.exported import ExportedQuestionnaire
from surveys.formats.xlsform.reading import read_xlsform
from surveys.questionnaire import Questionnaire
from surveys.routing import route
from tests import every_question
from tests.questionnaires.build import document, multiple, options, question, questionnaire, single
from tests.random_answers import random_answers, random_definition

Cells = dict[str, str]


def exported(asked: Questionnaire) -> ExportedQuestionnaire:
    return export_questionnaire(asked, "xlsform")


def rows(data: bytes, sheet: str = "survey") -> list[Cells]:
    lines = openpyxl.load_workbook(io.BytesIO(data))[sheet].iter_rows(values_only=True)
    headings = [str(heading) for heading in next(lines)]
    return [
        {heading: str(cell) for heading, cell in zip(headings, line, strict=True) if cell}
        for line in lines
    ]


def row(data: bytes, name: str) -> Cells:
    return next(cells for cells in rows(data) if cells.get("name") == name)


def without_notes(data: bytes) -> bytes:
    """The file as other software would write it: without the column that is only ours."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for sheet in book:
        for cells in sheet.iter_cols():
            if cells[0].value == "waymark":
                sheet.delete_cols(cells[0].column)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def assert_comes_back(asked: Questionnaire) -> ExportedQuestionnaire:
    """The same questionnaire, whatever is listed as lost for other software, and ODK takes it."""
    result = exported(asked)
    assert read_xlsform(result.data).document == asked.as_document()
    assert "<h:html" in convert(io.BytesIO(result.data), file_type=".xlsx").xform
    return result


def test_every_type_comes_back_and_what_it_becomes_is_said() -> None:
    asked = parse_definition(every_question.definition())
    result = assert_comes_back(asked)
    became = {loss.what for loss in result.lost if loss.path.endswith(".type")}
    assert became >= {
        "year", "quarter", "points", "budget", "statements", "milestone_priorities",
        "milestone_years", "milestone_proposals", "dependencies", "paragraph_comments",
    }  # fmt: skip
    assert FILE_TYPES["xlsform"][0] == "xlsx"


PLAIN_PARTS = (
    single("s", "a", "b", required=True),
    single("d", "a", "b", display="dropdown", help={"en": "Help"}),
    single("l", "1", "2", "3", display="scale"),
    multiple("m", "a", "b", "c", min_choices=1, max_choices=2),
    question("n", "number", whole=True, minimum=0, maximum=10),
    question("x", "number", minimum=0.5),
    question("t", "short_text", max_length=50),
    question("u", "long_text", required_if="s == 'a'"),
    question("w", "date", minimum="2026-01-01", maximum="2026-12-31"),
    question("r", "rating", minimum=0, maximum=10),
    question("k", "ranking", options=options("a", "b"), min_choices=2),
    question("g", "matrix", cell="single", options=options("1", "2"),
             rows=[{"code": "r1", "label": {"en": "One"}},
                   {"code": "r2", "label": {"en": "Two"}, "show_if": "s == 'a'"}]),
    question("f", "upload"),
    question("p", "upload", accept=["image"]),
    question("c", "calculation", value="n + 1"),
    question("i", "information", show_if="n > 3"),
    question("o", "short_text", title={"en": "Say {{ t }}"},
             rules=[{"check": "not o == 'x'", "message": {"en": "Not x"}}]),
)  # fmt: skip


def test_what_both_know_comes_back_from_the_rows_alone() -> None:
    asked = questionnaire(*PLAIN_PARTS)
    result = assert_comes_back(asked)
    assert result.lost == []
    assert read_xlsform(without_notes(result.data)).document == asked.as_document()


CONDITIONS = [
    "s == 'a'", "s != 'a'", "not s == 'a'", "answered(s)", "not answered(n)", "'a' in m",
    "not 'b' in m", "count(m) >= 2", "n > 3", "n == 5", "n != 5", "n + x > 3", "n * 2 - 1 <= x",
    "n / 2 == 1", "sum(n, x) > 3", "max(n, x) > 3", "min(n, x) < 2", "count(s, n, t) > 1",
    "t == 'x'", "t != 'x'", "length(t) > 2", "contains(t, 'x')", "starts_with(t, 'x')",
    "matches(t, '[0-9]')", "matches(t, '^[0-9]+$')", "number(t) > 3", "w > '2026-05-05'",
    "days(w, '2026-12-31') > 30", "year(w) == 2026", "r >= 5", "r != 5", "g.r1 == '1'",
    "answered(g)", "s == d", "s != d", "n == x", "c > 3", "if(s == 'a', n, x) > 2",
    "round(x) == 3", "floor(x) == 3", "ceil(x) == 3", "abs(n - 5) < 2", "label(s) == 'a'",
    "count(n > 3, s == 'a') == 1", "s in m", "rank(k, 'a') == 1",
    "(s == 'a' or d == 'b') and not (n > 3)",
]  # fmt: skip


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions_mean_the_same_there(condition: str) -> None:
    """From the rows alone: what is written for ODK is read back with ODK's meaning."""
    asked = questionnaire(*PLAIN_PARTS, question("last", show_if=condition))
    result = assert_comes_back(asked)
    assert not [loss for loss in result.lost if loss.path.endswith("show_if")]
    back = read_xlsform(without_notes(result.data))
    assert not [loss for loss in back.lost if "relevant" in loss.path], back.lost
    there = parse_definition(back.document)
    chance = random.Random(condition)
    for _ in range(25):
        answers = random_answers(chance, asked.questions)
        assert route(asked, answers).shows("last") == route(there, answers).shows("last"), answers


@pytest.mark.parametrize(
    "condition", ["shown(s)", "lower(t) == 'x'", "rank(k, 'a') == 1 and lower(t) == 'x'"]
)
def test_what_cannot_be_said_there_is_listed_and_kept(condition: str) -> None:
    result = assert_comes_back(questionnaire(*PLAIN_PARTS, question("last", show_if=condition)))
    assert [loss.path for loss in result.lost] == ["sections[0].questions[17].show_if"]
    assert result.lost[0].what == condition


def test_changed_rows_are_read_as_they_stand() -> None:
    asked = questionnaire(
        question("p", "points", options=options("a", "b"), total=10),
        question("y", "year", show_if="p.a > 3"),
    )
    data = assert_comes_back(asked).data
    book = openpyxl.load_workbook(io.BytesIO(data))
    label = next(cell for cell in book["survey"][5] if cell.column_letter == "C")
    label.value = "Another label"
    out = io.BytesIO()
    book.save(out)
    back = read_xlsform(out.getvalue())
    codes = [q["code"] for section in back.document["sections"] for q in section["questions"]]
    assert codes == ["p", "p_a", "p_b", "y"]
    assert back.lost[0].path == "survey, row 3, column waymark"


def test_choices_with_conditions_are_filtered() -> None:
    offered = options("a", "b", "c")
    offered[1]["show_if"] = "s == 'a'"
    offered[2]["show_if"] = "s == 'b'"
    asked = questionnaire(single("s", "a", "b"), question("q", "single_choice", options=offered))
    data = assert_comes_back(asked).data
    assert row(data, "q")["choice_filter"] == (
        "shown = '0' or (shown = '1' and (${s} = 'a')) or (shown = '2' and (${s} = 'b'))"
    )
    assert read_xlsform(without_notes(data)).document == asked.as_document()


def test_texts_keep_what_they_fill_in() -> None:
    asked = questionnaire(
        single("s", "a", "b"),
        question("n", "number"),
        question("q", title={"en": "{{ s }}, {{ n }}, {{ n * 2 }} {{ if(n > 1, 'x', 'y') }}"}),
    )
    result = assert_comes_back(asked)
    assert result.lost == []
    assert row(result.data, "q")["label::English (en)"] == (
        "${q_said}, ${n}, ${q_said_2} ${q_said_3}"
    )
    assert row(result.data, "q_said")["calculation"] == "jr:choice-name(${s}, '${s}')"


@pytest.mark.parametrize(
    "label",
    ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x\",\"y\")", "${q}", "**bold**",
     "# heading", "<b>x</b>", "\\*x\\*", "a_b_c *d*", "<script>alert(1)</script>", "tab\tx", "1.0",
     "true", "2026-01-01", "x" * 5_000, "Ünïcødé 日本 😀", "a\nb", "_x000D_", "{{ '{{' }}"],
)  # fmt: skip
def test_labels_stay_texts(label: str) -> None:
    asked = questionnaire(question("q", title={"en": label}), single("s", "a", title={"en": label}))
    result = exported(asked)
    back = read_xlsform(result.data).document
    assert back == asked.as_document() or result.lost
    book = openpyxl.load_workbook(io.BytesIO(result.data))
    for sheet in book:
        assert not [c for cells in sheet.iter_rows() for c in cells if c.data_type == "f"]
    assert convert(io.BytesIO(result.data), file_type=".xlsx").xform


def test_every_language_and_the_layout_come_back() -> None:
    asked = parse_definition(
        document(languages=["el", "de-AT", "en"], layout="one_page", title={"el": "Έρευνα"},
                 description={"el": "Γιατί"})
        | {"sections": [{
            "code": "data", "title": {"el": "Μόνο"}, "text": {"el": "Κείμενο", "en": "Text"},
            "show_if": "answered(meta)",
            "questions": [question("q", title={"el": "Ερώτηση", "de-AT": "Frage"})]},
            {"code": "q", "title": {"el": "Άλλο"},
             "questions": [question("meta", title={"el": "x"}),
                           question("Meta", title={"el": "x"})]}]}
    )  # fmt: skip
    assert_comes_back(asked)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6))
def test_any_questionnaire_comes_back_or_what_is_lost_is_listed(seed: int) -> None:
    asked = parse_definition(random_definition(random.Random(seed)))
    result = exported(asked)
    back = read_xlsform(result.data)
    assert back.document == asked.as_document()
    assert convert(io.BytesIO(result.data), file_type=".xlsx").xform


labels = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40
)


@settings(max_examples=15, deadline=None)
@given(labels)
def test_any_text_comes_back_or_is_listed(label: str) -> None:
    if not label.strip() or "{{" in label:
        return
    asked = questionnaire(
        question("q", title={"en": label}, help={"en": f"x{label}"}),
        single("s", "a") | {"options": [{"code": "a", "label": {"en": f"{label}x"}}]},
    )
    result = exported(asked)
    assert read_xlsform(result.data).document == asked.as_document() or result.lost
    assert convert(io.BytesIO(result.data), file_type=".xlsx").xform
