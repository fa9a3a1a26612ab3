"""Files that respondents send, on disk: under the hash of their content, never served as pages.

``WAYMARK_INSTANCE/uploads/ab/cd/<sha256>``, written beside it first and then put in place, so that
a name always stands for the whole content. Who may have a file is decided by where its hash is
found: in a draft, behind a receipt, or in a response that staff may read. A file that no draft and
no response names is deleted by the retention job.

The times a file system keeps would tell when each file came, and so who sent it. So files and
folders carry the day alone, and once it is over the retention job writes the files of that day
anew, in the order of their hashes: no time of theirs that is left (of change, of birth, the
numbers of their inodes) says more.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from flask import Response, current_app, send_file
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from core.clock import utc_now
from core.errors import Conflict, InvalidInput, NotFound
from core.text import clean_text
from surveys.consultations import get_questionnaire
from surveys.models import Consultation, Draft, QuestionnaireVersion
from surveys.models import Response as StoredResponse
from surveys.questionnaire import Question, Questionnaire
from surveys.uploads import MEDIA_TYPES, SHA256, find_media_type, fitting_name

LARGEST_FILE = 20_000_000  # what a questionnaire may allow at most (surveys.schema)
MOST_IN_A_DRAFT = 100_000_000
# How long a file may belong to a request still under way, or to a page not saved yet; whole days.
_GRACE = timedelta(days=1)
# Times of files: midnight while the day lasts, this later once the file was written anew.
_WRITTEN_ANEW = timedelta(seconds=1)
_LONGEST_NAME = 120
# Files leave this much of the disk to what matters more: that answers can be saved and sent.
_LEFT_FREE = 300_000_000


class UploadRefused(InvalidInput):
    code = "uploads.refused"
    template = "{reason}"


class StorageFull(Conflict):
    status = 507
    code = "uploads.storage_full"
    template = "The file could not be kept: there is no room for it at the moment."
    remedy = "Nothing else is lost. Please try again later."


class FileNotFound(NotFound):
    code = "uploads.not_found"
    template = "There is no such file here, or not for you."


def store_upload(stream: BinaryIO, *, name: str, question: Question) -> dict[str, Any]:
    """Keep one file; returns what an answer says of it: ``sha256``, ``name``, ``media_type``,
    ``size`` (bytes).

    Raises ``UploadRefused`` with ``params["reason"]`` one of ``empty``, ``too_large``, ``kind``;
    ``StorageFull`` where the disk takes no more. Nothing half-written stays behind.
    """
    longest = min(LARGEST_FILE, (question.max_megabytes or 10) * 1_000_000)
    content = stream.read(longest + 1)
    if not content:
        raise UploadRefused(reason="empty")
    if len(content) > longest:
        raise UploadRefused(reason="too_large")
    media_type = find_media_type(content)
    if media_type is None or (question.accept and MEDIA_TYPES[media_type] not in question.accept):
        raise UploadRefused(reason="kind")
    sha256 = hashlib.sha256(content).hexdigest()
    _write(path_of(sha256), content)
    return {
        "sha256": sha256,
        "name": fitting_name(clean_name(name), media_type, longest=_LONGEST_NAME),
        "media_type": media_type,
        "size": len(content),
    }


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(path.parent).free < _LEFT_FREE + len(content):
            raise StorageFull
        if path.exists():
            _set_day(path, utc_now())  # sent again: counts as new for the retention job
            return
        descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _set_day(Path(beside), utc_now())
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
        finally:
            for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
                _set_day(folder, utc_now())
    except OSError as fault:
        raise StorageFull from fault


def _set_day(path: Path, moment: datetime, after: timedelta = timedelta()) -> None:
    """Let ``path`` carry the day of ``moment`` in place of the time."""
    seconds = (_day_of(moment) + after).timestamp()
    os.utime(path, (seconds, seconds))


def _day_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def forget_arrival(*, now: datetime) -> int:
    """Write the files of past days anew, each once, in the order of their hashes; returns how many.

    For the nightly job. A file that finds no room is left for the next night.
    """
    done = 0
    for path in sorted(uploads_folder().glob("*/*/*")):
        try:
            came = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if path.name.startswith(".") or came - _day_of(came) == _WRITTEN_ANEW:
                continue
            if _day_of(came) < _day_of(now):
                _write_anew(path, came)
                done += 1
        except OSError:
            structlog.get_logger().exception("file_not_written_anew")
    for folder in {
        parent for path in uploads_folder().glob("*/*/*") for parent in path.parents[:3]
    }:
        _set_day(folder, now)
    return done


def _write_anew(path: Path, came: datetime) -> None:
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as file, path.open("rb") as old:
            shutil.copyfileobj(old, file)
            file.flush()
            os.fsync(file.fileno())
        _set_day(Path(beside), came, _WRITTEN_ANEW)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def clean_name(name: str) -> str:
    """A file's name without folders and control characters, at most 120 characters long."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    try:
        bare = clean_text(bare, where="name")
    except InvalidInput:
        bare = ""
    bare = "".join(c for c in bare if c.isprintable() and c not in '<>:"|?*').strip(". ")
    stem, dot, ending = bare.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: _LONGEST_NAME - 1 - len(ending)]}.{ending}" if stem else ending
    return bare[:_LONGEST_NAME] or "file"


