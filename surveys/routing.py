"""Which questions, rows and options a respondent is asked, given the answers so far.

Every condition is decided once, and every calculation made once, in an order in which everything
it depends on is known already; what is hidden counts as unanswered in the expressions of others.
So the result does not depend on the order in which answers were given, and an answer left from
before a change of mind shows nothing.

What depends on the route without deciding it (what is required, which rules are broken, texts with
answers filled in) is worked out when it is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from weakref import WeakKeyDictionary

from core.clock import utc_now
from core.text import LocalizedText
from surveys.answer_values import Answers, chooses_other
from surveys.language.evaluation import Facts
from surveys.language.piping import is_piped
from surveys.language.saying import Day
from surveys.questionnaire import Questionnaire
from surveys.route_plan import RoutePlan
from surveys.scope import option_name

__all__ = ["Answers", "Route", "chooses_other", "route"]


@dataclass(frozen=True)
class Route:
    """What is asked. Questions by code and matrix rows as ``question.row``, in the order asked.

    ``sections`` are the codes of sections with at least one question shown. A matrix none of
    whose rows is shown is hidden, and so is a question none of whose options is offered, and a
    calculation that is never drawn. ``values``: those of the calculations that have one (a whole
    number as an int), hidden ones without ``display`` included. ``hidden_options``: as
    ``option_name`` names them, of questions that are asked.
    """

    sections: tuple[str, ...]
    shown: tuple[str, ...]
    hidden: tuple[str, ...]
    values: Mapping[str, bool | int | float | str]
    hidden_options: frozenset[str]
    _plan: RoutePlan = field(repr=False, compare=False)
    _facts: Facts = field(repr=False, compare=False)
    _facts_by_language: dict[str, Facts] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _shown(self) -> frozenset[str]:
        return frozenset(self.shown)

    def shows(self, name: str) -> bool:
        """Whether the question ``Q3`` or the row ``Q3.r1`` is asked."""
        return name in self._shown

    def shows_option(self, question: str, option: str) -> bool:
        """Whether the option, or column, is offered where the question is asked."""
        return option_name(question, option) not in self.hidden_options

    def requires(self, question: str) -> bool:
        """Whether the question is asked and needs an answer, by ``required`` or ``required_if``."""
        return question in self._shown and self._plan.requires(question, self._facts)

    @cached_property
    def broken_rules(self) -> tuple[tuple[str, int], ...]:
        """(question, position among its rules) of each rule that the answer to a question that
        is asked does not fulfil."""
        return tuple(self._plan.broken_rules(self._shown, self._facts))

    def text(self, text: LocalizedText, language: str) -> str:
        """``text`` in ``language``, or in its fallback, with answers filled in: plain text."""
        said = text.in_language(language)
        if not is_piped(said):
            return said
        spoken = text.language_for(language)
        facts = self._facts_by_language.get(spoken)
        if facts is None:
            facts = replace(self._facts, language=spoken, values=dict(self._facts.values))
            self._plan.say_calculations_again(facts)
            self._facts_by_language[spoken] = facts
        return self._plan.fill_in(said, facts)


def route(questionnaire: Questionnaire, answers: Answers, *, today: date | None = None) -> Route:
    """The route for ``answers``, which need not be valid: an answer of the wrong type counts as
    none, and codes that are not in the questionnaire are passed over.

    ``today``: what expressions take for the current day; without it, the day it is in UTC.
    """
    plan = _plans.get(questionnaire)
    if plan is None:
        plan = _plans[questionnaire] = RoutePlan(questionnaire)
    facts = Facts({}, plan.fallback)
    if plan.uses_today:
        facts.today = Day((today or utc_now().date()).isoformat())
    plan.decide(answers, facts)
    sections, shown, hidden = plan.lay_out(facts)
    return Route(
        sections, shown, hidden, plan.calculated(facts), plan.hidden_options(facts), plan, facts
    )


_plans: WeakKeyDictionary[Questionnaire, RoutePlan] = WeakKeyDictionary()
