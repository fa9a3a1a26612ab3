"""The secretariat's desk for consultations: where each stands, its audience, dates and report."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from core.clock import utc_now
from core.errors import InvalidInput, WaymarkError
from core.text import LANGUAGES, LocalizedText
from surveys.consultations import (
    get_consultation,
    list_consultations,
    phase_of,
    schedule_consultation,
)
from surveys.inviting.invitations import count_invitations
from surveys.making.building import find_draft_version, find_issues
from surveys.making.editing import questions_of
from surveys.making.translation import Completeness, completeness_of
from surveys.models import Consultation, QuestionnaireVersion
from surveys.phases import (
    extend_consultation,
    is_full,
    report_on_consultation,
    set_audience,
    steps_of,
)
from surveys.quotas import list_quotas
from surveys.statements import count_statements
from surveys.time_zones import InvalidTime, clean_time_zone, list_time_zones, parse_moment

blueprint = Blueprint("consultation_desk", __name__, url_prefix="/desk/consultations")


@dataclass(frozen=True, slots=True)
class QuestionnaireState:
    """Where a consultation's questionnaire stands, in a line.

    ``completeness`` is by language, of the version in the making or else of the published one;
    ``problems`` counts what keeps the version in the making from being published.
    """

    published: QuestionnaireVersion | None
    draft: QuestionnaireVersion | None
    questions: int
    problems: int
    completeness: dict[str, Completeness]


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
    return _page(slug, None)


@blueprint.post("/<slug>/schedule")
@requires("consultation.manage")
def schedule(slug: str) -> Response | tuple[str, int]:
    """Set both dates, in the time zone chosen beside them."""
    session = write_session()
    try:
        zone = clean_time_zone(request.form.get("time_zone", "UTC"), where=_("Time zone"))
        schedule_consultation(
            session,
            consultation=get_consultation(session, slug=slug),
            opens_at=_moment("opens_at", _("Opens"), zone) or utc_now(),
            closes_at=_moment("closes_at", _("Closes"), zone),
            retained_until=_day("retained_until", _("Responses are kept until")),
            time_zone=zone,
            actor=current_actor(),
            now=utc_now(),
        )
        commit()
    except WaymarkError as refusal:
        return _refused(slug, refusal)
    flash(_("The dates are set; it opens and closes by itself."), "success")
    return _back(slug)


@blueprint.post("/<slug>/extend")
@requires("consultation.manage")
def extend(slug: str) -> Response | tuple[str, int]:
    """Move the closing later; the page keeps the one first announced beside it."""
    session = write_session()
    try:
        consultation = get_consultation(session, slug=slug)
        field = _("New closing")
        closes_at = _moment("extended_to", field, consultation.time_zone)
        if closes_at is None:
            raise InvalidInput(where=field, reason=_("expected a date and time"))
        extend_consultation(
            session, consultation=consultation, closes_at=closes_at, actor=current_actor(),
            now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        return _refused(slug, refusal)
    flash(_("The consultation is extended; its page says so."), "success")
    return _back(slug)


@blueprint.post("/<slug>/report")
@requires("consultation.manage")
def report(slug: str) -> Response | tuple[str, int]:
    """Publish, or correct, what was made of the input."""
    session = write_session()
    try:
        consultation = get_consultation(session, slug=slug)
        texts = {
            language: request.form.get(f"report_{language}", "")
            for language in report_languages(consultation)
        }
        report_on_consultation(
            session, consultation=consultation, actor=current_actor(), now=utc_now(),
            report=LocalizedText({code: text for code, text in texts.items() if text.strip()}),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        return _refused(slug, refusal)
    flash(_("The report is published."), "success")
    return _back(slug)


@blueprint.post("/<slug>/audience")
@requires("consultation.manage")
def audience(slug: str) -> Response | tuple[str, int]:
    """Who may answer, and what is promised to them; until it opens."""
    session = write_session()
    try:
        set_audience(
            session,
            consultation=get_consultation(session, slug=slug),
            kind=request.form.get("kind", ""),
            anonymity=request.form.get("anonymity", ""),
            actor=current_actor(),
            now=utc_now(),
        )
        commit()
    except WaymarkError as refusal:
        return _refused(slug, refusal)
    flash(_("Who may answer, and what is promised, is set."), "success")
    return _back(slug)


def report_languages(consultation: Consultation) -> list[str]:
    """The languages of the consultation, its first one in front; those of its report as well."""
    known = [*consultation.title, *(consultation.report or {})]
    return [code for code in dict.fromkeys(known) if code in LANGUAGES] or ["en"]


def _moment(field: str, label: str, zone: str) -> datetime | None:
    """A field of type datetime-local, as the clocks of ``zone`` show it; None when it is empty."""
    typed = request.form.get(field, "").strip()
    if not typed:
        return None
    return parse_moment(
        typed, time_zone=zone, where=label, occurrence=request.form.get(f"{field}_occurrence")
    )


def _day(field: str, label: str) -> date | None:
    typed = request.form.get(field, "").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise InvalidInput(where=label, reason=_("expected a date such as 2026-11-22")) from None


def _back(slug: str) -> Response:
    return redirect(url_for("consultation_desk.show", slug=slug), 303)


def _refused(slug: str, refusal: WaymarkError) -> tuple[str, int]:
    write_session().rollback()
    return _page(slug, refusal), status_of(refusal)


def _questionnaire_state(consultation: Consultation) -> QuestionnaireState:
    published = next(
        (v for v in consultation.versions if v.id == consultation.current_version_id), None
    )
    draft = find_draft_version(read_session(), consultation=consultation)
    shown = draft or published
    document = shown.definition if shown else None
    return QuestionnaireState(
        published,
        draft,
        sum(1 for _question in questions_of(document)) if document else 0,
        sum(1 for issue in find_issues(draft.definition) if issue.blocks) if draft else 0,
        completeness_of(document) if document else {},
    )


def _page(slug: str, refusal: WaymarkError | None) -> str:
    """The consultation's page. What was typed is shown again beside the reason of a refusal."""
    session = read_session()
    now = utc_now()
    consultation = get_consultation(session, slug=slug)
    phase = phase_of(consultation, now=now)
    return render_template(
        "desk/show.html",
        consultation=consultation,
        phase=phase,
        steps=steps_of(consultation, now=now) if phase != "prepared" else [],
        full=is_full(consultation, now=now),
        questionnaire=_questionnaire_state(consultation),
        waiting=count_statements(session).get(consultation.id),
        invitations=count_invitations(session, consultation=consultation),
        quotas=list_quotas(session, consultation=consultation),
        zones=list_time_zones(),
        report_languages=report_languages(consultation),
        typed=request.form if refusal is not None else {},
        error=describe(refusal) if refusal is not None else None,
        twice=isinstance(refusal, InvalidTime) and refusal.twice,
    )
