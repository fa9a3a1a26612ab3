"""What somebody answered, in words: for the review page, the receipt and its document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.answer_words import answer_lines
from app.i18n import current_language
from surveys.questionnaire import Questionnaire
from surveys.routing import Route, route


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question and its answer, a line a choice or row (none: not answered). ``language``: that
    of the title; ``address``: where the answer is changed, if it can be."""

    code: str
    title: str
    language: str
    lines: tuple[str, ...]
    address: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredPart:
    """A section with its questions, in the order asked."""

    code: str
    title: str
    language: str
    questions: tuple[AnsweredQuestion, ...]


def answered_parts(
    questionnaire: Questionnaire,
    answers: Mapping[str, Any],
    taken: Route | None = None,
    *,
    address_of: Callable[[str], str] = lambda code: "",
) -> list[AnsweredPart]:
    """Every section that is asked. ``address_of``: by the code of a question."""
    taken = taken or route(questionnaire, answers)
    language = current_language()
    return [
        AnsweredPart(
            section.code,
            taken.text(section.title, language),
            section.title.language_for(language),
            tuple(
                AnsweredQuestion(
                    question.code,
                    taken.text(question.title, language),
                    question.title.language_for(language),
                    tuple(
                        answer_lines(question, answers, say=lambda text: taken.text(text, language))
                    ),
                    address_of(question.code),
                )
                for question in section.questions
                if taken.shows(question.code) and question.is_answered
            ),
        )
        for section in questionnaire.sections
        if section.code in taken.sections
    ]
