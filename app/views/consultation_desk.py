"""The secretariat's desk for consultations: publish, open, extend, close, invite."""

from datetime import UTC, date, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from core.clock import utc_now
from core.errors import InvalidInput, WaymarkError
from surveys.consultations import (
    get_consultation,
    list_consultations,
    phase_of,
    publish_version,
    schedule_consultation,
)
from surveys.invitations import count_invitations, create_invitations

blueprint = Blueprint("consultation_desk", __name__, url_prefix="/desk/consultations")


@blueprint.get("/")
@requires("consultation.manage")
def index() -> str:
    now = utc_now()
    return render_template(
        "desk/index.html",
        consultations=[(c, phase_of(c, now=now)) for c in list_consultations(read_session())],
    )


@blueprint.get("/<slug>")
@requires("consultation.manage")
def show(slug: str) -> str:
    return _page(slug, None, [])


@blueprint.post("/<slug>/publish")
@requires("consultation.manage")
def publish(slug: str) -> Response | tuple[str, int]:
    """Freeze the newest version and put it before people."""
    session = write_session()
    consultation = get_consultation(session, slug=slug)
    version = consultation.versions[-1]
    try:
        publish_version(
            session, consultation=consultation, version=version, actor=current_actor(),
            now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _page(slug, describe(refusal), []), status_of(refusal)
    flash(_("Version %(number)s is published and frozen.", number=version.number), "success")
    return redirect(url_for("consultation_desk.show", slug=slug), 303)


@blueprint.post("/<slug>/schedule")
@requires("consultation.manage")
def schedule(slug: str) -> Response | tuple[str, int]:
    session = write_session()
    try:
        schedule_consultation(
            session,
            consultation=get_consultation(session, slug=slug),
            opens_at=_moment("opens_at") or utc_now(),
            closes_at=_moment("closes_at"),
            retained_until=_day("retained_until"),
            actor=current_actor(),
            now=utc_now(),
        )
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _page(slug, describe(refusal), []), status_of(refusal)
    flash(_("The dates are set; it opens and closes by itself."), "success")
    return redirect(url_for("consultation_desk.show", slug=slug), 303)


@blueprint.post("/<slug>/invitations")
@requires("consultation.manage")
def invite(slug: str) -> str | tuple[str, int]:
    """Make invitations and show their links, once: they are stored hashed."""
    session = write_session()
    try:
        tokens = create_invitations(
            session,
            consultation=get_consultation(session, slug=slug),
            count=request.form.get("count", 0, type=int),
            actor=current_actor(),
            now=utc_now(),
        )
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _page(slug, describe(refusal), []), status_of(refusal)
    prefix = current_app.config["WAYMARK_SETTINGS"].public_url.rstrip("/")
    links = [prefix + url_for("resuming.invitation", slug=slug, token=token) for token in tokens]
    return _page(slug, None, links)


def _moment(field: str) -> datetime | None:
    """A field of type datetime-local, in UTC; None when it is empty."""
    typed = request.form.get(field, "").strip()
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput(
            where=field, reason="expected a date and time such as 2026-11-22T12:00"
        ) from None


def _day(field: str) -> date | None:
    typed = request.form.get(field, "").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise InvalidInput(where=field, reason="expected a date such as 2026-11-22") from None


def _page(slug: str, error: tuple[str, str] | None, links: list[str]) -> str:
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    return render_template(
        "desk/show.html",
        consultation=consultation,
        phase=phase_of(consultation, now=utc_now()),
        versions=list(reversed(consultation.versions)),
        invitations=count_invitations(session, consultation=consultation),
        links=links,
        error=error,
    )
