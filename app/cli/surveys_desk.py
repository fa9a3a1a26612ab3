"""`flask surveys publish | schedule | invite`: what the secretariat's desk does, for operators."""

from datetime import UTC, datetime

import click
from flask import current_app

from app.cli.output import emit, json_option, slug_argument
from app.cli.surveys import surveys_group
from app.database import operator_session
from core.audit import OPERATOR
from core.clock import utc_now
from surveys.consultations import get_consultation, publish_version, schedule_consultation
from surveys.errors import NothingPublished
from surveys.invitations import create_invitations

_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@surveys_group.command("publish")
@slug_argument
@json_option
def publish(slug: str, as_json: bool) -> None:
    """Freeze the newest version of the questionnaire and put it before people."""
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        if not consultation.versions:
            raise NothingPublished(slug=slug)
        version = consultation.versions[-1]
        publish_version(
            session, consultation=consultation, version=version, actor=OPERATOR, now=utc_now()
        )
        document = {"slug": slug, "version": version.number, "sha256": version.sha256}
    emit(document, as_json=as_json, text=f"{slug}: version {document['version']} is published.")


@surveys_group.command("schedule")
@slug_argument
@click.option("--opens", type=_MOMENT, help="Date and time in UTC; now when not given.")
@click.option("--closes", type=_MOMENT, help="Date and time in UTC; open-ended when not given.")
@click.option(
    "--retain-until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day on which responses are kept; then a job deletes them.",
)
@json_option
def schedule(
    slug: str,
    opens: datetime | None,
    closes: datetime | None,
    retain_until: datetime | None,
    as_json: bool,
) -> None:
    """Set when the consultation opens and closes; it then does so by itself."""
    now = utc_now()
    opens_at = opens.replace(tzinfo=UTC) if opens else now
    closes_at = closes.replace(tzinfo=UTC) if closes else None
    with operator_session() as session:
        schedule_consultation(
            session, consultation=get_consultation(session, slug=slug), opens_at=opens_at,
            closes_at=closes_at, actor=OPERATOR, now=now,
            retained_until=retain_until.date() if retain_until else None,
        )  # fmt: skip
    document = {
        "slug": slug,
        "opens_at": opens_at.isoformat(),
        "closes_at": closes_at.isoformat() if closes_at else None,
        "retained_until": retain_until.date().isoformat() if retain_until else None,
    }
    until = f" until {document['closes_at']}" if closes_at else ""
    emit(document, as_json=as_json, text=f"{slug}: open from {document['opens_at']}{until}.")


@surveys_group.command("invite")
@slug_argument
@click.option("--count", type=int, required=True, help="How many one-time links to make.")
@json_option
def invite(slug: str, count: int, as_json: bool) -> None:
    """Make one-time links for a targeted poll. They are shown once and stored hashed."""
    with operator_session() as session:
        tokens = create_invitations(
            session, consultation=get_consultation(session, slug=slug), count=count,
            actor=OPERATOR, now=utc_now(),
        )  # fmt: skip
    prefix = current_app.config["WAYMARK_SETTINGS"].public_url.rstrip("/")
    links = [f"{prefix}/consultations/{slug}/invitation/{token}" for token in tokens]
    emit({"slug": slug, "links": links}, as_json=as_json, text="\n".join(links))
