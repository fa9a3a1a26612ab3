"""The pages around the work: home, work area, statements, the form token."""

from flask import Blueprint, current_app, jsonify, render_template
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from app.access import public, requires
from app.caching import cacheable
from app.database import read_session
from core.clock import utc_now
from surveys.consultations import Phase, list_consultations, phase_of

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
@public
@cacheable
def home() -> str:
    now = utc_now()
    by_phase: dict[Phase, list[object]] = {phase: [] for phase in Phase}
    for consultation in list_consultations(read_session()):
        by_phase[phase_of(consultation, now=now)].append(consultation)
    return render_template(
        "pages/home.html",
        open_consultations=by_phase[Phase.OPEN],
        announced_consultations=by_phase[Phase.ANNOUNCED],
        closed_consultations=by_phase[Phase.CLOSED][:3],
    )


@blueprint.get("/work")
@requires("account.manage_own")
def work_area() -> str:
    """Where a signed-in person starts: what their roles let them do."""
    return render_template("pages/work_area.html")


@blueprint.get("/accessibility")
@public
@cacheable
def accessibility() -> str:
    return render_template("pages/accessibility.html")


@blueprint.get("/privacy")
@public
@cacheable
def privacy() -> str:
    settings = current_app.config["WAYMARK_SETTINGS"]
    return render_template("pages/privacy.html", draft_days=settings.draft_days)


@blueprint.get("/about")
@public
@cacheable
def about() -> str:
    return render_template("pages/about.html")


@blueprint.get("/session/token")
@public
def form_token() -> Response:
    """The form token, fetched by a script when a form on a cacheable page is first used."""
    response = jsonify({"csrf_token": generate_csrf()})
    response.headers["Cache-Control"] = "private, no-store"
    return response
