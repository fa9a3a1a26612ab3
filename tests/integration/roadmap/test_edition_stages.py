"""An edition on its way: frozen, approved by two, published once, withdrawn by two."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.audit import OPERATOR, Actor, list_events
from core.db import Database
from core.models import AuditEntry, OutboxMessage
from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.drafting import change_milestone
from roadmap.editions.document import PUBLICATION
from roadmap.editions.publishing import (
    ask_for_withdrawal,
    confirm_withdrawal,
    find_current_edition,
    get_edition,
    list_editions,
    list_newest_editions,
    publish_edition,
    refuse_withdrawal,
    verify_chain,
)
from roadmap.editions.stages import (
    Stage,
    approve_candidate,
    end_candidate,
    find_public_draft,
    freeze_candidate,
    get_candidate,
    open_candidate,
    publish_candidate,
    publish_draft,
    standing_of,
    step_back,
    take_back_approval,
)
from roadmap.editions.verifying.command import verify
from roadmap.errors import (
    AlreadyWithdrawn,
    CandidateChanged,
    CandidateExists,
    CandidateOutdated,
    EditionExists,
    InvalidStep,
    InvalidVersion,
    InvalidWithdrawal,
    NotApproved,
    SamePerson,
    WrongStage,
)
from roadmap.models import (
    Approval,
    Area,
    Candidate,
    Decision,
    Dependency,
    Edition,
    Milestone,
    Roadmap,
)
from roadmap.planning.network import Kind
from roadmap.roadmaps import get_roadmap, import_roadmap
from stakeholders.accounts import create_account, deactivate_account, get_account
from stakeholders.models import Account, AccountRole
from stakeholders.permissions import Role

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
V: dict[str, Any] = {"slug": "net", "version": "1.0"}


def make_roadmap(session: Session) -> None:
    title = LocalizedText.of
    draft = Draft(
        title=title("A roadmap"),
        start=date(2026, 1, 1),
        areas={"net": title("Networks")},
        milestones=(
            DraftMilestone("A", title("First"), "SRIA", "net", 100, optimistic_days=80,
                           likely_days=100, pessimistic_days=150),
            DraftMilestone("B", title("Second"), "SRIA", "net", 50, finish_by=date(2026, 5, 1)),
        ),
        dependencies=(
            DraftDependency("A", "B", Kind.FS, 0, Decimal(3)),
            DraftDependency("B", "A", Kind.FS, 0, Decimal("0.5")),
        ),
    )  # fmt: skip
    import_roadmap(session, slug="net", draft=draft, actor=OPERATOR, now=NOW)


def person(session: Session, name: str, *roles: Role) -> Actor:
    account = create_account(
        session, email=f"{name}@example.org", display_name=name.title(),
        password="correct horse battery", roles=roles or (Role.SECRETARIAT,), actor=OPERATOR,
        now=NOW,
    )  # fmt: skip
    return Actor(account.id, Role.SECRETARIAT.value)


@dataclass
class Desk:
    """A roadmap's draft and three people of the secretariat."""

    session: Session
    anna: Actor
    ben: Actor
    carla: Actor

    def change(self, days: int, *, at: datetime = NOW) -> None:
        change_milestone(
            self.session, roadmap=get_roadmap(self.session, slug="net"), code="A",
            changes={"duration_days": days}, reason="It takes longer.", actor=self.anna, now=at,
        )  # fmt: skip

    def public_draft(self, version: str = "1.0", at: datetime = NOW) -> Candidate:
        by: dict[str, Any] = {"slug": "net", "version": version, "actor": self.anna, "now": at}
        open_candidate(self.session, **by)
        candidate = freeze_candidate(self.session, **by)
        return publish_draft(self.session, sha256=candidate.sha256 or "", **by)

    def approved(self, version: str = "1.0", at: datetime = NOW) -> Candidate:
        candidate = self.public_draft(version, at)
        for actor in (self.ben, self.carla):
            approve_candidate(
                self.session, slug="net", version=version, sha256=candidate.sha256 or "",
                actor=actor, now=at,
            )  # fmt: skip
        return candidate


