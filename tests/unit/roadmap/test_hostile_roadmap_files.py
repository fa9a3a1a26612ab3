"""Files that are wrong, strange or meant to do harm: named, bounded, and never half-read."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.errors import UnreadableRoadmap
from roadmap.formats import archive
from roadmap.formats.graphml import read_graphml
from roadmap.formats.msproject import read_msproject
from roadmap.formats.registry import guess_format, read_files
from roadmap.formats.workbook import read_workbook
from roadmap.formats.workbook_writing import write_workbook
from roadmap.planning.network import Kind

DRAFT = Draft(
    (
        DraftMilestone("A", LocalizedText.of("Study"), "SRIA", "radio", 10),
        DraftMilestone("B", LocalizedText.of("Build"), "SDA", "radio", 5),
    ),
    (DraftDependency("A", "B", Kind.FS, 0),),
    {"radio": LocalizedText.of("Radio")},
)
BOOK = write_workbook(DRAFT)


def edited(change: Callable[[Any], object]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(BOOK))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def column(book: Any, sheet: str, name: str) -> int:
    return next(cell.column for cell in book[sheet][1] if cell.value == name)


def put(sheet: str, name: str, value: object, row: int = 2) -> bytes:
    return edited(
        lambda book: setattr(book[sheet].cell(row, column(book, sheet, name)), "value", value)
    )


def problems(content: bytes, file: str = "plan.xlsx") -> list[str]:
    with pytest.raises(UnreadableRoadmap) as caught:
        read_files({file: content})
    return [f"{each.where}: {each.reason}" for each in caught.value.found]


@pytest.mark.parametrize(
    "name, value, expected",
    [
        ("duration_days", "12 weeks", "without a unit, found “12 weeks”"),
        ("duration_days", "3 months", "without a unit"),
        ("duration_days", 1.5, "expected a whole number"),
        ("duration_days", "=B2*2", "found a formula"),
        ("budget_eu", "€ 2 million", "expected an amount in euros"),
        ("trl_from", "three", "expected a whole number, found “three”"),
        ("not_before", "spring 2027", "2026-Q1, found “spring 2027”"),
        ("not_before", 46000, "expected a date"),
        ("agenda", "ABC", "expected one of SRIA, SDA"),
        ("area", "moon", "expected one of radio"),
    ],
)
def test_a_wrong_cell_is_named(name: str, value: object, expected: str):
    problem, *_ = problems(put("Milestones", name, value))
    assert problem.startswith("plan.xlsx, sheet Milestones, line 2, column ") or "cell" in problem
    assert expected in problem


def test_dates_are_dates_texts_or_quarters():
    import datetime

    for value, expected in (
        (datetime.datetime(2027, 5, 1), "2027-05-01"),
        ("2027-05-01", "2027-05-01"),
        ("2027-q2", "2027-04-01"),
    ):
        draft = read_workbook(put("Milestones", "not_before", value), file="a")
        assert str(draft.milestones[0].not_before) == expected
    draft = read_workbook(put("Milestones", "finish_by", "2027-Q2"), file="a")
    assert str(draft.milestones[0].finish_by) == "2027-06-30"


def test_everything_wrong_with_a_workbook_is_named_at_once():
    def spoil(book: Any) -> None:
        book["Milestones"].merge_cells("A2:A3")
        book["Dependencies"]["D2"] = "2 weeks"
        book["KPIs"].append(["Z", None, "x", "", "many"])
        book["Areas"]["A1"] = "title"

    text = "\n".join(problems(edited(spoil)))
    for part in ("the cells A2:A3 are merged", "sheet Dependencies, line 2", "sheet KPIs",
                 "this column is there twice"):  # fmt: skip
        assert part in text


def test_hidden_and_missing_sheets_are_refused_and_others_named():
    def hide(book: Any) -> None:
        book["Dependencies"].sheet_state = "hidden"

    assert "is hidden" in problems(edited(hide))[0]
    assert (
        "no sheet Milestones" in problems(edited(lambda book: book.remove(book["Milestones"])))[0]
    )
    draft = read_workbook(edited(lambda book: book.create_sheet("Notes")), file="a")
    assert draft.ignored[0][0] == "sheet Notes"


def test_bombs_are_not_unpacked(monkeypatch: pytest.MonkeyPatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("milestones.csv", b"0" * 20_000_000)
    assert "times its size" in problems(buffer.getvalue(), "a.zip")[0]
    monkeypatch.setattr(archive, "MAX_UNPACKED", 100)
    assert "unpacks to more than" in problems(BOOK)[0]
    assert "not a whole archive" in problems(BOOK[:-300], "a.xlsx")[0]


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize("read", [read_graphml, read_msproject])
def test_xml_with_a_document_type_is_refused(read: Any):
    for begin in (ENTITIES, b'<!DOCTYPE x SYSTEM "file:///etc/passwd">'):
        with pytest.raises(UnreadableRoadmap) as caught:
            read(begin + b"<graphml>&b;</graphml>", file="a")
        assert "document type" in caught.value.found[0].reason
    for content in (b"", b"<a>", b"<a/>", b"<a>" * 5000, b"\xff\xfe\x00", b"plain"):
        with pytest.raises(UnreadableRoadmap):
            read(content, file="a")


def graph(inside: str, directed: str = "directed") -> bytes:
    return (
        '<graphml><key id="d0" for="node" attr.name="weight"/><key id="d1" attr.name="label"/>'
        f'<graph edgedefault="{directed}">{inside}</graph></graphml>'
    ).encode()


def test_a_plain_graph_of_another_program_is_read():
    draft = read_graphml(
        graph(
            '<node id="n1"><data key="d0">3</data><data key="d1">First</data></node><node id="n2"/>'
            '<edge source="n1" target="n2"/><edge source="n2" target="n1"/>'
            '<edge source="n1" target="n1"/>'
        ),
        file="a",
    )
    assert [each.title["en"] for each in draft.milestones] == ["First", "n2"]
    assert len(draft.dependencies) == 3  # circles are allowed in a draft
    ignored = [path for path, _ in draft.ignored]
    assert "attribute weight of nodes" in ignored
    assert "agenda of nodes" in ignored
    assert {"agenda", "duration_days", "area"} < draft.silent


def test_what_is_no_graph_of_milestones_is_refused():
    nodes = '<node id="a"/><node id="b"/>'
    for inside, directed, expected in (
        (nodes + '<edge source="a" target="b"/>', "undirected", "expected a directed edge"),
        (nodes + '<hyperedge><endpoint node="a"/></hyperedge>', "directed", "two ends"),
        (nodes + nodes, "directed", "already used"),
        (nodes + '<edge source="a" target="c"/>', "directed", "there is no milestone “c”"),
        ("", "directed", "holds no milestone"),
    ):
        assert expected in "\n".join(problems(graph(inside, directed), "a.graphml"))
    many = "".join(f'<node id="n{number}"/>' for number in range(100_001))
    assert "at most 100,000 nodes" in problems(graph(many), "a.graphml")[0]


PROJECT = """<?xml version="1.0"?><Project xmlns="http://schemas.microsoft.com/project">
<Title>Plan</Title><StartDate>2027-01-04T08:00:00</StartDate><MinutesPerDay>480</MinutesPerDay>
<Tasks>
<Task><UID>0</UID><Name>Plan</Name><OutlineLevel>0</OutlineLevel></Task>
<Task><UID>1</UID><Name>Radio</Name><OutlineLevel>1</OutlineLevel><Summary>1</Summary></Task>
<Task><UID>2</UID><Name>Study</Name><OutlineLevel>2</OutlineLevel><Duration>PT80H0M0S</Duration>
 <ConstraintType>4</ConstraintType><ConstraintDate>2027-02-01T08:00:00</ConstraintDate></Task>
