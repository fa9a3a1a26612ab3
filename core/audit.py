"""The audit log: a chain of sealed batches.

Acts of staff and delegates are *events*, kept in words; submissions add *leaves*, salted hashes
without content. Both wait unsealed until a sealer closes them into a batch: a Merkle tree
(RFC 6962) whose root is chained to the batch before. Changing, removing or adding a sealed entry
changes a root, and changing a root breaks every later head.

An event never holds personal data: the actor is an account id and the role acted in.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import merkle
from core.errors import NotFound
from core.ids import random_uuid
from core.models import AuditBatch, AuditEntry

GENESIS_HEAD = bytes(32)
# A batch is one in-memory tree; more waiting entries are closed into several batches.
BATCH_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account in a role, or the operator at the command line (no account)."""

    account_id: UUID | None
    role: str


OPERATOR = Actor(account_id=None, role="operator")


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """What convinces anyone that a leaf is in the log: recompute the root and compare."""

    batch_number: int
    position: int
    size: int
    root: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of checking the whole log."""

    valid: bool
    batches: int
    entries: int
    unsealed: int
    head: str
    reason: str


def record_event(
    session: Session,
    *,
    name: str,
    actor: Actor,
    subject: str,
    now: datetime,
    data: dict[str, Any] | None = None,
) -> None:
    """Add an event in the caller's transaction.

    ``name`` is past tense (``edition.published``), ``subject`` says to what (``edition:1.2``),
    ``data`` holds JSON values with numbers small enough for canonical JSON.
    """
    event = {
        "name": name,
        "at": _timestamp(now),
        "actor": {"account": str(actor.account_id) if actor.account_id else None,
                  "role": actor.role},
        "subject": subject,
        "data": data or {},
        # Two equal acts in one second are still two leaves.
        "id": str(random_uuid()),
    }  # fmt: skip
    session.execute(insert(AuditEntry).values(event=event, leaf=event_leaf(event)))


def record_leaf(session: Session, *, leaf: bytes) -> None:
    """Add a bare leaf (32 bytes, see ``commitment``) in the caller's transaction."""
    session.execute(insert(AuditEntry).values(event=None, leaf=leaf))


def event_leaf(event: dict[str, Any]) -> bytes:
    """The leaf hash of an event: RFC 6962 over its canonical JSON (RFC 8785)."""
    return merkle.leaf_hash(rfc8785.dumps(event))


def commitment(salt: bytes, content_hash: bytes) -> bytes:
    """The leaf for something not to be shown: whoever has salt and content can prove it."""
    return merkle.leaf_hash(salt + content_hash)


def seal(session: Session, *, now: datetime) -> int:
    """Close what waits into a batch; returns how many entries were sealed (0: nothing waited).

    Entries are ordered by their hash: no order of arrival survives. Of two sealers at once one
    seals; the other finds the batch number taken and leaves the work to it (0).
    """
    # The last batch is read before the entries. Were it read after them, a batch closed in between
    # by another sealer would be taken for the last, and its entries be sealed a second time.
    last = session.execute(
        select(AuditBatch.number, AuditBatch.head).order_by(AuditBatch.number.desc()).limit(1)
    ).one_or_none()
    number, previous = (last.number + 1, last.head) if last else (1, GENESIS_HEAD)
    waiting = session.execute(
        select(AuditEntry.id, AuditEntry.leaf, AuditEntry.event.is_not(None).label("is_event"))
        .where(AuditEntry.batch_number.is_(None))
        .order_by(AuditEntry.leaf, AuditEntry.id)
        .limit(BATCH_LIMIT)
    ).all()
    if not waiting:
        return 0
    sealed_at = now.replace(microsecond=0)
    root = merkle.root([row.leaf for row in waiting])
    events = sum(row.is_event for row in waiting)
    batch = insert(AuditBatch).values(
        number=number, sealed_at=sealed_at, size=len(waiting), root=root,
        head=_head(previous, number, sealed_at, len(waiting), events, root),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.execute(batch)
    except IntegrityError:
        return 0
    session.execute(
        update(AuditEntry),
        [
            {"id": row.id, "batch_number": number, "position": position}
            for position, row in enumerate(waiting)
        ],
    )
    return len(waiting)


def verify(session: Session) -> Verification:
    """Check every entry, every root and the whole chain of heads."""
    previous, expected, entries, reason = GENESIS_HEAD, 1, 0, ""
    for batch in session.scalars(select(AuditBatch).order_by(AuditBatch.number)):
        try:
            reason = _fault(session, batch, expected, previous)
        except (TypeError, ValueError):  # not JSON any more, or not bytes
            reason = f"batch {batch.number}: an entry can no longer be read"
        if reason:
            break
        previous, expected, entries = batch.head, expected + 1, entries + batch.size
    # Asked in one statement: a batch that is sealed meanwhile is no stray.
    newest = select(func.coalesce(func.max(AuditBatch.number), 0)).scalar_subquery()
    stray = session.scalar(
        select(func.count()).select_from(AuditEntry).where(AuditEntry.batch_number > newest)
    )
    if not reason and stray:
        reason = f"{stray} entries belong to a batch that is missing from the end of the chain"
    unsealed = 0
    waiting = select(AuditEntry.id, AuditEntry.event, AuditEntry.leaf)
    try:
        for entry in session.execute(waiting.where(AuditEntry.batch_number.is_(None))):
            unsealed += 1
            if not reason and entry.event is not None and event_leaf(entry.event) != entry.leaf:
                reason = f"unsealed entry {entry.id}: the event does not match its hash"
    except (TypeError, ValueError):
        reason = reason or "an unsealed entry can no longer be read"
    return Verification(
        valid=not reason, batches=expected - 1, entries=entries, unsealed=unsealed,
        head=previous.hex(), reason=reason or "every entry, root and head matches",
    )  # fmt: skip


def prove_inclusion(session: Session, *, leaf: bytes) -> InclusionProof:
    """The proof for a sealed leaf. Raises ``NotFound`` while it waits or if it never was."""
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.leaf == leaf, AuditEntry.batch_number.is_not(None))
    ).first()
    if entry is None or entry.batch_number is None or entry.position is None:
        raise NotFound(what="A sealed entry with this hash")
    batch = session.get_one(AuditBatch, entry.batch_number)
    leaves = _leaves(session, batch.number)
    path = merkle.inclusion_proof(leaves, entry.position)
    return InclusionProof(batch.number, entry.position, batch.size, batch.root, tuple(path))


