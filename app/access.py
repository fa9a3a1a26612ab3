"""Who may use a route: every view declares it, and what is not declared is refused.

@blueprint.get("/motions/new")
@requires("motion.manage")
def new_motion(): ...

Routes of the API (app/api) are used by programs, which show a token: ``requires_scope``. No cookie
says who they are.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.bearer import ScopeMissing, TokenNeeded, read_bearer
from core.audit import Actor
from core.errors import Forbidden
from stakeholders.api_tokens import Bearer
from stakeholders.permissions import PERMISSIONS, SCOPES, Role, is_allowed

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"


def public(view: View) -> View:
    """Anyone may use this route."""
    view.__access__ = PUBLIC  # type: ignore[attr-defined]
    return view


def requires(permission: str) -> Callable[[View], View]:
    """Only people whose roles have ``permission`` (stakeholders.permissions) may."""
    if permission not in PERMISSIONS:
        raise ValueError(f"unknown permission {permission}")

    def declare(view: View) -> View:
        view.__access__ = permission  # type: ignore[attr-defined]
        return view

    return declare


def for_programs(view: View) -> View:
    """A public route of the API. A token may be shown, and then has to be a good one."""
    view.__access__ = PUBLIC  # type: ignore[attr-defined]
    view.__api__ = True  # type: ignore[attr-defined]
    return view


def requires_scope(scope: str) -> Callable[[View], View]:
    """Only programs whose token has ``scope`` (stakeholders.permissions) may."""

    def declare(view: View) -> View:
        view.__access__ = SCOPES[scope]  # type: ignore[attr-defined]
        view.__api__ = True  # type: ignore[attr-defined]
        view.__scope__ = scope  # type: ignore[attr-defined]
        return view

    return declare


def is_for_programs(view: Callable[..., Any]) -> bool:
    """Whether ``view`` belongs to the API: it knows tokens, and no cookies."""
    return bool(getattr(view, "__api__", False))


def scope_of(view: Callable[..., Any]) -> str | None:
    """The scope a route of the API asks for; None for a public one."""
    scope: str | None = getattr(view, "__scope__", None)
    return scope


def current_bearer() -> Bearer | None:
    """Who the token of this request acts for; always None outside the API."""
    bearer: Bearer | None = g.get("bearer")
    return bearer


def access_of(view: Callable[..., Any]) -> str | None:
    """What a view declares: ``"public"``, a permission, or None."""
    declared: str | None = getattr(view, "__access__", None)
    return declared


def can(permission: str) -> bool:
    """Whether the person of this request has ``permission``; for templates and views."""
    return current_user.is_authenticated and is_allowed(current_user.roles, permission)


def current_actor() -> Actor:
    """Who acts, as the audit log names them: account id and leading role.

    The signed-in person, or the account whose token the program showed.
    """
    who = current_bearer() or current_user
    order = list(Role)
    leading = max(who.roles, key=order.index) if who.roles else Role.CITIZEN
    return Actor(who.account_id, leading.value)


def check_access() -> Response | None:
    """Before each request: refuse what is not declared or not allowed.

    A person who is not signed in is sent to sign in and comes back; a refused one gets a 403. A
    program without a token gets a 401, and a 403 where the token is not for this.
    """
    if request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    if is_for_programs(view):
        _check_program(scope_of(view))
        return None
    declared = access_of(view)
    if declared == PUBLIC:
        return None
    if declared is not None:
        if can(declared):
            return None
        if not current_user.is_authenticated and request.method == "GET":
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
    raise Forbidden


def _check_program(scope: str | None) -> None:
    if request.method == "OPTIONS":  # asks what could be done, and does nothing
        return
    g.bearer = bearer = read_bearer()
    if scope is None:
        return
    if bearer is None:
        raise TokenNeeded
    if scope not in bearer.scopes:
        raise ScopeMissing(scope=scope)
