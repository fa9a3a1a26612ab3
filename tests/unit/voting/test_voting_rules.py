"""The voting rules: treaty clauses by hand, by counting all coalitions, and by brute force."""

import dataclasses
import math
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voting.errors import UnknownRule, UnsuitableElectorate
from voting.populations import population_table
from voting.power import banzhaf, winning_coalitions
from voting.reasons import Clause, percentage
from voting.rules import (
    RULES,
    Blocking,
    Choice,
    Electorate,
    MajorityRule,
    check_electorate,
    get_rule,
)

UNION_2019 = Electorate(population_table(2019).persons())
UNION_2025 = Electorate(population_table(2025).persons())
BY_SIZE = sorted(UNION_2025.persons, key=lambda code: -(UNION_2025.persons[code] or 0))


def in_favour(codes):  # type: ignore[no-untyped-def]
    return dict.fromkeys(codes, Choice.YES)


def without(*codes: str) -> list[str]:
    return [code for code in UNION_2025.persons if code not in codes]


# --- Article 16(4) TEU ---


def test_of_all_coalitions_with_the_2019_populations_17_713_120_win() -> None:
    rule = RULES["qualified"]
    assert isinstance(rule, MajorityRule)
    assert winning_coalitions(rule, UNION_2019) == 17_713_120


def test_twenty_of_them_win_only_because_fewer_than_four_cannot_block() -> None:
    rule = RULES["qualified"]
    assert isinstance(rule, MajorityRule)
    no_clause = dataclasses.replace(rule, blocking=Blocking.ANY)
    assert winning_coalitions(no_clause, UNION_2019) == 17_713_120 - 20


def test_those_twenty_are_found_by_the_rule_itself() -> None:
    rule = get_rule("qualified")
    deemed = [
        outside
        for size in range(4)
        for outside in combinations(UNION_2019.persons, size)
        if rule.decide(
            UNION_2019, in_favour(code for code in UNION_2019.persons if code not in outside)
        ).clause
        is Clause.FEWER_THAN_FOUR_BLOCK
    ]
    assert len(deemed) == 20
    assert all(len(outside) == 3 for outside in deemed)


def test_germanys_banzhaf_index_of_2019_is_the_published_one() -> None:
    rule = RULES["qualified"]
    assert isinstance(rule, MajorityRule)
    assert float(banzhaf(rule, UNION_2019, "DE")) == pytest.approx(0.2099622, abs=5e-8)


def test_the_counter_agrees_with_the_rule_on_every_coalition_of_a_small_union() -> None:
    electorate = Electorate(
        dict(zip("ABCDEFGHIJ", [50, 30, 30, 20, 9, 7, 5, 3, 2, 1], strict=True))
    )
    for code in ("participating", "participating-reinforced", "simple", "two-thirds", "reinforced"):
        rule = RULES[code]
        assert isinstance(rule, MajorityRule)
        wins = sum(
            rule.decide(electorate, in_favour(coalition)).attained
            for size in range(11)
            for coalition in combinations(electorate.persons, size)
        )
        assert winning_coalitions(rule, electorate) == wins, code


def test_fifteen_members_with_enough_population_carry_it() -> None:
    decision = get_rule("qualified").decide(UNION_2025, in_favour(BY_SIZE[:15]))
    assert decision.attained
    assert decision.members == 15
    assert "15 of 27 members" in decision.reason
    assert "293,168,773" in decision.reason
    assert "Article 16(4) TEU" in decision.reason


def test_fourteen_members_do_not_whatever_their_population() -> None:
    decision = get_rule("qualified").decide(UNION_2025, in_favour(BY_SIZE[:14]))
    assert decision.clause is Clause.MEMBERS_SHORT
    assert decision.population_share is not None
    assert decision.population_share > Fraction(65, 100)
    assert "14 of 27 members" in decision.reason


def test_all_but_the_three_largest_carry_it_because_three_cannot_block() -> None:
    decision = get_rule("qualified").decide(UNION_2025, in_favour(without("DE", "FR", "IT")))
    assert decision.attained
    assert decision.clause is Clause.FEWER_THAN_FOUR_BLOCK
    assert "fewer than four members cannot form a blocking minority" in decision.reason