def uploads_folder() -> Path:
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return settings.instance / "uploads"


def path_of(sha256: str) -> Path:
    """Where a file is kept; raises ``FileNotFound`` for what is no hash."""
    if not SHA256.fullmatch(sha256):
        raise FileNotFound
    return uploads_folder() / sha256[:2] / sha256[2:4] / sha256


def files_in(questionnaire: Questionnaire, answers: Any) -> Iterator[dict[str, Any]]:
    """Every file that ``answers`` name."""
    for question in questionnaire.questions:
        if question.type == "upload" and isinstance(given := answers.get(question.code), list):
            yield from (file for file in given if isinstance(file, dict) and "sha256" in file)


def send_upload(sha256: str, files: Iterable[dict[str, Any]]) -> Response:
    """The file with this hash if it is among ``files``: to be saved, never to be shown in place."""
    found = next((file for file in files if file.get("sha256") == sha256), None)
    if found is None or not (path := path_of(sha256)).is_file():
        raise FileNotFound
    response = send_file(
        path, mimetype="application/octet-stream", as_attachment=True,
        download_name=str(found.get("name") or "file"), max_age=0, etag=False, conditional=False,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def find_in_responses(
    session: Session, *, consultation: Consultation, sha256: str
) -> list[dict[str, Any]]:
    """The file as a submitted response to ``consultation`` names it; empty where none does."""
    for version_id in _versions_with_uploads(session, consultation.id):
        questionnaire = get_questionnaire(session, version_id=version_id)
        answers = select(StoredResponse.answers).where(StoredResponse.version_id == version_id)
        for given in session.scalars(answers.execution_options(yield_per=500)):
            if found := [f for f in files_in(questionnaire, given) if f["sha256"] == sha256]:
                return found
    return []


def delete_unreferenced(session: Session, *, now: datetime) -> int:
    """Delete files that no draft and no response names any more; returns how many."""
    folder = uploads_folder()
    if not folder.is_dir():
        return 0
    named: set[str] = set()
    for version_id in _versions_with_uploads(session, None):
        questionnaire = get_questionnaire(session, version_id=version_id)
        for table in (Draft, StoredResponse):
            answers = select(table.answers).where(table.version_id == version_id)
            for given in session.scalars(answers.execution_options(yield_per=500)):
                named |= {file["sha256"] for file in files_in(questionnaire, given)}
    limit = _day_of(now - _GRACE).timestamp()
    deleted = 0
    for path in folder.glob("*/*/*"):
        if path.name not in named and path.is_file() and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted


def _versions_with_uploads(session: Session, consultation_id: Any) -> list[Any]:
    query = select(QuestionnaireVersion.id, QuestionnaireVersion.definition).where(
        QuestionnaireVersion.published_at.is_not(None)
    )
    if consultation_id is not None:
        query = query.where(QuestionnaireVersion.consultation_id == consultation_id)
    return [
        version_id
        for version_id, definition in session.execute(query)
        if any(
            question["type"] == "upload"
            for section in definition["sections"]
            for question in section["questions"]
        )
    ]
