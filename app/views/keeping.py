"""Keeping one's answers, leaving them, sharing them: by e-mail, on paper, with colleagues."""

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import public
from app.database import commit, write_session
from app.i18n import interface_language
from app.journey import Journey, code_in_cookie, cookie_name, cookie_path, open_journey
from app.limits import MAILBOX_LIMIT, limiter, sign_in_limit, typed_email
from app.resume_mail import enqueue_resume_letter
from core.clock import utc_now
from core.ids import group_code
from surveys.errors import DraftNotFound

blueprint = Blueprint("keeping", __name__)

_ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}\.[^@\s,;<>\".]{2,60}")


@blueprint.get("/consultations/<slug>/answer/share")
@public
def share(slug: str) -> str:
    """How several people fill in one draft, with the code; made to be printed as well."""
    journey = _find(slug)
    return render_template(
        "responses/share.html",
        consultation=journey.consultation,
        code=group_code(code_in_cookie(slug)),
        resume_at=url_for("resuming.resume_form", slug=slug, _external=True),
        continue_at=journey.address(journey.steps[0]),
    )


@blueprint.post("/consultations/<slug>/answer/saved/email")
@public
@limiter.limit(sign_in_limit)
@limiter.limit(MAILBOX_LIMIT, key_func=typed_email)
def send_code(slug: str) -> Response:
    """Send the code to an address, which is used for that and forgotten."""
    journey = _find(slug)
    to = request.form.get("email", "").strip()
    if not _ADDRESS.fullmatch(to):
        flash(_("Please enter an e-mail address, such as name@example.eu."), "error")
        return redirect(url_for("resuming.saved", slug=slug), 303)
    enqueue_resume_letter(
        write_session(), to=to, slug=slug, title=journey.consultation.title,
        code=code_in_cookie(slug), language=interface_language(), now=utc_now(),
    )  # fmt: skip
    commit()
    flash(_("The letter is on its way. We have not kept the address."), "success")
    return redirect(url_for("resuming.saved", slug=slug), 303)


@blueprint.post("/consultations/<slug>/answer/forget")
@public
def forget(slug: str) -> Response:
    """Let this browser forget the draft, which stays; for computers that others use."""
    answer = redirect(url_for("keeping.forgotten", slug=slug), 303)
    answer.delete_cookie(cookie_name(slug), path=cookie_path(slug))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@blueprint.get("/consultations/<slug>/answer/forgotten")
@public
def forgotten(slug: str) -> str:
    return render_template("responses/forgotten.html", slug=slug)


def _find(slug: str) -> Journey:
    journey = open_journey(slug)
    if journey.draft is None:
        raise DraftNotFound
    return journey
