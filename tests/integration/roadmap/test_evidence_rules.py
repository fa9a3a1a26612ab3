"""Declared rules on a real consultation: rows that anyone can recompute, evidence, versions."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from core import outbox
from core.audit import OPERATOR
from core.ids import random_uuid
from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.errors import (
    DraftChanged,
    InvalidDraft,
    InvalidEvidence,
    NothingToUndo,
    RuleDeclared,
    RuleEnded,
    RuleNotFound,
)
from roadmap.evidence.by_subject import gather_evidence, priority_of
from roadmap.evidence.declaring import (
    check_declaration,
    declare_rule,
    end_rule,
    list_rules,
    offer_rules,
    replace_rule,
    rules_document,
)
from roadmap.evidence.estimates import suggest_durations
from roadmap.evidence.gathering import (
    estimates_from_evidence,
    evidence_rows,
    list_speaking,
    preview_rule,
)
from roadmap.evidence.links import link_evidence
from roadmap.evidence.supporting import (
    apply_supports,
    find_applied,
    suggest_supports,
    undo_supports,
)
from roadmap.models import EvidenceRule, Roadmap
from roadmap.planning.network import Kind
from roadmap.roadmaps import get_roadmap, import_roadmap
from surveys.codes import new_code
from surveys.counting.projection import bring_up_to_date
from surveys.models import PROJECTION_TOPIC, Consultation, Response
from surveys.results import get_public_results
from tests.evidence_recount import recount
from tests.questionnaire_factory import open_consultation
from voting.motions import create_motion

MILESTONES = ("A", "B", "C")


def options(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "label": {"en": f"Milestone {code}"}} for code in codes]


def question(code: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "type": kind, "title": {"en": f"About {code}"}} | more


DEFINITION = {
    "schema": "waymark/questionnaire/1",
    "title": {"en": "The draft"},
    "languages": ["en"],
    "sections": [
        {
            "code": "all",
            "title": {"en": "All"},
            "questions": [
                question("PRIO", "milestone_priorities", options=options(*MILESTONES, "GONE")),
                question("WHEN", "milestone_years", options=options(*MILESTONES),
                         minimum=2026, maximum=2045),
                question("DEPS", "dependencies", options=options(*MILESTONES), max_entries=3,
                         dependencies=[{"from": "A", "to": "B", "kind": "FS"},
                                       {"from": "B", "to": "C", "kind": "SS"}]),
                question("PARAS", "paragraph_comments", options=options("A", "B")),
                question("SAY", "statements", options=options("S1", "S2")),
                question("RANK", "ranking", options=options(*MILESTONES)),
                question("POINTS", "points", total=10, options=options(*MILESTONES)),
                question("RATE", "rating", no_opinion={"en": "None"}),
                question("PICK", "single_choice", options=options(*MILESTONES)),
                question("TEXT", "long_text"),
            ],
        }
    ],
}  # fmt: skip

DECLARED = [
    ("priority", "PRIO", {}),
    ("priority_equal_publics", "PRIO", {"publics": "eu_citizen,company_business"}),
    ("year_distribution", "WHEN", {"consensus_at": "0.5"}),
    ("dependency_support", "DEPS", {}),
    ("paragraph_stances", "PARAS", {}),
    ("statements", "SAY", {"subjects": "S1=A,S2=A>B"}),
    ("priority", "RANK", {}),
    ("priority", "POINTS", {}),
    ("scale_mean", "RATE", {"subjects": "C"}),
    ("option_share", "PICK", {}),
]


@pytest.fixture
def roadmap(session: Session, now: datetime) -> Roadmap:
    text = LocalizedText.of
    draft = Draft(
        title=text("A roadmap"),
        start=date(2026, 1, 1),
        areas={"net": text("Networks")},
        milestones=tuple(
            DraftMilestone(code, text(code), "SRIA", "net", 100) for code in MILESTONES
        ),
        dependencies=(DraftDependency("A", "B", Kind.FS, 0, Decimal(1)),),
    )
    import_roadmap(session, slug="net", draft=draft, actor=OPERATOR, now=now)
    return get_roadmap(session, slug="net")


def answer(chance: random.Random, at: int) -> dict[str, Any]:
    proposed = [{"from": "C", "to": "A", "kind": "FF"}] if at % 3 == 0 else []
    proposed += [{"from": "A", "to": "B"}] if at % 2 == 0 else []
    proposed += [{"from": "B", "to": "A"}] if at == 6 else []
    return {
        "PRIO": {c: chance.choice([1, 2, 4, 5, "no_opinion"]) for c in (*MILESTONES, "GONE")},
        "WHEN": {c: {"never": True} if chance.random() < 0.2
                 else {"likely": round(chance.gauss(2032, 2))} for c in MILESTONES},
        "DEPS": {"disputed": {"A>B": "no"} if at % 4 == 1 else {}, "proposed": proposed},
        "PARAS": {"A": {"stance": chance.choice(["support", "change", "oppose"])},
                  "B": {"text": "Well."}},
        "SAY": {"S1": chance.choice(["agree", "disagree", "pass"]), "S2": "agree"},
        "RANK": chance.sample(MILESTONES, 3), "POINTS": {"A": 5, "B": 3, "C": 2},
        "RATE": chance.choice([1, 2, 5, "no_opinion"]), "PICK": chance.choice(MILESTONES),
    }  # fmt: skip


@pytest.fixture
def consultation(session: Session, now: datetime, tmp_path: Path) -> Consultation:
    """Sixty people of three types, one of which has two people only; closed ten days ago."""
    then = now - timedelta(days=20)
    consultation = open_consultation(session, then, slug="draft", definition=DEFINITION)
    chance = random.Random(7)
    for at in range(60):
        kind = "ngo" if at in (10, 20) else ("eu_citizen", "company_business")[at % 2]
        values = {
            "id": random_uuid(), "consultation_id": consultation.id, "reference": new_code(20),
            "version_id": consultation.current_version_id, "respondent_type": kind,
            "answers": answer(chance, at),
        }  # fmt: skip
        session.execute(insert(Response).values(values))
        payload = {"response": str(values["id"])}
        outbox.enqueue(session, topic=PROJECTION_TOPIC, payload=payload, now=now)
    bring_up_to_date(session, directory=tmp_path / "projection", now=now)
    return consultation


def declare(
    session: Session, roadmap: Roadmap, consultation: Consultation | None, now: datetime,
    rule: str, source: str, parameters: dict[str, str],
) -> EvidenceRule:  # fmt: skip
    return declare_rule(
        session, roadmap=roadmap, rule=rule, source=source, consultation=consultation,
        parameters=parameters, actor=OPERATOR, now=now,
    )  # fmt: skip


@pytest.fixture
def declared(
    session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
) -> list[EvidenceRule]:
    return [
        declare(session, roadmap, consultation, now, rule, source, parameters)
        for rule, source, parameters in DECLARED
    ]


def rows_of(session: Session, roadmap: Roadmap, now: datetime, **only: str) -> list[dict[str, Any]]:
    return [
        row.as_document()
        for row in evidence_rows(session, roadmap=roadmap, now=now, **only)  # type: ignore[arg-type]
    ]


@pytest.mark.usefixtures("declared")
def test_every_row_can_be_recomputed_from_the_published_results(
    session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
) -> None:
    rows = rows_of(session, roadmap, now)
    assert len(rows) > 150
    document = get_public_results(session, consultation=consultation, by="respondent_type")
    pairs = {"DEPS": {"A>B:FS": 30, "C>A:FF": 20}}
    for row in rows:
        expected = recount(row, document | {"proposed": pairs})
        wanted = None if expected is None else pytest.approx(expected, abs=2e-6)
        assert row["value"] == wanted, row
        assert (row["n"] is None) == (row["value"] is None)
    assert {row["rule"] for row in rows} == {f"{rule}/1" for rule, _, _ in DECLARED}
    assert {row["public"] for row in rows} == {"all", "eu_citizen", "company_business", "ngo"}
    assert all(row["subject"] != "GONE" for row in rows)
    assert rows == rows_of(session, roadmap, now)


@pytest.mark.usefixtures("declared")
def test_small_groups_say_nothing(session: Session, roadmap: Roadmap, now: datetime) -> None:
    ngo = rows_of(session, roadmap, now, public="ngo")
    assert ngo
    assert all(row["value"] is None and row["n"] is None for row in ngo)


@pytest.mark.usefixtures("declared")
def test_dependencies(session: Session, roadmap: Roadmap, now: datetime) -> None:
    said = {
        row["figure"]: (row["value"], row["n"])
        for row in rows_of(session, roadmap, now, subject="A>B", public="all")
        if row["rule"] == "dependency_support/1"
    }
    # 15 dispute it, 30 propose it themselves; who said nothing about any dependency is not counted.
    assert said["dispute"][0] == 15
    assert said["answered"][0] == said["dispute"][1]
    assert said["not_disputed"][0] == said["answered"][0] - 15
    assert said["support"][0] == 30
    reverse = rows_of(session, roadmap, now, subject="C>A")
    assert [(row["figure"], row["value"]) for row in reverse] == [("proposed_FF", 20)]
    # One person proposed this; that is not said, and nor is that anybody did.
    assert rows_of(session, roadmap, now, subject="B>A") == []


@pytest.mark.usefixtures("declared")
def test_evidence_of_a_milestone_has_a_score_where_there_is_one(
    session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
) -> None:
    evidence = gather_evidence(session, roadmap=roadmap, now=now)
    by_rule = {(entry["rule"], entry["question"]): entry for entry in evidence["A"]}
    assert by_rule["priority/1", "PRIO.A"]["score"] is not None
    assert by_rule["year_distribution/1", "WHEN.A"]["score"] is None
    assert {"figure", "value", "n"} == set(by_rule["year_distribution/1", "WHEN.A"]["figures"][0])
    assert by_rule["priority/1", "RANK"]["option"] == "A"
    assert not any(rule.startswith("priority_equal") for rule, _ in by_rule)
    priority = priority_of(evidence["A"])
    assert priority is not None
    assert priority["n"] == sum(e["n"] for e in evidence["A"] if e["score"] is not None)
    assert list_speaking(session, roadmap=roadmap, now=now) == [consultation]
    assert set(gather_evidence(session, roadmap=roadmap, now=now, subject="B")) == {"B"}


def test_a_link_and_a_rule_never_count_the_same_answers_twice(
    session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
) -> None:
    declare(session, roadmap, consultation, now, "option_share", "PICK", {})
    before = gather_evidence(session, roadmap=roadmap, now=now)["A"]
    link_evidence(
        session, roadmap=roadmap, subject="A", consultation=consultation, question="PICK",
        option="A", actor=OPERATOR, now=now,
    )  # fmt: skip
    after = gather_evidence(session, roadmap=roadmap, now=now)["A"]
    assert len(before) == len(after) == 1
    assert "rule" not in after[0]
    assert priority_of(before) == priority_of(after)
    rules = {row["rule"]: row["value"] for row in rows_of(session, roadmap, now, public="all")}
    assert set(rules) == {"option_share/1"}


def test_a_rule_is_never_changed(
    session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
) -> None:
    first = declare(session, roadmap, consultation, now, "year_distribution", "WHEN", {})
    revision = roadmap.revision
    with pytest.raises(RuleDeclared):
        declare(session, roadmap, consultation, now, "year_distribution", "WHEN", {})
    with pytest.raises(InvalidEvidence):
        replace_rule(
            session, roadmap=roadmap, rule_id=first.id, parameters={}, actor=OPERATOR, now=now
        )
    second = replace_rule(
        session, roadmap=roadmap, rule_id=first.id, parameters={"consensus_at": "0.8"},
        actor=OPERATOR, now=now,
    )  # fmt: skip
    session.refresh(roadmap)
    assert roadmap.revision > revision
    assert (first.version, first.ended_at, second.version) == (1, now, 2)
    assert first.parameters["consensus_at"] == "0.7"
    with pytest.raises(RuleEnded):
        replace_rule(
            session, roadmap=roadmap, rule_id=first.id, parameters={"consensus_at": "0.9"},
            actor=OPERATOR, now=now,
        )  # fmt: skip
    assert {row["rule"] for row in rows_of(session, roadmap, now)} == {"year_distribution/2"}
    end_rule(session, roadmap=roadmap, rule_id=second.id, actor=OPERATOR, now=now)
    with pytest.raises(RuleEnded):
        end_rule(session, roadmap=roadmap, rule_id=second.id, actor=OPERATOR, now=now)
    with pytest.raises(RuleNotFound):
        end_rule(session, roadmap=roadmap, rule_id=random_uuid(), actor=OPERATOR, now=now)
    assert rows_of(session, roadmap, now) == []
    assert len(list_rules(session, roadmap=roadmap, ended=True)) == 2
    third = declare(session, roadmap, consultation, now, "year_distribution", "WHEN", {})
    assert third.version == 3


@pytest.mark.parametrize(
    ("rule", "source", "parameters", "where"),
    [
        ("priority", "WHEN", {}, "rule"),
        ("priority", "NONE", {}, "question"),
        ("scale_mean", "RATE", {}, "subjects"),
        ("scale_mean", "RATE", {"subjects": "Z"}, "subjects"),
        ("scale_mean", "RATE", {"subjects": "A>Z"}, "subjects"),
        ("scale_mean", "RATE", {"subjects": "A", "left_out": "9"}, "left_out"),
        ("scale_mean", "RATE", {"subjects": "A", "left_out": "1,2,3,4"}, "left_out"),
        ("statements", "SAY", {}, "subjects"),
        ("statements", "SAY", {"subjects": "S9=A"}, "subjects"),
        ("priority", "PRIO", {"subjects": "nonsense,,=="}, "subjects"),
    ],
)
def test_what_cannot_be_declared_is_named(
    session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime,
    rule: str, source: str, parameters: dict[str, str], where: str,
) -> None:  # fmt: skip
    with pytest.raises(InvalidEvidence) as refused:
        declare(session, roadmap, consultation, now, rule, source, parameters)
    assert refused.value.where == where
    assert list_rules(session, roadmap=roadmap) == []


def test_an_open_consultation_says_nothing_yet(
    session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
) -> None:
    declare(session, roadmap, consultation, now, "priority", "PRIO", {})
    early = now - timedelta(days=15)
    assert rows_of(session, roadmap, early) == []
    assert gather_evidence(session, roadmap=roadmap, now=early) == {}


def test_what_a_rule_would_give_is_seen_before(
    session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
) -> None:
    declaration = check_declaration(
        session, roadmap=roadmap, rule="priority", source="PRIO", parameters={},
        consultation=consultation,
    )  # fmt: skip
    seen = preview_rule(
        session, roadmap=roadmap, declaration=declaration, source="PRIO",
        consultation=consultation, now=now,
    )  # fmt: skip
    assert list_rules(session, roadmap=roadmap) == []
    declare(session, roadmap, consultation, now, "priority", "PRIO", {})
    given = evidence_rows(session, roadmap=roadmap, now=now)
    assert [(r.subject, r.public, r.figure, r.value, r.n, r.query) for r in seen] == [
        (r.subject, r.public, r.figure, r.value, r.n, r.query) for r in given
    ]


def test_fitting_rules_are_offered_and_not_declared(
    session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
) -> None:
    offered = {offer.question: offer.rule.name for offer in offer_rules(session, roadmap=roadmap)}
    assert offered == {
        "PRIO": "priority", "WHEN": "year_distribution", "DEPS": "dependency_support",
        "PARAS": "paragraph_stances", "RANK": "priority", "POINTS": "priority",
        "PICK": "option_share",
    }  # fmt: skip
    declare(session, roadmap, consultation, now, "priority", "PRIO", {})
    assert "PRIO" not in {offer.question for offer in offer_rules(session, roadmap=roadmap)}
    assert len(list_rules(session, roadmap=roadmap)) == 1


def test_a_vote_speaks_by_its_tally(session: Session, roadmap: Roadmap, now: datetime) -> None:
    text = LocalizedText.of("Adopt it")
    motion = create_motion(
        session, slug="adopt", title=text, text=text, roadmap_slug="net", actor=OPERATOR, now=now
    )
    create_motion(session, slug="other", title=text, text=text, actor=OPERATOR, now=now)
    with pytest.raises(InvalidEvidence):
        declare(session, roadmap, None, now, "vote", "other", {})
    with pytest.raises(InvalidEvidence):
        declare(session, roadmap, None, now, "priority", "adopt", {})
    declare(session, roadmap, None, now, "vote", "adopt", {"subjects": "A,A>B"})
    assert rows_of(session, roadmap, now) == []  # not closed
    motion.tally = {
        "attained": True, "members_total": 27, "population_share": "71.25",
        "yes": ["BE"] * 20, "no": ["BG"] * 5, "abstain": ["CY"], "not_voting": ["CZ"],
    }  # fmt: skip
    rows = rows_of(session, roadmap, now)
    assert {row["subject"] for row in rows} == {"A", "A>B"}
    for row in rows:
        assert row["value"] == pytest.approx(recount(row, motion.tally))
        assert row["n"] == 27
    assert {row["figure"]: row["value"] for row in rows}["population_share"] == 0.7125


# --- what follows for the draft ----------------------------------------------------------------


@pytest.mark.usefixtures("declared")
def test_years_become_durations(session: Session, roadmap: Roadmap, now: datetime) -> None:
    estimates = estimates_from_evidence(session, roadmap=roadmap, now=now)
    assert set(estimates) == set(MILESTONES)
    assert estimates["A"].rule == "year_distribution/1"
    estimate = estimates["A"].estimate
    low, middle, high = estimate.years
    assert 2026 <= low < 2032 < high <= 2045
    assert abs(middle - 2032) <= 1
    assert estimate.n > 30
    if middle == int(middle):
        assert estimate.likely == date(int(middle), 12, 31)
    suggested = suggest_durations(estimate, start=date(2026, 1, 1), earliest_start=365)
    assert suggested is not None
    assert suggested.likely_days == (estimate.likely - date(2027, 1, 1)).days + 1
    assert suggested.optimistic_days <= suggested.likely_days <= suggested.pessimistic_days
    assert suggest_durations(estimate, start=date(2060, 1, 1), earliest_start=0) is None


@pytest.mark.usefixtures("declared")
def test_support_is_carried_over_by_a_person_and_can_be_undone(
    session: Session, roadmap: Roadmap, now: datetime
) -> None:
    [suggestion] = suggest_supports(session, roadmap=roadmap, now=now)
    assert suggestion.subject == "A>B"
    assert (suggestion.current, suggestion.dispute) == (1, 15)
    assert suggestion.suggested == suggestion.not_disputed == suggestion.answered - 15
    [share] = suggest_supports(session, roadmap=roadmap, now=now, measure="share")
    assert 0 < share.suggested < 1
    chosen, revision = {suggestion.dependency.id}, roadmap.revision
    with pytest.raises(InvalidDraft):
        suggest_supports(session, roadmap=roadmap, now=now, measure="guess")
    for reason, seen, error in (("", revision, InvalidDraft), ("Why", revision + 1, DraftChanged)):
        with pytest.raises(error):
            apply_supports(
                session, roadmap=roadmap, chosen=chosen, reason=reason, revision=seen,
                actor=OPERATOR, now=now,
            )  # fmt: skip
    assert apply_supports(
        session, roadmap=roadmap, chosen=chosen, reason="What people said.", revision=revision,
        actor=OPERATOR, now=now,
    ) == 1  # fmt: skip
    assert suggestion.dependency.support == suggestion.suggested
    [decision] = find_applied(session, roadmap=roadmap)
    assert decision.reason == f"Support 1 → {suggestion.suggested} (FS). What people said."
    session.refresh(roadmap)
    with pytest.raises(InvalidDraft):  # nothing would change any more
        apply_supports(
            session, roadmap=roadmap, chosen=chosen, reason="Again", revision=roadmap.revision,
            actor=OPERATOR, now=now,
        )  # fmt: skip
    later = now + timedelta(minutes=1)
    undone = undo_supports(
        session, roadmap=roadmap, decision_id=decision.id, actor=OPERATOR, now=later
    )
    assert undone == 1
    assert suggestion.dependency.support == 1
    assert find_applied(session, roadmap=roadmap) == []
    with pytest.raises(NothingToUndo):
        undo_supports(session, roadmap=roadmap, decision_id=decision.id, actor=OPERATOR, now=later)


@pytest.mark.usefixtures("declared")
def test_what_was_changed_since_is_not_undone(
    session: Session, roadmap: Roadmap, now: datetime
) -> None:
    [suggestion] = suggest_supports(session, roadmap=roadmap, now=now)
    apply_supports(
        session, roadmap=roadmap, chosen={suggestion.dependency.id}, reason="What people said.",
        revision=roadmap.revision, actor=OPERATOR, now=now,
    )  # fmt: skip
    [decision] = find_applied(session, roadmap=roadmap)
    suggestion.dependency.support = Decimal(7)
    with pytest.raises(NothingToUndo):
        undo_supports(session, roadmap=roadmap, decision_id=decision.id, actor=OPERATOR, now=now)
    assert suggestion.dependency.support == 7


@pytest.mark.usefixtures("declared")
def test_the_rules_as_a_document(session: Session, roadmap: Roadmap) -> None:
    document = rules_document(session, roadmap)
    assert len(document) == len(DECLARED)
    assert document[0] == {
        "rule": "dependency_support/1", "formula": 1, "consultation": "draft", "source": "DEPS",
        "parameters": {}, "words": document[0]["words"], "figures": document[0]["figures"],
        "declared_on": document[0]["declared_on"],
    }  # fmt: skip
