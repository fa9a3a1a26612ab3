"""`flask db`: the schema, backups, restores."""

from pathlib import Path

import click
from flask import current_app
from tqdm import tqdm

from app.backup import restore_backup, write_backup
from app.cli.output import CommandGroup, emit, json_option, note
from app.config import Settings
from app.database import get_database
from core import audit, schema
from core.errors import Conflict

db_group = CommandGroup("db", help="The database.")


class RestoredDamaged(Conflict):
    code = "backup.audit_damaged"
    template = "The backup was restored, but its audit log does not verify: {reason}."
    remedy = "Do not use this instance before the cause is known."


@db_group.command("upgrade")
@json_option
def upgrade(as_json: bool) -> None:
    """Bring the schema up to date. Safe to run again."""
    database = get_database()
    before = schema.current_revision(database.engine)
    after = schema.upgrade(database.engine)
    note("The schema is up to date." if before == after else f"Upgraded to {after}.")
    if as_json:
        emit({"from": before, "to": after}, as_json=True, text="")


@db_group.command("revision", hidden=True)
@click.argument("message")
@click.option("--id", "revision", required=True)
def revision(message: str, revision: str) -> None:
    """Write a new migration from the models (for developers)."""
    schema.new_revision(get_database().engine, message, revision)


@db_group.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def backup(file: Path, as_json: bool) -> None:
    """Write the whole instance to FILE: rows, keys, documents. It holds secrets; keep it safe."""
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    with _Bar() as bar:
        rows = write_backup(get_database(), settings, file.absolute(), bar.show)
    document = {"file": str(file), "bytes": file.stat().st_size, "rows": rows}
    text = f"Wrote {file}: {sum(rows.values()):,} rows, {document['bytes']:,} bytes."
    emit(document, as_json=as_json, text=text)


@db_group.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def restore(file: Path, as_json: bool) -> None:
    """Bring an empty instance to the state of a backup, and check its audit log."""
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    database = get_database()
    with _Bar() as bar:
        rows = restore_backup(database, settings, file, bar.show)
    with database.reading() as session:
        outcome = audit.verify(session)
    if not outcome.valid:
        raise RestoredDamaged(reason=outcome.reason)
    text = f"Restored {sum(rows.values()):,} rows; the audit log verifies."
    emit({"rows": rows, "audit": outcome.valid}, as_json=as_json, text=text)


class _Bar:
    """A progress bar over tables, on a terminal only."""

    def __enter__(self) -> "_Bar":
        self._bar: tqdm[None] = tqdm(disable=None, leave=False, unit="table")
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def show(self, what: str, done: int, of: int) -> None:
        self._bar.total = of
        self._bar.set_description(what)
        self._bar.update(done - self._bar.n)
