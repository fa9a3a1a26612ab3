"""One respondent's way through a consultation: what is asked, what was answered, what is next.

Who answers is known by the resume code alone, kept in a cookie of this consultation's pages.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import current_app, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.caching import remembered
from app.database import read_session, write_session
from app.i18n import current_language
from app.proof import carry_begin
from app.security import DRAFT_COOKIE_PREFIX
from core.clock import utc_now
from core.ids import clean_code
from surveys.codes import is_credential, new_resume_code, receipt_key
from surveys.consultations import get_consultation, get_questionnaire
from surveys.drafts import begin_or_find_draft, find_draft
from surveys.errors import (
    DraftNotFound,
    InvitationRefused,
    ReceiptNotFound,
    ResponseReplaced,
    ResponseWithdrawn,
)
from surveys.models import Consultation, Draft
from surveys.phases import require_open
from surveys.questionnaire import Question, Questionnaire, Section
from surveys.responses import find_response_by_receipt
from surveys.routing import Route, route
from surveys.time_zones import local_time

ABOUT_YOU = "about-you"
ALL_QUESTIONS = "questions"
REVIEW = "review"


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A step that asks questions: one section, or all of them on one page."""

    step: str
    sections: tuple[Section, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for section in self.sections for question in section.questions)


@dataclass(frozen=True)
class Journey:
    """Where one respondent stands: what is asked, what was answered, which step comes next."""

    consultation: Consultation
    questionnaire: Questionnaire
    draft: Draft | None

    @property
    def answers(self) -> dict[str, Any]:
        return self.draft.answers if self.draft else {}

    @cached_property
    def route(self) -> Route:
        today = local_time(utc_now(), self.consultation.time_zone).date()
        return route(self.questionnaire, self.answers, today=today)

    @cached_property
    def pages(self) -> tuple[QuestionPage, ...]:
        """The pages of questions, those that are not reached included."""
        sections = self.questionnaire.sections
        if self.questionnaire.layout == "one_page":
            return (QuestionPage(ALL_QUESTIONS, sections),)
        return tuple(QuestionPage(f"section/{s.code}", (s,)) for s in sections)

    @cached_property
    def steps(self) -> list[str]:
        """The steps asked, in order: about-you, the pages of questions, review."""
        first = [ABOUT_YOU] if self.consultation.asks_profile else []
        reached = set(self.route.sections)
        pages = [p.step for p in self.pages if any(s.code in reached for s in p.sections)]
        return [*first, *pages, REVIEW]

    def find_page(self, section_code: str) -> QuestionPage | None:
        """The page on which a section is asked."""
        for page in self.pages:
            if any(section.code == section_code for section in page.sections):
                return page
        return None

    def after(self, step: str) -> str:
        """The step after ``step``; for one that is not asked any more, the next that is."""
        return self._neighbour(step, 1)

    def before(self, step: str) -> str:
        return self._neighbour(step, -1)

    def _neighbour(self, step: str, direction: int) -> str:
        everything = [ABOUT_YOU, *(page.step for page in self.pages), REVIEW]
        position = everything.index(step)
        while 0 <= position + direction < len(everything):
            position += direction
            if everything[position] in self.steps:
                return everything[position]
        return self.steps[0]

    def address(self, step: str) -> str:
        return f"{url_for('consultations.show', slug=self.consultation.slug)}/answer/{step}"

    def address_of(self, question_code: str) -> str:
        """Where a question is asked."""
        for page in self.pages:
            if any(question.code == question_code for question in page.questions):
                return f"{self.address(page.step)}#q-{question_code}"
        return self.address(self.steps[0])

    def remaining(self, step: str) -> list[Question]:
        """The questions from ``step`` on that are asked."""
        order = [page.step for page in self.pages]
        first = order.index(step) if step in order else 0 if step == ABOUT_YOU else len(order)
        return [
            question
            for page in self.pages[first:]
            for question in page.questions
            if self.route.shows(question.code)
        ]

    @cached_property
    def sent_before(self) -> str:
        """The key of the receipt, where this browser has sent a response and begun no other."""
        code = code_in_cookie(self.consultation.slug)
        if self.draft is not None or not code or self.consultation.kind == "targeted":
            return ""
        return _receipt_of(code)

    @cached_property
    def local_id(self) -> str:
        """What a browser may know this draft by, to tell it from another: opens nothing."""
        if self.draft is None:
            return ""
        return hashlib.sha256(b"waymark local\x00" + self.draft.code_hash.encode()).hexdigest()[:16]


