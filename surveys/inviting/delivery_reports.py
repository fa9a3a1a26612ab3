"""What mail servers report about letters they could not deliver (RFC 3464). Pure.

Reads an e-mail as a file (``.eml``) or a mailbox of many (mbox) and gives the failures in it: which
letter, which address, and why. Other mail, and reports of a mere delay, say nothing.
"""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

MAXIMUM_BYTES = 200_000_000
# A line that begins a message in a mailbox: "From " and a sender, after an empty line.
_MESSAGE_START = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\r\n]*\r?\n")


@dataclass(frozen=True, slots=True)
class Failure:
    """One address that a letter did not reach.

    ``message_id``: of our letter, where the report returns its headers; ``status``: such as
    ``5.1.1`` (RFC 3463); ``words``: what the server said.
    """

    message_id: str
    address: str
    status: str
    words: str


@dataclass(frozen=True, slots=True)
class Reports:
    """What a file holds: how many messages, how many of them reports, and the failures."""

    messages: int
    reports: int
    failures: tuple[Failure, ...]


def read_reports(data: bytes) -> Reports:
    """Everything in an ``.eml`` or mbox file; a file that is neither has no reports."""
    messages = reports = 0
    failures: list[Failure] = []
    for raw in _split(data):
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        messages += 1
        found = _status_part(message)
        if found is not None:
            reports += 1
            failures += _failures(found, _original_message_id(message))
    return Reports(messages, reports, tuple(failures))


def _split(data: bytes) -> Iterator[bytes]:
    starts = list(_MESSAGE_START.finditer(data))
    if not starts or data[: starts[0].start()].strip():
        if data.strip():
            yield data
        return
    ends = [match.start() for match in starts[1:]] + [len(data)]
    for match, end in zip(starts, ends, strict=True):
        # Within a mailbox, lines of a message that begin with "From " are quoted.
        yield re.sub(rb"(?m)^>(>*From )", rb"\1", data[match.end() : end])


def _status_part(message: Message) -> Message | None:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            return part
    return None


def _failures(part: Message, message_id: str) -> Iterator[Failure]:
    """Each recipient for whom delivery was given up: ``Action: failed`` (RFC 3464, 2.3.3)."""
    for fields in _field_groups(part):
        if str(fields.get("Action", "")).strip().lower() != "failed":
            continue
        address = _after_type(fields.get("Original-Recipient") or fields.get("Final-Recipient"))
        status = str(fields.get("Status", "")).split("(")[0].strip()
        words = _after_type(fields.get("Diagnostic-Code")) or status or "not delivered"
        yield Failure(message_id, address.strip("<>"), status, " ".join(words.split()))


def _field_groups(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        for group in payload:
            if isinstance(group, Message):
                yield group
        return
    text = str(payload or "").replace("\r\n", "\n")
    for block in re.split(r"\n\s*\n", text):
        if block.strip():
            yield email.message_from_string(block.strip() + "\n\n")


def _original_message_id(message: Message) -> str:
    """The Message-ID of the letter that is returned whole or with its headers alone."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822":
            payload = part.get_payload()
            original = payload[0] if isinstance(payload, list) and payload else None
            if isinstance(original, Message) and original.get("Message-ID"):
                return str(original["Message-ID"]).strip()
        elif kind in ("text/rfc822-headers", "message/rfc822-headers"):
            raw = part.get_payload(decode=True)
            text = (
                raw.decode("utf-8", "replace")
                if isinstance(raw, bytes)
                else str(part.get_payload())
            )
            found = email.message_from_string(text.lstrip("\r\n")).get("Message-ID")
            if found:
                return str(found).strip()
    return str(message.get("In-Reply-To", "")).strip()


def _after_type(value: object) -> str:
    """``rfc822; a@example.eu`` → ``a@example.eu``."""
    text = str(value or "")
    return text.partition(";")[2].strip() if ";" in text else text.strip()