@pytest.fixture
def desk(session: Session) -> Desk:
    make_roadmap(session)
    return Desk(session, *(person(session, name) for name in ("anna", "ben", "carla")))


class TestTheWay:
    def test_from_draft_to_published(self, desk: Desk, session: Session) -> None:
        candidate = open_candidate(session, **V, actor=desk.anna, now=NOW)
        assert candidate.stage == Stage.DRAFT
        freeze_candidate(session, **V, actor=desk.anna, now=NOW)
        assert find_public_draft(session, slug="net") is None
        sha256 = candidate.sha256 or ""
        publish_draft(session, **V, sha256=sha256, actor=desk.anna, now=NOW)
        assert find_public_draft(session, slug="net") is candidate
        approve_candidate(session, **V, sha256=sha256, actor=desk.anna, now=NOW)
        assert candidate.stage == Stage.PUBLIC_DRAFT
        with pytest.raises(NotApproved):
            publish_candidate(session, **V, sha256=sha256, actor=desk.anna, now=NOW)
        approve_candidate(session, **V, sha256=sha256, actor=desk.ben, now=NOW)
        assert candidate.stage == Stage.APPROVED
        edition = publish_candidate(session, **V, sha256=sha256, actor=desk.anna, now=NOW)
        assert candidate.stage == Stage.PUBLISHED
        document = json.loads(edition.document)
        assert document["approvals"] == [{"role": "secretariat", "approved_on": "2026-11-22"}] * 2
        assert (document["published_by"], document["approved_sha256"]) == ("secretariat", sha256)
        # What was approved is the edition with the four members emptied, byte for byte.
        assert rfc8785.dumps(document | PUBLICATION).decode() == candidate.document
        names = {entry.event["name"] for entry in list_events(session, limit=50)}
        assert {"candidate.opened", "candidate.frozen", "candidate.made_public",
                "candidate.approved", "edition.published"} <= names  # fmt: skip
        verdict, _ = verify(edition.document.encode(), sha256=edition.sha256)
        assert verdict.valid, verdict.reason

    def test_one_person_counts_once_and_only_with_the_permission(
        self, desk: Desk, session: Session
    ) -> None:
        sha256 = desk.public_draft().sha256 or ""
        approve_candidate(session, **V, sha256=sha256, actor=desk.ben, now=NOW)
        with pytest.raises(SamePerson):
            approve_candidate(session, **V, sha256=sha256, actor=desk.ben, now=NOW)
        outsider = person(session, "olga", Role.AUDITOR)
        for nobody in (outsider, OPERATOR):
            with pytest.raises(InvalidStep):
                approve_candidate(session, **V, sha256=sha256, actor=nobody, now=NOW)

    def test_who_left_does_not_count_any_more(self, desk: Desk, session: Session) -> None:
        candidate = desk.approved()
        account = get_account(session, account_id=desk.ben.account_id)  # type: ignore[arg-type]
        deactivate_account(session, account=account, actor=OPERATOR, now=NOW)
        session.expire(account)
        assert standing_of(session, slug="net", candidate=candidate).missing == 1
        with pytest.raises(NotApproved):
            publish_candidate(session, **V, sha256=candidate.sha256 or "", actor=desk.anna, now=NOW)

    def test_the_draft_may_move_on_and_freezing_again_drops_approvals(
        self, desk: Desk, session: Session
    ) -> None:
        candidate = desk.approved()
        first = candidate.sha256 or ""
        desk.change(120, at=NOW + timedelta(hours=1))
        assert standing_of(session, slug="net", candidate=candidate).draft_moved
        freeze_candidate(session, **V, actor=desk.anna, now=NOW + timedelta(hours=2))
        assert (candidate.stage, candidate.sha256 != first) == (Stage.INTERNAL_REVIEW, True)
        standing = standing_of(session, slug="net", candidate=candidate)
        assert (standing.missing, standing.draft_moved) == (2, False)
        for sha256 in (first, candidate.sha256 or ""):
            with pytest.raises((CandidateChanged, NotApproved)):
                publish_candidate(session, **V, sha256=sha256, actor=desk.anna, now=NOW)

    def test_what_was_decided_after_freezing_is_in_the_next_edition(
        self, desk: Desk, session: Session
    ) -> None:
        candidate = desk.approved()
        desk.change(120, at=NOW + timedelta(hours=1))
        later = NOW + timedelta(hours=2)
        publish_candidate(session, **V, sha256=candidate.sha256 or "", actor=desk.anna, now=later)
        second = publish_edition(
            session, slug="net", version="1.1", actor=OPERATOR, now=NOW + timedelta(hours=3)
        )
        document = json.loads(second.document)
        assert [each["reason"] for each in document["decisions"]] == ["It takes longer."]
        assert (document["published_by"], document["approvals"]) == ("operator", [])
        moved = next(change for change in document["changes"] if change["code"] == "A")
        assert moved["reasons"] == ["It takes longer."]
        assert verify_chain(session, slug="net") == []

    def test_steps_back_say_why_and_drop_approvals(self, desk: Desk, session: Session) -> None:
        candidate = desk.approved()
        take_back_approval(session, **V, actor=desk.ben, now=NOW)
        assert candidate.stage == Stage.PUBLIC_DRAFT
        for stage, reason in (("published", "x"), ("approved", "x"), ("internal_review", " ")):
            with pytest.raises(InvalidStep):
                step_back(session, **V, stage=stage, reason=reason, actor=desk.anna, now=NOW)
        step_back(session, **V, stage="internal_review", reason="A typo.", actor=desk.anna, now=NOW)
        assert (candidate.stage, candidate.note) == (Stage.INTERNAL_REVIEW, "A typo.")
        assert session.scalars(select(Approval)).all() == []
        with pytest.raises(WrongStage):
            approve_candidate(session, **V, sha256=candidate.sha256 or "", actor=desk.ben, now=NOW)

    def test_one_is_prepared_at_a_time_and_one_given_up_can_be_opened_again(
        self, desk: Desk, session: Session
    ) -> None:
        desk.public_draft()
        with pytest.raises(CandidateExists):
            open_candidate(session, slug="net", version="1.1", actor=desk.ben, now=NOW)
        end_candidate(session, **V, reason="Not this year.", actor=desk.ben, now=NOW)
        again = open_candidate(session, **V, actor=desk.ben, now=NOW)
        assert (again.stage, again.sha256) == (Stage.DRAFT, None)
        with pytest.raises(InvalidVersion):
            open_candidate(session, slug="net", version="01.1", actor=desk.ben, now=NOW)

    def test_an_edition_that_came_first_is_noticed(self, desk: Desk, session: Session) -> None:
        candidate = desk.approved("1.5")
        publish_edition(session, slug="net", version="1.0", actor=OPERATOR, now=NOW)
        assert standing_of(session, slug="net", candidate=candidate).outdated
        with pytest.raises(CandidateOutdated):
            publish_candidate(
                session, slug="net", version="1.5", sha256=candidate.sha256 or "",
                actor=desk.anna, now=NOW,
            )  # fmt: skip
        publish_edition(session, slug="net", version="1.5", actor=OPERATOR, now=NOW)
        assert get_candidate(session, slug="net", version="1.5").stage == Stage.ENDED


