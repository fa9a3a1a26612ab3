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

from app.demo import accounts, planning, reviewing, story
from app.demo.consulting import Instance, hold_consultation, publish_report
from app.demo.errors import NotEmpty
from app.demo.voting_round import hold_vote
from app.projection import project_responses
from core.db import Database
from core.instance import is_demonstration, mark_as_demonstration
from roadmap.editions.publishing import get_edition
from roadmap.editions.stages import find_open_candidate
from roadmap.errors import EditionNotFound, RoadmapNotFound
from roadmap.evidence.links import list_links
from roadmap.models import Proposal, Roadmap
from roadmap.roadmaps import get_roadmap, list_roadmaps
from stakeholders.accounts import find_account_by_email
from stakeholders.models import Account
from surveys.consultations import find_consultation
from surveys.models import Consultation
from voting.models import Motion

# Days from today: the secretariat's calendar. Consultations have theirs in consultations.json.
ACCOUNTS_MADE = -340
ROADMAP_IMPORTED = -334
EDITION_1_0 = -320
INPUT_TAKEN_UP = -95
FIRST_VOTE = (-70, -49)
DECIDED = -80
EDITION_1_1 = -21
NEXT_DRAFT = -13
SECOND_VOTE = (-7, 21)

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
    database: Database,
    *,
    instance_folder: Path,
    credential_key: bytes,
    now: datetime,
    announce: Announce,
) -> list[str]:
    """Bring the demonstration to its end; returns the names of the stages that were run.

    Raises ``NotEmpty`` in a database that holds anything else.
    """
    with database.transaction() as session:
        _claim(session)
        today = _day_of_the_story(session, now)
    builder = _Builder(Instance(story.Calendar(today), credential_key))
    done = []
    for stage in builder.stages(instance_folder):
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
        for table in (Account, Consultation, Motion, Roadmap)
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


