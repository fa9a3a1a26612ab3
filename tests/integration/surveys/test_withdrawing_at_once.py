"""Changing and withdrawing a response at the same moment: one of them happens, and only once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.db import Base, Database
from core.errors import WaymarkError
from core.ids import random_uuid
from core.text import LocalizedText
from surveys.codes import new_resume_code, receipt_key
from surveys.counting.projection import bring_up_to_date, read_counts
from surveys.errors import NothingToReplace, ResponseReplaced, ResponseWithdrawn
from surveys.models import Consultation, EndedReceipt, Quota, Response, Tombstone
from surveys.responses import find_response_by_receipt
from surveys.withdrawal import begin_change, withdraw_response
from tests.conftest import import_all_models
from tests.integration.surveys.test_submitting import KEY, answer, submit
from tests.questionnaire_factory import open_consultation
from tests.services import Postgres

HANDS = 6


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def own(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[Database]:
    """A database of this test alone, with an open consultation and a quota."""
    url = f"sqlite:///{tmp_path / 'own.sqlite'}"
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database(f"ending_{random_uuid().hex[:12]}")
    import_all_models()
    database = Database(url, pool_size=HANDS + 2)
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        consultation = open_consultation(session, now)
        session.add(
            Quota(
                consultation_id=consultation.id, code="all", places=10,
                name=LocalizedText.of("Everybody"), taken=0,
            )
        )  # fmt: skip
    yield database
    database.close()


@pytest.fixture
def sent(own: Database, now: datetime) -> str:
    """The key of the receipt of a response."""
    with own.transaction() as session:
        consultation = session.scalars(select(Consultation)).one()
        code = answer(session, consultation, now, code=new_resume_code())
    with own.transaction() as session:
        submit(session, code, now)
    return receipt_key(code)


def attempt(own: Database, act: Callable[..., object]) -> object:
    """What ``act`` returns in a transaction of its own, or the refusal it raises."""
    try:
        with own.transaction() as session:
            return act(session)
    except WaymarkError as refusal:
        return refusal


def figures(own: Database) -> tuple[int, int, int, int]:
    """Responses, tombstones, ended receipts, places taken."""
    with own.reading() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Response, Tombstone, EndedReceipt)
        ]
        return counts[0], counts[1], counts[2], session.scalars(select(Quota.taken)).one()


def test_withdrawing_by_many_hands_is_withdrawing_once(
    own: Database, sent: str, now: datetime
) -> None:
    assert figures(own) == (1, 0, 0, 1)
    with ThreadPoolExecutor(HANDS) as pool:
        outcomes = list(
            pool.map(
                lambda _: attempt(own, lambda s: withdraw_response(s, key=sent, now=now)),
                range(HANDS),
            )
        )
    assert sum(isinstance(outcome, Consultation) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ResponseWithdrawn) for outcome in outcomes) == HANDS - 1
    assert figures(own) == (0, 1, 1, 0)


def test_of_changing_and_withdrawing_at_once_one_happens(
    own: Database, sent: str, now: datetime
) -> None:
    with own.transaction() as session:
        code = begin_change(session, key=sent, credential_key=KEY, now=now)

    def act(which: int) -> object:
        if which % 2:
            return attempt(own, lambda s: withdraw_response(s, key=sent, now=now))
        return attempt(own, lambda s: submit(s, code, now))

    with ThreadPoolExecutor(HANDS) as pool:
        outcomes = list(pool.map(act, range(HANDS)))
    responses, tombstones, ended, taken = figures(own)
    assert (tombstones, ended) == (1, 1)
    assert taken == responses
    if responses:
        assert any(isinstance(outcome, ResponseReplaced) for outcome in outcomes)
        with own.reading() as session:
            assert find_response_by_receipt(session, key=receipt_key(code))
    else:
        assert any(isinstance(outcome, NothingToReplace) for outcome in outcomes)


def test_the_results_count_the_changed_response_only(
    own: Database, sent: str, now: datetime, tmp_path: Path
) -> None:
    with own.transaction() as session:
        bring_up_to_date(session, directory=tmp_path, now=now)
        code = begin_change(session, key=sent, credential_key=KEY, now=now)
    with own.transaction() as session:
        submit(session, code, now)
    with own.transaction() as session:
        bring_up_to_date(session, directory=tmp_path, now=now)
        consultation = session.scalars(select(Consultation)).one()
        assert read_counts(session, consultation_id=consultation.id).total.responses == 1
        withdraw_response(session, key=receipt_key(code), now=now)
    with own.transaction() as session:
        bring_up_to_date(session, directory=tmp_path, now=now)
        assert read_counts(session, consultation_id=consultation.id).total.responses == 0
