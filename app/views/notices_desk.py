"""What is there for the person who is signed in: mentions, answers, decisions."""

from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app.access import requires
from app.database import commit, get_database, read_session, write_session
from app.writing_texts import NOTICES
from core.clock import utc_now
from roadmap.roadmaps import list_roadmaps
from roadmap.writing.notices import NoticeLine, count_unseen, list_notices, mark_seen
from roadmap.writing.participation import find_candidate_in_review, may_take_part

blueprint = Blueprint("notices_desk", __name__, url_prefix="/desk/for-you")


@blueprint.app_context_processor
def _unseen() -> dict[str, object]:
    return {"unseen_notices": unseen_notices}


def unseen_notices() -> int:
    """How many the navigation names; none where the database cannot be asked just now.

    In a session of its own: the page may be the answer to a request that has just committed.
    """
    if not current_user.is_authenticated:
        return 0
    try:
        with get_database().reading() as session:
            return count_unseen(session, account_id=current_user.account_id)
    except SQLAlchemyError:
        return 0


@blueprint.get("")
@requires("account.manage_own")
def index() -> str:
    session = read_session()
    in_review = [
        (roadmap, candidate)
        for roadmap in list_roadmaps(session)
        if (candidate := find_candidate_in_review(session, roadmap=roadmap)) is not None
        and may_take_part(current_user.roles, candidate.stage)
    ]
    return render_template(
        "writing/notices.html",
        lines=list_notices(session, account_id=current_user.account_id),
        in_review=in_review,
        address=_address,
        words=NOTICES,
    )


@blueprint.post("/seen")
@requires("account.manage_own")
def see_all() -> Response:
    mark_seen(write_session(), account_id=current_user.account_id, now=utc_now())
    commit()
    flash(_("Everything is marked as seen."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/<uuid:notice_id>/seen")
@requires("account.manage_own")
def see(notice_id: UUID) -> Response:
    """Mark it as seen and go where it happened."""
    session = write_session()
    account_id = current_user.account_id
    lines = list_notices(session, account_id=account_id)
    mark_seen(session, account_id=account_id, notice_id=notice_id, now=utc_now())
    commit()
    line = next((each for each in lines if each.notice.id == notice_id), None)
    return redirect(_address(line) if line else url_for(".index"), 303)


def _address(line: NoticeLine) -> str:
    """Where it happened."""
    if line.notice.kind == "approval_wanted":
        known = "edition_desk.index" in current_app.view_functions
        endpoint = "edition_desk.index" if known else "roadmaps.show"
        return url_for(endpoint, slug=line.slug)
    return url_for("paragraph_desk.show", slug=line.slug, code=line.notice.subject)
