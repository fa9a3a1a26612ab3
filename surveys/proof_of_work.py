"""A proof of work: costs a script computing time, and a person nothing they notice. Pure.

A *challenge* is a text that this instance signs and does not store:

    1.<issued, Unix seconds>.<bits>.<signature>

Its signature (HMAC-SHA-256) covers what it is *bound* to, a draft of a consultation: it is of no
use for another draft, and a draft can be submitted once only, so neither can its proof.

The *solution* is one counter for each of ``PIECES`` pieces, joined by dots: SHA-256 of

    SHA-256(challenge) · piece (4 bytes) · counter (4 bytes)        big-endian

begins with ``bits`` - 3 zero bits, in the manner of hashcash (A. Back, 2002). Eight smaller pieces
take as many hashes on average as a single one, 2^bits, but hardly ever several times as many:
nobody is unlucky for long. The message fits into one block of SHA-256, which keeps the browser's
part (app/static/proof.js) short and quick.
"""

import hashlib
import hmac
import math
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

PIECES = 8
_PIECE_BITS = 3  # log2(PIECES)
LEAST_BITS, MOST_BITS = 4, 28
"""What ``bits`` may be: expected hashes are 2^bits."""

LIFETIME = 4 * 3600
"""Seconds after which a challenge is expired: it cannot be hoarded while it is cheap."""

SKEW = 120
"""Seconds that the clocks of an instance's machines may differ."""

LONGEST_WAIT = 120
"""Seconds that somebody without a script waits at most, however busy the instance is."""

_CHALLENGE = re.compile(r"1\.(\d{1,12})\.(\d{1,2})\.([0-9a-f]{64})", re.ASCII)
_SOLUTION = re.compile(r"\d{1,10}(?:\.\d{1,10}){7}", re.ASCII)


class ProofFault(StrEnum):
    """Why a submission's proof is not taken."""

    MISSING = "missing"
    # Not signed here, or for another draft or consultation.
    FORGED = "forged"
    EXPIRED = "expired"
    # Signed and alive, but not solved, and not old enough to be taken unsolved.
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge that was found to be signed here. ``issued``: Unix seconds."""

    text: str
    issued: int
    bits: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a submission's proof is worth: taken unless there is a ``fault``.

    ``challenge``: where it was signed here and is not expired, so that it can be shown again.
    ``wait``: seconds until it is taken unsolved, 0 if it is now.
    """

    fault: ProofFault | None
    challenge: Challenge | None = None
    solved: bool = False
    wait: int = 0


def binding_of(consultation: str, draft_hash: str) -> bytes:
    """What a challenge is bound to: the consultation's slug, and the hash the draft is found by."""
    return f"{consultation}\x00{draft_hash}".encode()


def issue_challenge(key: bytes, *, binding: bytes, bits: int, now: datetime) -> str:
    """A new challenge. Raises ``ValueError`` for ``bits`` out of range."""
    if not LEAST_BITS <= bits <= MOST_BITS:
        raise ValueError(f"bits must be {LEAST_BITS} to {MOST_BITS}, not {bits}")
    issued = int(now.timestamp())
    return f"1.{issued}.{bits}.{_signature(key, binding, issued, bits)}"


def judge_proof(
    key: bytes, *, challenge: str, solution: str, binding: bytes, wait_seconds: int, base_bits: int,
    now: datetime,
) -> Judgement:  # fmt: skip
    """Judge what came with a submission; never raises, whatever the texts are.

    ``wait_seconds``: the age from which a challenge of ``base_bits`` is taken unsolved; it doubles
    with every bit above, up to ``LONGEST_WAIT``.
    """
    if not challenge:
        return Judgement(ProofFault.MISSING)
    known = _read_challenge(key, challenge, binding)
    if known is None:
        return Judgement(ProofFault.FORGED)
    age = int(now.timestamp()) - known.issued
    if age < -SKEW:
        return Judgement(ProofFault.FORGED)
    if age > LIFETIME:
        return Judgement(ProofFault.EXPIRED)
    if is_solution(known, solution):
        return Judgement(None, known, solved=True)
    wait = max(0, waiting_time(known.bits, base_bits=base_bits, wait_seconds=wait_seconds) - age)
    return Judgement(ProofFault.TOO_EARLY if wait else None, known, wait=wait)


def waiting_time(bits: int, *, base_bits: int, wait_seconds: int) -> int:
    """Seconds after which a challenge is taken unsolved."""
    doubled = wait_seconds << max(0, min(bits - base_bits, MOST_BITS))
    return max(wait_seconds, min(doubled, LONGEST_WAIT))


def is_solution(challenge: Challenge, solution: str) -> bool:
    """Whether ``solution`` solves the challenge: at most eight hashes."""
    if not _SOLUTION.fullmatch(solution):
        return False
    counters = [int(part) for part in solution.split(".")]
    seed = _seed(challenge.text)
    return all(
        counter < 2**32 and _is_met(seed, piece, counter, challenge.bits - _PIECE_BITS)
        for piece, counter in enumerate(counters)
    )


def solve_challenge(challenge: str) -> str:
    """The solution, found as a browser finds it: about 2^bits hashes. For tests and programs."""
    match = _CHALLENGE.fullmatch(challenge)
    if match is None:
        raise ValueError("not a challenge")
    seed, needed = _seed(challenge), int(match[2]) - _PIECE_BITS
    return ".".join(str(_find(seed, piece, needed)) for piece in range(PIECES))


def bits_for(*, base: int, most: int, rates: Iterable[tuple[int, int]]) -> int:
    """How hard a challenge is now: ``base``, and a bit more for each doubling of a busy rate.

    ``rates``: pairs (submissions in the last minute, how many are still usual); the busiest counts.
    """
    extra = (math.ceil(math.log2(rate / usual)) for rate, usual in rates if rate > usual)
    return min(base + max(extra, default=0), max(base, most))


def _read_challenge(key: bytes, text: str, binding: bytes) -> Challenge | None:
    match = _CHALLENGE.fullmatch(text)
    if match is None:
        return None
    issued, bits = int(match[1]), int(match[2])
    signature = _signature(key, binding, issued, bits)
    known = f"1.{issued}.{bits}.{signature}"
    if not hmac.compare_digest(known, text):
        return None
    return Challenge(text, issued, bits)


def _signature(key: bytes, binding: bytes, issued: int, bits: int) -> str:
    message = b"waymark proof\x00" + f"{issued}.{bits}\x00".encode() + binding
    return hmac.digest(key, message, "sha256").hex()


def _seed(challenge: str) -> bytes:
    return hashlib.sha256(challenge.encode()).digest()


def _is_met(seed: bytes, piece: int, counter: int, needed: int) -> bool:
    digest = hashlib.sha256(seed + struct.pack(">II", piece, counter)).digest()
    return int.from_bytes(digest[:4]) >> (32 - needed) == 0


def _find(seed: bytes, piece: int, needed: int) -> int:
    counter = 0
    while not _is_met(seed, piece, counter, needed):
        counter += 1
    return counter