class TestWithdrawal:
    def test_two_people_withdraw_and_the_chain_goes_on(self, desk: Desk, session: Session) -> None:
        publish_edition(session, **V, actor=OPERATOR, now=NOW)
        publish_edition(session, slug="net", version="1.1", actor=OPERATOR, now=NOW)
        newest: dict[str, Any] = {"slug": "net", "version": "1.1", "now": NOW}
        with pytest.raises(InvalidWithdrawal):
            confirm_withdrawal(session, actor=desk.ben, **newest)
        with pytest.raises(InvalidWithdrawal):
            ask_for_withdrawal(session, reason=" ", actor=desk.anna, **newest)
        ask_for_withdrawal(session, reason="A wrong date.", actor=desk.anna, **newest)
        with pytest.raises(SamePerson):
            confirm_withdrawal(session, actor=desk.anna, **newest)
        refuse_withdrawal(session, actor=desk.anna, **newest)
        ask_for_withdrawal(session, reason="A wrong date.", actor=desk.anna, **newest)
        assert find_current_edition(session, slug="net").version == "1.1"  # type: ignore[union-attr]
        refuse_withdrawal(session, actor=desk.anna, **newest)
        ask_for_withdrawal(session, reason="Ben is to blame.", actor=desk.anna, **newest)
        with pytest.raises(InvalidWithdrawal, match="another one"):
            confirm_withdrawal(session, actor=desk.ben, reason="A wrong date.", **newest)
        refuse_withdrawal(session, actor=desk.ben, **newest)
        ask_for_withdrawal(session, reason="A wrong date.", actor=desk.anna, **newest)
        edition = confirm_withdrawal(session, actor=desk.ben, reason="A wrong\ndate.", **newest)
        assert (edition.withdrawn_at, edition.withdrawal_reason) == (NOW, "A wrong date.")
        with pytest.raises(AlreadyWithdrawn):
            ask_for_withdrawal(session, reason="Again.", actor=desk.anna, **newest)
        assert find_current_edition(session, slug="net").version == "1.0"  # type: ignore[union-attr]
        assert [e.version for _, e in list_newest_editions(session)] == ["1.0"]
        third = publish_edition(session, slug="net", version="1.2", actor=OPERATOR, now=NOW)
        assert json.loads(third.document)["previous"]["version"] == "1.1"
        assert [e.version for e in list_editions(session, slug="net")] == ["1.0", "1.1", "1.2"]
        assert verify_chain(session, slug="net") == []

    def test_the_operator_withdraws_alone(self, desk: Desk, session: Session) -> None:
        publish_edition(session, **V, actor=OPERATOR, now=NOW)
        ask_for_withdrawal(session, **V, reason="A mistake.", actor=OPERATOR, now=NOW)
        assert get_edition(session, **V).withdrawn_at == NOW
        assert find_current_edition(session, slug="net") is None


