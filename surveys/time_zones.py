"""Dates as people set their clocks by: local time with a named zone, to a moment and back. Pure.

Twice a year a clock is changed. In spring an hour is left out: a time within it does not exist and
is refused. In autumn an hour comes twice: a time within it is refused until it is said which one is
meant, by its offset (``2026-10-25T02:30+02:00``) or as the earlier or the later one.
Source of the rules: the IANA time zone database, through ``zoneinfo``.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from core.errors import InvalidInput

# What is offered first; every other zone of the database may be typed.
USUAL_ZONES = (
    "Europe/Brussels", "Europe/Athens", "Europe/Helsinki", "Europe/Lisbon", "Europe/Dublin",
    "Europe/Berlin", "Europe/Paris", "Europe/Rome", "Europe/Madrid", "Europe/Warsaw",
    "Europe/Bucharest", "Atlantic/Canary", "Atlantic/Azores", "Europe/London", "UTC",
)  # fmt: skip
# Areas of the database that are places; the rest (``EST5EDT``, ``Etc/GMT+1``) are historical names.
_AREAS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


class InvalidTime(InvalidInput):
    """A time zone that does not exist, or a time that does not exist in it or comes twice.

    ``twice``: the time is fine but comes twice that day.
    """

    code = "surveys.invalid_time"

    def __init__(self, *, where: str, reason: str, twice: bool = False) -> None:
        self.twice = twice
        super().__init__(where=where, reason=reason)


def clean_time_zone(name: str, *, where: str = "time_zone") -> str:
    """The IANA name of a zone, spelt as in the database. Raises ``InvalidTime``."""
    found = _known_zones().get(name.strip().replace(" ", "_").casefold())
    if found is None:
        raise InvalidTime(
            where=where,
            reason=f"there is no time zone “{name.strip()[:60]}”; expected a name of the IANA "
            "database such as Europe/Brussels, or UTC",
        )
    return found


def parse_moment(
    typed: str, *, time_zone: str, where: str, occurrence: str | None = None
) -> datetime:
    """The moment (UTC) that ``typed`` (ISO 8601, with or without an offset) means in ``time_zone``.

    ``occurrence``: ``"first"`` or ``"second"``, of a time that comes twice. Raises ``InvalidTime``.
    """
    try:
        parsed = datetime.fromisoformat(typed.strip())
    except ValueError:
        raise InvalidTime(
            where=where, reason="expected a date and time such as 2026-11-22T12:00"
        ) from None
    return to_moment(parsed, time_zone=time_zone, where=where, occurrence=occurrence)


def to_moment(
    local: datetime, *, time_zone: str, where: str, occurrence: str | None = None
) -> datetime:
    """As ``parse_moment``, of a date and time that was read already."""
    try:
        if local.tzinfo is not None:
            return local.astimezone(UTC)
        zone = ZoneInfo(clean_time_zone(time_zone))
        first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        exists = first.astimezone(zone).replace(tzinfo=None) == local
    except OverflowError:
        raise InvalidTime(where=where, reason="expected a year from 2 to 9998") from None
    if first == second:
        return first
    said = f"{local:%Y-%m-%d %H:%M}"
    if not exists:
        # Read with the offset of before and of after the change, it is an hour off either way.
        after = first.astimezone(zone)
        raise InvalidTime(
            where=where,
            reason=f"{said} does not exist in {time_zone}: the clocks are put forward over it; "
            f"{after:%H:%M} is the time meant if they were not",
        )
    if occurrence not in ("first", "second"):
        offsets = " or ".join(
            f"{moment.astimezone(zone).isoformat(timespec='minutes')}" for moment in (first, second)
        )
        raise InvalidTime(
            where=where,
            reason=f"{said} comes twice in {time_zone}, because the clocks are put back; say which "
            f"one is meant: {offsets}",
            twice=True,
        )
    return first if occurrence == "first" else second


def local_time(moment: datetime, time_zone: str) -> datetime:
    """``moment`` as the clocks of ``time_zone`` show it (aware)."""
    return moment.astimezone(ZoneInfo(time_zone))


def is_ambiguous(moment: datetime, time_zone: str) -> bool:
    """Whether the clocks of ``time_zone`` show the time of ``moment`` twice that day."""
    local = local_time(moment, time_zone)
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()


def offset_name(moment: datetime, time_zone: str) -> str:
    """``UTC+1``, ``UTC−3:30`` or ``UTC``: what the clocks of the zone are ahead at ``moment``."""
    offset = local_time(moment, time_zone).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}"


def list_time_zones() -> list[str]:
    """Every zone that is a place, and UTC; the usual ones first."""
    others = sorted(name for name in _known_zones().values() if name.partition("/")[0] in _AREAS)
    return list(dict.fromkeys([*USUAL_ZONES, *others]))


@cache
def _known_zones() -> dict[str, str]:
    return {
        name.casefold(): name
        for name in available_timezones()
        if len(name) <= 40 and name not in ("localtime", "Factory", "posixrules")
    }
