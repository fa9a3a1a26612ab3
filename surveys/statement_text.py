"""The text of a statement: how it is cleaned, and which ones say the same. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from core.errors import InvalidInput
from core.text import clean_text

SHORTEST = 10
LONGEST = 280

# The code of a statement that a participant added: random, and told from a questionnaire's own.
ADDED_PREFIX = "p_"
ADDED_LENGTH = 12  # 60 bits
_ADDED = re.compile(r"p_[0-9a-hjkmnp-tv-z]{12}")

# Characters that cannot be seen, and those that turn the direction of what follows them.
_INVISIBLE = {"Cc", "Cf", "Co", "Cn"}
# Joiners are part of words in some scripts and of some signs.
_JOINERS = {"\u200c", "\u200d"}
SIMILAR = 0.4
"""From which ``similarity`` on two statements are shown side by side."""


def is_added(code: str) -> bool:
    """Whether this has the form of the code of an added statement."""
    return _ADDED.fullmatch(code) is not None


def clean_statement(text: str) -> str:
    """One line of visible text of 10 to 280 characters. Raises ``InvalidInput``."""
    # Measured before it is worked on: white space and what is invisible may go.
    cleaned = clean_text(text, where="statement", maximum=20 * LONGEST)
    visible = "".join(
        character
        for character in re.sub(r"\s", " ", cleaned)
        if character in _JOINERS or unicodedata.category(character) not in _INVISIBLE
    )
    # What stood beside something invisible now stands together.
    visible = unicodedata.normalize("NFC", re.sub(r"\s+", " ", visible)).strip()
    if len(visible) < SHORTEST or not any(map(str.isalpha, visible)):
        raise InvalidInput(
            where="statement",
            reason=f"expected a sentence of at least {SHORTEST} characters; it has {len(visible)}",
        )
    if len(visible) > LONGEST:
        raise InvalidInput(
            where="statement",
            reason=f"is {len(visible)} characters long; at most {LONGEST} are accepted",
        )
    return visible


def comparable(text: str) -> str:
    """What is left when case, accents written in two ways, punctuation and spacing do not count.

    Two statements with the same result say the same.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_words(folded))


def similarity(first: str, second: str) -> float:
    """0 (nothing in common) to 1: the common part of all groups of three letters (Jaccard)."""
    return _overlap(_trigrams(first), _trigrams(second))


class SimilarStatements:
    """Finds among many statements those that are most like one."""

    def __init__(self, statements: Iterable[tuple[str, str]]) -> None:
        """``statements``: (key, text) of each."""
        self._known = [(key, _trigrams(text)) for key, text in statements]

    def like(self, text: str, *, but: str = "", limit: int = 3) -> list[str]:
        """The keys of those most like ``text``, the likest first, without the one named ``but``."""
        own = _trigrams(text)
        found = [
            (_overlap(own, letters), key)
            for key, letters in self._known
            # Sets of very different size cannot have half in common.
            if key != but and len(own) >= SIMILAR * len(letters) >= SIMILAR**2 * len(own)
        ]
        best = sorted(
            (entry for entry in found if entry[0] >= SIMILAR), key=lambda e: (-e[0], e[1])
        )
        return [key for _, key in best[:limit]]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _trigrams(text: str) -> frozenset[str]:
    padded = f"  {comparable(text)} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def _overlap(first: frozenset[str], second: frozenset[str]) -> float:
    either = len(first | second)
    return len(first & second) / either if either else 0.0
