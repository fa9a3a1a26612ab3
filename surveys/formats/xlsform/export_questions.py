"""What our questions are written as in an XLSForm: rows of the survey sheet, lists of choices.

What is said here of limits is said in XPath about ``.``, the answer itself; what our own rules add
comes later (``xlsform_export``).
"""

from collections.abc import Iterable

from core.text import LocalizedText
from surveys.formats.lss.messages import rule_message
from surveys.formats.xlsform.export_expressions import quoted
from surveys.formats.xlsform.export_groups import (
    write_comments,
    write_matrix,
    write_points,
    write_priorities,
    write_statements,
    write_years,
)
from surveys.formats.xlsform.export_parts import Choice, Part, Said, Sheet, choices_of, limits_of
from surveys.language.expressions import Literal
from surveys.questionnaire import NO_OPINION, Option, Question

_USUAL_MEGABYTES = 10


def sheet_of(question: Question, languages: Iterable[str]) -> Sheet:
    """The rows that come nearest to ``question``."""
    return _WRITERS.get(question.type, _plain)(question, list(languages))


def _part(question: Question, kind: str, **more: object) -> Part:
    return Part(kind, question.code, question.title, question.help, **more)  # type: ignore[arg-type]


def _single(question: Question, languages: list[str]) -> Sheet:
    looks = {"dropdown": "minimal", "scale": "likert"}.get(question.display, "")
    kind = "select_one" if question.type == "single_choice" else "select_multiple"
    other = " or_other" if question.other is not None else ""
    sheet = Sheet([_part(question, f"{kind} {question.code}{other}", appearance=looks)])
    sheet.choices[question.code] = choices_of(question)
    if question.other is not None:
        sheet.choices[question.code].append(Choice("other", question.other.label))
        if question.other.required:
            sheet.lost.append(("other.required", "The text beside “other” may be left empty."))
        for index, choice in enumerate(sheet.choices[question.code]):
            if choice.show_if is not None:
                choice.show_if = None
                why = "Choices with “other” beside them are always offered."
                sheet.lost.append((f"options[{index}].show_if", why))
    part = sheet.parts[0]
    for option in question.options:
        if option.exclusive:
            chosen = f"selected(., {quoted(option.code)})"
            part.constraint.append(f"not({chosen} and count-selected(.) > 1)")
    _choice_limits(question, part)
    if any(option.no_opinion for option in question.options):
        sheet.lost.append(("options", "“No opinion” stands on the scale like the others."))
    return sheet


def _choice_limits(question: Question, part: Part) -> None:
    if question.min_choices:
        part.constraint.append(f"count-selected(.) >= {question.min_choices}")
    if question.max_choices is not None:
        part.constraint.append(f"count-selected(.) <= {question.max_choices}")


def _ranking(question: Question, languages: list[str]) -> Sheet:
    sheet = Sheet([_part(question, f"rank {question.code}")])
    sheet.choices[question.code] = choices_of(question)
    if question.max_choices is not None or question.min_choices != len(question.options):
        sheet.lost.append(("min_choices", "Whoever ranks there ranks everything."))
    return sheet


def _number(question: Question, languages: list[str]) -> Sheet:
    kind = "integer" if question.whole or question.type == "year" else "decimal"
    part = _part(question, kind, constraint=limits_of(question))
    if question.unit is not None:
        part.label = _with(question.title, question.unit)
    sheet = Sheet([part])
    if question.type == "year":
        sheet.lost.append(("type", "A whole number is asked for."))
        if not part.constraint:
            part.constraint = [". >= 1000", ". <= 9999"]
    return sheet


def _with(title: LocalizedText, more: LocalizedText) -> LocalizedText:
    """A title with its unit."""
    return LocalizedText(
        {language: f"{text} ({more.in_language(language)})" for language, text in title.items()},
        title.fallback,
    )


def _date(question: Question, languages: list[str]) -> Sheet:
    constraint = [
        f". {sign} date('{limit}')"
        for sign, limit in ((">=", question.minimum), ("<=", question.maximum))
        if limit is not None
    ]
    return Sheet([_part(question, "date", constraint=constraint)])


def _quarter(question: Question, languages: list[str]) -> Sheet:
    sheet = Sheet([_part(question, "text", constraint=["regex(., '^[1-9][0-9]{3}-Q[1-4]$')"])])
    sheet.lost.append(("type", "A text such as 2028-Q3 is asked for."))
    for name in ("minimum", "maximum"):
        if getattr(question, name) is not None:
            sheet.lost.append((name, "Quarters have no order there."))
    return sheet


