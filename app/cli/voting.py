"""`flask voting`: what a majority takes, and tallies that anyone can recount."""

import re
from pathlib import Path
from typing import Any

import click

from app.cli.output import CommandGroup, emit, json_option, note, slug_argument
from app.database import get_database
from voting.calculator import CALCULABLE, calculate
from voting.errors import InvalidExport
from voting.motions import get_motion, get_record, get_tally, list_motions
from voting.populations import LATEST_YEAR, YEARS
from voting.reasons import percentage
from voting.record import MAXIMUM_BYTES, fingerprint, read_record, record_bytes, recount

voting_group = CommandGroup("voting", help="Votes of the delegations.")


def _codes(_context: click.Context, _option: click.Parameter, given: Any) -> list[str] | None:
    """``DE,FR EL`` → three codes; an option may be repeated. None when it was not given."""
    if not given:
        return None
    return [code for value in given for code in re.split(r"[,;\s]+", value) if code]


def _members_option(name: str, text: str) -> Any:
    return click.option(
        name, multiple=True, callback=_codes, metavar="CODES", help=f"{text}, as DE,FR,EL."
    )


@voting_group.command("qmv")
@_members_option("--yes", "Members in favour")
@_members_option("--abstain", "Members abstaining; in effect, not in favour")
@_members_option("--participating", "Members taking part, all if not given")
@click.option("--rule", type=click.Choice(CALCULABLE), default="qualified", show_default=True)
@click.option(
    "--year",
    type=click.Choice([str(year) for year in YEARS]),
    default=str(LATEST_YEAR),
    show_default=True,
    help="Year of the population table.",
)
@json_option
def qmv(
    yes: list[str] | None,
    abstain: list[str] | None,
    participating: list[str] | None,
    rule: str,
    year: str,
    as_json: bool,
) -> None:
    """Say whether a vote would be carried, and why. Needs no database.

    Whoever is not listed did not vote in favour. The population share is in percent, cut (never
    rounded up) after four decimals.
    """
    calculation = calculate(
        rule=rule, year=int(year), yes=yes or (), abstain=abstain or (), participating=participating
    )
    decision = calculation.decision
    share = decision.population_share
    document = {
        "attained": decision.attained,
        "members": decision.members,
        "population_share": None if share is None else float(percentage(share, 4)),
        "reason": calculation.reason,
    }
    emit(document, as_json=as_json, text=calculation.reason)


@voting_group.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List the motions, the newest first."""
    with get_database().reading() as session:
        document = [
            {
                "slug": motion.slug,
                "title": motion.title.in_language("en"),
                "rule": motion.rule,
                "status": motion.phase.value,
                "attained": motion.tally["attained"] if motion.tally else None,
            }
            for motion in list_motions(session)
        ]
    lines = [f"{entry['slug']}  {entry['status']}  {entry['title']}" for entry in document]
    emit(document, as_json=as_json, text="\n".join(lines) or "There are no motions yet.")


@voting_group.command("tally")
@slug_argument
@json_option
def tally(slug: str, as_json: bool) -> None:
    """Show the tally of a closed motion."""
    with get_database().reading() as session:
        result = get_tally(session, slug=slug)
        motion = get_motion(session, slug=slug)
        document = {"slug": motion.slug, "record_sha256": motion.record_sha256, **result}
    emit(document, as_json=as_json, text=_describe(document))


@voting_group.command("export")
@slug_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Where to write the record.",
)
@json_option
def export(slug: str, output: Path, as_json: bool) -> None:
    """Write the record of a closed motion, from which anyone can recount it."""
    with get_database().reading() as session:
        record = get_record(session, slug=slug)
    content = record_bytes(record)
    output.write_bytes(content)
    document = {
        "slug": slug,
        "file": str(output),
        "bytes": len(content),
        "sha256": fingerprint(record),
    }
    emit(document, as_json=as_json, text=f"Wrote {output}, SHA-256 {document['sha256']}.")


@voting_group.command("recount")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def recount_file(file: Path, as_json: bool) -> None:
    """Count an exported vote again, from its ballots alone. Needs no database.

    Refused when the file was changed after the vote. Compare the fingerprint it prints with the
    one published on the motion's page.
    """
    if file.stat().st_size > MAXIMUM_BYTES:
        raise InvalidExport(reason=f"it is larger than {MAXIMUM_BYTES:,} bytes")
    content = file.read_bytes()
    record = read_record(content)
    result = recount(record).as_document()
    document = {
        "slug": record["motion"]["slug"],
        "record_sha256": fingerprint(record),
        **result,
    }
    if content != record_bytes(record):
        note("The file is not canonical JSON, so its own SHA-256 differs; its content is intact.")
    emit(document, as_json=as_json, text=_describe(document))


def _describe(document: dict[str, Any]) -> str:
    counts = ", ".join(
        f"{len(document[choice])} {word}"
        for choice, word in (
            ("yes", "yes"),
            ("no", "no"),
            ("abstain", "abstain"),
            ("not_voting", "not voting"),
        )
    )
    return f"{document['reason']}\n{counts}. SHA-256 of the record: {document['record_sha256']}"
