"""Versions of a questionnaire: publish the one in the making, compare two, import and export."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.builder_names import place_of, value_in_words, version_number
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from app.question_types import FIELD_LABELS
from core.clock import utc_now
from core.errors import InvalidInput, WaymarkError
from surveys.consultations import add_version, get_consultation, get_version, publish_version
from surveys.definition import parse_definition
from surveys.errors import InvalidQuestionnaire
from surveys.exporting import EXPORT_FORMATS, FILE_TYPES, export_questionnaire
from surveys.imports import guess_format, read_questionnaire
from surveys.making.building import find_draft_version, find_issues
from surveys.making.differences import compare_documents

blueprint = Blueprint(
    "questionnaire_versions", __name__, url_prefix="/desk/consultations/<slug>/questionnaire"
)
blueprint.add_app_template_global(place_of, "place_of")
blueprint.add_app_template_global(value_in_words, "value_in_words")
blueprint.add_app_template_global(FIELD_LABELS, "field_labels")


@blueprint.get("/versions")
@requires("consultation.manage")
def index(slug: str) -> str:
    """All versions, and the way in and out of files."""
    return _page(slug, None)


@blueprint.get("/publish")
@requires("consultation.manage")
def confirm(slug: str) -> str:
    """What is about to be published: what is wrong with it, and what changed."""
    return _confirm_page(slug, None)


@blueprint.post("/publish")
@requires("consultation.manage")
def publish(slug: str) -> Response | tuple[str, int]:
    """Freeze the version in the making and put it before people."""
    session = write_session()
    try:
        consultation = get_consultation(session, slug=slug)
        version = find_draft_version(session, consultation=consultation)
        if version is None:
            raise InvalidInput(where="version", reason=_("no version is in the making"))
        if version.sha256 != request.form.get("sha256"):
            raise InvalidInput(where="version", reason=_("it was changed since you looked at it"))
        publish_version(
            session, consultation=consultation, version=version, actor=current_actor(),
            now=utc_now(), anyway=request.form.get("anyway") == "yes",
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _confirm_page(slug, describe(refusal)), status_of(refusal)
    flash(_("Version %(number)s is published and frozen.", number=version.number), "success")
    return redirect(url_for("builder.show", slug=slug), 303)


@blueprint.get("/differences")
@requires("consultation.manage")
def differences(slug: str) -> str:
    """What changed from one version to another."""
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    numbers = [version.number for version in consultation.versions]
    last = request.args.get("to", numbers[-1] if numbers else None, type=version_number)
    first = request.args.get("from", max(1, (last or 2) - 1), type=version_number)
    before = get_version(session, consultation=consultation, number=first)
    after = get_version(session, consultation=consultation, number=last)
    return render_template(
        "builder/differences.html",
        consultation=consultation,
        versions=list(consultation.versions),
        before=before,
        after=after,
        differences=compare_documents(before.definition, after.definition),
    )


@blueprint.get("/export/<kind>")
@requires("consultation.manage")
def export(slug: str, kind: str) -> Response:
    """The questionnaire as a file; what the format cannot say is listed on the page of versions."""
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    version = get_version(
        session, consultation=consultation, number=request.args.get("version", type=version_number)
    )
    exported = export_questionnaire(parse_definition(version.definition), kind)
    ending, media_type = FILE_TYPES[kind]
    response = make_response(exported.data)
    response.headers["Content-Type"] = media_type
    name = f"{slug}-{version.number}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.post("/import")
@requires("consultation.manage")
def bring_in(slug: str) -> str | tuple[str, int]:
    """A file becomes the state of the version in the making, as one step that can be undone."""
    session = write_session()
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise InvalidInput(where="file", reason=_("choose a file"))
        data = file.read()
        imported = read_questionnaire(data, format=guess_format(data))
        consultation = get_consultation(session, slug=slug)
        add_version(
            session, consultation=consultation, definition=imported.document,
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        flash(_("The file is imported; it can be undone."), "success")
        page = _page(slug, None, lost=list(imported.lost))
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _page(slug, describe(refusal)), status_of(refusal)
    return page


def _page(slug: str, error: tuple[str, str] | None, lost: list[Any] | None = None) -> str:
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    newest = consultation.versions[-1] if consultation.versions else None
    return render_template(
        "builder/versions.html",
        consultation=consultation,
        versions=list(reversed(consultation.versions)),
        formats=_formats(newest.definition) if newest else [],
        newest=newest,
        lost=lost,
        error=error,
    )


def _formats(definition: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """(format, what it would lose) of each that the questionnaire can be written in."""
    if any(issue.blocks for issue in find_issues(definition)):
        return []
    questionnaire = parse_definition(definition)
    return [(kind, export_questionnaire(questionnaire, kind).lost) for kind in EXPORT_FORMATS]


def _confirm_page(slug: str, error: tuple[str, str] | None) -> str:
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    version = find_draft_version(session, consultation=consultation)
    published = None
    if consultation.current_version_id is not None:
        published = next(
            v for v in consultation.versions if v.id == consultation.current_version_id
        )
    return render_template(
        "builder/publish.html",
        consultation=consultation,
        version=version,
        published=published,
        issues=find_issues(version.definition) if version else [],
        sound=version is not None and _is_sound(version.definition),
        differences=(
            compare_documents(published.definition, version.definition)
            if version and published
            else []
        ),
        error=error,
    )


def _is_sound(definition: dict[str, Any]) -> bool:
    """Whether it could be published, perhaps in spite of conditions that can never hold."""
    try:
        parse_definition(definition)
    except InvalidQuestionnaire:
        return False
    return True
