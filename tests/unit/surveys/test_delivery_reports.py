"""Reports of mail servers about letters that came back (RFC 3464)."""

from core.ids import random_uuid
from surveys.inviting.delivery_reports import read_reports
from surveys.inviting.tokens import invitation_of_message, message_id

KEY = b"k" * 32
LETTER = message_id(KEY, random_uuid(), 0, "waymark.example")


def report(
    action: str = "failed", *, status: str = "5.1.1", original: str = "message/rfc822",
    address: str = "gone@example.eu",
) -> bytes:  # fmt: skip
    return f"""\
From: MAILER-DAEMON@mx.example.eu
To: no-reply@waymark.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.eu
Arrival-Date: Sun, 22 Nov 2026 12:00:00 +0000

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.eu
Diagnostic-Code: smtp; 550 5.1.1 <{address}>:
    Recipient address rejected: User unknown

--b1
Content-Type: {original}

Return-Path: <no-reply@waymark.example>
Message-ID: {LETTER}
To: {address}
Subject: Your invitation

body

--b1--
""".encode()


def test_a_failure_names_the_letter_the_address_and_the_reason() -> None:
    (failure,) = read_reports(report()).failures
    assert failure.message_id == LETTER
    assert failure.address == "gone@example.eu"
    assert failure.status == "5.1.1"
    assert failure.words.startswith("550 5.1.1 <gone@example.eu>: Recipient address rejected")
    assert invitation_of_message(KEY, failure.message_id) is not None


def test_headers_alone_are_enough() -> None:
    (failure,) = read_reports(report(original="text/rfc822-headers")).failures
    assert failure.message_id == LETTER


def test_a_delay_or_success_is_no_failure() -> None:
    for action in ("delayed", "delivered", "relayed", "expanded"):
        found = read_reports(report(action, status="4.2.0"))
        assert (found.reports, found.failures) == (1, ())


def test_a_mailbox_of_many() -> None:
    plain = b"From: a@example.eu\nSubject: Away\n\nI am on holiday.\n\n>From here on\n"
    box = b"".join(
        b"From MAILER-DAEMON Sun Nov 22 12:00:00 2026\n" + each + b"\n"
        for each in (report(), plain, report(address="other@example.eu"))
    )
    for data in (box, box.replace(b"\n", b"\r\n")):
        found = read_reports(data)
        assert (found.messages, found.reports) == (3, 2)
        assert [failure.address for failure in found.failures] == [
            "gone@example.eu", "other@example.eu",
        ]  # fmt: skip


def test_other_files_have_no_reports() -> None:
    for data in (b"", b"\x00\xff" * 50, b"PK\x03\x04", b"Subject: x\n\nhello", report()[:400]):
        assert read_reports(data).failures == ()


def test_a_forged_message_id_leads_nowhere() -> None:
    assert invitation_of_message(b"another key", LETTER) is None
    assert invitation_of_message(KEY, LETTER.replace(".0.", ".1.")) is None
    assert invitation_of_message(KEY, "<nonsense@example.eu>") is None
