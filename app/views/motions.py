"""What the secretariat does with motions: write one, open it, close it."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe
from app.views.voting import motion_context
from core.clock import utc_now
from core.errors import WaymarkError
from core.ids import clean_slug
from core.text import LocalizedText
from voting.errors import InvalidMotion
from voting.models import Phase
from voting.motions import (
    MAXIMUM_TEXT,
    MAXIMUM_TITLE,
    close_motion,
    create_motion,
    electorate_of,
    get_motion,
    is_bound,
    list_ballots,
    open_motion,
)
from voting.populations import LATEST_YEAR, YEARS, population_table
from voting.rules import RULES, get_rule

blueprint = Blueprint("motions", __name__, url_prefix="/desk/motions")


@blueprint.get("/new")
@requires("motion.manage")
def new() -> str:
    return _form_page({})


@blueprint.post("/new")
@requires("motion.manage")
def create() -> Response | tuple[str, int]:
    form = request.form
    try:
        motion = create_motion(
            write_session(),
            slug=form.get("slug", "").strip() or clean_slug(_first(form, "title")),
            title=_localized("title"),
            text=_localized("text"),
            rule=form.get("rule", ""),
            population_year=_whole(form.get("population_year", "")),
            participants=form.getlist("participants")
            if not get_rule(form.get("rule", "")).whole_union
            else None,
            roadmap_slug=form.get("roadmap_slug", "").strip() or None,
            closes_at=_moment(form.get("closes_at", "")),
            actor=current_actor(),
            now=utc_now(),
        )
    except WaymarkError as refusal:
        write_session().rollback()
        return _form_page(form, error=describe(refusal)), 422
    commit()
    flash(_("The motion is saved as a draft. Open it when it is right."), "success")
    return redirect(url_for("voting.show", slug=motion.slug), 303)


@blueprint.get("/<slug>/open")
@requires("motion.manage")
def confirm_opening(slug: str) -> str | Response:
    motion = get_motion(read_session(), slug=slug)
    if motion.phase is not Phase.DRAFT:
        return redirect(url_for("voting.show", slug=slug), 303)
    return render_template("voting/confirm_opening.html", **motion_context(motion))


@blueprint.post("/<slug>/open")
@requires("motion.manage")
def submit_opening(slug: str) -> Response:
    open_motion(write_session(), slug=slug, actor=current_actor(), now=utc_now())
    commit()
    flash(_("The vote is open. The delegations can cast their ballots."), "success")
    return redirect(url_for("voting.show", slug=slug), 303)


@blueprint.get("/<slug>/close")
@requires("motion.manage")
def confirm_closing(slug: str) -> str | Response:
    session = read_session()
    motion = get_motion(session, slug=slug)
    if motion.phase is not Phase.OPEN:
        return redirect(url_for("voting.show", slug=slug), 303)
    voted = {entry.delegation for entry in list_ballots(session, motion=motion)}
    missing = [code for code in electorate_of(motion).persons if code not in voted]
    return render_template(
        "voting/confirm_closing.html",
        missing=missing,
        voted=len(voted),
        bound=is_bound(motion, voted=len(voted), now=utc_now()),
        **motion_context(motion),
    )


@blueprint.post("/<slug>/close")
@requires("motion.manage")
def submit_closing(slug: str) -> Response:
    close_motion(
        write_session(),
        slug=slug,
        reason=request.form.get("reason", ""),
        actor=current_actor(),
        now=utc_now(),
    )
    commit()
    flash(_("The vote is closed and its result is published."), "success")
    return redirect(url_for("voting.show", slug=slug), 303)


def _form_page(form: Any, *, error: tuple[str, str] | None = None) -> str:
    return render_template(
        "voting/new_motion.html",
        form=form,
        error=error,
        rules=RULES,
        years=YEARS,
        latest_year=LATEST_YEAR,
        members=list(population_table(LATEST_YEAR).members),
        chosen=set(form.getlist("participants")) if form else None,
        languages=current_app.config["WAYMARK_LANGUAGES"],
        maximum_title=MAXIMUM_TITLE,
        maximum_text=MAXIMUM_TEXT,
    )


def _localized(field: str) -> LocalizedText:
    """``title_en``, ``title_fr`` … → one text; empty languages are left out."""
    languages: tuple[str, ...] = current_app.config["WAYMARK_LANGUAGES"]
    given = {language: request.form.get(f"{field}_{language}", "") for language in languages}
    return LocalizedText({language: text for language, text in given.items() if text.strip()})


def _first(form: Any, field: str) -> str:
    return next(iter(_localized(field).values()), "")


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise InvalidMotion(where="population_year", reason="expected a year such as 2025")
    return int(text)


def _moment(text: str) -> datetime | None:
    """``2026-11-30T12:00`` as browsers send it, meant in UTC; None when empty."""
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidMotion(
            where="closes_at", reason="expected a date and time such as 2026-11-30T12:00"
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
