"""The consultations of the demonstration, held and answered as real ones are."""

import heapq
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app.demo import story
from app.demo.accounts import moderator_actor
from app.demo.inviting import Invited, invite
from app.demo.model import SimulationModel
from app.demo.simulation import MODERATED_AFTER, SimulatedResponse, simulate
from app.uploads import store_upload
from core.audit import Actor
from core.text import LocalizedText
from surveys.codes import new_resume_code
from surveys.consultations import (
    add_version,
    create_consultation,
    get_consultation,
    publish_version,
)
from surveys.drafts import begin_or_find_draft, save_profile, save_section
from surveys.making.blocks import save_block
from surveys.models import Consultation
from surveys.phases import extend_consultation, report_on_consultation, schedule_consultation
from surveys.preparing import ConsentPurpose, change_consents
from surveys.profile import clean_profile
from surveys.quotas import set_quota
from surveys.responses import submit_response
from surveys.speed import rounded_seconds
from surveys.statements import add_statement, moderate_statements

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


@dataclass(slots=True)
class _Happenings:
    """What happens while people answer, each at its moment."""

    _waiting: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)

    def at(self, moment: datetime, happen: Callable[[datetime], None]) -> None:
        heapq.heappush(self._waiting, (moment, len(self._waiting), happen))

    def until(self, now: datetime) -> None:
        """Let everything happen that is due by ``now``, in order."""
        while self._waiting and self._waiting[0][0] <= now:
            moment, _, happen = heapq.heappop(self._waiting)
            happen(moment)


def hold_consultation(
    session: Session,
    plan: story.ConsultationPlan,
    *,
    instance: Instance,
    actor: Actor,
    advance: Advance,
) -> Consultation:
    """Announce a consultation, open it, and let the simulated participants answer."""
    calendar = instance.calendar
    consultation = _prepare(session, plan, calendar, actor=actor)
    opens_at, closes_at = calendar.at(plan.opens), calendar.at(plan.closes, 22)
    invited: Invited | None = None
    if plan.invited is not None:
        # Before dates are set: no letter waits for the opening.
        invited = invite(
            session,
            consultation,
            plan.invited,
            key=instance.credential_key,
            announced=calendar.at(plan.opens - NOTICE_DAYS),
            opens_at=opens_at,
            actor=actor,
        )
    _announce(session, consultation, plan, calendar, actor=actor)
    # Of a consultation that is still open only the past can have been answered.
    until = min(closes_at, calendar.today)
    happenings = _Happenings()
    if plan.extended is not None:
        extend = partial(_extend, session, consultation, closes_at, actor)
        happenings.at(calendar.at(plan.extended.on, 11), extend)
    if plan.invited is not None and invited is not None:
        happenings.at(calendar.at(plan.invited.reminded, 10), invited.remind)
    model = story.load_simulation(plan.slug)
    added = _add_statements(session, consultation, model, happenings, opens_at, until)
    responses = simulate(
        story.load_questionnaire(plan.slug),
        model,
        surroundings=story.load_surroundings(),
        texts=story.load_texts(),
        seed=SEED,
    )
    for response in responses:
        moment = opens_at + (until - opens_at) * response.position
        happenings.until(moment)
        code = new_resume_code() if invited is None else invited.next_code(moment)
        _answer(
            session,
            consultation,
            response,
            judged={added[place]: stance for place, stance in response.judged.items()},
            code=code,
            key=instance.credential_key,
            now=moment,
        )
        advance(1)
    happenings.until(until)
    if invited is not None:
        invited.see_who_answered()
    if plan.draft is not None:
        add_version(
            session,
            consultation=consultation,
            definition=story.next_version(story.questionnaire_document(plan.slug), plan.draft),
            actor=actor,
            now=until,
        )
    return consultation


def publish_report(
    session: Session, plan: story.ConsultationPlan, *, instance: Instance, actor: Actor
) -> None:
    """Say what was made of the input, where the story says it."""
    if plan.report is not None:
        report_on_consultation(
            session,
            consultation=get_consultation(session, slug=plan.slug),
            report=LocalizedText(plan.report.text),
            actor=actor,
            now=instance.calendar.at(plan.report.on),
        )


