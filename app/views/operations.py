"""For machines that watch: alive, ready, metrics."""

import contextlib
import ipaddress
import secrets

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app import observability
from app.access import public
from app.config import Settings
from app.database import get_database
from core import schema
from core.errors import Forbidden
from core.models import AuditEntry, OutboxMessage

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """The process answers. Asks nothing of anything else, so a slow database restarts nobody."""
    return _uncached(jsonify({"status": "ok"}))


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Whether requests can be served: database reached, schema current, folder writable."""
    checks = {"database": _database(), "instance": _instance()}
    ready = all(answer == "ok" for answer in checks.values())
    document = {"status": "ready" if ready else "not ready", "checks": checks}
    return _uncached(jsonify(document)), 200 if ready else 503


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Prometheus metrics, for this machine or with the token of the settings."""
    _refuse_strangers()
    with get_database().reading() as session:
        waiting = session.scalar(select(func.count()).select_from(OutboxMessage)) or 0
        failed = session.scalar(
            select(func.count()).select_from(OutboxMessage).where(OutboxMessage.attempts > 0)
        )
        unsealed = session.scalar(
            select(func.count()).select_from(AuditEntry).where(AuditEntry.batch_number.is_(None))
        )
    body, media_type = observability.render_metrics(
        outbox_waiting=waiting, outbox_failed=failed or 0, audit_unsealed=unsealed or 0
    )
    return _uncached(Response(body, content_type=media_type))


def _database() -> str:
    engine = get_database().engine
    try:
        current = schema.current_revision(engine)
    except SQLAlchemyError:
        return "unreachable"
    return "ok" if current == schema.expected_revision() else "needs `flask db upgrade`"


def _instance() -> str:
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    probe = settings.instance / f".probe-{secrets.token_hex(4)}"
    try:
        # As much as a file needs to begin with: an empty one finds its place on a full disk, too.
        probe.write_bytes(bytes(4096))
    except OSError:
        return "not writable"
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)
    return "ok"


def _refuse_strangers() -> None:
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    given = request.headers.get("Authorization", "")
    if settings.metrics_token:
        if not secrets.compare_digest(given, f"Bearer {settings.metrics_token}"):
            raise Forbidden
        return
    # Behind a proxy every address may be this machine's: without a token only direct calls count.
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    try:
        local = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        local = False
    if forwarded or not local:
        raise Forbidden


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
