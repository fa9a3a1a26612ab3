"""Tables of consultations, questionnaires, drafts, responses, and the results projection."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import UNORDERED, Base, JsonDocument, LocalizedTextType, UtcDateTime
from core.ids import random_uuid, uuid7
from core.text import LocalizedText

# Topic of the outbox message that feeds the results projection.
PROJECTION_TOPIC = "projection.response"


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
    # The closing first announced, where it was extended since.
    first_closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When the last place was taken, where places are limited (see Quota).
    filled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What was made of the input, and since when everyone can read it.
    report: Mapped[LocalizedText | None] = mapped_column(LocalizedTextType)
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The time zone in which its dates are meant and shown (IANA name).
    time_zone: Mapped[str] = mapped_column(String(40), default="Europe/Brussels")
    # What is consented to, each purpose by itself: {"purpose", "version", "text": {language: text},
    # "required"}. Empty: the privacy statement of the instance alone.
    consents: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument, default=list)
    # Whether submitting asks the browser for a proof of work (surveys.proof_of_work).
    asks_proof: Mapped[bool] = mapped_column(default=True)
    # "anonymous": taking part and what was said never meet (see surveys.responses);
    # "pseudonymous": responses of one participant carry one pseudonym and no name; "identified":
    # the response keeps the account or invitation it was given under, if any.
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
    # While it is out for translation only texts in other languages than the first may change.
    frozen_for_translation_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Where the draft stands in its own history (QuestionnaireEdit.position), for undo and redo.
    edit_position: Mapped[int] = mapped_column(default=0)

    consultation: Mapped[Consultation] = relationship(
        foreign_keys=[consultation_id], back_populates="versions"
    )

    __table_args__ = (UniqueConstraint("consultation_id", "number"),)


class QuestionnaireEdit(Base):
    """One step in the making of an unpublished version: how the definition was after it."""

    __tablename__ = "questionnaire_edits"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    version_id: Mapped[UUID] = mapped_column(
        ForeignKey("questionnaire_versions.id", ondelete="CASCADE")
    )
    # 0 is how it was before the first step.
    position: Mapped[int]
    # What was done ("question_moved"), and to which part of the questionnaire.
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(140), default="")
    definition: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("version_id", "position"),)


class QuestionBlock(Base):
    """A section kept in the library, to be put into other questionnaires."""

    __tablename__ = "question_blocks"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    # A section as in a questionnaire document, with "languages" beside it.
    definition: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


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
    # Set where the consultation is identified and an invitation was used; no foreign key, so that
    # the two can be deleted each in its own time.
    invitation_id: Mapped[UUID | None]
    # Set where the consultation is pseudonymous.
    pseudonym: Mapped[str | None] = mapped_column(String(64))
    # The receipt hash of the response that this one will replace when it is submitted.
    replaces: Mapped[str | None] = mapped_column(String(64))
    # How often each answer was changed, by question code: several people may fill in one draft.
    revisions: Mapped[dict[str, int]] = mapped_column(JsonDocument, default=dict)
    # Drafts are deleted by the retention job this long after they were last saved.
    saved_on: Mapped[date] = mapped_column(Date)

    __table_args__ = (Index("ix_drafts_saved_on", "saved_on"), UNORDERED)


class Invitation(Base):
    """A one-time token of a targeted poll, and whom it was sent to. The token is stored hashed.

    Using it gives out a draft's resume code in a transaction of its own; in an anonymous poll
    nothing says which.
    """

    __tablename__ = "invitations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=random_uuid)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # All empty for a token that is handed over on paper.
    name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    organisation: Mapped[str | None] = mapped_column(String(300))
    language: Mapped[str | None] = mapped_column(String(35))
    # Further columns of the list it came from, by heading.
    attributes: Mapped[dict[str, str]] = mapped_column(JsonDocument, default=dict)
    invited_on: Mapped[date | None] = mapped_column(Date)
    reminded_on: Mapped[date | None] = mapped_column(Date)
    reminders: Mapped[int] = mapped_column(default=0)
    # When a mail server refused the address, and its words.
    bounced_on: Mapped[date | None] = mapped_column(Date)
    bounce: Mapped[str | None] = mapped_column(String(300))
    # When the person asked not to be written to again.
    declined_on: Mapped[date | None] = mapped_column(Date)
    used_on: Mapped[date | None] = mapped_column(Date)
    # Whether a response came in; kept in identified and pseudonymous polls only.
    answered_on: Mapped[date | None] = mapped_column(Date)

    __table_args__ = UNORDERED


class InvitationText(Base):
    """What invitations or reminders of one poll say in a language, where it is not what is usual.

    A text with placeholders, see ``surveys.inviting.invitation_texts``.
    """

    __tablename__ = "invitation_texts"

    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"), primary_key=True)
    # "invitation" or "reminder".
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)


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
    # As in the draft.
    invitation_id: Mapped[UUID | None]
    pseudonym: Mapped[str | None] = mapped_column(String(64))
    # How long answering took, as far as the browser carried the time along; for the report on
    # unusual responses only.
    seconds: Mapped[int | None]
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
    # The segment's counts (see surveys.counting.tally): counts of several segments add up.
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


class EndedReceipt(Base):
    """What became of a response that is no longer there, for whoever opens its receipt.

    Nothing leads from here to the response, or to the one that took its place.
    """

    __tablename__ = "ended_receipts"

    receipt_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    # "withdrawn", or "replaced" by a changed one.
    outcome: Mapped[str] = mapped_column(String(10))
    ended_on: Mapped[date] = mapped_column(Date)

    __table_args__ = (Index("ix_ended_receipts_consultation", "consultation_id"), UNORDERED)


class Quota(Base):
    """How many responses are wanted: of everybody, or of those to whom a condition applies.

    Submitting takes a place with one statement, in consultations that have quotas only.
    """

    __tablename__ = "quotas"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    code: Mapped[str] = mapped_column(String(64))
    name: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    # In the expression language; empty: everybody, and the consultation closes when it is full.
    condition: Mapped[str] = mapped_column(Text, default="")
    places: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("consultation_id", "code"),)


class Statement(Base):
    """A statement that a participant added to a question of type ``statements``.

    Nothing says who; it is shown to others once a moderator has accepted it.
    """

    __tablename__ = "statements"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=random_uuid)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultations.id"))
    # The code of the question, and the statement's own among the answers to it.
    question: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(64))
    text: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    # "pending", "accepted" or "rejected", with the reason given.
    status: Mapped[str] = mapped_column(String(10), default="pending")
    reason: Mapped[str | None] = mapped_column(Text)
    proposed_on: Mapped[date] = mapped_column(Date)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("consultation_id", "question", "code"), UNORDERED)
