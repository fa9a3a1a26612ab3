"""Who may use a route: every view declares it, and what is not declared is refused.

@blueprint.get("/motions/new")
@requires("motion.manage")
def new_motion(): ...
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from core.audit import Actor
from core.errors import Forbidden
from stakeholders.permissions import PERMISSIONS, Role, is_allowed

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


def access_of(view: Callable[..., Any]) -> str | None:
    """What a view declares: ``"public"``, a permission, or None."""
    declared: str | None = getattr(view, "__access__", None)
    return declared


def can(permission: str) -> bool:
    """Whether the person of this request has ``permission``; for templates and views."""
    return current_user.is_authenticated and is_allowed(current_user.roles, permission)


def current_actor() -> Actor:
    """The signed-in person as the audit log names them: account id and leading role."""
    roles = current_user.roles
    order = list(Role)
    leading = max(roles, key=order.index) if roles else Role.CITIZEN
    return Actor(current_user.account_id, leading.value)


def check_access() -> Response | None:
    """Before each request: refuse what is not declared or not allowed.

    A person who is not signed in is sent to sign in and comes back; a refused one gets a 403.
    """
    if request.endpoint is None:
        return None
    declared = access_of(current_app.view_functions[request.endpoint])
    if declared == PUBLIC:
        return None
    if declared is not None:
        if can(declared):
            return None
        if not current_user.is_authenticated and request.method == "GET":
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
    raise Forbidden
