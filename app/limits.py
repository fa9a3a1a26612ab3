"""Rate limits where guessing or flooding pays: signing in, codes and tokens, submissions.

What people answer is counted three times: for the single address, for the /64 of an IPv6 one (a
household or a hall's Wi-Fi has a whole one, and a script may take a new address from it for every
request), and for the network (/24 of IPv4, /48 of IPv6). Each tier allows several times what the
one before it does, so that an address that is refused does not use up what its neighbours need.
docs/operations.md ("Abuse") has the reasons for the numbers.
"""

import functools
import hashlib
import ipaddress
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import parse_many
from limits.storage import Storage
from werkzeug.local import LocalProxy

from app.config import Settings
from core.errors import WaymarkError

View = TypeVar("View", bound=Callable[..., Any])
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_prefix() -> str:
    """Who is counted: the IPv4 address, or the /64 of an IPv6 one (a household has a whole /64)."""
    return prefix_of(_remote_address(), ipv4=32, ipv6=64)


def single_address() -> str:
    return prefix_of(_remote_address(), ipv4=32, ipv6=128)


def subnet() -> str:
    return "subnet " + prefix_of(_remote_address(), ipv4=32, ipv6=64)


def network() -> str:
    return "network " + prefix_of(_remote_address(), ipv4=24, ipv6=48)


def prefix_of(address: _Address | None, *, ipv4: int, ipv6: int) -> str:
    """The address cut to so many bits, as a network where it is more than the one address."""
    if address is None:
        return "unknown"
    bits = ipv4 if address.version == 4 else ipv6
    return str(ipaddress.ip_network((address, bits), strict=False)).removesuffix("/32")


def _remote_address() -> _Address | None:
    try:
        # An IPv6 address may name the interface it came by ("fe80::1%eth0").
        parsed = ipaddress.ip_address((request.remote_addr or "0.0.0.0").partition("%")[0])  # noqa: S104
    except ValueError:
        return None
    # An IPv4 address as a server listening on IPv6 sees it.
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed


def typed_email() -> str:
    """Who is counted beside the address: whom a form names, so that many machines at once do not
    try passwords on one account, or fill one mailbox. Hashed: it may be kept elsewhere.
    """
    typed = request.form.get("email", "").strip().lower()
    return hashlib.sha256(typed.encode(errors="replace")).hexdigest()[:32]


