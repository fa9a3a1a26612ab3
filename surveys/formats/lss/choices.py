"""LimeSurvey's lists, multiple choices and rankings."""

import re
from typing import Any

from core.text import LANGUAGES
from surveys.formats.lss.builder import Builder, labels_of
from surveys.formats.lss.file import SubQuestion
from surveys.formats.lss.labels import SUPPLIED, supplied_label
from surveys.formats.lss.meaning import Holds
from surveys.formats.lss.names import clean_codes
from surveys.language.expressions import Call, Comparison, Expression, Literal, Reference

# Points between two ends: drawn as a scale.
SCALES = frozenset("5AB")


def build_choice(build: Builder) -> str | None:
    question = build.question
    if question.type == "I":
        options = [
            {"code": code, "label": dict.fromkeys(build.languages, LANGUAGES.get(code, code))}
            for code in build.languages
        ]
    elif question.type in SUPPLIED:
        options = build.supplied()
    else:
        options = build.answers()
    if not options:
        other = " except “other”" if question.fields.get("other") == "Y" else ""
        return f"It has no answers to choose from{other}."
    document = build.document("single_choice", options=options)
    if question.type == "!" or build.flag("use_dropdown"):
        document["display"] = "dropdown"
    elif question.type in SCALES:
        document["display"] = "scale"
    build.other(document, "-oth-")
    codes = tuple(option["code"] for option in options)
    theirs = tuple(build.built.options) or codes
    if "other" in document:
        codes, theirs = (*codes, document["other"]["code"]), (*theirs, "-oth-")
    build.holds(
        "", Holds.OPTION, Reference(build.code),
        codes=codes, theirs=theirs, labels=labels_of(question),
    )  # fmt: skip
    if question.type == "O":
        build.comment()
    return None


def build_multiple(build: Builder) -> str | None:
    lines = build.lines(row=False)
    if not lines:
        return "It has no answers to choose from."
    document = build.document("multiple_choice", options=[line for _, line in lines])
    build.other(document, "other")
    whole = Reference(build.code)
    for sub, line in lines:
        ticked = Comparison("in", Literal(line["code"]), whole)
        label = {"Y": sub.texts.get("question", {})}
        build.holds(sub.code, Holds.TICK, whole, sub, ticked=ticked, labels=label)
    build.choice_limits(document, len(document["options"]) + ("other" in document))
    _exclusive(build, {sub.code: line for sub, line in lines})
    if build.question.type == "P":
        _comments(build, lines, document)
    return None


def _exclusive(build: Builder, by_code: dict[str, dict[str, Any]]) -> None:
    named = [c.strip() for c in re.split(r"[;,]", build.attribute("exclude_all_others")) if c]
    if named and all(code in by_code for code in named):
        build.use("exclude_all_others")
        for code in named:
            by_code[code]["exclusive"] = True


def _comments(
    build: Builder, lines: list[tuple[SubQuestion, dict[str, Any]]], document: dict[str, Any]
) -> None:
    code = build.names.free(f"{build.code}_comment")
    commented: list[tuple[str, dict[str, Any], tuple[SubQuestion, ...]]] = [
        (f"{sub.code}comment", line, (sub,)) for sub, line in lines
    ]
    if "other" in document:
        commented.append(("othercomment", document["other"], ()))
    elif build.filtered_other:
        commented.append(("othercomment", document["options"][-1], ()))
    codes = clean_codes([line["code"] for _, line, _ in commented], row=True)
    rows = []
    for (key, line, subs), row in zip(commented, codes, strict=True):
        condition: Expression = Comparison("in", Literal(line["code"]), Reference(build.code))
        if not subs:
            # LimeSurvey takes "other" for ticked where something is written beside it.
            condition = Call("answered", (Reference(f"{build.code}_other"),))
        rows.append({"code": row, "label": dict(line["label"]), "show_if": str(condition)})
        build.holds(key, Holds.TEXT, Reference(code, row), *subs)
    build.companion(
        code, "matrix", cell="text", title=supplied_label("comment", build.languages), rows=rows
    )


def build_ranking(build: Builder) -> str | None:
    options = build.answers()
    if not options:
        return "It has no answers to put in order."
    document = build.document("ranking", options=options)
    build.choice_limits(document, len(options))
    places = build.whole("max_subquestions")
    most = document.get("max_choices", len(options))
    if places and document.get("min_choices", 0) <= places < most:
        document["max_choices"] = places
    codes = tuple(option["code"] for option in options)
    labels = {build.built.options[code]: texts for code, texts in labels_of(build.question).items()}
    for place in range(1, len(options) + 1):
        build.holds(
            str(place), Holds.PLACE, Reference(build.code),
            place=place, codes=codes, theirs=tuple(build.built.options), labels=labels,
        )  # fmt: skip
    return None
