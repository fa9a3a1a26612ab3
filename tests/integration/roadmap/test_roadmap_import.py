"""Importing a roadmap into a database: once, again, and not at all."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.models import AuditEntry
from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.models import Area, Dependency, Milestone, Roadmap
from roadmap.planning.network import Kind
from roadmap.roadmaps import ImportReport, get_roadmap, import_roadmap, list_roadmaps, plan_roadmap


def milestone(code: str, days: int = 10, area: str = "radio") -> DraftMilestone:
    return DraftMilestone(code, LocalizedText.of(f"Title of {code}"), "SRIA", area, days)


def depends(before: str, after: str, support: str = "1", kind: Kind = Kind.FS) -> DraftDependency:
    return DraftDependency(before, after, kind, 0, Decimal(support))


DRAFT = Draft(
    milestones=(milestone("A"), milestone("B", 5, "cloud"), milestone("C")),
    dependencies=(
        depends("A", "B"),
        depends("B", "C", "123456789.000001"),
        depends("C", "A", "0.1"),
    ),
    areas={"radio": LocalizedText.of("Radio"), "cloud": LocalizedText.of("Cloud")},
)


def run(session: Session, draft: Draft, now: datetime, start: date | None = None) -> ImportReport:
    return import_roadmap(
        session, slug="SNS 2030", draft=draft, start=start, actor=OPERATOR, now=now
    )


def test_a_draft_is_stored_and_planned(session: Session, now: datetime):
    report = run(session, DRAFT, now)
    session.expire_all()
    roadmap = get_roadmap(session, slug="sns-2030")
    assert report.created
    assert roadmap.title == LocalizedText.of("sns-2030")
    assert roadmap.start == date(2026, 1, 1)
    assert [each.code for each in roadmap.milestones] == ["A", "B", "C"]
    assert [area.code for area in roadmap.areas] == ["radio", "cloud"]
    assert roadmap.dependencies[1].support == Decimal("123456789.000001")
    plan = plan_roadmap(roadmap)
    assert plan.schedule.makespan_days == 25
    assert [each.codes for each in plan.contradictions] == [("C", "A", "B")]
    assert [each.slug for each in list_roadmaps(session)] == ["sns-2030"]
    events = [entry.event for entry in session.scalars(select(AuditEntry)) if entry.event]
    assert [event["name"] for event in events] == ["roadmap.imported"]


def test_a_second_import_keeps_what_stays_and_names_what_goes(session: Session, now: datetime):
    run(session, DRAFT, now)
    before = get_roadmap(session, slug="sns-2030")
    ids = {each.code: each.id for each in before.milestones}
    kept_dependency = before.dependencies[1].id
    changed = Draft(
        milestones=(milestone("D"), replace(milestone("B"), duration_days=7), milestone("C")),
        dependencies=(depends("D", "B"), depends("B", "C", "2"), depends("B", "C", "3")),
        areas={"radio": LocalizedText.of("Radio and spectrum")},
    )
    report = run(session, changed, now)
    session.expire_all()
    after = get_roadmap(session, slug="sns-2030")
    assert not report.created
    assert report.milestones_added == ("D",)
    assert report.milestones_removed == ("A",)
    assert report.dependencies_added == (("D", "B", "FS"), ("B", "C", "FS"))
    assert report.dependencies_removed == (("A", "B", "FS"), ("C", "A", "FS"))
    assert after.revision == 2
    assert [each.code for each in after.milestones] == ["D", "B", "C"]
    assert {each.code: each.id for each in after.milestones if each.code != "D"} == {
        "B": ids["B"], "C": ids["C"],
    }  # fmt: skip
    assert after.dependencies[1].id == kept_dependency
    assert after.dependencies[1].support == 2
    assert [area.title["en"] for area in after.areas] == ["Radio and spectrum"]
    for table, count in ((Milestone, 3), (Dependency, 3), (Area, 1), (Roadmap, 1)):
        assert session.scalar(select(func.count()).select_from(table)) == count


def test_the_start_is_given_or_declared_or_the_earliest_first_day_or_new_year(
    session: Session, now: datetime
):
    late = replace(milestone("B"), not_before=date(2027, 5, 1), line=3)
    early = replace(milestone("A"), not_before=date(2027, 4, 1), line=2)
    draft = Draft((early, late), (), {"radio": LocalizedText.of("Radio")})
    assert run(session, draft, now).roadmap.start == date(2027, 4, 1)
    declared = replace(draft, start=date(2027, 1, 15))
    assert run(session, declared, now).roadmap.start == date(2027, 1, 15)
    assert run(session, declared, now, date(2027, 2, 1)).roadmap.start == date(2027, 2, 1)
    undated = Draft((milestone("A"),), (), draft.areas)
    assert run(session, undated, now).roadmap.start == date(2027, 2, 1)  # what it had


def test_a_first_day_before_the_start_binds_nothing(session: Session, now: datetime):
    early = replace(milestone("A"), not_before=date(2025, 12, 31))
    draft = Draft((early,), (), {"radio": LocalizedText.of("Radio")})
    roadmap = run(session, draft, now, date(2026, 1, 1)).roadmap
    assert roadmap.start == date(2026, 1, 1)
    assert plan_roadmap(roadmap).schedule.dates["A"].earliest_start == 0
