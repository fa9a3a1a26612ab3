"""Who can sign in to a demonstration: one account per role, and a delegate per member state."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.demo import story
from core.audit import OPERATOR, Actor
from core.ids import group_code, new_code
from core.models import OutboxMessage
from stakeholders.accounts import (
    create_account,
    find_account_by_email,
    request_password_reset,
    reset_password,
)
from stakeholders.delegations import MEMBER_STATES
from stakeholders.models import Account
from stakeholders.permissions import Role

SECRETARIAT = "secretariat@demo.example"
# What is published takes two people.
SECOND_PERSON = "second.secretariat@demo.example"
MODERATOR = "moderator@demo.example"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account before it is made; all of an instance's have the same password."""

    email: str
    name: str
    role: Role
    delegation: str | None = None
    organisation: str | None = None


def all_accounts() -> Iterator[DemoAccount]:
    """Roles first, then the delegates in protocol order."""
    for person in story.load_people():
        yield DemoAccount(
            person.email, person.name, Role(person.role), organisation=person.organisation
        )
    for code, name in MEMBER_STATES.items():
        yield DemoAccount(
            delegate_email(code), f"Demonstration delegate of {name['en']}", Role.DELEGATE, code
        )


def delegate_email(code: str) -> str:
    return f"delegate-{code.lower()}@demo.example"


def create_accounts(session: Session, *, password: str, now: datetime) -> None:
    for account in all_accounts():
        create_account(
            session,
            email=account.email,
            display_name=account.name,
            password=password,
            roles=[account.role],
            delegation=account.delegation,
            organisation_name=account.organisation,
            actor=OPERATOR,
            now=now,
            demonstration=True,
            demonstration_instance=True,
        )


def secretariat_actor(session: Session) -> Actor:
    """The secretariat, as the audit log names it."""
    return _actor(session, SECRETARIAT, Role.SECRETARIAT)


def second_actor(session: Session) -> Actor:
    """The secretariat's second person, without whom nothing is published."""
    return _actor(session, SECOND_PERSON, Role.SECRETARIAT)


def delegate_actor(session: Session, code: str) -> Actor:
    """The delegate of a member state."""
    return _actor(session, delegate_email(code), Role.DELEGATE)


def moderator_actor(session: Session) -> Actor:
    """The moderator, as the audit log names them."""
    return _actor(session, MODERATOR, Role.MODERATOR)


def _actor(session: Session, email: str, role: Role) -> Actor:
    account = find_account_by_email(session, email=email)
    assert account is not None
    return Actor(account.id, role.value)


def password_of(instance: Path) -> str | None:
    """The password of this instance's demonstration accounts, if it was made here."""
    path = _password_file(instance)
    return path.read_text(encoding="ascii").strip() if path.exists() else None


def new_password(instance: Path) -> str:
    """A password of 80 random bits, kept in the instance folder for its owner alone."""
    password = group_code(new_code())
    path = _password_file(instance)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(password + "\n")
    return password


def change_passwords(session: Session, *, password: str, now: datetime) -> None:
    """Give every demonstration account ``password``, by the way anyone resets theirs.

    For a database that has come to another instance folder, where its password is not known.
    """
    accounts = session.scalars(select(Account).where(Account.demonstration, Account.active))
    for account in accounts.all():
        request_password_reset(session, email=account.email, link_prefix="", language="en", now=now)
        message = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.topic == "email.password_reset")
            .order_by(OutboxMessage.id.desc())
        ).first()
        assert message is not None
        reset_password(session, token=message.payload["link"], password=password, now=now)
        session.execute(delete(OutboxMessage).where(OutboxMessage.id == message.id))


def _password_file(instance: Path) -> Path:
    return instance / "demonstration_password"
