"""The database: declarative base, portable column types, engine and sessions.

The only place, with ``migrations/``, that knows whether it talks to SQLite or PostgreSQL.
"""

import errno
import select
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from core.text import LocalizedText

# JSONB on PostgreSQL, text on SQLite.
JsonDocument = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


# Options of tables whose rows must not tell in which order they came. SQLite numbers the rows of a
# table; without that number it keeps them in the order of their random primary key. PostgreSQL
# has no such option: see surveys.retention.
UNORDERED = {"sqlite_with_rowid": False}


class Base(DeclarativeBase):
    """Every table of the platform. The naming convention keeps migrations the same everywhere."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A timezone-aware moment, always UTC. SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored; pass one with a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class LocalizedTextType(TypeDecorator[LocalizedText]):
    """A ``LocalizedText`` as ``{"fallback": code, "texts": {code: text}}``."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else JSON())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        text = value if isinstance(value, LocalizedText) else LocalizedText(value)
        return {"fallback": text.fallback, "texts": dict(text)}

    def process_result_value(self, value: Any, dialect: Dialect) -> LocalizedText | None:
        return None if value is None else LocalizedText(value["texts"], value["fallback"])


def normalise_url(url: str) -> str:
    """``postgres://`` and ``postgresql://`` mean psycopg 3 here; everything else is unchanged."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _configure_sqlite(engine: Engine) -> None:
    """WAL, foreign keys, and transactions that begin when SQLAlchemy says so.

    Every commit waits for the disk (``synchronous=FULL``, as PostgreSQL does): with ``NORMAL`` the
    last ones may be undone when the power fails, and with them a receipt somebody was given.
    What is deleted is overwritten (``secure_delete``): the file would else keep it in free pages.

    The driver's own idea of when a transaction begins breaks savepoints, so it is switched off
    and BEGIN is sent here. Writers begin IMMEDIATE: two deferred writers that both read first
    would otherwise end in "database is locked" without waiting.
    """

    @event.listens_for(engine, "connect")
    def on_connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in (
            "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON",
        ):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")


# What libpq is told unless the address says otherwise: a server that vanished without a word is
# noticed within half a minute, not after the hours that TCP would wait. In seconds, but for the
# last one: milliseconds.
_LIBPQ = {
    "connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}  # fmt: skip


def _refuse_closed_connections(engine: Engine) -> None:
    """Never hand out a connection of the pool whose server has gone meanwhile.

    A server that stops or crashes closes its end, which makes an idle socket readable. Looking at
    the socket costs a microsecond; the usual ping costs a round trip at every request.
    """

    @event.listens_for(engine, "checkout")
    def on_checkout(dbapi_connection: Any, _record: Any, _proxy: Any) -> None:
        waiting = select.poll()
        waiting.register(dbapi_connection.fileno(), select.POLLIN)
        if waiting.poll(0):
            raise DisconnectionError("the server has closed this connection")


@contextmanager
def changing_schema(engine: Engine) -> Iterator[Connection]:
    """A connection in one transaction, for migrations.

    SQLite changes some things only by copying a table and dropping the old one, which foreign keys
    of other tables' rows forbid. So they rest meanwhile, and are all checked before the commit
    (https://sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes").
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")  # has no effect once a transaction has begun
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    tables = ", ".join(sorted({row[0] for row in broken}))
                    raise RuntimeError(f"a migration left references to nothing in {tables}")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def is_unavailable(error: BaseException) -> bool:
    """Whether the database cannot be asked at the moment: gone, busy, starting, out of space."""
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_out_of_space(error: BaseException) -> bool:
    """Whether a disk or a quota is full: the database's, or that of a file being written."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if getattr(cause, "sqlstate", "") == "53100":  # disk_full
        return True
    if isinstance(cause, sqlite3.Error):
        # Shared memory of the write-ahead log is a file, too, and may find no room to grow.
        return getattr(cause, "sqlite_errorcode", 0) in (
            sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE,
        )  # fmt: skip
    return isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Database:
    """An engine with two kinds of sessions: for reading, and for reading and writing.

    Parameters are kept out of error messages: they hold what people answered.

    ``read`` sessions cannot write on PostgreSQL and take no write lock on SQLite.
    """

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.url = normalise_url(url)
        if self.url.startswith("sqlite"):
            # timeout: how long a writer waits for another before giving up.
            self.engine = create_engine(
                self.url, connect_args={"timeout": 30}, hide_parameters=True
            )
            _configure_sqlite(self.engine)
            self._reading_engine: Engine = self.engine.execution_options(read_only=True)
        else:
            given = make_url(self.url).query
            libpq = {name: value for name, value in _LIBPQ.items() if name not in given}
            self.engine = create_engine(
                self.url, pool_size=pool_size, max_overflow=pool_size, hide_parameters=True,
                connect_args=libpq,
            )  # fmt: skip
            # Connections of their own, which the server itself keeps from writing. They send no
            # BEGIN and no ROLLBACK: under "read committed", each statement sees a new snapshot
            # within a transaction as without one.
            self._reading_engine = create_engine(
                self.url,
                pool_size=pool_size,
                max_overflow=pool_size,
                isolation_level="AUTOCOMMIT",
                skip_autocommit_rollback=True,
                hide_parameters=True,
                connect_args=libpq | {"options": "-c default_transaction_read_only=on"},
            )
            for engine in (self.engine, self._reading_engine):
                _refuse_closed_connections(engine)
        self.new_session = sessionmaker(self.engine, expire_on_commit=False)
        self.new_read_session = sessionmaker(
            self._reading_engine,
            expire_on_commit=False,
            autoflush=False,
        )

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it does not."""
        with self.new_session() as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading only."""
        with self.new_read_session() as session:
            yield session

    def drop_old_pages(self) -> None:
        """Empty SQLite's write-ahead log, which keeps rows that were deleted since.

        As far as nobody is reading just then. PostgreSQL looks after its own log.
        """
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        self.engine.dispose()
        self._reading_engine.dispose()
