"""Answering: background, section by section, review, submit.

A citizen submits in ``submit`` → ``surveys.responses.submit_response`` → commit → receipt.
"""

from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import public
from app.answer_sheet import question_code
from app.answer_words import answer_lines
from app.answered import answered_parts
from app.caching import cacheable
from app.database import commit, end_writing, read_session, write_session
from app.errors import describe, status_of
from app.forms import read_answers
from app.i18n import choose_language, current_language, speak
from app.journey import (
    ABOUT_YOU,
    ALL_QUESTIONS,
    REVIEW,
    Journey,
    QuestionPage,
    begin_journey,
    code_in_cookie,
    open_journey,
    with_code,
)
from app.limits import saves_answers, sends_response
from app.page_saving import save_page
from app.presentation import (
    PROFILE_LABELS,
    PROFILE_PROBLEMS,
    RESPONDENT_TYPE_LABELS,
    SCOPE_LABELS,
    SIZE_LABELS,
    country_choices,
    problem_text,
    profile_value,
)
from app.proof import examine_proof
from app.question_pages import render_page, step_context
from app.security import begins_anonymously
from core.clock import utc_now
from core.errors import NotFound
from core.text import LANGUAGES
from surveys.consultations import get_consultation, get_questionnaire, phase_of
from surveys.drafts import find_draft, save_profile
from surveys.errors import (
    ConsultationFull,
    DraftNotFound,
    InvalidAnswers,
    InvalidProfile,
    NotOpen,
    ProofRefused,
)
from surveys.profile import FIELDS, clean_profile
from surveys.responses import submit_response
from surveys.validation import unreachable_codes, validate

blueprint = Blueprint("responses", __name__)

SAVE_AS_ONE_GOES = "draft"  # the action a script sends while somebody is answering


@blueprint.errorhandler(NotOpen)
def _closed(error: NotOpen) -> Response:
    """Who was still answering when the consultation closed gets back what the page held."""
    write_session().rollback()
    session, slug = read_session(), (request.view_args or {})["slug"]
    consultation = get_consultation(session, slug=slug)
    code = code_in_cookie(slug)
    draft = find_draft(session, consultation=consultation, code=code) if code else None
    typed: list[tuple[str, list[str]]] = []
    if draft is not None and request.method == "POST":
        questionnaire = get_questionnaire(session, version_id=draft.version_id)
        _codes, given = read_answers(request.form, questionnaire.questions, before=draft.answers)
        wrong = {
            question_code(questionnaire, problem.code)
            for problem in validate(questionnaire, given, complete=False)
        }
        typed = [
            (
                question.title.in_language(current_language()),
                request.form.getlist(question.code)
                if question.code in wrong
                else list(answer_lines(question, given)),
            )
            for question in questionnaire.questions
            if question.code in given
        ]
    page = render_template(
        "responses/closed.html", consultation=consultation, typed=typed,
        full=describe(error) if isinstance(error, ConsultationFull) else (),
        has_draft=draft is not None,
        closed=phase_of(consultation, now=utc_now()).is_closed,
        contact=current_app.config["WAYMARK_SETTINGS"].contact_email,
    )  # fmt: skip
    g.error_code = error.code
    answer = make_response(page, status_of(error))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.get("/consultations/<slug>/answer")
@public
@cacheable
def start(slug: str) -> Response:
    """Go to the first step."""
    journey = open_journey(slug)
    return redirect(journey.address(journey.steps[0]), 303)


@blueprint.get("/consultations/<slug>/answer/about-you")
@public
@cacheable
def about_you(slug: str) -> str:
    journey = open_journey(slug)
    return _profile_page(journey, journey.draft.profile if journey.draft else {}, {})


@blueprint.post("/consultations/<slug>/answer/about-you")
@public
@begins_anonymously
@saves_answers
def save_about_you(slug: str) -> Response | tuple[str, int]:
    journey, code = begin_journey(slug)
    profile, problems = clean_profile(request.form)
    assert journey.draft is not None
    save_profile(journey.draft, profile=profile, now=utc_now())
    commit()
    kind, _colon, language = _action().partition(":")
    if kind == "language" and language in LANGUAGES:
        answer = redirect(journey.address(ABOUT_YOU), 303)
        return with_code(choose_language(answer, language), slug, code)  # type: ignore[no-any-return]
    if problems and _action() == "next":
        given = {field: request.form.get(field, "") for field in FIELDS}
        page = _profile_page(journey, given, problems)
        return with_code(make_response(page, 422), slug, code)  # type: ignore[return-value]
    return _onward(journey, ABOUT_YOU, code)


