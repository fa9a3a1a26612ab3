"""Zip archives from elsewhere: looked at before they are unpacked, unpacked within bounds."""

import io
import re
import zipfile
import zlib

from roadmap import errors
from roadmap.errors import Problem

MAX_BYTES = 40_000_000
MAX_UNPACKED = 400_000_000
MAX_PARTS = 2_000
# What tables compress to is well above one part in a hundred; bombs are far below.
MAX_RATIO = 250
_RATIO_MATTERS = 1_000_000
_DOCTYPE = re.compile(rb"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T|E\x00?N\x00?T)", re.IGNORECASE)
_CHUNK = 1_000_000
BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    OSError,
)  # fmt: skip


def open_archive(content: bytes, file: str) -> zipfile.ZipFile:
    """The archive, once its directory promises nothing absurd; raises ``UnreadableFile``."""
    if len(content) > MAX_BYTES:
        raise _unreadable(file, f"the file is larger than {MAX_BYTES:,} bytes")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except BROKEN as error:
        raise _unreadable(file, f"is not a whole archive ({str(error)[:200]})") from None
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        raise _unreadable(file, f"has more than {MAX_PARTS:,} parts")
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise _unreadable(file, f"unpacks to more than {MAX_UNPACKED:,} bytes")
    for part in parts:
        ratio = part.file_size / max(part.compress_size, 1)
        if part.file_size > _RATIO_MATTERS and ratio > MAX_RATIO:
            reason = f"{part.filename[:80]} unpacks to {ratio:.0f} times its size"
            raise _unreadable(file, f"{reason}; expected at most {MAX_RATIO}")
    return archive


def read_part(archive: zipfile.ZipFile, name: str, file: str) -> bytes:
    """One part, never more of it than the directory says."""
    try:
        with archive.open(name) as stream:
            return stream.read(archive.getinfo(name).file_size)
    except (*BROKEN, KeyError) as error:
        raise _unreadable(file, f"is not a whole archive ({str(error)[:200]})") from None


def check_markup(archive: zipfile.ZipFile, file: str) -> None:
    """No part of XML declares a document type: without one there are no entities."""
    for part in archive.infolist():
        if not part.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        tail = b""
        try:
            with archive.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    if _DOCTYPE.search(tail + chunk):
                        reason = f"{part.filename[:80]} declares a document type or entities"
                        raise _unreadable(file, f"{reason}; a workbook has none")
                    tail = chunk[-16:]
        except BROKEN as error:
            raise _unreadable(file, f"is not a whole archive ({str(error)[:200]})") from None


def _unreadable(file: str, reason: str) -> errors.UnreadableRoadmap:
    return errors.refuse([Problem(errors.UnreadableFile.code, file, None, None, reason)])
