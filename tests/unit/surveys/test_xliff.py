"""Texts for translators: out as XLIFF 2, in again, and what is not taken over."""

import copy
import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from surveys.definition import parse_definition
from surveys.errors import UnreadableFile
from surveys.formats.xliff import NAMESPACE, read_xliff, write_xliff
from surveys.making.editing import Document, change_question, move_question
from surveys.making.translation import completeness_of, units_of, with_translations

FOLDER = Path(__file__).parents[2] / "questionnaires"
DOCUMENT: Document = json.loads((FOLDER / "consulting.json").read_text("utf-8"))


def piped(**titles: str) -> Document:
    return change_question(DOCUMENT, code="since", fields={"title": titles})


def translate(document: Document, **texts: str) -> bytes:
    """The file as a translator sends it back, ``texts`` by key with "." as "_"."""
    done = with_translations(document, "fr", {k.replace("_", "."): v for k, v in texts.items()})
    return write_xliff(done, language="fr", name="s")


def test_every_text_is_a_unit_named_by_codes() -> None:
    root = fromstring(write_xliff(DOCUMENT, language="fr", name="networks"))
    assert (root.get("srcLang"), root.get("trgLang"), root.get("version")) == ("en", "fr", "2.0")
    keys = [unit.get("id") for unit in root.iter(f"{{{NAMESPACE}}}unit")]
    assert keys == [unit.key for unit in units_of(DOCUMENT)]
    assert {"title", "section.opinions.title", "rank.option.a.label", "rate.no_opinion"} <= set(
        keys
    )
    assert len(keys) == len(set(keys))


def test_translations_come_back_to_where_they_belong_whatever_was_moved() -> None:
    data = translate(DOCUMENT, rank_option_a_label="Premier", rate_low="Pas du tout")
    moved = move_question(DOCUMENT, code="rank", section="roadmap", to=3)
    found = read_xliff(data, moved)
    assert found.texts == {"rank.option.a.label": "Premier", "rate.low": "Pas du tout"}
    assert found.refused == ()
    asked = parse_definition(with_translations(moved, found.language, found.texts))
    assert asked.by_code["rate"].low.in_language("fr") == "Pas du tout"  # type: ignore[union-attr]


def test_how_complete_each_language_is() -> None:
    done = completeness_of(DOCUMENT)
    assert done["en"].percent == 100
    assert (done["fr"].translated, done["fr"].percent) == (1, 100 // done["fr"].total)


def test_what_is_filled_in_is_a_placeholder_that_may_be_moved() -> None:
    document = piped(en="Since {{ rate }} or {{ rate }}, {{ if(rate > 3, '}}', 'b') }}?")
    data = translate(document, since_title="{{ if(rate > 3, '}}', 'b') }} : {{ rate }}{{ rate }}")
    root = fromstring(data)
    assert len(list(root.iter(f"{{{NAMESPACE}}}ph"))) == 6
    assert read_xliff(data, document).texts == {
        "since.title": "{{ if(rate > 3, '}}', 'b') }} : {{ rate }}{{ rate }}"
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d.replace(b"Since when?", b"Until when?"), "source has changed"),
        (lambda d: d.replace(b'id="since.title"', b'id="gone.title"'), "no such text"),
        (lambda d: d.replace(b"Depuis", b"{{ rate }} depuis"), "same placeholders"),
        (lambda d: d.replace(b"Depuis", b"{{ depuis"), "not closed"),
    ],
)
def test_what_does_not_fit_is_named_and_the_rest_taken(change: object, reason: str) -> None:
    data = translate(DOCUMENT, since_title="Depuis quand ?", rate_low="Pas du tout")
    found = read_xliff(change(data), DOCUMENT)  # type: ignore[operator]
    assert found.texts == {"rate.low": "Pas du tout"}
    assert [reason in why for _, why in found.refused] == [True]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<xliff",
        b"<html/>",
        b'<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2"/>',
        b'<!DOCTYPE x [<!ENTITY a "b">]><xliff xmlns="urn:oasis:names:tc:xliff:document:2.0"/>',
        b'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="de" trgLang="fr"/>',
        b'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="pl"/>',
        b'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="en"/>',
    ],
)
def test_a_file_that_is_something_else_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_xliff(data, DOCUMENT)


