"""Building a questionnaire in the browser: outline, sections, questions, settings, undo.

Every change is a step (``making.steps``); pages carry the step they were made from, so that of
two people at once the second is told instead of overwriting the first.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.builder_forms import (
    CONDITION_LINES,
    SPARE_LINES,
    condition_menu,
    own_fields,
    read_question,
    read_section,
)
from app.builder_names import COMPARISONS_OF, referable
from app.builder_steps import OUTLINE_EDITS, Edit, draft_of, part_of, take
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from app.question_types import (
    ACTION_LABELS,
    COMPARISON_LABELS,
    TYPE_GROUPS,
    TYPE_HINTS,
    TYPE_LABELS,
)
from core.clock import utc_now
from core.errors import NotFound, WaymarkError
from core.text import LANGUAGES
from roadmap.asking import ABOUT_MILESTONES, ABOUT_PARAGRAPHS
from surveys.consultations import get_consultation
from surveys.making import editing
from surveys.making.building import begin_draft_version, find_draft_version, find_issues
from surveys.making.editing import Document
from surveys.making.steps import redo_step, steps_around, undo_step
from surveys.making.translation import completeness_of
from surveys.models import QuestionnaireVersion
from surveys.uploads import KINDS

blueprint = Blueprint("builder", __name__, url_prefix="/desk/consultations/<slug>/questionnaire")


@blueprint.get("/")
@requires("consultation.manage")
def show(slug: str) -> str:
    """The outline of the version in the making, or what there is to begin from."""
    return _outline(slug, None)


@blueprint.post("/begin")
@requires("consultation.manage")
def begin(slug: str) -> Response:
    """Begin a version in the making, like the one that is published."""
    session = write_session()
    consultation = get_consultation(session, slug=slug)
    begin_draft_version(session, consultation=consultation, actor=current_actor(), now=utc_now())
    commit()
    return redirect(url_for(".show", slug=slug), 303)


@blueprint.post("/step/<action>")
@requires("consultation.manage")
def step(slug: str, action: str) -> Response | tuple[str, int]:
    """One of the outline's actions, on the part whose code is in the form."""
    edit = OUTLINE_EDITS.get(action)
    if edit is None:
        raise NotFound(what=_("This action"))
    code = request.form.get("code", "")
    try:
        changed, subject = take(
            slug, lambda document: edit(document, code),
            part_of(code, whole=action == "section_deleted"),
        )  # fmt: skip
    except WaymarkError as refusal:
        write_session().rollback()
        return _outline(slug, describe(refusal)), status_of(refusal)
    if action == "question_added":
        return redirect(url_for(".question", slug=slug, code=subject), 303)
    if action == "section_added":
        return redirect(url_for(".section", slug=slug, code=subject), 303)
    anchor = f"part-{subject}" if _is_there(changed, subject) else "outline"
    return redirect(url_for(".show", slug=slug, _anchor=anchor), 303)


@blueprint.post("/undo")
@requires("consultation.manage")
def undo(slug: str) -> Response | tuple[str, int]:
    return _go(slug, undo_step, _("Undone: %(action)s."))


@blueprint.post("/redo")
@requires("consultation.manage")
def redo(slug: str) -> Response | tuple[str, int]:
    return _go(slug, redo_step, _("Done again: %(action)s."))


@blueprint.get("/questions/<code>")
@requires("consultation.manage")
def question(slug: str, code: str) -> str:
    return _question_page(slug, code, None, {}, None)


