"""The rules by which results become evidence: what each reads, its parameters, its formula. Pure.

A rule is chosen, and its parameters are fixed, before anybody sees what it gives; that is a
``models.EvidenceRule``. Formulas have versions too: a changed formula is a new entry here, and
what was declared under an old one stays with the old one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from roadmap.errors import InvalidEvidence
from surveys.profile import RESPONDENT_TYPES

WHOLE_ROADMAP: Final = "*"
"""The subject of what is said about the roadmap as a whole."""
VOTE: Final = "vote"
"""What a rule reads that reads votes, not questions."""

_SUBJECT = r"[^\s,=>]{1,64}(?:>[^\s,=>]{1,64})?"
_PAIR = re.compile(rf"(?:([^\s,=]{{1,140}})=)?({_SUBJECT})")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its value where nobody gives one, what is said of it, how text becomes it.

    Values are JSON: a decimal number is a text.
    """

    default: Any
    words: str
    read: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """A formula that turns the results of a question, or a vote, into figures.

    ``reads``: types of question, or ``VOTE``. ``figures``: name → what it is, in words.
    ``score``: the figure between 0 and 1 that counts as the subject's score, if there is one.
    """

    name: str
    formula: int
    title: str
    reads: frozenset[str]
    words: str
    figures: Mapping[str, str]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    score: str | None = None

    def as_document(self) -> dict[str, Any]:
        """The rule as JSON values, for the commands and the edition."""
        return {
            "rule": self.name,
            "formula": self.formula,
            "reads": sorted(self.reads),
            "words": self.words,
            "figures": dict(self.figures),
        }


def _share(text: str) -> str:
    if not re.fullmatch(r"\d(?:\.\d{1,4})?", text) or not 0 <= Fraction(text) <= 1:
        raise ValueError("expected a number from 0 to 1, such as 0.6")
    return text


def _codes(text: str) -> list[str]:
    return [code for code in re.split(r"[\s,]+", text) if code]


def _yes(text: str) -> bool:
    if text not in ("yes", "no", ""):
        raise ValueError("expected yes or no")
    return text == "yes"


def _publics(text: str) -> list[str]:
    named = list(dict.fromkeys(_codes(text)))
    unknown = [code for code in named if code not in RESPONDENT_TYPES]
    if unknown or len(named) < 2:
        raise ValueError(f"expected two or more of {', '.join(RESPONDENT_TYPES)}")
    return named


def _subjects(text: str) -> dict[str, str | list[str]]:
    """``A=M1,B=M2>M3``: what is listed under A speaks for M1; a bare ``M4``: all of it does."""
    found: dict[str, Any] = {}
    for part in _codes(text):
        match = _PAIR.fullmatch(part)
        if match is None and part != WHOLE_ROADMAP:
            raise ValueError(
                f"{part[:60]!r}: expected SUBJECT or CODE=SUBJECT, with commas between"
            )
        code, subject = (match[1] or "", match[2]) if match else ("", part)
        subjects = found.setdefault(code, [])
        if subject not in subjects:
            subjects.append(subject)
    return found


SUBJECTS: Final = Parameter(
    {},
    "What speaks for what, as SUBJECT or CODE=SUBJECT with commas between. Without it, whatever "
    "has the code of a milestone, dependency or paragraph speaks for that.",
    _subjects,
)
_FALLING = Parameter(False, "yes: the first answer is the highest of the scale.", _yes)
_LEFT_OUT = Parameter([], "Codes of answers that are no point of the scale.", _codes)
_PUBLICS = Parameter([], "The respondent types that weigh the same, two or more.", _publics)
_CONSENSUS = Parameter("0.7", "Consensus from which people count as agreed.", _share)
_AGREEMENT = Parameter("0.6", "Agreement A from which people count as agreed.", _share)

