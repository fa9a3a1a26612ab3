"""The secretariat's desk for evidence: the rules declared, and which question speaks for what."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from core.clock import utc_now
from core.errors import WaymarkError
from roadmap.evidence.declaring import consultation_of, list_rules, offer_rules
from roadmap.evidence.links import can_link, link_evidence, list_links, unlink_evidence
from roadmap.roadmaps import get_roadmap
from surveys.consultations import get_consultation, get_questionnaire, list_consultations
from surveys.models import Consultation
from surveys.questionnaire import Question

blueprint = Blueprint("evidence", __name__, url_prefix="/desk/roadmaps/<slug>/evidence")


@blueprint.get("/")
@requires("evidence.link")
def index(slug: str) -> str:
    return _page(slug, None)


@blueprint.post("/")
@requires("evidence.link")
def link(slug: str) -> Response | tuple[str, int]:
    """Link what the form names; the question field holds ``Q3``, ``Q3.r1`` or ``Q3=option``."""
    session = write_session()
    question, _equals, option = request.form.get("question", "").partition("=")
    subject = request.form.get("subject", "").strip()
    try:
        link_evidence(
            session,
            roadmap=get_roadmap(session, slug=slug),
            subject=subject,
            consultation=get_consultation(session, slug=request.form.get("consultation", "")),
            question=question,
            option=option,
            falling=request.form.get("falling") == "yes",
            left_out=[code for code in request.form.get("left_out", "").split() if code],
            actor=current_actor(),
            now=utc_now(),
        )
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _page(slug, describe(refusal)), status_of(refusal)
    flash(_("The question now speaks for %(subject)s.", subject=subject), "success")
    return redirect(url_for("evidence.index", slug=slug, subject=subject), 303)


@blueprint.post("/<uuid:link_id>/remove")
@requires("evidence.link")
def unlink(slug: str, link_id: UUID) -> Response:
    session = write_session()
    unlink_evidence(
        session, roadmap=get_roadmap(session, slug=slug), link_id=link_id,
        actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    flash(_("The link was removed. Published editions keep what they showed."), "success")
    return redirect(url_for("evidence.index", slug=slug), 303)


def _page(slug: str, error: tuple[str, str] | None) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    consultations = [c for c in list_consultations(session) if c.current_version_id]
    chosen = request.values.get("consultation", "")
    consultation = next((c for c in consultations if c.slug == chosen), None)
    questions: list[tuple[Question, str | None, str]] = []
    if consultation is not None and consultation.current_version_id is not None:
        questionnaire = get_questionnaire(session, version_id=consultation.current_version_id)
        questions = [
            (
                question,
                row.code if row else None,
                f"{question.code}.{row.code}" if row else question.code,
            )
            for question in questionnaire.questions
            if can_link(question)
            for row in (question.rows or (None,))
        ]
    links = [
        (entry, session.get_one(Consultation, entry.consultation_id).slug)
        for entry in list_links(session, roadmap=roadmap)
    ]
    return render_template(
        "evidence/index.html",
        roadmap=roadmap,
        links=links,
        rules=[
            (entry, consultation_of(session, entry))
            for entry in list_rules(session, roadmap=roadmap, ended=True)
        ],
        offers=offer_rules(session, roadmap=roadmap),
        consultations=consultations,
        consultation=consultation,
        questions=questions,
        subject=request.values.get("subject", ""),
        question=request.values.get("question", ""),
        error=error,
    )