@pytest.fixture
def committed(database: Database) -> Iterator[tuple[Database, Actor, Actor, str]]:
    """An approved candidate that other connections see."""
    with database.transaction() as session:
        make_roadmap(session)
        anna, ben, carla = (person(session, name) for name in ("anna", "ben", "carla"))
        sha256 = Desk(session, anna, ben, carla).approved().sha256 or ""
    yield database, anna, ben, sha256
    with database.transaction() as session:
        for table in (Approval, Candidate, Edition, Decision, Dependency, Milestone, Area, Roadmap,
                      OutboxMessage, AuditEntry, AccountRole, Account):  # fmt: skip
            session.execute(delete(table))


def at_once(database: Database, acts: list[Callable[[Session], Any]]) -> list[Any]:
    outcomes: list[Any] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(place: int) -> None:
        barrier.wait()
        try:
            with database.transaction() as session:
                acts[place](session)
        except Exception as error:
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_two_who_publish_at_once_one_does_and_the_other_is_told(
    committed: tuple[Database, Actor, Actor, str],
) -> None:
    database, anna, ben, sha256 = committed

    def by(actor: Actor) -> Callable[[Session], Any]:
        return lambda session: publish_candidate(session, **V, sha256=sha256, actor=actor, now=NOW)

    outcomes = at_once(database, [by(anna), by(ben)])
    assert sorted(type(each) for each in outcomes if each is not None) == [EditionExists]
    with database.reading() as session:
        assert len(list_editions(session, slug="net")) == 1


def test_publishing_and_freezing_at_once_never_publishes_what_nobody_approved(
    committed: tuple[Database, Actor, Actor, str],
) -> None:
    database, anna, ben, sha256 = committed
    outcomes = at_once(
        database,
        [
            lambda session: publish_candidate(session, **V, sha256=sha256, actor=anna, now=NOW),
            lambda session: freeze_candidate(
                session, **V, actor=ben, now=NOW + timedelta(seconds=1)
            ),
        ],
    )
    assert sum(each is not None for each in outcomes) == 1
    assert isinstance(next(filter(None, outcomes)), CandidateChanged | WrongStage)
