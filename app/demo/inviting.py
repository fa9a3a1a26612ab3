"""The people invited to a poll by e-mail: whom the story writes to, and who answers.

No letter leaves the instance: what a mail server would have said is noted as if it had.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import story
from core.audit import Actor
from surveys.inviting.invitation_lists import read_invitation_list
from surveys.inviting.invitations import exchange_invitation, note_answers
from surveys.inviting.mailing import (
    decline_letters,
    invite_people,
    may_be_reminded,
    note_bounce,
    note_sent,
    remind,
)
from surveys.inviting.tokens import invitation_token
from surveys.models import Consultation, Invitation

# A mail server that knows no such address says so after this long.
BOUNCE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Invited:
    """The people invited to a poll, who come one after the other."""

    session: Session
    consultation: Consultation
    key: bytes
    actor: Actor
    coming: Iterator[tuple[UUID, str | None]]

    def next_code(self, now: datetime) -> str:
        """The next who comes opens the link; the code of their answers."""
        invitation_id, language = next(self.coming)
        return exchange_invitation(
            self.session,
            consultation=self.consultation,
            token=invitation_token(self.key, invitation_id),
            key=self.key,
            now=now,
            language=language or "en",
        )

    def see_who_answered(self) -> None:
        """Find out whether each has answered, as the worker does in a pseudonymous poll."""
        note_answers(self.session, consultation_id=self.consultation.id, key=self.key)

    def remind(self, now: datetime) -> None:
        """Write once more to those who have not answered."""
        self.see_who_answered()
        waiting = self.session.scalars(
            select(Invitation.id).where(
                Invitation.consultation_id == self.consultation.id,
                *may_be_reminded(self.consultation, today=now.date()),
            )
        ).all()
        remind(self.session, consultation=self.consultation, actor=self.actor, now=now)
        for invitation_id in waiting:
            note_sent(self.session, invitation_id=invitation_id, number=1, now=now)


def invite(
    session: Session,
    consultation: Consultation,
    plan: story.InvitationPlan,
    *,
    key: bytes,
    announced: datetime,
    opens_at: datetime,
    actor: Actor,
) -> Invited:
    """Invite everybody on the list; the letters go out when the poll opens.

    Who answers, and in which order, has nothing to do with the order of the list.
    """
    found = read_invitation_list(story.invited_people(plan))
    assert not found.problems
    invite_people(
        session,
        consultation=consultation,
        invitees=found.invitees,
        key=key,
        actor=actor,
        now=announced,
    )
    by_email = {
        email: (invitation_id, language)
        for invitation_id, email, language in session.execute(
            select(Invitation.id, Invitation.email, Invitation.language).where(
                Invitation.consultation_id == consultation.id
            )
        )
    }
    people = [by_email[invitee.email] for invitee in found.invitees]
    Random(len(people)).shuffle(people)  # noqa: S311 - a story, not a secret
    unknown = people.pop()
    for invitation_id, _ in people:
        note_sent(session, invitation_id=invitation_id, number=0, now=opens_at)
    note_bounce(session, invitation_id=unknown[0], words=plan.bounce, now=opens_at + BOUNCE_AFTER)
    for invitation_id, _ in people[len(people) - plan.declined :]:
        decline_letters(session, invitation_id=invitation_id, declined=True, now=opens_at)
    return Invited(session, consultation, key, actor, iter(people))
