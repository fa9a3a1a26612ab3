"""The outbox: what is to happen after commit, written in the same transaction.

A use case enqueues; ``app/jobs.py`` delivers by topic. Delivery is at least once, so every
handler is written to be harmless the second time.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from core.errors import WaymarkError
from core.models import OutboxMessage

# After this many failures a message is left alone and shown to the operator.
MAX_ATTEMPTS = 10
# How long a message belongs to the worker that claimed it; then another may have it.
LEASE = timedelta(minutes=15)

# Delivers the payload of a message, or raises.
Handler = Callable[[dict[str, Any]], None]
# Gives a session whose work is committed when the block ends well.
Transaction = Callable[[], AbstractContextManager[Session]]


def enqueue(
    session: Session, *, topic: str, payload: dict[str, Any], now: datetime, day_only: bool = False
) -> None:
    """Add a message in the caller's transaction.

    ``day_only`` keeps only the day of ``now``: the message then says nothing about when within
    the day its cause happened (needed where anonymity is promised).
    """
    due_at = now.replace(hour=0, minute=0, second=0, microsecond=0) if day_only else now
    session.execute(
        insert(OutboxMessage).values(topic=topic, payload=payload, due_at=due_at, attempts=0)
    )


def enqueue_many(
    session: Session, *, topic: str, payloads: Sequence[dict[str, Any]], due_at: datetime
) -> None:
    """Add many messages of one topic with one statement, due at ``due_at``."""
    if payloads:
        session.execute(
            insert(OutboxMessage),
            [
                {"topic": topic, "payload": payload, "due_at": due_at, "attempts": 0}
                for payload in payloads
            ],
        )


def take_due(
    session: Session, *, topics: Sequence[str], now: datetime, limit: int = 100
) -> list[OutboxMessage]:
    """Due messages, locked so that two workers never take the same one."""
    query = (
        select(OutboxMessage)
        .where(
            OutboxMessage.topic.in_(topics),
            OutboxMessage.due_at <= now,
            OutboxMessage.attempts < MAX_ATTEMPTS,
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def deliver(
    transaction: Transaction,
    *,
    handlers: Mapping[str, Handler],
    clock: Callable[[], datetime],
    limit: int = 100,
) -> tuple[int, int]:
    """Hand each due message to its topic's handler; returns how many went well and how many not.

    A message is claimed in a short transaction, handled outside of any, and settled in another:
    however long a mail server or another instance takes, nobody waits for a lock. A handler that
    needs the database opens transactions of its own. A failure is noted on the message, which is
    tried again after 2, 4, 8 … minutes; a message whose worker was killed, after ``LEASE``.
    """
    done = failed = 0
    while done + failed < limit and (claim := _claim(transaction, list(handlers), clock())):
        try:
            handlers[claim.topic](claim.payload)
        except Exception as error:
            _postpone(transaction, claim, _describe(error), clock())
            failed += 1
        else:
            with transaction() as session:
                session.execute(delete(OutboxMessage).where(OutboxMessage.id == claim.id))
            done += 1
    return done, failed


def forget_failed(session: Session, *, topics: Sequence[str], now: datetime) -> int:
    """Delete messages of these topics that were given up; returns how many.

    For what is worth nothing any more and holds personal data, such as a letter with a code.
    """
    deleted = session.scalars(
        delete(OutboxMessage)
        .where(
            OutboxMessage.topic.in_(topics),
            OutboxMessage.attempts >= MAX_ATTEMPTS,
            OutboxMessage.due_at <= now,
        )
        .returning(OutboxMessage.id)
    )
    return len(deleted.all())


@dataclass(frozen=True, slots=True)
class _Claim:
    """A message that is this worker's until ``until``."""

    id: UUID
    topic: str
    payload: dict[str, Any]
    attempts: int
    until: datetime


def _claim(transaction: Transaction, topics: Sequence[str], now: datetime) -> _Claim | None:
    with transaction() as session:
        for message in take_due(session, topics=topics, now=now, limit=1):
            message.due_at = now + LEASE
            return _Claim(
                message.id, message.topic, message.payload, message.attempts, message.due_at
            )
    return None


def _postpone(transaction: Transaction, claim: _Claim, reason: str, now: datetime) -> None:
    """Note a failure, unless the claim has run out and the message is another worker's now."""
    attempts = claim.attempts + 1
    with transaction() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == claim.id, OutboxMessage.due_at == claim.until)
            .values(
                attempts=attempts, last_error=reason, due_at=now + timedelta(minutes=2**attempts)
            )
        )


def _describe(error: Exception) -> str:
    """Our own refusals in words; of others the kind only: their text may name a person."""
    if isinstance(error, WaymarkError):
        return f"{error.code}: {error.message}"[:500]
    return type(error).__name__
