"""The desk for proposals: collect, put together, decide one by one or many at once, with undo."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, write_session
from app.errors import describe, status_of
from app.projection import project_responses
from app.proposal_forms import (
    address_values,
    read_changes,
    read_filters,
    read_numbers,
    read_points,
    read_seen,
    read_target,
    read_texts,
)
from app.proposal_pages import Given, list_page, new_page, proposal_page
from core.clock import utc_now
from core.errors import InvalidInput, WaymarkError
from roadmap.models import Proposal, Roadmap
from roadmap.proposals.collecting import (
    collect_proposals,
    count_responses,
    linked_consultations,
)
from roadmap.proposals.kinds import Verdict
from roadmap.proposals.listing import (
    get_proposal,
)
from roadmap.proposals.sorting import (
    confirm_groups,
    describe_proposal,
    move_points,
    write_proposal,
)
from roadmap.proposals.triage import confirm, decide, merge_proposals, split_proposal, undo
from roadmap.roadmaps import get_roadmap
from surveys.consultations import get_consultation

blueprint = Blueprint("proposals_desk", __name__, url_prefix="/desk/roadmaps/<slug>/proposals")

# A few seconds' work; more would hold up everybody who writes.
MOST_COLLECTED_HERE = 10_000
# What was just decided, in the browser of whoever did, so that it can be undone.
_UNDO = "proposals_undo"
Act = Callable[[Any, Roadmap, dict[str, Any]], Any]


@blueprint.get("/")
@requires("proposal.decide")
def index(slug: str) -> str:
    return _listed(slug, None, {})


@blueprint.post("/collect")
@requires("proposal.decide")
def collect(slug: str) -> Response | tuple[str, int]:
    """Collect from the consultation named, or from all that are linked."""
    name = request.form.get("from", "")
    database = write_session()
    try:
        roadmap = get_roadmap(database, slug=slug)
        named = [get_consultation(database, slug=name)] if name else None
        count = count_responses(
            database, named or linked_consultations(database, roadmap=roadmap)
        )  # fmt: skip
        if count > MOST_COLLECTED_HERE:
            raise InvalidInput(
                where="from",
                reason=f"{count:,} responses take too long for a page; the operator's command"
                f" “flask roadmap collect {slug}” collects them",
            )
        project_responses(database, now=utc_now())
        report = collect_proposals(
            database,
            roadmap=roadmap,
            consultations=named,
            actor=current_actor(),
            now=utc_now(),
        )
        commit()
    except WaymarkError as refusal:
        database.rollback()
        return _listed(slug, describe(refusal), request.form), status_of(refusal)
    flash(
        _(
            "%(points)s points were collected, in %(proposals)s new proposals.",
            points=report.points_added, proposals=report.proposals_added,
        ),
        "success",
    )  # fmt: skip
    return redirect(url_for("proposals_desk.index", slug=slug), 303)


@blueprint.post("/")
@requires("proposal.decide")
def decide_many(slug: str) -> Response | tuple[str, int]:
    """Do with the proposals ticked what the button says."""
    action = request.form.get("decision", "")

    def act(database: Any, roadmap: Roadmap, who: dict[str, Any]) -> Any:
        numbers = read_numbers(request.form)
        if action == "group":
            return confirm_groups(database, roadmap=roadmap, proposals=numbers, **who)
        return decide(
            database, roadmap=roadmap, proposals=numbers, decision=action,
            reason=read_texts(request.form, "reason"), seen=read_seen(request.form),
            apply=request.form.get("apply") == "yes", **who,
        )  # fmt: skip

    return _many(slug, act, _("The points of what you chose belong together now.")
                 if action == "group" else "")  # fmt: skip


@blueprint.post("/confirm")
@requires("proposal.confirm")
def confirm_many(slug: str) -> Response | tuple[str, int]:
    """The second person's yes to the decisions ticked."""

    def act(database: Any, roadmap: Roadmap, who: dict[str, Any]) -> Any:
        return confirm(
            database, roadmap=roadmap, proposals=read_numbers(request.form),
            seen=read_seen(request.form), **who,
        )  # fmt: skip

    return _many(slug, act, _("Confirmed: it is public now, and part of the next edition."))


@blueprint.post("/undo")
@requires("proposal.decide")
def undo_last(slug: str) -> Response | tuple[str, int]:
    """Take back what this person decided last, unless somebody decided since."""
    last = session.pop(_UNDO, None)
    if not last or last["slug"] != slug:
        return redirect(url_for("proposals_desk.index", slug=slug), 303)

    def act(database: Any, roadmap: Roadmap, who: dict[str, Any]) -> Any:
        seen = {int(number): count for number, count in last["seen"].items()}
        return undo(database, roadmap=roadmap, proposals=sorted(seen), seen=seen, **who)

    return _many(slug, act, _("It is as it was before."))


@blueprint.get("/new")
@requires("proposal.decide")
def new(slug: str) -> str:
    return new_page(slug, None, {})


@blueprint.post("/new")
@requires("proposal.decide")
def write(slug: str) -> Response | tuple[str, int]:
    """A proposal that came in another way."""
    database = write_session()
    try:
        proposal = write_proposal(
            database,
            roadmap=get_roadmap(database, slug=slug),
            kind=request.form.get("kind", ""),
            subject=request.form.get("subject", ""),
            title=read_texts(request.form, "title"),
            body=read_texts(request.form, "body"),
            actor=current_actor(),
            now=utc_now(),
        )
        number = proposal.number
        commit()
    except WaymarkError as refusal:
        database.rollback()
        return new_page(slug, describe(refusal), request.form), status_of(refusal)
    return redirect(url_for("proposals_desk.show", slug=slug, number=number), 303)


