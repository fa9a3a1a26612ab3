"""The results projection counts every committed response once, whatever happens in between."""

import random
import threading
from datetime import date, timedelta

import duckdb
import pytest
from sqlalchemy import delete, func, insert, select

from core import outbox
from core.audit import OPERATOR
from core.ids import new_code, random_uuid
from core.models import AuditEntry, OutboxMessage
from core.text import LocalizedText
from surveys.consultations import (
    add_version,
    create_consultation,
    get_questionnaire,
    publish_version,
)
from surveys.counting.projection import (
    bring_up_to_date,
    erase_expired_rows,
    read_counts,
    rebuild,
    sweep,
    withdraw_from_results,
)
from surveys.counting.segments import Layout, count_segments, list_responses
from surveys.counting.tally import DIMENSIONS, count_responses, entries_of
from surveys.errors import ProjectionDamaged, ResponsesDeleted
from surveys.models import PROJECTION_TOPIC, Consultation, Response, ResultSegment, Tombstone
from surveys.results import get_results

OPTIONS = [{"code": code, "label": {"en": code.upper()}} for code in ("a", "b", "c")]
DEFINITION = {
    "schema": "waymark/questionnaire/1",
    "title": {"en": "Roads"},
    "languages": ["en"],
    "sections": [
        {
            "code": "all",
            "title": {"en": "All"},
            "questions": [
                {"code": "S", "type": "single_choice", "title": {"en": "S"}, "options": OPTIONS},
                {"code": "M", "type": "multiple_choice", "title": {"en": "M"}, "options": OPTIONS},
                {"code": "X", "type": "matrix", "cell": "single", "title": {"en": "X"},
                 "rows": [{"code": "1", "label": {"en": "One"}}], "options": OPTIONS},
                {"code": "Y", "type": "matrix", "cell": "multiple", "title": {"en": "Y"},
                 "rows": [{"code": "1", "label": {"en": "One"}}], "options": OPTIONS},
                {"code": "N", "type": "number", "title": {"en": "N"}},
                {"code": "L", "type": "short_text", "title": {"en": "L"}},
            ],
        }
    ],
}  # fmt: skip
CHANCE = random.Random(7)


def set_up(session, now, slug="roads"):
    consultation = create_consultation(
        session, slug=slug, title=LocalizedText.of("Roads"), actor=OPERATOR, now=now
    )
    publish(session, consultation, DEFINITION, now)
    return consultation


def publish(session, consultation, definition, now):
    version = add_version(
        session, consultation=consultation, definition=definition, actor=OPERATOR, now=now
    )
    publish_version(session, consultation=consultation, version=version, actor=OPERATOR, now=now)


def some_answers():
    answers = {
        "S": CHANCE.choice("abc"),
        "M": CHANCE.sample("abc", CHANCE.randint(0, 3)),
        "X": {"1": CHANCE.choice("abc")},
        "Y": {"1": CHANCE.sample("abc", 2)},
        "N": CHANCE.randint(0, 2),
        "L": CHANCE.choice(["", "text"]),
    }
    return {code: answers[code] for code in answers if CHANCE.random() < 0.8}


def respond(session, consultation, count, now):
    """``count`` responses, with their messages, as submitting leaves them."""
    ids = []
    for _ in range(count):
        values = {
            "id": random_uuid(), "consultation_id": consultation.id,
            "version_id": consultation.current_version_id, "reference": new_code(20),
            "day": date(2026, 11, CHANCE.randint(1, 20)), "answers": some_answers(),
            "country": CHANCE.choice(["DE", "EL", None]), "language": "el",
            "respondent_type": CHANCE.choice(["ngo", "eu_citizen"]),
        }  # fmt: skip
        session.execute(insert(Response).values(values))
        outbox.enqueue(
            session, topic=PROJECTION_TOPIC, payload={"response": str(values["id"])}, now=now
        )
        ids.append(values["id"])
    return ids


