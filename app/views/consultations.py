"""Finding a consultation: the list, and the page of each."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.access import public
from app.caching import cacheable
from app.database import read_session
from core.clock import utc_now
from surveys.consultations import (
    Phase,
    get_consultation,
    get_questionnaire,
    list_consultations,
    phase_of,
)
from surveys.errors import ConsultationNotFound

blueprint = Blueprint("consultations", __name__, url_prefix="/consultations")


@blueprint.get("/")
@public
@cacheable
def index() -> str:
    now = utc_now()
    shown = [
        (consultation, phase_of(consultation, now=now))
        for consultation in list_consultations(read_session())
    ]
    return render_template(
        "consultations/index.html",
        consultations=[entry for entry in shown if entry[1] is not Phase.PREPARED],
    )


@blueprint.get("/<slug>")
@public
@cacheable
def show(slug: str) -> str | Response:
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    phase = phase_of(consultation, now=utc_now())
    if phase is Phase.PREPARED or consultation.current_version_id is None:
        raise ConsultationNotFound(slug=slug)
    questionnaire = get_questionnaire(session, version_id=consultation.current_version_id)
    asked = [q for q in questionnaire.questions if q.type != "information"]
    return render_template(
        "consultations/show.html",
        consultation=consultation,
        phase=phase,
        questionnaire=questionnaire,
        question_count=len(asked),
        # A rule of thumb, shown as "about": 20 seconds a closed question, a minute an open one.
        minutes=max(1, round(sum(1 if q.type == "long_text" else 0.33 for q in asked))),
    )
