"""Lines, splits, tables over pages: the layout under the document."""

from hypothesis import given
from hypothesis import strategies as st

from exports.pdf import fonts
from exports.pdf.blocks import Callout, Heading, PageBreak, Spacer
from exports.pdf.inline import REPLACEMENT, Run, one_line, printable
from exports.pdf.pages import place
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import A4, A4_LANDSCAPE, BODY, CELL, CHAPTER, INK, WASH
from exports.pdf.table import Row, Table

drawable_text = st.text(max_size=200).map(lambda text: printable(text).replace("\n", " "))


def lines_of(paragraph: Paragraph, width: float) -> list[str]:
    return ["".join(piece.text for piece in line.pieces) for line in paragraph.lines(width)]


def test_font_files_are_the_ones_the_project_ships() -> None:
    fonts.verify_files()


def test_all_official_languages_can_be_drawn() -> None:
    letters = (
        "ąćęłńóśźż áéíóúñ čďěňřšťůž æøå äöüß õäöü άέήίόύώϊΰς àâçèêëîïôœùûÿ ċġħż ăâîșț "
        "āčēģīķļņšūž ąčęėįšųūž őű đ бгдежзийклмнопрстуфхцчшщъьюя ÁÉÍÓÚ €–—“”«»„‚…"
    )
    assert printable(letters) == letters


def test_what_cannot_be_drawn_is_shown_as_replaced() -> None:
    assert printable("a\x00b") == f"a{REPLACEMENT}b"
    assert printable("ok 😀") == f"ok {REPLACEMENT}"
    assert printable("漢字") == REPLACEMENT * 2
    assert printable("שלום") == REPLACEMENT * 4


def test_bidirectional_overrides_and_invisible_signs_disappear() -> None:
    for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0x200F, 0xFEFF):
        assert printable(f"a{chr(code)}b") == "ab"


def test_line_ends_of_any_kind_are_one_kind_and_vanish_in_titles() -> None:
    assert printable("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert one_line(" a\nb ") == "a b"


def test_decomposed_letters_are_composed() -> None:
    assert printable("e\u0301") == "é"


@given(st.text(max_size=300))
def test_printable_text_can_always_be_drawn(text: str) -> None:
    assert set(printable(text)) <= fonts.drawable() | {"\n"}


@given(drawable_text, st.floats(min_value=1, max_value=400))
def test_no_letter_is_lost_and_no_line_too_wide(text: str, width: float) -> None:
    paragraph = Paragraph(text, BODY)
    lines = lines_of(paragraph, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in paragraph.lines(width):
        letters = "".join(piece.text for piece in line.pieces).strip()
        one_character = sum(fonts.width(letter, "regular", 9) > 0 for letter in letters) <= 1
        assert line.width <= width + 0.01 or one_character


def test_a_word_wider_than_the_line_is_cut() -> None:
    lines = lines_of(Paragraph("w" * 10_000, CELL), 40)
    assert "".join(lines) == "w" * 10_000
    assert len(lines) > 1000


def test_words_of_neighbouring_runs_stay_together() -> None:
    paragraph = Paragraph([Run("see ("), Run("M1", target="m1"), Run(") now")], BODY)
    lines = lines_of(paragraph, fonts.width("see (M1", "regular", BODY.size))
    assert [line.strip() for line in lines] == ["see", "(M1)", "now"]


def test_codes_are_not_broken_at_their_hyphen_but_words_are() -> None:
    narrow = fonts.width("RAD-0", "regular", BODY.size)
    assert lines_of(Paragraph("pan-European", BODY), 60)[0] == "pan-"
    assert lines_of(Paragraph("a RAD-01", BODY), narrow + 8)[0].strip() == "a"


def test_a_split_paragraph_leaves_two_lines_on_each_side() -> None:
    paragraph = Paragraph("word " * 200, BODY)
    total = len(paragraph.lines(200))
    parts = paragraph.split(200, BODY.leading * (total - 1))
    assert parts is not None
    assert len(parts[0].lines(200)) == total - 2
    assert len(parts[1].lines(200)) == 2
    assert paragraph.split(200, BODY.leading * 1.5) is None


def test_a_heading_moves_with_what_follows_it() -> None:
    filler = Spacer(A4.text_height - CHAPTER.leading - 20)
    heading = Heading("Title", CHAPTER, level=2, destination="x")
    pages = place([filler, heading, Paragraph("text " * 100)], A4)
    assert [type(placed.block) for placed in pages[0].placed] == [Spacer]
    assert pages[1].placed[0].block is heading


def test_a_page_break_changes_the_format_and_leaves_no_empty_page() -> None:
    pages = place([PageBreak(A4), Paragraph("a"), PageBreak(A4_LANDSCAPE), Paragraph("b")], A4)
    assert [page.page_format for page in pages] == [A4, A4_LANDSCAPE]


def row(text: str) -> Row:
    return Row([Paragraph(text, CELL), Paragraph("1", CELL)])


def head() -> list[Paragraph]:
    return [Paragraph("A", CELL), Paragraph("B", CELL)]


def test_a_long_table_fills_pages_without_overflowing_them() -> None:
    pages = place([Table(head(), [row(f"r{order}") for order in range(200)], [3, 1])], A4)
    assert len(pages) > 4
    for page in pages:
        for placed in page.placed:
            bottom = placed.top - placed.block.height(placed.width)
            assert bottom >= page.page_format.bottom - 0.01


def test_a_cell_taller_than_a_page_continues_on_the_next() -> None:
    pages = place([Table(head(), [row("word " * 8000)], [1, 1])], A4)
    assert len(pages) > 3
    for page in pages:
        for placed in page.placed:
            bottom = placed.top - placed.block.height(placed.width)
            assert bottom >= page.page_format.bottom - 0.01


def test_a_callout_taller_than_a_page_continues_on_the_next() -> None:
    callout = Callout([Paragraph("word " * 8000), Paragraph("end")], bar=INK, wash=WASH)
    pages = place([callout], A4)
    assert len(pages) > 3
    for page in pages:
        [placed] = page.placed
        assert placed.top - placed.block.height(placed.width) >= page.page_format.bottom - 0.01


def test_a_small_table_is_not_torn_apart() -> None:
    table = Table(head(), [row("r") for _ in range(5)], [1, 1])
    pages = place([Spacer(A4.text_height - 60), table], A4)
    assert len(pages) == 2
    assert pages[1].placed[0].block is table
