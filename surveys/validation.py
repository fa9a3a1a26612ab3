"""Whether answers are allowed, and what of them is kept.

``validate`` names every problem; ``reachable_answers`` gives what a submission stores. A required
question that is not shown never blocks, and an answer to it is left out.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from core.errors import InvalidInput
from core.text import clean_text
from surveys.answer_checks import check_answer
from surveys.problems import MESSAGES, Check, Problem, check_words, is_blank
from surveys.questionnaire import Question, Questionnaire
from surveys.routing import Answers, Route, chooses_other, route

__all__ = ["MESSAGES", "Problem", "is_blank", "reachable_answers", "unreachable_codes", "validate"]

MAX_PROBLEMS = 200


def validate(
    questionnaire: Questionnaire,
    answers: Answers,
    *,
    complete: bool,
    route_taken: Route | None = None,
    language: str = "",
) -> list[Problem]:
    """Every problem, in the order asked; an empty list when the answers can be kept.

    ``complete``: as a submission, for what is shown: required questions, rules and lowest numbers
    of choices count, answers to what is hidden do not (they are left out). Otherwise as a draft:
    every answer given must have its right form, shown or not, and what is missing is no matter.
    ``route_taken`` saves working it out again. ``language``: that of labels and of the
    questionnaire's own messages; its fallback where it has no such language.
    """
    taken = route_taken or route(questionnaire, answers)
    found = _problems(questionnaire, answers, taken, complete, language)
    return [problem for _, problem in zip(range(MAX_PROBLEMS), found, strict=False)]


def _problems(
    questionnaire: Questionnaire, answers: Answers, taken: Route, complete: bool, language: str
) -> Iterator[Problem]:
    for code in answers:
        if code not in questionnaire.by_code and code not in questionnaire.by_other_code:
            yield Problem(str(code)[:80], "answer.unknown_question", {})
    broken: dict[str, list[int]] = {}
    if complete:
        for code, rule in taken.broken_rules:
            broken.setdefault(code, []).append(rule)
    for question in questionnaire.questions:
        code = question.code
        if complete and not taken.shows(code):
            continue
        value = answers.get(code)
        if complete:
            value = _without_hidden_options(question, value, taken)
        required = complete and question.may_be_required and taken.requires(code)
        if is_blank(value):
            if required:
                yield Problem(code, "answer.required", {})
        else:
            yield from check_answer(
                Check(question, complete, required, taken.shows, language), value
            )
            for rule in broken.get(code, ()):
                message = taken.text(question.rules[rule].message, language)
                yield Problem(code, "answer.rule", {"message": message})
        if question.other is not None:
            yield from _check_other(question, answers, complete=complete, language=language)


def _check_other(
    question: Question, answers: Answers, *, complete: bool, language: str
) -> Iterator[Problem]:
    """The text beside the ``other`` option; without the option it is kept in a draft only."""
    if question.other is None:
        return
    text = answers.get(question.other_code)
    chosen = chooses_other(question, answers)
    if is_blank(text):
        if complete and chosen and question.other.required:
            label = question.other.label.in_language(language)
            yield Problem(question.other_code, "answer.other_required", {"label": label})
    elif chosen or not complete:
        yield from check_words(question.longest, question.other_code, text)


def _without_hidden_options(question: Question, value: Any, taken: Route) -> Any:
    """``value`` without what names an option that is not offered, whatever its form."""
    hidden = {
        option.code
        for option in question.options
        if option.show_if is not None and not taken.shows_option(question.code, option.code)
    }
    if not hidden or value is None:
        return value
    if question.type == "matrix":
        return _strip_rows(question, value, hidden)
    return _strip(value, hidden)


def _strip_rows(question: Question, value: Any, hidden: Collection[str]) -> Any:
    if not isinstance(value, Mapping):
        return value
    stripped = {row: _strip(given, hidden) for row, given in value.items()}
    return {row: given for row, given in stripped.items() if not is_blank(given)}


def _strip(value: Any, hidden: Collection[str]) -> Any:
    if isinstance(value, str):
        return None if value in hidden else value
    if isinstance(value, Mapping):
        return {code: given for code, given in value.items() if code not in hidden}
    if isinstance(value, (list, tuple)):
        return [code for code in value if not (isinstance(code, str) and code in hidden)]
    return value


def reachable_answers(
    questionnaire: Questionnaire,
    answers: Answers,
    *,
    route_taken: Route | None = None,
    statements: Mapping[str, Collection[str]] | None = None,
) -> dict[str, Any]:
    """What of valid ``answers`` a submission keeps: given, and asked.

    In the order of the questionnaire; texts in NFC, choices in the order of the options. What is
    left out is kept in the draft, and ``unreachable_codes`` names it. ``statements``: the codes of
    the statements that participants added, by question; answers to others are left out. The
    values of calculations are kept with the answers.
    """
    taken = route_taken or route(questionnaire, answers)
    kept: dict[str, Any] = {}
    for question in questionnaire.questions:
        if question.type == "calculation":
            value = taken.values.get(question.code)
        elif not taken.shows(question.code):
            continue
        else:
            given = _without_hidden_options(question, answers.get(question.code), taken)
            value = _kept(question, given, taken, statements)
        if not is_blank(value) or (value is False and question.type == "calculation"):
            kept[question.code] = value
        text = answers.get(question.other_code) if chooses_other(question, answers) else None
        if not is_blank(text):
            kept[question.other_code] = _normal(str(text))
    return kept


def unreachable_codes(questionnaire: Questionnaire, answers: Answers) -> list[str]:
    """The codes of questions with an answer that ``reachable_answers`` leaves out, to tell the
    person: what is not asked any more, whole, in some rows or in some options."""
    taken = route(questionnaire, answers)
    kept = reachable_answers(questionnaire, answers, route_taken=taken)
    left_out = []
    for question in questionnaire.questions:
        given = answers.get(question.code)
        if is_blank(given) or not question.is_answered:
            continue
        if question.code not in kept or given != _without_hidden_options(question, given, taken):
            left_out.append(question.code)
        elif question.type == "matrix" and isinstance(given, Mapping):
            rows = {row for row, value in given.items() if not is_blank(value)}
            if rows - set(kept[question.code]):
                left_out.append(question.code)
    return left_out


def _kept(
    question: Question,
    value: Any,
    taken: Route,
    statements: Mapping[str, Collection[str]] | None,
) -> Any:
    match question.type:
        case "matrix":
            return _kept_rows(question, value, taken)
        case "multiple_choice" | "budget" if isinstance(value, (list, tuple)):
            return [option.code for option in question.all_options if option.code in value]
        case "statements" if isinstance(value, Mapping) and statements is not None:
            known = statements.get(question.code, ())
            value = {
                code: stance
                for code, stance in value.items()
                if question.find_option(code) is not None or code in known
            }
            return _normal(value)
        case _:
            return _normal(value)


def _kept_rows(question: Question, value: Any, taken: Route) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for row in question.rows:
        given = value.get(row.code) if isinstance(value, Mapping) else None
        if not taken.shows(f"{question.code}.{row.code}") or is_blank(given):
            continue
        if question.has_columns and isinstance(given, Mapping):
            rows[row.code] = {
                option.code: _normal(given[option.code])
                for option in question.options
                if not is_blank(given.get(option.code))
            }
        elif isinstance(given, (list, tuple)):
            rows[row.code] = [option.code for option in question.options if option.code in given]
        else:
            rows[row.code] = _normal(given)
    return rows


def _normal(value: Any) -> Any:
    """Texts in NFC and without white space around them; what is blank is left out. A text that is
    none stays as it is: ``validate`` refuses it."""
    if isinstance(value, str):
        try:
            return clean_text(value, where="").strip()
        except InvalidInput:
            return value
    if isinstance(value, Mapping):
        return {code: _normal(inner) for code, inner in value.items() if not is_blank(inner)}
    if isinstance(value, (list, tuple)):
        return [_normal(inner) for inner in value if not is_blank(inner)]
    return value
