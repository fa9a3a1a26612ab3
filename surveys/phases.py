"""Where a consultation stands: prepared, announced, open, extended, closed, reported.

Opening and closing happen by themselves, at the moments set; nothing is stored when they come.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.text import LocalizedText, clean_text
from surveys.errors import (
    AlreadyBegun,
    ConsultationFull,
    InvalidConsultation,
    NothingPublished,
    NotOpen,
    NotReportable,
    NotScheduled,
)
from surveys.models import Consultation
from surveys.time_zones import clean_time_zone

MAXIMUM_REPORT = 50_000
KINDS = ("public", "targeted")
ANONYMITY = ("anonymous", "pseudonymous", "identified")


class Phase(StrEnum):
    """Where a consultation stands at a moment.

    ``EXTENDED`` is open, with a closing later than the one first announced; ``REPORTED`` is closed,
    with a report of what was made of the input.
    """

    PREPARED = "prepared"
    ANNOUNCED = "announced"
    OPEN = "open"
    EXTENDED = "extended"
    CLOSED = "closed"
    REPORTED = "reported"

    @property
    def is_open(self) -> bool:
        """Whether answers are accepted."""
        return self in (Phase.OPEN, Phase.EXTENDED)

    @property
    def is_closed(self) -> bool:
        """Whether it is over: no answers are accepted any more."""
        return self in (Phase.CLOSED, Phase.REPORTED)


@dataclass(frozen=True, slots=True)
class Step:
    """One phase on the way of a consultation, as its page shows them.

    ``at``: when it begins or began; None when that is not known (yet). ``state``: ``"done"``,
    ``"now"`` or ``"to_come"``.
    """

    phase: Phase
    at: datetime | None
    state: str


def phase_of(consultation: Consultation, *, now: datetime) -> Phase:
    """Open from ``opens_at`` up to, not including, ``closes_at``, or until every place is taken."""
    if consultation.current_version_id is None or consultation.opens_at is None:
        return Phase.PREPARED
    if now < consultation.opens_at:
        return Phase.ANNOUNCED
    if ends_at(consultation, now=now) is not None:
        reported = consultation.reported_at is not None and consultation.reported_at <= now
        return Phase.REPORTED if reported else Phase.CLOSED
    return Phase.EXTENDED if is_extended(consultation) else Phase.OPEN


def ends_at(consultation: Consultation, *, now: datetime) -> datetime | None:
    """When it closed; None while it has not. Of ``filled_at`` only the day means something."""
    ends = [
        moment
        for moment in (consultation.closes_at, consultation.filled_at)
        if moment is not None and moment <= now
    ]
    return min(ends, default=None)


def is_full(consultation: Consultation, *, now: datetime) -> bool:
    """Whether it closed because every place was taken."""
    return consultation.filled_at is not None and ends_at(consultation, now=now) == (
        consultation.filled_at
    )


def is_extended(consultation: Consultation) -> bool:
    """Whether it closes later than was first announced."""
    first = consultation.first_closes_at
    return first is not None and (consultation.closes_at is None or consultation.closes_at > first)


def require_open(consultation: Consultation, *, now: datetime) -> None:
    """Raises ``NotOpen``, or ``ConsultationFull`` where it closed with its last place."""
    if phase_of(consultation, now=now).is_open:
        return
    if is_full(consultation, now=now):
        raise ConsultationFull(slug=consultation.slug)
    raise NotOpen(slug=consultation.slug)


def steps_of(consultation: Consultation, *, now: datetime) -> list[Step]:
    """The phases a consultation goes through, in order, with where it stands now."""
    phase = phase_of(consultation, now=now)
    moments: list[tuple[Phase, datetime | None]] = [
        (Phase.ANNOUNCED, None),
        (Phase.OPEN, consultation.opens_at),
    ]
    if is_extended(consultation):
        moments.append((Phase.EXTENDED, consultation.first_closes_at))
    moments += [
        (Phase.CLOSED, ends_at(consultation, now=now) or consultation.closes_at),
        (Phase.REPORTED, consultation.reported_at),
    ]
    order = [each for each, _ in moments]
    here = order.index(phase) if phase in order else -1
    return [
        Step(each, at, "now" if place == here else "done" if place < here else "to_come")
        for place, (each, at) in enumerate(moments)
    ]


def schedule_consultation(
    session: Session,
    *,
    consultation: Consultation,
    opens_at: datetime,
    closes_at: datetime | None,
    actor: Actor,
    now: datetime,
    retained_until: date | None = None,
    time_zone: str | None = None,
) -> None:
    """Set when it opens and closes; it does so by itself at these moments.

    Before the opening the dates are announced anew; once it has opened, a later closing is an
    extension. ``retained_until``: the last day on which responses are kept; None leaves it as it
    is. ``time_zone``: the zone in which its dates are shown; None leaves it.
    """
    if closes_at is not None and closes_at <= opens_at:
        raise InvalidConsultation(where="closes_at", reason="expected a moment after the opening")
    if consultation.current_version_id is None:
        raise NothingPublished(slug=consultation.slug)
    if retained_until is not None:
        if retained_until < (closes_at or opens_at).date():
            raise InvalidConsultation(
                where="retained_until", reason="expected a day after the consultation has closed"
            )
        consultation.retained_until = retained_until
    if time_zone is not None:
        consultation.time_zone = clean_time_zone(time_zone)
    before = phase_of(consultation, now=now)
    if before in (Phase.PREPARED, Phase.ANNOUNCED):
        consultation.first_closes_at = None
    elif _is_later(closes_at, consultation.closes_at):
        consultation.first_closes_at = consultation.first_closes_at or consultation.closes_at
    consultation.opens_at, consultation.closes_at = opens_at, closes_at
    session.flush()
    audit.record_event(
        session, name="consultation.scheduled", actor=actor, now=now,
        subject=f"consultation:{consultation.slug}",
        data={
            "opens_at": opens_at.isoformat(),
            "closes_at": closes_at.isoformat() if closes_at else None,
            "retained_until": (
                consultation.retained_until.isoformat() if consultation.retained_until else None
            ),
            "time_zone": consultation.time_zone,
            "phase": phase_of(consultation, now=now).value,
        },
    )  # fmt: skip


def extend_consultation(
    session: Session,
    *,
    consultation: Consultation,
    closes_at: datetime,
    actor: Actor,
    now: datetime,
) -> None:
    """Move the closing later than it was announced; the one first announced is kept and shown.

    A consultation that has closed opens again, unless it is full or reported on. Raises
    ``NotScheduled`` where no closing was announced, ``InvalidConsultation``, ``AlreadyBegun``.
    """
    phase = phase_of(consultation, now=now)
    if phase is Phase.PREPARED or consultation.closes_at is None:
        raise NotScheduled(slug=consultation.slug)
    if phase is Phase.REPORTED:
        raise AlreadyBegun(reason="The report is published; a consultation ends with it.")
    if is_full(consultation, now=now):
        raise AlreadyBegun(reason="Every place is taken; raise the number of places first.")
    if closes_at <= consultation.closes_at or closes_at <= now:
        raise InvalidConsultation(
            where="closes_at",
            reason="expected a moment in the future, later than the closing announced: "
            f"{consultation.closes_at.isoformat(timespec='minutes')}",
        )
    before = consultation.closes_at
    consultation.first_closes_at = consultation.first_closes_at or before
    consultation.closes_at = closes_at
    if consultation.retained_until is not None and consultation.retained_until < closes_at.date():
        raise InvalidConsultation(
            where="closes_at",
            reason="expected a day on which responses are still kept: they are deleted after "
            f"{consultation.retained_until.isoformat()}; keep them longer first",
        )
    session.flush()
    audit.record_event(
        session, name="consultation.extended", actor=actor, now=now,
        subject=f"consultation:{consultation.slug}",
        data={
            "from": before.isoformat(), "to": closes_at.isoformat(),
            "opened_again": phase is Phase.CLOSED,
        },
    )  # fmt: skip


def report_on_consultation(
    session: Session, *, consultation: Consultation, report: LocalizedText, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Publish what was made of the input; a later call corrects the text, the day stays.

    Raises ``NotReportable`` before the closing.
    """
    if not phase_of(consultation, now=now).is_closed:
        raise NotReportable(slug=consultation.slug)
    texts = {
        language: clean_text(text.strip(), where=f"report.{language}", maximum=MAXIMUM_REPORT)
        for language, text in report.items()
        if text.strip()
    }
    if not texts:
        raise InvalidConsultation(where="report", reason="expected a text in one language at least")
    first = consultation.reported_at is None
    consultation.report = LocalizedText(texts, report.fallback)
    consultation.reported_at = consultation.reported_at or now
    session.flush()
    audit.record_event(
        session, name="consultation.reported", actor=actor, now=now,
        subject=f"consultation:{consultation.slug}",
        data={"languages": sorted(texts), "corrected": not first},
    )  # fmt: skip


