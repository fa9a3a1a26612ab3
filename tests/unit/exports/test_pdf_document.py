"""The roadmap PDF as its readers meet it."""

import os
import re
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PdfReader

from exports import pdf
from exports.edition import Edition
from exports.errors import UnsupportedEdition
from tests.editions import edition_document, small_edition_document
from tests.pdf_reading import Node, bookmarks, open_pdf, structure

ROOT = Path(__file__).resolve().parents[3]


@cache
def whole() -> bytes:
    return pdf.render(edition_document())


@cache
def read() -> tuple[PdfReader, Node]:
    reader = open_pdf(whole())
    return reader, structure(reader)


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in open_pdf(content).pages)


@cache
def whole_text() -> str:
    return text_of(whole())


def test_two_processes_give_the_same_bytes(tmp_path: Path) -> None:
    program = (
        "import sys, hashlib; from exports import pdf; from tests.editions import *; "
        "print(hashlib.sha256(pdf.render(small_edition_document())).hexdigest())"
    )
    surroundings = [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/Lima", "LC_ALL": "C.UTF-8",
         "SOURCE_DATE_EPOCH": "1", "RL_invariant": "0", "RL_pdfComments": "1",
         "RL_useA85": "0", "RL_pageCompression": "0", "RL_pdfMultiLine": "1"},
    ]  # fmt: skip
    runs = [
        subprocess.run(
            [sys.executable, "-B", "-c", program],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for folder, environment in zip((ROOT, tmp_path), surroundings, strict=True)
    ]
    assert runs[0] == runs[1]


def test_rendering_again_in_one_process_gives_the_same_bytes() -> None:
    pdf.render(small_edition_document(), language="fr")
    assert pdf.render(small_edition_document()) == pdf.render(small_edition_document())


def test_another_edition_is_another_file_with_another_identifier() -> None:
    first = open_pdf(pdf.render(small_edition_document()))
    second = open_pdf(pdf.render(small_edition_document(version="1.2")))
    assert first.trailer["/ID"][0] != second.trailer["/ID"][0]


def test_the_title_page_shows_what_identifies_the_edition() -> None:
    page = open_pdf(whole()).pages[0].extract_text()
    for part in ("Waymark", "Smart networks and services", "edition 1.1", "22 November 2026"):
        assert part in page
    assert Edition(edition_document()).sha256 in page.replace("\n", "")
    assert "Simulated content" in page


def test_an_edition_that_is_not_simulated_does_not_say_so() -> None:
    document = small_edition_document(simulated=False)
    document["consultations"][0]["simulated"] = False
    document["votes"][0]["simulated"] = False
    assert "Simulated" not in text_of(pdf.render(document))


def test_every_chapter_stands_in_contents_and_bookmarks_with_its_page() -> None:
    reader, _ = read()
    listed = dict(bookmarks(reader))
    contents = reader.pages[1].extract_text()
    for title in (
        "How the input was gathered", "Areas and milestones", "Dependencies", "Timeline",
        "Contradictions", "The vote of the delegations", "Provenance", "Changes",
        "Verifying this document", "Glossary",
    ):  # fmt: skip
        page = next(page for name, page in listed.items() if name.endswith(title))
        assert title in reader.pages[page - 1].extract_text()
        line = next(line for line in contents.splitlines() if title in line)
        assert line.split()[-1] == str(page)


def test_bookmarks_lead_to_every_milestone() -> None:
    titles = [title for title, _ in bookmarks(read()[0])]
    for milestone in edition_document()["milestones"]:
        assert any(title.startswith(milestone["code"]) for title in titles)


def test_pages_are_counted_and_labelled() -> None:
    reader, _ = read()
    total = len(reader.pages)
    assert f"Page 3 of {total}" in reader.pages[2].extract_text()
    assert reader.page_labels == [str(number) for number in range(1, total + 1)]


def test_greek_and_bulgarian_titles_can_be_read_back() -> None:
    text = " ".join(whole_text().split())
    assert "Αρχιτεκτονική δικτύου για την υγεία και τις μεταφορές" in text
    assert "Сигурност на мрежата: първи изпитвания в три държави" in text


@pytest.mark.parametrize(
    ("language", "title"),
    [("el", "Έξυπνα δίκτυα και υπηρεσίες"), ("bg", "Интелигентни мрежи и услуги")],
)
def test_data_is_in_the_language_asked_for_and_marked(language: str, title: str) -> None:
    reader = open_pdf(pdf.render(small_edition_document(), language=language))
    assert title in " ".join(reader.pages[0].extract_text().split())
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert structure(reader).all("H1")[0].language == language


def test_french_labels_with_data_that_falls_back_to_english() -> None:
    reader = open_pdf(pdf.render(small_edition_document(), language="fr"))
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert "Table des matières" in text
    assert "22 novembre 2026" in text
    languages = {node.language for node in structure(reader).walk()}
    assert "en" in languages


def test_suppressed_counts_are_said_to_be_hidden_and_explained() -> None:
    text = " ".join(whole_text().split())
    assert "“Hidden” stands for fewer than 5" in text
    assert "None" not in text


def test_the_vote_lists_all_delegations_with_names() -> None:
    text = whole_text()
    start = text.index("Roll-call (27 delegations)")
    for name in ("Austria", "Greece", "Malta", "Slovakia", "cast by Estonia", "Did not vote"):
        assert name in text[start:]


def test_what_stands_alone_says_so_instead_of_a_gap() -> None:
    document = small_edition_document(
        previous=None, votes=[], contradictions=[], consultations=[], changes=[],
        dependencies=[], milestones=[], areas=[], schedule={"makespan_days": 0},
    )  # fmt: skip
    text = " ".join(text_of(pdf.render(document)).split())
    for sentence in (
        "No consultation stands behind", "no dependencies", "No vote stands", "first edition",
        "do not contradict", "has no milestones",
    ):  # fmt: skip
        assert sentence in text


def test_a_document_of_another_kind_is_refused() -> None:
    with pytest.raises(UnsupportedEdition, match="waymark/questionnaire/1"):
        pdf.render({"schema": "waymark/questionnaire/1"})


def test_changes_are_written_in_words_with_their_reasons() -> None:
    text = " ".join(whole_text().split())
    start = text.index("What is different from edition 1.0")
    for words in (
        "earliest start: 19 June 2028", "duration: 180 days", "not before: 1 January 2027",
        "area: Radio and spectrum", "CLO-05 → CLO-02", "suspended: yes", "lead: 6G-IA",
        "The trials took longer than planned.", "score 0.69",
    ):  # fmt: skip
        assert words in text[start:], words


def test_a_resolution_that_is_not_proven_best_does_not_claim_to_be() -> None:
    document = small_edition_document(contradictions_exact=False)
    text = " ".join(text_of(pdf.render(document)).split())
    assert "computed exactly" not in text
    assert "best that was found in the time allowed" in text


# Structure


def test_headings_never_skip_a_level() -> None:
    _, root = read()
    levels = [int(node.type[1]) for node in root.walk() if node.type in ("H1", "H2", "H3", "H4")]
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_every_table_is_regular_with_scoped_headers() -> None:
    _, root = read()
    tables = root.all("Table")
    assert len(tables) > 40
    for table in tables:
        header = table.all("THead")[0].all("TH")
        assert all(cell.attributes["Scope"] == "/Column" for cell in header)
        for row in table.all("TBody")[0].all("TR"):
            assert len(row.children) == len(header)
            assert row.children[0].type == "TH"
            assert row.children[0].attributes["Scope"] == "/Row"


def test_a_table_over_pages_is_one_table_whose_header_is_read_once() -> None:
    _, root = read()
    rows = [len(table.all("TBody")[0].children) for table in root.all("Table")]
    assert max(rows) == len(edition_document()["dependencies"])
    assert all(len(table.all("THead")) == 1 for table in root.all("Table"))


def test_every_figure_has_an_alternative_and_a_place() -> None:
    _, root = read()
    figures = root.all("Figure")
    assert len(figures) >= 10
    for figure in figures:
        assert len(figure.alternative) > 30
        assert len(figure.attributes["BBox"]) == 4


def test_lists_have_labels_and_bodies() -> None:
    _, root = read()
    lists = root.all("L")
    assert {node.attributes["ListNumbering"] for node in lists} == {"/Disc", "/Decimal"}
    for item in root.all("LI"):
        assert [child.type for child in item.children] == ["Lbl", "LBody"]


def test_a_contents_line_reads_title_then_page_number_then_link() -> None:
    _, root = read()
    items = root.all("TOCI")
    assert len(items) >= 20
    for item in items:
        reference = item.children[0]
        assert reference.type == "Reference"
        assert reference.children[0].order == ["Span", "content", "annotation"]


def test_every_link_stays_inside_the_document_and_says_where_it_leads() -> None:
    reader, root = read()
    annotations = [one.get_object() for page in reader.pages for one in page.get("/Annots", [])]
    assert len(annotations) == sum(node.annotations for node in root.walk())
    for annotation in annotations:
        assert "/A" not in annotation
        assert annotation["/Contents"]
        assert annotation["/Dest"][1] == "/XYZ"
    assert b"/URI" not in whole()
    assert b"/JavaScript" not in whole()


def test_only_embedded_fonts_are_named() -> None:
    reader, _ = read()
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            assert "/FontFile2" in font.get_object()["/FontDescriptor"]


def test_every_stream_is_as_long_as_it_says() -> None:
    content = whole()
    starts = list(re.finditer(rb"/Length (\d+)[^>]*>>\nstream\n", content))
    assert len(starts) >= len(read()[0].pages)
    for start in starts:
        end = start.end() + int(start.group(1))
        assert content[end:].startswith(b"\r\nendstream\n")
