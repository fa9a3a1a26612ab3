"""The pages that ask: what is on one, how it is rendered, and what came back from it."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from flask import render_template, request
from flask_babel import ngettext

from app.answer_sheet import Sheet, depends_on_answers, question_code
from app.answer_words import answer_lines
from app.caching import is_anonymous_reader, shared_page
from app.i18n import current_language
from app.journey import ABOUT_YOU, REVIEW, Journey, QuestionPage
from app.problem_texts import problem_text
from core.text import LANGUAGES
from surveys.effort import minutes_for
from surveys.problems import Problem, is_blank
from surveys.questionnaire import Questionnaire
from surveys.validation import validate

READ = "read"  # hidden field: digests of the answers a page was made with
# Stands in a page many people share where each reader's own id of the draft goes.
_DRAFT_GAP = "waymark-draft-gap"


def step_context(journey: Journey, step: str) -> dict[str, Any]:
    """What every step of answering shows: where one is, how long it still takes."""
    steps = journey.steps
    position = steps.index(step) if step in steps else 0
    left = journey.remaining(step)
    questionnaire = journey.questionnaire
    shown_in = ""
    if current_language() not in questionnaire.languages:
        shown_in = LANGUAGES.get(questionnaire.fallback, questionnaire.fallback)
    return {
        "consultation": journey.consultation,
        "questionnaire": questionnaire,
        "step": step,
        "position": position + 1,
        "step_count": len(steps),
        "first": position == 0,
        "action_address": journey.address(step),
        # A page everybody shares carries no token; one that answers a form belongs to somebody.
        "with_token": request.method == "POST" or not is_anonymous_reader(),
        "has_draft": journey.draft is not None,
        "languages": questionnaire.languages,
        "shown_in": shown_in,
        "offered_languages": _offered(questionnaire),
        "minutes_left": minutes_for(left) + (step == ABOUT_YOU) if step != REVIEW else 0,
        "local_id": journey.local_id,
        "sent_before": journey.sent_before,
    }


def _offered(questionnaire: Questionnaire) -> dict[str, str]:
    """The languages of the questions, by code."""
    return {code: LANGUAGES.get(code, code) for code in questionnaire.languages}


def render_page(
    journey: Journey,
    page: QuestionPage,
    *,
    answers: Mapping[str, Any] | None = None,
    problems: Sequence[Problem] = (),
    conflicts: Sequence[str] = (),
) -> str:
    """A page of questions; from the process cache where nothing on it is the respondent's own."""
    sheet = make_sheet(journey, page, answers=answers, problems=problems, conflicts=conflicts)

    def render(token: str) -> str:
        return render_template("responses/section.html", **_context(sheet, page, token))

    touched = any(
        not is_blank(sheet.answers.get(name))
        for question in page.questions
        for name in (question.code, question.other_code)
    )
    own = touched or problems or conflicts or _depends_on_answers(journey.questionnaire, page)
    if journey.draft is None or own:
        return render("").replace(_DRAFT_GAP, journey.local_id)
    # Nothing of the respondent's is on it yet. Which questions are asked depends on their answers.
    steps = journey.steps
    position = steps.index(page.step) if page.step in steps else 0
    left = minutes_for(journey.remaining(page.step))
    key = (journey.draft.version_id, page.step, position, len(steps), left, *sheet.names)
    return shared_page(key, render).replace(_DRAFT_GAP, journey.local_id)


def render_questions(
    journey: Journey,
    page: QuestionPage,
    *,
    answers: Mapping[str, Any],
    problems: Sequence[Problem],
    conflicts: Sequence[str],
    opened: int,
) -> str:
    """The block of questions alone, for a page that saves as one goes."""
    sheet = make_sheet(journey, page, answers=answers, problems=problems, conflicts=conflicts)
    said = ngettext("%(num)d further question.", "%(num)d further questions.", opened)
    context = _context(sheet, page, "") | {"further": said if opened else ""}
    return render_template("responses/_questions.html", **context)


def make_sheet(
    journey: Journey,
    page: QuestionPage,
    *,
    answers: Mapping[str, Any] | None,
    problems: Sequence[Problem],
    conflicts: Sequence[str],
) -> Sheet:
    by_code = journey.questionnaire.by_code
    return Sheet(
        journey,
        page.sections,
        journey.answers if answers is None else answers,
        _first_at_each(problems, journey),
        {code: answer_lines(by_code[code], journey.answers) for code in conflicts},
    )


def _first_at_each(problems: Sequence[Problem], journey: Journey) -> dict[str, str]:
    """The sentence to show at each place, in the order in which the page asks."""
    order = {question.code: at for at, question in enumerate(journey.questionnaire.questions)}
    said: dict[str, str] = {}
    for problem in problems:
        said.setdefault(problem.code, problem_text(problem))
    code = functools.partial(question_code, journey.questionnaire)
    return dict(sorted(said.items(), key=lambda found: order.get(code(found[0]), len(order))))


def problems_on(journey: Journey, page: QuestionPage) -> list[Problem]:
    """What keeps this page from being complete."""
    codes = {question.code for question in page.questions}
    codes |= {question.other_code for question in page.questions if question.other}
    found = validate(
        journey.questionnaire, journey.answers, complete=True, route_taken=journey.route,
        language=current_language(),
    )  # fmt: skip
    return [p for p in found if p.code in codes or p.code.partition(".")[0] in codes]


def shown_names(journey: Journey, page: QuestionPage) -> set[str]:
    """The questions and rows of the page that are asked."""
    shows = journey.route.shows
    return {
        name
        for question in page.questions
        for name in (question.code, *(f"{question.code}.{row.code}" for row in question.rows))
        if shows(name)
    }


def _context(sheet: Sheet, page: QuestionPage, token: str) -> dict[str, Any]:
    journey = sheet.journey
    return step_context(journey, page.step) | {
        "token": token,
        "sheet": sheet,
        "further": "",
        "local_id": _DRAFT_GAP if journey.draft is not None else "",
        "faults": [
            (_title(sheet, where), text, f"#q-{question_code(journey.questionnaire, where)}")
            for where, text in sheet.problems.items()
        ],
    }


def _title(sheet: Sheet, where: str) -> str:
    questionnaire = sheet.journey.questionnaire
    question = questionnaire.by_code.get(question_code(questionnaire, where))
    return sheet.say(question.title) if question is not None else where


def _depends_on_answers(questionnaire: Questionnaire, page: QuestionPage) -> bool:
    steps = _varying.setdefault(questionnaire, {})
    if page.step not in steps:
        steps[page.step] = depends_on_answers(page.sections)
    return steps[page.step]


_varying: WeakKeyDictionary[Questionnaire, dict[str, bool]] = WeakKeyDictionary()
