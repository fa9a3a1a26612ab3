"""The formats of roadmaps by name: which one a file is in, who reads it, who writes it."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from roadmap import errors
from roadmap.draft import Draft
from roadmap.errors import Problem
from roadmap.formats.archive import open_archive, read_part
from roadmap.formats.folder import FILES, folder_files, read_folder
from roadmap.formats.graphml import read_graphml
from roadmap.formats.graphml_writing import write_graphml
from roadmap.formats.json_document import read_json, write_json
from roadmap.formats.msproject import read_msproject
from roadmap.formats.msproject_writing import write_msproject
from roadmap.formats.workbook import read_workbook
from roadmap.formats.workbook_writing import write_workbook


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is called, what its files end with, and what they are on the web."""

    name: str
    ending: str
    media_type: str


FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        Format(
            "xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        ),
        Format("csv", ".zip", "application/zip"),
        Format("json", ".json", "application/json"),
        Format("graphml", ".graphml", "application/graphml+xml"),
        Format("msproject", ".xml", "application/xml"),
    )
}
# What people try, and what to do instead.
_OTHERS = {
    ".mpp": "save it in Microsoft Project as XML",
    ".xls": "save it as .xlsx",
    ".ods": "save it as .xlsx",
    ".gan": "export it from GanttProject as Microsoft Project XML",
    ".pod": "export it from ProjectLibre as Microsoft Project XML",
}


def read_path(path: Path, *, format: str = "", language: str = "en") -> Draft:
    """The roadmap in a folder or a file; raises ``UnreadableRoadmap``, ``OSError``.

    ``language`` is that of texts which do not name theirs, in a file without a title.
    """
    if path.is_dir():
        if format not in ("", "csv"):
            raise _unreadable(path.name, f"expected a file in the format {format}, found a folder")
        return read_folder(path, language=language)
    if path.suffix.lower() == ".csv":
        raise _unreadable(
            path.name, "expected the folder that milestones.csv and dependencies.csv are in"
        )
    return read_files({path.name: path.read_bytes()}, format=format, language=language)


def read_files(files: Mapping[str, bytes], *, format: str = "", language: str = "en") -> Draft:
    """The roadmap in files that were sent: one of any format, or several CSV files."""
    if len(files) != 1 or next(iter(files)).lower() in FILES[:3]:
        return _read_tables(files, language)
    ((name, content),) = files.items()
    match format or guess_format(name, content):
        case "xlsx":
            return read_workbook(content, file=name, language=language)
        case "json":
            return read_json(content, file=name, language=language)
        case "graphml":
            return read_graphml(content, file=name, language=language)
        case "msproject":
            return read_msproject(content, file=name, language=language)
        case "csv":
            return _read_tables(_unpack(content, name), language)
        case _:
            pass
    expected = ", ".join(FORMATS)
    raise _unreadable(name, f"expected a format among {expected}, found {format[:40]!r}")


def guess_format(name: str, content: bytes) -> str:
    """Which format the file is in; raises ``UnreadableFile`` where nothing says so."""
    ending = Path(name).suffix.lower()
    if advice := _OTHERS.get(ending):
        raise _unreadable(name, f"this format is not read; {advice}")
    if content[:4] == b"PK\x03\x04":
        names = open_archive(content, name).namelist()
        return "xlsx" if "[Content_Types].xml" in names else "csv"
    # UTF-16 has a zero in every other byte.
    begin = content[:4000].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if begin[:1] == b"{":
        return "json"
    if begin[:1] == b"<":
        lower = begin.lower()
        if b"<graphml" in lower or b":graphml" in lower:
            return "graphml"
        if b"<project" in lower or b":project" in lower:
            return "msproject"
    for format in FORMATS.values():
        if ending == format.ending:
            return format.name
    endings = ", ".join(each.ending for each in FORMATS.values())
    raise _unreadable(name, f"expected a folder of CSV files or a file that ends in {endings}")


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan says that a format shows: days by code from ``start``, what is suspended."""

    start: date
    days: Mapping[str, tuple[int, int]]
    suspended: frozenset[int] = frozenset()


def write_files(
    draft: Draft, *, format: str, language: str = "", planned: Planned | None = None
) -> dict[str, bytes]:
    """``draft`` as files by name: several for ``csv``, else one named ``roadmap``.

    ``language`` is that of names where a format shows one only. Raises ``NotWritable``, and
    ``KeyError`` for a format that there is not.
    """
    shown = language or (draft.title.fallback if draft.title else "en")
    ending = FORMATS[format].ending
    match format:
        case "csv":
            return folder_files(draft)
        case "xlsx":
            return {f"roadmap{ending}": write_workbook(draft)}
        case "json":
            return {f"roadmap{ending}": write_json(draft)}
        case "graphml":
            return {f"roadmap{ending}": write_graphml(draft, language=shown)}
        case _:
            start, days, suspended = (
                (planned.start, planned.days, planned.suspended)
                if planned
                else (draft.start, None, frozenset[int]())
            )
            content = write_msproject(
                draft, language=shown, start=start, days=days, left_out=suspended
            )
            return {f"roadmap{ending}": content}


def write_file(
    draft: Draft, *, format: str, language: str = "", planned: Planned | None = None
) -> bytes:
    """``draft`` as one file; several are packed into an archive, the same on every run."""
    files = write_files(draft, format=format, language=language, planned=planned)
    if format != "csv":
        return next(iter(files.values()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def _read_tables(files: Mapping[str, bytes], language: str) -> Draft:
    with TemporaryDirectory(prefix="roadmap-") as name:
        folder = Path(name)
        for file, content in files.items():
            if file.lower() in FILES:
                (folder / file.lower()).write_bytes(content)
        return read_folder(folder, language=language)


def _unpack(content: bytes, name: str) -> dict[str, bytes]:
    """The files of ours in an archive; they may be in a folder of it."""
    with open_archive(content, name) as archive:
        found = {}
        for part in archive.namelist():
            file = part.rpartition("/")[2].lower()
            if file not in FILES or part.startswith("__MACOSX/"):
                continue
            if file in found:
                raise _unreadable(name, f"expected one file {file}, found several")
            found[file] = read_part(archive, part, name)
        return found


def _unreadable(file: str, reason: str) -> errors.UnreadableRoadmap:
    return errors.refuse([Problem(errors.UnreadableFile.code, file, None, None, reason)])
