"""Answering: background, section by section, review, submit.

A citizen submits in ``submit`` → ``surveys.responses.submit_response`` → commit → receipt.
"""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import public
from app.caching import cacheable, is_anonymous_reader, shared_page
from app.database import commit, write_session
from app.forms import names_asked, read_answers
from app.i18n import current_language
from app.journey import (
    ABOUT_YOU,
    REVIEW,
    Journey,
    answer_language,
    answered_parts,
    begin_journey,
    code_in_cookie,
    open_journey,
    with_code,
)
from app.limits import saves_answers, sends_response
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
from app.security import begins_anonymously
from core.clock import utc_now
from core.errors import NotFound
from surveys.drafts import save_profile, save_section
from surveys.errors import DraftNotFound, InvalidAnswers, InvalidProfile, ProofRefused
from surveys.profile import FIELDS, clean_profile
from surveys.questionnaire import Questionnaire, Section
from surveys.responses import submit_response
from surveys.validation import Problem, unreachable_codes, validate

blueprint = Blueprint("responses", __name__)


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
    part = _get_section(journey.questionnaire, section_code)
    if f"section/{part.code}" not in journey.steps:
        return redirect(journey.address(journey.after(f"section/{part.code}")), 303)
    return _section_page(journey, part, journey.answers, ())


@blueprint.post("/consultations/<slug>/answer/section/<section_code>")
@public
@begins_anonymously
@saves_answers
def save_answers(slug: str, section_code: str) -> Response | tuple[str, int]:
    """Save what this page asked. Faults are shown at once; what is right is saved all the same."""
    journey, code = begin_journey(slug)
    assert journey.draft is not None
    part = _get_section(journey.questionnaire, section_code)
    codes, given = read_answers(request.form, part.questions, before=journey.answers)
    asked = names_asked(request.form)
    saved = save_section(
        write_session(), draft=journey.draft, codes=codes, given=given,
        language=answer_language(journey.questionnaire), now=utc_now(),
    )  # fmt: skip
    commit()
    journey = Journey(journey.consultation, journey.questionnaire, saved.draft)
    opened = {
        name
        for question in part.questions
        for name in (question.code, *(f"{question.code}.{row.code}" for row in question.rows))
        if journey.route.shows(name)
    } - asked
    problems = list(saved.problems)
    if _action() == "next":
        known = {problem.code for problem in problems}
        problems += [
            problem
            for problem in _section_problems(journey, part)
            if problem.code not in known and problem.code.split(".")[0] not in opened
        ]
    if problems:
        page = _section_page(journey, part, journey.answers | given, problems)
        return with_code(make_response(page, 422), slug, code)  # type: ignore[return-value]
    if opened and asked:
        flash(_("Your answers opened further questions on this page."), "info")
        return with_code(redirect(journey.address(f"section/{part.code}"), 303), slug, code)
    return _onward(journey, f"section/{part.code}", code)


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


def _get_section(questionnaire: Questionnaire, code: str) -> Section:
    for part in questionnaire.sections:
        if part.code == code:
            return part
    raise NotFound(what=_("This section"))


def _section_problems(journey: Journey, part: Section) -> list[Problem]:
    """What keeps this section from being complete."""
    codes = {question.code for question in part.questions}
    codes |= {question.other_code for question in part.questions if question.other}
    return [
        problem
        for problem in validate(
            journey.questionnaire, journey.answers, complete=True, route_taken=journey.route
        )
        if problem.code in codes or problem.code.split(".")[0] in codes
    ]


def _profile_page(journey: Journey, given: dict[str, Any], problems: dict[str, str]) -> str:
    return render_template(
        "responses/about_you.html",
        **_step_context(journey, ABOUT_YOU),
        given=given,
        problems={field: str(PROFILE_PROBLEMS[reason]) for field, reason in problems.items()},
        respondent_types=[(k, v) for k, v in RESPONDENT_TYPE_LABELS.items() if k != "unknown"],
        sizes=[(k, v) for k, v in SIZE_LABELS.items() if k != "unknown"],
        scopes=list(SCOPE_LABELS.items()),
        countries=country_choices(),
        labels=PROFILE_LABELS,
    )


