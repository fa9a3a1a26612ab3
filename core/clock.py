"""Time at the rim. Use cases take ``now`` as an argument; only ``app`` calls these."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current time, timezone-aware, in UTC."""
    return datetime.now(UTC)
