"""What a consultation says of itself: a new one, its texts, its consents, what is asked beside."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from app.i18n import current_language
from core.clock import utc_now
from core.errors import InvalidInput, WaymarkError
from core.ids import clean_slug
from core.text import LANGUAGES, LocalizedText, clean_text
from surveys.consultations import create_consultation, get_consultation
from surveys.phases import phase_of
from surveys.preparing import (
    SHOWN_OF_ORGANISATIONS,
    ConsentPurpose,
    change_background,
    change_consents,
    change_texts,
)

blueprint = Blueprint("consultation_settings", __name__, url_prefix="/desk")

SPARE_CONSENTS = 2


@blueprint.get("/new-consultation")
@requires("consultation.manage")
def new() -> str:
    return _new_page(None)


@blueprint.post("/new-consultation")
@requires("consultation.manage")
def create() -> Response | tuple[str, int]:
    """Begin a consultation; its questionnaire, dates and texts follow."""
    session = write_session()
    language = _language()
    try:
        title = clean_text(request.form.get("title", "").strip(), where="title", maximum=300)
        if not title:
            raise InvalidInput(where="title", reason=_("expected a text"))
        kind = request.form.get("kind", "public")
        consultation = create_consultation(
            session, slug=request.form.get("slug", "").strip() or _slug_from(title),
            title=LocalizedText({language: title}, language), kind=kind,
            anonymity=request.form.get("anonymity", "anonymous"),
            asks_profile=kind == "public", actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _new_page(describe(refusal)), status_of(refusal)
    return redirect(url_for("builder.show", slug=consultation.slug), 303)


@blueprint.get("/consultations/<slug>/settings")
@requires("consultation.manage")
def show(slug: str) -> str:
    return _page(slug, None)


@blueprint.post("/consultations/<slug>/settings/texts")
@requires("consultation.manage")
def texts(slug: str) -> Response | tuple[str, int]:
    """Title and summary, one language at a time."""
    session = write_session()
    try:
        consultation = get_consultation(session, slug=slug)
        language = _language()
        change_texts(
            session, consultation=consultation,
            title=_with(consultation.title, language, "title", 300),
            summary=_with(consultation.summary, language, "summary", 10_000),
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _page(slug, describe(refusal)), status_of(refusal)
    flash(_("The texts are saved."), "success")
    return redirect(url_for(".show", slug=slug, **{"in": language}), 303)


@blueprint.post("/consultations/<slug>/settings/background")
@requires("consultation.manage")
def background(slug: str) -> Response | tuple[str, int]:
    session = write_session()
    try:
        change_background(
            session, consultation=get_consultation(session, slug=slug),
            asks_profile=bool(request.form.get("asks_profile")),
            anonymous_shows=request.form.getlist("anonymous_shows"),
            asks_proof=bool(request.form.get("asks_proof")), actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _page(slug, describe(refusal)), status_of(refusal)
    flash(_("The settings are saved."), "success")
    return redirect(url_for(".show", slug=slug), 303)


@blueprint.post("/consultations/<slug>/settings/consents")
@requires("consultation.manage")
def consents(slug: str) -> Response | tuple[str, int]:
    """Every purpose with its version and its text in the language being edited."""
    session = write_session()
    try:
        consultation = get_consultation(session, slug=slug)
        language = _language()
        known = {entry["purpose"]: entry for entry in consultation.consents}
        found = []
        for number in range(len(known) + SPARE_CONSENTS):
            purpose = request.form.get(f"purpose-{number}", "").strip()
            text = request.form.get(f"text-{number}", "").replace("\r\n", "\n").strip()
            was = known.get(request.form.get(f"was-{number}", ""))
            if request.form.get(f"delete-{number}") or not (purpose or text):
                continue
            spoken = dict(was["text"]) if was else {}
            spoken[language] = text
            found.append(
                ConsentPurpose(
                    purpose, request.form.get(f"version-{number}", ""), spoken,
                    bool(request.form.get(f"required-{number}")),
                )
            )  # fmt: skip
        change_consents(
            session, consultation=consultation, consents=found, actor=current_actor(),
            now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _page(slug, describe(refusal)), status_of(refusal)
    flash(_("The consents are saved."), "success")
    return redirect(url_for(".show", slug=slug, **{"in": language}), 303)


def _language() -> str:
    """The language of the texts in the form; one that the EU speaks."""
    wanted = request.values.get("in", "")
    return wanted if wanted in LANGUAGES else current_language()


def _slug_from(title: str) -> str:
    """The title, or the moment where no letter of it is Latin: Greek and Bulgarian titles count."""
    try:
        return clean_slug(title)
    except InvalidInput:
        if not any(letter.isalnum() for letter in title):
            raise
        return f"consultation-{utc_now():%Y-%m-%d-%H%M%S}"


def _with(text: LocalizedText, language: str, field: str, longest: int) -> LocalizedText:
    """``text`` with what was typed in ``language``; without it where nothing was."""
    typed = request.form.get(field, "").replace("\r\n", "\n").strip()
    words = dict(text)
    if typed:
        words[language] = clean_text(typed, where=field, maximum=longest)
    else:
        words.pop(language, None)
    return LocalizedText(words, text.fallback)


def _new_page(error: tuple[str, str] | None) -> str:
    return render_template(
        "desk/new.html", error=error, form=request.form, all_languages=LANGUAGES,
        language=_language(),
    )  # fmt: skip


def _page(slug: str, error: tuple[str, str] | None) -> str:
    consultation = get_consultation(read_session(), slug=slug)
    language = request.values.get("in", "")
    if language not in LANGUAGES:
        language = consultation.title.fallback or current_language()
    form: Any = request.form if request.method == "POST" else {}
    return render_template(
        "desk/settings.html",
        consultation=consultation,
        phase=phase_of(consultation, now=utc_now()),
        language=language,
        all_languages=LANGUAGES,
        spare=SPARE_CONSENTS,
        shown_parts=SHOWN_OF_ORGANISATIONS,
        form=form,
        error=error,
    )
