"""The link at the end of every letter: do not write to me again, and the way back from it."""

from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.access import public
from app.database import commit, read_session, write_session
from app.journey import credential_key
from app.limits import limiter, sign_in_limit
from core.clock import utc_now
from surveys.errors import InvitationNotFound, InvitationRefused
from surveys.inviting.mailing import decline_letters
from surveys.inviting.tokens import is_decline_sign
from surveys.models import Consultation, Invitation

blueprint = Blueprint("declining", __name__)

_ADDRESS = "/invitations/<uuid:invitation_id>/decline/<sign>"


@blueprint.get(_ADDRESS)
@public
@limiter.limit(sign_in_limit, deduct_when=lambda response: response.status_code == 403)
def ask(invitation_id: UUID, sign: str) -> str:
    """Ask first: mail scanners open every link, and must not decline for anybody."""
    _check(invitation_id, sign)
    session = read_session()
    invitation = session.get(Invitation, invitation_id)
    if invitation is None:
        raise InvitationNotFound
    consultation = session.get_one(Consultation, invitation.consultation_id)
    return _page(consultation, declined=invitation.declined_on is not None)


@blueprint.post(_ADDRESS)
@public
@limiter.limit(sign_in_limit)
def decide(invitation_id: UUID, sign: str) -> str | Response:
    """By the button of the page, or by a mail program in one click (RFC 8058)."""
    _check(invitation_id, sign)
    declined = request.form.get("wish") != "write"
    consultation = decline_letters(
        write_session(), invitation_id=invitation_id, declined=declined, now=utc_now()
    )
    commit()
    return _page(consultation, declined=declined)


def _check(invitation_id: UUID, sign: str) -> None:
    if not is_decline_sign(credential_key(), invitation_id, sign):
        raise InvitationRefused


def _page(consultation: Consultation, *, declined: bool) -> str:
    return render_template(
        "consultations/declining.html", consultation=consultation, declined=declined
    )
