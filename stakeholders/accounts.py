"""Use cases about accounts: create, sign in, reset the password."""

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit, outbox
from core.audit import Actor
from core.text import clean_text
from stakeholders.delegations import MEMBER_STATES, eu_country_code
from stakeholders.errors import (
    AccountNotFound,
    DelegationTaken,
    DemonstrationOnly,
    EmailTaken,
    InvalidAccount,
    ResetRefused,
    SignInRefused,
)
from stakeholders.models import Account, AccountRole, PasswordReset
from stakeholders.permissions import Role

MINIMUM_PASSWORD_LENGTH = 12
RESET_LIFETIME = timedelta(hours=2)

# argon2id with the library's defaults (RFC 9106's low-memory profile).
_hasher = PasswordHasher()


def _nobody() -> str:
    """A hash of the usual cost that no password has; made without computing one, which takes long.

    It is verified against when there is no such account, so that the answer takes as long.
    """
    salt, digest = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (_hasher.salt_len, _hasher.hash_len)
    )
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


_NOBODY = _nobody()


def normalise_email(email: str) -> str:
    """The address in the one form it is stored in, or ``InvalidAccount``."""
    try:
        # Reserved names (example.org) are fine: nothing here sends before a person asks.
        checked = validate_email(
            clean_text(email.strip(), where="email", maximum=254),
            check_deliverability=False,
            test_environment=True,
        )
    except EmailNotValidError:
        raise InvalidAccount(
            where="email", reason="expected an address such as name@example.eu"
        ) from None
    return checked.normalized.lower()


def check_password_rules(password: str) -> None:
    """At least twelve characters, no NUL: length is what counts (NIST SP 800-63B 5.1.1)."""
    clean_text(password, where="password", maximum=1000)
    if len(password) < MINIMUM_PASSWORD_LENGTH:
        raise InvalidAccount(
            where="password", reason=f"expected at least {MINIMUM_PASSWORD_LENGTH} characters"
        )


