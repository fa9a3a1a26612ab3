"""What changed between two versions of a questionnaire, in the terms of its authors. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.making.editing import Document, Part, sections_of

KINDS = ("added", "removed", "moved", "reworded", "changed")


@dataclass(frozen=True, slots=True)
class Difference:
    """One change. ``part``: "questionnaire", "section", "question", "option" or "row".

    ``code`` names it (an option as ``question.option``); ``field`` and ``language`` say what of it
    where it was reworded or changed. ``before`` and ``after`` are JSON values; for what moved, the
    section it is in and the part it follows there.
    """

    kind: str
    part: str
    code: str
    field: str = ""
    language: str = ""
    before: Any = None
    after: Any = None


def compare_documents(before: Document, after: Document) -> list[Difference]:
    """Every difference, in the order of ``after``; what was removed comes where it was in
    ``before``, at the end. Parts are the same when their codes are."""
    found = list(_fields("questionnaire", "", before, after))
    found += _members("section", "", sections_of(before), sections_of(after))
    old, new = _questions(before), _questions(after)
    kept_before = [code for code in old if code in new]
    kept_after = [code for code in new if code in old]
    moved = _moved(kept_before, kept_after) | {
        code for code in kept_after if old[code][0] != new[code][0]
    }
    for code, (section, question) in new.items():
        if code not in old:
            found.append(Difference("added", "question", code, after=question))
            continue
        if code in moved:
            found.append(Difference("moved", "question", code, before=old[code][0], after=section))
        was = old[code][1]
        found += _fields("question", code, was, question)
        for part, name in (("option", "options"), ("row", "rows")):
            found += _members(part, f"{code}.", was.get(name, ()), question.get(name, ()))
    found += [
        Difference("removed", "question", code, before=question)
        for code, (_, question) in old.items()
        if code not in new
    ]
    return found


def _questions(document: Document) -> dict[str, tuple[str, Part]]:
    """(code of the section, question) by code, in the order asked."""
    return {
        question["code"]: (section["code"], question)
        for section in sections_of(document)
        for question in section["questions"]
    }


def _members(
    part: str, prefix: str, before: Sequence[Part], after: Sequence[Part]
) -> Iterator[Difference]:
    old = {member["code"]: member for member in before}
    new = {member["code"]: member for member in after}
    moved = _moved([c for c in old if c in new], [c for c in new if c in old])
    for code, member in new.items():
        name = prefix + code
        if code not in old:
            yield Difference("added", part, name, after=_without_questions(member))
            continue
        if code in moved:
            yield Difference("moved", part, name)
        yield from _fields(part, name, old[code], member)
    for code, member in old.items():
        if code not in new:
            yield Difference("removed", part, prefix + code, before=_without_questions(member))


def _without_questions(member: Part) -> Part:
    return {name: value for name, value in member.items() if name != "questions"}


_PARTS = frozenset({"sections", "questions", "options", "rows", "code", "schema"})


def _fields(part: str, code: str, before: Part, after: Part) -> Iterator[Difference]:
    for field in dict.fromkeys([*before, *after]):
        was, now = before.get(field), after.get(field)
        if field in _PARTS or was == now:
            continue
        if _is_text(was) and _is_text(now):
            was, now = was or {}, now or {}
            for language in dict.fromkeys([*was, *now]):
                if was.get(language) != now.get(language):
                    yield Difference(
                        "reworded", part, code, field, language,
                        was.get(language), now.get(language),
                    )  # fmt: skip
        else:
            yield Difference("changed", part, code, field, "", was, now)


def _is_text(value: Any) -> bool:
    return value is None or (
        isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values())
    )


def _moved(before: list[str], after: list[str]) -> set[str]:
    """The fewest codes that have to be moved to get from one order to the other: those outside a
    longest common subsequence, which for a permutation is a longest increasing one."""
    place = {code: index for index, code in enumerate(before)}
    best: list[list[str]] = []  # best[n] ends a longest increasing run of n + 1 codes
    for code in after:
        low, high = 0, len(best)
        while low < high:
            middle = (low + high) // 2
            if place[best[middle][-1]] < place[code]:
                low = middle + 1
            else:
                high = middle
        run = [*(best[low - 1] if low else []), code]
        best[low : low + 1] = [run]
    return set(after) - set(best[-1] if best else [])
