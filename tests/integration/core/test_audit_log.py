"""The audit log: what is sealed can be proved, and what is changed is noticed."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from core import audit, merkle
from core.audit import OPERATOR
from core.errors import NotFound
from core.models import AuditBatch, AuditEntry


def record(session: Session, now: datetime, count: int) -> None:
    for number in range(count):
        audit.record_event(
            session, name="test.happened", actor=OPERATOR, subject=f"thing:{number}", now=now,
            data={"number": number},
        )  # fmt: skip


@pytest.fixture
def sealed(session: Session, now: datetime) -> Session:
    """Two batches: five events and a bare leaf, then three events."""
    record(session, now, 5)
    audit.record_leaf(session, leaf=audit.commitment(b"salt", b"content"))
    assert audit.seal(session, now=now) == 6
    record(session, now, 3)
    assert audit.seal(session, now=now + timedelta(seconds=5)) == 3
    return session


def test_an_untouched_log_verifies(sealed: Session) -> None:
    outcome = audit.verify(sealed)
    assert outcome.valid
    assert (outcome.batches, outcome.entries, outcome.unsealed) == (2, 9, 0)


def test_sealing_when_nothing_waits_does_nothing(sealed: Session, now: datetime) -> None:
    assert audit.seal(sealed, now=now) == 0
    assert audit.verify(sealed).batches == 2


def test_a_sealed_leaf_proves_itself(sealed: Session) -> None:
    leaf = audit.commitment(b"salt", b"content")
    proof = audit.prove_inclusion(sealed, leaf=leaf)
    root = merkle.root_from_proof(leaf, proof.position, proof.size, proof.path)
    assert root == proof.root


def test_a_waiting_leaf_has_no_proof_yet(session: Session) -> None:
    leaf = audit.commitment(b"salt", b"content")
    audit.record_leaf(session, leaf=leaf)
    with pytest.raises(NotFound):
        audit.prove_inclusion(session, leaf=leaf)


def test_a_changed_event_is_noticed(sealed: Session) -> None:
    entry = sealed.scalars(select(AuditEntry).where(AuditEntry.event.is_not(None))).first()
    assert entry is not None
    assert entry.event is not None
    entry.event = entry.event | {"subject": "thing:forged"}
    sealed.flush()
    outcome = audit.verify(sealed)
    assert not outcome.valid
    assert "does not match its hash" in outcome.reason


def test_a_changed_event_with_a_fitting_hash_is_noticed(sealed: Session) -> None:
    entry = sealed.scalars(select(AuditEntry).where(AuditEntry.event.is_not(None))).first()
    assert entry is not None
    assert entry.event is not None
    entry.event = entry.event | {"subject": "thing:forged"}
    entry.leaf = audit.event_leaf(entry.event)
    sealed.flush()
    assert "do not give its root" in audit.verify(sealed).reason


def test_an_event_without_its_words_is_noticed(sealed: Session) -> None:
    erased = (AuditEntry.batch_number == 2) & (AuditEntry.position == 1)
    sealed.execute(update(AuditEntry).where(erased).values(event=None))
    assert "batch 2: its head does not follow" in audit.verify(sealed).reason


def test_an_event_that_is_no_json_any_more_is_noticed(sealed: Session) -> None:
    if sealed.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL stores JSON only")
    sealed.execute(text("UPDATE audit_entries SET event = 'gone' WHERE batch_number = 2"))
    outcome = audit.verify(sealed)
    assert not outcome.valid
    assert outcome.reason == "batch 2: an entry can no longer be read"


def test_a_removed_entry_is_noticed(sealed: Session) -> None:
    sealed.execute(delete(AuditEntry).where(AuditEntry.batch_number == 1, AuditEntry.position == 2))
    assert "missing or doubled" in audit.verify(sealed).reason


def test_a_removed_batch_is_noticed(sealed: Session) -> None:
    sealed.execute(delete(AuditEntry).where(AuditEntry.batch_number == 1))
    sealed.execute(delete(AuditBatch).where(AuditBatch.number == 1))
    assert "batch 1 is missing" in audit.verify(sealed).reason


def test_a_new_time_of_sealing_is_noticed(sealed: Session, now: datetime) -> None:
    sealed.execute(update(AuditBatch).values(sealed_at=now - timedelta(days=1)))
    assert "head does not follow" in audit.verify(sealed).reason


def test_an_unsealed_event_that_was_changed_is_noticed(session: Session, now: datetime) -> None:
    record(session, now, 1)
    entry = session.scalars(select(AuditEntry)).one()
    assert entry.event is not None
    entry.event = entry.event | {"name": "test.never"}
    session.flush()
    assert "unsealed" in audit.verify(session).reason