def test_four_members_with_more_than_35_percent_block() -> None:
    decision = get_rule("qualified").decide(UNION_2025, in_favour(without("DE", "FR", "IT", "MT")))
    assert decision.clause is Clause.POPULATION_BLOCKED
    assert not decision.attained
    assert "The 4 members not in favour form a blocking minority" in decision.reason


def test_neither_members_nor_population_is_said_so() -> None:
    decision = get_rule("qualified").decide(UNION_2025, in_favour(["MT", "LU"]))
    assert decision.clause is Clause.BOTH_SHORT


def test_abstaining_is_as_good_as_a_no_and_as_staying_away() -> None:
    yes = in_favour(BY_SIZE[:14])
    rest = dict.fromkeys(BY_SIZE[14:], Choice.ABSTAIN)
    assert not get_rule("qualified").decide(UNION_2025, yes | rest).attained
    assert (
        get_rule("qualified").decide(UNION_2025, yes | rest).facts
        == get_rule("qualified").decide(UNION_2025, yes).facts
    )


@settings(max_examples=200, deadline=None)
@given(outside=st.sets(st.sampled_from(list(UNION_2019.persons)), max_size=16))
def test_a_qualified_majority_is_what_the_treaty_says_read_naively(outside: set[str]) -> None:
    yes = [code for code in UNION_2019.persons if code not in outside]
    held = sum(UNION_2019.persons[code] or 0 for code in yes)
    expected = len(yes) >= 15 and (100 * held >= 65 * 446_834_579 or 27 - len(yes) < 4)
    assert get_rule("qualified").decide(UNION_2019, in_favour(yes)).attained == expected


# --- Article 238(2) TFEU ---


def test_reinforced_takes_twenty_members_and_has_no_four_member_clause() -> None:
    rule = get_rule("reinforced")
    assert rule.decide(UNION_2025, in_favour(BY_SIZE[:20])).attained
    assert not rule.decide(UNION_2025, in_favour(BY_SIZE[:19])).attained
    decision = rule.decide(UNION_2025, in_favour(without("DE", "FR", "IT")))
    assert decision.clause is Clause.POPULATION_SHORT


# --- Article 238(3) TFEU ---

# Ten take part; A, B and C hold 60 of 100, so the fewest with more than 35 are A and B (45).
TEN = Electorate(dict(zip("ABCDEFGHIJ", [25, 20, 15, 10, 8, 7, 6, 4, 3, 2], strict=True)))


def test_two_of_ten_hold_more_than_35_percent_so_three_are_needed_to_block() -> None:
    rule = RULES["participating"]
    assert isinstance(rule, MajorityRule)
    assert rule.blockers_needed(TEN) == 3
    decision = rule.decide(TEN, in_favour("CDEFGHIJ"))
    assert decision.population == 55
    assert decision.clause is Clause.TOO_FEW_BLOCK
    assert "a blocking minority needs 3" in decision.reason


def test_three_of_ten_block() -> None:
    decision = get_rule("participating").decide(TEN, in_favour("CDEFGHI"))
    assert decision.clause is Clause.POPULATION_BLOCKED
    assert not decision.attained


def test_exactly_35_percent_outside_does_not_block() -> None:
    nine = Electorate(dict(zip("ABCDEFGHI", [20, 15, 10, 10, 10, 15, 10, 6, 4], strict=True)))
    decision = get_rule("participating").decide(nine, in_favour("ABCDE"))
    assert decision.population == 65
    assert decision.clause is Clause.BOTH_REACHED


def test_fifteen_members_are_not_asked_for_where_not_all_take_part() -> None:
    nine = Electorate({code: UNION_2025.persons[code] for code in BY_SIZE[:9]})
    assert get_rule("participating").decide(nine, in_favour(BY_SIZE[:5])).attained
    assert not get_rule("participating").decide(nine, in_favour(BY_SIZE[:4])).attained