@blueprint.post("/questions/<code>")
@requires("consultation.manage")
def change_question(slug: str, code: str) -> Response | tuple[str, int]:
    """Save the question; more lines, another type and another code come the same way."""
    problems: dict[str, str] = {}
    renamed = request.form.get("code", "").strip() or code
    kind = request.form.get("type", "")

    def edit(document: Document) -> Edit:
        part = editing.find_question(document, code)
        if part is None:
            raise editing.InvalidEdit(reason=f"there is no question {code[:64]} any more")
        fields, found = read_question(request.form, part, _language(document), referable(document))
        problems.update(found)
        changed = editing.change_question(document, code=code, fields=fields)
        action = "question_changed"
        if kind and kind != part["type"]:
            changed, action = editing.change_type(changed, code=code, kind=kind), "type_changed"
        if renamed != code:
            changed = editing.rename_code(changed, code=code, to=renamed)
        return changed, action, renamed

    try:
        take(slug, edit, part_of(code), keep=lambda: not problems)
    except WaymarkError as refusal:
        write_session().rollback()
        return _question_page(slug, code, request.form, {}, describe(refusal)), status_of(refusal)
    if problems:
        return _question_page(slug, code, request.form, problems, None), 422
    if request.form.get("then") == "outline":
        return redirect(url_for(".show", slug=slug, _anchor=f"part-{renamed}"), 303)
    flash(_("The question is saved."), "success")
    return redirect(_with_language(url_for(".question", slug=slug, code=renamed)), 303)


@blueprint.get("/sections/<code>")
@requires("consultation.manage")
def section(slug: str, code: str) -> str:
    return _section_page(slug, code, None, {}, None)


@blueprint.post("/sections/<code>")
@requires("consultation.manage")
def change_section(slug: str, code: str) -> Response | tuple[str, int]:
    problems: dict[str, str] = {}
    renamed = request.form.get("code", "").strip() or code

    def edit(document: Document) -> Edit:
        part = editing.find_section(document, code)
        if part is None:
            raise editing.InvalidEdit(reason=f"there is no section {code[:64]} any more")
        fields, found = read_section(request.form, part, _language(document), referable(document))
        problems.update(found)
        changed = editing.change_section(document, code=code, fields=fields)
        if renamed != code:
            changed = editing.rename_code(changed, code=code, to=renamed)
        return changed, "section_changed", renamed

    try:
        take(slug, edit, part_of(code, whole=False), keep=lambda: not problems)
    except WaymarkError as refusal:
        write_session().rollback()
        return _section_page(slug, code, request.form, {}, describe(refusal)), status_of(refusal)
    if problems:
        return _section_page(slug, code, request.form, problems, None), 422
    return redirect(url_for(".show", slug=slug, _anchor=f"part-{renamed}"), 303)


@blueprint.get("/settings")
@requires("consultation.manage")
def settings(slug: str) -> str:
    return _settings_page(slug, None)


@blueprint.post("/settings")
@requires("consultation.manage")
def change_settings(slug: str) -> Response | tuple[str, int]:
    """Title, introduction, languages and layout."""

    def edit(document: Document) -> Edit:
        fallback = request.form.get("fallback", "")
        if fallback not in (*LANGUAGES, *document["languages"]):
            fallback = document["languages"][0]
        chosen = [code for code in LANGUAGES if code in request.form.getlist("languages")]
        kept = [code for code in document["languages"] if code not in LANGUAGES]
        languages = [fallback, *(code for code in chosen + kept if code != fallback)]
        language = _language(document)
        texts = {}
        for name in ("title", "description"):
            words = dict(document.get(name) or {})
            words[language] = request.form.get(name, "").strip()
            texts[name] = {code: text for code, text in words.items() if text}
        fields = {
            "title": texts["title"],
            "description": texts["description"] or None,
            "languages": languages,
            "layout": "one_page" if request.form.get("layout") == "one_page" else None,
        }
        return editing.change_document(document, fields=fields), "settings_changed", ""

    try:
        take(slug, edit, editing.settings_of)
    except WaymarkError as refusal:
        write_session().rollback()
        return _settings_page(slug, describe(refusal)), status_of(refusal)
    flash(_("The settings are saved."), "success")
    return redirect(url_for(".show", slug=slug), 303)


def _go(slug: str, way: Callable[..., Any], message: str) -> Response | tuple[str, int]:
    session = write_session()
    try:
        consultation = get_consultation(session, slug=slug)
        version = begin_draft_version(
            session, consultation=consultation, actor=current_actor(), now=utc_now()
        )
        taken = way(session, version=version)
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _outline(slug, describe(refusal)), status_of(refusal)
    flash(message % {"action": _step_text(taken)}, "info")
    return redirect(url_for(".show", slug=slug), 303)


def _step_text(edit: Any) -> str:
    label = str(ACTION_LABELS.get(edit.action, edit.action))
    return f"{label} ({edit.subject})" if edit.subject else label


