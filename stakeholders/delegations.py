"""The delegations of the 27 member states, by the EU's codes in its protocol order. Pure."""

from core.text import LocalizedText

# EU code → name in English and French; the order is the EU's (by the name in its own language).
MEMBER_STATES: dict[str, LocalizedText] = {
    code: LocalizedText({"en": english, "fr": french})
    for code, english, french in (
        ("BE", "Belgium", "Belgique"),
        ("BG", "Bulgaria", "Bulgarie"),
        ("CZ", "Czechia", "Tchéquie"),
        ("DK", "Denmark", "Danemark"),
        ("DE", "Germany", "Allemagne"),
        ("EE", "Estonia", "Estonie"),
        ("IE", "Ireland", "Irlande"),
        ("EL", "Greece", "Grèce"),
        ("ES", "Spain", "Espagne"),
        ("FR", "France", "France"),
        ("HR", "Croatia", "Croatie"),
        ("IT", "Italy", "Italie"),
        ("CY", "Cyprus", "Chypre"),
        ("LV", "Latvia", "Lettonie"),
        ("LT", "Lithuania", "Lituanie"),
        ("LU", "Luxembourg", "Luxembourg"),
        ("HU", "Hungary", "Hongrie"),
        ("MT", "Malta", "Malte"),
        ("NL", "Netherlands", "Pays-Bas"),
        ("AT", "Austria", "Autriche"),
        ("PL", "Poland", "Pologne"),
        ("PT", "Portugal", "Portugal"),
        ("RO", "Romania", "Roumanie"),
        ("SI", "Slovenia", "Slovénie"),
        ("SK", "Slovakia", "Slovaquie"),
        ("FI", "Finland", "Finlande"),
        ("SE", "Sweden", "Suède"),
    )
}
# ISO 3166 codes that differ from the EU's.
ISO_TO_EU = {"GR": "EL", "GB": "UK"}


def eu_country_code(code: str) -> str:
    """``code`` upper-cased, with ISO's GR and GB as the EU's EL and UK."""
    upper = code.strip().upper()
    return ISO_TO_EU.get(upper, upper)
