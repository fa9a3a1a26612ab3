"""`flask audit`: seal what waits, and check the whole log."""

import sys

from app.cli.output import CommandGroup, emit, json_option
from app.database import get_database, operator_session
from core import audit
from core.clock import utc_now

audit_group = CommandGroup("audit", help="The audit log.")


@audit_group.command("verify")
@json_option
def verify(as_json: bool) -> None:
    """Recompute every hash, root and head. Exit status 1 when something does not match."""
    with get_database().reading() as session:
        outcome = audit.verify(session)
    document = {
        "valid": outcome.valid,
        "batches": outcome.batches,
        "entries": outcome.entries,
        "unsealed": outcome.unsealed,
        "head": outcome.head,
        "reason": outcome.reason,
    }
    word = "The audit log is intact" if outcome.valid else "The audit log DOES NOT VERIFY"
    emit(
        document,
        as_json=as_json,
        text=f"{word}: {outcome.reason}. {outcome.batches} batches, {outcome.entries} sealed "
        f"entries, {outcome.unsealed} waiting. Head {outcome.head}",
    )
    if not outcome.valid:
        sys.exit(1)


@audit_group.command("seal")
@json_option
def seal(as_json: bool) -> None:
    """Close what waits into a batch now, without waiting for the worker."""
    with operator_session() as session:
        count = audit.seal(session, now=utc_now())
    emit({"sealed": count}, as_json=as_json, text=f"Sealed {count} entries.")
