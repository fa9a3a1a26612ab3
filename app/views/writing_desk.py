"""The desk for the draft's wording: its chapters, and how far each language is."""

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from app.i18n import current_language
from app.writing_texts import STAGES, SUGGESTION_STATES, VERSION_KINDS
from core.clock import utc_now
from core.errors import WaymarkError
from core.text import LANGUAGES
from roadmap.models import Milestone, Roadmap
from roadmap.roadmaps import as_value, get_roadmap
from roadmap.writing.chapters import (
    add_chapter,
    change_chapter,
    get_chapter,
    list_chapters,
    move_chapter,
    read_chapters,
    remove_chapter,
    restore_chapter,
)
from roadmap.writing.completeness import count_languages
from roadmap.writing.paragraphs import add_paragraph, language_standings
from roadmap.writing.participation import check_may_take_part, find_candidate_in_review
from roadmap.writing.reading import count_waiting

blueprint = Blueprint("writing_desk", __name__, url_prefix="/desk/roadmaps/<slug>/writing")


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {
        "version_kinds": VERSION_KINDS,
        "suggestion_states": SUGGESTION_STATES,
        "review_stages": STAGES,
    }


@blueprint.get("/")
@requires("draft.comment")
def index(slug: str) -> str:
    return _overview(slug, None, {})


@blueprint.post("/")
@requires("draft.write")
def add(slug: str) -> Response | tuple[str, int]:
    session = write_session()
    code = request.form.get("code", "").strip()
    try:
        add_chapter(
            session,
            roadmap=get_roadmap(session, slug=slug),
            code=code,
            title={request.form.get("language", ""): request.form.get("title", "")},
            area=request.form.get("area", ""),
            actor=current_actor(),
            now=utc_now(),
        )
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _overview(slug, describe(refusal), request.form), status_of(refusal)
    flash(_("The chapter is there. Write its first paragraph."), "success")
    return redirect(url_for(".chapter", slug=slug, code=code), 303)


@blueprint.get("/chapters/<code>")
@requires("draft.comment")
def chapter(slug: str, code: str) -> str:
    return _chapter_page(slug, code, None, {})


@blueprint.post("/chapters/<code>")
@requires("draft.write")
def change(slug: str, code: str) -> Response | tuple[str, int]:
    """Titles in all languages, and the area."""
    session = write_session()
    form = request.form
    try:
        change_chapter(
            session,
            roadmap=get_roadmap(session, slug=slug),
            code=code,
            title={each: form.get(f"title-{each}", "") for each in LANGUAGES},
            seen={each: form.get(f"was-{each}", "") for each in LANGUAGES},
            area=form.get("area", ""),
            actor=current_actor(),
            now=utc_now(),
        )
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _chapter_page(slug, code, describe(refusal), form), status_of(refusal)
    flash(_("Saved."), "success")
    return redirect(url_for(".chapter", slug=slug, code=code), 303)


@blueprint.post("/chapters/<code>/paragraphs")
@requires("draft.write")
def write(slug: str, code: str) -> Response | tuple[str, int]:
    """A new paragraph in this chapter."""
    session = write_session()
    form = request.form
    place = form.get("position", "")
    try:
        paragraph = add_paragraph(
            session,
            roadmap=get_roadmap(session, slug=slug),
            chapter=code,
            code=form.get("code", ""),
            text={form.get("language", ""): form.get("text", "")},
            position=int(place) if place.isdecimal() and len(place) < 6 else None,
            actor=current_actor(),
            now=utc_now(),
        ).code
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _chapter_page(slug, code, describe(refusal), form), status_of(refusal)
    flash(_("Paragraph %(code)s is there.", code=paragraph), "success")
    address = url_for(".chapter", slug=slug, code=code, language=form.get("language"))
    return redirect(f"{address}#{paragraph}", 303)


