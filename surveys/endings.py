"""How a response ends before its retention does: withdrawn, or replaced by a changed one.

The row is deleted, its places are given back, the results forget it, and what remains is a line
that says so to whoever opens the receipt. Its leaf stays in the audit log: a hash of what is gone.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, delete, exists, insert, select
from sqlalchemy.orm import Session

from surveys.counting.projection import withdraw_from_results
from surveys.errors import NothingToReplace, ResponseReplaced, ResponseWithdrawn
from surveys.models import EndedReceipt, Quota, Response
from surveys.quotas import free_places

Outcome = Literal["withdrawn", "replaced"]

_LOCK_RESPONSE = (
    select(Response)
    .where(Response.receipt_hash == bindparam("receipt_hash"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def lock_response(session: Session, *, receipt_hash: str) -> Response | None:
    """The response, held until the end of the transaction: of two who end it one waits."""
    return session.scalar(_LOCK_RESPONSE, {"receipt_hash": receipt_hash})


def end_response(session: Session, *, response: Response, outcome: Outcome, now: datetime) -> None:
    """Delete ``response``, which the caller has locked."""
    limited = exists().where(Quota.consultation_id == response.consultation_id)
    if session.scalar(select(limited)):
        free_places(session, response=response)
    if response.receipt_hash is not None:  # an imported one has no receipt
        session.execute(
            insert(EndedReceipt).values(
                receipt_hash=response.receipt_hash, consultation_id=response.consultation_id,
                outcome=outcome, ended_on=now.date(),
            )
        )  # fmt: skip
    withdraw_from_results(
        session, response_ids=[response.id], consultation_id=response.consultation_id, now=now
    )
    session.execute(
        delete(Response)
        .where(Response.id == response.id)
        .execution_options(synchronize_session=False)
    )
    session.expunge(response)


def replace_response(session: Session, *, receipt_hash: str, now: datetime) -> None:
    """End the response that a changed one takes the place of. Raises ``NothingToReplace``."""
    response = lock_response(session, receipt_hash=receipt_hash)
    if response is None:
        raise NothingToReplace
    end_response(session, response=response, outcome="replaced", now=now)


def raise_ended(session: Session, receipt_hash: str) -> None:
    """Raise ``ResponseWithdrawn`` or ``ResponseReplaced`` where the response was there once."""
    ended = session.get(EndedReceipt, receipt_hash)
    if ended is not None:
        kind = ResponseWithdrawn if ended.outcome == "withdrawn" else ResponseReplaced
        raise kind(day=ended.ended_on.isoformat())
