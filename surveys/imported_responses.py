"""Taking over a finished consultation from a "Have your say" export."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.ids import clean_slug, group_code, new_code, random_uuid
from core.models import OutboxMessage
from core.text import LocalizedText
from surveys.consultations import (
    add_version,
    create_consultation,
    find_consultation,
    publish_version,
    schedule_consultation,
)
from surveys.definition import parse_definition
from surveys.errors import AlreadyImported
from surveys.formats.hys import Export, Rejected, read_export
from surveys.models import PROJECTION_TOPIC, Consultation, QuestionnaireVersion, Response

# Rows in one statement.
_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of a file. ``questions`` are top-level questions: a matrix is one."""

    slug: str
    questions: int
    read: int
    imported: int
    rejected: tuple[Rejected, ...]


def import_have_your_say(
    session: Session,
    *,
    data: bytes,
    slug: str,
    actor: Actor,
    now: datetime,
    title: str | None = None,
    simulated: bool = False,
) -> ImportReport:
    """A closed consultation, its published questionnaire and its responses, from an export.

    It opened on the first day a response was given and closed after the last. Raises
    ``AlreadyImported`` where the slug is taken: importing a file twice doubles nothing. Raises
    ``UnreadableFile`` for another kind of file.
    """
    cleaned = clean_slug(slug)
    if find_consultation(session, slug=cleaned) is not None:
        raise AlreadyImported(slug=cleaned)
    export = read_export(data)
    title = title or cleaned.replace("-", " ").capitalize()
    definition = parse_definition(export.as_definition(title)).as_document()
    consultation = create_consultation(
        session, slug=cleaned, title=LocalizedText.of(title), actor=actor, now=now,
        source="hys", simulated=simulated,
    )  # fmt: skip
    version = add_version(
        session, consultation=consultation, definition=definition, actor=actor, now=now
    )
    publish_version(session, consultation=consultation, version=version, actor=actor, now=now)
    opens_at, closes_at = _period(export, now)
    schedule_consultation(
        session, consultation=consultation, opens_at=opens_at, closes_at=closes_at,
        actor=actor, now=now,
    )  # fmt: skip
    _insert_responses(session, export, consultation, version, now)
    audit.record_event(
        session, name="responses.imported", actor=actor, subject=f"consultation:{cleaned}", now=now,
        data={"format": "hys", "read": export.read, "imported": len(export.responses)},
    )  # fmt: skip
    return ImportReport(
        cleaned, len(export.questions), export.read, len(export.responses), export.rejected
    )


def _period(export: Export, now: datetime) -> tuple[datetime, datetime]:
    """From the first day to the end of the last, and over by now in any case."""
    days = [response.day for response in export.responses] or [now.date()]
    first = datetime.combine(min(days), time(), UTC)
    closes_at = min(datetime.combine(max(days), time(23, 59), UTC), now)
    return min(first, closes_at - timedelta(days=1)), closes_at


def _insert_responses(
    session: Session,
    export: Export,
    consultation: Consultation,
    version: QuestionnaireVersion,
    now: datetime,
) -> None:
    """The rows, and for each a message to the projection."""
    rows = [
        {
            "id": random_uuid(),
            "consultation_id": consultation.id,
            "version_id": version.id,
            "reference": group_code(new_code(12)),
            "day": response.day,
            "consents": {},
            "answers": response.answers,
            **response.profile,
        }
        for response in export.responses
    ]
    due_at = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        session.execute(insert(Response), chunk)
        session.execute(
            insert(OutboxMessage),
            [
                {
                    "topic": PROJECTION_TOPIC,
                    "payload": {"response": str(row["id"])},
                    "due_at": due_at,
                    "attempts": 0,
                }
                for row in chunk
            ],
        )
