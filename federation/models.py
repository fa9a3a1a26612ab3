"""Tables of the exchange: who the others are, what was signed, sent and received.

An instance may be a hub, a node, or both. Every envelope is kept as it was signed, so that what
was agreed can be shown years later.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, JsonDocument, UtcDateTime
from core.ids import uuid7
from surveys.models import Consultation


class Node(Base):
    """At the hub: another instance that may send releases, known by its public key."""

    __tablename__ = "federation_nodes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    # JWK (RFC 8037) and its thumbprint (RFC 7638).
    public_key: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    thumbprint: Mapped[str] = mapped_column(String(43), unique=True)
    # A node that left is not trusted any more; its releases stay on record, uncounted.
    active: Mapped[bool] = mapped_column(default=True)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SharedDefinition(Base):
    """At the hub: a consultation as signed for the nodes. The newest one counts."""

    __tablename__ = "federation_shared_definitions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    sequence: Mapped[int]
    previous: Mapped[str | None] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    questionnaire_sha256: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)

    consultation: Mapped[Consultation] = relationship()

    __table_args__ = (UniqueConstraint("consultation_id", "sequence"),)


class ReceivedRelease(Base):
    """At the hub: a node's release, verified, with the acknowledgement that was given for it."""

    __tablename__ = "federation_received_releases"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    node_id: Mapped[UUID] = mapped_column(ForeignKey("federation_nodes.id"))
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    sequence: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    questionnaire_sha256: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledgement: Mapped[str] = mapped_column(Text)

    node: Mapped[Node] = relationship()

    __table_args__ = (UniqueConstraint("node_id", "consultation_id", "sequence"),)


class Hub(Base):
    """At a node: the instance that definitions are pulled from and releases go to. One row."""

    __tablename__ = "federation_hub"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    url: Mapped[str] = mapped_column(String(300))
    public_key: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    thumbprint: Mapped[str] = mapped_column(String(43), unique=True)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PulledDefinition(Base):
    """At a node: the hub's definition that a consultation here follows."""

    __tablename__ = "federation_pulled_definitions"

    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"), primary_key=True)
    hub_id: Mapped[UUID] = mapped_column(ForeignKey("federation_hub.id"))
    sequence: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    questionnaire_sha256: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[str] = mapped_column(Text)
    pulled_at: Mapped[datetime] = mapped_column(UtcDateTime)

    consultation: Mapped[Consultation] = relationship()
    hub: Mapped[Hub] = relationship()


class SentRelease(Base):
    """At a node: a release as signed, and what the hub answered."""

    __tablename__ = "federation_sent_releases"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    hub_id: Mapped[UUID] = mapped_column(ForeignKey("federation_hub.id"))
    sequence: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    envelope: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    # The exact number of responses counted: decides whether a newer release tells too much.
    # It stays here.
    responses: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledgement: Mapped[str | None] = mapped_column(Text)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    consultation: Mapped[Consultation] = relationship()
    hub: Mapped[Hub] = relationship()

    __table_args__ = (UniqueConstraint("consultation_id", "hub_id", "sequence"),)
