"""Use cases of paragraphs: write, merge, move, remove, restore, and what became of them.

Every text that ever stood is a ``ParagraphVersion``. Who saves says which version they had before
them; where another one stands by then, the two wordings are merged (``writing.merging``), and what
cannot be is refused with both, never overwritten.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import Actor
from core.text import LANGUAGES, LocalizedText, clean_text
from roadmap.draft_checks import CODE, clean_localized
from roadmap.errors import (
    InvalidDraft,
    ParagraphNotFound,
    ParagraphRemoved,
    VersionNotFound,
    WordingChanged,
    WordingConflict,
)
from roadmap.models import Chapter, Milestone, Paragraph, ParagraphVersion, Roadmap
from roadmap.writing.history import Standing, VersionKind, WordingVersion, standings
from roadmap.writing.merging import merge
from roadmap.writing.reading import get_chapter, list_chapters
from roadmap.writing.recording import lock_roadmap, record_change
from roadmap.writing.wording import LONGEST_TEXT

# As surveys.question_checks.OPTION_CODE: a paragraph can be an option of a question.
PARAGRAPH_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a text that was to be saved."""

    paragraph: Paragraph
    changed: bool
    # Whether it was joined with what somebody else wrote meanwhile.
    merged: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """What a version came from: somebody's suggestion, a proposal of the public."""

    suggestion_id: UUID | None = None
    proposal_id: UUID | None = None


NO_CAUSE = Cause()


def clean_paragraph_code(value: str) -> str:
    """A code that can name a paragraph, in a question as well. Raises ``InvalidDraft``."""
    code = value.strip()
    if not PARAGRAPH_CODE.fullmatch(code) or not CODE.fullmatch(code):
        reason = "expected 1 to 64 letters without accents, digits, “.”, “_” or “-”"
        raise InvalidDraft(where="code", reason=reason)
    return code


def clean_wording(language: str, text: str) -> str:
    """The text of a paragraph as it is stored. Raises ``InvalidDraft``, ``InvalidInput``."""
    if language not in LANGUAGES:
        reason = f"{language!r} is not the code of an official EU language"
        raise InvalidDraft(where="language", reason=reason)
    return clean_text(text, where=f"text ({language})", maximum=LONGEST_TEXT).strip()


def get_paragraph(session: Session, *, roadmap: Roadmap, code: str) -> Paragraph:
    """The paragraph as it stands in the database, removed or not. Raises ``ParagraphNotFound``."""
    paragraph = session.scalar(
        select(Paragraph)
        .where(Paragraph.roadmap_id == roadmap.id, Paragraph.code == code)
        .execution_options(populate_existing=True)
    )
    if paragraph is None:
        raise ParagraphNotFound(slug=roadmap.slug, code=code)
    return paragraph


def list_versions(session: Session, *, paragraph: Paragraph) -> list[ParagraphVersion]:
    """Every version, the oldest first."""
    return list(
        session.scalars(
            select(ParagraphVersion)
            .where(ParagraphVersion.paragraph_id == paragraph.id)
            .order_by(ParagraphVersion.number)
        )
    )


def get_version(session: Session, *, paragraph: Paragraph, number: int) -> ParagraphVersion:
    version = session.scalar(
        select(ParagraphVersion).where(
            ParagraphVersion.paragraph_id == paragraph.id, ParagraphVersion.number == number
        )
    )
    if version is None:
        raise VersionNotFound(code=paragraph.code, number=number)
    return version


def language_standings(session: Session, *, roadmap: Roadmap) -> dict[str, dict[str, Standing]]:
    """How far each language of each paragraph is, by the paragraph's code."""
    rows = session.execute(
        select(
            Paragraph.code, ParagraphVersion.number, ParagraphVersion.change,
            ParagraphVersion.text, ParagraphVersion.reason,
        )
        .join(ParagraphVersion, ParagraphVersion.paragraph_id == Paragraph.id)
        .where(Paragraph.roadmap_id == roadmap.id)
        .order_by(Paragraph.code, ParagraphVersion.number)
    )  # fmt: skip
    histories: dict[str, list[WordingVersion]] = {}
    for code, number, change, text, reason in rows:
        kind = VersionKind(change)
        checked = reason if kind is VersionKind.CHECKED else ""
        histories.setdefault(code, []).append(WordingVersion(number, kind, text, checked))
    return {code: standings(history) for code, history in histories.items()}


