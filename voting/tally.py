"""From ballots to a tally. Pure: who can vote, what was cast, for whom; out comes what it means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from voting.errors import InvalidBallots
from voting.populations import population_table
from voting.reasons import Clause, percentage
from voting.rules import RULES, Choice, Decision, Electorate, Rule


@dataclass(frozen=True, slots=True)
class CastBallot:
    """A choice for ``delegation``, cast by ``cast_by``: itself, or the one holding its proxy."""

    delegation: str
    choice: Choice
    cast_by: str

    @property
    def by_proxy(self) -> bool:
        return self.cast_by != self.delegation


@dataclass(frozen=True, slots=True)
class Quorum:
    """A vote is valid when a majority of the members took part or was represented."""

    needed: int
    present: int

    @property
    def met(self) -> bool:
        return self.present >= self.needed


@dataclass(frozen=True, slots=True)
class Tally:
    """The outcome of a vote. Members are listed in the order of the electorate.

    ``indication`` says whether the qualified majority would have been reached, where another
    rule decides and all member states can vote.
    """

    rule: Rule
    population_year: int
    electorate: Electorate
    choices: Mapping[str, Choice]
    quorum: Quorum
    decision: Decision
    indication: Decision | None

    def members(self, choice: Choice | None) -> tuple[str, ...]:
        """Who chose that; with None, who did not vote."""
        return tuple(code for code in self.electorate.persons if self.choices.get(code) == choice)

    def as_document(self) -> dict[str, Any]:
        """The tally as JSON values; shares are percentages as text, cut after two decimals."""
        decision = self.decision
        return {
            "rule": self.rule.code,
            "population_year": self.population_year,
            "attained": decision.attained,
            "clause": decision.clause.value,
            "reason": decision.reason,
            "members": decision.members,
            "members_total": len(self.electorate),
            "population": decision.population,
            "population_total": self.electorate.total,
            "population_share": format_share(decision.population_share),
            "yes": list(self.members(Choice.YES)),
            "no": list(self.members(Choice.NO)),
            "abstain": list(self.members(Choice.ABSTAIN)),
            "not_voting": list(self.members(None)),
            "quorum": {
                "needed": self.quorum.needed,
                "present": self.quorum.present,
                "met": self.quorum.met,
            },
            "indication": self.indication
            and {
                "rule": "qualified",
                "attained": self.indication.attained,
                "reason": self.indication.reason,
            },
        }


def count_ballots(
    *,
    rule: Rule,
    population_year: int,
    electorate: Electorate,
    ballots: Iterable[CastBallot],
    proxies: Mapping[str, str],
) -> Tally:
    """The tally of these ballots. ``proxies`` maps the member represented to the one acting.

    Raises ``InvalidBallots`` when they break a rule of the vote: a second ballot, a ballot of
    somebody who cannot vote or whom nobody authorised, two proxies in one hand, a proxy passed on.
    """
    check_proxies(proxies, electorate)
    choices: dict[str, Choice] = {}
    for ballot in ballots:
        _check_ballot(ballot, electorate, proxies)
        if ballot.delegation in choices:
            raise InvalidBallots(reason=f"There are two ballots of {ballot.delegation}.")
        choices[ballot.delegation] = ballot.choice
    quorum = Quorum(needed=len(electorate) // 2 + 1, present=len(choices))
    decision = rule.decide(electorate, choices)
    if not quorum.met:
        decision = _without_quorum(decision, electorate, quorum)
    return Tally(
        rule=rule,
        population_year=population_year,
        electorate=electorate,
        choices=MappingProxyType(choices),
        quorum=quorum,
        decision=decision,
        indication=_indicate(rule, population_year, electorate, choices),
    )


def check_proxies(proxies: Mapping[str, str], electorate: Electorate) -> None:
    """Article 239 TFEU: a member may act on behalf of not more than one other member.

    A member that gave its own vote away does not act at all, so it holds no proxy either.
    """
    held: set[str] = set()
    for giver, holder in proxies.items():
        strangers = [code for code in (giver, holder) if code not in electorate.persons]
        if strangers:
            raise InvalidBallots(reason=f"{strangers[0]} cannot vote, so it has no proxy.")
        if giver == holder:
            raise InvalidBallots(reason=f"{giver} cannot be its own proxy.")
        if holder in held:
            raise InvalidBallots(reason=f"{holder} holds the proxies of two members.")
        if holder in proxies:
            raise InvalidBallots(
                reason=f"{holder} has given its own proxy away and cannot hold that of {giver}."
            )
        held.add(holder)


def format_share(share: Fraction | None) -> str | None:
    """An exact share as percent with two decimals, cut and never rounded up: ``"64.99"``."""
    if share is None:
        return None
    hundredths = int(percentage(share) * 100)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _check_ballot(ballot: CastBallot, electorate: Electorate, proxies: Mapping[str, str]) -> None:
    if ballot.delegation not in electorate.persons:
        raise InvalidBallots(reason=f"{ballot.delegation} cannot vote here.")
    expected = proxies.get(ballot.delegation, ballot.delegation)
    if ballot.cast_by != expected:
        raise InvalidBallots(
            reason=f"The ballot of {ballot.delegation} was cast by {ballot.cast_by}, "
            f"but only {expected} could cast it."
        )


def _without_quorum(decision: Decision, electorate: Electorate, quorum: Quorum) -> Decision:
    return Decision(
        clause=Clause.QUORUM_MISSED,
        members=decision.members,
        population=decision.population,
        population_share=decision.population_share,
        facts=MappingProxyType(
            {
                "present": quorum.present,
                "counted": len(electorate),
                "quorum": quorum.needed,
            }
        ),
    )


def _indicate(
    rule: Rule, population_year: int, electorate: Electorate, choices: Mapping[str, Choice]
) -> Decision | None:
    union = population_table(population_year).members
    if rule.population_share is not None or set(electorate.persons) != set(union):
        return None
    return RULES["qualified"].decide(electorate, choices)
