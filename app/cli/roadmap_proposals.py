"""`flask roadmap collect | proposals | dispose | feedback`: from input to decisions."""

from typing import Any

import click

from app.cli.output import emit, json_option, note, slug_argument
from app.cli.roadmap import roadmap_group
from app.database import get_database, operator_session
from app.projection import project_responses
from core.audit import OPERATOR
from core.clock import utc_now
from core.errors import InvalidInput
from core.text import LANGUAGES, LocalizedText
from roadmap.models import Disposition, Proposal
from roadmap.proposals.collecting import collect_proposals, linked_consultations
from roadmap.proposals.grouping import THRESHOLD
from roadmap.proposals.kinds import (
    DOUBTED_SHARE,
    FEW,
    YEARS_APART,
    ProposalKind,
    Verdict,
    default_title,
    parse_number,
)
from roadmap.proposals.listing import (
    Filters,
    consultations_of,
    count_people,
    latest_dispositions,
    list_proposals,
)
from roadmap.proposals.outcomes import list_outcomes
from roadmap.proposals.triage import confirm, decide, merge_proposals, undo
from roadmap.roadmaps import get_roadmap
from surveys.consultations import get_consultation

_DECISIONS = [each.value for each in Verdict if each not in (Verdict.OPEN, Verdict.SPLIT)]


@roadmap_group.command("collect")
@slug_argument
@click.option(
    "--consultation", "names", multiple=True,
    help="A consultation's slug; else all that are linked to the roadmap.",
)  # fmt: skip
@json_option
def collect(slug: str, names: tuple[str, ...], as_json: bool) -> None:
    """Collect what closed consultations ask of the roadmap into proposals.

    Again adds only what is new. Texts are put together as a suggestion; nobody's words are copied.
    """
    now = utc_now()
    with operator_session() as session:
        # Dates rest on results: what was submitted so far is counted first.
        project_responses(session, now=now)
        roadmap = get_roadmap(session, slug=slug)
        report = collect_proposals(
            session, roadmap=roadmap, actor=OPERATOR, now=now,
            consultations=[get_consultation(session, slug=name) for name in names] or None,
        )  # fmt: skip
        nothing_linked = not names and not linked_consultations(session, roadmap=roadmap)
    document = {
        "roadmap": slug, "consultations": list(report.consultations),
        "points": report.points_added, "proposals": report.proposals_added,
        "removed": report.proposals_removed,
        "skipped": [{"consultation": name, "reason": why} for name, why in report.skipped],
        "thresholds": {
            "resemblance": THRESHOLD, "years_apart": float(YEARS_APART),
            "share_of_never": float(DOUBTED_SHARE),
        },
    }  # fmt: skip
    for name, why in report.skipped:
        note(f"left out: {name} ({why})")
    if nothing_linked:
        note("No consultation is linked to this roadmap; name one with --consultation.")
    emit(
        document, as_json=as_json,
        text=f"{report.points_added} points in {report.proposals_added} new proposals;"
        f" {report.proposals_removed} taken away that nobody is behind any more.",
    )  # fmt: skip


@roadmap_group.command("proposals")
@slug_argument
@click.option("--kind", type=click.Choice([each.value for each in ProposalKind]), default=None)
@click.option("--state", default="", help="A decision, open, to_confirm or to_group.")
@click.option("--consultation", default="", help="Only those made in this consultation.")
@json_option
def proposals(slug: str, kind: str | None, state: str, consultation: str, as_json: bool) -> None:
    """List the proposals, with the newest decision about each. For staff: counts are exact."""
    with get_database().reading() as session:
        roadmap = get_roadmap(session, slug=slug)
        rows, _total = list_proposals(
            session, roadmap=roadmap,
            filters=Filters(kind=kind or "", state=state, consultation=consultation),
        )  # fmt: skip
        ids = {each.id for each in rows}
        people = count_people(session, roadmap=roadmap, proposals=ids)
        latest = latest_dispositions(session, proposals=ids)
        made_in = consultations_of(session, proposals=ids)
        document = [
            _row(each, people.get(each.id, 0), latest.get(each.id))
            | {"consultations": sorted(made_in.get(each.id, ()))}
            for each in rows
        ]
    lines = [
        f"P{each['number']}  {each['state']:<16} {each['points']:>6}  {each['title']['en']}"
        if "en" in each["title"]
        else f"P{each['number']}  {each['state']:<16} {each['points']:>6}  {each['kind']}"
        for each in document
    ]
    emit(document, as_json=as_json, text="\n".join(lines) or "There are no proposals.")


