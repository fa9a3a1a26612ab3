"""The report on unusual responses: reading a consultation's responses, and what is said of them.

See ``counting.marks`` for what a mark is and is not. The report holds counts, and for each campaign
the id of one response that has its text: never a text itself, so that a response which is
withdrawn, or deleted when its retention ends, leaves nothing of its own behind here.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveys.consultations import get_questionnaire
from surveys.counting.marks import Marks, Reading, find_marks, reader_of
from surveys.counting.tally import QuestionCount, Tally, tally_document, value_of
from surveys.counting.text_groups import words_of
from surveys.errors import ResponsesDeleted
from surveys.models import Consultation, Response
from surveys.results import Results, read_results

# Campaigns that a report lists; it counts them all.
MOST_LISTED = 100
# From how many identical answers on a campaign is disclosed to everyone, by a rounded number.
LEAST_DISCLOSED = 10
_CHUNK = 2_000
_SAMPLE_CHARACTERS = 600


def report_unusual(
    session: Session,
    *,
    consultation: Consultation,
    now: datetime,
    language: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """The report as JSON values; docs/operations.md ("Abuse") describes it.

    ``{"slug", "made_at", "responses", "marked": {"responses", "share"}, "marks": {"speed",
    "identical_text", "straight_lining"}, "questions": […]}``; every mark has ``judged`` (how many
    could bear it), ``responses`` and ``share`` (of those judged), ``None`` where nothing was
    judged. ``questions`` are as in ``surveys.counting.tally.tally_document`` with the counts of all
    (``answered``, ``count``) and of those without a mark (``answered_unmarked``,
    ``count_unmarked``). Bring the projection up to date first. ``progress`` is told how many
    responses have been read. Raises ``NothingPublished``, and ``ResponsesDeleted`` where only
    counts are left.
    """
    results = read_results(session, consultation=consultation)
    ids: list[UUID] = []
    readings: list[Reading] = []
    for response_id, reading in _read(session, consultation):
        ids.append(response_id)
        readings.append(reading)
        if progress is not None and len(ids) % _CHUNK == 0:
            progress(len(ids))
    if not ids and results.counts.total.responses:
        raise ResponsesDeleted(slug=consultation.slug)
    marks = find_marks(readings)
    marked = [ids[at] for at in marks.marked]
    return {
        "slug": consultation.slug,
        "made_at": now.isoformat(),
        "responses": marks.responses,
        "marked": {"responses": len(marked), "share": _share(len(marked), marks.responses)},
        "marks": _marks_document(marks, ids),
        "questions": _compare(
            results, _count(session, results, marked), language=language
        ),
    }  # fmt: skip


def read_sample(session: Session, *, response_id: UUID, question: str) -> str:
    """The first words that a response has for a question, as a campaign's sample.

    Empty where the response is gone.
    """
    row = session.execute(
        select(Response.version_id, Response.answers).where(Response.id == response_id)
    ).one_or_none()
    if row is None:
        return ""
    reading = reader_of(get_questionnaire(session, version_id=row.version_id))(row.answers, None)
    texts = [text for code, text in reading.texts if code == question]
    text = " ".join(max(texts, key=lambda text: len(words_of(text)), default="").split())
    return text if len(text) <= _SAMPLE_CHARACTERS else text[: _SAMPLE_CHARACTERS - 1] + "…"


def disclosed_campaigns(report: Mapping[str, Any]) -> list[int]:
    """How many responses, *at least*, each large campaign brought: what everyone is told.

    Rounded down to tens, so that nothing can be subtracted from it to count the few others, and
    none below ``LEAST_DISCLOSED`` identical answers.
    """
    groups = report["marks"]["identical_text"]["campaigns"]
    return [
        group["responses"] // 10 * 10 for group in groups if group["identical"] >= LEAST_DISCLOSED
    ]


def _read(session: Session, consultation: Consultation) -> Iterator[tuple[UUID, Reading]]:
    readers: dict[UUID, Callable[[Mapping[str, Any], int | None], Reading]] = {}
    # In the order of random ids: the report is the same whenever it is made. By ids in parts, so
    # that no transaction stays open and not all answers are held at once.
    ids = iter(
        sorted(
            session.scalars(select(Response.id).where(Response.consultation_id == consultation.id))
        )
    )
    while chunk := list(islice(ids, _CHUNK)):
        rows = session.execute(
            select(Response.id, Response.version_id, Response.seconds, Response.answers)
            .where(Response.id.in_(chunk))
            .order_by(Response.id)
        )
        for response_id, version_id, seconds, answers in rows:
            if version_id not in readers:
                readers[version_id] = reader_of(get_questionnaire(session, version_id=version_id))
            yield response_id, readers[version_id](answers, seconds)


def _count(session: Session, results: Results, response_ids: Collection[UUID]) -> Tally:
    """The tally of some responses."""
    # As ``counting.tally.count_responses`` counts, without the splits, which would take most of it.
    readers = [(entry, entry.reader()) for entry in results.entries]
    answered: Counter[str] = Counter()
    options: dict[str, Counter[str]] = defaultdict(Counter)
    waiting = iter(sorted(response_ids))
    while chunk := list(islice(waiting, _CHUNK)):
        for answers in session.scalars(select(Response.answers).where(Response.id.in_(chunk))):
            for entry, read in readers:
                value = value_of(entry, answers)
                chosen = None if value is None else read(value)
                if chosen is not None:
                    answered[entry.code] += 1
                    options[entry.code].update(set(chosen))
    return Tally(
        len(response_ids),
        {code: QuestionCount(number, options[code]) for code, number in answered.items()},
    )


def _compare(results: Results, marked: Tally, *, language: str | None) -> list[dict[str, Any]]:
    """The questions with options: counts of all, and of those without a mark."""
    everyone = tally_document(results.counts.total, results.entries, language=language)
    some = tally_document(marked, results.entries, language=language)
    questions = []
    for question, part in zip(everyone["questions"], some["questions"], strict=True):
        if not question["options"]:
            continue
        options = [
            {
                "label": option["label"],
                "count": option["count"],
                "count_unmarked": max(0, option["count"] - less["count"]),
            }
            for option, less in zip(question["options"], part["options"], strict=True)
        ]
        questions.append(
            {
                "code": question["code"],
                "title": question["title"],
                "type": question["type"],
                "answered": question["answered"],
                "answered_unmarked": max(0, question["answered"] - part["answered"]),
                "options": options,
            }
        )
    return questions


def _marks_document(marks: Marks, ids: Sequence[UUID]) -> dict[str, Any]:
    timed = marks.timed if marks.median_seconds is not None else 0
    return {
        "speed": {
            "judged": timed,
            "responses": len(marks.fast),
            "share": _share(len(marks.fast), timed),
            "median_seconds": marks.median_seconds,
            "limit_seconds": marks.limit_seconds,
            "timed": marks.timed,
        },
        "identical_text": {
            "judged": marks.with_text,
            "responses": len(marks.in_campaigns),
            "share": _share(len(marks.in_campaigns), marks.with_text),
            "found": len(marks.campaigns),
            "campaigns": [
                {
                    "responses": len(campaign.members),
                    "identical": len(campaign.identical),
                    "wordings": campaign.wordings,
                    "questions": list(campaign.questions),
                    "sample": {
                        "response": str(ids[campaign.sample[0]]),
                        "question": campaign.sample[1],
                    },
                }
                for campaign in marks.campaigns[:MOST_LISTED]
            ],
        },
        "straight_lining": {
            "judged": marks.with_battery,
            "responses": len(marks.straight),
            "share": _share(len(marks.straight), marks.with_battery),
            "batteries": [
                {"code": code, "judged": judged, "responses": straight}
                for code, (judged, straight) in sorted(marks.batteries.items())
            ],
        },
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