@blueprint.get("/P<int(max=2147483647):number>")
@requires("proposal.decide")
def show(slug: str, number: int) -> str:
    return proposal_page(slug, number, None, {})


@blueprint.post("/P<int(max=2147483647):number>/decide")
@requires("proposal.decide")
def decide_one(slug: str, number: int) -> Response | tuple[str, int]:
    def act(database: Any, roadmap: Roadmap, who: dict[str, Any]) -> Any:
        form, reason = request.form, read_texts(request.form, "reason")
        if form.get("decision") == Verdict.MERGED:
            return merge_proposals(
                database, roadmap=roadmap, proposals=[number], into=read_target(form, "into"),
                reason=reason, seen=read_seen(form), **who,
            )  # fmt: skip
        proposal = get_proposal(database, roadmap=roadmap, number=number)
        applied = form.get("apply") == "yes"
        return decide(
            database, roadmap=roadmap, proposals=[number], decision=form.get("decision", ""),
            reason=reason, section=form.get("section", ""), seen=read_seen(form), apply=applied,
            changes=read_changes(form, proposal) if applied else None, **who,
        )  # fmt: skip

    return _one(slug, number, act, _("Decided. Another person has to confirm it."))


@blueprint.post("/P<int(max=2147483647):number>/confirm")
@requires("proposal.confirm")
def confirm_one(slug: str, number: int) -> Response | tuple[str, int]:
    def act(database: Any, roadmap: Roadmap, who: dict[str, Any]) -> Any:
        return confirm(
            database, roadmap=roadmap, proposals=[number], seen=read_seen(request.form), **who
        )

    return _one(slug, number, act, _("Confirmed: it is public now, and part of the next edition."))


@blueprint.post("/P<int(max=2147483647):number>/undo")
@requires("proposal.decide")
def undo_one(slug: str, number: int) -> Response | tuple[str, int]:
    def act(database: Any, roadmap: Roadmap, who: dict[str, Any]) -> Any:
        return undo(
            database, roadmap=roadmap, proposals=[number], seen=read_seen(request.form),
            keep_draft=request.form.get("keep_draft") == "yes", **who,
        )  # fmt: skip

    return _one(slug, number, act, _("It is as it was before."))


@blueprint.post("/P<int(max=2147483647):number>/describe")
@requires("proposal.decide")
def describe_one(slug: str, number: int) -> Response | tuple[str, int]:
    def act(database: Any, roadmap: Roadmap, who: dict[str, Any]) -> Any:
        return describe_proposal(
            database, roadmap=roadmap, proposal=number, title=read_texts(request.form, "name"),
            body=read_texts(request.form, "body"), **who,
        )  # fmt: skip

    return _one(slug, number, act, _("Saved."))


@blueprint.post("/P<int(max=2147483647):number>/points")
@requires("proposal.decide")
def sort_points(slug: str, number: int) -> Response | tuple[str, int]:
    """Confirm the group, move the points ticked elsewhere, or make them a proposal of their own."""
    action = request.form.get("action", "")

    def act(database: Any, roadmap: Roadmap, who: dict[str, Any]) -> Any:
        form = request.form
        if action == "group":
            return confirm_groups(database, roadmap=roadmap, proposals=[number], **who)
        if action == "move":
            return move_points(
                database, roadmap=roadmap, proposal=number, points=read_points(form),
                to=read_target(form, "to"), **who,
            )  # fmt: skip
        return split_proposal(
            database, roadmap=roadmap, proposal=number, parts=[read_points(form)],
            reason=read_texts(form, "split"), seen=read_seen(form), **who,
        )  # fmt: skip

    said = {
        "group": _("These points belong together now."),
        "move": _("The points were moved."),
    }
    return _one(slug, number, act, said.get(action, _("The proposal was split.")))


def _many(slug: str, act: Act, said: str) -> Response | tuple[str, int]:
    """Act on the proposals ticked; a refusal shows the list again with what was typed."""
    database = write_session()
    try:
        done = act(
            database,
            get_roadmap(database, slug=slug),
            {"actor": current_actor(), "now": utc_now()},
        )
        numbers = _decided(database, done) if not said else {}
        commit()
    except WaymarkError as refusal:
        database.rollback()
        return _listed(slug, describe(refusal), request.form), status_of(refusal)
    if said:
        flash(said, "success")
    elif numbers:
        session[_UNDO] = {"slug": slug, "seen": numbers}
        flash(
            ngettext(
                "%(num)s proposal was decided. Another person has to confirm it.",
                "%(num)s proposals were decided. Another person has to confirm them.",
                len(numbers),
            ),
            "success",
        )
    chosen = address_values(read_filters(request.args))
    return redirect(url_for("proposals_desk.index", slug=slug, **chosen), 303)


def _one(slug: str, number: int, act: Act, said: str) -> Response | tuple[str, int]:
    database = write_session()
    try:
        act(
            database,
            get_roadmap(database, slug=slug),
            {"actor": current_actor(), "now": utc_now()},
        )
        commit()
    except WaymarkError as refusal:
        database.rollback()
        return proposal_page(slug, number, describe(refusal), request.form), status_of(refusal)
    flash(said, "success")
    return redirect(url_for("proposals_desk.show", slug=slug, number=number), 303)


def _decided(database: Any, done: Any) -> dict[str, int]:
    """By number (as text: sessions are JSON), the number of the decision that was just made."""
    if not isinstance(done, list):
        return {}
    return {str(database.get_one(Proposal, each.proposal_id).number): each.number for each in done}


def _listed(slug: str, error: tuple[str, str] | None, given: Given) -> str:
    return list_page(slug, error, given, session.get(_UNDO) or {})
