"""What every answer carries and every unsafe request must show.

Unsafe requests are checked three ways: Fetch metadata or Origin must say that they come from
this site, and a request that brings authority along (a session or a draft cookie) must bring the
token that belongs to it. A request without any cookie has no authority to misuse: that is how the
first form of a cacheable page works without JavaScript and without a token.

The API takes no authority from cookies at all. There an ``Authorization`` header speaks for itself:
a browser never adds one by itself; without one the request must not come from another site.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, request, session
from flask.wrappers import Response
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix
from wtforms.validators import ValidationError

from app.config import Settings
from core.errors import Forbidden

View = TypeVar("View", bound=Callable[..., Any])

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
SESSION_COOKIE = "waymark_session"
# Cookies that hold the resume code of a draft begin with this; see app/views/responses.py.
DRAFT_COOKIE_PREFIX = "draft_"


class CrossSiteRequest(Forbidden):
    code = "security.cross_site"
    template = "This request did not come from a page of this site."
    remedy = "Open the page again and repeat what you did."


class TokenMissing(Forbidden):
    code = "security.token"
    template = "The page was open for too long, or cookies are switched off."
    remedy = "Go back, reload the page, and send it again; nothing was changed."


def init_app(app: Flask, settings: Settings) -> None:
    app.config.update(
        SESSION_COOKIE_NAME=SESSION_COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=12 * 3600,
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_request_bytes,
        MAX_FORM_PARTS=5000,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # lives as long as the session
        WTF_CSRF_SSL_STRICT=False,
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.before_request(check_request)
    app.after_request(add_headers)
    app.jinja_env.globals["csrf_token"] = generate_csrf


def signed_request(view: View) -> View:
    """The request proves itself by a signature of its own; no browser is involved."""
    view.__signed__ = True  # type: ignore[attr-defined]
    return view


def begins_anonymously(view: View) -> View:
    """Anyone may begin here without a token, from a page that was cached for everyone.

    Only a draft or a signed-in account is authority then; a session that merely exists (somebody
    looked at a form elsewhere) is not.
    """
    view.__begins_anonymously__ = True  # type: ignore[attr-defined]
    return view


def check_request() -> None:
    """Refuse an unsafe request that another site could have caused."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    view = current_app.view_functions[request.endpoint]
    if getattr(view, "__signed__", False):
        return
    if getattr(view, "__api__", False):
        if "Authorization" not in request.headers:
            _check_origin()
        return
    _check_origin()
    if _brings_authority(view) and current_app.config.get("WTF_CSRF_ENABLED", True):
        token = request.form.get("csrf_token") or request.headers.get("X-CSRFToken")
        try:
            validate_csrf(token)
        except ValidationError:
            raise TokenMissing from None


def _check_origin() -> None:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        # "none": typed or bookmarked by the person, which no other site can cause.
        if site not in ("same-origin", "none"):
            raise CrossSiteRequest
        return
    source = request.headers.get("Origin") or request.headers.get("Referer")
    if source is not None and urlsplit(source).netloc != request.host:
        raise CrossSiteRequest


def _brings_authority(view: Callable[..., Any]) -> bool:
    if any(name.startswith(DRAFT_COOKIE_PREFIX) for name in request.cookies):
        return True
    if getattr(view, "__begins_anonymously__", False):
        return "_user_id" in session  # where Flask-Login keeps who is signed in
    return SESSION_COOKIE in request.cookies


def add_headers(response: Response) -> Response:
    for name, value in _HEADERS:
        response.headers.setdefault(name, value)
    # What is not declared cacheable is somebody's own.
    response.headers.setdefault("Cache-Control", "private, no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
