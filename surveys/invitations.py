"""Use cases about the one-time tokens of a targeted poll."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from core.ids import random_uuid
from surveys.codes import new_credential
from surveys.consultations import phase_of
from surveys.errors import InvalidConsultation, InvitationRefused, NotOpen
from surveys.models import Consultation, Invitation

MAXIMUM_AT_ONCE = 10_000


def create_invitations(
    session: Session, *, consultation: Consultation, count: int, actor: Actor, now: datetime
) -> list[str]:
    """``count`` new tokens; they are given back here and kept nowhere in this form."""
    if consultation.kind != "targeted":
        raise InvalidConsultation(
            where="kind", reason=f"{consultation.slug} is public and takes no invitations"
        )
    if not 1 <= count <= MAXIMUM_AT_ONCE:
        raise InvalidConsultation(
            where="count", reason=f"expected a number from 1 to {MAXIMUM_AT_ONCE:,}"
        )
    tokens = [secrets.token_urlsafe(16) for _ in range(count)]
    session.execute(
        insert(Invitation),
        [
            {"id": random_uuid(), "consultation_id": consultation.id, "token_hash": _hash(token)}
            for token in tokens
        ],
    )
    audit.record_event(
        session, name="invitations.created", actor=actor, now=now,
        subject=f"consultation:{consultation.slug}", data={"count": count},
    )  # fmt: skip
    return tokens


def exchange_invitation(
    session: Session, *, consultation: Consultation, token: str, key: bytes, now: datetime
) -> str:
    """Use up a token and get a resume code for it, once.

    To be committed by itself: the draft begins in a later transaction, so that no row and no
    transaction names both. Raises ``NotOpen`` and ``InvitationRefused``.
    """
    if not phase_of(consultation, now=now).is_open:
        raise NotOpen(slug=consultation.slug)
    used = session.execute(
        update(Invitation)
        .where(
            Invitation.token_hash == _hash(token),
            Invitation.consultation_id == consultation.id,
            Invitation.used_on.is_(None),
        )
        .values(used_on=now.date())
        .returning(Invitation.id)
    ).one_or_none()
    if used is None:
        raise InvitationRefused
    return new_credential(key, consultation.slug)


def count_invitations(session: Session, *, consultation: Consultation) -> tuple[int, int]:
    """How many invitations there are, and how many were used."""
    row = session.execute(
        select(func.count(), func.count(Invitation.used_on)).where(
            Invitation.consultation_id == consultation.id
        )
    ).one()
    return row[0], row[1]


def _hash(token: str) -> str:
    return hashlib.sha256(b"waymark invitation\x00" + token.encode()).hexdigest()
