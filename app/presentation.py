"""How an answer, a profile and a problem read to a person, in their language."""

from datetime import date, timedelta
from typing import Any

from babel import Locale
from flask import Flask, g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.answer_words import answer_lines as answer_lines
from app.i18n import format_date, format_number, interface_language
from app.problem_texts import problem_text as problem_text
from core.text import LANGUAGES
from stakeholders.delegations import MEMBER_STATES
from surveys.profile import COUNTRIES

RESPONDENT_TYPE_LABELS = {
    "academic_research_institution": _l("Academic or research institution"),
    "business_association": _l("Business association"),
    "company_business": _l("Company or business"),
    "consumer_organisation": _l("Consumer organisation"),
    "eu_citizen": _l("EU citizen"),
    "non_eu_citizen": _l("Non-EU citizen"),
    "environmental_organisation": _l("Environmental organisation"),
    "ngo": _l("Non-governmental organisation (NGO)"),
    "public_authority": _l("Public authority"),
    "trade_union": _l("Trade union"),
    "other": _l("Other"),
    "unknown": _l("Not published"),
}
SIZE_LABELS = {
    "micro": _l("Micro (1 to 9 employees)"),
    "small": _l("Small (10 to 49 employees)"),
    "medium": _l("Medium (50 to 249 employees)"),
    "large": _l("Large (250 or more)"),
    "unknown": _l("Not published"),
}
SCOPE_LABELS = {
    "international": _l("International"),
    "national": _l("National"),
    "regional": _l("Regional"),
    "local": _l("Local"),
}
ROLE_LABELS = {
    "citizen": _l("Citizen"),
    "organisation": _l("Organisation"),
    "delegate": _l("Delegate"),
    "secretariat": _l("Secretariat"),
    "moderator": _l("Moderator"),
    "auditor": _l("Auditor"),
    "administrator": _l("Administrator"),
}
PROFILE_LABELS = {
    "respondent_type": _l("I am answering as"),
    "country": _l("Country of origin"),
    "organisation_name": _l("Name of the organisation"),
    "organisation_size": _l("Size of the organisation"),
    "register_number": _l("Transparency Register number"),
    "scope": _l("Scope of the authority"),
}
PROFILE_PROBLEMS = {
    "required": _l("Please fill in this field."),
    "unknown": _l("Please choose one of the answers offered."),
    "format": _l("Expected digits, a hyphen and two digits, such as 123456789012-34."),
    "text": _l("This text is too long or contains characters that are not text."),
}


def init_app(app: Flask) -> None:
    """Let templates use these words."""
    app.jinja_env.filters.update(
        country_name=country_name,
        language_name=lambda code: LANGUAGES.get(code, code),
        role_label=lambda role: str(ROLE_LABELS.get(role, role)),
        respondent_type_label=lambda kind: str(RESPONDENT_TYPE_LABELS.get(kind, kind)),
        version_key=lambda version: tuple(int(part) for part in version.split(".")),
    )
    app.jinja_env.globals["edition_day"] = edition_day
    app.jinja_env.globals["icon_sprite"] = icon_sprite


def icon_sprite() -> str:
    """The address of the icons, built once in a request: a page may show a hundred of them."""
    if "icon_sprite" not in g:
        g.icon_sprite = url_for("static", filename="vendor/ecl-resources-icons-4.11.0/icons.svg")
    address: str = g.icon_sprite
    return address


def edition_day(document: dict[str, Any], offset: int) -> str:
    """A day of an edition's schedule as people write it; beyond the calendar, its number."""
    try:
        return format_date(date.fromisoformat(document["roadmap"]["start"]) + timedelta(offset))
    except OverflowError:
        return _("day %(number)s", number=format_number(offset))


def country_name(code: str) -> str:
    """The country's name in the reader's language; the code itself where it has none."""
    if code == "unknown":
        return _("Not published")
    if code in MEMBER_STATES and interface_language() in MEMBER_STATES[code]:
        return MEMBER_STATES[code].in_language(interface_language())
    iso = {"EL": "GR", "UK": "GB"}.get(code, code)
    territories = Locale.parse(interface_language()).territories
    return str(territories.get(iso, code))


def country_choices() -> list[tuple[str, str]]:
    """(code, name): the member states in the EU's order first, then all others by name."""
    members = [(code, country_name(code)) for code in MEMBER_STATES]
    others = sorted(
        ((code, country_name(code)) for code in COUNTRIES - set(MEMBER_STATES)),
        key=lambda choice: choice[1],
    )
    return members + others


def profile_value(field: str, value: str | None) -> str:
    """One background answer in words."""
    if not value:
        return ""
    if field == "country":
        return country_name(value)
    tables: dict[str, dict[str, Any]] = {
        "respondent_type": RESPONDENT_TYPE_LABELS,
        "organisation_size": SIZE_LABELS,
        "scope": SCOPE_LABELS,
    }
    return str(tables.get(field, {}).get(value, value))
