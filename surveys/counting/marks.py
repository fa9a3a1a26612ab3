"""Marks of unusual responses: answered very fast, in others' words, or in straight lines. Pure.

Marks are reported and never acted on: no response is dropped, hidden or counted otherwise because
of one. A mark is no proof. People answer fast who know what they want to say; organisations offer
texts to their members, and those who send them mean them; and somebody may find ten things equally
important.

* *Speed*: less than a third of the median time of the same consultation (the usual rule of survey
  research: R. Greszki, M. Meyer, H. Schoen, "Exploring the effects of removing 'too fast' responses
  and respondents from web surveys", Public Opinion Quarterly 79, 2015), where at least thirty
  responses carry their time.
* *Identical text*: the same words, or nearly, as another response (``counting.text_groups``), in an
  answer of twenty characters or more to any question. Such responses form a *campaign*.
* *Straight lines*: the same answer in every row, five or more, of a matrix or of a row of ratings.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Any

from surveys.counting.text_groups import group_texts
from surveys.questionnaire import Question, Questionnaire

LEAST_TIMED = 30
"""Fewer responses with a time have no median to be compared with."""

FAST_SHARE = 1 / 3
LEAST_ROWS = 5
"""A battery answered in fewer rows is not judged."""


@dataclass(frozen=True, slots=True)
class Battery:
    """Rows answered on one scale: those of a question, or consecutive ratings with one scale.

    ``code``: of the question, or "first–last" of the ratings.
    """

    code: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What marks look at in a response.

    ``texts``: (question code, own words). ``lines``: battery code → whether its answers, in at
    least ``LEAST_ROWS`` rows, are all the same.
    """

    seconds: int | None
    texts: tuple[tuple[str, str], ...]
    lines: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Campaign:
    """Responses that hold the same text, by position. ``identical``: those with the commonest
    wording, which ``sample`` (response, question code) holds, of ``wordings`` different ones;
    ``questions``: where the text was given.
    """

    members: frozenset[int]
    identical: frozenset[int]
    wordings: int
    questions: tuple[str, ...]
    sample: tuple[int, str]


@dataclass(frozen=True, slots=True)
class Marks:
    """Which responses, by position, bear which mark, and how many could be judged at all."""

    responses: int
    timed: int
    median_seconds: float | None
    fast: frozenset[int]
    with_text: int
    campaigns: tuple[Campaign, ...]
    with_battery: int
    straight: frozenset[int]
    # battery code → (judged, straight)
    batteries: Mapping[str, tuple[int, int]]

    @property
    def limit_seconds(self) -> float | None:
        """Below this a response is fast."""
        return None if self.median_seconds is None else self.median_seconds * FAST_SHARE

    @property
    def in_campaigns(self) -> frozenset[int]:
        return frozenset().union(*(campaign.members for campaign in self.campaigns))

    @property
    def marked(self) -> frozenset[int]:
        """Those with any mark."""
        return self.fast | self.straight | self.in_campaigns


def reader_of(questionnaire: Questionnaire) -> Callable[[Mapping[str, Any], int | None], Reading]:
    """A function (answers, seconds) → ``Reading`` for responses to this questionnaire."""
    batteries = batteries_of(questionnaire)
    texts = {q.code: q for q in questionnaire.questions}
    others = questionnaire.by_other_code

    def read(answers: Mapping[str, Any], seconds: int | None) -> Reading:
        words = []
        for code, answer in answers.items():
            if code in others:
                found: Iterable[str] = (answer,) if isinstance(answer, str) else ()
                code = others[code].code
            else:
                question = texts.get(code)
                found = _own_words(question, answer) if question is not None else ()
            words += [(code, text) for text in found if text.strip()]
        lines = {}
        for battery in batteries:
            given = list(_given(battery, answers))
            if len(given) >= LEAST_ROWS:
                lines[battery.code] = all(answer == given[0] for answer in given)
        return Reading(seconds, tuple(words), lines)

    return read


