"""The calculator: codes as people type them, refusals that name what is wrong, honest margins."""

from itertools import combinations

import pytest

from voting.calculator import CALCULABLE, calculate
from voting.errors import (
    ContradictoryVote,
    DuplicateMember,
    NotTakingPart,
    UnknownMember,
    UnknownRule,
    UnknownTable,
    UnsuitableElectorate,
)
from voting.populations import population_table
from voting.rules import Choice, Electorate, get_rule

ALL = list(population_table(2025).members)


def test_members_in_favour_are_counted_with_their_population() -> None:
    calculation = calculate(rule="qualified", year=2019, yes=["gr", " DE", "FR"])
    assert calculation.decision.members == 3
    assert calculation.decision.population == 10_722_287 + 83_019_214 + 67_028_048
    assert not calculation.decision.attained


def test_only_rules_that_follow_from_who_is_in_favour_are_offered() -> None:
    assert set(CALCULABLE) == {
        "qualified",
        "reinforced",
        "participating",
        "participating-reinforced",
        "simple",
        "two-thirds",
    }


def test_those_abstaining_do_not_change_the_outcome() -> None:
    with_abstentions = calculate(rule="qualified", year=2025, yes=ALL[:20], abstain=ALL[20:])
    assert with_abstentions == calculate(rule="qualified", year=2025, yes=ALL[:20])


@pytest.mark.parametrize(
    ("arguments", "refusal", "words"),
    [
        ({"yes": ["DE", "XX"]}, UnknownMember, "yes: “XX”"),
        ({"yes": ["DE", "de"]}, DuplicateMember, "yes: DE"),
        ({"yes": ["EL", "GR"]}, DuplicateMember, "yes: EL"),
        ({"yes": ["UK"]}, UnknownMember, "UK"),
        ({"yes": ["DE"], "abstain": ["FR", "DE"]}, ContradictoryVote, "DE is listed both"),
        ({"yes": ["DE"], "participating": ["FR"]}, NotTakingPart, "DE votes"),
        ({"yes": [], "abstain": ["DE"], "participating": ["FR"]}, NotTakingPart, "abstain: DE"),
        ({"yes": [], "participating": []}, UnsuitableElectorate, "Nobody"),
        ({"yes": [], "participating": ["FR", "FR"]}, DuplicateMember, "participating: FR"),
        ({"yes": [], "rule": "qualified", "participating": ["FR"]}, UnsuitableElectorate, "all 27"),
        ({"yes": [], "rule": "magic"}, UnknownRule, "magic"),
        ({"yes": [], "year": 1957}, UnknownTable, "1957"),
    ],
)
def test_what_cannot_be_is_refused(
    arguments: dict[str, object], refusal: type[Exception], words: str
) -> None:
    defaults: dict[str, object] = {"rule": "participating", "year": 2025}
    with pytest.raises(refusal, match=words):
        calculate(**(defaults | arguments))  # type: ignore[arg-type]


def test_a_long_piece_of_nonsense_is_not_echoed_whole() -> None:
    with pytest.raises(UnknownMember) as refusal:
        calculate(rule="qualified", year=2025, yes=["X" * 10_000])
    assert len(refusal.value.message) < 200


def test_the_reason_names_the_table_and_that_it_is_partly_reconstructed() -> None:
    reason = calculate(rule="qualified", year=2025, yes=ALL).reason
    assert "2025" in reason
    assert "partly reconstructed" in reason
    assert "reconstructed" not in calculate(rule="qualified", year=2019, yes=ALL).reason


def test_an_outcome_within_the_rounding_of_official_shares_says_so() -> None:
    """Some coalition of 20 lies within a few thousand persons of 65 %."""
    electorate = Electorate(population_table(2025).persons())
    needed = 293_168_773
    nearest = min(
        (
            [code for code in ALL if code not in out]
            for out in combinations(ALL, 6)
            if "DE" in out and "FR" in out
        ),
        key=lambda codes: abs(electorate.persons_of(codes) - needed),
    )
    calculation = calculate(rule="reinforced", year=2025, yes=nearest)
    assert abs(calculation.decision.population - needed) < 100_000
    assert not calculation.settled
    assert "too close to call" in calculation.reason
    # Where the population does not decide, nothing is in doubt.
    assert calculate(rule="simple", year=2025, yes=nearest).settled
    assert calculate(rule="reinforced", year=2025, yes=nearest[:18]).settled


def test_the_calculator_and_the_rule_agree() -> None:
    electorate = Electorate(population_table(2025).persons())
    for size in (13, 14, 15, 20, 24, 27):
        choices = dict.fromkeys(ALL[-size:], Choice.YES)
        for rule in CALCULABLE:
            expected = get_rule(rule).decide(electorate, choices)
            assert calculate(rule=rule, year=2025, yes=choices).decision == expected
