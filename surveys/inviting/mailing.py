"""Use cases about writing to people who are invited: whom, what, and what became of it.

A message in the outbox names the invitation and the number of the letter, nothing else: 0 invites,
1 … remind. Everything personal is read when it is sent, so nothing of it stays behind there, and a
letter that is no longer wanted is not sent. ``app/invitation_mail.py`` does the sending.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.orm import Session

from core import audit, outbox
from core.audit import Actor
from core.ids import random_uuid
from surveys.errors import InvalidConsultation, InvitationNotFound
from surveys.inviting.invitation_lists import MAXIMUM_LINES, Invitee, clean_email
from surveys.inviting.invitation_texts import KINDS, LetterText, check_text
from surveys.inviting.invitations import require_targeted
from surveys.inviting.tokens import invitation_token, is_hash_of, token_hash
from surveys.models import Consultation, Invitation, InvitationText
from surveys.phases import Phase, phase_of, require_open

LETTER_TOPIC = "email.invitation"
MAXIMUM_BOUNCE = 300


@dataclass(frozen=True, slots=True)
class InvitedPeople:
    """``created``: how many are new; ``known``: addresses that were invited before;
    ``sending``: ``"now"``, ``"at_opening"``, or ``"later"`` while no dates are set."""

    created: int
    known: tuple[Invitee, ...]
    sending: str


@dataclass(frozen=True, slots=True)
class Letter:
    """All that is needed to write one letter."""

    invitation_id: UUID
    number: int
    email: str
    name: str
    organisation: str
    language: str
    # Whether the link was used, in a poll that may know it and is waiting for the answer.
    begun: bool
    consultation: Consultation
    own_texts: dict[tuple[str, str], LetterText]


def find_known(
    session: Session, *, consultation: Consultation, invitees: Sequence[Invitee]
) -> tuple[Invitee, ...]:
    """Those of ``invitees`` whose address has an invitation to this poll already."""
    known = set(
        session.scalars(
            select(func.lower(Invitation.email)).where(
                Invitation.consultation_id == consultation.id, Invitation.email.is_not(None)
            )
        )
    )
    return tuple(invitee for invitee in invitees if invitee.email.lower() in known)


def invite_people(
    session: Session,
    *,
    consultation: Consultation,
    invitees: Sequence[Invitee],
    key: bytes,
    actor: Actor,
    now: datetime,
) -> InvitedPeople:
    """Make an invitation for each of ``invitees`` who has none yet, and have them sent.

    They are sent at once, or when it opens; while no dates are set, by ``send_invitations`` later.
    Raises ``InvalidConsultation`` for a public consultation, ``NotOpen`` for one that is over.
    """
    require_targeted(consultation)
    phase = phase_of(consultation, now=now)
    if phase.is_closed:
        require_open(consultation, now=now)
    known = find_known(session, consultation=consultation, invitees=invitees)
    numbers = {invitee.email for invitee in known}
    rows: list[dict[str, Any]] = []
    for invitee in invitees:
        if invitee.email not in numbers:
            invitation_id = random_uuid()
            rows.append(
                {
                    "id": invitation_id,
                    "consultation_id": consultation.id,
                    "token_hash": token_hash(invitation_token(key, invitation_id)),
                    "name": invitee.name or None,
                    "email": invitee.email,
                    "organisation": invitee.organisation or None,
                    "language": invitee.language,
                    "attributes": dict(invitee.attributes),
                }
            )
    total = session.scalar(
        select(func.count()).where(Invitation.consultation_id == consultation.id)
    )
    if (total or 0) + len(rows) > 10 * MAXIMUM_LINES:
        raise InvalidConsultation(
            where="list", reason=f"a poll takes {10 * MAXIMUM_LINES:,} invitations at most"
        )
    if rows:
        session.execute(insert(Invitation), rows)
    if phase is not Phase.PREPARED:
        _enqueue(session, consultation, [row["id"] for row in rows], now=now)
    if rows:
        _record(session, consultation, "invitations.created",
                {"count": len(rows), "by_email": True}, actor=actor, now=now)  # fmt: skip
    sending = {Phase.PREPARED: "later", Phase.ANNOUNCED: "at_opening"}.get(phase, "now")
    return InvitedPeople(len(rows), known, sending)


def send_invitations(
    session: Session, *, consultation: Consultation, actor: Actor, now: datetime
) -> int:
    """Have all invitations sent that wait for it; returns how many. Harmless when repeated."""
    require_targeted(consultation)
    if phase_of(consultation, now=now) is Phase.PREPARED:
        raise InvalidConsultation(
            where="opens_at", reason="set the dates first: an invitation names the closing"
        )
    if phase_of(consultation, now=now).is_closed:
        require_open(consultation, now=now)
    waiting = session.scalars(
        select(Invitation.id).where(Invitation.consultation_id == consultation.id, *is_waiting())
    ).all()
    _enqueue(session, consultation, waiting, now=now)
    if waiting:
        _record(session, consultation, "invitations.sent", {"count": len(waiting)},
                actor=actor, now=now)  # fmt: skip
    return len(waiting)


def is_waiting() -> tuple[ColumnElement[bool], ...]:
    """The condition for an invitation by e-mail that no mail server has taken yet."""
    return (
        Invitation.email.is_not(None),
        Invitation.invited_on.is_(None),
        Invitation.bounced_on.is_(None),
        Invitation.declined_on.is_(None),
        Invitation.used_on.is_(None),
    )


def may_be_reminded(
    consultation: Consultation, *, today: date, again: bool = False
) -> tuple[ColumnElement[bool], ...]:
    """The condition for a person to be reminded: invited, reachable, willing, not heard of yet.

    In an anonymous poll "answered" can only mean that the invitation was used. Whoever was reminded
    today is left in peace unless ``again``.
    """
    answered = (
        Invitation.used_on if consultation.anonymity == "anonymous" else Invitation.answered_on
    )
    conditions: tuple[ColumnElement[bool], ...] = (
        Invitation.email.is_not(None),
        Invitation.invited_on.is_not(None),
        Invitation.bounced_on.is_(None),
        Invitation.declined_on.is_(None),
        answered.is_(None),
    )
    if again:
        return conditions
    return (*conditions, or_(Invitation.reminded_on.is_(None), Invitation.reminded_on < today))


def count_to_remind(session: Session, *, consultation: Consultation, now: datetime) -> int:
    """How many people ``remind`` would write to now."""
    return (
        session.scalar(
            select(func.count()).where(
                Invitation.consultation_id == consultation.id,
                *may_be_reminded(consultation, today=now.date()),
            )
        )
        or 0
    )


def remind(
    session: Session,
    *,
    consultation: Consultation,
    actor: Actor,
    now: datetime,
    again: bool = False,
) -> int:
    """Have a reminder sent to everybody who has not answered; returns to how many.

    In a pseudonymous poll, see who has answered first (``inviting.invitations.note_answers``).
    Asked twice before the first was sent, it is sent once. Raises ``NotOpen``.
    """
    require_targeted(consultation)
    require_open(consultation, now=now)
    rows = session.execute(
        select(Invitation.id, Invitation.reminders).where(
            Invitation.consultation_id == consultation.id,
            *may_be_reminded(consultation, today=now.date(), again=again),
        )
    ).all()
    outbox.enqueue_many(
        session, topic=LETTER_TOPIC, due_at=now,
        payloads=[{"invitation": str(row.id), "number": row.reminders + 1} for row in rows],
    )  # fmt: skip
    if rows:
        _record(session, consultation, "invitations.reminded", {"count": len(rows)},
                actor=actor, now=now)  # fmt: skip
    return len(rows)


def find_letter(session: Session, *, payload: dict[str, Any], now: datetime) -> Letter | None:
    """What to write for an outbox message; None where there is nothing to write (any more).

    Not a second time, not to whoever declined, bounced, answered or was deleted, not outside the
    open phase. An invitation that is due before the opening waits for it once more.
    """
    number = int(payload["number"])
    invitation = session.get(Invitation, UUID(payload["invitation"]))
    if invitation is None or invitation.email is None:
        return None
    consultation = session.get_one(Consultation, invitation.consultation_id)
    phase = phase_of(consultation, now=now)
    answered = (
        invitation.used_on if consultation.anonymity == "anonymous" else invitation.answered_on
    )
    done = invitation.invited_on is not None if number == 0 else invitation.reminders >= number
    unwanted = invitation.declined_on or invitation.bounced_on or answered
    if done or unwanted or not phase.is_open:
        return None
    texts = session.scalars(
        select(InvitationText).where(InvitationText.consultation_id == consultation.id)
    )
    return Letter(
        invitation.id, number, invitation.email, invitation.name or "",
        invitation.organisation or "", invitation.language or consultation.title.fallback or "en",
        invitation.used_on is not None, consultation,
        {(text.kind, text.language): LetterText(text.subject, text.body) for text in texts},
    )  # fmt: skip


def postpone_to_opening(session: Session, *, payload: dict[str, Any], now: datetime) -> bool:
    """Let an invitation whose poll opens later than it did when it was queued wait until then."""
    invitation = session.get(Invitation, UUID(payload["invitation"]))
    if invitation is None:
        return False
    consultation = session.get_one(Consultation, invitation.consultation_id)
    if phase_of(consultation, now=now) is not Phase.ANNOUNCED:
        return False
    _enqueue(session, consultation, [invitation.id], now=now)
    return True


def has_stale_token(session: Session, *, invitation_id: UUID, key: bytes) -> bool:
    """Whether the key of the instance was changed since the invitation was made."""
    stored = session.scalar(select(Invitation.token_hash).where(Invitation.id == invitation_id))
    return stored is not None and not is_hash_of(invitation_token(key, invitation_id), stored)


def renew_token(session: Session, *, invitation_id: UUID, key: bytes) -> None:
    """Let the link that is sent now be the good one; one sent before ends with the old key."""
    session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id)
        .values(token_hash=token_hash(invitation_token(key, invitation_id)))
    )


def note_sent(session: Session, *, invitation_id: UUID, number: int, now: datetime) -> None:
    """A mail server has taken the letter."""
    values: dict[str, Any] = (
        {"invited_on": now.date()}
        if number == 0
        else {"reminded_on": now.date(), "reminders": number}
    )
    session.execute(update(Invitation).where(Invitation.id == invitation_id).values(values))


def note_bounce(session: Session, *, invitation_id: UUID, words: str, now: datetime) -> bool:
    """A mail server refused the address, in its words; False where the invitation is gone."""
    cleaned = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    noted = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id)
        .values(bounced_on=now.date(), bounce=cleaned[:MAXIMUM_BOUNCE])
        .returning(Invitation.id)
    ).one_or_none()
    return noted is not None


def decline_letters(
    session: Session, *, invitation_id: UUID, declined: bool, now: datetime
) -> Consultation:
    """Write to this person no more about this poll, or again. The invitation itself stays good."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None:
        raise InvitationNotFound
    if declined:
        invitation.declined_on = invitation.declined_on or now.date()
    else:
        invitation.declined_on = None
    session.flush()
    return session.get_one(Consultation, invitation.consultation_id)


