"""Use cases about the library of blocks: sections kept to be put into other questionnaires."""

import copy
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.ids import clean_slug
from core.text import LocalizedText
from surveys.errors import BlockNotFound, InvalidConsultation
from surveys.making.editing import Document, InvalidEdit, Part, find_section
from surveys.models import QuestionBlock


def list_blocks(session: Session) -> list[QuestionBlock]:
    """All blocks, by name."""
    return list(session.scalars(select(QuestionBlock).order_by(QuestionBlock.slug)))


def get_block(session: Session, *, slug: str) -> QuestionBlock:
    block = session.scalar(select(QuestionBlock).where(QuestionBlock.slug == slug))
    if block is None:
        raise BlockNotFound(slug=slug)
    return block


def save_block(
    session: Session, *, slug: str, document: Document, section: str, actor: Actor, now: datetime
) -> QuestionBlock:
    """Keep a section of ``document`` under a name of its own.

    Raises ``InvalidConsultation`` for a name in use, ``InvalidEdit`` for a section that is not
    there.
    """
    part = find_section(document, section)
    if part is None:
        raise InvalidEdit(reason=f"there is no section {section[:64]} any more")
    name = clean_slug(slug)
    if session.scalar(select(QuestionBlock.id).where(QuestionBlock.slug == name)) is not None:
        raise InvalidConsultation(where="slug", reason=f"{name} is in use already")
    languages = list(document["languages"])
    title: Mapping[str, str] = part.get("title") or {languages[0]: name}
    block = QuestionBlock(
        slug=name,
        title=LocalizedText(title, languages[0]),
        definition=copy.deepcopy(part) | {"languages": languages},
        created_at=now,
    )
    session.add(block)
    session.flush()
    audit.record_event(
        session, name="block.saved", actor=actor, subject=f"block:{name}", now=now, data={}
    )
    return block


def delete_block(session: Session, *, slug: str, actor: Actor, now: datetime) -> None:
    """Take a block out of the library; questionnaires that hold a copy keep it."""
    session.delete(get_block(session, slug=slug))
    session.flush()
    audit.record_event(
        session, name="block.deleted", actor=actor, subject=f"block:{slug}", now=now, data={}
    )


def section_of(block: QuestionBlock) -> Part:
    """The section in a block, for ``surveys.making.editing.insert_section``."""
    return {name: value for name, value in block.definition.items() if name != "languages"}
