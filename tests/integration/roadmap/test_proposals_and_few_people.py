"""What the published counts of proposals must not tell, and what one person must not publish."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core.audit import OPERATOR, Actor
from core.text import LocalizedText
from roadmap import errors
from roadmap.models import Proposal, ProposalPoint, Roadmap
from roadmap.proposals.collecting import collect_proposals
from roadmap.proposals.kinds import Verdict
from roadmap.proposals.outcomes import list_outcomes
from roadmap.proposals.sorting import describe_proposal, move_points, write_proposal
from roadmap.proposals.triage import confirm, decide, merge_proposals, split_proposal, undo
from stakeholders.accounts import create_account
from stakeholders.permissions import Role
from tests.proposal_answers import make_consultation, make_roadmap, respond

WHY = LocalizedText({"en": "Because of the plan."})
Act = Callable[..., Any]


@pytest.fixture
def roadmap(session: Session, now: datetime) -> Roadmap:
    """Proposed: A before C by 12, C before A by 2, A before C at the start by 2 others."""
    roadmap = make_roadmap(session, now)
    consultation = make_consultation(session, now, roadmap)
    for start, end, kind, people in (
        ("A", "C", "FS", 12),
        ("C", "A", "FS", 2),
        ("A", "C", "SS", 2),
    ):
        said = {"DEPS": {"proposed": [{"from": start, "to": end, "kind": kind}]}}
        respond(session, consultation, [said] * people)
    collect_proposals(session, roadmap=roadmap, actor=OPERATOR, now=now)
    return roadmap


@pytest.fixture
def act(session: Session, roadmap: Roadmap, now: datetime) -> Act:
    def act(use_case: Callable[..., Any], **given: Any) -> Any:
        return use_case(session, roadmap=roadmap, **{"actor": OPERATOR, "now": now} | given)

    return act


@pytest.fixture
def second(session: Session, now: datetime) -> Actor:
    account = create_account(
        session, email="bea@example.org", display_name="Bea", password="long enough words",
        roles=[Role.SECRETARIAT], actor=OPERATOR, now=now,
    )  # fmt: skip
    return Actor(account.id, "secretariat")


def number_of(session: Session, subject: str, kind: str = "FS") -> int:
    return next(
        each.number
        for each in session.scalars(select(Proposal).where(Proposal.subject == subject))
        if each.wanted.get("kind") == kind and each.split_from_id is None
    )


def told(session: Session, roadmap: Roadmap) -> dict[int, int | None]:
    return {each.number: each.people for each in list_outcomes(session, roadmap=roadmap)}


def test_a_merge_does_not_tell_how_few_were_merged(
    session: Session, roadmap: Roadmap, act: Act, second: Actor
) -> None:
    many, few = number_of(session, "A>C"), number_of(session, "C>A")
    act(decide, proposals=[many], decision="rejected", reason=WHY)
    act(confirm, proposals=[many], actor=second)
    assert told(session, roadmap) == {many: 12}
    act(undo, proposals=[many])
    act(merge_proposals, proposals=[few], into=many, reason=WHY)
    act(decide, proposals=[many], decision="rejected", reason=WHY)
    act(confirm, proposals=[many, few], actor=second)
    # 14 now: with the 12 of before anybody could work out the two.
    assert told(session, roadmap) == {many: None, few: None}


def test_the_merged_and_the_whole_are_not_both_counted(
    session: Session, roadmap: Roadmap, act: Act, second: Actor
) -> None:
    many, few = number_of(session, "A>C"), number_of(session, "C>A")
    act(merge_proposals, proposals=[many], into=few, reason=WHY)
    act(decide, proposals=[few], decision="rejected", reason=WHY)
    act(confirm, proposals=[many, few], actor=second)
    # Told 14 and 12, the difference would be the two.
    assert told(session, roadmap) == {many: None, few: 14}


@pytest.mark.parametrize(("size", "counted"), [(2, None), (5, 5)])
def test_the_parts_of_a_split_do_not_tell_of_the_smallest(
    session: Session, roadmap: Roadmap, act: Act, second: Actor, size: int, counted: int | None
) -> None:
    whole = number_of(session, "A>C")
    proposal = session.scalar(select(Proposal).where(Proposal.number == whole))
    assert proposal is not None
    points = session.scalars(select(ProposalPoint.id).filter_by(proposal_id=proposal.id)).all()
    parts = act(split_proposal, proposal=whole, parts=[points[:size]], reason=WHY)
    few = [number_of(session, "C>A"), number_of(session, "A>C", "SS")]
    numbers = [whole, *(part.number for part in parts), *few]
    act(decide, proposals=numbers[1:], decision="rejected", reason=WHY)
    act(confirm, proposals=numbers, actor=second)
    rest = 12 - size if counted else None
    assert told(session, roadmap) == dict(
        zip(numbers, [None, counted, rest, None, None], strict=True)
    )


def test_words_that_two_people_stand_behind_are_not_changed_by_one(
    session: Session, roadmap: Roadmap, act: Act, second: Actor
) -> None:
    number = number_of(session, "A>C")
    words: dict[str, Any] = {"proposal": number, "body": {}}
    act(describe_proposal, title={"en": "As both read it"}, **words)
    act(decide, proposals=[number], decision="rejected", reason=WHY)
    with pytest.raises(errors.InvalidDisposition, match="undo that"):
        act(describe_proposal, title={"en": "Before the yes, behind the back"}, **words)
    act(confirm, proposals=[number], actor=second)
    with pytest.raises(errors.InvalidDisposition, match="undo that"):
        act(describe_proposal, title={"en": "What nobody confirmed"}, **words)
    (outcome,) = list_outcomes(session, roadmap=roadmap)
    assert outcome.title["en"] == "As both read it"
    act(undo, proposals=[number])
    act(describe_proposal, title={"en": "Other words"}, **words)
    assert list_outcomes(session, roadmap=roadmap) == []


def test_every_act_locks_the_roadmap_before_the_proposals(
    session: Session, roadmap: Roadmap, act: Act, second: Actor
) -> None:
    """Collecting writes points while it has the roadmap; the other way round both would wait."""
    number, other = number_of(session, "A>C"), number_of(session, "C>A")
    proposal = session.scalar(select(Proposal).where(Proposal.number == number))
    assert proposal is not None
    point = session.scalars(select(ProposalPoint.id).filter_by(proposal_id=proposal.id)).all()[0]
    statements: list[str] = []
    bind = session.get_bind()

    def note(_conn: Any, clauseelement: Any, *_rest: Any) -> None:
        locks = getattr(clauseelement, "_for_update_arg", None) is not None
        changes = getattr(clauseelement, "is_update", False)
        if locks or changes:
            statements.append(str(clauseelement))

    event.listen(bind, "before_execute", note)
    try:
        for use_case, given in (
            (move_points, {"proposal": number, "points": [point], "to": other}),
            (describe_proposal, {"proposal": number, "title": {"en": "T"}, "body": {}}),
            (write_proposal, {"kind": "other", "title": {"en": "From a meeting"}}),
            (decide, {"proposals": [number], "decision": Verdict.LATER, "reason": WHY}),
            (confirm, {"proposals": [number], "actor": second}),
            (undo, {"proposals": [number]}),
        ):  # fmt: skip
            statements.clear()
            act(use_case, **given)
            assert "FROM roadmaps" in statements[0], (use_case.__name__, statements[0])
    finally:
        event.remove(bind, "before_execute", note)