def correct_address(
    session: Session, *, invitation: Invitation, email: str, actor: Actor, now: datetime
) -> None:
    """Try again with another address, or the same, after a bounce. The link stays the same."""
    consultation = session.get_one(Consultation, invitation.consultation_id)
    address = clean_email(email)
    taken = session.scalar(
        select(Invitation.id).where(
            Invitation.consultation_id == consultation.id,
            func.lower(Invitation.email) == address.lower(),
            Invitation.id != invitation.id,
        )
    )
    if taken is not None:
        raise InvalidConsultation(where="email", reason=f"{address} has an invitation already")
    invitation.email = address
    invitation.bounced_on = invitation.bounce = invitation.invited_on = None
    session.flush()
    if phase_of(consultation, now=now) is not Phase.PREPARED:
        _enqueue(session, consultation, [invitation.id], now=now)
    _record(session, consultation, "invitation.corrected", {}, actor=actor, now=now)


def set_text(
    session: Session, *, consultation: Consultation, kind: str, language: str,
    text: LetterText | None, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """What invitations or reminders say in a language; None: the usual text again."""
    if kind not in KINDS:
        raise InvalidConsultation(where="kind", reason=f"expected {' or '.join(KINDS)}")
    row = session.get(InvitationText, (consultation.id, kind, language))
    if text is None:
        if row is not None:
            session.delete(row)
    else:
        checked = check_text(text)
        if row is None:
            row = InvitationText(consultation_id=consultation.id, kind=kind, language=language)
            session.add(row)
        row.subject, row.body = checked.subject, checked.body
    session.flush()
    data = {"kind": kind, "language": language, "usual": text is None}
    _record(session, consultation, "invitation_text.set", data, actor=actor, now=now)


def list_texts(
    session: Session, *, consultation: Consultation
) -> dict[tuple[str, str], LetterText]:
    """The poll's own texts by (kind, language)."""
    rows = session.scalars(
        select(InvitationText).where(InvitationText.consultation_id == consultation.id)
    )
    return {(row.kind, row.language): LetterText(row.subject, row.body) for row in rows}


def _enqueue(
    session: Session, consultation: Consultation, invitation_ids: Sequence[UUID], *, now: datetime
) -> None:
    opens_at = consultation.opens_at
    outbox.enqueue_many(
        session, topic=LETTER_TOPIC,
        payloads=[{"invitation": str(each), "number": 0} for each in invitation_ids],
        due_at=max(now, opens_at) if opens_at is not None else now,
    )  # fmt: skip


def _record(
    session: Session, consultation: Consultation, name: str, data: dict[str, Any], *,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    audit.record_event(
        session, name=name, actor=actor, subject=f"consultation:{consultation.slug}", now=now,
        data=data,
    )  # fmt: skip
