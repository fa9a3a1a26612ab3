"""Alembic's entry: run by `flask db upgrade`, which hands over the connection."""

import importlib

from alembic import context

from core.db import Base, JsonDocument

for package in ("core", "stakeholders", "surveys", "voting", "roadmap", "federation"):
    importlib.import_module(f"{package}.models")


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Our column types are named in migrations, not spelled out."""
    if kind == "type" and item is JsonDocument:
        return "core.db.JsonDocument"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite cannot alter a column: Alembic copies the table instead.
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
