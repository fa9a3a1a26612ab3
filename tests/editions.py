"""A realistic edition document for tests: what ``editions.publishing`` hands to the exporters.

Everything is computed from small tables, the same on every run, so that a test may change one
thing and look at the difference. ``edition_document()`` has 48 milestones in 6 areas, 70 and more
dependencies of which two are suspended, two consultations, a vote of 27 delegations, evidence
with suppressed cells, and changes against edition 1.0.
"""

from copy import deepcopy
from functools import cache
from typing import Any

AREAS = (
    ("radio", "Radio and spectrum", "Radio et spectre"),
    ("cloud-edge", "Cloud and edge continuum", "Continuum du nuage à la périphérie"),
    ("security", "Security and trust", "Sécurité et confiance"),
    ("energy", "Energy efficiency", "Efficacité énergétique"),
    ("verticals", "Verticals: health, mobility, factories", "Secteurs : santé, mobilité, usines"),
    ("deployment", "Deployment and corridors", "Déploiement et corridors"),
)  # fmt: skip
_SUBJECTS = (
    "requirements agreed", "architecture published", "reference prototype", "laboratory trials",
    "field trials in three countries", "standard submitted", "pilot in service",
    "evaluation and hand-over to deployment",
)  # fmt: skip
_LEADS = ("6G-IA", "AIOTI", "NetworldEurope", "Chips JU", "5GAA", "")
COUNTRIES = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
TYPES = (
    ("eu_citizen", 318), ("company_business", 96), ("academic_research_institution", 71),
    ("business_association", 44), ("ngo", 31), ("public_authority", 27), ("trade_union", 11),
    ("consumer_organisation", 8), ("environmental_organisation", None), ("other", None),
)  # fmt: skip
ANSWERS = ("Very important", "Important", "Neutral", "Not important", "No opinion")
_NO = ("HU",)
_ABSTAIN = ("AT", "CZ")
_ABSENT = ("MT",)


def _milestones() -> list[dict[str, Any]]:
    found = []
    for place, (area, english, french) in enumerate(AREAS):
        for step, subject in enumerate(_SUBJECTS):
            start = 120 * place + 300 * step
            duration = (300, 240, 365, 180, 420, 0, 300, 210)[step]
            slack = (0, 45, 120)[(place + step) % 3]
            number = place * len(_SUBJECTS) + step
            title = {"en": f"{english}: {subject}", "fr": f"{french} : étape {step + 1}"}
            if number == 5:
                title = {"el": "Αρχιτεκτονική δικτύου για την υγεία και τις μεταφορές"}
            elif number == 12:
                title = {"bg": "Сигурност на мрежата: първи изпитвания в три държави"}
            found.append(
                {
                    "code": f"{area[:3].upper()}-{step + 1:02}",
                    "title": title,
                    "description": {
                        "en": f"{subject.capitalize()} for the area {english.lower()}. The result "
                        "is public and names the standards it builds on.\nIt is reviewed by the "
                        "member states before the next step begins."
                    },
                    "agenda": "SDA" if step >= 6 or area == "deployment" else "SRIA",
                    "area": area,
                    "duration_days": duration,
                    "not_before": "2027-01-01" if step == 3 else None,
                    "lead": _LEADS[number % len(_LEADS)],
                    "trl_from": min(step + 1, 9) if number % 5 else None,
                    "trl_to": min(step + 2, 9) if number % 5 else None,
                    "earliest_start": start,
                    "earliest_finish": start + duration,
                    "latest_start": start + slack,
                    "latest_finish": start + duration + slack,
                    "total_slack": slack,
                    "free_slack": slack // 2,
                    "critical": slack == 0,
                    "priority": {
                        "score": f"0.{60 + number % 40}",
                        "n": 600 - number,
                        "formula": "mean of (answer − 1) / 4 over all who answered",
                    },
                    "evidence": [evidence(number)] if number % 4 else [],
                }
            )
    return found


