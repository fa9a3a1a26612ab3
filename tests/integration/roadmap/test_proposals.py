"""From answers to proposals, and from proposals to decisions that people can read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit import OPERATOR, Actor
from core.models import AuditEntry
from core.text import LocalizedText
from roadmap import errors
from roadmap.drafting import change_milestone, list_decisions
from roadmap.evidence.links import link_evidence
from roadmap.models import Disposition, Proposal, ProposalPoint, Roadmap
from roadmap.proposals.collecting import Collected, collect_proposals
from roadmap.proposals.feedback import points_of_response
from roadmap.proposals.kinds import Verdict
from roadmap.proposals.listing import (
    Filters,
    count_people,
    count_states,
    get_proposal,
    list_proposals,
    read_words,
)
from roadmap.proposals.outcomes import list_outcomes, proposals_behind, proposals_document
from roadmap.proposals.sorting import (
    confirm_groups,
    describe_proposal,
    move_points,
    write_proposal,
)
from roadmap.proposals.triage import confirm, decide, merge_proposals, split_proposal, undo
from roadmap.roadmaps import get_roadmap
from stakeholders.accounts import create_account
from stakeholders.permissions import Role
from surveys.counting.projection import rebuild
from surveys.models import Consultation, Response
from surveys.withdrawal import erase_response
from tests.proposal_answers import TWIN, make_consultation, make_roadmap, respond

WHY = LocalizedText({"en": "Because of the plan.", "fr": "À cause du plan."})
NEAR = TWIN.replace("wants to try", "wishes to try")
ANSWERS: list[dict[str, Any]] = [
    *[{"PICK": "yes", "DEPS": {"disputed": {"B>C": "They are apart."}, "proposed": []}}] * 6,
    {"NEW": [{"title": TWIN}]},
    {"NEW": [{"title": NEAR}], "WHY": "Too slow."},
    {"NEW": [{"title": "Cheaper devices"}], "WHY": "too slow"},
    {"DEPS": {"proposed": [{"from": "A", "to": "C", "kind": "SS", "reason": "Parts."}]}},
    {"PARAS": {"P1": {"stance": "oppose", "text": "Take it out."}}},
    {"PARAS": {"P1": {"stance": "change"}}},
]


@pytest.fixture
def roadmap(session: Session, now: datetime) -> Roadmap:
    return make_roadmap(session, now)


@pytest.fixture
def consultation(session: Session, roadmap: Roadmap, now: datetime) -> Consultation:
    consultation = make_consultation(session, now, roadmap)
    respond(session, consultation, ANSWERS)
    return consultation


@pytest.fixture
def people(session: Session, now: datetime) -> tuple[Actor, Actor]:
    """Two colleagues."""
    accounts = [
        create_account(
            session, email=f"{name}@example.org", display_name=name, password="long enough words",
            roles=[Role.SECRETARIAT], actor=OPERATOR, now=now,
        )
        for name in ("anna", "bea")
    ]  # fmt: skip
    first, second = (Actor(account.id, "secretariat") for account in accounts)
    return first, second


@pytest.fixture
def collect(session: Session, roadmap: Roadmap, now: datetime) -> Callable[[], Collected]:
    return lambda: collect_proposals(session, roadmap=roadmap, actor=OPERATOR, now=now)


@pytest.fixture
def act(session: Session, roadmap: Roadmap, now: datetime) -> Callable[..., Any]:
    """`act(decide, proposals=[1], …)` with what is the same everywhere."""

    def act(use_case: Callable[..., Any], **given: Any) -> Any:
        return use_case(session, **{"roadmap": roadmap, "actor": OPERATOR, "now": now} | given)

    return act


def number_of(session: Session, kind: str, subject: str = "", **wanted: str) -> int:
    return next(
        each.number
        for each in session.scalars(select(Proposal).order_by(Proposal.number))
        if (each.kind, each.subject) == (kind, subject)
        and all(each.wanted.get(key) == value for key, value in wanted.items())
    )


class TestCollecting:
    """Points lead to answers; collecting again adds what is new."""

    def test_what_is_alike_becomes_one_proposal(
        self,
        session: Session,
        roadmap: Roadmap,
        consultation: Consultation,
        collect: Callable[[], Collected],
    ) -> None:
        report = collect()
        assert (report.consultations, report.points_added) == (("about",), 14)
        found = {
            (each.kind, each.subject, each.wanted.get("stance") or each.wanted.get("kind") or ""): (
                count_people(session, roadmap=roadmap)[each.id]
            )
            for each in list_proposals(session, roadmap=roadmap)[0]
            if each.subject
        }
        assert found == {
            ("drop_dependency", "B>C", ""): 6,
            ("new_dependency", "A>C", "SS"): 1,
            ("wording", "P1", "oppose"): 1,
            ("wording", "P1", "change"): 1,
        }
        new, total = list_proposals(session, roadmap=roadmap, filters=Filters("new_milestone"))
        assert total == 2
        texts = {word.text for word in read_words(session, proposals={new[0].id})}
        assert texts == {TWIN, NEAR}
        # What the machine found alike waits for a person; one alone, and what is exact, does not.
        assert {each.kind for each in list_proposals(
            session, roadmap=roadmap, filters=Filters(state="to_group"))[0]
        } == {"new_milestone", "other"}  # fmt: skip

    def test_again_adds_nothing_and_later_only_what_is_new(
        self, session: Session, consultation: Consultation, collect: Callable[[], Collected]
    ) -> None:
        first = collect()
        again = collect()
        assert (again.points_added, again.proposals_added, again.proposals_removed) == (0, 0, 0)
        respond(session, consultation, [{"WHY": "Too slow!"}, {"WHY": "Wholly new."}])
        later = collect()
        assert (later.points_added, later.proposals_added) == (2, 1)
        assert first.proposals_added + 1 == session.scalar(
            select(func.count()).select_from(Proposal)
        )

    def test_what_was_decided_gets_no_new_points(
        self,
        session: Session,
        consultation: Consultation,
        collect: Callable[[], Collected],
        act: Callable[..., Any],
    ) -> None:
        collect()
        number = number_of(session, "drop_dependency", "B>C")
        act(decide, proposals=[number], decision="rejected", reason=WHY)
        respond(session, consultation, [ANSWERS[0]])
        assert collect().proposals_added == 1

    def test_an_open_consultation_says_nothing_yet(
        self, session: Session, roadmap: Roadmap, now: datetime, collect: Callable[[], Collected]
    ) -> None:
        open_one = make_consultation(session, now + timedelta(days=15), roadmap, slug="open")
        respond(session, open_one, ANSWERS)
        report = collect()
        assert (report.points_added, report.skipped) == (0, (("open", "it has not closed"),))
        with pytest.raises(errors.ConsultationNotClosed):
            collect_proposals(
                session, roadmap=roadmap, actor=OPERATOR, now=now, consultations=[open_one]
            )

    def test_erased_means_erased(
        self,
        session: Session,
        roadmap: Roadmap,
        consultation: Consultation,
        collect: Callable[[], Collected],
        now: datetime,
    ) -> None:
        collect()
        points = select(func.count()).select_from(ProposalPoint)
        before, listed = session.scalar(points), list_proposals(session, roadmap=roadmap)[1]
        number = number_of(session, "new_dependency", "A>C")
        gone = get_proposal(session, roadmap=roadmap, number=number)
        (point,) = session.scalars(select(ProposalPoint).filter_by(proposal_id=gone.id))
        response = session.get_one(Response, point.response_id)
        erase_response(session, reference=response.reference, actor=OPERATOR, now=now)
        session.expire_all()
        assert session.scalar(points) == (before or 0) - 1
        assert list_proposals(session, roadmap=roadmap)[1] == listed - 1
        assert collect().proposals_removed == 1

    def test_nothing_is_copied_and_nothing_tells_the_order(
        self, session: Session, consultation: Consultation, collect: Callable[[], Collected]
    ) -> None:
        collect()
        for each in session.scalars(select(Proposal)):
            assert not each.title
            assert not each.body
            assert not any(word in str(each.wanted) for word in ("apart", "Parts", "twin"))
        ids = [str(each) for each in session.scalars(select(ProposalPoint.id))]
        assert all(each[14] == "4" for each in ids), "random ids (version 4)"
        events = session.scalars(select(AuditEntry.event).where(AuditEntry.event.is_not(None)))
        assert "apart" not in str(list(events))

    def test_a_date_is_proposed_where_people_see_another_year(
        self,
        session: Session,
        roadmap: Roadmap,
        now: datetime,
        collect: Callable[[], Collected],
        tmp_path: Path,
    ) -> None:
        consultation = make_consultation(session, now, roadmap)
        answers = [{"WHEN": {"A": {"likely": 2031}, "C": {"likely": 2026}}}] * 12
        answers += [{"WHEN": {"A": {"likely": 2031}, "C": {"never": True}}}] * 8
        respond(session, consultation, answers)  # type: ignore[arg-type]
        rebuild(
            session, consultation=consultation, directory=tmp_path / "projection", actor=OPERATOR,
            now=now,
        )  # fmt: skip
        assert collect().proposals_added == 2
        by_subject = {
            each.subject: each
            for each in list_proposals(session, roadmap=roadmap, filters=Filters("date"))[0]
        }
        assert by_subject["A"].wanted == {"ask": "finish_year", "year": 2031, "draft_year": 2026}
        assert by_subject["A"].evidence == [
            {"rule": "years_apart/1", "public": "all", "figure": "median_year", "value": 2031,
             "n": 20, "query": "about / WHEN.A"}
        ]  # fmt: skip
        assert by_subject["C"].wanted["ask"] == "never"
        assert by_subject["C"].evidence[0]["value"] == 0.4
        assert collect().proposals_added == 0


class TestDeciding:
    """Each decision has a reason; of two at once one is told; what was done can be undone."""

    @pytest.fixture(autouse=True)
    def _collected(self, consultation: Consultation, collect: Callable[[], Collected]) -> None:
        collect()

    def test_in_bulk_all_or_nothing(
        self, session: Session, roadmap: Roadmap, act: Callable[..., Any]
    ) -> None:
        numbers = [each.number for each in list_proposals(session, roadmap=roadmap)[0]]
        with pytest.raises(errors.ProposalNotFound), session.begin_nested():
            act(decide, proposals=[*numbers, 999], decision="later", reason=WHY)
        assert count_states(session, roadmap=roadmap)["open"] == len(numbers)
        act(decide, proposals=numbers, decision="later", reason=WHY)
        assert count_states(session, roadmap=roadmap)["later"] == len(numbers)

    @pytest.mark.parametrize(
        ("given", "where"),
        [
            ({"reason": LocalizedText({"en": "  "})}, "reason"),
            ({"decision": "merged"}, "decision"),
            ({"decision": "perhaps"}, "decision"),
            ({"section": "NOWHERE"}, "section"),
            ({"proposals": []}, "proposals"),
            ({"apply": True}, "apply"),
        ],
    )
    def test_what_cannot_be_is_refused_by_name(
        self, act: Callable[..., Any], given: dict[str, Any], where: str
    ) -> None:
        usual = {"proposals": [1], "decision": "rejected", "reason": WHY}
        with pytest.raises(errors.InvalidDisposition) as refusal:
            act(decide, **usual | given)
        assert refusal.value.where == where

    def test_of_two_at_once_the_second_is_told(
        self, session: Session, act: Callable[..., Any]
    ) -> None:
        act(decide, proposals=[1], decision="rejected", reason=WHY, seen={1: 0})
        with pytest.raises(errors.ProposalChanged):
            act(decide, proposals=[1], decision="later", reason=WHY, seen={1: 0})
        act(decide, proposals=[1], decision="later", reason=WHY, seen={1: 1})
        assert session.scalars(select(Disposition.decision).order_by(Disposition.number)).all() == [
            "rejected", "later",
        ]  # fmt: skip

    def test_undo_restores_what_was_before_and_keeps_the_history(
        self, session: Session, roadmap: Roadmap, act: Callable[..., Any]
    ) -> None:
        act(decide, proposals=[1], decision="rejected", reason=WHY)
        act(decide, proposals=[1], decision="later", reason=LocalizedText.of("Wait."))
        (restored,) = act(undo, proposals=[1])
        assert (restored.decision, restored.reason) == ("rejected", WHY)
        assert get_proposal(session, roadmap=roadmap, number=1).state == "rejected"
        with pytest.raises(errors.NothingToUndo):
            act(undo, proposals=[1])
        with pytest.raises(errors.NothingToUndo):
            act(undo, proposals=[2])

    def test_accepting_changes_the_draft_and_undoing_changes_it_back(
        self, session: Session, roadmap: Roadmap, act: Callable[..., Any]
    ) -> None:
        def dependencies() -> set[tuple[str, str, str, int]]:
            session.expire_all()
            return {
                (d.from_milestone.code, d.to_milestone.code, d.kind, d.lag_days)
                for d in get_roadmap(session, slug="net").dependencies
            }

        before = dependencies()
        drop = number_of(session, "drop_dependency", "B>C")
        add = number_of(session, "new_dependency", "A>C")
        done = act(decide, proposals=[drop, add], decision="accepted", reason=WHY, apply=True)
        assert dependencies() == {("A", "B", "FS", 0), ("A", "C", "SS", 0)}
        assert {each.section for each in done} == {"B>C", "A>C"}
        causes = {each.proposal_id for each in list_decisions(session, roadmap=roadmap)}
        assert causes == {each.proposal_id for each in done}
        with pytest.raises(errors.InvalidDisposition, match="undo that decision first"):
            act(decide, proposals=[drop], decision="rejected", reason=WHY)
        act(undo, proposals=[drop, add])
        assert dependencies() == before

    def test_undo_says_where_the_draft_moved_on(
        self, session: Session, roadmap: Roadmap, now: datetime, act: Callable[..., Any]
    ) -> None:
        number = act(
            write_proposal, kind="date", subject="A", title={"en": "Later"}
        ).number  # fmt: skip
        act(
            decide, proposals=[number], decision="accepted", reason=WHY, apply=True,
            changes={"duration_days": 150},
        )  # fmt: skip
        change_milestone(
            session, roadmap=roadmap, code="A", changes={"duration_days": 160}, reason="Once more",
            actor=OPERATOR, now=now,
        )  # fmt: skip
        with pytest.raises(errors.DraftMovedOn, match="duration_days of A was changed"):
            act(undo, proposals=[number])
        act(undo, proposals=[number], keep_draft=True)
        assert get_proposal(session, roadmap=roadmap, number=number).state == "open"

    def test_a_new_milestone_needs_its_form(
        self, session: Session, roadmap: Roadmap, act: Callable[..., Any]
    ) -> None:
        number = number_of(session, "new_milestone")
        usual = {"proposals": [number], "decision": "accepted", "reason": WHY, "apply": True}
        with pytest.raises(errors.InvalidDisposition, match="code"):
            act(decide, **usual)
        values = {"code": "TWIN", "title": LocalizedText.of("A twin"), "agenda": "SRIA",
                  "area": "net", "duration_days": 30}  # fmt: skip
        (done,) = act(decide, **usual, changes=values)
        assert done.section == "TWIN"
        session.expire_all()
        act(undo, proposals=[number])
        session.expire_all()
        codes = [each.code for each in get_roadmap(session, slug="net").milestones]
        assert codes == ["A", "B", "C"]

    def test_merged_points_follow_and_splits_can_be_taken_back(
        self, session: Session, roadmap: Roadmap, act: Callable[..., Any]
    ) -> None:
        one = number_of(session, "wording", "P1", stance="oppose")
        other = number_of(session, "wording", "P1", stance="change")
        act(merge_proposals, proposals=[one], into=other, reason=WHY)
        target = get_proposal(session, roadmap=roadmap, number=other)
        assert count_people(session, roadmap=roadmap)[target.id] == 2
        with pytest.raises(errors.InvalidDisposition, match="into itself"):
            act(merge_proposals, proposals=[other], into=one, reason=WHY)
        act(undo, proposals=[one])
        assert count_people(session, roadmap=roadmap)[target.id] == 1
        drop = get_proposal(
            session, roadmap=roadmap, number=number_of(session, "drop_dependency", "B>C")
        )
        points = session.scalars(select(ProposalPoint.id).filter_by(proposal_id=drop.id)).all()
        with pytest.raises(errors.InvalidDisposition, match="not all"):
            act(split_proposal, proposal=drop.number, parts=[points], reason=WHY)
        parts = act(split_proposal, proposal=drop.number, parts=[points[:2]], reason=WHY)
        counts = count_people(session, roadmap=roadmap)
        assert [counts[part.id] for part in parts] == [2, 4]
        act(decide, proposals=[parts[0].number], decision="later", reason=WHY)
        with pytest.raises(errors.NothingToUndo, match="since"):
            act(undo, proposals=[drop.number])

    def test_a_split_is_undone_where_nothing_was_done_since(
        self, session: Session, roadmap: Roadmap, act: Callable[..., Any]
    ) -> None:
        number = number_of(session, "drop_dependency", "B>C")
        drop = get_proposal(session, roadmap=roadmap, number=number)
        points = session.scalars(select(ProposalPoint.id).filter_by(proposal_id=drop.id)).all()
        listed = list_proposals(session, roadmap=roadmap)[1]
        act(split_proposal, proposal=number, parts=[points[:2]], reason=WHY)
        act(undo, proposals=[number])
        assert count_people(session, roadmap=roadmap)[drop.id] == 6
        assert list_proposals(session, roadmap=roadmap)[1] == listed

    def test_a_person_puts_points_in_order(
        self, session: Session, roadmap: Roadmap, act: Callable[..., Any]
    ) -> None:
        numbers = [
            each.number
            for each in list_proposals(session, roadmap=roadmap, filters=Filters("new_milestone"))[
                0
            ]
        ]
        assert act(confirm_groups, proposals=numbers) == 2
        assert act(confirm_groups, proposals=numbers) == 0
        source = get_proposal(session, roadmap=roadmap, number=numbers[0])
        points = session.scalars(select(ProposalPoint.id).filter_by(proposal_id=source.id)).all()
        act(move_points, proposal=numbers[0], points=points[:1], to=numbers[1])
        assert sorted(count_people(session, roadmap=roadmap)[each.id] for each in [
            get_proposal(session, roadmap=roadmap, number=number) for number in numbers
        ]) == [1, 2]  # fmt: skip
        with pytest.raises(errors.InvalidDisposition):
            act(move_points, proposal=numbers[0], points=points[:1], to=numbers[1])
        act(describe_proposal, proposal=numbers[0], title={"en": "Twin", "fr": " "}, body={})
        assert list_proposals(session, roadmap=roadmap, filters=Filters(search="twin"))[1] == 1
        assert list_proposals(
            session, roadmap=roadmap, filters=Filters(consultation="about")
        )[1] == list_proposals(session, roadmap=roadmap)[1]  # fmt: skip


class TestTwoPeople:
    """Nothing is public before a second person said yes."""

    @pytest.fixture(autouse=True)
    def _collected(self, consultation: Consultation, collect: Callable[[], Collected]) -> None:
        collect()

    def test_one_person_alone_publishes_nothing(
        self, session: Session, roadmap: Roadmap, people: tuple[Actor, Actor],
        act: Callable[..., Any],
    ) -> None:  # fmt: skip
        first, second = people
        number = number_of(session, "drop_dependency", "B>C")
        act(decide, proposals=[number], decision="accepted", reason=WHY, apply=True, actor=first)
        assert proposals_document(session, roadmap) == []
        assert proposals_behind(session, roadmap) == {}
        assert list_proposals(session, roadmap=roadmap, filters=Filters(state="to_confirm"))[1] == 1
        with pytest.raises(errors.ConfirmedBySamePerson):
            act(confirm, proposals=[number], actor=first)
        act(confirm, proposals=[number], actor=second)
        assert proposals_document(session, roadmap) == [
            {"number": number, "kind": "drop_dependency", "subject": "B>C",
             "title": {"en": "Drop the dependency: B before C"}, "decision": "accepted",
             "reason": dict(WHY), "section": "B>C", "points": 6}
        ]  # fmt: skip
        assert proposals_behind(session, roadmap) == {"B>C": [number]}
        with pytest.raises(errors.InvalidDisposition, match="already"):
            act(confirm, proposals=[number], actor=second)

    def test_the_operator_is_one_person_and_not_two(
        self, people: tuple[Actor, Actor], act: Callable[..., Any]
    ) -> None:
        act(decide, proposals=[1], decision="rejected", reason=WHY)
        with pytest.raises(errors.ConfirmedBySamePerson):
            act(confirm, proposals=[1])
        act(confirm, proposals=[1], actor=people[0])
        act(decide, proposals=[2], decision="rejected", reason=WHY, actor=people[0])
        act(confirm, proposals=[2])

    def test_few_are_not_counted_in_public(
        self, session: Session, roadmap: Roadmap, people: tuple[Actor, Actor],
        act: Callable[..., Any],
    ) -> None:  # fmt: skip
        number = number_of(session, "new_dependency", "A>C")
        act(decide, proposals=[number], decision="rejected", reason=WHY, actor=people[0])
        act(confirm, proposals=[number], actor=people[1])
        (entry,) = proposals_document(session, roadmap)
        assert entry["points"] is None

    def test_where_one_count_is_hidden_another_goes_with_it(
        self, session: Session, roadmap: Roadmap, consultation: Consultation,
        people: tuple[Actor, Actor], act: Callable[..., Any], collect: Callable[[], Collected],
    ) -> None:  # fmt: skip
        respond(session, consultation, [
            {"DEPS": {"proposed": [{"from": "C", "to": "A"}]}}] * 7)  # fmt: skip
        collect()
        few, many = (number_of(session, "new_dependency", subject) for subject in ("A>C", "C>A"))
        for number in (few, many):
            act(decide, proposals=[number], decision="rejected", reason=WHY, actor=people[0])
        act(confirm, proposals=[many], actor=people[1])
        assert [each.people for each in list_outcomes(session, roadmap=roadmap)] == [7]
        act(confirm, proposals=[few], actor=people[1])
        assert [each.people for each in list_outcomes(session, roadmap=roadmap)] == [None, None]

    def test_an_undone_decision_is_not_public_any_more(
        self, session: Session, roadmap: Roadmap, people: tuple[Actor, Actor],
        act: Callable[..., Any],
    ) -> None:  # fmt: skip
        first, second = people
        act(decide, proposals=[1], decision="rejected", reason=WHY, actor=first)
        act(confirm, proposals=[1], actor=second)
        act(decide, proposals=[1], decision="later", reason=WHY, actor=first)
        assert [each.decision for each in list_outcomes(session, roadmap=roadmap)] == [
            Verdict.REJECTED
        ]
        act(confirm, proposals=[1], actor=second)
        act(undo, proposals=[1], actor=first)
        # Back to "rejected", and that is one person's word again.
        assert list_outcomes(session, roadmap=roadmap) == []
        act(confirm, proposals=[1], actor=second)
        assert [each.decision for each in list_outcomes(session, roadmap=roadmap)] == [
            Verdict.REJECTED
        ]


class TestSeveralRoadmaps:
    """One consultation may speak for two roadmaps; each decides for itself."""

    def test_each_has_its_own_proposals_and_the_receipt_shows_both(
        self, session: Session, roadmap: Roadmap, now: datetime, people: tuple[Actor, Actor],
        act: Callable[..., Any],
    ) -> None:  # fmt: skip
        other = make_roadmap(session, now, slug="other")
        consultation = make_consultation(session, now, roadmap)
        link_evidence(
            session, roadmap=other, subject="A", consultation=consultation, question="PICK",
            option="yes", actor=OPERATOR, now=now,
        )  # fmt: skip
        (response_id,) = respond(session, consultation, ANSWERS[6:7])
        for each in (roadmap, other, other):
            collect_proposals(session, roadmap=each, actor=OPERATOR, now=now)
        assert session.scalar(select(func.count()).select_from(ProposalPoint)) == 2
        act(decide, proposals=[1], decision="rejected", reason=WHY, roadmap=other)
        act(confirm, proposals=[1], roadmap=other, actor=people[0])
        response = session.get_one(Response, response_id)
        points = points_of_response(session, response=response)
        assert [(each.roadmap, each.standing, bool(each.outcome)) for each in points] == [
            ("net", "not_decided", False), ("other", "decided", True),
        ]  # fmt: skip
        (wrong,) = session.scalars(
            select(ProposalPoint.id).join(Proposal).where(Proposal.roadmap_id == roadmap.id)
        )
        for title in ("One", "Two"):
            act(write_proposal, kind="other", title={"en": title}, roadmap=other)
        with pytest.raises(errors.InvalidDisposition):  # a point of another roadmap
            act(move_points, proposal=2, points=[wrong], to=3, roadmap=other)
