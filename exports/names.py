"""Names of countries and respondent types in exported documents, English and French."""

# EU codes (EL for Greece, UK), as the Publications Office's interinstitutional style guide
# lists them.
COUNTRIES: dict[str, dict[str, str]] = {
    code: {"en": english, "fr": french}
    for code, english, french in (
        ("AT", "Austria", "Autriche"),
        ("BE", "Belgium", "Belgique"),
        ("BG", "Bulgaria", "Bulgarie"),
        ("CY", "Cyprus", "Chypre"),
        ("CZ", "Czechia", "Tchéquie"),
        ("DE", "Germany", "Allemagne"),
        ("DK", "Denmark", "Danemark"),
        ("EE", "Estonia", "Estonie"),
        ("EL", "Greece", "Grèce"),
        ("ES", "Spain", "Espagne"),
        ("FI", "Finland", "Finlande"),
        ("FR", "France", "France"),
        ("HR", "Croatia", "Croatie"),
        ("HU", "Hungary", "Hongrie"),
        ("IE", "Ireland", "Irlande"),
        ("IT", "Italy", "Italie"),
        ("LT", "Lithuania", "Lituanie"),
        ("LU", "Luxembourg", "Luxembourg"),
        ("LV", "Latvia", "Lettonie"),
        ("MT", "Malta", "Malte"),
        ("NL", "Netherlands", "Pays-Bas"),
        ("PL", "Poland", "Pologne"),
        ("PT", "Portugal", "Portugal"),
        ("RO", "Romania", "Roumanie"),
        ("SE", "Sweden", "Suède"),
        ("SI", "Slovenia", "Slovénie"),
        ("SK", "Slovakia", "Slovaquie"),
        ("AL", "Albania", "Albanie"),
        ("BA", "Bosnia and Herzegovina", "Bosnie-Herzégovine"),
        ("CA", "Canada", "Canada"),
        ("GE", "Georgia", "Géorgie"),
        ("IL", "Israel", "Israël"),
        ("JP", "Japan", "Japon"),
        ("KR", "South Korea", "Corée du Sud"),
        ("MD", "Moldova", "Moldavie"),
        ("ME", "Montenegro", "Monténégro"),
        ("MK", "North Macedonia", "Macédoine du Nord"),
        ("RS", "Serbia", "Serbie"),
        ("UA", "Ukraine", "Ukraine"),
        ("CH", "Switzerland", "Suisse"),
        ("IS", "Iceland", "Islande"),
        ("LI", "Liechtenstein", "Liechtenstein"),
        ("NO", "Norway", "Norvège"),
        ("TR", "Türkiye", "Turquie"),
        ("UK", "United Kingdom", "Royaume-Uni"),
        ("US", "United States", "États-Unis"),
        ("unknown", "not published", "non publié"),
    )
}

# The members of the Union, in the alphabetical order of their codes.
MEMBERS = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip

RESPONDENT_TYPES: dict[str, dict[str, str]] = {
    code: {"en": english, "fr": french}
    for code, english, french in (
        (
            "academic_research_institution",
            "Academic/research institution",
            "Établissement universitaire/de recherche",
        ),
        ("business_association", "Business association", "Association d’entreprises"),
        ("company_business", "Company/business", "Entreprise"),
        ("consumer_organisation", "Consumer organisation", "Organisation de consommateurs"),
        ("eu_citizen", "EU citizen", "Citoyen de l’Union"),
        ("non_eu_citizen", "Non-EU citizen", "Citoyen d’un pays tiers"),
        (
            "environmental_organisation",
            "Environmental organisation",
            "Organisation environnementale",
        ),
        ("ngo", "Non-governmental organisation", "Organisation non gouvernementale"),
        ("public_authority", "Public authority", "Autorité publique"),
        ("trade_union", "Trade union", "Syndicat"),
        ("other", "Other", "Autre"),
        ("unknown", "Not published", "Non publié"),
    )
}
