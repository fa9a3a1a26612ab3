"""Public pages that look the same to every anonymous reader are rendered once every few seconds.

    @blueprint.get("/roadmaps/")
    @public
    @cacheable
    def list_roadmaps(): ...

The cache is per process and keyed by address and language. Readers who are signed in or have a
draft are never served from it, and what they see is never put into it.
"""

import functools
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from flask import current_app, make_response, request
from flask.wrappers import Response

from app.i18n import current_language
from app.security import DRAFT_COOKIE_PREFIX, SESSION_COOKIE

_MAXIMUM_PAGES = 500
_Entry = tuple[float, bytes, int, list[tuple[str, str]]]


def is_anonymous_reader() -> bool:
    """Whether the request carries neither a session nor a draft."""
    return not any(
        name == SESSION_COOKIE or name.startswith(DRAFT_COOKIE_PREFIX) for name in request.cookies
    )


def cacheable(view: Callable[..., Any]) -> Callable[..., Any]:
    """Serve anonymous readers from the process cache, and let proxies keep the page as long."""

    @functools.wraps(view)
    def cached(*args: Any, **kwargs: Any) -> Response:
        seconds: int = current_app.config["WAYMARK_PAGE_CACHE_SECONDS"]
        if not is_anonymous_reader() or request.method not in ("GET", "HEAD"):
            response = make_response(view(*args, **kwargs))
            response.headers["Cache-Control"] = "private, no-store"
            return response
        pages: OrderedDict[tuple[str, str, bool], _Entry] = current_app.extensions["waymark.pages"]
        htmx = "HX-Request" in request.headers
        key = (request.full_path, current_language(), htmx)
        now = time.monotonic()
        entry = pages.get(key)
        if entry is not None and entry[0] > now:
            _, body, status, headers = entry
            return Response(body, status, headers)
        response = make_response(view(*args, **kwargs))
        if response.status_code == 200 and not response.direct_passthrough:
            response.headers["Cache-Control"] = f"public, max-age={seconds}"
            response.headers["Vary"] = "Cookie, Accept-Language, HX-Request"
            pages[key] = (now + seconds, response.get_data(), 200, list(response.headers))
            while len(pages) > _MAXIMUM_PAGES:
                pages.popitem(last=False)
        return response

    return cached
