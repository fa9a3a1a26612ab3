"""How many people proposed which dependency in their own answer, as far as it may be published.

The results say how many proposed any dependency (P). Per dependency and kind a count is published
only where it, and what can be worked out from it, never points at fewer than five people:

1. a count of at least ``THRESHOLD`` is listed where those who proposed something else instead
   (P − count) are none or at least as many;
2. of those listed, the smallest are left out again until the people who proposed none of the
   listed ones may be none for sure, or still as many as the threshold; and
3. until the same holds of the proposals that are left to be made, where everybody may make only
   so many.

What is not listed may have been proposed by nobody or by a few; which of the two is not said.
Counts are of everybody together: by public they would be too small to say anything.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveys.counting.disclosure import THRESHOLD
from surveys.counting.entries import PROPOSED, Entry
from surveys.counting.tally import Tally
from surveys.models import Response
from surveys.questionnaire import DEPENDENCY_KINDS, Question

_DEFAULT_ENTRIES = 5


def publish_pairs(counts: Mapping[str, int], proposers: int | None, most: int) -> dict[str, int]:
    """Of ``counts`` (dependency → people) those that may be published beside ``proposers``.

    ``most``: how many dependencies one person may propose. Pure.
    """
    if proposers is None or any(count > proposers for count in counts.values()):
        return {}
    listed = sorted(
        (
            (pair, count)
            for pair, count in counts.items()
            if count >= THRESHOLD and not 0 < proposers - count < THRESHOLD
        ),
        key=lambda item: (-item[1], item[0]),
    )
    while listed and not _is_safe([count for _, count in listed], proposers, most):
        listed.pop()
    return dict(sorted(listed))


def _is_safe(counts: list[int], proposers: int, most: int) -> bool:
    total = sum(counts)
    # The most people who may have proposed none of the listed ones.
    others = proposers - max(max(counts), -(-total // most))
    # The most proposals that may have been made beside the listed ones.
    left = most * proposers - total
    return (others <= 0 or others >= THRESHOLD) and (left <= 0 or left >= THRESHOLD)


def pairs_in(question: Question, proposed: Any) -> set[str]:
    """The dependencies (``FROM>TO:KIND``) that one person proposed; FS where no kind is said."""
    found = set()
    known = {option.code for option in question.options}
    for entry in proposed if isinstance(proposed, (list, tuple)) else ():
        if not isinstance(entry, Mapping):
            continue
        before, after, kind = entry.get("from"), entry.get("to"), entry.get("kind")
        if not isinstance(before, str) or not isinstance(after, str) or before == after:
            continue
        if before in known and after in known:
            if kind not in DEPENDENCY_KINDS:
                kind = DEPENDENCY_KINDS[0]
            found.add(f"{before}>{after}:{kind}")
    return found


def read_pairs(
    session: Session,
    *,
    consultation_id: UUID,
    entries: Iterable[Entry],
    exact: Tally,
    document: Mapping[str, Any],
) -> dict[str, dict[str, int]]:
    """Question → dependency → people who proposed it, fit for everyone.

    ``exact``: the counts of all responses; ``document``: their public results. Answers are read
    once, and again only when the counts are others (somebody withdrew).
    """
    found: dict[str, dict[str, int]] = {}
    published = {question["code"]: question for question in document["questions"]}
    for entry in entries:
        count = exact.questions.get(entry.code)
        if entry.question.type != "dependencies" or count is None:
            continue
        proposers = published[entry.code]["options"][-1]["count"]
        if proposers and count.options.get(PROPOSED, 0) >= THRESHOLD:
            state = (exact.responses, count.answered, *sorted(count.options.items()))
            counted = _count_pairs(session, consultation_id, entry.question, state)
            most = entry.question.max_entries or _DEFAULT_ENTRIES
            found[entry.code] = publish_pairs(counted, proposers, most)
    return found


# Counts by consultation, question and the state of its exact counts; a closed one has one state.
_remembered: dict[tuple[Any, ...], Mapping[str, int]] = {}
_KEPT = 64


def _count_pairs(
    session: Session, consultation_id: UUID, question: Question, state: tuple[Any, ...]
) -> Mapping[str, int]:
    key = (consultation_id, question.code, state)
    found = _remembered.get(key)
    if found is None:
        counts: Counter[str] = Counter()
        answered = session.scalars(
            select(Response.answers[question.code]["proposed"])
            .where(Response.consultation_id == consultation_id)
            .execution_options(yield_per=2_000)
        )
        for proposed in answered:
            counts.update(pairs_in(question, proposed))
        if len(_remembered) >= _KEPT:
            _remembered.clear()
        _remembered[key] = found = counts
    return found
