"""HTML as plain text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.formats.lss.texts import plain_text, take_insertions


@pytest.mark.parametrize(
    "html, text",
    [
        ("plain", "plain"),
        ("a < b &amp; c", "a < b & c"),
        ("<p>One</p>\n<p>Two<br />Three</p>", "One\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
        ("<strong>Bold</strong>&nbsp;move", "Bold move"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<style>p {color: red}</style>x", "x"),
        ('<a href="https://europa.eu/">Europa</a>', "Europa (https://europa.eu/)"),
        ('<a href="https://europa.eu/">https://europa.eu</a>', "https://europa.eu"),
        ('<a href="mailto:a@b.eu">write</a>', "write (a@b.eu)"),
        ('<a href=" javascript:alert(1)">go</a>', "go"),
        ("&lt;script&gt;", "<script>"),
        ("first\nsecond", "first\nsecond"),
        ("caf&eacute;\nnext", "café\nnext"),
        ("a\x00b\x07c\u202ed", "abcd"),
        ("", ""),
        ("<p></p>", ""),
        ("<!-- hidden -->seen", "seen"),
    ],
)
def test_html_becomes(html: str, text: str) -> None:
    plain = plain_text(html)
    assert plain.text == text
    assert plain.missing == ()


@pytest.mark.parametrize(
    "html, text, missing",
    [
        ("<script>alert(1)</script>x", "x", ("a script",)),
        ("<script>never closed", "", ("a script",)),
        ('<img src="a.png" alt="A graph">', "A graph", ("an image (a.png)",)),
        ('<iframe src="https://x.eu"></iframe>', "", ("an embedded page (https://x.eu)",)),
        ("<input name=q>", "", ("a form field",)),
    ],
)
def test_what_plain_text_cannot_hold_is_named(
    html: str, text: str, missing: tuple[str, ...]
) -> None:
    plain = plain_text(html)
    assert (plain.text, plain.missing) == (text, missing)


@pytest.mark.parametrize(
    "html, marked, taken",
    [
        ("Hello {name}!", "Hello #!", ["name"]),
        ("{a}{b.shown}", "##", ["a", "b.shown"]),
        ("A set { 1, 2 } or {1, 2 }", "A set { 1, 2 } or {1, 2 }", []),
        ("{if(a &gt; 1, '}', \"{\")}.", "#.", ["if(a > 1, '}', \"{\")"]),
        ("{if(a, 'don\\'t}', 'b')} c", "# c", ["if(a, 'don\\'t}', 'b')"]),
        ("{implode(' ', {a}, b)}", "#", ["implode(' ', {a}, b)"]),
        ("not closed {a and {b}", "not closed {a and #", ["b"]),
        (r"\{a\} {b}", "{a} #", ["b"]),
        ("^[0-9]{2,10}$ {a}", "^[0-9]{2,10}$ #", ["a"]),
        ("<script>if (x) {y}</script>{a}", "<script>if (x) {y}</script>#", ["a"]),
        ("\ue0000\ue001 {a}", "0 #", ["a"]),
    ],
)
def test_insertions_are_taken_out(html: str, marked: str, taken: list[str]) -> None:
    found, expressions = take_insertions(html)
    for number in range(len(expressions)):
        found = found.replace(f"\ue000{number}\ue001", "#")
    assert (found, expressions) == (marked, taken)


@settings(deadline=None)
@given(st.text(alphabet="{}'\"\\a <!-script>", max_size=80))
def test_insertions_never_overlap(html: str) -> None:
    marked, taken = take_insertions(html)
    assert marked.count("\ue000") == len(taken)


@settings(deadline=None)
@given(st.text(alphabet="<>/&;!-='\" apscriptliobrmg#x{}", max_size=80))
def test_no_markup_can_break_it(html: str) -> None:
    text = plain_text(html).text
    assert text == text.strip()


@pytest.mark.parametrize(
    "bomb",
    [
        "<",
        "<a ",
        "<!--",
        "&",
        "<p>",
        "<div>",
        "</a>",
        "<![CDATA[",
        "<a href=https://x>",
        "<b><i>",
        "{",
        "{a",
        "{'",
        "{a}",
        "}",
        "{'\\",
        "<script>{",
    ],
)
def test_hostile_markup_takes_no_long_time(bomb: str) -> None:
    bomb *= 30_000 // len(bomb)
    begun = time.process_time()
    plain_text(take_insertions(bomb)[0])
    assert time.process_time() - begun < 2
