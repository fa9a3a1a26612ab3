"""Adding a statement of one's own to a question: a page and a form that work without JavaScript.

Nothing is begun here and nothing of a draft is touched: the statement goes to the moderators, and
the person back to the section they came from.
"""

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import public
from app.database import commit, write_session
from app.errors import describe, status_of
from app.i18n import current_language
from app.journey import Journey, open_journey
from app.limits import tiered
from app.security import begins_anonymously
from app.statements import add_own, own_left
from core.errors import NotFound, WaymarkError
from surveys.errors import StatementsNotAsked
from surveys.questionnaire import Question

blueprint = Blueprint("own_statements", __name__)

# Of one address: enough for a class in one room, too little to drown the moderators.
_LIMIT = "20 per hour"


@blueprint.get("/consultations/<slug>/answer/statements/<question_code>")
@public
def form(slug: str, question_code: str) -> str:
    journey, question = _find(slug, question_code)
    return _page(journey, question, "", None)


@blueprint.post("/consultations/<slug>/answer/statements/<question_code>")
@public
@begins_anonymously
@tiered(lambda: _LIMIT, "statements")
def add(slug: str, question_code: str) -> Response | tuple[str, int]:
    """Take the field ``text`` as a statement; back to the question, or the form with the fault."""
    journey, question = _find(slug, question_code)
    text = request.form.get("text", "")
    try:
        add_own(journey, question, text)
        commit()
    except WaymarkError as refusal:
        write_session().rollback()
        return _page(journey, question, text, describe(refusal)), status_of(refusal)
    flash(_("Thank you. Your statement is shown to others once it has been looked at."), "success")
    return redirect(_address(journey, question), 303)


def _find(slug: str, code: str) -> tuple[Journey, Question]:
    journey = open_journey(slug)
    question = journey.questionnaire.by_code.get(code)
    if question is None or question.type != "statements" or not journey.route.shows(code):
        raise NotFound(what=_("This question"))
    if not question.allow_own:
        raise StatementsNotAsked
    return journey, question


def _page(journey: Journey, question: Question, text: str, error: tuple[str, str] | None) -> str:
    return render_template(
        "moderation/own.html",
        consultation=journey.consultation,
        question=question,
        title=journey.route.text(question.title, current_language()),
        text=text,
        error=" ".join(error) if error else "",
        left=own_left(journey.consultation.slug, question),
        back=_address(journey, question),
    )


def _address(journey: Journey, question: Question) -> str:
    """Where the question is asked."""
    return journey.address_of(question.code)
