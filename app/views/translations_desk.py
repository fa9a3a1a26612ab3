"""Translating a questionnaire side by side, or by file for translators (XLIFF 2)."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.builder_steps import draft_of
from app.database import commit, write_session
from app.errors import describe, status_of
from core.clock import utc_now
from core.errors import InvalidInput, NotFound, WaymarkError
from core.text import LANGUAGES
from surveys.consultations import get_consultation
from surveys.formats.xliff import read_xliff, write_xliff
from surveys.making.building import (
    find_draft_version,
    freeze_for_translation,
    unfreeze_after_translation,
)
from surveys.making.steps import take_step
from surveys.making.translation import completeness_of, units_of, with_translations
from surveys.models import QuestionnaireVersion

blueprint = Blueprint(
    "translations_desk", __name__,
    url_prefix="/desk/consultations/<slug>/questionnaire/translations",
)  # fmt: skip

PAGE = 40
"""How many texts stand on one page."""


@blueprint.get("/")
@requires("consultation.manage")
def index(slug: str) -> str:
    """How far each language is; out for translation or not."""
    return _index(slug, None)


@blueprint.post("/freeze")
@requires("consultation.manage")
def freeze(slug: str) -> Response | tuple[str, int]:
    """Send out for translation, or end that."""
    session = write_session()
    try:
        version = _version(slug)
        use_case = unfreeze_after_translation if request.form.get("end") else freeze_for_translation
        use_case(session, version=version, actor=current_actor(), now=utc_now())
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _index(slug, describe(refusal)), status_of(refusal)
    return redirect(url_for(".index", slug=slug), 303)


@blueprint.get("/<language>")
@requires("consultation.manage")
def side_by_side(slug: str, language: str) -> str:
    return _side_by_side(slug, language, None, {})


@blueprint.post("/<language>")
@requires("consultation.manage")
def save(slug: str, language: str) -> Response | tuple[str, int]:
    """Save the texts of this page; those somebody else changed meanwhile are not touched."""
    session = write_session()
    typed = {
        field.removeprefix("text-"): value.replace("\r\n", "\n")
        for field, value in request.form.items()
        if field.startswith("text-")
    }
    try:
        version = _version(slug)
        known = {unit.key: unit.texts.get(language, "") for unit in units_of(version.definition)}
        # Only what was changed on this page: two people may translate at once.
        changed = {
            key: text
            for key, text in typed.items()
            if key in known and text != request.form.get(f"was-{key}", "")
        }
        clashes = [
            key
            for key, text in changed.items()
            if known[key] not in (request.form.get(f"was-{key}", ""), text)
        ]
        if clashes:
            raise InvalidInput(
                where=clashes[0], reason=_("somebody else translated this text meanwhile")
            )
        document = with_translations(version.definition, language, changed)
        take_step(
            session, version=version, document=document, action="translated", subject=language,
            now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _side_by_side(slug, language, describe(refusal), typed), status_of(refusal)
    flash(ngettext("%(num)d text is saved.", "%(num)d texts are saved.", len(changed)), "success")
    return redirect(
        url_for(
            ".side_by_side", slug=slug, language=language, page=request.form.get("page", 1),
            only=request.form.get("only") or None,
        ), 303,
    )  # fmt: skip


@blueprint.get("/<language>/file")
@requires("consultation.manage")
def export(slug: str, language: str) -> Response:
    """The texts as XLIFF 2 for a translator."""
    _consultation, version = draft_of(slug)
    response = make_response(write_xliff(version.definition, language=language, name=slug))
    response.headers["Content-Type"] = "application/xliff+xml"
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{language}.xlf"'
    return response


@blueprint.post("/file")
@requires("consultation.manage")
def bring_in(slug: str) -> str | tuple[str, int]:
    """What a translator sent back; what does not fit is named, the rest is taken over."""
    session = write_session()
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise InvalidInput(where="file", reason=_("choose a file"))
        version = _version(slug)
        found = read_xliff(file.read(), version.definition)
        document = with_translations(version.definition, found.language, found.texts)
        take_step(
            session, version=version, document=document, action="translated",
            subject=found.language, now=utc_now(),
        )  # fmt: skip
        flash(
            ngettext(
                "%(num)d text in %(language)s is taken over.",
                "%(num)d texts in %(language)s are taken over.",
                len(found.texts),
                language=LANGUAGES.get(found.language, found.language),
            ),
            "success",
        )
        page = _index(slug, None, refused=found.refused)
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _index(slug, describe(refusal)), status_of(refusal)
    return page


def _version(slug: str) -> QuestionnaireVersion:
    session = write_session()
    version = find_draft_version(session, consultation=get_consultation(session, slug=slug))
    if version is None:
        raise NotFound(what=_("A questionnaire in the making"))
    return version


def _index(
    slug: str, error: tuple[str, str] | None, refused: tuple[tuple[str, str], ...] = ()
) -> str:
    consultation, version = draft_of(slug)
    return render_template(
        "builder/translations.html",
        consultation=consultation,
        version=version,
        fallback=version.definition["languages"][0],
        completeness=completeness_of(version.definition),
        refused=refused,
        error=error,
    )


def _side_by_side(
    slug: str, language: str, error: tuple[str, str] | None, typed: dict[str, str]
) -> str:
    consultation, version = draft_of(slug)
    languages = version.definition["languages"]
    if language not in languages[1:]:
        raise NotFound(what=_("This language"))
    units = units_of(version.definition)
    missing = request.values.get("only") == "missing"
    shown = [unit for unit in units if not missing or not unit.texts.get(language)]
    pages = max(1, -(-len(shown) // PAGE))
    page = min(max(1, request.values.get("page", 1, type=int)), pages)
    return render_template(
        "builder/side_by_side.html",
        consultation=consultation,
        version=version,
        language=language,
        fallback=languages[0],
        units=shown[(page - 1) * PAGE : page * PAGE],
        page=page,
        pages=pages,
        only="missing" if missing else "",
        done=completeness_of(version.definition)[language],
        typed=typed,
        error=error,
    )
