"""Who is signed in: a small identity loaded from the account, for Flask-Login."""

import time
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, current_app
from flask_login import AnonymousUserMixin, LoginManager
from sqlalchemy.exc import SQLAlchemyError

from app.database import get_database, read_session
from core.instance import is_demonstration
from stakeholders.accounts import roles_of
from stakeholders.models import Account
from stakeholders.permissions import Role


@dataclass(frozen=True, slots=True)
class Identity:
    """The signed-in person of this request."""

    account_id: UUID
    display_name: str
    language: str
    roles: frozenset[Role]
    delegation: str | None
    session_epoch: int

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        # The epoch changes with the password: older sessions no longer load.
        return f"{self.account_id}:{self.session_epoch}"


class Anonymous(AnonymousUserMixin):  # type: ignore[misc]
    """Nobody: no account, no roles."""

    roles: frozenset[Role] = frozenset()
    delegation = None
    account_id = None
    display_name = ""


def identity_of(account: Account) -> Identity:
    return Identity(
        account_id=account.id,
        display_name=account.display_name,
        language=account.language,
        roles=roles_of(account),
        delegation=account.delegation,
        session_epoch=account.session_epoch,
    )


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.anonymous_user = Anonymous
    manager.session_protection = None  # binds sessions to addresses, which phones change

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(identifier: str) -> Identity | None:
        account_id, _, epoch = identifier.partition(":")
        try:
            account = read_session().get(Account, UUID(account_id))
        except ValueError:
            return None
        if account is None or not account.active or str(account.session_epoch) != epoch:
            return None
        if account.demonstration and not in_demonstration():
            return None
        return identity_of(account)


def in_demonstration() -> bool:
    """Whether this database is a demonstration.

    Once true it stays so, and is not asked again; a "no" is asked again as often as pages are
    rendered anew, because every page says it. The page that says that there is no database does
    so without one.
    """
    known, until = current_app.extensions.get("waymark.demonstration", (False, 0.0))
    if not known and time.monotonic() >= until:
        try:
            with get_database().reading() as session:
                known = is_demonstration(session)
        except SQLAlchemyError:
            return False
        until = time.monotonic() + current_app.config["WAYMARK_PAGE_CACHE_SECONDS"]
        current_app.extensions["waymark.demonstration"] = (known, until)
    return bool(known)
