"""Quotas: whom they count, and that no place is given twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.db import Base, Database
from core.ids import random_uuid
from core.models import AuditEntry
from core.text import LocalizedText
from surveys.codes import draft_hash, new_resume_code
from surveys.errors import (
    ConsultationFull,
    InvalidConsultation,
    NotOpen,
    QuotaFull,
    QuotaNotFound,
)
from surveys.models import Consultation, Draft, Quota, Response
from surveys.phases import Phase, phase_of
from surveys.quotas import delete_quota, free_places, list_quotas, set_quota
from tests.integration.surveys.test_submitting import answer, submit
from tests.questionnaire_factory import open_consultation
from tests.services import Postgres

SMALL = {"respondent_type": "ngo", "country": "FR", "organisation_size": "small",
         "organisation_name": "Node"}  # fmt: skip


@pytest.fixture
def consultation(session: Session, now: datetime) -> Consultation:
    return open_consultation(session, now)


def put(
    session: Session, consultation: Consultation, now: datetime, code: str, places: int,
    condition: str | None = None,
) -> Quota:  # fmt: skip
    return set_quota(
        session, consultation=consultation, code=code, places=places, condition=condition,
        name=LocalizedText.of(code.title()), actor=OPERATOR, now=now,
    )  # fmt: skip


def send(session: Session, consultation: Consultation, now: datetime, **options: Any) -> str:
    """A response; returns its resume code."""
    code = answer(session, consultation, now, **options)
    submit(session, code, now)
    return code


def taken(session: Session, consultation: Consultation) -> dict[str, int]:
    return {quota.code: quota.taken for quota in list_quotas(session, consultation=consultation)}


@pytest.mark.parametrize(
    ("condition", "counts"),
    [
        ("profile.country == 'PT'", True),
        ("profile.country == 'FR' or profile.country == 'ES'", False),
        ("profile.respondent_type == 'eu_citizen' and Q1 == 'yes'", True),
        ("profile.language == 'fr'", False),
        ("answered(profile.organisation_size)", False),
        ("Q4.r1 == '2' and 'a' in Q3", True),
        ("Q5 > 50", False),
    ],
)
def test_a_condition_speaks_of_answers_and_of_what_is_known_of_the_person(
    session: Session, consultation: Consultation, now: datetime, condition: str, counts: bool
) -> None:
    put(session, consultation, now, "some", 5, condition)
    send(session, consultation, now)
    assert taken(session, consultation) == {"some": int(counts)}


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("Q9 == 'yes'", "Q9"),
        ("Q1 == 'perhaps'", "perhaps"),
        ("profile.country == 'Portugal'", "Portugal"),
        ("profile.country == 'small'", "profile.country is never 'small'"),
        ("profile.age > 3", "age"),
        ("Q1 ==", "condition"),
        ("Q5 + 1", "condition"),
    ],
)
def test_a_condition_that_does_not_fit_is_refused(
    session: Session, consultation: Consultation, now: datetime, condition: str, said: str
) -> None:
    with pytest.raises(InvalidConsultation, match=said):
        put(session, consultation, now, "some", 5, condition)


def test_a_full_quota_refuses_and_loses_nothing(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    put(session, consultation, now, "citizens", 1, "profile.respondent_type == 'eu_citizen'")
    put(session, consultation, now, "all", 9)
    send(session, consultation, now)
    late = answer(session, consultation, now)
    with pytest.raises(QuotaFull), session.begin_nested():
        submit(session, late, now)
    assert session.get(Draft, draft_hash(late)) is not None
    assert taken(session, consultation) == {"all": 1, "citizens": 1}
    send(session, consultation, now, profile=SMALL)
    assert taken(session, consultation) == {"all": 2, "citizens": 1}
    assert phase_of(consultation, now=now) is Phase.OPEN


def test_the_last_place_closes_the_consultation(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    put(session, consultation, now, "all", 2)
    waiting = answer(session, consultation, now)
    send(session, consultation, now)
    assert phase_of(consultation, now=now).is_open
    send(session, consultation, now)
    session.refresh(consultation)
    assert phase_of(consultation, now=now) is Phase.CLOSED
    # Only the day: it must not tell when the last response came.
    assert consultation.filled_at == now.replace(hour=0, minute=0)
    with pytest.raises(NotOpen), session.begin_nested():
        submit(session, waiting, now)
    assert session.get(Draft, draft_hash(waiting)) is not None
    names = [e["name"] for e in session.scalars(select(AuditEntry.event)) if e]
    assert names.count("consultation.filled") == 1
    put(session, consultation, now, "all", 3)
    assert phase_of(consultation, now=now).is_open
    submit(session, waiting, now)
    assert phase_of(consultation, now=now) is Phase.CLOSED


def test_a_response_withdrawn_frees_its_places(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    put(session, consultation, now, "all", 9)
    put(session, consultation, now, "portugal", 1, "profile.country == 'PT'")
    put(session, consultation, now, "france", 4, "profile.country == 'FR'")
    send(session, consultation, now)
    free_places(session, response=session.scalars(select(Response)).one())
    assert taken(session, consultation) == {"all": 0, "france": 0, "portugal": 0}


def test_responses_that_are_there_are_counted(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    send(session, consultation, now)
    send(session, consultation, now, profile=SMALL)
    put(session, consultation, now, "france", 5, "profile.country == 'FR'")
    put(session, consultation, now, "all", 5)
    assert taken(session, consultation) == {"all": 2, "france": 1}
    put(session, consultation, now, "france", 5, "profile.country == 'PT' and Q1 == 'yes'")
    assert taken(session, consultation)["france"] == 1


def test_quotas_are_changed_listed_and_deleted(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    put(session, consultation, now, "all", 5)
    put(session, consultation, now, "all", 7)
    put(session, consultation, now, "fr", 2, "profile.language == 'fr'")
    first, second = list_quotas(session, consultation=consultation)
    assert (first.code, first.places, first.free) == ("all", 7, 7)
    assert second.condition == "profile.language == 'fr'"
    with pytest.raises(InvalidConsultation, match="is for everybody already"):
        put(session, consultation, now, "everybody", 3)
    delete_quota(session, consultation=consultation, code="fr", actor=OPERATOR, now=now)
    with pytest.raises(QuotaNotFound):
        delete_quota(session, consultation=consultation, code="fr", actor=OPERATOR, now=now)
    for code, places in (("", 3), ("a b", 3), ("x", 0), ("x", 10**12)):
        with pytest.raises(InvalidConsultation):
            put(session, consultation, now, code, places, "Q1 == 'yes'")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def own(request: pytest.FixtureRequest, tmp_path: Any, now: datetime) -> Iterator[Database]:
    """A database of this test alone, with a consultation for five."""
    url = f"sqlite:///{tmp_path / 'own.sqlite'}"
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database(f"quotas_{random_uuid().hex[:12]}")
    database = Database(url, pool_size=20)
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        consultation = open_consultation(session, now)
        put(session, consultation, now, "all", 5)
        put(session, consultation, now, "portugal", 9, "profile.country == 'PT'")
    yield database
    database.close()


def test_twenty_hands_reach_for_five_places(own: Database, now: datetime) -> None:
    with own.transaction() as session:
        consultation = session.scalars(select(Consultation)).one()
        codes = [answer(session, consultation, now, code=new_resume_code()) for _ in range(20)]

    def reach(code: str) -> bool:
        try:
            with own.transaction() as session:
                submit(session, code, now)
        except (ConsultationFull, NotOpen):
            return False
        return True

    with ThreadPoolExecutor(20) as hands:
        won = list(hands.map(reach, codes))
    assert won.count(True) == 5
    with own.reading() as session:
        consultation = session.scalars(select(Consultation)).one()
        assert taken(session, consultation) == {"all": 5, "portugal": 5}
        assert session.scalar(select(func.count()).select_from(Response)) == 5
        assert session.scalar(select(func.count()).select_from(Draft)) == 15
        assert phase_of(consultation, now=now + timedelta(seconds=1)) is Phase.CLOSED
