"""`flask db`: the schema, backups, restores."""

import click

from app.cli.output import CommandGroup, note
from app.database import get_database
from core import schema

db_group = CommandGroup("db", help="The database.")


@db_group.command("upgrade")
def upgrade() -> None:
    """Bring the schema up to date. Safe to run again."""
    database = get_database()
    before = schema.current_revision(database.engine)
    after = schema.upgrade(database.engine)
    note("The schema is up to date." if before == after else f"Upgraded to {after}.")


@db_group.command("revision", hidden=True)
@click.argument("message")
@click.option("--id", "revision", required=True)
def revision(message: str, revision: str) -> None:
    """Write a new migration from the models (for developers)."""
    schema.new_revision(get_database().engine, message, revision)
