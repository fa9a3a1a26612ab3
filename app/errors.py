"""The one place that turns a refusal into a page, a problem+json document, or an exit status."""

import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DataError, IntegrityError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.auth import Anonymous
from app.error_texts import ERROR_TEXTS
from app.presentation import PROFILE_PROBLEMS, problem_text
from core.db import is_out_of_space, is_unavailable
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, WaymarkError
from surveys.errors import InvalidAnswers, InvalidProfile
from surveys.profile import FIELDS

_STATUS: tuple[tuple[type[WaymarkError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (InvalidInput, 422),
)
_TITLES = {
    400: _l("This request could not be read"),
    401: _l("Please sign in"),
    403: _l("You are not allowed to do this"),
    404: _l("This page does not exist"),
    405: _l("This cannot be done here"),
    406: _l("This is not to be had in that form"),
    409: _l("This cannot be done now"),
    412: _l("This was changed meanwhile"),
    413: _l("This is too large"),
    415: _l("This form of data is not understood here"),
    422: _l("Something needs to be corrected"),
    428: _l("Say which state you change"),
    429: _l("Too many requests"),
    500: _l("Something went wrong on our side"),
    503: _l("We are busy or being repaired"),
    507: _l("We have no room left to save this"),
}
_ADVICE = {
    404: _l("Check the address, or start from the home page."),
    409: _l("Somebody did the same at the same moment. Reload the page to see how it stands."),
    413: _l("Send less at once: long texts can be shortened."),
    429: _l("Wait a minute, then try again. Nothing was lost."),
    500: _l("Try again. If it happens again, tell us the reference below."),
    503: _l("Try again in a minute. What was confirmed as saved is safe."),
    507: _l("We are making room. Try again later. What was confirmed as saved is safe."),
}
# Seconds after which it is worth to try again.
_RETRY_AFTER = {503: 30, 507: 300}


def status_of(error: WaymarkError) -> int:
    """The HTTP status a refusal is answered with; a refusal of the web itself names its own."""
    own: int | None = getattr(error, "status", None)
    if own is not None:
        return own
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def describe(error: WaymarkError) -> tuple[str, str]:
    """Message and advice in the reader's language where we have it."""
    translated = ERROR_TEXTS.get(error.code)
    if translated is None:
        return error.message, error.advice
    message, advice = (str(template).format(**error.params) for template in translated)
    return (f"{error.where}{_(': ')}{message}" if error.where else message), advice


def init_app(app: Flask) -> None:
    app.register_error_handler(WaymarkError, _handle_refusal)
    app.register_error_handler(HTTPException, _handle_http)
    app.register_error_handler(IntegrityError, _handle_collision)
    app.register_error_handler(DataError, _handle_unstorable)
    app.register_error_handler(Exception, _handle_fault)


def _handle_refusal(error: WaymarkError) -> Response | tuple[str, int]:
    message, advice = describe(error)
    return _answer(
        status_of(error), error.code, message, advice,
        headers=getattr(error, "headers", None), errors=problems_of(error),
    )  # fmt: skip


def _handle_http(error: HTTPException) -> Response | tuple[str, int] | tuple[str, int, Any]:
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    status = error.code
    headers = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return _answer(status, f"http.{status}", "", str(_ADVICE.get(status, "")), headers=headers)


def problems_of(error: WaymarkError) -> list[dict[str, str]]:
    """Every single fault of a refusal as ``{"path", "detail", "code"}``; empty where it has one.

    ``path`` leads to the value in the document that was sent: ``answers.Q3.r1``,
    ``sections[0].title``, ``profile.country``. ``code`` is there where the fault has one.
    """
    if isinstance(error, InvalidAnswers):
        return [
            {"path": f"answers.{p.code}", "code": p.message_code, "detail": problem_text(p)}
            for p in error.problems
        ]
    if isinstance(error, InvalidProfile):
        return [
            {
                "path": f"profile.{field}" if field in FIELDS else field,
                "code": f"profile.{reason}",
                "detail": str(PROFILE_PROBLEMS.get(reason, reason)),
            }
            for field, reason in error.problems.items()
        ]
    found = getattr(error, "problems", None) or ()
    problems = [{"path": path, "detail": reason} for path, reason in found]
    if not problems and error.where:
        problems = [{"path": error.where, "detail": error.template.format(**error.params)}]
    return problems


def _handle_collision(_error: IntegrityError) -> Response | tuple[str, int]:
    """Use cases check first and say what is taken; of two at the same moment one ends here."""
    structlog.get_logger().warning("collision", exc_info=True)
    return _answer(409, "database.collision", "", str(_ADVICE[409]))


def _handle_unstorable(_error: DataError) -> Response | tuple[str, int]:
    """PostgreSQL refuses a NUL character even in a question, such as for an address with one."""
    return _answer(422, "database.unstorable", "", "")


def _handle_fault(error: Exception) -> Response | tuple[str, int] | tuple[str, int, Any]:
    if is_out_of_space(error) or is_unavailable(error):
        return _handle_outage(error)
    reference = secrets.token_hex(4)
    # The traceback goes to the log without values and words: they could hold an answer.
    structlog.get_logger().exception("fault", reference=reference)
    return _answer(500, "fault", "", str(_ADVICE[500]), reference)


def _handle_outage(error: Exception) -> Response | tuple[str, int] | tuple[str, int, Any]:
    """The database or a disk, not the request: the same can be sent again later."""
    kind = type(getattr(error, "orig", None) or error).__name__
    status = 507 if is_out_of_space(error) else 503
    code = "storage.full" if status == 507 else "database.unavailable"
    structlog.get_logger().error(code.replace(".", "_"), error=kind)
    # The page must not ask the database who reads it.
    g._login_user = Anonymous()
    return _answer(
        status, code, "", str(_ADVICE[status]), headers={"Retry-After": str(_RETRY_AFTER[status])},
        again=_fields_to_send_again(),
    )  # fmt: skip


def _fields_to_send_again() -> list[tuple[str, str]]:
    """What a form held that could not be saved: the page offers to send it again as it is."""
    if request.method != "POST" or wants_json() or any("password" in n for n in request.form):
        return []
    # A browser lets nobody fill in a file for a person.
    return [] if request.files else list(request.form.items(multi=True))


def wants_json() -> bool:
    """Whether the client is a program: asks for JSON, or calls a path that speaks nothing else."""
    accepts = request.accept_mimetypes
    return request.path.startswith(("/api/", "/federation/v1/")) or (
        accepts.best_match(["text/html", "application/json", "application/problem+json"])
        not in (None, "text/html")
    )


def _answer(
    status: int,
    code: str,
    message: str,
    advice: str,
    reference: str = "",
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    again: Sequence[tuple[str, str]] = (),
) -> Response | tuple[str, int] | tuple[str, int, Any]:
    """``headers``: what HTTP asks for beside the status (Allow, Retry-After, WWW-Authenticate).

    ``again``: the fields of a form that the reader can send once more from the page.
    """
    g.error_code = code
    title = str(_TITLES.get(status, HTTPStatus(status).phrase))
    if wants_json():
        problem: dict[str, Any] = {
            "type": f"urn:waymark:error:{code}",
            "title": title,
            "status": status,
            "code": code,
            "detail": " ".join(part for part in (message, advice) if part) or title,
        }
        if errors:
            problem["errors"] = list(errors)
        if reference:
            problem["reference"] = reference
        response = jsonify(problem)
        response.status_code, response.content_type = status, "application/problem+json"
        response.headers.update(headers or {})
        return response
    page = render_template(
        "errors/error.html", status=status, code=code, title=title, message=message,
        advice=advice, reference=reference, again=again,
    )  # fmt: skip
    return (page, status, dict(headers)) if headers else (page, status)
