"""Alembic's entry: run by `flask db upgrade`, which hands over the connection."""

import importlib

from alembic import context

from core.db import Base

for package in ("core", "stakeholders", "surveys", "voting", "roadmap", "federation"):
    importlib.import_module(f"{package}.models")

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite cannot alter a column: Alembic copies the table instead.
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
