"""Two people who change one roadmap at the same instant: each change is whole, none is lost."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.db import Database
from core.errors import WaymarkError
from core.models import AuditEntry, OutboxMessage
from core.text import LocalizedText
from roadmap.draft import Draft, DraftMilestone
from roadmap.drafting import add_dependency, add_milestone, change_milestone, remove_milestone
from roadmap.errors import DraftChanged
from roadmap.models import Area, Decision, Dependency, Disposition, Milestone, Proposal, Roadmap
from roadmap.proposals.sorting import write_proposal
from roadmap.proposals.triage import decide
from roadmap.roadmaps import get_roadmap, import_roadmap

WHY = {"reason": "why", "actor": OPERATOR}
TABLES = (Decision, Disposition, Proposal, Dependency, Milestone, Area, Roadmap,
          OutboxMessage, AuditEntry)  # fmt: skip


def small(title: str = "Networks") -> Draft:
    milestones = tuple(
        DraftMilestone(code, LocalizedText.of(code), "SRIA", "net", 10) for code in "AB"
    )
    return Draft(milestones, (), {"net": LocalizedText.of("Net")}, LocalizedText.of(title))


@pytest.fixture
def shared(database: Database, now: datetime) -> Iterator[Database]:
    """A roadmap of A and B that other connections see."""
    with database.transaction() as session:
        import_roadmap(session, slug="net", draft=small(), actor=OPERATOR, now=now)
    yield database
    with database.transaction() as session:
        for table in TABLES:
            session.execute(delete(table))


def at_once(
    database: Database, acts: list[Callable[[Session, Roadmap], Any]]
) -> list[BaseException | None]:
    """Each has read the roadmap before the first one writes, where the database lets them."""
    outcomes: list[BaseException | None] = [None] * len(acts)
    ready = threading.Barrier(len(acts))

    def run(place: int) -> None:
        try:
            with database.transaction() as session:
                roadmap = get_roadmap(session, slug="net")
                # SQLite has one writer at a time: who writes, reads alone.
                if database.engine.dialect.name == "postgresql":
                    ready.wait(10)
                acts[place](session, roadmap)
        except Exception as error:
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def told(outcomes: list[BaseException | None]) -> None:
    """Whoever was refused was told why."""
    assert all(each is None or isinstance(each, WaymarkError) for each in outcomes), outcomes


def test_removing_and_linking_the_same_milestone(shared: Database, now: datetime) -> None:
    outcomes = at_once(
        shared,
        [
            lambda session, roadmap: remove_milestone(
                session, roadmap=roadmap, code="A", now=now, **WHY
            ),
            lambda session, roadmap: add_dependency(
                session, roadmap=roadmap, before="A", after="B", now=now, **WHY
            ),
        ],
    )
    told(outcomes)
    with shared.reading() as session:
        assert session.scalars(select(Milestone.code)).all() == ["B"]
        assert session.scalars(select(Dependency.id)).all() == []


def test_removing_a_milestone_twice_and_adding_one_twice(shared: Database, now: datetime) -> None:
    def remove(session: Session, roadmap: Roadmap) -> None:
        remove_milestone(session, roadmap=roadmap, code="A", now=now, **WHY)

    def add(session: Session, roadmap: Roadmap) -> None:
        add_milestone(
            session, roadmap=roadmap, code="N", title=LocalizedText.of("New"), agenda="SRIA",
            area="net", duration_days=5, now=now, **WHY,
        )  # fmt: skip

    for act in (remove, add):
        outcomes = at_once(shared, [act, act])
        told(outcomes)
        assert sum(each is None for each in outcomes) == 1


def test_an_import_and_a_change_of_the_draft(shared: Database, now: datetime) -> None:
    """A file that was compared with revision 1 does not overwrite revision 2 unseen."""

    def change(session: Session, roadmap: Roadmap) -> None:
        change_milestone(
            session, roadmap=roadmap, code="A", changes={"duration_days": 99}, now=now, **WHY
        )

    def replace(session: Session, roadmap: Roadmap) -> None:
        import_roadmap(
            session, slug="net", draft=small("Other"), expected_revision=1, actor=OPERATOR,
            reason="a file", now=now,
        )  # fmt: skip

    changed, replaced = at_once(shared, [change, replace])
    assert changed is None
    assert replaced is None or isinstance(replaced, DraftChanged)
    with shared.reading() as session:
        roadmap = session.scalars(select(Roadmap)).one()
        assert roadmap.revision == (2 if replaced else 3)
        found = session.scalars(select(Milestone.duration_days).filter_by(code="A")).one()
        assert found in ((99,) if replaced else (10, 99))


def test_writing_and_deciding_proposals(shared: Database, now: datetime) -> None:
    def write(session: Session, roadmap: Roadmap) -> None:
        write_proposal(
            session, roadmap=roadmap, kind="other", title={"en": "From a meeting"}, actor=OPERATOR,
            now=now,
        )  # fmt: skip

    assert at_once(shared, [write, write, write]) == [None] * 3

    def judge(verdict: str) -> Callable[[Session, Roadmap], Any]:
        return lambda session, roadmap: decide(
            session, roadmap=roadmap, proposals=[1, 2, 3], decision=verdict, seen={},
            reason=LocalizedText.of("Why."), actor=OPERATOR, now=now,
        )  # fmt: skip

    outcomes = at_once(shared, [judge("rejected"), judge("later")])
    told(outcomes)
    assert sum(each is None for each in outcomes) == 1
    with shared.reading() as session:
        assert len(session.scalars(select(Disposition.id)).all()) == 3
        assert len(set(session.scalars(select(Proposal.state)))) == 1
        assert {each.support for each in session.scalars(select(Dependency))} <= {Decimal(1)}
