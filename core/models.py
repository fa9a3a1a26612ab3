"""Tables of the kernel: the audit log, the outbox, and facts about the instance."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import UNORDERED, Base, JsonDocument, UtcDateTime
from core.ids import random_uuid


class AuditBatch(Base):
    """A sealed batch: the Merkle root over its entries, chained to the batch before it."""

    __tablename__ = "audit_batches"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    size: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    # SHA-256 over the previous head, number, time of sealing, counts and root: see core.audit.
    head: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditEntry(Base):
    """A leaf of the audit log: an event in words, or a salted hash without content.

    Ids are random and a bare leaf carries no time: entries wait for their batch in no order, so
    a leaf cannot be matched with a response by when it came.
    """

    __tablename__ = "audit_entries"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=random_uuid)
    # The event as a JSON document (see core.audit); NULL for a bare leaf.
    event: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    leaf: Mapped[bytes] = mapped_column(LargeBinary(32))
    batch_number: Mapped[int | None] = mapped_column(ForeignKey("audit_batches.number"))
    position: Mapped[int | None]

    __table_args__ = (
        Index("ix_audit_entries_batch", "batch_number", "position"),
        Index("ix_audit_entries_leaf", "leaf"),
        UNORDERED,
    )


class OutboxMessage(Base):
    """Something to be delivered after commit: an e-mail, a job, a federation message.

    A delivered message is deleted; a failing one stays with the reason and is tried again later.
    """

    __tablename__ = "outbox_messages"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=random_uuid)
    topic: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    # For messages about anonymous responses only the day is kept here (see core.outbox).
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))

    __table_args__ = (Index("ix_outbox_messages_topic_due", "topic", "due_at"), UNORDERED)


class InstanceFact(Base):
    """Something true of this database as a whole, such as that it is a demonstration."""

    __tablename__ = "instance_facts"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
