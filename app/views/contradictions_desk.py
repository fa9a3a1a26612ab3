"""The desk's pages about contradictions: what was suspended, what else could be, and decisions.

Any dependency can be kept or suspended against the computation. What follows is shown first;
nothing is written until it is confirmed, with a reason, and it can be undone.
"""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.contradiction_words import decision_notes, tell, titles_of
from app.database import commit, read_session, write_session
from app.dependency_list import DEPENDENCY_FILTERS, REDUNDANT_UP_TO, find_redundant_of, list_lines
from app.errors import describe, status_of
from app.roadmap_waiting import page_plan
from core.clock import utc_now
from core.errors import WaymarkError
from core.text import LocalizedText
from roadmap.drafting import add_dependency, list_decisions
from roadmap.errors import RulingsContradict
from roadmap.models import Roadmap
from roadmap.planning.alternatives import list_alternatives
from roadmap.planning.covering import Effort
from roadmap.planning.network import Kind, Network, Ruling
from roadmap.planning.suggestions import Threshold, suggest_missing
from roadmap.resolving import (
    asked_dependencies,
    find_dependency,
    preview_ruling,
    rule_dependency,
)
from roadmap.roadmaps import (
    activities_of,
    as_precedence,
    get_roadmap,
    precedences_of,
    read_draft,
)

blueprint = Blueprint(
    "contradictions_desk", __name__, url_prefix="/desk/roadmaps/<slug>/contradictions"
)

RULING_TITLES = {
    Ruling.NONE: _l("Leave it to the computation"),
    Ruling.KEEP: _l("Keep it"),
    Ruling.SUSPEND: _l("Suspend it"),
}
_ON_A_PAGE = 100
# Contradictions of a knot that are told; the command lists all.
_TOLD = 30
# Milestones whose dates change that are listed before the rest is counted.
_MOVED = 50
# Seconds to look for alternatives while somebody waits.
_BRIEF = 3.0


@blueprint.get("/")
@requires("roadmap.edit")
def index(slug: str) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    plan = page_plan(roadmap)
    return render_template(
        "contradictions_desk/index.html",
        roadmap=roadmap,
        plan=plan,
        support=sum((each.suspended.support for each in plan.contradictions), Decimal(0)),
        lines=list_lines(roadmap, plan, only="decided"),
        decisions=decision_notes(list_decisions(session, roadmap=roadmap)),
        rulings=RULING_TITLES,
        undo=_undo_offer(roadmap),
    )


@blueprint.get("/knots/<int:number>")
@requires("roadmap.edit")
def knot(slug: str, number: int) -> str:
    """One part of the roadmap that contradicts itself, with all that could be suspended instead."""
    roadmap = get_roadmap(read_session(), slug=slug)
    plan = page_plan(roadmap)
    if not 1 <= number <= len(plan.knots):
        abort(404)
    chosen = plan.knots[number - 1]
    inside = {chosen.network.precedences[at] for at in chosen.suspended}
    told = [each for each in plan.contradictions if each.suspended in inside]
    return render_template(
        "contradictions_desk/knot.html",
        roadmap=roadmap,
        number=number,
        knot=chosen,
        titles=titles_of(roadmap),
        told=[tell(each, chosen.network) for each in told[:_TOLD]],
        untold=max(0, len(told) - _TOLD),
        alternatives=list_alternatives(chosen, effort=Effort(total=_BRIEF, each=_BRIEF / 3)),
        ids={line.precedence: line.id for line in list_lines(roadmap, plan)},
    )


