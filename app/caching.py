"""Public pages that look the same to every anonymous reader are rendered once every few seconds.

    @blueprint.get("/roadmaps/")
    @public
    @cacheable
    def list_roadmaps(): ...

The cache is per process and keyed by address and language. Readers who are signed in or have a
draft are never served from it, and what they see is never put into it.
"""

import contextlib
import functools
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from flask import current_app, make_response, request, session
from flask.wrappers import Response
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from app.i18n import current_language
from app.security import DRAFT_COOKIE_PREFIX, SESSION_COOKIE

_MAXIMUM_PAGES = 500
# Addresses with ever new query strings must not fill the memory.
_MAXIMUM_BYTES = 32_000_000
# Stands in a shared page where each reader's own form token goes; nobody can guess it.
_TOKEN_GAP = secrets.token_hex(16)
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
        personal = session.modified or "Set-Cookie" in response.headers
        if personal:
            response.headers["Cache-Control"] = "private, no-store"
        elif response.status_code in (200, 303) and not response.direct_passthrough:
            response.headers["Cache-Control"] = f"public, max-age={seconds}"
            response.headers["Vary"] = "Cookie, Accept-Language, HX-Request"
            _keep(
                pages,
                key,
                (now + seconds, response.get_data(), response.status_code, list(response.headers)),
            )
        return response

    return cached


def remembered(key: tuple[Hashable, ...], make: Callable[[], Any]) -> Any:
    """What ``make`` returns, at most as old as cached pages are; errors are not kept."""
    pages: OrderedDict[Any, Any] = current_app.extensions["waymark.pages"]
    now = time.monotonic()
    entry = pages.get(key)
    if entry is not None and entry[0] > now:
        return entry[1]
    value = make()
    _keep(pages, key, (now + current_app.config["WAYMARK_PAGE_CACHE_SECONDS"], value))
    return value


class CompiledTemplates(FileSystemBytecodeCache):
    """Templates compiled once for the instance. Where there is no room to keep one it is compiled
    again next time: a page is never refused for that.
    """

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


def shared_page(key: tuple[Hashable, ...], render: Callable[[str], str]) -> str:
    """A page that all who have a draft get alike, but for their form tokens.

    ``render`` takes the token to write into the forms (empty: the reader's own) and must depend
    on nothing else than ``key`` and the language. Who is signed in, or has a message waiting, gets
    a page of their own.
    """
    if current_user.is_authenticated or "_flashes" in session:
        return render("")
    page: str = remembered(("page", current_language(), *key), lambda: render(_TOKEN_GAP))
    return page.replace(_TOKEN_GAP, generate_csrf())


def _keep(pages: OrderedDict[Any, Any], key: Hashable, entry: tuple[Any, ...]) -> None:
    pages[key] = entry
    pages.move_to_end(key)
    # Another thread may empty it at the same moment.
    while len(pages) > _MAXIMUM_PAGES or sum(map(_size, list(pages.values()))) > _MAXIMUM_BYTES:
        with contextlib.suppress(KeyError):
            pages.popitem(last=False)


def _size(entry: tuple[Any, ...]) -> int:
    return len(entry[1]) if isinstance(entry[1], bytes | str) else 0
