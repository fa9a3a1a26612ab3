"""Steps in the builder: taking one, and what the buttons beside the outline's parts do."""

from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext as _

from app.access import current_actor
from app.database import commit, read_session, write_session
from core.clock import utc_now
from core.errors import NotFound
from surveys.consultations import get_consultation
from surveys.making import editing
from surveys.making.building import begin_draft_version, find_draft_version
from surveys.making.editing import Document
from surveys.making.steps import lock_draft, take_step
from surveys.models import Consultation, QuestionnaireVersion

Edit = tuple[Document, str, str]
"""The document after a step, the action, and the code it was about."""


Part = Callable[[Document], Any]
"""What a step is about: nobody else may have changed it since the page was loaded."""


def draft_of(slug: str) -> tuple[Consultation, QuestionnaireVersion]:
    """The consultation and its version in the making, for reading. Raises ``NotFound``."""
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    version = find_draft_version(session, consultation=consultation)
    if version is None:
        raise NotFound(what=_("A questionnaire in the making"))
    return consultation, version


def take(
    slug: str, edit: Callable[[Document], Edit], part: Part, *,
    keep: Callable[[], bool] = lambda: True,
) -> tuple[Document, str]:  # fmt: skip
    """Take the step that ``edit`` makes of the draft and commit it, if ``keep`` then says so."""
    session = write_session()
    consultation = get_consultation(session, slug=slug)
    version = begin_draft_version(
        session, consultation=consultation, actor=current_actor(), now=utc_now()
    )
    # Locked first: the edit is made of what nobody else can change before it is kept.
    changed, action, subject = edit(lock_draft(session, version).definition)
    if keep():
        take_step(
            session, version=version, document=changed, action=action, subject=subject,
            now=utc_now(), seen=request.form.get("seen", type=int), part=part,
        )  # fmt: skip
        commit()
    else:
        session.rollback()
    return changed, subject


def part_of(code: str, *, whole: bool = True) -> Part:
    """The question or section with this code; of a section without its questions if not whole."""

    def find(document: Document) -> Any:
        found = editing.find_question(document, code) or editing.find_section(document, code)
        if found is None or whole:
            return found
        return {name: value for name, value in found.items() if name != "questions"}

    return find


def _add_question(document: Document, code: str) -> Edit:
    """``code`` is the section; the form says the type, and after which question."""
    changed, added = editing.add_question(
        document, kind=request.form.get("type", ""), section=code,
        after=request.form.get("after") or None,
    )  # fmt: skip
    return changed, "question_added", added


def _add_section(document: Document, code: str) -> Edit:
    changed, added = editing.add_section(document, after=code or None)
    return changed, "section_added", added


def _move_question(document: Document, code: str) -> Edit:
    """Up, down, or to the end of the section that the form names."""
    to = request.form.get("to", "")
    sections = editing.sections_of(document)
    place = next(
        ((s, q) for s, part in enumerate(sections) for q, asked in enumerate(part["questions"])
         if asked["code"] == code), None,
    )  # fmt: skip
    if place is None:
        raise editing.InvalidEdit(reason=f"there is no question {code[:64]} any more")
    section, index = place
    if to == "up" and index == 0 and section > 0:
        target, index = sections[section - 1], len(sections[section - 1]["questions"])
    elif (
        to == "down"
        and index == len(sections[section]["questions"]) - 1
        and (section + 1 < len(sections))
    ):
        target, index = sections[section + 1], 0
    elif to in ("up", "down"):
        target, index = sections[section], max(0, index + (1 if to == "down" else -1))
    else:
        target = editing.find_section(document, to) or sections[section]
        index = len(target["questions"])
    moved = editing.move_question(document, code=code, section=target["code"], to=index)
    return moved, "question_moved", code


def _move_section(document: Document, code: str) -> Edit:
    codes = [part["code"] for part in editing.sections_of(document)]
    if code not in codes:
        raise editing.InvalidEdit(reason=f"there is no section {code[:64]} any more")
    to = max(0, codes.index(code) + (1 if request.form.get("to") == "down" else -1))
    return editing.move_section(document, code=code, to=to), "section_moved", code


def _duplicate_question(document: Document, code: str) -> Edit:
    changed, copied = editing.duplicate_question(document, code=code)
    return changed, "question_duplicated", copied


def _duplicate_section(document: Document, code: str) -> Edit:
    changed, copied = editing.duplicate_section(document, code=code)
    return changed, "section_duplicated", copied


OUTLINE_EDITS: dict[str, Callable[[Document, str], Edit]] = {
    "question_added": _add_question,
    "section_added": _add_section,
    "question_moved": _move_question,
    "section_moved": _move_section,
    "question_duplicated": _duplicate_question,
    "section_duplicated": _duplicate_section,
    "question_deleted": lambda document, code: (
        editing.delete_question(document, code=code), "question_deleted", code,
    ),
    "section_deleted": lambda document, code: (
        editing.delete_section(document, code=code), "section_deleted", code,
    ),
}  # fmt: skip
"""By action: from the document and the code of a part. What else they need, the form says."""
