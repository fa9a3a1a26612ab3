"""Use cases of comments: threads on a paragraph, with resolving and mentioning."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.errors import Forbidden
from core.text import clean_text
from roadmap.errors import CommentNotFound, InvalidDraft
from roadmap.models import Comment, Paragraph, Roadmap
from roadmap.writing.notices import NoticeKind, notify
from roadmap.writing.paragraphs import get_standing_paragraph
from roadmap.writing.participation import check_may_take_part, people_to_mention
from roadmap.writing.recording import lock_roadmap
from stakeholders.permissions import Role, is_allowed

LONGEST_COMMENT = 5_000


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment and the answers to it, in order."""

    first: Comment
    answers: tuple[Comment, ...]

    @property
    def resolved(self) -> bool:
        return self.first.resolved_at is not None


def list_threads(session: Session, *, paragraph: Paragraph) -> list[Thread]:
    """The threads of a paragraph, the oldest first."""
    comments = session.scalars(
        select(Comment)
        .where(Comment.paragraph_id == paragraph.id)
        .order_by(Comment.created_at, Comment.id)
    ).all()
    answers: dict[UUID, list[Comment]] = {}
    for comment in comments:
        if comment.answers_id is not None:
            answers.setdefault(comment.answers_id, []).append(comment)
    return [
        Thread(comment, tuple(answers.get(comment.id, ())))
        for comment in comments
        if comment.answers_id is None
    ]


def add_comment(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    text: str,
    roles: Collection[Role],
    actor: Actor,
    now: datetime,
    answers: UUID | None = None,
    mentions: Collection[UUID] = (),
) -> Comment:
    """Begin a thread on a paragraph, or answer in one (``answers``: any comment of it).

    An answer opens a resolved thread again. Who is mentioned, and who took part in the thread,
    gets a notice. Raises ``DraftNotOpen``, ``InvalidDraft``, ``CommentNotFound``.
    """
    check_may_take_part(session, roadmap=roadmap, roles=roles)
    lock_roadmap(session, roadmap)
    paragraph = get_standing_paragraph(session, roadmap=roadmap, code=code)
    words = clean_text(text.strip(), where="text", maximum=LONGEST_COMMENT)
    if not words:
        raise InvalidDraft(where="text", reason="expected what you want to say")
    allowed = {each for each, _name in people_to_mention(session, roadmap=roadmap, roles=roles)}
    if not set(mentions) <= allowed:
        raise InvalidDraft(where="mentions", reason="expected people from the list")
    first = _first_of_thread(session, paragraph, answers) if answers else None
    comment = Comment(
        paragraph_id=paragraph.id, version=paragraph.version, text=words,
        answers_id=first.id if first else None, account_id=actor.account_id, created_at=now,
    )  # fmt: skip
    session.add(comment)
    if first is not None:
        first.resolved_at = first.resolved_by = None
    session.flush()
    notify(
        session, roadmap=roadmap, kind=NoticeKind.MENTIONED, subject=code, accounts=mentions,
        actor=actor, now=now,
    )  # fmt: skip
    if first is not None:
        in_thread = session.scalars(
            select(Comment.account_id).where(
                (Comment.id == first.id) | (Comment.answers_id == first.id)
            )
        )
        notify(
            session, roadmap=roadmap, kind=NoticeKind.ANSWERED, subject=code, actor=actor, now=now,
            accounts=[each for each in in_thread if each not in mentions],
        )  # fmt: skip
    _record(session, roadmap, comment, "comment.made", actor, now)
    return comment


def resolve_thread(
    session: Session,
    *,
    roadmap: Roadmap,
    comment_id: UUID,
    resolved: bool,
    roles: Collection[Role],
    actor: Actor,
    now: datetime,
) -> Comment:
    """Put a thread aside as settled, or open it again: who writes the draft, and who began it."""
    check_may_take_part(session, roadmap=roadmap, roles=roles)
    comment = session.scalar(
        select(Comment)
        .join(Paragraph, Paragraph.id == Comment.paragraph_id)
        .where(
            Comment.id == comment_id, Paragraph.roadmap_id == roadmap.id,
            Comment.answers_id.is_(None),
        )
    )  # fmt: skip
    if comment is None:
        raise CommentNotFound
    own = actor.account_id is not None and comment.account_id == actor.account_id
    if not own and not is_allowed(roles, "draft.write"):
        raise Forbidden
    comment.resolved_at = now if resolved else None
    comment.resolved_by = actor.account_id if resolved else None
    session.flush()
    name = "comment.resolved" if resolved else "comment.reopened"
    _record(session, roadmap, comment, name, actor, now)
    return comment


def _first_of_thread(session: Session, paragraph: Paragraph, comment_id: UUID) -> Comment:
    comment = session.get(Comment, comment_id)
    if comment is None or comment.paragraph_id != paragraph.id:
        raise CommentNotFound
    return comment if comment.answers_id is None else session.get_one(Comment, comment.answers_id)


def _record(
    session: Session, roadmap: Roadmap, comment: Comment, name: str, actor: Actor, now: datetime
) -> None:
    audit.record_event(
        session, name=name, actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}:comment:{comment.id}",
    )  # fmt: skip
