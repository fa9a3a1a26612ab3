"""The letter with a resume code: to one address, once; what is sent is kept nowhere."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import mail
from app.config import Settings
from core import outbox
from core.clock import utc_now
from core.ids import group_code
from core.text import LocalizedText

RESUME_TOPIC = "email.resume_code"
# Shorter than the outbox goes on trying: address and code never stay in it as undeliverable.
LIFETIME = timedelta(hours=12)


def enqueue_resume_letter(
    session: Session,
    *,
    to: str,
    slug: str,
    title: LocalizedText,
    code: str,
    language: str,
    now: datetime,
) -> None:
    """Have the code sent; address and code are in the outbox until then, ``LIFETIME`` at most."""
    outbox.enqueue(
        session,
        topic=RESUME_TOPIC,
        payload={
            "to": to, "slug": slug, "title": title.in_language(language), "code": code,
            "language": language, "expires_at": (now + LIFETIME).isoformat(),
        },
        now=now,
    )  # fmt: skip


def send_resume_letter(payload: dict[str, Any]) -> None:
    """Deliver one message of the outbox."""
    if utc_now() >= datetime.fromisoformat(payload["expires_at"]):
        return  # no mail server took it in time; the message is forgotten
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    language = payload["language"] if payload["language"] in settings.languages else "en"
    code = group_code(payload["code"])
    # The code stands after "#": a browser does not send that part, so no log ever has it.
    link = f"{settings.public_url.rstrip('/')}/consultations/{payload['slug']}/resume#{code}"
    with force_locale(language):
        subject = _("Your answers to “%(title)s”", title=payload["title"][:80])
        body = _(
            "You asked for a way back to your answers to “%(title)s”.\n\n"
            "Open this link to go on:\n%(link)s\n\n"
            "Or enter this code on the page of the consultation:\n%(code)s\n\n"
            "Whoever has the code can read and change your answers until they are sent. We have "
            "not kept your address, and cannot send this again by ourselves.",
            title=payload["title"], link=link, code=code,
        )  # fmt: skip
    mail.send(settings, mail.build_message(settings, to=payload["to"], subject=subject, body=body))
