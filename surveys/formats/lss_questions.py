"""LimeSurvey's question types as ours.

Each type gives one question of ours, some two: a list with comment brings a question for the
comment, and an array with two scales becomes two matrices, the second under ``code_2``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.text import LANGUAGES
from surveys.evaluation import read_date, read_number
from surveys.expressions import Comparison, Literal, Reference
from surveys.formats.lss_file import LimeQuestion, SubQuestion
from surveys.formats.lss_labels import SUPPLIED, supplied_label
from surveys.formats.lss_meaning import Holds, Variable
from surveys.formats.lss_names import Names, clean_codes
from surveys.schema import MAX_ANSWER_LENGTH

Say = Callable[[dict[str, str], str, str], dict[str, str]]
"""(texts by language, where, what to say when there is none) → plain texts by language."""


@dataclass(slots=True)
class Built:
    """What became of one question. ``variables`` by LimeSurvey's sub-question code ("" for the
    question itself); ``used`` names the attributes that were read; ``renamed`` tells codes that
    could not be kept, as (where, old, new)."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    renamed: list[tuple[str, str, str]] = field(default_factory=list)
    # Our row code by LimeSurvey's sub-question id, to hang conditions on.
    rows: dict[str, str] = field(default_factory=dict)


NOT_CARRIED = {
    "R": "Ranking is not supported yet.",
    "*": "Calculated values are not supported yet.",
    "|": "Uploading files is not supported yet.",
}


def build_question(
    question: LimeQuestion, code: str, names: Names, languages: list[str], say: Say
) -> Built | str:
    """Our question or questions, or why there are none."""
    build = _BUILDERS.get(question.type)
    if build is None:
        return NOT_CARRIED.get(
            question.type, f"The question type “{question.type[:10]}” is not known."
        )
    builder = _Builder(question, code, names, languages, say)
    problem = build(builder)
    return problem if problem is not None else builder.built