def _prepare(
    session: Session, plan: story.ConsultationPlan, calendar: story.Calendar, *, actor: Actor
) -> Consultation:
    """A consultation with its consents, its (first) questionnaire and its quotas; no dates yet."""
    announced = calendar.at(plan.opens - NOTICE_DAYS)
    document = story.questionnaire_document(plan.slug)
    consultation = create_consultation(
        session,
        slug=plan.slug,
        title=LocalizedText(document["title"]),
        summary=LocalizedText(plan.summary),
        kind=plan.kind,
        anonymity=plan.anonymity,
        retained_until=(calendar.at(plan.closes) + RETENTION).date(),
        simulated=True,
        actor=actor,
        now=announced,
    )
    change_consents(
        session,
        consultation=consultation,
        consents=[
            ConsentPurpose(consent.purpose, consent.version, consent.text)
            for consent in plan.consents
        ],
        actor=actor,
        now=announced,
    )
    second = plan.second_version
    first = document if second is None else story.first_version(document, second)
    _publish_version(session, consultation, first, actor=actor, now=announced)
    if plan.block is not None:
        save_block(
            session,
            slug=plan.block.slug,
            document=document,
            section=plan.block.section,
            actor=actor,
            now=announced,
        )
    for quota in plan.quotas:
        set_quota(
            session,
            consultation=consultation,
            code=quota.code,
            name=LocalizedText(quota.name),
            condition=quota.condition,
            places=quota.places,
            actor=actor,
            now=announced,
        )
    return consultation


def _announce(
    session: Session,
    consultation: Consultation,
    plan: story.ConsultationPlan,
    calendar: story.Calendar,
    *,
    actor: Actor,
) -> None:
    """Set the dates; and before it opens, publish the version that people answer."""
    schedule_consultation(
        session,
        consultation=consultation,
        opens_at=calendar.at(plan.opens),
        closes_at=calendar.at(plan.extended.first_closes if plan.extended else plan.closes, 22),
        actor=actor,
        now=calendar.at(plan.opens - NOTICE_DAYS),
    )
    if plan.second_version is not None:
        _publish_version(
            session,
            consultation,
            story.questionnaire_document(plan.slug),
            actor=actor,
            now=calendar.at(plan.second_version.on),
        )


def _extend(
    session: Session, consultation: Consultation, closes_at: datetime, actor: Actor, now: datetime
) -> None:
    extend_consultation(
        session, consultation=consultation, closes_at=closes_at, actor=actor, now=now
    )


def _publish_version(
    session: Session,
    consultation: Consultation,
    document: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    version = add_version(
        session, consultation=consultation, definition=document, actor=actor, now=now
    )
    publish_version(session, consultation=consultation, version=version, actor=actor, now=now)


def _add_statements(
    session: Session,
    consultation: Consultation,
    model: SimulationModel,
    happenings: _Happenings,
    opens_at: datetime,
    until: datetime,
) -> dict[int, str]:
    """Let participants add statements and the moderator decide; the codes they get, by place."""
    codes: dict[int, str] = {}
    questions = story.load_questionnaire(consultation.slug).by_code

    def add(place: int, now: datetime) -> None:
        added = model.added_statements[place]
        statement = add_statement(
            session,
            consultation=consultation,
            question=questions[added.question],
            text=added.text,
            language=added.language,
            already=0,
            now=now,
        )
        codes[place] = statement.code

    def decide(place: int, now: datetime) -> None:
        added = model.added_statements[place]
        if added.decision != "pending":
            moderate_statements(
                session,
                consultation=consultation,
                codes=[codes[place]],
                decision=added.decision,
                reason=added.reason,
                actor=moderator_actor(session),
                now=now,
            )

    lasts = until - opens_at
    for place, added in enumerate(model.added_statements):
        happenings.at(opens_at + lasts * added.position, partial(add, place))
        decided_at = opens_at + lasts * (added.position + MODERATED_AFTER)
        happenings.at(decided_at, partial(decide, place))
    return codes


def _answer(
    session: Session,
    consultation: Consultation,
    response: SimulatedResponse,
    *,
    judged: dict[str, str],
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
        given=_with_judged(consultation, response, judged),
        language=response.language,
        now=now,
    )
    _keep_files(consultation, response)
    session.flush()
    submit_response(
        session,
        code=code,
        publication=response.profile["publication"],
        consent=True,
        language=response.language,
        now=now,
        seconds=rounded_seconds(response.seconds),
        purposes=response.purposes,
    )
    # What is submitted is a row; the session need not remember the draft it came from.
    session.expunge(draft)


def _with_judged(
    consultation: Consultation, response: SimulatedResponse, judged: dict[str, str]
) -> dict[str, Any]:
    """The answers, with what is said of statements that others added."""
    questions = story.load_questionnaire(consultation.slug).questions
    return {
        question.code: {**response.answers[question.code], **judged}
        if question.type == "statements"
        else response.answers[question.code]
        for question in questions
        if question.code in response.answers
    }


def _keep_files(consultation: Consultation, response: SimulatedResponse) -> None:
    """Put what was attached where the files of respondents are."""
    waiting = list(response.files)
    for question in story.load_questionnaire(consultation.slug).questions:
        if question.type == "upload":
            for entry in response.answers.get(question.code, ()):
                store_upload(io.BytesIO(waiting.pop(0)), name=entry["name"], question=question)
