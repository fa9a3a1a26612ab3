"""Identifiers: time-ordered where order may be seen, random where anonymity is promised."""

import re
import secrets
import time
import unicodedata
from uuid import UUID, uuid4

from core.errors import InvalidInput

# Crockford's base 32: no I, L, O, U, so a code survives being read aloud or copied from paper.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562 section 5.7): 48 bits of milliseconds, the rest random."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def random_uuid() -> UUID:
    """A UUIDv4: says nothing about when or in which order it was made."""
    return uuid4()


def new_code(length: int = 16) -> str:
    """A random code of ``length`` Crockford characters (5 bits each), without separators."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))


def group_code(code: str) -> str:
    """``ABCDEFGH`` → ``ABCD-EFGH``, the way a code is shown to people."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def clean_code(typed: str) -> str:
    """What a person typed, reduced to Crockford characters: case, spaces, dashes, O/0 forgiven."""
    upper = typed.upper().translate(_LOOKALIKES)
    return "".join(character for character in upper if character in CODE_ALPHABET)


def clean_slug(text: str) -> str:
    """A slug of ``[a-z0-9-]``, lower-cased and cleaned from what is given.

    Raises ``InvalidInput`` when nothing is left of it.
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")[:80].rstrip("-")
    if not slug:
        raise InvalidInput(
            where="slug", reason="expected a name with at least one letter a-z or digit"
        )
    return slug
