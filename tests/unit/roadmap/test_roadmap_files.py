"""Reading a roadmap's folder: what spreadsheets write is read, what is wrong is named."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.text import LocalizedText
from roadmap.errors import UnreadableRoadmap
from roadmap.formats import tables
from roadmap.formats.folder import read_folder, write_folder
from roadmap.planning.network import Kind

MILESTONES = "code,title,agenda,area,duration_days\nA,Study,SRIA,radio,10\nB,Trial,SDA,cloud,0\n"
DEPENDENCIES = "from,to,kind,lag_days\nA,B,FS,-3\n"


def write(
    folder: Path,
    milestones: str | bytes = MILESTONES,
    dependencies: str | bytes = DEPENDENCIES,
    about: str | None = None,
) -> Path:
    for name, content in (("milestones.csv", milestones), ("dependencies.csv", dependencies)):
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    if about is not None:
        (folder / "roadmap.json").write_text(about, encoding="utf-8")
    return folder


def refusal(folder: Path) -> UnreadableRoadmap:
    with pytest.raises(UnreadableRoadmap) as caught:
        read_folder(folder)
    return caught.value


def found(error: UnreadableRoadmap) -> list[tuple[str, str, int | None, str | None]]:
    return [(each.code, each.file, each.line, each.column) for each in error.found]


def test_a_plain_folder_is_read(tmp_path: Path):
    draft = read_folder(write(tmp_path))
    a, b = draft.milestones
    assert (a.code, a.title["en"], a.agenda, a.area, a.duration_days) == (
        "A", "Study", "SRIA", "radio", 10,
    )  # fmt: skip
    assert b.duration_days == 0
    (dependency,) = draft.dependencies
    assert (dependency.before, dependency.after, dependency.kind) == ("A", "B", Kind.FS)
    assert (dependency.lag_days, dependency.support) == (-3, Decimal(1))
    assert draft.areas == {"radio": LocalizedText.of("radio"), "cloud": LocalizedText.of("cloud")}
    assert draft.title is None


def test_byte_order_mark_semicolons_line_ends_and_quoted_lines_are_read(tmp_path: Path):
    milestones = (
        "\ufeffCode;title;agenda;area;duration_days;description\r\n"
        '"A";"Study; wide";sria;radio;10;"one\r\ntwo ""three"""\r\n'
        ";;;;;\r\n"
        "Ä 1;Essai;SDA;radio;+5;\r\n"
    )
    dependencies = b"from;to;kind;lag_days;support\rA;\xc3\x84 1;ss;-3;0.25\r"
    draft = read_folder(write(tmp_path, milestones, dependencies))
    first, second = draft.milestones
    assert first.title["en"] == "Study; wide"
    assert first.description["en"] == 'one\ntwo "three"'
    assert (second.code, second.duration_days, second.line) == ("Ä 1", 5, 5)
    assert draft.dependencies[0].kind is Kind.SS
    assert draft.dependencies[0].support == Decimal("0.25")


def test_titles_areas_and_start_come_from_the_json_file(tmp_path: Path):
    about = (
        '{"title":{"fr":"Feuille","en":"Roadmap"},"start":"2026-03-01",'
        '"areas":{"cloud":{"fr":"Nuage"},"radio":{"fr":"Radio"}}}'
    )
    (tmp_path / "notes.txt").write_text("hello")
    draft = read_folder(write(tmp_path, about=about))
    assert draft.title == LocalizedText({"fr": "Feuille", "en": "Roadmap"})
    assert draft.milestones[0].title == LocalizedText.of("Study", "fr")
    assert list(draft.areas) == ["cloud", "radio"]
    assert draft.start == date(2026, 3, 1)
    assert [path for path, _ in draft.ignored] == ["notes.txt"]


def test_what_is_written_is_read_back_the_same(tmp_path: Path):
    about = '{"title":{"en":"Roadmap"},"areas":{"radio":{"en":"R"},"cloud":{"en":"C"}}}'
    draft = read_folder(write(tmp_path, about=about))
    other = tmp_path / "other"
    other.mkdir()
    write_folder(draft, other)
    assert read_folder(other) == draft


@pytest.mark.parametrize(
    "code, column, row",
    [
        ("roadmap.duplicate_code", "code", "A,Again,SRIA,radio,1"),
        ("roadmap.negative_duration", "duration_days", "C,T,SRIA,radio,-1"),
        ("roadmap.invalid_cell", "duration_days", "C,T,SRIA,radio,1.5"),
        ("roadmap.invalid_cell", "duration_days", "C,T,SRIA,radio,"),
        ("roadmap.invalid_cell", "duration_days", "C,T,SRIA,radio,99999999999999999999"),
        ("roadmap.invalid_cell", "duration_days", "C,T,SRIA,radio,٣"),
        ("roadmap.invalid_cell", "agenda", "C,T,SRA,radio,1"),
        ("roadmap.invalid_cell", "code", ",T,SRIA,radio,1"),
        ("roadmap.invalid_cell", "code", "..,T,SRIA,radio,1"),
        ("roadmap.invalid_cell", "code", "a/b,T,SRIA,radio,1"),
        ("roadmap.invalid_cell", "title", "C,,SRIA,radio,1"),
        ("roadmap.invalid_cell", "area", "C,T,SRIA, ,1"),
        ("roadmap.invalid_cell", None, "C,T,SRIA,radio"),
        ("roadmap.invalid_cell", None, "C,T,SRIA,radio,1,2"),
    ],
)
def test_a_wrong_milestone_is_refused_by_line_and_column(
    tmp_path: Path, code: str, column: str | None, row: str
):
    error = refusal(write(tmp_path, MILESTONES + row + "\n"))
    assert found(error) == [(code, "milestones.csv", 4, column)]
    assert error.code == code
    assert "milestones.csv, line 4" in error.message


