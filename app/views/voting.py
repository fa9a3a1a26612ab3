"""Votes as everyone sees them: the list, a motion and its result, the record, the calculator."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

from app.access import can, public
from app.caching import cacheable
from app.database import read_session
from app.errors import describe
from app.i18n import current_language
from app.voting_chart import Part, draw_bars
from app.voting_texts import (
    CHOICES,
    LEGAL_BASES,
    RULE_EXPLANATIONS,
    RULE_TITLES,
    delegation_name,
    explain,
    format_percentage,
    format_rounded,
    say_figures,
)
from core.clock import utc_now
from core.errors import WaymarkError
from stakeholders.delegations import eu_country_code
from voting.ballots import list_seats
from voting.calculator import CALCULABLE, Calculation, calculate, is_settled
from voting.errors import MotionNotFound
from voting.models import Ballot, Motion, Phase
from voting.motions import (
    electorate_of,
    get_motion,
    get_record,
    list_ballots,
    list_motions,
    list_proxies,
)
from voting.populations import (
    BASIS_MEANING,
    LATEST_YEAR,
    YEARS,
    MemberPopulation,
    PopulationTable,
    population_table,
)
from voting.record import record_bytes
from voting.rules import Choice, Electorate, MajorityRule, get_rule
from voting.tally import CastBallot, Tally, count_ballots

blueprint = Blueprint("voting", __name__)

# The calculator groups members by size, in persons, so that weights are easy to survey.
_SIZE_GROUPS = ((35_000_000, None), (5_000_000, 35_000_000), (0, 5_000_000))


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {
        "rule_titles": RULE_TITLES,
        "rule_explanations": RULE_EXPLANATIONS,
        "legal_bases": LEGAL_BASES,
        "choice_labels": CHOICES,
        "delegation_name": lambda code: delegation_name(code, current_language()),
        "format_percentage": format_percentage,
        "say_figures": say_figures,
        "share_of": lambda part, whole: format_rounded(Fraction(part, whole)),
    }


@blueprint.get("/votes/")
@public
@cacheable
def index() -> str:
    motions = list_motions(read_session())
    return render_template(
        "voting/index.html",
        open_motions=[motion for motion in motions if motion.phase is Phase.OPEN],
        closed_motions=[motion for motion in motions if motion.phase is Phase.CLOSED],
        drafts=[motion for motion in motions if motion.phase is Phase.DRAFT]
        if can("motion.manage")
        else [],
    )


@blueprint.get("/votes/<slug>")
@public
@cacheable
def show(slug: str) -> str:
    session = read_session()
    motion = get_motion(session, slug=slug)
    if motion.phase is Phase.DRAFT and not can("motion.manage"):
        raise MotionNotFound(slug=slug)
    ballots = list_ballots(session, motion=motion)
    context = motion_context(motion) | {
        "voted": len(ballots),
        "missing": sorted(
            set(electorate_of(motion).persons) - {ballot.delegation for ballot in ballots}
        ),
        "takes_ballots": motion.takes_ballots(utc_now()),
    }
    if motion.phase is not Phase.CLOSED:
        seats = (
            list_seats(session, motion=motion, delegation=current_user.delegation)
            if current_user.delegation
            else ()
        )
        return render_template("voting/motion.html", seats=seats, **context)
    get_record(session, slug=slug)  # refuses to show ballots that were changed after closing
    proxies = list_proxies(session, motion=motion)
    tally = _recount(motion, ballots, {grant.giver: grant.holder for grant in proxies})
    return render_template(
        "voting/result.html",
        tally=tally,
        reason=explain(tally.decision),
        indication=explain(tally.indication) if tally.indication else None,
        settled=is_settled(
            tally.rule, tally.electorate, context["table"], tally.members(Choice.YES)
        ),
        bars=draw_bars(tally.rule, tally.electorate, _by_choice(tally)),
        roll_call=_roll_call(tally, ballots),
        **context,
    )


@blueprint.get("/votes/<slug>/record.json")
@public
def record(slug: str) -> Response:
    """The record for recounting, as canonical JSON: its SHA-256 is the published fingerprint."""
    document = get_record(read_session(), slug=slug)
    response = Response(record_bytes(document), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="vote-{slug}.json"'
    return response


@blueprint.get("/calculator")
@public
@cacheable
def calculator() -> str | tuple[str, int]:
    """What a majority takes: a form by GET, so that every case has an address to share."""
    rule, year = request.args.get("rule", "qualified"), _year(request.args.get("year", ""))
    yes, out = request.args.getlist("yes"), request.args.getlist("out")
    calculation: Calculation | None = None
    error: tuple[str, str] | None = None
    try:
        table = population_table(year)
        left_out = table.parse_members(out, where="out")
        calculation = calculate(
            rule=rule,
            year=year,
            yes=yes,
            participating=[code for code in table.members if code not in left_out],
        )
    except WaymarkError as refusal:
        error = describe(refusal)
        table = population_table(LATEST_YEAR)
    page = render_template(
        "voting/_calculation.html" if "HX-Request" in request.headers else "voting/calculator.html",
        rule_code=rule,
        table=table,
        years=YEARS,
        calculable=CALCULABLE,
        groups=_by_size(table),
        # As the form names them, however they were typed into the address.
        yes={eu_country_code(code) for code in yes},
        out={eu_country_code(code) for code in out},
        all_but_three=_all_but_the_largest(table, 3),
        calculation=calculation,
        reason=explain(calculation.decision) if calculation else None,
        bars=draw_bars(calculation.rule, calculation.electorate, _by_favour(calculation))
        if calculation
        else (),
        error=error,
        basis_meaning=BASIS_MEANING,
    )
    return (page, 422) if error else page


def motion_context(motion: Motion) -> dict[str, Any]:
    """What every page about a motion shows: the rule with its numbers, the table, the quorum."""
    rule, electorate = get_rule(motion.rule), electorate_of(motion)
    return {
        "motion": motion,
        "rule": rule,
        "table": population_table(motion.population_year),
        "electorate": electorate,
        "roadmap_address": _roadmap_address(motion),
        "quorum": len(electorate) // 2 + 1,
        "needs": _needs(rule, electorate) if isinstance(rule, MajorityRule) else None,
    }


def _roadmap_address(motion: Motion) -> str | None:
    """Where the roadmap is shown, if it is one of this instance's."""
    if motion.roadmap_slug is None:
        return None
    try:
        return url_for("roadmaps.show", slug=motion.roadmap_slug)
    except BuildError:
        return None