@pytest.mark.parametrize("language", ["en", "de", ""])
def test_only_declared_languages_are_translated(language: str) -> None:
    with pytest.raises(InvalidInput):
        write_xliff(DOCUMENT, language=language, name="s")


def test_a_file_cut_anywhere_is_refused_or_says_less() -> None:
    data = translate(DOCUMENT, since_title="Depuis quand ?")
    for end in range(0, len(data) - 10, 97):
        with pytest.raises(UnreadableFile):
            read_xliff(data[:end], DOCUMENT)


words = st.text(min_size=1, max_size=30).filter(lambda text: text.strip() and "{{" not in text)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from([unit.key for unit in units_of(DOCUMENT)]), words))
def test_any_words_come_back_as_they_were_sent(texts: dict[str, str]) -> None:
    # What XML cannot hold is left out, and line ends become one.
    document = copy.deepcopy(DOCUMENT)
    found = read_xliff(
        write_xliff(with_translations(document, "fr", texts), language="fr", name="s"), document
    )
    for key, said in found.texts.items():
        plain = [c for c in texts[key] if c.isprintable()]
        assert [c for c in said if c.isprintable()] == plain
    missing = {
        k
        for k in texts
        if k not in found.texts and any(c.isprintable() and not c.isspace() for c in texts[k])
    }
    assert {k for k in missing if texts[k] != DOCUMENT_FR.get(k)} == set()


DOCUMENT_FR = {unit.key: unit.texts.get("fr") for unit in units_of(DOCUMENT)}


AS_ANOTHER_TOOL_WRITES_IT = """<?xml version='1.0' encoding='UTF-8'?>\r
<x:xliff xmlns:x="{namespace}" xmlns:t="urn:tool" trgLang="fr-FR" srcLang="EN" version="2.1">\r
  <x:file original="s" id="f1">\r
    <x:unit translate="yes" id="since.title" t:seen="1">\r
      <x:notes><x:note category="review">Ask &lt;us&gt;</x:note></x:notes>\r
      <x:segment state="reviewed" subState="t:done">\r
        <x:source>Since\r
          when?</x:source>\r
        <x:target><x:mrk id="m1" type="term">Depuis</x:mrk><![CDATA[ quand <5G> ?]]></x:target>\r
      </x:segment>\r
    </x:unit>\r
    <x:unit id="rate.low">\r
      <x:segment state="initial"><x:source>{low}</x:source><x:target>{low}</x:target></x:segment>\r
    </x:unit>\r
  </x:file>\r
</x:xliff>"""


@pytest.mark.parametrize("version", ["2.0", "2.2"])
def test_files_of_other_tools_are_read(version: str) -> None:
    low = next(unit for unit in units_of(DOCUMENT) if unit.key == "rate.low").texts["en"]
    namespace = f"urn:oasis:names:tc:xliff:document:{version}"
    text = AS_ANOTHER_TOOL_WRITES_IT.format(namespace=namespace, low=low)
    found = read_xliff(text.encode(), DOCUMENT)
    assert found.language == "fr"
    assert found.texts == {"since.title": "Depuis quand <5G> ?"}  # a copied source is none
    assert found.refused == ()


def test_marks_may_be_nested_as_deep_as_they_like() -> None:
    data = translate(DOCUMENT, since_title="Depuis quand ?")
    deep = b"<pc>" * 5_000 + b"Depuis" + b"</pc>" * 5_000
    found = read_xliff(data.replace(b"Depuis", deep), DOCUMENT)
    assert found.texts == {"since.title": "Depuis quand ?"}
