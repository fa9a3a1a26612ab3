"""The Commission's background questions as a block of a questionnaire (DOMAIN: Better Regulation).

For polls in which they are to be questions like any other: conditions can name them. Names of
countries are in every language, the rest in the languages of the interface.
"""

from typing import Any

from babel import Locale
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.presentation import RESPONDENT_TYPE_LABELS, SCOPE_LABELS, SIZE_LABELS
from stakeholders.delegations import MEMBER_STATES
from surveys.making.editing import Part
from surveys.profile import COUNTRIES, ORGANISATION_SIZES, PERSONS, RESPONDENT_TYPES, SCOPES

SLUG = "background"


def background_block(languages: list[str]) -> Part:
    """The section, with its texts in those of ``languages`` that there are, the first included."""

    def text(say: Any) -> dict[str, str]:
        spoken = current_app.config["WAYMARK_LANGUAGES"]
        texts = {}
        for code in languages:
            if code in spoken:
                with force_locale(code):
                    texts[code] = str(say())
        if languages[0] not in texts:
            with force_locale("en"):
                texts[languages[0]] = str(say())
        return texts

    def options(codes: Any, labels: Any) -> list[Part]:
        return [{"code": code, "label": text(lambda c=code: labels[c])} for code in codes]

    countries = [
        {"code": code, "label": {lang: _country(code, lang) for lang in languages}}
        for code in sorted(COUNTRIES)
    ]
    organisation = " or ".join(
        f"respondent_type == '{code}'" for code in RESPONDENT_TYPES if code not in PERSONS
    )
    questions: list[Part] = [
        {
            "code": "respondent_type", "type": "single_choice", "required": True,
            "title": text(lambda: _("I am answering as")),
            "options": options(RESPONDENT_TYPES, RESPONDENT_TYPE_LABELS),
        },
        {
            "code": "country", "type": "single_choice", "required": True, "display": "dropdown",
            "title": text(lambda: _("Country of origin")), "options": countries,
        },
        {
            "code": "organisation_name", "type": "short_text", "required": True,
            "max_length": 300, "show_if": organisation,
            "title": text(lambda: _("Name of the organisation")),
        },
        {
            "code": "organisation_size", "type": "single_choice", "required": True,
            "show_if": organisation, "title": text(lambda: _("Size of the organisation")),
            "options": options(ORGANISATION_SIZES, SIZE_LABELS),
        },
        {
            "code": "register_number", "type": "short_text", "max_length": 40,
            "show_if": organisation, "title": text(lambda: _("Transparency Register number")),
        },
        {
            "code": "scope", "type": "single_choice", "required": True,
            "show_if": "respondent_type == 'public_authority'",
            "title": text(lambda: _("Scope of the authority")),
            "options": options(SCOPES, SCOPE_LABELS),
        },
    ]  # fmt: skip
    return {
        "code": "about_you", "title": text(lambda: _("About you")), "questions": questions,
    }  # fmt: skip


def _country(code: str, language: str) -> str:
    """The name of a country, in any language there is one in; the EU's names for its members."""
    if code in MEMBER_STATES and language in MEMBER_STATES[code]:
        return MEMBER_STATES[code].in_language(language)
    iso = {"EL": "GR", "UK": "GB"}.get(code, code)
    return str(Locale.parse(language, sep="-").territories.get(iso, code))
