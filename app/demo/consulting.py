"""The consultations of the demonstration, held and answered as real ones are."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.demo import story
from app.demo.simulation import SimulatedResponse, simulate
from core.audit import Actor
from core.text import LocalizedText
from surveys.codes import new_resume_code
from surveys.consultations import (
    add_version,
    create_consultation,
    publish_version,
    schedule_consultation,
)
from surveys.drafts import begin_or_find_draft, save_profile, save_section
from surveys.invitations import create_invitations, exchange_invitation
from surveys.models import Consultation
from surveys.profile import clean_profile
from surveys.responses import submit_response

# Participants know the consultation for this long before it opens.
NOTICE_DAYS = 14
# Responses are kept for this long after closing; published counts stay.
RETENTION = timedelta(days=2 * 365)
# One seed per demonstration: everybody sees the same results.
SEED = 2026

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Instance:
    """What of the running instance the story needs: its clock and the polls' key."""

    calendar: story.Calendar
    credential_key: bytes


def hold_consultation(
    session: Session,
    plan: story.ConsultationPlan,
    *,
    instance: Instance,
    actor: Actor,
    advance: Advance,
) -> Consultation:
    """Announce a consultation, open it, and let the simulated participants answer."""
    announced = instance.calendar.at(plan.opens - NOTICE_DAYS)
    document = story.questionnaire_document(plan.slug)
    consultation = create_consultation(
        session,
        slug=plan.slug,
        title=LocalizedText(document["title"]),
        summary=LocalizedText(plan.summary),
        kind=plan.kind,
        retained_until=(instance.calendar.at(plan.closes) + RETENTION).date(),
        simulated=True,
        actor=actor,
        now=announced,
    )
    version = add_version(
        session, consultation=consultation, definition=document, actor=actor, now=announced
    )
    publish_version(session, consultation=consultation, version=version, actor=actor, now=announced)
    opens_at, closes_at = instance.calendar.at(plan.opens), instance.calendar.at(plan.closes, 22)
    schedule_consultation(
        session,
        consultation=consultation,
        opens_at=opens_at,
        closes_at=closes_at,
        actor=actor,
        now=announced,
    )
    model = story.load_simulation(plan.slug)
    responses = simulate(
        story.load_questionnaire(plan.slug),
        model,
        surroundings=story.load_surroundings(),
        texts=story.load_texts(),
        seed=SEED,
    )
    # Of a consultation that is still open only the past can have been answered.
    until = min(closes_at, instance.calendar.today)
    codes = _codes(session, consultation, model.responses, instance, actor=actor, now=opens_at)
    for code, response in zip(codes, responses, strict=True):
        moment = opens_at + (until - opens_at) * response.position
        _answer(session, consultation, response, code=code, key=instance.credential_key, now=moment)
        advance(1)
    return consultation


def _codes(
    session: Session,
    consultation: Consultation,
    count: int,
    instance: Instance,
    *,
    actor: Actor,
    now: datetime,
) -> Iterable[str]:
    """A resume code for each participant; those invited to a poll exchange their tokens."""
    if consultation.kind == "public":
        return [new_resume_code() for _ in range(count)]
    tokens = create_invitations(
        session, consultation=consultation, count=count, actor=actor, now=now
    )
    return [
        exchange_invitation(
            session,
            consultation=consultation,
            token=token,
            key=instance.credential_key,
            now=now + timedelta(hours=1),
        )
        for token in tokens
    ]


def _answer(
    session: Session,
    consultation: Consultation,
    response: SimulatedResponse,
    *,
    code: str,
    key: bytes,
    now: datetime,
) -> None:
    """One participant's whole way: begin, give the background, answer, submit."""
    draft = begin_or_find_draft(
        session,
        consultation=consultation,
        code=code,
        language=response.language,
        now=now,
        credential_key=key,
    )
    profile, _ = clean_profile(response.profile)
    save_profile(draft, profile=profile, now=now)
    save_section(
        session,
        draft=draft,
        codes=list(response.answers),
        given=response.answers,
        language=response.language,
        now=now,
    )
    session.flush()
    submit_response(
        session,
        code=code,
        publication=response.profile["publication"],
        consent=True,
        language=response.language,
        now=now,
    )
    # What is submitted is a row; the session need not remember the draft it came from.
    session.expunge(draft)
