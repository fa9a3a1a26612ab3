"""What if? Three questions about the plan, and scenarios: branches of the draft.

A question is a GET and changes nothing; its answer can be kept as a scenario. A scenario is a list
of steps (``roadmap.scenarios.steps``) that is compared with the draft, and adopted or dropped.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from app.i18n import format_number
from app.scenario_answers import answer_question, step_text
from core.clock import utc_now
from core.errors import WaymarkError
from roadmap.draft import BudgetSource
from roadmap.errors import InvalidDraft
from roadmap.planning.network import Kind
from roadmap.roadmaps import get_roadmap
from roadmap.scenarios.branching import (
    add_steps,
    adopt_scenario,
    begin_scenario,
    drop_scenario,
    find_conflicts,
    get_scenario,
    list_scenarios,
    plan_scenario,
    redo_step,
    undo_step,
)
from roadmap.scenarios.comparing import compare

blueprint = Blueprint("scenarios_desk", __name__, url_prefix="/desk/roadmaps/<slug>/what-if")


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"step_text": step_text, "source_title": source_title, "euros": euros}


@blueprint.get("/")
@requires("roadmap.edit")
def index(slug: str) -> str | tuple[str, int]:
    """The questions, the answer to the one that was asked, and the scenarios."""
    return _index_page(slug, None)


@blueprint.post("/")
@requires("roadmap.edit")
def begin(slug: str) -> Response | tuple[str, int]:
    """Begin a scenario: empty, or with the answer to a question as its first step."""
    session = write_session()
    now = utc_now()
    try:
        roadmap = get_roadmap(session, slug=slug)
        scenario = begin_scenario(
            session, roadmap=roadmap, title=request.form.get("title", ""),
            note=request.form.get("note", ""), actor=current_actor(), now=now,
        )  # fmt: skip
        answer = answer_question(session, roadmap, request.form, now=now)
        if answer is not None and answer.steps:
            add_steps(
                session, roadmap=roadmap, scenario=scenario, steps=answer.steps,
                revision=scenario.revision, actor=current_actor(), now=now,
            )  # fmt: skip
        branch = scenario.slug
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _index_page(slug, refusal)  # type: ignore[return-value]
    return redirect(url_for("scenarios_desk.show", slug=slug, branch=branch), 303)


@blueprint.get("/<branch>")
@requires("roadmap.edit")
def show(slug: str, branch: str) -> str:
    return _scenario_page(slug, branch, None)


@blueprint.post("/<branch>/steps")
@requires("roadmap.edit")
def step(slug: str, branch: str) -> Response | tuple[str, int]:
    """Try one more step."""
    return _change(
        slug, branch,
        lambda **given: add_steps(steps=[read_step(request.form)], **given),
    )  # fmt: skip


@blueprint.post("/<branch>/undo")
@requires("roadmap.edit")
def undo(slug: str, branch: str) -> Response | tuple[str, int]:
    return _change(slug, branch, undo_step)


@blueprint.post("/<branch>/redo")
@requires("roadmap.edit")
def redo(slug: str, branch: str) -> Response | tuple[str, int]:
    return _change(slug, branch, redo_step)


@blueprint.post("/<branch>/adopt")
@requires("roadmap.edit")
def adopt(slug: str, branch: str) -> Response | tuple[str, int]:
    return _change(
        slug, branch, adopt_scenario, said=_("The draft now says what the scenario tried."),
        reason=request.form.get("reason", ""), overwrite="overwrite" in request.form,
    )  # fmt: skip


@blueprint.post("/<branch>/drop")
@requires("roadmap.edit")
def drop(slug: str, branch: str) -> Response | tuple[str, int]:
    return _change(
        slug, branch, drop_scenario, said=_("The scenario was dropped. It can still be read."),
        reason=request.form.get("reason", ""),
    )  # fmt: skip


def _change(
    slug: str, branch: str, use_case: Callable[..., None], *, said: str = "", **given: Any
) -> Response | tuple[str, int]:
    session = write_session()
    try:
        roadmap = get_roadmap(session, slug=slug)
        use_case(
            session=session,
            roadmap=roadmap,
            scenario=get_scenario(session, roadmap=roadmap, slug=branch),
            revision=request.form.get("revision", -1, type=int),
            actor=current_actor(),
            now=utc_now(),
            **given,
        )
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _scenario_page(slug, branch, refusal), status_of(refusal)
    if said:
        flash(said, "success")
    return redirect(url_for("scenarios_desk.show", slug=slug, branch=branch), 303)


def read_step(form: Any) -> dict[str, Any]:
    """The step a form describes. Raises ``InvalidDraft`` naming the field."""
    operation = form.get("op", "")
    if operation == "change_milestones":
        return {"op": operation, "changes": {form.get("code", ""): _changes(form)}}
    if operation == "remove_milestones":
        return {"op": operation, "codes": [form.get("code", "")]}
    bond = {"op": operation, "from": form.get("from", ""), "to": form.get("to", "")}
    if operation == "add_dependency":
        return bond | {
            "kind": form.get("kind", Kind.FS.value), "lag_days": _whole(form, "lag_days") or 0
        }  # fmt: skip
    if operation == "remove_dependency":
        return bond
    raise InvalidDraft(where="op", reason="expected a kind of change")


def _changes(form: Any) -> dict[str, Any]:
    """The fields that were filled in; “-” takes a date away."""
    changes: dict[str, Any] = {}
    for field in ("not_before", "finish_by"):
        text = form.get(field, "").strip()
        if text == "-":
            changes[field] = None
        elif text:
            changes[field] = _day(text, field).isoformat()
    days = _whole(form, "duration_days")
    if days is not None:
        changes["duration_days"] = days
    if not changes:
        raise InvalidDraft(where="duration_days", reason="expected at least one change")
    return changes


def _whole(form: Any, field: str) -> int | None:
    text = form.get(field, "").strip()
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise InvalidDraft(where=field, reason="expected a whole number of days") from None


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidDraft(where=field, reason="expected a date such as 2028-12-31") from None


def _index_page(slug: str, refusal: WaymarkError | None) -> str | tuple[str, int]:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    answer = None
    try:
        if refusal is None:
            answer = answer_question(session, roadmap, request.args, now=utc_now())
    except WaymarkError as error:
        refusal = error
    page = render_template(
        "scenarios/index.html",
        roadmap=roadmap,
        titles={milestone.code: milestone.title for milestone in roadmap.milestones},
        given=request.values,
        answer=answer,
        today=utc_now().date(),
        sources=list(BudgetSource),
        scenarios=list_scenarios(session, roadmap=roadmap),
        error=describe(refusal) if refusal is not None else None,
        where=refusal.where if refusal is not None else "",
    )
    return page if refusal is None else (page, status_of(refusal))


def _scenario_page(slug: str, branch: str, refusal: WaymarkError | None) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    scenario = get_scenario(session, roadmap=roadmap, slug=branch)
    comparison = before = after = broken = None
    conflicts: list[tuple[str, Any, Any]] = []
    if scenario.state == "open":
        try:
            before, after = plan_scenario(roadmap, scenario)
            comparison = compare(before, after)
            conflicts = find_conflicts(roadmap, scenario)
        except InvalidDraft as error:
            # The draft changed so that a step is not possible any more: it can be taken back.
            broken = describe(error)
    titles = {milestone.code: milestone.title for milestone in roadmap.milestones}
    if after is not None:
        titles |= {milestone.code: milestone.title for milestone in after.draft.milestones}
    return render_template(
        "scenarios/show.html",
        roadmap=roadmap,
        scenario=scenario,
        comparison=comparison,
        before=before,
        after=after,
        conflicts=conflicts,
        broken=broken,
        titles=titles,
        kinds=list(Kind),
        given=request.form,
        error=describe(refusal) if refusal is not None else None,
        where=refusal.where if refusal is not None else "",
    )


def source_title(source: str) -> str:
    """A source of money as people call it."""
    return {
        "eu": _("EU contribution"),
        "member_states": _("Member states"),
        "industry_cash": _("Industry, in cash"),
        "industry_in_kind": _("Industry, in kind"),
        "cef": _("Connecting Europe Facility"),
        "investeu": _("InvestEU"),
        "digital_europe": _("Digital Europe"),
    }[source]


def euros(amount: Decimal) -> str:
    """An amount as people write it, to the euro where there are no cents."""
    return _("€ %(amount)s", amount=format_number(Decimal(amount), decimal_quantization=False))
