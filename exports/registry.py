"""Which documents can be made of an edition.

An exporter is a name, a media type, a file name and a pure function from the edition to bytes.
Adding a format is adding an entry to ``EXPORTERS``; pages, jobs and commands find it there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from exports import json_export, pdf, prov
from exports.edition import Document, Edition
from exports.errors import UnknownFormat


@dataclass(frozen=True, slots=True)
class Exporter:
    """One format. ``identifier`` is also the file name's ending."""

    identifier: str
    media_type: str
    _render: Callable[[Document, str], bytes]

    def filename(self, edition: Document) -> str:
        """``smart-networks-1.1.pdf``: slug and version, safe as a file name."""
        reader = Edition(edition)
        stem = f"{reader.slug}-{reader.version}"
        safe = "".join(
            character
            if character.isascii() and (character.isalnum() or character in ".-_")
            else "-"
            for character in stem
        )
        return f"{safe.strip('.-') or 'edition'}.{self.identifier}"

    def render(self, edition: Document, *, language: str = "en") -> bytes:
        """The document: the same bytes for the same edition and language."""
        return self._render(edition, language)


EXPORTERS: dict[str, Exporter] = {
    exporter.identifier: exporter
    for exporter in (
        Exporter(
            "pdf",
            "application/pdf",
            lambda edition, language: pdf.render(edition, language=language),
        ),
        Exporter("json", "application/json", lambda edition, language: json_export.render(edition)),
        Exporter("jsonld", "application/ld+json", lambda edition, language: prov.render(edition)),
    )
}


def get_exporter(identifier: str) -> Exporter:
    """The exporter of that format. Raises ``UnknownFormat``."""
    try:
        return EXPORTERS[identifier]
    except KeyError:
        raise UnknownFormat(format=identifier, known=", ".join(sorted(EXPORTERS))) from None
