"""Health, metrics and logs for the person who runs it; no address and no answer in any of them."""

import logging
import sys
import time
from uuid import uuid4

import structlog
from flask import Flask, g, request
from flask.wrappers import Response

from app.config import Settings


def init_app(app: Flask, settings: Settings) -> None:
    configure_logging(settings.log_level)
    app.before_request(_start)
    app.after_request(_finish)


def configure_logging(level: str) -> None:
    """One JSON object a line on standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _start() -> None:
    g.started = time.perf_counter()
    g.request_id = uuid4().hex[:12]


def _finish(response: Response) -> Response:
    # The rule, not the path: a path may hold a token.
    rule = request.url_rule.rule if request.url_rule else "-"
    structlog.get_logger().info(
        "request",
        id=g.get("request_id"),
        method=request.method,
        rule=rule,
        status=response.status_code,
        code=g.get("error_code"),
        milliseconds=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
    )
    return response
