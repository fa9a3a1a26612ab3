"""The desk's page about editions: the way from the draft to one that is published, or withdrawn.

The steps are in ``roadmap.editions.stages``. Two people publish: each approves the text that was
frozen, and nobody can change it after that without starting anew.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from app.projection import project_responses
from core.audit import Actor
from core.clock import utc_now
from core.errors import WaymarkError
from roadmap.draft import Draft
from roadmap.editions.comparison import follows_from_others, rests_on_nothing
from roadmap.editions.freezing import simulate_plan
from roadmap.editions.publishing import (
    ask_for_withdrawal,
    confirm_withdrawal,
    latest_edition,
    list_editions,
    next_version,
    preview_edition,
    read_document,
    refuse_withdrawal,
)
from roadmap.editions.stages import (
    NEEDED,
    PATH,
    Stage,
    approve_candidate,
    end_candidate,
    find_open_candidate,
    freeze_candidate,
    list_candidates,
    open_candidate,
    publish_candidate,
    publish_draft,
    standing_of,
    step_back,
    take_back_approval,
)
from roadmap.roadmaps import get_roadmap, plan_draft, read_draft

blueprint = Blueprint("edition_desk", __name__, url_prefix="/desk/roadmaps/<slug>/editions")

STAGE_TITLES = {
    Stage.DRAFT: _l("Draft"),
    Stage.INTERNAL_REVIEW: _l("Internal review"),
    Stage.PUBLIC_DRAFT: _l("Public draft"),
    Stage.APPROVED: _l("Approved"),
    Stage.PUBLISHED: _l("Published"),
    Stage.ENDED: _l("Given up"),
}
# What an act is called with, beside the session.
Acting = Mapping[str, Any]


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {
        "edition_stages": STAGE_TITLES,
        "follows_from_others": follows_from_others,
        "rests_on_nothing": rests_on_nothing,
        "without_evidence": lambda changes: [each for each in changes if rests_on_nothing(each)],
    }


@blueprint.get("/")
@requires("edition.publish")
def index(slug: str) -> str:
    """Where the next edition is on its way, what it needs, and what it would change."""
    return _page(slug)


@blueprint.post("/open")
@requires("edition.publish")
def begin(slug: str) -> Response | tuple[str, int]:
    version = request.form.get("version", "").strip()
    return _act(
        slug,
        lambda session, actor, now: open_candidate(
            session, slug=slug, version=version, actor=actor, now=now
        ),
        version=version,
    )


@blueprint.post("/<version>/freeze")
@requires("edition.publish")
def freeze(slug: str, version: str) -> Response | tuple[str, int]:
    """Freeze what the draft says now."""
    _compute_ahead(slug)

    def act(session: Session, actor: Actor, now: datetime) -> None:
        # Evidence rests on results: what was submitted so far is counted first.
        project_responses(session, now=now)
        freeze_candidate(session, slug=slug, version=version, actor=actor, now=now)

    return _act(slug, act)


@blueprint.post("/<version>/make-public")
@requires("edition.publish")
def make_public(slug: str, version: str) -> Response | tuple[str, int]:
    return _act(
        slug,
        lambda session, actor, now: publish_draft(
            session, slug=slug, version=version, sha256=_seen(), actor=actor, now=now
        ),
    )


@blueprint.post("/<version>/approve")
@requires("edition.approve")
def approve(slug: str, version: str) -> Response | tuple[str, int]:
    """One person's yes to the text that was frozen."""
    return _act(
        slug,
        lambda session, actor, now: approve_candidate(
            session, slug=slug, version=version, sha256=_seen(), actor=actor, now=now
        ),
    )


@blueprint.post("/<version>/take-back")
@requires("edition.approve")
def take_back(slug: str, version: str) -> Response | tuple[str, int]:
    return _act(
        slug,
        lambda session, actor, now: take_back_approval(
            session, slug=slug, version=version, actor=actor, now=now
        ),
    )


@blueprint.post("/<version>/back")
@requires("edition.publish")
def back(slug: str, version: str) -> Response | tuple[str, int]:
    """To an earlier stage, with the reason."""
    return _act(
        slug,
        lambda session, actor, now: step_back(
            session, slug=slug, version=version, stage=request.form.get("stage", ""),
            reason=request.form.get("reason", ""), actor=actor, now=now,
        ),
    )  # fmt: skip


