"""The request's database sessions, and the operator's.

A view that only reads asks for ``read_session()``; one that writes asks for ``write_session()``
and calls ``commit()`` once before it answers. Whatever is not committed is rolled back.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app, g
from flask.wrappers import Response
from sqlalchemy.orm import Session

from core.db import Database


def init_app(app: Flask, database: Database) -> None:
    app.extensions["waymark.database"] = database
    app.teardown_appcontext(_close_sessions)
    if app.testing:
        app.after_request(_refuse_uncommitted)


def get_database() -> Database:
    database: Database = current_app.extensions["waymark.database"]
    return database


def read_session() -> Session:
    """The request's session for reading; inside a writing request, the writing one."""
    if "write_session" in g:
        return g.write_session  # type: ignore[no-any-return]
    if "read_session" not in g:
        g.read_session = get_database().new_read_session()
    return g.read_session  # type: ignore[no-any-return]


def write_session() -> Session:
    """The request's session for reading and writing."""
    if "write_session" not in g:
        g.write_session = get_database().new_session()
    return g.write_session  # type: ignore[no-any-return]


def commit() -> None:
    """Commit the request's work: once, before answering."""
    write_session().commit()


def end_writing() -> None:
    """Commit, and let the rest of the request read without holding up other writers."""
    session = write_session()
    session.commit()
    session.close()
    del g.write_session


@contextmanager
def operator_session() -> Iterator[Session]:
    """A session for a command: commits when the block ends well, else rolls back."""
    with get_database().transaction() as session:
        yield session


def _close_sessions(_error: BaseException | None) -> None:
    for name in ("read_session", "write_session"):
        session = g.pop(name, None)
        if session is not None:
            session.close()


def _refuse_uncommitted(response: Response) -> Response:
    """In tests: a success that forgot to commit is a fault, not a surprise in production."""
    session: Session | None = g.get("write_session")
    if response.status_code < 400 and session is not None and session.in_transaction():
        raise AssertionError("the view answered without committing its write session")
    return response
