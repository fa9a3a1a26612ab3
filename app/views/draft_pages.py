"""The public draft of a roadmap: read by everybody, commented on in its consultation."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, render_template, url_for
from flask_login import current_user

from app.access import public
from app.caching import cacheable
from app.database import read_session
from app.journey import Journey
from core.clock import utc_now
from roadmap.roadmaps import get_roadmap
from roadmap.writing.participation import PUBLIC_DRAFT, may_take_part
from roadmap.writing.public_draft import find_public_draft
from surveys.consultations import Phase, get_questionnaire, phase_of
from surveys.models import Consultation

blueprint = Blueprint("draft_pages", __name__, url_prefix="/roadmaps/<slug>")


@blueprint.get("/draft")
@public
@cacheable
def draft(slug: str) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    found = find_public_draft(session, roadmap=roadmap)
    if found is None:
        return render_template("writing/no_draft.html", roadmap=roadmap)
    consultation = (
        session.get(Consultation, found.consultation_id) if found.consultation_id else None
    )
    phase = phase_of(consultation, now=utc_now()) if consultation else None
    if phase is Phase.PREPARED:  # nobody knows of it yet
        consultation = phase = None
    return render_template(
        "writing/draft.html",
        roadmap=roadmap,
        draft=found,
        document=found.document,
        start=date.fromisoformat(found.document["roadmap"]["start"]),
        consultation=consultation,
        phase=phase,
        places=_places(consultation) if consultation and phase else {},
        may_suggest=current_user.is_authenticated
        and may_take_part(current_user.roles, PUBLIC_DRAFT),
    )


def _places(consultation: Consultation) -> Mapping[str, str]:
    """Where each paragraph or milestone is commented on, by its code.

    For a poll of invited people that is its page: only who holds an invitation gets further.
    """
    if consultation.current_version_id is None:
        return {}
    questionnaire = get_questionnaire(read_session(), version_id=consultation.current_version_id)
    journey = Journey(consultation, questionnaire, None)
    page = url_for("consultations.show", slug=consultation.slug)
    places: dict[str, str] = {}
    for question in questionnaire.questions:
        if question.type != "paragraph_comments":
            continue
        address = journey.address_of(question.code)
        for place, option in enumerate(question.options, start=1):
            places.setdefault(
                option.code, page if consultation.kind == "targeted" else f"{address}-{place}"
            )
    return places
