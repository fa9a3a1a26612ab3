"""`flask roadmap link | publish | diff | verify | withdraw | candidate | chain`, for operators."""

from dataclasses import asdict
from typing import IO, Any

import click
from sqlalchemy.orm import Session

from app.cli.output import emit, json_option
from app.cli.roadmap import roadmap_group
from app.database import get_database, operator_session
from app.projection import project_responses
from core.audit import OPERATOR
from core.clock import utc_now
from core.ids import clean_slug
from roadmap.editions.chain import chain_document
from roadmap.editions.comparison import Change
from roadmap.editions.publishing import (
    ask_for_withdrawal,
    compare_published,
    list_editions,
    publish_edition,
)
from roadmap.editions.stages import find_open_candidate, standing_of
from roadmap.editions.verifying.canonical import LARGEST_FILE
from roadmap.editions.verifying.command import Checked, Verdict, verify
from roadmap.editions.verifying.standalone import FILENAME, standalone_script
from roadmap.errors import CandidateNotFound
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
    """Publish the draft of SLUG as edition VERSION, such as 1.0. It never changes again.

    Nobody has to approve it, and the edition says so; on the website two people do.
    """
    now = utc_now()
    with operator_session() as session:
        # Evidence rests on results: what was submitted so far is counted first.
        project_responses(session, now=now)
        edition = publish_edition(
            session, slug=clean_slug(slug), version=version, actor=OPERATOR, now=now
        )
        document = {"slug": clean_slug(slug), "version": version, "sha256": edition.sha256}
    emit(document, as_json=as_json, text=f"Published {version}; SHA-256 {document['sha256']}.")


@roadmap_group.command("withdraw")
@click.argument("slug")
@click.argument("version")
@click.option("--reason", required=True, help="Why; everybody will read it.")
@json_option
def withdraw(slug: str, version: str, reason: str, as_json: bool) -> None:
    """Withdraw edition VERSION of SLUG: it stays readable, and says that it no longer holds."""
    with operator_session() as session:
        edition = ask_for_withdrawal(
            session, slug=clean_slug(slug), version=version, reason=reason, actor=OPERATOR,
            now=utc_now(),
        )  # fmt: skip
        document = {
            "slug": clean_slug(slug), "version": version, "reason": edition.withdrawal_reason,
        }  # fmt: skip
    emit(document, as_json=as_json, text=f"Edition {version} is withdrawn.")


@roadmap_group.command("candidate")
@click.argument("slug")
@json_option
def candidate(slug: str, as_json: bool) -> None:
    """Say which edition of SLUG is being prepared, and what it still needs."""
    slug = clean_slug(slug)
    with get_database().reading() as session:
        get_roadmap(session, slug=slug)
        found = find_open_candidate(session, slug=slug)
        if found is None:
            raise CandidateNotFound(slug=slug, version="…")
        standing = standing_of(session, slug=slug, candidate=found)
        document = {
            "slug": slug,
            "version": found.version,
            "stage": found.stage,
            "sha256": found.sha256,
            "approvals": [
                {"role": each.role, "approved_on": each.approved_at.date().isoformat()}
                for each in standing.approvals
            ],
            "missing": standing.missing,
            "draft_moved": standing.draft_moved,
            "outdated": standing.outdated,
        }
    text = f"{found.version}: {found.stage}, {standing.missing} approvals are missing."
    emit(document, as_json=as_json, text=text)


@roadmap_group.command("diff")
@click.argument("slug")
@click.argument("older")
@click.argument("newer")
@json_option
def diff(slug: str, older: str, newer: str, as_json: bool) -> None:
    """Say what changed between two editions, and which evidence is behind it."""
    with get_database().reading() as session:
        changes = compare_published(session, slug=clean_slug(slug), older=older, newer=newer)
    text = "\n".join(_in_words(change) for change in changes)
    emit(changes, as_json=as_json, text=text or "Nothing changed.")


@roadmap_group.command("verify")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--previous", multiple=True, type=click.File("rb"), help="An edition before it; repeatable."
)
@click.option("--sha256", help="The SHA-256 that the edition is to have.")
@json_option
def verify_file(
    file: IO[bytes], previous: tuple[IO[bytes], ...], sha256: str | None, as_json: bool
) -> None:
    """Check FILE, an edition or a chain of them; exit status 1 if it is not valid.

    What it says is computed again, and where this instance knows the edition, its SHA-256 has to
    be the published one.
    """
    verdict, checked = verify(
        file.read(LARGEST_FILE + 1),
        previous=[each.read(LARGEST_FILE + 1) for each in previous],
        sha256=sha256,
    )
    if verdict.valid:
        with get_database().reading() as session:
            verdict = _as_published(session, verdict, checked)
    word = "valid" if verdict.valid else "not valid"
    emit(asdict(verdict), as_json=as_json, text=f"{word}: {verdict.reason}")
    if not verdict.valid:
        raise click.exceptions.Exit(1)


@roadmap_group.command("chain")
@click.argument("slug")
@click.option("-o", "--output", type=click.File("wb", atomic=True), default="-")
def chain(slug: str, output: IO[bytes]) -> None:
    """Write all editions of SLUG with their hashes as one file that anyone can verify."""
    with get_database().reading() as session:
        get_roadmap(session, slug=clean_slug(slug))
        editions = list_editions(session, slug=clean_slug(slug))
        output.write(chain_document(clean_slug(slug), editions))


@roadmap_group.command("verifier")
@click.option("-o", "--output", type=click.File("wb", atomic=True), default=FILENAME)
def verifier(output: IO[bytes]) -> None:
    """Write the script that verifies editions offline, with Python 3.11 and nothing else."""
    output.write(standalone_script().encode())


def _as_published(session: Session, verdict: Verdict, checked: tuple[Checked, ...]) -> Verdict:
    """The verdict with what this instance knows of these editions."""
    known = {
        slug: {edition.version: edition.sha256 for edition in list_editions(session, slug=slug)}
        for slug in {each.slug for each in checked}
    }
    for each in checked:
        here = known[each.slug]
        if not here:
            continue
        if each.version not in here:
            reason = f"version: no edition {each.version} of “{each.slug}” was published here"
            return Verdict(False, reason)
        if here[each.version] != each.sha256:
            reason = (
                f"sha256: edition {each.version} of “{each.slug}” was published here with "
                f"{here[each.version]}, this one has {each.sha256}"
            )
            return Verdict(False, reason)
    if all(known.values()):
        about = "; ".join(f"edition {each.version} of “{each.slug}”" for each in checked[-1:])
        return Verdict(True, f"{about} is what was published here, and agrees with itself")
    return verdict


def _in_words(change: Change) -> str:
    """One line of a difference, and a line for each reason."""
    evidence: list[Any] = change["evidence"]
    line = (
        f"{change['kind']:<14} {change['code']}: {change['before']} -> {change['after']}"
        f" ({len(evidence)} pieces of evidence)"
    )
    return "\n".join([line, *(f"{'':<14} because: {reason}" for reason in change["reasons"])])
