"""Which quotas a response counts in. Pure.

A quota's condition is written in the language of questionnaires, over the answers and over what is
known of the respondent: ``profile.respondent_type``, ``profile.country``,
``profile.organisation_size`` and ``profile.language``:

    profile.country == 'PT' or profile.country == 'ES'
    profile.organisation_size == 'small' and Q3 == 'yes'

It is read and decided by the same code as the conditions of questions: the questionnaire is taken
once more, with the background before it and one information text for each quota behind it, shown
where the quota's condition holds. So what a condition means can never differ between the two.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.text import LANGUAGES
from surveys.definition import parse_definition
from surveys.errors import InvalidQuestionnaire
from surveys.language.expressions import (
    Comparison,
    Expression,
    Literal,
    Reference,
    parse_expression,
)
from surveys.language.expressions import children as parts_of
from surveys.profile import COUNTRIES, ORGANISATION_SIZES, RESPONDENT_TYPES
from surveys.questionnaire import Questionnaire
from surveys.routing import route

PROFILE = "profile"
# What is known of a respondent, and the values each can have.
PROFILE_VALUES: Mapping[str, frozenset[str]] = {
    "respondent_type": frozenset(RESPONDENT_TYPES),
    "country": COUNTRIES,
    "organisation_size": frozenset(ORGANISATION_SIZES),
    "language": frozenset(LANGUAGES),
}
MAXIMUM_CONDITION = 2_000


class QuotaConditions:
    """The conditions of the quotas of one questionnaire version, made ready to be decided.

    Raises ``InvalidQuestionnaire`` (its ``problems`` name ``condition``) where one of them does not
    fit the questionnaire. ``definition`` None: there is no questionnaire yet.
    """

    def __init__(self, definition: Mapping[str, Any] | None, conditions: Sequence[str]) -> None:
        self._questionnaire = _with_quotas(definition, conditions)
        self._count = len(conditions)

    def holding(self, profile: Mapping[str, Any], answers: Mapping[str, Any]) -> list[bool]:
        """Of each condition, in the order given, whether it holds for a response.

        ``profile``: values by name as in ``PROFILE_VALUES``; what is not known is None.
        """
        known = {name: profile.get(name) for name in PROFILE_VALUES if profile.get(name)}
        taken = route(self._questionnaire, {**answers, PROFILE: known})
        return [taken.shows(_code(position)) for position in range(self._count)]


def problems_of(condition: str, definition: Mapping[str, Any] | None) -> list[str]:
    """Everything wrong with a condition, in words; an empty list where it can be used."""
    if len(condition) > MAXIMUM_CONDITION:
        return [f"is longer than {MAXIMUM_CONDITION:,} characters"]
    if definition is not None and any(
        question.get("code") == PROFILE
        for section in definition.get("sections", ())
        for question in section.get("questions", ())
    ):
        return [f"the questionnaire has a question called {PROFILE}; give it another code"]
    try:
        QuotaConditions(definition, [condition])
    except InvalidQuestionnaire as error:
        return list(dict.fromkeys(reason for _, reason in error.problems))
    return list(_unknown_values(parse_expression(condition)))


def _with_quotas(definition: Mapping[str, Any] | None, conditions: Sequence[str]) -> Questionnaire:
    document: dict[str, Any] = (
        dict(definition) if definition else {"schema": "waymark/questionnaire/1"}
    )
    languages = document.get("languages") or ["en"]
    first = languages[0]

    def said(text: str) -> dict[str, str]:
        return {first: text}

    taken = {section.get("code") for section in document.get("sections", ())}
    before, behind = (_free(name, taken) for name in ("background", "quotas"))
    values = sorted(frozenset[str]().union(*PROFILE_VALUES.values()))
    background = {
        "code": before, "title": said(PROFILE),
        "questions": [
            {
                "code": PROFILE, "type": "matrix", "cell": "single", "title": said(PROFILE),
                "rows": [{"code": name, "label": said(name)} for name in PROFILE_VALUES],
                "options": [{"code": value, "label": said(value)} for value in values],
            }
        ],
    }  # fmt: skip
    quotas = {
        "code": behind, "title": said("quotas"),
        "questions": [
            {
                "code": _code(position), "type": "information", "title": said("quota"),
                "show_if": condition,
            }
            for position, condition in enumerate(conditions)
        ],
    }  # fmt: skip
    document |= {
        "languages": languages,
        "title": document.get("title") or said("quotas"),
        "sections": [background, *document.get("sections", ()), quotas],
    }
    return parse_definition(document)


def _unknown_values(node: Expression) -> Iterator[str]:
    """Values that what is known of a respondent never has, such as a misspelt country."""
    if isinstance(node, Comparison):
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if (
                isinstance(side, Reference)
                and side.name == PROFILE
                and side.row is not None
                and side.row in PROFILE_VALUES
                and isinstance(other, Literal)
                and other.value not in PROFILE_VALUES[side.row]
            ):
                yield f"{side} is never {other}"
    for part in parts_of(node):
        yield from _unknown_values(part)


def _code(position: int) -> str:
    return f"quota__{position}"


def _free(name: str, taken: set[Any]) -> str:
    while name in taken:
        name += "_"
    return name