def _is_there(document: Document, code: str) -> bool:
    return (
        editing.find_question(document, code) is not None
        or editing.find_section(document, code) is not None
    )


def _language(document: Document) -> str:
    """The language in which texts are edited: what was asked for, else the first."""
    wanted = request.values.get("in", "")
    languages: list[str] = document["languages"]
    return wanted if wanted in languages else languages[0]


def _with_language(address: str) -> str:
    wanted = request.values.get("in", "")
    return f"{address}?in={wanted}" if wanted else address


def _outline(slug: str, error: tuple[str, str] | None) -> str:
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    version = find_draft_version(session, consultation=consultation)
    shown = version
    if shown is None and consultation.current_version_id is not None:
        shown = session.get_one(QuestionnaireVersion, consultation.current_version_id)
    undone, again = steps_around(session, version=version) if version else (None, None)
    issues = find_issues(version.definition) if version else []
    document = shown.definition if shown else None
    return render_template(
        "builder/outline.html",
        consultation=consultation,
        version=version,
        shown=shown,
        document=document,
        issues=issues,
        issues_of={issue.question or f"section:{issue.section}" for issue in issues},
        undo=_step_text(undone) if undone else "",
        redo=_step_text(again) if again else "",
        completeness=completeness_of(document) if document else {},
        type_labels=TYPE_LABELS,
        type_groups=TYPE_GROUPS,
        error=error,
    )


def _page_context(
    slug: str, error: tuple[str, str] | None, problems: dict[str, str], form: Any
) -> dict[str, Any]:
    consultation, version = draft_of(slug)
    document = version.definition
    return {
        "consultation": consultation,
        "version": version,
        "document": document,
        "language": _language(document),
        "fallback": document["languages"][0],
        "seen": version.edit_position,
        "overtaken": bool(form) and form.get("seen") not in (None, str(version.edit_position)),
        "names": referable(document),
        "comparisons": COMPARISON_LABELS,
        "comparisons_of": COMPARISONS_OF,
        "condition_lines": CONDITION_LINES,
        "error": error,
        "problems": problems,
        "form": form,
    }


def _question_page(
    slug: str, code: str, form: Any, problems: dict[str, str], error: tuple[str, str] | None
) -> str:
    context = _page_context(slug, error, problems, form)
    document = context["document"]
    part = editing.find_question(document, code)
    if part is None:
        raise NotFound(what=_("This question"))
    mode, lines = condition_menu(part.get("show_if"), context["names"])
    return render_template(
        "builder/question.html",
        **context,
        part=part,
        fields=own_fields(part["type"]),
        issues=[issue for issue in find_issues(document) if issue.question == code],
        mode=mode,
        lines=lines,
        spare=SPARE_LINES,
        type_labels=TYPE_LABELS,
        type_groups=TYPE_GROUPS,
        type_hints=TYPE_HINTS,
        upload_kinds=KINDS,
        about_roadmap=ABOUT_MILESTONES + ABOUT_PARAGRAPHS,
        neighbours=_neighbours(document, code),
    )


def _neighbours(document: Document, code: str) -> tuple[str, str]:
    codes = [part["code"] for part in editing.questions_of(document)]
    place = codes.index(code)
    before = codes[place - 1] if place else ""
    return before, codes[place + 1] if place + 1 < len(codes) else ""


def _section_page(
    slug: str, code: str, form: Any, problems: dict[str, str], error: tuple[str, str] | None
) -> str:
    context = _page_context(slug, error, problems, form)
    part = editing.find_section(context["document"], code)
    if part is None:
        raise NotFound(what=_("This section"))
    mode, lines = condition_menu(part.get("show_if"), context["names"])
    issues = find_issues(context["document"])
    return render_template(
        "builder/section.html",
        **context,
        part=part,
        issues=[issue for issue in issues if issue.section == code and not issue.question],
        mode=mode,
        lines=lines,
    )


def _settings_page(slug: str, error: tuple[str, str] | None) -> str:
    return render_template(
        "builder/settings.html",
        **_page_context(slug, error, {}, None),
        all_languages=LANGUAGES,
        completeness=completeness_of(draft_of(slug)[1].definition),
    )
