"""What the templates of answering draw from: one page of questions for one respondent.

A sheet is made for each page that is rendered; its methods are what templates call for every
question, so they do no more than look things up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from app.answer_words import COMMENT_LABELS, PRIORITY_LABELS, STANCE_LABELS
from app.i18n import current_language, format_number, interface_language
from app.journey import Journey
from app.statements import judged_statements, ordered_statements
from core.text import LANGUAGES, LocalizedText
from surveys.language.piping import is_piped
from surveys.language.saying import Quarter, say
from surveys.merging import UNANSWERED, digest_of
from surveys.questionnaire import (
    COMMENT_STANCES,
    DraftDependency,
    Option,
    Question,
    Questionnaire,
    Section,
)

# With so few left they are all shown at once, otherwise a handful at a time.
_FEW_STATEMENTS = 7
_HANDFUL = 5
# Types that always say a rule under their title.
_RULED = frozenset({
    "rating", "ranking", "quarter", "points", "budget", "upload", "statements", "milestone_years",
    "milestone_proposals", "dependencies", "paragraph_comments",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cards:
    """Statements on a page: to judge now, judged with their stance, and how many wait."""

    shown: tuple[Option, ...]
    judged: tuple[tuple[Option, str], ...]
    waiting: int


@dataclass(frozen=True)
class Sheet:
    """A page of questions. ``answers`` are those to show, typed ones with faults included.

    ``problems``: sentences by where they belong; ``conflicts``: somebody else's answer in words,
    by question.
    """

    journey: Journey
    sections: tuple[Section, ...]
    answers: Mapping[str, Any]
    problems: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    ruled = _RULED

    def __post_init__(self) -> None:
        route = self.journey.route
        object.__setattr__(self, "language", current_language())
        object.__setattr__(self, "page_language", interface_language())
        object.__setattr__(self, "shows", route.shows)
        object.__setattr__(self, "requires", route.requires)
        object.__setattr__(self, "_hides", bool(route.hidden_options))

    # What is asked.

    @cached_property
    def parts(self) -> list[tuple[Section, list[Question]]]:
        """The sections of the page with the questions that are shown."""
        shows = self.journey.route.shows
        return [
            (section, [question for question in section.questions if shows(question.code)])
            for section in self.sections
        ]

    @property
    def questions(self) -> Iterable[Question]:
        return (question for _section, questions in self.parts for question in questions)

    @cached_property
    def names(self) -> list[str]:
        """The questions on the page and the parts of those drawn part by part, in order."""
        shows = self.journey.route.shows
        names = []
        for question in self.questions:
            names.append(question.code)
            names += [
                name
                for row in question.rows
                if shows(name := f"{question.code}.{row.code}")
            ]  # fmt: skip
            if question.type == "statements":
                cards = self.statements[question.code]
                names += [f"{question.code}.{option.code}" for option in cards.shown]
                names += [f"{question.code}.{option.code}" for option, _stance in cards.judged]
        return names

    @cached_property
    def read(self) -> str:
        """The digests of the answers this page is made with: a hidden field."""
        stored, asked = self.journey.answers, set(self.names)
        found = ((question.code, digest_of(question, stored, asked)) for question in self.questions)
        return " ".join(f"{code}:{digest}" for code, digest in found if digest != UNANSWERED)

    def options(self, question: Question) -> Sequence[Option]:
        """The options that are offered, ``other`` included."""
        if not self._hides:  # type: ignore[attr-defined]
            return question.all_options
        offers = self.journey.route.shows_option
        return [
            option
            for option in question.all_options
            if option.show_if is None or offers(question.code, option.code)
        ]

    def choices(self, question: Question) -> list[tuple[str, str, str, Option]]:
        """(code, label, ``lang`` attribute, option) of each: all at once, because a page may have
        hundreds and a call from a template costs more than what it does."""
        language: str = self.language  # type: ignore[attr-defined]
        said = self.journey.route.text
        return [
            (option.code, said(option.label, language), self.lang(option.label), option)
            for option in self.options(question)
        ]

    @cached_property
    def faulty(self) -> set[str]:
        """The questions with something wrong in them."""
        return {question_code(self.journey.questionnaire, where) for where in self.problems}

    # Words.

    def say(self, text: LocalizedText) -> str:
        """``text`` in the reader's language, with answers filled in."""
        return self.journey.route.text(text, self.language)  # type: ignore[attr-defined]

    def lang(self, text: LocalizedText) -> str:
        """The ``lang`` attribute where ``text`` is not in the language of the page."""
        language = text.language_for(self.language)  # type: ignore[attr-defined]
        if language == self.page_language:  # type: ignore[attr-defined]
            return ""
        return Markup(' lang="{}"').format(language)

    def untranslated(self, question: Question) -> str:
        """The name of the language shown, where this question lacks one that the others have."""
        language: str = self.language  # type: ignore[attr-defined]
        if language not in self.journey.questionnaire.languages:
            return ""  # said once, for the whole page
        shown = question.title.language_for(language)
        if not shown or shown.partition("-")[0] == language.partition("-")[0]:
            return ""
        return LANGUAGES.get(shown, shown)

    def amount(self, number: float, unit: LocalizedText | None) -> str:
        said = format_number(number)
        return f"{said} {self.say(unit)}" if unit else said

    def quarter(self, value: str) -> str:
        return say(Quarter(value), self.page_language)  # type: ignore[attr-defined]

    # Sums.

    def spent(self, question: Question, chosen: Sequence[str]) -> str:
        """What the choices cost, as it was saved last."""
        total = question.total or 0
        given = sum(option.cost or 0 for option in question.options if option.code in chosen)
        template = (
            _("Spent: {given} of {total}. Left: {left}.") if given <= total
            else _("Spent: {given} of {total}. That is {left} too much.")
        )  # fmt: skip
        return self._sum(template, given, total, question.unit)

    def given_points(self, question: Question, given: Mapping[str, Any]) -> str:
        total = question.total or 0
        points = sum(value for value in given.values() if isinstance(value, int | float))
        template = (
            _("Given: {given} of {total}. Left: {left}.") if points <= total
            else _("Given: {given} of {total}. That is {left} too much.")
        )  # fmt: skip
        return self._sum(template, points, total, None)

    def _sum(self, template: str, given: float, total: float, unit: LocalizedText | None) -> str:
        return template.format(
            given=format_number(given),
            total=self.amount(total, unit),
            left=self.amount(abs(total - given), unit),
        )

    # Ranking.

    def places(self, question: Question) -> Mapping[str, Any]:
        """The place of each option, as it was typed where that was no ranking."""
        given = self.answers.get(question.code)
        if isinstance(given, Mapping):
            return given
        if not isinstance(given, list | tuple):
            return {}
        return {code: place for place, code in enumerate(given, start=1)}

    def ranked(self, question: Question) -> Sequence[Option]:
        """The options, those that have a place first."""
        places = self.places(question)
        last = len(question.options) + 1

        def key(option: Option) -> int:
            place = str(places.get(option.code, ""))
            return int(place) if place.isascii() and place.isdigit() else last

        return sorted(self.options(question), key=key)

    def numbers(self, most: int) -> tuple[str, ...]:
        return tuple(str(number) for number in range(1, most + 1))

    # Statements.

    @cached_property
    def statements(self) -> Mapping[str, Cards]:
        return {
            question.code: self._cards(question)
            for question in self.questions
            if question.type == "statements"
        }

    def _cards(self, question: Question) -> Cards:
        offers = self.journey.route.shows_option
        left = [
            option
            for option in ordered_statements(self.journey, question)
            if option.show_if is None or offers(question.code, option.code)
        ]
        shown = left if len(left) <= _FEW_STATEMENTS else left[:_HANDFUL]
        judged = judged_statements(self.journey, question)
        return Cards(tuple(shown), judged, len(left) - len(shown))

    def judged(self, question: Question, code: str) -> str:
        given = self.answers.get(question.code)
        return str(given.get(code, "")) if isinstance(given, Mapping) else ""

    def own_statement_address(self, question: Question) -> str:
        return url_for(
            "own_statements.form",
            slug=self.journey.consultation.slug,
            question_code=question.code,
        )

    # Scales that are the same everywhere, as (value, words).

    @property
    def stances(self) -> list[tuple[str, Any]]:
        return list(STANCE_LABELS.items())

    @property
    def levels(self) -> list[tuple[int | str, Any]]:
        return [(int(k) if k.isdigit() else k, label) for k, label in PRIORITY_LABELS.items()]

    @property
    def comment_stances(self) -> list[tuple[str, Any]]:
        return [(k, COMMENT_LABELS[k]) for k in COMMENT_STANCES]

    # Dependencies.

    def dependency(self, question: Question, dependency: DraftDependency) -> Markup:
        """What a dependency of the draft says, as a sentence."""
        first, second = (
            Markup("<strong{}>{}</strong>").format(self.lang(option.label), self.say(option.label))
            if (option := question.find_option(code)) else escape(code)
            for code in (dependency.from_, dependency.to)
        )  # fmt: skip
        sentence = escape(dependency_sentences()[dependency.kind])
        return sentence.format(first=first, second=second)

    def kinds(self) -> list[tuple[str, str]]:
        return [
            ("FS", _("can begin only when the other is finished")),
            ("SS", _("can begin only when the other has begun")),
            ("FF", _("can be finished only when the other is finished")),
            ("SF", _("can be finished only when the other has begun")),
        ]

    # Files.

    def files(self, question: Question) -> list[Mapping[str, Any]]:
        given = self.answers.get(question.code)
        return list(given) if isinstance(given, list) else []

    def file_address(self, file: Mapping[str, Any]) -> str:
        return url_for(
            "uploads.own_file", slug=self.journey.consultation.slug, sha256=file["sha256"]
        )

    def size(self, size: int) -> str:
        if size < 1_000_000:
            return f"{format_number(max(1, round(size / 1000)))} kB"
        return f"{format_number(round(size / 1_000_000, 1))} MB"

    def upload_rule(self, question: Question) -> str:
        """Which files are taken, in words."""
        kinds = upload_kinds(question)
        count = ngettext("%(num)d file", "up to %(num)d files", question.max_files or 1)
        return _(
            "%(count)s of at most %(size)s MB each: %(kinds)s.",
            count=count[:1].upper() + count[1:], size=question.max_megabytes,
            kinds=", ".join(kinds),
        )  # fmt: skip


