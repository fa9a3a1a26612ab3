"""`flask surveys publish | schedule | extend | report | audience`: the secretariat's desk."""

from datetime import datetime
from pathlib import Path

import click

from app.cli.output import FileUnusable, emit, json_option, slug_argument
from app.cli.surveys import surveys_group
from app.database import operator_session
from app.moments import consultation_moment
from core.audit import OPERATOR
from core.clock import utc_now
from core.text import LANGUAGES, LocalizedText
from surveys.consultations import (
    get_consultation,
    phase_of,
    publish_version,
    schedule_consultation,
)
from surveys.errors import NothingPublished
from surveys.models import Consultation
from surveys.phases import (
    ANONYMITY,
    KINDS,
    extend_consultation,
    report_on_consultation,
    set_audience,
)
from surveys.time_zones import clean_time_zone, to_moment


class Moment(click.ParamType):
    """A date, or a date and time, with or without an offset."""

    name = "moment"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(
                f"{value!r} is no date and time; expected one such as 2026-12-06T18:00 or "
                "2026-12-06T18:00+01:00",
                parameter,
                context,
            )


@surveys_group.command("publish")
@slug_argument
@click.option("--anyway", is_flag=True, help="Even where a condition can never hold.")
@json_option
def publish(slug: str, anyway: bool, as_json: bool) -> None:
    """Freeze the newest version of the questionnaire and put it before people."""
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        if not consultation.versions:
            raise NothingPublished(slug=slug)
        version = consultation.versions[-1]
        publish_version(
            session, consultation=consultation, version=version, actor=OPERATOR, now=utc_now(),
            anyway=anyway,
        )  # fmt: skip
        document = {"slug": slug, "version": version.number, "sha256": version.sha256}
    emit(document, as_json=as_json, text=f"{slug}: version {document['version']} is published.")


@surveys_group.command("schedule")
@slug_argument
@click.option("--opens", type=Moment(), help="Date and time; now when not given.")
@click.option("--closes", type=Moment(), help="Date and time; open-ended when not given.")
@click.option(
    "--time-zone",
    help="Where the clocks show these times, such as Europe/Brussels; the page names it. "
    "Without it: the consultation's own, and UTC for one that had no dates yet.",
)
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
    time_zone: str | None,
    retain_until: datetime | None,
    as_json: bool,
) -> None:
    """Set when the consultation opens and closes; it then does so by itself.

    A time that the clocks leave out in spring is refused; for one that comes twice in autumn give
    the offset: 2026-10-25T02:30+01:00. Moving the closing later once it is open is an extension.
    """
    now = utc_now()
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        own = consultation.time_zone if consultation.opens_at is not None else "UTC"
        zone = clean_time_zone(time_zone, where="--time-zone") if time_zone else own
        opens_at = to_moment(opens, time_zone=zone, where="--opens") if opens else now
        closes_at = to_moment(closes, time_zone=zone, where="--closes") if closes else None
        schedule_consultation(
            session, consultation=consultation, opens_at=opens_at, closes_at=closes_at,
            actor=OPERATOR, now=now, time_zone=zone,
            retained_until=retain_until.date() if retain_until else None,
        )  # fmt: skip
        document = {
            "slug": slug,
            "opens_at": opens_at.isoformat(),
            "closes_at": closes_at.isoformat() if closes_at else None,
            "time_zone": zone,
            "phase": phase_of(consultation, now=now).value,
            "retained_until": retain_until.date().isoformat() if retain_until else None,
        }
        text = f"{slug}: open from {_said(opens_at, consultation)}"
        if closes_at:
            text += f" until {_said(closes_at, consultation)}"
    emit(document, as_json=as_json, text=f"{text}.")


@surveys_group.command("extend")
@slug_argument
@click.option("--closes", type=Moment(), required=True, help="The new date and time of closing.")
@json_option
def extend(slug: str, closes: datetime, as_json: bool) -> None:
    """Move the closing later. The page then says so, with the closing first announced.

    The time is meant in the consultation's time zone, unless it has an offset.
    """
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        closes_at = to_moment(closes, time_zone=consultation.time_zone, where="--closes")
        extend_consultation(
            session, consultation=consultation, closes_at=closes_at, actor=OPERATOR, now=utc_now()
        )
        assert consultation.first_closes_at is not None
        document = {
            "slug": slug,
            "first_closes_at": consultation.first_closes_at.isoformat(),
            "closes_at": closes_at.isoformat(),
            "time_zone": consultation.time_zone,
            "phase": phase_of(consultation, now=utc_now()).value,
        }
        text = (
            f"{slug}: extended until {_said(closes_at, consultation)}; first announced "
            f"until {_said(consultation.first_closes_at, consultation)}."
        )
    emit(document, as_json=as_json, text=text)


@surveys_group.command("report")
@slug_argument
@click.option("--text", "texts", multiple=True, metavar="LANGUAGE=TEXT", help="A short report.")
@click.option(
    "--file", "files", multiple=True, metavar="LANGUAGE=FILE", help="A report in a UTF-8 file."
)
@json_option
def report(slug: str, texts: tuple[str, ...], files: tuple[str, ...], as_json: bool) -> None:
    """Publish what was made of the input, once the consultation has closed.

    One --text or --file for each language; the first one is shown where a reader's is missing.
    An empty line begins a new paragraph. Given again, the text is corrected and its day stays.
    """
    given: dict[str, str] = {}
    for option, values in (("--text", texts), ("--file", files)):
        for value in values:
            language, separator, content = value.partition("=")
            if not separator or language not in LANGUAGES:
                raise click.UsageError(
                    f"{option} {value[:40]!r}: expected LANGUAGE=…, with a language such as en"
                )
            given[language] = _read(Path(content)) if option == "--file" else content
    if not given:
        raise click.UsageError("expected --text or --file, once for each language")
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        report_on_consultation(
            session, consultation=consultation, report=LocalizedText(given), actor=OPERATOR,
            now=utc_now(),
        )  # fmt: skip
        assert consultation.reported_at is not None
        document = {
            "slug": slug,
            "languages": list(given),
            "reported_at": consultation.reported_at.isoformat(),
        }
    emit(document, as_json=as_json, text=f"{slug}: the report is published ({', '.join(given)}).")


@surveys_group.command("audience")
@slug_argument
@click.option("--kind", type=click.Choice(KINDS), help="Everyone, or people who are invited.")
@click.option(
    "--mode",
    type=click.Choice(ANONYMITY),
    help="What is promised: nothing connects answer and person; one pseudonym; or who it was.",
)
@json_option
def audience(slug: str, kind: str | None, mode: str | None, as_json: bool) -> None:
    """Choose who may answer and what is promised to them, before the consultation opens."""
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        if kind or mode:
            set_audience(
                session, consultation=consultation, kind=kind or consultation.kind,
                anonymity=mode or consultation.anonymity, actor=OPERATOR, now=utc_now(),
            )  # fmt: skip
        document = {"slug": slug, "kind": consultation.kind, "mode": consultation.anonymity}
    text = f"{slug}: {document['kind']}, {document['mode']}."
    emit(document, as_json=as_json, text=text)


def _said(moment: datetime, consultation: Consultation) -> str:
    return consultation_moment(moment, consultation, "en")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnusable(file=str(path), reason="it is not UTF-8") from None
