"""What is wrong with an answer, in the reader's language: every code of ``surveys.problems``."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.i18n import format_date, format_number, localized
from surveys.problems import Problem

PROBLEM_TEXTS: dict[str, Any] = {
    "answer.unknown_question": _l("There is no such question."),
    "answer.unknown_row": _l("There is no such row."),
    "answer.unknown_column": _l("There is no such column."),
    "answer.unknown_option": _l("There is no option “{option}”."),
    "answer.unknown_field": _l("There is no field “{field}” here."),
    "answer.wrong_type": _l("This answer does not have the form that was expected."),
    "answer.required": _l("This question needs an answer."),
    "answer.other_required": _l("Say what “{label}” is."),
    "answer.too_few": _l("Choose at least {minimum}; {given} chosen."),
    "answer.too_many": _l("Choose at most {maximum}; {given} chosen."),
    "answer.exclusive": _l("“{label}” cannot be combined with other choices."),
    "answer.repeated": _l("“{option}” is chosen twice."),
    "answer.below_minimum": _l("Enter {minimum} or more."),
    "answer.above_maximum": _l("Enter {maximum} or less."),
    "answer.not_whole": _l("Enter a whole number."),
    "answer.not_a_number": _l("Enter a number."),
    "answer.not_a_date": _l("Enter a date that exists, such as 2026-11-22."),
    "answer.not_a_quarter": _l("Choose a quarter and enter its year, such as 3 and 2028."),
    "answer.before_minimum": _l("Enter {minimum} or a later date."),
    "answer.after_maximum": _l("Enter {maximum} or an earlier date."),
    "answer.too_long": _l("Shorten this to {maximum} characters; it has {given}."),
    "answer.bad_characters": _l("Remove the characters that are not text."),
    "answer.points_total": _l("The points must add up to {total}; they add up to {given}."),
    "answer.over_budget": _l("Your choices cost {given}; the budget is {total}."),
    "answer.likely_missing": _l("Enter the year you think most likely, or choose “never”."),
    "answer.years_order": _l(
        "The earliest year cannot be after the likely one, nor the likely one after the latest."
    ),
    "answer.title_missing": _l("Give the proposal a title."),
    "answer.milestone_missing": _l("Choose both milestones."),
    "answer.same_milestone": _l("A milestone cannot depend on itself."),
    "answer.unknown_dependency": _l("There is no dependency “{dependency}”."),
    "answer.too_many_entries": _l("At most {maximum} can be given; there are {given}."),
    "answer.too_many_files": _l("At most {maximum} files can be given; there are {given}."),
    "answer.file_too_large": _l("“{name}” is larger than {maximum} MB."),
    "answer.file_kind": _l("“{name}” is not of a kind that is accepted here."),
    # The questionnaire's own message, ready in the language of the answers.
    "answer.rule": "{message}",
    # What only a form can get wrong (app.answer_forms).
    "answer.rank_number": _l("“{place}” is not a place. Enter 1, 2, 3 and so on."),
    "answer.rank_tie": _l("Place {place} is given twice. Give each place once."),
    "answer.rank_gap": _l("Place {place} is empty, but place {next} is given. Leave no place out."),
}
_QUANTITIES = ("minimum", "maximum", "given", "total")


def problem_text(problem: Problem) -> str:
    """What is wrong with an answer, in the reader's language."""
    template = PROBLEM_TEXTS.get(problem.message_code)
    if template is None:
        return problem.message
    dates = problem.message_code in ("answer.before_minimum", "answer.after_maximum")
    params = {
        name: _said(value, name, dates=dates, years=_is_year(problem))
        for name, value in problem.params.items()
    }
    return str(template).format(**params)


def _said(value: Any, name: str, *, dates: bool, years: bool) -> Any:
    if hasattr(value, "in_language"):
        return localized(value)
    if name in _QUANTITIES and isinstance(value, int | float) and not isinstance(value, bool):
        return format(value, "g") if years else format_number(value)
    if dates and name in _QUANTITIES:
        try:
            return format_date(str(value))
        except ValueError:  # a quarter
            return value
    return value


def _is_year(problem: Problem) -> bool:
    """Whether its numbers are years, which are written without separators."""
    limits = [problem.params.get(name) for name in ("minimum", "maximum")]
    return any(isinstance(limit, int | float) and 1900 <= limit <= 2200 for limit in limits)
