"""Where the results projection lives, and who keeps it up to date: jobs and commands."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from app.config import Settings
from surveys.counting import projection


def projection_directory() -> Path:
    """The folder of the projection's files in this instance."""
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return settings.instance / "projection"


def project_responses(session: Session, *, now: datetime) -> int:
    """Bring all results up to date; returns how many responses were projected."""
    return projection.bring_up_to_date(session, directory=projection_directory(), now=now)


def mix_projection(session: Session, *, versions: Collection[UUID]) -> None:
    """Let the projection of these questionnaire versions forget when its parts were written."""
    projection.mix(session, directory=projection_directory(), versions=versions)


def tidy_projection(session: Session, *, now: datetime) -> int:
    """Forget rows past their retention and files nobody needs; returns the files deleted."""
    projection.erase_expired_rows(session, now=now)
    return projection.sweep(session, directory=projection_directory(), now=now)
