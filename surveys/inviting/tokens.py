"""What an invitation is known by, and what is derived from it with the instance's key. Pure.

    invitation's id + key ──▶ token (in the link; stored only as its hash)
                          ├─▶ sign of the link "do not write to me again"
                          ├─▶ Message-ID of each e-mail, by which a bounce finds its way back
                          └─▶ pseudonym (in pseudonymous polls), which leads back only with the key

So a reminder repeats the link without anybody having stored it, and the database alone cannot
write one. A link handed over on paper has a random token instead.
"""

import base64
import hashlib
import hmac
import re
import secrets
from uuid import UUID

# 128 bits: nobody guesses one.
_TOKEN_BYTES = 16
_SIGN_BYTES = 12
_MESSAGE_ID = re.compile(r"invitation\.([0-9a-f]{32})\.(\d{1,4})\.([A-Za-z0-9_-]{16})@")


def random_token() -> str:
    """A token for an invitation on paper, which nobody will have to repeat."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def invitation_token(key: bytes, invitation_id: UUID) -> str:
    """The token of an invitation that is sent, the same each time it is sent."""
    return _derive(key, "invitation", invitation_id.hex, _TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What an invitation is found by, hexadecimal."""
    return hashlib.sha256(b"waymark invitation\x00" + token.encode(errors="replace")).hexdigest()


def is_hash_of(token: str, stored: str) -> bool:
    """Whether ``stored`` is the hash of ``token``, compared in constant time."""
    return hmac.compare_digest(token_hash(token), stored)


def decline_sign(key: bytes, invitation_id: UUID) -> str:
    """What makes the link to decline an invitation valid; it does not open the invitation."""
    return _derive(key, "decline", invitation_id.hex, _SIGN_BYTES)


def is_decline_sign(key: bytes, invitation_id: UUID, given: str) -> bool:
    return hmac.compare_digest(
        decline_sign(key, invitation_id).encode(), given.encode(errors="replace")
    )


def message_id(key: bytes, invitation_id: UUID, number: int, domain: str) -> str:
    """The Message-ID (RFC 5322) of an e-mail: ``number`` 0 invites, 1 … remind.

    The same each time, so that a message delivered twice is recognised as one.
    """
    return f"<{_message_name(key, invitation_id, number)}@{domain}>"


def invitation_of_message(key: bytes, text: str) -> UUID | None:
    """The invitation whose e-mail had the Message-ID in ``text``; None where it is not ours."""
    found = _MESSAGE_ID.search(text)
    if found is None:
        return None
    invitation_id = UUID(hex=found[1])
    expected = _message_name(key, invitation_id, int(found[2]))
    given = f"invitation.{found[1]}.{int(found[2])}.{found[3]}"
    return invitation_id if hmac.compare_digest(expected.encode(), given.encode()) else None


def pseudonym_of(key: bytes, *, consultation: UUID, kind: str, participant: UUID) -> str:
    """A name without meaning, the same for all that one participant gives in one consultation.

    ``kind``: ``"invitation"`` or ``"account"``, with its id. 64 characters; only the key leads
    back.
    """
    message = f"waymark pseudonym\x00{consultation.hex}\x00{kind}\x00{participant.hex}"
    return hmac.digest(key, message.encode(), "sha256").hex()


def _message_name(key: bytes, invitation_id: UUID, number: int) -> str:
    sign = _derive(key, f"message {number}", invitation_id.hex, _SIGN_BYTES)
    return f"invitation.{invitation_id.hex}.{number}.{sign}"


def _derive(key: bytes, purpose: str, value: str, length: int) -> str:
    digest = hmac.digest(key, f"waymark {purpose}\x00{value}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:length]).decode().rstrip("=")
