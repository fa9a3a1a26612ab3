"""The votes of the demonstration: 27 delegations, one proxy, a roll-call."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.demo import story
from app.demo.accounts import delegate_email
from core.audit import Actor
from core.text import LocalizedText
from stakeholders.accounts import find_account_by_email
from stakeholders.delegations import MEMBER_STATES
from voting.ballots import cast_ballot, grant_proxy
from voting.motions import close_motion, create_motion, open_motion

# Between two ballots.
PACE = timedelta(hours=5)


def hold_vote(
    session: Session,
    motion: story.Motion,
    *,
    opens_at: datetime,
    closes_at: datetime,
    actor: Actor,
    advance: Callable[[int], None],
) -> None:
    """Put a motion to the vote; close it where the story says so."""
    create_motion(
        session,
        slug=motion.slug,
        title=LocalizedText(motion.title),
        text=LocalizedText(motion.text),
        rule=motion.rule,
        roadmap_slug=story.ROADMAP,
        closes_at=closes_at,
        simulated=True,
        actor=actor,
        now=opens_at - timedelta(days=7),
    )
    open_motion(session, slug=motion.slug, actor=actor, now=opens_at)
    moment = opens_at
    for giver, holder in motion.proxies.items():
        moment += PACE
        grant_proxy(
            session,
            slug=motion.slug,
            account_id=_delegate(session, giver),
            holder=holder,
            now=moment,
        )
    choices = {code: choice for choice, codes in motion.ballots.items() for code in codes}
    for delegation in filter(choices.__contains__, MEMBER_STATES):
        moment += PACE
        cast_ballot(
            session,
            slug=motion.slug,
            account_id=_delegate(session, motion.proxies.get(delegation, delegation)),
            delegation=delegation,
            choice=choices[delegation],
            now=moment,
        )
        advance(1)
    if motion.closes:
        close_motion(session, slug=motion.slug, actor=actor, now=closes_at)


def _delegate(session: Session, delegation: str) -> UUID:
    account = find_account_by_email(session, email=delegate_email(delegation))
    assert account is not None
    return account.id