@blueprint.get("/consultations/<slug>/answer/section/<section_code>")
@public
@cacheable
def section(slug: str, section_code: str) -> str | Response:
    journey = open_journey(slug)
    page = _get_page(journey, section_code)
    if page.step == ALL_QUESTIONS:
        return redirect(f"{journey.address(ALL_QUESTIONS)}#s-{section_code}", 303)
    return _show_page(journey, page)


@blueprint.get("/consultations/<slug>/answer/questions")
@public
@cacheable
def all_questions(slug: str) -> str | Response:
    """All sections on one page, where the questionnaire is laid out so."""
    journey = open_journey(slug)
    if journey.pages[0].step != ALL_QUESTIONS:
        return redirect(journey.address(journey.steps[0]), 303)
    return _show_page(journey, journey.pages[0])


@blueprint.post("/consultations/<slug>/answer/section/<section_code>")
@public
@begins_anonymously
@saves_answers
def save_answers(slug: str, section_code: str) -> Response:
    journey, code = begin_journey(slug)
    return _save_page(journey, _get_page(journey, section_code), code)


@blueprint.post("/consultations/<slug>/answer/questions")
@public
@begins_anonymously
@saves_answers
def save_all_questions(slug: str) -> Response:
    journey, code = begin_journey(slug)
    return _save_page(journey, journey.pages[0], code)


def _show_page(journey: Journey, page: QuestionPage) -> str | Response:
    if page.step not in journey.steps:
        return redirect(journey.address(journey.after(page.step)), 303)
    return render_page(journey, page)


def _save_page(journey: Journey, page: QuestionPage, code: str) -> Response:
    """Save what this page asked. Faults are shown at once; what is right is saved all the same."""
    saved = save_page(journey, page)
    end_writing()
    slug, action = journey.consultation.slug, _action()
    if action == SAVE_AS_ONE_GOES:
        answer = make_response(saved.fragment())
        answer.headers["X-Waymark-Draft"] = saved.journey.local_id
        return with_code(answer, slug, code)  # type: ignore[no-any-return]
    kind, _colon, detail = action.partition(":")
    if kind == "language" and detail in LANGUAGES and not saved.conflicts:
        answer = redirect(saved.journey.address(page.step), 303)
        return with_code(choose_language(answer, detail), slug, code)  # type: ignore[no-any-return]
    if action == "next":
        saved = saved.with_gaps()
    if saved.problems or saved.conflicts:
        return with_code(make_response(saved.page_again(), 422), slug, code)  # type: ignore[no-any-return]
    if kind in ("more", "upload"):
        return with_code(redirect(_beside(saved.journey, kind, detail), 303), slug, code)  # type: ignore[no-any-return]
    if action == "next" and saved.opened and saved.names_asked:
        flash(_("Your answers opened further questions on this page."), "info")
        return with_code(redirect(saved.journey.address(page.step), 303), slug, code)  # type: ignore[no-any-return]
    return _onward(saved.journey, page.step, code)


def _beside(journey: Journey, kind: str, question_code: str) -> str:
    """Where a button of one question leads: to the page that takes files, or back to the page."""
    if question_code not in journey.questionnaire.by_code:
        raise NotFound(what=_("This question"))
    if kind == "upload":
        return url_for("uploads.form", slug=journey.consultation.slug, question_code=question_code)
    return journey.address_of(question_code)


@blueprint.get("/consultations/<slug>/answer/review")
@public
def review(slug: str) -> str | Response:
    journey = open_journey(slug)
    if journey.draft is None:
        return redirect(journey.address(journey.steps[0]), 303)
    return _review_page(journey, {}, {})


