"""The moderators' desk: what participants added, one by one or many at once, with undo."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from core.clock import utc_now
from core.errors import WaymarkError
from core.text import LocalizedText
from surveys.consultations import (
    get_consultation,
    get_questionnaire,
    list_consultations,
)
from surveys.models import Consultation, Statement
from surveys.questionnaire import Question
from surveys.statement_order import Judged
from surveys.statement_text import SimilarStatements
from surveys.statements import (
    STATUSES,
    Moderated,
    Status,
    count_judgements,
    count_statements,
    list_statements,
    moderate_statements,
    reword_statement,
    undo_moderation,
)

blueprint = Blueprint("moderation_desk", __name__, url_prefix="/desk/statements")

PAGE_SIZE = 50
# What was just done, in the moderator's browser, so that it can be undone.
_UNDO = "moderation_undo"


@dataclass(frozen=True, slots=True)
class Card:
    """A statement on the desk, with those it is like: (text, status or "" for a listed one)."""

    statement: Statement
    question: str
    similar: tuple[tuple[LocalizedText, str], ...]
    judged: Judged


@blueprint.get("/")
@requires("statement.moderate")
def index() -> str:
    """Consultations with statements of participants, those with most waiting first."""
    counts = count_statements(read_session())
    known = [(c, counts[c.id]) for c in list_consultations(read_session()) if c.id in counts]
    known.sort(key=lambda entry: -entry[1]["pending"])
    return render_template("moderation/index.html", consultations=known)


@blueprint.get("/<slug>")
@requires("statement.moderate")
def show(slug: str) -> str:
    return _page(slug, _status(), None, {})


@blueprint.post("/<slug>")
@requires("statement.moderate")
def decide(slug: str) -> Response | tuple[str, int]:
    """Do with the statements ticked what the button says: accepted, rejected or pending."""
    codes = request.form.getlist("code")
    decision = request.form.get("decision", "")
    if not codes:
        message = (_("No statement is chosen."), _("Tick one or more, then decide."))
        return _page(slug, _status(), message, {}), 422
    database = write_session()
    try:
        done = moderate_statements(
            database,
            consultation=get_consultation(database, slug=slug),
            codes=codes,
            decision=decision,  # type: ignore[arg-type] # refused there if it is no status
            reason=request.form.get("reason", ""),
            actor=current_actor(),
            now=utc_now(),
        )
        commit()
    except WaymarkError as refusal:
        database.rollback()
        return _page(slug, _status(), describe(refusal), dict(request.form)), status_of(refusal)
    session[_UNDO] = {"slug": slug, "before": dict(done.before), "status": done.status}
    return redirect(_address(slug), 303)


@blueprint.post("/<slug>/undo")
@requires("statement.moderate")
def undo(slug: str) -> Response:
    """Take back what this moderator did last, as far as nobody changed it since."""
    last = session.pop(_UNDO, None)
    if not last or last["slug"] != slug:
        return redirect(_address(slug), 303)
    database = write_session()
    restored = undo_moderation(
        database,
        consultation=get_consultation(database, slug=slug),
        done=Moderated(last["before"], last["status"]),
        actor=current_actor(),
        now=utc_now(),
    )
    commit()
    flash(
        ngettext(
            "%(num)s statement is as it was before.", "%(num)s statements are as they were before.",
            restored,
        ),
        "success",
    )  # fmt: skip
    return redirect(_address(slug), 303)


@blueprint.post("/<slug>/<code>/reword")
@requires("statement.moderate")
def reword(slug: str, code: str) -> Response | tuple[str, int]:
    """Accept it in other words: a new statement, the first one rejected with the reason."""
    database = write_session()
    try:
        reword_statement(
            database,
            consultation=get_consultation(database, slug=slug),
            code=code,
            text=request.form.get("text", ""),
            reason=request.form.get("reason", ""),
            actor=current_actor(),
            now=utc_now(),
        )
        commit()
    except WaymarkError as refusal:
        database.rollback()
        given = dict(request.form) | {"reworded": code}
        return _page(slug, _status(), describe(refusal), given), status_of(refusal)
    flash(_("The statement is accepted in the new words; the first one is rejected."), "success")
    return redirect(_address(slug), 303)


def _status() -> Status:
    wanted = request.args.get("status", "pending")
    return next((status for status in STATUSES if status == wanted), "pending")


def _address(slug: str) -> str:
    return url_for("moderation_desk.show", slug=slug, status=_status())


def _page(
    slug: str, status: Status, error: tuple[str, str] | None, given: Mapping[str, str]
) -> str:
    database = read_session()
    consultation = get_consultation(database, slug=slug)
    everything = list_statements(database, consultation_id=consultation.id)
    matching = [s for s in everything if s.status == status]
    pages = max(1, -(-len(matching) // PAGE_SIZE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    shown = matching[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    last = session.get(_UNDO) or {}
    return render_template(
        "moderation/show.html",
        consultation=consultation,
        status=status,
        counts={known: sum(s.status == known for s in everything) for known in STATUSES},
        cards=_cards(consultation, everything, shown),
        page=page,
        pages=pages,
        total=len(matching),
        done=last if last.get("slug") == slug and last.get("before") and error is None else None,
        error=error,
        given=given,
        chosen=request.form.getlist("code"),
    )


def _cards(
    consultation: Consultation, everything: list[Statement], shown: list[Statement]
) -> list[Card]:
    """The statements shown, each beside what the question asks that is like it."""
    database = read_session()
    questions: dict[str, Question] = {}
    if consultation.current_version_id is not None:
        questionnaire = get_questionnaire(database, version_id=consultation.current_version_id)
        questions = questionnaire.by_code
    judged = count_judgements(database, consultation_id=consultation.id)
    others: dict[str, dict[str, tuple[LocalizedText, str]]] = {}
    for code in {statement.question for statement in shown}:
        options = questions[code].options if code in questions else ()
        others[code] = {option.code: (option.label, "") for option in options} | {
            s.code: (s.text, s.status) for s in everything if s.question == code
        }
    indexes = {
        question: SimilarStatements(
            (code, text.in_language(text.fallback)) for code, (text, _status) in known.items()
        )
        for question, known in others.items()
    }

    def card(statement: Statement) -> Card:
        asked: Any = questions.get(statement.question)
        text = statement.text.in_language(statement.text.fallback)
        like = indexes[statement.question].like(text, but=statement.code)
        return Card(
            statement=statement,
            question=asked.title if asked else statement.question,
            similar=tuple(others[statement.question][code] for code in like),
            judged=judged.get(f"{statement.question}.{statement.code}", Judged()),
        )

    return [card(statement) for statement in shown]
