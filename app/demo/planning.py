"""The roadmap of the demonstration: imported, given evidence, changed because of it."""

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.demo import story
from core.audit import Actor
from core.text import LocalizedText
from roadmap.drafting import add_dependency, add_milestone, change_dependency, change_milestone
from roadmap.evidence.links import dependency_subject, gather_evidence, link_evidence
from roadmap.formats.folder import read_folder
from roadmap.models import Roadmap
from roadmap.roadmaps import get_roadmap, import_roadmap
from surveys.consultations import get_consultation

# Options that are no point of a scale.
NO_OPINION = ("dk", "never")


def import_draft(session: Session, *, actor: Actor, now: datetime) -> Roadmap:
    """The roadmap as its authors had it before anyone was asked, in English and French."""
    draft = read_folder(story.roadmap_folder())
    french = story.load_french_milestones()
    milestones = tuple(
        dataclasses.replace(
            milestone,
            title=_with_french(milestone.title, french[milestone.code]["title"]),
            description=_with_french(milestone.description, french[milestone.code]["description"]),
        )
        for milestone in draft.milestones
    )
    report = import_roadmap(
        session,
        slug=story.ROADMAP,
        draft=dataclasses.replace(draft, milestones=milestones),
        actor=actor,
        now=now,
    )
    report.roadmap.simulated = True
    return report.roadmap


def link_all_evidence(session: Session, *, actor: Actor, now: datetime) -> int:
    """Let the consultations speak for milestones and dependencies; returns how many links."""
    roadmap = get_roadmap(session, slug=story.ROADMAP)
    links = [(milestone.code, _area_link(milestone.area.code)) for milestone in roadmap.milestones]
    links += [(_subject(link), link) for link in story.load_evidence().links]
    for subject, link in links:
        _link(session, roadmap, subject, link, actor=actor, now=now)
    return len(links)


def change_draft(session: Session, *, actor: Actor, now: datetime) -> None:
    """Change the draft as the input asks, each change with its reason and its evidence."""
    roadmap = get_roadmap(session, slug=story.ROADMAP)
    changes = story.load_edition_changes()
    for added in changes.milestones_added:
        fields = added.model_dump(exclude={"because", "why", "title", "description", "not_before"})
        add_milestone(
            session,
            roadmap=roadmap,
            title=LocalizedText(added.title),
            description=LocalizedText(added.description),
            not_before=_day(added.not_before),
            reason=added.why,
            actor=actor,
            now=now,
            **fields,
        )
        # A new milestone belongs to an area that people were asked about.
        for link in (_area_link(added.area), *added.because):
            _link(session, roadmap, added.code, link, actor=actor, now=now)
    for changed in changes.milestones_changed:
        values: dict[str, Any] = {}
        if changed.title is not None:
            values["title"] = LocalizedText(changed.title)
        if changed.not_before is not None:
            values["not_before"] = _day(changed.not_before)
        change_milestone(
            session, roadmap=roadmap, code=changed.code, changes=values, reason=changed.why,
            actor=actor, now=now,
        )  # fmt: skip
        for link in changed.because:
            _link(session, roadmap, changed.code, link, actor=actor, now=now)
    for use_case, dependencies in (
        (add_dependency, changes.dependencies_added),
        (change_dependency, changes.dependencies_changed),
    ):
        for bond in dependencies:
            use_case(
                session, roadmap=roadmap, before=bond.from_, after=bond.to, kind=bond.kind,
                lag_days=bond.lag_days, reason=bond.why, actor=actor, now=now,
            )  # fmt: skip
            for link in bond.because:
                subject = dependency_subject(bond.from_, bond.to)
                _link(session, roadmap, subject, link, actor=actor, now=now)
    for before, after, support in list(_supports(session, roadmap, now)):
        change_dependency(
            session, roadmap=roadmap, before=before, after=after, support=Decimal(support),
            reason=f"{support} of the experts who answered support it.", actor=actor, now=now,
        )  # fmt: skip


def _supports(session: Session, roadmap: Roadmap, now: datetime) -> Iterator[tuple[str, str, int]]:
    """How many chose the option that speaks for a dependency, where that may be published."""
    gathered = gather_evidence(session, roadmap=roadmap, now=now)
    for link in story.load_evidence().links:
        if not isinstance(link, story.DependencyEvidence):
            continue
        question = story.load_questionnaire(link.consultation).by_code[link.question]
        place = [option.code for option in question.options].index(link.option)
        for found in gathered[_subject(link)]:
            count = found["counts"][place]["count"]
            if found["option"] == link.option and count is not None:
                yield link.dependency[0], link.dependency[1], count


def _subject(link: story.MilestoneEvidence | story.DependencyEvidence) -> str:
    if isinstance(link, story.MilestoneEvidence):
        return link.milestone
    return dependency_subject(*link.dependency)


def _area_link(area: str) -> story.EvidenceLink:
    asked = story.load_evidence().areas
    return story.EvidenceLink(
        consultation=asked.consultation, question=f"{asked.question}.{asked.rows[area]}"
    )


def _link(
    session: Session,
    roadmap: Roadmap,
    subject: str,
    link: story.EvidenceLink,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Our scales begin with the highest option and may end with ones that say nothing."""
    question = story.load_questionnaire(link.consultation).by_code[link.question.split(".")[0]]
    codes = [option.code for option in question.options]
    scale = link.option is None
    link_evidence(
        session,
        roadmap=roadmap,
        subject=subject,
        consultation=get_consultation(session, slug=link.consultation),
        question=link.question,
        option=link.option or "",
        falling=scale,
        left_out=[code for code in NO_OPINION if scale and code in codes],
        actor=actor,
        now=now,
    )


def _with_french(text: LocalizedText, french: str) -> LocalizedText:
    return LocalizedText({**text, "fr": french}, text.fallback)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
