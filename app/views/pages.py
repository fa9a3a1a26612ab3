"""The pages around the work: home, work area, statements, the form token."""

from flask import Blueprint, current_app, jsonify, render_template, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from app.access import can, public, requires
from app.caching import cacheable
from app.database import read_session
from core.clock import utc_now
from roadmap.editions.publishing import list_newest_editions
from surveys.consultations import Phase, list_consultations, phase_of
from voting.motions import list_motions

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
        open_consultations=by_phase[Phase.EXTENDED] + by_phase[Phase.OPEN],
        announced_consultations=by_phase[Phase.ANNOUNCED],
        closed_consultations=(by_phase[Phase.REPORTED] + by_phase[Phase.CLOSED])[:3],
        editions=list_newest_editions(read_session()),
        open_motions=[m for m in list_motions(read_session()) if m.phase == "open"],
    )


@blueprint.get("/desk")
@requires("account.manage_own")
def work_area() -> str:
    """Where a signed-in person starts: what their roles let them do."""
    tasks = [
        (title, text, address) for permission, title, text, address in _tasks() if can(permission)
    ]
    return render_template("pages/work_area.html", tasks=tasks)


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


def _tasks() -> list[tuple[str, str, str, str]]:
    """What roles can do here: (permission, title, what it is for, address)."""
    return [
        (
            "ballot.cast",
            _("Vote"),
            _("Motions that are open, and how your delegation voted."),
            url_for("voting.index"),
        ),
        (
            "consultation.manage",
            _("Consultations"),
            _("Begin consultations, build questionnaires, invite, look at what comes in."),
            url_for("consultation_desk.index"),
        ),
        (
            "statement.moderate",
            _("Statements"),
            _("Look at what participants added before others are asked about it."),
            url_for("moderation_desk.index"),
        ),
        (
            "roadmap.edit",
            _("Roadmaps"),
            _("From evidence and proposals to the next edition; what if, wording, review."),
            url_for("roadmap_desk.index"),
        ),
        (
            "motion.manage",
            _("Motions"),
            _("Put a motion before the member states, open and close the vote."),
            url_for("voting.index"),
        ),
        (
            "federation.manage",
            _("Federation"),
            _("Nodes that collect responses and send suppressed counts."),
            url_for("federation.index"),
        ),
        (
            "audit.read",
            _("Audit log"),
            _("What was done, by which role, sealed and chained."),
            url_for("audit.index"),
        ),
    ]