def _needs(rule: MajorityRule, electorate: Electorate) -> dict[str, int]:
    return {
        "members": rule.members_needed(len(electorate)),
        "population": rule.population_needed(electorate),
        "blockers": rule.blockers_needed(electorate),
    }


def _year(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else LATEST_YEAR


def _recount(motion: Motion, ballots: Iterable[Ballot], proxies: Mapping[str, str]) -> Tally:
    """The tally with its facts, to be said in the reader's language; equal to the frozen one."""
    return count_ballots(
        rule=get_rule(motion.rule),
        population_year=motion.population_year,
        electorate=electorate_of(motion),
        ballots=[
            CastBallot(ballot.delegation, Choice(ballot.choice), ballot.cast_by)
            for ballot in ballots
        ],
        proxies=proxies,
    )


def _roll_call(tally: Tally, ballots: Iterable[Ballot]) -> list[dict[str, Any]]:
    """Every member in protocol order, with its ballot or None."""
    cast = {ballot.delegation: ballot for ballot in ballots}
    total = tally.electorate.total
    return [
        {
            "code": code,
            "ballot": cast.get(code),
            "share": format_rounded(Fraction(persons, total)) if persons else "–",
        }
        for code, persons in tally.electorate.persons.items()
    ]


def _by_choice(tally: Tally) -> list[Part]:
    return [
        Part(choice.value if choice else "none", str(label), tally.members(choice))
        for choice, label in [*CHOICES.items(), (None, _("Did not vote"))]
    ]


def _by_favour(calculation: Calculation) -> list[Part]:
    others = tuple(code for code in calculation.electorate.persons if code not in calculation.yes)
    return [
        Part("yes", _("In favour"), calculation.yes),
        Part("none", _("Not in favour"), others),
    ]


def _all_but_the_largest(table: PopulationTable, count: int) -> list[str]:
    largest = sorted(table.members.values(), key=lambda member: -member.persons)[:count]
    return [code for code, member in table.members.items() if member not in largest]


def _by_size(table: PopulationTable) -> list[tuple[int, int | None, list[MemberPopulation]]]:
    """Members in groups by population, the largest first: (from, below, members)."""
    ordered = sorted(table.members.values(), key=lambda member: -member.persons)
    return [
        (low, high, [m for m in ordered if low <= m.persons and (high is None or m.persons < high)])
        for low, high in _SIZE_GROUPS
    ]
