"""Tables of roadmaps: the draft that the secretariat works on, its evidence, its editions."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, JsonDocument, LocalizedTextType, UtcDateTime
from core.ids import uuid7
from core.text import LocalizedText
from roadmap.network import Kind


class Agenda(StrEnum):
    """Which of the two agendas a milestone belongs to."""

    SRIA = "SRIA"  # Strategic Research and Innovation Agenda
    SDA = "SDA"  # Strategic Deployment Agenda


class Roadmap(Base):
    """A roadmap's draft. ``revision`` grows with every change, so that publishing notices one."""

    __tablename__ = "roadmaps"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    # Day 0 of the schedule.
    start: Mapped[date]
    simulated: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    areas: Mapped[list["Area"]] = relationship(
        order_by="Area.position", cascade="all, delete-orphan"
    )
    milestones: Mapped[list["Milestone"]] = relationship(
        order_by="Milestone.position", cascade="all, delete-orphan"
    )
    dependencies: Mapped[list["Dependency"]] = relationship(
        order_by="Dependency.position", cascade="all, delete-orphan"
    )

    def mark_changed(self) -> None:
        """Count one more change, in the database: of two at once none is lost."""
        self.revision = Roadmap.revision + 1


class Area(Base):
    """A work stream of the roadmap."""

    __tablename__ = "areas"
    __table_args__ = (UniqueConstraint("roadmap_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"))
    code: Mapped[str] = mapped_column(String(80))
    title: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    position: Mapped[int]


class Milestone(Base):
    """A node of the roadmap. Its code is its name: evidence and editions refer to it by code."""

    __tablename__ = "milestones"
    __table_args__ = (UniqueConstraint("roadmap_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"))
    area_id: Mapped[UUID] = mapped_column(ForeignKey("areas.id"), index=True)
    code: Mapped[str] = mapped_column(String(64))
    title: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    description: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    agenda: Mapped[str] = mapped_column(String(4))
    duration_days: Mapped[int]
    not_before: Mapped[date | None]
    lead: Mapped[str] = mapped_column(String(200), default="")
    trl_from: Mapped[int | None]
    trl_to: Mapped[int | None]
    position: Mapped[int]

    area: Mapped[Area] = relationship()


class Dependency(Base):
    """An edge of the roadmap: ``to`` waits for ``from``.

    There may be several between the same two milestones, of the same kind or not.
    """

    __tablename__ = "dependencies"
    __table_args__ = (Index("ix_dependencies_roadmap_id_position", "roadmap_id", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"))
    from_id: Mapped[UUID] = mapped_column(ForeignKey("milestones.id"), index=True)
    to_id: Mapped[UUID] = mapped_column(ForeignKey("milestones.id"), index=True)
    kind: Mapped[str] = mapped_column(String(2), default=Kind.FS.value)
    lag_days: Mapped[int] = mapped_column(default=0)
    # A decimal number as text: SQLite has no exact decimals, and support must not lose a digit.
    support_text: Mapped[str] = mapped_column("support", String(40), default="1")
    position: Mapped[int]

    from_milestone: Mapped[Milestone] = relationship(foreign_keys=from_id)
    to_milestone: Mapped[Milestone] = relationship(foreign_keys=to_id)

    @property
    def support(self) -> Decimal:
        return Decimal(self.support_text)

    @support.setter
    def support(self, value: Decimal) -> None:
        self.support_text = format(value, "f")


class EvidenceLink(Base):
    """A question, or one option of it, that speaks for a milestone or a dependency.

    The subject is named by code, not by row: a draft that is imported again keeps its evidence.
    """

    __tablename__ = "evidence_links"
    __table_args__ = (
        UniqueConstraint("roadmap_id", "subject", "consultation_id", "question", "option"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"))
    # A milestone's code, or "FROM>TO" for the dependencies between two milestones.
    subject: Mapped[str] = mapped_column(String(140))
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    # A question's code, or "question.row" for a row of a matrix.
    question: Mapped[str] = mapped_column(String(140))
    # An option's code; empty: all options, read as a scale.
    option: Mapped[str] = mapped_column(String(64), default="")
    # For a scale: whether the first option is the highest, and the options that say nothing.
    falling: Mapped[bool] = mapped_column(default=False)
    left_out: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Decision(Base):
    """What the secretariat changed in the draft and why: a row of its own, never changed."""

    __tablename__ = "decisions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"), index=True)
    # As in EvidenceLink.
    subject: Mapped[str] = mapped_column(String(140))
    change: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(2000))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Edition(Base):
    """A published state of the roadmap: canonical JSON, its hash, chained to the one before."""

    __tablename__ = "editions"
    __table_args__ = (
        UniqueConstraint("roadmap_id", "version"),
        # Two publications at once would both follow the same edition: one of them fails here.
        UniqueConstraint("roadmap_id", "sequence"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"))
    sequence: Mapped[int]
    version: Mapped[str] = mapped_column(String(20))
    # The canonical JSON (RFC 8785) as text: the hash is over its UTF-8 bytes.
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))

    roadmap: Mapped[Roadmap] = relationship()


class EditionFile(Base):
    """A document rendered from an edition, kept in the instance folder under its hash."""

    __tablename__ = "edition_files"
    __table_args__ = (UniqueConstraint("edition_id", "format", "language"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    edition_id: Mapped[UUID] = mapped_column(ForeignKey("editions.id"))
    format: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(8))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
