"""E-mail: by SMTP where a server is set, else as files in the instance's ``mail`` folder."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from app.config import Settings
from core.ids import uuid7

_TIMEOUT_SECONDS = 20


def build_message(settings: Settings, *, to: str, subject: str, body: str) -> EmailMessage:
    """A plain-text message. Line breaks in address or subject are refused by the library."""
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=_domain(settings.mail_from))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message


def send(settings: Settings, message: EmailMessage) -> None:
    """Deliver one message, or raise: the outbox tries again later."""
    if not settings.smtp_url:
        folder = settings.instance / "mail"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / f"{uuid7()}.eml").write_bytes(message.as_bytes())
        return
    server = urlsplit(settings.smtp_url)
    host = server.hostname or "localhost"
    if server.scheme == "smtps":
        context = ssl.create_default_context()
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            host, server.port or 465, timeout=_TIMEOUT_SECONDS, context=context
        )
    else:
        connection = smtplib.SMTP(host, server.port or 587, timeout=_TIMEOUT_SECONDS)
    with connection:
        if server.scheme != "smtps" and connection.has_extn("starttls"):
            connection.starttls(context=ssl.create_default_context())
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(message)


def _domain(sender: str) -> str:
    found = re.search(r"@([A-Za-z0-9.-]+)", sender)
    return found.group(1) if found else "localhost"
