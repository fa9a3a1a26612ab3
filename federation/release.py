"""The body of a release: one fixed table of suppressed counts. Pure.

::

    {"questionnaire_sha256": "…",
     "responses": 412 | null,
     "questions": [{"code": "Q1", "answered": 400, "counts": {"yes": 310, "no": 90}}, …],
     "by_respondent_type": {"ngo": {"responses": 40, "questions": […]}, …}}

Every countable question of the questionnaire, in its order, with every option; ``null`` is a
hidden number (see ``surveys.disclosure``). Nothing else fits in: no text, no date, no row of a
single response. Releases of several instances add up (``federation.merge``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from federation.envelope import Hash
from federation.errors import InconsistentRelease, MalformedEnvelope, NotSuppressed
from surveys.definition import Questionnaire
from surveys.disclosure import is_small, suppress_results
from surveys.profile import RESPONDENT_TYPES

GROUPS = (*RESPONDENT_TYPES, "unknown")
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


@dataclass(frozen=True, slots=True)
class Countable:
    """A question, or a row of a matrix, whose answers are options.

    ``exclusive``: everyone who answers chooses exactly one.
    """

    code: str
    options: tuple[str, ...]
    exclusive: bool


def countables(questionnaire: Questionnaire) -> list[Countable]:
    """What is counted of a questionnaire, in its order: choices, and rows of matrices of them."""
    found = []
    for question in questionnaire.questions:
        options = tuple(option.code for option in question.all_options)
        if question.type in ("single_choice", "multiple_choice"):
            found.append(Countable(question.code, options, question.type == "single_choice"))
        elif question.type == "matrix" and question.cell in ("single", "multiple"):
            found += [
                Countable(f"{question.code}.{row.code}", options, question.cell == "single")
                for row in question.rows
            ]
    return found


def make_release(
    questionnaire: Questionnaire, questionnaire_sha256: str, results: Mapping[str, Any]
) -> ReleaseBody:
    """The release of exact ``results`` (as ``surveys.results`` gives them, by respondent type).

    Small counts and their complements are hidden here, before anything is signed.
    """
    asked = countables(questionnaire)
    safe = suppress_results(_only(asked, results))
    return ReleaseBody(
        responses=safe["responses"],
        questions=_questions(asked, safe["questions"]),
        questionnaire_sha256=questionnaire_sha256,
        by_respondent_type={
            group: GroupCounts(
                responses=split["responses"], questions=_questions(asked, split["questions"])
            )
            for group, split in sorted(safe.get("by", {}).items())
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
    for at, question in enumerate(asked):
        parts = [group.questions[at] for group in groups.values()]
        total = release.questions[at]
        if parts:
            _check_sum(f"{question.code} answered", total.answered, [p.answered for p in parts])
            for option in question.options:
                values = [part.counts[option] for part in parts]
                _check_sum(f"{question.code}, {option}", total.counts[option], values)
    return release


def _only(asked: Sequence[Countable], results: Mapping[str, Any]) -> dict[str, Any]:
    """``results`` reduced to the questions ``asked``, in their order."""

    def pick(questions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        by_code = {question["code"]: question for question in questions}
        return [
            dict(by_code[question.code])
            | {"type": "single_choice" if question.exclusive else "multiple_choice"}
            for question in asked
        ]

    groups = results.get("by") or {}
    return {
        "responses": results["responses"],
        "questions": pick(results["questions"]),
        "by": {
            group: {"responses": split["responses"], "questions": pick(split["questions"])}
            for group, split in groups.items()
            if split["responses"]
        },
    }


def _questions(
    asked: Sequence[Countable], questions: Sequence[Mapping[str, Any]]
) -> list[QuestionCounts]:
    return [
        QuestionCounts(
            code=question.code,
            answered=counted["answered"],
            counts={
                option: shown["count"]
                for option, shown in zip(question.options, counted["options"], strict=True)
            },
        )
        for question, counted in zip(asked, questions, strict=True)
    ]


def _check_part(where: str, part: GroupCounts, asked: Sequence[Countable]) -> None:
    if [q.code for q in part.questions] != [q.code for q in asked]:
        raise InconsistentRelease(reason=f"{where}: other questions than were asked")
    _check_small(f"{where}: responses", part.responses)
    for question, counted in zip(asked, part.questions, strict=True):
        place = f"{where}, {question.code}"
        if set(counted.counts) != set(question.options):
            raise InconsistentRelease(reason=f"{place}: other options than were asked")
        _check_small(f"{place} answered", counted.answered)
        _check_at_most(f"{place} answered", counted.answered, part.responses)
        for option, count in counted.counts.items():
            _check_small(f"{place}, {option}", count)
            _check_at_most(f"{place}, {option}", count, counted.answered)
            if not question.exclusive and None not in (count, counted.answered):
                _check_small(f"{place}, {option} not chosen", counted.answered - count)  # type: ignore[operator]
        if question.exclusive and question.options:
            _check_sum(place, counted.answered, list(counted.counts.values()))


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