def _section_page(journey: Journey, part: Section, answers: dict[str, Any], problems: Any) -> str:
    names = [
        name
        for question in part.questions
        for name in (question.code, *(f"{question.code}.{row.code}" for row in question.rows))
        if journey.route.shows(name)
    ]
    step = f"section/{part.code}"

    def render(token: str) -> str:
        return _render_section(journey, part, names, answers, problems, token)

    touched = answers.keys() & {
        name for question in part.questions for name in (question.code, question.other_code)
    }
    if journey.draft is None or problems or touched:
        return render("")
    # Nothing of the respondent's is on it yet. Which questions are asked depends on their answers.
    position = journey.steps.index(step) if step in journey.steps else 0
    key = (journey.draft.version_id, step, position, len(journey.steps), *names)
    return shared_page(key, render)


def _render_section(
    journey: Journey,
    part: Section,
    names: list[str],
    answers: dict[str, Any],
    problems: Any,
    token: str,
) -> str:
    return render_template(
        "responses/section.html",
        **_step_context(journey, f"section/{part.code}"),
        token=token,
        section=part,
        questions=[q for q in part.questions if journey.route.shows(q.code)],
        shows=journey.route.shows,
        asked=" ".join(names),
        answers=answers,
        problems={problem.code: problem_text(problem) for problem in reversed(list(problems))},
    )


def _review_page(journey: Journey, problems: dict[str, str], given: dict[str, Any]) -> str:
    answers = journey.answers
    profile: dict[str, str] = journey.draft.profile if journey.draft else {}
    missing = validate(journey.questionnaire, answers, complete=True, route_taken=journey.route)
    sections = {q.code: s.code for s in journey.questionnaire.sections for q in s.questions}
    incomplete_profile = clean_profile(profile)[1] if journey.consultation.asks_profile else {}
    return render_template(
        "responses/review.html",
        **_step_context(journey, REVIEW),
        parts=answered_parts(journey.questionnaire, answers, journey.route),
        profile=[
            (label, profile_value(field, profile.get(field)))
            for field, label in PROFILE_LABELS.items()
            if profile.get(field)
        ],
        missing=[
            (
                problem_text(problem),
                _question_title(journey.questionnaire, problem.code),
                journey.address(f"section/{sections[_question_code(journey, problem.code)]}")
                + f"#q-{_question_code(journey, problem.code)}",
            )
            for problem in missing
            if _question_code(journey, problem.code) in sections
        ],
        incomplete_profile=incomplete_profile,
        left_out=[
            journey.questionnaire.by_code[code.split(".")[0]].title
            for code in unreachable_codes(journey.questionnaire, answers)
            if code.split(".")[0] in journey.questionnaire.by_code
        ],
        problems={field: str(PROFILE_PROBLEMS[reason]) for field, reason in problems.items()},
        given=given,
        about_you=journey.address(ABOUT_YOU),
    )


def _step_context(journey: Journey, step: str) -> dict[str, Any]:
    steps = journey.steps
    position = steps.index(step) if step in steps else 0
    return {
        "consultation": journey.consultation,
        "questionnaire": journey.questionnaire,
        "step": step,
        "position": position + 1,
        "step_count": len(steps),
        "first": position == 0,
        "action_address": journey.address(step),
        # A page everybody shares carries no token; one that answers a form belongs to somebody.
        "with_token": request.method == "POST" or not is_anonymous_reader(),
        "has_draft": journey.draft is not None,
        "languages": journey.questionnaire.languages,
    }


def _question_code(journey: Journey, where: str) -> str:
    by_other = journey.questionnaire.by_other_code
    return by_other[where].code if where in by_other else where.split(".")[0]


def _question_title(questionnaire: Questionnaire, where: str) -> Any:
    question = questionnaire.by_other_code.get(where) or questionnaire.by_code.get(
        where.split(".")[0]
    )
    return question.title if question else None
