"""The record of a vote: everything needed to count it again, as one canonical JSON document.

    {"schema": "waymark/vote/1", "motion": {…}, "rule": "qualified", "population": {…},
     "electorate": [{"delegation": "BE", "persons": 11832049}, …],
     "proxies": [{"from": "LU", "to": "BE", "granted_at": "…"}],
     "opening_hash": "…",
     "ballots": [{"number": 1, "delegation": "BE", "choice": "yes", "cast_by": "BE",
                  "cast_at": "2026-11-22T10:00:00Z", "hash": "…"}, …],
     "result": {…}}

Every ballot's hash covers the ballot and the hash before it; the first follows the opening hash,
which covers what was asked, the rule and who could vote. Changing, dropping or reordering a
ballot breaks the chain. ``result`` is recomputed, never believed, its sentence included: new
wording of a reason is a new schema. Pure.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voting.errors import InvalidBallots, InvalidExport, TamperedExport
from voting.populations import YEARS, population_table
from voting.rules import Choice, Electorate, check_electorate, get_rule
from voting.tally import CastBallot, Tally, count_ballots

SCHEMA = "waymark/vote/1"
# A record of 27 ballots is about 10 kB; whatever is much larger is no record.
MAXIMUM_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Opening:
    """What was fixed when the vote was opened. ``persons`` is None without an official figure."""

    slug: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    roadmap: str | None
    rule: str
    population_year: int
    electorate: Electorate
    simulated: bool
    opened_at: datetime

    def as_document(self) -> dict[str, Any]:
        """The part of the record that the opening hash covers; kept as it was on opening."""
        table = population_table(self.population_year)
        return {
            "schema": SCHEMA,
            "motion": {
                "slug": self.slug,
                "title": dict(self.title),
                "text": dict(self.text),
                "roadmap": self.roadmap,
                "simulated": self.simulated,
                "opened_at": timestamp(self.opened_at),
            },
            "rule": self.rule,
            "population": {
                "year": table.year,
                "title": table.title,
                "source": table.source,
                "official": table.official,
                "reconstructed": table.reconstructed,
            },
            "electorate": [
                {"delegation": code, "persons": persons}
                for code, persons in self.electorate.persons.items()
            ],
        }


@dataclass(frozen=True, slots=True)
class ChainedBallot:
    """A ballot at its place in the chain; numbers count from 1."""

    number: int
    ballot: CastBallot
    cast_at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class Proxy:
    giver: str
    holder: str
    granted_at: datetime


def timestamp(moment: datetime) -> str:
    """UTC to the second: ``2026-11-22T10:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def document_hash(document: Mapping[str, Any]) -> str:
    """Hex SHA-256 of canonical JSON; of an opening it is the start of the chain of ballots."""
    try:
        return hashlib.sha256(rfc8785.dumps(dict(document))).hexdigest()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        raise InvalidExport(reason="it holds what canonical JSON cannot") from None


def chain_hash(previous: str, *, number: int, ballot: CastBallot, cast_at: datetime) -> str:
    """Hex SHA-256 of a ballot and of the hash before it."""
    return _ballot_hash(previous, _ballot_document(number, ballot, timestamp(cast_at)))


def build_record(
    opening: Mapping[str, Any],
    *,
    closed_at: datetime,
    closing_reason: str | None,
    proxies: Sequence[Proxy],
    ballots: Sequence[ChainedBallot],
    result: Mapping[str, Any],
) -> dict[str, Any]:
    """The record of a closed vote.

    ``opening`` is the document frozen on opening, ``ballots`` come in the order of their numbers,
    ``result`` is the tally's document.
    """
    return {
        **opening,
        "motion": {
            **opening["motion"],
            "closed_at": timestamp(closed_at),
            "closing_reason": closing_reason,
        },
        "opening_hash": document_hash(opening),
        "proxies": [
            {"from": proxy.giver, "to": proxy.holder, "granted_at": timestamp(proxy.granted_at)}
            for proxy in proxies
        ],
        "ballots": [
            _ballot_document(entry.number, entry.ballot, timestamp(entry.cast_at))
            | {"hash": entry.hash}
            for entry in ballots
        ],
        "result": dict(result),
    }


def record_bytes(record: Mapping[str, Any]) -> bytes:
    """Canonical JSON (RFC 8785): the same record is the same file, byte for byte."""
    return rfc8785.dumps(dict(record))


def fingerprint(record: Mapping[str, Any]) -> str:
    """Hex SHA-256 of the record's canonical JSON; published beside the result."""
    return hashlib.sha256(record_bytes(record)).hexdigest()


def read_record(content: bytes) -> dict[str, Any]:
    """A record from a file's bytes, its form not checked yet; ``InvalidExport`` if unreadable."""
    if len(content) > MAXIMUM_BYTES:
        raise InvalidExport(reason=f"it is larger than {MAXIMUM_BYTES:,} bytes")
    try:
        document = json.loads(content, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError):
        raise InvalidExport(reason="it is not JSON, or names a key twice") from None
    if not isinstance(document, dict):
        raise InvalidExport(reason="it is not a JSON object")
    return document


