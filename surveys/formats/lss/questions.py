"""LimeSurvey's question types as ours.

Each type gives one question of ours, some two: a list with comment brings a question for the
comment, and an array with two scales becomes two matrices, the second under ``code_2``.
"""

import re
from collections import Counter
from collections.abc import Callable

from surveys.formats.lss.arrays import build_array, build_grid, build_several, build_two_scales
from surveys.formats.lss.builder import Builder, Built
from surveys.formats.lss.choices import build_choice, build_multiple, build_ranking
from surveys.formats.lss.meaning import Holds, Quantity
from surveys.language.evaluation import read_date
from surveys.language.expressions import Call, Reference
from surveys.schema import MAX_ANSWER_LENGTH, MAX_OPTIONS

__all__ = ["Builder", "Built", "build_question"]


def build_question(build: Builder) -> str | None:
    """Build our question or questions; or say why there are none."""
    kind = build.question.type
    function = _BUILDERS.get(kind)
    if function is None:
        return f"The question type “{kind[:10]}” is not known."
    scales = Counter(("answers", answer.scale) for answer in build.question.answers)
    scales.update(("sub-questions", sub.scale) for sub in build.question.subquestions)
    for (parts, _), number in scales.items():
        if number > MAX_OPTIONS:
            return f"It has more than {MAX_OPTIONS:,} {parts}."
    return function(build)


def _number(build: Builder) -> str | None:
    document = build.document("number")
    build.number_limits(document)
    build.holds("", Holds.NUMBER, Reference(build.code))
    return None


def _date(build: Builder) -> str | None:
    document = build.document("date")
    days = {}
    for name, ours, end in (
        ("date_min", "minimum", "-01-01"),
        ("date_max", "maximum", "-12-31"),
    ):
        said = build.attribute(name)
        day = read_date(said + end if re.fullmatch(r"[0-9]{4}", said) else said[:10])
        if day is not None and len(said) in (4, 10):
            days[ours] = day
            build.use(name)
    if len(days) == 2 and days["minimum"] > days["maximum"]:
        days = {}
        build.built.used -= {"date_min", "date_max"}
    document |= {ours: day.isoformat() for ours, day in days.items()}
    build.holds("", Holds.DATE, Reference(build.code))
    return None


def _text(build: Builder) -> str | None:
    if build.question.type == "S" and build.flag("numbers_only"):
        return _number(build)
    document = build.document("short_text" if build.question.type == "S" else "long_text")
    build.length_limit(document)
    if build.question.type == "U" and "max_length" not in document:
        document["max_length"] = MAX_ANSWER_LENGTH
    build.holds("", Holds.TEXT, Reference(build.code))
    return None


def _information(build: Builder) -> str | None:
    build.document("information")
    # Nothing is answered, but whether it is shown can be asked.
    build.holds("", Holds.NOTHING, Reference(build.code))
    return None


def _equation(build: Builder) -> str | None:
    """Its value is found later (``surveys.formats.lss.equations``): it may need any question."""
    build.use("equation", "hidden")
    document = build.document("calculation", value="''")
    document.pop("required", None)
    document["display"] = "none" if build.attribute("hidden") == "1" else "text"
    return None


def _upload(build: Builder) -> str | None:
    document = build.document("upload")
    most = build.whole("max_num_of_files")
    # LimeSurvey asks for up to ten files of ten megabytes unless told otherwise.
    document["max_files"] = min(10 if most is None else max(most, 1), 10)
    kilobytes = build.whole("max_filesize")
    document["max_megabytes"] = min(max(-(-(kilobytes or 10_240) // 1024), 1), 20)
    named = build.attribute("allowed_filetypes") or "png, gif, doc, odt, jpg, jpeg, pdf"
    endings = {ending.strip(" .").lower() for ending in named.split(",") if ending.strip()}
    accept = [kind for kind, known in _ENDINGS.items() if endings & known]
    if accept and endings <= set().union(*_ENDINGS.values()):
        if len(accept) < len(_ENDINGS):
            document["accept"] = accept
        build.use("allowed_filetypes")
    if build.whole("min_num_of_files"):
        document["required"] = True
    reference = Reference(build.code)
    build.holds("", Holds.FILES, reference)
    # Named by code (``Q1_filecount``) and by number (``1X2X3_filecount``).
    for key in ("filecount", "_filecount"):
        build.built.variables[key] = Quantity(Call("count", (reference,)))
    return None


_ENDINGS = {
    "pdf": {"pdf"},
    "image": {"png", "gif", "jpg", "jpeg", "webp"},
    "text": {"txt", "csv"},
    "document": {"doc", "docx", "odt", "rtf"},
    "spreadsheet": {"xls", "xlsx", "ods"},
    "presentation": {"ppt", "pptx", "odp"},
}

_BUILDERS: dict[str, Callable[[Builder], str | None]] = {
    **dict.fromkeys("L!O5YGI", build_choice),
    **dict.fromkeys("MP", build_multiple),
    **dict.fromkeys("FABCEH", build_array),
    **dict.fromkeys("KQ", build_several),
    **dict.fromkeys(":;", build_grid),
    **dict.fromkeys("STU", _text),
    "1": build_two_scales,
    "R": build_ranking,
    "N": _number,
    "D": _date,
    "X": _information,
    "*": _equation,
    "|": _upload,
}
