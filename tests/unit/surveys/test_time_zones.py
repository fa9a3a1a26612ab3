"""Local times with a named zone: what exists, what comes twice, what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.time_zones import (
    InvalidTime,
    clean_time_zone,
    is_ambiguous,
    list_time_zones,
    local_time,
    offset_name,
    parse_moment,
)

BRUSSELS = "Europe/Brussels"


def moment(typed: str, occurrence: str | None = None, zone: str = BRUSSELS) -> datetime:
    return parse_moment(typed, time_zone=zone, where="closes_at", occurrence=occurrence)


def test_a_time_is_meant_by_the_clocks_of_the_zone() -> None:
    assert moment("2026-12-06T18:00") == datetime(2026, 12, 6, 17, 0, tzinfo=UTC)
    assert moment("2026-07-06T18:00") == datetime(2026, 7, 6, 16, 0, tzinfo=UTC)
    assert moment("2026-07-06T18:00", zone="Asia/Kathmandu") == datetime(
        2026, 7, 6, 12, 15, tzinfo=UTC
    )


def test_an_offset_says_it_for_every_zone() -> None:
    assert moment("2026-12-06T18:00+05:30") == datetime(2026, 12, 6, 12, 30, tzinfo=UTC)
    assert moment("2026-12-06T18:00Z") == datetime(2026, 12, 6, 18, 0, tzinfo=UTC)


def test_an_hour_that_is_left_out_does_not_exist() -> None:
    with pytest.raises(InvalidTime, match=r"does not exist in Europe/Brussels.*03:30"):
        moment("2026-03-29T02:30")


def test_an_hour_that_comes_twice_is_refused_until_it_is_said_which() -> None:
    with pytest.raises(InvalidTime, match=r"twice.*\+02:00 or .*\+01:00") as refusal:
        moment("2026-10-25T02:30")
    assert refusal.value.twice
    first, second = moment("2026-10-25T02:30", "first"), moment("2026-10-25T02:30", "second")
    assert first == moment("2026-10-25T02:30+02:00")
    assert second - first == timedelta(hours=1)
    assert is_ambiguous(first, BRUSSELS)
    assert is_ambiguous(second, BRUSSELS)
    assert not is_ambiguous(second + timedelta(hours=2), BRUSSELS)


@pytest.mark.parametrize("typed", ["", "tomorrow", "2026-02-30T10:00", "2026-13-01", "9999999"])
def test_what_is_no_time_is_named(typed: str) -> None:
    with pytest.raises(InvalidTime, match="closes_at: expected a date and time"):
        moment(typed)


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_the_edges_of_the_calendar_are_refused_or_read(typed: str) -> None:
    for zone in (BRUSSELS, "Pacific/Kiritimati", "America/Los_Angeles"):
        try:
            assert moment(typed, zone=zone).tzinfo is UTC
        except InvalidTime as refusal:
            assert "year" in refusal.message  # noqa: PT017


@pytest.mark.parametrize(
    "name", ["", "Brussels", "Europe/Nowhere", "../../etc/passwd", "localtime", "x" * 500, "\x00"]
)
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(InvalidTime, match="time_zone: there is no time zone"):
        clean_time_zone(name)


def test_zones_are_spelt_as_in_the_database() -> None:
    assert clean_time_zone(" europe/brussels ") == BRUSSELS
    assert clean_time_zone("America/New York") == "America/New_York"
    assert list_time_zones()[0] == BRUSSELS
    assert len(set(list_time_zones())) == len(list_time_zones())


def test_offsets_are_said_in_words() -> None:
    winter = datetime(2026, 12, 6, tzinfo=UTC)
    assert offset_name(winter, BRUSSELS) == "UTC+1"
    assert offset_name(winter, "America/St_Johns") == "UTC−3:30"
    assert offset_name(winter, "UTC") == "UTC"


@settings(max_examples=150, deadline=None)
@given(
    local=st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31)),
    zone=st.sampled_from(["Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_what_is_read_is_shown_again(local: datetime, zone: str) -> None:
    local = local.replace(second=0, microsecond=0)
    typed = local.isoformat()
    try:
        read = moment(typed, zone=zone)
    except InvalidTime as refusal:
        if not refusal.twice:
            return
        read = moment(typed, "second", zone)
    assert local_time(read, zone).replace(tzinfo=None) == local
