"""French is complete, says what the source says, and another language needs a folder only."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, render_template_string

from app import create_app
from app.config import Settings
from tests.conftest import ROOT

TRANSLATIONS = ROOT / "app" / "translations"
KEYWORDS = {
    "_": None, "_l": None, "gettext": None, "lazy_gettext": None,
    "ngettext": (1, 2), "lazy_ngettext": (1, 2),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def read_catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def messages_of(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


@pytest.fixture(scope="module")
def french() -> Catalog:
    return read_catalogue("fr")


@pytest.fixture(scope="module")
def source() -> set[str]:
    """What the application asks to be translated, read from its files now."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)
    return {
        text if isinstance(text, str) else text[0] for _file, _line, text, _notes, _context in found
    }


def test_every_string_of_the_interface_is_in_french(french: Catalog, source: set[str]) -> None:
    translated = {
        forms(message.id)[0] for message in messages_of(french) if all(forms(message.string))
    }
    assert sorted(source - translated) == []


def test_nothing_in_french_is_a_guess(french: Catalog) -> None:
    assert [message.id for message in messages_of(french) if message.fuzzy] == []


def test_french_keeps_the_placeholders(french: Catalog) -> None:
    for message in messages_of(french):
        expected = set(PLACEHOLDER.findall(" ".join(forms(message.id))))
        for form in forms(message.string):
            assert set(PLACEHOLDER.findall(form)) == expected, message.id


def test_french_speaks_politely_and_keeps_the_punctuation(french: Catalog) -> None:
    for message in messages_of(french):
        for form in forms(message.string):
            assert not re.search(r"\b(tu|toi|ton|tes)\b", form), form
            # French puts an unbreakable space before these; an ordinary one breaks the line there.
            assert not re.search(r" [:;?!»]|« ", form), form


@pytest.fixture
def with_estonian(tmp_path: Path, settings: Settings) -> Iterator[Flask]:
    """The application beside a folder of translations that has Estonian as well."""
    folder = tmp_path / "translations" / "et" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = Catalog(locale="et")
    catalogue.add("Privacy notice", "Andmekaitseteade")
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    app = create_app(settings.model_copy(update={"languages": ("en", "et")}), testing=True)
    app.extensions["babel"].translation_directories = [str(tmp_path / "translations")]
    yield app
    app.extensions["waymark.database"].close()


def test_a_folder_with_a_catalogue_adds_a_language(with_estonian: Flask) -> None:
    with with_estonian.test_request_context("/", headers={"Accept-Language": "et"}):
        assert render_template_string("{{ _('Privacy notice') }}") == "Andmekaitseteade"
        assert render_template_string("{{ interface_languages['et'] }}") == "Eesti"
