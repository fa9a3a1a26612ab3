"""Tokens for programs: bound to one instance, to scopes, to an account, and to a last day."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.models import AuditEntry
from stakeholders.accounts import create_account, deactivate_account
from stakeholders.api_tokens import (
    Bearer,
    NewToken,
    create_token,
    find_account_by_token,
    instance_tag,
    list_tokens,
    note_token_use,
    revoke_token,
)
from stakeholders.errors import InvalidToken, ScopeNotHeld, TokenNotFound, TokenRefused
from stakeholders.models import Account, AccountRole, ApiToken
from stakeholders.permissions import PERMISSIONS, SCOPES, Role, scopes_of

KEY = bytes(range(32))
OTHER_KEY = bytes(32)


def account_with(session: Session, now: datetime, *roles: Role, **options: Any) -> Account:
    return create_account(
        session, email=f"{'-'.join(roles)}@example.org", display_name="Ada", roles=roles,
        password="correct horse battery", actor=OPERATOR, now=now, **options,
    )  # fmt: skip


def token_for(session: Session, account: Account, now: datetime, **changes: Any) -> NewToken:
    given: dict[str, Any] = {
        "name": "Statistics", "scopes": ["questionnaire.read"], "key": KEY,
        "expires_at": now + timedelta(days=30), "actor": OPERATOR,
    } | changes  # fmt: skip
    return create_token(session, account=account, now=now, **given)


def use(session: Session, secret: str, now: datetime, key: bytes = KEY) -> Bearer:
    return find_account_by_token(
        session, secret=secret, key=key, now=now, demonstration_instance=False
    )


def events(session: Session) -> list[str]:
    rows = session.scalars(select(AuditEntry.event).where(AuditEntry.event.is_not(None)))
    return [event["name"] for event in rows if event]


def test_every_scope_stands_for_a_permission() -> None:
    assert set(SCOPES.values()) <= set(PERMISSIONS)
    assert scopes_of([Role.CITIZEN]) == ()
    assert scopes_of([Role.AUDITOR]) == ("result.read",)
    assert scopes_of(iter([Role.SECRETARIAT])) == tuple(SCOPES)


def test_a_token_names_its_account_and_is_not_stored(session: Session, now: datetime) -> None:
    account = account_with(session, now, Role.SECRETARIAT)
    made = token_for(session, account, now, scopes=["response.read", "questionnaire.read"])
    bearer = use(session, made.secret, now)
    assert bearer.account_id == account.id
    assert bearer.scopes == {"questionnaire.read", "response.read"}
    assert made.token.scopes == ["questionnaire.read", "response.read"]
    assert made.secret.startswith(f"wmk_{instance_tag(KEY)}_")
    stored = session.get_one(ApiToken, made.token.id)
    assert made.secret.split("_", 2)[2] not in f"{stored.token_hash} {stored.name} {stored.scopes}"
    assert "token.created" in events(session)


def test_a_token_of_another_instance_is_named_as_such(session: Session, now: datetime) -> None:
    made = token_for(session, account_with(session, now, Role.SECRETARIAT), now)
    with pytest.raises(TokenRefused) as refusal:
        use(session, made.secret, now, OTHER_KEY)
    assert instance_tag(KEY) in refusal.value.message
    assert instance_tag(OTHER_KEY) in refusal.value.message


def test_a_copied_table_opens_nothing_under_another_key(session: Session, now: datetime) -> None:
    made = token_for(session, account_with(session, now, Role.SECRETARIAT), now)
    forged = f"wmk_{instance_tag(OTHER_KEY)}_{made.secret.split('_', 2)[2]}"
    with pytest.raises(TokenRefused, match="none like it"):
        use(session, forged, now, OTHER_KEY)


@pytest.mark.parametrize(
    "secret", ["", "wmk", "wmk__", "Bearer x", "wmk_00000000_short", "wmk_00000000_" + "é" * 43]
)
def test_what_is_no_token_is_refused(session: Session, now: datetime, secret: str) -> None:
    with pytest.raises(TokenRefused):
        use(session, secret, now)


def test_it_ends_when_it_expires_is_revoked_or_the_account_closes(
    session: Session, now: datetime
) -> None:
    account = account_with(session, now, Role.SECRETARIAT)
    first, second = token_for(session, account, now), token_for(session, account, now)
    with pytest.raises(TokenRefused, match="expired"):
        use(session, first.secret, now + timedelta(days=30))
    for _ in range(2):
        revoke_token(
            session, account_id=account.id, token_id=first.token.id, actor=OPERATOR, now=now
        )
    with pytest.raises(TokenRefused, match="revoked"):
        use(session, first.secret, now)
    assert events(session).count("token.revoked") == 1
    use(session, second.secret, now)
    deactivate_account(session, account=account, actor=OPERATOR, now=now)
    session.refresh(account)
    with pytest.raises(TokenRefused, match="closed"):
        use(session, second.secret, now)
    with pytest.raises(InvalidToken, match="closed"):
        token_for(session, account, now)


def test_nobody_gives_more_than_they_have(session: Session, now: datetime) -> None:
    auditor = account_with(session, now, Role.AUDITOR)
    with pytest.raises(ScopeNotHeld, match=r"response\.read"):
        token_for(session, auditor, now, scopes=["result.read", "response.read"])
    assert list_tokens(session, account=auditor) == []


def test_a_role_taken_away_takes_its_scopes_along(session: Session, now: datetime) -> None:
    account = account_with(session, now, Role.SECRETARIAT, Role.AUDITOR)
    made = token_for(session, account, now, scopes=["response.read", "result.read"])
    account.roles = [AccountRole(role="auditor")]
    session.flush()
    assert use(session, made.secret, now).scopes == {"result.read"}


def test_a_demonstration_account_is_nobody_elsewhere(session: Session, now: datetime) -> None:
    account = account_with(
        session, now, Role.SECRETARIAT, demonstration=True, demonstration_instance=True
    )
    made = token_for(session, account, now)
    with pytest.raises(TokenRefused):
        use(session, made.secret, now)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"expires_at": timedelta(0)}, "expires_at"),
        ({"expires_at": timedelta(days=400)}, "expires_at"),
    ],
)
def test_a_bad_token_is_refused_by_field(
    session: Session, now: datetime, changes: dict[str, Any], field: str
) -> None:
    account = account_with(session, now, Role.SECRETARIAT)
    given = {
        key: now + value if isinstance(value, timedelta) else value
        for key, value in changes.items()
    }
    with pytest.raises(Exception, match=f"^{field}: "):
        token_for(session, account, now, **given)


def test_only_ones_own_tokens_can_be_revoked(session: Session, now: datetime) -> None:
    owner = account_with(session, now, Role.SECRETARIAT)
    stranger = account_with(session, now, Role.AUDITOR)
    made = token_for(session, owner, now)
    with pytest.raises(TokenNotFound):
        revoke_token(
            session, account_id=stranger.id, token_id=made.token.id, actor=OPERATOR, now=now
        )
    use(session, made.secret, now)


def test_the_day_of_use_is_known_and_no_more(session: Session, now: datetime) -> None:
    made = token_for(session, account_with(session, now, Role.SECRETARIAT), now)
    assert not use(session, made.secret, now).used_today
    note_token_use(session, token_id=made.token.id, today=now.date())
    session.refresh(made.token)
    assert use(session, made.secret, now).used_today
    assert not use(session, made.secret, now + timedelta(days=1)).used_today