def add_paragraph(
    session: Session,
    *,
    roadmap: Roadmap,
    chapter: str,
    text: Mapping[str, str],
    actor: Actor,
    now: datetime,
    code: str = "",
    position: int | None = None,
    reason: str = "",
    proposal_id: UUID | None = None,
) -> Paragraph:
    """A new paragraph in the chapter with this code; a code for it is made where none is given.

    ``position`` counts from 1; without it, at the end.
    """
    lock_roadmap(session, roadmap)
    home = get_chapter(session, roadmap=roadmap, code=chapter)
    code = clean_paragraph_code(code) if code.strip() else _free_code(session, roadmap, chapter)
    _check_code_is_free(session, roadmap, code)
    paragraph = Paragraph(
        roadmap_id=roadmap.id, chapter_id=home.id, code=code, text=_clean_texts(text), version=0,
        position=len(home.paragraphs),
    )  # fmt: skip
    session.add(paragraph)
    session.flush()
    session.expire(home, ["paragraphs"])
    write_version(
        session, roadmap, paragraph, paragraph.text, VersionKind.WRITTEN, reason, actor, now,
        Cause(proposal_id=proposal_id),
    )  # fmt: skip
    if position is not None:
        _place(session, roadmap, paragraph, home, position)
    return paragraph


def change_paragraph(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    language: str,
    text: str,
    seen: int,
    actor: Actor,
    now: datetime,
    reason: str = "",
    small: bool = False,
    settled: bool = False,
    cause: Cause = NO_CAUSE,
) -> Saved:
    """Write the paragraph in ``language``; an empty text takes the language out.

    ``seen`` is the number of the version that whoever wrote it had before them; ``small``: it
    corrects a slip, translations stay right; ``settled``: a person joined two wordings. Raises
    ``WordingConflict`` when somebody changed the same sentences since: nothing is saved then.
    """
    lock_roadmap(session, roadmap)
    paragraph = get_standing_paragraph(session, roadmap=roadmap, code=code)
    wanted = clean_wording(language, text)
    base = get_version(session, paragraph=paragraph, number=seen).text.get(language, "")
    current = paragraph.text.get(language, "")
    result = merge(base, wanted, current)
    if result.text is None:
        raise WordingConflict(merge=result, current=paragraph.version, code=code)
    merged = current not in (base, wanted) and wanted != base
    new = result.text.strip()
    if new == current:
        return Saved(paragraph, changed=False, merged=merged)
    kind = VersionKind.CORRECTED if small else VersionKind.WRITTEN
    if cause.suggestion_id is not None:
        kind = VersionKind.SUGGESTION
    elif merged or settled:
        kind = VersionKind.MERGED
    texts = {**paragraph.text, language: new}
    write_version(
        session, roadmap, paragraph, _clean_texts(LocalizedText(texts, paragraph.text.fallback)),
        kind, reason, actor, now, cause,
    )  # fmt: skip
    return Saved(paragraph, changed=True, merged=merged)


def check_translation(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    language: str,
    seen: int,
    actor: Actor,
    now: datetime,
) -> Paragraph:
    """Say that the text in ``language`` says what the others say: it is outdated no more."""
    lock_roadmap(session, roadmap)
    paragraph = get_standing_paragraph(session, roadmap=roadmap, code=code)
    _check_seen(paragraph, seen)
    if not paragraph.text.get(language):
        raise InvalidDraft(where="language", reason="there is no text in this language")
    write_version(
        session, roadmap, paragraph, paragraph.text, VersionKind.CHECKED, "", actor, now,
        about=language,
    )  # fmt: skip
    return paragraph


def move_paragraph(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    position: int,
    actor: Actor,
    now: datetime,
    chapter: str = "",
) -> None:
    """Put it in the place ``position``, counted from 1, of its chapter or of another one."""
    lock_roadmap(session, roadmap)
    paragraph = get_standing_paragraph(session, roadmap=roadmap, code=code)
    home = (
        get_chapter(session, roadmap=roadmap, code=chapter)
        if chapter
        else session.get_one(Chapter, paragraph.chapter_id)
    )
    _place(session, roadmap, paragraph, home, position)
    record_change(session, roadmap, code, "paragraph moved", "", actor, now)


def remove_paragraph(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    seen: int,
    actor: Actor,
    now: datetime,
    reason: str = "",
    proposal_id: UUID | None = None,
) -> None:
    """Take it out of the draft; its code, its history and its comments stay."""
    lock_roadmap(session, roadmap)
    paragraph = get_standing_paragraph(session, roadmap=roadmap, code=code)
    _check_seen(paragraph, seen)
    paragraph.removed_at = now
    write_version(
        session, roadmap, paragraph, paragraph.text, VersionKind.REMOVED, reason, actor, now,
        Cause(proposal_id=proposal_id),
    )  # fmt: skip


