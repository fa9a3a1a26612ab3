"""How votes are put into words in the reader's language: reasons, rules, choices.

The English sentences are those of ``voting.reasons`` and ``voting.rules`` (a test keeps them the
same); here they meet the catalogue and the reader's way of writing numbers.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from babel.numbers import format_decimal
from flask_babel import LazyString, get_locale, gettext
from flask_babel import lazy_gettext as _l

from stakeholders.delegations import MEMBER_STATES
from voting.reasons import Clause, Fact, percentage
from voting.rules import Choice, Decision

CHOICES: Mapping[Choice, LazyString] = {
    Choice.YES: _l("Yes"),
    Choice.NO: _l("No"),
    Choice.ABSTAIN: _l("Abstain"),
}

RULE_TITLES: Mapping[str, LazyString] = {
    "qualified": _l("Qualified majority"),
    "reinforced": _l("Reinforced qualified majority"),
    "participating": _l("Qualified majority of those taking part"),
    "participating-reinforced": _l("Reinforced qualified majority of those taking part"),
    "simple": _l("Simple majority of the members"),
    "simple-cast": _l("Simple majority of the votes cast"),
    "two-thirds": _l("Two thirds of the members"),
    "two-thirds-cast": _l("Two thirds of the votes cast"),
    "unanimity": _l("Unanimity"),
    "consensus": _l("Consensus"),
}

# What a rule takes, in words a citizen understands; numbers for a vote stand beside it.
RULE_EXPLANATIONS: Mapping[str, LazyString] = {
    # "per cent" in words: "% o…" would read as a format to gettext's checks.
    "qualified": _l(
        "At least 55 per cent of the members, and at least 15 of them, with at least 65 per cent "
        "of the population. Fewer than four members cannot block."
    ),
    "reinforced": _l(
        "At least 72 per cent of the members with at least 65 per cent of the population. It is "
        "asked for when the Council does not act on a proposal of the Commission or of the High "
        "Representative."
    ),
    "participating": _l(
        "At least 55 per cent of the members taking part, with at least 65 per cent of their "
        "population. To block, it takes the fewest members that hold more than 35 per cent of it, "
        "plus one."
    ),
    "participating-reinforced": _l(
        "At least 72 per cent of the members taking part, with at least 65 per cent of their "
        "population. It is asked for when there is no proposal of the Commission or of the High "
        "Representative."
    ),
    "simple": _l("More than half of all members. Whoever abstains or does not vote counts too."),
    "simple-cast": _l("More yes than no. Abstaining or not voting does not count."),
    "two-thirds": _l("At least two thirds of all members in favour."),
    "two-thirds-cast": _l(
        "At least two thirds of the votes cast. Abstaining or not voting does not count."
    ),
    "unanimity": _l(
        "Nobody against, and every member present or represented. Abstaining does not prevent it."
    ),
    "consensus": _l("Somebody in favour and nobody against. Silence is no objection."),
}

LEGAL_BASES: Mapping[str, LazyString] = {
    "Article 16(4) TEU": _l("Article 16(4) TEU"),
    "Article 238(1) TFEU": _l("Article 238(1) TFEU"),
    "Article 238(2) TFEU": _l("Article 238(2) TFEU"),
    "Article 238(3)(a) TFEU": _l("Article 238(3)(a) TFEU"),
    "Article 238(3)(b) TFEU": _l("Article 238(3)(b) TFEU"),
    "Article 238(4) TFEU": _l("Article 238(4) TFEU"),
    "the group's own rules of procedure": _l("the group's own rules of procedure"),
}

REASONS: Mapping[Clause, LazyString] = {
    Clause.BOTH_REACHED: _l(
        "Attained: {members} of {counted} members voted in favour, where {members_needed} "
        "({member_share}) are needed, and they represent {population} of {population_total} people "
        "({population_share}), where {population_needed} ({threshold}) are needed ({basis})."
    ),
    Clause.FEWER_THAN_FOUR_BLOCK: _l(
        "Deemed attained: {members} of {counted} members voted in favour, where {members_needed} "
        "({member_share}) are needed; they represent {population} of {population_total} people "
        "({population_share}), where {population_needed} ({threshold}) are needed, but only "
        "{blockers} did not vote in favour, and fewer than four members cannot form a blocking "
        "minority ({basis})."
    ),
    Clause.TOO_FEW_BLOCK: _l(
        "Deemed attained: {members} of {counted} members voted in favour, where {members_needed} "
        "({member_share}) are needed; they represent {population} of {population_total} people "
        "({population_share}), where {population_needed} ({threshold}) are needed, but only "
        "{blockers} did not vote in favour, and a blocking minority needs {blockers_needed}: the "
        "fewest members that hold more than {blocking_share} of the population, plus one ({basis})."
    ),
    Clause.MEMBERS_SHORT: _l(
        "Not attained, too few members: {members} of {counted} members voted in favour, where "
        "{members_needed} ({member_share}) are needed. The population would suffice: they "
        "represent {population} of {population_total} people ({population_share}), where "
        "{population_needed} ({threshold}) are needed ({basis})."
    ),
    Clause.POPULATION_SHORT: _l(
        "Not attained, too little population: {members} of {counted} members voted in favour, "
        "where {members_needed} ({member_share}) are needed, but they represent {population} of "
        "{population_total} people ({population_share}), where {population_needed} ({threshold}) "
        "are needed ({basis})."
    ),
    Clause.POPULATION_BLOCKED: _l(
        "Not attained, too little population: {members} of {counted} members voted in favour, "
        "where {members_needed} ({member_share}) are needed, but they represent {population} of "
        "{population_total} people ({population_share}), where {population_needed} ({threshold}) "
        "are needed. The {blockers} members not in favour form a blocking minority, which takes at "
        "least {blockers_needed} ({basis})."
    ),
    Clause.BOTH_SHORT: _l(
        "Not attained, too few members and too little population: {members} of {counted} members "
        "voted in favour, where {members_needed} ({member_share}) are needed, and they represent "
        "{population} of {population_total} people ({population_share}), where {population_needed} "
        "({threshold}) are needed ({basis})."
    ),
    Clause.MEMBERS_REACHED: _l(
        "Attained: {members} of {counted} members voted in favour, where {members_needed} are "
        "needed ({basis})."
    ),
    Clause.MEMBERS_MISSED: _l(
        "Not attained: {members} of {counted} members voted in favour, where {members_needed} are "
        "needed ({basis})."
    ),
    Clause.CAST_REACHED: _l(
        "Attained: {members} of {counted} votes cast were in favour, where {members_needed} are "
        "needed; abstentions do not count ({basis})."
    ),
    Clause.CAST_MISSED: _l(
        "Not attained: {members} of {counted} votes cast were in favour, where {members_needed} "
        "are needed; abstentions do not count ({basis})."
    ),
    Clause.NO_OBJECTION: _l(
        "Attained: {members} of {counted} members voted in favour and nobody against; abstaining "
        "does not prevent it ({basis})."
    ),
    Clause.OBJECTION: _l(
        "Not attained: {members} of {counted} members voted in favour, but {against} voted "
        "against, and one vote against is enough to prevent it ({basis})."
    ),
    Clause.SOMEONE_ABSENT: _l(
        "Not attained: {members} of {counted} members voted in favour and nobody against, but not "
        "present or represented: {absent}. Every member has to be; abstaining would not have "
        "prevented it ({basis})."
    ),
    Clause.NOBODY_IN_FAVOUR: _l(
        "Not attained: none of {counted} members voted in favour ({basis})."
    ),
    Clause.QUORUM_MISSED: _l(
        "Not attained, no quorum: {present} of {counted} members took part or were represented, "
        "where {quorum} are needed, a majority of the members."
    ),
}


# What the population tables say about themselves, for the catalogue.
FIGURES_TEXTS: tuple[LazyString, ...] = (
    _l("EU-27, figures in force from 1 January to 31 December 2025"),
    _l(
        "Shares, total and 65 % threshold: Council Rules of Procedure, Annex III, as agreed by "
        "Coreper on 11 December 2024 (Agence Europe, bulletin 13544/22, 12 December 2024). "
        "Persons: Eurostat, see each member's basis."
    ),
    _l(
        "Each member's share to two decimals, the total of 451,028,881 persons and the 65 % "
        "threshold of 293,168,773 persons."
    ),
    _l(
        "The persons of each member, from Eurostat or from the official share; they add up to the "
        "official total and agree with every official share. They are not the text of the "
        "Official Journal."
    ),
    _l("EU-27, population on 1 January 2019"),
    _l("Eurostat, table tps00001, population on 1 January 2019 (446,834,579 persons)."),
    _l(
        "All figures, as official statistics. The Council itself used other figures in 2019, when "
        "it had 28 members."
    ),
    _l(
        "Eurostat, usually resident population on 1 January 2024 (DEMO_URESPOP), exact; may have "
        "been revised since"
    ),
    _l(
        "Eurostat, population on 1 January 2024 (DEMO_PJAN), rounded to 100; agrees with the "
        "official share to two decimals"
    ),
    _l("reconstructed: official share times official total, true within 22,600 persons"),
    _l("Eurostat, population on 1 January 2019 (tps00001), exact"),
)


def say_figures(text: str) -> str:
    """A population table's own text in the reader's language."""
    return gettext(text) if text else ""


def explain(decision: Decision) -> str:
    """The reason of a decision in the reader's language."""
    facts = {name: format_fact(fact) for name, fact in decision.facts.items()}
    return str(REASONS[decision.clause]).format(**facts)


def format_fact(fact: Fact) -> str:
    """A count or share as the reader writes numbers; a legal basis in the reader's language."""
    if isinstance(fact, Fraction):
        return format_percentage(fact)
    if isinstance(fact, int):
        return format_decimal(fact, locale=get_locale())
    return str(LEGAL_BASES.get(fact, fact))


def format_percentage(share: Fraction) -> str:
    """A share in percent, cut after two decimals: 64.999 % is short of 65 % and looks it."""
    percent = percentage(share)
    pattern = "#,##0" if percent.denominator == 1 else "#,##0.00"
    return format_decimal(float(percent), format=pattern, locale=get_locale()) + " %"


def format_rounded(share: Fraction) -> str:
    """A share that stands for itself, not against a threshold: rounded to two decimals."""
    hundredths = Decimal(share.numerator * 10_000) / Decimal(share.denominator)
    rounded = hundredths.quantize(Decimal(1), ROUND_HALF_UP) / 100
    return format_decimal(rounded, format="#,##0.00", locale=get_locale()) + " %"


def delegation_name(code: str, language: str) -> str:
    """``"DE"`` → ``"Germany"``; a code without a name stays as it is."""
    name = MEMBER_STATES.get(code)
    return name.in_language(language) if name else code