_TABLE = (
    Rule(
        "option_share", 1, "Share of an answer",
        frozenset({"single_choice", "multiple_choice", "budget"}),
        "score = people who chose the answer / people who answered the question",
        {"score": "the share of those who answered"},
        {"subjects": SUBJECTS},
        "score",
    ),
    Rule(
        "scale_mean", 1, "Mean on a scale",
        frozenset({"single_choice", "matrix", "rating"}),
        "score = Σ value × people / Σ people, values evenly spaced from 0 (lowest) to 1 (highest)",
        {"score": "the mean place on the scale, 0 to 1"},
        {"subjects": SUBJECTS, "falling": _FALLING, "left_out": _LEFT_OUT},
        "score",
    ),
    Rule(
        "priority", 1, "Priority",
        frozenset({"milestone_priorities", "rating", "ranking", "points"}),
        "levels: score = (mean level − lowest) / (highest − lowest) of those with an opinion; "
        "ranking: score = (m − mean place) / (m − 1) of m options; points: the share of all points",
        {
            "score": "the mean, scaled to 0 to 1",
            "mean": "the mean level",
            "share_high": "the share of the two highest levels among those with an opinion",
            "no_opinion": "the share without an opinion among those who answered",
            "first": "the share who put it first",
            "points_share": "the share of all points given",
        },
        {"subjects": SUBJECTS},
        "score",
    ),
    Rule(
        "priority_equal_publics", 1, "Priority, each public weighing the same",
        frozenset({"milestone_priorities", "rating"}),
        "score_equal_publics = Σ score(public) / number of publics, however many people each has",
        {"score_equal_publics": "the mean of the scores of the publics named"},
        {"subjects": SUBJECTS, "publics": _PUBLICS},
    ),
    Rule(
        "year_distribution", 1, "Distribution of years",
        frozenset({"milestone_years", "year", "quarter"}),
        "quantiles of the likely years, one year a person (linear pool); never is a share of its "
        "own; consensus after Tastle and Wierman, agreement A after van der Eijk; agreed = both "
        "reach their thresholds",
        {
            "median_year": "the year by which half of the people expect it",
            "p10": "the year by which a tenth expects it",
            "p90": "the year by which nine tenths expect it",
            "lower_quartile": "the year by which a quarter expects it",
            "upper_quartile": "the year by which three quarters expect it",
            "iqr": "years between the quartiles",
            "never": "the share who say never, among all who answered",
            "consensus": "0 (half at either end) to 1 (all on one year)",
            "agreement": "−1 (half at either end) over 0 (spread evenly) to 1 (all on one year)",
            "agreed": "1 where both thresholds are reached, else 0",
        },
        {"subjects": SUBJECTS, "consensus_at": _CONSENSUS, "agreement_at": _AGREEMENT},
    ),
    Rule(
        "dependency_support", 1, "Support and dispute of dependencies",
        frozenset({"dependencies"}),
        "dispute = people who disputed it; not_disputed = people who disputed or proposed "
        "something in this question − dispute; support = people who asked for this very dependency "
        "themselves; who said nothing counts nowhere",
        {
            "answered": "people who disputed or proposed anything in this question",
            "dispute": "people who disputed it",
            "not_disputed": "people who disputed or proposed something else, and not disputed this",
            "dispute_share": "dispute / answered",
            "support": "people who proposed this dependency in their own answer",
            "proposed_FS": "people who proposed it as finish to start",
            "proposed_SS": "people who proposed it as start to start",
            "proposed_FF": "people who proposed it as finish to finish",
            "proposed_SF": "people who proposed it as start to finish",
        },
    ),
    Rule(
        "paragraph_stances", 1, "Stances on a paragraph",
        frozenset({"paragraph_comments"}),
        "people by what they want of the paragraph; whoever wrote without a stance is a comment",
        {
            "support": "people who support it",
            "change": "people who want it changed",
            "oppose": "people who oppose it",
            "comment": "people who commented without a stance",
        },
        {"subjects": SUBJECTS},
    ),
    Rule(
        "statements", 1, "Agreement with a statement",
        frozenset({"statements"}),
        "agree = people who agree / (agree + disagree); pass = people who passed / people who "
        "answered",
        {
            "agree": "the share who agree, among those who took a side",
            "disagree": "the share who disagree, among those who took a side",
            "pass": "the share who passed, among all who answered",
        },
        {"subjects": SUBJECTS},
    ),
    Rule(
        "vote", 1, "Vote of the delegations",
        frozenset({VOTE}),
        "members by what they chose, as in the published record of the vote; attained = 1 where "
        "the rule of the vote says so; n = members who could vote",
        {
            "yes": "members in favour",
            "no": "members against",
            "abstain": "members who abstained",
            "not_voting": "members who did not vote",
            "attained": "1 where the motion was adopted, else 0",
            "population_share": "the share of the population in favour, 0 to 1",
        },
        {"subjects": SUBJECTS},
    ),
)  # fmt: skip

RULES: Final[Mapping[str, Rule]] = MappingProxyType({rule.name: rule for rule in _TABLE})
"""Every rule there is, by name."""


def get_rule(name: str) -> Rule:
    """The rule called ``name``, or ``InvalidEvidence``."""
    if name not in RULES:
        raise InvalidEvidence(where="rule", reason=f"expected one of {', '.join(RULES)}")
    return RULES[name]


def rules_for(kind: str) -> tuple[Rule, ...]:
    """The rules that read questions of type ``kind``, or votes; what fits best comes first."""
    fitting = [rule for rule in RULES.values() if kind in rule.reads]
    return tuple(sorted(fitting, key=lambda rule: rule.score is None))


def read_parameters(rule: Rule, given: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of a declaration from the texts given, complete, with the formula's version.

    Raises ``InvalidEvidence`` naming the parameter.
    """
    unknown = sorted(set(given) - set(rule.parameters))
    if unknown:
        expected = ", ".join(rule.parameters) or "none"
        raise InvalidEvidence(
            where="parameter", reason=f"{rule.name} has no {unknown[0][:60]!r}; expected {expected}"
        )
    found: dict[str, Any] = {"formula": rule.formula}
    for name, parameter in rule.parameters.items():
        text = given.get(name, "").strip()
        try:
            found[name] = parameter.read(text) if text else parameter.default
        except ValueError as error:
            raise InvalidEvidence(where=name, reason=str(error)) from None
    if rule.name == "priority_equal_publics" and not found["publics"]:
        raise InvalidEvidence(where="publics", reason="expected two or more respondent types")
    return found


def say_parameters(parameters: Mapping[str, Any]) -> str:
    """Parameters as a person gives them: ``consensus_at=0.7 subjects=A=M1``."""
    said = []
    for name, value in parameters.items():
        text = write_parameter(value)
        if name != "formula" and text:
            said.append(f"{name}={text}")
    return " ".join(said)


def write_parameter(value: Any) -> str:
    """The text that ``read_parameters`` reads as ``value``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ",".join(
            f"{code}={subject}" if code else subject
            for code, subjects in value.items()
            for subject in subjects
        )
    return ",".join(value) if isinstance(value, list) else str(value)