@blueprint.post("/consultations/<slug>/answer/review")
@public
@sends_response
def submit(slug: str) -> Response | tuple[str, int]:
    """Submit the draft; the same draft sent twice leads to the same receipt."""
    code = code_in_cookie(slug)
    if not code:
        raise DraftNotFound
    kind, _colon, language = _action().partition(":")
    if kind == "language" and language in LANGUAGES:
        # Nothing here is kept before it is sent: what was chosen goes along with the page.
        speak(language)
        journey = open_journey(slug)
        if journey.draft is None:
            raise DraftNotFound
        return choose_language(
            make_response(_review_page(journey, {}, dict(request.form))), language
        )
    examined = examine_proof(slug, code)
    try:
        receipt = submit_response(
            write_session(),
            code=code,
            publication=request.form.get("publication", ""),
            consent=request.form.get("consent") == "yes",
            first_name=request.form.get("first_name", ""),
            surname=request.form.get("surname", ""),
            language=current_language(),
            now=utc_now(),
            proof_fault=examined.fault,
            seconds=examined.seconds,
            purposes=request.form.getlist("purposes"),
        )
        commit()
    except (InvalidProfile, InvalidAnswers, ProofRefused) as refusal:
        write_session().rollback()
        problems = refusal.problems if isinstance(refusal, InvalidProfile) else {}
        return _review_page(open_journey(slug), problems, dict(request.form)), 422
    return redirect(url_for("receipts.receipt", key=receipt.key), 303)


def _action() -> str:
    return request.form.get("action", "next")


def _onward(journey: Journey, step: str, code: str) -> Response:
    """Where the pressed button leads."""
    slug = journey.consultation.slug
    targets = {
        "back": lambda: journey.address(journey.before(step)),
        "later": lambda: url_for("resuming.saved", slug=slug),
    }
    target = targets.get(_action(), lambda: journey.address(journey.after(step)))()
    return with_code(redirect(target, 303), slug, code)


def _get_page(journey: Journey, section_code: str) -> QuestionPage:
    page = journey.find_page(section_code)
    if page is None:
        raise NotFound(what=_("This section"))
    return page


def _profile_page(journey: Journey, given: dict[str, Any], problems: dict[str, str]) -> str:
    return render_template(
        "responses/about_you.html",
        **step_context(journey, ABOUT_YOU),
        given=given,
        problems={field: str(PROFILE_PROBLEMS[reason]) for field, reason in problems.items()},
        respondent_types=[(k, v) for k, v in RESPONDENT_TYPE_LABELS.items() if k != "unknown"],
        sizes=[(k, v) for k, v in SIZE_LABELS.items() if k != "unknown"],
        scopes=list(SCOPE_LABELS.items()),
        countries=country_choices(),
        labels=PROFILE_LABELS,
    )


def _review_page(journey: Journey, problems: dict[str, str], given: dict[str, Any]) -> str:
    answers, questionnaire = journey.answers, journey.questionnaire
    profile: dict[str, str] = journey.draft.profile if journey.draft else {}
    language = current_language()
    missing = validate(
        questionnaire, answers, complete=True, route_taken=journey.route, language=language
    )
    return render_template(
        "responses/review.html",
        **step_context(journey, REVIEW),
        parts=answered_parts(questionnaire, answers, journey.route, address_of=journey.address_of),
        profile=[
            (label, profile_value(field, profile.get(field)))
            for field, label in PROFILE_LABELS.items()
            if profile.get(field)
        ],
        missing=[
            (problem_text(problem), _title(journey, problem.code), journey.address_of(code))
            for problem in missing
            if (code := question_code(questionnaire, problem.code)) in questionnaire.by_code
        ],
        incomplete_profile=(clean_profile(profile)[1] if journey.consultation.asks_profile else {}),
        left_out=[_title(journey, code) for code in unreachable_codes(questionnaire, answers)],
        problems={
            field: str(PROFILE_PROBLEMS.get(reason, reason)) for field, reason in problems.items()
        },
        given=given,
        about_you=journey.address(ABOUT_YOU),
        replaces=journey.draft is not None and journey.draft.replaces is not None,
        purposes=request.form.getlist("purposes"),
    )


def _title(journey: Journey, where: str) -> str:
    questionnaire = journey.questionnaire
    question = questionnaire.by_code.get(question_code(questionnaire, where))
    return journey.route.text(question.title, current_language()) if question else where
