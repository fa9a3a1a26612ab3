"""Codes of ours for LimeSurvey's: kept wherever they are codes of ours already."""

import re

from surveys.conditions import KEYWORDS

_LONGEST = 60


class Names:
    """Question codes: each is used once."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def take(self, code: str) -> None:
        self.taken.add(code)

    def free(self, code: str) -> str:
        """``code`` made into a code of ours that is not taken, and taken with this."""
        cleaned = re.sub(r"[^A-Za-z0-9_]", "_", code)[:_LONGEST]
        if not cleaned or not cleaned[0].isalpha() or cleaned in KEYWORDS:
            cleaned = f"q{cleaned}"
        cleaned = _numbered(cleaned, self.taken)
        self.taken.add(cleaned)
        return cleaned


def clean_code(code: str, taken: set[str], *, row: bool = False) -> str:
    """The code of an option, or of a matrix row or column, made into one of ours, not taken."""
    allowed = r"[^A-Za-z0-9_]" if row else r"[^A-Za-z0-9_.\-]"
    return _numbered(re.sub(allowed, "_", code)[:_LONGEST] or "a", taken)


def _numbered(code: str, taken: set[str]) -> str:
    number, free = 2, code
    while free in taken:
        free = f"{code}_{number}"
        number += 1
    return free
