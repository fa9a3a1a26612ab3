"""The one secret a respondent holds, and what is derived from it. Pure.

A *resume code* is shown to the respondent and stored nowhere. From it follow, one way only:

    resume code ──▶ hash under which the draft is stored
                └─▶ receipt key (in the receipt's address) ──▶ hash stored with the response
                                                           └─▶ salt of the audit log's leaf

So the database alone can neither open a draft or receipt nor tell which leaf is whose, and
sending the same draft twice leads to the same receipt.

The code of a targeted poll ends in a check that only this instance can compute: it is the
credential an invitation is exchanged for, and needs no row that could be matched with one.
"""

import hashlib
import hmac

from core.ids import CODE_ALPHABET, clean_code, new_code

CODE_LENGTH = 16  # 80 bits
CHECK_LENGTH = 8  # 40 bits, guessed against a rate limit only
RECEIPT_LENGTH = 26  # 130 bits


def new_resume_code() -> str:
    """A code for a draft of a public consultation."""
    return new_code(CODE_LENGTH)


def new_credential(key: bytes, consultation: str) -> str:
    """A code for one participation in the targeted poll ``consultation`` (its slug)."""
    code = new_code(CODE_LENGTH)
    return code + _check(key, consultation, code)


def is_credential(key: bytes, consultation: str, code: str) -> bool:
    """Whether ``code`` was given out by this instance for this poll."""
    if len(code) != CODE_LENGTH + CHECK_LENGTH:
        return False
    given = code[CODE_LENGTH:]
    return hmac.compare_digest(given, _check(key, consultation, code[:CODE_LENGTH]))


def draft_hash(code: str) -> str:
    """What a draft is found by, hexadecimal."""
    return hashlib.sha256(b"waymark draft\x00" + clean_code(code).encode()).hexdigest()


def receipt_key(code: str) -> str:
    """What the receipt's address ends in; the code cannot be computed back from it."""
    return _spell(hashlib.sha256(b"waymark receipt\x00" + clean_code(code).encode()).digest(),
                  RECEIPT_LENGTH)  # fmt: skip


def receipt_hash(key: str) -> str:
    """What a response is found by, hexadecimal."""
    return hashlib.sha256(b"waymark response\x00" + clean_code(key).encode()).hexdigest()


def leaf_salt(key: str) -> bytes:
    """The salt of the audit leaf, for whoever has the receipt's key."""
    return hashlib.sha256(b"waymark leaf\x00" + clean_code(key).encode()).digest()


def _check(key: bytes, consultation: str, code: str) -> str:
    message = f"waymark credential\x00{consultation}\x00{code}".encode()
    return _spell(hmac.digest(key, message, "sha256"), CHECK_LENGTH)


def _spell(digest: bytes, length: int) -> str:
    """The first ``length`` × 5 bits of ``digest`` in Crockford's alphabet."""
    number = int.from_bytes(digest)
    bits = len(digest) * 8
    return "".join(
        CODE_ALPHABET[number >> (bits - 5 * (position + 1)) & 31] for position in range(length)
    )