class ProcessMemory(Storage):
    """Fixed windows counted in this process.

    The library's own memory starts a thread at nearly every count, to forget what has expired;
    here a count now and then does that.
    """

    STORAGE_SCHEME = ["process"]  # noqa: RUF012
    _FORGET_SECONDS = 60.0

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: object) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._windows: dict[str, tuple[int, float]] = {}  # key → (count, end of the window)
        self._forgets_at = 0.0
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count ``amount`` in the window of ``key``, begun now if there is none."""
        with self._lock:
            now = time.time()
            if now >= self._forgets_at:
                self._windows = {
                    k: window for k, window in self._windows.items() if window[1] > now
                }
                self._forgets_at = now + self._FORGET_SECONDS
            count, end = self._windows.get(key, (0, 0.0))
            if end <= now:
                count, end = 0, now + expiry
            self._windows[key] = (count + amount, end)
            return count + amount

    def get(self, key: str) -> int:
        count, end = self._windows.get(key, (0, 0.0))
        return count if end > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self._windows.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
            return count

    def clear(self, key: str) -> None:
        with self._lock:
            self._windows.pop(key, None)


# Wrong or right passwords for one account, and reset links for one, from wherever they come.
ACCOUNT_LIMIT = "100 per hour"
MAILBOX_LIMIT = "5 per hour"

limiter = Limiter(key_func=address_prefix, headers_enabled=False)


def sign_in_limit() -> str:
    return _settings().sign_in_limit


def submission_limit() -> str:
    """Of a single address; ``tiered`` knows the others."""
    return _settings().submission_limit


def saving_limit() -> str:
    return _settings().saving_limit


def tiered(limit: Callable[[], str], scope: str) -> Callable[[View], View]:
    """Count requests to a view for the address, the subnet and the network.

    ``limit``: of a single address, as the settings have it; views of one ``scope`` share a count.
    """

    def subnet_limit() -> str:
        return _times(limit(), _settings().limit_factor_subnet)

    def network_limit() -> str:
        return _times(limit(), _settings().limit_factor_network)

    def is_ipv4() -> bool:
        address = _remote_address()
        return address is None or address.version == 4

    def decorate(view: View) -> View:
        # The first is counted first, and where it refuses the others are not counted.
        for provider, key, exempt in (
            (limit, single_address, None),
            (subnet_limit, subnet, is_ipv4),
            (network_limit, network, None),
        ):
            view = limiter.shared_limit(
                provider, scope=scope, key_func=key, exempt_when=exempt, methods=["POST", "PATCH"]
            )(view)
        view.__gives_back__ = True  # type: ignore[attr-defined]
        return view

    return decorate


# For the views that take answers: everything saved on the way, and sending the whole.
saves_answers = tiered(saving_limit, "saving")
sends_response = tiered(submission_limit, "sending")


def refuse_beyond(limit: str, scope: str) -> None:
    """Count for the three tiers in the middle of a view. Raises ``TooMany``."""
    if not limiter.enabled:
        return
    settings = _settings()
    for factor, key in (
        (1, single_address()),
        (settings.limit_factor_subnet, subnet()),
        (settings.limit_factor_network, network()),
    ):
        for item in parse_many(_times(limit, factor)):
            if not limiter.limiter.hit(item, key, scope):
                reset_at = limiter.limiter.get_window_stats(item, key, scope).reset_time
                raise TooMany(seconds=max(1, round(reset_at - time.time())))


class TooMany(WaymarkError):
    """A limit counted in the middle of a view is used up for so many ``seconds``."""

    code = "limits.too_many"
    status = 429
    template = "Too many requests came from this network; try again in {seconds} seconds."

    def __init__(self, *, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(seconds=seconds)


class RecentRate:
    """How often something happened in the last minute, over all workers that share a store.

    Counted by the clock's minutes; the fuller one of this and the last counts, so that a rate does
    not fall to nothing at the turn of the minute.
    """

    def __init__(self) -> None:
        self._own = ProcessMemory()

    def add(self, *keys: str) -> None:
        minute = int(time.time() // 60)
        for key in keys:
            self._ask(lambda store, name=f"rate/{key}/{minute}": store.incr(name, 130))

    def of(self, key: str) -> int:
        minute = int(time.time() // 60)
        return max(
            self._ask(lambda store, name=f"rate/{key}/{at}": store.get(name))
            for at in (minute, minute - 1)
        )

    def _ask(self, question: Callable[[Storage], int]) -> int:
        try:
            return question(limiter.storage)
        except Exception:  # a store that cannot be reached must not keep anybody from answering
            return question(self._own)


recent_rate: RecentRate = LocalProxy(lambda: current_app.extensions["waymark.recent_rate"])  # type: ignore[assignment]
"""That of this application."""


@functools.lru_cache(maxsize=100)
def _times(limit: str, factor: int) -> str:
    """``limit`` ("60 per minute; 1000 per hour") with every number multiplied."""
    return "; ".join(
        f"{item.amount * factor} per {item.multiples} {item.GRANULARITY.name}"
        for item in parse_many(limit)
    )


def init_app(app: Flask, settings: Settings) -> None:
    in_process = settings.rate_limit_store == "memory://"
    app.config.update(
        RATELIMIT_STORAGE_URI="process://" if in_process else settings.rate_limit_store,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=not in_process,
        RATELIMIT_ENABLED=not app.testing,
    )
    limiter.init_app(app)
    app.extensions["waymark.recent_rate"] = RecentRate()


def _settings() -> Settings:
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return settings