def create_account(
    session: Session,
    *,
    email: str,
    display_name: str,
    password: str,
    roles: Collection[Role],
    actor: Actor,
    now: datetime,
    delegation: str | None = None,
    organisation_name: str | None = None,
    language: str = "en",
    demonstration: bool = False,
    demonstration_instance: bool = False,
) -> Account:
    """A new account. A delegate needs a delegation, and only a delegate has one.

    Raises ``InvalidAccount``, ``EmailTaken``, ``DelegationTaken``, and ``DemonstrationOnly``
    when a demonstration account is asked for outside a demonstration instance.
    """
    if demonstration and not demonstration_instance:
        raise DemonstrationOnly
    address = normalise_email(email)
    check_password_rules(password)
    name = clean_text(display_name.strip(), where="name", maximum=200)
    if not name:
        raise InvalidAccount(where="name", reason="expected a name")
    if not roles:
        raise InvalidAccount(where="role", reason="expected at least one role")
    seat = _check_delegation(roles, delegation)
    if session.scalar(select(Account.id).where(Account.email == address)):
        raise EmailTaken
    if seat and session.scalar(select(Account.id).where(Account.delegation == seat)):
        raise DelegationTaken(delegation=seat)
    account = Account(
        email=address,
        display_name=name,
        password_hash=_hasher.hash(password),
        language=language,
        delegation=seat,
        organisation_name=organisation_name,
        demonstration=demonstration,
        created_at=now,
        roles=[AccountRole(role=role.value) for role in sorted(set(roles))],
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:  # somebody else at the same moment
        if find_account_by_email(session, email=address) is not None:
            raise EmailTaken from None
        raise DelegationTaken(delegation=seat) from None
    audit.record_event(
        session, name="account.created", actor=actor, subject=f"account:{account.id}", now=now,
        data={"roles": sorted(role.value for role in set(roles)), "delegation": seat},
    )  # fmt: skip
    return account


def sign_in(
    session: Session, *, email: str, password: str, now: datetime, demonstration_instance: bool
) -> Account:
    """The account, if address and password are right. Says never which of the two was wrong."""
    account = session.scalar(select(Account).where(Account.email == email.strip().lower()))
    try:
        _hasher.verify(account.password_hash if account else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        raise SignInRefused from None
    if account is None or not account.active:
        raise SignInRefused
    if account.demonstration and not demonstration_instance:
        raise DemonstrationOnly
    if _hasher.check_needs_rehash(account.password_hash):
        account.password_hash = _hasher.hash(password)
    # The day only: the moment would stand beside whatever the person does next.
    account.last_sign_in_on = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return account


def request_password_reset(
    session: Session, *, email: str, link_prefix: str, language: str, now: datetime
) -> None:
    """Send a reset link if there is such an account; says nothing about whether there is.

    The token travels in the outbox message, which is deleted on delivery, or when it is too late.
    """
    account = session.scalar(
        select(Account).where(Account.email == email.strip().lower(), Account.active)
    )
    if account is None:
        return
    token = secrets.token_urlsafe(32)
    session.add(
        PasswordReset(
            account_id=account.id, token_hash=_token_hash(token), expires_at=now + RESET_LIFETIME
        )
    )
    outbox.enqueue(
        session, topic="email.password_reset", now=now,
        payload={
            "to": account.email, "link": link_prefix + token, "language": language,
            "expires_at": (now + RESET_LIFETIME).isoformat(),
        },
    )  # fmt: skip


def reset_password(session: Session, *, token: str, password: str, now: datetime) -> Account:
    """Set a new password by the token of a reset link; every session of the account ends."""
    check_password_rules(password)
    reset = session.scalar(
        select(PasswordReset)
        .where(PasswordReset.token_hash == _token_hash(token))
        .with_for_update()
    )
    if reset is None or reset.used_at is not None or reset.expires_at < now:
        raise ResetRefused
    account = session.get_one(Account, reset.account_id)
    if not account.active:
        raise ResetRefused
    # Every link that was sent is used up with this one.
    session.execute(
        update(PasswordReset).where(PasswordReset.account_id == account.id).values(used_at=now)
    )
    account.password_hash = _hasher.hash(password)
    account.session_epoch += 1
    audit.record_event(
        session, name="account.password_reset", subject=f"account:{account.id}", now=now,
        actor=Actor(account.id, "self"),
    )  # fmt: skip
    return account


def get_account(session: Session, *, account_id: UUID) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise AccountNotFound
    return account


def find_account_by_email(session: Session, *, email: str) -> Account | None:
    return session.scalar(select(Account).where(Account.email == email.strip().lower()))


def roles_of(account: Account) -> frozenset[Role]:
    return frozenset(Role(entry.role) for entry in account.roles)


def delete_expired_resets(session: Session, *, now: datetime) -> None:
    """Reset links are kept a day past their end, then deleted."""
    session.execute(delete(PasswordReset).where(PasswordReset.expires_at < now - timedelta(days=1)))


def deactivate_account(session: Session, *, account: Account, actor: Actor, now: datetime) -> None:
    """The account can no longer sign in; its sessions end."""
    session.execute(
        update(Account)
        .where(Account.id == account.id)
        .values(active=False, session_epoch=Account.session_epoch + 1)
    )
    audit.record_event(
        session, name="account.deactivated", actor=actor, subject=f"account:{account.id}", now=now
    )


def _check_delegation(roles: Collection[Role], delegation: str | None) -> str | None:
    if Role.DELEGATE not in roles:
        if delegation:
            raise InvalidAccount(where="delegation", reason="only a delegate has a delegation")
        return None
    seat = eu_country_code(delegation or "")
    if seat not in MEMBER_STATES:
        raise InvalidAccount(
            where="delegation",
            reason=f"expected the code of a member state, one of {', '.join(MEMBER_STATES)}",
        )
    return seat


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
