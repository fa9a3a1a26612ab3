"""Counting for rate limits in one process."""

import threading

import pytest
from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from app.limits import ProcessMemory


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds, to be set by the test."""
    moment = [1_000.0]
    monkeypatch.setattr("app.limits.time.time", lambda: moment[0])
    return moment


def test_what_is_over_the_limit_is_refused_until_the_window_ends(clock: list[float]) -> None:
    limits = FixedWindowRateLimiter(ProcessMemory())
    twice = RateLimitItemPerMinute(2)
    assert [limits.hit(twice, "192.0.2.1") for _ in range(3)] == [True, True, False]
    assert limits.hit(twice, "192.0.2.2")
    clock[0] += 60
    assert limits.hit(twice, "192.0.2.1")


def test_ended_windows_are_forgotten_without_a_thread(clock: list[float]) -> None:
    threads = threading.active_count()
    storage = ProcessMemory()
    for number in range(100):
        storage.incr(f"address {number}", 10)
    clock[0] += 61
    storage.incr("another", 10)
    assert storage.reset() == 1
    assert threading.active_count() == threads


def test_a_count_can_be_read_and_cleared(clock: list[float]) -> None:
    storage = ProcessMemory()
    storage.incr("key", 10, amount=3)
    assert (storage.get("key"), storage.get_expiry("key")) == (3, 1_010)
    storage.clear("key")
    assert storage.get("key") == 0
