"""Population tables: complete, sourced, and honest about what is reconstructed."""

import csv
from fractions import Fraction

import pytest

from stakeholders.delegations import MEMBER_STATES
from voting.errors import DuplicateMember, UnknownMember, UnknownTable
from voting.populations import BASIS_MEANING, YEARS, Basis, population_table


@pytest.mark.parametrize("year", YEARS)
def test_a_table_holds_the_27_members_in_protocol_order(year: int) -> None:
    table = population_table(year)
    assert list(table.members) == list(MEMBER_STATES)
    assert table.source
    assert all(member.basis in BASIS_MEANING for member in table.members.values())


def test_the_2025_table_gives_the_official_total_and_threshold() -> None:
    table = population_table(2025)
    assert table.total == 451_028_881
    assert -(-table.total * 65 // 100) == 293_168_773


def test_the_2025_persons_agree_with_every_official_share() -> None:
    table = population_table(2025)
    for member in table.members.values():
        assert member.official_share is not None
        half_a_step = Fraction(5, 100_000)
        assert abs(Fraction(member.persons, table.total) - member.official_share) <= half_a_step
    shares = sum(member.official_share or 0 for member in table.members.values())
    assert shares == Fraction(10_001, 10_000)


def test_the_2025_table_says_which_figures_are_reconstructed() -> None:
    table = population_table(2025)
    assert table.partly_reconstructed
    assert table.members["FR"].basis is Basis.PJAN
    assert table.members["PL"].basis is Basis.SHARE


def test_the_2019_table_is_eurostats() -> None:
    table = population_table(2019)
    assert table.total == 446_834_579
    assert table.members["DE"].persons == 83_019_214
    assert not table.partly_reconstructed


def test_both_tables_are_those_of_the_shared_data(shared_data) -> None:  # type: ignore[no-untyped-def]
    path = shared_data / "votes" / "eu27_population.csv"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    rows = [row for row in csv.DictReader(lines) if row["iso2"] in MEMBER_STATES]
    assert len(rows) == 27
    for row in rows:
        assert population_table(2025).members[row["iso2"]].persons == int(row["council2025_pop"])
        assert population_table(2019).members[row["iso2"]].persons == int(row["pop_2019_exact"])


def test_codes_are_read_as_people_type_them() -> None:
    assert population_table(2025).parse_members([" de", "Gr ", "FR"]) == ("DE", "EL", "FR")


@pytest.mark.parametrize("code", ["UK", "GB", "XX", "", "D E", "DE\x00", "<b>"])
def test_a_code_that_is_no_member_is_refused(code: str) -> None:
    with pytest.raises(UnknownMember) as refusal:
        population_table(2025).parse_members([code], where="--yes")
    assert refusal.value.message.startswith("--yes: ")


def test_a_member_named_twice_is_refused_also_under_its_other_code() -> None:
    with pytest.raises(DuplicateMember):
        population_table(2025).parse_members(["EL", "GR"])


def test_an_unknown_year_is_refused() -> None:
    with pytest.raises(UnknownTable, match="1999"):
        population_table(1999)


def test_shares_settle_a_clear_majority_and_not_one_at_the_threshold() -> None:
    table, share = population_table(2025), Fraction(65, 100)
    everyone = list(table.members)
    assert table.settles(share, yes=everyone[:20], taking_part=everyone)
    # These hold 64.9989 % by our persons; the official shares allow 65 % as well.
    tight = _coalition_nearest_to(share)
    assert not table.settles(share, yes=tight, taking_part=everyone)
    assert population_table(2019).settles(share, yes=tight, taking_part=everyone)


def _coalition_nearest_to(share: Fraction) -> list[str]:
    """Largest members first as long as they stay below ``share``: ends close to it."""
    table = population_table(2025)
    chosen: list[str] = []
    held = 0
    for member in sorted(table.members.values(), key=lambda member: -member.persons):
        if held + member.persons < share * table.total:
            chosen.append(member.code)
            held += member.persons
    return chosen