def set_audience(
    session: Session,
    *,
    consultation: Consultation,
    kind: str,
    anonymity: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Choose who may answer, and what is promised to them; possible until it opens.

    ``kind``: one of ``KINDS``; ``anonymity``: one of ``ANONYMITY``. Raises ``AlreadyBegun`` once it
    has opened: a promise that was made is kept.
    """
    check_audience(kind, anonymity)
    if phase_of(consultation, now=now) not in (Phase.PREPARED, Phase.ANNOUNCED):
        raise AlreadyBegun(
            reason="It has opened: who may answer and what was promised stay as they are."
        )
    consultation.kind, consultation.anonymity = kind, anonymity
    session.flush()
    audit.record_event(
        session, name="consultation.audience_set", actor=actor, now=now,
        subject=f"consultation:{consultation.slug}", data={"kind": kind, "anonymity": anonymity},
    )  # fmt: skip


def check_audience(kind: str, anonymity: str) -> None:
    """Raises ``InvalidConsultation`` for a kind or a degree of anonymity that does not exist."""
    if kind not in KINDS:
        raise InvalidConsultation(where="kind", reason=f"expected {' or '.join(KINDS)}")
    if anonymity not in ANONYMITY:
        raise InvalidConsultation(
            where="anonymity", reason=f"expected one of {', '.join(ANONYMITY)}"
        )


def _is_later(closing: datetime | None, than: datetime | None) -> bool:
    """Whether a closing is later than another; without one it is open without end."""
    return than is not None and (closing is None or closing > than)
