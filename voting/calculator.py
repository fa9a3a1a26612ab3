"""What if these members voted in favour? The calculator behind the page and the command. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from voting.errors import ContradictoryVote, NotTakingPart
from voting.populations import PopulationTable, population_table
from voting.rules import (
    RULES,
    Choice,
    Counted,
    Decision,
    Electorate,
    MajorityRule,
    Rule,
    check_electorate,
    get_rule,
)

# Rules whose outcome follows from who is in favour alone.
CALCULABLE: tuple[str, ...] = tuple(
    rule.code
    for rule in RULES.values()
    if isinstance(rule, MajorityRule) and rule.counted is Counted.MEMBERS
)


@dataclass(frozen=True, slots=True)
class Calculation:
    """A decision with what it rests on; ``settled`` is False where only the reconstructed part of
    the table decides."""

    rule: Rule
    electorate: Electorate
    yes: tuple[str, ...]
    decision: Decision
    table: PopulationTable
    settled: bool

    @property
    def reason(self) -> str:
        """The decision's reason, and what the figures are worth."""
        words = [self.decision.reason, f"Population table: {self.table.title}."]
        if not self.settled:
            words.append(
                "This is too close to call from the official shares alone, which have two "
                "decimals; persons partly reconstructed decide."
            )
        elif self.table.partly_reconstructed:
            words.append("Persons are partly reconstructed; the official shares agree.")
        return " ".join(words)


def calculate(
    *,
    rule: str,
    year: int,
    yes: Iterable[str],
    abstain: Iterable[str] = (),
    participating: Iterable[str] | None = None,
) -> Calculation:
    """What ``rule`` says if ``yes`` vote in favour; whoever is not listed does not.

    Codes are as people type them; None for ``participating`` means all members. Raises
    ``UnknownRule``, ``UnknownTable``, ``UnknownMember``, ``DuplicateMember``,
    ``ContradictoryVote``, ``NotTakingPart``, ``UnsuitableElectorate``.
    """
    table = population_table(year)
    in_favour = table.parse_members(yes, where="yes")
    abstaining = table.parse_members(abstain, where="abstain")
    taking_part = (
        tuple(table.members)
        if participating is None
        else table.parse_members(participating, where="participating")
    )
    for code in abstaining:
        if code in in_favour:
            raise ContradictoryVote(where="abstain", member=code)
    for where, codes in (("yes", in_favour), ("abstain", abstaining)):
        for code in codes:
            if code not in taking_part:
                raise NotTakingPart(where=where, member=code)
    electorate = Electorate({code: table.members[code].persons for code in taking_part})
    check_electorate(get_rule(rule), electorate, union=table.members)
    choices = dict.fromkeys(in_favour, Choice.YES) | dict.fromkeys(abstaining, Choice.ABSTAIN)
    return Calculation(
        rule=get_rule(rule),
        electorate=electorate,
        yes=in_favour,
        decision=get_rule(rule).decide(electorate, choices),
        table=table,
        settled=is_settled(get_rule(rule), electorate, table, in_favour),
    )


def is_settled(
    rule: Rule, electorate: Electorate, table: PopulationTable, yes: Collection[str]
) -> bool:
    """Whether the official figures alone give this outcome (see ``PopulationTable.settles``)."""
    if not isinstance(rule, MajorityRule) or rule.population_share is None:
        return True
    population_decides = len(yes) >= rule.members_needed(len(electorate)) and len(electorate) - len(
        yes
    ) >= rule.blockers_needed(electorate)
    return not population_decides or table.settles(
        rule.population_share, yes=yes, taking_part=electorate.persons
    )
