"""The results projection: which segments count, and how responses get into them.

A submitted response leaves a message in the outbox. ``bring_up_to_date`` turns the waiting
messages into segments (``counting.segments``) and registers those, with their counts, in the
transaction that deletes the messages: each response is counted exactly once, whatever crashes. A
file that no row registers counts for nothing and is swept away later. The order of ids is never
used: ids say nothing about what has been committed.

Small segments are merged into larger ones as they come, so their number grows with the logarithm
of the number of responses. A withdrawn response leaves a tombstone, and its segments are written
anew without it.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from core import audit, outbox
from core.audit import Actor
from core.models import OutboxMessage
from surveys.consultations import get_questionnaire
from surveys.counting.segments import Layout, Row, find_responses, list_responses, write_segment
from surveys.counting.tally import DIMENSIONS, Counts, merge
from surveys.errors import ProjectionDamaged, ResponsesDeleted
from surveys.models import PROJECTION_TOPIC, Consultation, Response, ResultSegment, Tombstone

# Messages taken at once: bounds memory, not the work of one call.
BATCH = 20_000
# Segments of this many rows or more are never merged again.
FULL_SEGMENT = 500_000
# How long a file that no segment names may belong to a transaction still under way.
SWEEP_AFTER = timedelta(hours=1)
# How long a tombstone is kept for messages that may still be under way; it knows the day alone.
TOMBSTONE_KEPT = timedelta(days=2)
# Ids in one statement: well under what SQLite and PostgreSQL take.
_CHUNK = 5_000


def bring_up_to_date(session: Session, *, directory: Path, now: datetime) -> int:
    """Project every waiting response and apply every withdrawal; returns how many were projected.

    Several may run at once: a message and a segment belong to whoever locked it first.
    """
    apply_withdrawals(session, directory=directory)
    projected = 0
    while messages := outbox.take_due(session, topics=[PROJECTION_TOPIC], now=now, limit=BATCH):
        projected += _project(
            session, directory, [UUID(message.payload["response"]) for message in messages]
        )
        _delete_messages(session, [message.id for message in messages])
        for message in messages:
            session.expunge(message)
    return projected


def withdraw_from_results(
    session: Session, *, response_ids: Collection[UUID], consultation_id: UUID, now: datetime
) -> None:
    """Note that responses are to leave the results; call it where their rows are deleted.

    With the day alone: the time of a withdrawal would tell which changed response came instead.
    """
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    session.execute(
        insert(Tombstone),
        [
            {"response_id": response_id, "consultation_id": consultation_id, "withdrawn_at": day}
            for response_id in response_ids
        ],
    )


def apply_withdrawals(session: Session, *, directory: Path) -> int:
    """Write anew the segments that hold withdrawn responses; returns how many segments."""
    return _apply(session, directory, Tombstone.applied.is_(False))


def _apply(session: Session, directory: Path, which: ColumnElement[bool]) -> int:
    waiting: dict[UUID, list[UUID]] = defaultdict(list)
    for tombstone in session.execute(
        select(Tombstone.response_id, Tombstone.consultation_id)
        .where(which)
        .with_for_update(skip_locked=True)
    ):
        waiting[tombstone.consultation_id].append(tombstone.response_id)
    rewritten = 0
    for consultation_id, response_ids in waiting.items():
        # Not skipped: a segment being merged elsewhere is waited for.
        segments = _lock_segments(session, consultation_id)
        touched = find_responses(_paths(directory, segments), response_ids)
        for segment in segments:
            if segment.file_name in touched:
                layout = _layout(session, segment.version_id)
                _replace(session, directory, layout, [segment], rows=(), without=response_ids)
                rewritten += 1
        for chunk in _chunks(response_ids):
            session.execute(
                update(Tombstone).where(Tombstone.response_id.in_(chunk)).values(applied=True)
            )
    return rewritten


def rebuild(
    session: Session, *, directory: Path, consultation: Consultation, actor: Actor, now: datetime
) -> int:
    """Make the projection of a consultation anew from its response rows; returns their number.

    Gives the same set as bringing it up to date. Raises ``ResponsesDeleted`` where only counts
    are left of some responses. Responses submitted meanwhile are counted once: each is either in
    what is read here, or left to its message.
    """
    included = set(
        session.scalars(select(Response.id).where(Response.consultation_id == consultation.id))
    )
    # Waits for whoever is projecting; nobody can take these messages any more.
    messages = session.execute(
        select(OutboxMessage.id, OutboxMessage.payload)
        .where(OutboxMessage.topic == PROJECTION_TOPIC)
        .with_for_update()
    ).all()
    included |= {UUID(message.payload["response"]) for message in messages}
    segments = _lock_segments(session, consultation.id)
    if any(segment.file_name is None for segment in segments):
        raise ResponsesDeleted(slug=consultation.slug)
    # What was projected after the first statement is in these files only.
    included |= list_responses([path for path in _paths(directory, segments) if path.exists()])
    session.execute(
        delete(ResultSegment).where(ResultSegment.id.in_([segment.id for segment in segments]))
    )
    found = _load(session, included, consultation.id)
    done = {row.response_id for _, rows in found.items() for row in rows}
    for version_id, rows in found.items():
        layout = _layout(session, version_id)
        for start in range(0, len(rows), FULL_SEGMENT):
            _register(
                session, directory, layout, consultation.id, version_id,
                rows[start : start + FULL_SEGMENT],
            )  # fmt: skip
    _delete_messages(
        session, [m.id for m in messages if UUID(m.payload["response"]) in done]
    )  # fmt: skip
    audit.record_event(
        session, name="results.rebuilt", actor=actor, now=now,
        subject=f"consultation:{consultation.slug}", data={"responses": len(done)},
    )  # fmt: skip
    return len(done)


def mix(session: Session, *, directory: Path, versions: Collection[UUID]) -> int:
    """Write the segments of these versions anew as one; returns how many segments went into it.

    Segments are as old as the responses in them; one written at night says nothing about when
    within the day each came.
    """
    mixed = 0
    for version_id in versions:
        segments = session.scalars(
            select(ResultSegment)
            .where(
                ResultSegment.version_id == version_id,
                ResultSegment.file_name.is_not(None),
                ResultSegment.rows < FULL_SEGMENT,
            )
            .order_by(ResultSegment.id)
            .with_for_update()
        ).all()
        if segments:
            layout = _layout(session, version_id)
            _replace(session, directory, layout, segments, rows=(), without=())
            mixed += len(segments)
    return mixed


def erase_expired_rows(session: Session, *, now: datetime) -> int:
    """Forget the rows of consultations whose retention has ended, keeping their counts.

    The files themselves go with the next ``sweep``. Returns how many segments were emptied.
    """
    expired = select(Consultation.id).where(Consultation.retained_until < now.date())
    emptied = session.scalars(
        update(ResultSegment)
        .where(ResultSegment.consultation_id.in_(expired), ResultSegment.file_name.is_not(None))
        .values(file_name=None)
        .returning(ResultSegment.id)
    ).all()
    return len(emptied)


def sweep(
    session: Session, *, directory: Path, now: datetime, older_than: timedelta = SWEEP_AFTER
) -> int:
    """Delete files that no segment names, and tombstones that have served; returns the files."""
    served = Tombstone.applied.is_(True) & (Tombstone.withdrawn_at < now - TOMBSTONE_KEPT)
    # Once more: a projection under way when it was applied may have written the response after.
    _apply(session, directory, served)
    session.execute(delete(Tombstone).where(served))
    if not directory.is_dir():
        return 0
    # Listed before the registry is read: a file registered in between is found there.
    candidates = [path for path in directory.iterdir() if path.is_file()]
    registered = set(session.scalars(select(ResultSegment.file_name)))
    swept = 0
    for path in candidates:
        age = time.time() - path.stat().st_mtime
        if path.name not in registered and age >= older_than.total_seconds():
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def read_counts(session: Session, *, consultation_id: UUID) -> Counts:
    """The counts of all segments of a consultation: one query, no file is opened."""
    return merge(
        Counts.from_document(document)
        for document in session.scalars(
            select(ResultSegment.counts).where(ResultSegment.consultation_id == consultation_id)
        )
    )


def _project(session: Session, directory: Path, response_ids: Sequence[UUID]) -> int:
    """Write new segments with these responses; those deleted meanwhile are no more."""
    rows: dict[tuple[UUID, UUID], list[Row]] = defaultdict(list)
    for consultation_id, version_id, row in _rows(session, response_ids):
        rows[consultation_id, version_id].append(row)
    for (consultation_id, version_id), new in rows.items():
        layout = _layout(session, version_id)
        absorbed, size = [], len(new)
        for segment in session.scalars(
            select(ResultSegment)
            .where(
                ResultSegment.version_id == version_id,
                ResultSegment.file_name.is_not(None),
                ResultSegment.rows < FULL_SEGMENT,
            )
            .order_by(ResultSegment.rows)
            .with_for_update(skip_locked=True)
        ):
            # As in a log-structured merge tree: each row is rewritten a logarithm of times.
            if segment.rows > 2 * size:
                break
            absorbed.append(segment)
            size += segment.rows
        tombstones = list(
            session.scalars(
                select(Tombstone.response_id).where(Tombstone.consultation_id == consultation_id)
            )
        )
        if absorbed:
            _replace(session, directory, layout, absorbed, rows=new, without=tombstones)
        else:
            _register(
                session, directory, layout, consultation_id, version_id, new, without=tombstones
            )
    return sum(map(len, rows.values()))


def _replace(
    session: Session,
    directory: Path,
    layout: Layout,
    segments: Sequence[ResultSegment],
    *,
    rows: Sequence[Row],
    without: Sequence[UUID],
) -> None:
    """One segment in place of several, with further rows and without some."""
    _register(
        session, directory, layout, segments[0].consultation_id, segments[0].version_id, rows,
        absorbed=_paths(directory, segments), without=without,
    )  # fmt: skip
    for segment in segments:
        session.delete(segment)
    session.flush()


def _register(
    session: Session,
    directory: Path,
    layout: Layout,
    consultation_id: UUID,
    version_id: UUID,
    rows: Sequence[Row],
    *,
    absorbed: Sequence[Path] = (),
    without: Sequence[UUID] = (),
) -> None:
    missing = [path.name for path in absorbed if not path.exists()]
    if missing:
        consultation = session.get_one(Consultation, consultation_id)
        raise ProjectionDamaged(slug=consultation.slug, file=missing[0])
    name = f"{uuid4().hex}.parquet"
    written, counts = write_segment(
        directory / name, layout, rows, absorbed=absorbed, without=without
    )
    session.execute(
        insert(ResultSegment).values(
            consultation_id=consultation_id, version_id=version_id, file_name=name,
            rows=written, counts=counts.as_document(),
        )
    )  # fmt: skip


def _lock_segments(session: Session, consultation_id: UUID) -> list[ResultSegment]:
    return list(
        session.scalars(
            select(ResultSegment)
            .where(ResultSegment.consultation_id == consultation_id)
            .order_by(ResultSegment.id)
            .with_for_update()
        )
    )


def _load(
    session: Session, response_ids: Iterable[UUID], consultation_id: UUID
) -> dict[UUID, list[Row]]:
    rows: dict[UUID, list[Row]] = defaultdict(list)
    for found_in, version_id, row in _rows(session, sorted(response_ids)):
        if found_in == consultation_id:
            rows[version_id].append(row)
    return rows


def _rows(session: Session, response_ids: Sequence[UUID]) -> Iterator[tuple[UUID, UUID, Row]]:
    """(consultation, version, row) of those responses that still exist."""
    columns = (
        Response.consultation_id, Response.version_id, Response.id, Response.day,
        Response.answers, *(getattr(Response, name) for name in DIMENSIONS),
    )  # fmt: skip
    for chunk in _chunks(response_ids):
        for consultation_id, version_id, response_id, day, answers, *profile in session.execute(
            select(*columns).where(Response.id.in_(chunk))
        ):
            values = dict(zip(DIMENSIONS, profile, strict=True))
            yield consultation_id, version_id, Row(response_id, day, values, answers)


def _delete_messages(session: Session, message_ids: Sequence[UUID]) -> None:
    for chunk in _chunks(message_ids):
        session.execute(
            delete(OutboxMessage)
            .where(OutboxMessage.id.in_(chunk))
            .execution_options(synchronize_session=False)
        )


def _layout(session: Session, version_id: UUID) -> Layout:
    return Layout.of(get_questionnaire(session, version_id=version_id))


def _paths(directory: Path, segments: Iterable[ResultSegment]) -> list[Path]:
    return [directory / segment.file_name for segment in segments if segment.file_name]


def _chunks(values: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