def open_journey(slug: str) -> Journey:
    """The journey of whoever asks, for reading. Raises ``NotOpen`` outside the open phase."""
    session = read_session()
    consultation = _find_consultation(slug)
    require_open(consultation, now=utc_now())
    code = code_in_cookie(slug)
    draft = find_draft(session, consultation=consultation, code=code) if code else None
    if (
        draft is None
        and consultation.kind == "targeted"
        and not (code and is_credential(credential_key(), slug, code))
    ):
        raise InvitationRefused
    version_id = draft.version_id if draft else consultation.current_version_id
    assert version_id is not None
    return Journey(consultation, get_questionnaire(session, version_id=version_id), draft)


def begin_journey(slug: str) -> tuple[Journey, str]:
    """The journey of whoever asks, for writing; the first save begins the draft."""
    session = write_session()
    consultation = _find_consultation(slug)

    def begin(code: str, *, code_is_new: bool) -> Draft:
        return begin_or_find_draft(
            session,
            consultation=consultation,
            code=code,
            code_is_new=code_is_new,
            language=current_language(),
            now=utc_now(),
            credential_key=credential_key(),
            account_id=current_user.account_id,
        )

    code, draft = code_in_cookie(slug), None
    if code:
        try:
            draft = begin(code, code_is_new=False)
        except DraftNotFound:
            # The cookie outlives a submission so that sending it again finds the receipt; the
            # next person at the same computer begins anew. An invitation is for one response.
            if consultation.kind == "targeted":
                raise
            if _receipt_of(code):
                flash(_("You had sent your response already, and it stays as it is. What you fill "
                        "in now is a new response."), "info")  # fmt: skip
    if draft is None:
        code = new_resume_code()
        draft = begin(code, code_is_new=True)
    questionnaire = get_questionnaire(session, version_id=draft.version_id)
    return Journey(consultation, questionnaire, draft), code


def _receipt_of(code: str) -> str:
    """The key of the receipt, if a response was sent under this code and is still there."""
    key = receipt_key(code)
    try:
        find_response_by_receipt(read_session(), key=key)
    except (ReceiptNotFound, ResponseReplaced, ResponseWithdrawn):
        return ""
    return key


def _find_consultation(slug: str) -> Consultation:
    """The consultation as it was at most some seconds ago; submitting asks the database again."""

    def read() -> Consultation:
        session = read_session()
        consultation = get_consultation(session, slug=slug)
        session.expunge(consultation)
        return consultation

    consultation: Consultation = remembered(("consultation", slug), read)
    return consultation


def answer_language(questionnaire: Questionnaire) -> str:
    language = current_language()
    return language if language in questionnaire.languages else questionnaire.fallback


def cookie_name(slug: str) -> str:
    return DRAFT_COOKIE_PREFIX + slug


def cookie_path(slug: str) -> str:
    return url_for("consultations.show", slug=slug)


def code_in_cookie(slug: str) -> str:
    return clean_code(request.cookies.get(cookie_name(slug), ""))[:40]


def with_code(response: Any, slug: str, code: str, *, resumed: bool = False) -> Any:
    """Hand the resume code to the browser, for these pages only and until it is closed.

    ``resumed``: the draft was begun elsewhere, so that how long answering took is not known.
    """
    if not resumed and code_in_cookie(slug) != code:
        carry_begin(response, slug, code, path=cookie_path(slug))
    response.set_cookie(
        cookie_name(slug), code, path=cookie_path(slug), httponly=True, samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )  # fmt: skip
    response.headers["Cache-Control"] = "private, no-store"
    return response


def credential_key() -> bytes:
    """The key of this instance's poll credentials, apart from the one that signs sessions."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hashlib.sha256(b"waymark credentials\x00" + secret).digest()
