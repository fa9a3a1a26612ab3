"""When a vote is carried: the treaty majorities and the rules a group may give itself.

A rule decides from who can vote (with populations) and who chose what. Thresholds are whole
numbers and fractions throughout; a float never decides. Sources: Article 16(4) TEU and Articles
238 and 239 TFEU (consolidated versions).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from voting.errors import UnknownRule, UnsuitableElectorate
from voting.reasons import ATTAINED, Clause, Fact, state_reason


class Choice(StrEnum):
    """What a ballot says. Not voting at all is no choice but the absence of a ballot."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class Electorate:
    """Who can vote: member code → persons, or None for a member without an official figure.

    A member that stays away from an ordinary vote is part of it all the same and counts in every
    denominator; one that does not take part (Article 238(3) TFEU) is not.
    """

    persons: Mapping[str, int | None]

    def __len__(self) -> int:
        return len(self.persons)

    @property
    def total(self) -> int:
        return self.persons_of(self.persons)

    def persons_of(self, codes: Iterable[str]) -> int:
        """Persons in these members together; a member without a figure adds nothing."""
        return sum(self.persons[code] or 0 for code in codes)


@dataclass(frozen=True, slots=True)
class Decision:
    """What came out and why.

    ``members`` voted in favour; ``population`` is the persons they represent, ``population_share``
    the same as an exact fraction of 1 (None where no member has a figure). ``facts`` are the
    counts and thresholds that ``reason`` names.
    """

    clause: Clause
    members: int
    population: int
    population_share: Fraction | None
    facts: Mapping[str, Fact]

    @property
    def attained(self) -> bool:
        return self.clause in ATTAINED

    @property
    def reason(self) -> str:
        """An English sentence with counts, thresholds and the clause that decided."""
        return state_reason(self.clause, self.facts)


class Counted(StrEnum):
    """Of what the share of members is taken."""

    MEMBERS = "members"  # all who can vote: abstaining or staying away is as good as a no
    CAST = "cast"  # yes and no only


class Blocking(StrEnum):
    """How many members it takes to block for want of population."""

    ANY = "any"
    FOUR_MEMBERS = "four_members"  # Article 16(4) TEU
    FEWEST_PLUS_ONE = "fewest_plus_one"  # Article 238(3)(a) TFEU


