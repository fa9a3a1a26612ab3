"""Tallies and records: what is counted, and that a changed record is found out."""

import copy
import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voting.errors import InvalidBallots, InvalidExport, TamperedExport, UnsuitableElectorate
from voting.populations import population_table
from voting.reasons import Clause
from voting.record import (
    ChainedBallot,
    Opening,
    Proxy,
    build_record,
    chain_hash,
    document_hash,
    fingerprint,
    read_record,
    record_bytes,
    recount,
)
from voting.rules import Choice, Electorate, get_rule
from voting.tally import CastBallot, Tally, count_ballots, format_share

UNION = Electorate(population_table(2025).persons())
OPENED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def tally_of(
    choices: dict[str, Choice], proxies: dict[str, str] | None = None, rule: str = "qualified"
) -> Tally:
    proxies = proxies or {}
    return count_ballots(
        rule=get_rule(rule),
        population_year=2025,
        electorate=UNION,
        ballots=[
            CastBallot(code, choice, proxies.get(code, code)) for code, choice in choices.items()
        ],
        proxies=proxies,
    )


def record_of(
    choices: dict[str, Choice], proxies: dict[str, str] | None = None, rule: str = "qualified"
) -> dict[str, Any]:
    proxies = proxies or {}
    opening = Opening(
        slug="priorities",
        title={"en": "Adopt the priorities"},
        text={"en": "The group adopts the priorities of edition 1.0."},
        roadmap="networks",
        rule=rule,
        population_year=2025,
        electorate=UNION,
        simulated=True,
        opened_at=OPENED,
    ).as_document()
    previous, chained = document_hash(opening), []
    for number, (code, choice) in enumerate(choices.items(), start=1):
        ballot = CastBallot(code, choice, proxies.get(code, code))
        cast_at = OPENED + timedelta(minutes=number)
        previous = chain_hash(previous, number=number, ballot=ballot, cast_at=cast_at)
        chained.append(ChainedBallot(number, ballot, cast_at, previous))
    return build_record(
        opening,
        closed_at=OPENED + timedelta(days=1),
        closing_reason=None,
        proxies=[Proxy(giver, holder, OPENED) for giver, holder in proxies.items()],
        ballots=chained,
        result=tally_of(choices, proxies, rule).as_document(),
    )


CHOICES = (
    dict.fromkeys(list(UNION.persons)[:20], Choice.YES)
    | dict.fromkeys(list(UNION.persons)[20:24], Choice.NO)
    | {"SK": Choice.ABSTAIN}
)


# --- counting ---


def test_a_tally_names_who_chose_what_and_who_did_not_vote() -> None:
    tally = tally_of(CHOICES)
    assert len(tally.members(Choice.YES)) == 20
    assert tally.members(Choice.ABSTAIN) == ("SK",)
    assert tally.members(None) == ("FI", "SE")
    assert tally.quorum.needed == 14
    assert tally.quorum.present == 25
    document = tally.as_document()
    assert document["attained"] is True
    assert document["members"] == 20
    assert document["not_voting"] == ["FI", "SE"]


def test_without_a_majority_present_there_is_no_valid_vote() -> None:
    choices = dict.fromkeys(list(UNION.persons)[:13], Choice.YES)
    tally = tally_of(choices, rule="consensus")
    assert not tally.decision.attained
    assert tally.decision.clause is Clause.QUORUM_MISSED
    assert "13 of 27 members" in tally.decision.reason
    assert tally_of(choices | {"SE": Choice.ABSTAIN}, rule="consensus").decision.attained


def test_a_represented_member_counts_as_present() -> None:
    choices = dict.fromkeys(list(UNION.persons)[:14], Choice.YES)
    assert tally_of(choices, {"BE": "BG"}, rule="consensus").quorum.met


def test_another_rule_comes_with_the_qualified_majority_as_an_indication() -> None:
    tally = tally_of(CHOICES, rule="two-thirds")
    assert tally.indication is not None
    assert tally.indication.attained
    assert tally_of(CHOICES).indication is None


@pytest.mark.parametrize(
    ("proxies", "words"),
    [
        ({"LU": "BE", "NL": "BE"}, "proxies of two members"),
        ({"LU": "BE", "BE": "NL"}, "given its own proxy away"),
        ({"LU": "LU"}, "its own proxy"),
        ({"UK": "BE"}, "UK cannot vote"),
    ],
)
def test_proxies_beyond_article_239_are_refused(proxies: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidBallots, match=words):
        tally_of({}, proxies)


@pytest.mark.parametrize(
    ("ballots", "words"),
    [
        ([("BE", "BE"), ("BE", "BE")], "two ballots of BE"),
        ([("BE", "NL")], "only BE could cast it"),
        ([("LU", "LU")], "only BE could cast it"),
        ([("UK", "UK")], "UK cannot vote"),
    ],
)
def test_ballots_nobody_could_have_cast_are_refused(
    ballots: list[tuple[str, str]], words: str
) -> None:
    proxies = {"LU": "BE"} if ballots[0][0] == "LU" else {}
    with pytest.raises(InvalidBallots, match=words):
        count_ballots(
            rule=get_rule("simple"),
            population_year=2025,
            electorate=UNION,
            ballots=[CastBallot(code, Choice.YES, by) for code, by in ballots],
            proxies=proxies,
        )


def test_shares_are_cut_not_rounded() -> None:
    assert format_share(Fraction(649_999, 1_000_000)) == "64.99"
    assert format_share(Fraction(1)) == "100.00"
    assert format_share(Fraction(1, 1000)) == "0.10"
    assert format_share(None) is None


