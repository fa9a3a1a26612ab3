"""Suggestions, comments and notices: who may, when, and who hears of it."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from core.audit import OPERATOR, Actor
from core.errors import Forbidden
from core.text import LocalizedText
from roadmap import errors
from roadmap.models import Candidate, Roadmap
from roadmap.writing.chapters import add_chapter
from roadmap.writing.comments import add_comment, list_threads, resolve_thread
from roadmap.writing.notices import count_unseen, list_notices, mark_place_seen, mark_seen
from roadmap.writing.paragraphs import (
    add_paragraph,
    change_paragraph,
    get_paragraph,
    list_versions,
)
from roadmap.writing.participation import may_take_part, people_to_mention
from roadmap.writing.suggestions import (
    accept_suggestion,
    list_suggestions,
    reject_suggestion,
    suggest_change,
    withdraw_suggestion,
)
from stakeholders.models import Account, AccountRole
from stakeholders.permissions import Role

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TEXT = "Networks save energy. They cover all regions by 2030."


@pytest.fixture
def roadmap(session: Session) -> Roadmap:
    roadmap = Roadmap(
        slug="review", title=LocalizedText.of("Review"), start=date(2027, 1, 1), revision=1,
        created_at=NOW,
    )  # fmt: skip
    session.add(roadmap)
    session.flush()
    add_chapter(session, roadmap=roadmap, code="V", title={"en": "Vision"}, actor=OPERATOR, now=NOW)
    add_paragraph(session, roadmap=roadmap, chapter="V", text={"en": TEXT}, actor=OPERATOR, now=NOW)
    return roadmap


def put_into(session: Session, roadmap: Roadmap, stage: str) -> None:
    session.add(
        Candidate(roadmap_id=roadmap.id, version="1.0", stage=stage, created_at=NOW, changed_at=NOW)
    )
    session.flush()


def person(session: Session, name: str, role: Role) -> dict[str, Any]:
    """``roles``, ``actor`` and ``now`` of somebody, as the use cases want them."""
    account = Account(
        email=f"{name.partition('@')[0].lower()}@example.org", display_name=name,
        password_hash="-", created_at=NOW, roles=[AccountRole(role=role.value)],
    )  # fmt: skip
    session.add(account)
    session.flush()
    return {"roles": [role], "actor": Actor(account.id, role.value), "now": NOW}


def acting(who: dict[str, Any]) -> dict[str, Any]:
    return {"actor": who["actor"], "now": NOW}


def suggest(session: Session, roadmap: Roadmap, who: dict[str, Any], text: str) -> UUID:
    return suggest_change(
        session, roadmap=roadmap, code="V-1", language="en", text=text, seen=1, reason="Clearer",
        **who,
    ).id  # fmt: skip


class TestWhoMay:
    @pytest.mark.parametrize(
        ("stage", "may"),
        [
            ("", {Role.SECRETARIAT}),
            ("draft", {Role.SECRETARIAT}),
            ("internal_review", {Role.SECRETARIAT, Role.DELEGATE}),
            ("public_draft", set(Role)),
            ("approved", {Role.SECRETARIAT}),
        ],
    )
    def test_the_stage_decides(self, stage: str, may: set[Role]) -> None:
        assert {role for role in Role if may_take_part([role], stage)} == may

    def test_outside_review_nobody_but_the_secretariat(
        self, session: Session, roadmap: Roadmap
    ) -> None:
        delegate = person(session, "Dora", Role.DELEGATE)
        with pytest.raises(errors.DraftNotOpen):
            suggest(session, roadmap, delegate, "x")
        with pytest.raises(errors.DraftNotOpen):
            add_comment(session, roadmap=roadmap, code="V-1", text="x", **delegate)
        put_into(session, roadmap, "internal_review")
        suggest(session, roadmap, delegate, "x")
        with pytest.raises(errors.DraftNotOpen):
            suggest(session, roadmap, person(session, "Carl", Role.CITIZEN), "x")


class TestSuggestions:
    def test_one_is_accepted_on_top_of_what_changed_since(
        self, session: Session, roadmap: Roadmap
    ) -> None:
        put_into(session, roadmap, "public_draft")
        citizen, staff = (
            person(session, "Carl", Role.CITIZEN), person(session, "Ada", Role.SECRETARIAT)
        )  # fmt: skip
        suggestion = suggest(session, roadmap, citizen, TEXT.replace("energy", "much energy"))
        change_paragraph(
            session, roadmap=roadmap, code="V-1", language="en", seen=1,
            text=TEXT.replace("2030", "2032"), **acting(staff),
        )  # fmt: skip
        saved = accept_suggestion(
            session, roadmap=roadmap, suggestion_id=suggestion, answer="Thank you", **acting(staff)
        )
        assert saved.merged
        assert saved.paragraph.text["en"] == (
            "Networks save much energy. They cover all regions by 2032."
        )
        newest = list_versions(session, paragraph=saved.paragraph)[-1]
        assert (newest.change, newest.reason, newest.suggestion_id) == (
            "suggestion", "Clearer", suggestion,
        )  # fmt: skip
        (line,) = list_notices(session, account_id=citizen["actor"].account_id)
        assert (line.notice.kind, line.notice.subject, line.slug, line.name) == (
            "suggestion_accepted", "V-1", "review", "Ada",
        )  # fmt: skip

    def test_one_that_does_not_fit_any_more_stays_open(
        self, session: Session, roadmap: Roadmap
    ) -> None:
        staff = person(session, "Ada", Role.SECRETARIAT)
        suggestion = suggest(session, roadmap, staff, TEXT.replace("2030", "2029"))
        change_paragraph(
            session, roadmap=roadmap, code="V-1", language="en", seen=1,
            text=TEXT.replace("2030", "2032"), **acting(staff),
        )  # fmt: skip
        with pytest.raises(errors.WordingConflict) as refused:
            accept_suggestion(session, roadmap=roadmap, suggestion_id=suggestion, **acting(staff))
        merge = refused.value.merge
        chosen = merge.settled([merge.conflicts[0].ours])
        saved = accept_suggestion(
            session, roadmap=roadmap, suggestion_id=suggestion, text=chosen,
            seen=refused.value.current, **acting(staff),
        )  # fmt: skip
        assert saved.paragraph.text["en"] == TEXT.replace("2030", "2029")

    def test_rejecting_says_why_and_happens_once(self, session: Session, roadmap: Roadmap) -> None:
        put_into(session, roadmap, "public_draft")
        citizen, staff = (
            person(session, "Carl", Role.CITIZEN), person(session, "Ada", Role.SECRETARIAT)
        )  # fmt: skip
        suggestion = suggest(session, roadmap, citizen, "Other.")
        with pytest.raises(errors.InvalidDraft, match="answer"):
            reject_suggestion(
                session, roadmap=roadmap, suggestion_id=suggestion, answer=" ", **acting(staff)
            )
        reject_suggestion(
            session, roadmap=roadmap, suggestion_id=suggestion, answer="No", **acting(staff)
        )
        with pytest.raises(errors.SuggestionDecided):
            accept_suggestion(session, roadmap=roadmap, suggestion_id=suggestion, **acting(staff))
        paragraph = get_paragraph(session, roadmap=roadmap, code="V-1")
        (decided,) = list_suggestions(session, paragraph=paragraph)
        assert (decided.state, decided.answer, paragraph.version) == ("rejected", "No", 1)

    def test_only_who_made_one_withdraws_it(self, session: Session, roadmap: Roadmap) -> None:
        put_into(session, roadmap, "public_draft")
        carl, cleo = person(session, "Carl", Role.CITIZEN), person(session, "Cleo", Role.CITIZEN)
        suggestion = suggest(session, roadmap, carl, "Other.")
        with pytest.raises(Forbidden):
            withdraw_suggestion(session, roadmap=roadmap, suggestion_id=suggestion, **acting(cleo))
        with pytest.raises(Forbidden):
            withdraw_suggestion(
                session, roadmap=roadmap, suggestion_id=suggestion, actor=OPERATOR, now=NOW
            )
        withdraw_suggestion(session, roadmap=roadmap, suggestion_id=suggestion, **acting(carl))
        with pytest.raises(errors.SuggestionDecided):
            withdraw_suggestion(session, roadmap=roadmap, suggestion_id=suggestion, **acting(carl))

    def test_the_text_there_is_and_what_is_elsewhere_are_refused(
        self, session: Session, roadmap: Roadmap
    ) -> None:
        staff = person(session, "Ada", Role.SECRETARIAT)
        with pytest.raises(errors.InvalidDraft):
            suggest(session, roadmap, staff, TEXT)
        with pytest.raises(errors.SuggestionNotFound):
            accept_suggestion(session, roadmap=roadmap, suggestion_id=uuid4(), **acting(staff))

    def test_one_person_has_a_handful_open(self, session: Session, roadmap: Roadmap) -> None:
        staff = person(session, "Ada", Role.SECRETARIAT)
        made = [suggest(session, roadmap, staff, f"Text {number}.") for number in range(5)]
        with pytest.raises(errors.InvalidDraft, match="withdraw one first"):
            suggest(session, roadmap, staff, "One more.")
        withdraw_suggestion(session, roadmap=roadmap, suggestion_id=made[0], **acting(staff))
        suggest(session, roadmap, staff, "One more.")


class TestComments:
    def test_a_thread_is_answered_resolved_and_opened_again(
        self, session: Session, roadmap: Roadmap
    ) -> None:
        put_into(session, roadmap, "public_draft")
        carl, ada = person(session, "Carl", Role.CITIZEN), person(session, "Ada", Role.SECRETARIAT)
        first = add_comment(session, roadmap=roadmap, code="V-1", text="Why 2030?", **carl)
        answer = add_comment(
            session, roadmap=roadmap, code="V-1", text="See M4.", answers=first.id, **ada
        )
        resolve_thread(session, roadmap=roadmap, comment_id=first.id, resolved=True, **ada)
        paragraph = get_paragraph(session, roadmap=roadmap, code="V-1")
        (thread,) = list_threads(session, paragraph=paragraph)
        assert thread.resolved
        assert [each.text for each in thread.answers] == ["See M4."]
        # An answer to an answer belongs to the same thread, and opens it again.
        add_comment(session, roadmap=roadmap, code="V-1", text="Thanks.", answers=answer.id, **carl)
        (thread,) = list_threads(session, paragraph=paragraph)
        assert (thread.resolved, len(thread.answers)) == (False, 2)
        kinds = [
            each.notice.kind for each in list_notices(session, account_id=carl["actor"].account_id)
        ]
        assert kinds == ["answered"]

    def test_resolving_is_for_writers_and_who_began(
        self, session: Session, roadmap: Roadmap
    ) -> None:
        put_into(session, roadmap, "public_draft")
        carl, cleo = person(session, "Carl", Role.CITIZEN), person(session, "Cleo", Role.CITIZEN)
        first = add_comment(session, roadmap=roadmap, code="V-1", text="Why?", **carl)
        with pytest.raises(Forbidden):
            resolve_thread(session, roadmap=roadmap, comment_id=first.id, resolved=True, **cleo)
        resolve_thread(session, roadmap=roadmap, comment_id=first.id, resolved=True, **carl)
        assert first.resolved_at == NOW

    def test_people_are_mentioned_by_name_and_told_once(
        self, session: Session, roadmap: Roadmap
    ) -> None:
        put_into(session, roadmap, "public_draft")
        carl, ada = person(session, "Carl", Role.CITIZEN), person(session, "Ada", Role.SECRETARIAT)
        person(session, "Cleo@example.org", Role.CITIZEN)
        listed = people_to_mention(session, roadmap=roadmap, roles=carl["roles"])
        assert [name for _id, name in listed] == ["Ada"]
        for _twice in range(2):
            add_comment(
                session, roadmap=roadmap, code="V-1", text="Look", mentions=[listed[0][0]], **carl
            )
        account_id = ada["actor"].account_id
        assert count_unseen(session, account_id=account_id) == 1
        (line,) = list_notices(session, account_id=account_id)
        assert (line.notice.kind, line.name) == ("mentioned", "Carl")
        mark_seen(session, account_id=carl["actor"].account_id, now=NOW, notice_id=line.notice.id)
        assert count_unseen(session, account_id=account_id) == 1, "not one's own"
        mark_place_seen(session, account_id=account_id, roadmap=roadmap, subject="V-1", now=NOW)
        assert count_unseen(session, account_id=account_id) == 0

    def test_names_show_no_address_and_strangers_are_not_listed(
        self, session: Session, roadmap: Roadmap
    ) -> None:
        put_into(session, roadmap, "public_draft")
        carl = person(session, "Carl", Role.CITIZEN)
        stranger = person(session, "Stranger", Role.CITIZEN)
        cleo = person(session, "Cleo@example.org", Role.CITIZEN)
        with pytest.raises(errors.InvalidDraft, match="mentions"):
            add_comment(
                session, roadmap=roadmap, code="V-1", text="Hi",
                mentions=[stranger["actor"].account_id], **carl,
            )  # fmt: skip
        add_comment(session, roadmap=roadmap, code="V-1", text="Hi", **cleo)
        names = [name for _id, name in people_to_mention(session, roadmap=roadmap, roles=[])]
        assert names == ["Cleo"]

    @pytest.mark.parametrize("text", ["", "   ", "a" * 5_001, "a\x00b"])
    def test_what_says_nothing_or_too_much_is_refused(
        self, session: Session, roadmap: Roadmap, text: str
    ) -> None:
        staff = person(session, "Ada", Role.SECRETARIAT)
        with pytest.raises(errors.InvalidInput):
            add_comment(session, roadmap=roadmap, code="V-1", text=text, **staff)
