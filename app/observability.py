"""Metrics and logs for the person who runs it; no address and no answer in either."""

import contextlib
import logging
import os
import sys
import time
import traceback
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, g, request
from flask.wrappers import Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from structlog.typing import EventDict

from app.config import Settings

# One registry a process. Several workers share files when gunicorn is started with
# app/gunicorn_conf.py, which sets PROMETHEUS_MULTIPROC_DIR.
_REGISTRY = CollectorRegistry()
_REQUESTS = Counter(
    "waymark_requests_total", "Requests answered.", ("method", "rule", "status"),
    registry=_REGISTRY,
)  # fmt: skip
_SECONDS = Histogram(
    "waymark_request_seconds", "Time to answer.", ("rule",), registry=_REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
# Watched by machines every few seconds: not worth a line each.
_QUIET_RULES = frozenset({"/healthz", "/readyz", "/metrics", "/static/<path:filename>"})


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
            _add_traceback,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=lambda *_: structlog.PrintLogger(_LINES),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )


class _StandardError:
    """Standard error, asked for anew each time: whoever redirects it gets the lines.

    A line that cannot be written, because the log's disk is full or its reader gone, is lost; the
    request it is about is not.
    """

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


_LINES = _StandardError()


def _add_traceback(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Where it went wrong and what kind of fault it was, in place of ``exc_info``.

    Not the fault's own words: a database names the value that was taken already, a parser quotes
    what it could not read.
    """
    if event.pop("exc_info", None):
        error = sys.exception()
        chain = []
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
            chain.append({"kind": type(error).__qualname__, "where": where})
            error = error.__cause__ or error.__context__
        event["exception"] = chain
    return event


def render_metrics(
    *, outbox_waiting: int, outbox_failed: int, audit_unsealed: int
) -> tuple[bytes, str]:
    """Everything counted so far, of all workers, in Prometheus' text format, with its type."""
    registry = _REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    state = CollectorRegistry()
    state.register(
        _State(
            ("waymark_outbox_waiting", "Messages to be delivered.", outbox_waiting),
            ("waymark_outbox_failed", "Messages that failed at least once.", outbox_failed),
            ("waymark_audit_unsealed", "Audit entries not sealed yet.", audit_unsealed),
        )
    )
    return generate_latest(registry) + generate_latest(state), CONTENT_TYPE_LATEST


class _State(Collector):
    """Figures read from the database a moment ago: the same whichever worker is asked."""

    def __init__(self, *figures: tuple[str, str, int]) -> None:
        self.figures = figures

    def collect(self) -> Iterator[Metric]:
        for name, words, value in self.figures:
            yield GaugeMetricFamily(name, words, value)


def _start() -> None:
    g.started = time.perf_counter()
    g.request_id = uuid4().hex[:12]


def _finish(response: Response) -> Response:
    # The rule, not the path: a path may hold a token.
    rule = request.url_rule.rule if request.url_rule else "-"
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    _REQUESTS.labels(request.method, rule, response.status_code).inc()
    _SECONDS.labels(rule).observe(seconds)
    if rule not in _QUIET_RULES:
        structlog.get_logger().info(
            "request",
            id=g.get("request_id"),
            method=request.method,
            rule=rule,
            status=response.status_code,
            code=g.get("error_code"),
            milliseconds=round(seconds * 1000, 1),
        )
    return response
