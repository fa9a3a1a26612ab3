"""LimeSurvey's arrays: questions with rows, and with rows and columns."""

from typing import Any

from surveys.formats.lss.builder import Builder, labels_of
from surveys.formats.lss.choices import SCALES
from surveys.formats.lss.labels import SUPPLIED
from surveys.formats.lss.meaning import Holds
from surveys.language.evaluation import read_number
from surveys.language.expressions import Comparison, Literal, Reference


def build_array(build: Builder) -> str | None:
    lines = build.lines()
    kind = build.question.type
    options = build.supplied() if kind in SUPPLIED else build.answers()
    if not lines or not options:
        return "It has no rows, or no answers to choose from."
    document = build.document(
        "matrix", cell="single", rows=[line for _, line in lines], options=options
    )
    if kind in SCALES:
        document["display"] = "scale"
    codes = tuple(option["code"] for option in options)
    theirs = tuple(build.built.options) or codes
    for sub, line in lines:
        build.holds(
            sub.code, Holds.OPTION, Reference(build.code, line["code"]), sub,
            codes=codes, theirs=theirs, labels=labels_of(build.question),
        )  # fmt: skip
    return None


def build_two_scales(build: Builder) -> str | None:
    lines = build.lines()
    scales = [build.answers("0"), build.answers("1")]
    if not lines or not scales[0]:
        return "It has no rows, or no answers to choose from."
    rows = [line for _, line in lines]
    first = build.document("matrix", cell="single", rows=rows, options=scales[0])
    matrices = [first]
    if scales[1]:
        code = build.names.free(f"{build.code}_2")
        second = first | {"code": code, "options": scales[1], "rows": [dict(r) for r in rows]}
        second["title"] = dict(first["title"])
        build.built.documents.append(second)
        matrices.append(second)
    for number, (matrix, attribute) in enumerate(
        zip(matrices, ("dualscale_headerA", "dualscale_headerB"), strict=False)
    ):
        build.use(attribute)
        headers = build.question.attributes.get(attribute, {})
        heads = build.say(headers, f"attribute {attribute}", "") if headers else {}
        matrix["title"] = {
            language: f"{title} – {heads[language]}" if language in heads else title
            for language, title in matrix["title"].items()
        }
        codes = tuple(option["code"] for option in matrix["options"])
        theirs = tuple(a.code for a in build.question.answers if a.scale == str(number))
        labels = labels_of(build.question, str(number))
        for sub, line in lines:
            reference = Reference(matrix["code"], line["code"])
            for key in (f"{sub.code}_{number}", f"{sub.code}#{number}"):
                build.holds(
                    key, Holds.OPTION, reference, sub, codes=codes, theirs=theirs, labels=labels
                )
    return None


def build_several(build: Builder) -> str | None:
    """K: several numbers; Q: several short texts."""
    lines = build.lines()
    if not lines:
        return "It has no rows."
    numbers = build.question.type == "K" or build.flag("numbers_only")
    rows = [line for _, line in lines]
    document = build.document("matrix", cell="number" if numbers else "text", rows=rows)
    if numbers:
        build.number_limits(document)
    else:
        build.length_limit(document)
    for sub, line in lines:
        reference = Reference(build.code, line["code"])
        build.holds(sub.code, Holds.NUMBER if numbers else Holds.TEXT, reference, sub)
    return None


def build_grid(build: Builder) -> str | None:
    """``:`` numbers and ``;`` texts in rows and columns."""
    lines, columns = build.lines("0"), build.lines("1")
    if not lines or not columns:
        return "It has no rows, or no columns."
    numbers = build.question.type == ":"
    ticks = numbers and build.flag("multiflexible_checkbox")
    if not numbers:
        numbers = build.flag("numbers_only")
    cell = "multiple" if ticks else "number" if numbers else "text"
    document = build.document(
        "matrix",
        cell=cell,
        rows=[line for _, line in lines],
        options=[column for _, column in columns],
    )
    if cell == "number":
        _grid_limits(build, document)
    elif cell == "text":
        build.length_limit(document)
    for sub, line in lines:
        for other, column in columns:
            key = f"{sub.code}_{other.code}"
            row = Reference(build.code, line["code"])
            if ticks:
                ticked = Comparison("in", Literal(column["code"]), row)
                label = {"Y": other.texts.get("question", {})}
                build.holds(key, Holds.TICK, row, sub, other, ticked=ticked, tick="1", labels=label)
            else:
                reference = Reference(build.code, line["code"], column["code"])
                holds = Holds.NUMBER if numbers else Holds.TEXT
                build.holds(key, holds, reference, sub, other)
    return None


def _grid_limits(build: Builder, document: dict[str, Any]) -> None:
    low, high = build.number("multiflexible_min"), build.number("multiflexible_max")
    if build.question.type == ":" and not build.flag("input_boxes"):
        # A menu of numbers: 1 to 10 unless said otherwise, in whole steps unless said.
        step = read_number(build.attribute("multiflexible_step") or "1")
        document["whole"] = step is None or step.is_integer()
        low = 1 if low is None and not build.attribute("multiflexible_min") else low
        high = 10 if high is None and not build.attribute("multiflexible_max") else high
    build.range(document, low, high, "multiflexible_min", "multiflexible_max")
