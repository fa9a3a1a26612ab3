"""Proposals that rest on counts: when people expect a milestone, and whether at all.

Made of published counts of closed consultations only; no answer is looked at.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.text import LocalizedText
from roadmap.models import Proposal, Roadmap
from roadmap.proposals.kinds import DOUBTED_SHARE, YEARS_APART, ProposalKind, Verdict
from roadmap.roadmaps import plan_roadmap
from surveys.counting.entries import NEVER, Entry
from surveys.models import Consultation
from surveys.results import read_results

RULES = {"finish_year": "years_apart/1", "never": "share_of_never/1"}


def collect_dates(
    session: Session,
    *,
    roadmap: Roadmap,
    consultations: Sequence[Consultation],
    now: datetime,
) -> int:
    """A proposal per milestone whose year people see elsewhere, or doubt; returns how many are new.

    The year of the draft is that of the earliest finish in its schedule. A proposal that is still
    open is brought up to date; one that was decided stays as it was decided.
    """
    asked = [
        (consultation, entry, shown)
        for consultation in consultations
        for entry, shown in _published(session, consultation)
    ]
    if not asked:
        return 0
    dates = plan_roadmap(roadmap, brief=True).schedule.dates
    standing = {
        (each.subject, str(each.wanted.get("ask"))): each
        for each in session.scalars(
            select(Proposal)
            .where(Proposal.roadmap_id == roadmap.id, Proposal.kind == ProposalKind.DATE)
            .order_by(Proposal.number)
        )
    }
    number = session.scalar(
        select(func.max(Proposal.number)).where(Proposal.roadmap_id == roadmap.id)
    )
    added = 0
    for consultation, entry, shown in asked:
        code = entry.code.partition(".")[2]
        if code not in dates:
            continue
        planned = (roadmap.start + timedelta(days=dates[code].earliest_finish)).year
        for ask, value, wanted in _differences(entry, shown, planned):
            evidence = {
                "rule": RULES[ask], "public": "all",
                "figure": "median_year" if ask == "finish_year" else "share_of_never",
                "value": value, "n": shown["answered"],
                "query": f"{consultation.slug} / {entry.code}",
            }  # fmt: skip
            known = standing.get((code, ask))
            if known is not None:
                _bring_up_to_date(known, evidence, wanted)
                continue
            added += 1
            standing[code, ask] = Proposal(
                roadmap_id=roadmap.id, number=(number or 0) + added, kind=ProposalKind.DATE.value,
                subject=code, title=LocalizedText({}), body=LocalizedText({}), wanted=wanted,
                evidence=[evidence], state=Verdict.OPEN.value, created_at=now,
            )  # fmt: skip
            session.add(standing[code, ask])
    return added


def _published(
    session: Session, consultation: Consultation
) -> list[tuple[Entry, Mapping[str, Any]]]:
    """The questions about years with what everybody may see of them."""
    if consultation.current_version_id is None:
        return []
    results = read_results(session, consultation=consultation)
    entries = {e.code: e for e in results.entries if e.question.type == "milestone_years"}
    if not entries:
        return []
    shown = results.public_document(codes=entries.keys())["questions"]
    return [(entries[each["code"]], each) for each in shown]


def _differences(
    entry: Entry, shown: Mapping[str, Any], planned: int
) -> list[tuple[str, float, dict[str, Any]]]:
    """(what it asks, the figure, what is wanted), as far as published numbers say so."""
    answered, figures = shown["answered"], shown.get("figures") or {}
    found: list[tuple[str, float, dict[str, Any]]] = []
    if not answered:
        return found
    median = figures.get("median")
    if median is not None and abs(Decimal(str(median)) - planned) >= YEARS_APART:
        wanted = {"ask": "finish_year", "year": int(median), "draft_year": planned}
        found.append(("finish_year", median, wanted))
    counts = {
        option.code: each["count"]
        for option, each in zip(entry.options, shown["options"], strict=True)
    }
    never = counts.get(NEVER)
    if never is not None and Decimal(never) / answered >= DOUBTED_SHARE:
        share = round(never / answered, 2)
        found.append(("never", share, {"ask": "never", "draft_year": planned}))
    return found


def _bring_up_to_date(
    proposal: Proposal, evidence: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    if proposal.state != Verdict.OPEN:
        return
    others = [each for each in proposal.evidence if each["query"] != evidence["query"]]
    rows = sorted([*others, dict(evidence)], key=lambda each: str(each["query"]))
    if rows != proposal.evidence:
        proposal.evidence = rows
    # Where several consultations ask, the latest that was read is what the form suggests.
    if dict(wanted) != proposal.wanted:
        proposal.wanted = dict(wanted)
