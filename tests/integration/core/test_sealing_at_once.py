"""Two sealers at once, and a log that grows while it is sealed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, event
from sqlalchemy.orm import Session

from core import audit
from core.audit import OPERATOR
from core.db import Database
from core.models import AuditBatch, AuditEntry


@pytest.fixture
def log(database: Database, now: datetime) -> Iterator[Database]:
    """A database with twenty waiting events, committed; emptied afterwards."""
    with database.transaction() as session:
        record(session, now, 20)
    yield database
    with database.transaction() as session:
        session.execute(delete(AuditEntry))
        session.execute(delete(AuditBatch))


def record(session: Session, now: datetime, count: int) -> None:
    for number in range(count):
        audit.record_event(
            session, name="test.happened", actor=OPERATOR, subject=f"thing:{number}", now=now
        )


def seal(database: Database, now: datetime) -> int:
    with database.transaction() as session:
        return audit.seal(session, now=now)


def test_of_many_sealers_at_once_nobody_fails_and_the_log_verifies(
    log: Database, now: datetime
) -> None:
    with ThreadPoolExecutor(4) as sealers:
        sealed = [task.result() for task in [sealers.submit(seal, log, now) for _ in range(8)]]
    assert sum(sealed) == 20
    with log.reading() as session:
        assert audit.verify(session).valid


@pytest.mark.postgres
def test_a_batch_closed_between_two_statements_is_not_sealed_again(
    postgres_database: Database, now: datetime
) -> None:
    """The slow sealer has asked its first question when the fast one commits."""
    with postgres_database.transaction() as session:
        record(session, now, 5)
    slow = postgres_database.new_session()
    asked: list[int] = []

    def after_the_first_question(*_: Any) -> None:
        if not asked:
            asked.append(1)
            assert seal(postgres_database, now) == 5

    connection = slow.connection()
    event.listen(connection, "after_cursor_execute", after_the_first_question)
    try:
        assert audit.seal(slow, now=now) == 0
        slow.commit()
        with postgres_database.reading() as session:
            outcome = audit.verify(session)
        assert outcome.valid, outcome.reason
        assert (outcome.batches, outcome.entries) == (1, 5)
    finally:
        slow.close()
        with postgres_database.transaction() as session:
            session.execute(delete(AuditEntry))
            session.execute(delete(AuditBatch))
