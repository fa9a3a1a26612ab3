"""What became of the input: rules, proposals, decisions by two people, review, scenarios."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import accounts, story
from core.audit import Actor
from core.text import LocalizedText
from roadmap.drafting import change_milestone
from roadmap.editions.stages import (
    approve_candidate,
    freeze_candidate,
    open_candidate,
    publish_candidate,
    publish_draft,
)
from roadmap.evidence.declaring import declare_rule, offer_rules
from roadmap.models import Candidate, Proposal, Roadmap
from roadmap.proposals.collecting import collect_proposals
from roadmap.proposals.sorting import confirm_groups, describe_proposal
from roadmap.proposals.triage import confirm, decide, merge_proposals
from roadmap.roadmaps import get_roadmap
from roadmap.scenarios.branching import (
    add_steps,
    adopt_scenario,
    begin_scenario,
    drop_scenario,
    plan_with,
)
from roadmap.scenarios.questions import slip, stretch
from roadmap.writing.comments import add_comment, resolve_thread
from roadmap.writing.paragraphs import get_paragraph
from roadmap.writing.suggestions import accept_suggestion, suggest_change
from stakeholders.permissions import Role
from surveys.consultations import get_consultation


def declare_rules(session: Session, *, actor: Actor, now: datetime) -> None:
    """Say by which rule each question about milestones becomes evidence."""
    roadmap = _roadmap(session)
    wanted = {(rule.consultation, rule.question) for rule in story.load_decisions().rules}
    for offer in offer_rules(session, roadmap=roadmap):
        if (offer.consultation.slug, offer.question) in wanted:
            declare_rule(
                session, roadmap=roadmap, rule=offer.rule.name, source=offer.question,
                consultation=offer.consultation, actor=actor, now=now,
            )  # fmt: skip


def decide_on_input(session: Session, *, actor: Actor, second: Actor, now: datetime) -> None:
    """Collect what people asked for, decide on most of it, and let a second person confirm."""
    roadmap = _roadmap(session)
    collect_proposals(session, roadmap=roadmap, actor=actor, now=now)
    plan = story.load_decisions()
    decided = []
    for decision in plan.decisions:
        proposal = _find(session, roadmap, decision)
        if proposal is None:
            continue
        why = LocalizedText(decision.reason)
        _describe(session, roadmap, proposal, decision.title, actor, now)
        decide(
            session, roadmap=roadmap, proposals=[proposal.number], decision=decision.decision,
            reason=why, section=decision.section, apply=decision.apply, actor=actor, now=now,
        )  # fmt: skip
        if decision.wording is not None:
            change_milestone(
                session, roadmap=roadmap, code=proposal.subject,
                changes={"description": LocalizedText(decision.wording)},
                reason=f"P{proposal.number}: {why.in_language('en')}", actor=actor, now=now,
                proposal_id=proposal.id,
            )  # fmt: skip
        decided.append(proposal.number)
    decided += _merge(session, roadmap, plan.merged, actor, now)
    rest = list(_open(session, roadmap, "other"))[: plan.rest.number]
    if rest:
        decide(
            session, roadmap=roadmap, proposals=rest, decision=plan.rest.decision,
            reason=LocalizedText(plan.rest.reason), actor=actor, now=now,
        )  # fmt: skip
    confirm(session, roadmap=roadmap, proposals=[*decided, *rest], actor=second, now=now)


def try_scenarios(session: Session, *, actor: Actor, now: datetime) -> None:
    """One scenario is adopted, one dropped, one still open."""
    plan = story.load_decisions()
    roadmap = _roadmap(session)
    proposal = session.scalar(
        select(Proposal).where(
            Proposal.roadmap_id == roadmap.id, Proposal.subject == plan.estimate.code
        )
    )
    branch = begin_scenario(
        session, roadmap=roadmap, title=plan.estimate.scenario, note=plan.estimate.note,
        actor=actor, now=now,
    )  # fmt: skip
    step: dict[str, Any] = {
        "op": "change_milestones",
        "changes": {plan.estimate.code: {"pessimistic_days": plan.estimate.pessimistic_days}},
    }
    number = f"P{proposal.number}: " if proposal is not None else ""
    _try(session, roadmap, branch, step, actor, now)
    adopt_scenario(
        session, roadmap=roadmap, scenario=branch, revision=branch.revision,
        reason=number + plan.estimate.why, actor=actor, now=now,
    )  # fmt: skip
    for scenario in plan.scenarios:
        roadmap = _roadmap(session)
        branch = begin_scenario(
            session, roadmap=roadmap, title=scenario.title, note=scenario.note, actor=actor, now=now
        )
        planned = plan_with(roadmap, ())
        if scenario.slip is not None:
            about = {"question": "slip", "code": scenario.slip.code, "days": scenario.slip.days}
            changes: Any = slip(planned, code=scenario.slip.code, days=scenario.slip.days)
        else:
            percent = scenario.stretch or 0
            about = {"question": "budget", "percent": percent, "how": "stretch"}
            changes = stretch(planned, percent=percent)
        step = {"op": "change_milestones", "changes": changes, "about": about}
        _try(session, roadmap, branch, step, actor, now)
        if scenario.dropped is not None:
            drop_scenario(
                session, roadmap=roadmap, scenario=branch, revision=branch.revision,
                reason=scenario.dropped, actor=actor, now=now,
            )  # fmt: skip


def publish_reviewed(
    session: Session,
    *,
    version: str,
    actor: Actor,
    second: Actor,
    now: datetime,
    discussed: bool = False,
) -> None:
    """An edition on its whole way: frozen, reviewed, public, approved by two, published.

    ``discussed``: delegates comment and suggest while it is reviewed.
    """
    slug = story.ROADMAP
    open_candidate(session, slug=slug, version=version, actor=actor, now=now)
    candidate = freeze_candidate(session, slug=slug, version=version, actor=actor, now=now)
    if discussed:
        _discuss(session, actor=actor, now=now)
        candidate = freeze_candidate(session, slug=slug, version=version, actor=actor, now=now)
    seen = candidate.sha256
    assert seen is not None
    publish_draft(session, slug=slug, version=version, sha256=seen, actor=actor, now=now)
    for person in (actor, second):
        approve_candidate(session, slug=slug, version=version, sha256=seen, actor=person, now=now)
    publish_candidate(session, slug=slug, version=version, sha256=seen, actor=actor, now=now)


def open_next_edition(session: Session, *, version: str, actor: Actor, now: datetime) -> Candidate:
    """The next edition as a public draft that everybody may comment on in the feedback round."""
    slug = story.ROADMAP
    open_candidate(session, slug=slug, version=version, actor=actor, now=now)
    candidate = freeze_candidate(session, slug=slug, version=version, actor=actor, now=now)
    assert candidate.sha256 is not None
    publish_draft(
        session, slug=slug, version=version, sha256=candidate.sha256, actor=actor, now=now
    )
    candidate.consultation_id = get_consultation(session, slug=story.FEEDBACK_ROUND).id
    suggestion = story.load_decisions().next
    _suggest(session, _roadmap(session), suggestion, now)
    return candidate


def _discuss(session: Session, *, actor: Actor, now: datetime) -> None:
    plan = story.load_decisions()
    roadmap = _roadmap(session)
    suggestion = _suggest(session, roadmap, plan.suggestion, now)
    accept_suggestion(
        session, roadmap=roadmap, suggestion_id=suggestion.id, answer=plan.suggestion.answer,
        actor=actor, now=now,
    )  # fmt: skip
    delegate = accounts.delegate_actor(session, plan.comment.by)
    comment = add_comment(
        session, roadmap=roadmap, code=plan.comment.paragraph, text=plan.comment.text,
        roles=[Role.DELEGATE], actor=delegate, now=now,
    )  # fmt: skip
    add_comment(
        session, roadmap=roadmap, code=plan.comment.paragraph, text=plan.comment.answer,
        roles=[Role.SECRETARIAT], actor=actor, now=now, answers=comment.id,
    )  # fmt: skip
    resolve_thread(
        session, roadmap=roadmap, comment_id=comment.id, resolved=True, roles=[Role.SECRETARIAT],
        actor=actor, now=now,
    )  # fmt: skip


def _suggest(
    session: Session, roadmap: Roadmap, suggestion: story.SuggestedWording, now: datetime
) -> Any:
    paragraph = get_paragraph(session, roadmap=roadmap, code=suggestion.paragraph)
    return suggest_change(
        session, roadmap=roadmap, code=suggestion.paragraph, language=suggestion.language,
        text=suggestion.text, seen=paragraph.version, reason=suggestion.reason,
        roles=[Role.DELEGATE], actor=accounts.delegate_actor(session, suggestion.by), now=now,
    )  # fmt: skip


def _merge(
    session: Session, roadmap: Roadmap, plan: story.MergedProposals, actor: Actor, now: datetime
) -> list[int]:
    """What few proposed each, put together under one title; returns the numbers decided on."""
    numbers = list(_open(session, roadmap, plan.kind))
    if not numbers:
        return []
    first, *others = numbers
    proposal = session.scalars(
        select(Proposal).where(Proposal.roadmap_id == roadmap.id, Proposal.number == first)
    ).one()
    _describe(session, roadmap, proposal, plan.into, actor, now)
    why = LocalizedText(plan.reason)
    if others:
        merge_proposals(
            session, roadmap=roadmap, proposals=others, into=first, reason=why, actor=actor, now=now
        )
    decide(
        session, roadmap=roadmap, proposals=[first], decision=plan.decision, reason=why,
        actor=actor, now=now,
    )  # fmt: skip
    return numbers


def _describe(
    session: Session,
    roadmap: Roadmap,
    proposal: Proposal,
    title: dict[str, str],
    actor: Actor,
    now: datetime,
) -> None:
    """A person confirms that its points belong together, and says what they have in common."""
    confirm_groups(session, roadmap=roadmap, proposals=[proposal.number], actor=actor, now=now)
    describe_proposal(
        session, roadmap=roadmap, proposal=proposal.number, title=title, body={}, actor=actor,
        now=now,
    )  # fmt: skip


def _find(session: Session, roadmap: Roadmap, decision: story.InputDecision) -> Proposal | None:
    """The open proposal that a decision of the story is about."""
    found = [
        proposal
        for proposal in session.scalars(
            select(Proposal)
            .where(
                Proposal.roadmap_id == roadmap.id,
                Proposal.kind == decision.kind,
                Proposal.state == "open",
            )
            .order_by(Proposal.number)
        )
        if decision.largest
        or (
            proposal.subject == decision.subject
            and decision.wanted.items() <= proposal.wanted.items()
        )
    ]
    return max(found, key=lambda each: len(each.points), default=None)


def _open(session: Session, roadmap: Roadmap, kind: str) -> Iterator[int]:
    return iter(
        session.scalars(
            select(Proposal.number)
            .where(
                Proposal.roadmap_id == roadmap.id, Proposal.kind == kind, Proposal.state == "open"
            )
            .order_by(Proposal.number)
        ).all()
    )


def _try(
    session: Session, roadmap: Roadmap, branch: Any, step: Any, actor: Actor, now: datetime
) -> None:
    add_steps(
        session, roadmap=roadmap, scenario=branch, steps=[step], revision=branch.revision,
        actor=actor, now=now,
    )  # fmt: skip


def _roadmap(session: Session) -> Roadmap:
    return get_roadmap(session, slug=story.ROADMAP)