def dependency_sentences() -> dict[str, str]:
    """A dependency of each kind in words; ``second`` waits for ``first``."""
    return {
        "FS": _("{second} can begin only when {first} is finished."),
        "SS": _("{second} can begin only when {first} has begun."),
        "FF": _("{second} can be finished only when {first} is finished."),
        "SF": _("{second} can be finished only when {first} has begun."),
    }


def upload_kinds(question: Question) -> list[str]:
    names = {
        "pdf": _("PDF"),
        "image": _("picture (PNG, JPEG, GIF, WebP)"),
        "text": _("plain text"),
        "document": _("text document (DOCX, ODT)"),
        "spreadsheet": _("spreadsheet (XLSX, ODS)"),
        "presentation": _("presentation (PPTX, ODP)"),
    }
    return [name for kind, name in names.items() if not question.accept or kind in question.accept]


def question_code(questionnaire: Questionnaire, where: str) -> str:
    """The question that a problem at ``where`` is about."""
    by_other = questionnaire.by_other_code
    return by_other[where].code if where in by_other else where.partition(".")[0]


def depends_on_answers(sections: Iterable[Section]) -> bool:
    """Whether pages of these sections differ in more than which questions are on them."""
    return any(
        (question.type == "statements")
        or question.required_if is not None
        or any(option.show_if is not None for option in question.options)
        or any(map(_is_piped, _texts(question)))
        for section in sections
        for question in section.questions
    ) or any(_is_piped(text) for s in sections for text in (s.title, s.text) if text is not None)


def _texts(question: Question) -> Iterable[LocalizedText]:
    own = (question.title, question.help, question.unit, question.low, question.high,
           question.no_opinion)  # fmt: skip
    yield from (text for text in own if text is not None)
    yield from (part.label for part in (*question.all_options, *question.rows))


def _is_piped(text: LocalizedText) -> bool:
    return any(is_piped(said) for said in text.values())
