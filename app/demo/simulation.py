"""Simulated participants: who they are and what they answer, the same on every run.

A model (``content/simulation/*.json``) says how likely each answer is and how far a kind of
respondent leans another way; the questionnaire says what is asked. A respondent walks through the
questionnaire as a person does: what an earlier answer hides is not answered. Nobody real is
behind any of it, and nothing here looks at real answers.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from app.demo.answering import JUDGED, Person, Sentences, Texts, draw
from app.demo.model import SimulationModel, Surroundings
from stakeholders.delegations import MEMBER_STATES
from surveys.questionnaire import Questionnaire

ORGANISATION_TYPES = {
    "academic_research_institution": "institute",
    "business_association": "association",
    "company_business": "company",
    "consumer_organisation": "consumer organisation",
    "environmental_organisation": "environmental organisation",
    "ngo": "non-governmental organisation",
    "other": "body",
    "public_authority": "public authority",
    "trade_union": "trade union",
}
SIZES = {"micro": 3, "small": 4, "medium": 3, "large": 2}
SCOPES = {"local": 4, "regional": 3, "national": 4, "international": 0.5}
# The share of organisations that let themselves be published by name.
NAMED_SHARE = 0.4
# How long moderators take to decide on a statement, as a part of the consultation.
MODERATED_AFTER = 0.02


@dataclass(frozen=True, slots=True)
class SimulatedResponse:
    """One return. ``position``: when within the consultation, from 0 (opening) to 1 (closing).

    ``judged``: stances on accepted statements that others added, by their place in the model.
    ``files``: what was attached. ``purposes``: what was consented to beside answering.
    """

    position: float
    language: str
    profile: dict[str, str]
    answers: dict[str, Any]
    judged: dict[int, str]
    files: tuple[bytes, ...]
    seconds: int
    purposes: tuple[str, ...]


def simulate(
    questionnaire: Questionnaire,
    model: SimulationModel,
    *,
    surroundings: Surroundings,
    texts: Texts,
    seed: int,
) -> Iterator[SimulatedResponse]:
    """``model.responses`` returns, in the order they arrive; the same for the same arguments."""
    random = Random(seed)  # noqa: S311 - a story, not a secret
    countries = _quota(model.countries, model.responses)
    random.shuffle(countries)
    positions = sorted(random.betavariate(0.8, 0.9) for _ in countries)
    sentences, campaigners = Sentences(texts), 0
    for number, (country, position) in enumerate(zip(countries, positions, strict=True), start=1):
        kind = _kind_in(country, draw(random, model.respondent_types))
        speaks = random.choice(surroundings.languages[country])
        fixed = _offered_text(model, kind, speaks, position, campaigners)
        campaigners += bool(fixed)
        person = Person(
            random=random,
            number=number,
            kind=kind,
            mood=random.gauss(0, 0.4),
            speaks=speaks,
            sentences=sentences,
            borders=[f"{country}–{other}" for other in surroundings.borders[country]],
            second=random.random() < model.second_group.get(kind, model.second_group.get("", 0.0)),
            hurried=random.random() < model.hurried,
            fixed=fixed,
        )
        answers = person.answers(questionnaire, model.questions)
        yield SimulatedResponse(
            position=position,
            language=speaks if speaks in questionnaire.languages else questionnaire.fallback,
            profile=_profile(random, kind, country, number),
            answers=answers,
            judged=_judged(person, model, answers, position),
            files=tuple(person.files),
            seconds=_seconds(person, model, answers),
            purposes=tuple(
                purpose for purpose, share in model.consents.items() if random.random() < share
            ),
        )


def _offered_text(
    model: SimulationModel, kind: str, speaks: str, position: float, before: int
) -> Mapping[str, Any]:
    """What a person answers who takes part in the campaign; nothing for anybody else."""
    campaign = model.campaign
    if (
        campaign is None
        or before >= campaign.people
        or (kind, speaks) != (campaign.respondent_type, campaign.language)
        or position < campaign.position
    ):
        return {}
    # Every fifth changes a few words.
    wording = campaign.wordings[(before % 5 == 4) % len(campaign.wordings)]
    return {**campaign.fixed, campaign.question: wording}


def _judged(
    person: Person, model: SimulationModel, answers: Mapping[str, Any], position: float
) -> dict[int, str]:
    """What the person says of the added statements that could be read by then."""
    return {
        place: person.stance(added.opinions)
        for place, added in enumerate(model.added_statements)
        if added.opinions is not None
        and added.decision == "accepted"
        and added.question in answers
        and position > added.position + MODERATED_AFTER
        and person.random.random() < JUDGED
    }


def _seconds(person: Person, model: SimulationModel, answers: Mapping[str, Any]) -> int:
    """How long it took: some rush."""
    parts = sum(len(answer) if isinstance(answer, dict) else 2 for answer in answers.values())
    seconds = parts * model.pace / 2 * person.random.lognormvariate(0, 0.35)
    return round(seconds / 8 if person.hurried else seconds)


def _kind_in(country: str, kind: str) -> str:
    """A citizen is an EU citizen exactly when the country is a member state."""
    if kind in ("eu_citizen", "non_eu_citizen"):
        return "eu_citizen" if country in MEMBER_STATES else "non_eu_citizen"
    return kind


def _profile(random: Random, kind: str, country: str, number: int) -> dict[str, str]:
    """The background the Commission asks for; organisations have names that nobody bears."""
    profile = {"respondent_type": kind, "country": country, "publication": "anonymous"}
    if kind in ORGANISATION_TYPES:
        profile["organisation_name"] = f"Simulated {ORGANISATION_TYPES[kind]} {number} ({country})"
        profile["organisation_size"] = draw(random, SIZES)
        if random.random() < NAMED_SHARE:
            profile["publication"] = "named"
    if kind == "public_authority":
        profile["scope"] = draw(random, SCOPES)
    return profile


def _quota(weights: Mapping[str, float], total: int) -> list[str]:
    """``total`` entries in proportion to ``weights``, each at least once (largest remainders)."""
    spare = total - len(weights)
    exact = {name: spare * weight / sum(weights.values()) for name, weight in weights.items()}
    counts = {name: 1 + math.floor(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: exact[name] % 1, reverse=True)
    for name in by_remainder[: total - sum(counts.values())]:
        counts[name] += 1
    return [name for name, count in counts.items() for _ in range(count)]
