"""In both databases the projection counts what plain Python counts, for every type of question."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from core import outbox
from core.audit import OPERATOR
from core.ids import new_code, random_uuid
from core.text import LocalizedText
from surveys.consultations import get_questionnaire
from surveys.counting.projection import (
    bring_up_to_date,
    read_counts,
    rebuild,
    withdraw_from_results,
)
from surveys.counting.tally import count_responses, entries_of
from surveys.models import PROJECTION_TOPIC, Response
from surveys.questionnaire import Option
from tests.questionnaire_factory import open_consultation
from tests.random_answers import ADDED, random_answers, random_definition


@given(st.integers(0, 2**32))
@settings(
    max_examples=4, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_the_projection_counts_what_the_rows_say(session, now, seed):
    chance = random.Random(seed)
    consultation = open_consultation(
        session, now, slug=f"c-{new_code(12).lower()}", definition=random_definition(chance)
    )
    questionnaire = get_questionnaire(session, version_id=consultation.current_version_id)
    added = tuple(Option(code, LocalizedText({})) for code in ADDED)
    taking = {q.code: added for q in questionnaire.questions if q.type == "statements"}
    entries = entries_of(questionnaire, taking)
    people = {}

    def respond(count):
        for _ in range(count):
            profile = {"country": chance.choice(["DE", "EL", None]), "language": "en"}
            answers = random_answers(chance, questionnaire.questions)
            values = {
                "id": random_uuid(), "consultation_id": consultation.id,
                "version_id": consultation.current_version_id, "reference": new_code(20),
                "answers": answers, **profile,
            }  # fmt: skip
            session.execute(insert(Response).values(values))
            outbox.enqueue(
                session, topic=PROJECTION_TOPIC, payload={"response": str(values["id"])}, now=now
            )
            people[values["id"]] = (profile, answers)

    def counted():
        return read_counts(session, consultation_id=consultation.id)

    with TemporaryDirectory() as folder:
        for count in (4, 3):  # the second file absorbs the first
            respond(count)
            bring_up_to_date(session, directory=Path(folder), now=now)
            assert counted() == count_responses(entries, people.values())
        gone = next(iter(people))
        del people[gone]
        session.execute(delete(Response).where(Response.id == gone))
        withdraw_from_results(
            session, response_ids=[gone], consultation_id=consultation.id, now=now
        )
        bring_up_to_date(session, directory=Path(folder), now=now)
        assert counted() == count_responses(entries, people.values())
        rebuild(session, directory=Path(folder), consultation=consultation, actor=OPERATOR, now=now)
        assert counted() == count_responses(entries, people.values())