@pytest.mark.parametrize(
    "column, value",
    [
        ("not_before", "2026-02-30"),
        ("not_before", "20260201"),
        ("not_before", "01/02/2026"),
        ("trl_from", "0"),
        ("trl_to", "10"),
        ("trl_to", "2"),
    ],
)
def test_a_wrong_optional_cell_is_refused(tmp_path: Path, column: str, value: str):
    row = {"not_before": "2026-01-01", "trl_from": "3", "trl_to": "4"} | {column: value}
    table = "code,title,agenda,area,duration_days," + ",".join(row)
    table += "\nA,Study,SRIA,radio,10," + ",".join(row.values())
    error = refusal(write(tmp_path, table, "from,to,kind,lag_days\n"))
    assert found(error) == [("roadmap.invalid_cell", "milestones.csv", 2, column)]


@pytest.mark.parametrize(
    "code, column, row",
    [
        ("roadmap.unknown_milestone", "to", "A,C,FS,0"),
        ("roadmap.unknown_milestone", "from", "a,B,FS,0"),
        ("roadmap.invalid_cell", "kind", "A,B,FX,0"),
        ("roadmap.invalid_cell", "lag_days", "A,B,FS,x"),
        ("roadmap.invalid_cell", "lag_days", "A,B,FS,-+1"),
    ],
)
def test_a_wrong_dependency_is_refused(tmp_path: Path, code: str, column: str, row: str):
    error = refusal(write(tmp_path, dependencies=DEPENDENCIES + row + "\n"))
    assert found(error) == [(code, "dependencies.csv", 3, column)]


@pytest.mark.parametrize("support", ["-1", "1e5", "NaN", "1,5", "0.1234567", "1234567890"])
def test_a_support_that_is_no_plain_number_is_refused(tmp_path: Path, support: str):
    table = f'from,to,kind,lag_days,support\nA,B,FS,0,"{support}"\n'
    assert found(refusal(write(tmp_path, dependencies=table))) == [
        ("roadmap.invalid_cell", "dependencies.csv", 2, "support")
    ]


def test_missing_unknown_and_repeated_columns_are_all_named(tmp_path: Path):
    error = refusal(write(tmp_path, "code,titel,agenda,area,area\nA,B,SRIA,c,d\n"))
    assert [(each.column, each.line) for each in error.found] == [
        ("title", 1), ("duration_days", 1), ("titel", 1), ("area", 1),
    ]  # fmt: skip
    assert error.code == "roadmap.wrong_columns"
    assert "expected columns are code, title, agenda, area, duration_days" in error.message


def test_everything_wrong_is_named_at_once(tmp_path: Path):
    error = refusal(
        write(
            tmp_path,
            MILESTONES + "A,,SRIA,radio,-4\n",
            DEPENDENCIES + "A,Z,QQ,0\n",
            '{"start":"soon","colour":"blue"}',
        )
    )
    assert {(each.file, each.column) for each in error.found} == {
        ("roadmap.json", "colour"),
        ("milestones.csv", "code"),
        ("milestones.csv", "title"),
        ("milestones.csv", "duration_days"),
        ("dependencies.csv", "to"),
        ("dependencies.csv", "kind"),
    }
    assert error.code == "roadmap.unreadable"
    assert len(error.problems) == 6


@pytest.mark.parametrize(
    "content, line",
    [
        (b"", 1),
        (MILESTONES.encode() + b"C,nu\x00l,SRIA,radio,1\n", 4),
        (MILESTONES.encode("utf-16"), 1),
        (MILESTONES.encode() + b"C,\xff,SRIA,radio,1\n", 4),
        (MILESTONES.encode() + b'C,"open,SRIA,radio,1\n', 4),
        (b"code,title,agenda,area,duration_days\n", None),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, line: int | None):
    error = refusal(write(tmp_path, content))
    assert error.found[0].file == "milestones.csv"
    assert error.found[0].line == line


def test_a_missing_and_a_huge_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert refusal(tmp_path).found[0].reason == "the file is missing"
    monkeypatch.setattr(tables, "MAXIMUM_BYTES", 50)
    assert "larger than" in refusal(write(tmp_path)).found[0].reason


@pytest.mark.parametrize(
    "about",
    [
        "{",
        "[]",
        '{"title":"x"}',
        '{"title":{}}',
        '{"title":{"xx":"y"}}',
        '{"title":{"en":"\\ud800"}}',
        '{"areas":{"a":{"en":""}}}',
        '{"start":"2026-13-01"}',
        '{"start":20260101}',
        "[" * 100_000,
    ],
)
def test_a_json_file_that_says_something_else_is_refused(tmp_path: Path, about: str):
    error = refusal(write(tmp_path, about=about))
    assert error.found[0].file == "roadmap.json"


def test_an_area_that_the_json_file_does_not_declare_is_refused(tmp_path: Path):
    error = refusal(write(tmp_path, about='{"areas":{"radio":{"en":"Radio"}}}'))
    assert found(error) == [("roadmap.invalid_cell", "milestones.csv", 3, "area")]
