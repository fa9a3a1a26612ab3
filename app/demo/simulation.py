"""Simulated participants: who they are and what they answer, the same on every run.

A model (``content/simulation/*.json``) says how likely each answer is and how far a kind of
respondent leans another way; the questionnaire says what is asked. A respondent walks through the
questionnaire as a person does: what an earlier answer hides is not answered. Nobody real is
behind any of it, and nothing here looks at real answers.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from pydantic import BaseModel, ConfigDict

from stakeholders.delegations import MEMBER_STATES
from surveys.questionnaire import Question, Questionnaire
from surveys.routing import route

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
# How far apart two people of the same kind are, in steps of a scale.
SPREAD = 1.0
# The share of organisations that let themselves be published by name.
NAMED_SHARE = 0.4


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RowModel(_Strict):
    """A matrix row: a ``level`` on a numeric scale, or ``weights`` of its options."""

    level: float | None = None
    weights: dict[str, float] = {}
    # On a scale: steps added per respondent type. Otherwise: factors per type and option.
    lean: dict[str, Any] = {}


class NumberModel(_Strict):
    """Log-normal around ``median`` with ``spread``; a share of ``zero`` answers 0."""

    median: float
    spread: float
    zero: float = 0.0


class DateModel(_Strict):
    """Normal around ``median`` with ``spread_days``."""

    median: str
    spread_days: float


class AnswerModel(_Strict):
    """How a question is answered. ``rate``: the share that answers it when it may be left out."""

    rate: float = 1.0
    weights: dict[str, float] = {}
    lean: dict[str, dict[str, float]] = {}
    rows: dict[str, RowModel] = {}
    # The share that ticks "I do not know" in a matrix.
    unsure: float = 0.0
    # Of several choices nobody takes more than this many.
    most: int = 3
    number: NumberModel | None = None
    date: DateModel | None = None
    # The pool of sentences a text is taken from.
    texts: str | None = None
    # The text names a border of the respondent's country.
    borders: bool = False


class SimulationModel(_Strict):
    """Who answers one consultation, and how. Countries are weights, each answered at least once."""

    consultation: str
    responses: int
    respondent_types: dict[str, float]
    countries: dict[str, float]
    questions: dict[str, AnswerModel]


class Surroundings(_Strict):
    """What a simulated person has around: languages spoken and borders crossed, by country."""

    languages: dict[str, list[str]]
    borders: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class SimulatedResponse:
    """One return. ``position``: when within the consultation, from 0 (opening) to 1 (closing)."""

    position: float
    language: str
    profile: dict[str, str]
    answers: dict[str, Any]


def simulate(
    questionnaire: Questionnaire,
    model: SimulationModel,
    *,
    surroundings: Surroundings,
    texts: Mapping[str, Mapping[str, Sequence[str]]],
    seed: int,
) -> Iterator[SimulatedResponse]:
    """``model.responses`` returns, in the order they arrive; the same for the same arguments."""
    random = Random(seed)  # noqa: S311 - a story, not a secret
    countries = _quota(model.countries, model.responses)
    random.shuffle(countries)
    positions = sorted(random.betavariate(0.8, 0.9) for _ in countries)
    for number, (country, position) in enumerate(zip(countries, positions, strict=True), start=1):
        kind = _kind_in(country, _draw(random, model.respondent_types))
        speaks = random.choice(surroundings.languages[country])
        language = speaks if speaks in questionnaire.languages else questionnaire.fallback
        person = _Person(
            random=random,
            kind=kind,
            mood=random.gauss(0, 0.4),
            speaks=speaks,
            texts=texts,
            borders=[f"{country}–{other}" for other in surroundings.borders[country]],
        )
        yield SimulatedResponse(
            position=position,
            language=language,
            profile=_profile(random, kind, country, number),
            answers=person.answers(questionnaire, model),
        )


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
        profile["organisation_size"] = _draw(random, SIZES)
        if random.random() < NAMED_SHARE:
            profile["publication"] = "named"
    if kind == "public_authority":
        profile["scope"] = _draw(random, SCOPES)
    return profile


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """Someone who answers. ``mood`` shifts everything said on a scale, a little."""

    random: Random
    kind: str
    mood: float
    speaks: str
    texts: Mapping[str, Mapping[str, Sequence[str]]]
    borders: Sequence[str]

    def answers(self, questionnaire: Questionnaire, model: SimulationModel) -> dict[str, Any]:
        """The answers of one walk through the questionnaire, front to back."""
        answers: dict[str, Any] = {}
        for question in questionnaire.questions:
            if question.type == "information" or not route(questionnaire, answers).shows(
                question.code
            ):
                continue
            how = model.questions[question.code]
            if question.required or self.random.random() < how.rate:
                answers[question.code] = self._answer(question, how)
        return answers

    def _answer(self, question: Question, how: AnswerModel) -> Any:
        match question.type:
            case "single_choice":
                return _draw(self.random, self._leaning(how.weights, how.lean))
            case "multiple_choice":
                return self._choices(question, how)
            case "matrix":
                return {row.code: self._cell(question, row.code, how) for row in question.rows}
            case "number":
                return self._number(question, how)
            case "date":
                return self._date(question, how)
            case _:
                return self._text(how)

    def _leaning(
        self, weights: Mapping[str, float], lean: Mapping[str, Mapping[str, float]]
    ) -> dict[str, float]:
        factors = lean.get(self.kind, {})
        return {option: weight * factors.get(option, 1.0) for option, weight in weights.items()}

    def _choices(self, question: Question, how: AnswerModel) -> list[str]:
        """One option or more, in the order in which they are listed."""
        weights = self._leaning(how.weights, how.lean)
        most = min(how.most, question.max_choices or how.most, len(weights))
        chosen: set[str] = set()
        for _ in range(self.random.randint(1, most)):
            option = _draw(self.random, weights)
            chosen.add(option)
            del weights[option]
        return [option.code for option in question.options if option.code in chosen]

    def _cell(self, question: Question, row_code: str, how: AnswerModel) -> str:
        """An option; on a scale, the one whose code is nearest to what the person feels."""
        row = how.rows[row_code]
        if row.level is None:
            return _draw(self.random, self._leaning(row.weights, row.lean))
        if self.random.random() < how.unsure:
            return "dk"
        level = row.level + row.lean.get(self.kind, 0.0) + self.mood
        felt = round(self.random.gauss(level, SPREAD))
        points = [int(option.code) for option in question.options if option.code.isdecimal()]
        return str(min(max(points), max(min(points), felt)))

    def _number(self, question: Question, how: AnswerModel) -> float:
        assert how.number is not None
        if self.random.random() < how.number.zero:
            return 0
        value = self.random.lognormvariate(math.log(how.number.median), how.number.spread)
        lowest, highest = question.minimum, question.maximum
        assert isinstance(lowest, (int, float))
        assert isinstance(highest, (int, float))
        # People give whole numbers, or halves.
        steps = 1 if question.whole else 2
        return _plain(min(highest, max(lowest, round(value * steps) / steps)))

    def _date(self, question: Question, how: AnswerModel) -> str:
        """The first day of a month: nobody thinks of the 17th."""
        assert how.date is not None
        away = timedelta(days=round(self.random.gauss(0, how.date.spread_days)))
        day = (date.fromisoformat(how.date.median) + away).replace(day=1)
        lowest, highest = question.minimum, question.maximum
        assert isinstance(lowest, date)
        assert isinstance(highest, date)
        return min(highest, max(lowest, day)).isoformat()

    def _text(self, how: AnswerModel) -> str:
        if how.borders:
            return self.random.choice(self.borders)
        assert how.texts is not None
        pool = self.texts[how.texts]
        sentences = pool.get(self.speaks) or pool["en"]
        # Where there is much to choose from, some have two things to say.
        said = 2 if len(sentences) > 3 and self.random.random() < 0.4 else 1
        return " ".join(self.random.sample(sentences, said))


def _draw(random: Random, weights: Mapping[str, float]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def _plain(value: float) -> float:
    """5.0 as 5: what a form gives."""
    return int(value) if value == int(value) else value


def _quota(weights: Mapping[str, float], total: int) -> list[str]:
    """``total`` entries in proportion to ``weights``, each at least once (largest remainders)."""
    spare = total - len(weights)
    exact = {name: spare * weight / sum(weights.values()) for name, weight in weights.items()}
    counts = {name: 1 + math.floor(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: exact[name] % 1, reverse=True)
    for name in by_remainder[: total - sum(counts.values())]:
        counts[name] += 1
    return [name for name, count in counts.items() for _ in range(count)]
