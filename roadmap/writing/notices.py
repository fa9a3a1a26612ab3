"""Notices: what an account should see. They say what happened and where, never in whose words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.audit import Actor
from core.text import LocalizedText
from roadmap.models import Notice, Roadmap
from roadmap.writing.participation import name_of
from stakeholders.models import Account

MOST_SHOWN = 200


class NoticeKind(StrEnum):
    """What happened."""

    MENTIONED = "mentioned"
    ANSWERED = "answered"
    SUGGESTION_ACCEPTED = "suggestion_accepted"
    SUGGESTION_REJECTED = "suggestion_rejected"
    APPROVAL_WANTED = "approval_wanted"


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice with what a page says of it; ``name`` is empty where the account is gone."""

    notice: Notice
    slug: str
    title: LocalizedText
    name: str


def notify(
    session: Session,
    *,
    roadmap: Roadmap,
    kind: NoticeKind,
    subject: str,
    accounts: Iterable[UUID | None],
    actor: Actor,
    now: datetime,
) -> None:
    """Let these accounts know, each once, and nobody of what they did themselves.

    Who has the same notice unseen gets no second one.
    """
    waiting = set(
        session.scalars(
            select(Notice.account_id).where(
                Notice.roadmap_id == roadmap.id, Notice.kind == kind.value,
                Notice.subject == subject, Notice.caused_by == actor.account_id,
                Notice.seen_at.is_(None),
            )
        )
    )  # fmt: skip
    for account_id in dict.fromkeys(accounts):
        if account_id is None or account_id == actor.account_id or account_id in waiting:
            continue
        session.add(
            Notice(
                account_id=account_id, roadmap_id=roadmap.id, kind=kind.value, subject=subject,
                caused_by=actor.account_id, created_at=now,
            )
        )  # fmt: skip


def list_notices(session: Session, *, account_id: UUID) -> list[NoticeLine]:
    """What is there for an account: the unseen first, of each the newest first."""
    rows = session.execute(
        select(Notice, Roadmap.slug, Roadmap.title, Account)
        .join(Roadmap, Roadmap.id == Notice.roadmap_id)
        .outerjoin(Account, Account.id == Notice.caused_by)
        .where(Notice.account_id == account_id)
        .order_by(Notice.seen_at.is_not(None), Notice.created_at.desc(), Notice.id.desc())
        .limit(MOST_SHOWN)
    )
    return [NoticeLine(notice, slug, title, name_of(who)) for notice, slug, title, who in rows]


def count_unseen(session: Session, *, account_id: UUID) -> int:
    query = select(func.count()).where(Notice.account_id == account_id, Notice.seen_at.is_(None))
    return session.scalar(query) or 0


def mark_seen(
    session: Session, *, account_id: UUID, now: datetime, notice_id: UUID | None = None
) -> None:
    """Mark one notice of this account as seen, or all of them."""
    chosen = update(Notice).where(Notice.account_id == account_id, Notice.seen_at.is_(None))
    if notice_id is not None:
        chosen = chosen.where(Notice.id == notice_id)
    session.execute(chosen.values(seen_at=now))


def mark_place_seen(
    session: Session, *, account_id: UUID, roadmap: Roadmap, subject: str, now: datetime
) -> None:
    """Mark what is about one place as seen: whoever acts there has seen it."""
    session.execute(
        update(Notice)
        .where(
            Notice.account_id == account_id, Notice.roadmap_id == roadmap.id,
            Notice.subject == subject, Notice.seen_at.is_(None),
        )
        .values(seen_at=now)
    )  # fmt: skip
