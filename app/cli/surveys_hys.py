"""`flask surveys import --format hys`: a finished consultation with its responses."""

from dataclasses import asdict
from typing import Any

from app.database import operator_session
from core.audit import OPERATOR
from core.clock import utc_now
from surveys.imported_responses import import_have_your_say


def import_hys(_format_name: str, data: bytes, slug: str) -> tuple[dict[str, Any], str]:
    """Import an export; the document is ``{"slug", "questions", "read", "imported",
    "rejected": [{"line", "why"}]}``, ``line`` being where a record begins in the file."""
    with operator_session() as session:
        report = import_have_your_say(session, data=data, slug=slug, actor=OPERATOR, now=utc_now())
    document = asdict(report) | {"rejected": [asdict(refused) for refused in report.rejected]}
    lines = [
        f"{report.slug}: {report.imported} of {report.read} responses to {report.questions} "
        "questions imported; the consultation is closed."
    ]
    if report.rejected:
        lines.append(f"Refused ({len(report.rejected)}):")
        lines += [f"  line {refused.line}: {refused.why}" for refused in report.rejected]
    return document, "\n".join(lines)
