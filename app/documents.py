"""Documents of editions: rendered once by a job, kept under their hash, streamed ever after."""

import hashlib
import os
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.database import get_database
from core.errors import Conflict
from core.ids import random_uuid
from roadmap.editions.publishing import get_edition, read_document
from roadmap.models import Edition, EditionFile

# JSON is the edition itself and needs no file.
RENDERED_FORMATS = ("pdf",)


class StillRendering(Conflict):
    """The document is not there yet."""

    code = "editions.still_rendering"
    template = "The document is being prepared."
    remedy = "Try again in a minute."


def render_edition_files(payload: dict[str, Any]) -> None:
    """Outbox handler: render an edition in every format and interface language.

    Rendering takes seconds and holds no transaction; the files are registered all at once.
    """
    # Imported here: fonts and PDF code take a moment that web processes need not wait for.
    from exports.registry import get_exporter

    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    edition_id = UUID(payload["edition"])
    with get_database().reading() as session:
        document = read_document(session.get_one(Edition, edition_id))
    files = []
    for format_name in RENDERED_FORMATS:
        exporter = get_exporter(format_name)
        for language in settings.languages:
            content = exporter.render(document, language=language)
            files.append(
                EditionFile(
                    edition_id=edition_id, format=format_name, language=language,
                    sha256=_store(settings, content), size=len(content),
                )
            )  # fmt: skip
    with get_database().transaction() as session:
        session.execute(delete(EditionFile).where(EditionFile.edition_id == edition_id))
        session.add_all(files)


def list_files(session: Session, *, edition: Edition) -> list[EditionFile]:
    return list(
        session.scalars(
            select(EditionFile)
            .where(EditionFile.edition_id == edition.id)
            .order_by(EditionFile.format, EditionFile.language)
        )
    )


def find_file(
    session: Session, *, slug: str, version: str, format_name: str, language: str
) -> tuple[Path, EditionFile]:
    """The file of an edition, in ``language`` or the first there is. Raises ``StillRendering``."""
    edition = get_edition(session, slug=slug, version=version)
    files = [f for f in list_files(session, edition=edition) if f.format == format_name]
    chosen = next((f for f in files if f.language == language), files[0] if files else None)
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    if chosen is None or not _path(settings, chosen.sha256).exists():
        raise StillRendering
    return _path(settings, chosen.sha256), chosen


def _store(settings: Settings, content: bytes) -> str:
    """Write ``content`` under its hash, whole or not at all."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = _path(settings, sha256)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{random_uuid()}")
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return sha256


def _path(settings: Settings, sha256: str) -> Path:
    return settings.instance / "documents" / sha256[:2] / sha256
