"""The second step of reading a LimeSurvey export: what names other questions.

Conditions, filters, rules and inserted answers are translated when every question is known; what
cannot be said, or does not fit together, is reported and left out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from surveys.definition import QuestionScope, parse_definition
from surveys.errors import InvalidQuestionnaire
from surveys.formats.imported import LossKind
from surveys.formats.lss.attributes import reason
from surveys.formats.lss.expressions import (
    translate_condition,
    translate_saying,
)
from surveys.formats.lss.file import LimeQuestion
from surveys.formats.lss.filters import filter_sources, shown_for
from surveys.formats.lss.meaning import Untranslatable
from surveys.formats.lss.messages import rule_message
from surveys.formats.lss.rules import Draft
from surveys.formats.lss.survey import Reporter
from surveys.formats.lss.tailoring import Insertion, fill_texts
from surveys.formats.lss.variables import Context, Variables
from surveys.language.evaluation import check_condition, check_expression
from surveys.language.expression_types import check_sayable
from surveys.language.expressions import (
    Expression,
    InvalidExpression,
    Literal,
    all_of,
    any_of,
    parse_expression,
)
from surveys.schema import MAX_RULES

_SHOWN_ANYWAY = "It is asked of everybody: "


@dataclass(slots=True)
class Pending:
    """A relevance expression (or an equation) and the parts of the document that it decides."""

    path: str
    expression: str
    targets: list[dict[str, Any]]
    condition: Expression | None = None
    # Whether it is counted: hidden questions and the like are conditions of ours only.
    counted: bool = True
    kind: LossKind = "condition"
    remedy: str = _SHOWN_ANYWAY
    field: str = "show_if"
    # Why it cannot be said, where that is known already.
    problem: str = ""
    # The number of the question it belongs to, where ``self`` may be named.
    qid: str = ""


@dataclass(slots=True)
class PendingFilter:
    """An array filter and the rows or options it is about, each with its code in LimeSurvey."""

    path: str
    question: LimeQuestion
    name: str
    parts: list[tuple[dict[str, Any], str]]


@dataclass(slots=True)
class PendingRule:
    """A validation of the question ``document``; ``tip`` is its own message, where it has one."""

    path: str
    source: str
    document: dict[str, Any]
    make: Callable[[], Draft]
    tip: dict[str, str]


class _Refused(Exception):
    """What is translated does not fit; the text says why."""


@dataclass(slots=True)
class Linker:
    variables: Variables
    reporter: Reporter
    context: Context
    # What was found and what was carried over, by kind.
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)

    def link(
        self,
        document: dict[str, Any],
        pending: list[Pending],
        filters: list[PendingFilter],
        rules: list[PendingRule],
    ) -> dict[str, Any]:
        """The document with all that can be said."""
        self.pending = pending
        self.variables.find_all()
        scope = self.scope(document)
        for filtering in filters:
            self.count("array_filter", self.filter(filtering))
        for part in pending:
            problem = part.problem or self.translate(part, scope)
            if problem:
                self.drop(part, problem)
            if part.field == "value":
                self.count("equation", part.condition is not None)
        for rule in rules:
            self.count("validation", self.rule(rule, scope))
        fill_texts(
            document,
            self.reporter.insertions,
            lambda insertion: self.fill(insertion, scope),
            lambda path, why: self.lose(path, "text", "", why),
        )
        while True:
            self.hang_up()
            try:
                return parse_definition(document).as_document()
            except InvalidQuestionnaire as refused:
                self.break_circle(document, refused)

    def scope(self, document: dict[str, Any]) -> QuestionScope:
        """The questions as they are without anything that names others."""
        bare = _without_conditions(document)
        return QuestionScope(parse_definition(bare).questions)

    def count(self, kind: str, carried: bool) -> None:
        found, before = self.counts.get(kind, (0, 0))
        self.counts[kind] = (found + 1, before + carried)

    def lose(self, path: str, kind: LossKind, what: str, why: str) -> None:
        self.reporter.lose(path, kind, what, why[:1].upper() + why[1:].removesuffix(".") + ".")

    def at(self, qid: str, context: Context) -> Context:
        """``context`` within a question."""
        return replace(context, self_=self.variables.itself.get(qid))

    # Conditions.

    def translate(self, part: Pending, scope: QuestionScope) -> str:
        """Why it cannot be said, or nothing."""
        if part.condition is None and part.field == "value":
            return "it depends on too many equations, one after the other"
        try:
            if part.condition is None:
                here = self.at(part.qid, self.context)
                part.condition = translate_condition(part.expression, here)
            if part.field == "value":
                _checked(part.condition, lambda node: check_expression(node, scope))
            else:
                _checked(part.condition, lambda node: check_condition(node, scope))
        except (Untranslatable, _Refused) as why:
            return str(why)
        return ""

    def drop(self, part: Pending, why: str) -> None:
        part.condition = None
        if part.field == "value":
            for target in part.targets:
                target["value"] = "''"
        self.reporter.lose(part.path, part.kind, part.expression, f"{part.remedy}{why}.")

    def hang_up(self) -> None:
        """Write every condition where it belongs; several on one part must all hold."""
        by_target: dict[int, tuple[dict[str, Any], list[Expression]]] = {}
        for part in self.pending:
            if part.field != "show_if":
                continue
            for target in part.targets:
                conditions = by_target.setdefault(id(target), (target, []))[1]
                if part.condition is not None:
                    conditions.append(part.condition)
        for target, conditions in by_target.values():
            target["show_if"] = str(all_of(*conditions)) if conditions else None

    def break_circle(self, document: dict[str, Any], refused: InvalidQuestionnaire) -> None:
        """Drop what decides the part that is refused; refuse the file if that is not why."""
        dropped = False
        for path, why in refused.problems:
            numbers = [int(number) for number in re.findall(r"\[(\d+)\]", path)]
            ends = path.rsplit(".", 1)[-1]
            if ends not in ("show_if", "value") or not numbers:
                raise refused
            part = document["sections"][numbers[0]]
            keys = ("questions", "options" if ".options[" in path else "rows")
            for key, number in zip(keys, numbers[1:], strict=False):
                part = part[key][number]
            for candidate in self.pending:
                decides = candidate.field == ends and candidate.condition is not None
                if decides and any(target is part for target in candidate.targets):
                    self.drop(candidate, why)
                    dropped = True
        if not dropped:
            raise refused

    # Array filters.

    def filter(self, filtering: PendingFilter) -> bool:
        """Hang the conditions of a filter on what it is about."""
        value = filtering.question.attribute(filtering.name)
        sources = filter_sources(filtering.question, filtering.name)
        if not filtering.parts or any(s not in self.variables.wholes for s in sources):
            self.reporter.lose(filtering.path, "attribute", value, reason(filtering.name))
            return False
        wholes = [self.variables.wholes[source] for source in sources]
        for part, code in filtering.parts:
            shown = shown_for(code, wholes, exclude=filtering.name == "array_filter_exclude")
            if shown is not None:
                pending = Pending(filtering.path, value, [part], shown, counted=False)
                pending.kind, pending.remedy = "attribute", ""
                self.pending.append(pending)
        return True

    # Rules.

    def rule(self, pending: PendingRule, scope: QuestionScope) -> bool:
        """Write a rule into its question."""
        try:
            draft = pending.make()
            check = _checked(draft.check, lambda node: check_condition(node, scope))
            if check == Literal(True):
                return True
            rules = pending.document.setdefault("rules", [])
            if len(rules) == MAX_RULES:
                raise _Refused(f"a question has at most {MAX_RULES} rules")
            rules.append({"check": str(check), "message": self.message(draft, pending.tip)})
            if draft.needs_answer is not None and not pending.document.get("required"):
                self.require(pending.document, draft.needs_answer, scope)
        except (Untranslatable, _Refused) as why:
            self.lose(pending.path, "attribute", pending.source, f"It is not checked: {why}")
            return False
        if draft.partly:
            self.lose(pending.path, "attribute", pending.source, draft.partly)
        return True

    def require(self, document: dict[str, Any], needed: Expression, scope: QuestionScope) -> None:
        condition = _checked(needed, lambda node: check_condition(node, scope))
        if "required_if" in document:
            condition = any_of(parse_expression(document["required_if"]), condition)
        document["required_if"] = str(condition)

    def message(self, draft: Draft, tip: dict[str, str]) -> dict[str, str]:
        if tip:
            return tip
        if isinstance(draft.message, str):
            return rule_message("form", "", self.reporter.languages)
        kind, value = draft.message
        said = ""
        if isinstance(value, Literal):
            said = str(value.value)
        elif value is not None:
            said = self.reporter.mark(value)
        return rule_message(kind, said, self.reporter.languages)

    # Texts.

    def fill(self, insertion: Insertion, scope: QuestionScope) -> Expression | None:
        if insertion.ready is not None:
            return insertion.ready
        context = replace(self.context, language=insertion.language, html=True)
        context = self.at(insertion.qid, context)
        try:
            said = translate_saying(insertion.source, context)
            said = _checked(said, lambda node: check_sayable(node, scope))
        except (Untranslatable, _Refused) as why:
            self.reporter.lose(
                insertion.path, "text", f"{{{insertion.source}}}",
                f"It is shown as written: {why}.",
            )  # fmt: skip
            self.count("tailoring", False)
            return None
        self.count("tailoring", True)
        return said


def _checked(node: Expression, check: Callable[[Expression], list[str]]) -> Expression:
    """``node`` as it is read back, where nothing is wrong with it."""
    try:
        read = parse_expression(str(node))
    except InvalidExpression as refused:
        raise _Refused(f"our form of it {refused.params['reason']}") from None
    except RecursionError:
        raise _Refused("it is nested too deep") from None
    problems = check(read)
    if problems:
        raise _Refused(problems[0])
    return read


def _without_conditions(part: Any) -> Any:
    """A copy without conditions of our own making, which may name what is not there yet."""
    if isinstance(part, list):
        return [_without_conditions(inner) for inner in part]
    if isinstance(part, dict):
        return {k: _without_conditions(v) for k, v in part.items() if k != "show_if"}
    # Nothing is filled in yet, whatever a text says.
    return part.replace("{{", "{ ") if isinstance(part, str) else part
