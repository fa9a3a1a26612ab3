"""The audit log as auditors read it: events, batches, and whether everything verifies."""

from flask import Blueprint, render_template, request

from app.access import requires
from app.database import read_session
from core import audit

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

PAGE = 50


@blueprint.get("/")
@requires("audit.read")
def index() -> str:
    after = max(request.args.get("after", 0, type=int), 0)
    entries = audit.list_events(read_session(), limit=PAGE + 1, after=after)
    return render_template(
        "audit/index.html",
        entries=entries[:PAGE],
        older=after + PAGE if len(entries) > PAGE else None,
        outcome=audit.verify(read_session()),
    )
