"""What a questionnaire can take from elsewhere: blocks of the library, milestones of a roadmap."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.background_block import SLUG as BACKGROUND
from app.background_block import background_block
from app.builder_steps import Edit, draft_of, part_of, take
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from app.question_types import TYPE_LABELS
from core.clock import utc_now
from core.errors import InvalidInput, NotFound, WaymarkError
from roadmap.asking import (
    ABOUT_MILESTONES,
    ABOUT_PARAGRAPHS,
    choose_milestones,
    choose_paragraphs,
    question_fields,
)
from roadmap.models import Agenda
from roadmap.roadmaps import get_roadmap, list_roadmaps
from roadmap.writing.reading import list_chapters
from surveys.making import editing
from surveys.making.blocks import delete_block, get_block, list_blocks, save_block, section_of
from surveys.making.editing import Document

blueprint = Blueprint(
    "question_library", __name__, url_prefix="/desk/consultations/<slug>/questionnaire"
)


@blueprint.get("/blocks")
@requires("consultation.manage")
def blocks(slug: str) -> str:
    """The library, and which sections could be kept in it."""
    return _blocks_page(slug, None)


@blueprint.post("/blocks/insert")
@requires("consultation.manage")
def insert(slug: str) -> Response | tuple[str, int]:
    """Put a copy of a block into the version in the making."""
    name = request.form.get("block", "")

    def edit(document: Document) -> Edit:
        if name == BACKGROUND:
            part = background_block(document["languages"])
        else:
            part = section_of(get_block(write_session(), slug=name))
        after = request.form.get("after") or None
        changed, code = editing.insert_section(document, part, after=after)
        if request.form.get("first"):
            changed = editing.move_section(changed, code=code, to=0)
        return changed, "block_inserted", code

    try:
        _document, code = take(slug, edit, part_of(""))
    except WaymarkError as refusal:
        write_session().rollback()
        return _blocks_page(slug, describe(refusal)), status_of(refusal)
    return redirect(url_for("builder.show", slug=slug, _anchor=f"part-{code}"), 303)


@blueprint.post("/blocks/save")
@requires("consultation.manage")
def keep(slug: str) -> Response | tuple[str, int]:
    """Keep a section in the library."""
    session = write_session()
    try:
        name = request.form.get("name", "")
        if name.strip().lower() == BACKGROUND:
            raise InvalidInput(where="name", reason=_("this name is taken"))
        save_block(
            session, slug=name, document=draft_of(slug)[1].definition,
            section=request.form.get("section", ""), actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _blocks_page(slug, describe(refusal)), status_of(refusal)
    flash(_("The section is in the library."), "success")
    return redirect(url_for(".blocks", slug=slug), 303)


@blueprint.post("/blocks/delete")
@requires("consultation.manage")
def forget(slug: str) -> Response | tuple[str, int]:
    session = write_session()
    try:
        delete_block(
            session, slug=request.form.get("block", ""), actor=current_actor(), now=utc_now()
        )
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _blocks_page(slug, describe(refusal)), status_of(refusal)
    flash(_("The block is deleted; copies of it stay."), "success")
    return redirect(url_for(".blocks", slug=slug), 303)


@blueprint.get("/questions/<code>/roadmap")
@requires("consultation.manage")
def from_roadmap(slug: str, code: str) -> str:
    """Choose milestones to ask about."""
    return _roadmap_page(slug, code, None)


@blueprint.post("/questions/<code>/roadmap")
@requires("consultation.manage")
def take_from_roadmap(slug: str, code: str) -> Response | tuple[str, int]:
    """Replace the options of a question by milestones of a draft roadmap."""

    def edit(document: Document) -> Edit:
        part = _question(document, code)
        roadmap = get_roadmap(write_session(), slug=request.form.get("roadmap", ""))
        codes = request.form.get("codes", "").replace(",", " ").split()
        usual = "chapters" if list_chapters(write_session(), roadmap=roadmap) else "milestones"
        of_chapters = (
            part["type"] in ABOUT_PARAGRAPHS and request.form.get("what", usual) == "chapters"
        )
        fields = question_fields(
            roadmap,
            kind=part["type"],
            languages=document["languages"],
            milestones=[]
            if of_chapters
            else choose_milestones(
                roadmap,
                area=request.form.get("area", ""),
                agenda=request.form.get("agenda", ""),
                codes=codes,
            ),
            paragraphs=choose_paragraphs(
                write_session(), roadmap, chapter=request.form.get("chapter", ""), codes=codes
            )
            if of_chapters
            else [],
        )
        if not fields["options"]:
            reason = (
                _("no paragraph fits what you chose")
                if of_chapters
                else _("no milestone fits what you chose")
            )
            raise InvalidInput(where="roadmap", reason=reason)
        return editing.change_question(document, code=code, fields=fields), "options_filled", code

    try:
        take(slug, edit, part_of(code))
    except WaymarkError as refusal:
        write_session().rollback()
        return _roadmap_page(slug, code, describe(refusal)), status_of(refusal)
    flash(_("The options are taken from the roadmap."), "success")
    return redirect(url_for("builder.question", slug=slug, code=code), 303)


def _question(document: Document, code: str) -> dict[str, Any]:
    part = editing.find_question(document, code)
    if part is None or part["type"] not in ABOUT_MILESTONES + ABOUT_PARAGRAPHS:
        raise NotFound(what=_("This question"))
    return part


def _blocks_page(slug: str, error: tuple[str, str] | None) -> str:
    consultation, version = draft_of(slug)
    return render_template(
        "builder/blocks.html",
        consultation=consultation,
        version=version,
        document=version.definition,
        background=BACKGROUND,
        blocks=list_blocks(read_session()),
        error=error,
    )


def _roadmap_page(slug: str, code: str, error: tuple[str, str] | None) -> str:
    consultation, version = draft_of(slug)
    version_part = _question(version.definition, code)
    roadmaps = list_roadmaps(read_session())
    return render_template(
        "builder/from_roadmap.html",
        consultation=consultation,
        version=version,
        part=version_part,
        type_labels=TYPE_LABELS,
        roadmaps=roadmaps,
        areas={area.code: area.title for roadmap in roadmaps for area in roadmap.areas},
        agendas=[agenda.value for agenda in Agenda],
        about_paragraphs=version_part["type"] in ABOUT_PARAGRAPHS,
        chapters={
            chapter.code: chapter.title
            for roadmap in roadmaps
            for chapter, _paragraphs in list_chapters(read_session(), roadmap=roadmap)
        },
        error=error,
    )
