"""Codes that LimeSurvey accepts, for ours: letters and digits only, and not many of them.

Where a code has to change, the file says which of ours it stands for, in a table of our own that
LimeSurvey passes over; read back here, the file gives our codes again.
"""

import re
from collections.abc import Iterable

from surveys.questionnaire import Question, Questionnaire

# What LimeSurvey's own columns hold.
LONGEST_QUESTION, LONGEST_SUB, LONGEST_ANSWER = 20, 20, 5
_RESERVED = frozenset({"this", "self", "that", "sid", "gid", "qid", "lang", "token", "savedid"})

# Types whose options become sub-questions there.
OPTIONS_AS_SUBS = frozenset(
    {"multiple_choice", "points", "budget", "statements", "milestone_priorities",
     "milestone_years", "paragraph_comments", "consent"}
)  # fmt: skip


class Names:
    """LimeSurvey's codes for everything in a questionnaire."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        questions = questionnaire.questions
        self.questions = dict(
            zip(
                (question.code for question in questions),
                _codes((q.code for q in questions), LONGEST_QUESTION, "q", letter_first=True),
                strict=True,
            )
        )
        self.rows: dict[tuple[str, str], str] = {}
        self.options: dict[tuple[str, str], str] = {}
        for question in questions:
            self._add(question)

    def _add(self, question: Question) -> None:
        rows = [row.code for row in question.rows]
        named = _codes(rows, LONGEST_SUB, "SQ")
        self.rows |= {(question.code, r): code for r, code in zip(rows, named, strict=True)}
        options = [option.code for option in question.options]
        as_subs = question.type in OPTIONS_AS_SUBS or (
            question.type == "matrix" and question.cell != "single"
        )
        longest, prefix = (LONGEST_SUB, "SQ") if as_subs else (LONGEST_ANSWER, "A")
        taken = {"other"} if question.other is not None else set()
        named = _codes(options, longest, prefix, taken=taken)
        self.options |= {(question.code, o): code for o, code in zip(options, named, strict=True)}
        if question.other is not None:
            theirs = "other" if question.type == "multiple_choice" else "-oth-"
            self.options[question.code, question.other.code] = theirs


def _codes(
    codes: Iterable[str],
    longest: int,
    prefix: str,
    *,
    letter_first: bool = False,
    taken: set[str] | None = None,
) -> list[str]:
    """One for each, all different; what can stay as it is has precedence."""
    wanted = list(codes)
    used = set(taken or ())
    allowed = re.compile(("[A-Za-z]" if letter_first else "") + "[A-Za-z0-9]+" if not letter_first
                         else "[A-Za-z][A-Za-z0-9]*")  # fmt: skip
    kept: dict[int, str] = {}
    for position, code in enumerate(wanted):
        fits = allowed.fullmatch(code) and len(code) <= longest and code.lower() not in _RESERVED
        if fits and code not in used:
            kept[position] = code
            used.add(code)
    for position, code in enumerate(wanted):
        if position not in kept:
            kept[position] = _free(code, position, longest, prefix, used, letter_first)
            used.add(kept[position])
    return [kept[position] for position in range(len(wanted))]


def _free(
    code: str, position: int, longest: int, prefix: str, used: set[str], letter_first: bool
) -> str:
    plain = re.sub(r"[^A-Za-z0-9]", "", code)
    if letter_first and not plain[:1].isalpha():
        plain = prefix + plain
    candidates = [plain] if plain and len(plain) <= longest else []
    if longest > LONGEST_ANSWER and len(plain) > longest:
        candidates.append(plain[:longest])
    number = position + 1
    while True:
        for candidate in candidates:
            if candidate not in used and candidate.lower() not in _RESERVED:
                return candidate
        candidates = [f"{prefix}{number}"]
        number += 1
