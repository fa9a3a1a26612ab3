"""Nothing stored remembers in which order the responses of a day came."""

from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.db import Database
from surveys.counting import projection
from surveys.counting.projection import bring_up_to_date, read_counts
from surveys.models import Response, ResultSegment
from surveys.retention import forget_order
from tests.integration.surveys.test_projection import respond, set_up

YESTERDAY = date(2026, 11, 21)


@pytest.fixture
def ids(session: Session, now: datetime) -> list[UUID]:
    """Forty responses of yesterday, as they came."""
    ids = respond(session, set_up(session, now), 40, now)
    for response in session.scalars(select(Response)):
        response.day = YESTERDAY
    session.flush()
    return ids


def stored_order(session: Session) -> list[UUID]:
    """The responses as the table gives them when it is asked for no order."""
    session.expire_all()
    return [UUID(str(row.id)) for row in session.execute(text("SELECT id, answers FROM responses"))]


def test_responses_of_past_days_lie_in_the_order_of_their_random_ids(
    session: Session, now: datetime, ids: list[UUID]
) -> None:
    before = {r.id: (r.answers, r.country, r.reference) for r in session.scalars(select(Response))}
    versions = forget_order(session, now=now)
    assert stored_order(session) == sorted(ids) != ids
    after = {r.id: (r.answers, r.country, r.reference) for r in session.scalars(select(Response))}
    assert after == before
    assert len(versions) == 1


def test_each_day_is_written_anew_once_and_today_is_left_alone(
    session: Session, now: datetime, ids: list[UUID]
) -> None:
    today = respond(session, set_up(session, now, "today"), 3, now)
    for response in session.scalars(select(Response).where(Response.id.in_(today))):
        response.day = now.date()
    session.flush()
    assert len(forget_order(session, now=now)) == 1
    assert forget_order(session, now=now) == set()
    assert len(forget_order(session, now=now + timedelta(days=1))) == 1
    assert forget_order(session, now=now + timedelta(days=2)) == set()


def test_the_projection_is_one_file_of_the_same_counts_afterwards(
    session: Session, now: datetime, ids: list[UUID], tmp_path: Path
) -> None:
    bring_up_to_date(session, directory=tmp_path, now=now)
    consultation_id = session.scalars(select(Response.consultation_id)).first()
    assert consultation_id is not None
    before = read_counts(session, consultation_id=consultation_id)
    old = session.scalars(select(ResultSegment.file_name)).all()
    versions = forget_order(session, now=now)
    assert projection.mix(session, directory=tmp_path, versions=versions) == 1
    new = session.scalars(select(ResultSegment.file_name)).all()
    assert len(new) == 1
    assert new != old
    assert read_counts(session, consultation_id=consultation_id) == before


@pytest.mark.parametrize(
    "table",
    ["responses", "audit_entries", "outbox_messages", "drafts", "invitations", "result_segments"],
)
def test_sqlite_numbers_no_row_of_these_tables(sqlite_database: Database, table: str) -> None:
    with sqlite_database.reading() as session, pytest.raises(OperationalError, match="rowid"):
        session.execute(text(f"SELECT rowid FROM {table}"))