@blueprint.post("/chapters/<code>/move")
@requires("draft.write")
def move(slug: str, code: str) -> Response:
    session = write_session()
    place = request.form.get("position", "")
    move_chapter(
        session, roadmap=get_roadmap(session, slug=slug), code=code,
        position=int(place) if place.isdecimal() and len(place) < 6 else 1,
        actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    return redirect(f"{url_for('.index', slug=slug)}#chapters", 303)


@blueprint.post("/chapters/<code>/remove")
@requires("draft.write")
def remove(slug: str, code: str) -> Response:
    session = write_session()
    remove_chapter(
        session, roadmap=get_roadmap(session, slug=slug), code=code,
        reason=request.form.get("reason", ""), actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    flash(_("The chapter is taken out. It can be restored below, with all it had."), "success")
    return redirect(f"{url_for('.index', slug=slug)}#removed", 303)


@blueprint.post("/chapters/<code>/restore")
@requires("draft.write")
def restore(slug: str, code: str) -> Response:
    session = write_session()
    restore_chapter(
        session, roadmap=get_roadmap(session, slug=slug), code=code,
        actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    flash(_("The chapter is back, at the end."), "success")
    return redirect(url_for(".chapter", slug=slug, code=code), 303)


def chosen_language(name: str, otherwise: str) -> str:
    """The language that the address or the form asks for."""
    wanted = request.values.get(name, "")
    return wanted if wanted in LANGUAGES else otherwise


def milestone_address(slug: str, code: str) -> str:
    """Where a milestone's own wording is changed; for who may not, where it is read."""
    if "milestone_desk.show" in current_app.view_functions:
        return url_for("milestone_desk.show", slug=slug, code=code)
    return url_for("roadmaps.milestone", slug=slug, code=code)


def _overview(slug: str, error: tuple[str, str] | None, typed: Mapping[str, str]) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    check_may_take_part(session, roadmap=roadmap, roles=current_user.roles)
    standings = language_standings(session, roadmap=roadmap)
    return render_template(
        "writing/index.html",
        roadmap=roadmap,
        chapters=list_chapters(session, roadmap=roadmap),
        removed=list_chapters(session, roadmap=roadmap, removed=True),
        counts=count_languages(
            read_chapters(roadmap), [as_value(each) for each in roadmap.milestones], standings
        ),
        candidate=find_candidate_in_review(session, roadmap=roadmap),
        waiting=count_waiting(session, roadmap=roadmap),
        language=current_language(),
        typed=typed,
        error=error,
    )


def _chapter_page(
    slug: str, code: str, error: tuple[str, str] | None, typed: Mapping[str, str]
) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    check_may_take_part(session, roadmap=roadmap, roles=current_user.roles)
    home = get_chapter(session, roadmap=roadmap, code=code)
    entries = list_chapters(session, roadmap=roadmap, removed=home.removed_at is not None)
    paragraphs = next(found for each, found in entries if each.code == code)
    language = chosen_language("language", current_language())
    beside = chosen_language("beside", "")
    return render_template(
        "writing/chapter.html",
        roadmap=roadmap,
        chapter=home,
        paragraphs=paragraphs,
        gone=[each for each in home.paragraphs if each.removed_at is not None],
        others=[each for each, _found in entries],
        milestones=_milestones_of(roadmap, home.area.code) if home.area else [],
        milestone_address=milestone_address,
        standings=language_standings(session, roadmap=roadmap),
        waiting=count_waiting(session, roadmap=roadmap),
        language=language,
        beside=beside if beside != language else "",
        typed=typed,
        error=error,
    )


def _milestones_of(roadmap: Roadmap, area: str) -> list[Milestone]:
    """The milestones of an area and of its parts, at any depth."""
    inside = {area}
    while more := {
        each.code
        for each in roadmap.areas
        if each.parent is not None and each.parent.code in inside and each.code not in inside
    }:
        inside |= more
    return [each for each in roadmap.milestones if each.area.code in inside]
