"""Lists in pages, with Link headers (RFC 8288) that lead to the others."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import current_app, request

from app.api.forms import PageQuery

Item = TypeVar("Item")


def absolute(path: str) -> str:
    """The address under which programs outside reach ``path``."""
    return str(current_app.config["WAYMARK_SETTINGS"].public_url).rstrip("/") + path


def take_page(items: Sequence[Item], query: PageQuery) -> Sequence[Item]:
    start = (query.page - 1) * query.per_page
    return items[start : start + query.per_page]


def page_links(query: PageQuery, total: int) -> dict[str, str]:
    """The Link header of a page: first, prev, next, last, as far as there are such."""
    last = max(1, -(-total // query.per_page))
    pages = {"first": 1, "prev": query.page - 1, "next": query.page + 1, "last": last}
    return link_header(
        {
            rel: {"page": number}
            for rel, number in pages.items()
            if 1 <= number <= last and (rel in ("first", "last") or number != query.page)
        }
    )


def link_header(targets: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """``Link`` to this address with other parameters; no header without targets."""
    here, given = absolute(request.path), request.args.to_dict()
    links = [
        f'<{here}?{urlencode({**given, **changes})}>; rel="{rel}"'
        for rel, changes in targets.items()
    ]
    return {"Link": ", ".join(links)} if links else {}
