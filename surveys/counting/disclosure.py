"""Disclosure control: which counts may be published, so that counts never point at people.

A count of 1–4 is *small* and never published, and further counts are hidden with it until nobody
can work it out from what remains: against everything published together (totals, group sizes,
every question), each small count can still be as large as 5. ``None`` means "hidden".

What is published, and so what an attacker may add and subtract:

* the number of responses, and its split over the groups of one dimension (group sizes);
* per question the number answered and the counts per option, overall and per group.

How the guarantee is reached, in an order that lets every question be treated alone:

1. *Groups.* Small groups are hidden, with others, for all questions alike (``suppress_groups``).
   People of hidden groups could be exchanged with each other and nothing published would change.
2. *Totals of a question.* Small options are hidden, with others, overall and in every group.
3. *Cells.* A small cell is safe when there is another table with the same published numbers in
   which it is 5; the network of ``counting.cell_network`` finds the cheapest one, and hides what
   differs.

A question asked only after a certain answer to another one gives that answer's count away by its
own number answered, and a calculation may be any sum of other counts. So each is hidden where
anything of what it depends on is (``asked_after``).

Rows of one question (of a matrix, statements, milestones, paragraphs) are tables of their own:
who answers one need not answer another, so no count of one follows from those of another. Points,
budgets and rankings would be different if the points or places of each option were counted; what
is published of them is how many people chose each option (or put it first), which is an ordinary
choice. What is added up over people beside that has rules of its own (``counting.figures``).

Counts of options that exclude each other sum to the number answered; of options that do not, the
count and the number who did *not* choose the option are both protected. Not answering a question
is not an answer: the difference between a group's size and its number answered is not protected.
What would follow from the published counts anyway is published (an inferable zero, for instance).
"""

import copy
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.counting.cell_network import THRESHOLD, is_small
from surveys.counting.entries import Entry, entries_of
from surveys.counting.question_table import QuestionTable, sum_is_known
from surveys.language.expressions import Expression, references
from surveys.questionnaire import Questionnaire

__all__ = [
    "THRESHOLD",
    "SafeCounts",
    "SafeTable",
    "asked_after",
    "is_small",
    "suppress_counts",
    "suppress_groups",
    "suppress_results",
    "suppress_table",
]


@dataclass(frozen=True, slots=True)
class SafeCounts:
    """What may be published of one question: ``None`` where a number is hidden."""

    answered: int | None
    counts: dict[str, int | None]

    @property
    def suppressed(self) -> bool:
        """Whether anything is hidden."""
        return self.answered is None or None in self.counts.values()


@dataclass(frozen=True, slots=True)
class SafeTable:
    """What may be published of one question split by group."""

    total: SafeCounts
    groups: dict[str, SafeCounts]


def suppress_groups(sizes: Mapping[str, int]) -> dict[str, int | None]:
    """How many responses each group gave, beside their published total.

    When the total itself is small, every group is hidden (and so must the total be).
    """
    keys = list(sizes)
    hidden = _hidden_parts([sizes[key] for key in keys])
    return {key: None if at in hidden else sizes[key] for at, key in enumerate(keys)}


def suppress_counts(counts: Mapping[str, int], answered: int, *, exclusive: bool) -> SafeCounts:
    """The counts per option of one question that ``answered`` people answered.

    ``exclusive``: each of them chose exactly one option, so that the counts sum to ``answered``
    (``ValueError`` when they do not).
    """
    keys, values = list(counts), list(counts.values())
    _check(values, answered, exclusive, "the question")
    if is_small(answered):
        return SafeCounts(None, dict.fromkeys(keys))
    hidden = _hidden_options(values, answered, exclusive)
    return SafeCounts(
        answered, {k: None if at in hidden else values[at] for at, k in enumerate(keys)}
    )


