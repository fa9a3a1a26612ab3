"""Several people at one draft: whose answer counts when two change the same one. Pure.

A page carries, for each question on it, a digest of the answer it was made with. When it comes
back: an answer that still has the digest was not touched here, and whatever is stored now stays;
one that was touched is taken, unless somebody else changed the stored one meanwhile to something
different. That is a conflict, which a person decides. So two people who fill in different questions
of one page never meet.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from surveys.problems import is_blank
from surveys.questionnaire import Question

UNANSWERED = "0"
"""The digest of no answer."""

_BY_PART = frozenset({"matrix", "statements"})


@dataclass(frozen=True, slots=True)
class Merged:
    """``answers`` to store for the questions ``codes``; ``conflicts``: questions left as they are
    because two people changed them."""

    codes: frozenset[str]
    answers: dict[str, Any]
    conflicts: tuple[str, ...]


def digest_of(question: Question, answers: Mapping[str, Any], asked: Collection[str]) -> str:
    """What the answer to ``question`` looks like on a page that asks ``asked`` (names of questions
    and of the parts of those drawn part by part)."""
    value = answers.get(question.code)
    if question.type in _BY_PART and isinstance(value, Mapping):
        value = {part: given for part, given in value.items() if f"{question.code}.{part}" in asked}
    text = answers.get(question.other_code) if question.other is not None else None
    if is_blank(value) and is_blank(text):
        return UNANSWERED
    canonical = json.dumps([_plain(value), _plain(text)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode(errors="replace")).hexdigest()[:12]


def _plain(value: Any) -> Any:
    """As a browser gives it back: line ends of one kind, no blanks, whole numbers whole."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items() if not is_blank(inner)}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return None if is_blank(value) else value


def merge(
    questions: Iterable[Question],
    *,
    stored: Mapping[str, Any],
    given: Mapping[str, Any],
    read: Mapping[str, str],
    asked: Collection[str],
) -> Merged:
    """Bring a page's answers together with those stored by now.

    ``read``: the digest of each answer when the page was made, by question code; a question that
    is not in it was unanswered then.
    """
    codes: set[str] = set()
    answers: dict[str, Any] = {}
    conflicts: list[str] = []
    for question in questions:
        if question.code not in asked:
            continue
        base = read.get(question.code, UNANSWERED)
        mine, theirs = digest_of(question, given, asked), digest_of(question, stored, asked)
        if mine in (base, theirs):
            continue
        if theirs != base:
            conflicts.append(question.code)
            continue
        names = {question.code} | ({question.other_code} if question.other is not None else set())
        codes |= names
        answers.update((name, given[name]) for name in names if name in given)
    return Merged(frozenset(codes), answers, tuple(conflicts))
