"""The desk's page about unusual responses: which marks they bear, and what would be without."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe
from app.i18n import current_language, localized, localized_lang
from app.marks_report import campaigns_disclosed, find_report, make_report
from app.results_figures import option_labels
from core.audit import record_event
from core.clock import utc_now
from core.errors import WaymarkError
from surveys.consultations import get_consultation, phase_of
from surveys.counting.unusual import LEAST_DISCLOSED, disclosed_campaigns, read_sample
from surveys.errors import ConsultationNotFound
from surveys.models import Consultation
from surveys.results import read_results

blueprint = Blueprint("marks_desk", __name__, url_prefix="/desk/consultations/<slug>/marks")

# Campaigns whose words are shown; the others are in `flask surveys marks --json`.
_SHOWN = 20


@blueprint.record_once
def _register(state: Any) -> None:
    app: Flask = state.app
    app.jinja_env.globals["campaigns_disclosed"] = campaigns_disclosed


@blueprint.get("/")
@requires("results.read_exact")
def show(slug: str) -> str:
    """The report as it was made last."""
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    report = find_report(consultation)
    if report is None:
        return render_template("marks/show.html", consultation=consultation, report=None)
    campaigns = [
        campaign | {"text": _sample(session, campaign["sample"])}
        for campaign in report["marks"]["identical_text"]["campaigns"][:_SHOWN]
    ]
    return render_template(
        "marks/show.html", consultation=consultation, report=report, campaigns=campaigns,
        titles=_titles(session, consultation), questions=_in_words(session, consultation, report),
        disclosed=disclosed_campaigns(report), least_disclosed=LEAST_DISCLOSED,
        closed=phase_of(consultation, now=utc_now()).is_closed,
    )  # fmt: skip


@blueprint.post("/")
@requires("results.read_exact")
def make(slug: str) -> Response:
    """Make the report anew."""
    try:
        report = make_report(slug=slug, now=utc_now())
        record_event(
            write_session(), name="marks.reported", actor=current_actor(), now=utc_now(),
            subject=f"consultation:{report['slug']}",
            data={"responses": report["responses"], "marked": report["marked"]["responses"]},
        )  # fmt: skip
        commit()
    except ConsultationNotFound:
        raise
    except WaymarkError as refusal:
        flash(" ".join(describe(refusal)), "error")
    else:
        flash(_("The report is up to date."), "success")
    return redirect(url_for("marks_desk.show", slug=slug), 303)


def _sample(session: Session, sample: dict[str, str]) -> str:
    return read_sample(session, response_id=UUID(sample["response"]), question=sample["question"])


def _titles(session: Session, consultation: Consultation) -> dict[str, tuple[str, str]]:
    """Question code → its title in the reader's language, and which language that is."""
    entries = read_results(session, consultation=consultation).entries
    return {
        entry.question.code: (localized(entry.question.title), localized_lang(entry.question.title))
        for entry in entries
    }


def _in_words(
    session: Session, consultation: Consultation, report: dict[str, Any]
) -> list[dict[str, Any]]:
    """The report's questions with titles and labels in the reader's language."""
    entries = {e.code: e for e in read_results(session, consultation=consultation).entries}
    questions = []
    for question in report["questions"]:
        entry = entries.get(question["code"])
        if entry is None or len(entry.options) != len(question["options"]):
            questions.append(question | {"lang": ""})
            continue
        language = current_language()
        options = [
            counted | {"label": label}
            for counted, label in zip(question["options"], option_labels(entry), strict=True)
        ]
        questions.append(
            question
            | {
                "title": entry.title.in_language(language),
                "lang": entry.question.title.language_for(language),
                "options": options,
            }
        )
    return questions
