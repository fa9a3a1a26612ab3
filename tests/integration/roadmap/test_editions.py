"""Evidence from published counts, and editions that are chained, final and comparable."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import audit
from core.audit import OPERATOR
from core.models import OutboxMessage
from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.drafting import add_dependency, add_milestone, change_dependency, change_milestone
from roadmap.editions.publishing import (
    RENDER_TOPIC,
    compare_published,
    get_edition_document,
    list_editions,
    next_version,
    publish_edition,
    verify_chain,
)
from roadmap.errors import (
    DraftChanged,
    EditionDamaged,
    EditionExists,
    EditionNotFound,
    EvidenceExists,
    InvalidDraft,
    InvalidEvidence,
    InvalidVersion,
    RulingsContradict,
)
from roadmap.evidence.links import gather_evidence, link_evidence, priority_of, unlink_evidence
from roadmap.models import Decision, Edition, Roadmap
from roadmap.planning.network import Kind, Ruling
from roadmap.roadmaps import get_roadmap, import_roadmap
from surveys import codes
from surveys.consultations import find_consultation
from surveys.counting.projection import bring_up_to_date
from surveys.drafts import begin_or_find_draft, save_profile, save_section
from surveys.models import Consultation
from surveys.responses import submit_response
from tests.questionnaire_factory import open_consultation

TITLE = LocalizedText({"en": "A roadmap", "fr": "Une feuille de route"})


def title(text: str) -> LocalizedText:
    return LocalizedText.of(text)


@pytest.fixture
def roadmap(session: Session, now: datetime) -> Roadmap:
    """Three milestones in a row, and a fourth that contradicts the first two."""
    draft = Draft(
        title=TITLE,
        start=date(2026, 1, 1),
        areas={"net": title("Networks")},
        milestones=(
            DraftMilestone("A", title("First"), "SRIA", "net", 100),
            DraftMilestone("B", title("Second"), "SRIA", "net", 50),
            DraftMilestone("C", title("Third"), "SDA", "net", 30),
        ),
        dependencies=(
            DraftDependency("A", "B", Kind.FS, 0, Decimal(3)),
            DraftDependency("B", "C", Kind.FS, 0, Decimal(1)),
            DraftDependency("B", "A", Kind.FS, 0, Decimal("0.5")),
        ),
    )
    import_roadmap(session, slug="net", draft=draft, actor=OPERATOR, now=now)
    return get_roadmap(session, slug="net")


@pytest.fixture
def consultation(session: Session, now: datetime, tmp_path: Path) -> Consultation:
    """Twenty people answered a consultation that has closed since.

    14 no and 6 yes to Q1, 12 chose a in Q3, 20 rated Q4.r1.
    """
    closed = now - timedelta(days=20)
    consultation = open_consultation(session, closed)
    now = closed
    for number in range(20):
        answers = {
            "Q1": "no" if number < 14 else "yes",
            "Q2": "why",
            "Q4": {"r1": "2" if number < 15 else "1"},
        }
        if number < 12:
            answers["Q3"] = ["a"]
        code = codes.new_resume_code()
        draft = begin_or_find_draft(
            session, consultation=consultation, code=code, language="en", now=now,
            credential_key=b"",
        )  # fmt: skip
        kind = "eu_citizen" if number % 2 else "non_eu_citizen"
        save_profile(draft, profile={"respondent_type": kind, "country": "PT"}, now=now)
        save_section(
            session, draft=draft, codes=answers.keys(), given=answers, language="en", now=now
        )
        session.flush()
        submit_response(
            session, code=code, publication="anonymous", consent=True, language="en", now=now
        )
    bring_up_to_date(session, directory=tmp_path / "projection", now=now)
    return consultation


def link(session: Session, now: datetime, subject: str, question: str, **options: object) -> object:
    consultation = find_consultation(session, slug="networks")
    assert consultation is not None
    return link_evidence(
        session, roadmap=get_roadmap(session, slug="net"), subject=subject,
        consultation=consultation, question=question, actor=OPERATOR, now=now,
        **options,  # type: ignore[arg-type]
    )  # fmt: skip


def publish(session: Session, version: str, now: datetime, revision: int | None = None) -> Edition:
    return publish_edition(
        session, slug="net", version=version, revision=revision, actor=OPERATOR, now=now
    )


class TestEvidence:
    """A question speaks for a milestone."""

    def test_an_option_counts_those_who_chose_it(
        self, session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
    ) -> None:
        link(session, now, "A", "Q1", option="no")
        (entry,) = gather_evidence(session, roadmap=roadmap, now=now)["A"]
        assert (entry["score"], entry["n"]) == ("0.70", 20)
        assert entry["formula"] == "14 of 20 chose it = 0.70"
        assert entry["counts"] == [{"label": "Yes", "count": 6}, {"label": "No", "count": 14}]
        assert {group["group"] for group in entry["by_group"]} == {"eu_citizen", "non_eu_citizen"}

    def test_a_matrix_row_is_read_as_a_scale(
        self, session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
    ) -> None:
        link(session, now, "A", "Q4.r1")
        (entry,) = gather_evidence(session, roadmap=roadmap, now=now, subject="A")["A"]
        assert entry["score"] == "0.75"
        assert priority_of([entry]) == {
            "score": "0.75", "n": 20, "formula": "(20×0.7500) / 20 = 0.75",
        }  # fmt: skip

    def test_an_open_consultation_says_nothing_yet(
        self, session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
    ) -> None:
        link(session, now, "A", "Q1", option="no")
        while_open = now - timedelta(days=15)
        assert gather_evidence(session, roadmap=roadmap, now=while_open) == {}

    def test_what_cannot_be_linked_is_refused(
        self, session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
    ) -> None:
        for subject, question, option in (
            ("Z", "Q1", "no"), ("A>Z", "Q1", "no"), ("A", "Q9", ""), ("A", "Q2", ""),
            ("A", "Q1", "perhaps"), ("A", "Q3", ""), ("A", "Q4", ""), ("A", "Q4.r9", ""),
            ("A", "Q1.r1", ""), ("A", "Q5", ""),
        ):  # fmt: skip
            with pytest.raises(InvalidEvidence):
                link(session, now, subject, question, option=option)

    def test_a_link_is_made_once_and_can_be_taken_back(
        self, session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
    ) -> None:
        made = link(session, now, "A>B", "Q1", option="no")
        with pytest.raises(EvidenceExists):
            link(session, now, "A>B", "Q1", option="no")
        unlink_evidence(
            session,
            roadmap=roadmap,
            link_id=made.id,
            actor=OPERATOR,
            now=now,  # type: ignore[attr-defined]
        )
        session.flush()
        assert gather_evidence(session, roadmap=roadmap, now=now) == {}


class TestEditions:
    """Numbered, immutable, each following the one before."""

    def test_the_document_holds_schedule_evidence_and_contradictions(
        self, session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
    ) -> None:
        link(session, now, "A", "Q1", option="no")
        publish(session, "1.0", now)
        document = get_edition_document(session, roadmap="net", version="1.0")
        assert document["schedule"]["makespan_days"] == 180
        (contradiction,) = document["contradictions"]
        assert (contradiction["from"], contradiction["to"]) == ("B", "A")
        assert contradiction["support"] == "0.5"
        first = document["milestones"][0]
        assert (first["code"], first["priority"]["score"]) == ("A", "0.70")
        assert document["consultations"][0]["responses"] == 20
        assert document["previous"] is None
        assert session.scalars(select(OutboxMessage.topic)).all().count(RENDER_TOPIC) == 1

    def test_editions_are_chained_and_a_changed_one_is_noticed(
        self, session: Session, roadmap: Roadmap, now: datetime
    ) -> None:
        first = publish(session, "1.0", now)
        second = publish(session, "1.1", now + timedelta(days=1))
        assert json.loads(second.document)["previous"] == {
            "version": "1.0", "sha256": first.sha256,
        }  # fmt: skip
        assert verify_chain(session, slug="net") == []
        forged = first.document.replace("First", "Forged")
        session.execute(update(Edition).where(Edition.id == first.id).values(document=forged))
        session.expire_all()
        assert [version for version, _ in verify_chain(session, slug="net")] == ["1.0"]
        with pytest.raises(EditionDamaged):
            get_edition_document(session, roadmap="net", version="1.0")

    def test_an_edition_is_published_once_and_numbers_rise(
        self, session: Session, roadmap: Roadmap, now: datetime
    ) -> None:
        assert next_version(session, slug="net") == "1.0"
        publish(session, "1.9", now)
        assert next_version(session, slug="net") == "1.10"
        with pytest.raises(EditionExists):
            publish(session, "1.9", now)
        for bad in ("1.8", "0.9", "1", "1.2.3", "v2", "01.2", "", "2.x"):
            with pytest.raises(InvalidVersion):
                publish(session, bad, now)
        publish(session, "1.10", now)
        assert [edition.version for edition in list_editions(session, slug="net")] == [
            "1.9", "1.10",
        ]  # fmt: skip
        with pytest.raises(EditionNotFound):
            get_edition_document(session, roadmap="net", version="3.0")

    def test_publishing_while_somebody_edits_is_refused(
        self, session: Session, roadmap: Roadmap, now: datetime
    ) -> None:
        seen = roadmap.revision
        change_milestone(
            session, roadmap=roadmap, code="A", changes={"duration_days": 101},
            reason="It takes a day longer.", actor=OPERATOR, now=now,
        )  # fmt: skip
        with pytest.raises(DraftChanged):
            publish(session, "1.0", now, revision=seen)
        assert list_editions(session, slug="net") == []
        publish(session, "1.0", now, revision=roadmap.revision)

    def test_a_published_edition_does_not_follow_the_draft(
        self, session: Session, roadmap: Roadmap, now: datetime
    ) -> None:
        before = publish(session, "1.0", now).document
        change_milestone(
            session, roadmap=roadmap, code="A", changes={"title": title("Changed")},
            reason="Clearer.", actor=OPERATOR, now=now,
        )  # fmt: skip
        assert list_editions(session, slug="net")[0].document == before

    def test_what_changed_is_said_with_its_evidence_and_reason(
        self, session: Session, roadmap: Roadmap, consultation: Consultation, now: datetime
    ) -> None:
        publish(session, "1.0", now)
        link(session, now, "A", "Q1", option="no")
        later = now + timedelta(hours=1)
        change_milestone(
            session, roadmap=roadmap, code="A",
            changes={"title": title("The first"), "duration_days": 120},
            reason="Fourteen of twenty say it is not urgent.", actor=OPERATOR, now=later,
        )  # fmt: skip
        add_milestone(
            session, roadmap=roadmap, code="D", title=title("New"), agenda="SDA", area="net",
            duration_days=10, reason="Asked for.", actor=OPERATOR, now=later,
        )  # fmt: skip
        add_dependency(
            session, roadmap=roadmap, before="C", after="D", reason="It builds on C.",
            actor=OPERATOR, now=later,
        )  # fmt: skip
        change_dependency(
            session, roadmap=roadmap, before="B", after="C", lag_days=5, reason="Testing.",
            actor=OPERATOR, now=later,
        )  # fmt: skip
        session.expire(roadmap)
        publish(session, "1.1", later)
        changes = compare_published(session, slug="net", older="1.0", newer="1.1")
        kinds = {(change["kind"], change["code"]) for change in changes}
        assert {
            ("reworded", "A"), ("moved", "A"), ("moved", "B"),
            ("moved", "C"), ("added", "D"), ("dependency", "C>D"), ("dependency", "B>C"),
        } == kinds  # fmt: skip
        reworded = next(change for change in changes if change["kind"] == "reworded")
        assert reworded["before"] == {"title": {"en": "First"}}
        assert [entry["question"] for entry in reworded["evidence"]] == ["Q1"]
        moved = next(c for c in changes if (c["kind"], c["code"]) == ("moved", "B"))
        assert moved["evidence"] == []
        document = get_edition_document(session, roadmap="net", version="1.1")
        frozen = next(c for c in document["changes"] if c["kind"] == "reworded")
        assert frozen["reasons"] == ["Fourteen of twenty say it is not urgent."]
        backwards = compare_published(session, slug="net", older="1.1", newer="1.0")
        assert ("removed", "D") in {(change["kind"], change["code"]) for change in backwards}

    def test_every_change_of_the_draft_is_a_decision_in_the_audit_log(
        self, session: Session, roadmap: Roadmap, now: datetime
    ) -> None:
        with pytest.raises(InvalidDraft):
            change_milestone(
                session, roadmap=roadmap, code="A", changes={"duration_days": 5}, reason=" ",
                actor=OPERATOR, now=now,
            )  # fmt: skip
        for changes in (
            {"duration_days": -1}, {"agenda": "X"}, {"area": "nowhere"}, {"trl_from": 10},
            {"not_before": date(2025, 1, 1)}, {"title": title(" ")}, {"nothing": 1},
        ):  # fmt: skip
            with pytest.raises(InvalidDraft):
                change_milestone(
                    session, roadmap=roadmap, code="A", changes=changes, reason="Because.",
                    actor=OPERATOR, now=now,
                )  # fmt: skip
        change_milestone(
            session, roadmap=roadmap, code="A", changes={"lead": "Radio group"},
            reason="They offered.", actor=OPERATOR, now=now,
        )  # fmt: skip
        assert session.scalars(select(Decision)).one().reason == "They offered."
        names = [entry.event["name"] for entry in audit.list_events(session, limit=50)]
        assert "roadmap.changed" in names


def test_a_draft_whose_kept_dependencies_contradict_each_other_is_not_published(
    session: Session, now: datetime
) -> None:
    draft = Draft(
        tuple(DraftMilestone(code, LocalizedText.of(code), "SRIA", "a", 10) for code in "AB"),
        (
            DraftDependency("A", "B", Kind.FS, 0, ruling=Ruling.KEEP),
            DraftDependency("B", "A", Kind.FS, 0, ruling=Ruling.KEEP),
        ),
        {"a": LocalizedText.of("Area")},
    )
    import_roadmap(session, slug="kept", draft=draft, actor=OPERATOR, now=now)
    with pytest.raises(RulingsContradict, match="A → B"):
        publish_edition(session, slug="kept", version="1.0", actor=OPERATOR, now=now)
    assert list_editions(session, slug="kept") == []
