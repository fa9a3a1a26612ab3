"""Tables of consultations, questionnaires, drafts, responses, and the results projection."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import UNORDERED, Base, JsonDocument, LocalizedTextType, UtcDateTime
from core.ids import random_uuid, uuid7
from core.text import LocalizedText


class Consultation(Base):
    """A period in which people are asked."""

    __tablename__ = "consultations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    # "public", or "targeted": answered with a one-time token only.
    kind: Mapped[str] = mapped_column(String(10), default="public")
    title: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    # Why we ask, whom it concerns, what happens with the input.
    summary: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    # Both empty while it is prepared; closes_at is the first moment no longer open.
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # "anonymous": taking part and what was said never meet (see surveys.responses); "identified":
    # the response keeps the account it was given under, if any.
    anonymity: Mapped[str] = mapped_column(String(12), default="anonymous")
    # What is still shown of an organisation that publishes anonymously: any of "type", "country",
    # "size", "name".
    anonymous_shows: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    # Whether the Commission's background questions are asked first.
    asks_profile: Mapped[bool] = mapped_column(default=True)
    # The day after which the retention job deletes the responses; None: no day set yet.
    retained_until: Mapped[date | None] = mapped_column(Date)
    # Where responses came from when they were not given here ("hys").
    source: Mapped[str | None] = mapped_column(String(20))
    simulated: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The published version people answer; a newer one does not disturb drafts on an older one.
    current_version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey(
            "questionnaire_versions.id", use_alter=True, name="fk_consultations_current_version"
        )
    )

    versions: Mapped[list["QuestionnaireVersion"]] = relationship(
        foreign_keys="QuestionnaireVersion.consultation_id",
        order_by="QuestionnaireVersion.number",
        back_populates="consultation",
    )
    current_version: Mapped["QuestionnaireVersion | None"] = relationship(
        foreign_keys=[current_version_id], post_update=True
    )


class QuestionnaireVersion(Base):
    """What is asked. Frozen when published: a published row is never changed again."""

    __tablename__ = "questionnaire_versions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    number: Mapped[int]
    # The questionnaire as our JSON document (docs/questionnaire-format.md).
    definition: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    # SHA-256 of the canonical JSON of the definition, hexadecimal.
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    consultation: Mapped[Consultation] = relationship(
        foreign_keys=[consultation_id], back_populates="versions"
    )

    __table_args__ = (UniqueConstraint("consultation_id", "number"),)


class Draft(Base):
    """Answers on their way: found by the hash of a code that only the respondent has."""

    __tablename__ = "drafts"

    # SHA-256 of the resume code, hexadecimal: the code cannot be read back from here.
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("questionnaire_versions.id"))
    language: Mapped[str] = mapped_column(String(35))
    profile: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    answers: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    # Set where the consultation is identified and the person signed in.
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    # Drafts are deleted by the retention job this long after they were last saved.
    saved_on: Mapped[date] = mapped_column(Date)

    __table_args__ = (Index("ix_drafts_saved_on", "saved_on"), UNORDERED)


class Invitation(Base):
    """A one-time token of a targeted poll. The token is stored hashed.

    Using it gives out a draft's resume code in a transaction of its own; nothing says which.
    """

    __tablename__ = "invitations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=random_uuid)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_on: Mapped[date | None] = mapped_column(Date)

    __table_args__ = UNORDERED


class Response(Base):
    """One participant's whole return: one row, written once, with one Core insert.

    The leaf in the audit log is not stored here: it would lead to a batch and so to the minute.
    Whoever has the receipt's key can compute it (``surveys.responses.leaf_of``).
    """

    __tablename__ = "responses"

    # Random: says nothing about order.
    id: Mapped[UUID] = mapped_column(primary_key=True, default=random_uuid)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("questionnaire_versions.id"))
    # What the participant quotes; random too.
    reference: Mapped[str] = mapped_column(String(24), unique=True)
    # SHA-256 of the receipt's key, which is derived from the resume code: sending the same draft
    # twice finds the first response. NULL for imported responses.
    receipt_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    day: Mapped[date | None] = mapped_column(Date)
    language: Mapped[str | None] = mapped_column(String(35))
    respondent_type: Mapped[str | None] = mapped_column(String(40))
    country: Mapped[str | None] = mapped_column(String(3))
    organisation_size: Mapped[str | None] = mapped_column(String(10))
    scope: Mapped[str | None] = mapped_column(String(15))
    organisation_name: Mapped[str | None] = mapped_column(String(300))
    register_number: Mapped[str | None] = mapped_column(String(40))
    first_name: Mapped[str | None] = mapped_column(String(100))
    surname: Mapped[str | None] = mapped_column(String(100))
    # "anonymous" or "named": how the participant chose to be published.
    publication: Mapped[str] = mapped_column(String(10), default="anonymous")
    # Version of each consent given, by purpose.
    consents: Mapped[dict[str, Any]] = mapped_column(JsonDocument, default=dict)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    # Answers by question code; a matrix is an object by row code.
    answers: Mapped[dict[str, Any]] = mapped_column(JsonDocument)

    __table_args__ = (Index("ix_responses_consultation", "consultation_id"), UNORDERED)


class ResultSegment(Base):
    """A Parquet file of the results projection: its rows never change, a new file replaces it."""

    __tablename__ = "result_segments"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=random_uuid)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("questionnaire_versions.id"))
    # In the projection's folder. None: the responses were deleted when their retention ended, and
    # only the counts remain.
    file_name: Mapped[str | None] = mapped_column(String(100), unique=True)
    rows: Mapped[int]
    # The segment's counts (see surveys.tally): counts of several segments add up.
    counts: Mapped[dict[str, Any]] = mapped_column(JsonDocument)

    __table_args__ = (Index("ix_result_segments_consultation", "consultation_id"), UNORDERED)


class Tombstone(Base):
    """A response withdrawn: taken out of the projection, and kept out of it for a day longer."""

    __tablename__ = "result_tombstones"

    response_id: Mapped[UUID] = mapped_column(primary_key=True)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    withdrawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Whether the segments have been rewritten without it.
    applied: Mapped[bool] = mapped_column(default=False)
