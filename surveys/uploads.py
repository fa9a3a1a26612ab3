"""Files that respondents send: which kinds there are, told from the content itself. Pure.

A file is kept outside the database under the hash of its content (``app.uploads``); an answer
holds its hash, name, type and size.
"""

import io
import re
import zipfile
from typing import Final

SHA256: Final = re.compile(r"[0-9a-f]{64}")

MEDIA_TYPES: Final = {
    "application/pdf": "pdf",
    "image/png": "image",
    "image/jpeg": "image",
    "image/gif": "image",
    "image/webp": "image",
    "text/plain": "text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
    "application/vnd.oasis.opendocument.text": "document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "spreadsheet",
    "application/vnd.oasis.opendocument.spreadsheet": "spreadsheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "presentation",
    "application/vnd.oasis.opendocument.presentation": "presentation",
}
"""The types that are accepted at all, and the kind (``Question.accept``) of each."""

ENDINGS: Final = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "text/plain": ("txt", "csv", "md", "text"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.oasis.opendocument.text": ("odt",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
    "application/vnd.oasis.opendocument.spreadsheet": ("ods",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("pptx",),
    "application/vnd.oasis.opendocument.presentation": ("odp",),
}
"""How the name of a file of each type may end; the first where it ends in another way."""

KINDS: Final = ("pdf", "image", "text", "document", "spreadsheet", "presentation")

_OOXML = "application/vnd.openxmlformats-officedocument."
# The main part of an Office Open XML package (ISO/IEC 29500) says what it is.
_OOXML_PARTS: Final = {
    "word/document.xml": _OOXML + "wordprocessingml.document",
    "xl/workbook.xml": _OOXML + "spreadsheetml.sheet",
    "ppt/presentation.xml": _OOXML + "presentationml.presentation",
}
_MAX_TYPE_NAME = 100


def fitting_name(name: str, media_type: str, *, longest: int) -> str:
    """``name``, ending as ``media_type`` does: programs go by the end of a file's name, and a text
    that is called "page.html" would run as a page."""
    endings = ENDINGS[media_type]
    if name.lower().endswith(tuple(f".{ending}" for ending in endings)):
        return name
    return f"{name[: longest - 1 - len(endings[0])]}.{endings[0]}"


def find_media_type(content: bytes) -> str | None:
    """The media type that ``content`` itself shows, or None where it is none of ``MEDIA_TYPES``.

    What the browser or the file's name says is not asked.
    """
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith(b"PK\x03\x04"):
        return _packaged_type(content)
    return "text/plain" if _is_text(content) else None


def _packaged_type(content: bytes) -> str | None:
    """An OpenDocument or Office Open XML file; its parts are listed, never unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
            if any("vbaproject" in name.lower() for name in names):
                return None  # macros
            if "mimetype" in names and package.getinfo("mimetype").file_size <= _MAX_TYPE_NAME:
                with package.open("mimetype") as part:
                    declared = part.read(_MAX_TYPE_NAME).decode("ascii", "replace").strip()
                return declared if declared in MEDIA_TYPES else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for part, kind in _OOXML_PARTS.items() if part in names), None)


def _is_text(content: bytes) -> bool:
    """UTF-8 without control characters, and nothing a browser would run as a page or a script."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if any(ord(character) < 32 and character not in "\t\n\r\f" for character in text):
        return False
    start = text.lstrip("\ufeff \t\r\n")[:256].lower()
    return not start.startswith(("<", "#!", "{\\rtf", "%!ps"))
