"""The wording as it stands: rows, plain values, and what an edition holds."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, object_session, selectinload

from roadmap.draft import DraftChapter, DraftParagraph
from roadmap.errors import ChapterNotFound
from roadmap.models import Chapter, Comment, Paragraph, Roadmap, Suggestion


def list_chapters(
    session: Session, *, roadmap: Roadmap, removed: bool = False
) -> list[tuple[Chapter, list[Paragraph]]]:
    """The chapters in order, each with its paragraphs in order; ``removed``: those taken out.

    Chapters taken out come with all their paragraphs, the others with those that stand.
    """
    chapters = session.scalars(
        select(Chapter)
        .where(
            Chapter.roadmap_id == roadmap.id,
            Chapter.removed_at.is_not(None) if removed else Chapter.removed_at.is_(None),
        )
        .order_by(Chapter.position, Chapter.id)
        .options(selectinload(Chapter.paragraphs), joinedload(Chapter.area))
        .execution_options(populate_existing=True)
    )
    return [(chapter, _standing(chapter, all_of_them=removed)) for chapter in chapters]


def get_chapter(session: Session, *, roadmap: Roadmap, code: str) -> Chapter:
    """The chapter, removed or not. Raises ``ChapterNotFound``."""
    chapter = session.scalar(
        select(Chapter).where(Chapter.roadmap_id == roadmap.id, Chapter.code == code)
    )
    if chapter is None:
        raise ChapterNotFound(slug=roadmap.slug, code=code)
    return chapter


def read_chapters(roadmap: Roadmap) -> tuple[DraftChapter, ...]:
    """What the chapters of a roadmap say, as values; ``Draft.chapters`` of ``read_draft``."""
    session = object_session(roadmap)
    if session is None:
        return ()
    return tuple(
        DraftChapter(
            chapter.code,
            chapter.title,
            chapter.area.code if chapter.area else "",
            tuple(DraftParagraph(paragraph.code, paragraph.text) for paragraph in paragraphs),
        )
        for chapter, paragraphs in list_chapters(session, roadmap=roadmap)
    )


def chapters_document(session: Session, *, roadmap: Roadmap) -> list[dict[str, Any]]:
    """The chapters as an edition holds them: ``[{code, title, area, paragraphs: […]}]``.

    ``area`` is a code or empty; a paragraph is ``{code, text, version}``, texts by language.
    """
    return [
        {
            "code": chapter.code,
            "title": chapter.title.as_dict(),
            "area": chapter.area.code if chapter.area else "",
            "paragraphs": [
                {
                    "code": paragraph.code,
                    "text": paragraph.text.as_dict(),
                    "version": paragraph.version,
                }
                for paragraph in paragraphs
            ],
        }
        for chapter, paragraphs in list_chapters(session, roadmap=roadmap)
    ]


def count_waiting(session: Session, *, roadmap: Roadmap) -> dict[str, tuple[int, int]]:
    """Open suggestions and open conversations by the paragraph's code, where there are any."""
    counts: dict[str, list[int]] = {}
    suggestions = select(Paragraph.code, func.count()).join(
        Suggestion, Suggestion.paragraph_id == Paragraph.id
    )
    conversations = select(Paragraph.code, func.count()).join(
        Comment, Comment.paragraph_id == Paragraph.id
    )
    for place, query in enumerate(
        (
            suggestions.where(Suggestion.state == "open"),
            conversations.where(Comment.answers_id.is_(None), Comment.resolved_at.is_(None)),
        )
    ):
        of_roadmap = query.where(Paragraph.roadmap_id == roadmap.id).group_by(Paragraph.code)
        for code, number in session.execute(of_roadmap):
            counts.setdefault(code, [0, 0])[place] = number
    return {code: (first, second) for code, (first, second) in counts.items()}


def _standing(chapter: Chapter, *, all_of_them: bool) -> list[Paragraph]:
    return sorted(
        (each for each in chapter.paragraphs if all_of_them or each.removed_at is None),
        key=lambda each: (each.position, each.id),
    )
