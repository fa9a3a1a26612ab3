"""What contradicts itself in a roadmap, as everyone sees it: in words, as picture, as table."""

from flask import render_template, request

from app.access import public
from app.caching import cacheable
from app.contradiction_words import decision_notes, tell, titles_of
from app.database import read_session
from app.roadmap_waiting import page_plan
from app.views.roadmaps import blueprint as roadmaps
from roadmap.drafting import list_decisions
from roadmap.roadmaps import get_roadmap

_ON_A_PAGE = 20


@roadmaps.get("/<slug>/contradictions")
@public
@cacheable
def contradictions(slug: str) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    plan = page_plan(roadmap)
    pages = max(1, -(-len(plan.contradictions) // _ON_A_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    first = (page - 1) * _ON_A_PAGE
    return render_template(
        "roadmaps/contradictions.html",
        roadmap=roadmap,
        plan=plan,
        milestones={milestone.code: milestone for milestone in roadmap.milestones},
        titles=titles_of(roadmap),
        shown=[
            tell(each, plan.network) for each in plan.contradictions[first : first + _ON_A_PAGE]
        ],
        page=page,
        pages=pages,
        decisions=decision_notes(list_decisions(session, roadmap=roadmap)) if plan.decided else {},
    )
