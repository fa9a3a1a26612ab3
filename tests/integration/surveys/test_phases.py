"""The phases of a consultation, and who may move its dates."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.models import AuditEntry
from core.text import LocalizedText
from surveys.consultations import create_consultation
from surveys.errors import (
    AlreadyBegun,
    ConsultationFull,
    InvalidConsultation,
    NotOpen,
    NotReportable,
    NotScheduled,
)
from surveys.models import Consultation
from surveys.phases import (
    Phase,
    extend_consultation,
    is_full,
    phase_of,
    report_on_consultation,
    require_open,
    schedule_consultation,
    set_audience,
    steps_of,
)
from tests.questionnaire_factory import open_consultation

DAY = timedelta(days=1)


@pytest.fixture
def consultation(session: Session, now: datetime) -> Consultation:
    """Opened yesterday, closes in ten days."""
    return open_consultation(session, now)


def extend(
    session: Session, consultation: Consultation, closes_at: datetime, now: datetime
) -> None:
    extend_consultation(
        session, consultation=consultation, closes_at=closes_at, actor=OPERATOR, now=now
    )


def events(session: Session) -> list[str]:
    entries = session.scalars(select(AuditEntry.event).where(AuditEntry.event.is_not(None)))
    return [event["name"] for event in entries]


def test_the_phases_follow_one_another(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    assert phase_of(consultation, now=now - 2 * DAY) is Phase.ANNOUNCED
    assert phase_of(consultation, now=now) is Phase.OPEN
    extend(session, consultation, now + 20 * DAY, now)
    assert phase_of(consultation, now=now - 2 * DAY) is Phase.ANNOUNCED
    assert phase_of(consultation, now=now) is Phase.EXTENDED
    assert phase_of(consultation, now=now).is_open
    assert consultation.first_closes_at == now + 10 * DAY
    over = now + 20 * DAY
    assert phase_of(consultation, now=over) is Phase.CLOSED
    report_on_consultation(
        session, consultation=consultation, actor=OPERATOR, now=over + DAY,
        report=LocalizedText({"en": "Radio moved up.", "fr": "La radio est montée."}),
    )  # fmt: skip
    assert phase_of(consultation, now=over) is Phase.CLOSED
    assert phase_of(consultation, now=over + DAY) is Phase.REPORTED
    assert phase_of(consultation, now=over + DAY).is_closed
    assert {"consultation.scheduled", "consultation.extended", "consultation.reported"} <= set(
        events(session)
    )


def test_the_steps_say_what_was_what_is_and_what_comes(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    extend(session, consultation, now + 20 * DAY, now)
    assert [(step.phase, step.state) for step in steps_of(consultation, now=now)] == [
        (Phase.ANNOUNCED, "done"), (Phase.OPEN, "done"), (Phase.EXTENDED, "now"),
        (Phase.CLOSED, "to_come"), (Phase.REPORTED, "to_come"),
    ]  # fmt: skip
    assert steps_of(consultation, now=now)[2].at == now + 10 * DAY


def test_twice_extended_keeps_the_closing_first_announced(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    extend(session, consultation, now + 12 * DAY, now)
    extend(session, consultation, now + 15 * DAY, now)
    assert consultation.first_closes_at == now + 10 * DAY


def test_an_extension_is_later_and_in_the_future(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    with pytest.raises(InvalidConsultation, match="closes_at: expected a moment in the future"):
        extend(session, consultation, now + 10 * DAY, now)
    with pytest.raises(InvalidConsultation):
        extend(session, consultation, now + 11 * DAY, now + 12 * DAY)
    consultation.closes_at = None
    with pytest.raises(NotScheduled):
        extend(session, consultation, now + 20 * DAY, now)


def test_what_has_closed_can_open_again_until_it_is_reported_on(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    over = now + 11 * DAY
    extend(session, consultation, now + 20 * DAY, over)
    assert phase_of(consultation, now=over) is Phase.EXTENDED
    done = now + 21 * DAY
    report_on_consultation(
        session, consultation=consultation, report=LocalizedText.of("Thanks."), actor=OPERATOR,
        now=done,
    )  # fmt: skip
    with pytest.raises(AlreadyBegun):
        extend(session, consultation, now + 30 * DAY, done)


def test_dates_are_announced_anew_before_the_opening_and_extended_after(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    def schedule(moment: datetime, closes_at: datetime) -> None:
        schedule_consultation(
            session, consultation=consultation, opens_at=now - DAY, closes_at=closes_at,
            actor=OPERATOR, now=moment, time_zone="europe/athens",
        )  # fmt: skip

    schedule(now - 3 * DAY, now + 11 * DAY)
    assert consultation.first_closes_at is None
    assert consultation.time_zone == "Europe/Athens"
    schedule(now, now + 13 * DAY)
    assert phase_of(consultation, now=now) is Phase.EXTENDED
    assert consultation.first_closes_at == now + 11 * DAY
    schedule(now, now + 9 * DAY)
    assert phase_of(consultation, now=now) is Phase.OPEN


def test_a_full_consultation_is_closed_and_says_so(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    consultation.filled_at = now.replace(hour=0)
    assert phase_of(consultation, now=now) is Phase.CLOSED
    assert is_full(consultation, now=now)
    with pytest.raises(ConsultationFull):
        require_open(consultation, now=now)
    with pytest.raises(AlreadyBegun, match="place"):
        extend(session, consultation, now + 20 * DAY, now)
    consultation.filled_at = None
    with pytest.raises(NotOpen):
        require_open(consultation, now=now + 11 * DAY)


def test_nothing_is_reported_before_the_closing(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    with pytest.raises(NotReportable):
        report_on_consultation(
            session, consultation=consultation, report=LocalizedText.of("x"), actor=OPERATOR,
            now=now,
        )  # fmt: skip
    with pytest.raises(InvalidConsultation, match="report"):
        report_on_consultation(
            session, consultation=consultation, report=LocalizedText.of("  "), actor=OPERATOR,
            now=now + 11 * DAY,
        )  # fmt: skip


def test_a_corrected_report_keeps_its_day(
    session: Session, consultation: Consultation, now: datetime
) -> None:
    for days, text in ((11, "First."), (14, "Better.")):
        report_on_consultation(
            session, consultation=consultation, report=LocalizedText.of(text), actor=OPERATOR,
            now=now + days * DAY,
        )  # fmt: skip
    assert consultation.reported_at == now + 11 * DAY
    assert consultation.report == LocalizedText.of("Better.")


def test_the_promise_is_chosen_before_the_opening_only(session: Session, now: datetime) -> None:
    consultation = create_consultation(
        session, slug="poll", title=LocalizedText.of("Poll"), actor=OPERATOR, now=now
    )

    def choose(kind: str, anonymity: str, moment: datetime = now) -> None:
        set_audience(
            session, consultation=consultation, kind=kind, anonymity=anonymity, actor=OPERATOR,
            now=moment,
        )  # fmt: skip

    choose("targeted", "pseudonymous")
    assert (consultation.kind, consultation.anonymity) == ("targeted", "pseudonymous")
    with pytest.raises(InvalidConsultation, match="anonymity: expected one of"):
        choose("targeted", "secret")
    with pytest.raises(InvalidConsultation, match="kind"):
        choose("private", "anonymous")
    opened = open_consultation(session, now)
    with pytest.raises(AlreadyBegun):
        set_audience(
            session, consultation=opened, kind="public", anonymity="identified", actor=OPERATOR,
            now=now,
        )  # fmt: skip
