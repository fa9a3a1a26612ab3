"""Tables of roadmaps: the draft, its evidence, proposals and decisions, its wording, its editions.

Values that a row holds as JSON are described in ``roadmap.draft``.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, JsonDocument, LocalizedTextType, UtcDateTime
from core.ids import random_uuid, uuid7
from core.text import LocalizedText
from roadmap.planning.network import Kind, Ruling


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
    """A work stream of the roadmap, or a part of one (``parent``)."""

    __tablename__ = "areas"
    __table_args__ = (UniqueConstraint("roadmap_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"))
    code: Mapped[str] = mapped_column(String(80))
    title: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("areas.id"))
    position: Mapped[int]

    parent: Mapped["Area | None"] = relationship(remote_side=id)


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
    # How long it may take at best, most likely and at worst; None where nobody said.
    optimistic_days: Mapped[int | None]
    likely_days: Mapped[int | None]
    pessimistic_days: Mapped[int | None]
    # The window: the first day, the very day, and the last day of finishing that is promised.
    not_before: Mapped[date | None]
    fixed_start: Mapped[date | None]
    finish_by: Mapped[date | None]
    lead: Mapped[str] = mapped_column(String(200), default="")
    trl_from: Mapped[int | None]
    trl_to: Mapped[int | None]
    # Where a deployment project stands in the pipeline (``draft.STAGES``); empty for research.
    stage: Mapped[str] = mapped_column(String(20), default="")
    kpis: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument, default=list)
    budget: Mapped[dict[str, str]] = mapped_column(JsonDocument, default=dict)
    participants: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    themes: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    links: Mapped[list[dict[str, str]]] = mapped_column(JsonDocument, default=list)
    standards: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    spectrum: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
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
    rationale: Mapped[LocalizedText] = mapped_column(LocalizedTextType, default=LocalizedText({}))
    # What a person said about it against the computation (``network.Ruling``).
    ruling: Mapped[str] = mapped_column(String(10), default=Ruling.NONE.value)
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
    # The input that asked for it, and the scenario it was tried in, if there are such.
    proposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposals.id"), index=True)
    scenario_id: Mapped[UUID | None] = mapped_column(ForeignKey("scenarios.id"), index=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HandEdit(Base):
    """The last change made on a roadmap's graph by hand, and what takes it back: one a roadmap.

    It holds as long as the draft's revision is the one it led to. The decision that it was stands
    in ``Decision``, for good.
    """

    __tablename__ = "hand_edits"

    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"), primary_key=True)
    # The draft's revision after it.
    revision: Mapped[int]
    # ``graph_edits``: what was done, as an operation with its values, and the one that undoes it.
    done: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    undo: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    # What moved and which contradictions came of it, as it is shown.
    effect: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EvidenceRule(Base):
    """How the results of a question, or a vote, become evidence on what they name.

    Unlike an ``EvidenceLink``, which has one subject, a rule finds its subjects in the answers: a
    question about milestones speaks for each of them. A rule is never changed: another one takes
    its place under the next number, and the old one says when it ended.
    """

    __tablename__ = "evidence_rules"
    __table_args__ = (
        UniqueConstraint(
            "roadmap_id", "consultation_id", "source", "rule", "version",
            name="uq_evidence_rules_declaration",
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"), index=True)
    # None for a vote.
    consultation_id: Mapped[UUID | None] = mapped_column(ForeignKey("consultations.id"))
    # A question's code, or a motion's slug.
    source: Mapped[str] = mapped_column(String(140))
    # Name of a rule in ``roadmap.evidence.rules``.
    rule: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    parameters: Mapped[dict[str, Any]] = mapped_column(JsonDocument, default=dict)
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Proposal(Base):
    """A change to the roadmap that input asks for: one thought, however many people had it.

    What people wrote is not copied here: ``ProposalPoint`` leads to the answers, so whoever has a
    response erased takes the words along. ``title`` and ``body`` are the secretariat's.
    """

    __tablename__ = "proposals"
    __table_args__ = (UniqueConstraint("roadmap_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"), index=True)
    # What people quote: P12.
    number: Mapped[int]
    # ``proposals.kinds.ProposalKind``: what it wants changed.
    kind: Mapped[str] = mapped_column(String(20))
    # A milestone's code, FROM>TO, a paragraph's code; empty for something new.
    subject: Mapped[str] = mapped_column(String(140), default="")
    title: Mapped[LocalizedText] = mapped_column(LocalizedTextType, default=LocalizedText({}))
    body: Mapped[LocalizedText] = mapped_column(LocalizedTextType, default=LocalizedText({}))
    # What it asks for, as far as a machine can do it (a year, the ends and kind of a dependency).
    wanted: Mapped[dict[str, Any]] = mapped_column(JsonDocument, default=dict)
    # Evidence behind it that is no point of a person: rule, figure, value, n, query.
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument, default=list)
    # open, or the decision that holds (``Disposition.decision``).
    state: Mapped[str] = mapped_column(String(20), default="open", index=True)
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposals.id"), index=True)
    split_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposals.id"), index=True)
    # None until a person confirmed that its points belong together.
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    points: Mapped[list["ProposalPoint"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )


class ProposalPoint(Base):
    """Where in a response a proposal was made. It goes when the response goes.

    It names a response and its question and nothing else, with a random id, so that it says no
    more about a person than the response does.
    """

    __tablename__ = "proposal_points"
    # One consultation may speak for several roadmaps: within one, collecting takes a point once.
    __table_args__ = (UniqueConstraint("response_id", "question", "entry", "proposal_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=random_uuid)
    proposal_id: Mapped[UUID] = mapped_column(
        ForeignKey("proposals.id", ondelete="CASCADE"), index=True
    )
    response_id: Mapped[UUID] = mapped_column(ForeignKey("responses.id", ondelete="CASCADE"))
    question: Mapped[str] = mapped_column(String(64))
    # Which part of the answer: a position from 1, a code, FROM>TO.
    entry: Mapped[str] = mapped_column(String(140))
    # Whether a person confirmed that it belongs here, or the machine found it similar.
    confirmed: Mapped[bool] = mapped_column(default=False)


class Disposition(Base):
    """What the secretariat did with a proposal and why; never changed, undone by the next one."""

    __tablename__ = "dispositions"
    __table_args__ = (UniqueConstraint("proposal_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    proposal_id: Mapped[UUID] = mapped_column(
        ForeignKey("proposals.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[int]
    # ``proposals.kinds.Verdict``: accepted, accepted_in_part, rejected, merged, split, later, open.
    decision: Mapped[str] = mapped_column(String(20))
    reason: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    # Where it went: a milestone's or paragraph's code, FROM>TO, or nothing.
    section: Mapped[str] = mapped_column(String(140), default="")
    # What undoing needs: the state before.
    before: Mapped[dict[str, Any]] = mapped_column(JsonDocument, default=dict)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The second person, without whom nothing of it is published.
    confirmed_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="SET NULL")
    )
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Scenario(Base):
    """A branch of the draft: steps that were tried, and are adopted or dropped as a whole."""

    __tablename__ = "scenarios"
    __table_args__ = (UniqueConstraint("roadmap_id", "slug"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="")
    # Steps in order (``roadmap.scenarios.steps``).
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument, default=list)
    # Steps taken back, the last one last, as long as they can be redone.
    undone: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument, default=list)
    # The draft's revision it branched off.
    base_revision: Mapped[int]
    # Grows with every change, so that of two people at once neither is lost.
    revision: Mapped[int] = mapped_column(default=1)
    # open, adopted, dropped
    state: Mapped[str] = mapped_column(String(10), default="open")
    reason: Mapped[str] = mapped_column(String(2000), default="")
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Chapter(Base):
    """A chapter of the document, with or without an area that it is about."""

    __tablename__ = "chapters"
    __table_args__ = (UniqueConstraint("roadmap_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"), index=True)
    code: Mapped[str] = mapped_column(String(64))
    title: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("areas.id", ondelete="SET NULL"))
    position: Mapped[int]
    # A removed chapter takes its paragraphs with it, and brings them back.
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    area: Mapped[Area | None] = relationship()
    paragraphs: Mapped[list["Paragraph"]] = relationship(
        order_by="Paragraph.position", cascade="all, delete-orphan"
    )


class Paragraph(Base):
    """A paragraph as it stands; what it was before is in its versions."""

    __tablename__ = "paragraphs"
    __table_args__ = (UniqueConstraint("roadmap_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"), index=True)
    chapter_id: Mapped[UUID] = mapped_column(ForeignKey("chapters.id"), index=True)
    # Its name in questions, evidence and editions; stays when it is moved.
    code: Mapped[str] = mapped_column(String(64))
    text: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    # Number of its newest version.
    version: Mapped[int] = mapped_column(default=1)
    position: Mapped[int]
    # Removed paragraphs keep their history and can come back.
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ParagraphVersion(Base):
    """A paragraph as it once was: written once."""

    __tablename__ = "paragraph_versions"
    __table_args__ = (UniqueConstraint("paragraph_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    paragraph_id: Mapped[UUID] = mapped_column(ForeignKey("paragraphs.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[LocalizedText] = mapped_column(LocalizedTextType)
    # ``writing.history.VersionKind``: written, corrected, merged, suggestion, checked, restored, …
    change: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(2000), default="")
    suggestion_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("suggestions.id", ondelete="SET NULL")
    )
    proposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposals.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Suggestion(Base):
    """Another wording of a paragraph in one language, to be accepted or rejected."""

    __tablename__ = "suggestions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    paragraph_id: Mapped[UUID] = mapped_column(
        ForeignKey("paragraphs.id", ondelete="CASCADE"), index=True
    )
    # The version it was written against, for the merge.
    base_version: Mapped[int]
    language: Mapped[str] = mapped_column(String(35))
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(2000), default="")
    # open, accepted, rejected, withdrawn
    state: Mapped[str] = mapped_column(String(10), default="open")
    answer: Mapped[str] = mapped_column(String(2000), default="")
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Comment(Base):
    """What somebody who is signed in says about a paragraph, or answers to another comment."""

    __tablename__ = "comments"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    paragraph_id: Mapped[UUID] = mapped_column(
        ForeignKey("paragraphs.id", ondelete="CASCADE"), index=True
    )
    version: Mapped[int]
    answers_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Notice(Base):
    """Something that an account should see: a mention, an answer, a decision on a suggestion."""

    __tablename__ = "notices"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"))
    # mentioned, answered, suggestion_accepted, suggestion_rejected, approval_wanted
    kind: Mapped[str] = mapped_column(String(30))
    # Where it happened: a paragraph's code, a candidate's version.
    subject: Mapped[str] = mapped_column(String(140))
    caused_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Candidate(Base):
    """An edition in the making, on its way through review to publication."""

    __tablename__ = "candidates"
    __table_args__ = (UniqueConstraint("roadmap_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"), index=True)
    version: Mapped[str] = mapped_column(String(20))
    # ``editions.stages.Stage``: draft, internal_review, public_draft, approved, published, ended.
    stage: Mapped[str] = mapped_column(String(20), default="draft")
    # Where everybody may comment on the public draft.
    consultation_id: Mapped[UUID | None] = mapped_column(ForeignKey("consultations.id"))
    # What is in review: the document as canonical JSON, and the draft's revision it was made of.
    document: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(String(64))
    revision: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(2000), default="")
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Approval(Base):
    """One person's yes to exactly one document of a candidate."""

    __tablename__ = "approvals"
    __table_args__ = (UniqueConstraint("candidate_id", "sha256", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("candidates.id", ondelete="CASCADE"))
    sha256: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    approved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Computation(Base):
    """What takes long to compute about a draft, made by a job and kept for its revision."""

    __tablename__ = "computations"
    __table_args__ = (UniqueConstraint("roadmap_id", "kind", "parameters"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    roadmap_id: Mapped[UUID] = mapped_column(ForeignKey("roadmaps.id"))
    # plan, simulation, graph
    kind: Mapped[str] = mapped_column(String(20))
    # As text, in a stable order; empty without any.
    parameters: Mapped[str] = mapped_column(String(200), default="")
    revision: Mapped[int]
    # queued, running, done, failed
    state: Mapped[str] = mapped_column(String(10), default="queued")
    document: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(2000), default="")
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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
    # It stays readable and in the chain, and says that it no longer holds.
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawal_reason: Mapped[str] = mapped_column(String(2000), default="")
    withdrawn_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="SET NULL")
    )

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