@blueprint.get("/dependencies")
@requires("roadmap.edit")
def dependencies(slug: str) -> str:
    """Every dependency, so that every one can be overruled."""
    roadmap = get_roadmap(read_session(), slug=slug)
    plan = page_plan(roadmap)
    only = request.args.get("only", "")
    words = request.args.get("q", "").strip()
    lines = list_lines(roadmap, plan, only=only if only in DEPENDENCY_FILTERS else "", words=words)
    pages = max(1, -(-len(lines) // _ON_A_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "contradictions_desk/dependencies.html",
        roadmap=roadmap,
        total=len(lines),
        lines=lines[(page - 1) * _ON_A_PAGE : page * _ON_A_PAGE],
        page=page,
        pages=pages,
        only=only if only in DEPENDENCY_FILTERS else "",
        words=words,
        filters=DEPENDENCY_FILTERS,
        redundant_known=len(roadmap.dependencies) <= REDUNDANT_UP_TO,
    )


@blueprint.get("/redundant")
@requires("roadmap.edit")
def redundant(slug: str) -> str:
    roadmap = get_roadmap(read_session(), slug=slug)
    plan = page_plan(roadmap)
    found = find_redundant_of(roadmap, plan)
    return render_template(
        "contradictions_desk/redundant.html",
        roadmap=roadmap,
        known=len(roadmap.dependencies) <= REDUNDANT_UP_TO,
        total=len(found),
        found=found[: 5 * _ON_A_PAGE],
        ids={line.precedence: line.id for line in list_lines(roadmap, plan)},
    )


@blueprint.get("/missing")
@requires("roadmap.edit")
def missing(slug: str) -> str | tuple[str, int]:
    return _missing_page(slug, None)


@blueprint.post("/missing")
@requires("roadmap.edit")
def add(slug: str) -> Response | tuple[str, int]:
    """Take a suggested dependency into the draft."""
    session = write_session()
    form = request.form
    try:
        roadmap = get_roadmap(session, slug=slug)
        dependency = add_dependency(
            session,
            roadmap=roadmap,
            before=form.get("from", ""),
            after=form.get("to", ""),
            kind=form.get("kind", Kind.FS.value),
            support=_decimal(form.get("support", ""), Decimal(1)),
            rationale=LocalizedText({}),
            reason=form.get("reason", ""),
            actor=current_actor(),
            now=utc_now(),
        )
        words = f"{form.get('from', '')} → {form.get('to', '')}"
        identity = dependency.id
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _missing_page(slug, refusal)  # type: ignore[return-value]
    flash(_("%(words)s is in the draft now.", words=words), "success")
    return redirect(url_for("contradictions_desk.show", slug=slug, identity=identity), 303)


@blueprint.get("/dependencies/<uuid:identity>")
@requires("roadmap.edit")
def show(slug: str, identity: UUID) -> str | tuple[str, int]:
    """A dependency; with ``ruling`` in the address, what would follow from it."""
    return _dependency_page(slug, identity, None)


@blueprint.post("/dependencies/<uuid:identity>")
@requires("roadmap.edit")
def decide(slug: str, identity: UUID) -> Response | tuple[str, int]:
    session = write_session()
    try:
        roadmap = get_roadmap(session, slug=slug)
        before = find_dependency(roadmap, identity).ruling
        dependency = rule_dependency(
            session,
            roadmap=roadmap,
            dependency_id=identity,
            ruling=request.form.get("ruling", ""),
            reason=request.form.get("reason", ""),
            seen_revision=request.form.get("revision", -1, type=int),
            actor=current_actor(),
            now=utc_now(),
        )
        changed = dependency.ruling != before
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _dependency_page(slug, identity, refusal)  # type: ignore[return-value]
    flash(_("The decision stands, with its reason."), "success")
    undo = {"undo": str(identity), "was": before or "none"} if changed else {}
    return redirect(url_for("contradictions_desk.index", slug=slug, **undo), 303)  # type: ignore[arg-type]


def _dependency_page(
    slug: str, identity: UUID, refusal: WaymarkError | None
) -> str | tuple[str, int]:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    dependency = find_dependency(roadmap, identity)
    precedence = as_precedence(dependency)
    plan = page_plan(roadmap)
    wanted = request.values.get("ruling")
    consequences, conflict = None, None
    if wanted in ("keep", "suspend", "none", ""):
        wanted = "" if wanted == "none" else wanted
        try:
            consequences = preview_ruling(roadmap, dependency=dependency, ruling=wanted, brief=True)
        except RulingsContradict as error:
            conflict = error
    else:
        wanted = None
    decisions = [
        each
        for each in list_decisions(session, roadmap=roadmap)
        if each.change == "ruled" and each.subject == f"{precedence.before}>{precedence.after}"
    ]
    shown = refusal or conflict
    page = render_template(
        "contradictions_desk/dependency.html",
        roadmap=roadmap,
        dependency=dependency,
        precedence=precedence,
        plan=plan,
        contradiction=next(
            (
                tell(each, plan.network)
                for each in plan.contradictions
                if each.suspended == precedence
            ),
            None,
        ),
        titles=titles_of(roadmap),
        decisions=decisions[::-1],
        rulings=RULING_TITLES,
        ruling=wanted,
        consequences=consequences,
        moved=consequences.moved[:_MOVED] if consequences is not None else (),
        reason=request.form.get("reason", ""),
        error=describe(shown) if shown is not None else None,
    )
    return page if shown is None else (page, status_of(shown))


def _missing_page(slug: str, refusal: WaymarkError | None) -> str | tuple[str, int]:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    plan = page_plan(roadmap)
    standard = Threshold()
    people = max(1, request.args.get("people", standard.people, type=int))
    percent = _decimal(request.args.get("percent", ""), standard.share * 100)
    threshold = Threshold(people, min(max(percent, Decimal(0)), Decimal(100)) / 100)
    asked = asked_dependencies(session, roadmap=roadmap, now=utc_now())
    draft = read_draft(roadmap)
    network = Network(activities_of(draft, start=roadmap.start), plan.network.precedences)
    page = render_template(
        "contradictions_desk/missing.html",
        roadmap=roadmap,
        asked=len(asked),
        threshold=threshold,
        suggestions=suggest_missing(network, precedences_of(draft), asked, threshold=threshold),
        error=describe(refusal) if refusal is not None else None,
    )
    return page if refusal is None else (page, status_of(refusal))


def _undo_offer(roadmap: Roadmap) -> dict[str, Any] | None:
    """What was decided just now, if the address says so, to be taken back at once."""
    try:
        identity = UUID(request.args.get("undo", ""))
    except ValueError:
        return None
    was = request.args.get("was", "")
    dependency = next((each for each in roadmap.dependencies if each.id == identity), None)
    if dependency is None or was not in ("none", "keep", "suspend"):
        return None
    ruling = "" if was == "none" else was
    if dependency.ruling == ruling:
        return None
    return {"dependency": dependency, "ruling": ruling, "words": as_precedence(dependency)}


def _decimal(text: str, otherwise: Decimal) -> Decimal:
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return otherwise
    return value if value.is_finite() else otherwise
