"""Use cases of chapters: the parts of the document, in order.

The paragraphs in them are changed in ``writing.paragraphs``. What is removed keeps its row, its
code and its history, and can come back.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import Actor
from core.text import LocalizedText
from roadmap.draft_checks import clean_code, clean_localized
from roadmap.errors import ChapterNotFound, InvalidDraft
from roadmap.models import Area, Chapter, Roadmap
from roadmap.writing.importing import LONGEST_TITLE, replace_chapters
from roadmap.writing.reading import chapters_document, get_chapter, list_chapters, read_chapters
from roadmap.writing.recording import lock_roadmap, record_change

__all__ = [
    "add_chapter", "change_chapter", "chapters_document", "get_chapter", "list_chapters",
    "move_chapter", "read_chapters", "remove_chapter", "replace_chapters", "restore_chapter",
]  # fmt: skip


def add_chapter(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    title: Mapping[str, str],
    actor: Actor,
    now: datetime,
    area: str = "",
    reason: str = "",
) -> Chapter:
    """A new chapter at the end. Raises ``InvalidDraft`` naming the field."""
    lock_roadmap(session, roadmap)
    code = clean_code(code)
    if session.scalar(
        select(Chapter.id).where(Chapter.roadmap_id == roadmap.id, Chapter.code == code)
    ):
        raise InvalidDraft(where="code", reason=f"{code} exists already, or did before")
    chapter = Chapter(
        roadmap_id=roadmap.id, code=code, title=_clean_title(title),
        area=_find_area(session, roadmap, area), position=len(_in_order(session, roadmap)),
    )  # fmt: skip
    session.add(chapter)
    record_change(session, roadmap, code, "chapter added", reason, actor, now)
    return chapter


def change_chapter(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    actor: Actor,
    now: datetime,
    title: Mapping[str, str] | None = None,
    seen: Mapping[str, str] | None = None,
    area: str | None = None,
    reason: str = "",
) -> Chapter:
    """Give a chapter another title or area; ``area`` empty: none.

    ``seen`` is the title that whoever changes it has seen: a language that is as it was then
    keeps what others made of it meanwhile, and one that both changed is refused (``InvalidDraft``
    with both texts), so that nobody overwrites anybody.
    """
    lock_roadmap(session, roadmap)
    chapter = _standing_chapter(session, roadmap, code)
    if title is not None:
        chapter.title = _join_titles(_clean_title(title), chapter.title, seen)
    if area is not None:
        chapter.area = _find_area(session, roadmap, area)
    record_change(session, roadmap, code, "chapter changed", reason, actor, now)
    return chapter


def move_chapter(
    session: Session, *, roadmap: Roadmap, code: str, position: int, actor: Actor, now: datetime
) -> None:
    """Put a chapter in the place ``position``, counted from 1; beyond the end is the end."""
    lock_roadmap(session, roadmap)
    chapter = _standing_chapter(session, roadmap, code)
    others = [each for each in _in_order(session, roadmap) if each.id != chapter.id]
    others.insert(max(0, position - 1), chapter)
    for place, each in enumerate(others):
        each.position = place
    record_change(session, roadmap, code, "chapter moved", "", actor, now)


def remove_chapter(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    """Take a chapter out with its paragraphs; ``restore_chapter`` brings it back as it was."""
    lock_roadmap(session, roadmap)
    _standing_chapter(session, roadmap, code).removed_at = now
    record_change(session, roadmap, code, "chapter removed", reason, actor, now)


def restore_chapter(
    session: Session, *, roadmap: Roadmap, code: str, actor: Actor, now: datetime
) -> None:
    """Bring a removed chapter back, at the end, with the paragraphs it had."""
    lock_roadmap(session, roadmap)
    chapter = get_chapter(session, roadmap=roadmap, code=code)
    if chapter.removed_at is None:
        return
    chapter.position = len(_in_order(session, roadmap))
    chapter.removed_at = None
    record_change(session, roadmap, code, "chapter restored", "", actor, now)


def _in_order(session: Session, roadmap: Roadmap) -> list[Chapter]:
    return list(
        session.scalars(
            select(Chapter)
            .where(Chapter.roadmap_id == roadmap.id, Chapter.removed_at.is_(None))
            .order_by(Chapter.position, Chapter.id)
        )
    )


def _standing_chapter(session: Session, roadmap: Roadmap, code: str) -> Chapter:
    chapter = get_chapter(session, roadmap=roadmap, code=code)
    session.refresh(chapter)
    if chapter.removed_at is not None:
        raise ChapterNotFound(slug=roadmap.slug, code=code)
    return chapter


def _clean_title(title: Mapping[str, str]) -> LocalizedText:
    cleaned = clean_localized("title", title, maximum=LONGEST_TITLE)
    if not cleaned:
        raise InvalidDraft(where="title", reason="expected a title in at least one language")
    return cleaned


def _join_titles(
    wanted: LocalizedText, current: LocalizedText, seen: Mapping[str, str] | None
) -> LocalizedText:
    if seen is None:
        return LocalizedText(wanted, current.fallback or None)
    joined = dict(current)
    for language in {**wanted, **seen}:
        mine, before = wanted.get(language, ""), seen.get(language, "")
        theirs = current.get(language, "")
        if mine == before:
            continue
        if theirs not in (before, mine):
            raise InvalidDraft(
                where=f"title ({language})",
                reason=f"somebody else wrote “{theirs}” meanwhile, and you “{mine}”",
            )
        joined[language] = mine
    return _clean_title(LocalizedText(joined, current.fallback or None))


def _find_area(session: Session, roadmap: Roadmap, code: str) -> Area | None:
    if not code:
        return None
    area = session.scalar(select(Area).where(Area.roadmap_id == roadmap.id, Area.code == code))
    if area is None:
        raise InvalidDraft(where="area", reason=f"there is no area {code!r}")
    return area
