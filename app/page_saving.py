"""Saving a page of questions: what came from its form, brought together with the draft."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from app.answer_sheet import question_code
from app.database import write_session
from app.forms import form_problems, names_asked, read_answers
from app.journey import Journey, QuestionPage, answer_language
from app.question_pages import (
    READ,
    problems_on,
    render_page,
    render_questions,
    shown_names,
)
from core.clock import utc_now
from surveys.drafts import save_section
from surveys.problems import Problem
from surveys.questionnaire import Question

DISPUTED = "disputed"  # hidden fields: questions of which two answers are shown


@dataclass(frozen=True)
class SavedPage:
    """A page after saving. ``given``: what was typed, with its faults; ``opened``: questions and
    rows that the answers opened on it; ``conflicts``: questions somebody else changed as well."""

    journey: Journey
    page: QuestionPage
    given: Mapping[str, Any]
    names_asked: frozenset[str]
    opened: frozenset[str]
    problems: tuple[Problem, ...]
    conflicts: tuple[str, ...]

    def with_gaps(self) -> "SavedPage":
        """With what is missing as well, but for questions that were not on the page yet."""
        known = {problem.code for problem in self.problems}
        questionnaire = self.journey.questionnaire
        gaps = [
            problem
            for problem in problems_on(self.journey, self.page)
            if problem.code not in known
            and question_code(questionnaire, problem.code) not in self.conflicts
            and problem.code.partition(".")[0] not in self.opened
            and problem.code not in self.opened
        ]
        return replace(self, problems=(*self.problems, *gaps))

    @property
    def _shown(self) -> dict[str, Any]:
        """The answers stored, with what was typed in their place where it could not be stored."""
        questionnaire = self.journey.questionnaire
        typed = {question_code(questionnaire, problem.code) for problem in self.problems}
        typed |= set(self.conflicts)
        answers = dict(self.journey.answers)
        for code in typed:
            question = questionnaire.by_code.get(code)
            for name in (code, question.other_code) if question else ():
                answers.pop(name, None)
                if name in self.given:
                    answers[name] = self.given[name]
        return answers

    def page_again(self) -> str:
        return render_page(
            self.journey, self.page, answers=self._shown, problems=self.problems,
            conflicts=self.conflicts,
        )  # fmt: skip

    def fragment(self) -> str:
        return render_questions(
            self.journey, self.page, answers=self._shown, problems=self.problems,
            conflicts=self.conflicts, opened=len({name.partition(".")[0] for name in self.opened}),
        )  # fmt: skip


def save_page(journey: Journey, page: QuestionPage) -> SavedPage:
    """Save the form of ``page`` into the draft of ``journey``; the caller commits."""
    assert journey.draft is not None
    form, questions = request.form, page.questions
    asked = names_asked(form)
    codes, given = read_answers(form, questions, before=journey.answers)
    given = _with_hidden_options(journey, questions, codes, given)
    faults = form_problems(form, questions)
    # What the form says no answer with is not stored; what was stored stays.
    codes -= {fault.code for fault in faults}
    codes, undecided, read = _settle(questions, codes)
    saved = save_section(
        write_session(), draft=journey.draft, codes=codes, given=given,
        language=answer_language(journey.questionnaire), now=utc_now(), read=read, asked=asked,
    )  # fmt: skip
    after = Journey(journey.consultation, journey.questionnaire, saved.draft)
    told = {fault.code for fault in faults}
    return SavedPage(
        after,
        page,
        given,
        frozenset(asked),
        frozenset(shown_names(after, page) - asked),
        (*faults, *(p for p in saved.problems if p.code not in told)),
        (*undecided, *saved.conflicts),
    )


def _with_hidden_options(
    journey: Journey, questions: tuple[Question, ...], codes: set[str], given: dict[str, Any]
) -> dict[str, Any]:
    """``given``, with what the draft says of options that are not offered at the moment: they were
    not on the page, and may be offered again."""
    if not journey.route.hidden_options:
        return given
    offers, stored = journey.route.shows_option, journey.answers
    kept = dict(given)
    for question in questions:
        before, now = stored.get(question.code), given.get(question.code)
        hidden = [
            option.code
            for option in question.options
            if option.show_if is not None and not offers(question.code, option.code)
        ]
        if question.code not in codes or not hidden or question.type == "matrix":
            continue
        if isinstance(before, dict) and isinstance(now, dict | None):
            rest = {code: before[code] for code in hidden if code in before}
            if rest:
                kept[question.code] = (now or {}) | rest
        elif isinstance(before, list) and isinstance(now, list | None):
            rest_of_list = [code for code in hidden if code in before]
            together = [*(now or []), *rest_of_list]
            # Never so many that the draft itself would be refused.
            if rest_of_list and len(together) <= (question.max_choices or len(together)):
                kept[question.code] = together
        elif before in hidden and not now:
            kept[question.code] = before
    return kept


def _settle(
    questions: tuple[Question, ...], codes: set[str]
) -> tuple[set[str], tuple[str, ...], dict[str, str] | None]:
    """What a person decided where two answers stood: (codes to save, still undecided, digests).

    The digests are None for a form that does not carry any, such as a program's.
    """
    form = request.form
    if READ not in form:
        return codes, (), None
    read = {
        code: digest
        for code, _colon, digest in (entry.partition(":") for entry in form[READ].split())
    }
    undecided = []
    by_code = {question.code: question for question in questions}
    for code in form.getlist(DISPUTED):
        question = by_code.get(code)
        choice = form.get(f"choose.{code}")
        if question is None or choice == "mine":
            continue
        if choice != "theirs":
            undecided.append(code)
        codes = codes - {code, question.other_code}
    return codes, tuple(undecided), read