def suppress_table(
    counts: Mapping[str, Mapping[str, int]],
    answered: Mapping[str, int],
    sizes: Mapping[str, int],
    *,
    exclusive: bool,
    hide: Collection[str] = (),
) -> SafeTable:
    """One question split by group.

    ``counts``: group → option → people; ``answered``: group → people who answered the question;
    ``sizes``: group → responses, all of them (a group may have answered nothing). The groups are
    a partition of all responses. ``hide``: groups to hide whatever their counts are.

    Tables of several questions over the same ``sizes``, and of one question over several
    partitions, may be published together with ``suppress_groups(sizes)``.
    Raises ``ValueError`` for numbers that contradict each other.
    """
    groups = list(sizes)
    options = list(dict.fromkeys(option for group in groups for option in counts.get(group, {})))
    cells = [[counts.get(group, {}).get(option, 0) for option in options] for group in groups]
    rows = [answered.get(group, 0) for group in groups]
    for at, group in enumerate(groups):
        _check(cells[at], rows[at], exclusive, group)
        if rows[at] > sizes[group]:
            raise ValueError(f"{group}: {rows[at]} answered, of a group of {sizes[group]}")
    overall = {option: sum(row[at] for row in cells) for at, option in enumerate(options)}
    total = suppress_counts(overall, sum(rows), exclusive=exclusive)
    numbers = list(sizes.values())
    if is_small(sum(rows)) or is_small(sum(numbers)):
        nothing = SafeCounts(None, dict.fromkeys(options))
        return SafeTable(nothing, dict.fromkeys(groups, nothing))

    hidden_groups = _hidden_parts(numbers)
    hidden_rows = _hidden_rows(
        rows, hidden_groups | {at for at, group in enumerate(groups) if group in hide}
    )
    hidden_columns = {at for at, option in enumerate(options) if total.counts[option] is None}
    table = QuestionTable(cells, rows, numbers, hidden_groups, hidden_rows, hidden_columns)
    hidden_cells = table.hide_exclusive() if exclusive else table.hide_each()
    safe = {}
    for row, group in enumerate(groups):
        shown: dict[str, int | None] = {
            option: None if (row, column) in hidden_cells else cells[row][column]
            for column, option in enumerate(options)
        }
        safe[group] = SafeCounts(None if row in hidden_rows else rows[row], shown)
    return SafeTable(total, safe)


def suppress_results(
    results: Mapping[str, Any],
    *,
    several: Collection[str] = (),
    asked_after: Mapping[str, Collection[str]] | None = None,
) -> dict[str, Any]:
    """A copy of exact results in the shape of ``surveys.results``, fit for publication.

    ``{"slug", "responses", "questions": [{"code", "type", "answered", "options": [{"label",
    "count"}]}], "by": {group: {"responses", "questions"}}}``; hidden numbers become ``None``,
    everything else is carried over. ``by`` may be missing; else its groups are all groups.
    ``several``: codes of the questions where one person may choose several options, beside those
    of type ``multiple_choice`` (a matrix may be of either kind). A question whose counts do not
    sum to the number answered is treated the same. ``asked_after``: as ``asked_after`` gives it.
    """
    safe = copy.deepcopy(dict(results))
    by = safe.get("by") or {}
    sizes = {group: split["responses"] for group, split in by.items()}
    for group, size in suppress_groups(sizes).items():
        by[group]["responses"] = size
    places = {question["code"]: at for at, question in enumerate(safe["questions"])}
    done: dict[str, SafeTable] = {}
    for code in _others_first(list(places), asked_after or {}):
        question = safe["questions"][places[code]]
        parts = {group: split["questions"][places[code]] for group, split in by.items()}
        others = [done[other] for other in (asked_after or {}).get(code, ()) if other in done]
        exclusive = code not in several and all(map(_is_exclusive, (question, *parts.values())))
        done[code] = table = _suppress_question(question, parts, sizes, exclusive, others)
        _show(question, table.total)
        for group, part in parts.items():
            _show(part, table.groups[group])
    if is_small(safe["responses"]):
        safe["responses"] = None
        for question in safe["questions"]:
            _show(question, SafeCounts(None, dict.fromkeys(_counts(question))))
    return safe


def asked_after(
    questionnaire: Questionnaire, entries: Sequence[Entry] | None = None
) -> dict[str, frozenset[str]]:
    """For every entry, the codes of those that decide whether, or with what result, it is counted.

    Directly: by its own condition, that of the row or of its section, or, for a calculation, by
    what it is calculated from. ``entries``: what is counted, where that is more than the
    questionnaire alone has (statements that people added).
    """
    counted = entries_of(questionnaire) if entries is None else entries
    section_of = {q.code: s for s in questionnaire.sections for q in s.questions}
    members: dict[str, list[str]] = {}
    for entry in counted:
        members.setdefault(entry.question.code, []).append(entry.code)
    found = {}
    for entry in counted:
        question, row = entry.question, entry.row
        conditions = [section_of[question.code].show_if, question.show_if, question.value]
        conditions.append(row.show_if if row is not None else None)
        found[entry.code] = _deciding(questionnaire, members, conditions) - {entry.code}
    return found


def _deciding(
    questionnaire: Questionnaire,
    members: Mapping[str, Sequence[str]],
    conditions: Iterable[Expression | None],
) -> frozenset[str]:
    codes = set()
    for condition in conditions:
        for reference in references(condition) if condition is not None else ():
            other = questionnaire.by_other_code.get(reference.name)
            question = questionnaire.by_code.get(reference.name, other)
            if question is None:
                continue
            counted = members.get(question.code, [])
            row = f"{question.code}.{reference.row}"
            codes |= {row} if row in counted else set(counted)
    return frozenset(codes)