<Task><UID>3</UID><Name>Build</Name><OutlineLevel>2</OutlineLevel><Duration>PT12H0M0S</Duration>
 <PredecessorLink><PredecessorUID>2</PredecessorUID><Type>1</Type><LinkLag>9600</LinkLag>
 <LagFormat>7</LagFormat></PredecessorLink></Task>
<Task><UID>4</UID><Name>End</Name><OutlineLevel>1</OutlineLevel><Duration>PT0H0M0S</Duration>
 <PredecessorLink><PredecessorUID>1</PredecessorUID><Type>1</Type></PredecessorLink></Task>
</Tasks><Resources><Resource><UID>1</UID></Resource></Resources></Project>"""


def test_a_project_of_another_program_is_read():
    draft = read_msproject(PROJECT.encode(), file="a.xml")
    by_code = draft.by_code
    assert list(by_code) == ["T2", "T3", "T4"]
    assert [each.duration_days for each in draft.milestones] == [10, 2, 0]
    assert str(by_code["T2"].not_before) == "2027-02-01"
    assert by_code["T2"].area == "Radio"
    assert by_code["T4"].area == "general"
    links = {(each.before, each.after, each.lag_days) for each in draft.dependencies}
    assert links == {("T2", "T3", 2), ("T2", "T4", 0), ("T3", "T4", 0)}
    assert str(draft.start) == "2027-01-04"
    notes = [path for path, _ in draft.ignored]
    assert "Resources" in notes
    assert "durations that are no whole days, rounded up" in notes
    for wrong, place in (
        (PROJECT.replace("PT80H0M0S", "3 weeks"), "task 2: Duration"),
        (PROJECT.replace("<PredecessorUID>2<", "<PredecessorUID>9<"), "task 3: PredecessorLink"),
        (PROJECT.replace("<UID>3<", "<UID>2<"), "task 2"),
        (PROJECT.replace("<LinkLag>9600<", "<LinkLag>1e9<"), "task 3: LinkLag"),
        (PROJECT.replace("<LinkLag>9600<", f"<LinkLag>{'9' * 40}<"), "task 3: LinkLag"),
        (PROJECT.replace("2027-01-04T", "next monday T"), "StartDate"),
        (PROJECT.replace("2027-02-01T", "2027-02-31T"), "task 2: ConstraintDate"),
        (PROJECT.replace(">480<", ">-480<"), "MinutesPerDay"),
    ):
        assert place in problems(wrong.encode(), "a.xml")[0]


def test_formats_are_told_apart_by_what_is_in_the_file():
    assert guess_format("x", BOOK) == "xlsx"
    assert guess_format("a.xml", PROJECT.encode()) == "msproject"
    assert guess_format("a.xml", PROJECT.encode("utf-16")) == "msproject"
    assert guess_format("a.xml", graph("")) == "graphml"
    assert guess_format("x", b'{"format": 1}') == "json"
    for name in ("plan.mpp", "plan.xls", "plan.doc"):
        with pytest.raises(UnreadableRoadmap):
            guess_format(name, b"\xd0\xcf\x11\xe0")


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"format": "x", "format": "x"}', b"{}", b'{"milestones": 3}',
                b'{"format":"waymark/roadmap/1","milestones":[{"code":1}],"x":2}']
)  # fmt: skip
def test_json_that_says_something_else_is_refused(content: bytes):
    assert problems(content, "a.json")