def counts_from_rows(session, consultation):
    """What the rows say, counted one by one in Python."""
    entries = entries_of(get_questionnaire(session, version_id=consultation.current_version_id))
    return count_responses(
        entries,
        [
            ({name: getattr(response, name) for name in DIMENSIONS}, response.answers)
            for response in session.scalars(
                select(Response).where(Response.consultation_id == consultation.id)
            )
        ],
    )


def rebuild_results(session, directory, consultation, now):
    return rebuild(session, directory=directory, consultation=consultation, actor=OPERATOR, now=now)


def segments(session):
    return session.scalars(select(ResultSegment)).all()


def test_segments_hold_what_the_rows_say(session, now, tmp_path):
    consultation = set_up(session, now)
    for count in (30, 1, 1, 17):
        respond(session, consultation, count, now)
        assert bring_up_to_date(session, directory=tmp_path, now=now) == count
    expected = counts_from_rows(session, consultation)
    assert expected.total.responses == 49
    assert read_counts(session, consultation_id=consultation.id) == expected
    entries = entries_of(get_questionnaire(session, version_id=consultation.current_version_id))
    files = [tmp_path / segment.file_name for segment in segments(session)]
    assert count_segments(Layout(entries), files) == expected
    assert bring_up_to_date(session, directory=tmp_path, now=now) == 0
    assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_many_small_rounds_leave_few_segments(session, now, tmp_path):
    consultation = set_up(session, now)
    for _ in range(12):
        respond(session, consultation, 2, now)
        bring_up_to_date(session, directory=tmp_path, now=now)
    assert sum(segment.rows for segment in segments(session)) == 24
    assert len(segments(session)) <= 4


def test_what_was_not_committed_leaves_a_file_that_counts_for_nothing(session, now, tmp_path):
    consultation = set_up(session, now)
    respond(session, consultation, 5, now)
    before_commit = session.begin_nested()
    bring_up_to_date(session, directory=tmp_path, now=now)
    before_commit.rollback()
    assert read_counts(session, consultation_id=consultation.id).total.responses == 0
    assert bring_up_to_date(session, directory=tmp_path, now=now) == 5
    assert len(list(tmp_path.iterdir())) == 2
    assert sweep(session, directory=tmp_path, now=now) == 0  # it may be somebody's, just now
    assert sweep(session, directory=tmp_path, now=now, older_than=timedelta(0)) == 1
    assert read_counts(session, consultation_id=consultation.id) == counts_from_rows(
        session, consultation
    )


def test_a_withdrawn_response_leaves_the_counts_and_the_files(session, now, tmp_path):
    consultation = set_up(session, now)
    ids = respond(session, consultation, 12, now)
    bring_up_to_date(session, directory=tmp_path, now=now)
    late = respond(session, consultation, 3, now)
    gone = [*ids[:4], late[0]]
    session.execute(delete(Response).where(Response.id.in_(gone)))
    withdraw_from_results(session, response_ids=gone, consultation_id=consultation.id, now=now)
    assert bring_up_to_date(session, directory=tmp_path, now=now) == 2
    assert read_counts(session, consultation_id=consultation.id) == counts_from_rows(
        session, consultation
    )
    sweep(session, directory=tmp_path, now=now + timedelta(days=2), older_than=timedelta(0))
    assert not list_responses(list(tmp_path.iterdir())) & set(gone)
    assert session.scalar(select(func.count()).select_from(Tombstone)) == 0


def test_rebuilding_gives_the_same_set(session, now, tmp_path):
    consultation = set_up(session, now)
    respond(session, consultation, 25, now)
    bring_up_to_date(session, directory=tmp_path, now=now)
    respond(session, consultation, 4, now)  # waiting still
    expected = counts_from_rows(session, consultation)
    for file in tmp_path.iterdir():
        file.unlink()
    assert rebuild_results(session, tmp_path, consultation, now) == 29
    assert bring_up_to_date(session, directory=tmp_path, now=now) == 0
    assert read_counts(session, consultation_id=consultation.id) == expected
    files = [tmp_path / segment.file_name for segment in segments(session)]
    assert len(list_responses(files)) == 29