@dataclass(frozen=True, slots=True)
class MajorityRule:
    """Carried by enough members and, with a ``population_share``, by enough population.

    ``exceeded``: the share of members has to be exceeded, not just reached. ``whole_union``: for
    votes in which every member of the population table can vote.
    """

    code: str
    title: str
    basis: str
    member_share: Fraction
    exceeded: bool = False
    minimum_members: int = 1
    counted: Counted = Counted.MEMBERS
    population_share: Fraction | None = None
    blocking: Blocking = Blocking.ANY
    whole_union: bool = False

    def members_needed(self, counted: int) -> int:
        """The fewest members in favour that suffice when ``counted`` members count."""
        share = self.member_share * counted
        needed = math.floor(share) + 1 if self.exceeded else math.ceil(share)
        return max(needed, self.minimum_members)

    def population_needed(self, electorate: Electorate) -> int:
        """The fewest persons that reach the population share; 0 if the rule has none."""
        return math.ceil((self.population_share or 0) * electorate.total)

    def blockers_needed(self, electorate: Electorate) -> int:
        """The fewest members not in favour that can block for want of population."""
        if self.blocking is Blocking.FOUR_MEMBERS:
            return 4
        if self.blocking is Blocking.FEWEST_PLUS_ONE and self.population_share is not None:
            return _fewest_holding_more_than(1 - self.population_share, electorate) + 1
        return 1

    def decide(self, electorate: Electorate, choices: Mapping[str, Choice]) -> Decision:
        """Whether the vote is carried. Whoever is not in ``choices`` did not vote."""
        yes = _in_favour(electorate, choices)
        counted = (
            len(electorate)
            if self.counted is Counted.MEMBERS
            else sum(choice is not Choice.ABSTAIN for choice in choices.values())
        )
        facts: dict[str, Fact] = {
            "basis": self.basis,
            "members": len(yes),
            "counted": counted,
            "members_needed": self.members_needed(counted),
            "member_share": self.member_share,
        }
        enough_members = len(yes) >= self.members_needed(counted)
        if self.population_share is None:
            return _decision(
                self._clause_without_population(enough_members), electorate, yes, facts
            )
        population = electorate.persons_of(yes)
        blockers, blockers_needed = len(electorate) - len(yes), self.blockers_needed(electorate)
        facts |= {
            "population": population,
            "population_total": electorate.total,
            "population_share": Fraction(population, electorate.total),
            "population_needed": self.population_needed(electorate),
            "threshold": self.population_share,
            "blockers": blockers,
            "blockers_needed": blockers_needed,
            "blocking_share": 1 - self.population_share,
        }
        clause = self._clause_with_population(
            enough_members=enough_members,
            enough_population=population >= self.population_needed(electorate),
            enough_blockers=blockers >= blockers_needed,
        )
        return _decision(clause, electorate, yes, facts)

    def _clause_without_population(self, enough_members: bool) -> Clause:
        if self.counted is Counted.CAST:
            return Clause.CAST_REACHED if enough_members else Clause.CAST_MISSED
        return Clause.MEMBERS_REACHED if enough_members else Clause.MEMBERS_MISSED

    def _clause_with_population(
        self, *, enough_members: bool, enough_population: bool, enough_blockers: bool
    ) -> Clause:
        # "Deemed attained" replaces the population condition only. Where all 27 vote, and in every
        # group of nine or more under Article 238(3)(a), it could not replace more: so few
        # blockers always leave 55 % of the members in favour.
        if not enough_members:
            return Clause.MEMBERS_SHORT if enough_population else Clause.BOTH_SHORT
        if enough_population:
            return Clause.BOTH_REACHED
        if self.blocking is Blocking.ANY:
            return Clause.POPULATION_SHORT
        if enough_blockers:
            return Clause.POPULATION_BLOCKED
        four = self.blocking is Blocking.FOUR_MEMBERS
        return Clause.FEWER_THAN_FOUR_BLOCK if four else Clause.TOO_FEW_BLOCK


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """Carried when somebody is in favour and nobody against; abstaining does not prevent it.

    ``everyone_present``: a member neither present nor represented prevents it, as in unanimity;
    without it, as in consensus, silence is no objection.
    """

    code: str
    title: str
    basis: str
    everyone_present: bool
    population_share: None = None
    whole_union: bool = False

    def decide(self, electorate: Electorate, choices: Mapping[str, Choice]) -> Decision:
        """Whether the vote is carried. Whoever is not in ``choices`` did not vote."""
        yes = _in_favour(electorate, choices)
        against = [code for code in electorate.persons if choices.get(code) is Choice.NO]
        absent = [code for code in electorate.persons if code not in choices]
        if against:
            clause = Clause.OBJECTION
        elif not yes:
            clause = Clause.NOBODY_IN_FAVOUR
        elif absent and self.everyone_present:
            clause = Clause.SOMEONE_ABSENT
        else:
            clause = Clause.NO_OBJECTION
        facts: dict[str, Fact] = {
            "basis": self.basis,
            "members": len(yes),
            "counted": len(electorate),
            "against": ", ".join(against),
            "absent": ", ".join(absent),
        }
        return _decision(clause, electorate, yes, facts)


Rule = MajorityRule | ConsentRule

