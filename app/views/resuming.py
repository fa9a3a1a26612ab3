"""Leaving and coming back: the resume code, and the invitation of a targeted poll."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import public
from app.database import commit, read_session, write_session
from app.errors import describe
from app.i18n import current_language
from app.journey import code_in_cookie, credential_key, open_journey, with_code
from app.limits import limiter, sign_in_limit
from core.clock import utc_now
from core.errors import WaymarkError
from core.ids import clean_code, group_code
from surveys.codes import is_credential, receipt_key
from surveys.consultations import get_consultation, phase_of
from surveys.drafts import find_draft
from surveys.errors import (
    DraftNotFound,
    InvitationRefused,
    InvitationUsed,
    ReceiptNotFound,
)
from surveys.inviting.invitations import check_invitation, exchange_invitation
from surveys.phases import require_open
from surveys.responses import find_response_by_receipt

blueprint = Blueprint("resuming", __name__)


@blueprint.get("/consultations/<slug>/answer/saved")
@public
def saved(slug: str) -> str:
    """The resume code, to be written down."""
    journey = open_journey(slug)
    if journey.draft is None:
        raise DraftNotFound
    return render_template(
        "responses/saved.html",
        consultation=journey.consultation,
        code=group_code(code_in_cookie(slug)),
        draft_days=current_app.config["WAYMARK_SETTINGS"].draft_days,
        continue_at=journey.address(journey.steps[0]),
    )


@blueprint.get("/consultations/<slug>/resume")
@public
def resume_form(slug: str) -> str:
    consultation = get_consultation(read_session(), slug=slug)
    return render_template("responses/resume.html", consultation=consultation, error=None, typed="")


@blueprint.post("/consultations/<slug>/resume")
@public
@limiter.limit(sign_in_limit)
def resume(slug: str) -> Response | tuple[str, int]:
    """Continue with a code; a code whose answers were submitted leads to the receipt."""
    consultation = get_consultation(read_session(), slug=slug)
    typed = request.form.get("code", "")
    code = clean_code(typed)[:40]
    session = read_session()
    try:
        key = receipt_key(code)
        try:
            find_response_by_receipt(session, key=key)
        except ReceiptNotFound:
            pass
        else:
            return redirect(url_for("receipts.receipt", key=key), 303)
        require_open(consultation, now=utc_now())
        known = find_draft(session, consultation=consultation, code=code) is not None
        if not known and not is_credential(credential_key(), slug, code):
            raise DraftNotFound
    except WaymarkError as refusal:
        page = render_template(
            "responses/resume.html", consultation=consultation, error=describe(refusal),
            typed=typed[:60],
        )  # fmt: skip
        return page, 422
    target = url_for("responses.start", slug=slug)
    return with_code(redirect(target, 303), slug, code, resumed=True)


@blueprint.get("/consultations/<slug>/invitation/<token>")
@public
@limiter.limit(sign_in_limit, deduct_when=lambda response: response.status_code == 403)
def invitation(slug: str, token: str) -> str | tuple[str, int]:
    """The page an invitation leads to. Looking at it uses nothing up: mail scanners look too.

    An invitation that was used, that came too late or that is none gets a page that says so; so
    many wrong ones are refused as wrong passwords are.
    """
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    phase = phase_of(consultation, now=utc_now())
    state, status = "ready", 200
    try:
        check_invitation(session, consultation=consultation, token=token)
        if not phase.is_open:
            state = "closed" if phase.is_closed else "early"
    except InvitationUsed:
        state = "used"
    except InvitationRefused:
        state, status = "refused", 403
    page = render_template(
        "responses/invitation.html", consultation=consultation, phase=phase, state=state
    )
    return page, status


@blueprint.post("/consultations/<slug>/invitation/<token>")
@public
@limiter.limit(sign_in_limit)
def accept_invitation(slug: str, token: str) -> Response:
    """Exchange the token for a code, in a transaction of its own."""
    consultation = get_consultation(write_session(), slug=slug)
    code = exchange_invitation(
        write_session(), consultation=consultation, token=token, key=credential_key(),
        now=utc_now(), language=current_language(),
    )  # fmt: skip
    commit()
    return with_code(redirect(url_for("resuming.welcome", slug=slug), 303), slug, code)


@blueprint.get("/consultations/<slug>/answer/welcome")
@public
def welcome(slug: str) -> str:
    """After an invitation: the code to come back with, before the first question."""
    journey = open_journey(slug)
    code = code_in_cookie(slug)
    if not code:
        raise InvitationRefused
    return render_template(
        "responses/welcome.html",
        consultation=journey.consultation,
        code=group_code(code),
        continue_at=journey.address(journey.steps[0]),
    )
