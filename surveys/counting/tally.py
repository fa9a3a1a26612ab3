"""Counting answers: counts that add up, and the shape they are shown in.

What is counted of which type of question is said in ``surveys.counting.entries``.

Counts of disjoint sets of responses are merged by addition, which is how segments of the results
projection, versions of a questionnaire and nodes of a federation come together. Pure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from core.text import LocalizedText
from surveys.counting.entries import Entry, entries_of
from surveys.counting.figures import describe

__all__ = [
    "DIMENSIONS", "UNKNOWN", "Counts", "Entry", "QuestionCount", "Tally", "count_responses",
    "entries_of", "merge", "tally_document", "value_of",
]  # fmt: skip

# The profile columns by which results can be split.
DIMENSIONS = ("respondent_type", "country", "organisation_size", "scope", "language")
UNKNOWN = "unknown"
"""The group of those who left a profile value blank, or whose export did not publish it."""


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """How many people answered, and how many chose each option (those nobody chose left out).

    ``sums``: what was added up, by the names in ``Entry.sums`` (zeros left out).
    """

    answered: int = 0
    options: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "QuestionCount") -> "QuestionCount":
        return QuestionCount(
            self.answered + other.answered,
            _sum(self.options, other.options),
            {name: total for name, total in _sum(self.sums, other.sums).items() if total},
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of a set of responses, by entry code (entries nobody answered left out)."""

    responses: int = 0
    questions: Mapping[str, QuestionCount] = field(default_factory=dict)

    def __add__(self, other: "Tally") -> "Tally":
        questions = dict(self.questions)
        for code, count in other.questions.items():
            questions[code] = questions[code] + count if code in questions else count
        return Tally(self.responses + other.responses, questions)


@dataclass(frozen=True, slots=True)
class Counts:
    """A tally of all, and one for each value of each dimension: dimension → value → tally."""

    total: Tally = Tally()
    by: Mapping[str, Mapping[str, Tally]] = field(default_factory=dict)

    def __add__(self, other: "Counts") -> "Counts":
        by: dict[str, dict[str, Tally]] = {name: dict(split) for name, split in self.by.items()}
        for name, split in other.by.items():
            groups = by.setdefault(name, {})
            for value, tally in split.items():
                groups[value] = groups[value] + tally if value in groups else tally
        return Counts(self.total + other.total, by)

    def as_document(self) -> dict[str, Any]:
        """JSON values: ``{"total": TALLY, "by": {dimension: {value: TALLY}}}``, where a tally is
        ``{"responses": n, "questions": {code: [answered, {option: n}]}}``, and a third part
        ``{name: sum}`` where something is added up."""
        return {
            "total": _tally_document(self.total),
            "by": {
                name: {value: _tally_document(tally) for value, tally in split.items()}
                for name, split in self.by.items()
            },
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Counts":
        return cls(
            _read_tally(document["total"]),
            {
                name: {value: _read_tally(tally) for value, tally in split.items()}
                for name, split in document["by"].items()
            },
        )


def merge(parts: Iterable[Counts]) -> Counts:
    """The counts of all parts together."""
    return reduce(Counts.__add__, parts, Counts())


def count_responses(
    entries: Sequence[Entry],
    responses: Iterable[tuple[Mapping[str, str | None], Mapping[str, Any]]],
) -> Counts:
    """Count (profile, answers) pairs one by one: the meaning of every count, said plainly.

    The projection gets the same numbers from its columns; this is what it is checked against.
    """
    total = Tally()
    by: dict[str, dict[str, Tally]] = {name: {} for name in DIMENSIONS}
    counters = [(entry, entry.reader(), entry.adder()) for entry in entries]
    for profile, answers in responses:
        one = Tally(1, _count_answers(counters, answers))
        total += one
        for name, split in by.items():
            value = profile.get(name) or UNKNOWN
            split[value] = split.get(value, Tally()) + one
    return Counts(total, by)


def value_of(entry: Entry, answers: Mapping[str, Any]) -> Any:
    """What was answered to ``entry``; None when nothing was."""
    value = answers.get(entry.question.code)
    if entry.row is not None:
        value = value.get(entry.row.code) if isinstance(value, Mapping) else None
    if isinstance(value, str) and not value.strip():
        return None
    return None if value in (None, [], {}) else value


def tally_document(
    tally: Tally, entries: Sequence[Entry], *, language: str | None = None
) -> dict[str, Any]:
    """``{"responses", "questions": [{"code", "title", "type", "answered", "options": [{"label",
    "count"}]}]}``, every option listed. Texts are in ``language``, else in their fallback.

    Types with figures of their own (``counting.figures``) have them beside, as ``"figures"``.
    """
    questions = []
    for entry in entries:
        count = tally.questions.get(entry.code, QuestionCount())
        counts = [count.options.get(option.code, 0) for option in entry.options]
        question: dict[str, Any] = {
            "code": entry.code,
            "title": _text(entry.title, language),
            "type": entry.question.type,
            "answered": count.answered,
            "options": [
                {"label": _text(option.label, language), "count": number}
                for option, number in zip(entry.options, counts, strict=True)
            ],
        }
        figures = describe(entry, count.answered, counts, count.sums)
        if figures is not None:
            question["figures"] = figures
        questions.append(question)
    return {"responses": tally.responses, "questions": questions}


def _count_answers(
    counters: Sequence[tuple[Entry, Callable[[Any], Any], Callable[[Any], Any] | None]],
    answers: Mapping[str, Any],
) -> dict[str, QuestionCount]:
    counts = {}
    for entry, read, add in counters:
        value = value_of(entry, answers)
        chosen = None if value is None else read(value)
        if chosen is not None:
            sums = {name: number for name, number in (add(value) if add else {}).items() if number}
            counts[entry.code] = QuestionCount(1, dict.fromkeys(chosen, 1), sums)
    return counts


def _sum(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    total = dict(first)
    for code, count in second.items():
        total[code] = total.get(code, 0) + count
    return total


def _text(text: LocalizedText, language: str | None) -> str:
    return text.in_language(language or text.fallback)


def _tally_document(tally: Tally) -> dict[str, Any]:
    return {
        "responses": tally.responses,
        "questions": {
            code: [count.answered, dict(count.options), *([dict(count.sums)] if count.sums else [])]
            for code, count in tally.questions.items()
        },
    }


def _read_tally(document: Mapping[str, Any]) -> Tally:
    return Tally(
        document["responses"],
        {code: QuestionCount(*parts) for code, parts in document["questions"].items()},
    )