def test_without_a_proposal_72_percent_of_those_taking_part_are_needed() -> None:
    rule = get_rule("participating-reinforced")
    assert not rule.decide(TEN, in_favour("ABCDEFG")).attained
    assert rule.decide(TEN, in_favour("ABCDEFGH")).attained
    # Point (b) has no clause on the size of a blocking minority.
    assert rule.decide(TEN, in_favour("CDEFGHIJ")).clause is Clause.POPULATION_SHORT


def test_when_all_27_take_part_the_participating_rule_is_the_ordinary_one() -> None:
    qualified, participating = RULES["qualified"], RULES["participating"]
    assert isinstance(qualified, MajorityRule)
    assert isinstance(participating, MajorityRule)
    assert participating.blockers_needed(UNION_2019) == 4
    assert winning_coalitions(participating, UNION_2019) == winning_coalitions(
        qualified, UNION_2019
    )


@given(st.lists(st.integers(1, 10**8), min_size=9, max_size=27))
def test_with_nine_or_more_too_few_blockers_always_leave_55_percent_in_favour(
    persons: list[int],
) -> None:
    """So it does not matter whether "deemed attained" replaces one condition or both."""
    rule = RULES["participating"]
    assert isinstance(rule, MajorityRule)
    electorate = Electorate({f"M{number}": count for number, count in enumerate(persons)})
    in_favour_at_least = len(persons) - (rule.blockers_needed(electorate) - 1)
    assert in_favour_at_least >= rule.members_needed(len(persons))


# --- one member one vote ---


def test_a_simple_majority_takes_fourteen_of_27() -> None:
    rule = get_rule("simple")
    assert rule.decide(UNION_2025, in_favour(BY_SIZE[-14:])).attained
    assert not rule.decide(UNION_2025, in_favour(BY_SIZE[:13])).attained


def test_half_is_no_majority_and_two_thirds_are_two_thirds() -> None:
    six = Electorate(dict.fromkeys("ABCDEF"))
    assert not get_rule("simple").decide(six, in_favour("ABC")).attained
    assert get_rule("two-thirds").decide(six, in_favour("ABCD")).attained
    assert not get_rule("two-thirds").decide(six, in_favour("ABC")).attained


def test_of_the_votes_cast_abstentions_do_not_count() -> None:
    six = Electorate(dict.fromkeys("ABCDEF"))
    choices = in_favour("AB") | {"C": Choice.NO, "D": Choice.ABSTAIN}
    assert get_rule("simple-cast").decide(six, choices).attained
    assert get_rule("two-thirds-cast").decide(six, choices).attained
    assert not get_rule("two-thirds").decide(six, choices).attained
    assert not get_rule("simple-cast").decide(six, {"D": Choice.ABSTAIN}).attained


def test_abstaining_does_not_prevent_unanimity_but_staying_away_does() -> None:
    three = Electorate(dict.fromkeys("ABC"))
    unanimity = get_rule("unanimity")
    assert unanimity.decide(three, in_favour("AB") | {"C": Choice.ABSTAIN}).attained
    assert unanimity.decide(three, in_favour("AB")).clause is Clause.SOMEONE_ABSENT
    assert unanimity.decide(three, in_favour("AB") | {"C": Choice.NO}).clause is Clause.OBJECTION
    assert "C" in unanimity.decide(three, in_favour("AB") | {"C": Choice.NO}).reason


def test_in_consensus_silence_is_no_objection() -> None:
    three = Electorate(dict.fromkeys("ABC"))
    consensus = get_rule("consensus")
    assert consensus.decide(three, in_favour("A")).attained
    assert not consensus.decide(three, in_favour("AB") | {"C": Choice.NO}).attained
    abstained = dict.fromkeys("ABC", Choice.ABSTAIN)
    assert consensus.decide(three, abstained).clause is Clause.NOBODY_IN_FAVOUR


