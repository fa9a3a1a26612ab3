"""The outbox delivers at least once, holds nobody up, and loses nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.db import Database
from core.errors import Conflict
from core.models import OutboxMessage
from core.outbox import LEASE, MAX_ATTEMPTS, deliver, enqueue


class Busy(Conflict):
    code = "test.busy"
    template = "The other side is busy."


class Killed(BaseException):
    """What stops a worker where it stands."""


class Post:
    """A worker with a clock that can be moved and a handler that can be told to fail."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now
        self.delivered: list[int] = []
        self.failure: BaseException | None = None

    def put(self, *numbers: int) -> None:
        with self.database.transaction() as session:
            for number in numbers:
                enqueue(session, topic="test", payload={"number": number}, now=self.now)

    def work(self, limit: int = 100) -> tuple[int, int]:
        return deliver(
            self.database.transaction, handlers={"test": self.handle}, clock=lambda: self.now,
            limit=limit,
        )  # fmt: skip

    def handle(self, payload: dict[str, Any]) -> None:
        if self.failure is not None:
            raise self.failure
        self.delivered.append(payload["number"])

    def waiting(self) -> list[OutboxMessage]:
        with self.database.reading() as session:
            return list(session.scalars(select(OutboxMessage)))


@pytest.fixture
def post(database: Database, now: datetime) -> Iterator[Post]:
    yield Post(database, now)
    with database.transaction() as session:
        session.execute(delete(OutboxMessage))


def test_every_message_is_delivered_once_and_gone(post: Post) -> None:
    post.put(1, 2, 3)
    assert post.work() == (3, 0)
    assert sorted(post.delivered) == [1, 2, 3]
    assert post.work() == (0, 0)
    assert post.waiting() == []


def test_a_round_does_no_more_than_its_limit(post: Post) -> None:
    post.put(1, 2, 3)
    assert post.work(limit=2) == (2, 0)
    assert len(post.waiting()) == 1


def test_a_failure_is_noted_and_tried_again_later_and_later(post: Post) -> None:
    post.put(1)
    post.failure = Busy()
    for attempt in range(1, 4):
        assert post.work() == (0, 1)
        message = post.waiting()[0]
        assert message.attempts == attempt
        assert message.last_error == "test.busy: The other side is busy."
        assert message.due_at == post.now + timedelta(minutes=2**attempt)
        assert post.work() == (0, 0)
        post.now = message.due_at
    post.failure = None
    assert post.work() == (1, 0)


def test_a_failure_of_another_kind_is_noted_without_its_words(post: Post) -> None:
    post.put(1)
    post.failure = ValueError("somebody@example.org")
    post.work()
    assert post.waiting()[0].last_error == "ValueError"


def test_after_many_failures_a_message_is_left_to_the_operator(post: Post) -> None:
    post.put(1)
    post.failure = Busy()
    for _ in range(MAX_ATTEMPTS):
        assert post.work() == (0, 1)
        post.now += timedelta(days=2)
    assert post.work() == (0, 0)
    assert len(post.waiting()) == 1


def test_while_a_message_is_handled_others_may_write_and_deliver(post: Post) -> None:
    post.put(1, 2)
    seen: list[int] = []

    def handle(payload: dict[str, Any]) -> None:
        seen.append(payload["number"])
        if len(seen) == 1:
            post.put(3)  # with a lock held this would wait for itself
            assert post.work() == (2, 0)  # another worker gets the others, not this one

    clock = post.now
    deliver(post.database.transaction, handlers={"test": handle}, clock=lambda: clock)
    assert len(seen) == 1
    assert sorted([*seen, *post.delivered]) == [1, 2, 3]


def test_a_killed_worker_loses_nothing_and_blocks_nothing(post: Post) -> None:
    post.put(1)
    post.failure = Killed()
    with pytest.raises(Killed):
        post.work()
    post.failure = None
    post.put(2)
    assert post.work() == (1, 0)  # the other message does not wait
    assert post.delivered == [2]
    post.now += LEASE
    assert post.work() == (1, 0)
    assert post.delivered == [2, 1]


def test_a_failure_that_comes_after_the_lease_leaves_the_message_to_its_new_worker(
    post: Post,
) -> None:
    post.put(1)

    def handle(_: dict[str, Any]) -> None:
        post.now += LEASE
        post.failure = Killed()
        with pytest.raises(Killed):
            post.work()  # the second worker has it now
        raise Busy

    deliver(post.database.transaction, handlers={"test": handle}, clock=lambda: post.now, limit=1)
    assert post.waiting()[0].attempts == 0


def test_messages_about_responses_keep_the_day_only(session: Session, now: datetime) -> None:
    enqueue(session, topic="test", payload={}, now=now.replace(hour=13), day_only=True)
    assert session.scalars(select(OutboxMessage)).one().due_at == now.replace(hour=0)