def recount(document: Mapping[str, Any]) -> Tally:
    """Count a record again, from its ballots alone, and compare with what it states.

    Raises ``InvalidExport`` when it has not the form of a record, ``TamperedExport`` when the
    chain, the population table, the ballots or the stated result do not fit together. Whoever
    rewrites the whole file can make it fit: compare ``fingerprint`` with the published one.
    """
    try:
        record = _Record.model_validate(dict(document))
    except (ValidationError, RecursionError) as error:
        raise InvalidExport(reason=_first_fault(error)) from None
    electorate = Electorate({entry.delegation: entry.persons for entry in record.electorate})
    _check_electorate(record, electorate)
    _check_chain(record, document)
    proxies = {proxy.giver: proxy.holder for proxy in record.proxies}
    if len(proxies) != len(record.proxies):
        raise TamperedExport(reason="a member has given two proxies")
    try:
        tally = count_ballots(
            rule=get_rule(record.rule),
            population_year=record.population.year,
            electorate=electorate,
            ballots=[entry.as_ballot() for entry in record.ballots],
            proxies=proxies,
        )
    except InvalidBallots as error:
        raise TamperedExport(reason=error.message.rstrip(".")) from None
    if tally.as_document() != record.result:
        raise TamperedExport(reason="the stated result is not what the ballots give")
    return tally


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


_Code = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
_Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Texts = dict[str, str]


class _Motion(_Strict):
    slug: str
    title: _Texts
    text: _Texts
    roadmap: str | None
    simulated: bool
    opened_at: _Moment
    closed_at: _Moment
    closing_reason: str | None


class _Population(_Strict):
    year: int
    title: str
    source: str
    official: str
    reconstructed: str


class _Voter(_Strict):
    delegation: _Code
    persons: Annotated[int, Field(ge=0, le=2**53)] | None


class _Proxy(_Strict):
    giver: Annotated[_Code, Field(alias="from")]
    holder: Annotated[_Code, Field(alias="to")]
    granted_at: _Moment


class _Ballot(_Strict):
    number: int
    delegation: _Code
    choice: Literal["yes", "no", "abstain"]
    cast_by: _Code
    cast_at: _Moment
    hash: _Hash

    def as_ballot(self) -> CastBallot:
        return CastBallot(self.delegation, Choice(self.choice), self.cast_by)


class _Record(_Strict):
    schema_name: Annotated[Literal["waymark/vote/1"], Field(alias="schema")]
    motion: _Motion
    rule: str
    population: _Population
    electorate: list[_Voter]
    proxies: list[_Proxy]
    opening_hash: _Hash
    ballots: list[_Ballot]
    result: dict[str, Any]


def _check_electorate(record: _Record, electorate: Electorate) -> None:
    if len(electorate) != len(record.electorate):
        raise TamperedExport(reason="a member is listed twice among those who can vote")
    if record.population.year not in YEARS:
        raise InvalidExport(reason=f"there is no population table for {record.population.year}")
    table = population_table(record.population.year).persons()
    for code, persons in electorate.persons.items():
        if code in table and persons != table[code]:
            raise TamperedExport(
                reason=f"the population of {code} is not that of the {record.population.year} table"
            )
    check_electorate(get_rule(record.rule), electorate, union=table)


def _check_chain(record: _Record, document: Mapping[str, Any]) -> None:
    opening = {
        key: document[key] for key in ("schema", "motion", "rule", "population", "electorate")
    }
    opening["motion"] = {
        key: value
        for key, value in document["motion"].items()
        if key not in ("closed_at", "closing_reason")
    }
    previous = document_hash(opening)
    if previous != record.opening_hash:
        raise TamperedExport(reason="the question, the rule or who could vote is not the original")
    for number, entry in enumerate(record.ballots, start=1):
        if entry.number != number:
            raise TamperedExport(reason=f"ballot {number} is missing or out of order")
        previous = _ballot_hash(
            previous, _ballot_document(number, entry.as_ballot(), entry.cast_at)
        )
        if previous != entry.hash:
            raise TamperedExport(reason=f"ballot {number} ({entry.delegation}) was changed")


def _ballot_document(number: int, ballot: CastBallot, cast_at: str) -> dict[str, Any]:
    return {
        "number": number,
        "delegation": ballot.delegation,
        "choice": ballot.choice.value,
        "cast_by": ballot.cast_by,
        "cast_at": cast_at,
    }


def _ballot_hash(previous: str, document: Mapping[str, Any]) -> str:
    return document_hash(dict(document) | {"previous": previous})


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key is named twice")
    return document


def _first_fault(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg'].lower()}" if place else str(fault["msg"]).lower()