def restore_paragraph(
    session: Session,
    *,
    roadmap: Roadmap,
    code: str,
    actor: Actor,
    now: datetime,
    number: int | None = None,
    seen: int | None = None,
    reason: str = "",
) -> Paragraph:
    """Bring a removed paragraph back; with ``number``, the texts of that version.

    An older version overwrites what stands, in every language: ``seen`` has to be the newest.
    """
    lock_roadmap(session, roadmap)
    paragraph = get_paragraph(session, roadmap=roadmap, code=code)
    text = paragraph.text
    if number is not None:
        _check_seen(paragraph, seen)
        text = get_version(session, paragraph=paragraph, number=number).text
    if paragraph.removed_at is None and text == paragraph.text:
        return paragraph
    paragraph.removed_at = None
    write_version(session, roadmap, paragraph, text, VersionKind.RESTORED, reason, actor, now)
    return paragraph


def get_standing_paragraph(session: Session, *, roadmap: Roadmap, code: str) -> Paragraph:
    """A paragraph that has not been removed, nor its chapter. Raises ``ParagraphRemoved``."""
    paragraph = get_paragraph(session, roadmap=roadmap, code=code)
    home = session.get_one(Chapter, paragraph.chapter_id, populate_existing=True)
    if paragraph.removed_at is not None or home.removed_at is not None:
        raise ParagraphRemoved(code=code)
    return paragraph


def write_version(
    session: Session,
    roadmap: Roadmap,
    paragraph: Paragraph,
    text: LocalizedText,
    kind: VersionKind,
    reason: str,
    actor: Actor,
    now: datetime,
    cause: Cause = NO_CAUSE,
    about: str = "",
) -> None:
    """Let ``text`` stand, as the next version. ``about``: the language that was checked."""
    why = clean_text(reason.strip(), where="reason", maximum=2000)
    add_version(session, paragraph, text, kind, about or why, actor, now, cause)
    record_change(
        session, roadmap, paragraph.code, f"paragraph {kind.value}", why, actor, now,
        proposal_id=cause.proposal_id,
    )  # fmt: skip


def add_version(
    session: Session,
    paragraph: Paragraph,
    text: LocalizedText,
    kind: VersionKind,
    reason: str,
    actor: Actor,
    now: datetime,
    cause: Cause = NO_CAUSE,
) -> None:
    """The row of the next version, without an event: changes of many at once have one."""
    paragraph.text = text
    paragraph.version += 1
    session.add(
        ParagraphVersion(
            paragraph_id=paragraph.id, number=paragraph.version, text=text, change=kind.value,
            reason=reason, suggestion_id=cause.suggestion_id, proposal_id=cause.proposal_id,
            account_id=actor.account_id, written_at=now,
        )
    )  # fmt: skip


def _clean_texts(texts: Mapping[str, str]) -> LocalizedText:
    cleaned = clean_localized("text", texts, maximum=LONGEST_TEXT)
    if not cleaned:
        raise InvalidDraft(where="text", reason="expected a text in at least one language")
    return cleaned


def _check_seen(paragraph: Paragraph, seen: int | None) -> None:
    if seen != paragraph.version:
        raise WordingChanged(code=paragraph.code)


def _check_code_is_free(session: Session, roadmap: Roadmap, code: str) -> None:
    """Codes name subjects of evidence: a paragraph and a milestone cannot share one."""
    for table in (Paragraph, Milestone):
        if session.scalar(
            select(table.id).where(table.roadmap_id == roadmap.id, table.code == code)
        ):
            raise InvalidDraft(where="code", reason=f"{code} exists already, or did before")


def _free_code(session: Session, roadmap: Roadmap, chapter: str) -> str:
    stem = re.sub(r"[^A-Za-z0-9_.\-]+", "-", chapter)[:50].strip("-.") or "P"
    taken: set[str] = set()
    for table in (Paragraph, Milestone):
        taken |= set(session.scalars(select(table.code).where(table.roadmap_id == roadmap.id)))
    number = 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _place(
    session: Session, roadmap: Roadmap, paragraph: Paragraph, home: Chapter, position: int
) -> None:
    session.flush()
    here: Sequence[Paragraph] = next(
        (standing for each, standing in list_chapters(session, roadmap=roadmap) if each is home),
        [],
    )
    others = [each for each in here if each.id != paragraph.id]
    others.insert(max(0, position - 1), paragraph)
    paragraph.chapter_id = home.id
    for place, each in enumerate(others):
        each.position = place
    session.flush()
    session.expire(home, ["paragraphs"])
