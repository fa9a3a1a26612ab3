"""LimeSurvey's ``.lss`` (2.05 to 6) as a questionnaire, with a list of what was lost.

Nothing is dropped silently: every question, text, condition and attribute of the file either is in
the questionnaire or in ``lost`` with its path. A condition that cannot be said leaves its question
in place, shown to everybody.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from surveys.formats.imported import ImportedQuestionnaire
from surveys.formats.lss.attributes import is_default, reason
from surveys.formats.lss.builder import Builder, Built
from surveys.formats.lss.conditions import expression_from_table
from surveys.formats.lss.equations import (
    UNKNOWN_NUMBER,
    equation_value,
    source_of,
    title_equation,
)
from surveys.formats.lss.file import Group, LimeQuestion, LimeSurvey, read_file
from surveys.formats.lss.filters import FILTERS, filtered_parts, filters_other
from surveys.formats.lss.linking import Linker, Pending, PendingFilter, PendingRule
from surveys.formats.lss.meaning import Holds, Several, Untranslatable, Variable
from surveys.formats.lss.names import Names
from surveys.formats.lss.questions import build_question
from surveys.formats.lss.rules import NAMES as RULE_ATTRIBUTES
from surveys.formats.lss.rules import TIPS, rules_of
from surveys.formats.lss.survey import Reporter, about_the_survey
from surveys.formats.lss.variables import Context, TooDeep, Variables
from surveys.language.expressions import Literal, Reference
from surveys.question_checks import MAX_CODE, QUESTION_CODE


def read_lss(data: bytes) -> ImportedQuestionnaire:
    """The questionnaire in a LimeSurvey export.

    Raises ``UnreadableFile`` for what is not one, and ``InvalidQuestionnaire`` for one that goes
    past our limits (the number of questions, for instance).
    """
    survey = read_file(data)
    return _Importer(survey, Reporter(survey.languages)).run()


_GONE = "Its question could not be carried over."


@dataclass(slots=True)
class _Importer:
    survey: LimeSurvey
    reporter: Reporter
    names: Names = field(default_factory=Names)
    variables: Variables = field(default_factory=Variables)
    pending: list[Pending] = field(default_factory=list)
    filters: list[PendingFilter] = field(default_factory=list)
    rules: list[PendingRule] = field(default_factory=list)
    found: int = 0
    # The codes of the sections so far.
    sections: list[str] = field(default_factory=list)
    # Where each question stands, by its number.
    places: dict[str, dict[str, str]] = field(default_factory=dict)

    def run(self) -> ImportedQuestionnaire:
        document = about_the_survey(self.survey, self.reporter)
        questions = [question for group in self.survey.groups for question in group.questions]
        own = self.survey.own_codes
        ours = self.names.free_all(
            [own.get(f"question {q.qid}") or q.code or f"q{q.qid}" for q in questions]
        )
        codes = {question.qid: code for question, code in zip(questions, ours, strict=True)}
        self.find_places()
        self.variables.assessed = self.survey.settings.get("assessments") == "Y"
        document["sections"] = [
            self.section(group, number, codes)
            for number, group in enumerate(self.survey.groups, start=1)
        ]
        if self.survey.settings.get("format") == "A":
            document["layout"] = "one_page"
        linker = Linker(self.variables, self.reporter, self.context)
        document = linker.link(document, self.pending, self.filters, self.rules)
        return ImportedQuestionnaire(
            document=document,
            questions=len(questions) + sum(table == "questions" for table, _ in self.survey.strays),
            conditions_found=self.found,
            conditions_carried=sum(p.counted and p.condition is not None for p in self.pending),
            expressions=linker.counts | {"relevance": (self.found, sum(
                p.counted and p.condition is not None for p in self.pending))},
            lost=self.reporter.lost,
        )  # fmt: skip

    @property
    def context(self) -> Context:
        return Context(self.variables, self.reporter.languages[0])

    # Groups and questions.

    def section(self, group: Group, number: int, codes: dict[str, str]) -> dict[str, Any]:
        path = f"group {number}"
        own = self.survey.own_codes.get(f"group {group.gid}", "")
        is_free = QUESTION_CODE.fullmatch(own) and own not in self.sections and len(own) <= MAX_CODE
        self.sections.append(own if is_free else f"g{number}")
        section: dict[str, Any] = {
            "code": self.sections[-1],
            "title": self.reporter.say(
                group.texts.get("group_name", {}), f"{path}/name", str(number)
            ),
            "questions": [],
        }
        text = self.reporter.say(group.texts.get("description", {}), f"{path}/description", "")
        if text:
            section["text"] = text
        relevance = group.fields.get("grelevance", "").strip()
        conditional = self.add_condition(f"{path}/relevance", relevance, [section])
        if group.fields.get("randomization_group", "").strip():
            self.reporter.lose(
                f"{path}/randomization group", "attribute", group.fields["randomization_group"],
                "Sections are always asked in the order given.",
            )  # fmt: skip
        for question in group.questions:
            where = f"{path}/question {question.code or question.qid}"
            section["questions"] += self.question(
                question, where, codes[question.qid], relevance if conditional else ""
            )
        return section

    def question(
        self, question: LimeQuestion, path: str, code: str, group_relevance: str
    ) -> list[dict[str, Any]]:
        if code not in (question.code, self.survey.own_codes.get(f"question {question.qid}")):
            self.reporter.lose(f"{path}/code", "attribute", question.code, f"It is {code} here.")
        builder = Builder(
            question, code, self.names, self.reporter.languages,
            lambda texts, where, otherwise: self.reporter.say(texts, f"{path}/{where}", otherwise),
            filtered_other=filters_other(question, self.survey),
            own_codes=self.survey.own_codes,
            sgqa=f"{self.survey.sid}X{question.fields.get('gid', '')}X{question.qid}",
            place=self.places[question.qid],
        )  # fmt: skip
        self.reporter.qid = question.qid
        problem = build_question(builder)
        built = builder.built
        relevance = question.fields.get("relevance", "").strip()
        if relevance in ("", "1") and question.conditions:
            relevance = expression_from_table(question.conditions)
        if problem is not None:
            self.lose_question(question, path, relevance, problem)
            self.reporter.qid = ""
            return []
        for where, old, new in built.renamed:
            self.reporter.lose(f"{path}/{where}", "attribute", old, f"Its code is {new} here.")
        # What belongs to a question is shown with it.
        together = [document for document in built.documents if "show_if" not in document]
        conditional = self.add_condition(f"{path}/relevance", relevance, together)
        if question.type == "*":
            self.equation(question, path, built)
        if question.attribute("hidden") == "1" and question.type != "*":
            built.used.add("hidden")
            hidden = self.hang(f"{path}/attribute hidden", "hidden", together)
            hidden.condition = Literal(False)
        if conditional or group_relevance:
            self.variables.hideable |= {document["code"] for document in built.documents}
        if built.documents[0].get("display") == "none":
            relevances = [r for r in (group_relevance, relevance) if r not in ("", "1")]
            self.variables.undrawn[code] = relevances
        self.register(question, built)
        self.subquestion_conditions(question, path, built)
        self.validation(question, path, built)
        self.lose_rest(question, path, built, relevance)
        self.reporter.qid = ""
        return built.documents

    def find_places(self) -> None:
        """Where each question stands, in LimeSurvey's words; both orders are counted from 0."""
        for number, group in enumerate(self.survey.groups):
            relevance = group.fields.get("grelevance", "").strip() or "1"
            for question in group.questions:
                self.places[question.qid] = {
                    "gseq": str(number), "qseq": str(len(self.places)), "grelevance": relevance,
                }  # fmt: skip

    def hang(self, path: str, expression: str, targets: list[dict[str, Any]]) -> Pending:
        """A condition of ours that LimeSurvey says in another way: not counted."""
        pending = Pending(path, expression, targets, counted=False)
        self.pending.append(pending)
        return pending

    def add_condition(self, path: str, expression: str, targets: list[dict[str, Any]]) -> bool:
        """Whether there is a condition at all."""
        if expression in ("", "1"):
            return False
        self.found += 1
        self.pending.append(Pending(path, expression, targets, qid=self.reporter.qid))
        return True

    def equation(self, question: LimeQuestion, path: str, built: Built) -> None:
        """Remember how its value is found, for whoever needs it first."""
        [document] = built.documents
        title_equation(document, question)
        source = source_of(question, self.reporter.languages[0])
        pending = Pending(
            f"{path}/equation", source, [document], counted=False, remedy="It has no value: "
        )
        document["value"] = "''"
        pending.field = "value"
        self.pending.append(pending)

        def make_known() -> None:
            if pending.condition is not None or pending.problem:
                return  # it is known by two names
            try:
                holds, pending.condition = equation_value(source, self.context)
            except TooDeep:
                raise
            except Untranslatable as why:
                pending.problem, holds = str(why), Holds.TEXT
            if pending.condition is None:
                document["value"] = str(UNKNOWN_NUMBER if holds == Holds.NUMBER else Literal(""))
                self.variables.lost.add(question.code)
                return
            document["value"] = str(pending.condition)
            known = Variable(holds, document["code"], Reference(document["code"]))
            self.variables.named[question.code] = known
            self.variables.named[f"X{question.qid}"] = known

        for name in (question.code, f"X{question.qid}"):
            self.variables.unknown[name] = make_known

    def lose_question(self, question: LimeQuestion, path: str, relevance: str, why: str) -> None:
        self.variables.lost.add(question.code)
        texts = question.texts.get("question", {})
        title = texts.get(self.reporter.languages[0]) or next(iter(texts.values()), question.code)
        self.reporter.lose(path, "question", title, why)
        parts = [(f"{path}/relevance", relevance)]
        parts += [
            (f"{path}/sub-question {sub.code}/relevance", sub.relevance)
            for sub in question.subquestions
        ]
        for where, expression in parts:
            if expression not in ("", "1"):
                self.found += 1
                self.reporter.lose(where, "condition", expression, _GONE)
        for where, what in self.contents(question, path):
            self.reporter.lose(where, "text", what, _GONE)
        self.lose_rest(question, path, None, relevance)

    def contents(self, question: LimeQuestion, path: str) -> Iterator[tuple[str, str]]:
        """The sub-questions and answers of a question, by path, in the first language."""
        for sub in question.subquestions:
            texts = sub.texts.get("question", {})
            yield f"{path}/sub-question {sub.code}", texts.get(self.reporter.languages[0], sub.code)
        for answer in question.answers:
            texts = answer.texts.get("answer", {})
            yield f"{path}/answer {answer.code}", texts.get(self.reporter.languages[0], answer.code)

    def register(self, question: LimeQuestion, built: Built) -> None:
        """What expressions may name: by code, and by LimeSurvey's own number."""
        members = {}
        for key, variable in built.variables.items():
            self.variables.named[f"{question.code}_{key}" if key else question.code] = variable
            self.variables.named[f"X{question.qid}{key}"] = variable
            if key and "#" not in key and isinstance(variable, Variable):
                members[key] = variable
        if members:
            self.variables.wholes[question.code] = members
            whole = Reference(built.documents[0]["code"])
            self.variables.itself[question.qid] = Several(tuple(members.values()), whole)
        itself = built.variables.get("")
        if isinstance(itself, Variable):
            self.variables.itself[question.qid] = itself

    def subquestion_conditions(self, question: LimeQuestion, path: str, built: Built) -> None:
        main = built.documents[0]
        for sub in question.subquestions:
            if sub.relevance in ("", "1"):
                continue
            where = f"{path}/sub-question {sub.code}/relevance"
            if main["type"] == "matrix" and sub.scale == "0":
                row = built.rows[sub.code]
                matrices = [document for document in built.documents if "rows" in document]
                targets = [r for m in matrices for r in m["rows"] if r["code"] == row]
                if self.add_condition(where, sub.relevance, targets):
                    self.variables.hideable.add(f"{main['code']}.{row}")
            elif main["type"] == "multiple_choice" and sub.code in built.options:
                option = built.options[sub.code]
                self.add_condition(
                    where, sub.relevance, [o for o in main["options"] if o["code"] == option]
                )
            else:
                # No condition: LimeSurvey looks at those of rows and options only.
                self.reporter.lose(
                    where, "attribute", sub.relevance,
                    "LimeSurvey itself does not apply it to a column; it is always there.",
                )  # fmt: skip

    def validation(self, question: LimeQuestion, path: str, built: Built) -> None:
        """Remember the rules; they may name any question."""
        for wanted in rules_of(question, built, self.context):
            where = f"{path}/{wanted.name}"
            tip = self.reporter.say(wanted.tip, f"{where}_tip", "") if wanted.tip else {}
            self.rules.append(
                PendingRule(where, wanted.source, built.documents[0], wanted.make, tip)
            )
        for name in FILTERS:
            if question.attribute(name):
                parts = filtered_parts(built)
                self.filters.append(
                    PendingFilter(f"{path}/attribute {name}", question, name, parts)
                )
                if parts and built.documents[0]["type"] == "matrix":
                    code = built.documents[0]["code"]
                    self.variables.hideable |= {f"{code}.{part['code']}" for part, _ in parts}

    def lose_rest(
        self, question: LimeQuestion, path: str, built: Built | None, relevance: str
    ) -> None:
        """Attributes and the like that nothing was made of."""
        used = built.used if built is not None else set()
        gone = None if built is not None else _GONE
        later = {*RULE_ATTRIBUTES, *TIPS, *FILTERS} if built is not None else set()
        for name, values in question.attributes.items():
            value = question.attribute(name)
            if name in used or name in later or is_default(name, value):
                continue
            if name == "relevance" and value in (relevance, "1"):
                continue
            what = value if set(values) == {""} else json.dumps(values, ensure_ascii=False)
            self.reporter.lose(f"{path}/attribute {name}", "attribute", what, gone or reason(name))
        fields = question.fields
        for name, is_said, why in (
            ("preg", gone and fields.get("preg", "").strip(), ""),
            ("modulename", fields.get("modulename", "").strip(), "There are no modules."),
            ("encrypted", fields.get("encrypted") == "Y", "Single answers are not encrypted."),
            ("mandatory", fields.get("mandatory") == "S", "There is no reminder that can be passed "
             "over: the question is not required."),
            ("question_theme_name", _has_own_theme(fields), "Questions look as our pages decide."),
        ):  # fmt: skip
            if is_said:
                self.reporter.lose(f"{path}/{name}", "attribute", fields[name], gone or why)
        for html in list(question.texts.get("script", {}).values())[:1]:
            self.reporter.lose(f"{path}/script", "text", html, "Scripts are never carried over.")
        subs = {sub.qid: sub.code for sub in question.subquestions}
        for default in question.defaults:
            where = subs.get(default.get("sqid", ""), "")
            self.reporter.lose(
                f"{path}/default value {where}".rstrip(), "attribute",
                default.get("defaultvalue", "") or default.get("specialtype", ""),
                gone or "Nothing is answered in advance.",
            )  # fmt: skip


# The looks that LimeSurvey itself gives to its question types.
_CORE_THEMES = frozenset(
    {
        "", "core", "5pointchoice", "boilerplate", "browserdetect", "date", "equation",
        "file_upload", "gender", "hugefreetext", "language", "list_dropdown", "list_with_comment",
        "listradio", "longfreetext", "multiplechoice", "multiplechoice_with_comments",
        "multiplenumeric", "multipleshorttext", "numerical", "ranking", "shortfreetext", "yesno",
    }
)  # fmt: skip


def _has_own_theme(fields: dict[str, str]) -> bool:
    theme = fields.get("question_theme_name", "").strip()
    return theme not in _CORE_THEMES and not theme.startswith("arrays/")
