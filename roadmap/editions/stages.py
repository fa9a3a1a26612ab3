"""An edition in the making: draft → internal review → public draft → approved → published.

A *candidate* is opened under a number. When it enters review its text is frozen: the document as
canonical JSON, its SHA-256, and the draft's revision. From then on people look at that text, and
what two of them approve is exactly that hash. Freezing it again drops the approvals. Publishing
fills in who approved, and nothing else (``document.published``).

Every use case locks the roadmap first: of two people at once the second one meets what the first
one did. Each step is an audit event; a step back says why.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import rfc8785
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.text import clean_text
from roadmap.editions.document import published
from roadmap.editions.freezing import freeze_draft, named
from roadmap.editions.publishing import (
    append_edition,
    check_version,
    latest_edition,
    lock_roadmap,
)
from roadmap.errors import (
    CandidateChanged,
    CandidateExists,
    CandidateNotFound,
    CandidateOutdated,
    EditionExists,
    InvalidStep,
    NotApproved,
    SamePerson,
    WrongStage,
)
from roadmap.models import Approval, Candidate, Edition, Roadmap
from roadmap.roadmaps import get_roadmap
from stakeholders.models import Account
from stakeholders.permissions import Role, is_allowed

NEEDED = 2
"""How many people approve what is published."""
APPROVE = "edition.approve"


class Stage(StrEnum):
    """Where an edition in the making is. ``ENDED`` is one that will not be published."""

    DRAFT = "draft"
    INTERNAL_REVIEW = "internal_review"
    PUBLIC_DRAFT = "public_draft"
    APPROVED = "approved"
    PUBLISHED = "published"
    ENDED = "ended"


PATH = (
    Stage.DRAFT, Stage.INTERNAL_REVIEW, Stage.PUBLIC_DRAFT, Stage.APPROVED, Stage.PUBLISHED,
)  # fmt: skip
_OPEN = PATH[:-1]
_FROZEN = PATH[1:-1]
_PUBLIC = (Stage.PUBLIC_DRAFT, Stage.APPROVED)


@dataclass(frozen=True, slots=True)
class CountedApproval:
    """An approval that counts: of the text as it is, by an account that still may."""

    account_id: Any
    name: str
    role: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands between a candidate and publication.

    draft_moved: the draft was changed since the text was frozen. outdated: another edition was
    published since, which this one would not follow.
    """

    approvals: tuple[CountedApproval, ...]
    draft_moved: bool
    outdated: bool

    @property
    def missing(self) -> int:
        """How many approvals are missing."""
        return max(0, NEEDED - len(self.approvals))


def open_candidate(
    session: Session, *, slug: str, version: str, actor: Actor, now: datetime, note: str = ""
) -> Candidate:
    """Begin to prepare edition ``version``. One is prepared at a time (``CandidateExists``)."""
    lock_roadmap(session, slug=slug)
    check_version(slug, version, latest_edition(session, slug=slug))
    going_on = find_open_candidate(session, slug=slug)
    if going_on is not None:
        raise CandidateExists(slug=slug, version=going_on.version)
    roadmap = get_roadmap(session, slug=slug)
    candidate = _find(session, slug, version)
    if candidate is None:
        candidate = Candidate(roadmap_id=roadmap.id, version=version, created_at=now)
        session.add(candidate)
    candidate.stage, candidate.note = Stage.DRAFT, clean_text(note, where="note", maximum=2000)
    candidate.document = candidate.sha256 = candidate.revision = candidate.consultation_id = None
    candidate.account_id, candidate.changed_at = actor.account_id, now
    session.flush()
    _record(session, "candidate.opened", slug, candidate, actor, now)
    return candidate


def freeze_candidate(
    session: Session, *, slug: str, version: str, actor: Actor, now: datetime
) -> Candidate:
    """Freeze what the draft says now, and (again) begin the review; approvals are dropped."""
    candidate = _locked(session, slug, version, _OPEN)
    previous = latest_edition(session, slug=slug)
    check_version(slug, version, previous)
    roadmap = get_roadmap(session, slug=slug)
    document = freeze_draft(session, roadmap=roadmap, previous=previous, version=version, now=now)
    canonical = rfc8785.dumps(document)
    candidate.document = canonical.decode()
    candidate.sha256 = hashlib.sha256(canonical).hexdigest()
    candidate.revision = roadmap.revision
    candidate.account_id = actor.account_id
    _drop_approvals(session, candidate)
    _move(session, candidate, Stage.INTERNAL_REVIEW, now)
    _record(session, "candidate.frozen", slug, candidate, actor, now)
    return candidate


