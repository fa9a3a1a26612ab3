"""Statements on pages: read at most every few seconds, ordered for one participant.

For the pages on which statements are judged:

* ``ordered_statements(journey, question)``: what this participant has not judged yet, in order;
* ``judged_statements(journey, question)``: what they have judged, to be changed;
* a form that posts ``text`` to ``own_statements.add`` adds one (it works without JavaScript and
  comes back to the section); ``add_own`` does the same from another view.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import session as browser_session

from app.caching import remembered
from app.database import read_session, write_session
from app.i18n import current_language
from app.journey import Journey
from core.clock import utc_now
from surveys.models import Statement
from surveys.questionnaire import Option, Question
from surveys.statement_order import Judged
from surveys.statements import (
    add_statement,
    count_judgements,
    list_accepted,
    statements_for,
)

_OWN = "own_statements"


def ordered_statements(journey: Journey, question: Question) -> tuple[Option, ...]:
    """The statements this participant has not judged and is shown, the first to be shown first.

    The order stays with the draft; before there is one it changes every minute, so that a page
    many people share does not favour the same statement for all of them.
    """
    consultation_id = journey.consultation.id
    draft = journey.draft
    accepted = _accepted(consultation_id).get(question.code, ())
    judgements: Mapping[str, Judged] = remembered(
        ("judgements", consultation_id),
        lambda: count_judgements(read_session(), consultation_id=consultation_id),
    )
    return statements_for(
        question,
        accepted=accepted,
        judgements=judgements,
        seed=draft.code_hash if draft else f"{utc_now():%Y-%m-%d %H:%M}",
        answered={
            *_given(journey, question),
            *(o.code for o in question.options if not _offered(journey, question, o)),
        },
    )


def judged_statements(journey: Journey, question: Question) -> tuple[tuple[Option, str], ...]:
    """(statement, stance) of what this participant has judged, as long as it is still asked."""
    accepted = _accepted(journey.consultation.id).get(question.code, ())
    given = _given(journey, question)
    return tuple(
        (option, given[option.code])
        for option in (*question.options, *accepted)
        if option.code in given and _offered(journey, question, option)
    )


def own_left(slug: str, question: Question) -> int:
    """How many statements this browser may still add to ``question``."""
    return max(0, (question.max_own or 0) - _already(slug, question))


def add_own(journey: Journey, question: Question, text: str) -> Statement:
    """Add a statement to the request's write session; the caller commits.

    How many one person added is kept in their browser alone: nothing stored here joins a
    statement to whoever wrote it. Raises what ``surveys.statements.add_statement`` raises.
    """
    slug = journey.consultation.slug
    already = _already(slug, question)
    statement = add_statement(
        write_session(), consultation=journey.consultation, question=question, text=text,
        language=current_language(), already=already, now=utc_now(),
    )  # fmt: skip
    counts = browser_session.get(_OWN, {})
    browser_session[_OWN] = counts | {f"{slug}/{question.code}": already + 1}
    return statement


def _accepted(consultation_id: UUID) -> Mapping[str, tuple[Option, ...]]:
    found: Mapping[str, tuple[Option, ...]] = remembered(
        ("accepted statements", consultation_id),
        lambda: list_accepted(read_session(), consultation_id=consultation_id),
    )
    return found


def _offered(journey: Journey, question: Question, option: Option) -> bool:
    return journey.route.shows_option(question.code, option.code)


def _given(journey: Journey, question: Question) -> Mapping[str, Any]:
    given = journey.answers.get(question.code)
    return given if isinstance(given, Mapping) else {}


def _already(slug: str, question: Question) -> int:
    count = browser_session.get(_OWN, {}).get(f"{slug}/{question.code}", 0)
    return count if isinstance(count, int) else 0
