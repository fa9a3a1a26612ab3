"""What in an answer asks for a change to the roadmap, and the words it was asked in. Pure.

    question             entry                what groups it exactly
    milestone_proposals  position from 1      –  (by its text)
    dependencies         FROM>TO              the disputed dependency
    dependencies         FROM>TO:KIND         the dependency proposed
    paragraph_comments   the paragraph        the paragraph and the stance
    long_text            1                    –  (by its text)

An entry is how ``ProposalPoint`` leads back to the words: they are read from the answer each time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from roadmap.proposals.kinds import ProposalKind
from surveys.problems import is_blank
from surveys.questionnaire import DEPENDENCY_KINDS, Question

Key = tuple[str, str, str]
"""Kind, subject and detail of what is asked for: points with one key are one proposal."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that one answer asks for. ``text`` are the person's words and may be empty.

    ``detail`` is the kind of a dependency or the stance on a paragraph.
    """

    entry: str
    kind: ProposalKind
    subject: str
    text: str
    detail: str = ""
    wanted: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key | None:
        """None where only the text says what is meant."""
        if self.kind in (ProposalKind.NEW_MILESTONE, ProposalKind.OTHER):
            return None
        return (self.kind.value, self.subject, self.detail)


def key_of(kind: str, subject: str, wanted: Mapping[str, Any]) -> Key:
    """The key of the points that a proposal collects, as ``Point.key``."""
    return (kind, subject, str(wanted.get("kind") or wanted.get("stance") or ""))


def read_points(question: Question, answer: Any) -> list[Point]:
    """What ``answer`` to ``question`` asks for; what has no such form asks for nothing."""
    read = _READERS.get(question.type)
    if read is None or is_blank(answer):
        return []
    points: dict[str, Point] = {}
    for point in read(question, answer):
        # Said twice in one answer is said once.
        points.setdefault(point.entry, point)
    return list(points.values())


def find_point(question: Question, answer: Any, entry: str) -> Point | None:
    """The point that ``entry`` leads to, if the answer (still) has it."""
    return next((point for point in read_points(question, answer) if point.entry == entry), None)


def _milestones(question: Question, answer: Any) -> Iterator[Point]:
    if not isinstance(answer, (list, tuple)):
        return
    for position, entry in enumerate(answer, start=1):
        if not isinstance(entry, Mapping):
            continue
        parts = [_text(entry.get("title")), _text(entry.get("description"))]
        text = "\n".join(part for part in parts if part)
        if text:
            year = _year(entry.get("year"))
            wanted = {} if year is None else {"year": year}
            yield Point(str(position), ProposalKind.NEW_MILESTONE, "", text, wanted=wanted)


def _dependencies(question: Question, answer: Any) -> Iterator[Point]:
    if not isinstance(answer, Mapping):
        return
    disputed, proposed = answer.get("disputed"), answer.get("proposed")
    if isinstance(disputed, Mapping):
        for code, reason in disputed.items():
            if code in question.dependency_codes and not is_blank(reason):
                yield Point(code, ProposalKind.DROP_DEPENDENCY, code, _text(reason))
    if isinstance(proposed, (list, tuple)):
        known = {option.code for option in question.options}
        for entry in proposed:
            if not isinstance(entry, Mapping):
                continue
            ends = [entry.get("from"), entry.get("to")]
            if not all(isinstance(end, str) and end in known for end in ends):
                continue
            if ends[0] == ends[1]:
                continue
            subject, kind = f"{ends[0]}>{ends[1]}", entry.get("kind")
            if kind not in DEPENDENCY_KINDS:
                kind = "FS"
            yield Point(
                f"{subject}:{kind}", ProposalKind.NEW_DEPENDENCY, subject,
                _text(entry.get("reason")), kind, {"kind": kind},
            )  # fmt: skip


def _paragraphs(question: Question, answer: Any) -> Iterator[Point]:
    """Who supports a paragraph asks for nothing; who comments without a stance wants a change."""
    if not isinstance(answer, Mapping):
        return
    for option in question.options:
        comment = answer.get(option.code)
        if not isinstance(comment, Mapping) or is_blank(comment):
            continue
        stance = comment.get("stance") or "change"
        if stance in ("change", "oppose"):
            yield Point(
                option.code, ProposalKind.WORDING, option.code, _text(comment.get("text")),
                stance, {"stance": stance},
            )  # fmt: skip


def _words(question: Question, answer: Any) -> Iterator[Point]:
    text = _text(answer)
    if text:
        yield Point("1", ProposalKind.OTHER, "", text)


_READERS: dict[str, Callable[[Question, Any], Iterator[Point]]] = {
    "milestone_proposals": _milestones,
    "dependencies": _dependencies,
    "paragraph_comments": _paragraphs,
    "long_text": _words,
}


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _year(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if type(value) is int else None
