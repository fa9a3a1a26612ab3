"""Build the demonstration, stage by stage, through the use cases that people use.

Every stage is one transaction and knows whether it has been done, so building again changes
nothing and building after an interruption goes on where it stopped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.demo import accounts, story
from app.demo.consulting import Instance, hold_consultation
from app.demo.errors import NotEmpty
from app.demo.voting_round import hold_vote
from core.db import Database
from core.instance import is_demonstration, mark_as_demonstration
from stakeholders.accounts import find_account_by_email
from stakeholders.models import Account
from surveys.consultations import find_consultation
from surveys.models import Consultation
from voting.models import Motion

# Days from today: the secretariat's calendar. Consultations have theirs in consultations.json.
ACCOUNTS_MADE = -340
VOTES = ((-70, -49), (-7, 21))

# How much of a stage has been done; a stage of size n reports n steps in all.
Advance = Callable[[int], None]
# Called with a stage's name and size; gives the stage's Advance.
Announce = Callable[[str, int], Advance]


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the story. ``is_done`` reads, ``run`` writes; both get a session."""

    name: str
    size: int
    is_done: Callable[[Session], bool]
    run: Callable[[Session, Advance], None]


def build_demonstration(
    database: Database, *, instance_folder: Path, credential_key: bytes, now: datetime,
    announce: Announce,
) -> list[str]:  # fmt: skip
    """Bring the demonstration to its end; returns the names of the stages that were run.

    Raises ``NotEmpty`` in a database that holds anything else.
    """
    with database.transaction() as session:
        _claim(session)
        today = _day_of_the_story(session, now)
    instance = Instance(story.Calendar(today), credential_key)
    done = []
    for stage in _stages(instance, instance_folder):
        with database.transaction() as session:
            if stage.is_done(session):
                continue
            stage.run(session, announce(stage.name, stage.size))
        done.append(stage.name)
    return done


def _claim(session: Session) -> None:
    """Make an empty database a demonstration; leave one that is as it is."""
    if is_demonstration(session):
        return
    if any(
        session.scalar(select(func.count()).select_from(table))
        for table in (Account, Consultation, Motion)
    ):
        raise NotEmpty
    mark_as_demonstration(session)


def _day_of_the_story(session: Session, now: datetime) -> datetime:
    """The day the story is told from: today, or the day on which building began."""
    first = find_account_by_email(session, email=accounts.SECRETARIAT)
    if first is None:
        return now
    begun = first.created_at - timedelta(days=ACCOUNTS_MADE)
    return datetime.combine(begun.date(), now.timetz(), tzinfo=UTC)


def _stages(instance: Instance, folder: Path) -> Iterator[Stage]:
    calendar = instance.calendar
    yield Stage(
        "accounts",
        1,
        lambda session: find_account_by_email(session, email=accounts.SECRETARIAT) is not None,
        lambda session, advance: _make_accounts(session, advance, folder, calendar),
    )
    for plan in story.load_consultations():
        yield Stage(
            f"consultation {plan.slug}",
            story.load_simulation(plan.slug).responses,
            partial(_has_consultation, slug=plan.slug),
            partial(_consult, plan=plan, instance=instance),
        )
    for motion, (opens, closes) in zip(story.load_motions(), VOTES, strict=True):
        yield Stage(
            f"vote {motion.slug}",
            sum(len(delegations) for delegations in motion.ballots.values()),
            partial(_has_motion, slug=motion.slug),
            partial(
                _vote, motion=motion, opens_at=calendar.at(opens), closes_at=calendar.at(closes)
            ),
        )


def _make_accounts(
    session: Session, advance: Advance, folder: Path, calendar: story.Calendar
) -> None:
    accounts.create_accounts(
        session, password=accounts.new_password(folder), now=calendar.at(ACCOUNTS_MADE)
    )
    advance(1)


def _has_consultation(session: Session, *, slug: str) -> bool:
    return find_consultation(session, slug=slug) is not None


def _consult(
    session: Session, advance: Advance, *, plan: story.ConsultationPlan, instance: Instance
) -> None:
    hold_consultation(
        session,
        plan,
        instance=instance,
        actor=accounts.secretariat_actor(session),
        advance=advance,
    )


def _has_motion(session: Session, *, slug: str) -> bool:
    return session.scalar(select(Motion.id).where(Motion.slug == slug)) is not None


def _vote(
    session: Session,
    advance: Advance,
    *,
    motion: story.Motion,
    opens_at: datetime,
    closes_at: datetime,
) -> None:
    hold_vote(
        session,
        motion,
        opens_at=opens_at,
        closes_at=closes_at,
        actor=accounts.secretariat_actor(session),
        advance=advance,
    )
