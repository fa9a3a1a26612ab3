"""The answer to whoever is over a rate limit: when to try again, with nothing lost."""

import time
from http import HTTPStatus

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask_limiter import RateLimitExceeded

from app.errors import wants_json
from app.limits import TooMany, limiter

# What was typed is given back, to be sent again, up to this many bytes.
_GIVEN_BACK = 300_000


def init_app(app: Flask) -> None:
    app.register_error_handler(RateLimitExceeded, _handle_exceeded)
    app.register_error_handler(TooMany, lambda error: _answer(error.seconds))


def _handle_exceeded(_error: RateLimitExceeded) -> Response:
    breached = limiter.current_limit
    return _answer(max(1, round(breached.reset_at - time.time())) if breached else 60)


def _answer(seconds: int) -> Response:
    g.error_code = "http.429"
    response = _problem(seconds) if wants_json() else make_response(_page(seconds))
    response.status_code = 429
    response.headers["Retry-After"] = str(seconds)
    return response


def _problem(seconds: int) -> Response:
    response = jsonify(
        type="urn:waymark:error:http.429",
        title=HTTPStatus(429).phrase,
        status=429,
        code="http.429",
        detail=f"Too many requests came from your network. Try again in {seconds} seconds.",
    )
    response.content_type = "application/problem+json"
    return response


def _page(seconds: int) -> str:
    """With what was typed in it, and a button that sends it again: no server has it yet."""
    view = current_app.view_functions.get(request.endpoint or "")
    gives_back = (
        getattr(view, "__gives_back__", False)
        and (request.content_length or 0) <= _GIVEN_BACK
        and not request.files
    )
    return render_template(
        "errors/too_many.html", seconds=seconds, minutes=-(-seconds // 60),
        typed=list(request.form.items(multi=True)) if gives_back else [],
    )  # fmt: skip
