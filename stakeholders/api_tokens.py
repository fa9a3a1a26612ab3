"""Use cases about the tokens with which programs act for an account.

A token reads ``wmk_INSTANCE_SECRET``. INSTANCE says which instance gave it out and is public;
SECRET (256 bits) is shown once. What is stored is an HMAC of the whole under a key of the
instance, so a copied table opens nothing here and nothing elsewhere. A token lasts at most a year
and gives no more than its account has at the moment of use.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.ids import CODE_ALPHABET
from core.text import clean_text
from stakeholders.accounts import roles_of
from stakeholders.errors import InvalidToken, ScopeNotHeld, TokenNotFound, TokenRefused
from stakeholders.models import Account, ApiToken
from stakeholders.permissions import SCOPES, Role, scopes_of

LONGEST_LIFETIME = timedelta(days=366)
MOST_TOKENS = 50
_FORM = re.compile(r"wmk_[0-9A-HJKMNP-TV-Z]{8}_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: ``secret`` is its only copy."""

    token: ApiToken
    secret: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token acts for, and what it may do: scopes that the account's roles still allow."""

    account_id: UUID
    token_id: UUID
    roles: frozenset[Role]
    scopes: frozenset[str]
    # Whether today's use is written down already.
    used_today: bool


def create_token(
    session: Session,
    *,
    account: Account,
    name: str,
    scopes: Collection[str],
    expires_at: datetime,
    key: bytes,
    actor: Actor,
    now: datetime,
) -> NewToken:
    """A new token of ``account``. ``key`` is the instance's (32 bytes), kept outside the database.

    Raises ``InvalidToken`` (name, scopes, expiry, too many) and ``ScopeNotHeld``.
    """
    label = clean_text(name.strip(), where="name", maximum=100)
    if not label:
        raise InvalidToken(where="name", reason="expected a name, such as the program's")
    if not scopes:
        raise InvalidToken(where="scopes", reason="expected at least one scope")
    held = scopes_of(roles_of(account))
    for scope in sorted(set(scopes)):
        if scope not in SCOPES:
            raise InvalidToken(where="scopes", reason=f"expected some of {', '.join(SCOPES)}")
        if scope not in held:
            raise ScopeNotHeld(scope=scope)
    if not account.active:
        raise InvalidToken(where="account", reason="this account was closed")
    if not now < expires_at <= now + LONGEST_LIFETIME:
        raise InvalidToken(
            where="expires_at",
            reason=f"expected a moment within the next {LONGEST_LIFETIME.days} days",
        )
    if sum(is_alive(token, now=now) for token in list_tokens(session, account=account)) >= (
        MOST_TOKENS
    ):
        raise InvalidToken(
            where="account", reason=f"has {MOST_TOKENS} tokens already; revoke one first"
        )
    secret = f"wmk_{instance_tag(key)}_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        account_id=account.id,
        name=label,
        token_hash=_hash(key, secret),
        scopes=[scope for scope in SCOPES if scope in scopes],
        created_at=now,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    audit.record_event(
        session, name="token.created", actor=actor, subject=f"account:{account.id}", now=now,
        data={"token": str(token.id), "scopes": token.scopes, "expires_at": expires_at.isoformat()},
    )  # fmt: skip
    return NewToken(token, secret)


def revoke_token(
    session: Session, *, account_id: UUID, token_id: UUID, actor: Actor, now: datetime
) -> ApiToken:
    """End a token of this account at once; revoking again changes nothing. ``TokenNotFound``."""
    token = session.get(ApiToken, token_id)
    if token is None or token.account_id != account_id:
        raise TokenNotFound
    if token.revoked_at is None:
        token.revoked_at = now
        session.flush()
        audit.record_event(
            session, name="token.revoked", actor=actor, subject=f"account:{account_id}", now=now,
            data={"token": str(token.id)},
        )  # fmt: skip
    return token


def list_tokens(session: Session, *, account: Account) -> Sequence[ApiToken]:
    """Every token of an account, the newest first, the ended ones included."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.account_id == account.id)
        .order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
    ).all()


def find_account_by_token(
    session: Session, *, secret: str, key: bytes, now: datetime, demonstration_instance: bool
) -> Bearer:
    """Who ``secret`` acts for. Raises ``TokenRefused``, which says why.

    Whoever holds a token learns that it has ended; a guess learns nothing.
    """
    if not _FORM.fullmatch(secret):
        raise TokenRefused(reason="it does not read wmk_INSTANCE_SECRET.")
    own = instance_tag(key)
    tag = secret.split("_", 2)[1]
    if tag != own:
        raise TokenRefused(reason=f"it was given out by the instance {tag}; this is {own}.")
    row = session.execute(
        select(ApiToken, Account)
        .join(Account, Account.id == ApiToken.account_id)
        .where(ApiToken.token_hash == _hash(key, secret))
    ).one_or_none()
    if row is None:
        raise TokenRefused(reason="this instance has none like it.")
    token, account = row
    if token.revoked_at is not None:
        raise TokenRefused(reason="it was revoked.")
    if token.expires_at <= now:
        raise TokenRefused(reason="it has expired.")
    if not account.active or (account.demonstration and not demonstration_instance):
        raise TokenRefused(reason="its account was closed.")
    roles = roles_of(account)
    return Bearer(
        account_id=account.id,
        token_id=token.id,
        roles=roles,
        scopes=frozenset(token.scopes) & frozenset(scopes_of(roles)),
        used_today=token.last_used_on == now.date(),
    )


def note_token_use(session: Session, *, token_id: UUID, today: date) -> None:
    """Keep the day of use, not the moment."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_on=today))


def is_alive(token: ApiToken, *, now: datetime) -> bool:
    """Whether the token could still be used."""
    return token.revoked_at is None and token.expires_at > now


def instance_tag(key: bytes) -> str:
    """Eight characters that name the instance in its tokens; its key does not follow from them."""
    digest = hmac.digest(key, b"waymark token instance", "sha256")
    return "".join(CODE_ALPHABET[byte & 31] for byte in digest[:8])


def _hash(key: bytes, secret: str) -> str:
    return hmac.new(key, b"waymark token\x00" + secret.encode(), hashlib.sha256).hexdigest()
