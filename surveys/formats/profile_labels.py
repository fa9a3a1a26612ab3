"""What respondents' background answers are called in exports, and our codes for them.

Names of countries and languages come from the Unicode CLDR (through Babel) in the 24 official
languages; the table below adds the names that the Commission's exports use besides.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

from babel import Locale

from core.text import LANGUAGES
from stakeholders.delegations import eu_country_code
from surveys.profile import COUNTRIES, ORGANISATION_SIZES, SCOPES

_RESPONDENT_TYPE_NAMES = {
    "academic research institution": "academic_research_institution",
    "academic research institute": "academic_research_institution",
    "business association": "business_association",
    "company business organisation": "company_business",
    "company business": "company_business",
    "consumer organisation": "consumer_organisation",
    "eu citizen": "eu_citizen",
    "non eu citizen": "non_eu_citizen",
    "environmental organisation": "environmental_organisation",
    "ngo": "ngo",
    "non governmental organisation": "ngo",
    "non governmental organisation ngo": "ngo",
    "public authority": "public_authority",
    "trade union": "trade_union",
    "other": "other",
}

# A file repeats few labels many times; a bound keeps strange files from filling the memory.
_remembering = lru_cache(maxsize=4096)

# Names found in the Commission's exports or its country list that CLDR spells otherwise.
_OTHER_COUNTRY_NAMES = {
    "czech republic": "CZ", "turkey": "TR", "macedonia": "MK",
    "former yugoslav republic of macedonia": "MK", "republic of north macedonia": "MK",
    "swaziland": "SZ", "eswatini swaziland": "SZ", "cape verde": "CV", "cabo verde": "CV",
    "ivory coast": "CI", "cote d ivoire": "CI", "burma": "MM", "myanmar": "MM",
    "myanmar burma": "MM", "congo": "CG", "republic of the congo": "CG",
    "democratic republic of the congo": "CD", "the democratic republic of the congo": "CD",
    "hong kong": "HK", "macao": "MO", "macau": "MO", "palestine": "PS", "korea": "KR",
    "republic of korea": "KR", "korea republic of": "KR", "north korea": "KP",
    "democratic people s republic of korea": "KP", "russian federation": "RU",
    "syrian arab republic": "SY", "iran islamic republic of": "IR",
    "viet nam": "VN", "lao people s democratic republic": "LA",
    "united republic of tanzania": "TZ", "republic of moldova": "MD", "moldova republic of": "MD",
    "brunei darussalam": "BN", "holy see": "VA", "vatican": "VA", "micronesia": "FM",
    "east timor": "TL", "the gambia": "GM", "the bahamas": "BS", "great britain": "UK",
    "united states of america": "US", "usa": "US", "falkland islands": "FK",
    "bosnia and herzegovina": "BA", "saint martin": "MF", "holland": "NL",
    "the netherlands": "NL", "pitcairn": "PN", "saint kitts and nevis": "KN",
    "saint lucia": "LC", "saint vincent and the grenadines": "VC", "sao tome and principe": "ST",
    "trinidad and tobago": "TT", "antigua and barbuda": "AG", "svalbard and jan mayen": "SJ",
    "turks and caicos islands": "TC", "wallis and futuna": "WF",
    "south georgia and the south sandwich islands": "GS", "saint pierre and miquelon": "PM",
    "heard island and mcdonald islands": "HM", "us virgin islands": "VI",
}  # fmt: skip


@_remembering
def find_respondent_type(label: str) -> str | None:
    """Our code for a user type ("EU Citizen" → ``eu_citizen``), or None when it is unknown."""
    name = normalise(label)
    short = normalise(label.split("(", 1)[0])
    return _RESPONDENT_TYPE_NAMES.get(name) or _RESPONDENT_TYPE_NAMES.get(short)


@_remembering
def find_organisation_size(label: str) -> str | None:
    """``micro``, ``small``, ``medium`` or ``large`` from a label that begins with the word."""
    return _first_word(label, ORGANISATION_SIZES)


@_remembering
def find_scope(label: str) -> str | None:
    """``international``, ``national``, ``regional`` or ``local``."""
    return _first_word(label, SCOPES)


@_remembering
def find_publication(label: str) -> str | None:
    """``anonymous`` or ``named`` from the sentence a respondent chose on how to be published."""
    name = normalise(label)
    if "anonym" in name:
        return "anonymous"
    named = ("personal information", "personal details", "personal data", "named", "public")
    return "named" if any(words in name for words in named) else None


@_remembering
def find_country(label: str) -> str | None:
    """The EU's country code from a code or a name in any official language, or None."""
    if eu_country_code(label) in COUNTRIES:
        return eu_country_code(label)
    name = normalise(label)
    if name in _OTHER_COUNTRY_NAMES:
        return _OTHER_COUNTRY_NAMES[name]
    return _in_any_language(name, _countries)


@_remembering
def find_language(label: str) -> str | None:
    """The code of a language from its code or its name in any official language, or None."""
    code = label.strip().lower()
    if code in _languages("en").values():
        return code
    return _in_any_language(normalise(label), _languages)


def normalise(label: str) -> str:
    """Case, accents, punctuation and "&" out of the way: what two spellings have in common."""
    plain = unicodedata.normalize("NFKD", label.replace("&", " and ").casefold())
    return " ".join(
        re.findall(r"[^\W_]+", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    )


def _in_any_language(name: str, names: Callable[[str], dict[str, str]]) -> str | None:
    """English first: the other languages' names are loaded only when they are needed."""
    for language in ("en", *LANGUAGES):
        if name in names(language):
            return names(language)[name]
    return None


def _first_word(label: str, codes: tuple[str, ...]) -> str | None:
    words = normalise(label).split()
    return words[0] if words and words[0] in codes else None


@cache
def _countries(language: str) -> dict[str, str]:
    """Normalised country name → EU code, in one language."""
    return {
        normalise(name): eu_country_code(code)
        for code, name in Locale(language).territories.items()
        # CLDR also names continents and unions.
        if eu_country_code(code) in COUNTRIES
    }


@cache
def _languages(language: str) -> dict[str, str]:
    """Normalised language name → ISO 639 code, in one language."""
    return {
        normalise(name): code
        for code, name in Locale(language).languages.items()
        if len(code) in {2, 3}
    }
