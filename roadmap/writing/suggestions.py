"""Use cases of suggested changes: another wording of a paragraph in one language.

Accepting one merges it on top of what stands by then, as saving does.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.errors import Forbidden
from core.text import clean_text
from roadmap.errors import InvalidDraft, SuggestionDecided, SuggestionNotFound
from roadmap.models import Paragraph, Roadmap, Suggestion
from roadmap.writing.notices import NoticeKind, notify
from roadmap.writing.paragraphs import (
    Cause,
    Saved,
    change_paragraph,
    clean_wording,
    get_standing_paragraph,
    get_version,
)
from roadmap.writing.participation import check_may_take_part
from roadmap.writing.recording import lock_roadmap
from stakeholders.permissions import Role

MOST_OPEN = 5
"""Suggestions for one paragraph that one account may have open at a time."""
OPEN, ACCEPTED, REJECTED, WITHDRAWN = "open", "accepted", "rejected", "withdrawn"


def list_suggestions(session: Session, *, paragraph: Paragraph) -> list[Suggestion]:
    """All suggestions for a paragraph, the oldest first."""
    return list(
        session.scalars(
            select(Suggestion)
            .where(Suggestion.paragraph_id == paragraph.id)
            .order_by(Suggestion.created_at, Suggestion.id)
        )
    )


def get_suggestion(session: Session, *, roadmap: Roadmap, suggestion_id: UUID) -> Suggestion:
    suggestion = session.scalar(
        select(Suggestion)
        .join(Paragraph, Paragraph.id == Suggestion.paragraph_id)
        .where(Suggestion.id == suggestion_id, Paragraph.roadmap_id == roadmap.id)
        .execution_options(populate_existing=True)
    )
    if suggestion is None:
        raise SuggestionNotFound
    return suggestion


def suggest_change(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    language: str,
    text: str,
    seen: int,
    roles: Collection[Role],
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Suggestion:
    """Suggest ``text`` for what version ``seen`` says in ``language``.

    Raises ``DraftNotOpen`` where the draft is not open to ``roles``, and ``InvalidDraft`` where
    the text is that of the version, or empty, or the person has ``MOST_OPEN`` open here.
    """
    check_may_take_part(session, roadmap=roadmap, roles=roles)
    lock_roadmap(session, roadmap)
    paragraph = get_standing_paragraph(session, roadmap=roadmap, code=code)
    wanted = clean_wording(language, text)
    base = get_version(session, paragraph=paragraph, number=seen).text.get(language, "")
    if not wanted or wanted == base:
        raise InvalidDraft(where="text", reason="expected another wording than the one there is")
    mine = session.scalar(
        select(func.count()).where(
            Suggestion.paragraph_id == paragraph.id, Suggestion.state == OPEN,
            Suggestion.account_id == actor.account_id,
        )
    )  # fmt: skip
    if (mine or 0) >= MOST_OPEN:
        reason = f"you have {MOST_OPEN} open suggestions here; withdraw one first"
        raise InvalidDraft(where="text", reason=reason)
    suggestion = Suggestion(
        paragraph_id=paragraph.id, base_version=seen, language=language, text=wanted,
        reason=clean_text(reason.strip(), where="reason", maximum=2000), state=OPEN,
        account_id=actor.account_id, created_at=now,
    )  # fmt: skip
    session.add(suggestion)
    session.flush()
    _record(session, roadmap, suggestion, "suggestion.made", actor, now)
    return suggestion


def accept_suggestion(
    session: Session,
    *,
    roadmap: Roadmap,
    suggestion_id: UUID,
    actor: Actor,
    now: datetime,
    answer: str = "",
    text: str | None = None,
    seen: int | None = None,
) -> Saved:
    """Let the suggested wording stand, merged with what changed since it was written.

    Raises ``WordingConflict`` where both changed the same sentences. Whoever has chosen what is
    to stand then gives it as ``text``, with ``seen``, the version they had before them.
    """
    suggestion, paragraph = _open(session, roadmap, suggestion_id)
    saved = change_paragraph(
        session,
        roadmap=roadmap,
        code=paragraph.code,
        language=suggestion.language,
        text=suggestion.text if text is None else text,
        seen=suggestion.base_version if text is None or seen is None else seen,
        actor=actor,
        now=now,
        reason=suggestion.reason,
        cause=Cause(suggestion_id=suggestion.id),
    )
    _decide(session, roadmap, suggestion, ACCEPTED, answer, actor, now)
    notify(
        session, roadmap=roadmap, kind=NoticeKind.SUGGESTION_ACCEPTED, subject=paragraph.code,
        accounts=[suggestion.account_id], actor=actor, now=now,
    )  # fmt: skip
    return saved


def reject_suggestion(
    session: Session,
    *,
    roadmap: Roadmap,
    suggestion_id: UUID,
    answer: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Leave the text as it is and say why: ``answer`` is for whoever suggested it."""
    suggestion, paragraph = _open(session, roadmap, suggestion_id)
    if not answer.strip():
        raise InvalidDraft(where="answer", reason="expected why: whoever suggested it reads it")
    _decide(session, roadmap, suggestion, REJECTED, answer, actor, now)
    notify(
        session, roadmap=roadmap, kind=NoticeKind.SUGGESTION_REJECTED, subject=paragraph.code,
        accounts=[suggestion.account_id], actor=actor, now=now,
    )  # fmt: skip


def withdraw_suggestion(
    session: Session, *, roadmap: Roadmap, suggestion_id: UUID, actor: Actor, now: datetime
) -> None:
    """Take back a suggestion of one's own that nobody has decided about."""
    suggestion, _paragraph = _open(session, roadmap, suggestion_id)
    if actor.account_id is None or suggestion.account_id != actor.account_id:
        raise Forbidden
    _decide(session, roadmap, suggestion, WITHDRAWN, "", actor, now)


def _open(session: Session, roadmap: Roadmap, suggestion_id: UUID) -> tuple[Suggestion, Paragraph]:
    lock_roadmap(session, roadmap)
    suggestion = get_suggestion(session, roadmap=roadmap, suggestion_id=suggestion_id)
    if suggestion.state != OPEN:
        raise SuggestionDecided
    return suggestion, session.get_one(Paragraph, suggestion.paragraph_id)


def _decide(
    session: Session,
    roadmap: Roadmap,
    suggestion: Suggestion,
    state: str,
    answer: str,
    actor: Actor,
    now: datetime,
) -> None:
    suggestion.state = state
    suggestion.answer = clean_text(answer.strip(), where="answer", maximum=2000)
    suggestion.decided_by, suggestion.decided_at = actor.account_id, now
    session.flush()
    _record(session, roadmap, suggestion, f"suggestion.{state}", actor, now)


def _record(
    session: Session,
    roadmap: Roadmap,
    suggestion: Suggestion,
    name: str,
    actor: Actor,
    now: datetime,
) -> None:
    audit.record_event(
        session, name=name, actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}:suggestion:{suggestion.id}",
    )  # fmt: skip
