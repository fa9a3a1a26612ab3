"""One's own tokens for programs: make one, see what there is, end one."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.bearer import token_key
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from core.clock import utc_now
from core.errors import WaymarkError
from stakeholders.accounts import get_account
from stakeholders.api_tokens import create_token, instance_tag, is_alive, list_tokens, revoke_token
from stakeholders.permissions import SCOPES, scopes_of

blueprint = Blueprint("api_tokens", __name__, url_prefix="/account/tokens")

SCOPE_LABELS = {
    "consultation.write": _l("Create, publish and schedule consultations"),
    "questionnaire.read": _l("Read what is in preparation, drafts of questionnaires included"),
    "questionnaire.write": _l("Change drafts of questionnaires"),
    "invitation.read": _l("See how many invitations there are, and how many were used"),
    "invitation.write": _l("Create invitations"),
    "result.read": _l("Read exact results, before closing too"),
    "response.read": _l("Export responses one by one"),
}
LIFETIMES = (7, 30, 90, 365)


@blueprint.get("/")
@requires("account.manage_own")
def index() -> str:
    return _page()


@blueprint.post("/")
@requires("account.manage_own")
def create() -> str | tuple[str, int]:
    """Make a token and show it, once: it is stored hashed."""
    session = write_session()
    days = request.form.get("days", 0, type=int)
    try:
        made = create_token(
            session, account=get_account(session, account_id=current_user.account_id),
            name=request.form.get("name", ""), scopes=request.form.getlist("scopes"),
            expires_at=utc_now() + timedelta(days=days if days in LIFETIMES else 0),
            key=token_key(), actor=current_actor(), now=utc_now(),
        )  # fmt: skip
    except WaymarkError as refusal:
        session.rollback()
        return _page(refusal=refusal), status_of(refusal)
    page = _page(secret=made.secret)
    commit()
    return page


@blueprint.post("/<uuid:token_id>/revoke")
@requires("account.manage_own")
def revoke(token_id: UUID) -> Response:
    token = revoke_token(
        write_session(), account_id=current_user.account_id, token_id=token_id,
        actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    flash(_("“%(name)s” is revoked. Programs that used it are refused from now on.",
            name=token.name), "success")  # fmt: skip
    return redirect(url_for("api_tokens.index"), 303)


def _page(*, secret: str = "", refusal: WaymarkError | None = None) -> str:
    session = read_session()
    account = get_account(session, account_id=current_user.account_id)
    now = utc_now()
    tokens = list_tokens(session, account=account)
    return render_template(
        "accounts/tokens.html",
        alive=[token for token in tokens if is_alive(token, now=now)],
        ended=[token for token in tokens if not is_alive(token, now=now)],
        grantable=[(scope, SCOPE_LABELS[scope]) for scope in scopes_of(current_user.roles)],
        scope_labels={scope: SCOPE_LABELS[scope] for scope in SCOPES},
        lifetimes=LIFETIMES,
        secret=secret,
        instance=instance_tag(token_key()),
        error=describe(refusal) if refusal else None,
        field=refusal.where if refusal else "",
        typed=request.form if refusal else {},
        typed_scopes=request.form.getlist("scopes") if refusal else [],
    )
