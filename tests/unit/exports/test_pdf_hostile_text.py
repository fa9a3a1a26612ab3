"""User text is text, whatever is in it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import pdf
from tests.editions import small_edition_document
from tests.pdf_reading import open_pdf

HOSTILE = {
    "markup": "<b>bold</b> & <para> </para> &lt;x&gt;",
    "a local file": '<img src="file:///etc/passwd"/>',
    "a script link": '<a href="javascript:alert(1)">x</a> javascript:alert(1)',
    "PDF syntax": ") Tj ET endstream endobj (\\ \\( /URI (x) >> BDC EMC",
    "control characters": "a\x00\x01\x1b[31m\x7f\x85b",
    "bidirectional overrides": "safe\u202egpj.exe\u202c \u2066x\u2069 \u200f",
    "emoji and unknown scripts": "😀 👩‍👩‍👧 漢字 שלום \U0001f1ea\U0001f1fa \ue000 \ufffe",
    "format placeholders": "{0} {n} {language} %s %(x)s {",
    "a long word": "w" * 1_500,
    "many lines": "line\n" * 40,
    "combining marks": "Z" + "\u0301\u0316" * 200,
    "nothing": "",
    "blanks": " \t\n\u00a0\u2003 ",
}


def with_text_everywhere(value: Any, text: str, key: str = "") -> Any:
    """The document with every free text replaced; dates, enumerations and numbers stay."""
    if key in ("schema", "start", "published_on", "opens_on", "closes_on", "closed_on", "kind",
               "choice", "sha256", "rule", "decided_on", "not_before", "finish_by", "fixed_start",
               "asked", "possible",
               "frozen_at", "approved_on", "budget", "criticality", "approved_sha256"):  # fmt: skip
        return value
    if isinstance(value, dict):
        return {name: with_text_everywhere(part, text, name) for name, part in value.items()}
    if isinstance(value, list):
        return [with_text_everywhere(part, text, key) for part in value]
    return text if isinstance(value, str) else value


def opens(content: bytes) -> str:
    reader = open_pdf(content)
    for page in reader.pages:
        for one in page.get("/Annots", []):
            assert "/A" not in one.get_object()
    assert b"/JavaScript" not in content
    return reader.pages[0].extract_text()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_in_every_field_is_harmless(text: str) -> None:
    document = with_text_everywhere(small_edition_document(), text)
    opens(pdf.render(document))


def test_markup_is_shown_as_it_was_written() -> None:
    text = '<img src="file:///etc/passwd"/>'
    document = small_edition_document()
    document["roadmap"]["title"] = {"en": text}
    assert text in opens(pdf.render(document)).replace("\n", "")


@pytest.mark.parametrize("text", ["w" * 10_000, "Lorem ipsum dolor. " * 526, "line\n" * 2_000])
def test_ten_thousand_characters_fit_on_as_many_pages_as_they_need(text: str) -> None:
    document = small_edition_document()
    document["roadmap"]["title"] = {"en": text}
    document["areas"][0]["title"] = {"en": text}
    document["milestones"][0] |= {"title": {"en": text}, "description": {"en": text}}
    document["votes"][0]["reason"] = text
    opens(pdf.render(document))


texts = st.text(max_size=60)


@settings(max_examples=12, deadline=None)
@given(text=texts)
def test_any_text_in_every_field_renders(text: str) -> None:
    opens(pdf.render(with_text_everywhere(small_edition_document(), text)))


@settings(max_examples=10, deadline=None)
@given(title=texts, language=st.sampled_from(["en", "fr", "el", "zz", ""]), code=texts)
def test_any_title_code_and_language_render(title: str, language: str, code: str) -> None:
    document = small_edition_document()
    document["milestones"][0] |= {"title": {"el": title, "bg": ""}, "code": code}
    opens(pdf.render(document, language=language))
