"""The formats an edition can be had in, and the words they use."""

import hashlib
import json
import string
from datetime import date

import pytest

from exports.edition import Edition, local_text
from exports.errors import UnknownFormat
from exports.labels import LABELS
from exports.pdf.colour_profile import srgb_profile
from exports.registry import EXPORTERS, get_exporter
from exports.wording import Wording
from tests.editions import edition_document, small_edition_document


def test_json_is_canonical_and_its_hash_is_the_editions() -> None:
    document = edition_document()
    content = get_exporter("json").render(document)
    assert json.loads(content) == document
    assert hashlib.sha256(content).hexdigest() == Edition(document).sha256
    shuffled = dict(reversed(document.items()))
    assert get_exporter("json").render(shuffled) == content


def test_every_exporter_names_its_file_and_media_type() -> None:
    document = small_edition_document()
    assert EXPORTERS["pdf"].filename(document) == "smart-networks-1.1.pdf"
    assert EXPORTERS["pdf"].media_type == "application/pdf"
    assert EXPORTERS["json"].filename(document) == "smart-networks-1.1.json"


def test_a_file_name_is_safe_whatever_the_version() -> None:
    document = small_edition_document(version="../../etc/x\r\n")
    assert "/" not in EXPORTERS["pdf"].filename(document)
    assert "\n" not in EXPORTERS["pdf"].filename(document)


def test_an_unknown_format_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(UnknownFormat) as refusal:
        get_exporter("docx")
    assert refusal.value.code == "exports.unknown_format"
    assert "json, jsonld, pdf" in refusal.value.advice


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


def test_every_language_has_every_label_with_the_same_places() -> None:
    english = LABELS["en"]
    for language, labels in LABELS.items():
        assert labels.keys() == english.keys(), language
        for key, text in labels.items():
            assert text.strip(), key
            assert fields(text) == fields(english[key]), key


def test_dates_are_written_as_people_write_them() -> None:
    assert Wording("en").date(date(2026, 11, 22)) == "22\u00a0November 2026"
    assert Wording("fr").date("2026-08-01") == "1er\u00a0août 2026"
    assert Wording("en").date(None) == "–"


def test_numbers_follow_the_language() -> None:
    assert Wording("en").number(12345) == "12,345"
    assert Wording("fr").number(12345) == "12\u202f345"
    assert Wording("fr").percent("71.20") == "71,20\u00a0%"
    assert Wording("en").decimal("-0.5") == "−0.5"
    assert Wording("en").counted("days", 1) == "1 day"
    assert Wording("fr").counted("days", 0) == "0 jour"


def test_respondent_types_are_known_by_code_and_by_name() -> None:
    assert Wording("fr").respondent_type("EU citizen") == "Citoyen de l’Union"
    assert Wording("fr").respondent_type("eu_citizen") == "Citoyen de l’Union"
    assert Wording("fr").respondent_type("Martian") == "Martian"


def test_a_text_falls_back_to_english_then_to_any_language() -> None:
    assert local_text({"en": "a", "fr": "b"}, "fr").text == "b"
    assert local_text({"en": "a", "fr": ""}, "fr") == local_text({"en": "a"}, "el")
    assert local_text({"bg": "в"}, "fr").language == "bg"
    assert local_text({}, "fr").text == ""


def test_windows_are_the_days_of_the_schedule() -> None:
    edition = Edition(edition_document())
    year = {"earliest_start": 0, "earliest_finish": 365, "latest_finish": 366}
    assert edition.window(year) == (date(2026, 1, 1), date(2027, 1, 1))
    assert edition.latest_finish(year) == date(2027, 1, 2)


def test_a_date_beyond_the_calendar_is_its_end() -> None:
    edition = Edition(edition_document())
    assert edition.day(10**9) == date.max
    assert edition.day(-(10**9)) == date.min


def test_the_colour_profile_is_a_complete_srgb_display_profile() -> None:
    profile = srgb_profile()
    assert int.from_bytes(profile[:4], "big") == len(profile)
    assert profile[12:24] == b"mntrRGB XYZ "
    assert profile[36:40] == b"acsp"
    count = int.from_bytes(profile[128:132], "big")
    tags = {profile[132 + 12 * order : 136 + 12 * order] for order in range(count)}
    assert {b"desc", b"cprt", b"wtpt", b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"} <= tags
