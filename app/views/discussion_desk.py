"""The desk for what people say of a paragraph: suggestions decided, comments, conversations."""

from uuid import UUID

from flask import Blueprint, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.access import can, current_actor, requires
from app.database import commit, write_session
from app.errors import describe, status_of
from app.limits import limiter
from app.views.paragraph_desk import back_to, conflict_page, paragraph_page, see_here
from core.clock import utc_now
from core.errors import WaymarkError
from roadmap.errors import WordingConflict
from roadmap.roadmaps import get_roadmap
from roadmap.writing.comments import add_comment, resolve_thread
from roadmap.writing.suggestions import (
    accept_suggestion,
    get_suggestion,
    reject_suggestion,
    withdraw_suggestion,
)

blueprint = Blueprint(
    "discussion_desk", __name__, url_prefix="/desk/roadmaps/<slug>/writing/paragraphs/<code>"
)


def _person() -> str:
    """Whose comments are counted."""
    return f"comments-{current_user.get_id()}"


@blueprint.post("/suggestions/<uuid:suggestion_id>")
@requires("draft.write")
def decide(slug: str, code: str, suggestion_id: UUID) -> Response | tuple[str, int]:
    """Accept or reject, as the button says."""
    session = write_session()
    roadmap = get_roadmap(session, slug=slug)
    accepts = request.form.get("act") == "accept"
    answer = request.form.get(f"answer-{suggestion_id}", "")
    suggestion = get_suggestion(session, roadmap=roadmap, suggestion_id=suggestion_id)
    try:
        if accepts:
            saved = accept_suggestion(
                session, roadmap=roadmap, suggestion_id=suggestion_id, answer=answer,
                actor=current_actor(), now=utc_now(),
            )  # fmt: skip
            message = (
                _("Accepted, and joined with what had changed since: read the text once more.")
                if saved.merged
                else _("Accepted.")
            )
        else:
            reject_suggestion(
                session, roadmap=roadmap, suggestion_id=suggestion_id, answer=answer,
                actor=current_actor(), now=utc_now(),
            )  # fmt: skip
            message = _("Rejected; whoever suggested it can read why.")
        see_here(roadmap, code)
        commit()
    except WordingConflict as conflict:
        session.rollback()
        page = conflict_page(
            slug, code, conflict.merge, conflict.current, text=suggestion.text,
            seen=suggestion.base_version, suggestion=str(suggestion_id),
            language=suggestion.language,
        )  # fmt: skip
        return page, 409
    except WaymarkError as refusal:
        session.rollback()
        return paragraph_page(slug, code, error=describe(refusal)), status_of(refusal)
    flash(message, "success")
    return back_to(slug, code)


@blueprint.post("/suggestions/<uuid:suggestion_id>/withdraw")
@requires("draft.comment")
def withdraw(slug: str, code: str, suggestion_id: UUID) -> Response:
    session = write_session()
    withdraw_suggestion(
        session, roadmap=get_roadmap(session, slug=slug), suggestion_id=suggestion_id,
        actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    flash(_("Your suggestion is withdrawn."), "success")
    return back_to(slug, code)


@blueprint.post("/comments")
@requires("draft.comment")
@limiter.limit("60 per hour", key_func=_person, exempt_when=lambda: can("draft.write"))
def comment(slug: str, code: str) -> Response | tuple[str, int]:
    """Begin a conversation, or answer in one."""
    session = write_session()
    form = request.form
    roadmap = get_roadmap(session, slug=slug)
    answers = form.get("answers", type=UUID)
    try:
        add_comment(
            session, roadmap=roadmap, code=code,
            text=form.get(f"comment-{answers or 'new'}", ""), roles=current_user.roles,
            answers=answers, mentions=form.getlist("mentions", type=UUID),
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        see_here(roadmap, code)
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return paragraph_page(slug, code, error=describe(refusal)), status_of(refusal)
    flash(_("Your comment is there."), "success")
    return back_to(slug, code)


@blueprint.post("/comments/<uuid:comment_id>/resolve")
@requires("draft.comment")
def resolve(slug: str, code: str, comment_id: UUID) -> Response:
    """Resolve a conversation, or open it again."""
    session = write_session()
    resolved = request.form.get("act") != "reopen"
    resolve_thread(
        session, roadmap=get_roadmap(session, slug=slug), comment_id=comment_id,
        resolved=resolved, roles=current_user.roles, actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    flash(_("Resolved.") if resolved else _("Open again."), "success")
    return back_to(slug, code)
