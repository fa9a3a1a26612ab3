"""The one place that turns a refusal into a page, a problem+json document, or an exit status."""

import secrets
from http import HTTPStatus

import structlog
from flask import Flask, Response, g, jsonify, render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from app.error_texts import ERROR_TEXTS
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, WaymarkError

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
    409: _l("This cannot be done now"),
    413: _l("This is too large"),
    422: _l("Something needs to be corrected"),
    429: _l("Too many requests"),
    500: _l("Something went wrong on our side"),
    503: _l("We are busy or being repaired"),
}
_ADVICE = {
    404: _l("Check the address, or start from the home page."),
    409: _l("Somebody did the same at the same moment. Reload the page to see how it stands."),
    413: _l("Send less at once: long texts can be shortened."),
    429: _l("Wait a minute, then try again. Nothing was lost."),
    500: _l("Try again. If it happens again, tell us the reference below."),
    503: _l("Try again in a minute. What was confirmed as saved is safe."),
}


def status_of(error: WaymarkError) -> int:
    """The HTTP status a refusal is answered with."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def describe(error: WaymarkError) -> tuple[str, str]:
    """Message and advice in the reader's language where we have it."""
    translated = ERROR_TEXTS.get(error.code)
    if translated is None:
        return error.message, error.advice
    message, advice = (str(template).format(**error.params) for template in translated)
    return (f"{error.where}: {message}" if error.where else message), advice


def init_app(app: Flask) -> None:
    app.register_error_handler(WaymarkError, _handle_refusal)
    app.register_error_handler(HTTPException, _handle_http)
    app.register_error_handler(OperationalError, _handle_database)
    app.register_error_handler(IntegrityError, _handle_collision)
    app.register_error_handler(DataError, _handle_unstorable)
    app.register_error_handler(Exception, _handle_fault)


def _handle_refusal(error: WaymarkError) -> Response | tuple[str, int]:
    message, advice = describe(error)
    return _answer(status_of(error), error.code, message, advice)


def _handle_http(error: HTTPException) -> Response | tuple[str, int]:
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    status = error.code
    return _answer(status, f"http.{status}", "", str(_ADVICE.get(status, "")))


def _handle_database(error: OperationalError) -> Response | tuple[str, int]:
    structlog.get_logger().error("database_unavailable", error=type(error.orig).__name__)
    return _answer(503, "database.unavailable", "", str(_ADVICE[503]))


def _handle_collision(_error: IntegrityError) -> Response | tuple[str, int]:
    """Use cases check first and say what is taken; of two at the same moment one ends here."""
    structlog.get_logger().warning("collision", exc_info=True)
    return _answer(409, "database.collision", "", str(_ADVICE[409]))


def _handle_unstorable(_error: DataError) -> Response | tuple[str, int]:
    """PostgreSQL refuses a NUL character even in a question, such as for an address with one."""
    return _answer(422, "database.unstorable", "", "")


def _handle_fault(error: Exception) -> Response | tuple[str, int]:
    reference = secrets.token_hex(4)
    # The traceback goes to the log without values and words: they could hold an answer.
    structlog.get_logger().exception("fault", reference=reference)
    return _answer(500, "fault", "", str(_ADVICE[500]), reference)


def wants_json() -> bool:
    """Whether the client is a program: asks for JSON, or calls a path that speaks nothing else."""
    accepts = request.accept_mimetypes
    return request.path.startswith(("/api/", "/federation/v1/")) or (
        accepts.best_match(["text/html", "application/json", "application/problem+json"])
        not in (None, "text/html")
    )


def _answer(
    status: int, code: str, message: str, advice: str, reference: str = ""
) -> Response | tuple[str, int]:
    g.error_code = code
    title = str(_TITLES.get(status, HTTPStatus(status).phrase))
    if wants_json():
        problem = {
            "type": f"urn:waymark:error:{code}",
            "title": title,
            "status": status,
            "code": code,
            "detail": message or title,
        }
        if reference:
            problem["reference"] = reference
        response = jsonify(problem)
        response.status_code, response.content_type = status, "application/problem+json"
        return response
    page = render_template(
        "errors/error.html", status=status, code=code, title=title, message=message,
        advice=advice, reference=reference,
    )  # fmt: skip
    return page, status
