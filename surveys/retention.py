"""Use case: let the responses of past days forget in which order they came.

A table remembers the order of its rows beside what the rows say: PostgreSQL keeps them in place and
marks each with its transaction, and the files of the results projection keep the time of writing.
Once a day is over, its responses are therefore written anew, in the order of their random ids, in
one transaction.
"""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from core.models import InstanceFact
from surveys.models import Response

_DONE_UP_TO = "order_forgotten_up_to"
# Ids are random: each part of their range holds as many responses, and bounds the memory needed.
_PARTS = 64


def forget_order(session: Session, *, now: datetime) -> set[UUID]:
    """Write the responses of past days anew, each day once; returns the versions they belong to.

    To be called where nobody else deletes responses meanwhile: the nightly job.
    """
    today = now.date()
    fact = session.get(InstanceFact, _DONE_UP_TO)
    first = date.fromisoformat(fact.value) if fact else date.min
    versions: set[UUID] = set()
    for lowest, highest in _ranges():
        rows = session.execute(
            delete(Response)
            .where(Response.id.between(lowest, highest), Response.day >= first)
            .where(Response.day < today)
            .returning(*Response.__table__.columns)
        ).mappings().all()  # fmt: skip
        if rows:
            session.execute(
                insert(Response), [dict(row) for row in sorted(rows, key=lambda row: row["id"].int)]
            )
            versions |= {row["version_id"] for row in rows}
    session.merge(InstanceFact(key=_DONE_UP_TO, value=today.isoformat()))
    session.flush()
    return versions


def _ranges() -> Iterator[tuple[UUID, UUID]]:
    width = (1 << 128) // _PARTS
    for part in range(_PARTS):
        yield UUID(int=part * width), UUID(int=(part + 1) * width - 1)
