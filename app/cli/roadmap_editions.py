"""`flask roadmap publish | diff | link`: evidence and editions, for operators."""

import click

from app.cli.output import emit, json_option
from app.cli.roadmap import roadmap_group
from app.database import get_database, operator_session
from app.projection import project_responses
from core.audit import OPERATOR
from core.clock import utc_now
from core.ids import clean_slug
from roadmap.editions.publishing import compare_published, publish_edition
from roadmap.evidence.links import link_evidence
from roadmap.roadmaps import get_roadmap
from surveys.consultations import get_consultation


@roadmap_group.command("link")
@click.argument("slug")
@click.argument("subject")
@click.option("--consultation", required=True, help="The consultation's slug.")
@click.option("--question", required=True, help="A question's code, or question.row.")
@click.option("--option", default="", help="One option's code; without it, all as a scale.")
@click.option("--falling", is_flag=True, help="The first option is the highest of the scale.")
@click.option("--without", multiple=True, help="Code of an option that is no point of the scale.")
@json_option
def link(
    slug: str,
    subject: str,
    consultation: str,
    question: str,
    option: str,
    falling: bool,
    without: tuple[str, ...],
    as_json: bool,
) -> None:
    """Let a question speak for SUBJECT: a milestone's code, or FROM>TO for a dependency."""
    with operator_session() as session:
        link_evidence(
            session, roadmap=get_roadmap(session, slug=clean_slug(slug)), subject=subject,
            consultation=get_consultation(session, slug=clean_slug(consultation)),
            question=question, option=option, falling=falling, left_out=without,
            actor=OPERATOR, now=utc_now(),
        )  # fmt: skip
    document = {"slug": slug, "subject": subject, "question": question, "option": option or None}
    emit(document, as_json=as_json, text=f"{question} now speaks for {subject}.")


@roadmap_group.command("publish")
@click.argument("slug")
@click.argument("version")
@json_option
def publish(slug: str, version: str, as_json: bool) -> None:
    """Publish the draft of SLUG as edition VERSION, such as 1.0. It never changes again."""
    now = utc_now()
    with operator_session() as session:
        # Evidence rests on results: what was submitted so far is counted first.
        project_responses(session, now=now)
        edition = publish_edition(
            session, slug=clean_slug(slug), version=version, actor=OPERATOR, now=now
        )
        document = {"slug": clean_slug(slug), "version": version, "sha256": edition.sha256}
    emit(document, as_json=as_json, text=f"Published {version}; SHA-256 {document['sha256']}.")


@roadmap_group.command("diff")
@click.argument("slug")
@click.argument("older")
@click.argument("newer")
@json_option
def diff(slug: str, older: str, newer: str, as_json: bool) -> None:
    """Say what changed between two editions, and which evidence is behind it."""
    with get_database().reading() as session:
        changes = compare_published(session, slug=clean_slug(slug), older=older, newer=newer)
    lines = [
        f"{change['kind']:<14} {change['code']}: {change['before']} -> {change['after']}"
        f" ({len(change['evidence'])} pieces of evidence)"
        for change in changes
    ]
    emit(changes, as_json=as_json, text="\n".join(lines) or "Nothing changed.")