class _Builder:
    def __init__(
        self, question: LimeQuestion, code: str, names: Names, languages: list[str], say: Say
    ) -> None:
        self.question = question
        self.code = code
        self.names = names
        self.languages = languages
        self.say = say
        self.built = Built()

    # Pieces.

    def document(self, kind: str, **extra: Any) -> dict[str, Any]:
        question = self.question
        document: dict[str, Any] = {
            "code": self.code,
            "type": kind,
            "title": self.say(question.texts.get("question", {}), "title", self.code),
        }
        help_text = self.say(question.texts.get("help", {}), "help", "")
        if help_text:
            document["help"] = help_text
        if kind != "information" and question.fields.get("mandatory") == "Y":
            document["required"] = True
        document |= extra
        self.built.documents.append(document)
        return document

    def companion(self, code: str, kind: str, **extra: Any) -> dict[str, Any]:
        """A second question that belongs to this one."""
        document = {"code": code, "type": kind} | extra
        self.built.documents.append(document)
        return document

    def attribute(self, name: str) -> str:
        return self.question.attribute(name)

    def use(self, *names: str) -> None:
        self.built.used.update(names)

    def number(self, name: str) -> float | None:
        """A numeric attribute, where it is one."""
        value = read_number(self.attribute(name))
        if value is None:
            return None
        self.use(name)
        return int(value) if value.is_integer() else value

    def whole(self, name: str) -> int | None:
        value = read_number(self.attribute(name))
        if value is None or not value.is_integer() or value < 0:
            return None
        self.use(name)
        return int(value)

    def flag(self, name: str) -> bool:
        if self.attribute(name) == "1":
            self.use(name)
            return True
        return False

    def holds(self, key: str, holds: Holds, reference: Reference, **extra: Any) -> None:
        question = self.code if reference.name.endswith("_other") else reference.name
        self.built.variables[key] = Variable(holds, question, reference, **extra)

    def option_codes(self, codes: list[str], kind: str, *, row: bool = False) -> list[str]:
        ours = clean_codes(codes, row=row)
        for old, new in zip(codes, ours, strict=True):
            if old != new:
                self.built.renamed.append((f"{kind} {old}", old, new))
        return ours

    def answers(self, scale: str = "0") -> list[dict[str, Any]]:
        answers = [answer for answer in self.question.answers if answer.scale == scale]
        codes = self.option_codes([answer.code for answer in answers], "answer")
        return [
            {
                "code": code,
                "label": self.say(answer.texts.get("answer", {}), f"answer {answer.code}", code),
            }
            for answer, code in zip(answers, codes, strict=True)
        ]

    def supplied(self) -> list[dict[str, Any]]:
        return [
            {"code": code, "label": supplied_label(code, self.languages)}
            for code in SUPPLIED[self.question.type]
        ]

    def lines(
        self, scale: str = "0", *, row: bool = True
    ) -> list[tuple[SubQuestion, dict[str, Any]]]:
        """Sub-questions as rows (or columns, or options) of ours."""
        members = [sub for sub in self.question.subquestions if sub.scale == scale]
        codes = self.option_codes([sub.code for sub in members], "sub-question", row=row)
        lines = []
        for sub, code in zip(members, codes, strict=True):
            label = self.say(sub.texts.get("question", {}), f"sub-question {sub.code}", code)
            if row:
                # LimeSurvey writes what stands at both ends of a scale into one text.
                label = {
                    k: re.sub(r"\s*\|\s*", " – ", v.strip("| ")) or v for k, v in label.items()
                }
            lines.append((sub, {"code": code, "label": label}))
            if scale == "0":
                self.built.rows[sub.qid] = code
        return lines

    def other(self, document: dict[str, Any], code: str) -> None:
        """The option “other” with its text."""
        if self.question.fields.get("other") != "Y":
            return
        [code] = clean_codes([code], taken=[option["code"] for option in document["options"]])
        label = self.question.attributes.get("other_replace_text", {})
        self.use("other_replace_text")
        said = self.say(label, "attribute other_replace_text", "") if label else {}
        document["other"] = {
            "code": code,
            "label": supplied_label("other", self.languages) | said,
        }
        if self.flag("other_comment_mandatory"):
            document["other"]["required"] = True
        self.names.take(f"{self.code}_other")
        self.holds("other", Holds.TEXT, Reference(f"{self.code}_other"))

    # Types. Each gives None, or why the question cannot be carried over.

    def choice(self) -> str | None:
        question = self.question
        if question.type == "I":
            options = [
                {"code": code, "label": dict.fromkeys(self.languages, LANGUAGES.get(code, code))}
                for code in self.languages
            ]
        elif question.type in SUPPLIED:
            options = self.supplied()
        else:
            options = self.answers()
        if not options and question.fields.get("other") != "Y":
            return "It has no answers to choose from."
        document = self.document("single_choice", options=options)
        if question.type == "!" or self.flag("use_dropdown"):
            document["display"] = "dropdown"
        self.other(document, "-oth-")
        if not options:  # only "other": a text that is asked openly
            return "It has no answers to choose from except “other”."
        codes = tuple(option["code"] for option in options)
        if "other" in document:
            codes = (*codes, document["other"]["code"])
        self.holds("", Holds.OPTION, Reference(self.code), codes=codes)
        if question.type == "O":
            self.comment()
        return None

    def comment(self) -> None:
        code = self.names.free(f"{self.code}_comment")
        self.companion(
            code, "long_text", title=supplied_label("comment", self.languages),
        )  # fmt: skip
        self.holds("comment", Holds.TEXT, Reference(code))

    def multiple(self) -> str | None:
        lines = self.lines(row=False)
        if not lines:
            return "It has no answers to choose from."
        document = self.document("multiple_choice", options=[line for _, line in lines])
        self.other(document, "other")
        whole = Reference(self.code)
        for sub, line in lines:
            ticked = Comparison("in", Literal(line["code"]), whole)
            self.holds(sub.code, Holds.TICK, whole, ticked=ticked)
        self.choice_limits(document, len(lines) + ("other" in document))
        self.exclusive(document, {sub.code: line for sub, line in lines})
        if self.question.type == "P":
            self.comments(lines, document)
        return None

    def choice_limits(self, document: dict[str, Any], options: int) -> None:
        low, high = self.attribute("min_answers"), self.attribute("max_answers")
        least = self.whole("min_answers") if (read_number(low) or 0) <= options else None
        most = self.whole("max_answers")
        if most == 0 or (least and most and most < least):
            most = None
            self.built.used.discard("max_answers")
        if least:
            # LimeSurvey asks for the lowest number of those who tick nothing, too.
            document |= {"min_choices": least, "required": True}
        if most and high:
            document["max_choices"] = min(most, 1_000)

    def exclusive(self, document: dict[str, Any], by_code: dict[str, dict[str, Any]]) -> None:
        named = [c.strip() for c in re.split(r"[;,]", self.attribute("exclude_all_others")) if c]
        if named and all(code in by_code for code in named):
            self.use("exclude_all_others")
            for code in named:
                by_code[code]["exclusive"] = True

    def comments(
        self, lines: list[tuple[SubQuestion, dict[str, Any]]], document: dict[str, Any]
    ) -> None:
        code = self.names.free(f"{self.code}_comment")
        commented = [(f"{sub.code}comment", line) for sub, line in lines]
        if "other" in document:
            commented.append(("othercomment", document["other"]))
        codes = clean_codes([line["code"] for _, line in commented], row=True)
        rows = []
        for (key, line), row in zip(commented, codes, strict=True):
            condition = Comparison("in", Literal(line["code"]), Reference(self.code))
            rows.append({"code": row, "label": line["label"], "show_if": str(condition)})
            self.holds(key, Holds.TEXT, Reference(code, row))
        self.companion(
            code, "matrix", cell="text", title=supplied_label("comment", self.languages), rows=rows
        )

    def array(self) -> str | None:
        lines = self.lines()
        options = self.supplied() if self.question.type in SUPPLIED else self.answers()
        if not lines or not options:
            return "It has no rows, or no answers to choose from."
        self.document("matrix", cell="single", rows=[line for _, line in lines], options=options)
        codes = tuple(option["code"] for option in options)
        for sub, line in lines:
            reference = Reference(self.code, line["code"])
            self.holds(sub.code, Holds.OPTION, reference, codes=codes)
        return None

    def two_scales(self) -> str | None:
        lines = self.lines()
        scales = [self.answers("0"), self.answers("1")]
        if not lines or not scales[0]:
            return "It has no rows, or no answers to choose from."
        rows = [line for _, line in lines]
        first = self.document("matrix", cell="single", rows=rows, options=scales[0])
        matrices = [first]
        if scales[1]:
            code = self.names.free(f"{self.code}_2")
            second = first | {"code": code, "options": scales[1], "rows": [dict(r) for r in rows]}
            second["title"] = dict(first["title"])
            self.built.documents.append(second)
            matrices.append(second)
        for number, (matrix, attribute) in enumerate(
            zip(matrices, ("dualscale_headerA", "dualscale_headerB"), strict=False)
        ):
            self.use(attribute)
            headers = self.question.attributes.get(attribute, {})
            heads = self.say(headers, f"attribute {attribute}", "") if headers else {}
            matrix["title"] = {
                language: f"{title} – {heads[language]}" if language in heads else title
                for language, title in matrix["title"].items()
            }
            codes = tuple(option["code"] for option in matrix["options"])
            for sub, line in lines:
                reference = Reference(matrix["code"], line["code"])
                for key in (f"{sub.code}_{number}", f"{sub.code}#{number}"):
                    self.holds(key, Holds.OPTION, reference, codes=codes)
        return None

    def several(self) -> str | None:
        """K: several numbers; Q: several short texts."""
        lines = self.lines()
        if not lines:
            return "It has no rows."
        numbers = self.question.type == "K" or self.flag("numbers_only")
        rows = [line for _, line in lines]
        document = self.document("matrix", cell="number" if numbers else "text", rows=rows)
        if numbers:
            self.number_limits(document)
        else:
            self.length_limit(document)
        for sub, line in lines:
            reference = Reference(self.code, line["code"])
            self.holds(sub.code, Holds.NUMBER if numbers else Holds.TEXT, reference)
        return None

    def grid(self) -> str | None:
        """``:`` numbers and ``;`` texts in rows and columns."""
        lines, columns = self.lines("0"), self.lines("1")
        if not lines or not columns:
            return "It has no rows, or no columns."
        numbers = self.question.type == ":"
        ticks = numbers and self.flag("multiflexible_checkbox")
        if not numbers:
            numbers = self.flag("numbers_only")
        cell = "multiple" if ticks else "number" if numbers else "text"
        document = self.document(
            "matrix",
            cell=cell,
            rows=[line for _, line in lines],
            options=[column for _, column in columns],
        )
        if cell == "number":
            self.grid_limits(document)
        elif cell == "text":
            self.length_limit(document)
        for sub, line in lines:
            for other, column in columns:
                key = f"{sub.code}_{other.code}"
                row = Reference(self.code, line["code"])
                if ticks:
                    ticked = Comparison("in", Literal(column["code"]), row)
                    self.holds(key, Holds.TICK, row, ticked=ticked, tick="1")
                else:
                    reference = Reference(self.code, line["code"], column["code"])
                    self.holds(key, Holds.NUMBER if numbers else Holds.TEXT, reference)
        return None

    def grid_limits(self, document: dict[str, Any]) -> None:
        low, high = self.number("multiflexible_min"), self.number("multiflexible_max")
        if self.question.type == ":" and not self.flag("input_boxes"):
            # A menu of numbers: 1 to 10 unless said otherwise, in whole steps unless said.
            step = read_number(self.attribute("multiflexible_step") or "1")
            document["whole"] = step is None or step.is_integer()
            low = 1 if low is None and not self.attribute("multiflexible_min") else low
            high = 10 if high is None and not self.attribute("multiflexible_max") else high
        self.range(document, low, high, "multiflexible_min", "multiflexible_max")

    def single_number(self) -> str | None:
        document = self.document("number")
        self.number_limits(document)
        self.holds("", Holds.NUMBER, Reference(self.code))
        return None

    def number_limits(self, document: dict[str, Any]) -> None:
        low_name, high_name = "min_num_value_n", "max_num_value_n"
        if self.attribute("slider_layout") == "1":
            self.use("slider_layout")
            if self.attribute("slider_min") or self.attribute("slider_max"):
                low_name, high_name = "slider_min", "slider_max"
        low, high = self.number(low_name), self.number(high_name)
        self.range(document, low, high, low_name, high_name)
        if self.flag("num_value_int_only"):
            document["whole"] = True
        unit = self.question.attributes.get("suffix", {})
        if unit:
            self.use("suffix")
            document["unit"] = self.say(unit, "attribute suffix", "")

    def range(
        self, document: dict[str, Any], low: float | None, high: float | None, *names: str
    ) -> None:
        if low is not None and high is not None and low > high:
            # Nothing would be allowed: reported instead.
            self.built.used.difference_update(names)
            return
        if low is not None:
            document["minimum"] = low
        if high is not None:
            document["maximum"] = high

    def date(self) -> str | None:
        document = self.document("date")
        days = {}
        for name, ours, end in (
            ("date_min", "minimum", "-01-01"),
            ("date_max", "maximum", "-12-31"),
        ):
            said = self.attribute(name)
            day = read_date(said + end if re.fullmatch(r"[0-9]{4}", said) else said[:10])
            if day is not None and len(said) in (4, 10):
                days[ours] = day
                self.use(name)
        if len(days) == 2 and days["minimum"] > days["maximum"]:
            days = {}
            self.built.used -= {"date_min", "date_max"}
        document |= {ours: day.isoformat() for ours, day in days.items()}
        self.holds("", Holds.DATE, Reference(self.code))
        return None

    def text(self) -> str | None:
        if self.question.type == "S" and self.flag("numbers_only"):
            return self.single_number()
        document = self.document("short_text" if self.question.type == "S" else "long_text")
        self.length_limit(document)
        if self.question.type == "U" and "max_length" not in document:
            document["max_length"] = MAX_ANSWER_LENGTH
        self.holds("", Holds.TEXT, Reference(self.code))
        return None

    def length_limit(self, document: dict[str, Any]) -> None:
        longest = self.whole("maximum_chars")
        if longest:
            document["max_length"] = min(longest, MAX_ANSWER_LENGTH)

    def information(self) -> str | None:
        self.document("information")
        return None


_BUILDERS: dict[str, Callable[[_Builder], str | None]] = {
    **dict.fromkeys("L!O5YGI", _Builder.choice),
    **dict.fromkeys("MP", _Builder.multiple),
    **dict.fromkeys("FABCEH", _Builder.array),
    **dict.fromkeys("KQ", _Builder.several),
    **dict.fromkeys(":;", _Builder.grid),
    **dict.fromkeys("STU", _Builder.text),
    "1": _Builder.two_scales,
    "N": _Builder.single_number,
    "D": _Builder.date,
    "X": _Builder.information,
}
