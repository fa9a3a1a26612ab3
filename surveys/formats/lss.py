"""LimeSurvey's ``.lss`` (2.05 to 6) as a questionnaire, with a list of what was lost.

Nothing is dropped silently: every question, text, condition and attribute of the file either is in
the questionnaire or in ``lost`` with its path. A condition that cannot be said leaves its question
in place, shown to everybody.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from surveys.definition import QuestionScope, parse_definition
from surveys.errors import InvalidQuestionnaire
from surveys.evaluation import check_condition
from surveys.expressions import (
    Call,
    Comparison,
    Expression,
    InvalidExpression,
    Literal,
    Not,
    Reference,
    all_of,
    parse_expression,
)
from surveys.formats.imported import ImportedQuestionnaire, LossKind
from surveys.formats.lss_attributes import is_default, reason
from surveys.formats.lss_conditions import expression_from_table
from surveys.formats.lss_expressions import Variables, translate
from surveys.formats.lss_file import Group, LimeQuestion, LimeSurvey, read_file
from surveys.formats.lss_meaning import Holds, Untranslatable, Variable
from surveys.formats.lss_names import Names
from surveys.formats.lss_questions import Built, build_question
from surveys.formats.lss_survey import Reporter, about_the_survey

_SHOWN_ANYWAY = "It is asked of everybody: "


def read_lss(data: bytes) -> ImportedQuestionnaire:
    """The questionnaire in a LimeSurvey export.

    Raises ``UnreadableFile`` for what is not one, and ``InvalidQuestionnaire`` for one that goes
    past our limits (the number of questions, for instance).
    """
    survey = read_file(data)
    return _Importer(survey, Reporter(survey.languages)).run()


@dataclass(slots=True)
class _Pending:
    """A relevance expression and the parts of the document that it decides."""

    path: str
    expression: str
    targets: list[dict[str, Any]]
    condition: Expression | None = None
    # Whether it is counted: array filters and hidden questions are conditions of ours only.
    counted: bool = True
    kind: LossKind = "condition"
    remedy: str = _SHOWN_ANYWAY


@dataclass(slots=True)
class _Importer:
    survey: LimeSurvey
    reporter: Reporter
    names: Names = field(default_factory=Names)
    variables: Variables = field(default_factory=Variables)
    pending: list[_Pending] = field(default_factory=list)
    found: int = 0

    def run(self) -> ImportedQuestionnaire:
        document = about_the_survey(self.survey, self.reporter)
        questions = [question for group in self.survey.groups for question in group.questions]
        ours = self.names.free_all([question.code or f"q{question.qid}" for question in questions])
        codes = {question.qid: code for question, code in zip(questions, ours, strict=True)}
        document["sections"] = [
            self.section(group, number, codes)
            for number, group in enumerate(self.survey.groups, start=1)
        ]
        self.array_filters()
        document = self.with_conditions(document)
        return ImportedQuestionnaire(
            document=document,
            questions=len(questions),
            conditions_found=self.found,
            conditions_carried=sum(p.counted and p.condition is not None for p in self.pending),
            lost=self.reporter.lost,
        )

    # Groups and questions.

    def section(self, group: Group, number: int, codes: dict[str, str]) -> dict[str, Any]:
        path = f"group {number}"
        section: dict[str, Any] = {
            "code": f"g{number}",
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
                question, where, codes[question.qid], in_conditional_group=conditional
            )
        return section

    def question(
        self, question: LimeQuestion, path: str, code: str, *, in_conditional_group: bool
    ) -> list[dict[str, Any]]:
        if code != question.code:
            self.reporter.lose(f"{path}/code", "attribute", question.code, f"It is {code} here.")
        built = build_question(
            question, code, self.names, self.reporter.languages,
            lambda texts, where, otherwise: self.reporter.say(texts, f"{path}/{where}", otherwise),
        )  # fmt: skip
        relevance = question.fields.get("relevance", "").strip()
        if relevance in ("", "1") and question.conditions:
            relevance = expression_from_table(question.conditions)
        if isinstance(built, str):
            self.lose_question(question, path, relevance, built)
            return []
        for where, old, new in built.renamed:
            self.reporter.lose(f"{path}/{where}", "attribute", old, f"Its code is {new} here.")
        conditional = self.add_condition(f"{path}/relevance", relevance, built.documents[:1])
        if question.attribute("hidden") == "1":
            built.used.add("hidden")
            conditional = True
            hidden = self.hang(f"{path}/attribute hidden", "hidden", built.documents[:1])
            hidden.condition = Literal(False)
        if conditional or in_conditional_group:
            self.variables.hideable |= {document["code"] for document in built.documents}
        if conditional:
            # What belongs to a question is shown with it.
            for companion in built.documents[1:]:
                shown = self.hang(f"{path}/relevance", relevance, [companion])
                shown.condition = Call("shown", (Reference(code),))
        self.register(question, built)
        self.subquestion_conditions(question, path, built)
        self.lose_rest(question, path, built, relevance)
        return built.documents

    def hang(self, path: str, expression: str, targets: list[dict[str, Any]]) -> _Pending:
        """A condition of ours that LimeSurvey says in another way: not counted."""
        pending = _Pending(path, expression, targets, counted=False)
        self.pending.append(pending)
        return pending

    def add_condition(self, path: str, expression: str, targets: list[dict[str, Any]]) -> bool:
        """Whether there is a condition at all."""
        if expression in ("", "1"):
            return False
        self.found += 1
        self.pending.append(_Pending(path, expression, targets))
        return True

    def lose_question(self, question: LimeQuestion, path: str, relevance: str, why: str) -> None:
        self.variables.lost.add(question.code)
        texts = question.texts.get("question", {})
        title = texts.get(self.reporter.languages[0]) or next(iter(texts.values()), question.code)
        self.reporter.lose(path, "question", title, why)
        gone = "Its question could not be carried over."
        parts = [(f"{path}/relevance", relevance)]
        parts += [
            (f"{path}/sub-question {sub.code}/relevance", sub.relevance)
            for sub in question.subquestions
        ]
        for where, expression in parts:
            if expression not in ("", "1"):
                self.found += 1
                self.reporter.lose(where, "condition", expression, gone)
        for where, what in self.contents(question, path):
            self.reporter.lose(where, "text", what, gone)
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
            if key and not key.endswith("comment") and "#" not in key:
                members[key] = variable
        if members:
            self.variables.wholes[question.code] = members

    def subquestion_conditions(self, question: LimeQuestion, path: str, built: Built) -> None:
        matrices = [document for document in built.documents if document["type"] == "matrix"]
        main = built.documents[0]
        for sub in question.subquestions:
            where = f"{path}/sub-question {sub.code}/relevance"
            if main["type"] == "matrix" and sub.qid in built.rows:
                row = built.rows[sub.qid]
                targets = [r for m in matrices for r in m["rows"] if r["code"] == row]
                if self.add_condition(where, sub.relevance, targets):
                    self.variables.hideable.add(f"{main['code']}.{row}")
            elif sub.relevance not in ("", "1"):
                self.found += 1
                self.reporter.lose(
                    where, "condition", sub.relevance,
                    "Only rows of a matrix have conditions of their own; it is always there.",
                )  # fmt: skip

    def lose_rest(
        self, question: LimeQuestion, path: str, built: Built | None, relevance: str
    ) -> None:
        """Attributes and the like that nothing was made of."""
        used = built.used if built is not None else set()
        gone = None if built is not None else "Its question could not be carried over."
        for name, values in question.attributes.items():
            value = question.attribute(name)
            if name in used or is_default(name, value):
                continue
            if name == "relevance" and value in (relevance, "1"):
                continue
            if built is not None and name.startswith("array_filter"):
                self.array_filter(question, path, built, name, value)
                continue
            what = value if set(values) == {""} else json.dumps(values, ensure_ascii=False)
            self.reporter.lose(f"{path}/attribute {name}", "attribute", what, gone or reason(name))
        fields = question.fields
        for name, is_said, why in (
            ("preg", fields.get("preg", "").strip(), "Answers are not checked by patterns."),
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

    # Array filters.

    def array_filter(
        self, question: LimeQuestion, path: str, built: Built, name: str, value: str
    ) -> None:
        """Remembered until every variable is known; see ``array_filters``."""
        pending = self.hang(f"{path}/attribute {name}", value, [])
        pending.kind, pending.remedy = "attribute", ""
        main = built.documents[0]
        if main["type"] == "matrix" and name in ("array_filter", "array_filter_exclude"):
            rows = {built.rows[s.qid]: s.code for s in question.subquestions if s.scale == "0"}
            for document in built.documents:
                for row in document.get("rows", ()):
                    pending.targets.append({"row": row, "code": rows.get(row["code"], "")})
            self.variables.hideable |= {f"{main['code']}.{row}" for row in rows}

    def array_filters(self) -> None:
        """Rows are shown for what was chosen (or not chosen) in another question under the same
        code; a row whose code is not there is always shown, as in LimeSurvey."""
        for filtering in [p for p in self.pending if "/attribute array_filter" in p.path]:
            self.pending.remove(filtering)
            sources = [s.strip() for s in filtering.expression.split(";") if s.strip()]
            if not filtering.targets or any(s not in self.variables.wholes for s in sources):
                name = filtering.path.rsplit(" ", 1)[-1]
                self.reporter.lose(filtering.path, "attribute", filtering.expression, reason(name))
                continue
            for target in filtering.targets:
                parts = [
                    _chosen(self.variables.wholes[source][target["code"]])
                    for source in sources
                    if target["code"] in self.variables.wholes[source]
                ]
                if parts:
                    if "exclude" in filtering.path:
                        parts = [Not(part) for part in parts]
                    row = self.hang(filtering.path, filtering.expression, [target["row"]])
                    row.kind, row.condition = "attribute", all_of(*parts)

    # Conditions.

    def with_conditions(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document with every condition that can be said; the others are lost."""
        plain = parse_definition(document)
        scope = QuestionScope(plain.questions)
        for pending in self.pending:
            try:
                if pending.condition is None:
                    pending.condition = translate(pending.expression, self.variables)
                condition = parse_expression(str(pending.condition))
                problems = check_condition(condition, scope)
            except Untranslatable as reason_given:
                problems = [str(reason_given)]
            except InvalidExpression as refused:
                problems = [f"our form of it {refused.params['reason']}"]
            if problems:
                self.drop(pending, problems[0])
        while True:
            self.hang_up()
            try:
                return parse_definition(document).as_document()
            except InvalidQuestionnaire as refused:
                self.break_circle(document, refused)

    def drop(self, pending: _Pending, why: str) -> None:
        pending.condition = None
        self.reporter.lose(
            pending.path, pending.kind, pending.expression, f"{pending.remedy}{why}."
        )

    def hang_up(self) -> None:
        """Write every condition where it belongs; several on one part must all hold."""
        by_target: dict[int, tuple[dict[str, Any], list[Expression]]] = {}
        for pending in self.pending:
            for target in pending.targets:
                conditions = by_target.setdefault(id(target), (target, []))[1]
                if pending.condition is not None:
                    conditions.append(pending.condition)
        for target, conditions in by_target.values():
            target["show_if"] = str(all_of(*conditions)) if conditions else None

    def break_circle(self, document: dict[str, Any], refused: InvalidQuestionnaire) -> None:
        """Drop the conditions on the part that is refused; refuse the file if that is not why."""
        dropped = False
        for path, why in refused.problems:
            numbers = [int(number) for number in re.findall(r"\[(\d+)\]", path)]
            if not path.endswith("show_if") or not numbers:
                raise refused
            part = document["sections"][numbers[0]]
            for key, number in zip(("questions", "rows"), numbers[1:], strict=False):
                part = part[key][number]
            for pending in self.pending:
                if pending.condition is not None and any(t is part for t in pending.targets):
                    self.drop(pending, why)
                    dropped = True
        if not dropped:
            raise refused


def _chosen(variable: Variable) -> Expression:
    if variable.holds == Holds.TICK and variable.ticked is not None:
        return variable.ticked
    if variable.reference.name.endswith("_other"):
        return Comparison("!=", variable.reference, Literal(""))
    return Call("answered", (variable.reference,))


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
