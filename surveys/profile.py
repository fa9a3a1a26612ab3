"""The background a Commission consultation asks for: who answers, from where. Pure.

Source: the Commission's Better Regulation practice as visible in the "Have your say" export
(User type, Scope, Organisation size, Country, Transparency register number, publication choice).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from core.errors import InvalidInput
from core.text import clean_text
from stakeholders.delegations import MEMBER_STATES, eu_country_code

RESPONDENT_TYPES: Final = (
    "academic_research_institution",
    "business_association",
    "company_business",
    "consumer_organisation",
    "eu_citizen",
    "non_eu_citizen",
    "environmental_organisation",
    "ngo",
    "public_authority",
    "trade_union",
    "other",
)
# These answer for themselves; all others for an organisation.
PERSONS: Final = frozenset({"eu_citizen", "non_eu_citizen"})
# micro < 10, small < 50, medium < 250 employees, large: 250 or more.
ORGANISATION_SIZES: Final = ("micro", "small", "medium", "large")
SCOPES: Final = ("international", "national", "regional", "local")
PUBLICATIONS: Final = ("anonymous", "named")

# ISO 3166-1 alpha-2 with the EU's EL and UK instead of GR and GB, and XK for Kosovo.
_OTHER_COUNTRIES: Final = (
    "AD AE AF AG AI AL AM AO AQ AR AS AU AW AX AZ BA BB BD BF BH BI BJ BL BM BN BO BQ BR BS BT BV "
    "BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX DJ DM DO DZ EC EG EH ER ET FJ FK "
    "FM FO GA GD GE GF GG GH GI GL GM GN GP GQ GS GT GU GW GY HK HM HN HT ID IL IM IN IO IQ IR IS "
    "JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LY MA MC MD ME MF MG MH MK "
    "ML MM MN MO MP MQ MR MS MU MV MW MX MY MZ NA NC NE NF NG NI NO NP NR NU NZ OM PA PE PF PG PH "
    "PK PM PN PR PS PW PY QA RE RS RU RW SA SB SC SD SG SH SJ SL SM SN SO SR SS ST SV SX SY SZ TC "
    "TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UK UM US UY UZ VA VC VE VG VI VN VU WF WS "
    "XK YE YT ZA ZM ZW"
)
COUNTRIES: Final = frozenset(_OTHER_COUNTRIES.split()) | frozenset(MEMBER_STATES)

# Transparency Register numbers: digits with a check part after a hyphen, as printed there.
_REGISTER_NUMBER = re.compile(r"\d{5,15}-\d{2}")

FIELDS: Final = (
    "respondent_type",
    "country",
    "organisation_name",
    "organisation_size",
    "register_number",
    "scope",
)


def clean_profile(given: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """What of ``given`` can be kept, and what is wrong with the rest: (profile, problems).

    ``problems`` maps a field to one of the reasons ``required``, ``unknown``, ``format``,
    ``text``. Fields that do not concern the respondent type (an organisation's size for a
    citizen) are left out silently: they were not asked.
    """
    profile: dict[str, str] = {}
    problems: dict[str, str] = {}
    kind = str(given.get("respondent_type") or "")
    _choose(profile, problems, "respondent_type", kind, RESPONDENT_TYPES)
    country = eu_country_code(str(given.get("country") or ""))
    _choose(profile, problems, "country", country, COUNTRIES)
    if kind in RESPONDENT_TYPES and kind not in PERSONS:
        size = str(given.get("organisation_size") or "")
        _choose(profile, problems, "organisation_size", size, ORGANISATION_SIZES)
        _write(profile, problems, "organisation_name", given, maximum=300, required=True)
        _write(profile, problems, "register_number", given, maximum=40, required=False)
        number = profile.get("register_number")
        if number and not _REGISTER_NUMBER.fullmatch(number):
            problems["register_number"] = "format"
            del profile["register_number"]
        if kind == "public_authority":
            _choose(profile, problems, "scope", str(given.get("scope") or ""), SCOPES)
    return profile, problems


def _choose(
    profile: dict[str, str], problems: dict[str, str], field: str, value: str, allowed: Any
) -> None:
    if not value:
        problems[field] = "required"
    elif value not in allowed:
        problems[field] = "unknown"
    else:
        profile[field] = value


def _write(
    profile: dict[str, str], problems: dict[str, str], field: str, given: Mapping[str, Any],
    *, maximum: int, required: bool,
) -> None:  # fmt: skip
    try:
        text = clean_text(str(given.get(field) or "").strip(), where=field, maximum=maximum)
    except InvalidInput:
        problems[field] = "text"
        return
    if text:
        profile[field] = text
    elif required:
        problems[field] = "required"