def _text(question: Question, languages: list[str]) -> Sheet:
    looks = "multiline" if question.type == "long_text" else ""
    limit = [] if question.max_length is None else [f"string-length(.) <= {question.max_length}"]
    return Sheet([_part(question, "text", appearance=looks, constraint=limit)])


def _upload(question: Question, languages: list[str]) -> Sheet:
    kind = "image" if question.accept == ("image",) else "file"
    sheet = Sheet([_part(question, kind)])
    if question.accept and kind == "file":
        sheet.lost.append(("accept", "Files of every kind are taken."))
    if (question.max_files or 1) > 1:
        sheet.lost.append(("max_files", "One file is taken."))
    if question.max_megabytes not in (None, _USUAL_MEGABYTES):
        sheet.lost.append(("max_megabytes", "The size of files is not limited."))
    return sheet


def _rating(question: Question, languages: list[str]) -> Sheet:
    low, high = int(question.minimum or 0), int(question.maximum or 0)  # type: ignore[arg-type]
    if question.no_opinion is None and question.low is None and question.high is None:
        scale = f"start={low} end={high} step=1"
        return Sheet([_part(question, "range", parameters=scale)])
    sheet = Sheet([_part(question, f"select_one {question.code}", appearance="likert")])
    ends = {low: question.low, high: question.high}
    choices = [
        Choice(str(point), _point(point, ends.get(point), languages))
        for point in range(low, high + 1)
    ]
    if question.no_opinion is not None:
        choices.append(Choice(NO_OPINION, question.no_opinion))
    sheet.choices[question.code] = choices
    sheet.lost.append(("type", "The points of the scale are choices."))
    return sheet


def _point(point: int, words: LocalizedText | None, languages: list[str]) -> Said:
    if words is None:
        return str(point)
    return LocalizedText({code: f"{point}: {text}" for code, text in words.items()}, words.fallback)


def _budget(question: Question, languages: list[str]) -> Sheet:
    part = _part(question, f"select_multiple {question.code}")
    costs = [
        f"if(selected(., {quoted(option.code)}), {Literal(option.cost or 0)}, 0)"
        for option in question.options
    ]
    total = Literal(question.total or 0)
    part.constraint = [f"{' + '.join(costs)} <= {total}"]
    part.message = rule_message("sum_at_most", str(total), languages)
    sheet = Sheet([part])
    sheet.choices[question.code] = [
        Choice(option.code, _costing(option, question.unit), option.show_if)
        for option in question.options
    ]
    sheet.lost.append(("type", "What is chosen is checked against the budget, not shown."))
    return sheet


def _costing(option: Option, unit: LocalizedText | None) -> LocalizedText:
    cost = Literal(option.cost or 0)
    return LocalizedText(
        {
            code: f"{text} ({cost} {unit.in_language(code)})" if unit else f"{text} ({cost})"
            for code, text in option.label.items()
        },
        option.label.fallback,
    )


def _consent(question: Question, languages: list[str]) -> Sheet:
    sheet = Sheet([_part(question, "acknowledge")])
    sheet.lost += [(name, "Only that it was ticked is kept.") for name in ("purpose", "version")]
    return sheet


def _as_text(question: Question, languages: list[str]) -> Sheet:
    sheet = Sheet([_part(question, "text", appearance="multiline")])
    sheet.lost.append(("type", "One text is asked for."))
    return sheet


def _calculation(question: Question, languages: list[str]) -> Sheet:
    calculated = _part(question, "calculate")
    if question.display != "text":
        return Sheet([calculated])
    shown = Part("note", "", question.title, question.help)
    calculated.label, calculated.hint = "", None
    return Sheet([calculated, shown], grouped=True)


def _plain(question: Question, languages: list[str]) -> Sheet:
    return Sheet([Part("note", "", question.title, question.help, name=question.code)])


_WRITERS = {
    "single_choice": _single, "multiple_choice": _single, "ranking": _ranking, "number": _number,
    "year": _number, "date": _date, "quarter": _quarter, "short_text": _text, "long_text": _text,
    "upload": _upload, "rating": _rating, "matrix": write_matrix, "statements": write_statements,
    "milestone_priorities": write_priorities, "points": write_points, "budget": _budget,
    "consent": _consent, "milestone_years": write_years, "milestone_proposals": _as_text,
    "dependencies": _as_text, "paragraph_comments": write_comments, "calculation": _calculation,
}  # fmt: skip
