"""Why a vote is carried or not, as full sentences that name counts, thresholds and the clause.

One template a clause; the web layer translates the template and formats the facts its own way.
"""

import math
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

# A count, a share (fraction of 1), or words such as member codes or a legal basis.
Fact = int | Fraction | str


class Clause(StrEnum):
    """What decided."""

    BOTH_REACHED = "both_reached"
    FEWER_THAN_FOUR_BLOCK = "fewer_than_four_block"
    TOO_FEW_BLOCK = "too_few_block"
    MEMBERS_SHORT = "members_short"
    POPULATION_SHORT = "population_short"
    POPULATION_BLOCKED = "population_blocked"
    BOTH_SHORT = "both_short"
    MEMBERS_REACHED = "members_reached"
    MEMBERS_MISSED = "members_missed"
    CAST_REACHED = "cast_reached"
    CAST_MISSED = "cast_missed"
    NO_OBJECTION = "no_objection"
    OBJECTION = "objection"
    SOMEONE_ABSENT = "someone_absent"
    NOBODY_IN_FAVOUR = "nobody_in_favour"
    QUORUM_MISSED = "quorum_missed"


ATTAINED: frozenset[Clause] = frozenset({
    Clause.BOTH_REACHED, Clause.FEWER_THAN_FOUR_BLOCK, Clause.TOO_FEW_BLOCK,
    Clause.MEMBERS_REACHED, Clause.CAST_REACHED, Clause.NO_OBJECTION,
})  # fmt: skip

_MEMBERS = (
    "{members} of {counted} members voted in favour, where {members_needed} ({member_share}) "
    "are needed"
)
_PEOPLE = "they represent {population} of {population_total} people ({population_share})"
_PEOPLE_NEEDED = "where {population_needed} ({threshold}) are needed"

TEMPLATES: Mapping[Clause, str] = MappingProxyType({
    Clause.BOTH_REACHED:
        f"Attained: {_MEMBERS}, and {_PEOPLE}, {_PEOPLE_NEEDED} ({{basis}}).",
    Clause.FEWER_THAN_FOUR_BLOCK:
        f"Deemed attained: {_MEMBERS}; {_PEOPLE}, {_PEOPLE_NEEDED}, but only {{blockers}} did not "
        "vote in favour, and fewer than four members cannot form a blocking minority ({basis}).",
    Clause.TOO_FEW_BLOCK:
        f"Deemed attained: {_MEMBERS}; {_PEOPLE}, {_PEOPLE_NEEDED}, but only {{blockers}} did not "
        "vote in favour, and a blocking minority needs {blockers_needed}: the fewest members that "
        "hold more than {blocking_share} of the population, plus one ({basis}).",
    Clause.MEMBERS_SHORT:
        f"Not attained, too few members: {_MEMBERS}. The population would suffice: {_PEOPLE}, "
        f"{_PEOPLE_NEEDED} ({{basis}}).",
    Clause.POPULATION_SHORT:
        f"Not attained, too little population: {_MEMBERS}, but {_PEOPLE}, {_PEOPLE_NEEDED} "
        "({basis}).",
    Clause.POPULATION_BLOCKED:
        f"Not attained, too little population: {_MEMBERS}, but {_PEOPLE}, {_PEOPLE_NEEDED}. The "
        "{blockers} members not in favour form a blocking minority, which takes at least "
        "{blockers_needed} ({basis}).",
    Clause.BOTH_SHORT:
        f"Not attained, too few members and too little population: {_MEMBERS}, and {_PEOPLE}, "
        f"{_PEOPLE_NEEDED} ({{basis}}).",
    Clause.MEMBERS_REACHED:
        "Attained: {members} of {counted} members voted in favour, where {members_needed} are "
        "needed ({basis}).",
    Clause.MEMBERS_MISSED:
        "Not attained: {members} of {counted} members voted in favour, where {members_needed} are "
        "needed ({basis}).",
    Clause.CAST_REACHED:
        "Attained: {members} of {counted} votes cast were in favour, where {members_needed} are "
        "needed; abstentions do not count ({basis}).",
    Clause.CAST_MISSED:
        "Not attained: {members} of {counted} votes cast were in favour, where {members_needed} "
        "are needed; abstentions do not count ({basis}).",
    Clause.NO_OBJECTION:
        "Attained: {members} of {counted} members voted in favour and nobody against; abstaining "
        "does not prevent it ({basis}).",
    Clause.OBJECTION:
        "Not attained: {members} of {counted} members voted in favour, but {against} voted "
        "against, and one vote against is enough to prevent it ({basis}).",
    Clause.SOMEONE_ABSENT:
        "Not attained: {members} of {counted} members voted in favour and nobody against, but "
        "not present or represented: {absent}. Every member has to be; abstaining would not have "
        "prevented it ({basis}).",
    Clause.NOBODY_IN_FAVOUR:
        "Not attained: none of {counted} members voted in favour ({basis}).",
    Clause.QUORUM_MISSED:
        "Not attained, no quorum: {present} of {counted} members took part or were represented, "
        "where {quorum} are needed, a majority of the members.",
})  # fmt: skip


def percentage(share: Fraction, decimals: int = 2) -> Fraction:
    """``share`` in percent, cut (never rounded up) after so many decimals.

    Cut, because 64.999 % is short of 65 % and must not look as if it were not.
    """
    scale = 10**decimals
    return Fraction(math.floor(share * 100 * scale), scale)


def state_fact(fact: Fact) -> str:
    """``12345`` → ``12,345``; a share → ``64.99 %``, ``65 %``; words stay."""
    if isinstance(fact, Fraction):
        percent = percentage(fact)
        return f"{int(percent)} %" if percent.denominator == 1 else f"{float(percent):.2f} %"
    return f"{fact:,}" if isinstance(fact, int) else fact


def state_reason(clause: Clause, facts: Mapping[str, Fact]) -> str:
    """The English sentence."""
    return TEMPLATES[clause].format(**{name: state_fact(fact) for name, fact in facts.items()})
