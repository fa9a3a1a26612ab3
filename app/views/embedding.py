"""A consultation on other sites and on paper: its link, a QR code, a piece of HTML.

It is embedded as a link, not as a frame: the policy of every page says ``frame-ancestors 'none'``.
In a frame people could not see whose page they type into, another site could lay its own over the
buttons, and browsers would keep the draft's cookie from coming along.
"""

import io

import segno
from flask import Blueprint, current_app, make_response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.access import requires
from app.database import read_session
from core.clock import utc_now
from core.text import LANGUAGES
from surveys.consultations import get_consultation, get_questionnaire
from surveys.models import Consultation
from surveys.phases import phase_of

blueprint = Blueprint("embedding", __name__, url_prefix="/desk/consultations/<slug>/embed")

# Error correction Q: a quarter of it may be dirty or torn, as on a poster. Four modules of quiet
# zone, as ISO/IEC 18004 asks for.
_CORRECTION = "q"
_QUIET_ZONE = 4
_PNG_SCALE = 16


@blueprint.get("")
@requires("consultation.manage")
def show(slug: str) -> str:
    consultation = get_consultation(read_session(), slug=slug)
    languages = _languages(consultation)
    language = _language(languages)
    link = _link(consultation, language)
    title = consultation.title.in_language(language or consultation.title.fallback)
    return render_template(
        "desk/embed.html",
        consultation=consultation,
        phase=phase_of(consultation, now=utc_now()),
        languages=languages,
        language=language,
        link=link,
        title=title,
        snippet=snippet(link, title, consultation.title.language_for(language)),
        drawing=Markup(_code(link).svg_inline(border=_QUIET_ZONE, omitsize=True)),  # noqa: S704
    )


@blueprint.get("/qr.svg")
@requires("consultation.manage")
def as_svg(slug: str) -> Response:
    """For print, at any size."""
    consultation, link = _asked(slug)
    file = io.BytesIO()
    _code(link).save(file, kind="svg", border=_QUIET_ZONE, title=link, light="#fff", unit="mm")
    return _download(file.getvalue(), consultation, "svg", "image/svg+xml")


@blueprint.get("/qr.png")
@requires("consultation.manage")
def as_png(slug: str) -> Response:
    """For screens and slides."""
    consultation, link = _asked(slug)
    file = io.BytesIO()
    _code(link).save(file, kind="png", border=_QUIET_ZONE, scale=_PNG_SCALE)
    return _download(file.getvalue(), consultation, "png", "image/png")


def snippet(link: str, title: str, language: str) -> str:
    """A link as HTML, for a page of another site; nothing in it loads anything from here."""
    return str(
        Markup('<a href="{}" hreflang="{}" lang="{}">{}</a>').format(
            link, language, language, title
        )
    )


def _asked(slug: str) -> tuple[Consultation, str]:
    consultation = get_consultation(read_session(), slug=slug)
    return consultation, _link(consultation, _language(_languages(consultation)))


def _languages(consultation: Consultation) -> dict[str, str]:
    """The languages its questions are in, with their names."""
    if consultation.current_version_id is None:
        return {}
    questionnaire = get_questionnaire(read_session(), version_id=consultation.current_version_id)
    return {code: LANGUAGES[code] for code in questionnaire.languages if code in LANGUAGES}


def _language(languages: dict[str, str]) -> str:
    """The one asked for by ``?language=``; empty: each reader's own."""
    wanted = request.args.get("language", "")
    return wanted if wanted in languages else ""


def _link(consultation: Consultation, language: str) -> str:
    address = str(current_app.config["WAYMARK_SETTINGS"].public_url).rstrip("/")
    address += url_for("consultations.show", slug=consultation.slug)
    return f"{address}?lang={language}" if language else address


def _code(link: str) -> segno.QRCode:
    return segno.make_qr(link, error=_CORRECTION)


def _download(data: bytes, consultation: Consultation, ending: str, media_type: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = (
        f'attachment; filename="qr-{consultation.slug}.{ending}"'
    )
    return response