@roadmap_group.command("dispose")
@slug_argument
@click.argument("numbers", nargs=-1, required=True)
@click.option("--decision", type=click.Choice([*_DECISIONS, "undo", "confirm"]), required=True)
@click.option(
    "--reason", "reasons", multiple=True,
    help='Why, for everybody to read: a text, or LANGUAGE=TEXT such as "fr=Parce que".',
)  # fmt: skip
@click.option("--section", default="", help="Where it went: a code, or FROM>TO.")
@click.option("--into", default="", help="For “merged”: the proposal it becomes part of.")
@click.option("--apply", is_flag=True, help="Change the draft at once as the proposals ask.")
@click.option("--keep-draft", is_flag=True, help="For “undo”: leave the draft as it is.")
@json_option
def dispose(
    slug: str,
    numbers: tuple[str, ...],
    decision: str,
    reasons: tuple[str, ...],
    section: str,
    into: str,
    apply: bool,
    keep_draft: bool,
    as_json: bool,
) -> None:
    """Decide about NUMBERS (P12 …), all or none; undo, or confirm what another person decided.

    The operator is one person: what was decided here is confirmed by an account, and the other way
    round.
    """
    given: dict[str, Any] = {"actor": OPERATOR, "now": utc_now()}
    chosen = [_number(text, "numbers") for text in numbers]
    reason = _reason(reasons)
    with operator_session() as session:
        roadmap = get_roadmap(session, slug=slug)
        given |= {"roadmap": roadmap, "proposals": chosen}
        if decision == "confirm":
            done = confirm(session, **given)
        elif decision == "undo":
            done = undo(session, **given, reason=reason or None, keep_draft=keep_draft)
        elif decision == Verdict.MERGED:
            if not into:
                raise click.UsageError("“merged” needs --into.")
            done = merge_proposals(session, **given, into=_number(into, "into"), reason=reason)
        else:
            done = decide(
                session, **given, decision=decision, reason=reason, section=section, apply=apply
            )
        document = [
            {"number": number, **_disposition(each)} for number, each in zip(
                sorted(set(chosen)), done, strict=True)
        ]  # fmt: skip
    waiting = any(each["decision"] != Verdict.OPEN and not each["confirmed"] for each in document)
    if waiting:
        note("Not public yet: another person has to confirm it (the operator counts as one).")
    lines = [f"P{each['number']}: {each['decision']}" for each in document]
    emit(document, as_json=as_json, text="\n".join(lines))


@roadmap_group.command("feedback")
@slug_argument
@click.option("--consultation", default="", help="Only proposals made in this consultation.")
@json_option
def feedback(slug: str, consultation: str, as_json: bool) -> None:
    """What everybody can read: decisions that two people stand behind, with their reasons."""
    with get_database().reading() as session:
        roadmap = get_roadmap(session, slug=slug)
        name = get_consultation(session, slug=consultation).slug if consultation else ""
        document = [
            each.as_document()
            | {
                "edition": each.edition,
                "consultations": list(each.consultations),
                "into": list(each.into),
            }
            for each in list_outcomes(session, roadmap=roadmap)
            if not name or name in each.consultations
        ]
    lines = [
        f"P{each['number']}  {each['decision']:<16} "
        f"{f'fewer than {FEW}' if each['points'] is None else each['points']}"
        f"  {next(iter(each['reason'].values()), '')}"
        for each in document
    ]
    emit(document, as_json=as_json, text="\n".join(lines) or "Nothing is public yet.")


def _row(proposal: Proposal, people: int, latest: Disposition | None) -> dict[str, Any]:
    title = proposal.title or default_title(proposal.kind, proposal.subject, proposal.wanted)
    return {
        "number": proposal.number, "kind": proposal.kind, "subject": proposal.subject,
        "title": title.as_dict(), "wanted": proposal.wanted, "evidence": proposal.evidence,
        "points": people, "state": proposal.state,
        "disposition": _disposition(latest) if latest else None,
    }  # fmt: skip


def _disposition(disposition: Disposition) -> dict[str, Any]:
    return {
        "decision": disposition.decision, "reason": disposition.reason.as_dict(),
        "section": disposition.section, "disposition": disposition.number,
        "confirmed": disposition.confirmed_at is not None,
        "undone": disposition.undone_at is not None,
        "applied": disposition.before.get("applied"),
    }  # fmt: skip


def _number(text: str, where: str) -> int:
    number = parse_number(text)
    if number is None:
        raise InvalidInput(where=where, reason=f"expected a proposal such as P12, not {text!r}")
    return number


def _reason(given: tuple[str, ...]) -> LocalizedText:
    """Texts by language; what names no language is English."""
    texts: dict[str, str] = {}
    for text in given:
        language, equals, words = text.partition("=")
        if equals and language.strip() in LANGUAGES:
            texts[language.strip()] = words
        else:
            texts["en"] = text
    return LocalizedText(texts)