def _others_first(codes: Sequence[str], after: Mapping[str, Collection[str]]) -> list[str]:
    """``codes`` in an order in which each follows those it is asked after."""
    order: dict[str, None] = {}
    waiting = list(reversed(codes))
    seen: set[str] = set()
    while waiting:
        code = waiting[-1]
        missing = [
            other
            for other in sorted(after.get(code, ()))
            if other not in seen and other in codes and other not in order
        ]
        seen.add(code)
        if missing:
            waiting += missing
        else:
            order[waiting.pop()] = None
    return list(order)


def _suppress_question(
    question: Mapping[str, Any],
    parts: Mapping[str, Mapping[str, Any]],
    sizes: Mapping[str, int],
    exclusive: bool,
    others: Sequence[SafeTable],
) -> SafeTable:
    """One question of a results document, hidden at least where one of ``others`` is."""
    if any(other.total.suppressed for other in others):
        nothing = SafeCounts(None, dict.fromkeys(_counts(question)))
        return SafeTable(nothing, dict.fromkeys(parts, nothing))
    if not parts:
        # With no groups given there is nothing to add the totals up from.
        total = suppress_counts(_counts(question), question["answered"], exclusive=exclusive)
        return SafeTable(total, {})
    return suppress_table(
        {group: _counts(part) for group, part in parts.items()},
        {group: part["answered"] for group, part in parts.items()},
        sizes,
        exclusive=exclusive,
        hide={
            group for other in others for group, shown in other.groups.items() if shown.suppressed
        },
    )


def _is_exclusive(question: Mapping[str, Any]) -> bool:
    """Not for several choices, in a matrix too, nor where answers have no option to be under."""
    counts = [option["count"] for option in question["options"]]
    return bool(question["type"] != "multiple_choice" and sum(counts) == question["answered"])


def _counts(question: Mapping[str, Any]) -> dict[str, int]:
    """Position → count: labels need not be unique."""
    return {str(at): option["count"] for at, option in enumerate(question["options"])}


def _show(question: dict[str, Any], safe: SafeCounts) -> None:
    question["answered"] = safe.answered
    for at, option in enumerate(question["options"]):
        option["count"] = safe.counts[str(at)]


def _check(values: Sequence[int], answered: int, exclusive: bool, where: str) -> None:
    if answered < 0 or any(not 0 <= value <= answered for value in values):
        raise ValueError(f"{where}: a count is negative or greater than the {answered} answered")
    if exclusive and values and sum(values) != answered:
        raise ValueError(f"{where}: the counts sum to {sum(values)}, not to {answered} answered")


def _protects(values: Sequence[int], hidden: set[int]) -> bool:
    """Whether the small ones among ``hidden`` parts of a known sum can each still be 5.

    Zeros are never hidden here, so an attacker may assume that a hidden part is at least one.
    """
    spare = sum(max(values[at] - 1, 0) for at in hidden)
    return all(
        spare - (values[at] - 1) >= THRESHOLD - values[at] for at in hidden if is_small(values[at])
    )


def _hidden_parts(values: Sequence[int], hidden: set[int] | None = None) -> set[int]:
    """Which parts of a published sum to hide: ``hidden``, the small ones, and enough others.

    Others are taken smallest first. In the worst case all are hidden; the sum then bounds them.
    """
    chosen = set(hidden or ()) | {at for at, value in enumerate(values) if is_small(value)}
    others = sorted(
        (at for at, value in enumerate(values) if value and at not in chosen),
        key=lambda at: (values[at], at),
    )
    for other in others:
        if _protects(values, chosen):
            break
        chosen.add(other)
    return chosen


def _hidden_options(values: Sequence[int], answered: int, exclusive: bool) -> set[int]:
    if exclusive:
        return _hidden_parts(values)
    without = [answered - value for value in values]
    small = {at for at in range(len(values)) if is_small(values[at]) or is_small(without[at])}
    if small and sum_is_known(values, answered):
        small = _hidden_parts(without, _hidden_parts(values, small))
    return small


def _hidden_rows(rows: Sequence[int], hidden_groups: set[int]) -> set[int]:
    """Groups whose number answered is hidden for this question."""
    hidden = _hidden_parts(rows, hidden_groups)
    # Nobody in them answered: that follows from the published total, and names nobody.
    return hidden if any(rows[at] for at in hidden) else set()
