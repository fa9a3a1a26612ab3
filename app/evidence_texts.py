"""Evidence as people read it: names of rules, figures and publics, and values with their units."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.i18n import format_number, format_share
from app.presentation import RESPONDENT_TYPE_LABELS
from roadmap.evidence.figures import ALL
from roadmap.evidence.rules import write_parameter

RULE_TITLES = {
    "option_share": _l("Share of an answer"),
    "scale_mean": _l("Mean on a scale"),
    "priority": _l("Priority"),
    "priority_equal_publics": _l("Priority, each public weighing the same"),
    "year_distribution": _l("Distribution of years"),
    "dependency_support": _l("Support and dispute of dependencies"),
    "paragraph_stances": _l("Stances on a paragraph"),
    "statements": _l("Agreement with a statement"),
    "vote": _l("Vote of the delegations"),
}
RULE_WORDS = {
    "option_share": _l("Score = people who chose the answer / people who answered the question."),
    "scale_mean": _l(
        "Score = Σ value × people / Σ people, the values evenly spaced from 0 (lowest) to 1"
        " (highest)."
    ),
    "priority": _l(
        "Score = (mean level − lowest) / (highest − lowest), of those with an opinion. Of a ranking"
        " of m: (m − mean place) / (m − 1). Of points: the share of all points."
    ),
    "priority_equal_publics": _l(
        "Score = Σ score of each public / number of publics, however many people each has."
    ),
    "year_distribution": _l(
        "Quantiles of the likely years, one year a person. “Never” is a share of its own. People"
        " count as agreed where consensus (Tastle and Wierman) and agreement A (van der Eijk) both"
        " reach their thresholds."
    ),
    "dependency_support": _l(
        "Of those who disputed or proposed anything in the question: how many disputed this"
        " dependency, and how many did not. Support: who proposed it in their own answer. Who said"
        " nothing counts nowhere."
    ),
    "paragraph_stances": _l("People by what they want of the paragraph."),
    "statements": _l(
        "Agree = people who agree / people who agree or disagree. Pass = people who passed / people"
        " who answered."
    ),
    "vote": _l("Members by what they chose, as in the record of the vote."),
}
FIGURE_TITLES = {
    "score": _l("Score, 0 to 1"),
    "score_equal_publics": _l("Score, each public weighing the same"),
    "mean": _l("Mean level"),
    "share_high": _l("The two highest levels"),
    "no_opinion": _l("Without an opinion"),
    "first": _l("Put it first"),
    "points_share": _l("Share of all points"),
    "median_year": _l("Median year"),
    "p10": _l("One in ten by (P10)"),
    "p90": _l("Nine in ten by (P90)"),
    "lower_quartile": _l("A quarter by"),
    "upper_quartile": _l("Three quarters by"),
    "iqr": _l("Years between the quartiles"),
    "never": _l("Say never"),
    "consensus": _l("Consensus, 0 to 1"),
    "agreement": _l("Agreement A, −1 to 1"),
    "agreed": _l("Both thresholds reached"),
    "answered": _l("Said something about the dependencies"),
    "dispute": _l("Dispute it"),
    "not_disputed": _l("Do not dispute it"),
    "dispute_share": _l("Share who dispute it"),
    "support": _l("Support it"),
    "proposed_FS": _l("Propose it (finish to start)"),
    "proposed_SS": _l("Propose it (start to start)"),
    "proposed_FF": _l("Propose it (finish to finish)"),
    "proposed_SF": _l("Propose it (start to finish)"),
    "change": _l("Want it changed"),
    "oppose": _l("Oppose it"),
    "comment": _l("Comment only"),
    "agree": _l("Agree"),
    "disagree": _l("Disagree"),
    "pass": _l("Pass"),
    "yes": _l("Members in favour"),
    "no": _l("Members against"),
    "abstain": _l("Members who abstained"),
    "not_voting": _l("Members who did not vote"),
    "attained": _l("Adopted"),
    "population_share": _l("Population in favour"),
}
PARAMETER_TITLES = {
    "subjects": _l("What speaks for what"),
    "falling": _l("The first answer is the highest (yes or no)"),
    "left_out": _l("Codes of answers that say nothing"),
    "publics": _l("Types of respondent that weigh the same"),
    "consensus_at": _l("Consensus from which people count as agreed"),
    "agreement_at": _l("Agreement A from which people count as agreed"),
}
PARAMETER_HELP = {
    "subjects": _l(
        "Such as M1 (all of the question speaks for M1) or row2=M1 (row or answer row2 does);"
        " FROM>TO for a dependency; commas between. Left empty, whatever has the code of a"
        " milestone, dependency or paragraph speaks for that."
    ),
    "falling": _l("Left empty, the last answer is the highest."),
    "left_out": _l("Such as “no opinion”; commas between the codes."),
    "publics": _l("Two codes or more with commas between, such as eu_citizen,company_business."),
    "consensus_at": _l("A number from 0 to 1; 0.7 where nothing is said."),
    "agreement_at": _l("A number from 0 to 1; 0.6 where nothing is said."),
}

_YEARS = frozenset({"median_year", "p10", "p90", "lower_quartile", "upper_quartile"})
_SHARES = frozenset(
    {
        "share_high", "no_opinion", "first", "points_share", "never", "dispute_share", "agree",
        "disagree", "pass", "population_share",
    }
)  # fmt: skip
_ANSWERS = frozenset({"attained", "agreed"})


def figure_title(figure: str) -> str:
    return str(FIGURE_TITLES.get(figure, figure))


def rule_title(rule: str) -> str:
    """Of "name/version": the rule in words; the version stays with whoever shows it."""
    name = rule.partition("/")[0]
    return str(RULE_TITLES.get(name, name))


def rule_words(rule: str) -> str:
    name = rule.partition("/")[0]
    return str(RULE_WORDS.get(name, ""))


def public_title(public: str) -> str:
    if public == ALL:
        return _("Everybody together")
    return str(RESPONDENT_TYPE_LABELS.get(public, public))


def figure_value(figure: str, value: float | None) -> str:
    """A value with what it counts: a year without separators, a share in percent."""
    if value is None:
        return _("hidden")
    if figure in _YEARS:
        return f"{value:g}"
    if figure in _SHARES:
        return format_share(value, 1)
    if figure in _ANSWERS:
        return _("yes") if value else _("no")
    return format_number(round(value, 3))


def parameter_texts(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, value) of the parameters that say something."""
    said = [(name, write_parameter(value)) for name, value in parameters.items()]
    return [
        (str(PARAMETER_TITLES[name]), text)
        for name, text in said
        if text and name in PARAMETER_TITLES
    ]
