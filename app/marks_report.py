"""The report on unusual responses of this instance: made by the worker, a command or a button,
kept as a file, shown to staff, and disclosed to everyone in one sentence.

It is a file beside the results projection, because it can be made anew at any time and belongs to
no transaction; it holds counts and ids, no text (``surveys.counting.unusual``).
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app

from app.caching import remembered
from app.config import Settings
from app.database import get_database
from app.projection import project_responses
from core.clock import utc_now
from core.ids import random_uuid
from surveys.consultations import get_consultation, list_consultations, phase_of
from surveys.counting.unusual import disclosed_campaigns, report_unusual
from surveys.errors import NothingPublished, ResponsesDeleted
from surveys.models import Consultation


def make_report(
    *, slug: str, now: datetime, progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """Bring the results up to date, make the report (``report_unusual``) and keep it.

    In sessions of its own: reading takes seconds, and nobody who writes waits for it. Raises
    ``ConsultationNotFound`` and what ``report_unusual`` raises.
    """
    with get_database().transaction() as session:
        get_consultation(session, slug=slug)
        project_responses(session, now=now)
    with get_database().reading() as session:
        consultation = get_consultation(session, slug=slug)
        report = report_unusual(session, consultation=consultation, now=now, progress=progress)
    path = _path(consultation)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f"{path.name}.{random_uuid().hex}")
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(report, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return report


def find_report(consultation: Consultation) -> dict[str, Any] | None:
    """The report kept last; None where there is none that can be read."""
    try:
        report: dict[str, Any] = json.loads(_path(consultation).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return report


def make_due_reports(now: datetime) -> int:
    """Report on every consultation that was closed after its last report; returns how many."""
    made = 0
    with get_database().reading() as session:
        waiting = [c.slug for c in list_consultations(session) if _is_due(c, now)]
    for slug in waiting:
        with suppress(NothingPublished, ResponsesDeleted):
            make_report(slug=slug, now=now)
            made += 1
    return made


def campaigns_disclosed(consultation: Consultation) -> list[int]:
    """The sizes of large campaigns, rounded down, of a consultation that has closed; else none."""
    if not phase_of(consultation, now=utc_now()).is_closed:
        return []

    def read() -> list[int]:
        report = find_report(consultation)
        return disclosed_campaigns(report) if report else []

    sizes: list[int] = remembered(("campaigns", consultation.id), read)
    return sizes


def _is_due(consultation: Consultation, now: datetime) -> bool:
    if not phase_of(consultation, now=now).is_closed:
        return False
    if consultation.retained_until is not None and consultation.retained_until < now.date():
        return False
    report = find_report(consultation)
    if report is None:
        return True
    ended = [moment for moment in (consultation.filled_at, consultation.closes_at) if moment]
    return datetime.fromisoformat(report["made_at"]) < min(ended, default=now)


def _path(consultation: Consultation) -> Path:
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return settings.instance / "marks" / f"{consultation.id}.json"