def evidence(number: int = 1) -> dict[str, Any]:
    """What one question says about one milestone, with suppressed small groups."""
    share = (40, 30, 15, 10, 5)
    groups = []
    for label, count in TYPES[:6]:
        cells = [None if count is None else count * part // 100 for part in share]
        groups.append(
            {
                "group": label,
                "answered": count,
                "counts": [
                    {"label": answer, "count": None if cell is not None and cell < 5 else cell}
                    for answer, cell in zip(ANSWERS, cells, strict=True)
                ],
            }
        )
    return {
        "consultation": "roadmap-2026",
        "question": f"Q{3 + number % 5}.r{number % 7 + 1}",
        "question_title": {
            "en": f"How important is result {number} for you or your organisation?",
            "fr": f"Quelle importance le résultat {number} a-t-il pour vous ?",
        },
        "option": None,
        "option_label": None,
        "answered": 600 - number,
        "counts": [
            {"label": answer, "count": (600 - number) * part // 100}
            for answer, part in zip(ANSWERS, share, strict=True)
        ],
        "by_group": groups,
        "score": f"0.{60 + number % 40}",
        "value": f"0.{60 + number % 40}",
        "n": 600 - number,
        "formula": "(0.40×1 + 0.30×0.75 + 0.15×0.5 + 0.10×0.25) / 0.95",
        "query": "answers to the question, submitted responses only, split by respondent type",
    }


def _dependencies(milestones: list[dict[str, Any]]) -> list[dict[str, Any]]:
    codes = [milestone["code"] for milestone in milestones]
    steps = len(_SUBJECTS)
    edges = []
    for place in range(len(AREAS)):
        for step in range(steps - 1):
            edges.append((codes[place * steps + step], codes[place * steps + step + 1], "FS", 0))
    for place in range(len(AREAS) - 1):
        for step in range(0, steps - 1, 2):
            first, second = place * steps + step, (place + 1) * steps + step + 1
            kind = ("FS", "SS", "FF", "SF")[(place + step) % 4]
            edges.append((codes[first], codes[second], kind, (0, 30, -15)[place % 3]))
    for place in range(0, len(AREAS) - 2, 2):
        for step in (1, 3, 5):
            edges.append((codes[place * steps + step], codes[(place + 2) * steps + step], "SS", 60))
    listed = [
        {
            "from": source, "to": target, "kind": kind, "lag_days": lag,
            "support": str(3 + order % 9), "suspended": False, "evidence": [],
        }
        for order, (source, target, kind, lag) in enumerate(edges)
    ]  # fmt: skip
    listed[0]["evidence"] = [evidence(2)]
    for source, target, support in ((codes[2], codes[0], "2"), (codes[12], codes[9], "1.5")):
        listed.append({
            "from": source, "to": target, "kind": "FS", "lag_days": 0, "support": support,
            "suspended": True, "evidence": [],
        })  # fmt: skip
    return listed


def _vote() -> dict[str, Any]:
    ballots = []
    for code in COUNTRIES:
        if code in _ABSENT:
            continue
        choice = "no" if code in _NO else "abstain" if code in _ABSTAIN else "yes"
        proxy = "by EE" if code == "LV" else None
        ballots.append({"delegation": code, "choice": choice, "proxy_of": proxy})
    yes = len(COUNTRIES) - len(_NO) - len(_ABSTAIN) - len(_ABSENT)
    return {
        "slug": "priorities-2026",
        "title": {"en": "Adopt the priorities of the roadmap"},
        "rule": "qualified",
        "population_year": 2025,
        "population_source": "Council Decision on voting by qualified majority, population table",
        "closed_on": "2026-11-12",
        "simulated": True,
        "attained": True,
        "yes": yes,
        "no": len(_NO),
        "abstain": len(_ABSTAIN),
        "not_voting": len(_ABSENT),
        "population_share": "93.46",
        "reason": f"{yes} of 27 members (at least 15 needed) with 93.46 % of the population "
        "(at least 65 % needed) are in favour.",
        "record_sha256": "7a" * 32,
        "ballots": ballots,
    }


def _consultations() -> list[dict[str, Any]]:
    by_country = [
        {"label": code, "count": None if code in ("CY", "LU", "MT") else 8 + 7 * (place % 9)}
        for place, code in enumerate(COUNTRIES)
    ]
    return [
        {
            "slug": "roadmap-2026",
            "title": {"en": "Public consultation on the roadmap for smart networks and services"},
            "kind": "public",
            "opens_on": "2026-05-04",
            "closes_on": "2026-07-31",
            "responses": 612,
            "simulated": True,
            "by_respondent_type": [{"label": label, "count": count} for label, count in TYPES],
            "by_country": by_country,
        },
        {
            "slug": "experts-2026",
            "title": {"en": "Targeted poll among experts", "el": "Στοχευμένη δημοσκόπηση"},
            "kind": "targeted",
            "opens_on": "2026-09-01",
            "closes_on": "2026-09-30",
            "responses": 42,
            "simulated": True,
            "by_respondent_type": [
                {"label": "academic_research_institution", "count": 25},
                {"label": "company_business", "count": 17},
            ],
            "by_country": [],
        },
    ]


def _changes(milestones: list[dict[str, Any]]) -> list[dict[str, Any]]:
    codes = [milestone["code"] for milestone in milestones]
    listed = [
        ("added", codes[7], None, {"title": milestones[7]["title"], "area": "radio"}),
        ("removed", "OLD-01", {"title": {"en": "Visible light"}, "area": "radio"}, None),
        ("moved", codes[3], {"not_before": None, "earliest_start": 850, "duration_days": 150},
         {"not_before": "2027-01-01", "earliest_start": 900, "duration_days": 180}),
        ("reworded", codes[12], {"title": {"en": "Security trials"}},
         {"title": milestones[12]["title"]}),
        ("revised", codes[10], {"lead": "AIOTI", "trl_to": 4}, {"lead": "6G-IA", "trl_to": 5}),
        ("reprioritised", codes[9], {"score": "0.61"}, {"score": "0.74"}),
        ("dependency", f"{codes[12]}>{codes[9]}", None,
         {"kind": "FS", "lag_days": 0, "support": "1.5", "suspended": True}),
    ]  # fmt: skip
    evident = {"added": [evidence(7)], "reprioritised": [evidence(9), evidence(11)]}
    return [
        {
            "kind": kind,
            "code": code,
            "before": before,
            "after": after,
            "evidence": evident.get(kind, []),
            "reasons": ["The trials took longer than planned."] if kind == "moved" else [],
        }
        for kind, code, before, after in listed
    ]


@cache
def _document() -> dict[str, Any]:
    milestones = _milestones()
    dependencies = _dependencies(milestones)
    suspended = [one for one in dependencies if one["suspended"]]
    cycles = [["RAD-01", "RAD-02", "RAD-03"], ["CLO-02", "CLO-03", "CLO-04", "CLO-05"]]
    return {
        "schema": "waymark/edition/1",
        "roadmap": {
            "slug": "smart-networks",
            "title": {
                "en": "Smart networks and services",
                "fr": "Réseaux et services intelligents",
                "el": "Έξυπνα δίκτυα και υπηρεσίες",
                "bg": "Интелигентни мрежи и услуги",
            },
            "start": "2026-01-01",
        },
        "version": "1.1",
        "previous": {"version": "1.0", "sha256": "5d" * 32},
        "published_on": "2026-11-22",
        "simulated": True,
        "areas": [{"code": code, "title": {"en": en, "fr": fr}} for code, en, fr in AREAS],
        "milestones": milestones,
        "dependencies": dependencies,
        "contradictions": [
            {"from": one["from"], "to": one["to"], "support": one["support"], "cycle": cycle}
            for one, cycle in zip(suspended, cycles, strict=True)
        ],
        "contradictions_exact": True,
        "schedule": {
            "makespan_days": max(milestone["earliest_finish"] for milestone in milestones)
        },
        "consultations": _consultations(),
        "votes": [_vote()],
        "decisions": [
            {
                "subject": milestones[3]["code"],
                "change": "moved",
                "reason": "The trials took longer than planned.",
                "decided_on": "2026-11-15",
            }
        ],
        "changes": _changes(milestones),
    }


def edition_document(**replaced: Any) -> dict[str, Any]:
    """A fresh copy of the edition document with top-level members replaced."""
    return deepcopy(_document()) | replaced


def small_edition_document(**replaced: Any) -> dict[str, Any]:
    """The same with three milestones, two dependencies and one of everything else: fast."""
    document = deepcopy(_document())
    document["milestones"] = document["milestones"][4:7]
    document["areas"] = document["areas"][:1]
    codes = {milestone["code"] for milestone in document["milestones"]}
    document["dependencies"] = [
        one for one in document["dependencies"] if {one["from"], one["to"]} <= codes
    ]
    document["contradictions"] = document["contradictions"][:1]
    document["consultations"] = document["consultations"][:1]
    return document | replaced
