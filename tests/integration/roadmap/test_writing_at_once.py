"""Two people save at the same instant: both texts are there, or one of the two is told."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.db import Database
from core.models import AuditEntry
from core.text import LocalizedText
from roadmap.errors import SuggestionDecided, WordingConflict
from roadmap.models import Chapter, Paragraph, ParagraphVersion, Roadmap, Suggestion
from roadmap.writing.chapters import add_chapter
from roadmap.writing.paragraphs import add_paragraph, change_paragraph
from roadmap.writing.suggestions import accept_suggestion, reject_suggestion, suggest_change
from stakeholders.permissions import Role

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BY: dict[str, Any] = {"actor": OPERATOR, "now": NOW}
SENTENCES = [f"Sentence number {number} stands here." for number in range(6)]


@pytest.fixture
def roadmap_id(database: Database) -> Iterator[UUID]:
    with database.transaction() as session:
        roadmap = Roadmap(
            slug="at-once", title=LocalizedText.of("At once"), start=date(2027, 1, 1), revision=1,
            created_at=NOW,
        )  # fmt: skip
        session.add(roadmap)
        session.flush()
        add_chapter(session, roadmap=roadmap, code="V", title={"en": "Vision"}, **BY)
        add_paragraph(session, roadmap=roadmap, chapter="V", text={"en": " ".join(SENTENCES)}, **BY)
        made = roadmap.id
    yield made
    with database.transaction() as session:
        for table in (ParagraphVersion, Suggestion, Paragraph, Chapter, Roadmap, AuditEntry):
            session.execute(delete(table))


def at_once(database: Database, roadmap_id: UUID, acts: list[Any]) -> list[Any]:
    """What each act, a function of session and roadmap, returned or raised."""
    results: list[Any] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(place: int) -> None:
        barrier.wait()
        try:
            with database.transaction() as session:
                results[place] = acts[place](session, session.get_one(Roadmap, roadmap_id))
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def saving(text: str) -> Any:
    def act(session: Session, roadmap: Roadmap) -> bool:
        return change_paragraph(
            session, roadmap=roadmap, code="V-1", language="en", text=text, seen=1, **BY
        ).changed

    return act


def stands(database: Database) -> tuple[str, list[int]]:
    with database.reading() as session:
        text = session.scalars(select(Paragraph.text)).one()["en"]
        numbers = session.scalars(
            select(ParagraphVersion.number).order_by(ParagraphVersion.number)
        ).all()
        return text, list(numbers)


def test_six_who_change_a_sentence_each_are_all_there(database: Database, roadmap_id: UUID) -> None:
    changed = [sentence.replace("stands", "was changed") for sentence in SENTENCES]
    texts = [
        " ".join([*SENTENCES[:place], changed[place], *SENTENCES[place + 1 :]])
        for place in range(6)
    ]
    assert at_once(database, roadmap_id, [saving(text) for text in texts]) == [True] * 6
    assert stands(database) == (" ".join(changed), [1, 2, 3, 4, 5, 6, 7])


def test_of_two_who_change_one_sentence_one_is_told(database: Database, roadmap_id: UUID) -> None:
    base = " ".join(SENTENCES)
    texts = [base.replace("number 3", f"number {each}") for each in ("33", "44")]
    results = at_once(database, roadmap_id, [saving(text) for text in texts])
    (refused,) = [each for each in results if isinstance(each, WordingConflict)]
    text, numbers = stands(database)
    assert numbers == [1, 2]
    (conflict,) = refused.merge.conflicts
    assert conflict.theirs in text
    assert {conflict.ours, conflict.theirs} == {
        f" Sentence number {each} stands here." for each in ("33", "44")
    }


def test_a_suggestion_is_decided_once(database: Database, roadmap_id: UUID) -> None:
    with database.transaction() as session:
        suggestion = suggest_change(
            session, roadmap=session.get_one(Roadmap, roadmap_id), code="V-1", language="en",
            text="Short.", seen=1, roles=[Role.SECRETARIAT], **BY,
        ).id  # fmt: skip

    def accept(session: Session, roadmap: Roadmap) -> str:
        accept_suggestion(session, roadmap=roadmap, suggestion_id=suggestion, **BY)
        return "accepted"

    def reject(session: Session, roadmap: Roadmap) -> str:
        reject_suggestion(
            session, roadmap=roadmap, suggestion_id=suggestion, answer="Too short", **BY
        )
        return "rejected"

    results = at_once(database, roadmap_id, [accept, reject, accept])
    assert sum(isinstance(each, SuggestionDecided) for each in results) == 2
    (decided,) = [each for each in results if isinstance(each, str)]
    assert stands(database)[0] == ("Short." if decided == "accepted" else " ".join(SENTENCES))
