"""Use cases about invitations: one-time tokens of a targeted poll.

An invitation is exchanged once for a resume code. In an anonymous poll that is all that happens, in
a transaction of its own, and nothing says which code it was. In the other modes the draft begins in
the same transaction, with what the poll's promise lets it keep (``surveys.inviting.identities``).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core import audit, outbox
from core.audit import Actor
from core.ids import random_uuid
from surveys.codes import draft_hash, new_credential
from surveys.errors import InvalidConsultation, InvitationRefused, InvitationUsed
from surveys.inviting.identities import identity_kept
from surveys.inviting.tokens import is_hash_of, pseudonym_of, random_token, token_hash
from surveys.models import Consultation, Draft, Invitation, Response
from surveys.phases import require_open

MAXIMUM_AT_ONCE = 10_000
# Outbox topic: a response came in to a pseudonymous poll; see who has answered.
ANSWERS_TOPIC = "invitations.answered"


def create_invitations(
    session: Session, *, consultation: Consultation, count: int, actor: Actor, now: datetime
) -> list[str]:
    """``count`` new tokens on paper; they are given back here and kept nowhere in this form."""
    require_targeted(consultation)
    if not 1 <= count <= MAXIMUM_AT_ONCE:
        raise InvalidConsultation(
            where="count", reason=f"expected a number from 1 to {MAXIMUM_AT_ONCE:,}"
        )
    tokens = [random_token() for _ in range(count)]
    session.execute(
        insert(Invitation),
        [
            {
                "id": random_uuid(),
                "consultation_id": consultation.id,
                "token_hash": token_hash(token),
            }
            for token in tokens
        ],
    )
    audit.record_event(
        session, name="invitations.created", actor=actor, now=now,
        subject=f"consultation:{consultation.slug}", data={"count": count},
    )  # fmt: skip
    return tokens


def require_targeted(consultation: Consultation) -> None:
    """Raises ``InvalidConsultation`` for a consultation that everyone may answer."""
    if consultation.kind != "targeted":
        raise InvalidConsultation(
            where="kind", reason=f"{consultation.slug} is public and takes no invitations"
        )


def check_invitation(session: Session, *, consultation: Consultation, token: str) -> None:
    """Raises ``InvitationRefused`` for a token that is none, ``InvitationUsed`` for a used one."""
    if _find(session, consultation, token).used_on is not None:
        raise InvitationUsed


def exchange_invitation(
    session: Session,
    *,
    consultation: Consultation,
    token: str,
    key: bytes,
    now: datetime,
    language: str = "en",
) -> str:
    """Use up a token and get a resume code for it, once.

    To be committed by itself: in an anonymous poll the draft begins in a later transaction, so that
    no row and no transaction names both. ``language``: of the draft, where one begins here.
    Raises ``NotOpen``, ``InvitationRefused`` and ``InvitationUsed``.
    """
    require_open(consultation, now=now)
    invitation = _find(session, consultation, token)
    used = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.used_on.is_(None))
        .values(used_on=now.date())
        .returning(Invitation.id)
    ).one_or_none()
    if used is None:
        raise InvitationUsed
    code = new_credential(key, consultation.slug)
    if consultation.anonymity != "anonymous":
        assert consultation.current_version_id is not None  # open consultations have a version
        session.add(
            Draft(
                code_hash=draft_hash(code),
                consultation_id=consultation.id,
                version_id=consultation.current_version_id,
                language=language,
                profile={},
                answers={},
                saved_on=now.date(),
                **identity_kept(consultation, key=key, invitation_id=invitation.id),
            )
        )
        session.flush()
    return code


def note_answer(session: Session, *, consultation: Consultation, draft: Any, now: datetime) -> None:
    """Remember that somebody who was invited has answered; called by a submission.

    ``draft``: with the columns ``invitation_id`` and ``pseudonym``. An anonymous poll remembers
    nothing. In a pseudonymous one the invitation is found later, by a job that has the key
    (``note_answers``): the transaction of a response touches no invitation.
    """
    if draft.invitation_id is not None:
        session.execute(
            update(Invitation)
            .where(Invitation.id == draft.invitation_id)
            .values(answered_on=now.date())
        )
    elif draft.pseudonym is not None and consultation.kind == "targeted":
        outbox.enqueue(
            session, topic=ANSWERS_TOPIC, payload={"consultation": str(consultation.id)}, now=now,
            day_only=True,
        )  # fmt: skip


def note_answers(session: Session, *, consultation_id: UUID, key: bytes) -> int:
    """In a pseudonymous poll, mark whose responses have come in; returns how many are new.

    Only whether, never what: the pseudonym of each invitation in use is computed and looked for.
    """
    begun = session.scalars(
        select(Invitation.id).where(
            Invitation.consultation_id == consultation_id,
            Invitation.used_on.is_not(None),
            Invitation.answered_on.is_(None),
        )
    ).all()
    if not begun:
        return 0
    days = {
        row.pseudonym: row.day
        for row in session.execute(
            select(Response.pseudonym, Response.day).where(
                Response.consultation_id == consultation_id, Response.pseudonym.is_not(None)
            )
        )
    }
    answered = 0
    for invitation_id in begun:
        pseudonym = pseudonym_of(
            key, consultation=consultation_id, kind="invitation", participant=invitation_id
        )
        if pseudonym in days:
            session.execute(
                update(Invitation)
                .where(Invitation.id == invitation_id)
                .values(answered_on=days[pseudonym])
            )
            answered += 1
    return answered


def count_invitations(session: Session, *, consultation: Consultation) -> tuple[int, int]:
    """How many invitations there are, and how many were used."""
    row = session.execute(
        select(func.count(), func.count(Invitation.used_on)).where(
            Invitation.consultation_id == consultation.id
        )
    ).one()
    return row[0], row[1]


def _find(session: Session, consultation: Consultation, token: str) -> Any:
    """The row (id, token_hash, used_on) of a token. Raises ``InvitationRefused``."""
    found = session.execute(
        select(Invitation.id, Invitation.token_hash, Invitation.used_on).where(
            Invitation.token_hash == token_hash(token),
            Invitation.consultation_id == consultation.id,
        )
    ).one_or_none()
    if found is None or not is_hash_of(token, found.token_hash):
        raise InvitationRefused
    return found
