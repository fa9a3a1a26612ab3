"""What happens outside requests: delivering the outbox, sealing the log, projecting, tidying.

``run_round`` does everything that is due, once. The worker (`flask jobs work`) runs it every few
seconds through huey; `flask jobs run` runs it by hand. Every step commits for itself and is
harmless when repeated, so a worker may be killed at any moment.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from flask import Flask, current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from huey import Huey, RedisHuey, SqliteHuey, crontab

from app import mail
from app.config import Settings
from app.database import get_database
from app.documents import render_edition_files
from app.invitation_mail import note_who_answered, send_letter
from app.marks_report import make_due_reports
from app.projection import mix_projection, project_responses, tidy_projection
from app.resume_mail import RESUME_TOPIC, send_resume_letter
from app.roadmap_uploads import drop_old_files
from app.uploads import delete_unreferenced, forget_arrival
from core import audit, outbox
from core.clock import utc_now
from federation.delivery import deliver_from_outbox
from federation.keys import load_or_create_key
from federation.node import RELEASE_TOPIC
from roadmap.computations import COMPUTE_TOPIC, compute
from roadmap.editions.publishing import RENDER_TOPIC
from stakeholders.accounts import delete_expired_resets
from surveys.drafts import delete_old_drafts
from surveys.inviting.invitation_register import erase_expired_people
from surveys.inviting.invitations import ANSWERS_TOPIC
from surveys.inviting.mailing import LETTER_TOPIC
from surveys.responses import delete_expired_responses
from surveys.retention import forget_order
from surveys.statements import delete_expired_statements

RESET_TOPIC = "email.password_reset"
# Letters that are good for hours only, and hold an address together with a code.
LETTERS_WITH_CODES = (RESET_TOPIC, RESUME_TOPIC)
# Seconds between two rounds of the worker.
PAUSE = 4
# Letters of invitation in one round, and between two looks at how it goes.
LETTERS_A_ROUND = 100
_LETTERS_AT_ONCE = 10


def handlers() -> dict[str, outbox.Handler]:
    """Outbox topics and who delivers them."""
    return {
        RESET_TOPIC: _send_password_reset,
        RESUME_TOPIC: send_resume_letter,
        RELEASE_TOPIC: _deliver_release,
        RENDER_TOPIC: render_edition_files,
        ANSWERS_TOPIC: note_who_answered,
    }


def letter_handlers() -> dict[str, outbox.Handler]:
    """What may come by the ten thousand, and must not keep anything else waiting."""
    return {LETTER_TOPIC: send_letter}


def run_computations(now: datetime | None = None) -> dict[str, int]:
    """Compute what pages wait for; apart from the rounds, which must not wait for it."""

    def work(payload: dict[str, Any]) -> None:
        database = get_database()
        compute(payload, transaction=database.transaction, reading=database.reading, clock=utc_now)

    computed, failed = outbox.deliver(
        get_database().transaction, handlers={COMPUTE_TOPIC: work}, clock=lambda: now or utc_now()
    )
    return {"computed": computed, "failed": failed}


def run_round(now: datetime | None = None) -> dict[str, int]:
    """One round of everything that is due; returns how much of each was done.

    A step that fails is logged and tried again in the next round; it does not stop the others.
    """

    def clock() -> datetime:
        return now or utc_now()

    done = {"delivered": 0, "failed": 0, "sealed": 0, "projected": 0}
    with _step("outbox", done):
        delivered, failed = outbox.deliver(
            get_database().transaction, handlers=handlers(), clock=clock
        )
        done["delivered"] += delivered
        done["failed"] += failed
    with _step("audit", done), get_database().transaction() as session:
        done["sealed"] = audit.seal(session, now=clock())
    with _step("projection", done), get_database().transaction() as session:
        done["projected"] = project_responses(session, now=clock())
    with _step("letters", done):
        # A few at a time: a mail server that is down is not asked a hundred times in one round.
        for _round in range(LETTERS_A_ROUND // _LETTERS_AT_ONCE):
            delivered, failed = outbox.deliver(
                get_database().transaction, handlers=letter_handlers(), clock=clock,
                limit=_LETTERS_AT_ONCE,
            )  # fmt: skip
            done["delivered"] += delivered
            done["failed"] += failed
            if failed or delivered < _LETTERS_AT_ONCE:
                break
    with _step("marks", done):
        make_due_reports(clock())
    return done


@contextmanager
def _step(name: str, done: dict[str, int]) -> Iterator[None]:
    """Count and log a failure instead of passing it on."""
    try:
        yield
    except Exception:
        done["failed"] += 1
        structlog.get_logger().exception("step_failed", step=name)


def run_retention(now: datetime | None = None) -> dict[str, int]:
    """Delete what is past its time; returns how much of each.

    That is: drafts, reset links, letters with codes that could not be sent; and of consultations
    whose retention has ended the responses, the files sent with them, who was invited, and what
    people proposed and nobody published. What is left of past days is mixed, so that its order is
    forgotten.
    """
    moment = now or utc_now()
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    done: dict[str, int] = {}
    with get_database().transaction() as session:
        delete_expired_resets(session, now=moment)
        outbox.forget_failed(session, topics=LETTERS_WITH_CODES, now=moment)
        done["drafts"] = delete_old_drafts(session, now=moment, days=settings.draft_days)
        done["responses"] = len(delete_expired_responses(session, now=moment))
        done["people"] = erase_expired_people(session, now=moment)
        done["statements"] = delete_expired_statements(session, now=moment)
        tidy_projection(session, now=moment)
        if any(done.values()):
            audit.record_event(
                session, name="retention.applied", actor=audit.OPERATOR, subject="instance",
                now=moment, data=dict(done),
            )  # fmt: skip
    with get_database().reading() as session:
        done["files"] = delete_unreferenced(session, now=moment)
    with get_database().transaction() as session:
        mix_projection(session, versions=forget_order(session, now=moment))
    forget_arrival(now=moment)
    drop_old_files()
    get_database().drop_old_pages()
    return done


def create_queue(app: Flask) -> Huey:
    """The job queue with its periodic tasks: SQLite in the instance folder, or Redis/Valkey."""
    settings: Settings = app.config["WAYMARK_SETTINGS"]
    if settings.queue_url:
        queue: Huey = RedisHuey("waymark", url=settings.queue_url)
    else:
        queue = SqliteHuey("waymark", filename=str(settings.instance / "jobs.sqlite"))

    @queue.periodic_task(crontab(minute="*"), name="rounds")  # type: ignore[untyped-decorator]
    @queue.lock_task("rounds")  # type: ignore[untyped-decorator]
    def rounds() -> None:
        # huey's clock ticks once a minute; the outbox wants to be asked more often.
        until = time.monotonic() + 60 - PAUSE
        while True:
            with app.app_context():
                done = run_round()
            if any(done.values()):
                structlog.get_logger().info("round", **done)
            if time.monotonic() > until:
                return
            time.sleep(PAUSE)

    @queue.periodic_task(crontab(minute="*"), name="computations")  # type: ignore[untyped-decorator]
    @queue.lock_task("computations")  # type: ignore[untyped-decorator]
    def computations() -> None:
        # Beside the rounds, in the other thread of the worker: a plan may take minutes.
        until = time.monotonic() + 60 - PAUSE
        while True:
            done = {"failed": 0}
            with app.app_context(), _step("computations", done):
                done |= run_computations()
            if any(done.values()):
                structlog.get_logger().info("computations", **done)
            if time.monotonic() > until:
                return
            time.sleep(PAUSE)

    @queue.periodic_task(crontab(hour="3", minute="10"), name="retention")  # type: ignore[untyped-decorator]
    @queue.lock_task("retention")  # type: ignore[untyped-decorator]
    def retention() -> None:
        done = {"failed": 0}
        with app.app_context(), _step("retention", done):
            done |= run_retention()
        structlog.get_logger().info("retention", **done)

    return queue


def _send_password_reset(payload: dict[str, Any]) -> None:
    if utc_now() >= datetime.fromisoformat(payload["expires_at"]):
        return  # no mail server took it while the link was good
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    language = payload["language"] if payload["language"] in settings.languages else "en"
    with force_locale(language):
        subject = _("A new password for %(site)s", site=settings.brand_name)
        body = _(
            "Somebody asked for a new password for this address at %(site)s.\n\n"
            "To choose one, open this link within two hours:\n%(link)s\n\n"
            "If it was not you, do nothing: your password stays as it is.",
            site=settings.brand_name,
            link=payload["link"],
        )
    mail.send(settings, mail.build_message(settings, to=payload["to"], subject=subject, body=body))


def _deliver_release(payload: dict[str, Any]) -> None:
    """To the hub; a command has usually delivered it before."""
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    key = load_or_create_key(settings.instance)
    deliver_from_outbox(get_database().transaction, payload, key=key, now=utc_now())
