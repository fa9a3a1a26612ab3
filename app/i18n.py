"""Languages: which one this reader gets, and how dates and numbers look in it.

Content may be in any of the 24 official languages; the interface is in those that have a
catalogue under app/translations. A reader of content in a language without a catalogue gets the
interface in the fallback, with ``lang`` attributes saying so.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date as babel_date
from babel.dates import format_datetime as babel_datetime
from babel.numbers import format_decimal, format_percent
from flask import Flask, current_app, g, has_request_context, redirect, request
from flask_babel import Babel, get_translations, refresh
from werkzeug.wrappers import Response

from app.config import Settings
from core.text import LANGUAGES, LocalizedText

LANGUAGE_COOKIE = "waymark_language"
_YEAR = 365 * 24 * 3600
# English here is European English: 22 November 2026, not November 22, 2026.
_FORMATS = {"en": "en_GB"}


def init_app(app: Flask, settings: Settings) -> None:
    Babel(
        app,
        default_locale=settings.languages[0],
        default_translation_directories=str(Path(__file__).parent / "translations"),
        locale_selector=interface_language,
    )
    # A page asks for dozens of texts, all from the same catalogue: it is looked up once.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
    )
    app.config["WAYMARK_LANGUAGES"] = settings.languages
    app.before_request(_remember_choice)
    app.context_processor(_template_context)
    app.jinja_env.globals.update(
        localized=localized,
        localized_lang=localized_lang,
        format_date=format_date,
        format_datetime=format_datetime,
        format_number=format_number,
        format_share=format_share,
    )


def current_language() -> str:
    """The language of content for this reader: chosen, else the browser's, else the first."""
    if not has_request_context():
        return "en"
    language: str | None = g.get("language")
    if language is None:
        language = g.language = _find_language()
    return language


def interface_language() -> str:
    """The reader's language if the interface speaks it, else the first one it does speak."""
    languages: tuple[str, ...] = current_app.config["WAYMARK_LANGUAGES"]
    language = current_language()
    return language if language in languages else languages[0]


def _format_locale() -> str:
    """The locale in which dates are written for this reader."""
    language = interface_language()
    return _FORMATS.get(language, language)


def localized(text: LocalizedText | dict[str, str] | None) -> str:
    """``text`` in the reader's language, or in its fallback."""
    return _as_text(text).in_language(current_language())


def localized_lang(text: LocalizedText | dict[str, str] | None) -> str:
    """The language that ``localized`` really gives, for a ``lang`` attribute."""
    return _as_text(text).language_for(current_language())


def format_date(value: date | datetime | str | None) -> str:
    """A date as people write it: 22 November 2026."""
    if value is None:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    return written_day(babel_date(value, format="long", locale=_format_locale()))


def format_datetime(value: datetime) -> str:
    """A moment with its time zone named: times of consultations are UTC."""
    text = babel_datetime(value, format="d MMMM y, HH:mm", locale=_format_locale())
    return f"{written_day(text)} UTC"


def written_day(text: str, language: str = "") -> str:
    """A date that begins with its day, with "1er" in French, which CLDR's patterns leave out."""
    french = (language or interface_language()).startswith("fr")
    return f"1er{text[1:]}" if french and text.startswith("1 ") else text


def format_number(value: float, **options: Any) -> str:
    return format_decimal(value, locale=interface_language(), **options)


def format_share(part: float, whole: float) -> str:
    """``part`` of ``whole`` in percent with one decimal; a dash where there is no whole."""
    if not whole:
        return "–"
    return format_percent(part / whole, format="#,##0.0 %", locale=interface_language())


def _catalogue() -> Any:
    """The texts in this reader's language; outside requests, in the language that is forced."""
    if not has_request_context():
        return get_translations()
    catalogue = g.get("catalogue")
    if catalogue is None:
        catalogue = g.catalogue = get_translations()
    return catalogue


def _as_text(text: LocalizedText | dict[str, str] | None) -> LocalizedText:
    if isinstance(text, LocalizedText):
        return text
    return LocalizedText(text or {})


def _find_language() -> str:
    chosen = request.args.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    offered: tuple[str, ...] = current_app.config["WAYMARK_LANGUAGES"]
    # Content may be in a language the interface does not speak: then that is what is asked.
    return request.accept_languages.best_match(LANGUAGES) or offered[0]


def _remember_choice() -> Response | None:
    """A choice by ``?lang=`` is kept in a cookie; the address is then clean again."""
    chosen = request.args.get("lang")
    if chosen not in LANGUAGES or request.method != "GET" or request.path.startswith("/api/"):
        return None
    if request.cookies.get(LANGUAGE_COOKIE) == chosen:
        return None
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return choose_language(
        redirect(request.path + (f"?{urlencode(kept)}" if kept else ""), 303), chosen
    )


def choose_language(response: Response, language: str) -> Response:
    """Let the browser remember that this reader chose ``language``."""
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=_YEAR, samesite="Lax", httponly=True,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )  # fmt: skip
    return response


def speak(language: str) -> None:
    """Answer the rest of this request in ``language``."""
    g.language = language
    g.pop("catalogue", None)
    refresh()


def _template_context() -> dict[str, Any]:
    return {
        "current_language": current_language(),
        "interface_language": interface_language(),
        "interface_languages": {
            code: LANGUAGES[code] for code in current_app.config["WAYMARK_LANGUAGES"]
        },
        "all_languages": LANGUAGES,
    }
