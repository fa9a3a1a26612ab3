"""The token a program shows: ``Authorization: Bearer wmk_…``, and in no other place.

A token in an address would be kept in logs, histories and Referer headers, so it is refused there.
"""

import hashlib
from typing import ClassVar

from flask import current_app, request

from app.auth import in_demonstration
from app.database import get_database, read_session
from core.clock import utc_now
from core.errors import Forbidden, InvalidInput
from stakeholders.api_tokens import Bearer, find_account_by_token, note_token_use
from stakeholders.errors import TokenRefused

_IN_ADDRESSES = frozenset({"access_token", "api_key", "apikey", "authorization", "token"})
_CHALLENGE = 'Bearer realm="Waymark"'


class TokenNeeded(Forbidden):
    code = "api.token_needed"
    template = "This needs a token in the header Authorization: Bearer wmk_…"
    remedy = "Make one on the page of your account."
    status: ClassVar[int] = 401
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": _CHALLENGE}


class TokenInvalid(Forbidden):
    code = "api.token_invalid"
    template = "{reason}"
    status: ClassVar[int] = 401
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'}


class ScopeMissing(Forbidden):
    code = "api.scope_missing"
    template = "This token is not for that: it lacks the scope {scope}."
    remedy = "Make a token with this scope, if your account may."

    @property
    def headers(self) -> dict[str, str]:
        scope = self.params["scope"]
        return {"WWW-Authenticate": f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'}


class TokenInAddress(InvalidInput):
    code = "api.token_in_address"
    template = "A token does not belong into an address: addresses are kept in logs."
    remedy = "Send it in the header Authorization, and revoke the one you sent: it may be known."
    status: ClassVar[int] = 400


def token_key() -> bytes:
    """The key of this instance's tokens, apart from the one that signs sessions."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hashlib.sha256(b"waymark api tokens\x00" + secret).digest()


def read_bearer() -> Bearer | None:
    """Who the request's token acts for; None without one. Raises ``TokenInvalid``.

    The day of use is written in a transaction of its own, at most once a day.
    """
    for name, value in request.args.items(multi=True):
        if name.lower() in _IN_ADDRESSES or value.startswith("wmk_"):
            raise TokenInAddress
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenInvalid(reason="Expected the header Authorization: Bearer wmk_…")
    now = utc_now()
    try:
        bearer = find_account_by_token(
            read_session(), secret=secret.strip(), key=token_key(), now=now,
            demonstration_instance=in_demonstration(),
        )  # fmt: skip
    except TokenRefused as refusal:
        raise TokenInvalid(reason=f"{refusal.message} {refusal.advice}") from None
    if not bearer.used_today:
        with get_database().transaction() as session:
            note_token_use(session, token_id=bearer.token_id, today=now.date())
    return bearer
