"""What every change of the wording leaves behind, and how two at once take turns."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.text import clean_text
from roadmap.models import Decision, Roadmap


def lock_roadmap(session: Session, roadmap: Roadmap) -> None:
    """Let nobody else change this roadmap until the transaction ends.

    Every use case of writing begins with it, so that of two at once the second sees what the
    first one did. SQLite has one writer at a time anyway.
    """
    session.flush()
    session.execute(select(Roadmap.id).where(Roadmap.id == roadmap.id).with_for_update())


def record_change(
    session: Session,
    roadmap: Roadmap,
    subject: str,
    change: str,
    reason: str,
    actor: Actor,
    now: datetime,
    **cause: Any,
) -> None:
    """One more change of the draft: its revision, an event, and a decision where there is a reason.

    ``cause`` may name a ``proposal_id`` or ``scenario_id``.
    """
    why = clean_text(reason.strip(), where="reason", maximum=2000)
    if why:
        session.add(
            Decision(
                roadmap_id=roadmap.id, subject=subject, change=change, reason=why,
                account_id=actor.account_id, decided_at=now, **cause,
            )
        )  # fmt: skip
    roadmap.mark_changed()
    session.flush()
    audit.record_event(
        session, name="roadmap.changed", actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}:{subject}", data={"change": change, "reason": why},
    )  # fmt: skip
