"""Editions: read, compare, download; and the secretariat publishes the next one.

The secretariat publishes in ``publish`` → ``roadmap.editions.publishing.publish_edition`` → commit;
a job renders the documents (app/documents.py), downloads only stream.
"""

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app.access import current_actor, public, requires
from app.caching import cacheable
from app.database import commit, read_session, write_session
from app.documents import find_file, list_files
from app.errors import describe, status_of
from app.i18n import interface_language
from app.projection import project_responses
from core.clock import utc_now
from core.errors import WaymarkError
from roadmap.drafting import list_decisions
from roadmap.editions.comparison import compare_editions
from roadmap.editions.publishing import (
    get_edition,
    get_edition_document,
    list_editions,
    next_version,
    preview_edition,
    publish_edition,
    read_document,
    verify_chain,
)
from roadmap.roadmaps import get_roadmap, plan_roadmap

blueprint = Blueprint("editions", __name__, url_prefix="/roadmaps/<slug>")

# A document over which a hash is published must come back as it was: no proxy may change it.
_UNCHANGED = "public, max-age=31536000, immutable, no-transform"


@blueprint.get("/editions/")
@public
@cacheable
def index(slug: str) -> str:
    session = read_session()
    return render_template(
        "editions/index.html",
        roadmap=get_roadmap(session, slug=slug),
        editions=list(reversed(list_editions(session, slug=slug))),
        faults=verify_chain(session, slug=slug),
    )


@blueprint.get("/editions/<version>")
@public
@cacheable
def show(slug: str, version: str) -> str:
    session = read_session()
    edition = get_edition(session, slug=slug, version=version)
    document = read_document(edition)
    return render_template(
        "editions/show.html",
        roadmap=get_roadmap(session, slug=slug),
        edition=edition,
        document=document,
        files=list_files(session, edition=edition),
        others=[e.version for e in list_editions(session, slug=slug) if e.version != version],
        titles=_titles(document),
        changes=document["changes"],
    )


@blueprint.get("/editions/<older>/to/<newer>")
@public
@cacheable
def compare(slug: str, older: str, newer: str) -> str:
    """What changed between any two editions."""
    session = read_session()
    old = get_edition_document(session, roadmap=slug, version=older)
    new = get_edition_document(session, roadmap=slug, version=newer)
    return render_template(
        "editions/compare.html",
        roadmap=get_roadmap(session, slug=slug),
        older=older,
        newer=newer,
        versions=[e.version for e in list_editions(session, slug=slug)],
        changes=compare_editions(old, new),
        titles=_titles(old) | _titles(new),
    )


@blueprint.get("/compare")
@public
def choose(slug: str) -> Response:
    """The form on the compare page: leads to the address of that comparison."""
    older, newer = request.args.get("older", ""), request.args.get("newer", "")
    return redirect(url_for("editions.compare", slug=slug, older=older, newer=newer), 303)


@blueprint.get("/editions/<version>/edition.json")
@public
def as_json(slug: str, version: str) -> Response:
    """The canonical JSON, byte for byte what the fingerprint is of."""
    edition = get_edition(read_session(), slug=slug, version=version)
    response = make_response(edition.document.encode())
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = _UNCHANGED
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{version}.json"'
    return response


@blueprint.get("/editions/<version>/edition.pdf")
@public
def as_pdf(slug: str, version: str) -> Response:
    language = request.args.get("language") or interface_language()
    path, file = find_file(
        read_session(), slug=slug, version=version, format_name="pdf", language=language
    )
    response = send_file(
        path,
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{slug}-{version}-{file.language}.pdf",
        etag=file.sha256,
    )
    response.headers["Cache-Control"] = "public, max-age=3600, no-transform"
    return response


@blueprint.get("/publish")
@requires("edition.publish")
def preview(slug: str) -> str:
    """What the next edition would say, and what changed in the draft, before it is published."""
    return _preview_page(slug, None, next_version(read_session(), slug=slug))


@blueprint.post("/publish")
@requires("edition.publish")
def publish(slug: str) -> Response | tuple[str, int]:
    # Contradictions may take long to resolve: that is done, and remembered, before anything is
    # locked.
    plan_roadmap(get_roadmap(read_session(), slug=slug))
    session = write_session()
    version = request.form.get("version", "").strip()
    now = utc_now()
    try:
        # Evidence rests on results: what was submitted so far is counted first.
        project_responses(session, now=now)
        publish_edition(
            session,
            slug=slug,
            version=version,
            revision=request.form.get("revision", -1, type=int),
            actor=current_actor(),
            now=now,
        )
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _preview_page(slug, describe(refusal), version), status_of(refusal)
    return redirect(url_for("editions.show", slug=slug, version=version), 303)


def _preview_page(slug: str, error: tuple[str, str] | None, version: str) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    draft = preview_edition(session, slug=slug, version=version, now=utc_now())
    editions = list_editions(session, slug=slug)
    changes: list[dict[str, Any]] = draft["changes"]
    return render_template(
        "editions/publish.html",
        roadmap=roadmap,
        draft=draft,
        latest=editions[-1] if editions else None,
        changes=changes,
        titles=_titles(draft) | (_titles(read_document(editions[-1])) if editions else {}),
        decisions=list_decisions(session, roadmap=roadmap),
        version=version,
        error=error,
    )


def _titles(document: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {milestone["code"]: milestone["title"] for milestone in document["milestones"]}