@blueprint.post("/<version>/end")
@requires("edition.publish")
def end(slug: str, version: str) -> Response | tuple[str, int]:
    return _act(
        slug,
        lambda session, actor, now: end_candidate(
            session, slug=slug, version=version, reason=request.form.get("end_reason", ""),
            actor=actor, now=now,
        ),
    )  # fmt: skip


@blueprint.post("/<version>/publish")
@requires("edition.publish")
def publish(slug: str, version: str) -> Response | tuple[str, int]:
    """What two people approved becomes the next edition."""
    return _act(
        slug,
        lambda session, actor, now: publish_candidate(
            session, slug=slug, version=version, sha256=_seen(), actor=actor, now=now
        ),
        leads_to=url_for("editions.show", slug=slug, version=version),
    )


@blueprint.post("/<version>/withdraw")
@requires("edition.withdraw")
def withdraw(slug: str, version: str) -> Response | tuple[str, int]:
    """Ask for an edition to be withdrawn; somebody else has to agree."""
    reason = request.form.get("reason", "")
    return _act(
        slug,
        lambda session, actor, now: ask_for_withdrawal(
            session, slug=slug, version=version, reason=reason, actor=actor, now=now
        ),
    )


@blueprint.post("/<version>/withdraw/confirm")
@requires("edition.withdraw")
def agree_to_withdraw(slug: str, version: str) -> Response | tuple[str, int]:
    return _act(
        slug,
        lambda session, actor, now: confirm_withdrawal(
            session, slug=slug, version=version, reason=request.form.get("reason"), actor=actor,
            now=now,
        ),
    )  # fmt: skip


@blueprint.post("/<version>/withdraw/refuse")
@requires("edition.withdraw")
def keep(slug: str, version: str) -> Response | tuple[str, int]:
    """Let an edition hold that somebody asked to withdraw."""
    return _act(
        slug,
        lambda session, actor, now: refuse_withdrawal(
            session, slug=slug, version=version, actor=actor, now=now
        ),
    )


def _act(
    slug: str,
    act: Callable[[Session, Actor, datetime], Any],
    *,
    leads_to: str = "",
    version: str = "",
) -> Response | tuple[str, int]:
    """Do it and go on, or say on the page why not."""
    session = write_session()
    try:
        act(session, current_actor(), utc_now())
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _page(slug, describe(refusal), version), status_of(refusal)
    flash(_("Done."), "success")
    return redirect(leads_to or url_for("edition_desk.index", slug=slug), 303)


def _seen() -> str:
    """The fingerprint of the text that the person had before them."""
    return request.form.get("sha256", "")


def _compute_ahead(slug: str) -> None:
    """What may take long is computed, and remembered, before anything is locked."""
    roadmap = get_roadmap(read_session(), slug=slug)
    draft: Draft = read_draft(roadmap)
    simulate_plan(draft, plan_draft(draft, start=roadmap.start))


def _page(slug: str, error: tuple[str, str] | None = None, version: str = "") -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    candidate = find_open_candidate(session, slug=slug)
    latest = latest_edition(session, slug=slug)
    suggested = candidate.version if candidate else version or next_version(session, slug=slug)
    frozen = bool(candidate and candidate.document and candidate.stage != Stage.DRAFT)
    document: dict[str, Any] = (
        json.loads(candidate.document or "{}")
        if candidate is not None and frozen
        else preview_edition(session, slug=slug, version=suggested, now=utc_now())
    )
    standing = standing_of(session, slug=slug, candidate=candidate) if candidate else None
    titles = titles_of(document) | (titles_of(read_document(latest)) if latest else {})
    own = current_user.account_id
    return render_template(
        "editions/desk.html",
        roadmap=roadmap, candidate=candidate, standing=standing, frozen=frozen, document=document,
        changes=document["changes"], titles=titles, latest=latest, version=suggested, path=PATH,
        stage=Stage(candidate.stage) if candidate else Stage.DRAFT, needed=NEEDED, own=own,
        approved_by_me=bool(standing and own in {each.account_id for each in standing.approvals}),
        editions=list(reversed(list_editions(session, slug=slug))),
        ended=[each for each in list_candidates(session, slug=slug) if each.stage == Stage.ENDED],
        error=error,
    )  # fmt: skip


def titles_of(document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Titles of milestones, areas and chapters by code."""
    return {
        element["code"]: element["title"]
        for key in ("chapters", "areas", "milestones")
        for element in document.get(key, ())
    }
