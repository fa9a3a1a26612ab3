"""Rate limits where guessing or flooding pays: signing in, codes and tokens, submissions."""

import hashlib
import ipaddress
import threading
import time

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits.storage import Storage

from app.config import Settings


def address_prefix() -> str:
    """Who is counted: the IPv4 address, or the /64 of an IPv6 one (a household has a whole /64)."""
    address = request.remote_addr or "0.0.0.0"  # noqa: S104
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


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
    return _settings().submission_limit


def init_app(app: Flask, settings: Settings) -> None:
    in_process = settings.rate_limit_store == "memory://"
    app.config.update(
        RATELIMIT_STORAGE_URI="process://" if in_process else settings.rate_limit_store,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=not in_process,
        RATELIMIT_ENABLED=not app.testing,
    )
    limiter.init_app(app)


def _settings() -> Settings:
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return settings
