"""Population tables for votes weighted by population: figures, year, source, what is official.

A vote names the table it used. Persons are whole numbers and thresholds are computed on persons,
never on rounded shares: the official shares of 2025 add up to 100.01 %. For 2025 this gives
293,168,773 as 65 % of 451,028,881, which is the official threshold to the last person.

A table that votes have used is never edited: their records are recounted against it. Better
figures for the same year become a table of their own.
"""

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib import resources
from types import MappingProxyType

from stakeholders.delegations import eu_country_code
from voting.errors import DuplicateMember, UnknownMember, UnknownTable


class Basis(StrEnum):
    """Where a member's number of persons comes from."""

    URESPOP = "urespop"
    PJAN = "pjan"
    SHARE = "share"
    TPS00001 = "tps00001"


BASIS_MEANING: Mapping[Basis, str] = MappingProxyType({
    Basis.URESPOP: "Eurostat, usually resident population on 1 January 2024 (DEMO_URESPOP), exact; "
                   "may have been revised since",
    Basis.PJAN: "Eurostat, population on 1 January 2024 (DEMO_PJAN), rounded to 100; "
                "agrees with the official share to two decimals",
    Basis.SHARE: "reconstructed: official share times official total, true within 22,600 persons",
    Basis.TPS00001: "Eurostat, population on 1 January 2019 (tps00001), exact",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class MemberPopulation:
    """One member's entry. ``official_share`` is a fraction of 1, published to 0.01 %, or None."""

    code: str
    persons: int
    official_share: Fraction | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class PopulationTable:
    """The members of the Union with their populations in one year, and where that is from."""

    year: int
    title: str
    source: str
    official: str
    reconstructed: str
    members: Mapping[str, MemberPopulation]

    @property
    def total(self) -> int:
        """Persons in all members together."""
        return sum(member.persons for member in self.members.values())

    def persons(self) -> dict[str, int]:
        """Persons by member code, in the Union's protocol order."""
        return {code: member.persons for code, member in self.members.items()}

    @property
    def partly_reconstructed(self) -> bool:
        return bool(self.reconstructed)

    def parse_members(self, codes: Iterable[str], *, where: str = "") -> tuple[str, ...]:
        """EU codes of what was typed, in the order typed.

        Spaces and case do not matter and GR means EL. ``UnknownMember`` for anything that is no
        member in this table, ``DuplicateMember`` for one named twice.
        """
        found: dict[str, None] = {}
        for typed in codes:
            code = eu_country_code(typed)
            if code not in self.members:
                raise UnknownMember(where=where, code=typed.strip()[:20])
            if code in found:
                raise DuplicateMember(where=where, member=code)
            found[code] = None
        return tuple(found)

    def settles(self, share: Fraction, *, yes: Collection[str], taking_part: Iterable[str]) -> bool:
        """Whether the official shares alone settle if ``yes`` reach ``share`` of the population.

        A share published as 2.62 % stands for anything from 2.615 % to 2.625 %. When the persons
        behind the shares are reconstructed, a coalition nearer to the threshold than that leaves
        is decided by our figures only, and whoever reads the result is told so.
        """
        if not self.partly_reconstructed:
            return True
        others = set(taking_part) - set(yes)
        low, high = self._bounds(yes)
        low_rest, high_rest = self._bounds(others)
        if len(yes) + len(others) == len(self.members):
            # The total is official, so what the others cannot hold these must.
            low, high = max(low, 1 - high_rest), min(high, 1 - low_rest)
            low_rest, high_rest = 1 - high, 1 - low
        surely = low >= share * (low + high_rest)
        surely_not = high < share * (high + low_rest)
        return surely or surely_not

    def _bounds(self, codes: Collection[str]) -> tuple[Fraction, Fraction]:
        """Least and greatest true share of these members, as fractions of the whole Union."""
        shares = [self.members[code].official_share or Fraction(0) for code in codes]
        half_a_step = Fraction(5, 100_000)
        total = sum(shares, Fraction(0))
        return total - half_a_step * len(shares), total + half_a_step * len(shares)


@dataclass(frozen=True, slots=True)
class _Description:
    title: str
    source: str
    official: str
    reconstructed: str


_DESCRIPTIONS: Mapping[int, _Description] = MappingProxyType({
    2025: _Description(
        title="EU-27, figures in force from 1 January to 31 December 2025",
        source="Shares, total and 65 % threshold: Council Rules of Procedure, Annex III, as agreed "
               "by Coreper on 11 December 2024 (Agence Europe, bulletin 13544/22, "
               "12 December 2024). Persons: Eurostat, see each member's basis.",
        official="Each member's share to two decimals, the total of 451,028,881 persons and the "
                 "65 % threshold of 293,168,773 persons.",
        reconstructed="The persons of each member, from Eurostat or from the official share; they "
                      "add up to the official total and agree with every official share. They are "
                      "not the text of the Official Journal.",
    ),
    2019: _Description(
        title="EU-27, population on 1 January 2019",
        source="Eurostat, table tps00001, population on 1 January 2019 (446,834,579 persons).",
        official="All figures, as official statistics. The Council itself used other figures in "
                 "2019, when it had 28 members.",
        reconstructed="",
    ),
})  # fmt: skip

YEARS: tuple[int, ...] = tuple(_DESCRIPTIONS)
LATEST_YEAR = max(YEARS)


@cache
def population_table(year: int) -> PopulationTable:
    """The table of that year; ``UnknownTable`` if there is none."""
    if year not in _DESCRIPTIONS:
        raise UnknownTable(year=year, known=", ".join(str(known) for known in sorted(YEARS)))
    description = _DESCRIPTIONS[year]
    return PopulationTable(
        year=year,
        title=description.title,
        source=description.source,
        official=description.official,
        reconstructed=description.reconstructed,
        members=MappingProxyType({member.code: member for member in _read_members(year)}),
    )


def _read_members(year: int) -> Iterable[MemberPopulation]:
    file = resources.files("voting") / "tables" / f"eu27_{year}.csv"
    with file.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            share = row["official_share_percent"]
            yield MemberPopulation(
                code=row["code"],
                persons=int(row["persons"]),
                official_share=Fraction(share) / 100 if share else None,
                basis=Basis(row["basis"]),
            )
