"""The secretariat's desk for quotas: how many responses are wanted, and of whom."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from core.clock import utc_now
from core.errors import WaymarkError
from core.text import LocalizedText
from surveys.consultations import get_consultation, phase_of
from surveys.quotas import delete_quota, list_quotas, set_quota

blueprint = Blueprint("quotas_desk", __name__, url_prefix="/desk/consultations/<slug>/quotas")


@blueprint.get("/")
@requires("consultation.manage")
def index(slug: str) -> str:
    return _page(slug, None)


@blueprint.post("/")
@requires("consultation.manage")
def save(slug: str) -> Response | tuple[str, int]:
    """Create a quota, or change the one of this code."""
    session = write_session()
    try:
        consultation = get_consultation(session, slug=slug)
        name = request.form.get("name", "").strip()
        set_quota(
            session,
            consultation=consultation,
            code=request.form.get("code", "").strip(),
            places=request.form.get("places", 0, type=int),
            condition=request.form.get("condition", ""),
            name=LocalizedText({consultation.title.fallback or "en": name}) if name else None,
            actor=current_actor(),
            now=utc_now(),
        )
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _page(slug, refusal), status_of(refusal)
    flash(_("The quota is set; responses that are there already are counted."), "success")
    return _back(slug)


@blueprint.post("/<code>/delete")
@requires("consultation.manage")
def delete(slug: str, code: str) -> Response | tuple[str, int]:
    session = write_session()
    try:
        delete_quota(
            session, consultation=get_consultation(session, slug=slug), code=code,
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _page(slug, refusal), status_of(refusal)
    flash(_("The quota is taken away."), "success")
    return _back(slug)


def _back(slug: str) -> Response:
    return redirect(url_for("quotas_desk.index", slug=slug), 303)


def _page(slug: str, refusal: WaymarkError | None) -> str:
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    quotas = list_quotas(session, consultation=consultation)
    chosen = next((q for q in quotas if q.code == request.args.get("change")), None)
    given = {
        "code": chosen.code, "name": chosen.name.in_language(consultation.title.fallback or "en"),
        "condition": chosen.condition, "places": chosen.places,
    } if chosen else {}  # fmt: skip
    return render_template(
        "desk/quotas.html",
        consultation=consultation,
        phase=phase_of(consultation, now=utc_now()),
        quotas=quotas,
        changing=chosen.code if chosen else "",
        given=request.form if refusal is not None else given,
        error=describe(refusal) if refusal is not None else None,
    )
