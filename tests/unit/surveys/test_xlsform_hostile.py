"""Workbooks that are broken, huge or meant to harm."""

import contextlib
import io
import json
import random
import time
import zipfile
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.definition import parse_definition
from surveys.errors import UnreadableFile
from surveys.formats.xlsform.kept import digest_of
from surveys.formats.xlsform.reading import read_xlsform
from surveys.imports import guess_format
from surveys.schema import QUESTION_TYPES
from tests.questionnaires.xlsform_writer import ask, workbook, xlsform

FORM = xlsform(
    [ask("select_one yn"), ask("integer", "n", relevant="${q} = 'yes'")],
    {"yn": {"yes": "Yes", "no": "No"}},
    {"form_title": "Form"},
)


def archive(**parts: bytes) -> bytes:
    """``FORM`` with parts replaced or added; slashes are written ``__``."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(FORM)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        new = {name.replace("__", "/"): data for name, data in parts.items()}
        for name in source.namelist():
            target.writestr(name, new.pop(name, source.read(name)))
        for name, data in new.items():
            target.writestr(name, data)
    return out.getvalue()


def sheet(rows: str) -> bytes:
    return (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/'
        f'spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    ).encode()


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f"<row r='1'>{cell('A1', 'type')}{cell('B1', 'name')}{cell('C1', 'label')}</row>"
ROW = f"<row r='2'>{cell('A2', 'text')}{cell('B2', 'q')}{cell('C2', 'Q')}</row>"
SURVEY = "xl/worksheets/sheet1.xml"


def refused(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_xlsform(data)
    return str(caught.value)


def test_the_format_is_guessed() -> None:
    assert guess_format(FORM) == "xlsform"
    assert "not a whole .xlsx" in refused(b"PK\x03\x04 no archive")
    assert "not a whole .xlsx" in refused(b"")
    assert "not a whole .xlsx" in refused(b"type,name,label\ntext,q,Q")


def test_an_archive_that_is_no_workbook() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as empty:
        empty.writestr("readme.txt", "hello")
    assert "not a workbook" in refused(out.getvalue())
    assert "the sheets are: none" in refused(archive(**{"xl__workbook.xml": b"<workbook/>"}))
    assert "cannot be read" in refused(archive(**{"xl__workbook.xml": b"<workbook"}))


def test_every_truncation_is_refused() -> None:
    for length in range(0, len(FORM), 211):
        refused(FORM[:length])


@pytest.mark.parametrize(
    "part", ["xl__media__zeros.xml", "xl__sharedStrings.xml", "xl__worksheets__sheet1.xml"]
)
def test_bombs_are_refused_before_they_unpack(part: str) -> None:
    bomb = archive(**{part: b"<x>" + b" " * 50_000_000 + b"</x>"})
    assert len(bomb) < 200_000
    started = time.monotonic()
    assert "times its size" in refused(bomb)
    assert time.monotonic() - started < 2


def test_many_parts_together_are_refused() -> None:
    noise = bytes(range(256)) * 4_000
    parts = {f"xl__media__{number}.xml": noise for number in range(70)}
    assert "unpacks to more than" in refused(archive(**parts))
    assert "parts" in refused(archive(**{f"x{number}": b"" for number in range(2_100)}))
    assert "larger than 10 MB" in refused(FORM + b"0" * 11_000_000)


def test_entities_are_refused_wherever_they_stand() -> None:
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    for part in ("xl__workbook.xml", "xl__worksheets__sheet1.xml", "xl__styles.xml",
                 "docProps__core.xml", "xl___rels__workbook.xml.rels"):  # fmt: skip
        for head in (entity, outside, entity.decode().encode("utf-16")):
            assert "entities" in refused(archive(**{part: b"<?xml version='1.0'?>" + head}))


def test_entities_after_a_long_comment() -> None:
    noise = random.Random(1).randbytes(1_500_000).hex().encode()
    late = b"<!--" + noise + b"--><!DOCTYPE x [<!ENTITY a 'a'>]><x/>"
    assert "entities" in refused(archive(**{"xl__styles.xml": late}))


def test_links_to_elsewhere_are_left_alone() -> None:
    link = b'<?xml version="1.0"?><externalLink xmlns="x"/>'
    data = archive(**{"xl__externalLinks__externalLink1.xml": link})
    assert read_xlsform(data).questions == 2


def test_sheets_that_are_too_large_name_sheet_and_row() -> None:
    far = f"<row r='1048576'>{cell('A1048576', 'text')}</row>"
    assert "Sheet survey: more than 10,000 rows" in refused(
        archive(**{"xl__worksheets__sheet1.xml": sheet(HEAD + far)})
    )
    blank = "".join(f"<row r='{n}'><c r='XFD{n}' s='0'/></row>" for n in range(2, 2_000))
    assert "Sheet survey, row 490: the workbook has more than" in refused(
        archive(**{"xl__worksheets__sheet1.xml": sheet(HEAD + blank)})
    )
    wide = f"<row r='2'>{cell('XFD2', 'text')}</row>"
    assert "Sheet survey, row 2: more than 300 columns" in refused(
        archive(**{"xl__worksheets__sheet1.xml": sheet(HEAD + wide)})
    )
    lies = sheet(HEAD + ROW).replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    assert read_xlsform(archive(**{"xl__worksheets__sheet1.xml": lies})).questions == 1


def test_a_hundred_thousand_rows() -> None:
    rows = "".join(
        f"<row r='{number}'>{cell(f'A{number}', 'text')}{cell(f'B{number}', f'q{number}')}</row>"
        for number in range(2, 100_002)
    )
    started = time.monotonic()
    message = refused(archive(**{"xl__worksheets__sheet1.xml": sheet(HEAD + rows)}))
    assert "Sheet survey: more than 10,000 rows" in message or "times its size" in message
    assert time.monotonic() - started < 10


def test_more_questions_than_a_questionnaire_holds() -> None:
    message = refused(xlsform([ask("text", f"q{n}") for n in range(1001)]))
    assert "Sheet survey, row 1002, column type: a questionnaire has at most 1,000" in message
    message = refused(xlsform([ask("text", f"q{n}") for n in range(5_002)]))
    assert "Sheet survey, row 5002, column type: there are more than 5,000 questions" in message


def test_long_lists_in_many_questions() -> None:
    choices = {"long": {str(number): "x" for number in range(1_000)}}
    rows = [ask("select_one long", f"q{number}") for number in range(60)]
    assert "Sheet survey, row 52, column type: all questions together" in refused(
        xlsform(rows, choices)
    )
    choices["long"]["1000"] = "x"
    result = read_xlsform(xlsform([ask("text", "a"), rows[0]], choices))
    assert "more than 1,000 choices" in result.lost[0].why


def test_groups_a_thousand_deep() -> None:
    rows: list[dict[str, Any]] = [ask("begin_group", f"g{number}") for number in range(1_000)]
    rows += [ask("text"), *({"type": "end_group"} for _ in range(1_000))]
    assert "Sheet survey, row 52, column type: groups are nested more than 50 deep" in refused(
        xlsform(rows)
    )


@pytest.mark.parametrize(
    "expression",
    ["(" * 1000 + "${n} = 1" + ")" * 1000, "not(" * 900 + "1" + ")" * 900, "-" * 5_000 + "1",
     "int(" * 40 + "${n}" + ")" * 40, "1 or " * 1_900 + "1", "${n} + " * 1_200 + "1",
     "if(${n}, " * 45 + "1" + ", 0)" * 45, "${q} = ${q} and " * 500 + "true()"],
)  # fmt: skip
def test_expressions_without_end(expression: str) -> None:
    started = time.monotonic()
    result = read_xlsform(xlsform([ask("integer", "n"), ask("text", relevant=expression)]))
    assert result.questions == 2
    assert time.monotonic() - started < 3


def test_long_expressions_in_many_rows() -> None:
    rows = [
        ask("text", f"q{number}", relevant="${q0} = 'x' or " * 600 + f"{number} = 1")
        for number in range(200)
    ]
    started = time.monotonic()
    assert "all expressions together" in refused(xlsform(rows))
    assert time.monotonic() - started < 10


def test_merged_cells_count_where_they_begin() -> None:
    book = openpyxl.load_workbook(io.BytesIO(FORM))
    book["survey"].merge_cells("C2:C3")
    out = io.BytesIO()
    book.save(out)
    result = read_xlsform(out.getvalue())
    assert [loss.path for loss in result.lost] == ["survey, row 3, column label"]


def test_scripts_and_formulas_stay_texts() -> None:
    label = "<script>alert(1)</script> =1+1 {{ 1/0 }} ${q} \x01"
    data = workbook(survey=[["type", "name", "label"], ["text", "q", label.replace("\x01", "")]])
    title = read_xlsform(data).document["sections"][0]["questions"][0]["title"]["en"]
    assert title == "<script>alert(1)</script> =1+1 {{ '{{' }} 1/0 }} {{ q }} "


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(FORM) - 1), st.integers(0, 255)), max_size=6))
def test_damaged_files_are_refused_or_read(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(FORM)
    for place, value in changes:
        damaged[place] = value
    with contextlib.suppress(UnreadableFile):
        read_xlsform(bytes(damaged))


CELLS = st.one_of(
    st.none(), st.text(st.characters(min_codepoint=32, exclude_categories=("Cs",)), max_size=12),
    st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.dates(),
    st.sampled_from(
        ["text", "select_one yn", "begin_group", "end_group", "begin_repeat", "end_repeat",
         "calculate", "q", "${q}", "yes", ". > 1", "note", "table-list", "rank yn",
         "select_multiple yn or_other",
         "${q} = 'yes'", '{"question": {"type": "points"}}', '{"code": "and"}', "range", "start=1"]
    ),
)  # fmt: skip
HEADINGS = st.sampled_from(
    ["type", "name", "label", "label::fr", "label::English (en)", "hint", "relevant", "constraint",
     "required", "calculation", "choice_filter", "appearance", "parameters", "read_only", "waymark",
     "constraint_message", "media::image", "list_name", "form_title", "default_language"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_cells_are_refused_or_read(data: st.DataObject) -> None:
    def lines(*first: str) -> list[list[Any]]:
        headings = [*first, *data.draw(st.lists(HEADINGS, max_size=4, unique=True))]
        headings = list(dict.fromkeys(headings))
        width = len(headings)
        rows = data.draw(
            st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5)
        )
        return [headings, *rows]

    book = workbook(
        survey=[*lines("type", "name", "label")], choices=lines("list_name", "name", "label"),
        settings=lines("form_title"),
    )  # fmt: skip
    with contextlib.suppress(UnreadableFile):
        parse_definition(read_xlsform(book).document)


NOTES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
        st.sampled_from(["points", "matrix", "calculation", "a", "q", "{{ q }}", "q == 'a'", "en"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["code", "type", "options", "label", "title", "en", "rows", "cell",
                             "names", "value", "rules", "show_if", "total"]), inner, max_size=4
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(NOTES, NOTES, st.sampled_from([*QUESTION_TYPES, ["x"], {}, None]), st.booleans())
def test_what_the_form_keeps_for_us_is_not_trusted(
    question: Any, names: Any, kind: Any, as_group: bool
) -> None:
    """Whoever can write the file can write a digest that is right."""
    row = ask("begin_group" if as_group else "text", "k", "K")
    kept = {"title": {"en": "K"}, "type": kind} | (question if isinstance(question, dict) else {})
    note = {"question": kept, "names": names, "digest": digest_of([row]), "show_if": question}
    rows = [ask("text"), row | {"waymark": json.dumps(note)}]
    if as_group:
        rows.append({"type": "end_group"})
    with contextlib.suppress(UnreadableFile):
        parse_definition(read_xlsform(xlsform(rows)).document)
