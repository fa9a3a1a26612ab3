"""The table of operations: what the API can do, each with its parameters, bodies and refusals.

    @operation("GET", "/consultations/<slug>", answer=ConsultationDocument, summary="…", tag="…")
    def get_consultation(slug: str) -> Reply: ...

An operation is given what it declares, read and checked: ``query`` and ``body`` as its models.
"""

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import rfc8785
from flask import Blueprint, Response, current_app, request
from pydantic import BaseModel

from app.access import current_bearer, for_programs, requires_scope
from app.api.reading import check_acceptable, check_conditions, read_body, read_query

PREFIX = "/api/v1"
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)

OPERATIONS: "list[Operation]" = []

_CACHED_FOR_EVER = "public, max-age=31536000, immutable"
_PRIVATE = "private, no-store"


@dataclass(frozen=True, slots=True)
class Reply:
    """What an operation answers: JSON values or a model; ``raw``: bytes that are JSON already.

    ``frozen``: it never changes, so anyone may keep it. ``private``: nobody may, not even whoever
    asked. ``etag``: of a state that the document shows only in part.
    """

    document: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    frozen: bool = False
    private: bool = False
    etag: str | None = None
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table.

    ``path`` is a Flask rule below ``PREFIX``; ``scope`` what a token must have, ``more_with`` a
    scope with which a public operation shows more. ``draft``: the header Waymark-Draft is the key.
    ``guarded``: writes take If-Match, which 428 asks for.
    """

    method: str
    path: str
    name: str
    summary: str
    description: str
    tag: str
    answer: type[BaseModel] | Mapping[str, Any]
    status: int = 200
    also: tuple[int, ...] = ()
    scope: str | None = None
    more_with: str | None = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    draft: bool = False
    guarded: bool = False
    paged: bool = False
    located: bool = False
    refusals: tuple[int, ...] = ()

    @property
    def is_public(self) -> bool:
        return self.scope is None and not self.draft


def operation(
    method: str,
    path: str,
    *,
    limit: Callable[[Any], Any] | None = None,
    media_types: tuple[str, ...] = ("application/json",),
    first: Callable[[str], None] | None = None,
    **row: Any,
) -> Callable[[Callable[..., Reply]], Callable[..., Reply]]:
    """Add an operation to the table, and its route to the blueprint.

    The docstring of the function is its description. ``limit`` decorates the route with a rate
    limit; ``first`` is called with the slug before anything that was sent is looked at.
    """

    def add(function: Callable[..., Reply]) -> Callable[..., Reply]:
        entry = Operation(
            method, path, name=function.__name__, description=_prose(function.__doc__), **row
        )
        OPERATIONS.append(entry)

        @functools.wraps(function)
        def view(**arguments: Any) -> Response:
            check_acceptable()
            if first is not None:
                first(arguments["slug"])
            check_conditions()
            query = read_query(entry.query)
            if query is not None:
                arguments["query"] = query
            if entry.body is not None:
                arguments["body"] = read_body(entry.body, media_types=media_types)
            return respond(function(**arguments), entry)

        declare = for_programs if entry.scope is None else requires_scope(entry.scope)
        limited = limit(view) if limit is not None else view
        blueprint.add_url_rule(
            path, endpoint=function.__name__, view_func=declare(limited), methods=[method]
        )
        return function

    return add


def has_scope(scope: str) -> bool:
    """Whether the program's token has ``scope``; for operations that show more with it."""
    bearer = current_bearer()
    return bearer is not None and scope in bearer.scopes


def as_json(document: Any) -> Any:
    """JSON values of a document, models resolved."""
    if isinstance(document, BaseModel):
        return document.model_dump(mode="json", by_alias=True)
    return document


def etag_of(document: Any) -> str:
    """A strong entity tag (without quotes): the same for equal values, however a database gives
    them back (PostgreSQL keeps neither the order of keys nor ``1.0``)."""
    return hashlib.sha256(rfc8785.dumps(as_json(document))).hexdigest()[:32]


def respond(reply: Reply, entry: Operation) -> Response:
    """The HTTP answer: 304 where the program has it already."""
    body = reply.raw
    if body is None:
        values = as_json(reply.document)
        body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    response = Response(body, reply.status, content_type="application/json")
    response.headers.update(reply.headers)
    etag = reply.etag or (
        etag_of(reply.document) if reply.raw is None else hashlib.sha256(body).hexdigest()
    )
    response.set_etag(etag)
    shown_to_one = current_bearer() is not None or not entry.is_public
    if reply.private or request.method not in ("GET", "HEAD"):
        response.headers["Cache-Control"] = _PRIVATE
    elif shown_to_one:
        response.headers["Cache-Control"] = "private, no-cache"
    elif reply.frozen:
        response.headers["Cache-Control"] = _CACHED_FOR_EVER
    else:
        seconds: int = current_app.config["WAYMARK_PAGE_CACHE_SECONDS"]
        response.headers["Cache-Control"] = f"public, max-age={seconds}"
    if request.method in ("GET", "HEAD") and reply.status == 200:
        response.make_conditional(request)
    return response


@blueprint.after_request
def allow_reading(response: Response) -> Response:
    """Pages of other sites may read what everyone may read, without cookies; they change nothing.

    Operations that need a token or a code, and all that change something, are left to the browser's
    same-origin rule.
    """
    if request.endpoint is None:
        return response
    view = current_app.view_functions[request.endpoint]
    response.vary.add("Authorization")
    if request.method not in ("GET", "HEAD", "OPTIONS") or not _readable(view):
        return response
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    else:
        response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After"
    return response


def _readable(view: Callable[..., Any]) -> bool:
    name = (request.endpoint or "").rpartition(".")[2]
    return any(
        entry.name == name and entry.method == "GET" and entry.is_public for entry in OPERATIONS
    )


def _prose(doc: str | None) -> str:
    return " ".join((doc or "").split())