def publish_draft(
    session: Session, *, slug: str, version: str, sha256: str, actor: Actor, now: datetime
) -> Candidate:
    """Let everybody read the frozen text. ``sha256`` is the text that was looked at."""
    candidate = _locked(session, slug, version, (Stage.INTERNAL_REVIEW,), sha256)
    _move(session, candidate, Stage.PUBLIC_DRAFT, now)
    _record(session, "candidate.made_public", slug, candidate, actor, now)
    return candidate


def approve_candidate(
    session: Session, *, slug: str, version: str, sha256: str, actor: Actor, now: datetime
) -> Candidate:
    """One person's yes to the text with this ``sha256``; with the second one it is approved.

    Raises ``SamePerson`` for a second yes of one person, ``CandidateChanged`` for another text.
    """
    candidate = _locked(session, slug, version, _PUBLIC, sha256)
    if actor.account_id is None or not _may_approve(session.get(Account, actor.account_id)):
        raise InvalidStep(where="account", reason="expected the account of one who may approve")
    if session.scalar(
        select(Approval.id).where(
            Approval.candidate_id == candidate.id,
            Approval.sha256 == sha256,
            Approval.account_id == actor.account_id,
        )
    ):
        raise SamePerson
    session.add(
        Approval(
            candidate_id=candidate.id, sha256=sha256, account_id=actor.account_id, approved_at=now
        )
    )
    session.flush()
    _record(session, "candidate.approved", slug, candidate, actor, now)
    if len(counted_approvals(session, candidate=candidate)) >= NEEDED:
        _move(session, candidate, Stage.APPROVED, now)
    return candidate


def take_back_approval(
    session: Session, *, slug: str, version: str, actor: Actor, now: datetime
) -> Candidate:
    """Take one's own yes back, as long as the edition is not published."""
    candidate = _locked(session, slug, version, _PUBLIC)
    session.execute(
        delete(Approval).where(
            Approval.candidate_id == candidate.id, Approval.account_id == actor.account_id
        )
    )
    if len(counted_approvals(session, candidate=candidate)) < NEEDED:
        _move(session, candidate, Stage.PUBLIC_DRAFT, now)
    _record(session, "candidate.approval_taken_back", slug, candidate, actor, now)
    return candidate


