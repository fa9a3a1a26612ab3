"""How long answering takes, as an estimate that is shown as "about". Pure.

A rule of thumb, not a measurement: so many seconds for reading and answering, by type of question
and by what it consists of.
"""

from collections.abc import Iterable

from surveys.questionnaire import Question

_READING = 8  # information, and each question before it is answered
_FIXED = {
    "single_choice": 12, "multiple_choice": 15, "rating": 10, "number": 12, "date": 12, "year": 12,
    "quarter": 12, "short_text": 20, "long_text": 75, "upload": 60, "consent": 10,
    "milestone_proposals": 90, "calculation": 0, "information": 0,
}  # fmt: skip
# Seconds for each row, option or paragraph of what is judged one by one.
_EACH = {
    "matrix": 8, "ranking": 8, "points": 8, "budget": 7, "statements": 9,
    "milestone_priorities": 8, "milestone_years": 18, "dependencies": 15, "paragraph_comments": 35,
}  # fmt: skip


def seconds_for(question: Question) -> int:
    """About how many seconds one question takes."""
    if question.type in _FIXED:
        return _READING + _FIXED[question.type]
    parts = question.rows or question.dependencies or question.options
    return _READING + _EACH.get(question.type, 10) * max(1, len(parts))


def minutes_for(questions: Iterable[Question]) -> int:
    """About how many minutes these questions take, at least one."""
    return max(1, round(sum(map(seconds_for, questions)) / 60))
