"""Roadmaps as everyone sees them: overview, table, critical path, one page a milestone."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from app.access import public
from app.caching import cacheable
from app.database import read_session
from app.picture_choices import addresses, filter_context, read_choice
from app.roadmap_pictures import Source, dependency_lines, read_source, source_of
from app.roadmap_texts import (
    AGENDA_TITLES,
    chain_sentences,
    conflict_text,
    day_text,
    days_text,
    dependency_text,
    slack_text,
    support_text,
    until_sentences,
)
from app.roadmap_waiting import page_plan
from core.clock import utc_now
from core.text import LocalizedText
from roadmap.budgets import total_of
from roadmap.draft import DraftMilestone
from roadmap.errors import MilestoneNotFound
from roadmap.evidence.links import gather_evidence, priority_of
from roadmap.models import Roadmap
from roadmap.pictures.filtering import choose_milestones, in_order_of_time, with_parts
from roadmap.pictures.layout import nested_areas
from roadmap.planning.explaining import Explainer
from roadmap.roadmaps import edition_versions, get_roadmap, list_roadmaps

blueprint = Blueprint("roadmaps", __name__, url_prefix="/roadmaps")


# What the table can be sorted by, and how a row is weighed.
_SORTS: dict[str, Any] = {
    "code": lambda milestone, dates, areas: milestone.code,
    "area": lambda milestone, dates, areas: (areas[milestone.area], dates.earliest_start),
    "duration": lambda milestone, dates, areas: milestone.duration_days,
    "start": lambda milestone, dates, areas: dates.earliest_start,
    "finish": lambda milestone, dates, areas: dates.earliest_finish,
    "slack": lambda milestone, dates, areas: dates.total_slack,
}
_ROWS = 500


@dataclass(frozen=True, slots=True)
class AreaLine:
    """An area on the overview: its own milestones in the order of time, its parts' counted too."""

    code: str
    title: LocalizedText
    level: int
    milestones: list[DraftMilestone]
    count: int
    critical: int
    first: int
    last: int


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {
        "agenda_titles": AGENDA_TITLES,
        "day_text": day_text,
        "days_text": days_text,
        "slack_text": slack_text,
        "support_text": support_text,
        "dependency_text": dependency_text,
    }


@blueprint.get("/")
@public
@cacheable
def index() -> str:
    session = read_session()
    return render_template(
        "roadmaps/index.html",
        roadmaps=[
            (roadmap, edition_versions(session, roadmap=roadmap, holding=True))
            for roadmap in list_roadmaps(session)
        ],
    )


@blueprint.get("/<slug>")
@public
@cacheable
def show(slug: str) -> str:
    """What the roadmap is, in figures and areas, and the way to all its views."""
    session = read_session()
    outline, source = read_source(session, slug=slug)
    dates = source.plan.schedule.dates
    return render_template(
        "roadmaps/show.html",
        roadmap=outline,
        plan=source.plan,
        milestones=source.milestones,
        dependencies=len(source.precedences),
        critical=sum(each.critical for each in dates.values()),
        near=len(source.near),
        area_lines=_area_lines(source),
        budget=sum((total_of(each.budget) for each in source.draft.milestones), Decimal(0)),
        by_agenda=Counter(each.agenda for each in source.draft.milestones),
        editions=edition_versions(session, roadmap=outline, holding=True),
    )


@blueprint.get("/<slug>/milestones")
@public
@cacheable
def milestones(slug: str) -> str:
    """The table: sorted and filtered by the address, so that every view of it can be shared."""
    outline, source = read_source(read_session(), slug=slug)
    dates = source.plan.schedule.dates
    sort = request.args.get("sort", "start")
    sort = sort if sort in _SORTS else "start"
    descending = request.args.get("order") == "desc"
    choice = read_choice(request.args)
    positions = {code: at for at, code in enumerate(source.draft.areas)}
    chosen = [
        source.milestones[code]
        for code in sorted(choose_milestones(source.draft, source.plan, choice))
    ]
    chosen.sort(
        key=lambda each: _SORTS[sort](each, dates[each.code], positions), reverse=descending
    )
    pages = max(1, -(-len(chosen) // _ROWS))
    asked = request.args.get("page", "")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 7 else 1
    order = {"sort": sort, "order": "desc" if descending else ""}
    return render_template(
        "roadmaps/milestones.html",
        chosen=chosen[(page - 1) * _ROWS : page * _ROWS],
        count=len(chosen),
        page=page,
        pages=pages,
        sort=sort,
        descending=descending,
        address=addresses("roadmaps.milestones", slug, choice, **order),
        columns=[
            ("code", _("Milestone")),
            ("area", _("Area")),
            ("duration", _("Duration")),
            ("start", _("Earliest start")),
            ("finish", _("Earliest finish")),
            ("slack", _("Slack")),
        ],
        area_titles=source.draft.areas,
        **filter_context(outline, source, choice),
    )


@blueprint.get("/<slug>/milestones/<code>")
@public
@cacheable
def milestone(slug: str, code: str) -> str:
    roadmap = get_roadmap(read_session(), slug=slug)
    context = _context(roadmap)
    if code not in context["milestones"]:
        raise MilestoneNotFound(slug=slug, code=code)
    plan = context["plan"]
    explainer = Explainer(plan)
    why = explainer.explain(code)
    lines = dependency_lines(source_of(roadmap))
    evidence = gather_evidence(read_session(), roadmap=roadmap, now=utc_now(), subject=code).get(
        code, []
    )
    return render_template(
        "roadmaps/milestone.html",
        evidence=evidence,
        priority=priority_of(evidence),
        milestone=context["milestones"][code],
        dates=context["plan"].schedule.dates[code],
        waits_for=[line for line in lines if line.precedence.after == code],
        holds_up=[line for line in lines if line.precedence.before == code],
        why=why,
        since=chain_sentences(why, plan.schedule, roadmap.start),
        until=until_sentences(why, plan.schedule, roadmap.start),
        broken=[
            conflict_text(each, plan.schedule, roadmap.start)
            for each in explainer.conflicts()
            if each.code == code
        ],
        concerned=[each for each in context["plan"].contradictions if code in each.codes],
        **context,
    )


def _context(roadmap: Roadmap) -> dict[str, Any]:
    """What every page of a roadmap needs: the plan, and milestones by code."""
    return {
        "roadmap": roadmap,
        "plan": page_plan(roadmap),
        "milestones": {milestone.code: milestone for milestone in roadmap.milestones},
    }


def _area_lines(source: Source) -> list[AreaLine]:
    """Areas in order, each followed by its parts; those without any milestone are left out."""
    dates, draft = source.plan.schedule.dates, source.draft
    lines = []
    for code, level in nested_areas(tuple(draft.areas), draft.parents):
        inside = with_parts(code, draft.parents)
        codes = [each.code for each in draft.milestones if each.area in inside]
        if codes:
            own = [each for each in codes if source.milestones[each].area == code]
            lines.append(
                AreaLine(
                    code=code,
                    title=draft.areas[code],
                    level=level,
                    milestones=[source.milestones[each] for each in in_order_of_time(own, dates)],
                    count=len(codes),
                    critical=sum(dates[each].critical for each in codes),
                    first=min(dates[each].earliest_start for each in codes),
                    last=max(dates[each].earliest_finish for each in codes),
                )
            )
    return lines