def step_back(
    session: Session,
    *,
    slug: str,
    version: str,
    stage: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Candidate:
    """Go back to an earlier ``stage`` of the path and say why; approvals are dropped."""
    candidate = _locked(session, slug, version, _FROZEN)
    earlier = [each.value for each in PATH[: PATH.index(Stage(candidate.stage))]]
    if stage not in earlier:
        raise InvalidStep(where="stage", reason=f"expected one of {', '.join(earlier)}")
    candidate.note = _reason(reason)
    _drop_approvals(session, candidate)
    _move(session, candidate, Stage(stage), now)
    _record(session, "candidate.stepped_back", slug, candidate, actor, now)
    return candidate


def end_candidate(
    session: Session, *, slug: str, version: str, reason: str, actor: Actor, now: datetime
) -> Candidate:
    """Give the edition up. Its number can be opened again."""
    candidate = _locked(session, slug, version, _OPEN)
    candidate.note = _reason(reason)
    _drop_approvals(session, candidate)
    _move(session, candidate, Stage.ENDED, now)
    _record(session, "candidate.ended", slug, candidate, actor, now)
    return candidate


def publish_candidate(
    session: Session, *, slug: str, version: str, sha256: str, actor: Actor, now: datetime
) -> Edition:
    """Publish the text with this ``sha256``, which two people approved.

    Raises ``NotApproved``, ``CandidateChanged``, ``CandidateOutdated`` where another edition came
    first, and ``EditionExists`` where it is published already.
    """
    candidate = _locked(session, slug, version, (*_OPEN, Stage.PUBLISHED))
    if candidate.stage == Stage.PUBLISHED:
        raise EditionExists(slug=slug, version=version)
    if candidate.document is None or candidate.sha256 is None or candidate.sha256 != sha256:
        raise CandidateChanged(version=version)
    approvals = counted_approvals(session, candidate=candidate)
    if candidate.stage != Stage.APPROVED or len(approvals) < NEEDED:
        raise NotApproved(version=version, count=len(approvals), needed=NEEDED)
    previous = latest_edition(session, slug=slug)
    frozen: Mapping[str, Any] = json.loads(candidate.document)
    if frozen["previous"] != named(previous):
        raise CandidateOutdated(version=version)
    document = published(
        frozen,
        on=now.date(),
        by=actor.role,
        approved_sha256=candidate.sha256,
        approvals=[
            {"role": each.role, "approved_on": each.approved_at.date().isoformat()}
            for each in approvals
        ],
    )
    roadmap = session.get_one(Roadmap, candidate.roadmap_id)
    edition = append_edition(
        session, roadmap=roadmap, previous=previous, document=document, actor=actor, now=now
    )
    _move(session, candidate, Stage.PUBLISHED, now)
    return edition


def get_candidate(session: Session, *, slug: str, version: str) -> Candidate:
    candidate = _find(session, slug, version)
    if candidate is None:
        raise CandidateNotFound(slug=slug, version=version)
    return candidate


def find_open_candidate(session: Session, *, slug: str) -> Candidate | None:
    """The edition that is being prepared, if one is."""
    return session.scalar(
        select(Candidate)
        .join(Roadmap, Roadmap.id == Candidate.roadmap_id)
        .where(Roadmap.slug == slug, Candidate.stage.in_(_OPEN))
        .order_by(Candidate.created_at.desc())
        .limit(1)
    )


def find_public_draft(session: Session, *, slug: str) -> Candidate | None:
    """The edition being prepared, where everybody may read it."""
    candidate = find_open_candidate(session, slug=slug)
    return candidate if candidate is not None and candidate.stage in _PUBLIC else None


def list_candidates(session: Session, *, slug: str) -> Sequence[Candidate]:
    """All that were ever opened, the newest first."""
    return session.scalars(
        select(Candidate)
        .join(Roadmap, Roadmap.id == Candidate.roadmap_id)
        .where(Roadmap.slug == slug)
        .order_by(Candidate.changed_at.desc(), Candidate.version)
    ).all()


def counted_approvals(session: Session, *, candidate: Candidate) -> tuple[CountedApproval, ...]:
    """The approvals of the text as it is, of people who still may approve, oldest first."""
    rows = session.execute(
        select(Approval, Account)
        .join(Account, Account.id == Approval.account_id)
        .where(Approval.candidate_id == candidate.id, Approval.sha256 == candidate.sha256)
        .order_by(Approval.approved_at, Approval.id)
    )
    return tuple(
        CountedApproval(account.id, account.display_name, _role_of(account), approval.approved_at)
        for approval, account in rows
        if _may_approve(account)
    )


def standing_of(session: Session, *, slug: str, candidate: Candidate) -> Standing:
    """What is still missing, and whether the frozen text is behind."""
    revision = session.scalar(select(Roadmap.revision).where(Roadmap.slug == slug))
    latest = named(latest_edition(session, slug=slug))
    frozen = json.loads(candidate.document) if candidate.document else None
    return Standing(
        approvals=counted_approvals(session, candidate=candidate),
        draft_moved=frozen is not None and candidate.revision != revision,
        outdated=frozen is not None and frozen["previous"] != latest,
    )


def _find(session: Session, slug: str, version: str) -> Candidate | None:
    return session.scalar(
        select(Candidate)
        .join(Roadmap, Roadmap.id == Candidate.roadmap_id)
        .where(Roadmap.slug == slug, Candidate.version == version)
        # Whatever this session has seen before: behind the lock only what is there counts.
        .execution_options(populate_existing=True)
    )


def _locked(
    session: Session,
    slug: str,
    version: str,
    stages: Sequence[Stage],
    sha256: str | None = None,
) -> Candidate:
    """The candidate behind the roadmap's lock, at one of ``stages`` and with this text."""
    lock_roadmap(session, slug=slug)
    candidate = get_candidate(session, slug=slug, version=version)
    if candidate.stage not in stages:
        raise WrongStage(version=version)
    if sha256 is not None and candidate.sha256 != sha256:
        raise CandidateChanged(version=version)
    return candidate


def _move(session: Session, candidate: Candidate, stage: Stage, now: datetime) -> None:
    candidate.stage, candidate.changed_at = stage.value, now
    session.flush()


def _drop_approvals(session: Session, candidate: Candidate) -> None:
    session.execute(delete(Approval).where(Approval.candidate_id == candidate.id))


def _reason(reason: str) -> str:
    text = clean_text(reason.strip(), where="reason", maximum=2000)
    if not text:
        raise InvalidStep(where="reason", reason="expected why; it stays on record")
    return text


def _may_approve(account: Account | None) -> bool:
    if account is None or not account.active:
        return False
    return is_allowed([Role(entry.role) for entry in account.roles], APPROVE)


def _role_of(account: Account) -> str:
    """The role in which an account approves: what an edition says instead of a name."""
    held = {Role(entry.role) for entry in account.roles}
    return next((role.value for role in Role if role in held and is_allowed([role], APPROVE)), "")


def _record(
    session: Session, name: str, slug: str, candidate: Candidate, actor: Actor, now: datetime
) -> None:
    audit.record_event(
        session, name=name, actor=actor, now=now, subject=f"edition:{slug}:{candidate.version}",
        data={"stage": str(candidate.stage), "sha256": candidate.sha256, "note": candidate.note},
    )  # fmt: skip