def batteries_of(questionnaire: Questionnaire) -> list[Battery]:
    """Every battery of the questionnaire that could be answered in ``LEAST_ROWS`` rows."""
    found = []
    for section in questionnaire.sections:
        asked = (question for question in section.questions if question.type != "information")
        for scale, members in groupby(asked, key=_scale):
            questions = list(members)
            if scale is None:
                found += [
                    Battery(question.code, (question.code,))
                    for question in questions
                    if _row_count(question) >= LEAST_ROWS
                ]
            elif len(questions) >= LEAST_ROWS:
                codes = tuple(question.code for question in questions)
                found.append(Battery(f"{codes[0]}–{codes[-1]}", codes))
    return found


def find_marks(readings: Sequence[Reading]) -> Marks:
    """Judge responses together: what is fast or alike shows beside the others only."""
    times = [reading.seconds for reading in readings if reading.seconds is not None]
    middle = float(median(times)) if len(times) >= LEAST_TIMED else None
    batteries: dict[str, tuple[int, int]] = {}
    for reading in readings:
        for code, is_straight in reading.lines.items():
            judged, straight = batteries.get(code, (0, 0))
            batteries[code] = (judged + 1, straight + is_straight)
    return Marks(
        responses=len(readings),
        timed=len(times),
        median_seconds=middle,
        fast=frozenset(
            at
            for at, reading in enumerate(readings)
            if middle is not None
            and reading.seconds is not None
            and reading.seconds < middle * FAST_SHARE
        ),
        with_text=sum(bool(reading.texts) for reading in readings),
        campaigns=tuple(_campaigns(readings)),
        with_battery=sum(bool(reading.lines) for reading in readings),
        straight=frozenset(
            at for at, reading in enumerate(readings) if any(reading.lines.values())
        ),
        batteries=batteries,
    )


def _campaigns(readings: Sequence[Reading]) -> Iterator[Campaign]:
    places = [
        (at, code, text) for at, reading in enumerate(readings) for code, text in reading.texts
    ]
    found = []
    for group in group_texts([text for _, _, text in places]):
        members = frozenset(places[at][0] for at in group.members)
        if len(members) < 2:  # somebody said the same twice
            continue
        response, code, _text = places[group.sample]
        found.append(
            Campaign(
                members=members,
                identical=frozenset(places[at][0] for at in group.identical),
                wordings=group.wordings,
                questions=tuple(sorted({places[at][1] for at in group.members})),
                sample=(response, code),
            )
        )
    yield from sorted(found, key=lambda campaign: (-len(campaign.members), campaign.sample))


def _own_words(question: Question, answer: Any) -> Iterator[str]:
    """The texts that people wrote themselves in an answer, in any of the shapes it may have."""
    if question.type in ("short_text", "long_text"):
        if isinstance(answer, str):
            yield answer
    elif question.type == "matrix":
        if question.cell == "text":
            yield from _strings(answer)
    elif question.type == "milestone_proposals":
        yield from _strings(answer)
    elif question.type == "paragraph_comments":
        yield from _named(answer, "text")
    elif question.type == "dependencies" and isinstance(answer, Mapping):
        yield from _strings(answer.get("disputed"))
        for proposed in answer.get("proposed") or ():
            yield from _named([proposed], "reason")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _named(value: Any, name: str) -> Iterator[str]:
    """The texts under ``name`` in each part of a list or an object."""
    parts = value.values() if isinstance(value, Mapping) else value
    for part in parts if isinstance(value, (Mapping, list)) else ():
        text = part.get(name) if isinstance(part, Mapping) else None
        if isinstance(text, str):
            yield text


def _scale(question: Question) -> tuple[Any, ...] | None:
    """What ratings must share to form a battery; None for what is not a rating."""
    if question.type != "rating":
        return None
    return (question.minimum, question.maximum)


def _row_count(question: Question) -> int:
    if question.type == "matrix":
        return 0 if question.cell == "text" else len(question.rows)
    return len(question.options) if question.type in ("statements", "milestone_priorities") else 0


def _given(battery: Battery, answers: Mapping[str, Any]) -> Iterator[Any]:
    """The answers in a battery's rows, those left empty not."""
    if len(battery.questions) > 1:
        values: Iterable[Any] = (answers.get(code) for code in battery.questions)
    else:
        answer = answers.get(battery.questions[0])
        values = answer.values() if isinstance(answer, Mapping) else ()
    for value in values:
        if value not in (None, "", [], {}):
            yield sorted(map(str, value)) if isinstance(value, list) else value
