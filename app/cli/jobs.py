"""`flask jobs`: the worker, and its work done by hand."""

from flask import current_app
from sqlalchemy import select

from app import jobs
from app.cli.output import CommandGroup, emit, json_option, note
from app.database import get_database
from core.models import OutboxMessage

jobs_group = CommandGroup("jobs", help="Work outside requests.")


@jobs_group.command("run")
@json_option
def run(as_json: bool) -> None:
    """Do everything that is due, once: deliver the outbox, seal the audit log, compute plans."""
    # A round passes over steps that fail, for the worker's sake; an operator without a database
    # is told so.
    with get_database().reading() as session:
        session.execute(select(OutboxMessage.id).limit(1))
    done = jobs.run_round()
    computed = jobs.run_computations()
    done |= {"computed": computed["computed"], "failed": done["failed"] + computed["failed"]}
    text = ", ".join(f"{count} {name}" for name, count in done.items())
    emit(done, as_json=as_json, text=f"Done: {text}.")


@jobs_group.command("retention")
@json_option
def retention(as_json: bool) -> None:
    """Delete what is past its retention period."""
    done = jobs.run_retention()
    text = ", ".join(f"{count} {name}" for name, count in done.items())
    emit(done, as_json=as_json, text=f"Deleted: {text}.")


@jobs_group.command("work")
def work() -> None:
    """Run the worker until it is stopped (one or two per instance are enough)."""
    queue = jobs.create_queue(current_app._get_current_object())  # type: ignore[attr-defined]
    note("The worker is running; stop it with Ctrl-C.")
    # A worker that was killed leaves its locks behind; every job is harmless when done twice.
    queue.create_consumer(
        workers=2, periodic=True, backoff=1.15, max_delay=2.0, flush_locks=True
    ).run()