_OWN_RULES = "the group's own rules of procedure"
_RULES: tuple[Rule, ...] = (
    MajorityRule(
        "qualified", "Qualified majority", "Article 16(4) TEU",
        Fraction(55, 100), minimum_members=15, population_share=Fraction(65, 100),
        blocking=Blocking.FOUR_MEMBERS, whole_union=True,
    ),
    MajorityRule(
        "reinforced", "Reinforced qualified majority", "Article 238(2) TFEU",
        Fraction(72, 100), population_share=Fraction(65, 100), whole_union=True,
    ),
    MajorityRule(
        "participating", "Qualified majority of those taking part", "Article 238(3)(a) TFEU",
        Fraction(55, 100), population_share=Fraction(65, 100), blocking=Blocking.FEWEST_PLUS_ONE,
    ),
    # Point (b) is "by way of derogation from point (a)" and, like Article 238(2), says nothing
    # about how many members a blocking minority takes.
    MajorityRule(
        "participating-reinforced", "Reinforced qualified majority of those taking part",
        "Article 238(3)(b) TFEU", Fraction(72, 100), population_share=Fraction(65, 100),
    ),
    MajorityRule(
        "simple", "Simple majority of the members", "Article 238(1) TFEU",
        Fraction(1, 2), exceeded=True,
    ),
    MajorityRule(
        "simple-cast", "Simple majority of the votes cast", _OWN_RULES,
        Fraction(1, 2), exceeded=True, counted=Counted.CAST,
    ),
    MajorityRule("two-thirds", "Two thirds of the members", _OWN_RULES, Fraction(2, 3)),
    MajorityRule(
        "two-thirds-cast", "Two thirds of the votes cast", _OWN_RULES,
        Fraction(2, 3), counted=Counted.CAST,
    ),
    ConsentRule("unanimity", "Unanimity", "Article 238(4) TFEU", everyone_present=True),
    ConsentRule("consensus", "Consensus", _OWN_RULES, everyone_present=False),
)  # fmt: skip
RULES: Mapping[str, Rule] = MappingProxyType({rule.code: rule for rule in _RULES})


def get_rule(code: str) -> Rule:
    """The rule of that code, or ``UnknownRule``."""
    if code not in RULES:
        raise UnknownRule(rule=code, known=", ".join(RULES))
    return RULES[code]


def check_electorate(rule: Rule, electorate: Electorate, *, union: Iterable[str]) -> None:
    """Refuse a rule that cannot be applied to these voters (``UnsuitableElectorate``).

    ``union`` are the members of the population table. A rule for the whole Union needs exactly
    these voters; a rule with a population share needs a figure for every voter.
    """
    members = set(union)
    without = [code for code, persons in electorate.persons.items() if not persons]
    if not electorate.persons:
        reason = "Nobody takes part in this vote."
    elif rule.whole_union and set(electorate.persons) != members:
        reason = (
            f"“{rule.title}” is for votes of all {len(members)} member states; "
            f"{len(electorate)} take part here."
        )
    elif rule.population_share is not None and without:
        reason = (
            f"“{rule.title}” needs the population of everyone who votes; "
            f"there is no figure for {', '.join(without)}."
        )
    else:
        return
    raise UnsuitableElectorate(reason=reason)


def _fewest_holding_more_than(share: Fraction, electorate: Electorate) -> int:
    """The fewest members that together hold more than ``share`` of the population."""
    held = 0
    largest_first = sorted((persons or 0 for persons in electorate.persons.values()), reverse=True)
    for count, persons in enumerate(largest_first, start=1):
        held += persons
        if held > share * electorate.total:
            return count
    return len(electorate)


def _in_favour(electorate: Electorate, choices: Mapping[str, Choice]) -> tuple[str, ...]:
    strangers = [code for code in choices if code not in electorate.persons]
    if strangers:
        raise UnsuitableElectorate(reason=f"{', '.join(strangers)} cannot vote here.")
    return tuple(code for code in electorate.persons if choices.get(code) is Choice.YES)


def _decision(
    clause: Clause, electorate: Electorate, yes: tuple[str, ...], facts: Mapping[str, Fact]
) -> Decision:
    total, population = electorate.total, electorate.persons_of(yes)
    return Decision(
        clause=clause,
        members=len(yes),
        population=population,
        population_share=Fraction(population, total) if total else None,
        facts=MappingProxyType(dict(facts)),
    )
