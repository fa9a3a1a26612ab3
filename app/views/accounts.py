"""Signing in and out, a new password, one's own account."""

from urllib.parse import urlsplit

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired

from app.access import public, requires
from app.auth import identity_of, in_demonstration
from app.database import commit, read_session, write_session
from app.errors import describe
from app.i18n import current_language
from app.limits import ACCOUNT_LIMIT, MAILBOX_LIMIT, limiter, sign_in_limit, typed_email
from core.clock import utc_now
from core.errors import WaymarkError
from stakeholders import accounts

blueprint = Blueprint("accounts", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(validators=[DataRequired()])
    password = PasswordField(validators=[DataRequired()])
    next = StringField()


class ResetRequestForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(validators=[DataRequired()])


class ResetForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField(validators=[DataRequired()])


@blueprint.get("/sign-in")
@public
def sign_in() -> str:
    form = SignInForm(next=request.args.get("next", ""))
    return render_template("accounts/sign_in.html", form=form, error=None)


@blueprint.post("/sign-in")
@public
@limiter.limit(sign_in_limit)
@limiter.limit(ACCOUNT_LIMIT, key_func=typed_email)
def submit_sign_in() -> Response | tuple[str, int]:
    form = SignInForm()
    error: tuple[str, str] | None = None
    if form.validate():
        try:
            account = accounts.sign_in(
                write_session(),
                email=form.email.data,
                password=form.password.data,
                now=utc_now(),
                demonstration_instance=in_demonstration(),
            )
            commit()
        except WaymarkError as refusal:
            error = describe(refusal)
        else:
            session.clear()  # a session begun by somebody else does not become mine
            login_user(identity_of(account))
            session.permanent = True
            return redirect(_safe_target(form.next.data) or url_for("pages.work_area"), 303)
    page = render_template(
        "accounts/sign_in.html",
        form=form,
        error=error or (_("Please fill in both fields."), ""),
    )
    return page, 422


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    logout_user()
    session.clear()
    response = redirect(url_for("pages.home"), 303)
    response.delete_cookie(current_app.config["SESSION_COOKIE_NAME"])
    return response


@blueprint.route("/password-reset", methods=["GET", "POST"])
@public
@limiter.limit(sign_in_limit, methods=["POST"])
@limiter.limit(MAILBOX_LIMIT, key_func=typed_email, methods=["POST"])
def request_reset() -> str:
    form = ResetRequestForm()
    sent = False
    if form.validate_on_submit():
        settings = current_app.config["WAYMARK_SETTINGS"]
        accounts.request_password_reset(
            write_session(),
            email=form.email.data,
            link_prefix=settings.public_url.rstrip("/") + "/password-reset/",
            language=current_language(),
            now=utc_now(),
        )
        commit()
        sent = True
    return render_template("accounts/reset_request.html", form=form, sent=sent)


@blueprint.route("/password-reset/<token>", methods=["GET", "POST"])
@public
@limiter.limit(sign_in_limit, methods=["POST"])
def reset(token: str) -> str | Response | tuple[str, int]:
    form = ResetForm()
    error: tuple[str, str] | None = None
    if form.validate_on_submit():
        try:
            accounts.reset_password(
                write_session(), token=token, password=form.password.data, now=utc_now()
            )
            commit()
        except WaymarkError as refusal:
            error = describe(refusal)
        else:
            flash(_("Your new password is set. Please sign in with it."), "success")
            return redirect(url_for("accounts.sign_in"), 303)
    page = render_template(
        "accounts/reset.html",
        form=form,
        error=error,
        minimum=accounts.MINIMUM_PASSWORD_LENGTH,
    )
    return (page, 422) if error else page


@blueprint.get("/account")
@requires("account.manage_own")
def account() -> str:
    person = accounts.get_account(read_session(), account_id=current_user.account_id)
    return render_template("accounts/account.html", account=person)


def _safe_target(target: str | None) -> str | None:
    """``target`` if it is a path on this site, so that a link cannot lead a person elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or "\\" in target or any(ord(c) < 32 for c in target):
        return None
    return target
