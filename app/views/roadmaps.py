"""Roadmaps as everyone sees them: graph, table, timeline, critical path, one page a milestone."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from app.access import public
from app.caching import cacheable
from app.database import read_session
from app.i18n import localized
from app.roadmap_texts import (
    AGENDA_TITLES,
    day_text,
    days_text,
    dependency_text,
    slack_text,
    support_text,
    years_text,
)
from core.clock import utc_now
from roadmap.errors import MilestoneNotFound
from roadmap.evidence.links import gather_evidence, priority_of
from roadmap.models import Milestone, Roadmap
from roadmap.pictures.layout import (
    GraphDependency,
    GraphMilestone,
    TimelineMilestone,
    layout_graph,
    layout_timeline,
)
from roadmap.planning.network import Precedence
from roadmap.planning.schedule import Dates, Plan
from roadmap.roadmaps import (
    as_precedence,
    edition_versions,
    get_roadmap,
    list_roadmaps,
    plan_roadmap,
)

blueprint = Blueprint("roadmaps", __name__, url_prefix="/roadmaps")


@dataclass(frozen=True, slots=True)
class DependencyLine:
    """A dependency with what the plan makes of it; ``slack`` is None where it is suspended."""

    precedence: Precedence
    words: str
    support: str
    slack: int | None
    critical: bool

    @property
    def suspended(self) -> bool:
        return self.slack is None


# What the table can be sorted by, and how a row is weighed.
_SORTS: dict[str, Any] = {
    "code": lambda milestone, dates: milestone.code,
    "area": lambda milestone, dates: (milestone.area.position, dates.earliest_start),
    "duration": lambda milestone, dates: milestone.duration_days,
    "start": lambda milestone, dates: dates.earliest_start,
    "finish": lambda milestone, dates: dates.earliest_finish,
    "slack": lambda milestone, dates: dates.total_slack,
}


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
            (roadmap, edition_versions(session, roadmap=roadmap))
            for roadmap in list_roadmaps(session)
        ],
    )


@blueprint.get("/<slug>")
@public
@cacheable
def show(slug: str) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    by_area: dict[str, list[Milestone]] = {}
    for milestone in roadmap.milestones:
        by_area.setdefault(milestone.area.code, []).append(milestone)
    return render_template(
        "roadmaps/show.html",
        by_area=by_area,
        editions=edition_versions(session, roadmap=roadmap),
        **_context(roadmap),
    )


@blueprint.get("/<slug>/graph")
@public
@cacheable
def graph(slug: str) -> str:
    roadmap = get_roadmap(read_session(), slug=slug)
    context = _context(roadmap)
    lines = _dependency_lines(roadmap, context["plan"])
    dates = context["plan"].schedule.dates
    drawing = layout_graph(
        [
            GraphMilestone(
                code=milestone.code,
                title=localized(milestone.title),
                area=milestone.area.code,
                earliest_start=dates[milestone.code].earliest_start,
                critical=dates[milestone.code].critical,
                note=years_text(roadmap.start, dates[milestone.code]),
            )
            for milestone in roadmap.milestones
        ],
        [
            GraphDependency(
                before=line.precedence.before,
                after=line.precedence.after,
                kind=line.precedence.kind.value,
                lag_days=line.precedence.lag_days,
                suspended=line.suspended,
                critical=line.critical,
            )
            for line in lines
        ],
        _areas(roadmap),
    )
    return render_template(
        "roadmaps/graph.html",
        drawing=drawing,
        lines=lines,
        whole="whole" in request.args,
        **context,
    )


@blueprint.get("/<slug>/milestones")
@public
@cacheable
def milestones(slug: str) -> str:
    """The table: sorted and filtered by the address, so that every view of it can be shared."""
    roadmap = get_roadmap(read_session(), slug=slug)
    context = _context(roadmap)
    dates = context["plan"].schedule.dates
    sort = request.args.get("sort", "start")
    weigh = _SORTS.get(sort, _SORTS["start"])
    descending = request.args.get("order") == "desc"
    area, agenda = request.args.get("area", ""), request.args.get("agenda", "")
    chosen = [
        milestone
        for milestone in sorted(roadmap.milestones, key=lambda each: each.code)
        if area in ("", milestone.area.code) and agenda in ("", milestone.agenda)
    ]
    chosen.sort(key=lambda each: weigh(each, dates[each.code]), reverse=descending)
    return render_template(
        "roadmaps/milestones.html",
        chosen=chosen,
        sort=sort if sort in _SORTS else "start",
        descending=descending,
        area=area,
        agenda=agenda,
        columns=[
            ("code", _("Milestone")),
            ("area", _("Area")),
            ("duration", _("Duration")),
            ("start", _("Earliest start")),
            ("finish", _("Earliest finish")),
            ("slack", _("Slack")),
        ],
        **context,
    )


@blueprint.get("/<slug>/timeline")
@public
@cacheable
def timeline(slug: str) -> str:
    roadmap = get_roadmap(read_session(), slug=slug)
    context = _context(roadmap)
    drawing = layout_timeline(
        [_timeline_row(each, context["plan"].schedule.dates[each.code])
         for each in roadmap.milestones],
        _areas(roadmap),
        start=roadmap.start,
        width=900,
    )  # fmt: skip
    return render_template("roadmaps/timeline.html", drawing=drawing, **context)


@blueprint.get("/<slug>/critical-path")
@public
@cacheable
def critical_path(slug: str) -> str:
    roadmap = get_roadmap(read_session(), slug=slug)
    context = _context(roadmap)
    plan: Plan = context["plan"]
    critical = sorted(
        (dates for dates in plan.schedule.dates.values() if dates.critical),
        key=lambda dates: (dates.earliest_start, dates.earliest_finish, dates.code),
    )
    drivers: dict[str, list[Precedence]] = {}
    for precedence in plan.driving():
        drivers.setdefault(precedence.after, []).append(precedence)
    return render_template(
        "roadmaps/critical_path.html", critical=critical, drivers=drivers, **context
    )


@blueprint.get("/<slug>/contradictions")
@public
@cacheable
def contradictions(slug: str) -> str:
    return render_template(
        "roadmaps/contradictions.html", **_context(get_roadmap(read_session(), slug=slug))
    )


@blueprint.get("/<slug>/milestones/<code>")
@public
@cacheable
def milestone(slug: str, code: str) -> str:
    roadmap = get_roadmap(read_session(), slug=slug)
    context = _context(roadmap)
    if code not in context["milestones"]:
        raise MilestoneNotFound(slug=slug, code=code)
    lines = _dependency_lines(roadmap, context["plan"])
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
        concerned=[each for each in context["plan"].contradictions if code in each.codes],
        **context,
    )


def _context(roadmap: Roadmap) -> dict[str, Any]:
    """What every page of a roadmap needs: the plan, and milestones by code."""
    return {
        "roadmap": roadmap,
        "plan": plan_roadmap(roadmap, brief=True),
        "milestones": {milestone.code: milestone for milestone in roadmap.milestones},
    }


def _areas(roadmap: Roadmap) -> list[tuple[str, str]]:
    return [(area.code, localized(area.title)) for area in roadmap.areas]


def _timeline_row(milestone: Milestone, dates: Dates) -> TimelineMilestone:
    return TimelineMilestone(
        code=milestone.code,
        title=localized(milestone.title),
        area=milestone.area.code,
        earliest_start=dates.earliest_start,
        earliest_finish=dates.earliest_finish,
        latest_finish=dates.latest_finish,
        critical=dates.critical,
    )


def _dependency_lines(roadmap: Roadmap, plan: Plan) -> list[DependencyLine]:
    """The dependencies in the draft's order; of equal ones only as many are suspended as must."""
    suspended = [contradiction.suspended for contradiction in plan.contradictions]
    driving = set(plan.driving())
    lines = []
    for dependency in roadmap.dependencies:
        precedence = as_precedence(dependency)
        is_suspended = precedence in suspended
        if is_suspended:
            suspended.remove(precedence)
        lines.append(
            DependencyLine(
                precedence=precedence,
                words=dependency_text(precedence),
                support=support_text(precedence.support),
                slack=None if is_suspended else plan.schedule.slack_of(precedence, plan.network),
                critical=not is_suspended and precedence in driving,
            )
        )
    return lines
