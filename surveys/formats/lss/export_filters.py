"""Conditions of options and rows that are those of LimeSurvey's array filters."""

from surveys.formats.lss.export_names import Names
from surveys.formats.lss.export_questions import Part
from surveys.formats.lss.filters import shown_for
from surveys.formats.lss.meaning import Holds, Variable
from surveys.language.expressions import (
    Comparison,
    Expression,
    Literal,
    Reference,
    all_of,
    references,
)
from surveys.questionnaire import Question, Questionnaire


def array_filters(questionnaire: Questionnaire, names: Names, parts: list[Part]) -> dict[str, str]:
    """The attributes that say when ``parts`` are shown, or none where no filter says it."""
    conditions = {
        part.code: part.source.show_if if part.source is not None else None for part in parts
    }
    named = {
        reference.name: None
        for condition in conditions.values()
        if condition is not None
        for reference in references(condition)
    }
    sources = []
    for name in named:
        question = questionnaire.by_code.get(name) or questionnaire.by_other_code.get(name)
        if question is not None and question not in sources:
            sources.append(question)
    if not 1 <= len(sources) <= 2:
        return {}
    pairs: list[tuple[Question | None, Question | None]]
    if len(sources) == 1:
        pairs = [(sources[0], None), (None, sources[0])]
    else:
        pairs = [(sources[0], sources[1]), (sources[1], sources[0])]
    known = {question.code: _variables(question, names) for question in sources}
    for included, excluded in pairs:
        if all(
            _expected(code, included, excluded, known) == condition
            for code, condition in conditions.items()
        ):
            chosen = {"array_filter": included, "array_filter_exclude": excluded}
            return {
                attribute: names.questions[question.code]
                for attribute, question in chosen.items()
                if question is not None
            }
    return {}


def _expected(
    code: str,
    included: Question | None,
    excluded: Question | None,
    known: dict[str, dict[str, Variable]],
) -> Expression | None:
    found: list[Expression] = []
    for question, exclude in ((included, False), (excluded, True)):
        if question is not None:
            shown = shown_for(code, [known[question.code]], exclude=exclude)
            if shown is not None:
                found.append(shown)
    return all_of(*found) if found else None


def _variables(question: Question, names: Names) -> dict[str, Variable]:
    """What a filter finds in a question, by LimeSurvey's codes."""
    whole = Reference(question.code)
    found: dict[str, Variable] = {}
    if question.type == "multiple_choice":
        for option in question.options:
            ticked = Comparison("in", Literal(option.code), whole)
            theirs = names.options[question.code, option.code]
            found[theirs] = Variable(Holds.TICK, question.code, whole, ticked=ticked)
        if question.other is not None:
            text = Reference(question.other_code)
            found["other"] = Variable(Holds.TEXT, question.code, text)
    elif question.type == "matrix":
        for row in question.rows:
            theirs = names.rows[question.code, row.code]
            reference = Reference(question.code, row.code)
            if not question.has_columns and question.cell != "multiple":
                found[theirs] = Variable(Holds.OPTION, question.code, reference)
                continue
            for column in question.options:
                key = f"{theirs}_{names.options[question.code, column.code]}"
                cell, ticked = Reference(question.code, row.code, column.code), None
                if question.cell == "multiple":
                    cell, ticked = reference, Comparison("in", Literal(column.code), reference)
                found[key] = Variable(Holds.TEXT, question.code, cell, ticked=ticked)
    return found