# --- all rules ---


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_one_more_in_favour_never_loses_a_vote(data: st.DataObject) -> None:
    persons = data.draw(st.lists(st.integers(1, 10**6), min_size=1, max_size=12))
    electorate = Electorate({f"M{number}": count for number, count in enumerate(persons)})
    choices = data.draw(
        st.dictionaries(st.sampled_from(list(electorate.persons)), st.sampled_from(Choice))
    )
    convert = data.draw(st.sampled_from(list(electorate.persons)))
    for rule in RULES.values():
        if rule.decide(electorate, choices).attained:
            assert rule.decide(electorate, choices | {convert: Choice.YES}).attained, rule.code


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_decision_is_what_the_treaty_text_says_read_naively(data: st.DataObject) -> None:
    persons = data.draw(st.lists(st.integers(1, 1000), min_size=1, max_size=9))
    electorate = Electorate({f"M{number}": count for number, count in enumerate(persons)})
    yes = data.draw(st.sets(st.sampled_from(list(electorate.persons))))
    held, total = sum(electorate.persons[code] or 0 for code in yes), sum(persons)
    fewest = next(
        size
        for size in range(1, len(persons) + 1)
        if any(100 * sum(group) > 35 * total for group in combinations(persons, size))
    )
    expected = 100 * len(yes) >= 55 * len(persons) and (
        100 * held >= 65 * total or len(persons) - len(yes) < fewest + 1
    )
    assert get_rule("participating").decide(electorate, in_favour(yes)).attained == expected
    reinforced = 100 * len(yes) >= 72 * len(persons) and 100 * held >= 65 * total
    assert get_rule("reinforced").decide(electorate, in_favour(yes)).attained == reinforced


def test_one_person_below_the_threshold_is_not_rounded_up_to_it() -> None:
    electorate = Electorate({"A": 649_999, "B": 350_001})
    rule = dataclasses.replace(RULES["reinforced"], member_share=Fraction(1, 2))  # type: ignore[arg-type]
    decision = rule.decide(electorate, in_favour("A"))
    assert not decision.attained
    assert "64.99 %" in decision.reason
    assert "649,999 of 1,000,000" in decision.reason
    assert percentage(Fraction(649_999_999, 10**9), 4) == Fraction(649_999, 10_000)


def test_thresholds_beyond_what_floats_can_tell_apart_are_exact() -> None:
    total = 10**20
    electorate = Electorate({"A": 65 * 10**18 - 1, "B": total - 65 * 10**18 + 1})
    rule = RULES["reinforced"]
    assert isinstance(rule, MajorityRule)
    assert rule.population_needed(electorate) == 65 * 10**18
    assert math.isclose(0.65 * total, 65 * 10**18 - 1)
    half = dataclasses.replace(rule, member_share=Fraction(1, 2))
    assert not half.decide(electorate, in_favour("A")).attained


def test_an_unknown_rule_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownRule, match="qualified"):
        get_rule("majority-of-friends")


def test_a_rule_for_the_whole_union_needs_the_whole_union() -> None:
    with pytest.raises(UnsuitableElectorate, match="all 27 member states"):
        check_electorate(get_rule("qualified"), TEN, union=UNION_2025.persons)
    check_electorate(get_rule("qualified"), UNION_2025, union=UNION_2025.persons)


def test_a_population_rule_needs_a_figure_for_everyone_who_votes() -> None:
    with_norway = Electorate({"DE": 83_000_000, "NO": None})
    with pytest.raises(UnsuitableElectorate, match="NO"):
        check_electorate(get_rule("participating"), with_norway, union=UNION_2025.persons)
    check_electorate(get_rule("two-thirds"), with_norway, union=UNION_2025.persons)


def test_a_vote_nobody_takes_part_in_is_refused() -> None:
    with pytest.raises(UnsuitableElectorate):
        check_electorate(get_rule("simple"), Electorate({}), union=UNION_2025.persons)


def test_a_vote_of_a_stranger_is_refused() -> None:
    with pytest.raises(UnsuitableElectorate, match="UK"):
        get_rule("simple").decide(UNION_2025, in_favour(["UK"]))
