"""Trying a version in the making as respondents will see it: nothing is saved anywhere."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from app.access import requires
from app.answer_sheet import Sheet
from app.builder_names import version_number
from app.database import read_session
from app.forms import read_answers
from app.i18n import current_language
from app.journey import ALL_QUESTIONS, Journey, QuestionPage
from app.presentation import RESPONDENT_TYPE_LABELS
from app.problem_texts import problem_text
from core.text import LANGUAGES
from surveys.consultations import get_consultation, get_version
from surveys.definition import parse_definition
from surveys.effort import minutes_for
from surveys.errors import InvalidQuestionnaire
from surveys.making.building import find_issues
from surveys.models import Draft
from surveys.questionnaire import Questionnaire
from surveys.validation import unreachable_codes, validate

blueprint = Blueprint("questionnaire_preview", __name__)

RESPONDENT_TYPE = "respondent_type"
"""The code of the question in the background block that says who answers."""


@blueprint.route("/desk/consultations/<slug>/questionnaire/preview", methods=["GET", "POST"])
@requires("consultation.manage")
def preview(slug: str) -> str:
    """The whole questionnaire on one page, with what was typed worked out but not kept."""
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    version = get_version(
        session, consultation=consultation, number=request.args.get("version", type=version_number)
    )
    try:
        questionnaire = parse_definition(version.definition)
    except InvalidQuestionnaire:
        return render_template(
            "builder/preview.html", consultation=consultation, version=version, sheet=None,
            issues=find_issues(version.definition),
        )  # fmt: skip
    answers = _answers(questionnaire)
    draft = Draft(
        code_hash="preview", consultation_id=consultation.id, version_id=version.id, profile={},
        answers=answers, revisions={}, language=current_language(),
    )  # fmt: skip
    journey = Journey(consultation, questionnaire, draft)
    page = QuestionPage(ALL_QUESTIONS, questionnaire.sections)
    problems: list[Any] = []
    if request.form.get("action") == "check":
        problems = validate(
            questionnaire, answers, complete=True, route_taken=journey.route,
            language=current_language(),
        )  # fmt: skip
    return render_template(
        "builder/preview.html",
        consultation=consultation,
        version=version,
        questionnaire=questionnaire,
        sheet=Sheet(
            journey,
            page.sections,
            answers,
            {problem.code: problem_text(problem) for problem in reversed(problems)},
        ),
        checked=request.form.get("action") == "check",
        problem_count=len(problems),
        left_out=unreachable_codes(questionnaire, answers),
        hidden=[code for code in journey.route.hidden if "." not in code],
        minutes=minutes_for(list(questionnaire.questions)),
        respondent_types=_respondent_types(questionnaire),
        respondent_type=answers.get(RESPONDENT_TYPE, ""),
        offered_languages={code: LANGUAGES.get(code, code) for code in questionnaire.languages},
        address=url_for(
            ".preview",
            slug=slug,
            version=version.number,
            **{"as": answers.get(RESPONDENT_TYPE) or None},
        ),
        further="",
    )


def _answers(questionnaire: Questionnaire) -> dict[str, Any]:
    """What the form says, with the type of respondent that was chosen above it."""
    answers: dict[str, Any] = {}
    if request.method == "POST":
        _codes, answers = read_answers(request.form, questionnaire.questions, before={})
    # Only until the form is used: then its own answer counts.
    chosen = request.args.get("as", "") if request.method == "GET" else ""
    if chosen and any(code == chosen for code, _label in _respondent_types(questionnaire)):
        answers[RESPONDENT_TYPE] = chosen
    return answers


def _respondent_types(questionnaire: Questionnaire) -> list[tuple[str, Any]]:
    """(code, label) of the types the questionnaire itself asks for; none where it does not."""
    question = questionnaire.by_code.get(RESPONDENT_TYPE)
    if question is None or question.type != "single_choice":
        return []
    return [
        (option.code, RESPONDENT_TYPE_LABELS.get(option.code, option.label.in_language("")))
        for option in question.options
    ]
