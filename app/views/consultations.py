"""Finding a consultation: the list, and the page of each."""

from datetime import datetime

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.access import public
from app.caching import cacheable
from app.database import read_session
from core.clock import utc_now
from roadmap.proposals.feedback import roadmaps_of
from surveys.consultations import (
    Phase,
    get_consultation,
    get_questionnaire,
    list_consultations,
    phase_of,
)
from surveys.effort import minutes_for
from surveys.errors import ConsultationNotFound
from surveys.models import Consultation
from surveys.phases import ends_at, is_extended, is_full, steps_of
from surveys.routing import route

blueprint = Blueprint("consultations", __name__, url_prefix="/consultations")

# The groups of the list, in their order; ``?show=`` names one of them.
_GROUPS: dict[str, tuple[Phase, ...]] = {
    "open": (Phase.OPEN, Phase.EXTENDED),
    "announced": (Phase.ANNOUNCED,),
    "closed": (Phase.CLOSED,),
    "reported": (Phase.REPORTED,),
}


@blueprint.get("/")
@public
@cacheable
def index() -> str:
    """What can be answered now comes first, and of that what closes first."""
    now = utc_now()
    shown = [
        (consultation, phase_of(consultation, now=now))
        for consultation in list_consultations(read_session())
    ]
    groups = {
        name: sorted(
            (entry for entry in shown if entry[1] in phases),
            key=lambda entry: _urgency(*entry, now=now),
        )
        for name, phases in _GROUPS.items()
    }
    chosen = request.args.get("show", "")
    return render_template(
        "consultations/index.html",
        groups={chosen: groups[chosen]} if chosen in groups else groups,
        counts={name: len(entries) for name, entries in groups.items()},
        chosen=chosen if chosen in groups else "",
    )


@blueprint.get("/<slug>")
@public
@cacheable
def show(slug: str) -> str | Response:
    session = read_session()
    now = utc_now()
    consultation = get_consultation(session, slug=slug)
    phase = phase_of(consultation, now=now)
    if phase is Phase.PREPARED or consultation.current_version_id is None:
        raise ConsultationNotFound(slug=slug)
    questionnaire = get_questionnaire(session, version_id=consultation.current_version_id)
    asked = [q for q in questionnaire.questions if q.type not in ("information", "calculation")]
    begun = route(questionnaire, {})
    return render_template(
        "consultations/show.html",
        consultation=consultation,
        phase=phase,
        steps=steps_of(consultation, now=now),
        extended=is_extended(consultation),
        full=is_full(consultation, now=now),
        questionnaire=questionnaire,
        question_count=len(asked),
        # As the first page of answering says it, before anything is answered.
        minutes=minutes_for(filter(lambda q: begun.shows(q.code), questionnaire.questions))
        + consultation.asks_profile,
        roadmaps=roadmaps_of(session, consultation.id),
    )


def _urgency(consultation: Consultation, phase: Phase, *, now: datetime) -> tuple[float, str]:
    """Open: what closes first; announced: what opens first; over: what ended last."""
    if phase.is_open:
        moment = consultation.closes_at
        return (moment.timestamp() if moment else float("inf"), consultation.slug)
    if phase is Phase.ANNOUNCED and consultation.opens_at is not None:
        return (consultation.opens_at.timestamp(), consultation.slug)
    ended = ends_at(consultation, now=now)
    return (-ended.timestamp() if ended else 0.0, consultation.slug)
