"""Files of a roadmap between being looked at and being taken over: kept for a day, for one person.

``WAYMARK_INSTANCE/imports/<account>/<sha256>.zip``. Nothing of them is in the database before the
person has confirmed what they would change.
"""

import hashlib
import io
import re
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from flask import current_app

from app.config import Settings
from core.errors import NotFound
from roadmap.formats.archive import open_archive, read_part

LARGEST = 10_000_000
_KEY = re.compile(r"[0-9a-f]{64}")
_KEPT_SECONDS = 24 * 3600


class UploadGone(NotFound):
    code = "roadmap.upload_gone"
    template = "This file is not here any more: files are kept for a day."
    remedy = "Choose the file again; nothing was changed."


def keep_files(files: Mapping[str, bytes], *, account_id: UUID) -> str:
    """Keep ``files`` for the account and return the key to find them by."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content)
    content = buffer.getvalue()
    key = hashlib.sha256(content).hexdigest()
    path = _path(key, account_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_suffix(".part")
    beside.write_bytes(content)
    beside.replace(path)
    return key


def find_files(key: str, *, account_id: UUID) -> dict[str, bytes]:
    """What was kept under ``key``; raises ``UploadGone``."""
    path = _path(key, account_id)
    if not path.is_file():
        raise UploadGone
    with open_archive(path.read_bytes(), path.name) as archive:
        return {name: read_part(archive, name, name) for name in archive.namelist()}


def drop_files(key: str, *, account_id: UUID) -> None:
    """Forget them, and everybody's that are older than a day."""
    _path(key, account_id).unlink(missing_ok=True)
    drop_old_files()


def drop_old_files() -> None:
    """Forget what is older than a day."""
    limit = time.time() - _KEPT_SECONDS
    for path in _folder().glob("*/*"):
        if path.is_file() and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return settings.instance / "imports"


def _path(key: str, account_id: UUID) -> Path:
    if not _KEY.fullmatch(key):
        raise UploadGone
    return _folder() / str(account_id) / f"{key}.zip"
