"""Whether answers about milestones, dependencies and paragraphs of a draft are allowed. Pure."""

from collections.abc import Generator, Mapping
from typing import Any

from surveys.problems import (
    Check,
    Problem,
    Problems,
    check_fields,
    check_numeral,
    check_option,
    check_options_named,
    check_words,
    is_blank,
    wrong_type,
)
from surveys.questionnaire import COMMENT_STANCES, DEPENDENCY_KINDS, NO_OPINION, PRIORITY_LEVELS

MAX_TITLE = 200
MAX_DESCRIPTION = 4_000
MAX_REASON = 2_000


def check_priorities(check: Check, value: Any) -> Problems:
    problems = list(check_options_named(check, value))
    yield from problems
    if problems:
        return
    for code, level in value.items():
        known = level == NO_OPINION or (
            type(level) in (int, float) and level in PRIORITY_LEVELS
        )  # true is not 1
        if not is_blank(level) and not known:
            yield wrong_type(f"{check.question.code}.{code}", f"1 to 5 or {NO_OPINION}")


_YEARS = ("earliest", "likely", "latest")


def check_milestone_years(check: Check, value: Any) -> Problems:
    question = check.question
    problems = list(check_options_named(check, value))
    yield from problems
    if problems:
        return
    for code, estimate in value.items():
        if is_blank(estimate):
            continue
        where = f"{question.code}.{code}"
        if not isinstance(estimate, Mapping):
            yield wrong_type(where, "an object with earliest, likely and latest, or never")
            continue
        yield from check_fields(where, estimate, (*_YEARS, "never"))
        if estimate.get("never") is True:
            continue
        if not is_blank(estimate.get("never")):
            yield wrong_type(f"{where}.never", "true, or no answer")
        wrong = [
            problem
            for field in _YEARS
            if not is_blank(estimate.get(field))
            for problem in check_numeral(question, f"{where}.{field}", estimate[field], whole=True)
        ]
        yield from wrong
        if wrong:
            continue
        years = [estimate[field] for field in _YEARS if not is_blank(estimate.get(field))]
        if years != sorted(years):
            yield Problem(where, "answer.years_order", {})
        if check.complete and is_blank(estimate.get("likely")):
            yield Problem(where, "answer.likely_missing", {})


def check_milestone_proposals(check: Check, value: Any) -> Problems:
    question, where = check.question, check.question.code
    entries = yield from _entries(check, where, value)
    for position, entry in entries:
        at = f"{where}.{position}"
        yield from check_fields(at, entry, ("title", "description", "year"))
        if not is_blank(entry.get("title")):
            yield from check_words(MAX_TITLE, at, entry["title"])
        elif check.complete:
            yield Problem(at, "answer.title_missing", {})
        if not is_blank(entry.get("description")):
            yield from check_words(MAX_DESCRIPTION, at, entry["description"])
        if not is_blank(entry.get("year")):
            yield from check_numeral(question, at, entry["year"], whole=True)


def _entries(
    check: Check, where: str, value: Any
) -> Generator[Problem, None, list[tuple[int, Mapping[str, Any]]]]:
    """Returns the entries worth a closer look, by position from 1; blank ones are passed over."""
    if not isinstance(value, (list, tuple)):
        yield wrong_type(where, "a list")
        return []
    maximum = check.question.max_entries or len(value)
    given = [entry for entry in value if not is_blank(entry)]
    if len(given) > maximum:
        yield Problem(where, "answer.too_many_entries", {"maximum": maximum, "given": len(given)})
        return []
    entries = []
    for position, entry in enumerate(value, start=1):
        if is_blank(entry):
            continue
        if isinstance(entry, Mapping):
            entries.append((position, entry))
        else:
            yield wrong_type(f"{where}.{position}", "an object")
    return entries


def check_dependencies(check: Check, value: Any) -> Problems:
    question, where = check.question, check.question.code
    if not isinstance(value, Mapping):
        yield wrong_type(where, "an object with disputed and proposed")
        return
    yield from check_fields(where, value, ("disputed", "proposed"))
    disputed = value.get("disputed") or {}
    if not isinstance(disputed, Mapping):
        yield wrong_type(where, "an object by dependency")
        disputed = {}
    for code, reason in disputed.items():
        if code not in question.dependency_codes:
            yield Problem(where, "answer.unknown_dependency", {"dependency": str(code)[:140]})
        elif reason is not True and not is_blank(reason):
            yield from check_words(MAX_REASON, where, reason)
    entries = yield from _entries(check, where, value.get("proposed") or [])
    for position, entry in entries:
        at = f"{where}.{position}"
        yield from check_fields(at, entry, ("from", "to", "kind", "reason"))
        ends = [entry.get("from"), entry.get("to")]
        for end in ends:
            if not is_blank(end):
                yield from check_option(question, at, end)
        if check.complete and any(is_blank(end) for end in ends):
            yield Problem(at, "answer.milestone_missing", {})
        elif ends[0] == ends[1] and not is_blank(ends[0]):
            yield Problem(at, "answer.same_milestone", {})
        if not is_blank(entry.get("kind")) and entry["kind"] not in DEPENDENCY_KINDS:
            yield wrong_type(at, "FS, SS, FF or SF")
        if not is_blank(entry.get("reason")):
            yield from check_words(MAX_REASON, at, entry["reason"])


def check_paragraph_comments(check: Check, value: Any) -> Problems:
    question = check.question
    problems = list(check_options_named(check, value))
    yield from problems
    if problems:
        return
    for code, comment in value.items():
        if is_blank(comment):
            continue
        where = f"{question.code}.{code}"
        if not isinstance(comment, Mapping):
            yield wrong_type(where, "an object with stance and text")
            continue
        yield from check_fields(where, comment, ("stance", "text"))
        if not is_blank(comment.get("stance")) and comment["stance"] not in COMMENT_STANCES:
            yield wrong_type(where, "support, change or oppose")
        if not is_blank(comment.get("text")):
            yield from check_words(question.longest, where, comment["text"])
