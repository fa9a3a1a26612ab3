"""Statements of participants' own: added without a trace of who, moderated, judged, left out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.audit import OPERATOR
from core.errors import InvalidInput
from core.models import AuditEntry
from core.text import LocalizedText
from surveys.consultations import create_consultation
from surveys.errors import (
    StatementExists,
    StatementNotFound,
    StatementQueueFull,
    StatementRefused,
    StatementsNotAsked,
    TooManyStatements,
)
from surveys.models import Statement
from surveys.questionnaire import Option, Question
from surveys.statement_order import Judged
from surveys.statement_text import is_added
from surveys.statements import (
    accepted_codes,
    add_statement,
    count_statements,
    list_accepted,
    list_statements,
    moderate_statements,
    reword_statement,
    statements_for,
    undo_moderation,
)

QUESTION = Question(
    code="S", type="statements", title=LocalizedText.of("Judge"), allow_own=True, max_own=3,
    options=(
        Option("fibre", LocalizedText({"en": "Fibre for every village", "fr": "La fibre partout"})),
        Option("trains", LocalizedText({"en": "Trains before roads"})),
    ),
)  # fmt: skip


@pytest.fixture
def consultation(session, now):
    return create_consultation(
        session, slug="roads", title=LocalizedText.of("Roads"), actor=OPERATOR, now=now
    )


@pytest.fixture
def add(session, consultation, now):
    def add(text="Rural bus lines first", **changes):
        values = {"question": QUESTION, "language": "en", "already": 0} | changes
        return add_statement(session, consultation=consultation, text=text, now=now, **values)

    return add


@pytest.fixture
def decide(session, consultation, now):
    def decide(decision, *codes, reason="off topic"):
        return moderate_statements(
            session, consultation=consultation, codes=codes, decision=decision, actor=OPERATOR,
            now=now, reason=reason if decision == "rejected" else "",
        )  # fmt: skip

    return decide


def events(session):
    return [e.event for e in session.scalars(select(AuditEntry)) if e.event is not None]


def test_an_added_statement_waits_and_nothing_says_who_or_when(session, consultation, add, now):
    before = len(events(session))
    statement = add(" Plus de  bus à la campagne ", language="fr")
    assert (statement.status, statement.text) == (
        "pending", LocalizedText.of("Plus de bus à la campagne", "fr"),
    )  # fmt: skip
    assert is_added(statement.code)
    assert statement.proposed_on == now.date()
    assert statement.decided_at is None
    assert len(events(session)) == before
    columns = {column.name for column in Statement.__table__.columns}
    assert columns == {
        "id", "consultation_id", "question", "code", "text", "status", "reason", "proposed_on",
        "decided_at",
    }  # fmt: skip
    assert list_accepted(session, consultation_id=consultation.id) == {}
    assert accepted_codes(session, consultation=consultation) == {}


def test_what_cannot_be_added_is_refused_with_a_reason(add):
    with pytest.raises(InvalidInput, match="10"):
        add("short")
    with pytest.raises(TooManyStatements, match="3"):
        add(already=3)
    closed = Question(code="S", type="statements", title=LocalizedText.of("Judge"), max_own=3)
    with pytest.raises(StatementsNotAsked):
        add(question=closed)


def test_the_same_words_are_the_same_statement(session, consultation, add, decide):
    with pytest.raises(StatementExists) as exists:
        add("LA FIBRE… partout!")
    assert exists.value.existing == "fibre"
    first = add("Rural bus lines first")
    assert add("rural bus-lines: FIRST") is first
    decide("accepted", first.code)
    with pytest.raises(StatementExists) as exists:
        add("Rural bus lines first!")
    assert exists.value.existing == first.code
    decide("rejected", first.code, reason="names a person")
    with pytest.raises(StatementRefused, match="names a person"):
        add("Rural bus lines first!")
    assert len(list_statements(session, consultation_id=consultation.id)) == 1


def test_a_flood_stops_at_the_queue(add, decide, monkeypatch):
    monkeypatch.setattr("surveys.statements.MOST_PENDING", 2)
    first = add("Statement number one")
    add("Statement number two")
    with pytest.raises(StatementQueueFull):
        add("Statement number three")
    decide("accepted", first.code)
    add("Statement number three")


def test_a_decision_is_recorded_without_the_text_and_can_be_undone(
    session, consultation, add, decide, now
):
    first, second = add("Statement number one"), add("Statement number two")
    decide("accepted", first.code)
    done = decide("accepted", first.code, second.code)
    assert done.before == {second.code: "pending"}
    assert {o.code for o in list_accepted(session, consultation_id=consultation.id)["S"]} == {
        first.code, second.code,
    }  # fmt: skip
    recorded = [e for e in events(session) if e["name"].startswith("statement.")]
    assert [e["name"] for e in recorded] == ["statement.accepted"] * 2
    assert recorded[0]["subject"] == "consultation:roads"
    assert "number" not in str(recorded)
    undo = {"consultation": consultation, "actor": OPERATOR, "now": now}
    assert undo_moderation(session, done=done, **undo) == 1
    assert undo_moderation(session, done=done, **undo) == 0
    assert second.status == "pending"
    assert first.status == "accepted"
    gone = decide("rejected", first.code, reason="insults somebody")
    assert undo_moderation(session, done=gone, **undo) == 1
    assert first.status == "accepted"


def test_rejecting_takes_a_reason_and_existing_statements(consultation, add, decide, session):
    statement = add()
    with pytest.raises(InvalidInput, match="why"):
        decide("rejected", statement.code, reason="  ")
    with pytest.raises(StatementNotFound):
        decide("accepted", statement.code, "p_000000000000")
    session.refresh(statement)
    assert statement.status == "pending"


def test_answers_may_name_what_was_rejected_after_it_was_shown(session, consultation, add, decide):
    shown, waiting = add("Statement number one"), add("Statement number two")
    decide("accepted", shown.code)
    decide("rejected", shown.code)
    assert accepted_codes(session, consultation=consultation) == {"S": {shown.code}}
    assert waiting.code not in accepted_codes(session, consultation=consultation)["S"]


def test_other_words_are_another_statement(session, consultation, add, now):
    first = add("All minsters must resing", language="de")
    with pytest.raises(InvalidInput, match="other words"):
        reword_statement(
            session, consultation=consultation, code=first.code, text=" all minsters must resing",
            reason="spelling", actor=OPERATOR, now=now,
        )  # fmt: skip
    new = reword_statement(
        session, consultation=consultation, code=first.code, text="All ministers must resign",
        reason="spelling", actor=OPERATOR, now=now + timedelta(days=2),
    )  # fmt: skip
    assert (first.status, first.reason) == ("rejected", "spelling")
    assert (new.status, new.proposed_on, new.text.fallback) == ("accepted", now.date(), "de")
    assert new.code != first.code
    last = [e for e in events(session) if e["name"] == "statement.accepted"][-1]
    assert last["data"]["rewords"] == first.code


def test_counts_are_by_consultation_and_status(session, consultation, add, decide):
    first = add("Statement number one")
    add("Statement number two")
    decide("rejected", first.code)
    assert count_statements(session)[consultation.id] == {
        "pending": 1, "accepted": 0, "rejected": 1,
    }  # fmt: skip


def test_a_participant_gets_what_is_left_in_an_order_of_their_own(
    session, consultation, add, decide
):
    added = add()
    decide("accepted", added.code)
    accepted = list_accepted(session, consultation_id=consultation.id)["S"]
    judgements = {"S.fibre": Judged(300, 300, 10), "S.trains": Judged(300, 2, 10)}

    def shown(seed, answered=()):
        found = statements_for(
            QUESTION, accepted=accepted, judgements=judgements, seed=seed, answered=answered
        )
        return [option.code for option in found]

    assert sorted(shown("a")) == sorted(["fibre", "trains", added.code])
    assert shown("a") == shown("a")
    firsts = [shown(str(seed))[0] for seed in range(60)]
    assert firsts.count(added.code) > 40  # nothing is known of it yet
    assert len(set(firsts)) == 3
    assert set(shown("a", answered=["fibre", "hidden"])) == {"trains", added.code}
