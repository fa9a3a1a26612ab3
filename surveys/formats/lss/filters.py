"""LimeSurvey's array filters: parts of a question that are shown for what was chosen in another.

A row (or option) whose code is not there in the other question is always shown.
"""

from typing import Any

from surveys.formats.lss.builder import Built
from surveys.formats.lss.file import LimeQuestion, LimeSurvey
from surveys.formats.lss.meaning import Variable, answered, negation
from surveys.language.expressions import Expression, all_of, any_of

FILTERS = ("array_filter", "array_filter_exclude")


def filter_sources(question: LimeQuestion, name: str) -> list[str]:
    return [source.strip() for source in question.attribute(name).split(";") if source.strip()]


def filters_other(question: LimeQuestion, survey: LimeSurvey) -> bool:
    """Whether the option "other" of ``question`` is filtered by that of another question."""
    if question.fields.get("other") != "Y" or question.type not in ("M", "P"):
        return False
    sources = {source for name in FILTERS for source in filter_sources(question, name)}
    return any(
        source.fields.get("other") == "Y" or any(s.code == "other" for s in source.subquestions)
        for group in survey.groups
        for source in group.questions
        if source.code in sources
    )


def filtered_parts(built: Built) -> list[tuple[dict[str, Any], str]]:
    """The rows or options of ours that a filter is about, each with its code in LimeSurvey."""
    main = built.documents[0]
    if main["type"] == "matrix":
        codes = {ours: code for code, ours in built.rows.items()}
        matrices = [d for d in built.documents if d["type"] == "matrix"]
        return [(row, codes.get(row["code"], "")) for m in matrices for row in m["rows"]]
    codes = {ours: code for code, ours in built.options.items()}
    return [
        (option, codes[option["code"]])
        for option in main.get("options", ())
        if option["code"] in codes
    ]


def shown_for(code: str, sources: list[dict[str, Variable]], *, exclude: bool) -> Expression | None:
    """When the part ``code`` is shown, or None where it always is."""
    parts = []
    for source in sources:
        # In a question with columns, whatever stands in the row.
        keys = [code] if code in source else [k for k in source if k.startswith(f"{code}_")]
        chosen = [answered(source[key]) for key in keys]
        if chosen:
            parts.append(negation(any_of(*chosen)) if exclude else any_of(*chosen))
    return all_of(*parts) if parts else None
