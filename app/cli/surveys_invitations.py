"""`flask surveys invite | remind | bounces`: the people a targeted poll is for."""

from pathlib import Path
from typing import Any

import click

from app.cli.output import emit, json_option, note, slug_argument
from app.cli.surveys import surveys_group
from app.database import operator_session
from app.invitation_mail import invitation_address
from app.journey import credential_key
from core.audit import OPERATOR
from core.clock import utc_now
from surveys.consultations import get_consultation
from surveys.errors import InvalidInvitationList, UnreadableFile
from surveys.inviting.delivery_reports import MAXIMUM_BYTES, read_reports
from surveys.inviting.invitation_lists import InvitationList, read_invitation_list
from surveys.inviting.invitation_register import note_reports
from surveys.inviting.invitations import create_invitations, note_answers, require_targeted
from surveys.inviting.mailing import find_known, invite_people, remind, send_invitations

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SENDING = {
    "now": "The worker sends them.",
    "at_opening": "They are sent when it opens.",
    "later": "No dates are set yet: send them with --send when there are.",
}


@surveys_group.command("invite")
@slug_argument
@click.option("--count", type=int, help="How many one-time links to make, to be handed over.")
@click.option("--list", "list_file", type=_FILE, help="A CSV file of people to invite by e-mail.")
@click.option("--send", is_flag=True, help="Send the invitations that wait for the dates.")
@click.option("--dry-run", is_flag=True, help="With --list: only say what would happen.")
@click.option("--skip-bad", is_flag=True, help="With --list: import without the bad lines.")
@json_option
def invite(
    slug: str,
    count: int | None,
    list_file: Path | None,
    send: bool,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Invite people to a targeted poll: by e-mail from a list, or with links on paper.

    The list has a line of headings: name, e-mail, organisation, language, and any others. With a
    bad line nothing is imported, unless --skip-bad. Links on paper are shown once; tokens are
    stored hashed.
    """
    if sum((count is not None, list_file is not None, send)) != 1:
        raise click.UsageError("expected one of --count, --list and --send")
    if list_file is None and (dry_run or skip_bad):
        raise click.UsageError("--dry-run and --skip-bad go with --list")
    if count is not None:
        _make_links(slug, count, as_json)
    elif list_file is not None:
        _import_list(slug, list_file, dry_run, skip_bad, as_json)
    else:
        with operator_session() as session:
            sent = send_invitations(
                session, consultation=get_consultation(session, slug=slug), actor=OPERATOR,
                now=utc_now(),
            )  # fmt: skip
        emit({"slug": slug, "sent": sent}, as_json=as_json, text=f"{slug}: {sent} will be sent.")


@surveys_group.command("remind")
@slug_argument
@click.option("--again", is_flag=True, help="Also whoever was reminded today already.")
@json_option
def remind_people(slug: str, again: bool, as_json: bool) -> None:
    """Write once more to those who have not answered, declined or bounced.

    In an anonymous poll that is whoever has not used the link: more is not known.
    """
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        if consultation.anonymity == "pseudonymous":
            note_answers(session, consultation_id=consultation.id, key=credential_key())
        count = remind(
            session, consultation=consultation, actor=OPERATOR, now=utc_now(), again=again
        )
    text = f"{slug}: {count} reminded; the worker sends the e-mails."
    emit({"slug": slug, "reminded": count}, as_json=as_json, text=text)


@surveys_group.command("bounces")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@json_option
def bounces(files: tuple[Path, ...], as_json: bool) -> None:
    """Read FILES (.eml or mbox) with reports of letters that came back, and mark the invitations.

    Only delivery reports (RFC 3464) that say "failed" count; other mail is passed over.
    """
    found = []
    for file in files:
        if file.stat().st_size > MAXIMUM_BYTES:
            raise UnreadableFile(
                where=file.name, reason=f"is larger than {MAXIMUM_BYTES // 10**6} MB"
            )
        found.append((file, read_reports(file.read_bytes())))
    entries: list[dict[str, Any]] = []
    with operator_session() as session:
        for file, reports in found:
            noted = note_reports(
                session, reports=reports, key=credential_key(), actor=OPERATOR, now=utc_now()
            )
            entries.append(
                {
                    "file": file.name,
                    "messages": reports.messages,
                    "reports": reports.reports,
                    "failures": len(reports.failures),
                    "marked": noted.marked,
                    "unknown": noted.unknown,
                }
            )
    lines = [
        f"{entry['file']}: {entry['messages']} messages, {entry['reports']} delivery reports; "
        f"{entry['marked']} invitations marked, {entry['unknown']} failures not of ours."
        for entry in entries
    ]
    emit({"files": entries}, as_json=as_json, text="\n".join(lines))


def _make_links(slug: str, count: int, as_json: bool) -> None:
    with operator_session() as session:
        tokens = create_invitations(
            session, consultation=get_consultation(session, slug=slug), count=count,
            actor=OPERATOR, now=utc_now(),
        )  # fmt: skip
    links = [invitation_address(slug, token) for token in tokens]
    emit({"slug": slug, "links": links}, as_json=as_json, text="\n".join(links))


def _import_list(slug: str, file: Path, dry_run: bool, skip_bad: bool, as_json: bool) -> None:
    found = read_invitation_list(file.read_bytes())
    if found.problems and not skip_bad and not dry_run:
        raise InvalidInvitationList(
            summary=f"{file.name}: {len(found.problems)} problems in {found.lines} entries",
            problems=found.problems,
        )
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        require_targeted(consultation)
        if dry_run:
            known = find_known(session, consultation=consultation, invitees=found.invitees)
            created, sending = len(found.invitees) - len(known), "not"
        else:
            invited = invite_people(
                session, consultation=consultation, invitees=found.invitees, key=credential_key(),
                actor=OPERATOR, now=utc_now(),
            )  # fmt: skip
            known, created, sending = invited.known, invited.created, invited.sending
    document = _report(slug, found) | {
        "invited": created,
        "already_invited": [invitee.line for invitee in known],
        "dry_run": dry_run,
        "sending": sending,
    }
    for problem in found.problems if not as_json else ():
        note(f"  {problem.place}: {problem.reason}")
    done = "would be invited; nothing was done" if dry_run else "invited"
    lines = [
        f"{slug}: read as {found.encoding}, cells separated by {_SEPARATORS[found.delimiter]}.",
        f"{created} of {found.lines} {done}; {len(known)} were invited before, "
        f"{len(found.problems)} problems.",
        *([_SENDING[sending]] if sending in _SENDING and created else []),
    ]
    emit(document, as_json=as_json, text="\n".join(lines))


_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}


def _report(slug: str, found: InvitationList) -> dict[str, Any]:
    return {
        "slug": slug,
        "encoding": found.encoding,
        "separator": _SEPARATORS[found.delimiter],
        "columns": [{"heading": heading, "is": kind} for heading, kind in found.columns],
        "lines": found.lines,
        "problems": [
            {"line": problem.line, "column": problem.column, "reason": problem.reason}
            for problem in found.problems
        ],
    }
