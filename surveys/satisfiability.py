"""Conditions that can never hold, whatever is answered. Pure."""

from surveys.questionnaire import Questionnaire


def impossible_conditions(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    """(path in the document, reason) of each condition that no answers make true."""
    return []