class _Builder:
    """The stages of the story, in the order in which they happened."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.at = instance.calendar.at

    def stages(self, instance_folder: Path) -> Iterator[Stage]:
        public, poll, feedback = story.load_consultations()
        first, second = story.load_motions()
        yield Stage("accounts", 1, _has_accounts, partial(self._make_accounts, instance_folder))
        yield Stage("roadmap", 1, _has_roadmap, self._import_roadmap)
        yield self._edition("1.0", EDITION_1_0)
        yield self._consultation(public)
        yield self._consultation(poll)
        yield Stage("evidence and changes", 2, _has_evidence, self._take_up_input)
        yield Stage("proposals and decisions", 3, _has_proposals, self._decide)
        yield self._vote(first, FIRST_VOTE)
        yield self._edition("1.1", EDITION_1_1)
        yield self._report(public)
        yield self._consultation(feedback)
        yield Stage("draft of edition 1.2", 1, _has_next_draft, self._open_next)
        yield self._vote(second, SECOND_VOTE)

    def _edition(self, version: str, day: int) -> Stage:
        return Stage(
            f"edition {version}",
            1,
            partial(_has_edition, version=version),
            partial(self._publish, version=version, day=day),
        )

    def _consultation(self, plan: story.ConsultationPlan) -> Stage:
        return Stage(
            f"consultation {plan.slug}",
            story.load_simulation(plan.slug).responses,
            partial(_has_consultation, slug=plan.slug),
            partial(self._consult, plan=plan),
        )

    def _report(self, plan: story.ConsultationPlan) -> Stage:
        return Stage(
            f"report on {plan.slug}",
            1,
            partial(_has_report, slug=plan.slug),
            partial(self._report_on, plan=plan),
        )

    def _vote(self, motion: story.Motion, days: tuple[int, int]) -> Stage:
        return Stage(
            f"vote {motion.slug}",
            sum(len(delegations) for delegations in motion.ballots.values()),
            partial(_has_motion, slug=motion.slug),
            partial(self._hold_vote, motion=motion, days=days),
        )

    def _make_accounts(self, folder: Path, session: Session, advance: Advance) -> None:
        accounts.create_accounts(
            session, password=accounts.new_password(folder), now=self.at(ACCOUNTS_MADE)
        )
        advance(1)

    def _import_roadmap(self, session: Session, advance: Advance) -> None:
        planning.import_draft(
            session, actor=accounts.secretariat_actor(session), now=self.at(ROADMAP_IMPORTED)
        )
        advance(1)

    def _consult(self, session: Session, advance: Advance, *, plan: story.ConsultationPlan) -> None:
        hold_consultation(
            session,
            plan,
            instance=self.instance,
            actor=accounts.secretariat_actor(session),
            advance=advance,
        )
        session.flush()
        project_responses(session, now=self.instance.calendar.today)

    def _report_on(
        self, session: Session, advance: Advance, *, plan: story.ConsultationPlan
    ) -> None:
        publish_report(
            session, plan, instance=self.instance, actor=accounts.secretariat_actor(session)
        )
        advance(1)

    def _take_up_input(self, session: Session, advance: Advance) -> None:
        actor, now = accounts.secretariat_actor(session), self.at(INPUT_TAKEN_UP)
        planning.link_all_evidence(session, actor=actor, now=now)
        advance(1)
        planning.change_draft(session, actor=actor, now=now)
        advance(1)

    def _hold_vote(
        self, session: Session, advance: Advance, *, motion: story.Motion, days: tuple[int, int]
    ) -> None:
        hold_vote(
            session,
            motion,
            opens_at=self.at(days[0]),
            closes_at=self.at(days[1]),
            actor=accounts.secretariat_actor(session),
            advance=advance,
        )

    def _publish(self, session: Session, advance: Advance, *, version: str, day: int) -> None:
        reviewing.publish_reviewed(
            session,
            version=version,
            actor=accounts.secretariat_actor(session),
            second=accounts.second_actor(session),
            now=self.at(day),
            discussed=version != "1.0",
        )
        advance(1)

    def _decide(self, session: Session, advance: Advance) -> None:
        actor, second = accounts.secretariat_actor(session), accounts.second_actor(session)
        reviewing.declare_rules(session, actor=actor, now=self.at(INPUT_TAKEN_UP))
        advance(1)
        reviewing.decide_on_input(session, actor=actor, second=second, now=self.at(DECIDED))
        advance(1)
        reviewing.try_scenarios(session, actor=actor, now=self.at(DECIDED))
        advance(1)

    def _open_next(self, session: Session, advance: Advance) -> None:
        reviewing.open_next_edition(
            session,
            version="1.2",
            actor=accounts.secretariat_actor(session),
            now=self.at(NEXT_DRAFT),
        )
        advance(1)


def _has_accounts(session: Session) -> bool:
    return find_account_by_email(session, email=accounts.SECRETARIAT) is not None


def _has_roadmap(session: Session) -> bool:
    return any(roadmap.slug == story.ROADMAP for roadmap in list_roadmaps(session))


def _has_evidence(session: Session) -> bool:
    return bool(list_links(session, roadmap=get_roadmap(session, slug=story.ROADMAP)))


def _has_proposals(session: Session) -> bool:
    return session.scalar(select(Proposal.id).limit(1)) is not None


def _has_next_draft(session: Session) -> bool:
    return find_open_candidate(session, slug=story.ROADMAP) is not None


def _has_edition(session: Session, *, version: str) -> bool:
    try:
        get_edition(session, slug=story.ROADMAP, version=version)
    except (EditionNotFound, RoadmapNotFound):
        return False
    return True


def _has_consultation(session: Session, *, slug: str) -> bool:
    return find_consultation(session, slug=slug) is not None


def _has_report(session: Session, *, slug: str) -> bool:
    consultation = find_consultation(session, slug=slug)
    return consultation is not None and consultation.reported_at is not None


def _has_motion(session: Session, *, slug: str) -> bool:
    return session.scalar(select(Motion.id).where(Motion.slug == slug)) is not None
