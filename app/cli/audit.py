"""`flask audit`: seal what waits, and check the whole log."""

import json
import sys
from pathlib import Path

import click

from app.cli.output import CommandGroup, emit, json_option
from app.database import get_database, operator_session
from core import audit
from core.clock import utc_now
from core.errors import InvalidInput
from surveys.receipts import audit_claim

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


@audit_group.command("verify-receipt")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def verify_receipt(path: Path, as_json: bool) -> None:
    """Check a receipt (the JSON that a participant keeps) against this audit log.

    Exit status 1 when something does not match; a receipt that is not sealed yet is checked as far
    as it goes.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        claim = audit_claim(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise InvalidInput(where=path.name, reason="expected a receipt as JSON") from fault
    with get_database().reading() as session:
        reason = audit.check_leaf(
            session, leaf=claim.leaf, batch=claim.batch, position=claim.position, size=claim.size,
            path=claim.path,
        )  # fmt: skip
    reason = claim.fault or reason
    emit(
        {"valid": not reason, "sealed": claim.batch is not None, "reason": reason},
        as_json=as_json,
        text=reason or (
            "The receipt is right: the log holds exactly this response."
            if claim.batch is not None
            else "The log holds this response; it is not sealed yet."
        ),
    )  # fmt: skip
    if reason:
        sys.exit(1)


@audit_group.command("seal")
@json_option
def seal(as_json: bool) -> None:
    """Close what waits into a batch now, without waiting for the worker."""
    with operator_session() as session:
        count = audit.seal(session, now=utc_now())
    emit({"sealed": count}, as_json=as_json, text=f"Sealed {count} entries.")
