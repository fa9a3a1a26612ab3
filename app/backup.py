"""Backup and restore of a whole instance: one archive, the same for SQLite and PostgreSQL.

The archive is a zip: ``manifest.json`` (schema revision, row counts, SHA-256 of each part),
``tables/NAME.jsonl`` with one row a line, and ``files/`` with what the instance keeps outside the
database: keys, documents, uploads, and the results projection. Rows are read in one snapshot, so
the backup is consistent while people go on answering. It holds secrets and personal data, but no
letter with a code that still waits to be sent: address and code would be joined there for as long
as the backup is kept.

A backup of an older release is restored at the schema it was made at, and then migrated.
"""

import base64
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Select, Table, func, insert, inspect, select, update
from sqlalchemy import types as sqltypes
from sqlalchemy.sql import column as plain_column
from sqlalchemy.sql import table as plain_table

from app.config import Settings
from app.jobs import LETTERS_WITH_CODES
from core import schema
from core.db import Base, Database, LocalizedTextType, changing_schema
from core.errors import Conflict, InvalidInput
from core.models import OutboxMessage
from core.text import LocalizedText
from surveys.models import ResultSegment

FORMAT = "waymark/backup/1"
_CHUNK = 500
# Not backed up: the database itself, queues, mail, and what processes keep while they run.
_LEFT_OUT = ("waymark.sqlite", "jobs.sqlite", "mail", "metrics", "templates")

# Reports (what, done, of how many); for a progress bar.
Progress = Callable[[str, int, int], None]


class InvalidBackup(InvalidInput):
    code = "backup.invalid"
    template = "This is not a backup that can be restored: {reason}."
    remedy = "Use a file that `flask db backup` made, unchanged."


class NotEmpty(Conflict):
    code = "backup.not_empty"
    template = "The database is not empty: the table {table} has rows. Nothing was restored."
    remedy = "Restore into a new database and a new instance folder."


class OtherRevision(Conflict):
    code = "backup.other_revision"
    template = "The backup was made at schema {found}; this release knows {expected}."
    remedy = "Restore with the release that made the backup, then upgrade."


class MovingProjection(Conflict):
    code = "backup.projection_moved"
    template = "The results were being rewritten while the backup was made."
    remedy = "Run the backup again."


class InsideInstance(InvalidInput):
    code = "backup.inside_instance"
    template = "The backup would be written into the instance folder, and into the next backup."
    remedy = "Give a path outside {folder}."


def write_backup(
    database: Database, settings: Settings, target: Path, progress: Progress
) -> dict[str, int]:
    """Write a backup to ``target``, whole or not at all; returns the rows of each table."""
    if target.resolve().is_relative_to(settings.instance.resolve()):
        raise InsideInstance(folder=settings.instance)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    os.close(handle)
    temporary = Path(name)  # mkstemp made it readable for its owner alone
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            manifest = _write_parts(database, settings, archive, progress)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return manifest


def restore_backup(
    database: Database, settings: Settings, source: Path, progress: Progress
) -> dict[str, int]:
    """Bring an empty database and the instance's files to the state of a backup.

    Everything is checked against the manifest before the first row is written. Schema and rows
    are written in one transaction: at the revision the backup was made at, then migrated to the
    newest. Raises ``InvalidBackup``, ``NotEmpty`` and ``OtherRevision``.
    """
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile):
        raise InvalidBackup(reason="it is not a zip archive") from None
    with archive:
        manifest = _read_manifest(archive)
        with changing_schema(database.engine) as connection:
            _require_empty(connection)
            revision = manifest["revision"]
            if not isinstance(revision, str) or not schema.is_known(revision):
                raise OtherRevision(found=revision, expected=schema.expected_revision())
            schema.migrate(connection, revision)
            columns = _columns_of(connection, manifest)
            for position, (table, names) in enumerate(columns.items()):
                _restore_table(connection, archive, table, names)
                progress(table.name, position + 1, len(columns))
            _restore_current_versions(connection, archive)
            schema.migrate(connection, "head")
        _restore_files(archive, settings)
    return dict(manifest["rows"])


