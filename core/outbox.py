"""The outbox: what is to happen after commit, written in the same transaction.

A use case enqueues; ``app/jobs.py`` delivers by topic. Delivery is at least once, so every
handler is written to be harmless the second time.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.errors import WaymarkError
from core.models import OutboxMessage

# After this many failures a message is left alone and shown to the operator.
MAX_ATTEMPTS = 10


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
    session: Session,
    *,
    handlers: dict[str, Callable[[Session, dict[str, Any]], None]],
    now: datetime,
    limit: int = 100,
) -> tuple[int, int]:
    """Hand each due message to its topic's handler; returns how many went well and how many not.

    Each handler runs in a savepoint: a failure undoes its own work only, is noted on the message,
    and is tried again after 2, 4, 8 … minutes.
    """
    done = failed = 0
    for message in take_due(session, topics=list(handlers), now=now, limit=limit):
        try:
            with session.begin_nested():
                handlers[message.topic](session, message.payload)
        except Exception as error:
            message.attempts += 1
            message.last_error = _describe(error)
            message.due_at = now + timedelta(minutes=2**message.attempts)
            session.flush()
            failed += 1
        else:
            session.execute(delete(OutboxMessage).where(OutboxMessage.id == message.id))
            done += 1
    return done, failed


def _describe(error: Exception) -> str:
    """Our own refusals in words; of others the kind only: their text may name a person."""
    if isinstance(error, WaymarkError):
        return f"{error.code}: {error.message}"[:500]
    return type(error).__name__
