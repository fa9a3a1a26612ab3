"""Who was invited, and what became of each invitation: to look at, count, export and erase.

What stands here about an anonymous poll is who was invited and whose link was used on which day.
Nothing leads from there to a response: there is no such column.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from surveys.errors import InvitationNotFound
from surveys.inviting.delivery_reports import Reports
from surveys.inviting.mailing import note_bounce
from surveys.inviting.table_cells import write_csv
from surveys.inviting.tokens import invitation_of_message
from surveys.models import Consultation, Draft, Invitation, Response

PAGE_SIZE = 50


class InvitationState(StrEnum):
    """How far an invitation has come. ``ANSWERED`` is not known in an anonymous poll."""

    PAPER = "paper"
    WAITING = "waiting"
    INVITED = "invited"
    BOUNCED = "bounced"
    DECLINED = "declined"
    USED = "used"
    ANSWERED = "answered"


# The state of a row, in SQL: of two that apply, the one that says more about taking part.
_STATE: ColumnElement[str] = case(
    (Invitation.answered_on.is_not(None), InvitationState.ANSWERED.value),
    (Invitation.used_on.is_not(None), InvitationState.USED.value),
    (Invitation.declined_on.is_not(None), InvitationState.DECLINED.value),
    (Invitation.bounced_on.is_not(None), InvitationState.BOUNCED.value),
    (Invitation.invited_on.is_not(None), InvitationState.INVITED.value),
    (Invitation.email.is_not(None), InvitationState.WAITING.value),
    else_=InvitationState.PAPER.value,
)


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One page of the register: (invitation, state) of each, and how many there are in all."""

    entries: tuple[tuple[Invitation, InvitationState], ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class BouncesNoted:
    """``marked``: invitations that were marked as bounced; ``unknown``: failures that are not of
    any letter of ours."""

    marked: int
    unknown: int


def count_states(session: Session, *, consultation: Consultation) -> dict[InvitationState, int]:
    """How many invitations are in each state."""
    rows = session.execute(
        select(_STATE, func.count())
        .where(Invitation.consultation_id == consultation.id)
        .group_by(_STATE)
    ).all()
    found = {InvitationState(state): count for state, count in rows}
    return {state: found.get(state, 0) for state in InvitationState}


def list_invitations(
    session: Session,
    *,
    consultation: Consultation,
    state: InvitationState | None = None,
    search: str = "",
    page: int = 1,
) -> RegisterPage:
    """A page of the register, by name; ``search`` looks in name, address and organisation."""
    conditions = _conditions(consultation, state, search)
    total = session.scalar(select(func.count()).select_from(Invitation).where(*conditions)) or 0
    last = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), last)
    rows = session.execute(
        select(Invitation, _STATE)
        .where(*conditions)
        .order_by(func.lower(Invitation.name), func.lower(Invitation.email), Invitation.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    return RegisterPage(tuple((row[0], InvitationState(row[1])) for row in rows), total, page)


def export_invitations(session: Session, *, consultation: Consultation) -> bytes:
    """The register as a CSV file that a spreadsheet opens without computing anything."""
    rows = session.execute(
        select(Invitation, _STATE)
        .where(Invitation.consultation_id == consultation.id)
        .order_by(func.lower(Invitation.name), func.lower(Invitation.email), Invitation.id)
    ).all()
    further = list(dict.fromkeys(name for row in rows for name in row[0].attributes))
    days: tuple[str, ...] = ("invited_on", "reminded_on", "bounced_on", "declined_on", "used_on")
    if consultation.anonymity != "anonymous":
        days = (*days, "answered_on")
    headings = ["name", "email", "organisation", "language", "state", "reminders", *days,
                "bounce", *further]  # fmt: skip

    def cells() -> Iterator[list[str]]:
        for invitation, state in rows:
            yield [
                invitation.name or "", invitation.email or "", invitation.organisation or "",
                invitation.language or "", state, str(invitation.reminders),
                *(_day(getattr(invitation, day)) for day in days), invitation.bounce or "",
                *(invitation.attributes.get(name, "") for name in further),
            ]  # fmt: skip

    return write_csv(headings, cells())


def get_invitation(
    session: Session, *, consultation: Consultation, invitation_id: UUID
) -> Invitation:
    """Raises ``InvitationNotFound``."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None or invitation.consultation_id != consultation.id:
        raise InvitationNotFound
    return invitation


def erase_invitation(
    session: Session, *, consultation: Consultation, invitation_id: UUID, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Delete a person's entry with everything in it; an unused link is worth nothing then.

    A response is not deleted with it; in an identified poll it keeps no name of its own.
    """
    get_invitation(session, consultation=consultation, invitation_id=invitation_id)
    session.execute(delete(Invitation).where(Invitation.id == invitation_id))
    for table in (Response, Draft):
        session.execute(
            update(table).where(table.invitation_id == invitation_id).values(invitation_id=None)
        )
    audit.record_event(
        session, name="invitation.erased", actor=actor, now=now,
        subject=f"consultation:{consultation.slug}",
    )  # fmt: skip


def erase_expired_people(session: Session, *, now: datetime) -> int:
    """Forget who was invited where the retention of a consultation has ended; returns how many.

    The counts stay: an entry without name, address and attributes is like one on paper.
    """
    expired = select(Consultation.id).where(Consultation.retained_until < now.date())
    forgotten = session.execute(
        update(Invitation)
        .where(Invitation.consultation_id.in_(expired), Invitation.email.is_not(None))
        .values(name=None, email=None, organisation=None, language=None, attributes={}, bounce=None)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    return len(forgotten.all())


def list_participants(session: Session, *, consultation: Consultation) -> list[Any]:
    """In an identified poll: (reference, day, name, organisation, email) of each response given
    with an invitation. In any other there is nothing to list."""
    if consultation.anonymity != "identified":
        return []
    return list(
        session.execute(
            select(
                Response.reference, Response.day, Invitation.name, Invitation.organisation,
                Invitation.email,
            )
            .join(Invitation, Invitation.id == Response.invitation_id)
            .where(Response.consultation_id == consultation.id)
            .order_by(func.lower(Invitation.name), Response.reference)
        )
    )  # fmt: skip


def note_reports(
    session: Session, *, reports: Reports, key: bytes, actor: Actor, now: datetime
) -> BouncesNoted:
    """Mark the invitations whose letters came back.

    A letter is known by its signed Message-ID. Where a report does not return it, the address is
    looked for among those that were written to.
    """
    marked: dict[UUID, int] = {}
    unknown = 0
    for failure in reports.failures:
        found = invitation_of_message(key, failure.message_id)
        candidates = [found] if found is not None else _written_to(session, failure.address)
        words = f"{failure.status} {failure.words}".strip()
        hit = [
            each for each in candidates
            if note_bounce(session, invitation_id=each, words=words, now=now)
        ]  # fmt: skip
        unknown += not hit
        marked.update(dict.fromkeys(hit, 1))
    if marked:
        for slug, count in session.execute(
            select(Consultation.slug, func.count())
            .join(Invitation, Invitation.consultation_id == Consultation.id)
            .where(Invitation.id.in_(list(marked)[:30_000]))
            .group_by(Consultation.slug)
        ):
            audit.record_event(
                session, name="invitations.bounced", actor=actor, now=now,
                subject=f"consultation:{slug}", data={"count": count},
            )  # fmt: skip
    return BouncesNoted(len(marked), unknown)


def _written_to(session: Session, address: str) -> list[UUID]:
    """Open invitations that were sent to ``address``."""
    if not address:
        return []
    return list(
        session.scalars(
            select(Invitation.id).where(
                func.lower(Invitation.email) == address.lower(),
                Invitation.invited_on.is_not(None),
                Invitation.used_on.is_(None),
                Invitation.answered_on.is_(None),
            )
        )
    )


def _conditions(
    consultation: Consultation, state: InvitationState | None, search: str
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Invitation.consultation_id == consultation.id]
    if state is not None:
        conditions.append(_STATE.in_([state.value]))
    for word in search.split()[:5]:
        escaped = word.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        conditions.append(
            or_(
                *(
                    func.lower(column).like(f"%{escaped}%", escape="\\")
                    for column in (Invitation.name, Invitation.email, Invitation.organisation)
                )
            )
        )
    return conditions


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