def _require_empty(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    for table in Base.metadata.sorted_tables:
        if table.name in there and connection.scalar(
            select(func.count()).select_from(plain_table(table.name))
        ):
            raise NotEmpty(table=table.name)


def _columns_of(connection: Connection, manifest: dict[str, Any]) -> dict[Table, list[str]]:
    """The tables at the backup's revision in the order to fill them, with their columns.

    Raises ``OtherRevision`` where this release no longer knows one of them: it could not tell
    what the values mean. Raises ``InvalidBackup`` where the archive lacks a table.
    """
    inspector = inspect(connection)
    there = set(inspector.get_table_names()) - {"alembic_version"}
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in there:
            found[table] = [column["name"] for column in inspector.get_columns(table.name)]
    unknown = there - {table.name for table in found}
    for table, names in found.items():
        if f"tables/{table.name}.jsonl" not in manifest["sha256"]:
            raise InvalidBackup(reason=f"the table {table.name} is missing")
        unknown |= set(names) - set(table.c.keys())
    if unknown:
        raise OtherRevision(found=manifest["revision"], expected=schema.expected_revision())
    return found


def _write_parts(
    database: Database, settings: Settings, archive: zipfile.ZipFile, progress: Progress
) -> dict[str, int]:
    rows: dict[str, int] = {}
    digests: dict[str, str] = {}
    tables = Base.metadata.sorted_tables
    # One snapshot for all tables: REPEATABLE READ on PostgreSQL, a read transaction on SQLite.
    options: dict[str, Any] = {"read_only": True}
    if database.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with database.engine.connect().execution_options(**options) as connection, connection.begin():
        for position, table in enumerate(tables):
            name = f"tables/{table.name}.jsonl"
            digest, count = hashlib.sha256(), 0
            with archive.open(name, "w", force_zip64=True) as part:
                for line in _lines(connection, table):
                    part.write(line)
                    digest.update(line)
                    count += 1
            rows[table.name], digests[name] = count, digest.hexdigest()
            progress(table.name, position + 1, len(tables))
        segments = set(connection.scalars(select(ResultSegment.file_name)))
    for path in _files(settings):
        name = "files/" + path.relative_to(settings.instance).as_posix()
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        archive.writestr(name, content)
        digests[name] = hashlib.sha256(content).hexdigest()
    kept = {Path(name).name for name in digests}
    if not {Path(segment).name for segment in segments} <= kept:
        raise MovingProjection
    manifest = {
        "format": FORMAT,
        "revision": schema.current_revision(database.engine),
        "rows": rows,
        "sha256": digests,
    }
    archive.writestr("manifest.json", json.dumps(manifest, indent=1, sort_keys=True))
    return rows


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    result = connection.execution_options(yield_per=_CHUNK).execute(
        _kept(table).order_by(*table.primary_key)
    )
    for row in result:
        values = {column.name: _encode(value) for column, value in zip(table.c, row, strict=True)}
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _kept(table: Table) -> Select[Any]:
    """The rows of a table that belong into a backup."""
    rows = select(table)
    if table.name == OutboxMessage.__tablename__:
        rows = rows.where(table.c.topic.not_in(LETTERS_WITH_CODES))
    return rows


def _encode(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, LocalizedText):
        return {"fallback": value.fallback, "texts": dict(value)}
    return value


def _decode(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    kind = column.type
    implementation = getattr(kind, "impl", kind)
    if isinstance(kind, LocalizedTextType):
        return LocalizedText(value["texts"], value["fallback"])
    if isinstance(kind, sqltypes.Uuid):
        return UUID(value)
    if isinstance(implementation, sqltypes.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sqltypes.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sqltypes.LargeBinary):
        return base64.b64decode(value)
    return value


def _restore_table(
    connection: Connection, archive: zipfile.ZipFile, table: Table, names: list[str]
) -> None:
    # Without the defaults of the models: those of columns that a migration adds are its own.
    target = plain_table(table.name, *(plain_column(name, table.c[name].type) for name in names))
    batch: list[dict[str, Any]] = []
    for row in _rows(archive, table):
        if table.name == "consultations":
            row["current_version_id"] = None
        batch.append({name: row[name] for name in names})
        if len(batch) == _CHUNK:
            connection.execute(insert(target), batch)
            batch = []
    if batch:
        connection.execute(insert(target), batch)


def _restore_current_versions(connection: Connection, archive: zipfile.ZipFile) -> None:
    """Versions and consultations name each other: this reference comes when both are there."""
    table = Base.metadata.tables["consultations"]
    for row in _rows(archive, table):
        if row["current_version_id"] is not None:
            connection.execute(
                update(table)
                .where(table.c.id == row["id"])
                .values(current_version_id=row["current_version_id"])
            )


def _rows(archive: zipfile.ZipFile, table: Table) -> Iterator[dict[str, Any]]:
    with archive.open(f"tables/{table.name}.jsonl") as part:
        for line in part:
            values = json.loads(line)
            yield {column.name: _decode(column, values.get(column.name)) for column in table.c}


def _read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest, after every part was found to be what it says."""
    try:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    except (KeyError, ValueError):
        raise InvalidBackup(reason="it has no readable manifest") from None
    if manifest.get("format") != FORMAT:
        raise InvalidBackup(reason=f"expected the format {FORMAT}")
    for name, digest in manifest["sha256"].items():
        computed = hashlib.sha256()
        try:
            with archive.open(name) as part:
                while chunk := part.read(1 << 20):
                    computed.update(chunk)
        except (KeyError, zipfile.BadZipFile, EOFError):
            raise InvalidBackup(reason=f"{name} is missing or damaged") from None
        if computed.hexdigest() != digest:
            raise InvalidBackup(reason=f"{name} was changed")
    return manifest


def _restore_files(archive: zipfile.ZipFile, settings: Settings) -> None:
    root = settings.instance.resolve()
    for info in archive.infolist():
        if not info.filename.startswith("files/") or info.is_dir():
            continue
        path = (root / info.filename.removeprefix("files/")).resolve()
        if not path.is_relative_to(root):
            raise InvalidBackup(reason=f"{info.filename} leads out of the instance folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive.read(info))
        path.chmod(0o600)


def _files(settings: Settings) -> list[Path]:
    return [
        path
        for path in sorted(settings.instance.rglob("*"))
        if path.is_file()
        and not path.relative_to(settings.instance).parts[0].startswith(_LEFT_OUT)
        and not path.name.startswith(".")
    ]
