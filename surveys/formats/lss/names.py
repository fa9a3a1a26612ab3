"""Codes of ours for LimeSurvey's: kept wherever they are codes of ours already."""

import re
from collections.abc import Iterable

from surveys.language.expressions import KEYWORDS

_LONGEST = 60


class Names:
    """Question codes: each is used once."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def take(self, code: str) -> bool:
        """Use ``code``; whether it was free."""
        was_free = code not in self.taken
        self.taken.add(code)
        return was_free

    def free(self, code: str) -> str:
        """``code`` made into a code of ours that is not taken, and taken with this."""
        free = _numbered(_question_code(code), self.taken)
        self.taken.add(free)
        return free

    def free_all(self, codes: list[str]) -> list[str]:
        """As ``free`` for each; what can stay as it is has precedence over what is renamed."""
        return _assign(codes, [_question_code(code) for code in codes], self.taken)


def clean_codes(codes: list[str], *, row: bool = False, taken: Iterable[str] = ()) -> list[str]:
    """Codes of options, or of matrix rows or columns, each made into one of ours."""
    allowed = r"[^A-Za-z0-9_]" if row else r"[^A-Za-z0-9_.\-]"
    cleaned = [re.sub(allowed, "_", code)[:_LONGEST] or "a" for code in codes]
    return _assign(codes, cleaned, set(taken))


def _question_code(code: str) -> str:
    cleaned = re.sub(r"[^A-Za-z0-9_]", "_", code)[:_LONGEST]
    if not cleaned or not cleaned[0].isalpha() or cleaned in KEYWORDS:
        cleaned = f"q{cleaned}"
    return cleaned


def _assign(codes: list[str], cleaned: list[str], taken: set[str]) -> list[str]:
    """``taken`` grows by what is assigned."""
    assigned: list[str] = [""] * len(codes)
    # Where counting goes on, so that many of one name do not take ever longer.
    reached: dict[str, int] = {}
    for stays in (True, False):
        for position, (code, clean) in enumerate(zip(codes, cleaned, strict=True)):
            keeps = code == clean and clean not in taken
            if not assigned[position] and (keeps or not stays):
                assigned[position] = _numbered(clean, taken, reached)
                taken.add(assigned[position])
    return assigned


def _numbered(code: str, taken: set[str], reached: dict[str, int] | None = None) -> str:
    reached = {} if reached is None else reached
    number, free = reached.get(code, 2), code
    while free in taken:
        free = f"{code}_{number}"
        number += 1
    reached[code] = number
    return free
