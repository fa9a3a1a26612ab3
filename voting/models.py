"""Tables of motions, ballots and proxies."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, JsonDocument, LocalizedTextType, UtcDateTime
from core.ids import uuid7
from core.text import LocalizedText


class Phase(StrEnum):
    """Where a motion stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Motion(Base):
    """What the delegations are asked to adopt."""

    __tablename__ = "motions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    text: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    # Slug of the roadmap it is about; roadmaps are a layer above, so this is no foreign key.
    roadmap_slug: Mapped[str | None] = mapped_column(String(80))
    # Code of a rule in voting.rules, and year of a table in voting.populations.
    rule: Mapped[str] = mapped_column(String(40))
    population_year: Mapped[int]
    # Delegations that take part, or None for all.
    participants: Mapped[list[str] | None] = mapped_column(JsonDocument)
    simulated: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The announced end: the first moment at which no ballot is taken any more.
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Why it was closed before the announced end, although somebody could still vote.
    closing_reason: Mapped[str | None] = mapped_column(Text)
    # Frozen on opening (voting.record.Opening): question, rule, who can vote with which population.
    opening: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    # Frozen on closing: the tally, and the fingerprint of the whole record.
    tally: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    record_sha256: Mapped[str | None] = mapped_column(String(64))

    @property
    def phase(self) -> Phase:
        if self.opened_at is None:
            return Phase.DRAFT
        return Phase.OPEN if self.closed_at is None else Phase.CLOSED

    def takes_ballots(self, now: datetime) -> bool:
        """Open, and the announced end has not passed."""
        return self.phase is Phase.OPEN and (self.closes_at is None or now < self.closes_at)


class Ballot(Base):
    """What one delegation chose. Written once; ballots of a motion form a chain of hashes."""

    __tablename__ = "ballots"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    motion_id: Mapped[UUID] = mapped_column(ForeignKey("motions.id"))
    # Place in the chain, from 1.
    number: Mapped[int]
    delegation: Mapped[str] = mapped_column(String(2))
    choice: Mapped[str] = mapped_column(String(10))
    # The delegation that acted: the same, or the one that holds its proxy.
    cast_by: Mapped[str] = mapped_column(String(2))
    cast_by_account: Mapped[UUID | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="SET NULL")
    )
    # To the second: this is what the hash covers.
    cast_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # See voting.record.chain_hash.
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("motion_id", "delegation", name="uq_ballots_one_a_delegation"),
        UniqueConstraint("motion_id", "number", name="uq_ballots_place_in_chain"),
    )


class ProxyGrant(Base):
    """One delegation lets another act for it on one motion (Article 239 TFEU)."""

    __tablename__ = "proxy_grants"

    motion_id: Mapped[UUID] = mapped_column(ForeignKey("motions.id"), primary_key=True)
    giver: Mapped[str] = mapped_column(String(2), primary_key=True)
    holder: Mapped[str] = mapped_column(String(2))
    granted_by_account: Mapped[UUID | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="SET NULL")
    )
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProxyParty(Base):
    """A delegation that gave or holds a proxy: at most one a motion, in either part.

    The primary key alone rules out, also between concurrent transactions, two proxies given, two
    held, and a proxy held by a delegation that gave its own away.
    """

    __tablename__ = "proxy_parties"

    motion_id: Mapped[UUID] = mapped_column(primary_key=True)
    delegation: Mapped[str] = mapped_column(String(2), primary_key=True)
    giver: Mapped[str] = mapped_column(String(2))

    __table_args__ = (
        ForeignKeyConstraint(
            ["motion_id", "giver"],
            ["proxy_grants.motion_id", "proxy_grants.giver"],
            name="fk_proxy_parties_grant",
            ondelete="CASCADE",
        ),
    )
