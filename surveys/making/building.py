"""Use cases about a questionnaire in the making: begin, check, send out for translation.

Its steps, with undo, are ``surveys.making.steps``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from surveys.consultations import add_version
from surveys.definition import parse_definition
from surveys.errors import InvalidQuestionnaire
from surveys.language.satisfiability import impossible_conditions
from surveys.making.editing import Document, new_document, sections_of
from surveys.making.steps import lock_draft
from surveys.models import Consultation, QuestionnaireVersion


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong with a questionnaire. ``path`` is in the document; ``section`` and
    ``question`` are the codes it lies in, where it does. ``blocks``: whether it cannot be published
    with it."""

    path: str
    reason: str
    section: str = ""
    question: str = ""
    blocks: bool = True


def find_draft_version(
    session: Session, *, consultation: Consultation
) -> QuestionnaireVersion | None:
    """The version in the making, if there is one."""
    return session.scalar(
        select(QuestionnaireVersion)
        .where(
            QuestionnaireVersion.consultation_id == consultation.id,
            QuestionnaireVersion.published_at.is_(None),
        )
        .order_by(QuestionnaireVersion.number.desc())
        .limit(1)
    )


def begin_draft_version(
    session: Session, *, consultation: Consultation, actor: Actor, now: datetime
) -> QuestionnaireVersion:
    """The version in the making; where there is none, a new one like the one last published."""
    known = find_draft_version(session, consultation=consultation)
    if known is not None:
        return known
    if consultation.current_version_id is not None:
        latest = session.get_one(QuestionnaireVersion, consultation.current_version_id)
        definition = latest.definition
    else:
        title = consultation.title
        definition = new_document(title=title.as_dict(), languages=[*title] or ["en"])
    return add_version(
        session, consultation=consultation, definition=definition, actor=actor, now=now
    )


def freeze_for_translation(
    session: Session, *, version: QuestionnaireVersion, actor: Actor, now: datetime
) -> None:
    """From now on only the texts in other languages than the first may change."""
    version = lock_draft(session, version)
    if version.frozen_for_translation_at is None:
        version.frozen_for_translation_at = now
        _record(session, "questionnaire.sent_for_translation", version, actor, now)


def unfreeze_after_translation(
    session: Session, *, version: QuestionnaireVersion, actor: Actor, now: datetime
) -> None:
    """Everything may change again."""
    version = lock_draft(session, version)
    if version.frozen_for_translation_at is not None:
        version.frozen_for_translation_at = None
        _record(session, "questionnaire.returned_from_translation", version, actor, now)


def find_issues(document: Document) -> list[Issue]:
    """Everything wrong with the questionnaire, and what is probably not meant.

    What keeps it from being published comes first; conditions that can never hold are looked for
    once the rest is right.
    """
    try:
        questionnaire = parse_definition(document)
    except InvalidQuestionnaire as refused:
        return [_issue(document, path, reason) for path, reason in refused.problems]
    issues = [
        _issue(document, path, reason) for path, reason in impossible_conditions(questionnaire)
    ]
    for index, section in enumerate(sections_of(document)):
        if not section["questions"]:
            issues.append(
                Issue(
                    f"sections[{index}].questions", "is empty: nobody will see this section",
                    section["code"], blocks=False,
                )
            )  # fmt: skip
    return issues


def _issue(document: Document, path: str, reason: str) -> Issue:
    """With the codes of the section and the question that ``path`` leads through."""
    section = question = ""
    part: Any = document
    for step in path.replace("]", "").replace("[", ".").split("."):
        try:
            part = part[int(step)] if isinstance(part, list) else part[step]
        except (KeyError, IndexError, ValueError, TypeError):
            break
        if isinstance(part, dict) and isinstance(part.get("code"), str):
            if "questions" in part:
                section = part["code"]
            elif "type" in part:
                question = part["code"]
    return Issue(path, reason, section, question)


def _record(
    session: Session, name: str, version: QuestionnaireVersion, actor: Actor, now: datetime
) -> None:
    session.flush()
    audit.record_event(
        session, name=name, actor=actor, now=now,
        subject=f"consultation:{version.consultation.slug}",
        data={"version": version.number, "sha256": version.sha256},
    )  # fmt: skip
