"""The desk's files of a roadmap: take the draft out in any format, look at a file, take it over.

A file is looked at first (``look``): everything wrong with it is listed, or what it would change.
``take_over`` does that, with a reason, if the draft is still the one that was looked at.
"""

import contextlib
from typing import Any

from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.draft_texts import change_lines, field_title
from app.errors import describe, status_of
from app.roadmap_uploads import LARGEST, drop_files, drop_old_files, find_files, keep_files
from app.uploads import clean_name
from core.clock import utc_now
from core.errors import InvalidInput, NotFound, WaymarkError
from core.text import LANGUAGES
from roadmap.draft import Draft
from roadmap.errors import UnreadableRoadmap
from roadmap.file_exchange import export_file, preview_import
from roadmap.formats.registry import FORMATS, read_files
from roadmap.roadmaps import get_roadmap, import_roadmap

blueprint = Blueprint("roadmap_files", __name__, url_prefix="/desk/roadmaps/<slug>/files")

# Beyond this a page would have to wait for too long: the command takes as much as there is.
MOST_MILESTONES = 5_000
MOST_DEPENDENCIES = 15_000
_SHOWN = 200
_READ_AWAY = 64_000_000


@blueprint.url_value_preprocessor
def _allow_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if endpoint == "roadmap_files.look":
        request.max_content_length = LARGEST + 100_000


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> Response:
    """Read the rest, so that the browser hears the answer; then say what to do instead."""
    stream, left = request.environ["wsgi.input"], min(request.content_length or 0, _READ_AWAY)
    with contextlib.suppress(OSError):
        while left > 0 and (chunk := stream.read(min(left, 1_000_000))):
            left -= len(chunk)
    slug = (request.view_args or {})["slug"]
    return make_response(_page(slug, problems=[(_("File"), _too_large_text(slug))]), 413)


@blueprint.get("/")
@requires("roadmap.edit")
def index(slug: str) -> str:
    return _page(slug)


@blueprint.get("/<format_name>")
@requires("roadmap.edit")
def download(slug: str, format_name: str) -> Response:
    if format_name not in FORMATS:
        raise NotFound(what=_("This format"))
    language = request.args.get("language", "")
    roadmap = get_roadmap(read_session(), slug=slug)
    content = export_file(
        roadmap, format=format_name, language=language if language in LANGUAGES else ""
    )
    chosen = FORMATS[format_name]
    response = make_response(content)
    response.headers["Content-Type"] = chosen.media_type
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}{chosen.ending}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/look")
@requires("roadmap.edit")
def look(slug: str) -> Response | tuple[str, int]:
    """Read what was sent; keep it for the next step if it holds a roadmap."""
    drop_old_files()
    try:
        files = {
            clean_name(file.filename): file.read()
            for file in request.files.getlist("file")
            if file.filename
        }
        if not files:
            raise InvalidInput(
                where=_("File"), reason=_("choose a file, or the CSV files together")
            )
        _read(slug, files)
        key = keep_files(files, account_id=current_user.account_id)
    except WaymarkError as refusal:
        return _page(slug, problems=_problems(refusal)), status_of(refusal)
    return redirect(url_for("roadmap_files.preview", slug=slug, key=key), 303)


@blueprint.get("/look/<key>")
@requires("roadmap.edit")
def preview(slug: str, key: str) -> str:
    return _preview(slug, key, None)


@blueprint.post("/look/<key>")
@requires("roadmap.edit")
def take_over(slug: str, key: str) -> Response | tuple[str, int]:
    draft = _read(slug, find_files(key, account_id=current_user.account_id))
    session = write_session()
    try:
        reason = request.form.get("reason", "").strip()
        if not reason:
            raise InvalidInput(where=_("Why"), reason=_("say why: every change carries it"))
        report = import_roadmap(
            session, slug=get_roadmap(session, slug=slug).slug, draft=draft, reason=reason,
            expected_revision=request.form.get("revision", -1, type=int),
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        changes = report.changes.count
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _preview(slug, key, refusal), status_of(refusal)
    drop_files(key, account_id=current_user.account_id)
    flash(_("The file was taken over; %(count)s things changed.", count=changes), "success")
    return redirect(url_for("roadmap_files.index", slug=slug), 303)


def _read(slug: str, files: dict[str, bytes]) -> Draft:
    roadmap = get_roadmap(read_session(), slug=slug)
    draft = read_files(files, language=roadmap.title.fallback)
    if len(draft.milestones) > MOST_MILESTONES or len(draft.dependencies) > MOST_DEPENDENCIES:
        raise InvalidInput(where=_("File"), reason=_too_large_text(slug))
    return draft


def _too_large_text(slug: str) -> str:
    return _(
        "this is too large for a page: expected at most %(size)s MB, %(milestones)s milestones and"
        " %(dependencies)s dependencies. Whoever runs the platform can import it with"
        " “flask roadmap import FILE --slug %(slug)s”. Nothing was changed",
        size=LARGEST // 1_000_000,
        milestones=MOST_MILESTONES,
        dependencies=MOST_DEPENDENCIES,
        slug=slug,
    )


def _problems(refusal: WaymarkError) -> list[tuple[str, str]]:
    if isinstance(refusal, UnreadableRoadmap):
        return [(problem.where, problem.reason) for problem in refusal.found]
    message, advice = describe(refusal)
    return [("", f"{message} {advice}".strip())]


def _page(slug: str, *, problems: list[tuple[str, str]] | None = None) -> str:
    session = read_session()
    return render_template(
        "roadmap_desk/files.html",
        roadmap=get_roadmap(session, slug=slug),
        formats=_format_texts(),
        problems=(problems or [])[:_SHOWN],
        count=len(problems or []),
        largest=LARGEST // 1_000_000,
        most_milestones=MOST_MILESTONES,
        most_dependencies=MOST_DEPENDENCIES,
    )


def _format_texts() -> list[tuple[str, str, str]]:
    return [
        ("xlsx", _("Workbook (.xlsx)"), _("for people: everything, with lists to choose from")),
        ("csv", _("Tables (.zip of CSV files)"), _("for programs: everything")),
        ("json", _("JSON"), _("for programs: everything, with a published schema")),
        ("graphml", _("GraphML"), _("for networkx, yEd, Gephi: everything")),
        ("msproject", _("Microsoft Project XML"),
         _("for planning tools: tasks, links and dates, names in one language")),
    ]  # fmt: skip


def _preview(slug: str, key: str, refusal: WaymarkError | None) -> str:
    session = read_session()
    files = find_files(key, account_id=current_user.account_id)
    draft = _read(slug, files)
    found = preview_import(session, slug=slug, draft=draft, now=utc_now())
    lines = change_lines(found.changes)
    return render_template(
        "roadmap_desk/file_preview.html",
        roadmap=get_roadmap(session, slug=slug),
        files=list(files),
        found=found,
        lines=[(kind, each[:_SHOWN], len(each)) for kind, each in lines],
        before_start=found.before_start[:_SHOWN],
        reason=request.form.get("reason", ""),
        error=describe(refusal) if refusal is not None else None,
        field_title=field_title,
    )
