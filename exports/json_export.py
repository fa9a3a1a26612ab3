"""An edition as canonical JSON: the very bytes its hash is computed over."""

from exports.edition import Document, Edition, canonical_json


def render(edition: Document) -> bytes:
    """The canonical JSON (RFC 8785) of the edition. Raises ``UnsupportedEdition``."""
    return canonical_json(Edition(edition).document)
