"""Use cases about questionnaires that come from a file."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from core.audit import Actor
from core.ids import clean_slug
from core.text import LocalizedText
from surveys.consultations import add_version, create_consultation, find_consultation
from surveys.errors import UnreadableFile
from surveys.formats.hys import looks_like_hys
from surveys.formats.imported import ImportedQuestionnaire
from surveys.formats.lss.reading import read_lss
from surveys.formats.waymark_json import read_json
from surveys.formats.xlsform.reading import read_xlsform
from surveys.models import QuestionnaireVersion

QUESTIONNAIRE_FORMATS: dict[str, Callable[[bytes], ImportedQuestionnaire]] = {
    "lss": read_lss,
    "xlsform": read_xlsform,
    "json": read_json,
}


def guess_format(data: bytes) -> str:
    """``lss``, ``xlsform``, ``json`` or ``hys``, by how the file begins.

    Raises ``UnreadableFile``.
    """
    start = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return "lss"
    if start.startswith(b"{"):
        return "json"
    if looks_like_hys(data):
        return "hys"
    if data.startswith(b"PK\x03\x04"):
        return "xlsform"
    raise UnreadableFile(reason="It cannot be guessed which format the file has; name the format.")


def read_questionnaire(data: bytes, *, format: str) -> ImportedQuestionnaire:
    """The questionnaire in a file of ``format``. Raises ``UnreadableFile`` for one that is none."""
    read = QUESTIONNAIRE_FORMATS.get(format)
    if read is None:
        raise UnreadableFile(
            reason=f"A file of format {format} holds no questionnaire; expected one of "
            f"{', '.join(QUESTIONNAIRE_FORMATS)}."
        )
    return read(data)


def import_questionnaire(
    session: Session,
    *,
    slug: str,
    imported: ImportedQuestionnaire,
    actor: Actor,
    now: datetime,
    kind: str = "public",
) -> QuestionnaireVersion:
    """A draft version with what was imported; the consultation is created where it is not there.

    A draft that was not published yet is replaced, a published version never. ``kind`` is for a
    consultation that is created; a targeted poll asks for no background.
    """
    document = imported.document
    fallback = document["languages"][0]
    consultation = find_consultation(session, slug=clean_slug(slug))
    if consultation is None:
        consultation = create_consultation(
            session,
            slug=slug,
            title=LocalizedText(document["title"], fallback),
            summary=LocalizedText(document.get("description", {}), fallback),
            kind=kind,
            asks_profile=kind == "public",
            actor=actor,
            now=now,
        )
    return add_version(
        session, consultation=consultation, definition=document, actor=actor, now=now
    )
