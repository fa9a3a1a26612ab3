"""Links for a new password, two at the same moment, and demonstration accounts elsewhere."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.db import Database
from core.errors import WaymarkError
from core.models import AuditEntry, OutboxMessage
from core.text import LocalizedText
from stakeholders.accounts import (
    create_account,
    deactivate_account,
    request_password_reset,
    reset_password,
    sign_in,
)
from stakeholders.errors import DemonstrationOnly, ResetRefused, SignInRefused
from stakeholders.models import Account, AccountRole, PasswordReset
from stakeholders.permissions import Role
from surveys.consultations import create_consultation
from surveys.models import Consultation

ADDRESS = "someone@example.org"
PASSWORD = "a long enough one"


def make(session: Session, now: datetime, email: str = ADDRESS, seat: str | None = None) -> Account:
    return create_account(
        session, email=email, display_name="Someone", password=PASSWORD, actor=OPERATOR, now=now,
        roles=[Role.DELEGATE if seat else Role.CITIZEN], delegation=seat,
    )  # fmt: skip


def ask_for_link(session: Session, now: datetime) -> str:
    """Ask for a link; returns its token, as the e-mail has it."""
    session.execute(delete(OutboxMessage))
    request_password_reset(session, email=ADDRESS, link_prefix="", language="en", now=now)
    return str(session.scalars(select(OutboxMessage)).one().payload["link"])


class TestLinks:
    def test_the_token_is_stored_hashed(self, session: Session, now: datetime) -> None:
        make(session, now)
        token = ask_for_link(session, now)
        assert token not in session.scalars(select(PasswordReset.token_hash)).one()

    def test_one_link_used_is_every_link_used(self, session: Session, now: datetime) -> None:
        make(session, now)
        older, newer = ask_for_link(session, now), ask_for_link(session, now)
        account = reset_password(session, token=newer, password="another long one", now=now)
        assert account.session_epoch == 1
        for token in (older, newer):
            with pytest.raises(ResetRefused):
                reset_password(session, token=token, password="a third long one", now=now)

    def test_after_two_hours_it_is_too_late(self, session: Session, now: datetime) -> None:
        make(session, now)
        token = ask_for_link(session, now)
        with pytest.raises(ResetRefused):
            reset_password(
                session, token=token, password="another long one", now=now + timedelta(hours=3)
            )

    def test_a_closed_account_cannot_be_opened_by_a_link(
        self, session: Session, now: datetime
    ) -> None:
        account = make(session, now)
        token = ask_for_link(session, now)
        deactivate_account(session, account=account, actor=OPERATOR, now=now)
        session.expire_all()
        with pytest.raises(ResetRefused):
            reset_password(session, token=token, password="another long one", now=now)
        with pytest.raises(SignInRefused):
            sign_in(
                session, email=ADDRESS, password=PASSWORD, now=now, demonstration_instance=False
            )


def test_an_account_keeps_the_day_of_signing_in_only(session: Session, now: datetime) -> None:
    make(session, now)
    moment = now.replace(hour=13, minute=37, second=11)
    account = sign_in(
        session, email=ADDRESS, password=PASSWORD, now=moment, demonstration_instance=False
    )
    assert account.last_sign_in_on == moment.replace(hour=0, minute=0, second=0)


def test_a_demonstration_account_that_was_carried_elsewhere_cannot_sign_in(
    session: Session, now: datetime
) -> None:
    make(session, now)
    session.execute(update(Account).values(demonstration=True))
    session.expire_all()
    with pytest.raises(DemonstrationOnly):
        sign_in(session, email=ADDRESS, password=PASSWORD, now=now, demonstration_instance=False)


class TestAtTheSameMoment:
    """Both have looked and found nothing before either writes: one is refused, none fails."""

    @pytest.fixture
    def emptied(self, database: Database) -> Iterator[Database]:
        yield database
        with database.transaction() as session:
            for table in (AccountRole, Account, Consultation, AuditEntry):
                session.execute(delete(table))

    @pytest.mark.parametrize(
        ("addresses", "seats", "code"),
        [
            (["a@example.org", "a@example.org"], [None, None], "accounts.email_taken"),
            (["a@example.org", "b@example.org"], ["FR", "FR"], "accounts.delegation_taken"),
        ],
    )
    def test_two_accounts(
        self,
        emptied: Database,
        now: datetime,
        addresses: list[str],
        seats: list[str | None],
        code: str,
    ) -> None:
        def create(email: str, seat: str | None) -> str:
            try:
                with emptied.transaction() as session:
                    make(session, now, email, seat)
            except WaymarkError as refusal:
                return refusal.code
            return "made"

        with ThreadPoolExecutor(2) as people:
            assert sorted(people.map(create, addresses, seats)) == sorted(["made", code])

    def test_two_consultations(self, emptied: Database, now: datetime) -> None:
        def create(_: int) -> str:
            try:
                with emptied.transaction() as session:
                    create_consultation(
                        session, slug="same", title=LocalizedText.of("Same"), actor=OPERATOR,
                        now=now,
                    )  # fmt: skip
            except WaymarkError as refusal:
                return refusal.code
            return "made"

        with ThreadPoolExecutor(4) as people:
            outcomes = sorted(people.map(create, range(4)))
        assert outcomes.count("made") == 1
        assert len(set(outcomes)) == 2
