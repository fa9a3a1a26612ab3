"""Chapters out of files: the draft's wording becomes what a file says."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.text import LocalizedText
from roadmap.draft import DraftChapter, DraftParagraph
from roadmap.draft_checks import clean_code, clean_localized
from roadmap.errors import InvalidDraft
from roadmap.models import Area, Chapter, Milestone, Paragraph, Roadmap
from roadmap.writing.history import VersionKind
from roadmap.writing.paragraphs import add_version, clean_paragraph_code
from roadmap.writing.recording import lock_roadmap
from roadmap.writing.wording import LONGEST_TEXT

LONGEST_TITLE = 300


def replace_chapters(
    session: Session,
    *,
    roadmap: Roadmap,
    chapters: Sequence[DraftChapter],
    actor: Actor,
    now: datetime,
) -> None:
    """Make the draft's wording what ``chapters`` say.

    A chapter or paragraph with a code that stays keeps its row, its history and its comments;
    what is not named any more is removed and can be restored. A text that differs is a new
    version. Raises ``InvalidDraft`` naming the code at fault; nothing is written then.
    """
    lock_roadmap(session, roadmap)
    _check(session, roadmap, chapters)
    known = {
        each.code: each
        for each in session.scalars(select(Chapter).where(Chapter.roadmap_id == roadmap.id))
    }
    areas = {
        each.code: each
        for each in session.scalars(select(Area).where(Area.roadmap_id == roadmap.id))
    }
    paragraphs = {
        each.code: each
        for each in session.scalars(
            select(Paragraph)
            .where(Paragraph.roadmap_id == roadmap.id)
            .execution_options(populate_existing=True)
        )
    }
    stays: set[str] = set()
    for place, draft in enumerate(chapters):
        chapter = known.pop(draft.code, None)
        if chapter is None:
            chapter = Chapter(roadmap_id=roadmap.id, code=draft.code)
            session.add(chapter)
        chapter.title = clean_localized("title", draft.title, maximum=LONGEST_TITLE)
        chapter.area = areas.get(draft.area)
        chapter.position, chapter.removed_at = place, None
        session.flush()
        for position, paragraph in enumerate(draft.paragraphs):
            stays.add(paragraph.code)
            _write(
                session, roadmap, chapter, position, paragraph, paragraphs.get(paragraph.code),
                actor, now,
            )  # fmt: skip
        session.expire(chapter, ["paragraphs"])
    for chapter in known.values():
        chapter.removed_at = chapter.removed_at or now
    for code, left in paragraphs.items():
        if code not in stays and left.removed_at is None:
            left.removed_at = now
            add_version(session, left, left.text, VersionKind.REMOVED, "", actor, now)
    roadmap.mark_changed()
    session.flush()
    audit.record_event(
        session, name="roadmap.chapters_imported", actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}",
        data={"chapters": len(chapters), "paragraphs": len(stays)},
    )  # fmt: skip


def _write(
    session: Session,
    roadmap: Roadmap,
    chapter: Chapter,
    position: int,
    draft: DraftParagraph,
    paragraph: Paragraph | None,
    actor: Actor,
    now: datetime,
) -> None:
    text = clean_localized("text", draft.text, maximum=LONGEST_TEXT)
    if paragraph is None:
        paragraph = Paragraph(
            roadmap_id=roadmap.id, chapter_id=chapter.id, code=draft.code, text=LocalizedText({}),
            version=0, position=position,
        )  # fmt: skip
        session.add(paragraph)
        session.flush()
    paragraph.chapter_id, paragraph.position = chapter.id, position
    if text != paragraph.text or paragraph.removed_at is not None:
        paragraph.removed_at = None
        add_version(session, paragraph, text, VersionKind.IMPORTED, "", actor, now)


def _check(session: Session, roadmap: Roadmap, chapters: Sequence[DraftChapter]) -> None:
    """Everything that can be wrong, before anything is written."""
    areas = set(session.scalars(select(Area.code).where(Area.roadmap_id == roadmap.id)))
    milestones = set(
        session.scalars(select(Milestone.code).where(Milestone.roadmap_id == roadmap.id))
    )
    seen_chapters: set[str] = set()
    seen: set[str] = set()
    for chapter in chapters:
        where = f"chapter {chapter.code}"
        if clean_code(chapter.code) != chapter.code or chapter.code in seen_chapters:
            raise InvalidDraft(where=where, reason="expected a code that only one chapter has")
        seen_chapters.add(chapter.code)
        if not clean_localized(f"{where}, title", chapter.title, maximum=LONGEST_TITLE):
            raise InvalidDraft(where=where, reason="expected a title in at least one language")
        if chapter.area and chapter.area not in areas:
            raise InvalidDraft(where=where, reason=f"there is no area {chapter.area!r}")
        for paragraph in chapter.paragraphs:
            where = f"paragraph {paragraph.code}"
            if clean_paragraph_code(paragraph.code) != paragraph.code or paragraph.code in seen:
                raise InvalidDraft(where=where, reason="expected a code only one paragraph has")
            if paragraph.code in milestones:
                raise InvalidDraft(where=where, reason="a milestone has this code")
            seen.add(paragraph.code)
            if not clean_localized(f"{where}, text", paragraph.text, maximum=LONGEST_TEXT):
                raise InvalidDraft(where=where, reason="expected a text in some language")
