"""Many at once: the same draft sent twice gives one response, and nobody is turned away."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core import audit
from core.audit import OPERATOR
from core.db import Base, Database
from core.ids import random_uuid
from surveys.codes import new_resume_code
from surveys.counting.projection import bring_up_to_date
from surveys.errors import InvitationRefused
from surveys.inviting.invitations import create_invitations, exchange_invitation
from surveys.models import Consultation, Response
from tests.integration.surveys.test_submitting import KEY, answer, submit
from tests.questionnaire_factory import open_consultation
from tests.services import Postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def own(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[Database]:
    """A database of this test alone, with an open consultation: several connections see it."""
    url = f"sqlite:///{tmp_path / 'own.sqlite'}"
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database(f"at_once_{random_uuid().hex[:12]}")
    database = Database(url, pool_size=10)
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        open_consultation(session, now)
    yield database
    database.close()


@pytest.fixture
def saved(own: Database, now: datetime) -> Callable[[], str]:
    """Makes a draft that is ready to be sent; gives its code."""

    def save() -> str:
        with own.transaction() as session:
            consultation = session.scalars(select(Consultation)).one()
            return answer(session, consultation, now, code=new_resume_code())

    return save


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Response)) or 0


def test_one_draft_sent_by_many_hands_is_one_response(
    own: Database, saved: Callable[[], str], now: datetime
) -> None:
    code = saved()

    def send(_: int) -> tuple[str, bool]:
        with own.transaction() as session:
            receipt = submit(session, code, now)
        return receipt.reference, receipt.first

    with ThreadPoolExecutor(6) as hands:
        outcomes = list(hands.map(send, range(6)))
    assert len({reference for reference, _ in outcomes}) == 1
    assert [first for _, first in outcomes].count(True) == 1
    assert count(own) == 1


def test_many_send_while_the_worker_seals_and_projects(
    own: Database, saved: Callable[[], str], now: datetime, tmp_path: Path
) -> None:
    codes = [saved() for _ in range(24)]

    def send(code: str) -> bool:
        with own.transaction() as session:
            return submit(session, code, now).first

    def work(_: int) -> int:
        with own.transaction() as session:
            audit.seal(session, now=now)
        with own.transaction() as session:
            return bring_up_to_date(session, directory=tmp_path / "projection", now=now)

    with ThreadPoolExecutor(8) as people:
        sent = [people.submit(send, code) for code in codes]
        worked = [people.submit(work, number) for number in range(6)]
        assert all(each.result() for each in sent)
        projected = sum(each.result() for each in worked)
    assert projected + work(0) == len(codes) == count(own)
    with own.reading() as session:
        assert audit.verify(session).valid


def test_an_invitation_tried_by_many_hands_is_exchanged_once(own: Database, now: datetime) -> None:
    with own.transaction() as session:
        consultation = session.scalars(select(Consultation)).one()
        consultation.kind = "targeted"
        token = create_invitations(
            session, consultation=consultation, count=1, actor=OPERATOR, now=now
        )[0]

    def exchange(_: int) -> str:
        try:
            with own.transaction() as session:
                consultation = session.scalars(select(Consultation)).one()
                return exchange_invitation(
                    session, consultation=consultation, token=token, key=KEY, now=now
                )
        except InvitationRefused:
            return ""

    with ThreadPoolExecutor(6) as hands:
        codes = [code for code in hands.map(exchange, range(6)) if code]
    assert len(codes) == 1