def is_recorded(session: Session, *, leaf: bytes) -> bool:
    """Whether the log holds this leaf, sealed or waiting."""
    return session.scalar(select(AuditEntry.id).where(AuditEntry.leaf == leaf).limit(1)) is not None


def check_leaf(
    session: Session,
    *,
    leaf: bytes,
    batch: int | None,
    position: int,
    size: int,
    path: Sequence[bytes],
) -> str:
    """Why a leaf is not where a receipt says it is in this log, or an empty string.

    ``batch`` None: it waited when the receipt was made; then it has only to be there.
    """
    if batch is None:
        return "" if is_recorded(session, leaf=leaf) else "the log has no such leaf"
    sealed = session.scalars(select(AuditBatch).where(AuditBatch.number == batch)).first()
    if sealed is None:
        return f"the log has no batch {batch}"
    try:
        root = merkle.root_from_proof(leaf, position, size, path)
    except ValueError as fault:
        return str(fault)
    if size != sealed.size or root != sealed.root:
        return f"the path does not lead to the root of batch {batch}"
    return ""


def list_events(session: Session, *, limit: int, after: int = 0) -> Sequence[AuditEntry]:
    """Events, the newest first: at most ``limit`` of them, passing over the first ``after``."""
    at = AuditEntry.event["at"].as_string()
    query = select(AuditEntry).where(AuditEntry.event.is_not(None))
    return session.scalars(
        query.order_by(at.desc(), AuditEntry.id).offset(after).limit(limit)
    ).all()


def _fault(session: Session, batch: AuditBatch, expected: int, previous: bytes) -> str:
    """Why ``batch`` does not verify, or an empty string."""
    if batch.number != expected:
        return f"batch {expected} is missing"
    leaves, events = [], 0
    for position, entry in enumerate(_entries(session, batch.number)):
        if entry.position != position:
            return f"batch {batch.number}: the entry at position {position} is missing or doubled"
        if entry.event is not None and event_leaf(entry.event) != entry.leaf:
            return f"batch {batch.number}, position {position}: the event does not match its hash"
        leaves.append(entry.leaf)
        events += entry.event is not None
    if len(leaves) != batch.size:
        return f"batch {batch.number}: holds {len(leaves)} entries, sealed with {batch.size}"
    if merkle.root(leaves) != batch.root:
        return f"batch {batch.number}: the entries do not give its root"
    head = _head(previous, batch.number, batch.sealed_at, batch.size, events, batch.root)
    if head != batch.head:
        return (
            f"batch {batch.number}: its head does not follow from the batch before and what it"
            f" holds ({events} events in words)"
        )
    return ""


def _entries(session: Session, number: int) -> Sequence[Row[Any]]:
    """The entries of a batch in order, as plain rows: a batch may be large."""
    query = select(AuditEntry.position, AuditEntry.event, AuditEntry.leaf).where(
        AuditEntry.batch_number == number
    )
    return session.execute(query.order_by(AuditEntry.position)).all()


def _leaves(session: Session, number: int) -> list[bytes]:
    return list(
        session.scalars(
            select(AuditEntry.leaf)
            .where(AuditEntry.batch_number == number)
            .order_by(AuditEntry.position)
        )
    )


def _head(
    previous: bytes, number: int, sealed_at: datetime, size: int, events: int, root: bytes
) -> bytes:
    """``events``: how many entries are events. An event whose words were erased, its hash left
    standing, would else pass for a bare leaf."""
    described = rfc8785.dumps(
        {
            "previous": previous.hex(),
            "number": number,
            "sealed_at": _timestamp(sealed_at),
            "size": size,
            "events": events,
            "root": root.hex(),
        }
    )
    return hashlib.sha256(described).digest()


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
