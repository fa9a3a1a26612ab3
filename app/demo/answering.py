"""How one simulated person answers one question: a draw from its model, type by type."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from app.demo.model import AnswerModel, Opinions, RowModel, YearModel
from app.demo.papers import position_paper
from surveys.counting.text_groups import resemblance
from surveys.questionnaire import Question, Questionnaire
from surveys.routing import Route, route

# How far apart two people of the same kind are, in steps of a scale.
SPREAD = 1.0
# The share of statements, rows and milestones that a person has something to say about.
JUDGED = 0.88
# How often somebody tries another answer when a rule refuses the first.
SECOND_THOUGHTS = 20
# From this resemblance on two people would seem to have copied from each other.
UNLIKE = 0.5

Texts = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences people write. Nobody writes what another has written: only a campaign does."""

    texts: Texts
    _said: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def say(self, random: Random, pool: str, language: str, *, most: int = 2) -> str | None:
        """A sentence of a pool, or ``most``, unlike all said before; None when there is no other.

        In English where the pool has nothing in ``language``.
        """
        spoken = language if language in self.texts[pool] else "en"
        sentences = self.texts[pool][spoken]
        said = self._said.setdefault((pool, spoken), [])
        for _ in range(8):
            wording = " ".join(
                random.sample(sentences, min(random.randint(1, most), len(sentences)))
            )
            if all(resemblance(wording, other) < UNLIKE for other in said):
                said.append(wording)
                return wording
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who answers. ``mood`` shifts everything said on a scale, a little; ``second``: of
    the two groups of opinion, the second; ``hurried``: ticks the same all the way down.

    ``fixed``: answers that are decided already. ``files``: what was attached, filled as one goes.
    """

    random: Random
    number: int
    kind: str
    mood: float
    speaks: str
    sentences: Sentences
    borders: Sequence[str]
    second: bool = False
    hurried: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)
    files: list[bytes] = field(default_factory=list)

    def answers(
        self, questionnaire: Questionnaire, models: Mapping[str, AnswerModel]
    ) -> dict[str, Any]:
        """The answers of one walk through the questionnaire, front to back."""
        answers: dict[str, Any] = {}
        taken = route(questionnaire, answers)
        for question in questionnaire.questions:
            if question.type in ("information", "calculation") or not taken.shows(question.code):
                continue
            how = models[question.code]
            decided = question.code in self.fixed or taken.requires(question.code)
            if decided or self.random.random() < how.rate:
                taken = self._decide(questionnaire, question, how, answers, taken)
        return answers

    def _decide(
        self,
        questionnaire: Questionnaire,
        question: Question,
        how: AnswerModel,
        answers: dict[str, Any],
        taken: Route,
    ) -> Route:
        """Put an answer into ``answers`` and say what it leads to; think again where a rule says
        no, and leave it out in the end."""
        for _ in range(SECOND_THOUGHTS):
            answer = self.fixed.get(question.code)
            if answer is None:
                answer = self.answer(question, how, taken)
            if answer is None:
                return taken
            after = route(questionnaire, {**answers, question.code: answer})
            if not any(code == question.code for code, _ in after.broken_rules):
                answers[question.code] = answer
                return after
        return taken

    def answer(self, question: Question, how: AnswerModel, taken: Route) -> Any:
        """An answer in the form of the question's type, or None for none."""
        return _ANSWERS[question.type](self, question, how, taken)

    def stance(self, opinions: Opinions) -> str:
        weights = opinions.second if self.second else opinions.first
        return draw(self.random, weights)

    def single(self, _question: Question, how: AnswerModel, taken: Route) -> str:
        offered = {
            option: weight
            for option, weight in how.weights.items()
            if taken.shows_option(_question.code, option)
        }
        return draw(self.random, self._leaning(offered, how.lean))

    def multiple(self, question: Question, how: AnswerModel, taken: Route) -> list[str]:
        """One option or more, in the order in which they are listed."""
        exclusive = {option.code for option in question.options if option.exclusive}
        weights = self._leaning(how.weights, how.lean)
        weights = {
            code: weight for code, weight in weights.items()
            if taken.shows_option(question.code, code)
        }  # fmt: skip
        most = min(how.most, question.max_choices or how.most, len(weights))
        chosen = self._some(weights, self.random.randint(1, most))
        if exclusive & set(chosen):
            chosen = (
                chosen[:1]
                if chosen[0] in exclusive
                else [code for code in chosen if code not in exclusive]
            )
        return [option.code for option in question.options if option.code in chosen]

    def matrix(self, question: Question, how: AnswerModel, _taken: Route) -> dict[str, str]:
        points = [int(option.code) for option in question.options if option.code.isdecimal()]
        if self.hurried and points:
            return {row.code: str(max(points) - 1) for row in question.rows}
        return {row.code: self._cell(points, how.rows[row.code], how) for row in question.rows}

    def _cell(self, points: Sequence[int], row: RowModel, how: AnswerModel) -> str:
        """An option; on a scale, the one whose code is nearest to what the person feels."""
        if row.level is None:
            return draw(self.random, self._leaning(row.weights, row.lean))
        if self.random.random() < how.unsure:
            return "dk"
        return str(self._felt(row.level + row.lean.get(self.kind, 0.0), min(points), max(points)))

    def rating(self, question: Question, how: AnswerModel, _taken: Route) -> int | str:
        assert how.level is not None
        if question.no_opinion is not None and self.random.random() < how.unsure:
            return "no_opinion"
        level = how.level + how.lean.get(self.kind, {}).get("level", 0.0)
        return self._felt(level, _whole(question.minimum, 1), _whole(question.maximum, 5))

    def ranking(self, question: Question, how: AnswerModel, _taken: Route) -> list[str]:
        """The best first: those who are likelier to be named are likelier to be named first."""
        places = question.max_choices or len(question.options)
        named = places if self.random.random() < JUDGED else self.random.randint(1, places)
        return self._some(self._leaning(how.weights, how.lean), named)

    def points(self, question: Question, how: AnswerModel, _taken: Route) -> dict[str, int]:
        """Shares around the weights, in fives, none empty; the largest takes up the rest."""
        weights = self._leaning(how.weights, how.lean)
        felt = {
            code: weight * self.random.lognormvariate(0, 0.5) for code, weight in weights.items()
        }
        whole, total = sum(felt.values()), question.total or 100
        given = {code: 5 * max(1, round(share / whole * total / 5)) for code, share in felt.items()}
        given[max(given, key=given.__getitem__)] += int(total) - sum(given.values())
        return {option.code: given[option.code] for option in question.options}

    def budget(self, question: Question, how: AnswerModel, _taken: Route) -> list[str]:
        """Wishes in the order of the heart, as long as the money lasts."""
        costs = {option.code: option.cost or 0 for option in question.options}
        left, chosen = float(question.total or 0), set()
        for code in self._some(self._leaning(how.weights, how.lean), len(costs)):
            if costs[code] <= left:
                left -= costs[code]
                chosen.add(code)
        return [option.code for option in question.options if option.code in chosen]

    def number_given(self, question: Question, how: AnswerModel, _taken: Route) -> float:
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

    def date_given(self, question: Question, how: AnswerModel, _taken: Route) -> str:
        """The first day of a month: nobody thinks of the 17th."""
        assert how.date is not None
        away = timedelta(days=round(self.random.gauss(0, how.date.spread_days)))
        day = (date.fromisoformat(how.date.median) + away).replace(day=1)
        lowest, highest = question.minimum, question.maximum
        assert isinstance(lowest, date)
        assert isinstance(highest, date)
        return min(highest, max(lowest, day)).isoformat()

    def year(self, question: Question, how: AnswerModel, _taken: Route) -> int:
        assert how.year is not None
        return self._likely(how.year, question)

    def quarter(self, question: Question, how: AnswerModel, _taken: Route) -> str:
        assert how.year is not None
        moment = self.random.gauss(how.year.median, how.year.spread)
        given = f"{int(moment)}-Q{int(moment % 1 * 4) + 1}"
        return min(str(question.maximum), max(str(question.minimum), given))

    def milestone_years(
        self, question: Question, how: AnswerModel, _taken: Route
    ) -> dict[str, dict[str, Any]]:
        """Most say how sure they are; some give the likely year alone."""
        estimates: dict[str, dict[str, Any]] = {}
        for option in question.options:
            expected = how.years[option.code]
            if self.random.random() < expected.never:
                estimates[option.code] = {"never": True}
                continue
            likely = self._likely(expected, question)
            estimates[option.code] = {"likely": likely}
            if self.random.random() < JUDGED:
                lowest = max(likely - self.random.choice((0, 1, 1, 2)), _whole(question.minimum, 0))
                highest = min(likely + self.random.choice((1, 1, 2, 3, 4)),
                              _whole(question.maximum, 9999))  # fmt: skip
                estimates[option.code] = {"earliest": lowest, "likely": likely, "latest": highest}
        return estimates

    def _likely(self, expected: YearModel, question: Question) -> int:
        year = round(self.random.gauss(expected.median, expected.spread))
        return min(_whole(question.maximum, year), max(_whole(question.minimum, year), year))

    def priorities(
        self, question: Question, how: AnswerModel, _taken: Route
    ) -> dict[str, int | str]:
        given: dict[str, int | str] = {}
        for option in question.options:
            row = how.rows[option.code]
            assert row.level is not None
            if self.random.random() < how.unsure:
                given[option.code] = "no_opinion"
            elif self.random.random() < JUDGED:
                given[option.code] = self._felt(row.level + row.lean.get(self.kind, 0.0), 1, 5)
        return given

    def statements(self, question: Question, how: AnswerModel, _taken: Route) -> dict[str, str]:
        return {
            option.code: self.stance(how.statements[option.code])
            for option in question.options
            if self.random.random() < JUDGED
        }

    def proposals(
        self, _question: Question, how: AnswerModel, _taken: Route
    ) -> list[dict[str, Any]] | None:
        """One milestone; its words are "title: description"."""
        assert how.proposed is not None
        said = self.sentences.say(self.random, how.proposed.texts, self.speaks, most=1)
        if said is None:
            return None
        title, _, description = said.partition(": ")
        entry: dict[str, Any] = {"title": title, "description": description}
        if how.year is not None and self.random.random() < JUDGED:
            entry["year"] = round(self.random.gauss(how.year.median, how.year.spread))
        return [entry]

    def dependencies(
        self, _question: Question, how: AnswerModel, _taken: Route
    ) -> dict[str, Any] | None:
        assert how.texts is not None
        disputed: dict[str, Any] = {
            pair: self._words(how.texts) or True
            for pair, share in how.disputed.items()
            if self.random.random() < share
        }
        proposed = []
        wanted = how.proposed
        if wanted is not None and self.random.random() < wanted.rate:
            pair = self.random.choice(list(wanted.pairs))
            before, _, after = pair.partition(">")
            proposed = [{"from": before, "to": after, "kind": wanted.pairs[pair]}]
            reason = self._words(wanted.texts)
            if reason is not None:
                proposed[0]["reason"] = reason
        if not disputed and not proposed:
            return None
        return {"disputed": disputed, "proposed": proposed}

    def comments(
        self, question: Question, how: AnswerModel, _taken: Route
    ) -> dict[str, dict[str, str]]:
        """A stance on most paragraphs, and words on some: those of the pool "texts-CODE"."""
        given: dict[str, dict[str, str]] = {}
        kept = self.random.choice(question.options)
        for option in question.options:
            if option is not kept and self.random.random() >= JUDGED:
                continue
            given[option.code] = {"stance": draw(self.random, how.rows[option.code].weights)}
            said = self._words(f"{how.texts}-{option.code}") if self.random.random() < 0.5 else None
            if said is not None:
                given[option.code]["text"] = said
        return given

    def upload(self, _question: Question, _how: AnswerModel, _taken: Route) -> list[dict[str, Any]]:
        """A position paper, as the server would describe it once it is kept."""
        content = position_paper(self.number)
        self.files.append(content)
        return [
            {
                "sha256": hashlib.sha256(content).hexdigest(),
                "name": f"simulated-position-paper-{self.number}.pdf",
                "media_type": "application/pdf",
                "size": len(content),
            }
        ]

    def consent(self, _question: Question, _how: AnswerModel, _taken: Route) -> bool:
        return True

    def text(self, _question: Question, how: AnswerModel, _taken: Route) -> str | None:
        if how.borders:
            return self.random.choice(self.borders)
        assert how.texts is not None
        return self._words(how.texts)

    def _words(self, pool: str) -> str | None:
        return self.sentences.say(self.random, pool, self.speaks)

    def _felt(self, level: float, lowest: int, highest: int) -> int:
        felt = round(self.random.gauss(level + self.mood, SPREAD))
        return min(highest, max(lowest, felt))

    def _some(self, weights: Mapping[str, float], number: int) -> list[str]:
        """``number`` different codes, drawn by weight one after the other."""
        left, chosen = dict(weights), []
        for _ in range(number):
            chosen.append(draw(self.random, left))
            del left[chosen[-1]]
        return chosen

    def _leaning(
        self, weights: Mapping[str, float], lean: Mapping[str, Mapping[str, float]]
    ) -> dict[str, float]:
        factors = lean.get(self.kind, {})
        return {option: weight * factors.get(option, 1.0) for option, weight in weights.items()}


_Answer = Callable[[Person, Question, AnswerModel, Route], Any]
_ANSWERS: Mapping[str, _Answer] = {
    "single_choice": Person.single,
    "multiple_choice": Person.multiple,
    "matrix": Person.matrix,
    "rating": Person.rating,
    "ranking": Person.ranking,
    "points": Person.points,
    "budget": Person.budget,
    "number": Person.number_given,
    "date": Person.date_given,
    "year": Person.year,
    "quarter": Person.quarter,
    "milestone_years": Person.milestone_years,
    "milestone_priorities": Person.priorities,
    "milestone_proposals": Person.proposals,
    "statements": Person.statements,
    "dependencies": Person.dependencies,
    "paragraph_comments": Person.comments,
    "upload": Person.upload,
    "consent": Person.consent,
    "short_text": Person.text,
    "long_text": Person.text,
}


def draw(random: Random, weights: Mapping[Any, float]) -> str:
    return str(random.choices(list(weights), list(weights.values()))[0])


def _whole(limit: Any, otherwise: int) -> int:
    return otherwise if limit is None else int(limit)


def _plain(value: float) -> float:
    """5.0 as 5: what a form gives."""
    return int(value) if value == int(value) else value
