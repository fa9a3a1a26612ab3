"""The body of a release: one fixed table of suppressed counts. Pure.

::

    {"questionnaire_sha256": "…",
     "responses": 412 | null,
     "questions": [{"code": "Q1", "answered": 400, "counts": {"yes": 310, "no": 90}}, …],
     "by_respondent_type": {"ngo": {"responses": 40, "questions": […]}, …}}

Every countable question of the questionnaire, in its order, with every option; ``null`` is a
hidden number (see ``counting.disclosure``). Nothing else fits in: no text, no date, no row of a
single response. Releases of several instances add up (``federation.merge``).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from federation.envelope import Hash
from federation.errors import InconsistentRelease, MalformedEnvelope, NotSuppressed
from surveys.counting.disclosure import is_small
from surveys.counting.tally import UNKNOWN, Entry, entries_of
from surveys.definition import Questionnaire
from surveys.profile import RESPONDENT_TYPES

GROUPS = (*RESPONDENT_TYPES, UNKNOWN)
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]


class QuestionCounts(BaseModel):
    """One question's counts: ``counts`` is option code → people."""

    model_config = ConfigDict(strict=True, extra="forbid")

    code: str
    answered: Count | None
    counts: dict[str, Count | None]


class GroupCounts(BaseModel):
    """The responses of one group, or of all."""

    model_config = ConfigDict(strict=True, extra="forbid")

    responses: Count | None
    questions: list[QuestionCounts]


class ReleaseBody(GroupCounts):
    """A release as it travels."""

    questionnaire_sha256: Hash
    by_respondent_type: dict[str, GroupCounts]

    def as_body(self) -> dict[str, Any]:
        """JSON values."""
        return self.model_dump()


def countables(questionnaire: Questionnaire) -> list[Entry]:
    """What is counted of a questionnaire, in its order: choices, and rows of matrices of them."""
    return [entry for entry in entries_of(questionnaire) if entry.options]


def make_release(
    questionnaire: Questionnaire,
    questionnaire_sha256: str,
    published: Mapping[str, Any],
    entries: Sequence[Entry],
) -> ReleaseBody:
    """The release of results as they are ``published`` (``surveys.results``, by respondent type).

    Not of exact ones: two tables of the same people with different gaps would fill each other.
    ``entries`` are what the results count; they hold those of the questionnaire, and more where
    older versions asked more.
    """
    counted = {entry.code: entry for entry in entries}
    asked = [(entry, counted[entry.code]) for entry in countables(questionnaire)]
    return ReleaseBody(
        responses=published["responses"],
        questions=_questions(asked, published["questions"]),
        questionnaire_sha256=questionnaire_sha256,
        by_respondent_type={
            group: GroupCounts(
                responses=split["responses"], questions=_questions(asked, split["questions"])
            )
            for group, split in sorted(published["by"].items())
        },
    )


def read_release(body: Mapping[str, Any], questionnaire: Questionnaire) -> ReleaseBody:
    """The release in an envelope's body, checked against what was asked.

    Raises ``MalformedEnvelope`` for another form, ``InconsistentRelease`` for counts that cannot
    be, and ``NotSuppressed`` where a small count is shown or can simply be subtracted out.
    """
    try:
        release = ReleaseBody.model_validate(dict(body))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))[:80]
        raise MalformedEnvelope(reason=f"body.{place}: {first['msg']}") from None
    asked = countables(questionnaire)
    groups = release.by_respondent_type
    for group in groups:
        if group not in GROUPS:
            raise InconsistentRelease(reason=f"there is no respondent type {group[:40]}")
    for where, part in (("all", release), *groups.items()):
        _check_part(where, part, asked)
    if groups:
        _check_sum("responses by group", release.responses, [g.responses for g in groups.values()])
    elif release.responses != 0:
        raise InconsistentRelease(reason="the split by respondent type is missing")
    for at, total in enumerate(release.questions if groups else ()):
        parts = [group.questions[at] for group in groups.values()]
        _check_sum(f"{total.code} answered", total.answered, [p.answered for p in parts])
        for option, count in total.counts.items():
            values = [part.counts[option] for part in parts]
            _check_sum(f"{total.code}, {option}", count, values)
    return release


def _questions(
    asked: Sequence[tuple[Entry, Entry]], questions: Iterable[Mapping[str, Any]]
) -> list[QuestionCounts]:
    """The counts of the entries asked, out of those of the entries counted."""
    by_code = {question["code"]: question for question in questions}
    found = []
    for entry, counted in asked:
        shown = by_code[entry.code]
        counts = {
            option.code: line["count"]
            for option, line in zip(counted.options, shown["options"], strict=True)
        }
        wanted = {option.code for option in entry.options}
        found.append(
            QuestionCounts(
                code=entry.code,
                # With answers among them to an option that is asked no more, they do not add up.
                answered=shown["answered"] if wanted == set(counts) else None,
                counts={code: count for code, count in counts.items() if code in wanted},
            )
        )
    return found


def _check_part(where: str, part: GroupCounts, asked: Sequence[Entry]) -> None:
    if [question.code for question in part.questions] != [entry.code for entry in asked]:
        raise InconsistentRelease(reason=f"{where}: other questions than were asked")
    _check_small(f"{where}: responses", part.responses)
    for entry, counted in zip(asked, part.questions, strict=True):
        place, answered = f"{where}, {entry.code}", counted.answered
        if set(counted.counts) != {option.code for option in entry.options}:
            raise InconsistentRelease(reason=f"{place}: other options than were asked")
        _check_small(f"{place} answered", answered)
        _check_at_most(f"{place} answered", answered, part.responses)
        for option, count in counted.counts.items():
            _check_small(f"{place}, {option}", count)
            _check_at_most(f"{place}, {option}", count, answered)
            if entry.many and count is not None and answered is not None:
                _check_small(f"{place}, {option} not chosen", answered - count)
        if not entry.many:
            _check_sum(place, answered, list(counted.counts.values()))


def _check_small(where: str, count: int | None) -> None:
    if count is not None and is_small(count):
        raise NotSuppressed(reason=f"{where} is {count}")


def _check_at_most(where: str, count: int | None, limit: int | None) -> None:
    if count is not None and limit is not None and count > limit:
        raise InconsistentRelease(reason=f"{where} is {count}, of {limit}")


def _check_sum(where: str, total: int | None, parts: Sequence[int | None]) -> None:
    """Parts sum to the total; with hidden parts, they leave room for what is hidden."""
    if total is None:
        return
    shown = sum(part for part in parts if part is not None)
    hidden = parts.count(None)
    if shown > total or (not hidden and shown != total):
        raise InconsistentRelease(reason=f"{where}: parts sum to {shown}, the total is {total}")
    if hidden and is_small(total - shown):
        raise NotSuppressed(reason=f"{where}: the hidden parts are {total - shown} together")