def test_a_missing_file_is_named_and_nothing_changes(session, now, tmp_path):
    consultation = set_up(session, now)
    respond(session, consultation, 3, now)
    bring_up_to_date(session, directory=tmp_path, now=now)
    (file,) = tmp_path.iterdir()
    file.unlink()
    respond(session, consultation, 3, now)
    with pytest.raises(ProjectionDamaged) as refusal:
        bring_up_to_date(session, directory=tmp_path, now=now)
    assert file.name in refusal.value.message


def test_counts_outlive_rows_whose_retention_has_ended(session, now, tmp_path):
    consultation = set_up(session, now)
    respond(session, consultation, 6, now)
    bring_up_to_date(session, directory=tmp_path, now=now)
    expected = counts_from_rows(session, consultation)
    consultation.retained_until = now.date() - timedelta(days=1)
    session.flush()
    session.execute(delete(Response).where(Response.consultation_id == consultation.id))
    assert erase_expired_rows(session, now=now) == 1
    assert sweep(session, directory=tmp_path, now=now, older_than=timedelta(0)) == 1
    assert read_counts(session, consultation_id=consultation.id) == expected
    with pytest.raises(ResponsesDeleted):
        rebuild_results(session, tmp_path, consultation, now)


def test_rows_are_shuffled_within_a_day(session, now, tmp_path):
    consultation = set_up(session, now)
    ids = respond(session, consultation, 60, now)
    session.query(Response).update({"day": date(2026, 11, 1)})
    session.expire_all()
    bring_up_to_date(session, directory=tmp_path, now=now)
    (file,) = tmp_path.iterdir()
    stored = [row[0] for row in duckdb.execute(f"SELECT response FROM '{file}'").fetchall()]
    assert set(stored) == set(ids)
    assert stored not in (ids, sorted(ids))


def test_answers_to_an_older_version_are_counted_with_the_newer(session, now, tmp_path):
    consultation = set_up(session, now)
    respond(session, consultation, 9, now)
    shorter = DEFINITION | {
        "sections": [
            DEFINITION["sections"][0]
            | {"questions": [DEFINITION["sections"][0]["questions"][0] | {"options": OPTIONS[:2]}]}
        ]
    }
    publish(session, consultation, shorter, now)
    respond(session, consultation, 2, now)
    bring_up_to_date(session, directory=tmp_path, now=now)
    document = get_results(session, consultation=consultation)
    assert document["responses"] == 11
    assert [q["code"] for q in document["questions"]] == ["S", "M", "X.1", "Y.1", "N", "L"]
    assert [o["label"] for o in document["questions"][0]["options"]] == ["A", "B", "C"]


def test_two_workers_at_once_count_each_response_once(database, now, tmp_path):
    with database.transaction() as session:
        consultation = set_up(session, now, slug=f"busy-{new_code(6).lower()}")
        respond(session, consultation, 40, now)
    failures = []

    def work():
        try:
            for _ in range(4):
                with database.transaction() as session:
                    respond(session, session.get_one(Consultation, consultation.id), 3, now)
                with database.transaction() as session:
                    bring_up_to_date(session, directory=tmp_path, now=now)
        except Exception as error:
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    try:
        with database.transaction() as session:
            bring_up_to_date(session, directory=tmp_path, now=now)
            found = session.get_one(Consultation, consultation.id)
            counts = read_counts(session, consultation_id=consultation.id)
            assert counts.total.responses == 76
            assert counts == counts_from_rows(session, found)
    finally:
        remove(database, consultation.id)


def remove(database, consultation_id):
    """What a test committed goes again."""
    with database.transaction() as session:
        session.execute(
            delete(ResultSegment).where(ResultSegment.consultation_id == consultation_id)
        )
        session.execute(delete(Response).where(Response.consultation_id == consultation_id))
        session.execute(delete(AuditEntry))
        consultation = session.get_one(Consultation, consultation_id)
        consultation.current_version_id = None
        session.flush()
        for version in consultation.versions:
            session.delete(version)
        session.delete(consultation)
