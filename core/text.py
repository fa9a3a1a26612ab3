"""Localised text and the hygiene every text gets at the edge."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Self

from core.errors import InvalidInput

# The 24 official languages of the EU in the order the institutions list them (by their own
# names), with the name in the language itself.
LANGUAGES: dict[str, str] = {
    "bg": "Български", "es": "Español", "cs": "Čeština", "da": "Dansk", "de": "Deutsch",
    "et": "Eesti", "el": "Ελληνικά", "en": "English", "fr": "Français", "ga": "Gaeilge",
    "hr": "Hrvatski", "it": "Italiano", "lv": "Latviešu", "lt": "Lietuvių", "hu": "Magyar",
    "mt": "Malti", "nl": "Nederlands", "pl": "Polski", "pt": "Português", "ro": "Română",
    "sk": "Slovenčina", "sl": "Slovenščina", "fi": "Suomi", "sv": "Svenska",
}  # fmt: skip


class LocalizedText(Mapping[str, str]):
    """An immutable text in several languages: BCP 47 code → text, with a declared fallback.

    The fallback is the first language given unless named; asking for a language that is missing
    gives the fallback's text, and ``language_for`` says which language that is, so that a page can
    set ``lang`` right.
    """

    __slots__ = ("_fallback", "_texts")

    def __init__(self, texts: Mapping[str, str], fallback: str | None = None) -> None:
        self._texts = dict(texts)
        self._fallback = (
            fallback
            if fallback is not None and fallback in self._texts
            else next(iter(self._texts), "")
        )

    @classmethod
    def of(cls, text: str, language: str = "en") -> Self:
        """A text in one language."""
        return cls({language: text})

    @property
    def fallback(self) -> str:
        return self._fallback

    def language_for(self, language: str) -> str:
        """The language that ``in_language`` will really give (``""`` when there is no text).

        A variety of the language asked for serves too: a reader of ``de`` gets ``de-informal``.
        """
        if self._texts.get(language):
            return language
        wanted = language.partition("-")[0]
        for code, text in self._texts.items():
            if text and code.partition("-")[0] == wanted:
                return code
        return self._fallback

    def in_language(self, language: str) -> str:
        """The text in ``language``, or in the fallback, or ``""``."""
        return self._texts.get(self.language_for(language), "")

    def as_dict(self) -> dict[str, str]:
        """A plain dict, fallback first, for JSON."""
        first = {self._fallback: self._texts[self._fallback]} if self._texts else {}
        return first | self._texts

    def __getitem__(self, language: str) -> str:
        return self._texts[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __hash__(self) -> int:
        return hash((self._fallback, frozenset(self._texts.items())))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LocalizedText):
            return NotImplemented
        return self._texts == other._texts and self._fallback == other._fallback

    def __repr__(self) -> str:
        return f"LocalizedText({self._texts!r}, fallback={self._fallback!r})"


def clean_text(value: str, *, where: str, maximum: int | None = None) -> str:
    """``value`` in NFC with ``\\n`` line ends, or ``InvalidInput``.

    Refused: NUL (PostgreSQL cannot store it), lone surrogates (UTF-8 cannot), and more than
    ``maximum`` characters.
    """
    if "\x00" in value:
        raise InvalidInput(where=where, reason="contains a NUL character")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidInput(where=where, reason="contains half of a character pair") from None
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    if maximum is not None and len(text) > maximum:
        raise InvalidInput(
            where=where,
            reason=f"is {len(text):,} characters long; at most {maximum:,} are accepted",
        )
    return text
