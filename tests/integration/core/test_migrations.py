"""The migrations build exactly what the models say, on both databases, and can be run again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from core import schema
from core.db import Base, Database
from tests.conftest import import_all_models
from tests.services import Postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    import_all_models()
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    else:
        server: Postgres = request.getfixturevalue("postgres")
        database = Database(server.new_database("migrations"))
    yield database
    database.close()


def test_upgrading_an_empty_database_gives_what_the_models_say(empty: Database) -> None:
    assert schema.current_revision(empty.engine) is None
    assert schema.upgrade(empty.engine) == schema.expected_revision()
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert schema.upgrade(empty.engine) == schema.expected_revision()
