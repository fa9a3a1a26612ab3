"""What the questions of every type are built with; see ``surveys.formats.lss.questions``."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from surveys.formats.lss.file import LimeQuestion, SubQuestion
from surveys.formats.lss.labels import SUPPLIED, supplied_label
from surveys.formats.lss.meaning import Holds, Origin, Quantity, Variable
from surveys.formats.lss.names import Names, clean_codes
from surveys.language.evaluation import read_number
from surveys.language.expressions import Reference
from surveys.schema import MAX_ANSWER_LENGTH

Say = Callable[[dict[str, str], str, str], dict[str, str]]
"""(texts by language, where, what to say when there is none) → plain texts by language."""


@dataclass(slots=True)
class Built:
    """What became of one question. ``variables`` by LimeSurvey's sub-question code ("" for the
    question itself); ``used`` names the attributes that were read; ``renamed`` tells codes that
    could not be kept, as (where, old, new)."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    variables: dict[str, Variable | Quantity] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    renamed: list[tuple[str, str, str]] = field(default_factory=list)
    # Our code of a row or option by LimeSurvey's, to hang conditions on.
    rows: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)


class Builder:
    """Builds what one question becomes.

    ``filtered_other``: the option "other" is filtered by that of another question, so it must be
    an option with a condition. ``place``: what LimeSurvey says of where the question stands
    (``gseq``, ``qseq``, ``grelevance``).
    """

    def __init__(
        self,
        question: LimeQuestion,
        code: str,
        names: Names,
        languages: list[str],
        say: Say,
        *,
        filtered_other: bool = False,
        sgqa: str = "",
        place: dict[str, str] | None = None,
        own_codes: dict[str, str] | None = None,
    ) -> None:
        self.question = question
        self.code = code
        self.names = names
        self.languages = languages
        self.say = say
        self.filtered_other = filtered_other
        self.sgqa = sgqa
        self.place = place or {}
        self.own_codes = own_codes or {}
        self.built = Built()

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

    def holds(
        self,
        key: str,
        holds: Holds,
        reference: Reference,
        *subs: SubQuestion,
        labels: dict[str, dict[str, str]] | None = None,
        **extra: Any,
    ) -> None:
        """Make known what ``code_key`` is; ``subs`` are the sub-questions it is the answer to."""
        question = self.question
        within = self.code if reference.name.endswith("_other") else reference.name
        facts = {
            "qid": question.qid,
            "gid": question.fields.get("gid", ""),
            "type": question.type,
            "mandatory": question.fields.get("mandatory", ""),
            "relevance": question.fields.get("relevance", "") or "1",
            "sgqa": f"{self.sgqa}{key}",
            "varName": question.code,
            "jsName": f"java{self.sgqa}{key}",
            "rowdivid": f"{self.sgqa}{subs[0].code}" if subs else "",
            "key": key,
        } | self.place
        texts = (question.texts.get("question", {}), *(s.texts.get("question", {}) for s in subs))
        origin = Origin(facts, texts, labels or {}, question.texts.get("help", {}))
        self.built.variables[key] = Variable(holds, within, reference, origin=origin, **extra)

    def option_codes(self, codes: dict[str, str], kind: str, *, row: bool = False) -> list[str]:
        """Our codes for LimeSurvey's, given by what they are of (see ``own_codes``)."""
        wanted = [self.own_codes.get(of) or code for of, code in codes.items()]
        ours = clean_codes(wanted, row=row)
        for old, want, new in zip(codes.values(), wanted, ours, strict=True):
            if want != new:
                self.built.renamed.append((f"{kind} {old}", old, new))
        return ours

    def answers(self, scale: str = "0") -> list[dict[str, Any]]:
        answers = [answer for answer in self.question.answers if answer.scale == scale]
        qid = self.question.qid
        codes = self.option_codes(
            {f"answer {qid} {scale} {answer.code}": answer.code for answer in answers}, "answer"
        )
        if scale == "0":
            self.built.options = dict(zip((answer.code for answer in answers), codes, strict=True))
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
        codes = self.option_codes(
            {f"subquestion {sub.qid}": sub.code for sub in members}, "sub-question", row=row
        )
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
                (self.built.rows if row else self.built.options)[sub.code] = code
        return lines

    def other(self, document: dict[str, Any], code: str) -> None:
        """The option “other” with its text."""
        if self.question.fields.get("other") != "Y":
            return
        code = self.own_codes.get(f"other {self.question.qid}") or code
        [code] = clean_codes([code], taken=[option["code"] for option in document["options"]])
        label = self.question.attributes.get("other_replace_text", {})
        self.use("other_replace_text")
        said = self.say(label, "attribute other_replace_text", "") if label else {}
        label = supplied_label("other", self.languages) | said
        required = self.flag("other_comment_mandatory")
        if self.filtered_other and self.names.take(f"{self.code}_other"):
            # Only a listed option can have a condition: the text beside it becomes a question.
            document["options"].append({"code": code, "label": label})
            self.built.options["other"] = code
            text = self.companion(f"{self.code}_other", "short_text", title=dict(label))
            text["show_if"] = f"'{code}' in {self.code}"
            if required:
                text["required"] = True
        else:
            document["other"] = {"code": code, "label": label}
            if required:
                document["other"]["required"] = True
            self.names.take(f"{self.code}_other")
        self.holds("other", Holds.TEXT, Reference(f"{self.code}_other"))

    def comment(self) -> None:
        code = self.names.free(f"{self.code}_comment")
        self.companion(
            code, "long_text", title=supplied_label("comment", self.languages),
        )  # fmt: skip
        self.holds("comment", Holds.TEXT, Reference(code))

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

    def length_limit(self, document: dict[str, Any]) -> None:
        longest = self.whole("maximum_chars")
        if longest:
            document["max_length"] = min(longest, MAX_ANSWER_LENGTH)


def labels_of(question: LimeQuestion, scale: str = "0") -> dict[str, dict[str, str]]:
    """The texts of the answers by their codes, as HTML by language."""
    return {a.code: a.texts.get("answer", {}) for a in question.answers if a.scale == scale}
