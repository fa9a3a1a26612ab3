"""The pages of the proposals' desk, as they are first opened and after a refusal.

``error`` is (message, advice) of a refusal; ``given`` is what was typed, so that nothing is lost.
"""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from app.database import read_session
from app.proposal_forms import address_values, languages, read_filters, read_numbers
from app.proposal_texts import DECISION_LABELS, KIND_LABELS, proposal_title
from core.clock import utc_now
from roadmap.proposals.applying import CAN_BE_APPLIED, NEEDS_NO_FORM
from roadmap.proposals.collecting import linked_consultations
from roadmap.proposals.grouping import THRESHOLD
from roadmap.proposals.kinds import DOUBTED_SHARE, YEARS_APART, ProposalKind, Verdict
from roadmap.proposals.listing import (
    count_people,
    count_states,
    get_proposal,
    guessed_groups,
    history_of,
    latest_dispositions,
    list_proposals,
    read_words,
)
from roadmap.roadmaps import get_roadmap
from roadmap.writing.participation import names_of
from surveys.consultations import list_consultations, phase_of

PAGE_SIZE = 50
Given = Mapping[str, str]


def list_page(
    slug: str, error: tuple[str, str] | None, given: Given, last: Mapping[str, Any]
) -> str:
    """The list as filtered; ``last``: what this person decided last, to be undone."""
    database = read_session()
    roadmap = get_roadmap(database, slug=slug)
    filters = read_filters(request.args)
    page = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    rows, total = list_proposals(
        database, roadmap=roadmap, filters=filters, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )
    ids = {each.id for each in rows}
    latest = latest_dispositions(database, proposals=ids)
    counts = count_states(database, roadmap=roadmap)
    closed = [
        each for each in list_consultations(database) if phase_of(each, now=utc_now()).is_closed
    ]
    return render_template(
        "proposals/index.html",
        roadmap=roadmap,
        rows=rows,
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        people=count_people(database, roadmap=roadmap, proposals=ids),
        said={each.proposal: each for each in read_words(database, proposals=ids, most=1)},
        ungrouped=guessed_groups(database, proposals=ids),
        latest=latest,
        names=names_of(database, [each.account_id for each in latest.values()]),
        counts=counts,
        decided=sum(counts.values()) - counts[Verdict.OPEN],
        every=sum(counts.values()),
        filters=filters,
        values=address_values(filters),
        linked=[each.slug for each in linked_consultations(database, roadmap=roadmap)],
        closed=closed,
        done=last if last.get("slug") == slug and error is None else None,
        error=error,
        given=given,
        chosen=read_numbers(request.form),
        **_words(),
    )


def proposal_page(slug: str, number: int, error: tuple[str, str] | None, given: Given) -> str:
    """One proposal: its words, its forms, its history."""
    database = read_session()
    roadmap = get_roadmap(database, slug=slug)
    proposal = get_proposal(database, roadmap=roadmap, number=number)
    history = history_of(database, proposal=proposal)
    page = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    people = count_people(database, roadmap=roadmap, proposals={proposal.id})
    words = read_words(
        database, proposals={proposal.id}, most=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE
    )
    who = {each.account_id for each in history} | {each.confirmed_by for each in history}
    return render_template(
        "proposals/show.html",
        roadmap=roadmap,
        proposal=proposal,
        people=people.get(proposal.id, 0),
        words=words[:PAGE_SIZE],
        more=len(words) > PAGE_SIZE,
        page=page,
        history=history,
        last=history[0] if history else None,
        seen=f"P{number}:{history[0].number if history else 0}",
        names=names_of(database, list(who)),
        can_be_applied=proposal.kind in CAN_BE_APPLIED,
        needs_no_form=proposal.kind in NEEDS_NO_FORM,
        error=error,
        given=given,
        # What was typed into the title and summary, where it was these that were refused.
        naming=given if any(name.startswith(("name_", "body_")) for name in given) else {},
        points_chosen=request.form.getlist("point"),
        **_words(),
    )


def new_page(slug: str, error: tuple[str, str] | None, given: Given) -> str:
    """The form for a proposal that came in another way."""
    roadmap = get_roadmap(read_session(), slug=slug)
    return render_template(
        "proposals/new.html", roadmap=roadmap, error=error, given=given, **_words()
    )


def _words() -> dict[str, Any]:
    return {
        "kinds": [(each.value, KIND_LABELS[each]) for each in ProposalKind],
        "kind_labels": KIND_LABELS,
        "decision_labels": DECISION_LABELS,
        "title_of": lambda each: proposal_title(each.title, each.kind, each.subject, each.wanted),
        "text_languages": languages(),
        "thresholds": (THRESHOLD, YEARS_APART, DOUBTED_SHARE),
    }
