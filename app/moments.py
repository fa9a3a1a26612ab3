"""Dates of consultations as people read them: in the consultation's time zone, which is named."""

from datetime import datetime

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_datetime, get_timezone_location
from flask import Flask
from flask_babel import gettext as _

from app.i18n import interface_language, written_day
from surveys.models import Consultation
from surveys.time_zones import is_ambiguous, local_time, offset_name

# English here is European English.
_FORMATS = {"en": "en_GB"}


def init_app(app: Flask) -> None:
    """Let templates say dates of consultations."""
    app.jinja_env.globals.update(
        consultation_moment=consultation_moment, consultation_day=consultation_day,
        zone_name=zone_name, zone_label=zone_label, local_input=local_input,
    )  # fmt: skip


def consultation_moment(moment: datetime, consultation: Consultation, language: str = "") -> str:
    """``6 December 2026, 18:00 (Brussels time)``; where the hour comes twice, with its offset."""
    zone = consultation.time_zone
    language = language or interface_language()
    text = format_datetime(
        local_time(moment, zone).replace(tzinfo=None), format="d MMMM y, HH:mm",
        locale=_locale(language),
    )  # fmt: skip
    text = written_day(text, language)
    name = zone_name(zone, language)
    if is_ambiguous(moment, zone):
        name = f"{name}, {offset_name(moment, zone)}"
    return f"{text} ({name})" if zone != "UTC" else f"{text} UTC"


def consultation_day(moment: datetime, consultation: Consultation) -> str:
    """``6 December 2026`` as the calendar of the consultation's time zone says."""
    day = local_time(moment, consultation.time_zone).date()
    return written_day(format_date(day, format="long", locale=_locale(interface_language())))


def zone_name(zone: str, language: str = "") -> str:
    """``Brussels time``; the name of the database where a zone is no place."""
    if zone == "UTC":
        return "UTC"
    locale = _locale(language or interface_language())
    city = get_timezone_location(zone, locale=locale, return_city=True)
    if "/" not in zone or zone.startswith("Etc/") or not city:
        return zone
    if language:  # outside a page: an e-mail in the language of whoever reads it
        return _ZONE_WORDS.get(language.partition("-")[0], "{city}").format(city=city)
    return _("%(city)s time", city=city)


def zone_label(zone: str, moment: datetime | None = None) -> str:
    """The zone by both its names, and what its clocks are ahead at ``moment``."""
    plain = zone_name(zone)
    offset = offset_name(moment, zone) if moment is not None else ""
    parts = [zone] if plain != zone else []
    parts += [offset] if offset and offset != zone else []
    return f"{plain} ({', '.join(parts)})" if parts else plain


def local_input(moment: datetime | None, zone: str) -> str:
    """The value of a field of type datetime-local."""
    return local_time(moment, zone).strftime("%Y-%m-%dT%H:%M") if moment is not None else ""


_ZONE_WORDS = {
    "en": "{city} time",
    "fr": "heure locale\N{NO-BREAK SPACE}: {city}",
    "de": "Ortszeit {city}",
}


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(_FORMATS.get(language, language), sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")
