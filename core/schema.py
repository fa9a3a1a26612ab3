"""The database's schema: brought up to date, and told apart from what the code expects."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from core.db import changing_schema

_MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def upgrade(engine: Engine) -> str:
    """Apply every migration that is missing; returns the revision reached."""
    with changing_schema(engine) as connection:
        migrate(connection, "head")
    return expected_revision()


def migrate(connection: Connection, revision: str) -> None:
    """Bring the schema up, or down, to a revision known here, in the caller's transaction.

    Going down is for databases without rows: what a revision added is dropped.
    """
    config = _config()
    config.attributes["connection"] = connection
    found = MigrationContext.configure(connection).get_current_revision()
    goal = expected_revision() if revision == "head" else revision
    back = found is not None and goal in {
        script.revision for script in ScriptDirectory.from_config(config).iterate_revisions(
            found, "base"
        )
    }  # fmt: skip
    (command.downgrade if back and goal != found else command.upgrade)(config, goal)


def is_known(revision: str) -> bool:
    """Whether this code has the migration ``revision``; a newer release's it has not."""
    try:
        return ScriptDirectory.from_config(_config()).get_revision(revision) is not None
    except CommandError:
        return False


def new_revision(engine: Engine, message: str, revision: str) -> None:
    """Write a migration from what the models say and the database lacks (for developers)."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True, rev_id=revision)


def current_revision(engine: Engine) -> str | None:
    """The revision the database is at, or None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def expected_revision() -> str:
    """The newest revision the code knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return head or ""
