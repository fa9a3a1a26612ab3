"""Sending invitations and reminders: one letter for each outbox message, at least once.

A letter that was taken by the mail server is noted on the invitation, so that the same message
handled twice sends nothing the second time. A refusal for good is noted as a bounce and shown to
the secretariat; everything else is tried again by the outbox.
"""

import smtplib
from datetime import datetime
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any
from uuid import UUID

from flask import current_app

from app import mail
from app.config import Settings
from app.database import get_database
from app.journey import credential_key
from app.moments import consultation_moment
from core.clock import utc_now
from core.errors import WaymarkError
from surveys.inviting.invitation_texts import (
    FALLBACK,
    INVITATION,
    REMINDER,
    WORDINGS,
    LetterText,
    fill_in,
    text_for,
)
from surveys.inviting.invitations import note_answers
from surveys.inviting.mailing import (
    Letter,
    find_letter,
    has_stale_token,
    note_bounce,
    note_sent,
    postpone_to_opening,
    renew_token,
)
from surveys.inviting.tokens import decline_sign, invitation_token, message_id


class MailServerBusy(WaymarkError):
    """The server took no mail for now, in its words' number: the words may hold an address."""

    code = "mail.server_busy"
    template = "The mail server answered {status}; the letter is sent again later."


class LetterPolicy(EmailPolicy):
    """Leaves addresses and identifiers whole: the library would encode those longer than a line,
    and no mail program reads them then. Lines of headers may have 998 characters (RFC 5322)."""

    _WHOLE = frozenset({"list-unsubscribe", "message-id"})

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in self._WHOLE:
            return f"{name}: {value}{self.linesep}"
        return super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in self._WHOLE:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


def send_letter(payload: dict[str, Any]) -> None:
    """Handle a message of ``surveys.inviting.mailing.LETTER_TOPIC``."""
    now = utc_now()
    database = get_database()
    with database.reading() as session:
        letter = find_letter(session, payload=payload, now=now)
        message = compose(letter) if letter is not None else None
        renewed = letter is not None and has_stale_token(
            session, invitation_id=letter.invitation_id, key=credential_key()
        )
    if letter is None or message is None:
        with database.transaction() as session:
            postpone_to_opening(session, payload=payload, now=now)
        return
    if renewed:
        with database.transaction() as session:
            renew_token(session, invitation_id=letter.invitation_id, key=credential_key())
    # Outside of any transaction: however long the server takes, nobody waits for a lock.
    refusal = _deliver(message)
    with database.transaction() as session:
        if refusal:
            note_bounce(session, invitation_id=letter.invitation_id, words=refusal, now=now)
        else:
            note_sent(session, invitation_id=letter.invitation_id, number=letter.number, now=now)


def note_who_answered(payload: dict[str, Any]) -> None:
    """Handle a message of ``surveys.inviting.invitations.ANSWERS_TOPIC``."""
    with get_database().transaction() as session:
        note_answers(session, consultation_id=UUID(payload["consultation"]), key=credential_key())


def compose(letter: Letter) -> EmailMessage:
    """The e-mail: plain text in the person's language, with a way to be left in peace."""
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    key = credential_key()
    consultation = letter.consultation
    text, language = text_for(
        REMINDER if letter.number else INVITATION,
        letter.language,
        letter.own_texts,
        fallback=consultation.title.fallback or FALLBACK,
    )
    wording = WORDINGS.get(language, WORDINGS[FALLBACK])
    decline = decline_address(letter.invitation_id)
    values = letter_values(letter, language, invitation_address(
        consultation.slug, invitation_token(key, letter.invitation_id)
    ))  # fmt: skip
    body = fill_in(text.body, values)
    if letter.begun:
        resume = f"{_public_url()}/consultations/{consultation.slug}/resume"
        body += "\n\n" + wording.resume.format(address=resume)
    body += (
        "\n\n-- \n" + f"{settings.brand_name}\n" + wording.decline.format(address=decline) + "\n"
    )
    subject = " ".join(fill_in(text.subject, values).split())
    message = mail.build_message(settings, to=letter.email, subject=subject, body=body)
    message.policy = LetterPolicy()
    domain = message["Message-ID"].rpartition("@")[2].rstrip(">")
    del message["Message-ID"]
    message["Message-ID"] = message_id(key, letter.invitation_id, letter.number, domain)
    message["Content-Language"] = language
    message["List-Unsubscribe"] = f"<{decline}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message["Precedence"] = "bulk"
    return message


def letter_values(letter: Letter, language: str, link: str) -> dict[str, str]:
    """What the placeholders stand for in one letter."""
    consultation = letter.consultation
    wording = WORDINGS.get(language, WORDINGS[FALLBACK])
    closes_at: datetime | None = consultation.closes_at
    return {
        "name": letter.name or letter.organisation or wording.nobody,
        "organisation": letter.organisation,
        "title": consultation.title.in_language(language),
        "link": link,
        "closing": (
            consultation_moment(closes_at, consultation, language)
            if closes_at is not None
            else wording.open_end
        ),
    }


def preview(letter: Letter, text: LetterText, language: str) -> LetterText:
    """How a text reads, with a link that opens nothing."""
    link = invitation_address(letter.consultation.slug, "…")
    values = letter_values(letter, language, link)
    return LetterText(fill_in(text.subject, values), fill_in(text.body, values))


def invitation_address(slug: str, token: str) -> str:
    return f"{_public_url()}/consultations/{slug}/invitation/{token}"


def decline_address(invitation_id: UUID) -> str:
    sign = decline_sign(credential_key(), invitation_id)
    return f"{_public_url()}/invitations/{invitation_id}/decline/{sign}"


def _public_url() -> str:
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return settings.public_url.rstrip("/")


def _deliver(message: EmailMessage) -> str:
    """Empty where the server took it; its words where it refuses this address for good.

    Raises where another attempt may succeed: the server is down or busy, or refuses us, not them.
    """
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    try:
        mail.send(settings, message)
    except smtplib.SMTPRecipientsRefused as refused:
        status, words = next(iter(refused.recipients.values()))
        return _refusal(status, words)
    except smtplib.SMTPDataError as refused:
        return _refusal(refused.smtp_code, refused.smtp_error)
    except smtplib.SMTPResponseException as refused:
        # Greeting, sign-in or sender: our own doing, not the person's address.
        raise MailServerBusy(status=refused.smtp_code) from None
    return ""


def _refusal(status: int, words: bytes | str) -> str:
    if not 500 <= status < 600:
        raise MailServerBusy(status=status)
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{status} {said}".strip()
