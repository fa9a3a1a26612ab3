"""The steps in the making of a questionnaire: each can be undone and taken again.

A version in the making may be incomplete at any moment. The steps themselves are
``surveys.making.editing``; what else can be done with a draft is ``surveys.making.building``.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.text import clean_text
from surveys.definition import definition_hash
from surveys.errors import DraftChangedMeanwhile, NothingToUndo, OutForTranslation, VersionFrozen
from surveys.making.differences import compare_documents
from surveys.making.editing import Document
from surveys.models import QuestionnaireEdit, QuestionnaireVersion

MAX_STEPS = 200
"""How many steps of a draft can be undone."""


def take_step(
    session: Session,
    *,
    version: QuestionnaireVersion,
    document: Document,
    action: str,
    now: datetime,
    subject: str = "",
    seen: int | None = None,
    part: Callable[[Document], Any] = lambda document: document,
) -> None:
    """Make ``document`` the state of the draft, as one step that can be undone.

    ``seen`` is the ``edit_position`` of the page that the step was taken on, ``part`` what of the
    document it is about: when somebody else changed that since, ``DraftChangedMeanwhile`` is raised
    and nothing is lost on either side. ``document`` itself is made from the draft as it is. Steps
    that had been undone are forgotten. Raises ``VersionFrozen``, ``OutForTranslation``, and
    ``InvalidInput`` for a text that cannot be stored.
    """
    version = lock_draft(session, version)
    if seen is not None and seen != version.edit_position:
        before = _find_step(session, version, seen)
        if before is None or part(before.definition) != part(version.definition):
            raise DraftChangedMeanwhile
    if document == version.definition:
        return
    _require_storable(document)
    if version.frozen_for_translation_at is not None:
        _require_only_translations(version.definition, document)
    steps = QuestionnaireEdit.version_id == version.id
    if not session.scalar(select(func.count()).select_from(QuestionnaireEdit).where(steps)):
        _keep(session, version, version.edit_position, "begun", "", version.definition, now)
    session.execute(
        delete(QuestionnaireEdit).where(steps, QuestionnaireEdit.position > version.edit_position)
    )
    version.edit_position += 1
    _keep(session, version, version.edit_position, action, subject, document, now)
    session.execute(
        delete(QuestionnaireEdit).where(
            steps, QuestionnaireEdit.position < version.edit_position - MAX_STEPS
        )
    )
    _set(version, document)
    session.flush()


def undo_step(session: Session, *, version: QuestionnaireVersion) -> QuestionnaireEdit:
    """Go one step back; gives the step that was undone. Raises ``NothingToUndo``."""
    version = lock_draft(session, version)
    undone = _find_step(session, version, version.edit_position)
    before = _find_step(session, version, version.edit_position - 1)
    if undone is None or before is None:
        raise NothingToUndo
    _go_to(session, version, before)
    return undone


def redo_step(session: Session, *, version: QuestionnaireVersion) -> QuestionnaireEdit:
    """Take the step again that was undone last. Raises ``NothingToUndo``."""
    version = lock_draft(session, version)
    after = _find_step(session, version, version.edit_position + 1)
    if after is None:
        raise NothingToUndo
    _go_to(session, version, after)
    return after


def steps_around(
    session: Session, *, version: QuestionnaireVersion
) -> tuple[QuestionnaireEdit | None, QuestionnaireEdit | None]:
    """The steps that undo and redo would concern, if there are any."""
    position = version.edit_position
    last = _find_step(session, version, position)
    if last is None or _find_step(session, version, position - 1) is None:
        last = None
    return last, _find_step(session, version, position + 1)


def lock_draft(session: Session, version: QuestionnaireVersion) -> QuestionnaireVersion:
    """The version as it is now, kept from others until the transaction ends."""
    locked = session.scalars(
        select(QuestionnaireVersion)
        .where(QuestionnaireVersion.id == version.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if locked.published_at is not None:
        raise VersionFrozen(number=locked.number)
    return locked


def _require_storable(part: Any, where: str = "") -> None:
    """Drafts may be incomplete, but hold only what every database can store as text."""
    if isinstance(part, str):
        clean_text(part, where=where)
    elif isinstance(part, dict):
        place = str(part.get("code", where))
        for name, value in part.items():
            _require_storable(value, f"{place} {name}".strip())
    elif isinstance(part, list):
        for value in part:
            _require_storable(value, where)


def _require_only_translations(before: Document, after: Document) -> None:
    fallback = before["languages"][0]
    for difference in compare_documents(before, after):
        if difference.kind != "reworded" or difference.language == fallback:
            raise OutForTranslation


def _find_step(
    session: Session, version: QuestionnaireVersion, position: int
) -> QuestionnaireEdit | None:
    return session.scalar(
        select(QuestionnaireEdit).where(
            QuestionnaireEdit.version_id == version.id, QuestionnaireEdit.position == position
        )
    )


def _go_to(session: Session, version: QuestionnaireVersion, step: QuestionnaireEdit) -> None:
    if version.frozen_for_translation_at is not None:
        _require_only_translations(version.definition, step.definition)
    version.edit_position = step.position
    _set(version, step.definition)
    session.flush()


def _set(version: QuestionnaireVersion, document: Document) -> None:
    version.definition, version.sha256 = document, definition_hash(document)


def _keep(
    session: Session, version: QuestionnaireVersion, position: int, action: str, subject: str,
    document: Document, now: datetime,
) -> None:  # fmt: skip
    session.add(
        QuestionnaireEdit(
            version_id=version.id, position=position, action=action, subject=subject[:140],
            definition=document, at=now,
        )
    )  # fmt: skip
    session.flush()