# --- records ---


def test_a_record_gives_the_same_tally_again() -> None:
    record = record_of(CHOICES, {"LU": "BE"})
    assert recount(read_record(record_bytes(record))).as_document() == record["result"]


def test_a_record_is_the_same_file_every_time() -> None:
    assert record_bytes(record_of(CHOICES)) == record_bytes(record_of(CHOICES))
    assert fingerprint(record_of(CHOICES)) != fingerprint(record_of(CHOICES, {"LU": "BE"}))


def test_a_record_of_this_schema_stays_the_same_for_good() -> None:
    """Records are recounted years later: another fingerprint here means another schema."""
    assert fingerprint(record_of(CHOICES, {"LU": "BE"})) == (
        "f846d0bf5bbb8ca69ee57ba34891c06ef99fb5db77711ef0761a89d62026c8e6"
    )


def test_a_vote_without_a_ballot_has_a_record_too() -> None:
    assert not recount(record_of({})).decision.attained


def change(path: str, value: Any) -> Any:
    """An edit of a record: ``change("ballots.0.choice", "no")``."""

    def edit(record: dict[str, Any]) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        target: Any = record
        for part in way:
            target = target[part]
        target[last] = value

    return edit


def drop_ballot(record: dict[str, Any]) -> None:
    del record["ballots"][3]


def drop_last_ballot(record: dict[str, Any]) -> None:
    del record["ballots"][-1]


def swap_ballots(record: dict[str, Any]) -> None:
    record["ballots"][0], record["ballots"][1] = record["ballots"][1], record["ballots"][0]


def double_proxy(record: dict[str, Any]) -> None:
    record["proxies"].append(record["proxies"][0])


@pytest.mark.parametrize(
    "tamper",
    [
        change("ballots.0.choice", "no"),
        change("ballots.5.delegation", "SE"),
        change("ballots.5.cast_at", "2026-11-02T09:06:01Z"),
        change("ballots.5.hash", "0" * 64),
        change("motion.text.en", "The group adopts everything."),
        change("motion.simulated", False),
        change("rule", "simple"),
        change("population.source", "a friend"),
        change("electorate.0.persons", 99_999_999),
        change("opening_hash", "0" * 64),
        change("proxies", []),
        change("result.attained", False),
        change("result.reason", "Because."),
        change("result.yes", ["DE"]),
        drop_ballot,
        drop_last_ballot,
        swap_ballots,
        double_proxy,
    ],
)
def test_a_tampered_record_is_found_out(tamper: Any) -> None:
    record = copy.deepcopy(record_of(CHOICES, {"LU": "BE"}))
    tamper(record)
    with pytest.raises(TamperedExport):
        recount(record)


def test_a_record_rewritten_as_a_whole_has_another_fingerprint() -> None:
    forged = record_of(CHOICES | {"BE": Choice.NO})
    recount(forged)
    assert fingerprint(forged) != fingerprint(record_of(CHOICES))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (change("schema", "waymark/vote/9"), "schema"),
        (change("ballots.0.choice", "maybe"), "choice"),
        (change("ballots.0.number", "1"), "number"),
        (change("electorate.0.persons", 1.5), "persons"),
        (change("electorate.0.delegation", "<script>"), "delegation"),
        (change("population.year", 1999), "1999"),
        (change("note", "more"), "note"),
        (change("ballots", None), "ballots"),
    ],
)
def test_what_has_not_the_form_of_a_record_is_refused_by_place(edit: Any, words: str) -> None:
    record = copy.deepcopy(record_of(CHOICES))
    edit(record)
    with pytest.raises(InvalidExport, match=words):
        recount(record)


def test_a_record_of_a_rule_that_does_not_fit_its_voters_is_refused() -> None:
    record = copy.deepcopy(record_of(CHOICES))
    del record["electorate"][0]
    opening = {key: record[key] for key in ("schema", "motion", "rule", "population", "electorate")}
    opening["motion"] = {
        key: value
        for key, value in record["motion"].items()
        if key not in ("closed_at", "closing_reason")
    }
    record["opening_hash"] = document_hash(opening)
    with pytest.raises((UnsuitableElectorate, TamperedExport)):
        recount(record)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'{"a": 1, "a": 2}',
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * 1_000_001,
    ],
)
def test_a_file_that_is_no_record_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidExport):
        read_record(content)


@pytest.mark.parametrize("value", ["\ud800", 2**70, 1e400, float("nan")])
def test_values_canonical_json_cannot_hold_are_refused(value: Any) -> None:
    record = copy.deepcopy(record_of(CHOICES))
    record["motion"]["text"] = {"en": value}
    with pytest.raises(InvalidExport):
        recount(json.loads(json.dumps(record)))


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from(list(UNION.persons)), st.sampled_from(Choice), min_size=1),
    st.data(),
)
def test_every_record_recounts_and_no_single_changed_choice_goes_unnoticed(
    choices: dict[str, Choice], data: st.DataObject
) -> None:
    record = record_of(choices)
    assert recount(record).as_document() == record["result"]
    place = data.draw(st.integers(0, len(choices) - 1))
    current = record["ballots"][place]["choice"]
    record["ballots"][place]["choice"] = data.draw(
        st.sampled_from([choice.value for choice in Choice if choice.value != current])
    )
    with pytest.raises(TamperedExport):
        recount(record)
