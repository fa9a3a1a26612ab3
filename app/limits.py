"""Rate limits where guessing or flooding pays: signing in, codes and tokens, submissions."""

import ipaddress

from flask import Flask, current_app, request
from flask_limiter import Limiter

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


limiter = Limiter(key_func=address_prefix, headers_enabled=False)


def sign_in_limit() -> str:
    return _settings().sign_in_limit


def submission_limit() -> str:
    return _settings().submission_limit


def init_app(app: Flask, settings: Settings) -> None:
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.rate_limit_store,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=settings.rate_limit_store != "memory://",
        RATELIMIT_ENABLED=not app.testing,
    )
    limiter.init_app(app)


def _settings() -> Settings:
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return settings
